//! Credentials on their way to programs, through the real commands.
#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use rustix::process::Signal;
use sandglass_journeys::clients::python;
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::{CONFIG, Machine, credentials};
use sandglass_journeys::programs::Program;
use sandglass_journeys::sandglass::{PROMPT, Sandglass};
use sandglass_journeys::wait::{self, PATIENCE};
use serde_json::{Value, json};

/// Prints who boto3 is without being told anything.
const WHO_AM_I: &str = "\
import boto3
print(boto3.client('sts', region_name='us-east-1').get_caller_identity()['Arn'])
";

fn server() -> Result<(Home, Machine)> {
    let home = Home::new()?;
    let machine = Machine::new(&home, &home.environment())?;
    Ok((home, machine))
}

fn handed(machine: &Machine, profile: &str) -> Result<Value> {
    let said = machine.sandglass_does(&["credentials", "--profile", profile])?;
    serde_json::from_str(&said).context("it printed something else than JSON")
}

#[test]
fn a_process_gets_what_every_sdk_reads_and_the_second_time_without_a_call_of_aws() -> Result<()> {
    let (_home, machine) = server()?;
    let first = handed(&machine, "deploy")?;
    assert_eq!(first["Version"], json!(1));
    assert_eq!(first["AccountId"], "123456789012");
    for key in ["AccessKeyId", "SecretAccessKey", "SessionToken"] {
        assert!(
            first[key].as_str().is_some_and(|text| !text.is_empty()),
            "{key}"
        );
    }
    let ends = first["Expiration"].as_str().context("no end")?;
    assert!(ends.len() == 20 && ends.ends_with('Z'), "{ends}");
    let calls = machine.cloud.journal()?.len();
    assert_eq!(handed(&machine, "deploy")?, first);
    assert_eq!(machine.cloud.journal()?.len(), calls);
    let keys = handed(&machine, "long-lived")?;
    assert!(
        keys.get("Expiration").is_none() && keys.get("SessionToken").is_none(),
        "{keys}"
    );
    Ok(())
}

#[test]
fn the_aws_cli_and_boto3_take_credentials_from_the_process() -> Result<()> {
    let (home, machine) = server()?;
    let fresh = "\n[profile fresh]\ncredential_process = sandglass credentials --profile deploy\nregion = us-east-1\n";
    home.write_aws("config", &format!("{CONFIG}{fresh}"))?;
    for arn in [
        machine.aws_cli_identity("fresh")?,
        machine.boto3_identity("fresh")?,
    ] {
        assert!(arn.contains(":assumed-role/Deploy/"), "{arn}");
    }
    assert_eq!(machine.cloud.count("AssumeRole", "ok")?, 1);
    // It is no session of its own, and still a name to ask for.
    assert!(
        !machine
            .sessions()?
            .iter()
            .any(|session| session["name"] == "fresh")
    );
    assert_eq!(handed(&machine, "fresh")?["Version"], json!(1));
    Ok(())
}

#[test]
fn a_profile_that_sandglass_writes_is_handed_over_with_its_end() -> Result<()> {
    let (_home, machine) = server()?;
    let role = "arn:aws:iam::123456789012:role/Deploy";
    let define = [
        "role",
        "add",
        "target",
        "--role-arn",
        role,
        "--source",
        "long-lived",
    ];
    machine.sandglass_does(&define)?;
    machine.renew(&["target"])?;
    let handed = handed(&machine, "target")?;
    assert_eq!(
        handed["Expiration"],
        machine.session("role:target")?["ends_at"]
    );
    let python = python().to_string_lossy().into_owned();
    let arn = machine.sandglass_does(&["exec", "target", "--", &python, "-c", WHO_AM_I])?;
    assert!(arn.contains(":assumed-role/Deploy/"), "{arn}");
    Ok(())
}

#[test]
fn two_hundred_processes_on_an_expired_role_make_one_call() -> Result<()> {
    let (home, machine) = server()?;
    let mut processes = (0..200)
        .map(|number| {
            let mut command = machine.program("sandglass")?;
            command
                .args(["credentials", "--profile", "deploy"])
                .stdin(Stdio::null());
            Program::start(&format!("process-{number}"), &mut command, &home.logs())
        })
        .collect::<Result<Vec<_>>>()?;
    for process in &mut processes {
        assert!(process.wait(PATIENCE)?.success(), "{}", process.said());
        assert!(
            process.said().contains("\"Version\":1"),
            "{}",
            process.said()
        );
    }
    assert_eq!(machine.cloud.count("AssumeRole", "ok")?, 1);
    Ok(())
}

