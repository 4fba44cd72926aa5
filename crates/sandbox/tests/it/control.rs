//! The control API: who may use it, and what it knows.

use serde_json::{Value, json};

use crate::boxed::{Boxed, DEV_DEVICE, START_URL, keys_of, role_arn};
use crate::http::{Request, percent};
use crate::signer::Keys;

#[test]
fn a_web_page_gets_nothing() {
    let boxed = Boxed::start();
    for origin in ["https://example.com", "null", &boxed.endpoint()] {
        for (method, target) in [("GET", "/_sandbox/world"), ("POST", "/_sandbox/faults")] {
            let answer = boxed.send(&Request::new(method, target).header("origin", origin));
            assert_eq!(answer.status, 403, "{origin}");
            assert_eq!(
                answer.json()["error"],
                "the control API does not answer web pages"
            );
        }
    }
}

#[test]
fn a_foreign_host_name_gets_nothing() {
    let boxed = Boxed::start();
    for host in ["example.com", "127.0.0.1.example.com", ""] {
        let answer = boxed.send(&Request::new("GET", "/_sandbox/world").header("host", host));
        assert_eq!(answer.status, 403, "{host}");
    }
    let answer = boxed.send(&Request::new("GET", "/_sandbox/world").header("host", "localhost:80"));
    assert_eq!(answer.status, 200);
}

#[test]
fn what_does_not_exist_is_not_found() {
    let boxed = Boxed::start();
    for (method, path) in [
        ("GET", "everything"),
        ("PATCH", "settings"),
        ("GET", "totp/nobody"),
    ] {
        let target = format!("/_sandbox/{path}");
        let answer = boxed.send(&Request::new(method, &target));
        assert_eq!(answer.status, 404, "{method} {path}");
    }
}

#[test]
fn settings_are_replaced_as_a_whole() {
    let boxed = Boxed::start();
    boxed.put(
        "settings",
        &json!({ "session_token": 45, "poll_interval": 2 }),
    );
    let settings = boxed.put("settings", &json!({ "assumed_role": 60 }));
    assert_eq!(settings, boxed.get("settings"));
    assert_eq!(settings["assumed_role"], 60);
    assert_eq!(settings["session_token"], Value::Null);
}

#[test]
fn settings_that_make_no_sense_are_refused_and_change_nothing() {
    let boxed = Boxed::start_with(&json!({ "session_token": 45 }));
    for body in [
        "",
        "{",
        r#"{"sesion_token": 1}"#,
        r#"{"session_token": -1}"#,
        r#"{"skew": 3000000000}"#,
        r#"{"http_tokens": "sometimes"}"#,
    ] {
        let answer = boxed.send(&Request::new("PUT", "/_sandbox/settings").body(body));
        assert_eq!(answer.status, 400, "{body}");
    }
    assert_eq!(boxed.get("settings")["session_token"], 45);
}

#[test]
fn the_journal_tells_what_happened() {
    let boxed = Boxed::start();
    let code = boxed.code(DEV_DEVICE);
    let mfa = [
        ("SerialNumber", DEV_DEVICE),
        ("TokenCode", code.as_str()),
        ("DurationSeconds", "900"),
    ];
    boxed.assume_role(&Keys::dev(), "Admin", &mfa);
    boxed.assume_role(&Keys::dev(), "Admin", &[]);
    boxed.sts(&Keys::dev(), "GetEverything", &[]);
    let journal = boxed.get("journal");
    let expected = json!({
        "seq": 1,
        "time": journal[0]["time"],
        "service": "sts",
        "operation": "AssumeRole",
        "outcome": "ok",
        "status": 200,
        "key": "RDEV",
        "who": "arn:aws:iam::123456789012:user/dev",
        "parameters": {
            "RoleArn": "arn:aws:iam::123456789012:role/Admin",
            "RoleSessionName": "me",
            "SerialNumber": DEV_DEVICE,
            "DurationSeconds": "900",
        },
    });
    assert_eq!(journal[0], expected);
    assert_eq!(
        (&journal[1]["outcome"], &journal[1]["status"]),
        (&json!("AccessDenied"), &json!(403))
    );
    assert_eq!(
        (&journal[2]["operation"], &journal[2]["outcome"]),
        (&Value::Null, &json!("InvalidAction"))
    );
    boxed.delete("journal");
    assert_eq!(boxed.get("journal"), json!([]));
    boxed.assume_role(&Keys::dev(), "Admin", &[]);
    assert_eq!(boxed.get("journal")[0]["seq"], 4);
}

