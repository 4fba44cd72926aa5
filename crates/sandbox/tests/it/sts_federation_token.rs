//! `GetFederationToken`: who may, for how long, and what its credentials may do.

use serde_json::json;

use crate::boxed::{Boxed, assert_about, keys_of, lifetime_of};
use crate::http::Answer;
use crate::signer::Keys;

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

#[test]
fn a_session_lasts_twelve_hours_unless_asked_otherwise() {
    let boxed = Boxed::start();
    let answer = federate(&boxed, &[]);
    assert_about(lifetime_of(&answer), 43_200);
    assert_eq!(
        (answer.tag("Arn"), answer.tag("FederatedUserId")),
        (
            "arn:aws:sts::123456789012:federated-user/robin".to_owned(),
            "123456789012:robin".to_owned()
        )
    );
    assert_eq!(answer.tag("PackedPolicySize"), "");
    for seconds in ["900", "129600"] {
        let answer = federate(&boxed, &[("DurationSeconds", seconds)]);
        assert_about(lifetime_of(&answer), seconds.parse().unwrap());
    }
    boxed.put("settings", &json!({ "federation_token": 45 }));
    assert_about(lifetime_of(&federate(&boxed, &[])), 45);
}

#[test]
fn without_a_session_policy_the_credentials_open_nothing() {
    let boxed = Boxed::start();
    let keys = keys_of(&federate(&boxed, &[]));
    let answer = boxed.list_buckets(&keys);
    assert_eq!(
        (answer.status, answer.tag("Code").as_str()),
        (403, "AccessDenied")
    );
    let who = boxed.sts(&keys, "GetCallerIdentity", &[]);
    assert_eq!(
        who.tag("Arn"),
        "arn:aws:sts::123456789012:federated-user/robin"
    );
    assert_eq!(who.tag("UserId"), "123456789012:robin");
}

#[test]
fn a_session_policy_opens_what_it_allows() {
    let boxed = Boxed::start();
    let allow = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" }] }).to_string();
    let other = allow.replace("s3:ListAllMyBuckets", "ec2:*");
    for (parameter, status) in [
        (("Policy", allow.as_str()), 200),
        (("Policy", other.as_str()), 403),
        (("PolicyArns.member.1.arn", READ_ONLY), 200),
        (
            (
                "PolicyArns.member.1.arn",
                "arn:aws:iam::aws:policy/AWSLambda_FullAccess",
            ),
            403,
        ),
    ] {
        let answer = federate(&boxed, &[parameter]);
        let packed: i64 = answer.tag("PackedPolicySize").parse().unwrap();
        assert!((1..=100).contains(&packed));
        assert_eq!(
            boxed.list_buckets(&keys_of(&answer)).status,
            status,
            "{parameter:?}"
        );
    }
}

#[test]
fn its_credentials_can_call_nothing_else_of_sts() {
    let boxed = Boxed::start();
    let keys = keys_of(&federate(&boxed, &[("PolicyArns.member.1.arn", READ_ONLY)]));
    let expected = "User: arn:aws:sts::123456789012:federated-user/robin is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/Deploy";
    assert_refused(
        &boxed.assume_role(&keys, "Deploy", &[]),
        403,
        "AccessDenied",
        expected,
    );
    for operation in ["GetSessionToken", "GetFederationToken"] {
        let answer = boxed.sts(&keys, operation, &[("Name", "robin")]);
        let expected = format!("Cannot call {operation} with session credentials");
        assert_refused(&answer, 403, "AccessDenied", &expected);
    }
}

#[test]
fn temporary_keys_cannot_get_one() {
    let boxed = Boxed::start();
    let session = keys_of(&boxed.sts(&Keys::dev(), "GetSessionToken", &[]));
    let role = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    for keys in [session, role] {
        let answer = boxed.sts(&keys, "GetFederationToken", &[("Name", "robin")]);
        let expected = "Cannot call GetFederationToken with session credentials";
        assert_refused(&answer, 403, "AccessDenied", expected);
    }
}

#[test]
fn a_name_or_duration_outside_the_model_is_refused() {
    let boxed = Boxed::start();
    let long = "x".repeat(33);
    for (name, seconds, constraint) in [
        ("x", "900", "Value 'x' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 2".to_owned()),
        (&long, "900", format!("Value '{long}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 32")),
        ("a b", "900", r"Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*".to_owned()),
        ("robin", "899", "Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900".to_owned()),
        ("robin", "129601", "Value '129601' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 129600".to_owned()),
    ] {
        let parameters = [("Name", name), ("DurationSeconds", seconds)];
        let answer = boxed.sts(&Keys::dev(), "GetFederationToken", &parameters);
        let message = format!("1 validation error detected: {constraint}");
        assert_refused(&answer, 400, "ValidationError", &message);
    }
    let answer = boxed.sts(&Keys::dev(), "GetFederationToken", &[]);
    assert_eq!(answer.tag("Code"), "ValidationError");
}

#[test]
fn a_policy_that_is_none_is_refused() {
    let boxed = Boxed::start();
    for policy in ["{", "{}", "[]"] {
        let answer = federate(&boxed, &[("Policy", policy)]);
        assert_refused(
            &answer,
            400,
            "MalformedPolicyDocument",
            "Syntax errors in policy.",
        );
    }
    let answer = federate(&boxed, &[("PolicyArns.member.1.arn", "ReadOnlyAccess")]);
    assert_refused(
        &answer,
        400,
        "ValidationError",
        "ARN ReadOnlyAccess is not valid.",
    );
}

fn federate(boxed: &Boxed, more: &[(&str, &str)]) -> Answer {
    let mut parameters = vec![("Name", "robin")];
    parameters.extend_from_slice(more);
    boxed.sts(&Keys::dev(), "GetFederationToken", &parameters)
}

fn assert_refused(answer: &Answer, status: u16, code: &str, message: &str) {
    assert_eq!(
        answer.xml_error(),
        (status, code.to_owned(), message.to_owned())
    );
}