#[test]
fn a_program_under_exec_is_the_role_although_a_default_profile_would_win() -> Result<()> {
    let (home, mut machine) = server()?;
    let before = format!(
        "{}\n[default]\naws_access_key_id = AKIAWRONGWRONGWRONG\naws_secret_access_key = wrong\n\n[deploy]\n\
         aws_access_key_id = ASIASTALESTALESTALE\naws_secret_access_key = stale\naws_session_token = stale\n",
        credentials()
    );
    home.write_aws("credentials", &before)?;
    machine.set_environment(|environment| {
        environment
            .with("AWS_PROFILE", "customer")
            .with("AWS_SECURITY_TOKEN", "old")
            .with("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT")
            .with("AWS_SECRET_ACCESS_KEY", "environment")
    });
    let python = python().to_string_lossy().into_owned();
    let arn = machine.sandglass_does(&["exec", "deploy", "--", &python, "-c", WHO_AM_I])?;
    assert!(arn.contains(":assumed-role/Deploy/"), "{arn}");
    let said = machine.sandglass_does(&["exec", "deploy", "--", "env"])?;
    for gone in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SECURITY_TOKEN",
    ] {
        assert!(!said.lines().any(|line| line.starts_with(gone)), "{said}");
    }
    assert!(said.contains("AWS_PROFILE=deploy\n"), "{said}");
    assert_eq!(home.read_aws("credentials")?, before);
    assert_eq!(home.read_aws("config")?, CONFIG);
    Ok(())
}

#[test]
fn sandglass_itself_works_with_the_persons_own_files_inside_of_exec() -> Result<()> {
    let (_home, machine) = server()?;
    let status =
        machine.sandglass_does(&["exec", "deploy", "--", "sandglass", "status", "--json"])?;
    let status: Value = serde_json::from_str(&status)?;
    let sessions = status["sessions"].as_array().context("no sessions")?;
    assert!(
        sessions
            .iter()
            .any(|session| session["id"] == "role:prod-admin"),
        "{status}"
    );
    // Also where it has to start the agent itself.
    let script = "sandglass quit && sandglass status && sandglass exec audit -- env";
    let said = machine.sandglass_does(&["exec", "deploy", "--", "sh", "-c", script])?;
    assert!(said.contains("prod-admin"), "{said}");
    assert!(said.contains("AWS_PROFILE=audit\n"), "{said}");
    assert!(said.contains("SANDGLASS_AWS_CONFIG_FILE=\n"), "{said}");
    Ok(())
}

#[test]
fn exec_ends_as_its_program_ends() -> Result<()> {
    let (home, machine) = server()?;
    assert_eq!(
        machine
            .sandglass(&["exec", "deploy", "--", "sh", "-c", "exit 7"])?
            .code,
        Some(7)
    );
    let missing = machine.sandglass(&["exec", "deploy", "--", "no-such-program"])?;
    assert_eq!(missing.code, Some(127), "{missing:?}");
    assert!(
        missing
            .err
            .starts_with("error: `no-such-program` could not be started"),
        "{missing:?}"
    );
    assert_eq!(
        machine
            .sandglass(&["exec", "deploy", "--", "/etc/passwd"])?
            .code,
        Some(126)
    );
    let mut command = machine.program("sandglass")?;
    let script = "trap 'echo told; exit 9' TERM; echo ready; while :; do sleep 0.1; done";
    command
        .args(["exec", "deploy", "--", "sh", "-c", script])
        .stdin(Stdio::null());
    let mut told = Program::start("exec", &mut command, &home.logs())?;
    wait::until("the program", PATIENCE, || {
        told.said().contains("ready").then_some(())
    })?;
    told.signal(Signal::TERM)?;
    assert_eq!(told.wait(PATIENCE)?.code(), Some(9), "{}", told.said());
    assert!(told.said().contains("told"));
    let killed = machine.sandglass(&["exec", "deploy", "--", "sh", "-c", "kill -USR1 $$"])?;
    assert_eq!(
        killed.code, None,
        "it died of the signal as well: {killed:?}"
    );
    let exec = home.runtime().join("sandglass/exec");
    wait::until("the files of the programs to go", PATIENCE, || {
        std::fs::read_dir(&exec)
            .ok()?
            .next()
            .is_none()
            .then_some(())
    })
}

