//! The doctor, through the real command on a real machine.
#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::{CONFIG, Machine, Said};
use serde_json::Value;

/// A machine on which nothing is wrong.
fn healthy() -> Result<(Home, Machine)> {
    let home = Home::new()?;
    let machine = Machine::new(&home, &home.environment())?;
    Ok((home, machine))
}

/// What the doctor says of a text on its standard input.
fn read(machine: &Machine, pieces: &[&[u8]]) -> Result<Said> {
    let mut command = machine.program("sandglass")?;
    let mut child = command
        .args(["doctor", "--error", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().context("no stdin")?;
    for piece in pieces {
        stdin.write_all(piece)?;
    }
    drop(stdin);
    Ok(Said::from(child.wait_with_output()?))
}

/// What is wrong, and an exit code that says so.
fn findings(machine: &Machine, arguments: &[&str]) -> Result<Vec<Value>> {
    let said = machine.sandglass(&[&["doctor", "--json"], arguments].concat())?;
    let diagnosis: Value =
        serde_json::from_str(&said.out).with_context(|| format!("no JSON: {said:?}"))?;
    let findings = diagnosis["findings"].as_array().context("no findings")?;
    assert_eq!(said.code, Some(i32::from(!findings.is_empty())), "{said:?}");
    assert_eq!(diagnosis["version"], 1);
    Ok(findings.clone())
}

fn codes(findings: &[Value]) -> Vec<&str> {
    findings
        .iter()
        .filter_map(|finding| finding["code"].as_str())
        .collect()
}

#[test]
fn a_healthy_machine_is_one_calm_line() -> Result<()> {
    let (_home, machine) = healthy()?;
    machine.renew(&["deploy"])?;
    let said = machine.sandglass(&["doctor"])?;
    assert_eq!(
        (said.code, said.out.as_str(), said.err.as_str()),
        (Some(0), "Nothing is wrong.\n", "")
    );
    // Asked about a profile, it says besides how long that lives.
    let said = machine.sandglass(&["doctor", "deploy"])?;
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    ensure!(
        said.out
            .starts_with("Nothing is wrong.\n\nhow long a session of `deploy` lives:\n"),
        "{said:?}"
    );
    Ok(())
}

#[test]
fn an_error_that_somebody_pastes_is_explained_with_what_to_do() -> Result<()> {
    let (_home, machine) = healthy()?;
    let text = "An error occurred (ExpiredToken) when calling the ListBuckets operation: The provided token has expired.";
    let said = machine.sandglass(&["doctor", "deploy", "--error", text])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    for line in [
        "error: AWS does not accept the credentials any more: their session is over (during ListBuckets)",
        "          sandglass renew deploy",
        "  from  Any AWS service, of the credentials that a call came with (line 1)",
        "  page  docs/errors/expired-token.md, or `sandglass doctor --explain expired-token`",
    ] {
        ensure!(
            said.out.lines().any(|said| said == line),
            "{line}: {}",
            said.out
        );
    }
    Ok(())
}

#[test]
fn a_log_of_any_size_and_kind_is_read_to_its_end() -> Result<()> {
    let (_home, machine) = healthy()?;
    let noise: Vec<u8> = (0..4 * 1024 * 1024_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    // More than 100 MB of no text at all.
    let mut pieces: Vec<&[u8]> = vec![&noise; 25];
    pieces.push(b"\nbotocore: An error occurred (RequestTimeTooSkewed)\n");
    pieces.push(&noise);
    pieces.push(b"\nError loading SSO Token: Token for corp does not exist");
    let said = read(&machine, &pieces)?;
    assert_eq!(said.code, Some(1));
    for page in ["request-time-too-skewed", "sso-token-missing"] {
        ensure!(
            said.out.contains(&format!("docs/errors/{page}.md")),
            "{}",
            said.out
        );
    }
    let said = read(&machine, &[])?;
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(0), "Nothing is wrong.\n")
    );
    Ok(())
}

#[test]
fn files_that_cannot_be_read_are_told_and_the_rest_is_looked_at() -> Result<()> {
    let (home, machine) = healthy()?;
    let config = home.aws().join("config");
    std::fs::remove_file(&config)?;
    // Nobody can read a folder as a file, not even the superuser.
    std::fs::create_dir(&config)?;
    std::fs::create_dir_all(home.aws().join("sso/cache/folder.json"))?;
    let said = machine.sandglass(&["doctor", "long-lived", "--error", "ExpiredToken", "--json"])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    let diagnosis: Value = serde_json::from_str(&said.out)?;
    let found = diagnosis["findings"].as_array().context("no findings")?;
    for (code, words) in [
        ("expired-token", "their session is over"),
        ("file", "~/.aws/config"),
        ("chain-stopped", "this is a folder"),
    ] {
        ensure!(
            found
                .iter()
                .any(|finding| finding["code"] == code && finding.to_string().contains(words)),
            "{code}: {found:?}"
        );
    }
    Ok(())
}

#[test]
fn what_goes_first_is_told_for_the_files_and_the_environment_of_the_caller() -> Result<()> {
    let (home, mut machine) = healthy()?;
    let shadowed = "\n[profile both]\ncredential_process = echo\naws_access_key_id = AKIASHADOWSHADOWXYZ\naws_secret_access_key = s\n";
    home.write_aws("config", &format!("{CONFIG}{shadowed}"))?;
    let all = findings(&machine, &["both", "--sdk", "js"])?;
    assert_eq!(codes(&all), ["keys-go-first"], "{all:?}");
    ensure!(
        all[0].to_string().contains("sandglass connect both"),
        "{all:?}"
    );
    machine.set_environment(|environment| {
        environment
            .with("AWS_ACCESS_KEY_ID", "ASIAFORGOTTENFORGOT1")
            .with("AWS_SECRET_ACCESS_KEY", "never-shown")
            .with("AWS_SESSION_TOKEN", "never-shown-either")
            .with("AWS_PROFILE", "deploy")
    });
    let said = machine.sandglass(&["doctor", "--sdk", "boto3"])?;
    ensure!(said.out.contains("environment-goes-first"), "{said:?}");
    ensure!(
        said.out.contains("-> AWS_ACCESS_KEY_ID (…GOT1)"),
        "{said:?}"
    );
    ensure!(!said.out.contains("never-shown"), "{said:?}");
    let wrong = machine.sandglass(&["doctor", "--sdk", "cobol"])?;
    assert_eq!(wrong.code, Some(2));
    Ok(())
}

#[test]
fn a_profile_is_told_how_long_its_sessions_live_and_who_says_so() -> Result<()> {
    let (_home, machine) = healthy()?;
    for (profile, lines) in [
        (
            "deploy",
            [
                "  default  1 h",
                "  set by   whoever keeps the role: it is its `MaxSessionDuration`, from 1 h to 12 h, which these credentials may not look up",
            ],
        ),
        (
            "audit",
            ["  at most  1 h", "             sandglass connect audit"],
        ),
        (
            "dev",
            [
                "  at most  not known",
                "  change   Ask your administrator for a longer session duration of this permission set.",
            ],
        ),
    ] {
        let said = machine.sandglass(&["doctor", profile])?;
        for line in lines {
            ensure!(
                said.out.lines().any(|said| said == line),
                "{profile}: {line}: {}",
                said.out
            );
        }
    }
    Ok(())
}

#[test]
fn the_role_of_the_machine_is_told_with_its_end() -> Result<()> {
    let home = Home::new()?;
    let machine = Machine::with_every_kind(&home, &home.environment())?;
    let said = machine.sandglass(&["doctor", "--sdk", "cli"])?;
    for line in [
        "This EC2 instance has a role `",
        "This container has a role; its credentials end in ",
    ] {
        ensure!(
            said.out.lines().any(|said| said.starts_with(line)),
            "{line}: {}",
            said.out
        );
    }
    Ok(())
}

#[test]
fn a_role_of_the_machine_that_a_profile_wants_in_vain_is_missed() -> Result<()> {
    let (home, machine) = healthy()?;
    let app = "\n[profile app]\nrole_arn = arn:aws:iam::123456789012:role/App\ncredential_source = Ec2InstanceMetadata\n";
    home.write_aws("config", &format!("{CONFIG}{app}"))?;
    let all = findings(&machine, &[])?;
    assert_eq!(codes(&all), ["machine-role-missing"], "{all:?}");
    ensure!(
        all[0].to_string().contains("AWS_EC2_METADATA_DISABLED"),
        "{all:?}"
    );
    Ok(())
}
