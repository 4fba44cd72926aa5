//! Journeys without a desktop: the real `sandglass`, the real agent, the sandbox, the real AWS CLI.
#![cfg(target_os = "linux")]

use std::process::Stdio;

use anyhow::Result;
use sandglass_journeys::cloud::{DEVICE, SECRET_ACCESS_KEY};
use sandglass_journeys::desktop::{Desktop, Part};
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::{Machine, credentials, only_the_keys_changed};
use sandglass_journeys::programs::Program;
use sandglass_journeys::wait::{PATIENCE, try_until};
use serde_json::{Value, json};

const READ_ONLY: &str = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_ReadOnly";

/// A machine with nothing but a terminal: no bus, no keychain, no tray.
fn server() -> Result<(Home, Machine)> {
    let home = Home::new()?;
    let machine = Machine::new(&home, &home.environment())?;
    Ok((home, machine))
}

#[test]
fn every_profile_of_the_machine_is_listed_with_what_its_renewal_needs() -> Result<()> {
    let (_home, machine) = server()?;
    assert_eq!(machine.status()?["version"], 1);
    let sessions = machine.sessions()?;
    let told: Vec<_> = sessions
        .iter()
        .map(|session| {
            (
                session["id"].as_str(),
                session["state"].as_str(),
                session["needs"].as_str(),
            )
        })
        .collect();
    let expected = [
        ("role:audit", "unknown", "nothing"),
        ("role:deploy", "unknown", "nothing"),
        ("role:prod-admin", "unknown", "code"),
        ("sso-role:dev", "unknown", "browser"),
        ("sso-sign-in:corp", "unknown", "browser"),
        // What lies in the credentials file: keys of people, and keys of the day that another program left.
        ("keys:long-lived", "lasting", "elsewhere"),
        ("keys:customer", "lasting", "elsewhere"),
        ("foreign:mfa", "valid", "elsewhere"),
    ];
    for (id, state, needs) in expected {
        assert!(
            told.contains(&(Some(id), Some(state), Some(needs))),
            "{id}: {told:?}"
        );
    }
    assert_eq!(told.len(), expected.len());
    Ok(())
}

#[test]
fn a_role_and_the_role_behind_it_are_renewed_and_the_aws_cli_uses_both() -> Result<()> {
    let (_home, machine) = server()?;
    machine.sandglass_does(&["renew", "audit"])?;
    let audit = machine.session("role:audit")?;
    assert_eq!(audit["state"], "valid");
    assert_eq!(audit["end_known_by"], "known");
    assert!(
        audit["ends_at"]
            .as_str()
            .is_some_and(|at| at.len() == 20 && at.ends_with('Z'))
    );
    assert_eq!(machine.session("role:deploy")?["state"], "valid");
    let asked = machine.cloud.count("AssumeRole", "ok")?;
    let arn = machine.aws_cli_identity("audit")?;
    assert!(
        arn.starts_with("arn:aws:sts::123456789012:assumed-role/Audit/"),
        "{arn}"
    );
    assert_eq!(
        machine.cloud.count("AssumeRole", "ok")?,
        asked,
        "the CLI took ours"
    );
    Ok(())
}

#[test]
fn a_code_in_hand_renews_a_role_and_the_aws_cli_no_longer_asks_for_one() -> Result<()> {
    let (_home, machine) = server()?;
    let code = machine.cloud.code()?;
    machine.sandglass_does(&["renew", "prod-admin", "--mfa-code", &code])?;
    let arn = machine.aws_cli_identity("prod-admin")?;
    assert!(
        arn.starts_with("arn:aws:sts::123456789012:assumed-role/Admin/"),
        "{arn}"
    );
    assert_eq!(
        machine.cloud.count("GetSessionToken", "ok")?,
        0,
        "the code was in AssumeRole"
    );
    Ok(())
}

#[test]
fn a_wrong_code_in_hand_fails_with_what_aws_says_and_what_to_do() -> Result<()> {
    let (_home, machine) = server()?;
    let said = machine.sandglass(&["renew", "prod-admin", "--mfa-code", "000000"])?;
    assert_eq!(said.code, Some(1));
    assert!(
        said.err
            .contains("MultiFactorAuthentication failed with invalid MFA one time pass code"),
        "{said:?}"
    );
    assert!(said.err.contains("hint: "), "{said:?}");
    assert!(said.out.is_empty());
    Ok(())
}

