//! What the calls that hand out a role's session have in common.

use axum::http::StatusCode;

use super::{Caller, TemporaryKey, credentials};
use crate::constraint::invalid;
use crate::markup::{element, text};
use crate::policy::{Document, SessionPolicies};
use crate::reply::Refusal;
use crate::request::Parameters;
use crate::world::{Role, is_account_id};

/// How long a session lasts where nobody says.
pub(super) const DEFAULT_SECONDS: i64 = 3_600;

/// The most that the API's model lets a request ask for.
pub(super) const MAXIMUM_SECONDS: i64 = 43_200;

/// How many managed policies a request may name.
const MAXIMUM_POLICY_ARNS: usize = 10;

/// How many characters an inline session policy may have.
const POLICY_CHARACTERS: usize = 2_048;

pub(super) fn check_arn(arn: &str) -> Result<(), Refusal> {
    if is_role_arn(arn) {
        return Ok(());
    }
    Err(invalid(format!("{arn} is invalid")))
}

pub(super) fn check_maximum(role: &Role, seconds: i64) -> Result<(), Refusal> {
    if seconds <= role.max_session_duration {
        return Ok(());
    }
    Err(invalid(
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    ))
}

/// The session policies of a request, and what the answer says of their size: a share in percent.
pub(super) fn session_policies(
    parameters: &Parameters,
    inline: Option<&str>,
) -> Result<(SessionPolicies, String), Refusal> {
    let malformed = || {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            "MalformedPolicyDocument",
            "Syntax errors in policy.",
        )
    };
    let managed = parameters.list("PolicyArns.member", ".arn");
    if managed.len() > MAXIMUM_POLICY_ARNS {
        return Err(invalid(
            "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to 10",
        ));
    }
    if let Some(arn) = managed.iter().find(|arn| !is_policy_arn(arn)) {
        return Err(invalid(format!("ARN {arn} is not valid.")));
    }
    let document = inline
        .map(|json| Document::parse(json).ok_or_else(malformed))
        .transpose()?;
    let packed = if inline.is_none() && managed.is_empty() {
        String::new()
    } else {
        let characters =
            inline.map_or(0, str::len) + managed.iter().map(|arn| arn.len()).sum::<usize>();
        let percent = (characters * 100).div_ceil(POLICY_CHARACTERS).min(100);
        text("PackedPolicySize", &percent.to_string())
    };
    let policies = SessionPolicies {
        inline: document,
        managed: managed.into_iter().map(str::to_owned).collect(),
    };
    Ok((policies, packed))
}

/// The part of an answer that says whose session it is and how to use it.
pub(super) fn assumed_role(session: &Caller, key: &TemporaryKey) -> String {
    let user = [
        text("AssumedRoleId", &session.user_id),
        text("Arn", &session.arn),
    ];
    [element("AssumedRoleUser", &user.concat()), credentials(key)].concat()
}

fn is_role_arn(arn: &str) -> bool {
    resource(arn, "role/").is_some_and(is_account_id)
}

fn is_policy_arn(arn: &str) -> bool {
    resource(arn, "policy/").is_some_and(|account| account == "aws" || is_account_id(account))
}

/// The account in the ARN of a thing of IAM, if it is of this kind.
fn resource<'a>(arn: &'a str, kind: &str) -> Option<&'a str> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", partition, "iam", "", account, resource]
            if partition.starts_with("aws")
                && resource
                    .strip_prefix(kind)
                    .is_some_and(|name| !name.is_empty()) =>
        {
            Some(account)
        }
        _ => None,
    }
}
