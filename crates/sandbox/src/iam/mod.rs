//! Identity and Access Management, as far as the length of sessions needs it: query protocol, API version 2010-05-08.

mod trust_policy;

use axum::http::StatusCode;
use jiff::Timestamp;

use crate::caller::{Caller, Mfa, Proof, Standing};
use crate::constraint::{self, Constraints};
use crate::journal::Trace;
use crate::markup::{element, text};
use crate::query::IAM;
use crate::reply::{Refusal, Reply};
use crate::request::Request;
use crate::sandbox::Sandbox;
use crate::sigv4::percent_encode;
use crate::world::{Account, Action, Role, World, unique_id};

pub(crate) const VERSION: &str = "2010-05-08";

/// Tells what a role of the caller's account is.
pub(crate) fn get_role(
    sandbox: &Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let (caller, standing) = authenticate(sandbox, request, now, trace)?;
    let parameters = request.parameters();
    trace.parameter("RoleName", parameters.get("RoleName"));
    let mut constraints = Constraints::of(&parameters);
    let name = constraints.text(&constraint::ROLE_NAME).unwrap_or_default();
    constraints.finish()?;
    authorize(&sandbox.world, &caller, standing, Action::GetRole, name)?;

    let (account, role) = sandbox
        .world
        .role(&role_arn(&caller, name))
        .ok_or_else(|| no_such_role(name))?;
    Ok(IAM.success("GetRole", &element("Role", &description(account, role))))
}

/// Changes a role of the caller's account; what the request does not name stays as it is.
pub(crate) fn update_role(
    sandbox: &mut Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let (caller, standing) = authenticate(sandbox, request, now, trace)?;
    let parameters = request.parameters();
    for name in ["RoleName", "Description", "MaxSessionDuration"] {
        trace.parameter(name, parameters.get(name));
    }
    let mut constraints = Constraints::of(&parameters);
    let name = constraints.text(&constraint::ROLE_NAME).unwrap_or_default();
    let description = constraints.text(&constraint::DESCRIPTION);
    let maximum = constraints.number("MaxSessionDuration", &(3_600..=43_200))?;
    constraints.finish()?;
    authorize(&sandbox.world, &caller, standing, Action::UpdateRole, name)?;

    let role = sandbox
        .world
        .role_mut(&role_arn(&caller, name))
        .ok_or_else(|| no_such_role(name))?;
    if let Some(description) = description {
        role.description = Some(description.to_owned());
    }
    if let Some(maximum) = maximum {
        role.max_session_duration = maximum;
    }
    Ok(IAM.success("UpdateRole", ""))
}

/// Who calls. IAM does not know the temporary keys of users who proved no MFA for them, nor those of federated users.
fn authenticate(
    sandbox: &Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<(Caller, Standing), Refusal> {
    let (caller, standing) = IAM.authenticate(sandbox, request, now, trace)?;
    match &caller.proof {
        Proof::LongTerm
        | Proof::UserSession { mfa: Mfa::Present }
        | Proof::ConsoleLogin
        | Proof::RoleSession { .. } => Ok((caller, standing)),
        Proof::UserSession { mfa: Mfa::Absent } | Proof::FederatedUser { .. } => Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "InvalidClientTokenId",
            "The security token included in the request is invalid",
        )),
    }
}

fn authorize(
    world: &World,
    caller: &Caller,
    standing: Standing,
    action: Action,
    role_name: &str,
) -> Result<(), Refusal> {
    let because = match standing {
        Standing::DeniedEverything => {
            "with an explicit deny in an identity-based policy".to_owned()
        }
        Standing::Good if world.permits(caller.principal(), action) => return Ok(()),
        Standing::Good => format!(
            "because no identity-based policy allows the {} action",
            action.name()
        ),
    };
    let message = format!(
        "User: {} is not authorized to perform: {} on resource: role {role_name} {because}",
        caller.arn,
        action.name()
    );
    Err(Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", message))
}

fn role_arn(caller: &Caller, name: &str) -> String {
    format!("arn:aws:iam::{}:role/{name}", caller.account)
}

fn no_such_role(name: &str) -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "NoSuchEntity",
        format!("The role with name {name} cannot be found."),
    )
}

fn description(account: &Account, role: &Role) -> String {
    let arn = account.role_arn(role);
    let trust_policy = trust_policy::of(account, role).to_string();
    let about = role.description.as_deref();
    [
        text("Path", "/"),
        text("RoleName", &role.name),
        text("RoleId", &unique_id("AROA", &arn)),
        text("Arn", &arn),
        text("CreateDate", "2026-01-02T03:04:05Z"),
        text("AssumeRolePolicyDocument", &percent_encode(&trust_policy)),
        about.map_or_else(String::new, |about| text("Description", about)),
        text("MaxSessionDuration", &role.max_session_duration.to_string()),
    ]
    .concat()
}