#[test]
fn without_code_terminal_and_tray_the_answer_comes_at_once() -> Result<()> {
    let (_home, machine) = server()?;
    let said = machine.sandglass(&["renew", "prod-admin"])?;
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("--mfa-code"), "{said:?}");
    assert_eq!(machine.cloud.count("AssumeRole", "ok")?, 0);
    Ok(())
}

#[test]
fn a_terminal_is_asked_for_the_code_again_after_a_wrong_one() -> Result<()> {
    let (home, machine) = server()?;
    // `script` gives a program a terminal of its own, and the test its keyboard.
    let mut command = machine.environment().command("script");
    command
        .args([
            "--quiet",
            "--return",
            "--command",
            "sandglass renew prod-admin",
            "/dev/null",
        ])
        .stdin(Stdio::piped());
    let mut terminal = Program::start("terminal", &mut command, &home.logs())?;
    terminal.type_in(b"000000\n")?;
    try_until("the second question", PATIENCE, || {
        let asked = terminal.said().matches("Code of MFA device dev").count();
        Ok((asked == 2).then_some(()))
    })?;
    assert!(
        terminal.said().contains("invalid MFA one time pass code"),
        "{}",
        terminal.said()
    );
    terminal.type_in(format!("{}\n", machine.cloud.code()?).as_bytes())?;
    assert!(terminal.wait(PATIENCE)?.success(), "{}", terminal.said());
    assert_eq!(machine.session("role:prod-admin")?["state"], "valid");
    Ok(())
}

#[test]
fn a_sign_in_from_the_command_line_serves_the_profile_and_the_aws_cli() -> Result<()> {
    let (home, machine) = server()?;
    let (mut login, code) = machine.begin_sign_in(&home, &["dev"])?;
    try_until("the code in the terminal", PATIENCE, || {
        Ok(login.said().contains(&code).then_some(()))
    })?;
    machine.cloud.approve(&code)?;
    assert!(login.wait(PATIENCE)?.success(), "{}", login.said());

    // The name of the CLI's own file: SHA-1 of the session's name.
    let token = home.read_aws("sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json")?;
    let token: Value = serde_json::from_str(&token)?;
    for key in [
        "startUrl",
        "region",
        "accessToken",
        "expiresAt",
        "clientId",
        "clientSecret",
        "registrationExpiresAt",
        "refreshToken",
    ] {
        assert!(token[key].is_string(), "{key}");
    }
    let arn = machine.aws_cli_identity("dev")?;
    assert!(arn.starts_with(READ_ONLY), "{arn}");
    assert_eq!(
        machine.session("sso-sign-in:corp")?["needs"],
        "nothing",
        "it holds a refresh token"
    );
    Ok(())
}

#[test]
fn a_refused_sign_in_fails_and_says_so() -> Result<()> {
    let (home, machine) = server()?;
    let (mut login, code) = machine.begin_sign_in(&home, &["corp"])?;
    machine.cloud.deny(&code)?;
    assert_eq!(login.wait(PATIENCE)?.code(), Some(1));
    assert!(
        login.said().contains("error: ") && login.said().contains("hint: "),
        "{}",
        login.said()
    );
    Ok(())
}

#[test]
fn a_sign_in_that_ends_is_refreshed_silently_once_somebody_asked_for_it() -> Result<()> {
    let (home, machine) = server()?;
    machine
        .cloud
        .set(&json!({ "access_token": 8, "role_credentials": 3600 }))?;
    let (mut login, code) = machine.begin_sign_in(&home, &["dev"])?;
    machine.cloud.approve(&code)?;
    assert!(login.wait(PATIENCE)?.success(), "{}", login.said());
    let first = machine.session("sso-sign-in:corp")?["ends_at"].clone();
    try_until("a later end", PATIENCE, || {
        let session = machine.session("sso-sign-in:corp")?;
        Ok((session["ends_at"].as_str() > first.as_str()).then_some(()))
    })
}

