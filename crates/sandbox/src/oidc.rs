//! Identity Center's OIDC service: REST with JSON in camel case, errors as OAuth has them.

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::identity_center::{Client, Decision, Tokens};
use crate::journal::Trace;
use crate::random;
use crate::reply::{Refusal, Reply};
use crate::request::Request;
use crate::sandbox::Sandbox;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const REFRESH_TOKEN: &str = "refresh_token";

/// The pause between polls that AWS asks for, in seconds.
const POLL_INTERVAL_SECONDS: u32 = 1;

/// A client that keeps exactly to the interval must not be told off for the jitter of its timer.
const POLL_JITTER: SignedDuration = SignedDuration::from_millis(100);

/// Registers a client. Anybody may.
pub(crate) fn register_client(
    sandbox: &mut Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let input = Input::read(request)?;
    let name = input.required("clientName")?;
    let kind = input.required("clientType")?;
    let scopes = input.list("scopes")?.unwrap_or_default();
    let grant_types = input.list("grantTypes")?;
    let redirect_uris = input.list("redirectUris")?.unwrap_or_default();
    trace.parameter("clientName", Some(name));
    trace.parameter("scopes", Some(&scopes.join(" ")));
    if kind != "public" {
        return Err(refused(
            "InvalidClientMetadataException",
            "Invalid client type provided",
        ));
    }
    if !scopes.iter().all(|scope| is_scope(scope)) {
        return Err(refused("InvalidScopeException", "Invalid scope provided"));
    }
    if !redirect_uris.iter().all(|uri| is_redirect_uri(uri)) {
        return Err(refused(
            "InvalidRedirectUriException",
            "Invalid redirect URI provided",
        ));
    }
    let client = sandbox.identity_center.register(
        name.to_owned(),
        scopes,
        grant_types,
        &sandbox.settings,
        now,
    );
    Ok(success(&json!({
        "clientId": client.id,
        "clientSecret": client.secret,
        "clientIdIssuedAt": now.as_second(),
        "clientSecretExpiresAt": client.ends.as_second(),
        "authorizationEndpoint": null,
        "tokenEndpoint": null,
    })))
}

/// Begins a sign-in on a device that has no browser.
pub(crate) fn start_device_authorization(
    sandbox: &mut Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let input = Input::read(request)?;
    let client = input.client(sandbox, now, trace)?;
    let start_url = input.required("startUrl")?;
    trace.parameter("startUrl", Some(start_url));
    permit(&client, DEVICE_CODE)?;
    let portal = sandbox
        .world
        .portal(start_url)
        .ok_or_else(|| refused("InvalidRequestException", "Invalid start url provided"))?;
    let interval = sandbox
        .settings
        .poll_interval
        .unwrap_or(POLL_INTERVAL_SECONDS);
    let device = sandbox
        .identity_center
        .authorize_device(&client, portal, &sandbox.settings, now);
    let page = format!(
        "http://{}/device",
        request.header("host").unwrap_or("127.0.0.1")
    );
    Ok(success(&json!({
        "deviceCode": device.device_code,
        "userCode": device.user_code,
        "verificationUri": page,
        "verificationUriComplete": format!("{page}?user_code={}", device.user_code),
        "expiresIn": (device.ends - now).as_secs(),
        "interval": interval,
    })))
}

/// Exchanges a device code or a refresh token for tokens.
pub(crate) fn create_token(
    sandbox: &mut Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let input = Input::read(request)?;
    let grant_type = input.required("grantType")?;
    trace.parameter("grantType", Some(grant_type));
    let client = input.client(sandbox, now, trace)?;
    let tokens = match grant_type {
        DEVICE_CODE => {
            permit(&client, DEVICE_CODE)?;
            redeem_device_code(sandbox, &client, input.required("deviceCode")?, now)?
        }
        REFRESH_TOKEN => {
            permit(&client, REFRESH_TOKEN)?;
            refresh(sandbox, &client, input.required("refreshToken")?, now)?
        }
        _ => {
            return Err(refused(
                "UnsupportedGrantTypeException",
                "Unsupported grant type provided",
            ));
        }
    };
    let mut body = json!({
        "accessToken": tokens.access,
        "expiresIn": (tokens.ends - now).as_secs(),
        "tokenType": "Bearer",
    });
    if let Some(refresh) = tokens.refresh {
        body["refreshToken"] = Value::from(refresh);
    }
    Ok(success(&body))
}

