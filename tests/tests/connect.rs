//! Profiles that are connected: every program asks Sandglass, and everything comes back.
#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use sandglass_journeys::cloud::{ACCESS_KEY_ID, SECRET_ACCESS_KEY};
use sandglass_journeys::desktop::{Desktop, Part};
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::{CONFIG, Machine, credentials, only_the_keys_changed};
use serde_json::{Value, json};

fn server() -> Result<(Home, Machine)> {
    let home = Home::new()?;
    let machine = Machine::new(&home, &home.environment())?;
    Ok((home, machine))
}

fn with_keychain() -> Result<(Desktop, Machine)> {
    let desktop = Desktop::start_with(Home::new()?, &[Part::Keychain])?;
    let machine = Machine::new(desktop.home(), desktop.environment())?;
    Ok((desktop, machine))
}

fn is_as_it_was(home: &Home) -> Result<()> {
    assert_eq!(home.read_aws("config")?, CONFIG);
    assert_eq!(home.read_aws("credentials")?, credentials());
    ensure!(
        !home.config().join("sandglass/sessions.toml").exists(),
        "something is still defined"
    );
    Ok(())
}

/// The item of the keychain with the keys of profile `long-lived`.
fn in_keychain(desktop: &Desktop) -> Result<Option<Value>> {
    let mut lookup = desktop.environment().command("secret-tool");
    let found = lookup
        .args([
            "lookup",
            "service",
            "sandglass",
            "username",
            "keys/long-lived",
        ])
        .output()?;
    if found.stdout.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(&found.stdout).context("the item is no JSON")
}

/// Every file below this folder that holds this text.
fn files_with(folder: &Path, text: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let kind = std::fs::symlink_metadata(&path)?.file_type();
        if kind.is_dir() {
            found.extend(files_with(&path, text)?);
        } else if kind.is_file() && String::from_utf8_lossy(&std::fs::read(&path)?).contains(text) {
            found.push(path.display().to_string());
        }
    }
    Ok(found)
}

#[test]
fn every_sdk_asks_sandglass_for_a_connected_role_and_everything_comes_back() -> Result<()> {
    let (home, machine) = server()?;
    machine.renew(&["deploy"])?;
    let said = machine.sandglass_does(&["connect", "deploy", "--yes"])?;
    ensure!(said.contains("deploy is connected"), "{said}");
    let config = home.read_aws("config")?;
    let line = config
        .lines()
        .find(|line| line.starts_with("credential_process"))
        .context("no such line")?;
    ensure!(
        line.ends_with("sandglass credentials --profile deploy"),
        "{line}"
    );
    ensure!(
        config.starts_with("# of the team, do not sort\n"),
        "{config}"
    );
    for arn in [
        machine.aws_cli_identity("deploy")?,
        machine.boto3_identity("deploy")?,
        // A role that starts from it, which the SDK assumes for itself.
        machine.boto3_identity("audit")?,
    ] {
        ensure!(arn.contains(":assumed-role/"), "{arn}");
    }
    // What the role had was taken along, and its session is the same.
    assert_eq!(machine.cloud.count("AssumeRole", "ok")?, 2);
    let session = machine.session("role:deploy")?;
    assert_eq!(session["state"], "valid");
    ensure!(
        session["where_used"]
            .as_array()
            .is_some_and(|places| places.contains(&json!({ "kind": "sealed_store" }))),
        "{session}"
    );
    let known = machine.sessions()?;
    ensure!(
        known
            .iter()
            .all(|session| session["kind"] != "foreign" || session["profile"] == "mfa"),
        "{known:?}"
    );
    machine.renew(&["deploy", "audit"])?;
    machine.sandglass_does(&["disconnect", "deploy", "--yes"])?;
    is_as_it_was(&home)?;
    machine.renew(&["deploy"])?;
    ensure!(
        machine
            .boto3_identity("deploy")?
            .contains(":assumed-role/Deploy/")
    );
    Ok(())
}

#[test]
fn keys_lie_in_the_keychain_alone_and_serve_everything_that_starts_from_them() -> Result<()> {
    let (desktop, machine) = with_keychain()?;
    let home = desktop.home();
    machine.sandglass_does(&["connect", "long-lived", "--yes"])?;
    let item = in_keychain(&desktop)?.context("nothing is in the keychain")?;
    assert_eq!(item["aws_access_key_id"], ACCESS_KEY_ID);
    assert_eq!(item["aws_secret_access_key"], SECRET_ACCESS_KEY);
    assert_eq!(
        files_with(home.path(), SECRET_ACCESS_KEY)?,
        Vec::<String>::new()
    );
    let session = machine.session("keys:long-lived")?;
    assert_eq!(
        session["where_used"][0],
        json!({ "kind": "keychain" }),
        "{session}"
    );
    // Programs get them, and so do the sessions that start from them; after a restart of the agent too.
    for _ in 0..2 {
        for (profile, arn) in [
            ("long-lived", "arn:aws:iam::123456789012:user/dev"),
            ("deploy", ":assumed-role/Deploy/"),
        ] {
            let who = machine.boto3_identity(profile)?;
            ensure!(who.contains(arn), "{who}");
        }
        machine.renew(&["deploy"])?;
        machine.sandglass_does(&["quit"])?;
    }
    let code = machine.cloud.code()?;
    machine.sandglass_does(&["renew", "prod-admin", "--mfa-code", &code])?;
    machine.define_mfa_session()?;
    let code = machine.cloud.code()?;
    machine.sandglass_does(&["renew", "mfa", "--mfa-code", &code])?;
    machine.sandglass_does(&["mfa", "remove", "mfa"])?;
    machine.sandglass_does(&["disconnect", "long-lived", "--yes"])?;
    assert_eq!(home.read_aws("config")?, CONFIG);
    let restored = home.read_aws("credentials")?;
    ensure!(
        restored.contains(&format!("aws_secret_access_key = {SECRET_ACCESS_KEY}")),
        "{restored}"
    );
    assert_eq!(in_keychain(&desktop)?, None);
    ensure!(machine.boto3_identity("long-lived")?.ends_with(":user/dev"));
    Ok(())
}

