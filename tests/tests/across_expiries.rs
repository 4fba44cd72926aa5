//! Programs that run for minutes while their credentials live for seconds: none of them ever fails.
//!
//! The programs in `tests/clients` know nothing of Sandglass. Each uses a real SDK for longer than two of its credentials
//! live.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Result, ensure};
use sandglass_journeys::clients::{aws_cli_1, python};
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::{CONFIG, Machine};
use sandglass_journeys::programs::{self, Program};
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
    /// From a profile of the credentials file that Sandglass writes.
    File,
}

/// A token file, as AWS SDKs of today read it.
const ENDPOINT: Way = Way::Endpoint(&[]);
/// For those that are older than token files.
const OLD_ENDPOINT: Way = Way::Endpoint(&["--token-in-env"]);

fn start(
    machine: &Machine,
    home: &Home,
    name: &str,
    way: Way,
    program: &[&str],
) -> Result<Program> {
    let with_profile = |profile: &str| {
        let mut command: Command = machine.environment().command(program[0]);
        command.args(&program[1..]).env("AWS_PROFILE", profile);
        command
    };
    let mut command = match way {
        Way::Process => with_profile("fresh"),
        Way::File => with_profile("file-only"),
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
        // Go's first SDK reads `~/.aws/config` only where this says so.
        .env("AWS_SDK_LOAD_CONFIG", "1")
        .stdin(Stdio::null());
    Program::start(name, &mut command, &home.logs())
}

/// A profile of the credentials file that Sandglass keeps fresh.
fn define_target(machine: &Machine) -> Result<()> {
    let role = "arn:aws:iam::123456789012:role/Deploy";
    let source = "long-lived";
    machine.sandglass_does(&[
        "role",
        "add",
        "file-only",
        "--role-arn",
        role,
        "--source",
        source,
    ])?;
    machine.renew(&["file-only"])
}

#[test]
fn every_client_goes_on_across_the_ends_of_its_credentials() -> Result<()> {
    let home = Home::new()?;
    let machine = Machine::new(&home, &home.environment())?;
    home.write_aws("config", &format!("{CONFIG}{FRESH}"))?;
    machine.cloud.set(&json!({ "assumed_role": LIFE }))?;
    define_target(&machine)?;
    let in_clients = |name: &str| format!("{CLIENTS}/{name}");
    let text = |path: &OsStr| path.to_string_lossy().into_owned();
    let endpoint = machine.cloud.endpoint();
    let python = text(&python());
    let rust = text(programs::folder()?.join("examples/buckets").as_os_str());
    let aws_2 = text(machine.aws_cli_command().get_program());
    let aws_1 = text(&aws_cli_1());
    let [boto3, file_only, node, again, rclone] = [
        "buckets.py",
        "file_only.py",
        "buckets.mjs",
        "again.sh",
        "rclone.sh",
    ]
    .map(in_clients);
    let boto3: &[&str] = &[&python, &boto3, RUN];
    let node = ["node", &node, RUN, "--buffer"];
    let (with_buffer, node) = (&node[..], &node[..3]);
    let rust: &[&str] = &[&rust, RUN];
    let rclone: &[&str] = &[&rclone, RUN, endpoint];
    let list_buckets = ["--region", "us-east-1", "s3api", "list-buckets"];
    let aws_2: &[&str] = &[
        &[&again, RUN, &aws_2, "--endpoint-url", endpoint][..],
        &list_buckets[..],
    ]
    .concat();
    let aws_1: &[&str] = &[&[&again, RUN, &aws_1][..], &list_buckets[..]].concat();
    let programs = [
        ("boto3-process", Way::Process, boto3),
        ("boto3-endpoint", ENDPOINT, boto3),
        ("node-process", Way::Process, node),
        ("node-endpoint", ENDPOINT, node),
        ("node-with-a-buffer-process", Way::Process, with_buffer),
        ("node-with-a-buffer-endpoint", ENDPOINT, with_buffer),
        ("rust-process", Way::Process, rust),
        ("rust-endpoint", ENDPOINT, rust),
        ("rclone-process", Way::Process, rclone),
        ("rclone-endpoint", OLD_ENDPOINT, rclone),
        ("aws-cli-1-process", Way::Process, aws_1),
        ("aws-cli-1-endpoint", ENDPOINT, aws_1),
        ("aws-cli-2-process", Way::Process, aws_2),
        // The one of Debian 12 knows no token file.
        ("aws-cli-2-endpoint", OLD_ENDPOINT, aws_2),
        ("file-only", Way::File, &[&python, &file_only, RUN]),
    ];
    let mut running = programs
        .into_iter()
        .map(|(name, way, program)| start(&machine, &home, name, way, program))
        .collect::<Result<Vec<_>>>()?;
    for program in &mut running {
        let ended = program.wait(DEADLINE)?;
        let (name, said) = (program.name().to_owned(), program.said());
        ensure!(ended.success(), "{name}: {said}");
        // Keys that live for a third of the run were changed by whoever got through all of it.
        let calls = said.lines().filter(|line| *line == "ok").count();
        ensure!(calls >= 20, "{name} made {calls} calls: {said}");
        ensure!(!said.contains("failed"), "{name}: {said}");
    }
    let listed = machine.cloud.answered("ListBuckets")?;
    ensure!(listed.iter().all(|call| call.outcome == "ok"), "{listed:?}");
    let keys: BTreeSet<_> = listed.iter().map(|call| &call.key).collect();
    ensure!(keys.len() >= 6, "only these keys: {keys:?}");
    let assumed = machine.cloud.count("AssumeRole", "ok")?;
    // Two sessions, shared by all: a new one for each three quarters of a life.
    ensure!(
        assumed <= 2 * (120 * 4 / (3 * 40) + 2),
        "{assumed} calls of AssumeRole"
    );
    Ok(())
}
