//! Who calls, and every way in which a signature does not say so.

use jiff::SignedDuration;
use serde_json::json;

use crate::boxed::{Boxed, keys_of, sts_request, until};
use crate::http::{Answer, Request, form};
use crate::signer::{Keys, Signer, now};

const INVALID_TOKEN: &str = "The security token included in the request is invalid.";
const NOT_MATCHING: &str = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

#[test]
fn a_users_keys_tell_who_the_user_is() {
    let boxed = Boxed::start();
    let answer = who(&boxed, &Keys::dev());
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/xml");
    assert!(answer.body.starts_with(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
    ));
    assert_eq!(answer.tag("Arn"), "arn:aws:iam::123456789012:user/dev");
    assert_eq!(answer.tag("Account"), "123456789012");
    assert!(answer.tag("UserId").starts_with("AIDA"));
    assert_eq!(answer.tag("UserId").len(), 21);
    assert_eq!(answer.tag("RequestId"), answer.header("x-amzn-requestid"));
    assert!(!answer.header("date").is_empty());
}

#[test]
fn a_session_token_still_tells_who_the_user_is() {
    let boxed = Boxed::start();
    let user = who(&boxed, &Keys::dev());
    let session = keys_of(&boxed.sts(&Keys::dev(), "GetSessionToken", &[]));
    let answer = who(&boxed, &session);
    assert_eq!(answer.tag("Arn"), user.tag("Arn"));
    assert_eq!(answer.tag("UserId"), user.tag("UserId"));
}

#[test]
fn a_role_session_tells_the_role_and_the_session_name() {
    let boxed = Boxed::start();
    let assumed = boxed.assume_role(&Keys::dev(), "Deploy", &[]);
    let answer = who(&boxed, &keys_of(&assumed));
    let arn = "arn:aws:sts::123456789012:assumed-role/Deploy/me";
    assert_eq!(answer.tag("Arn"), arn);
    assert_eq!(assumed.tag("Arn"), arn);
    assert_eq!(answer.tag("UserId"), assumed.tag("AssumedRoleId"));
    assert!(answer.tag("UserId").starts_with("AROA"));
    assert!(answer.tag("UserId").ends_with(":me"));
}

#[test]
fn the_query_may_come_in_the_address() {
    let boxed = Boxed::start();
    let query = form(&[("Action", "GetCallerIdentity"), ("Version", "2011-06-15")]);
    let target = format!("/?{query}");
    let answer = boxed.send(&boxed.signed(&Keys::dev(), "sts", Request::new("GET", &target)));
    assert_eq!(answer.tag("Account"), "123456789012");
}

#[test]
fn a_request_without_a_signature_is_refused() {
    let boxed = Boxed::start();
    let answer = boxed.send(&sts_request("GetCallerIdentity", &[]));
    let text = "Request is missing Authentication Token";
    assert_error(&answer, 403, "MissingAuthenticationToken", text);
    assert!(answer.body.starts_with(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>"
    ));
    assert_eq!(answer.tag("RequestId"), answer.header("x-amzn-requestid"));
}

#[test]
fn an_unknown_key_is_refused() {
    let boxed = Boxed::start();
    let answer = who(&boxed, &Keys::new("AKIANOBODYKNOWSTHIS0", "x"));
    assert_error(&answer, 403, "InvalidClientTokenId", INVALID_TOKEN);
}

#[test]
fn a_wrong_secret_is_refused() {
    let boxed = Boxed::start();
    let answer = who(&boxed, &Keys::new(&Keys::dev().id, "not the secret"));
    assert_error(&answer, 403, "SignatureDoesNotMatch", NOT_MATCHING);
}

#[test]
fn a_body_that_was_changed_on_the_way_is_refused() {
    let boxed = Boxed::start();
    let mut request = boxed.signed(&Keys::dev(), "sts", sts_request("GetCallerIdentity", &[]));
    request.body += "&More=1";
    assert_error(
        &boxed.send(&request),
        403,
        "SignatureDoesNotMatch",
        NOT_MATCHING,
    );
}

