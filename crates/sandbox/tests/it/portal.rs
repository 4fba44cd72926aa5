//! The access portal: accounts, roles, credentials, and its errors.

use serde_json::{Value, json};

use crate::boxed::{Boxed, assert_about, until};
use crate::http::Answer;
use crate::signer::{Keys, now};

const CREDENTIALS: &str = "/federation/credentials?role_name=Admin&account_id=123456789012";

#[test]
fn the_accounts_of_a_person_are_listed() {
    let boxed = Boxed::start();
    let answer = boxed.portal("GET", "/assignment/accounts", &boxed.access_token(None));
    let expected = json!({
        "accountList": [
            { "accountId": "123456789012", "accountName": "sandglass-dev", "emailAddress": "dev@sandglass.example" },
            { "accountId": "210987654321", "accountName": "sandglass-prod", "emailAddress": "prod@sandglass.example" },
        ],
        "nextToken": null,
    });
    assert_eq!(answer.json(), expected);
}

#[test]
fn another_person_has_other_accounts() {
    let boxed = Boxed::start();
    let token = boxed.access_token(Some("robin"));
    let answer = boxed.portal("GET", "/assignment/accounts", &token);
    assert_eq!(answer.json()["accountList"].as_array().unwrap().len(), 1);
}

#[test]
fn the_roles_of_an_account_come_in_pages() {
    let boxed = Boxed::start();
    let token = boxed.access_token(None);
    let target = "/assignment/roles?account_id=123456789012&max_result=1";
    let first = boxed.portal("GET", target, &token).json();
    assert_eq!(
        first["roleList"],
        json!([{ "roleName": "Admin", "accountId": "123456789012" }])
    );
    let next = first["nextToken"].as_str().unwrap().replace('=', "%3D");
    let second = boxed
        .portal("GET", &format!("{target}&next_token={next}"), &token)
        .json();
    assert_eq!(
        second["roleList"],
        json!([{ "roleName": "ReadOnly", "accountId": "123456789012" }])
    );
    assert_eq!(second["nextToken"], Value::Null);
}

#[test]
fn role_credentials_work_and_say_their_end_in_milliseconds() {
    let boxed = Boxed::start();
    let token = boxed.access_token(None);
    for (role, hours) in [("Admin", 1), ("ReadOnly", 4)] {
        let target = format!("/federation/credentials?role_name={role}&account_id=123456789012");
        let (keys, ends) = credentials(&boxed.portal("GET", &target, &token));
        assert_about(ends / 1_000 - now().as_second(), hours * 3_600);
        let who = boxed.sts(&keys, "GetCallerIdentity", &[]);
        let arn = who.tag("Arn");
        let start = format!("arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_{role}_");
        assert!(arn.starts_with(&start) && arn.ends_with("/alex"), "{arn}");
        assert_eq!(boxed.list_buckets(&keys).status, 200);
    }
}

#[test]
fn a_role_assumed_from_portal_credentials_is_chained() {
    let boxed = Boxed::start();
    let (keys, _) = credentials(&boxed.portal("GET", CREDENTIALS, &boxed.access_token(None)));
    let answer = boxed.assume_role(&keys, "Deploy", &[("DurationSeconds", "7200")]);
    assert!(
        answer
            .tag("Message")
            .contains("1 hour session limit for roles assumed by role chaining")
    );
    assert_eq!(boxed.assume_role(&keys, "Deploy", &[]).status, 200);
}

#[test]
fn credentials_live_on_after_signing_out() {
    let boxed = Boxed::start();
    let token = boxed.access_token(None);
    let (keys, _) = credentials(&boxed.portal("GET", CREDENTIALS, &token));
    boxed.portal("POST", "/logout", &token);
    assert_error(
        &boxed.portal("GET", CREDENTIALS, &token),
        401,
        "UnauthorizedException",
        "Session token not found or invalid",
    );
    assert_eq!(boxed.list_buckets(&keys).status, 200);
}

#[test]
fn credentials_end_when_the_setting_says() {
    let boxed = Boxed::start_with(&json!({ "role_credentials": 3 }));
    let (keys, _) = credentials(&boxed.portal("GET", CREDENTIALS, &boxed.access_token(None)));
    assert_eq!(boxed.list_buckets(&keys).status, 200);
    until("the end of the credentials", || {
        boxed.list_buckets(&keys).status != 200
    });
    assert_eq!(boxed.list_buckets(&keys).tag("Code"), "ExpiredToken");
}

#[test]
fn a_missing_or_made_up_token_is_unauthorized_everywhere() {
    let boxed = Boxed::start();
    for (method, target) in [
        ("GET", "/assignment/accounts"),
        ("GET", "/assignment/roles?account_id=123456789012"),
        ("GET", CREDENTIALS),
        ("POST", "/logout"),
    ] {
        for token in ["", "made-up"] {
            let answer = boxed.portal(method, target, token);
            assert_error(
                &answer,
                401,
                "UnauthorizedException",
                "Session token not found or invalid",
            );
        }
    }
}

#[test]
fn a_role_that_the_person_does_not_have_is_forbidden() {
    let boxed = Boxed::start();
    let token = boxed.access_token(Some("robin"));
    for target in [
        CREDENTIALS,
        "/federation/credentials?role_name=Typo&account_id=123456789012",
        "/federation/credentials?role_name=ReadOnly&account_id=210987654321",
        "/federation/credentials?role_name=ReadOnly&account_id=999999999999",
        "/assignment/roles?account_id=210987654321",
    ] {
        assert_error(
            &boxed.portal("GET", target, &token),
            403,
            "ForbiddenException",
            "No access",
        );
    }
}

#[test]
fn an_account_that_does_not_exist_is_not_found() {
    let boxed = Boxed::start();
    let target = "/assignment/roles?account_id=999999999999";
    let answer = boxed.portal("GET", target, &boxed.access_token(None));
    assert_error(
        &answer,
        404,
        "ResourceNotFoundException",
        "Account not found",
    );
}

#[test]
fn parameters_that_make_no_sense_are_refused() {
    let boxed = Boxed::start();
    let token = boxed.access_token(None);
    for target in [
        "/federation/credentials?account_id=123456789012",
        "/federation/credentials?role_name=Admin",
        "/federation/credentials?role_name=Admin&account_id=12",
        "/assignment/roles",
        "/assignment/accounts?max_result=0",
        "/assignment/accounts?max_result=101",
        "/assignment/accounts?max_result=many",
        "/assignment/accounts?next_token=made-up",
    ] {
        let answer = boxed.portal("GET", target, &token);
        assert_eq!(answer.status, 400, "{target}");
        assert!(
            answer
                .header("x-amzn-errortype")
                .starts_with("InvalidRequestException"),
            "{target}"
        );
    }
}

fn credentials(answer: &Answer) -> (Keys, i64) {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    let text = |name: &str| {
        body["roleCredentials"][name]
            .as_str()
            .expect("a text")
            .to_owned()
    };
    let keys = Keys::new(&text("accessKeyId"), &text("secretAccessKey"));
    let ends = body["roleCredentials"]["expiration"]
        .as_i64()
        .expect("a number");
    (keys.with_token(Some(&text("sessionToken"))), ends)
}

fn assert_error(answer: &Answer, status: u16, exception: &str, message: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    let kind = answer.header("x-amzn-errortype");
    assert_eq!(kind.split(':').next(), Some(exception));
    assert_eq!(answer.json()["message"], message);
}
