//! `AssumeRole`.

use axum::http::StatusCode;
use jiff::Timestamp;

use super::constraint::{self, Constraints, invalid};
use super::{Caller, Mfa, Proof, Standing, credentials, parameters, prove_mfa, success};
use crate::journal::Trace;
use crate::markup::{element, text};
use crate::reply::{Refusal, Reply};
use crate::request::Request;
use crate::sandbox::Sandbox;
use crate::settings;
use crate::world::{Role, is_account_id};

const DEFAULT_SECONDS: i64 = 3_600;

/// The most that the API's model lets a request ask for.
const MODEL_MAXIMUM_SECONDS: i64 = 43_200;

/// A session made from temporary credentials never lasts longer, whatever the role allows.
const CHAINED_MAXIMUM_SECONDS: i64 = 3_600;

/// Hands out a session of a role, if the caller may have it.
pub(crate) fn assume_role(
    sandbox: &mut Sandbox,
    request: &Request,
    caller: &Caller,
    standing: Standing,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let parameters = parameters(request);
    for name in [
        "RoleArn",
        "RoleSessionName",
        "SerialNumber",
        "DurationSeconds",
        "ExternalId",
    ] {
        trace.parameter(name, parameters.get(name));
    }
    let mut constraints = Constraints::of(&parameters);
    let role_arn = constraints.text(&constraint::ROLE_ARN).unwrap_or_default();
    let session_name = constraints
        .text(&constraint::ROLE_SESSION_NAME)
        .unwrap_or_default();
    let external_id = constraints.text(&constraint::EXTERNAL_ID);
    let source_identity = constraints.text(&constraint::SOURCE_IDENTITY);
    let policy = constraints.text(&constraint::POLICY);
    constraints.text(&constraint::SERIAL_NUMBER);
    constraints.text(&constraint::TOKEN_CODE);
    let seconds = constraints.duration(DEFAULT_SECONDS, MODEL_MAXIMUM_SECONDS)?;
    let minimum_token = constraints.minimum_token()?;
    constraints.finish()?;
    if !is_role_arn(role_arn) {
        return Err(invalid(format!("{role_arn} is invalid")));
    }
    check_policy(policy)?;

    let mfa = prove_mfa(sandbox, caller, &parameters, now)?;
    let role = authorize(sandbox, caller, standing, role_arn, external_id, mfa)?;
    check_duration(caller, role, seconds)?;

    let session = Caller::of_role(role_arn, session_name, mfa);
    let ends = settings::end(sandbox.settings.assumed_role, seconds, now);
    let key = sandbox.keys.issue(session.clone(), ends, minimum_token);
    let user = [
        text("AssumedRoleId", &session.user_id),
        text("Arn", &session.arn),
    ];
    let mut result = [
        element("AssumedRoleUser", &user.concat()),
        credentials(&key),
    ]
    .concat();
    if policy.is_some() {
        result += &text("PackedPolicySize", "6");
    }
    if let Some(identity) = source_identity {
        result += &text("SourceIdentity", identity);
    }
    Ok(success("AssumeRole", &result))
}

/// The role, if its trust policy lets the caller in. A role that does not exist looks like one that does not trust.
fn authorize<'a>(
    sandbox: &'a Sandbox,
    caller: &Caller,
    standing: Standing,
    role_arn: &str,
    external_id: Option<&str>,
    mfa: Mfa,
) -> Result<&'a Role, Refusal> {
    let denied = |because: &str| {
        let message = format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: {role_arn}{because}",
            caller.arn
        );
        Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", message)
    };
    match standing {
        Standing::Good => {}
        Standing::DeniedEverything => {
            return Err(denied(" with an explicit deny in an identity-based policy"));
        }
    }
    sandbox
        .world
        .role(role_arn)
        .map(|(_, role)| role)
        .filter(|role| {
            role.trusts
                .iter()
                .any(|principal| is_trusted(principal, caller))
        })
        .filter(|role| !role.requires_mfa || mfa == Mfa::Present)
        .filter(|role| role.external_id.is_none() || role.external_id.as_deref() == external_id)
        .ok_or_else(|| denied(""))
}

fn is_trusted(principal: &str, caller: &Caller) -> bool {
    let role_arn = match &caller.proof {
        Proof::LongTerm | Proof::UserSession { .. } => None,
        Proof::RoleSession { role_arn, .. } => Some(role_arn.as_str()),
    };
    principal == "*"
        || principal == caller.account
        || principal == format!("arn:aws:iam::{}:root", caller.account)
        || principal == caller.arn
        || Some(principal) == role_arn
}

fn check_duration(caller: &Caller, role: &Role, seconds: i64) -> Result<(), Refusal> {
    let chained = match &caller.proof {
        Proof::LongTerm => false,
        Proof::UserSession { .. } | Proof::RoleSession { .. } => true,
    };
    if chained && seconds > CHAINED_MAXIMUM_SECONDS {
        return Err(invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    if seconds > role.max_session_duration {
        return Err(invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(())
}

fn check_policy(policy: Option<&str>) -> Result<(), Refusal> {
    let is_object = |policy: &str| {
        serde_json::from_str::<serde_json::Value>(policy).is_ok_and(|value| value.is_object())
    };
    if policy.is_none_or(is_object) {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::BAD_REQUEST,
        "MalformedPolicyDocument",
        "Syntax errors in policy.",
    ))
}

fn is_role_arn(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", partition, "iam", "", account, resource] => {
            partition.starts_with("aws")
                && is_account_id(account)
                && resource
                    .strip_prefix("role/")
                    .is_some_and(|name| !name.is_empty())
        }
        _ => false,
    }
}
