//! Sessions that no file of AWS describes: defined by hand, renewed, written where programs look, and forgotten.
#![cfg(target_os = "linux")]

use anyhow::{Context as _, Result};
use sandglass_journeys::accessibility::Role;
use sandglass_journeys::cloud::DEVICE;
use sandglass_journeys::desktop::{Desktop, Part};
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::{Machine, credentials, only_the_keys_changed};
use sandglass_journeys::sandglass::Sandglass;
use sandglass_journeys::wait::{PATIENCE, try_until};
use serde_json::{Value, json};

const DEPLOY: &str = "arn:aws:iam::123456789012:role/Deploy";

fn server() -> Result<(Home, Machine)> {
    let home = Home::new()?;
    let machine = Machine::with_every_kind(&home, &home.environment())?;
    Ok((home, machine))
}

fn listed(machine: &Machine, kind: &str, key: &str) -> Result<Value> {
    let listed: Value = serde_json::from_str(&machine.sandglass_does(&[kind, "list", "--json"])?)?;
    Ok(listed[key].clone())
}

#[test]
fn a_role_by_hand_is_renewed_with_one_click_and_its_keys_alone_change_in_the_file() -> Result<()> {
    let mut sandglass = Sandglass::installed()?;
    sandglass.start_tray()?;
    let (machine, desktop) = (&sandglass.machine, &sandglass.desktop);
    machine.sandglass_does(&[
        "role",
        "add",
        "mfa",
        "--role-arn",
        DEPLOY,
        "--source",
        "long-lived",
    ])?;
    sandglass.open_panel()?;
    sandglass.search("mfa")?;
    sandglass.click(Role::Button, "Renew mfa")?;
    machine.wait_for_session("role:mfa", "be renewed", |session| {
        session["state"] == "valid" && session["end_known_by"] == "known"
    })?;
    only_the_keys_changed(&credentials(), &desktop.home().read_aws("credentials")?)?;
    let arn = machine.aws_cli_identity("mfa")?;
    assert!(arn.contains("assumed-role/Deploy/"), "{arn}");
    let arn = machine.boto3_identity("mfa")?;
    assert!(arn.contains("assumed-role/Deploy/"), "{arn}");
    Ok(())
}

#[test]
fn a_role_by_hand_asks_for_what_was_defined() -> Result<()> {
    let (_home, machine) = server()?;
    machine.sandglass_does(&[
        "role",
        "add",
        "partner",
        "--role-arn",
        "arn:aws:iam::123456789012:role/Partner",
        "--source",
        "long-lived",
        "--external-id",
        "sandglass-partner",
        "--session-name",
        "ann",
        "--duration",
        "15m",
    ])?;
    machine.sandglass_does(&["renew", "partner"])?;
    let calls = machine.cloud.answered("AssumeRole")?;
    let call = calls.last().context("no call")?;
    assert_eq!(call.parameters["DurationSeconds"], "900", "{call:?}");
    let arn = machine.boto3_identity("partner")?;
    assert!(arn.ends_with("assumed-role/Partner/ann"), "{arn}");
    Ok(())
}

#[test]
fn a_role_by_hand_may_take_a_code() -> Result<()> {
    let (_home, machine) = server()?;
    machine.sandglass_does(&[
        "role",
        "add",
        "admin",
        "--role-arn",
        "arn:aws:iam::123456789012:role/Admin",
        "--source",
        "long-lived",
        "--device",
        DEVICE,
    ])?;
    assert_eq!(machine.session("role:admin")?["needs"], "code");
    let code = machine.cloud.code()?;
    machine.sandglass_does(&["renew", "admin", "--mfa-code", &code])?;
    let arn = machine.boto3_identity("admin")?;
    assert!(arn.contains("assumed-role/Admin/"), "{arn}");
    Ok(())
}

#[test]
fn a_role_by_hand_is_listed_and_forgotten_and_its_keys_stay() -> Result<()> {
    let (home, machine) = server()?;
    machine.define_role()?;
    machine.sandglass_does(&["renew", "support"])?;
    let roles = listed(&machine, "role", "roles")?;
    assert_eq!(roles[0]["target"], "support", "{roles}");
    let before = home.read_aws("credentials")?;
    machine.sandglass_does(&["role", "remove", "support"])?;
    assert_eq!(listed(&machine, "role", "roles")?, json!([]));
    assert!(machine.session("role:support").is_err());
    assert_eq!(home.read_aws("credentials")?, before);
    Ok(())
}

