//! `AssumeRoleWithWebIdentity`: whose tokens are taken, and what is said of the others.

use serde_json::json;

use crate::boxed::{Boxed, assert_about, keys_of, lifetime_of, role_arn, sts_request};
use crate::http::{Answer, Request};
use crate::signer::Keys;

const NOT_A_TOKEN: &str = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";
const NOT_AUTHORIZED: &str = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
const NO_KEY: &str = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";

#[test]
fn a_token_of_a_trusted_provider_opens_the_role() {
    let boxed = Boxed::start();
    let token = boxed.web_identity(&json!({}));
    let answer = boxed.assume_with_token(&token, "Pipeline", &[]);
    assert_about(lifetime_of(&answer), 3_600);
    for (tag, expected) in [
        ("SubjectFromWebIdentityToken", "repo:sandglass/app"),
        ("Audience", "sts.amazonaws.com"),
        (
            "Provider",
            "arn:aws:iam::123456789012:oidc-provider/oidc.sandglass.example",
        ),
        ("Arn", "arn:aws:sts::123456789012:assumed-role/Pipeline/me"),
    ] {
        assert_eq!(answer.tag(tag), expected);
    }
    let keys = keys_of(&answer);
    assert_eq!(boxed.list_buckets(&keys).status, 200);
    let who = boxed.sts(&keys, "GetCallerIdentity", &[]);
    assert_eq!(who.tag("Arn"), answer.tag("Arn"));
}

#[test]
fn the_same_token_works_until_its_end_and_the_session_outlives_it() {
    let boxed = Boxed::start();
    let token = boxed.web_identity(&json!({ "seconds": 30 }));
    for seconds in ["900", "7200"] {
        let answer = boxed.assume_with_token(&token, "Pipeline", &[("DurationSeconds", seconds)]);
        assert_about(lifetime_of(&answer), seconds.parse().unwrap());
    }
}

