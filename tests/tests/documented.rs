//! The examples of the documentation, run as a person copies them.
#![cfg(target_os = "linux")]

use anyhow::{Context as _, Result, ensure};
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

#[test]
fn every_way_of_hand_over_works_as_its_page_shows_it() -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let home = Home::new()?;
    let machine = Machine::new(&home, &home.environment())?;
    let page = include_str!("../../docs/hand-over.md");
    let settings = blocks(page, "ini").join("\n");
    ensure!(settings.contains("[profile deploy-fresh]"), "{settings}");
    home.write_aws("config", &format!("{CONFIG}\n{settings}\n"))?;
    std::fs::write(home.path().join("report.py"), REPORT)?;
    let deploy = home.path().join("deploy.sh");
    std::fs::write(&deploy, DEPLOY)?;
    std::fs::set_permissions(&deploy, std::fs::Permissions::from_mode(0o755))?;
    let commands = blocks(page, "sh");
    ensure!(commands.len() >= 6, "only {} examples", commands.len());
    for command in commands {
        let mut shell = machine.environment().command("bash");
        let output = shell.args(["-euo", "pipefail", "-c", &command]).output();
        let output = output.context("failed to run bash")?;
        ensure!(output.status.success(), "{command}: {output:?}");
    }
    let arn = machine.aws_cli_identity("deploy-fresh")?;
    ensure!(arn.contains(":assumed-role/Deploy/"), "{arn}");
    let arn = machine.boto3_identity("for-old-tools")?;
    ensure!(arn.contains(":assumed-role/Deploy/"), "{arn}");
    Ok(())
}
