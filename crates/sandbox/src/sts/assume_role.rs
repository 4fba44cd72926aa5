//! `AssumeRole`.

use axum::http::StatusCode;
use jiff::Timestamp;

use super::role::{self, assumed_role, check_arn, check_maximum, session_policies};
use super::{Caller, Chaining, Mfa, Proof, Standing, prove_mfa};
use crate::constraint::{self, Constraints, invalid};
use crate::journal::Trace;
use crate::markup::text;
use crate::query::STS;
use crate::reply::{Refusal, Reply};
use crate::request::Request;
use crate::sandbox::Sandbox;
use crate::settings;
use crate::world::Role;

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
    let parameters = request.parameters();
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
    let seconds = constraints.duration(role::DEFAULT_SECONDS, role::MAXIMUM_SECONDS)?;
    let minimum_token = constraints.minimum_token()?;
    constraints.finish()?;
    check_arn(role_arn)?;
    let packed = session_policies(&parameters, policy)?.1;

    let mfa = prove_mfa(sandbox, caller, &parameters, now)?;
    let role = authorize(sandbox, caller, standing, role_arn, external_id, mfa)?;
    check_duration(caller, role, seconds)?;

    let session = Caller::of_role(role_arn, session_name, mfa, caller.chaining());
    let ends = settings::end(sandbox.settings.assumed_role, seconds, now);
    let key = sandbox.keys.issue(session.clone(), ends, minimum_token);
    let mut result = [assumed_role(&session, &key), packed].concat();
    if let Some(identity) = source_identity {
        result += &text("SourceIdentity", identity);
    }
    Ok(STS.success("AssumeRole", &result))
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
        // A federated user is trusted neither as the account nor as the user who made the session.
        Proof::FederatedUser { .. } => return false,
        Proof::LongTerm | Proof::UserSession { .. } | Proof::ConsoleLogin => None,
        Proof::RoleSession { role_arn, .. } => Some(role_arn.as_str()),
    };
    principal == "*"
        || principal == caller.account
        || principal == format!("arn:aws:iam::{}:root", caller.account)
        || principal == caller.arn
        || Some(principal) == role_arn
}

fn check_duration(caller: &Caller, role: &Role, seconds: i64) -> Result<(), Refusal> {
    match caller.chaining() {
        Chaining::Chained if seconds > CHAINED_MAXIMUM_SECONDS => Err(invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        )),
        Chaining::Chained | Chaining::Direct => check_maximum(role, seconds),
    }
}
