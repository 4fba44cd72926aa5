//! Identity Center's access portal: REST with JSON, opened by the bearer token in `x-amz-sso_bearer_token`.

use axum::http::StatusCode;
use data_encoding::BASE64;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::caller::{Caller, Chaining, Mfa};
use crate::journal::Trace;
use crate::random;
use crate::reply::{Refusal, Reply};
use crate::request::{Parameters, Request};
use crate::sandbox::Sandbox;
use crate::settings;
use crate::world::{Portal, PortalUser, is_account_id};

const BEARER: &str = "x-amz-sso_bearer_token";

/// How long a page is where the client does not say.
const PAGE: usize = 20;

/// Lists the accounts in which the person has a role.
pub(crate) fn list_accounts(
    sandbox: &Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let (_, user) = person(sandbox, request, now, trace)?;
    let mut accounts: Vec<&str> = user
        .assignments
        .iter()
        .map(|assignment| assignment.account.as_str())
        .collect();
    accounts.sort_unstable();
    accounts.dedup();
    let accounts = accounts
        .iter()
        .filter_map(|id| sandbox.world.account(id))
        .map(|account| {
            json!({
                "accountId": account.id,
                "accountName": account.name,
                "emailAddress": account.email,
            })
        });
    page(
        "accountList",
        &accounts.collect::<Vec<_>>(),
        &request.query_parameters(),
        trace,
    )
}

/// Lists the roles that the person has in an account.
pub(crate) fn list_account_roles(
    sandbox: &Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let (_, user) = person(sandbox, request, now, trace)?;
    let parameters = request.query_parameters();
    let account = account_id(&parameters, trace)?;
    if sandbox.world.account(account).is_none() {
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "ResourceNotFoundException",
            "Account not found",
        ));
    }
    let roles: Vec<Value> = user
        .assignments
        .iter()
        .filter(|assignment| assignment.account == account)
        .map(|assignment| json!({ "roleName": assignment.permission_set, "accountId": account }))
        .collect();
    if roles.is_empty() {
        return Err(no_access());
    }
    page("roleList", &roles, &parameters, trace)
}

/// Hands out credentials of a role. How long they live is the permission set's choice, not the caller's.
pub(crate) fn get_role_credentials(
    sandbox: &mut Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let (portal, user) = person(sandbox, request, now, trace)?;
    let parameters = request.query_parameters();
    let account = account_id(&parameters, trace)?;
    let role = parameters
        .get("role_name")
        .filter(|name| !name.is_empty())
        .ok_or_else(|| invalid("Missing required parameter: role_name"))?;
    trace.parameter("role_name", Some(role));
    let permission_set = user
        .assignments
        .iter()
        .find(|assignment| assignment.account == account && assignment.permission_set == role)
        .and_then(|assignment| portal.permission_set(&assignment.permission_set))
        .ok_or_else(no_access)?;
    let role_arn = portal.role_arn(account, role);
    let caller = Caller::of_role(&role_arn, &user.name, Mfa::Absent, Chaining::Direct);
    let ends = settings::end(
        sandbox.settings.role_credentials,
        permission_set.session_duration,
        now,
    );
    let key = sandbox.keys.issue(caller, ends, 0);
    Ok(success(&json!({
        "roleCredentials": {
            "accessKeyId": key.id,
            "secretAccessKey": key.secret,
            "sessionToken": key.token,
            "expiration": key.ends.as_second() * 1_000,
        },
    })))
}

/// Ends the browser's portal session. Credentials that were handed out live on.
pub(crate) fn logout(
    sandbox: &mut Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    person(sandbox, request, now, trace)?;
    let token = request.header(BEARER).unwrap_or_default();
    sandbox.identity_center.sign_out(token, now);
    let reply = Reply::new(StatusCode::OK, "application/json", String::new());
    Ok(reply.with("x-amzn-requestid", random::request_id()))
}

/// The portal and the person that the bearer token speaks for.
fn person<'a>(
    sandbox: &'a Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<(&'a Portal, &'a PortalUser), Refusal> {
    let token = request.header(BEARER).unwrap_or_default();
    let (portal, user) = sandbox
        .identity_center
        .bearer(token, now)
        .and_then(|(start_url, user)| {
            let portal = sandbox.world.portal(start_url)?;
            Some((portal, portal.user(user)?))
        })
        .ok_or_else(|| {
            Refusal::new(
                StatusCode::UNAUTHORIZED,
                "UnauthorizedException",
                "Session token not found or invalid",
            )
        })?;
    trace.saw(&user.name);
    Ok((portal, user))
}

fn account_id<'a>(parameters: &'a Parameters, trace: &mut Trace) -> Result<&'a str, Refusal> {
    let account = parameters
        .get("account_id")
        .ok_or_else(|| invalid("Missing required parameter: account_id"))?;
    trace.parameter("account_id", Some(account));
    if !is_account_id(account) {
        return Err(invalid("Invalid account id"));
    }
    Ok(account)
}

fn page(
    name: &str,
    all: &[Value],
    parameters: &Parameters,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    trace.parameter("max_result", parameters.get("max_result"));
    let length = match parameters.get("max_result") {
        None => PAGE,
        Some(text) => text
            .parse()
            .ok()
            .filter(|length| (1..=100).contains(length))
            .ok_or_else(|| invalid("max_result must be between 1 and 100"))?,
    };
    let start = match parameters.get("next_token") {
        None => 0,
        Some(token) => offset(token)
            .filter(|offset| *offset < all.len())
            .ok_or_else(|| invalid("Invalid next_token"))?,
    };
    let end = all.len().min(start + length);
    let next = (end < all.len()).then(|| BASE64.encode(format!("offset:{end}").as_bytes()));
    Ok(success(
        &json!({ name: &all[start..end], "nextToken": next }),
    ))
}

fn offset(token: &str) -> Option<usize> {
    let decoded = BASE64.decode(token.as_bytes()).ok()?;
    str::from_utf8(&decoded)
        .ok()?
        .strip_prefix("offset:")?
        .parse()
        .ok()
}

fn success(body: &Value) -> Reply {
    Reply::json(StatusCode::OK, body)
        .with("x-amzn-requestid", random::request_id())
        .with("cache-control", "no-store")
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "InvalidRequestException", message)
}

fn no_access() -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, "ForbiddenException", "No access")
}