#[test]
fn the_journal_keeps_no_secret() {
    let boxed = Boxed::start();
    let code = boxed.code(DEV_DEVICE);
    let mfa = [("SerialNumber", DEV_DEVICE), ("TokenCode", code.as_str())];
    let keys = keys_of(&boxed.sts(&Keys::dev(), "GetSessionToken", &mfa));
    boxed.list_buckets(&keys);
    let client = boxed.register(&["sso:account:access"]);
    let tokens = boxed.sign_in(&client, None);
    let refresh = tokens["refreshToken"].as_str().unwrap();
    let access = tokens["accessToken"].as_str().unwrap();
    boxed.refresh(&client, refresh);
    boxed.portal(
        "GET",
        "/federation/credentials?role_name=Admin&account_id=123456789012",
        access,
    );
    let journal = boxed.get("journal").to_string();
    let token = keys.token.clone().unwrap();
    for secret in [
        &code,
        &keys.secret,
        &token,
        &keys.id,
        &client.secret,
        refresh,
        access,
        &Keys::dev().secret,
    ] {
        assert!(!journal.contains(secret), "{secret} is in the journal");
    }
}

#[test]
fn a_device_shows_a_code_the_time_it_has_left_and_whether_it_was_used() {
    let boxed = Boxed::start();
    let path = format!("totp/{}", percent(DEV_DEVICE));
    let display = boxed.get(&path);
    assert_eq!(display["serial"], DEV_DEVICE);
    assert_eq!(display["used"], false);
    assert!((1..=30).contains(&display["seconds_left"].as_i64().unwrap()));
    let next = display["next_code"].as_str().unwrap();
    let mfa = [("SerialNumber", DEV_DEVICE), ("TokenCode", next)];
    assert_eq!(boxed.sts(&Keys::dev(), "GetSessionToken", &mfa).status, 200);
    assert_eq!(boxed.get(&path)["used"], true);
    let minutes_later = boxed.get(&format!("{path}?skew=600"));
    assert_ne!(minutes_later["code"], display["code"]);
    assert_eq!(minutes_later["used"], false);
    let target = format!("/_sandbox/{path}?skew=soon");
    assert_eq!(boxed.send(&Request::new("GET", &target)).status, 400);
}

#[test]
fn a_user_code_is_answered_once_and_only_while_it_waits() {
    let boxed = Boxed::start();
    let client = boxed.register(&[]);
    let (_, user_code) = boxed.authorize_device(&client);
    assert_eq!(boxed.get("devices")[0]["decision"], "pending");
    let sloppy = user_code.to_lowercase().replace('-', " ");
    let unknown_user = answer(&boxed, &json!({ "user_code": sloppy, "user": "nobody" }));
    assert_eq!(unknown_user, 404);
    boxed.post("device/approve", &json!({ "user_code": sloppy }));
    assert_eq!(boxed.get("devices")[0]["decision"], "approved");
    assert_eq!(answer(&boxed, &json!({ "user_code": user_code })), 409);
    assert_eq!(answer(&boxed, &json!({ "user_code": "BBBB-BBBB" })), 404);
    assert_eq!(answer(&boxed, &json!({ "code": user_code })), 400);
    boxed.put("settings", &json!({ "device_code": 0 }));
    let (_, ended) = boxed.authorize_device(&client);
    assert_eq!(answer(&boxed, &json!({ "user_code": ended })), 409);
}

#[test]
fn the_world_is_open_to_all() {
    let boxed = Boxed::start();
    let world = boxed.get("world");
    assert_eq!(
        world["accounts"][0]["users"][0]["access_keys"][0]["id"],
        "AKIASANDGLASSUSERDEV"
    );
    assert_eq!(world["portals"][0]["start_url"], START_URL);
}

#[test]
fn a_role_that_is_deleted_looks_like_one_that_never_was() {
    let boxed = Boxed::start();
    let keys = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    let arn = role_arn("Deploy");
    let deletion = json!({ "kind": "role", "role_arn": arn });
    assert_eq!(boxed.post("revoke", &deletion)["revoked"], 1);
    assert_eq!(boxed.post("revoke", &deletion)["revoked"], 0);
    let message = format!(
        "User: arn:aws:iam::123456789012:user/dev is not authorized to perform: sts:AssumeRole on resource: {arn}"
    );
    let answer = boxed.assume_role(&Keys::dev(), "Deploy", &[]);
    assert_eq!(
        answer.xml_error(),
        (403, "AccessDenied".to_owned(), message)
    );
    let sts = boxed.sts(&keys, "GetCallerIdentity", &[]);
    assert_eq!(sts.tag("Code"), "InvalidClientTokenId");
    let s3 = boxed.list_buckets(&keys);
    assert_eq!(s3.tag("Code"), "InvalidAccessKeyId");
}

fn answer(boxed: &Boxed, body: &Value) -> u16 {
    let request = Request::new("POST", "/_sandbox/device/approve").body(body.to_string());
    boxed.send(&request).status
}
