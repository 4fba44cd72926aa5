//! The examples of the documentation, run as a person copies them.
#![cfg(target_os = "linux")]

use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context as _, Result, ensure};
use sandglass_journeys::desktop::{Desktop, Part};
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::{CONFIG, Machine};

/// What the examples call their own programs: each fails unless it finds credentials that work as the SDKs find them.
const REPORT: &str = "\
import json, os, urllib.request
with open(os.environ['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']) as file:
    token = file.read()
url = os.environ['AWS_CONTAINER_CREDENTIALS_FULL_URI']
request = urllib.request.Request(url, headers={'Authorization': token})
with urllib.request.urlopen(request) as answer:
    assert json.load(answer)['AccessKeyId'].startswith('ASIA')
";
const DEPLOY: &str = "#!/bin/sh\nexec python3 report.py\n";

/// A person's machine with a keychain, and the programs of the examples in its home.
fn machine() -> Result<(Desktop, Machine)> {
    let desktop = Desktop::start_with(Home::new()?, &[Part::Keychain])?;
    let machine = Machine::new(desktop.home(), desktop.environment())?;
    let home = desktop.home().path();
    std::fs::write(home.join("report.py"), REPORT)?;
    let deploy = home.join("deploy.sh");
    std::fs::write(&deploy, DEPLOY)?;
    std::fs::set_permissions(&deploy, std::fs::Permissions::from_mode(0o755))?;
    Ok((desktop, machine))
}

/// The fenced blocks of a page in this language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}");
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while lines.any(|line| line == fence) {
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push(block.join("\n"));
    }
    blocks
}

/// Runs the commands of a page, each of which succeeds.
fn run(machine: &Machine, page: &str) -> Result<()> {
    let commands = blocks(page, "sh");
    ensure!(!commands.is_empty(), "no examples");
    commands
        .iter()
        .try_for_each(|command| does(machine, command))
}

fn does(machine: &Machine, command: &str) -> Result<()> {
    let mut shell = machine.environment().command("bash");
    let output = shell.args(["-euo", "pipefail", "-c", command]).output();
    let output = output.context("failed to run bash")?;
    ensure!(output.status.success(), "{command}: {output:?}");
    Ok(())
}

fn is_deploy(arn: &str) -> Result<()> {
    ensure!(arn.contains(":assumed-role/Deploy/"), "{arn}");
    Ok(())
}

#[test]
fn a_profile_is_connected_as_its_page_shows_it() -> Result<()> {
    let (desktop, machine) = machine()?;
    let page = include_str!("../../docs/hand-over/connect.md");
    let commands = blocks(page, "sh");
    ensure!(commands.len() == 4, "{commands:?}");
    for (command, profile) in commands
        .iter()
        .zip(["deploy", "deploy", "long-lived", "long-lived"])
    {
        does(&machine, command)?;
        let config = desktop.home().read_aws("config")?;
        let line = format!("sandglass credentials --profile {profile}\n");
        assert_eq!(
            config.contains(&line),
            command.contains("sandglass connect "),
            "{command}"
        );
        ensure!(machine.boto3_identity(profile)?.starts_with("arn:aws:"));
    }
    assert_eq!(desktop.home().read_aws("config")?, CONFIG);
    Ok(())
}

#[test]
fn an_endpoint_works_as_its_page_shows_it() -> Result<()> {
    let (_desktop, machine) = machine()?;
    run(&machine, include_str!("../../docs/hand-over/endpoint.md"))
}

#[test]
fn a_process_works_as_its_page_shows_it() -> Result<()> {
    let (desktop, machine) = machine()?;
    let page = include_str!("../../docs/hand-over/process.md");
    let settings = blocks(page, "ini").join("\n");
    ensure!(settings.contains("[profile deploy-fresh]"), "{settings}");
    desktop
        .home()
        .write_aws("config", &format!("{CONFIG}\n{settings}\n"))?;
    run(&machine, page)?;
    is_deploy(&machine.aws_cli_identity("deploy-fresh")?)
}

#[test]
fn a_target_profile_works_as_its_page_shows_it() -> Result<()> {
    let (_desktop, machine) = machine()?;
    run(
        &machine,
        include_str!("../../docs/hand-over/target-profile.md"),
    )?;
    is_deploy(&machine.boto3_identity("for-old-tools")?)
}

#[test]
fn variables_work_as_their_page_shows_it() -> Result<()> {
    let (_desktop, machine) = machine()?;
    run(&machine, include_str!("../../docs/hand-over/variables.md"))
}
