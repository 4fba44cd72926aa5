//! What Sandglass renews, the real AWS CLI and the real boto3 use without a terminal; what they renew, Sandglass sees.
#![cfg(target_os = "linux")]

use anyhow::Result;
use sandglass_journeys::cloud::{Answered, USER};
use sandglass_journeys::desktop::{Desktop, Part};
use sandglass_journeys::every_kind::{CONSOLE_LOGIN, LEGACY_SIGN_IN};
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::Machine;
use serde_json::json;

/// Seconds of life with which botocore refreshes a console sign-in: less than five minutes.
const BOTOCORE_REFRESHES: u32 = 200;

fn server() -> Result<(Home, Machine)> {
    let home = Home::new()?;
    let machine = Machine::with_every_kind(&home, &home.environment())?;
    Ok((home, machine))
}

fn assumed(role: &str) -> String {
    format!("arn:aws:sts::123456789012:assumed-role/{role}/")
}

#[test]
fn the_aws_cli_takes_every_role_from_its_cache_and_asks_nobody() -> Result<()> {
    let (_home, machine) = server()?;
    let code = machine.cloud.code()?;
    machine.sandglass_does(&["renew", "prod-admin", "--mfa-code", &code])?;
    machine.renew(&["audit", "pipeline", "on-instance"])?;
    let calls = machine.cloud.journal()?.len();
    for (profile, role) in [
        ("prod-admin", "Admin"),
        ("deploy", "Deploy"),
        ("audit", "Audit"),
        ("pipeline", "Pipeline"),
        ("on-instance", "Deploy"),
    ] {
        let arn = machine.aws_cli_identity(profile)?;
        assert!(arn.starts_with(&assumed(role)), "{profile}: {arn}");
    }
    let since = machine.cloud.journal()?.split_off(calls);
    // It looks at the instance whether it needs that or not.
    let is_sts = |call: &&Answered| call.operation.starts_with("Assume");
    assert_eq!(since.iter().filter(is_sts).count(), 0, "{since:?}");
    Ok(())
}

#[test]
fn boto3_reads_what_was_written_to_profiles() -> Result<()> {
    let desktop = Desktop::start_with(Home::new()?, &[Part::Keychain])?;
    let machine = Machine::with_every_kind(desktop.home(), desktop.environment())?;
    machine.define_every_kind()?;
    let code = machine.cloud.code()?;
    machine.sandglass_does(&["renew", "mfa", "--mfa-code", &code])?;
    machine.renew(&["support", "visitor"])?;
    let support = machine.boto3_identity("support")?;
    assert!(support.starts_with(&assumed("Support")), "{support}");
    assert_eq!(
        machine.boto3_identity("visitor")?,
        "arn:aws:sts::123456789012:federated-user/visitor"
    );
    assert_eq!(machine.boto3_identity("mfa")?, USER);
    Ok(())
}

#[test]
fn boto3_takes_the_console_sign_in_that_sandglass_refreshed() -> Result<()> {
    let (home, machine) = server()?;
    machine.cloud.set(&json!({ "login_access": 1 }))?;
    let login = machine.log_in_to_console(&home)?;
    machine.cloud.set(&json!({}))?;
    machine.sandglass_does(&["renew", "console"])?;
    let renewed = home.console_login()?;
    assert_ne!(
        renewed["accessToken"]["accessKeyId"],
        login["accessToken"]["accessKeyId"]
    );
    assert_ne!(renewed["refreshToken"], login["refreshToken"]);
    for kept in ["dpopKey", "clientId", "idToken", "tokenType"] {
        assert_eq!(renewed[kept], login[kept], "{kept}");
    }
    let refreshed = machine.cloud.count("CreateOAuth2Token", "ok")?;
    assert_eq!(machine.boto3_identity("console")?, USER);
    assert_eq!(
        machine.cloud.count("CreateOAuth2Token", "ok")?,
        refreshed,
        "boto3 took ours"
    );
    Ok(())
}

#[test]
fn a_console_sign_in_that_boto3_refreshes_is_seen_and_goes_on_from_there() -> Result<()> {
    let (home, machine) = server()?;
    machine
        .cloud
        .set(&json!({ "login_access": BOTOCORE_REFRESHES }))?;
    machine.log_in_to_console(&home)?;
    let first = machine.wait_for_state(CONSOLE_LOGIN, "valid")?;
    machine.cloud.set(&json!({}))?;
    assert_eq!(machine.boto3_identity("console")?, USER);
    let second = machine.wait_for_session(CONSOLE_LOGIN, "be refreshed", |session| {
        session["ends_at"].as_str() > first["ends_at"].as_str()
    })?;
    assert_eq!(second["end_known_by"], "known");
    // boto3's refresh token is the only one that still works.
    machine.sandglass_does(&["renew", "console"])?;
    assert_eq!(machine.boto3_identity("console")?, USER);
    Ok(())
}

#[test]
fn a_sign_in_of_the_aws_cli_is_seen_and_serves_sandglass() -> Result<()> {
    let (home, machine) = server()?;
    machine.sandglass_does(&["status"])?;
    for (profile, sign_in, role) in [
        ("dev", "sso-sign-in:corp", "sso-role:dev"),
        ("classic", LEGACY_SIGN_IN, "sso-role:classic"),
    ] {
        machine.aws_cli_signs_in(&home, profile)?;
        let seen = machine.wait_for_state(sign_in, "valid")?;
        assert_eq!(seen["end_known_by"], "known", "{seen}");
        machine.sandglass_does(&["renew", profile])?;
        assert_eq!(machine.session(role)?["state"], "valid");
    }
    Ok(())
}

#[test]
fn a_sign_in_of_sandglass_serves_the_aws_cli_and_boto3() -> Result<()> {
    let (home, machine) = server()?;
    for (profile, account) in [("dev", "123456789012"), ("classic", "210987654321")] {
        machine.sign_in(&home, &[profile])?;
        let expected = format!("arn:aws:sts::{account}:assumed-role/AWSReservedSSO_ReadOnly");
        for arn in [
            machine.aws_cli_identity(profile)?,
            machine.boto3_identity(profile)?,
        ] {
            assert!(arn.starts_with(&expected), "{profile}: {arn}");
        }
    }
    Ok(())
}

#[test]
fn a_sign_in_that_boto3_refreshes_is_taken_as_the_newer_one() -> Result<()> {
    let (home, machine) = server()?;
    // Less than the ten minutes at which botocore insists on a fresh token.
    machine.cloud.set(&json!({ "access_token": 300 }))?;
    machine.sign_in(&home, &["corp"])?;
    let first = machine.wait_for_state("sso-sign-in:corp", "valid")?;
    machine.cloud.set(&json!({}))?;
    machine.boto3_identity("dev")?;
    machine.wait_for_session("sso-sign-in:corp", "be refreshed", |session| {
        session["ends_at"].as_str() > first["ends_at"].as_str()
    })?;
    machine.sandglass_does(&["renew", "dev"])?;
    machine.sandglass_does(&["renew", "corp"])?;
    assert_eq!(machine.session("sso-sign-in:corp")?["state"], "valid");
    Ok(())
}

#[test]
fn a_sign_out_of_the_aws_cli_is_seen() -> Result<()> {
    let (home, machine) = server()?;
    machine.sign_in(&home, &["dev"])?;
    let said = machine.aws_cli(&["sso", "logout"])?;
    assert_eq!(said.code, Some(0), "{said:?}");
    let sign_in = machine.wait_for_state("sso-sign-in:corp", "unknown")?;
    assert_eq!(sign_in["needs"], "browser");
    Ok(())
}
