//! `AssumeRole`: who may, for how long, and what it says otherwise.

use serde_json::json;

use crate::boxed::{Boxed, assert_about, keys_of, lifetime_of, role_arn};
use crate::http::Answer;
use crate::signer::Keys;

const OVER_MAXIMUM: &str =
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
const OVER_CHAINED: &str = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";

#[test]
fn a_role_session_lasts_an_hour_unless_asked_otherwise() {
    let boxed = Boxed::start();
    let answer = boxed.assume_role(&Keys::dev(), "Deploy", &[]);
    assert_about(lifetime_of(&answer), 3_600);
    assert!(answer.tag("AccessKeyId").starts_with("ASIA"));
    assert_eq!(answer.tag("AccessKeyId").len(), 20);
    assert_eq!(answer.tag("SecretAccessKey").len(), 40);
    for seconds in [900, 43_200] {
        let answer = assume_for(&boxed, &Keys::dev(), "Deploy", seconds);
        assert_about(lifetime_of(&answer), seconds);
    }
}

#[test]
fn more_than_the_roles_maximum_is_refused_and_not_cut() {
    let boxed = Boxed::start();
    let answer = assume_for(&boxed, &Keys::dev(), "Partner", 3_601);
    assert_denied(&answer, "Partner", "");
    let answer = boxed.assume_role(
        &Keys::dev(),
        "Partner",
        &[
            ("DurationSeconds", "3601"),
            ("ExternalId", "sandglass-partner"),
        ],
    );
    assert_invalid(&answer, OVER_MAXIMUM);
}

#[test]
fn a_chained_session_is_held_to_an_hour() {
    let boxed = Boxed::start();
    let deploy = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    assert_invalid(&assume_for(&boxed, &deploy, "Audit", 3_601), OVER_CHAINED);
    let answer = assume_for(&boxed, &deploy, "Audit", 3_600);
    assert_about(lifetime_of(&answer), 3_600);
    let session = keys_of(&boxed.sts(&Keys::dev(), "GetSessionToken", &[]));
    assert_invalid(&assume_for(&boxed, &session, "Deploy", 7_200), OVER_CHAINED);
}

#[test]
fn the_same_role_says_which_of_its_limits_was_met() {
    let boxed = Boxed::start();
    let direct = assume_for(&boxed, &Keys::dev(), "Support", 7_200);
    assert_invalid(&direct, OVER_MAXIMUM);
    let deploy = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    let chained = assume_for(&boxed, &deploy, "Support", 7_200);
    assert_invalid(&chained, OVER_CHAINED);
    for keys in [Keys::dev(), deploy] {
        assert_about(
            lifetime_of(&assume_for(&boxed, &keys, "Support", 3_600)),
            3_600,
        );
    }
}

#[test]
fn a_role_that_does_not_trust_the_caller_looks_like_one_that_does_not_exist() {
    let boxed = Boxed::start();
    for role in ["Audit", "Nowhere"] {
        assert_denied(&boxed.assume_role(&Keys::dev(), role, &[]), role, "");
    }
    assert_denied(
        &boxed.assume_role(&Keys::ops(), "Partner", &[]),
        "Partner",
        "",
    );
}

#[test]
fn a_role_of_another_account_opens_to_those_it_trusts() {
    let boxed = Boxed::start();
    let arn = "arn:aws:iam::210987654321:role/CrossAccount";
    let parameters = [("RoleArn", arn), ("RoleSessionName", "me")];
    let session = keys_of(&boxed.sts(&Keys::dev(), "AssumeRole", &parameters));
    let answer = boxed.sts(&session, "GetCallerIdentity", &[]);
    assert_eq!(answer.tag("Account"), "210987654321");
}

#[test]
fn an_external_id_must_be_the_one_that_the_role_wants() {
    let boxed = Boxed::start();
    let with = |id| boxed.assume_role(&Keys::dev(), "Partner", &[("ExternalId", id)]);
    assert_eq!(with("sandglass-partner").status, 200);
    assert_denied(&with("another"), "Partner", "");
    assert_denied(
        &boxed.assume_role(&Keys::dev(), "Partner", &[]),
        "Partner",
        "",
    );
    let answer = boxed.assume_role(&Keys::dev(), "Deploy", &[("ExternalId", "unasked")]);
    assert_eq!(answer.status, 200);
}

