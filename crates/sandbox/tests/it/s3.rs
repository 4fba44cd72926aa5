//! The list of buckets, and how S3 in particular says that keys are no good.

use jiff::SignedDuration;
use serde_json::json;

use crate::boxed::{Boxed, keys_of, until};
use crate::http::{Answer, Request};
use crate::signer::{Keys, Signer};

#[test]
fn the_buckets_of_the_callers_account_are_listed() {
    let boxed = Boxed::start();
    let answer = boxed.list_buckets(&Keys::dev());
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/xml");
    assert!(
        answer
            .body
            .contains("<ListAllMyBucketsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">")
    );
    assert_eq!(answer.body.matches("<Bucket>").count(), 2);
    assert_eq!(answer.tag("Name"), "sandglass-artifacts");
}

#[test]
fn an_ended_session_is_told_with_status_400() {
    let boxed = Boxed::start_with(&json!({ "assumed_role": 3 }));
    let keys = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    assert_eq!(boxed.list_buckets(&keys).status, 200);
    until("the end of the session", || {
        boxed.list_buckets(&keys).status != 200
    });
    assert_error(
        &boxed.list_buckets(&keys),
        400,
        "ExpiredToken",
        "The provided token has expired.",
    );
}

#[test]
fn an_unknown_key_or_temporary_keys_without_their_token_are_not_in_the_records() {
    let boxed = Boxed::start();
    let session = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    for keys in [
        Keys::new("AKIANOBODYKNOWSTHIS0", "x"),
        session.with_token(None),
    ] {
        let answer = boxed.list_buckets(&keys);
        let text = "The AWS Access Key Id you provided does not exist in our records.";
        assert_error(&answer, 403, "InvalidAccessKeyId", text);
        assert_eq!(answer.tag("AWSAccessKeyId"), keys.id);
    }
}

#[test]
fn a_wrong_token_is_invalid() {
    let boxed = Boxed::start();
    let session = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    let answer = boxed.list_buckets(&session.with_token(Some("made-up")));
    let text = "The provided token is malformed or otherwise invalid.";
    assert_error(&answer, 400, "InvalidToken", text);
}

#[test]
fn a_wrong_secret_is_told_with_what_should_have_been_signed() {
    let boxed = Boxed::start();
    let answer = boxed.list_buckets(&Keys::new(&Keys::dev().id, "wrong"));
    let text = "The request signature we calculated does not match the signature you provided. Check your key and signing method.";
    assert_error(&answer, 403, "SignatureDoesNotMatch", text);
    assert!(answer.tag("StringToSign").starts_with("AWS4-HMAC-SHA256\n"));
}

#[test]
fn s3_is_patient_with_clocks_for_fifteen_minutes() {
    let boxed = Boxed::start();
    for (minutes, status) in [(-14, 200), (14, 200), (-16, 403), (16, 403)] {
        let signer = Signer {
            keys: &Keys::dev(),
            service: "s3",
            skew: SignedDuration::from_mins(minutes),
        };
        let answer = boxed.send(&signer.sign(&boxed.address, Request::new("GET", "/")));
        assert_eq!(answer.status, status, "{minutes} minutes off");
        if status != 200 {
            let text = "The difference between the request time and the current time is too large.";
            assert_error(&answer, 403, "RequestTimeTooSkewed", text);
            assert_eq!(answer.tag("MaxAllowedSkewMilliseconds"), "900000");
            assert!(!answer.tag("RequestTime").is_empty() && !answer.tag("ServerTime").is_empty());
        }
    }
}

#[test]
fn a_header_that_is_not_signed_is_not_accepted() {
    let boxed = Boxed::start();
    let request = boxed.signed(&Keys::dev(), "s3", Request::new("GET", "/"));
    let answer = boxed.send(&request.header("x-amz-acl", "public-read"));
    let text = "There were headers present in the request which were not signed";
    assert_error(&answer, 403, "AccessDenied", text);
    assert_eq!(answer.tag("HeadersNotSigned"), "x-amz-acl");
}

#[test]
fn a_payload_hash_must_be_there_and_true() {
    let boxed = Boxed::start();
    let signed = || boxed.signed(&Keys::dev(), "s3", Request::new("GET", "/"));
    let mut without = signed();
    without
        .headers
        .retain(|(name, _)| name != "x-amz-content-sha256");
    assert_eq!(boxed.send(&without).tag("Code"), "InvalidRequest");
    let untrue = signed().body("something");
    assert_eq!(boxed.send(&untrue).tag("Code"), "XAmzContentSHA256Mismatch");
}

#[test]
fn a_header_that_is_broken_is_malformed() {
    let boxed = Boxed::start();
    let request = Request::new("GET", "/")
        .header("x-amz-date", "yesterday")
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00",
        );
    let answer = boxed.send(&request);
    assert_eq!(
        (answer.status, answer.tag("Code").as_str()),
        (400, "AuthorizationHeaderMalformed")
    );
}

#[test]
fn there_is_nothing_but_the_list() {
    let boxed = Boxed::start();
    let call = |method, target| {
        boxed.send(&boxed.signed(&Keys::dev(), "s3", Request::new(method, target)))
    };
    assert_error(
        &call("GET", "/nobody"),
        404,
        "NoSuchBucket",
        "The specified bucket does not exist",
    );
    assert_eq!(call("PUT", "/").tag("Code"), "MethodNotAllowed");
}

fn assert_error(answer: &Answer, status: u16, code: &str, message: &str) {
    assert!(
        answer
            .body
            .starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>")
    );
    let expected = (status, code.to_owned(), message.to_owned());
    assert_eq!(answer.xml_error(), expected);
}
