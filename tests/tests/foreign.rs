//! What other programs left on the machine: seen with the end that it tells, and never touched.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sandglass_journeys::clock;
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::{Machine, credentials};
use serde_json::{Value, json};

/// Every key in which a tool keeps the end, with the profile that has it.
const END_KEYS: [(&str, &str); 6] = [
    ("saml2aws", "x_security_token_expires"),
    ("gsts", "aws_session_expiration"),
    ("gimme", "aws_credential_expiration"),
    ("azure", "aws_expiration"),
    ("aws-mfa", "expiration"),
    ("awsume", "source_expiration"),
];

/// What the AWS CLI made: SHA-1 of something that no profile of this machine asks for.
const ORPHAN: &str = "0dd86f26f91e5b568a1c5be72af8021c65088912";

fn server() -> Result<(Home, Machine)> {
    let home = Home::new()?;
    let machine = Machine::new(&home, &home.environment())?;
    Ok((home, machine))
}

fn temporary_keys(profile: &str, more: &str) -> String {
    format!(
        "
[{profile}]
aws_access_key_id = ASIAFOREIGNFOREIGN00
aws_secret_access_key = not/ours
aws_session_token = not-ours-either
{more}
"
    )
}

/// Every file below a folder and its bytes.
fn bytes_below(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(bytes_below(&path)?);
        } else {
            found.insert(path.clone(), fs::read(path)?);
        }
    }
    Ok(found)
}

#[test]
fn the_end_that_a_tool_left_beside_its_keys_is_known() -> Result<()> {
    let (home, machine) = server()?;
    let end = clock::in_seconds(3000);
    let profiles: String = END_KEYS
        .iter()
        .map(|(profile, key)| temporary_keys(profile, &format!("{key} = {end}")))
        .collect();
    home.write_aws("credentials", &format!("{}{profiles}", credentials()))?;
    for (profile, key) in END_KEYS {
        let session = machine.session(&format!("foreign:{profile}"))?;
        assert_eq!(session["kind"], "foreign", "{key}");
        assert_eq!(session["state"], "valid", "{key}: {session}");
        assert_eq!(session["end_known_by"], "known", "{key}: {session}");
        assert_eq!(session["ends_at"], end.to_string(), "{key}: {session}");
        assert_eq!(session["needs"], "elsewhere", "{key}: {session}");
    }
    assert_eq!(machine.findings()?, "");
    Ok(())
}

#[test]
fn an_end_in_a_comment_is_known_too() -> Result<()> {
    let (home, machine) = server()?;
    let end = clock::in_seconds(3000);
    let keys = temporary_keys("commented", &format!("# Expires: {end}"));
    home.write_aws("credentials", &format!("{}{keys}", credentials()))?;
    let session = machine.session("foreign:commented")?;
    assert_eq!(
        (&session["ends_at"], &session["end_known_by"]),
        (&json!(end.to_string()), &json!("known"))
    );
    Ok(())
}

#[test]
fn keys_that_have_ended_are_told_as_ended() -> Result<()> {
    let (home, machine) = server()?;
    let end = clock::in_seconds(-600);
    let keys = temporary_keys("saml2aws", &format!("x_security_token_expires = {end}"));
    home.write_aws("credentials", &format!("{}{keys}", credentials()))?;
    let session = machine.session("foreign:saml2aws")?;
    assert_eq!(session["state"], "expired", "{session}");
    Ok(())
}

#[test]
fn where_no_end_stands_it_is_estimated_from_first_sight_until_aws_is_asked() -> Result<()> {
    let (home, machine) = server()?;
    machine.leave_keys_behind(&home, "left-behind")?;
    let estimated = machine.session("foreign:left-behind")?;
    assert_eq!(estimated["end_known_by"], "estimated", "{estimated}");
    assert_eq!(machine.cloud.count("GetCallerIdentity", "ok")?, 0);
    machine.kill_agent(&home)?;
    let again = machine.session("foreign:left-behind")?;
    assert_eq!(
        again["ends_at"], estimated["ends_at"],
        "first sight is kept"
    );

    machine.sandglass_does(&["check", "left-behind"])?;
    assert_eq!(machine.cloud.count("GetCallerIdentity", "ok")?, 1);
    let probed = machine.session("foreign:left-behind")?;
    assert_eq!(probed["state"], "valid", "{probed}");
    assert_eq!(probed["end_known_by"], "probed", "{probed}");
    Ok(())
}

