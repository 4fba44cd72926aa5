//! What each command asks of the agent.

use std::fs;

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_protocol::message::Reply;
use serde_json::json;

use crate::agent::Agent;

const ROLE: &str = "arn:aws:iam::123456789012:role/Deploy";
const DEVICE: &str = "arn:aws:iam::123456789012:mfa/ann";
const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

#[test]
fn a_sign_in_keeps_the_portal_session_unless_a_fresh_one_is_wanted() {
    let agent = Agent::that_does();
    assert_eq!(agent.sandglass(&["login", "corp"]).code, Some(0));
    assert_eq!(agent.sandglass(&["login", "corp", "--fresh"]).code, Some(0));
    assert_eq!(
        agent.requests(),
        [
            json!({ "login": { "profile": "corp", "start": "as_it_is" } }),
            json!({ "login": { "profile": "corp", "start": "afresh" } }),
        ]
    );
}

#[test]
fn a_check_asks_for_the_profile_and_prints_the_answer() {
    let agent = Agent::that_says(&[Reply::Done {
        sentence: "AWS accepts the credentials of dev".to_owned(),
    }]);
    let said = agent.sandglass(&["check", "dev"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.out, "AWS accepts the credentials of dev\n");
    assert_eq!(agent.requests(), [json!({ "check": { "profile": "dev" } })]);
}

#[test]
fn a_check_that_aws_refuses_is_a_failure_with_its_remedy() {
    let agent = Agent::that_says(&[Reply::Failed(RenewalError::new(
        ErrorCode::SourceExpired,
        "The security token included in the request is expired",
        "renew it with `sandglass renew dev`",
    ))]);
    let said = agent.sandglass(&["check", "dev"]);
    assert_eq!(said.code, Some(1));
    assert_eq!(
        said.err,
        "error: The security token included in the request is expired\nhint: Renew it with `sandglass renew dev`.\n"
    );
    assert!(said.out.is_empty());
}

#[test]
fn a_role_is_defined_with_all_that_the_call_takes() {
    let agent = Agent::that_does();
    let said = agent.sandglass(&[
        "role",
        "add",
        "deploy-keys",
        "--role-arn",
        ROLE,
        "--source",
        "long-lived",
        "--device",
        DEVICE,
        "--external-id",
        "partner:42",
        "--session-name",
        "ann",
        "--duration",
        "8h",
    ]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(
        agent.requests(),
        [json!({ "define": { "role": {
            "target": "deploy-keys",
            "source": "long-lived",
            "role_arn": ROLE,
            "device": DEVICE,
            "external_id": "partner:42",
            "session_name": "ann",
            "duration_seconds": 28_800,
        } } })]
    );
}

#[test]
fn what_a_role_is_not_given_is_left_to_aws() {
    let agent = Agent::that_does();
    agent.sandglass(&["role", "add", "keys", "--role-arn", ROLE, "--source", "a"]);
    let definition = &agent.requests()[0]["define"]["role"];
    for field in ["device", "external_id", "session_name", "duration_seconds"] {
        assert!(definition[field].is_null(), "{field}: {definition}");
    }
}

#[test]
fn a_federation_token_is_defined_with_the_policy_of_a_file() {
    let agent = Agent::that_does();
    let policy = r#"{"Version":"2012-10-17","Statement":[]}"#;
    fs::write(agent.home().join("policy.json"), policy).unwrap();
    let said = agent.sandglass(&[
        "federation",
        "add",
        "ci",
        "--source",
        "long-lived",
        "--user",
        "robot",
        "--policy-file",
        "policy.json",
        "--policy-arn",
        READ_ONLY,
        "--policy-arn",
        "arn:aws:iam::123456789012:policy/Deploy",
        "--target",
        "ci-keys",
        "--duration",
        "12h30m",
    ]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(
        agent.requests(),
        [json!({ "define": { "federation": {
            "name": "ci",
            "source": "long-lived",
            "user": "robot",
            "policy": policy,
            "policy_arns": [READ_ONLY, "arn:aws:iam::123456789012:policy/Deploy"],
            "target": "ci-keys",
            "duration_seconds": 45_000,
        } } })]
    );
}

#[test]
fn a_federation_token_needs_no_more_than_a_name_and_a_source() {
    let agent = Agent::that_does();
    agent.sandglass(&["federation", "add", "ci", "--source", "long-lived"]);
    assert_eq!(
        agent.requests(),
        [json!({ "define": { "federation": {
            "name": "ci",
            "source": "long-lived",
            "user": "ci",
            "policy": null,
            "policy_arns": [],
            "target": null,
            "duration_seconds": 43_200,
        } } })]
    );
}

#[test]
fn an_mfa_session_is_defined_as_it_always_was() {
    let agent = Agent::that_does();
    agent.sandglass(&[
        "mfa",
        "add",
        "--source",
        "long-lived",
        "--device",
        DEVICE,
        "--target",
        "mfa",
        "--duration",
        "3600",
    ]);
    assert_eq!(
        agent.requests(),
        [json!({ "define": { "mfa": {
            "source": "long-lived",
            "device": DEVICE,
            "target": "mfa",
            "duration_seconds": 3600,
        } } })]
    );
}

#[test]
fn each_kind_is_forgotten_by_its_own_command() {
    let agent = Agent::that_does();
    for kind in ["mfa", "role", "federation"] {
        assert_eq!(agent.sandglass(&[kind, "remove", "x"]).code, Some(0));
    }
    assert_eq!(
        agent.requests(),
        ["mfa", "role", "federation"]
            .map(|kind| json!({ "forget": { "kind": kind, "name": "x" } }))
    );
}
