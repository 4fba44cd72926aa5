//! `AssumeRoleWithWebIdentity`. Nobody signs it: the token says who asks.

use axum::http::StatusCode;
use jiff::Timestamp;

use super::role::{self, assumed_role, check_arn, check_maximum, session_policies};
use super::{Caller, Chaining, Mfa};
use crate::constraint::{self, Constraints};
use crate::journal::Trace;
use crate::markup::text;
use crate::query::STS;
use crate::reply::{Refusal, Reply};
use crate::request::Request;
use crate::sandbox::Sandbox;
use crate::settings;
use crate::web_identity::Identity;
use crate::wildcard;
use crate::world::{Role, WebIdentityTrust};

/// Hands out a session of a role to whom its trust policy lets in.
pub(crate) fn assume_role_with_web_identity(
    sandbox: &mut Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let parameters = request.parameters();
    for name in ["RoleArn", "RoleSessionName", "DurationSeconds"] {
        trace.parameter(name, parameters.get(name));
    }
    let mut constraints = Constraints::of(&parameters);
    let role_arn = constraints.text(&constraint::ROLE_ARN).unwrap_or_default();
    let session_name = constraints
        .text(&constraint::ROLE_SESSION_NAME)
        .unwrap_or_default();
    let token = constraints
        .text(&constraint::WEB_IDENTITY_TOKEN)
        .unwrap_or_default();
    let policy = constraints.text(&constraint::POLICY);
    let seconds = constraints.duration(role::DEFAULT_SECONDS, role::MAXIMUM_SECONDS)?;
    let minimum_token = constraints.minimum_token()?;
    constraints.finish()?;
    check_arn(role_arn)?;
    let packed = session_policies(&parameters, policy)?.1;

    let account = role_arn.split(':').nth(4).unwrap_or_default();
    let registered = sandbox
        .world
        .account(account)
        .map(|account| account.oidc_providers.as_slice())
        .unwrap_or_default();
    let identity = sandbox.providers.verify(registered, token, now)?;
    trace.saw(&identity.subject);
    let role = authorize(sandbox, role_arn, &identity)?;
    check_maximum(role, seconds)?;

    let session = Caller::of_role(role_arn, session_name, Mfa::Absent, Chaining::Direct);
    let ends = settings::end(sandbox.settings.web_identity, seconds, now);
    let key = sandbox.keys.issue(session.clone(), ends, minimum_token);
    let provider = format!("arn:aws:iam::{account}:oidc-provider/{}", identity.provider);
    let result = [
        assumed_role(&session, &key),
        packed,
        text("Provider", &provider),
        text("Audience", &identity.audience),
        text("SubjectFromWebIdentityToken", &identity.subject),
    ];
    Ok(STS.success("AssumeRoleWithWebIdentity", &result.concat()))
}

/// The role, if it trusts this identity. A role that does not exist looks like one that does not trust.
fn authorize<'a>(
    sandbox: &'a Sandbox,
    role_arn: &str,
    identity: &Identity,
) -> Result<&'a Role, Refusal> {
    sandbox
        .world
        .role(role_arn)
        .map(|(_, role)| role)
        .filter(|role| {
            role.web_identity
                .as_ref()
                .is_some_and(|trust| lets_in(trust, identity))
        })
        .ok_or_else(|| {
            Refusal::new(
                StatusCode::FORBIDDEN,
                "AccessDenied",
                "Not authorized to perform sts:AssumeRoleWithWebIdentity",
            )
        })
}

fn lets_in(trust: &WebIdentityTrust, identity: &Identity) -> bool {
    let mut subjects = trust.subjects.iter();
    trust.provider == identity.provider
        && trust.audience == identity.audience
        && subjects.any(|pattern| wildcard::matches(pattern, &identity.subject))
}
