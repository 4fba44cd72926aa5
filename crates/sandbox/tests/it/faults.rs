//! Faults on purpose: each kind, and how often it strikes.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::boxed::{Boxed, DEV_DEVICE, assert_about, lifetime_of, sts_request};
use crate::http::{Answer, Request};
use crate::signer::{Keys, Signer, now};

#[test]
fn each_service_is_throttled_in_its_own_words() {
    let boxed = Boxed::start();
    fault(
        &boxed,
        &json!({ "count": 4, "effect": { "kind": "throttle" } }),
    );
    let sts = who(&boxed);
    assert_eq!(
        sts.xml_error(),
        (400, "Throttling".to_owned(), "Rate exceeded".to_owned())
    );
    let s3 = boxed.list_buckets(&Keys::dev());
    assert_eq!((s3.status, s3.tag("Code").as_str()), (503, "SlowDown"));
    let portal = boxed.portal("GET", "/assignment/accounts", "any");
    assert_eq!(portal.status, 429);
    assert!(
        portal
            .header("x-amzn-errortype")
            .starts_with("TooManyRequestsException")
    );
    let oidc = boxed.oidc("/client/register", &json!({}));
    assert_eq!(
        (oidc.status, &oidc.json()["error"]),
        (400, &json!("slow_down"))
    );
    assert_eq!(who(&boxed).status, 200);
}

#[test]
fn each_service_fails_in_its_own_words() {
    let boxed = Boxed::start();
    fault(
        &boxed,
        &json!({ "count": null, "effect": { "kind": "server_error" } }),
    );
    let sts = who(&boxed);
    assert_eq!(
        (sts.status, sts.tag("Code"), sts.tag("Type")),
        (500, "InternalFailure".to_owned(), "Receiver".to_owned())
    );
    let s3 = boxed.list_buckets(&Keys::dev());
    assert_eq!((s3.status, s3.tag("Code").as_str()), (500, "InternalError"));
    let portal = boxed.portal("GET", "/assignment/accounts", "any");
    assert_eq!(portal.status, 500);
    let oidc = boxed.oidc("/client/register", &json!({}));
    assert_eq!(
        (oidc.status, &oidc.json()["error"]),
        (500, &json!("server_error"))
    );
    boxed.delete("faults");
    assert_eq!(who(&boxed).status, 200);
}

#[test]
fn a_refusal_says_what_it_was_told_to_say() {
    let boxed = Boxed::start();
    let effect = json!({ "kind": "refuse", "status": 403, "code": "RegionDisabledException", "message": "STS is not activated in this region for account:123456789012" });
    fault(
        &boxed,
        &json!({ "operation": "AssumeRole", "effect": effect }),
    );
    assert_eq!(who(&boxed).status, 200, "another operation is not hit");
    let answer = boxed.assume_role(&Keys::dev(), "Deploy", &[]);
    let expected = (
        403,
        "RegionDisabledException".to_owned(),
        "STS is not activated in this region for account:123456789012".to_owned(),
    );
    assert_eq!(answer.xml_error(), expected);
    assert_eq!(boxed.assume_role(&Keys::dev(), "Deploy", &[]).status, 200);
}

#[test]
fn a_dropped_connection_gets_no_byte_and_does_nothing() {
    let boxed = Boxed::start();
    let code = boxed.code(DEV_DEVICE);
    fault(&boxed, &json!({ "effect": { "kind": "drop" } }));
    let mfa = [("SerialNumber", DEV_DEVICE), ("TokenCode", code.as_str())];
    let request = boxed.signed(&Keys::dev(), "sts", sts_request("GetSessionToken", &mfa));
    assert!(request.send(&boxed.address).is_err());
    assert_eq!(last_entry(&boxed)["outcome"], "dropped");
    assert_eq!(boxed.sts(&Keys::dev(), "GetSessionToken", &mfa).status, 200);
}