#[test]
fn an_mfa_session_is_defined_written_and_used_and_nothing_else_in_the_file_changes() -> Result<()> {
    let home = Home::new()?;
    let desktop = Desktop::start_with(home, &[Part::Keychain])?;
    let machine = Machine::new(desktop.home(), desktop.environment())?;
    machine.define_mfa_session()?;

    // The device is in the keychain, for every program that the person lets look.
    let mut lookup = desktop.environment().command("secret-tool");
    let found = lookup
        .args([
            "lookup",
            "service",
            "sandglass",
            "username",
            "mfa-device/mfa",
        ])
        .output()?;
    assert_eq!(String::from_utf8(found.stdout)?.trim(), DEVICE);
    let definitions =
        std::fs::read_to_string(desktop.home().config().join("sandglass/sessions.toml"))?;
    assert!(!definitions.contains(DEVICE), "{definitions}");

    let listed: Value = serde_json::from_str(&machine.sandglass_does(&["mfa", "list", "--json"])?)?;
    assert_eq!(listed["mfa_sessions"][0]["device"], DEVICE);
    assert_eq!(listed["mfa_sessions"][0]["duration_seconds"], 43_200);

    let code = machine.cloud.code()?;
    machine.sandglass_does(&["renew", "mfa", "--mfa-code", &code])?;
    only_the_keys_changed(&credentials(), &desktop.home().read_aws("credentials")?)?;
    assert_eq!(
        machine.aws_cli_identity("mfa")?,
        "arn:aws:iam::123456789012:user/dev"
    );
    let session = machine.session("session-token:mfa")?;
    assert_eq!(
        (&session["state"], &session["end_known_by"]),
        (&json!("valid"), &json!("known"))
    );

    machine.sandglass_does(&["mfa", "remove", "mfa"])?;
    let mut lookup = desktop.environment().command("secret-tool");
    let gone = lookup
        .args([
            "lookup",
            "service",
            "sandglass",
            "username",
            "mfa-device/mfa",
        ])
        .output()?;
    assert!(!gone.status.success());
    assert!(machine.session("session-token:mfa").is_err());
    Ok(())
}

#[test]
fn the_log_of_whole_renewals_holds_no_secret_however_much_is_asked_of_it() -> Result<()> {
    let (home, mut machine) = server()?;
    machine.set_environment(|environment| environment.with("SANDGLASS_LOG", "trace"));
    let code = machine.cloud.code()?;
    machine.sandglass_does(&["renew", "prod-admin", "--mfa-code", &code])?;
    let (mut login, user_code) = machine.begin_sign_in(&home, &["dev"])?;
    machine.cloud.approve(&user_code)?;
    assert!(login.wait(PATIENCE)?.success(), "{}", login.said());
    machine.sandglass_does(&["renew", "dev"])?;

    let mut secrets = vec![SECRET_ACCESS_KEY.to_owned(), format!("TokenCode={code}")];
    for folder in ["sso/cache", "cli/cache"] {
        for entry in std::fs::read_dir(home.aws().join(folder))? {
            let entry: Value = serde_json::from_str(&std::fs::read_to_string(entry?.path())?)?;
            for key in ["accessToken", "refreshToken", "clientSecret"] {
                secrets.extend(entry[key].as_str().map(str::to_owned));
            }
            for key in ["SecretAccessKey", "SessionToken"] {
                secrets.extend(entry["Credentials"][key].as_str().map(str::to_owned));
            }
        }
    }
    assert!(
        secrets.len() >= 9,
        "the renewals left their secrets where they belong"
    );
    let log = std::fs::read_to_string(home.state().join("sandglass/agent.log"))?;
    assert!(log.contains("renewed"), "the log tells what happened");
    for secret in secrets {
        assert!(!log.contains(&secret), "the log holds a secret");
    }
    Ok(())
}

#[test]
fn an_agent_that_was_killed_is_started_again_and_knows_the_same_ends() -> Result<()> {
    let (home, machine) = server()?;
    machine.sandglass_does(&["renew", "deploy"])?;
    let before = machine.session("role:deploy")?;
    machine.kill_agent(&home)?;
    assert_eq!(machine.session("role:deploy")?, before);
    Ok(())
}

#[test]
fn a_hundred_callers_at_once_meet_one_agent() -> Result<()> {
    let (home, machine) = server()?;
    let mut callers = Vec::new();
    for number in 0..100 {
        let mut command = machine.program("sandglass")?;
        let command = command.args(["status", "--json"]).stdin(Stdio::null());
        callers.push(Program::start(
            &format!("caller-{number}"),
            command,
            &home.logs(),
        )?);
    }
    for caller in &mut callers {
        assert!(caller.wait(PATIENCE)?.success(), "{}", caller.said());
        assert!(caller.said().contains("role:deploy"), "{}", caller.said());
    }
    Ok(())
}