#[test]
fn a_program_that_runs_notices_nothing_of_an_agent_that_dies_or_leaves() -> Result<()> {
    let (home, machine) = server()?;
    machine.cloud.set(&json!({ "assumed_role": 8 }))?;
    let mut command = machine.program("sandglass")?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/buckets.py");
    command
        .args(["exec", "deploy", "--"])
        .arg(python())
        .args([script, "24"]);
    let mut program = Program::start("exec", command.stdin(Stdio::null()), &home.logs())?;
    let calls = |program: &Program| program.said().lines().filter(|line| *line == "ok").count();
    for round in 0..4 {
        let before = calls(&program);
        wait::until("calls that work", PATIENCE, || {
            (calls(&program) > before + 3).then_some(())
        })?;
        if round % 2 == 0 {
            machine.kill_agent(&home)?;
        } else {
            machine.signal_agent(&home, Signal::TERM)?;
        }
    }
    assert!(program.wait(PATIENCE * 2)?.success(), "{}", program.said());
    assert!(!program.said().contains("failed"), "{}", program.said());
    Ok(())
}

#[test]
fn a_program_whose_endpoint_somebody_else_took_is_told() -> Result<()> {
    let (home, machine) = server()?;
    let mut command = machine.program("sandglass")?;
    let script = "echo $AWS_CONTAINER_CREDENTIALS_FULL_URI; read line";
    command.args(["exec", "deploy", "--", "sh", "-c", script]);
    let mut program = Program::start("exec", command.stdin(Stdio::piped()), &home.logs())?;
    let address = wait::until("an address", PATIENCE, || {
        let said = program.said();
        let (_, rest) = said.split_once("http://")?;
        Some(rest.split_once('/')?.0.to_owned())
    })?;
    let agent = machine.agent_pid(&home).context("no agent")?;
    machine.sandglass_does(&["quit"])?;
    let taken = wait::until("the port to be free", PATIENCE, || {
        TcpListener::bind(&address).ok()
    })?;
    wait::until("a warning", PATIENCE, || {
        program
            .said()
            .contains("warning: another program has taken the port")
            .then_some(())
    })?;
    assert_ne!(machine.agent_pid(&home), Some(agent));
    drop(taken);
    program.type_in(b"\n")?;
    assert!(program.wait(PATIENCE)?.success(), "{}", program.said());
    Ok(())
}

#[test]
fn a_minimum_renews_first_and_says_what_it_cannot_do() -> Result<()> {
    let (_home, machine) = server()?;
    machine.cloud.set(&json!({ "assumed_role": 60 }))?;
    machine.renew(&["deploy"])?;
    machine.cloud.set(&json!({}))?;
    let start = || machine.sandglass_does(&["exec", "--min-ttl", "45m", "deploy", "--", "true"]);
    start()?;
    // It is as good as new, and AWS gave it no longer: another one would be no better.
    assert_eq!(machine.cloud.count("AssumeRole", "ok")?, 1);
    wait::try_until("a tenth of its life to be over", PATIENCE, || {
        start()?;
        Ok((machine.cloud.count("AssumeRole", "ok")? == 2).then_some(()))
    })?;
    let plain = ["exec", "--env", "--min-ttl", "2h", "deploy", "--", "true"];
    let said = machine.sandglass(&plain)?;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.err.contains("warning: the keys of deploy end"),
        "{said:?}"
    );
    machine.cloud.add_fault(&json!({
        "operation": "AssumeRole", "count": null,
        "effect": { "kind": "refuse", "status": 403, "code": "AccessDenied", "message": "not today" },
    }))?;
    let refused =
        machine.sandglass(&["exec", "--min-ttl", "11h", "audit", "--", "echo", "started"])?;
    assert_eq!(
        (refused.code, refused.out.as_str()),
        (Some(1), ""),
        "{refused:?}"
    );
    Ok(())
}

#[test]
fn variables_for_a_shell_are_the_credentials_and_nothing_beside_them() -> Result<()> {
    let (_home, machine) = server()?;
    let script = format!(
        "eval \"$(sandglass env deploy --shell bash)\" && echo $AWS_REGION ${{AWS_PROFILE-none}} && {} -c \"{WHO_AM_I}\"",
        python().to_string_lossy()
    );
    let mut command = machine.environment().command("bash");
    let said = command
        .args(["-euc", &script])
        .env("AWS_PROFILE", "customer")
        .output()?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.starts_with("us-east-1 none\n"), "{said}");
    assert!(said.contains(":assumed-role/Deploy/"), "{said}");
    let plain = machine.sandglass_does(&["exec", "--env", "deploy", "--", "env"])?;
    assert!(plain.contains("AWS_CREDENTIAL_EXPIRATION="), "{plain}");
    assert!(!plain.contains("AWS_CONTAINER"), "{plain}");
    Ok(())
}