#[test]
fn an_mfa_session_that_is_connected_goes_on_without_another_code() -> Result<()> {
    let (desktop, machine) = with_keychain()?;
    machine.define_mfa_session()?;
    let code = machine.cloud.code()?;
    machine.sandglass_does(&["renew", "mfa", "--mfa-code", &code])?;
    let written = desktop.home().read_aws("credentials")?;
    machine.sandglass_does(&["connect", "mfa", "--yes"])?;
    let now = desktop.home().read_aws("credentials")?;
    ensure!(
        !now.contains("ASIA") && now.contains("# keys of the day"),
        "{now}"
    );
    ensure!(now.contains("max_concurrent_requests = 20"), "{now}");
    assert_eq!(machine.session("session-token:mfa")?["state"], "valid");
    ensure!(machine.boto3_identity("mfa")?.ends_with(":user/dev"));
    assert_eq!(machine.cloud.count("GetSessionToken", "ok")?, 1);
    machine.sandglass_does(&["disconnect", "mfa", "--yes"])?;
    assert_eq!(desktop.home().read_aws("credentials")?, written);
    // What was renewed meanwhile is handed back as it is now.
    machine.sandglass_does(&["connect", "mfa", "--yes"])?;
    let code = machine.cloud.code()?;
    machine.sandglass_does(&["renew", "mfa", "--mfa-code", &code])?;
    machine.sandglass_does(&["disconnect", "mfa", "--yes"])?;
    let renewed = desktop.home().read_aws("credentials")?;
    ensure!(renewed != written, "the old keys are back");
    only_the_keys_changed(&written, &renewed)?;
    assert_eq!(machine.session("session-token:mfa")?["state"], "valid");
    ensure!(machine.aws_cli_identity("mfa")?.ends_with(":user/dev"));
    Ok(())
}

#[test]
fn nothing_is_written_before_somebody_agreed() -> Result<()> {
    let (home, machine) = server()?;
    let said = machine.sandglass(&["connect", "deploy"])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    ensure!(said.err.contains("--yes"), "{said:?}");
    for line in [
        "-role_arn = arn:aws:iam::123456789012:role/Deploy",
        "-source_profile = long-lived",
        "+[connected.deploy]",
    ] {
        ensure!(
            said.out.lines().any(|shown| shown == line),
            "{line}: {}",
            said.out
        );
    }
    is_as_it_was(&home)?;
    for (answer, code) in [("\n", 1), ("n\n", 1), ("y\n", 0)] {
        is_as_it_was(&home)?;
        // `script` gives it a terminal.
        let mut command: Command = machine.environment().command("script");
        let mut child = command
            .args(["-qec", "sandglass connect deploy", "/dev/null"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("failed to run `script`")?;
        child
            .stdin
            .take()
            .context("no stdin")?
            .write_all(answer.as_bytes())?;
        let output = child.wait_with_output()?;
        let shown = String::from_utf8_lossy(&output.stdout);
        ensure!(shown.contains("Change these files? [y/N]"), "{shown}");
        assert_eq!(output.status.code(), Some(code), "{answer:?}: {shown}");
    }
    ensure!(home.read_aws("config")?.contains("credential_process"));
    Ok(())
}

#[test]
fn what_cannot_be_is_said_in_one_error_and_nothing_is_lost() -> Result<()> {
    let (home, machine) = server()?;
    for (arguments, why) in [
        (["connect", "nobody"], "there is no profile `nobody`"),
        (
            ["connect", "default"],
            "nothing in profile `default` gives credentials",
        ),
        (
            ["connect", "mfa"],
            "temporary keys that another program put there",
        ),
        // No keychain is there.
        (["connect", "long-lived"], "the keychain"),
    ] {
        let said = machine.sandglass(&[arguments[0], arguments[1], "--yes"])?;
        assert_eq!(said.code, Some(1), "{said:?}");
        ensure!(
            said.err.contains(why) && said.err.contains("hint: "),
            "{said:?}"
        );
        is_as_it_was(&home)?;
    }
    let said = machine.sandglass_does(&["disconnect", "deploy", "--yes"])?;
    ensure!(said.contains("is not connected"), "{said}");
    machine.sandglass_does(&["connect", "deploy", "--yes"])?;
    let said = machine.sandglass_does(&["connect", "deploy", "--yes"])?;
    ensure!(said.contains("is connected already"), "{said}");
    // Somebody takes the role back by hand, and then wants Sandglass out of it.
    home.write_aws("config", CONFIG)?;
    ensure!(
        machine
            .findings()?
            .contains("profile `deploy` is connected, but")
    );
    machine.sandglass_does(&["disconnect", "deploy", "--yes"])?;
    is_as_it_was(&home)
}
