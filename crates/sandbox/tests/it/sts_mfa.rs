//! MFA codes in `AssumeRole` and `GetSessionToken`.

use serde_json::json;

use crate::boxed::{Boxed, DEV_DEVICE, OPS_DEVICE, keys_of};
use crate::http::{Answer, percent};
use crate::signer::Keys;

const WRONG_CODE: &str = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
const UNKNOWN_DEVICE: &str = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.";
const HALF_A_PAIR: &str =
    "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.";

#[test]
fn a_role_that_wants_mfa_opens_with_a_code_and_not_without() {
    let boxed = Boxed::start();
    let without = boxed.assume_role(&Keys::dev(), "Admin", &[]);
    assert_denied(
        &without,
        "User: arn:aws:iam::123456789012:user/dev is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/Admin",
    );
    let answer = admin(&boxed, &Keys::dev(), DEV_DEVICE, &boxed.code(DEV_DEVICE));
    let session = keys_of(&answer);
    assert_eq!(boxed.list_buckets(&session).status, 200);
}

#[test]
fn a_code_works_once_for_all_calls_together() {
    let boxed = Boxed::start();
    let code = boxed.code(DEV_DEVICE);
    assert_eq!(admin(&boxed, &Keys::dev(), DEV_DEVICE, &code).status, 200);
    assert_denied(&admin(&boxed, &Keys::dev(), DEV_DEVICE, &code), WRONG_CODE);
    assert_denied(
        &session_token(&boxed, &Keys::dev(), DEV_DEVICE, &code),
        WRONG_CODE,
    );
    let next = boxed.code(DEV_DEVICE);
    assert_ne!(next, code);
    assert_eq!(
        session_token(&boxed, &Keys::dev(), DEV_DEVICE, &next).status,
        200
    );
}

#[test]
fn a_code_is_used_up_even_where_the_role_then_says_no() {
    let boxed = Boxed::start();
    let code = boxed.code(DEV_DEVICE);
    let mfa = [("SerialNumber", DEV_DEVICE), ("TokenCode", code.as_str())];
    assert_eq!(boxed.assume_role(&Keys::dev(), "Nowhere", &mfa).status, 403);
    assert_denied(&admin(&boxed, &Keys::dev(), DEV_DEVICE, &code), WRONG_CODE);
}

#[test]
fn a_wrong_code_is_refused() {
    let boxed = Boxed::start();
    let display = boxed.get(&format!("totp/{}", percent(DEV_DEVICE)));
    let wrong = (0..3)
        .map(|number| format!("{number:06}"))
        .find(|code| display["code"] != code.as_str() && display["next_code"] != code.as_str())
        .expect("of three codes one is neither");
    assert_denied(&admin(&boxed, &Keys::dev(), DEV_DEVICE, &wrong), WRONG_CODE);
    assert_denied(
        &session_token(&boxed, &Keys::dev(), DEV_DEVICE, &wrong),
        WRONG_CODE,
    );
}

#[test]
fn a_serial_that_is_wrong_or_anothers_is_refused() {
    let boxed = Boxed::start();
    let code = boxed.code(DEV_DEVICE);
    for serial in [
        "arn:aws:iam::123456789012:user/dev",
        "arn:aws:iam::123456789012:mfa/nobody",
        OPS_DEVICE,
    ] {
        assert_denied(&admin(&boxed, &Keys::dev(), serial, &code), UNKNOWN_DEVICE);
        assert_denied(
            &session_token(&boxed, &Keys::dev(), serial, &code),
            UNKNOWN_DEVICE,
        );
    }
    assert_eq!(admin(&boxed, &Keys::dev(), DEV_DEVICE, &code).status, 200);
}

#[test]
fn a_role_session_has_no_device() {
    let boxed = Boxed::start();
    let deploy = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    let answer = admin(&boxed, &deploy, DEV_DEVICE, &boxed.code(DEV_DEVICE));
    assert_denied(&answer, UNKNOWN_DEVICE);
}

#[test]
fn half_a_pair_is_refused() {
    let boxed = Boxed::start();
    for half in [("SerialNumber", DEV_DEVICE), ("TokenCode", "123456")] {
        assert_denied(
            &boxed.assume_role(&Keys::dev(), "Admin", &[half]),
            HALF_A_PAIR,
        );
        assert_denied(
            &boxed.sts(&Keys::dev(), "GetSessionToken", &[half]),
            HALF_A_PAIR,
        );
    }
}

#[test]
fn a_session_that_was_proved_by_mfa_opens_a_role_that_wants_it() {
    let boxed = Boxed::start();
    let plain = keys_of(&boxed.sts(&Keys::dev(), "GetSessionToken", &[]));
    assert_eq!(boxed.assume_role(&plain, "Admin", &[]).status, 403);
    let code = boxed.code(DEV_DEVICE);
    let proved = keys_of(&session_token(&boxed, &Keys::dev(), DEV_DEVICE, &code));
    assert_eq!(boxed.assume_role(&proved, "Admin", &[]).status, 200);
}

#[test]
fn each_user_has_a_device_of_their_own() {
    let boxed = Boxed::start();
    let code = boxed.code(OPS_DEVICE);
    assert_eq!(admin(&boxed, &Keys::ops(), OPS_DEVICE, &code).status, 200);
    let display = boxed.get(&format!("totp/{}", percent(DEV_DEVICE)));
    assert_eq!(display["used"], json!(false));
}

fn admin(boxed: &Boxed, keys: &Keys, serial: &str, code: &str) -> Answer {
    boxed.assume_role(
        keys,
        "Admin",
        &[("SerialNumber", serial), ("TokenCode", code)],
    )
}

fn session_token(boxed: &Boxed, keys: &Keys, serial: &str, code: &str) -> Answer {
    let mfa = [("SerialNumber", serial), ("TokenCode", code)];
    boxed.sts(keys, "GetSessionToken", &mfa)
}

fn assert_denied(answer: &Answer, message: &str) {
    let expected = (403, "AccessDenied".to_owned(), message.to_owned());
    assert_eq!(answer.xml_error(), expected);
}