#[test]
fn a_lost_answer_has_done_its_work() {
    let boxed = Boxed::start();
    let code = boxed.code(DEV_DEVICE);
    fault(&boxed, &json!({ "effect": { "kind": "drop_reply" } }));
    let mfa = [("SerialNumber", DEV_DEVICE), ("TokenCode", code.as_str())];
    let request = boxed.signed(&Keys::dev(), "sts", sts_request("GetSessionToken", &mfa));
    assert!(request.send(&boxed.address).is_err());
    let entry = last_entry(&boxed);
    assert_eq!(
        (&entry["outcome"], &entry["status"]),
        (&json!("ok"), &Value::Null)
    );
    assert_eq!(boxed.sts(&Keys::dev(), "GetSessionToken", &mfa).status, 403);
}

#[test]
fn a_delay_holds_the_answer_back_and_nobody_else() {
    let boxed = Boxed::start();
    let effect = json!({ "kind": "delay", "milliseconds": 700 });
    fault(
        &boxed,
        &json!({ "operation": "AssumeRole", "effect": effect }),
    );
    let started = now();
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| boxed.assume_role(&Keys::dev(), "Deploy", &[]).status);
        assert_eq!(who(&boxed).status, 200);
        assert_eq!(slow.join().expect("it answers"), 200);
    });
    assert!(now().duration_since(started) >= SignedDuration::from_millis(700));
}

#[test]
fn a_service_whose_clock_is_ahead_refuses_dates_says_its_own_and_dates_ends_by_it() {
    let boxed = Boxed::start();
    let effect = json!({ "kind": "skew", "seconds": 600 });
    fault(&boxed, &json!({ "count": null, "effect": effect }));
    let answer = boxed.assume_role(&Keys::dev(), "Deploy", &[]);
    assert!(answer.tag("Message").starts_with("Signature expired: "));
    let date = jiff::fmt::rfc2822::parse(answer.header("date"))
        .expect("a date")
        .timestamp();
    assert_about(date.duration_since(now()).as_secs(), 600);
    let signer = Signer {
        keys: &Keys::dev(),
        service: "sts",
        skew: SignedDuration::from_mins(10),
    };
    let role = "arn:aws:iam::123456789012:role/Deploy";
    let request = sts_request(
        "AssumeRole",
        &[("RoleArn", role), ("RoleSessionName", "me")],
    );
    let answer = boxed.send(&signer.sign(&boxed.address, request));
    assert_about(lifetime_of(&answer), 4_200);
}

#[test]
fn a_skew_and_a_delay_go_with_what_comes_after_them() {
    let boxed = Boxed::start();
    for effect in [
        json!({ "kind": "delay", "milliseconds": 1 }),
        json!({ "kind": "skew", "seconds": -600 }),
        json!({ "kind": "server_error" }),
    ] {
        fault(&boxed, &json!({ "effect": effect }));
    }
    assert_eq!(who(&boxed).status, 500);
    assert_eq!(boxed.get("faults"), json!([]));
}

#[test]
fn a_fault_that_makes_no_sense_is_refused() {
    let boxed = Boxed::start();
    for body in [
        json!({ "effect": { "kind": "earthquake" } }),
        json!({ "operation": "GetEverything", "effect": { "kind": "drop" } }),
        json!({ "effect": { "kind": "skew", "seconds": 3_000_000_000_u32 } }),
        json!({ "operatoin": "AssumeRole", "effect": { "kind": "drop" } }),
        json!({ "effect": { "kind": "refuse", "status": 200, "code": "X" } }),
    ] {
        let request = Request::new("POST", "/_sandbox/faults").body(body.to_string());
        let answer = boxed.send(&request);
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.json()["error"].is_string());
    }
    assert_eq!(boxed.get("faults"), json!([]));
}

fn fault(boxed: &Boxed, fault: &Value) {
    boxed.post("faults", fault);
}

fn who(boxed: &Boxed) -> Answer {
    boxed.sts(&Keys::dev(), "GetCallerIdentity", &[])
}

fn last_entry(boxed: &Boxed) -> Value {
    let journal = boxed.get("journal");
    journal
        .as_array()
        .and_then(|entries| entries.last())
        .expect("an entry")
        .clone()
}
