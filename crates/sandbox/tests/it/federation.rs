//! The console's federation endpoint: who gets a link, and for how long.

use serde_json::json;

use crate::boxed::{Boxed, keys_of, role_arn};
use crate::http::{Answer, Request, form};
use crate::signer::Keys;

const CONSOLE: &str = "https://console.aws.amazon.com/s3/";

#[test]
fn a_role_gets_a_link_for_as_long_as_it_asks() {
    let boxed = Boxed::start();
    let role = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    for duration in [None, Some("900"), Some("43200")] {
        let answer = signin_token(&boxed, &role, duration);
        assert_eq!(answer.status, 200, "{duration:?}");
        let token = answer.json()["SigninToken"].as_str().unwrap().to_owned();
        let page = login(&boxed, &token, CONSOLE);
        assert_eq!(page.status, 200);
        for shown in [CONSOLE, "assumed-role/Deploy/me"] {
            assert!(page.body.contains(shown), "{shown}");
        }
    }
}

#[test]
fn a_role_that_was_chained_names_no_duration() {
    let boxed = Boxed::start();
    let deploy = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    let audit = keys_of(&boxed.assume_role(&deploy, "Audit", &[]));
    assert_eq!(signin_token(&boxed, &audit, None).status, 200);
    assert_invalid(&signin_token(&boxed, &audit, Some("3600")));
}

#[test]
fn a_federated_user_names_no_duration() {
    let boxed = Boxed::start();
    let robin = boxed.sts(&Keys::dev(), "GetFederationToken", &[("Name", "robin")]);
    let robin = keys_of(&robin);
    assert_eq!(signin_token(&boxed, &robin, None).status, 200);
    assert_invalid(&signin_token(&boxed, &robin, Some("3600")));
}

#[test]
fn a_plain_user_and_a_users_session_are_refused() {
    let boxed = Boxed::start();
    let session = keys_of(&boxed.sts(&Keys::dev(), "GetSessionToken", &[]));
    assert_invalid(&signin_token(&boxed, &session, None));
    assert_invalid(&signin_token(&boxed, &Keys::dev(), None));
}

#[test]
fn credentials_that_do_not_count_are_refused() {
    let boxed = Boxed::start();
    let role = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    let other = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    let wrong_secret = Keys {
        secret: other.secret.clone(),
        ..role.clone()
    };
    assert_invalid(&signin_token(&boxed, &wrong_secret, None));
    assert_invalid(&signin_token(
        &boxed,
        &role.with_token(other.token.as_deref()),
        None,
    ));
    let revocation = json!({ "kind": "role_sessions", "role_arn": role_arn("Deploy") });
    boxed.post("revoke", &revocation);
    assert_invalid(&signin_token(&boxed, &role, None));
    boxed.put("settings", &json!({ "assumed_role": 0 }));
    let ended = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    assert_invalid(&signin_token(&boxed, &ended, None));
    let torn = form(&[("Action", "getSigninToken"), ("Session", "{")]);
    assert_invalid(&boxed.send(&Request::new("GET", &format!("/federation?{torn}"))));
}

#[test]
fn a_duration_is_between_fifteen_minutes_and_twelve_hours() {
    let boxed = Boxed::start();
    let role = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    for duration in ["899", "43201", "long"] {
        assert_eq!(
            signin_token(&boxed, &role, Some(duration)).status,
            400,
            "{duration}"
        );
    }
}

#[test]
fn a_link_that_is_wrong_or_too_old_signs_nobody_in() {
    let boxed = Boxed::start_with(&json!({ "signin_token": 0 }));
    assert_eq!(login(&boxed, "unknown", CONSOLE).status, 400);
    let role = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    let ended = signin_token(&boxed, &role, None).json();
    let ended = ended["SigninToken"].as_str().unwrap();
    assert_eq!(login(&boxed, ended, CONSOLE).status, 400);
    boxed.put("settings", &json!({}));
    let token = signin_token(&boxed, &role, None).json();
    let token = token["SigninToken"].as_str().unwrap();
    assert_eq!(login(&boxed, token, "javascript:alert(1)").status, 400);
    assert_eq!(login(&boxed, token, "https://<b>").status, 200);
    assert!(!login(&boxed, token, "https://<b>").body.contains("<b>"));
}

#[test]
fn the_journal_names_both_calls_and_another_action_is_none() {
    let boxed = Boxed::start();
    let role = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    boxed.delete("journal");
    let token = signin_token(&boxed, &role, None).json();
    let token = token["SigninToken"].as_str().unwrap();
    login(&boxed, token, CONSOLE);
    let request = Request::new("GET", "/federation?Action=dance");
    assert_eq!(boxed.send(&request).status, 400);
    let journal = boxed.get("journal");
    for (number, operation) in [json!("GetSigninToken"), json!("ConsoleLogin"), json!(null)]
        .iter()
        .enumerate()
    {
        assert_eq!(&journal[number]["operation"], operation);
        assert_eq!(journal[number]["service"], "federation");
    }
    for secret in [token, &role.secret, role.token.as_deref().unwrap()] {
        assert!(!journal.to_string().contains(secret));
    }
}

fn signin_token(boxed: &Boxed, keys: &Keys, duration: Option<&str>) -> Answer {
    let session = json!({
        "sessionId": keys.id,
        "sessionKey": keys.secret,
        "sessionToken": keys.token.as_deref().unwrap_or_default(),
    })
    .to_string();
    let mut pairs = vec![("Action", "getSigninToken"), ("Session", &session)];
    pairs.extend(duration.map(|seconds| ("SessionDuration", seconds)));
    boxed.send(&Request::new(
        "GET",
        &format!("/federation?{}", form(&pairs)),
    ))
}

fn login(boxed: &Boxed, token: &str, destination: &str) -> Answer {
    let pairs = [
        ("Action", "login"),
        ("Issuer", "tests"),
        ("Destination", destination),
        ("SigninToken", token),
    ];
    boxed.send(&Request::new(
        "GET",
        &format!("/federation?{}", form(&pairs)),
    ))
}

fn assert_invalid(answer: &Answer) {
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(answer.body.contains("Invalid credentials parameter"));
}
