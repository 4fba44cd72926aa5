//! The control API under `/_sandbox/`: lifetimes, faults, the journal, codes, approvals, revocations.
//!
//! It asks for no password, as the box listens on the loopback interface only; it refuses what a web page could
//! send there, which shows by an `Origin` header or by a `Host` that is not this machine.

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::fault::Fault;
use crate::identity_center::{ApprovalError, Decision};
use crate::reply::Reply;
use crate::request::Request;
use crate::sandbox::Sandbox;
use crate::signin::{self, Reason};
use crate::web_identity::Order;

/// Where the control API begins.
pub(crate) const PREFIX: &str = "/_sandbox/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    user_code: String,
    /// Who approves; the portal's first user where nobody is named.
    #[serde(default)]
    user: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConsoleLogin {
    user: String,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Revocation {
    AccessToken { token: String },
    AccessTokens { start_url: String },
    PortalSessions { start_url: String },
    RoleSessions { role_arn: String },
    AccessKey { access_key_id: String },
    Role { role_arn: String },
    WebIdentity { provider: String, subject: String },
    LoginSessions { user: String, reason: Reason },
}

/// Why the control API does not do what it is asked.
struct Complaint(StatusCode, String);

/// Answers a request to the control API.
pub(crate) fn answer(sandbox: &mut Sandbox, request: &Request, now: Timestamp) -> Reply {
    let result = guard(request).and_then(|()| dispatch(sandbox, request, now));
    match result {
        Ok(body) => Reply::json(StatusCode::OK, &body),
        Err(Complaint(status, error)) => Reply::json(status, &json!({ "error": error })),
    }
}

/// Whether a `Host` header names this machine.
pub(crate) fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

fn guard(request: &Request) -> Result<(), Complaint> {
    let forbidden = |text: &str| Err(Complaint(StatusCode::FORBIDDEN, text.to_owned()));
    if request.headers.contains_key("origin") {
        return forbidden("the control API does not answer web pages");
    }
    if !request.header("host").is_some_and(is_local) {
        return forbidden("the control API answers to the names of this machine only");
    }
    Ok(())
}

fn dispatch(sandbox: &mut Sandbox, request: &Request, now: Timestamp) -> Result<Value, Complaint> {
    let path = request.path.strip_prefix(PREFIX).unwrap_or_default();
    let method = request.method.as_str();
    match (method, path) {
        ("GET", "world") => to_json(&sandbox.world),
        ("GET", "settings") => to_json(&sandbox.settings),
        ("PUT", "settings") => {
            sandbox.settings = read(request)?;
            to_json(&sandbox.settings)
        }
        ("GET", "faults") => to_json(sandbox.faults.waiting()),
        ("POST", "faults") => {
            let fault: Fault = read(request)?;
            if !fault.is_sound() {
                return Err(bad("the `status` of a refusal is between 400 and 599"));
            }
            sandbox.faults.put(fault);
            to_json(sandbox.faults.waiting())
        }
        ("DELETE", "faults") => {
            sandbox.faults.clear();
            Ok(json!([]))
        }
        ("GET", "journal") => to_json(sandbox.journal.entries()),
        ("DELETE", "journal") => {
            sandbox.journal.clear();
            Ok(json!([]))
        }
        ("GET", "devices") => Ok(devices(sandbox, now)),
        ("POST", "device/approve") => {
            let Answer { user_code, user } = read(request)?;
            sandbox.identity_center.approve(
                &sandbox.world,
                &sandbox.settings,
                &user_code,
                user.as_deref(),
                now,
            )?;
            Ok(json!({ "user_code": user_code, "decision": "approved" }))
        }
        ("POST", "device/deny") => {
            let Answer { user_code, .. } = read(request)?;
            sandbox.identity_center.deny(&user_code, now)?;
            Ok(json!({ "user_code": user_code, "decision": "denied" }))
        }
        ("POST", "web-identity") => {
            let order: Order = read(request)?;
            let token = sandbox.providers.mint(&sandbox.world, &order, now);
            let token = token.ok_or_else(|| {
                let error = format!("the world has no OIDC provider `{}`", order.provider);
                Complaint(StatusCode::NOT_FOUND, error)
            })?;
            Ok(json!({ "token": token }))
        }
        ("POST", "console-login") => {
            let ConsoleLogin { user } = read(request)?;
            let found = sandbox.world.console_user(&user);
            let principal = found.map(|(account, user)| Caller::of_user(account, user));
            let principal = principal.ok_or_else(|| {
                let error = format!("the world has no user `{user}` with a console password");
                Complaint(StatusCode::NOT_FOUND, error)
            })?;
            signin::login_of(sandbox, principal, now)
                .map_err(|refusal| Complaint(StatusCode::CONFLICT, refusal.message))
        }
        ("POST", "revoke") => {
            let revoked = revoke(sandbox, read(request)?, now);
            Ok(json!({ "revoked": revoked }))
        }
        ("GET", path) if path.starts_with("totp/") => totp(sandbox, request, path, now),
        _ => Err(Complaint(
            StatusCode::NOT_FOUND,
            format!("the control API has no `{method} {PREFIX}{path}`"),
        )),
    }
}

fn devices(sandbox: &Sandbox, now: Timestamp) -> Value {
    let devices = sandbox.identity_center.devices().map(|device| {
        let decision = match device.decision {
            Decision::Pending if now >= device.ends => "ended",
            Decision::Pending => "pending",
            Decision::Approved(_) => "approved",
            Decision::Denied => "denied",
            Decision::Redeemed => "redeemed",
        };
        json!({
            "user_code": device.user_code,
            "client_name": device.client_name,
            "start_url": device.start_url,
            "ends_at": device.ends.to_string(),
            "decision": decision,
        })
    });
    devices.collect()
}

fn revoke(sandbox: &mut Sandbox, revocation: Revocation, now: Timestamp) -> usize {
    let center = &mut sandbox.identity_center;
    match revocation {
        Revocation::AccessToken { token } => center.revoke_access_token(&token, now),
        Revocation::AccessTokens { start_url } => center.revoke_access_tokens(&start_url, now),
        Revocation::PortalSessions { start_url } => center.revoke_portal_sessions(&start_url, now),
        Revocation::RoleSessions { role_arn } => sandbox.keys.revoke_role_sessions(&role_arn),
        Revocation::AccessKey { access_key_id } => {
            sandbox.keys.switch_off(&access_key_id);
            1
        }
        Revocation::Role { role_arn } => {
            sandbox.keys.forget_role_sessions(&role_arn);
            usize::from(sandbox.world.delete_role(&role_arn))
        }
        Revocation::WebIdentity { provider, subject } => {
            sandbox.providers.reject(provider, subject)
        }
        Revocation::LoginSessions { user, reason } => {
            let user = sandbox.world.console_user(&user);
            let arn = user.map(|(account, user)| account.user_arn(user));
            arn.map_or(0, |arn| sandbox.logins.revoke(&arn, reason, now))
        }
    }
}

fn totp(
    sandbox: &Sandbox,
    request: &Request,
    path: &str,
    now: Timestamp,
) -> Result<Value, Complaint> {
    let serial = path.trim_start_matches("totp/");
    let serial = percent_decode_str(serial).decode_utf8_lossy();
    let skew = match request.query_parameters().get("skew") {
        None => 0,
        Some(text) => text
            .parse()
            .map_err(|_| bad("`skew` is a number of seconds"))?,
    };
    let display = sandbox
        .world
        .mfa_device(&serial)
        .and_then(|(_, device)| {
            sandbox
                .used_codes
                .display(device, now + SignedDuration::from_secs(skew))
        })
        .ok_or_else(|| {
            Complaint(
                StatusCode::NOT_FOUND,
                format!("the world has no MFA device `{serial}`"),
            )
        })?;
    Ok(json!({
        "serial": serial,
        "code": display.code,
        "next_code": display.next_code,
        "seconds_left": display.seconds_left,
        "used": display.used,
    }))
}

fn read<T: DeserializeOwned>(request: &Request) -> Result<T, Complaint> {
    serde_json::from_slice(&request.body).map_err(|error| bad(&error.to_string()))
}

fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> Result<Value, Complaint> {
    serde_json::to_value(value)
        .map_err(|error| Complaint(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

fn bad(text: &str) -> Complaint {
    Complaint(StatusCode::BAD_REQUEST, text.to_owned())
}

impl From<ApprovalError> for Complaint {
    fn from(error: ApprovalError) -> Self {
        let status = match error {
            ApprovalError::UnknownCode(_) | ApprovalError::UnknownUser(_) => StatusCode::NOT_FOUND,
            ApprovalError::Ended(_) | ApprovalError::Answered(_) => StatusCode::CONFLICT,
        };
        Self(status, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        for host in ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "[::1]:8080"] {
            assert!(is_local(host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "127.0.0.1.example.com:80",
            "localhost:80@example.com",
        ] {
            assert!(!is_local(host), "{host}");
        }
    }
}