#[test]
fn keys_that_aws_refuses_are_over_whatever_was_reckoned() -> Result<()> {
    let (home, machine) = server()?;
    let keys = temporary_keys("stale", "");
    home.write_aws("credentials", &format!("{}{keys}", credentials()))?;
    assert_eq!(machine.session("foreign:stale")?["state"], "valid");
    let said = machine.sandglass(&["check", "stale"])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    let probed = machine.session("foreign:stale")?;
    assert_eq!(probed["state"], "expired", "{probed}");
    assert_eq!(probed["end_known_by"], "probed", "{probed}");
    Ok(())
}

#[test]
fn what_sandglass_cannot_renew_says_who_can() -> Result<()> {
    let (home, machine) = server()?;
    let end = clock::in_seconds(3000);
    let keys = temporary_keys(
        "saml",
        &format!(
            "x_principal_arn = arn:aws:sts::210987654321:assumed-role/Reader/ann\nx_security_token_expires = {end}"
        ),
    );
    home.write_aws("credentials", &format!("{}{keys}", credentials()))?;
    let session = machine.session("foreign:saml")?;
    assert_eq!(session["account"], "210987654321", "{session}");
    assert_eq!(session["role"], "Reader", "{session}");
    let said = machine.sandglass(&["renew", "saml"])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("saml2aws"), "{said:?}");
    Ok(())
}

#[test]
fn a_role_that_only_a_cache_knows_is_seen() -> Result<()> {
    let (home, machine) = server()?;
    let end = clock::in_seconds(3000);
    let entry = json!({
        "Credentials": {
            "AccessKeyId": "ASIAFOREIGNFOREIGN00",
            "SecretAccessKey": "not/ours",
            "SessionToken": "not-ours-either",
            "Expiration": end.to_string(),
        },
        "AssumedRoleUser": {
            "AssumedRoleId": "AROASANDGLASS:ann",
            "Arn": "arn:aws:sts::123456789012:assumed-role/Gone/ann",
        },
    });
    home.write_aws(&format!("cli/cache/{ORPHAN}.json"), &entry.to_string())?;
    let session = machine.session("foreign:cli-cache-0dd86f26")?;
    assert_eq!(session["kind"], "foreign", "{session}");
    assert_eq!(session["role"], "Gone", "{session}");
    assert_eq!(session["ends_at"], end.to_string(), "{session}");
    Ok(())
}

#[test]
fn files_of_others_and_broken_ones_in_the_caches_are_neither_errors_nor_touched() -> Result<()> {
    let (home, machine) = server()?;
    for folder in ["cli/cache", "sso/cache", "login/cache"] {
        let foreign = [
            ("torn.json", "{\"Credentials\": {\"AccessKeyId\": \"ASIA"),
            ("empty.json", ""),
            ("list.json", "[1, 2, 3]"),
            ("other.json", "{\"hello\": \"world\"}"),
            ("null.json", "{\"accessToken\": null, \"Credentials\": 7}"),
            ("binary.json", "\u{0}\u{1}\u{2}"),
            ("notes.txt", "not JSON at all"),
            (".DS_Store", "Bud1"),
            (
                "session.db",
                "SQLite format 3\u{0}\u{10}\u{0}\u{1}\u{1}\u{0}@",
            ),
            ("session.db-wal", "7\u{7f}\u{6}"),
        ];
        for (name, text) in foreign {
            home.write_aws(&format!("{folder}/{name}"), text)?;
        }
        fs::create_dir(home.aws().join(folder).join("folder.json"))?;
    }
    let before = bytes_below(&home.aws())?;
    let sessions = machine.sessions()?;
    assert_eq!(machine.findings()?, "");
    assert!(
        sessions
            .iter()
            .all(|session| session["last_error"] == Value::Null),
        "{sessions:#?}"
    );
    assert!(
        !sessions
            .iter()
            .any(|session| session["id"].to_string().contains("cache")),
        "{sessions:#?}"
    );
    machine.sandglass_does(&["renew", "deploy"])?;
    let mut after = bytes_below(&home.aws())?;
    after.retain(|path, _| before.contains_key(path));
    assert!(before == after, "something of others was changed");
    Ok(())
}

#[test]
fn a_file_that_was_torn_is_read_once_it_is_whole() -> Result<()> {
    let (home, machine) = server()?;
    machine.sandglass_does(&["renew", "deploy"])?;
    let folder = home.aws().join("cli/cache");
    let path = fs::read_dir(&folder)?.next().context("empty")??.path();
    let whole = fs::read_to_string(&path)?;
    machine.kill_agent(&home)?;
    fs::write(&path, &whole[..whole.len() / 2])?;
    machine.wait_for_state("role:deploy", "unknown")?;
    fs::write(&path, &whole)?;
    machine.wait_for_state("role:deploy", "valid")?;
    Ok(())
}
