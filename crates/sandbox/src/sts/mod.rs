//! The Security Token Service: query protocol, API version 2011-06-15, answers in XML.

mod assume_role;
mod constraint;
mod federation_token;
mod role;
mod session_token;
mod web_identity;

pub(crate) use assume_role::assume_role;
pub(crate) use federation_token::get_federation_token;
pub(crate) use session_token::get_session_token;
pub(crate) use web_identity::assume_role_with_web_identity;

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};

use crate::caller::{Caller, Chaining, Demand, Doubt, Mfa, Proof, Standing, TemporaryKey};
use crate::clock::iso;
use crate::journal::Trace;
use crate::markup::{element, text};
use crate::mfa;
use crate::operation::Operation;
use crate::random;
use crate::reply::{Refusal, Reply};
use crate::request::{Parameters, Request};
use crate::sandbox::Sandbox;
use crate::sigv4::payload_hash;

const VERSION: &str = "2011-06-15";

/// How far a client's clock may be off.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The call that a request to STS makes.
pub(crate) fn operation(request: &Request) -> Result<Operation, Refusal> {
    let parameters = request.parameters();
    let Some(action) = parameters.get("Action") else {
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "MissingAction",
            "The request must contain the parameter Action",
        ));
    };
    let version = parameters.get("Version").unwrap_or_default();
    match (action, version) {
        ("AssumeRole", VERSION) => Ok(Operation::AssumeRole),
        ("AssumeRoleWithWebIdentity", VERSION) => Ok(Operation::AssumeRoleWithWebIdentity),
        ("GetFederationToken", VERSION) => Ok(Operation::GetFederationToken),
        ("GetCallerIdentity", VERSION) => Ok(Operation::GetCallerIdentity),
        ("GetSessionToken", VERSION) => Ok(Operation::GetSessionToken),
        (action, version) => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "InvalidAction",
            format!("Could not find operation {action} for version {version}"),
        )),
    }
}

/// Who calls, by a request to STS.
pub(crate) fn authenticate(
    sandbox: &Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<(Caller, Standing), Refusal> {
    let demand = Demand {
        service: "sts",
        tolerance: TOLERANCE,
        payload_hash: &payload_hash(&request.body),
    };
    sandbox
        .keys
        .authenticate(&sandbox.world, request, &demand, now, trace)
        .map_err(Doubt::into_query_refusal)
}

/// Says who the caller is. Nobody can be denied that.
pub(crate) fn get_caller_identity(caller: &Caller) -> Reply {
    let result = [
        text("Arn", &caller.arn),
        text("UserId", &caller.user_id),
        text("Account", &caller.account),
    ];
    success("GetCallerIdentity", &result.concat())
}

fn success(operation: &str, result: &str) -> Reply {
    let id = random::request_id();
    let body = format!(
        "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/{VERSION}/\">{}{}</{operation}Response>\n",
        element(&format!("{operation}Result"), result),
        element("ResponseMetadata", &text("RequestId", &id)),
    );
    Reply::new(StatusCode::OK, "text/xml", body).with("x-amzn-requestid", id)
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
        Proof::UserSession { .. } | Proof::RoleSession { .. } | Proof::FederatedUser { .. } => {
            Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "AccessDenied",
                format!("Cannot call {operation} with session credentials"),
            ))
        }
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
