//! An instance's metadata service and a task's container endpoint.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::boxed::{Boxed, assert_about, role_arn};
use crate::http::{Answer, Request};
use crate::signer::{Keys, now};

const CREDENTIALS: &str = "/latest/meta-data/iam/security-credentials/";
const TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds";

#[test]
fn an_instance_gets_its_role_with_a_token() {
    let boxed = Boxed::start();
    let role = get(&boxed, CREDENTIALS);
    assert_eq!((role.status, role.body.as_str()), (200, "Instance"));
    let document = instance(&boxed);
    assert_eq!(
        (&document["Code"], &document["Type"]),
        (&json!("Success"), &json!("AWS-HMAC"))
    );
    assert_about(life(&document), 21_600);
    assert!(document["LastUpdated"].as_str().unwrap().ends_with('Z'));
    let keys = keys_of(&document);
    assert_eq!(boxed.list_buckets(&keys).status, 200);
    let who = boxed.sts(&keys, "GetCallerIdentity", &[]);
    assert_eq!(
        who.tag("Arn"),
        "arn:aws:sts::123456789012:assumed-role/Instance/i-0123456789abcdef0"
    );
}

#[test]
fn the_same_credentials_are_given_until_their_end_is_near() {
    let boxed = Boxed::start();
    let first = instance(&boxed);
    assert_eq!(first, instance(&boxed));
    // Six hours less five minutes, and a little more.
    boxed.put("settings", &json!({ "skew": 21_310 }));
    let second = instance(&boxed);
    assert_ne!(first["AccessKeyId"], second["AccessKeyId"]);
    boxed.put("settings", &json!({ "skew": 0, "instance_credentials": 0 }));
    assert_eq!(
        second,
        instance(&boxed),
        "a setting is for what is issued from now on"
    );
}

#[test]
fn a_role_may_be_taken_away_exchanged_or_not_trust_the_instance() {
    let boxed = Boxed::start();
    let first = instance(&boxed);
    let unauthorized = |document: &Value, role: &str| {
        assert_eq!(document["Code"], "AssumeRoleUnauthorizedAccess");
        let message = document["Message"].as_str().unwrap();
        assert!(message.starts_with(&format!("EC2 cannot assume the role {role}.")));
    };
    boxed.put("settings", &json!({ "instance_role": "Deploy" }));
    assert_eq!(get(&boxed, CREDENTIALS).body, "Deploy");
    unauthorized(
        &get(&boxed, &format!("{CREDENTIALS}Deploy")).json(),
        "Deploy",
    );
    assert_eq!(get(&boxed, &format!("{CREDENTIALS}Instance")).status, 404);
    boxed.put("settings", &json!({}));
    let gone = json!({ "kind": "role", "role_arn": role_arn("Instance") });
    boxed.post("revoke", &gone);
    unauthorized(&instance(&boxed), "Instance");
    let answer = boxed.list_buckets(&keys_of(&first));
    assert_eq!(answer.tag("Code"), "InvalidAccessKeyId");
}

#[test]
fn without_a_living_token_nothing_is_told_unless_version_1_is_on() {
    let boxed = Boxed::start();
    let bare = || boxed.send(&Request::new("GET", CREDENTIALS)).status;
    let with = |token: &str| {
        let request = Request::new("GET", CREDENTIALS).header("x-aws-ec2-metadata-token", token);
        boxed.send(&request).status
    };
    let token = token(&boxed, "60").body;
    assert_eq!((bare(), with("wrong"), with(&token)), (401, 401, 200));
    boxed.put("settings", &json!({ "http_tokens": "optional" }));
    assert_eq!((bare(), with("wrong"), with(&token)), (200, 401, 200));
    boxed.put("settings", &json!({ "skew": 61 }));
    assert_eq!(with(&token), 401, "it has ended");
}