fn redeem_device_code(
    sandbox: &mut Sandbox,
    client: &Client,
    device_code: &str,
    now: Timestamp,
) -> Result<Tokens, Refusal> {
    let interval = sandbox
        .settings
        .poll_interval
        .unwrap_or(POLL_INTERVAL_SECONDS);
    let device = sandbox
        .identity_center
        .device(device_code)
        .filter(|device| device.client_id == client.id)
        .ok_or_else(|| refused("InvalidGrantException", "Invalid device code provided"))?;
    if now >= device.ends {
        return Err(refused("ExpiredTokenException", "Device code has expired"));
    }
    let patience = SignedDuration::from_secs(i64::from(interval)) - POLL_JITTER;
    let hasty = device
        .polled_at
        .is_some_and(|polled_at| now.duration_since(polled_at) < patience);
    device.polled_at = Some(now);
    if hasty {
        return Err(refused("SlowDownException", "Polling too frequently"));
    }
    let session = match device.decision {
        Decision::Approved(session) => session,
        Decision::Pending => {
            return Err(refused(
                "AuthorizationPendingException",
                "Authorization is still pending",
            ));
        }
        Decision::Denied => {
            return Err(refused("AccessDeniedException", "Access denied"));
        }
        Decision::Redeemed => {
            return Err(refused("InvalidGrantException", "Invalid grant provided"));
        }
    };
    device.decision = Decision::Redeemed;
    sandbox
        .identity_center
        .grant(client, session, &sandbox.settings, now)
        .ok_or_else(|| refused("InvalidGrantException", "Invalid grant provided"))
}

fn refresh(
    sandbox: &mut Sandbox,
    client: &Client,
    refresh_token: &str,
    now: Timestamp,
) -> Result<Tokens, Refusal> {
    let center = &mut sandbox.identity_center;
    center
        .supersede(client, refresh_token, now)
        .and_then(|session| center.grant(client, session, &sandbox.settings, now))
        .ok_or_else(|| refused("InvalidGrantException", "Invalid refresh token provided"))
}

/// A client that named its grant types gets no other.
fn permit(client: &Client, grant_type: &str) -> Result<(), Refusal> {
    let permitted = |grant_types: &Vec<String>| grant_types.iter().any(|named| named == grant_type);
    if client.grant_types.as_ref().is_none_or(permitted) {
        return Ok(());
    }
    Err(refused(
        "UnauthorizedClientException",
        "Client is not authorized for this grant type",
    ))
}

/// `openid`, or `service:resource` with an optional action.
fn is_scope(scope: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-*".contains(c))
    };
    scope == "openid"
        || (matches!(scope.split(':').count(), 2 | 3) && scope.split(':').all(is_part))
}

/// A public client listens on this machine.
fn is_redirect_uri(uri: &str) -> bool {
    ["http://127.0.0.1", "http://localhost", "http://[::1]"]
        .iter()
        .filter_map(|origin| uri.strip_prefix(origin))
        .any(|rest| rest.starts_with([':', '/']))
}

fn success(body: &Value) -> Reply {
    Reply::json(StatusCode::OK, body)
        .with("x-amzn-requestid", random::request_id())
        .with("cache-control", "no-store")
}

fn refused(exception: &str, description: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, exception, description)
}

/// The members of a request's JSON body.
struct Input(Map<String, Value>);

impl Input {
    fn read(request: &Request) -> Result<Self, Refusal> {
        match serde_json::from_slice(&request.body) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            _ => Err(refused("InvalidRequestException", "Invalid request")),
        }
    }

    fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.0
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| {
                refused(
                    "InvalidRequestException",
                    &format!("Missing required parameter: {name}"),
                )
            })
    }

    fn list(&self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => serde_json::from_value(value.clone())
                .map(Some)
                .map_err(|_| {
                    refused(
                        "InvalidRequestException",
                        &format!("Invalid parameter: {name}"),
                    )
                }),
        }
    }

    fn client(
        &self,
        sandbox: &Sandbox,
        now: Timestamp,
        trace: &mut Trace,
    ) -> Result<Client, Refusal> {
        let id = self.required("clientId")?;
        let secret = self.required("clientSecret")?;
        let client = sandbox
            .identity_center
            .client(id, secret, now)
            .ok_or_else(|| {
                Refusal::new(
                    StatusCode::UNAUTHORIZED,
                    "InvalidClientException",
                    "Invalid client provided",
                )
            })?;
        trace.parameter("clientName", Some(&client.name));
        Ok(client.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_look_like_scopes() {
        for good in ["sso:account:access", "codewhisperer:completions", "openid"] {
            assert!(is_scope(good), "{good}");
        }
        for bad in ["", "account", "sso:", "a:b:c:d", "sso:account access"] {
            assert!(!is_scope(bad), "{bad}");
        }
    }

    #[test]
    fn a_redirect_stays_on_this_machine() {
        assert!(is_redirect_uri("http://127.0.0.1/oauth/callback"));
        assert!(is_redirect_uri("http://localhost:8080/"));
        assert!(!is_redirect_uri("http://127.0.0.1.example.com/"));
        assert!(!is_redirect_uri("https://example.com/"));
    }
}
