//! The Security Token Service: query protocol, API version 2011-06-15, answers in XML.

mod assume_role;
mod federation_token;
mod role;
mod session_token;
mod web_identity;

pub(crate) use assume_role::assume_role;
pub(crate) use federation_token::get_federation_token;
pub(crate) use session_token::get_session_token;
pub(crate) use web_identity::assume_role_with_web_identity;

use axum::http::StatusCode;
use jiff::Timestamp;

use crate::caller::{Caller, Chaining, Mfa, Proof, Standing, TemporaryKey};
use crate::clock::iso;
use crate::markup::{element, text};
use crate::mfa;
use crate::query::STS;
use crate::reply::{Refusal, Reply};
use crate::request::Parameters;
use crate::sandbox::Sandbox;

pub(crate) const VERSION: &str = "2011-06-15";

/// Says who the caller is. Nobody can be denied that.
pub(crate) fn get_caller_identity(caller: &Caller) -> Reply {
    let result = [
        text("Arn", &caller.arn),
        text("UserId", &caller.user_id),
        text("Account", &caller.account),
    ];
    STS.success("GetCallerIdentity", &result.concat())
}

fn credentials(key: &TemporaryKey) -> String {
    let parts = [
        text("AccessKeyId", &key.id),
        text("SecretAccessKey", &key.secret),
        text("SessionToken", &key.token),
        text("Expiration", &iso(key.ends)),
    ];
    element("Credentials", &parts.concat())
}

/// Some calls take a user's own keys only.
fn refuse_session_credentials(caller: &Caller, operation: &str) -> Result<(), Refusal> {
    match &caller.proof {
        Proof::LongTerm => Ok(()),
        Proof::UserSession { .. }
        | Proof::ConsoleLogin
        | Proof::RoleSession { .. }
        | Proof::FederatedUser { .. } => Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "AccessDenied",
            format!("Cannot call {operation} with session credentials"),
        )),
    }
}

/// Uses up the MFA code of a call, where it has one; otherwise what the caller proved before still counts.
fn prove_mfa(
    sandbox: &mut Sandbox,
    caller: &Caller,
    parameters: &Parameters,
    now: Timestamp,
) -> Result<Mfa, Refusal> {
    match (parameters.get("SerialNumber"), parameters.get("TokenCode")) {
        (None, None) => Ok(caller.mfa()),
        (Some(_), None) | (None, Some(_)) => Err(mfa::incomplete_pair()),
        (Some(serial), Some(code)) => {
            sandbox
                .used_codes
                .redeem(&sandbox.world, &caller.arn, serial, code, now)?;
            Ok(Mfa::Present)
        }
    }
}