#[test]
fn input_that_breaks_the_model_is_refused_in_awss_sentence() {
    let boxed = Boxed::start();
    let arn = role_arn("Deploy");
    let long_name = "n".repeat(65);
    for (name, value, expected) in [
        (
            "DurationSeconds",
            "899",
            "Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
        ),
        (
            "DurationSeconds",
            "43201",
            "Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
        ),
        (
            "MinimumSessionTokenSize",
            "4097",
            "Value '4097' at 'minimumSessionTokenSize' failed to satisfy constraint: Member must have value less than or equal to 4096",
        ),
        (
            "TokenCode",
            "12345",
            "Value '12345' at 'tokenCode' failed to satisfy constraint: Member must have length greater than or equal to 6",
        ),
        (
            "TokenCode",
            "1234567",
            "Value '1234567' at 'tokenCode' failed to satisfy constraint: Member must have length less than or equal to 6",
        ),
        (
            "TokenCode",
            "12345x",
            r"Value '12345x' at 'tokenCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [\d]*",
        ),
        (
            "SerialNumber",
            "mfa/dev!!",
            r"Value 'mfa/dev!!' at 'serialNumber' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=/:,.@-]*",
        ),
        (
            "SerialNumber",
            "mfa/dev",
            "Value 'mfa/dev' at 'serialNumber' failed to satisfy constraint: Member must have length greater than or equal to 9",
        ),
        (
            "ExternalId",
            "a b",
            r"Value 'a b' at 'externalId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@:\/-]*",
        ),
        (
            "ExternalId",
            "a",
            "Value 'a' at 'externalId' failed to satisfy constraint: Member must have length greater than or equal to 2",
        ),
    ] {
        let answer = boxed.assume_role(&Keys::dev(), "Deploy", &[(name, value)]);
        assert_invalid(&answer, &format!("1 validation error detected: {expected}"));
    }
    for (name, expected) in [
        (
            "a:b",
            r"Value 'a:b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*".to_owned(),
        ),
        (
            "a",
            "Value 'a' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2".to_owned(),
        ),
        (
            &long_name,
            format!("Value '{long_name}' at 'roleSessionName' failed to satisfy constraint: Member must have length less than or equal to 64"),
        ),
    ] {
        let parameters = [("RoleArn", arn.as_str()), ("RoleSessionName", name)];
        let answer = boxed.sts(&Keys::dev(), "AssumeRole", &parameters);
        assert_invalid(&answer, &format!("1 validation error detected: {expected}"));
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let boxed = Boxed::start();
    let answer = boxed.sts(&Keys::dev(), "AssumeRole", &[("RoleArn", "short")]);
    assert_invalid(
        &answer,
        "2 validation errors detected: Value 'short' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20; Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null",
    );
}

#[test]
fn what_is_not_a_role_is_no_role_arn() {
    let boxed = Boxed::start();
    for arn in [
        "arn:aws:iam::123456789012:user/dev",
        "arn:aws:iam::12:role/Deploy-it",
    ] {
        let parameters = [("RoleArn", arn), ("RoleSessionName", "me")];
        let answer = boxed.sts(&Keys::dev(), "AssumeRole", &parameters);
        assert_invalid(&answer, &format!("{arn} is invalid"));
    }
}

#[test]
fn a_duration_that_is_no_number_is_malformed() {
    let boxed = Boxed::start();
    let answer = boxed.assume_role(&Keys::dev(), "Deploy", &[("DurationSeconds", "1h")]);
    assert_eq!(
        (answer.status, answer.tag("Code").as_str()),
        (400, "MalformedInput")
    );
}

#[test]
fn a_session_policy_must_be_a_policy() {
    let boxed = Boxed::start();
    let policy = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let answer = boxed.assume_role(&Keys::dev(), "Deploy", &[("Policy", policy)]);
    assert_eq!(answer.status, 200);
    assert!(!answer.tag("PackedPolicySize").is_empty());
    for policy in ["{", "[]", "policy"] {
        let answer = boxed.assume_role(&Keys::dev(), "Deploy", &[("Policy", policy)]);
        let expected = (
            400,
            "MalformedPolicyDocument".to_owned(),
            "Syntax errors in policy.".to_owned(),
        );
        assert_eq!(answer.xml_error(), expected);
    }
}

#[test]
fn a_session_token_is_as_long_as_the_caller_wants() {
    let boxed = Boxed::start();
    let answer = boxed.assume_role(
        &Keys::dev(),
        "Deploy",
        &[("MinimumSessionTokenSize", "4096")],
    );
    assert!(answer.tag("SessionToken").len() >= 4_096);
    assert_eq!(
        boxed
            .sts(&keys_of(&answer), "GetCallerIdentity", &[])
            .status,
        200
    );
}

#[test]
fn revoked_role_sessions_are_denied_everything_but_their_name() {
    let boxed = Boxed::start();
    let session = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    let role = json!({ "kind": "role_sessions", "role_arn": role_arn("Deploy") });
    assert_eq!(boxed.post("revoke", &role), json!({ "revoked": 1 }));
    assert_eq!(boxed.sts(&session, "GetCallerIdentity", &[]).status, 200);
    assert_eq!(boxed.list_buckets(&session).tag("Code"), "AccessDenied");
    let answer = boxed.assume_role(&session, "Audit", &[]);
    let message = answer.tag("Message");
    assert!(
        message.ends_with("role/Audit with an explicit deny in an identity-based policy"),
        "{message}"
    );
    let fresh = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    assert_eq!(boxed.list_buckets(&fresh).status, 200);
}

fn assume_for(boxed: &Boxed, keys: &Keys, role: &str, seconds: i64) -> Answer {
    boxed.assume_role(keys, role, &[("DurationSeconds", &seconds.to_string())])
}

fn assert_invalid(answer: &Answer, message: &str) {
    let expected = (400, "ValidationError".to_owned(), message.to_owned());
    assert_eq!(answer.xml_error(), expected);
}

fn assert_denied(answer: &Answer, role: &str, because: &str) {
    let (status, code, message) = answer.xml_error();
    assert_eq!((status, code.as_str()), (403, "AccessDenied"));
    let end = format!(
        " is not authorized to perform: sts:AssumeRole on resource: {}{because}",
        role_arn(role)
    );
    assert!(
        message.starts_with("User: arn:aws:iam::123456789012:user/"),
        "{message}"
    );
    assert!(message.ends_with(&end), "{message}");
}