#[test]
fn a_header_that_was_changed_on_the_way_is_refused() {
    let boxed = Boxed::start();
    let mut request = boxed.signed(&Keys::dev(), "sts", sts_request("GetCallerIdentity", &[]));
    for (name, value) in &mut request.headers {
        if name == "host" {
            *value = "localhost".to_owned();
        }
    }
    assert_error(
        &boxed.send(&request),
        403,
        "SignatureDoesNotMatch",
        NOT_MATCHING,
    );
}

#[test]
fn a_clock_that_is_four_minutes_off_is_accepted() {
    let boxed = Boxed::start();
    for minutes in [-4, 4] {
        assert_eq!(who_at(&boxed, minutes).status, 200, "{minutes} minutes off");
    }
}

#[test]
fn a_clock_that_is_six_minutes_slow_is_told_so() {
    let boxed = Boxed::start();
    let (status, code, message) = who_at(&boxed, -6).xml_error();
    assert_eq!((status, code.as_str()), (403, "SignatureDoesNotMatch"));
    let (limit, server) = skew(
        &message,
        "Signature expired: ",
        " is now earlier than ",
        " - 5 min.)",
    );
    assert_eq!(server - limit, SignedDuration::from_mins(5));
}

#[test]
fn a_clock_that_is_six_minutes_fast_is_told_so() {
    let boxed = Boxed::start();
    let (status, code, message) = who_at(&boxed, 6).xml_error();
    assert_eq!((status, code.as_str()), (403, "SignatureDoesNotMatch"));
    let (limit, server) = skew(
        &message,
        "Signature not yet current: ",
        " is still later than ",
        " + 5 min.)",
    );
    assert_eq!(limit - server, SignedDuration::from_mins(5));
}

#[test]
fn temporary_keys_without_their_token_or_with_another_are_refused() {
    let boxed = Boxed::start();
    let session = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    let other = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    for token in [None, other.token.as_deref(), Some("IQoJb3Jp")] {
        let answer = who(&boxed, &session.with_token(token));
        assert_error(&answer, 403, "InvalidClientTokenId", INVALID_TOKEN);
    }
}

#[test]
fn long_term_keys_with_a_token_are_refused() {
    let boxed = Boxed::start();
    let session = keys_of(&boxed.sts(&Keys::dev(), "GetSessionToken", &[]));
    let answer = who(&boxed, &Keys::dev().with_token(session.token.as_deref()));
    assert_error(&answer, 403, "InvalidClientTokenId", INVALID_TOKEN);
}

#[test]
fn a_session_works_until_it_ends_and_is_then_expired() {
    let boxed = Boxed::start_with(&json!({ "session_token": 3 }));
    let session = keys_of(&boxed.sts(&Keys::dev(), "GetSessionToken", &[]));
    assert_eq!(who(&boxed, &session).status, 200);
    until("the end of the session", || {
        who(&boxed, &session).status != 200
    });
    let text = "The security token included in the request is expired";
    assert_error(&who(&boxed, &session), 403, "ExpiredToken", text);
}

#[test]
fn a_key_that_was_switched_off_is_refused() {
    let boxed = Boxed::start();
    let key = json!({ "kind": "access_key", "access_key_id": Keys::dev().id });
    assert_eq!(boxed.post("revoke", &key), json!({ "revoked": 1 }));
    assert_error(
        &who(&boxed, &Keys::dev()),
        403,
        "InvalidClientTokenId",
        INVALID_TOKEN,
    );
    assert_eq!(who(&boxed, &Keys::ops()).status, 200);
}

#[test]
fn a_signature_for_another_service_is_refused() {
    let boxed = Boxed::start();
    let request = boxed.signed(&Keys::dev(), "iam", sts_request("GetCallerIdentity", &[]));
    let text = "Credential should be scoped to correct service: 'sts'. ";
    assert_error(&boxed.send(&request), 403, "SignatureDoesNotMatch", text);
}