#[test]
fn a_duration_is_held_to_the_role_and_to_the_model() {
    let boxed = Boxed::start();
    let token = boxed.web_identity(&json!({}));
    for (seconds, message) in [
        (
            "7201",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
        (
            "899",
            "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
        ),
        (
            "43201",
            "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
        ),
    ] {
        let answer = boxed.assume_with_token(&token, "Pipeline", &[("DurationSeconds", seconds)]);
        assert_refused(&answer, 400, "ValidationError", message);
    }
}

#[test]
fn a_token_that_is_over_says_when_it_ended() {
    let boxed = Boxed::start();
    let token = boxed.web_identity(&json!({ "seconds": -60 }));
    let answer = boxed.assume_with_token(&token, "Pipeline", &[]);
    let (status, code, message) = answer.xml_error();
    assert_eq!((status, code.as_str()), (400, "ExpiredTokenException"));
    assert!(
        message.starts_with("Token expired: current date/time ")
            && message.contains(" must be before the expiration date/time "),
        "{message}"
    );
}

#[test]
fn a_token_is_redeemed_within_a_day() {
    let boxed = Boxed::start();
    let token = boxed.web_identity(&json!({ "seconds": 200_000 }));
    boxed.put("settings", &json!({ "skew": 90_000 }));
    let answer = boxed.assume_with_token(&token, "Pipeline", &[]);
    let message = "Token must be redeemed within 24 hours of issuance";
    assert_refused(&answer, 400, "ExpiredTokenException", message);
}

#[test]
fn a_token_from_the_future_is_refused() {
    let boxed = Boxed::start();
    let token = boxed.web_identity(&json!({}));
    boxed.put("settings", &json!({ "skew": -600 }));
    let answer = boxed.assume_with_token(&token, "Pipeline", &[]);
    assert_eq!(answer.tag("Code"), "InvalidIdentityToken");
}

#[test]
fn what_is_no_token_is_refused() {
    let boxed = Boxed::start();
    for token in ["nothing", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
        let answer = boxed.assume_with_token(token, "Pipeline", &[]);
        assert_refused(&answer, 400, "InvalidIdentityToken", NOT_A_TOKEN);
    }
}

#[test]
fn a_token_that_was_changed_is_refused() {
    let boxed = Boxed::start();
    let (one, two) = (
        boxed.web_identity(&json!({})),
        boxed.web_identity(&json!({ "subject": "repo:sandglass/other" })),
    );
    let (claims, _) = one.rsplit_once('.').unwrap();
    let (_, signature) = two.rsplit_once('.').unwrap();
    let answer = boxed.assume_with_token(&format!("{claims}.{signature}"), "Pipeline", &[]);
    assert_refused(&answer, 400, "InvalidIdentityToken", NO_KEY);
    // Another box is another provider of the same name.
    let foreign = Boxed::start().web_identity(&json!({}));
    let answer = boxed.assume_with_token(&foreign, "Pipeline", &[]);
    assert_refused(&answer, 400, "InvalidIdentityToken", NO_KEY);
}

#[test]
fn audience_provider_and_subject_must_be_those_of_the_trust() {
    let boxed = Boxed::start();
    let token = boxed.web_identity(&json!({ "audience": "somebody else" }));
    let answer = boxed.assume_with_token(&token, "Pipeline", &[]);
    assert_refused(
        &answer,
        400,
        "InvalidIdentityToken",
        "Incorrect token audience",
    );
    let token = boxed.web_identity(&json!({ "subject": "repo:others/app" }));
    for role in ["Pipeline", "Deploy", "Nowhere"] {
        let answer = boxed.assume_with_token(&token, role, &[]);
        assert_refused(&answer, 403, "AccessDenied", NOT_AUTHORIZED);
    }
    let parameters = [
        ("RoleArn", "arn:aws:iam::210987654321:role/CrossAccount"),
        ("RoleSessionName", "me"),
        ("WebIdentityToken", token.as_str()),
    ];
    let answer = boxed.send(&sts_request("AssumeRoleWithWebIdentity", &parameters));
    let message =
        "No OpenIDConnect provider found in your account for https://oidc.sandglass.example";
    assert_refused(&answer, 400, "InvalidIdentityToken", message);
}

#[test]
fn a_person_whom_the_provider_no_longer_knows_is_rejected() {
    let boxed = Boxed::start();
    let token = boxed.web_identity(&json!({}));
    let gone = json!({ "kind": "web_identity", "provider": "oidc.sandglass.example", "subject": "repo:sandglass/app" });
    assert_eq!(boxed.post("revoke", &gone)["revoked"], 1);
    let answer = boxed.assume_with_token(&token, "Pipeline", &[]);
    let message = "The identity provider (IdP) reported that authentication failed.";
    assert_refused(&answer, 403, "IDPRejectedClaim", message);
}

#[test]
fn a_role_for_web_identities_does_not_open_to_users() {
    let boxed = Boxed::start();
    let answer = boxed.assume_role(&Keys::dev(), "Pipeline", &[]);
    assert_eq!(answer.tag("Code"), "AccessDenied");
}

#[test]
fn a_missing_token_is_told_with_all_that_is_missing() {
    let boxed = Boxed::start();
    let answer = boxed.send(&sts_request(
        "AssumeRoleWithWebIdentity",
        &[("RoleArn", &role_arn("Pipeline"))],
    ));
    let message = "2 validation errors detected: Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null; Value null at 'webIdentityToken' failed to satisfy constraint: Member must not be null";
    assert_refused(&answer, 400, "ValidationError", message);
}

#[test]
fn the_journal_names_the_subject_and_not_the_token() {
    let boxed = Boxed::start();
    let token = boxed.web_identity(&json!({}));
    boxed.assume_with_token(&token, "Pipeline", &[]);
    let journal = boxed.get("journal");
    assert_eq!(journal[0]["operation"], "AssumeRoleWithWebIdentity");
    assert_eq!(journal[0]["who"], "repo:sandglass/app");
    assert!(!journal.to_string().contains(&token));
}

#[test]
fn only_providers_of_the_world_sign() {
    let boxed = Boxed::start();
    let order = json!({ "provider": "oidc.example", "subject": "me" });
    let request = Request::new("POST", "/_sandbox/web-identity").body(order.to_string());
    assert_eq!(boxed.send(&request).status, 404);
}

fn assert_refused(answer: &Answer, status: u16, code: &str, message: &str) {
    assert_eq!(
        answer.xml_error(),
        (status, code.to_owned(), message.to_owned())
    );
}
