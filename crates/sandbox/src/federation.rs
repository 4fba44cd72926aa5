//! The console's federation endpoint: temporary credentials in, a link that signs a browser in out.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use crate::caller::{Caller, Chaining, Proof};
use crate::journal::Trace;
use crate::markup::escape;
use crate::page::page;
use crate::random;
use crate::reply::{Refusal, Reply};
use crate::request::{Parameters, Request};
use crate::sandbox::Sandbox;
use crate::settings;

/// How long a link may be opened.
const TOKEN_SECONDS: i64 = 900;

/// How long the browser stays signed in where nobody says.
const CONSOLE_SECONDS: i64 = 3_600;

/// The links that were given out.
#[derive(Default)]
pub(crate) struct SigninTokens(BTreeMap<String, SigninToken>);

struct SigninToken {
    arn: String,
    ends: Timestamp,
    console_seconds: i64,
}

/// Credentials by the names that this endpoint has for them.
#[derive(Deserialize)]
struct Session {
    #[serde(rename = "sessionId")]
    id: String,
    #[serde(rename = "sessionKey")]
    key: String,
    #[serde(rename = "sessionToken")]
    token: String,
}

/// Makes a sign-in token of temporary credentials.
pub(crate) fn get_signin_token(
    sandbox: &mut Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let parameters = request.parameters();
    trace.parameter("SessionDuration", parameters.get("SessionDuration"));
    let asked = console_seconds(&parameters)?;
    let session: Session = parameters
        .get("Session")
        .and_then(|json| serde_json::from_str(json).ok())
        .ok_or_else(invalid_credentials)?;
    trace.saw_key(&session.id);
    let caller = sandbox
        .keys
        .holder(&session.id, &session.key, &session.token, now)
        .ok_or_else(invalid_credentials)?;
    trace.saw(&caller.arn);
    check_limits(&caller, asked)?;
    let token = random::opaque();
    let state = SigninToken {
        arn: caller.arn,
        ends: settings::end(sandbox.settings.signin_token, TOKEN_SECONDS, now),
        console_seconds: asked.unwrap_or(CONSOLE_SECONDS),
    };
    sandbox.signin_tokens.0.insert(token.clone(), state);
    Ok(Reply::json(
        StatusCode::OK,
        &json!({ "SigninToken": token }),
    ))
}

/// Signs the browser in.
pub(crate) fn login(
    sandbox: &Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let parameters = request.parameters();
    for name in ["Issuer", "Destination"] {
        trace.parameter(name, parameters.get(name));
    }
    let destination = parameters
        .get("Destination")
        .filter(|destination| destination.starts_with("https://"))
        .ok_or_else(|| bad_request("The Destination is missing or is not an https address."))?;
    let token = parameters
        .get("SigninToken")
        .and_then(|token| sandbox.signin_tokens.0.get(token))
        .filter(|token| now < token.ends)
        .ok_or_else(|| bad_request("The SigninToken is not valid or has ended."))?;
    trace.saw(&token.arn);
    let until = now + SignedDuration::from_secs(token.console_seconds);
    let body = format!(
        "<p>The console would show <span id=\"destination\">{}</span>.</p>
<dl><dt>Signed in as</dt><dd id=\"principal\">{}</dd><dt>Until</dt><dd id=\"until\">{}</dd></dl>",
        escape(destination),
        escape(&token.arn),
        crate::clock::iso(until),
    );
    Ok(page(StatusCode::OK, "Console", &body))
}

/// How long the console session is to last, if the request says so.
fn console_seconds(parameters: &Parameters) -> Result<Option<i64>, Refusal> {
    let Some(text) = parameters.get("SessionDuration") else {
        return Ok(None);
    };
    text.parse()
        .ok()
        .filter(|seconds| (900..=43_200).contains(seconds))
        .map(Some)
        .ok_or_else(|| bad_request("The SessionDuration is not between 900 and 43200."))
}

/// Only roles and federated users are let in; a duration of one's own is for roles that were assumed with long-term keys.
fn check_limits(caller: &Caller, asked: Option<i64>) -> Result<(), Refusal> {
    match (&caller.proof, asked) {
        (Proof::LongTerm | Proof::UserSession { .. } | Proof::ConsoleLogin, _)
        | (
            Proof::FederatedUser { .. }
            | Proof::RoleSession {
                chaining: Chaining::Chained,
                ..
            },
            Some(_),
        ) => Err(invalid_credentials()),
        (Proof::FederatedUser { .. } | Proof::RoleSession { .. }, _) => Ok(()),
    }
}

fn invalid_credentials() -> Refusal {
    bad_request("Invalid credentials parameter")
}

fn bad_request(message: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "BadRequest", message)
}
