//! Registration, the device flow, and every way in which it ends.

use serde_json::{Value, json};

use crate::boxed::{Boxed, Client, DEVICE_CODE, START_URL, assert_about, until};
use crate::http::{Answer, Request};
use crate::signer::now;

const SCOPE: &str = "sso:account:access";

#[test]
fn a_client_is_registered_for_ninety_days() {
    let boxed = Boxed::start();
    let answer = boxed.oidc("/client/register", &registration());
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    let issued = answer.json()["clientIdIssuedAt"].as_i64().unwrap();
    let ends = answer.json()["clientSecretExpiresAt"].as_i64().unwrap();
    assert_eq!(ends - issued, 90 * 24 * 3_600);
    assert_about(issued - now().as_second(), 0);
}

#[test]
fn a_registration_that_makes_no_sense_is_refused() {
    let boxed = Boxed::start();
    for (name, value, exception, error) in [
        (
            "clientType",
            json!("confidential"),
            "InvalidClientMetadataException",
            "invalid_client_metadata",
        ),
        (
            "scopes",
            json!(["everything"]),
            "InvalidScopeException",
            "invalid_scope",
        ),
        (
            "redirectUris",
            json!(["https://example.com/"]),
            "InvalidRedirectUriException",
            "invalid_redirect_uri",
        ),
        (
            "clientName",
            Value::Null,
            "InvalidRequestException",
            "invalid_request",
        ),
        (
            "scopes",
            json!("not a list"),
            "InvalidRequestException",
            "invalid_request",
        ),
    ] {
        let mut body = registration();
        body[name] = value;
        assert_refused(
            &boxed.oidc("/client/register", &body),
            400,
            exception,
            error,
        );
    }
}

#[test]
fn a_body_that_is_not_json_is_refused() {
    let boxed = Boxed::start();
    for path in ["/client/register", "/device_authorization", "/token"] {
        for body in ["", "{", "[]"] {
            let answer = boxed.send(&Request::new("POST", path).body(body));
            assert_refused(&answer, 400, "InvalidRequestException", "invalid_request");
        }
    }
}

#[test]
fn a_device_authorization_names_a_page_and_a_code() {
    let boxed = Boxed::start();
    let client = boxed.register(&[SCOPE]);
    let answer = boxed.oidc(
        "/device_authorization",
        &client.with(&[("startUrl", START_URL)]),
    );
    let body = answer.json();
    let user_code = body["userCode"].as_str().unwrap();
    assert_eq!(user_code.len(), 9);
    assert_eq!(user_code.find('-'), Some(4));
    let page = format!("{}/device", boxed.endpoint());
    assert_eq!(body["verificationUri"], json!(page));
    let complete = format!("{page}?user_code={user_code}");
    assert_eq!(body["verificationUriComplete"], json!(complete));
    assert_eq!(body["expiresIn"], json!(600));
    assert_eq!(body["interval"], json!(1));
}

#[test]
fn a_start_url_that_is_no_portals_is_refused() {
    let boxed = Boxed::start();
    let body = boxed
        .register(&[])
        .with(&[("startUrl", "https://nobody.awsapps.com/start")]);
    let answer = boxed.oidc("/device_authorization", &body);
    assert_refused(&answer, 400, "InvalidRequestException", "invalid_request");
}

#[test]
fn a_client_with_a_wrong_id_or_secret_is_refused_with_401() {
    let boxed = Boxed::start();
    let good = boxed.register(&[SCOPE]);
    let (device_code, _) = boxed.authorize_device(&good);
    for client in [
        Client {
            id: good.id.clone(),
            secret: "wrong".to_owned(),
        },
        Client {
            id: "nobody".to_owned(),
            secret: good.secret.clone(),
        },
    ] {
        let answer = boxed.oidc(
            "/device_authorization",
            &client.with(&[("startUrl", START_URL)]),
        );
        assert_refused(&answer, 401, "InvalidClientException", "invalid_client");
        assert_refused(
            &boxed.redeem(&client, &device_code),
            401,
            "InvalidClientException",
            "invalid_client",
        );
    }
}

#[test]
fn a_registration_that_has_ended_is_refused_with_401() {
    let boxed = Boxed::start_with(&json!({ "client_registration": 0 }));
    let client = boxed.register(&[SCOPE]);
    let answer = boxed.oidc(
        "/device_authorization",
        &client.with(&[("startUrl", START_URL)]),
    );
    assert_refused(&answer, 401, "InvalidClientException", "invalid_client");
}

#[test]
fn a_device_code_is_pending_until_approved_and_good_for_one_token() {
    let boxed = Boxed::start_with(&json!({ "poll_interval": 0 }));
    let client = boxed.register(&[SCOPE]);
    let (device_code, user_code) = boxed.authorize_device(&client);
    let answer = boxed.redeem(&client, &device_code);
    assert_refused(
        &answer,
        400,
        "AuthorizationPendingException",
        "authorization_pending",
    );
    assert_eq!(
        answer.header("x-amzn-errortype"),
        "AuthorizationPendingException:http://internal.amazon.com/coral/com.amazonaws.sso.oidc/"
    );
    boxed.post("device/approve", &json!({ "user_code": user_code }));
    let answer = boxed.redeem(&client, &device_code);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["tokenType"], "Bearer");
    let answer = boxed.redeem(&client, &device_code);
    assert_refused(&answer, 400, "InvalidGrantException", "invalid_grant");
}

