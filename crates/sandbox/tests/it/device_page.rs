//! The page on which a person answers a user code.

use serde_json::json;

use crate::boxed::{Boxed, START_URL};
use crate::http::{Request, form};

#[test]
fn without_a_code_the_page_asks_for_one() {
    let boxed = Boxed::start();
    let answer = boxed.send(&Request::new("GET", "/device"));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(
        answer
            .body
            .contains("<title>Authorize request · Sandglass sandbox</title>")
    );
    assert!(answer.body.contains("<label for=\"code\">"));
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    assert!(!answer.body.contains("<script"));
    // Under `no-referrer` browsers send the form with `Origin: null`, which is nobody's.
    assert_eq!(answer.header("referrer-policy"), "same-origin");
}

#[test]
fn the_page_shows_the_code_and_takes_a_yes() {
    let boxed = Boxed::start();
    let client = boxed.register(&["sso:account:access"]);
    let (device_code, user_code) = boxed.authorize_device(&client);
    let answer = boxed.send(&Request::new(
        "GET",
        &format!("/device?user_code={user_code}"),
    ));
    for shown in [
        &user_code,
        START_URL,
        "tests",
        "Approve",
        "Deny",
        "<option>robin</option>",
    ] {
        assert!(answer.body.contains(shown), "{shown}");
    }
    let yes = form(&[
        ("user_code", &user_code),
        ("user", "robin"),
        ("answer", "approve"),
    ]);
    let origin = boxed.endpoint();
    let answer = boxed.send(
        &Request::new("POST", "/device")
            .header("origin", &origin)
            .body(yes),
    );
    assert!(answer.body.contains("Request approved"));
    let tokens = boxed.redeem(&client, &device_code).json();
    let token = tokens["accessToken"].as_str().unwrap();
    let accounts = boxed.portal("GET", "/assignment/accounts", token).json();
    assert_eq!(
        accounts["accountList"].as_array().unwrap().len(),
        1,
        "robin has one account"
    );
}

#[test]
fn the_page_takes_a_no() {
    let boxed = Boxed::start();
    let client = boxed.register(&[]);
    let (device_code, user_code) = boxed.authorize_device(&client);
    let no = form(&[("user_code", &user_code), ("answer", "deny")]);
    let answer = boxed.send(&Request::new("POST", "/device").body(no));
    assert!(answer.body.contains("Request denied"));
    assert_eq!(
        boxed.redeem(&client, &device_code).json()["error"],
        "access_denied"
    );
}

#[test]
fn another_sites_form_may_not_answer() {
    let boxed = Boxed::start();
    let (_, user_code) = boxed.authorize_device(&boxed.register(&[]));
    let yes = form(&[("user_code", &user_code), ("answer", "approve")]);
    for (name, value) in [
        ("origin", "https://example.com"),
        ("origin", "null"),
        ("host", "example.com"),
    ] {
        let request = Request::new("POST", "/device")
            .header(name, value)
            .body(yes.clone());
        assert_eq!(boxed.send(&request).status, 403, "{name}: {value}");
    }
    assert_eq!(boxed.get("devices")[0]["decision"], "pending");
}

#[test]
fn an_unknown_code_is_said_in_place_and_escaped() {
    let boxed = Boxed::start();
    let answer = boxed.send(&Request::new("GET", "/device?user_code=%3Cb%3E"));
    assert_eq!(answer.status, 404);
    assert!(
        answer
            .body
            .contains("role=\"alert\">No device is waiting with the code &lt;b&gt;")
    );
    assert!(answer.body.contains("aria-invalid=\"true\""));
}

#[test]
fn a_code_is_not_answered_twice() {
    let boxed = Boxed::start();
    let (_, user_code) = boxed.authorize_device(&boxed.register(&[]));
    boxed.post("device/deny", &json!({ "user_code": user_code }));
    let yes = form(&[("user_code", &user_code), ("answer", "approve")]);
    let answer = boxed.send(&Request::new("POST", "/device").body(yes));
    assert_eq!(answer.status, 409);
    assert!(answer.body.contains("was answered already"));
}

#[test]
fn another_method_is_not_allowed() {
    let boxed = Boxed::start();
    assert_eq!(boxed.send(&Request::new("PUT", "/device")).status, 405);
}
