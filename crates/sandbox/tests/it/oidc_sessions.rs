//! Tokens, their ends, their renewal, and the portal session above them.

use serde_json::{Value, json};

use crate::boxed::{Boxed, START_URL, assert_about, until};
use crate::http::Answer;
use crate::oidc::assert_refused;

const SCOPE: &str = "sso:account:access";

#[test]
fn with_the_scope_a_token_lasts_an_hour_and_can_be_refreshed() {
    let boxed = Boxed::start();
    let tokens = boxed.sign_in(&boxed.register(&[SCOPE]), None);
    assert_about(seconds(&tokens), 3_600);
    assert!(tokens["refreshToken"].is_string());
}

#[test]
fn without_the_scope_a_token_lasts_eight_hours_and_cannot() {
    let boxed = Boxed::start();
    let tokens = boxed.sign_in(&boxed.register(&[]), None);
    assert_about(seconds(&tokens), 8 * 3_600);
    assert!(tokens.get("refreshToken").is_none());
}

#[test]
fn a_refresh_token_works_once_and_the_next_one_goes_on() {
    let boxed = Boxed::start();
    let client = boxed.register(&[SCOPE]);
    let first = boxed.sign_in(&client, None);
    let second = boxed.refresh(&client, text(&first, "refreshToken"));
    assert_eq!(second.status, 200);
    let again = boxed.refresh(&client, text(&first, "refreshToken"));
    assert_refused(&again, 400, "InvalidGrantException", "invalid_grant");
    assert_eq!(
        again.json()["error_description"],
        "Invalid refresh token provided"
    );
    let third = boxed.refresh(&client, text(&second.json(), "refreshToken"));
    assert_eq!(third.status, 200);
    for tokens in [first, second.json(), third.json()] {
        assert_eq!(accounts(&boxed, &tokens).status, 200);
    }
}

#[test]
fn a_refresh_token_of_another_client_is_an_invalid_grant() {
    let boxed = Boxed::start();
    let tokens = boxed.sign_in(&boxed.register(&[SCOPE]), None);
    let answer = boxed.refresh(&boxed.register(&[SCOPE]), text(&tokens, "refreshToken"));
    assert_refused(&answer, 400, "InvalidGrantException", "invalid_grant");
}

#[test]
fn a_refresh_token_dies_with_its_portal_session() {
    let boxed = Boxed::start();
    let client = boxed.register(&[SCOPE]);
    let tokens = boxed.sign_in(&client, None);
    let sessions = json!({ "kind": "portal_sessions", "start_url": START_URL });
    assert_eq!(boxed.post("revoke", &sessions), json!({ "revoked": 1 }));
    let answer = boxed.refresh(&client, text(&tokens, "refreshToken"));
    assert_refused(&answer, 400, "InvalidGrantException", "invalid_grant");
    assert_eq!(accounts(&boxed, &tokens).status, 401);
}

#[test]
fn a_token_ends_with_its_portal_session_at_the_latest() {
    let boxed = Boxed::start_with(&json!({ "portal_session": 90 }));
    let client = boxed.register(&[SCOPE]);
    let tokens = boxed.sign_in(&client, None);
    assert_about(seconds(&tokens), 90);
    let refreshed = boxed.refresh(&client, text(&tokens, "refreshToken")).json();
    assert_about(seconds(&refreshed), 90);
}

#[test]
fn a_later_sign_in_inherits_the_end_of_the_portal_session() {
    let boxed = Boxed::start_with(&json!({ "portal_session": 90 }));
    boxed.sign_in(&boxed.register(&[SCOPE]), None);
    boxed.put("settings", &json!({}));
    let later = boxed.sign_in(&boxed.register(&[SCOPE]), None);
    assert_about(seconds(&later), 90);
    let robin = boxed.sign_in(&boxed.register(&[SCOPE]), Some("robin"));
    assert_about(seconds(&robin), 3_600);
}

#[test]
fn after_signing_out_a_sign_in_starts_a_fresh_portal_session() {
    let boxed = Boxed::start_with(&json!({ "portal_session": 90 }));
    let client = boxed.register(&[SCOPE]);
    let old = boxed.sign_in(&client, None);
    boxed.put("settings", &json!({}));
    let answer = boxed.portal("POST", "/logout", text(&old, "accessToken"));
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    assert_eq!(accounts(&boxed, &old).status, 401);
    let answer = boxed.refresh(&client, text(&old, "refreshToken"));
    assert_refused(&answer, 400, "InvalidGrantException", "invalid_grant");
    let fresh = boxed.sign_in(&client, None);
    assert_about(seconds(&fresh), 3_600);
}

#[test]
fn an_access_token_ends_by_itself_while_the_refresh_token_lives() {
    let boxed = Boxed::start_with(&json!({ "access_token": 1 }));
    let client = boxed.register(&[SCOPE]);
    let tokens = boxed.sign_in(&client, None);
    until("the end of the token", || {
        accounts(&boxed, &tokens).status == 401
    });
    let refreshed = boxed.refresh(&client, text(&tokens, "refreshToken"));
    assert_eq!(refreshed.status, 200);
}

#[test]
fn an_access_token_can_be_dead_before_its_time() {
    let boxed = Boxed::start();
    let client = boxed.register(&[SCOPE]);
    let (one, other) = (boxed.sign_in(&client, None), boxed.sign_in(&client, None));
    let token = json!({ "kind": "access_token", "token": one["accessToken"] });
    assert_eq!(boxed.post("revoke", &token), json!({ "revoked": 1 }));
    assert_eq!(accounts(&boxed, &one).status, 401);
    assert_eq!(accounts(&boxed, &other).status, 200);
    let tokens = json!({ "kind": "access_tokens", "start_url": START_URL });
    assert_eq!(boxed.post("revoke", &tokens), json!({ "revoked": 1 }));
    assert_eq!(accounts(&boxed, &other).status, 401);
    assert_eq!(
        boxed.refresh(&client, text(&other, "refreshToken")).status,
        200
    );
}

#[test]
fn a_portal_session_that_ends_before_the_token_is_fetched_gives_none() {
    let boxed = Boxed::start_with(&json!({ "portal_session": 0 }));
    let client = boxed.register(&[SCOPE]);
    let (device_code, user_code) = boxed.authorize_device(&client);
    boxed.post("device/approve", &json!({ "user_code": user_code }));
    let answer = boxed.redeem(&client, &device_code);
    assert_refused(&answer, 400, "InvalidGrantException", "invalid_grant");
}

fn accounts(boxed: &Boxed, tokens: &Value) -> Answer {
    boxed.portal("GET", "/assignment/accounts", text(tokens, "accessToken"))
}

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().expect("a text")
}

fn seconds(tokens: &Value) -> i64 {
    tokens["expiresIn"].as_i64().expect("a number")
}
