//! What is refused before anything is done, and how that ends.

use std::fs;

use sandglass_protocol::message::{Greeting, VERSION};

use crate::agent::Agent;

const ROLE: &str = "arn:aws:iam::123456789012:role/Deploy";

/// Wrong usage: exit code 2, what is allowed on standard error, and the agent never hears of it.
fn is_wrong_usage(arguments: &[&str], allowed: &str) {
    let agent = Agent::that_does();
    let said = agent.sandglass(arguments);
    assert_eq!(said.code, Some(2), "{arguments:?}: {said:?}");
    let told: Vec<&str> = said.err.split_whitespace().collect();
    assert!(told.join(" ").contains(allowed), "{arguments:?}: {said:?}");
    assert!(agent.requests().is_empty());
}

#[test]
fn values_that_aws_would_refuse_are_refused_in_words() {
    let role = ["role", "add", "keys", "--role-arn", ROLE, "--source", "a"];
    let token = ["federation", "add", "ci", "--source", "a"];
    let role_with = |more: [&'static str; 2]| [role.as_slice(), &more].concat();
    let token_with = |more: [&'static str; 2]| [token.as_slice(), &more].concat();
    for (arguments, allowed) in [
        (
            role_with(["--device", "short"]),
            "`arn:aws:iam::123456789012:mfa/name`",
        ),
        (role_with(["--external-id", "x"]), "2 to 1224 characters"),
        (role_with(["--session-name", "a b"]), "2 to 64 characters"),
        (role_with(["--duration", "13h"]), "from 15m to 12h"),
        (token_with(["--user", "x"]), "2 to 32 characters"),
        (
            token_with(["--policy-arn", "ReadOnlyAccess"]),
            "`arn:aws:iam::aws:policy/ReadOnlyAccess`",
        ),
        (token_with(["--duration", "37h"]), "from 15m to 36h"),
        (
            token_with(["--target", "[x]"]),
            "cannot be the name of a profile",
        ),
    ] {
        is_wrong_usage(&arguments, allowed);
    }
}

#[test]
fn what_a_definition_cannot_do_without_is_asked_for() {
    for (arguments, missing) in [
        (
            vec!["role", "add", "keys", "--source", "a"],
            "--role-arn <ARN>",
        ),
        (
            vec!["role", "add", "keys", "--role-arn", ROLE],
            "--source <PROFILE>",
        ),
        (
            vec!["role", "add", "--role-arn", ROLE, "--source", "a"],
            "<TARGET>",
        ),
        (vec!["federation", "add", "ci"], "--source <PROFILE>"),
        (vec!["federation", "remove"], "<NAME>"),
        (vec!["check"], "<PROFILE>"),
    ] {
        is_wrong_usage(&arguments, missing);
    }
    is_wrong_usage(
        &[
            "federation",
            "add",
            "a name that is too long for a user",
            "--source",
            "a",
        ],
        "2 to 32 characters",
    );
    is_wrong_usage(
        &["console", "dev", "--destination", "s3"],
        "`https://console.aws.amazon.com/s3/home`",
    );
}

#[test]
fn a_policy_file_that_is_no_policy_defines_nothing() {
    let agent = Agent::that_does();
    fs::write(agent.home().join("policy.yaml"), "Version: 2012-10-17").unwrap();
    for file in ["policy.yaml", "missing.json"] {
        let said = agent.sandglass(&[
            "federation",
            "add",
            "ci",
            "--source",
            "a",
            "--policy-file",
            file,
        ]);
        assert_eq!(said.code, Some(1));
        assert!(
            said.err.contains(file) && said.err.contains("\nhint: "),
            "{said:?}"
        );
    }
    assert!(agent.requests().is_empty());
}

#[test]
fn an_agent_of_another_version_is_named_with_the_way_to_replace_it() {
    let agent = Agent::that_greets(Greeting::OtherVersion { version: 1 }, &[]);
    let said = agent.sandglass(&["status"]);
    assert_eq!(said.code, Some(1));
    let versions = format!("version 1 of the protocol, this program version {VERSION}");
    assert!(said.err.contains(&versions), "{said:?}");
    assert!(said.err.contains("hint: Run `sandglass quit`"), "{said:?}");
    assert!(agent.requests().is_empty());
}
