//! Programs that run for minutes while their credentials live for seconds: none of them ever fails.
//!
//! The programs in `tests/clients` know nothing of Sandglass. Each uses a real SDK for longer than two of its credentials
//! live.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Result, ensure};
use sandglass_journeys::clients::python;
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::{CONFIG, Machine};
use sandglass_journeys::programs::Program;
use serde_json::json;

/// Seconds that what AWS issues lives.
const LIFE: u32 = 40;
/// Seconds that each program runs.
const RUN: &str = "120";
/// The run, and what a busy machine takes for starting and ending.
const DEADLINE: Duration = Duration::from_mins(3);
/// A profile whose `credential_process` is Sandglass.
const FRESH: &str = "
[profile fresh]
credential_process = sandglass credentials --profile deploy
region = us-east-1
";
const CLIENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients");

/// How a program gets its credentials.
#[derive(Clone, Copy)]
enum Way {
    /// From a `credential_process`.
    Process,
    /// From an endpoint.
    Endpoint(&'static [&'static str]),
}

fn start(
    machine: &Machine,
    home: &Home,
    name: &str,
    way: Way,
    program: &[&str],
) -> Result<Program> {
    let mut command = match way {
        Way::Process => {
            let mut command: Command = machine.environment().command(program[0]);
            command.args(&program[1..]).env("AWS_PROFILE", "fresh");
            command
        }
        Way::Endpoint(options) => {
            let mut command = machine.program("sandglass")?;
            command
                .arg("exec")
                .args(options)
                .args(["deploy", "--"])
                .args(program);
            command
        }
    };
    command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null());
    Program::start(name, &mut command, &home.logs())
}

#[test]
fn every_client_goes_on_across_the_ends_of_its_credentials() -> Result<()> {
    let home = Home::new()?;
    let machine = Machine::new(&home, &home.environment())?;
    home.write_aws("config", &format!("{CONFIG}{FRESH}"))?;
    machine.cloud.set(&json!({ "assumed_role": LIFE }))?;
    let python = python().to_string_lossy().into_owned();
    let (boto3, node) = (
        format!("{CLIENTS}/buckets.py"),
        format!("{CLIENTS}/buckets.mjs"),
    );
    let (again, endpoint) = (
        format!("{CLIENTS}/again.sh"),
        machine.cloud.endpoint().to_owned(),
    );
    let aws = machine.aws_cli_command();
    let aws = aws.get_program().to_string_lossy().into_owned();
    let aws_cli: &[&str] = &[
        &again,
        RUN,
        &aws,
        "--endpoint-url",
        &endpoint,
        "--region",
        "us-east-1",
        "s3api",
        "list-buckets",
    ];
    let in_file = Way::Endpoint(&[]);
    let programs: [(&str, Way, &[&str]); 7] = [
        ("boto3-process", Way::Process, &[&python, &boto3, RUN]),
        ("boto3-endpoint", in_file, &[&python, &boto3, RUN]),
        ("node-process", Way::Process, &["node", &node, RUN]),
        ("node-endpoint", in_file, &["node", &node, RUN]),
        (
            "node-with-a-buffer",
            in_file,
            &["node", &node, RUN, "--buffer"],
        ),
        ("aws-cli-process", Way::Process, aws_cli),
        // The one of Debian 12 knows no token file.
        (
            "aws-cli-endpoint",
            Way::Endpoint(&["--token-in-env"]),
            aws_cli,
        ),
    ];
    let mut running = programs
        .into_iter()
        .map(|(name, way, program)| start(&machine, &home, name, way, program))
        .collect::<Result<Vec<_>>>()?;
    for program in &mut running {
        let ended = program.wait(DEADLINE)?;
        let (name, said) = (program.name().to_owned(), program.said());
        ensure!(ended.success(), "{name}: {said}");
        let calls = said.lines().filter(|line| *line == "ok").count();
        ensure!(calls >= 20, "{name} made {calls} calls: {said}");
        ensure!(!said.contains("failed"), "{name}: {said}");
    }
    let listed = machine.cloud.answered("ListBuckets")?;
    ensure!(listed.iter().all(|call| call.outcome == "ok"), "{listed:?}");
    let keys: BTreeSet<_> = listed.iter().map(|call| &call.key).collect();
    ensure!(keys.len() >= 3, "only these keys: {keys:?}");
    let assumed = machine.cloud.count("AssumeRole", "ok")?;
    // All of them share what Sandglass has: a new one for each three quarters of a life.
    ensure!(
        assumed <= 120 * 4 / (3 * 40) + 2,
        "{assumed} calls of AssumeRole"
    );
    Ok(())
}