#[test]
fn a_header_that_lacks_parts_is_told_which() {
    let boxed = Boxed::start();
    let good =
        "Credential=AKIASANDGLASSUSERDEV/20260101/us-east-1/sts/aws4_request, SignedHeaders=host";
    for (authorization, date, expected) in [
        (
            "AWS4-HMAC-SHA256 Nothing=1".to_owned(),
            "20260101T000000Z",
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.",
        ),
        (
            format!("AWS4-HMAC-SHA256 {good}, Signature=00"),
            "yesterday",
            "Date must be in ISO-8601 'basic format'. Got 'yesterday'. See http://en.wikipedia.org/wiki/ISO_8601",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=AKIA/sts, SignedHeaders=host, Signature=00".to_owned(),
            "20260101T000000Z",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIA/sts'",
        ),
        (
            format!("AWS4-ECDSA-P256-SHA256 {good}, Signature=00"),
            "20260101T000000Z",
            "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'.",
        ),
    ] {
        let request = sts_request("GetCallerIdentity", &[])
            .header("authorization", &authorization)
            .header("x-amz-date", date);
        assert_error(&boxed.send(&request), 400, "IncompleteSignature", expected);
    }
}

#[test]
fn a_signature_for_another_day_or_without_the_host_is_refused() {
    let boxed = Boxed::start();
    for (day, headers, expected) in [
        (
            "20251231",
            "host;x-amz-date",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20251231' != '20260101', from '20260101T000000Z'.",
        ),
        (
            "20260101",
            "x-amz-date",
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        ),
    ] {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIASANDGLASSUSERDEV/{day}/us-east-1/sts/aws4_request, SignedHeaders={headers}, Signature=00"
        );
        let request = sts_request("GetCallerIdentity", &[])
            .header("authorization", &authorization)
            .header("x-amz-date", "20260101T000000Z");
        assert_error(
            &boxed.send(&request),
            403,
            "SignatureDoesNotMatch",
            expected,
        );
    }
}

#[test]
fn an_unknown_action_or_version_is_refused() {
    let boxed = Boxed::start();
    let answer = boxed.sts(&Keys::dev(), "GetEverything", &[]);
    let text = "Could not find operation GetEverything for version 2011-06-15";
    assert_error(&answer, 400, "InvalidAction", text);
    let request = Request::new("POST", "/").body("Action=AssumeRole&Version=2000-01-01");
    let text = "Could not find operation AssumeRole for version 2000-01-01";
    assert_error(&boxed.send(&request), 400, "InvalidAction", text);
    let text = "The request must contain the parameter Action";
    assert_error(
        &boxed.send(&Request::new("POST", "/")),
        400,
        "MissingAction",
        text,
    );
}

fn who(boxed: &Boxed, keys: &Keys) -> Answer {
    boxed.sts(keys, "GetCallerIdentity", &[])
}

fn who_at(boxed: &Boxed, minutes: i64) -> Answer {
    let signer = Signer {
        keys: &Keys::dev(),
        service: "sts",
        skew: SignedDuration::from_mins(minutes),
    };
    boxed.send(&signer.sign(&boxed.address, sts_request("GetCallerIdentity", &[])))
}

fn assert_error(answer: &Answer, status: u16, code: &str, message: &str) {
    let expected = (status, code.to_owned(), message.to_owned());
    assert_eq!(answer.xml_error(), expected);
}

/// The limit and the server's time in a text about skew, checked to be a text about skew.
fn skew(message: &str, start: &str, middle: &str, end: &str) -> (jiff::Timestamp, jiff::Timestamp) {
    let rest = message.strip_prefix(start).expect(message);
    let (signed, rest) = rest.split_once(middle).expect(message);
    let (limit, rest) = rest.split_once(" (").expect(message);
    let server = time(rest.strip_suffix(end).expect(message));
    time(signed);
    assert!(now().duration_since(server).abs() < SignedDuration::from_mins(1));
    (time(limit), server)
}

fn time(basic: &str) -> jiff::Timestamp {
    let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", basic).expect(basic);
    jiff::tz::TimeZone::UTC.to_timestamp(civil).expect(basic)
}