#[test]
fn a_role_by_hand_never_writes_over_long_lived_keys() -> Result<()> {
    let (home, machine) = server()?;
    let before = home.read_aws("credentials")?;
    let said = machine.sandglass(&[
        "role",
        "add",
        "customer",
        "--role-arn",
        DEPLOY,
        "--source",
        "long-lived",
    ])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("long-lived keys"), "{said:?}");
    assert_eq!(home.read_aws("credentials")?, before);
    assert_eq!(listed(&machine, "role", "roles")?, json!([]));
    Ok(())
}

#[test]
fn a_federation_token_may_do_what_its_policy_says_and_no_more() -> Result<()> {
    let (home, machine) = server()?;
    let policy = home.path().join("policy.json");
    std::fs::write(
        &policy,
        json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" }],
        })
        .to_string(),
    )?;
    let policy = policy.to_string_lossy();
    let add = ["federation", "add", "lister", "--source", "broker"];
    let with_policy = ["--target", "lister", "--policy-file", &policy];
    machine.sandglass_does(&[&add[..], &with_policy].concat())?;
    machine.sandglass_does(&["renew", "lister"])?;
    let said = machine.aws_cli(&["s3", "ls", "--profile", "lister"])?;
    assert!(said.out.contains("sandglass-artifacts"), "{said:?}");

    let add = ["federation", "add", "nobody", "--source", "broker"];
    machine.sandglass_does(&[&add[..], &["--target", "nobody"]].concat())?;
    machine.sandglass_does(&["renew", "nobody"])?;
    let said = machine.aws_cli(&["s3", "ls", "--profile", "nobody"])?;
    assert!(said.err.contains("AccessDenied"), "{said:?}");
    Ok(())
}

#[test]
fn a_federation_token_without_a_target_lies_in_the_sealed_store_and_is_there_for_the_next_agent()
-> Result<()> {
    let desktop = Desktop::start_with(Home::new()?, &[Part::Keychain])?;
    let home = desktop.home();
    let machine = Machine::with_every_kind(home, desktop.environment())?;
    let before = home.read_aws("credentials")?;
    machine.sandglass_does(&["federation", "add", "sealed", "--source", "broker"])?;
    machine.sandglass_does(&["renew", "sealed"])?;
    let session = machine.session("federation-token:sealed")?;
    assert_eq!(session["state"], "valid", "{session}");
    let places = session["where_used"].to_string();
    assert!(places.contains("sealed_store"), "{places}");
    assert_eq!(home.read_aws("credentials")?, before);
    let store = home.state().join("sandglass/sealed-credentials");
    try_until("the sealed store", PATIENCE, || {
        Ok(store.is_file().then_some(()))
    })?;
    machine.kill_agent(home)?;
    let again = machine.wait_for_state("federation-token:sealed", "valid")?;
    assert_eq!(again, session);
    machine.sandglass_does(&["check", "sealed"])?;
    Ok(())
}

#[test]
fn without_a_keychain_it_is_kept_until_the_agent_leaves_and_that_is_said() -> Result<()> {
    let (home, machine) = server()?;
    machine.sandglass_does(&["federation", "add", "sealed", "--source", "broker"])?;
    machine.sandglass_does(&["renew", "sealed"])?;
    machine.sandglass_does(&["check", "sealed"])?;
    let findings = machine.findings()?;
    assert!(findings.contains("keychain"), "{findings}");
    machine.kill_agent(&home)?;
    let session = machine.session("federation-token:sealed")?;
    assert_eq!(session["state"], "unknown", "{session}");
    Ok(())
}

#[test]
fn the_console_opens_for_a_role_by_an_address_that_works_once() -> Result<()> {
    let (_home, machine) = server()?;
    machine.sandglass_does(&["renew", "deploy"])?;
    let page = machine.sandglass_does(&["console", "deploy", "--print"])?;
    let page = page.trim();
    assert!(page.starts_with("http://127.0.0.1:"), "{page}");
    assert_eq!(machine.cloud.count("GetSigninToken", "ok")?, 1);
    let login = machine.cloud.follow(page)?;
    assert!(login.contains("SigninToken="), "{login}");
    assert!(
        machine.cloud.follow(page).is_err(),
        "the address works once"
    );
    Ok(())
}

#[test]
fn the_console_does_not_open_for_a_user_s_own_keys_and_says_what_does() -> Result<()> {
    let (_home, machine) = server()?;
    let said = machine.sandglass(&["console", "long-lived", "--print"])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("hint: "), "{said:?}");
    Ok(())
}