#[test]
fn what_cannot_be_had_is_one_line_with_what_to_do() -> Result<()> {
    let (home, machine) = server()?;
    for (profile, words) in [
        (
            "nobody",
            "no session is known for profile `nobody`: sessions are known for:",
        ),
        (
            "corp",
            "`corp` is a sign-in, which has no credentials of its own: name one of its profiles: dev",
        ),
        (
            "prod-admin",
            "a code from MFA device `dev` is needed, and there is nobody to ask: open Sandglass",
        ),
    ] {
        let said = machine.sandglass(&["credentials", "--profile", profile])?;
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");
        assert_eq!(said.err.lines().count(), 1, "{said:?}");
        assert!(
            said.err.starts_with(&format!("sandglass: {words}")),
            "{said:?}"
        );
    }
    for (name, words) in [
        ("long-lived", "never end"),
        ("corp", "is a sign-in, which has no credentials of its own"),
        ("nobody", "no session is known"),
    ] {
        let refused = machine.sandglass(&["exec", name, "--", "echo", "started"])?;
        assert_eq!(
            (refused.code, refused.out.as_str()),
            (Some(1), ""),
            "{refused:?}"
        );
        assert!(refused.err.contains(words), "{refused:?}");
    }
    // A profile that was added a moment ago is known.
    let added = "\n[profile added]\nrole_arn = arn:aws:iam::123456789012:role/Deploy\nsource_profile = long-lived\n";
    home.write_aws("config", &format!("{CONFIG}{added}"))?;
    assert_eq!(handed(&machine, "added")?["Version"], json!(1));
    std::fs::create_dir_all(home.config().join("sandglass"))?;
    std::fs::write(
        home.config().join("sandglass/sessions.toml"),
        "[role.x\n= broken",
    )?;
    assert_eq!(handed(&machine, "deploy")?["Version"], json!(1));
    Ok(())
}

#[test]
fn garbage_and_a_socket_that_is_left_over_are_in_nobodys_way() -> Result<()> {
    let (home, machine) = server()?;
    let socket = home.runtime().join("sandglass/agent.sock");
    handed(&machine, "deploy")?;
    for garbage in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0xff; 64],
        &[0, 0, 0, 9, b'{'],
    ] {
        let mut stream = UnixStream::connect(&socket)?;
        stream.write_all(garbage)?;
        handed(&machine, "deploy")?;
    }
    machine.kill_agent(&home)?;
    assert!(socket.exists());
    handed(&machine, "deploy")?;
    Ok(())
}

#[test]
fn an_agent_that_dies_before_it_answers_is_an_error_and_not_a_wait() -> Result<()> {
    let (home, machine) = server()?;
    machine.sandglass_does(&["status"])?;
    machine.cloud.add_fault(&json!({
        "operation": "AssumeRole", "count": null, "effect": { "kind": "delay", "milliseconds": 20_000 },
    }))?;
    let mut command = machine.program("sandglass")?;
    command
        .args(["credentials", "--profile", "deploy"])
        .stdin(Stdio::null());
    let mut process = Program::start("process", &mut command, &home.logs())?;
    machine.wait_for_state("role:deploy", "renewing")?;
    machine.kill_agent(&home)?;
    assert_eq!(
        process.wait(PATIENCE)?.code(),
        Some(1),
        "{}",
        process.said()
    );
    assert!(
        process
            .said()
            .starts_with("sandglass: the connection to the agent broke"),
        "{}",
        process.said()
    );
    machine.cloud.clear_faults()?;
    handed(&machine, "deploy")?;
    Ok(())
}

#[test]
fn a_process_waits_for_the_code_that_a_person_types_and_what_came_too_late_serves_the_next()
-> Result<()> {
    let mut sandglass = Sandglass::installed()?;
    sandglass.start_tray()?;
    let machine = &sandglass.machine;
    // A program at the endpoint is told at once, in words that its SDK shows.
    let python = python().to_string_lossy().into_owned();
    let told = machine.sandglass(&["exec", "prod-admin", "--", &python, "-c", WHO_AM_I])?;
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(
        told.err.contains("answer the prompt that Sandglass shows"),
        "{told:?}"
    );
    let impatient =
        machine.sandglass(&["credentials", "--profile", "prod-admin", "--wait", "2s"])?;
    assert_eq!(impatient.code, Some(1), "{impatient:?}");
    assert!(
        impatient
            .err
            .contains("answer the prompt that Sandglass shows"),
        "{impatient:?}"
    );
    sandglass.desktop.wait_for_window(PROMPT)?;
    let mut command = machine.program("sandglass")?;
    command
        .args(["credentials", "--profile", "prod-admin"])
        .stdin(Stdio::null());
    let mut process = sandglass.desktop.launch("process", &mut command)?;
    sandglass.click_field()?;
    sandglass.type_text(&machine.cloud.code()?)?;
    assert!(process.wait(PATIENCE)?.success(), "{}", process.said());
    assert!(
        process.said().contains("\"Version\":1"),
        "{}",
        process.said()
    );
    sandglass.wait_for_no_window(PROMPT)?;
    Ok(())
}