#[test]
fn polling_faster_than_the_interval_is_told_to_slow_down() {
    let boxed = Boxed::start_with(&json!({ "poll_interval": 3600 }));
    let client = boxed.register(&[SCOPE]);
    let (device_code, _) = boxed.authorize_device(&client);
    let answer = boxed.redeem(&client, &device_code);
    assert_refused(
        &answer,
        400,
        "AuthorizationPendingException",
        "authorization_pending",
    );
    let answer = boxed.redeem(&client, &device_code);
    assert_refused(&answer, 400, "SlowDownException", "slow_down");
}

#[test]
fn a_poll_that_keeps_to_the_interval_is_not_told_to_slow_down() {
    let boxed = Boxed::start();
    let client = boxed.register(&[SCOPE]);
    let (device_code, _) = boxed.authorize_device(&client);
    boxed.redeem(&client, &device_code);
    assert_eq!(
        boxed.redeem(&client, &device_code).json()["error"],
        "slow_down"
    );
    let since = now();
    until("a second to pass", || {
        now().duration_since(since).as_millis() >= 1_000
    });
    let answer = boxed.redeem(&client, &device_code);
    assert_refused(
        &answer,
        400,
        "AuthorizationPendingException",
        "authorization_pending",
    );
}

#[test]
fn a_denied_device_code_is_refused() {
    let boxed = Boxed::start();
    let client = boxed.register(&[SCOPE]);
    let (device_code, user_code) = boxed.authorize_device(&client);
    boxed.post("device/deny", &json!({ "user_code": user_code }));
    let answer = boxed.redeem(&client, &device_code);
    assert_refused(&answer, 400, "AccessDeniedException", "access_denied");
}

#[test]
fn an_ended_device_code_is_expired() {
    let boxed = Boxed::start_with(&json!({ "device_code": 0 }));
    let client = boxed.register(&[SCOPE]);
    let (device_code, _) = boxed.authorize_device(&client);
    let answer = boxed.redeem(&client, &device_code);
    assert_refused(&answer, 400, "ExpiredTokenException", "expired_token");
}

#[test]
fn a_device_code_that_is_unknown_or_anothers_is_an_invalid_grant() {
    let boxed = Boxed::start();
    let (one, other) = (boxed.register(&[SCOPE]), boxed.register(&[SCOPE]));
    let (device_code, _) = boxed.authorize_device(&one);
    for answer in [
        boxed.redeem(&other, &device_code),
        boxed.redeem(&one, "nothing"),
    ] {
        assert_refused(&answer, 400, "InvalidGrantException", "invalid_grant");
    }
}

#[test]
fn a_grant_type_that_is_unknown_or_was_not_registered_is_refused() {
    let boxed = Boxed::start();
    let client = boxed.register(&[SCOPE]);
    let answer = boxed.oidc("/token", &client.with(&[("grantType", "password")]));
    assert_refused(
        &answer,
        400,
        "UnsupportedGrantTypeException",
        "unsupported_grant_type",
    );

    let mut body = registration();
    body["grantTypes"] = json!(["authorization_code", "refresh_token"]);
    let answer = boxed.oidc("/client/register", &body).json();
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    let client = Client {
        id: text("clientId"),
        secret: text("clientSecret"),
    };
    let answer = boxed.oidc(
        "/device_authorization",
        &client.with(&[("startUrl", START_URL)]),
    );
    assert_refused(
        &answer,
        400,
        "UnauthorizedClientException",
        "unauthorized_client",
    );
    let grant = [("grantType", DEVICE_CODE), ("deviceCode", "any")];
    let answer = boxed.oidc("/token", &client.with(&grant));
    assert_refused(
        &answer,
        400,
        "UnauthorizedClientException",
        "unauthorized_client",
    );
}

#[test]
fn a_missing_member_is_an_invalid_request() {
    let boxed = Boxed::start();
    let client = boxed.register(&[SCOPE]);
    for body in [
        client.with(&[]),
        client.with(&[("grantType", DEVICE_CODE)]),
        client.with(&[("grantType", "refresh_token")]),
        json!({ "grantType": DEVICE_CODE, "deviceCode": "any" }),
    ] {
        let answer = boxed.oidc("/token", &body);
        assert_refused(&answer, 400, "InvalidRequestException", "invalid_request");
    }
}

#[test]
fn another_method_or_the_signed_variant_is_no_operation() {
    let boxed = Boxed::start();
    for (method, target) in [("GET", "/token"), ("POST", "/token?aws_iam=t")] {
        let answer = boxed.send(&Request::new(method, target).body("{}"));
        assert_eq!(answer.status, 404);
        assert!(
            answer
                .header("x-amzn-errortype")
                .starts_with("UnknownOperationException")
        );
    }
}

fn registration() -> Value {
    json!({ "clientName": "tests", "clientType": "public", "scopes": [SCOPE] })
}

pub(crate) fn assert_refused(answer: &Answer, status: u16, exception: &str, error: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    let kind = answer.header("x-amzn-errortype");
    assert_eq!(kind.split(':').next(), Some(exception), "{}", answer.body);
    assert_eq!(answer.json()["error"], error);
    assert!(answer.json()["error_description"].is_string());
}