#[test]
fn a_token_is_asked_for_with_its_life_and_not_through_a_proxy() {
    let boxed = Boxed::start();
    let answer = token(&boxed, "21600");
    assert_eq!((answer.status, answer.header(TTL)), (200, "21600"));
    for seconds in ["0", "21601", "long", ""] {
        assert_eq!(token(&boxed, seconds).status, 400, "{seconds}");
    }
    let request = Request::new("PUT", "/latest/api/token");
    assert_eq!(boxed.send(&request).status, 400);
    let proxied = request
        .header(TTL, "60")
        .header("x-forwarded-for", "127.0.0.1");
    assert_eq!(boxed.send(&proxied).status, 403);
    for path in [
        "/latest/meta-data/",
        "/latest/meta-data/iam/security-credentials-extended/",
    ] {
        assert_eq!(get(&boxed, path).status, 404, "{path}");
    }
}

#[test]
fn a_task_gets_its_role_with_the_very_token() {
    let boxed = Boxed::start();
    let document = task(&boxed, "sandglass-task", "Bearer make-believe").json();
    assert_eq!(document["RoleArn"], role_arn("Task"));
    assert_about(life(&document), 21_600);
    let who = boxed.sts(&keys_of(&document), "GetCallerIdentity", &[]);
    assert_eq!(
        who.tag("Arn"),
        "arn:aws:sts::123456789012:assumed-role/Task/sandglass-task"
    );
    for wrong in [
        "make-believe",
        "bearer make-believe",
        "Bearer Bearer make-believe",
        "",
    ] {
        let answer = task(&boxed, "sandglass-task", wrong);
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (401, &json!("AccessDenied"))
        );
    }
    let answer = task(&boxed, "another", "Bearer make-believe");
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (400, &json!("InvalidIdInRequest"))
    );
    boxed.post(
        "revoke",
        &json!({ "kind": "role", "role_arn": role_arn("Task") }),
    );
    assert_eq!(
        task(&boxed, "sandglass-task", "Bearer make-believe").status,
        403
    );
}

#[test]
fn lives_are_settings() {
    let boxed = Boxed::start_with(&json!({ "instance_credentials": 45, "task_credentials": 60 }));
    assert_about(life(&instance(&boxed)), 45);
    let document = task(&boxed, "sandglass-task", "Bearer make-believe").json();
    assert_about(life(&document), 60);
}

#[test]
fn both_fail_in_their_own_words() {
    let boxed = Boxed::start();
    boxed.post(
        "faults",
        &json!({ "count": 2, "effect": { "kind": "throttle" } }),
    );
    assert_eq!(token(&boxed, "60").status, 503);
    let answer = task(&boxed, "sandglass-task", "Bearer make-believe");
    assert_eq!(
        (answer.status, &answer.json()["message"]),
        (429, &json!("Rate exceeded"))
    );
}

#[test]
fn the_journal_names_the_calls_and_keeps_no_secret() {
    let boxed = Boxed::start();
    let document = instance(&boxed);
    task(&boxed, "sandglass-task", "Bearer make-believe");
    let journal = boxed.get("journal");
    for (number, operation) in [
        "GetMetadataToken",
        "GetMetadataCredentials",
        "GetContainerCredentials",
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(journal[number]["operation"], *operation);
    }
    for secret in ["SecretAccessKey", "Token"] {
        assert!(
            !journal
                .to_string()
                .contains(document[secret].as_str().unwrap())
        );
    }
}

fn token(boxed: &Boxed, seconds: &str) -> Answer {
    boxed.send(&Request::new("PUT", "/latest/api/token").header(TTL, seconds))
}

fn get(boxed: &Boxed, path: &str) -> Answer {
    let token = token(boxed, "60").body;
    boxed.send(&Request::new("GET", path).header("x-aws-ec2-metadata-token", &token))
}

fn instance(boxed: &Boxed) -> Value {
    get(boxed, &format!("{CREDENTIALS}Instance")).json()
}

fn task(boxed: &Boxed, id: &str, authorization: &str) -> Answer {
    let target = format!("/v2/credentials/{id}");
    boxed.send(&Request::new("GET", &target).header("authorization", authorization))
}

fn keys_of(document: &Value) -> Keys {
    let text = |name: &str| document[name].as_str().expect("text");
    Keys::new(text("AccessKeyId"), text("SecretAccessKey")).with_token(Some(text("Token")))
}

fn life(document: &Value) -> i64 {
    let ends: Timestamp = document["Expiration"]
        .as_str()
        .expect("a time")
        .parse()
        .expect("a time");
    ends.duration_since(now()).as_secs()
}
