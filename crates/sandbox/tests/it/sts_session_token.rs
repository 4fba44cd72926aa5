//! `GetSessionToken`: its lifetimes, and who cannot call it.

use serde_json::json;

use crate::boxed::{Boxed, assert_about, keys_of, lifetime_of};
use crate::signer::Keys;

#[test]
fn a_session_lasts_twelve_hours_unless_asked_otherwise() {
    let boxed = Boxed::start();
    let answer = boxed.sts(&Keys::dev(), "GetSessionToken", &[]);
    assert_about(lifetime_of(&answer), 43_200);
    for seconds in ["900", "129600"] {
        let answer = boxed.sts(
            &Keys::dev(),
            "GetSessionToken",
            &[("DurationSeconds", seconds)],
        );
        assert_about(lifetime_of(&answer), seconds.parse().unwrap());
    }
}

#[test]
fn a_duration_outside_the_model_is_refused() {
    let boxed = Boxed::start();
    for (seconds, constraint) in [
        ("899", "greater than or equal to 900"),
        ("129601", "less than or equal to 129600"),
    ] {
        let answer = boxed.sts(
            &Keys::dev(),
            "GetSessionToken",
            &[("DurationSeconds", seconds)],
        );
        let message = format!(
            "1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value {constraint}"
        );
        assert_eq!(
            answer.xml_error(),
            (400, "ValidationError".to_owned(), message)
        );
    }
}

#[test]
fn temporary_keys_cannot_get_a_session() {
    let boxed = Boxed::start();
    let session = keys_of(&boxed.sts(&Keys::dev(), "GetSessionToken", &[]));
    let role = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    for keys in [session, role] {
        let answer = boxed.sts(&keys, "GetSessionToken", &[]);
        let expected = (
            403,
            "AccessDenied".to_owned(),
            "Cannot call GetSessionToken with session credentials".to_owned(),
        );
        assert_eq!(answer.xml_error(), expected);
    }
}

#[test]
fn a_setting_takes_the_place_of_what_was_asked() {
    let boxed = Boxed::start_with(&json!({ "session_token": 45, "assumed_role": 60 }));
    let answer = boxed.sts(
        &Keys::dev(),
        "GetSessionToken",
        &[("DurationSeconds", "3600")],
    );
    assert_about(lifetime_of(&answer), 45);
    assert_about(
        lifetime_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[])),
        60,
    );
}
