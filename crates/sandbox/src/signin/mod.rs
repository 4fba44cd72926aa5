//! Sign-In, where `aws login` gets and refreshes a console user's credentials.

mod dpop;
mod logins;
mod page;

pub(crate) use logins::{Logins, Reason};
pub(crate) use page::{AUTHORIZE, CONFIRMATION, authorize, confirm};

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use self::logins::{LoginId, Redemption, Tokens};
use crate::caller::Caller;
use crate::clock::iso;
use crate::journal::Trace;
use crate::jwt;
use crate::random;
use crate::reply::{Refusal, Reply};
use crate::request::Request;
use crate::sandbox::Sandbox;
use crate::world::{Account, Console, User};

const SAME_DEVICE: &str = "arn:aws:signin:::devtools/same-device";
const CROSS_DEVICE: &str = "arn:aws:signin:::devtools/cross-device";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    client_id: String,
    grant_type: String,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
}

/// Exchanges an authorization code or a refresh token for credentials.
pub(crate) fn create_token(
    sandbox: &mut Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let input: Input = serde_json::from_slice(&request.body)
        .map_err(|_| invalid_request("Missing required parameter"))?;
    trace.parameter("clientId", Some(&input.client_id));
    trace.parameter("grantType", Some(&input.grant_type));
    if ![SAME_DEVICE, CROSS_DEVICE].contains(&input.client_id.as_str()) {
        return Err(invalid_request("Invalid client ID"));
    }
    let thumbprint = sandbox.logins.proofs.take(request, now)?;
    let (login, used) = match input.grant_type.as_str() {
        "authorization_code" => (redeem(sandbox, &input, thumbprint, now)?, None),
        "refresh_token" => {
            let token = required(input.refresh_token.as_deref(), "refreshToken")?;
            let logins = &sandbox.logins;
            let login = logins.login_of(token, &input.client_id, &thumbprint)?;
            (login, Some(token))
        }
        _ => {
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "Unsupported grant type",
            ));
        }
    };
    let tokens = grant(sandbox, login, used, now, trace)?;
    let mut body = json!({
        "accessToken": {
            "accessKeyId": tokens.key.id,
            "secretAccessKey": tokens.key.secret,
            "sessionToken": tokens.key.token,
        },
        "tokenType": "aws_sigv4",
        "expiresIn": (tokens.key.ends - now).as_secs(),
        "refreshToken": tokens.refresh,
    });
    if used.is_none() {
        body["idToken"] = Value::from(sandbox.logins.id_token(login, now));
    }
    Ok(Reply::json(StatusCode::OK, &body)
        .with("x-amzn-requestid", random::request_id())
        .with("cache-control", "no-store"))
}

/// What the file of a login that a user has just made holds, and `loginSession`, which names it.
pub(crate) fn login_of(
    sandbox: &mut Sandbox,
    principal: Caller,
    now: Timestamp,
) -> Result<Value, Refusal> {
    let key = jwt::new_key();
    let thumbprint = jwt::thumbprint(&(&key.public_key()).into());
    let session = principal.arn.clone();
    let account = principal.account.clone();
    let login = sandbox.logins.begin(
        principal,
        SAME_DEVICE.to_owned(),
        thumbprint,
        &sandbox.settings,
        now,
    );
    let tokens = sandbox
        .logins
        .grant(login, None, &mut sandbox.keys, &sandbox.settings, now)?;
    Ok(json!({
        "loginSession": session,
        "accessToken": {
            "accessKeyId": tokens.key.id,
            "secretAccessKey": tokens.key.secret,
            "sessionToken": tokens.key.token,
            "accountId": account,
            "expiresAt": iso(tokens.key.ends),
        },
        "tokenType": "aws_sigv4",
        "clientId": SAME_DEVICE,
        "refreshToken": tokens.refresh,
        "idToken": sandbox.logins.id_token(login, now),
        "dpopKey": logins::pem(&key),
    }))
}

fn redeem(
    sandbox: &mut Sandbox,
    input: &Input,
    thumbprint: String,
    now: Timestamp,
) -> Result<LoginId, Refusal> {
    let redemption = Redemption {
        code: required(input.code.as_deref(), "code")?,
        client_id: &input.client_id,
        redirect_uri: required(input.redirect_uri.as_deref(), "redirectUri")?,
        verifier: required(input.code_verifier.as_deref(), "codeVerifier")?,
    };
    if !is_verifier(redemption.verifier) {
        return Err(invalid_request("Invalid code verifier"));
    }
    sandbox
        .logins
        .redeem(&redemption, thumbprint, &sandbox.settings, now)
}

fn grant(
    sandbox: &mut Sandbox,
    login: LoginId,
    used: Option<&str>,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Tokens, Refusal> {
    let arn = &sandbox.logins.principal(login).arn;
    trace.saw(arn);
    let mut users = sandbox.world.console_users();
    let may = |(account, user): (&Account, &User)| {
        account.user_arn(user) == *arn && user.console == Console::LocalDevelopment
    };
    if !users.any(may) {
        return Err(denied(
            "INSUFFICIENT_PERMISSIONS",
            "The principal is not authorized to perform: signin:CreateOAuth2Token",
        ));
    }
    drop(users);
    sandbox
        .logins
        .grant(login, used, &mut sandbox.keys, &sandbox.settings, now)
}

fn required<'a>(value: Option<&'a str>, name: &str) -> Result<&'a str, Refusal> {
    value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| invalid_request(&format!("Missing required parameter: {name}")))
}

/// 43 to 128 of the characters that RFC 3986 leaves unreserved.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// A refusal that no other request would get past: AWS's `AccessDeniedException`, whose model names no status.
fn denied(error: &str, message: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, error, message)
}

fn invalid_request(message: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", message)
}
