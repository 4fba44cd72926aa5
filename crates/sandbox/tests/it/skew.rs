//! The setting `skew`: AWS's clock, and everybody's phone with it, is not this machine's.

use jiff::SignedDuration;
use serde_json::json;

use crate::boxed::{Boxed, DEV_DEVICE, assert_about, keys_of, lifetime_of, sts_request};
use crate::http::Request;
use crate::signer::{Keys, Signer, now};

#[test]
fn every_answer_is_dated_by_that_clock_either_way() {
    let boxed = Boxed::start();
    for skew in [7_200, -7_200] {
        boxed.put("settings", &json!({ "skew": skew }));
        for target in [
            "/_sandbox/world",
            "/device",
            "/assignment/accounts",
            "/nowhere",
        ] {
            let answer = boxed.send(&Request::new("GET", target));
            let date = jiff::fmt::rfc2822::parse(answer.header("date")).expect("a date");
            let ahead = date.timestamp().duration_since(now()).as_secs();
            assert_about(ahead, skew);
        }
    }
}

#[test]
fn signatures_codes_and_ends_go_by_that_clock() {
    for skew in [7_200, -7_200] {
        let boxed = Boxed::start_with(&json!({ "skew": skew }));
        let answer = boxed.sts(&Keys::dev(), "GetCallerIdentity", &[]);
        assert_eq!(answer.tag("Code"), "SignatureDoesNotMatch");
        let code = boxed.code(DEV_DEVICE);
        let mfa = [
            ("SerialNumber", DEV_DEVICE),
            ("TokenCode", code.as_str()),
            ("DurationSeconds", "900"),
        ];
        let keys = Keys::dev();
        let signer = Signer {
            keys: &keys,
            service: "sts",
            skew: SignedDuration::from_secs(skew),
        };
        let request = signer.sign(&boxed.address, sts_request("GetSessionToken", &mfa));
        let answer = boxed.send(&request);
        assert_about(lifetime_of(&answer), skew + 900);
    }
}

#[test]
fn a_person_can_still_sign_in() {
    for skew in [7_200, -7_200] {
        let boxed = Boxed::start_with(&json!({ "skew": skew }));
        let tokens = boxed.sign_in(&boxed.register(&["sso:account:access"]), None);
        assert_about(tokens["expiresIn"].as_i64().unwrap(), 3_600);
    }
}

#[test]
fn a_fault_adds_to_it() {
    let boxed = Boxed::start_with(&json!({ "skew": 600 }));
    boxed.post(
        "faults",
        &json!({ "effect": { "kind": "skew", "seconds": -600 } }),
    );
    let answer = boxed.assume_role(&Keys::dev(), "Deploy", &[]);
    assert_about(lifetime_of(&answer), 3_600);
    boxed.put("settings", &json!({}));
    assert_eq!(boxed.list_buckets(&keys_of(&answer)).status, 200);
}
