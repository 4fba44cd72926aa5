//! What is broken on a machine is said, with its remedy; the rest goes on; nothing is lost.
#![cfg(target_os = "linux")]

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;

use anyhow::Result;
use rustix::process::Signal;
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::{CONFIG, Machine, credentials};
use sandglass_journeys::programs::Program;
use sandglass_journeys::wait::{self, PATIENCE};
use serde_json::{Value, json};

fn machine() -> Result<(Home, Machine)> {
    let home = Home::new()?;
    let machine = Machine::new(&home, &home.environment())?;
    Ok((home, machine))
}

#[test]
fn a_broken_line_in_config_is_named_and_the_other_profiles_work() -> Result<()> {
    let (home, machine) = machine()?;
    home.write_aws(
        "config",
        &CONFIG.replacen("[default]", "[default]\nthis is no setting", 1),
    )?;
    assert!(
        machine.findings()?.contains("~/.aws/config:3"),
        "{}",
        machine.findings()?
    );
    machine.sandglass_does(&["renew", "deploy"])?;
    Ok(())
}

#[test]
fn a_broken_line_in_credentials_is_named_and_stays_as_it_is() -> Result<()> {
    let (home, machine) = machine()?;
    let broken = credentials().replacen("[customer]", "???\n[customer]", 1);
    home.write_aws("credentials", &broken)?;
    assert!(
        machine.findings()?.contains("~/.aws/credentials:"),
        "{}",
        machine.findings()?
    );
    machine.sandglass_does(&["renew", "deploy"])?;
    assert_eq!(home.read_aws("credentials")?, broken);
    Ok(())
}

#[test]
fn a_file_that_is_no_file_is_named_with_its_remedy() -> Result<()> {
    let (home, machine) = machine()?;
    std::fs::remove_file(home.aws().join("config"))?;
    std::fs::create_dir(home.aws().join("config"))?;
    assert!(
        machine.findings()?.contains("~/.aws/config"),
        "{}",
        machine.findings()?
    );
    Ok(())
}

#[test]
fn an_unknown_profile_is_answered_with_those_that_are_known() -> Result<()> {
    let (_home, machine) = machine()?;
    let said = machine.sandglass(&["renew", "no-such-profile"])?;
    assert_eq!(said.code, Some(1));
    assert!(
        said.err.contains("`no-such-profile`") && said.err.contains("prod-admin"),
        "{said:?}"
    );
    Ok(())
}

#[test]
fn wrong_usage_exits_with_two() -> Result<()> {
    let (_home, machine) = machine()?;
    for arguments in [
        &["renew"][..],
        &["no-such-command"],
        &["renew", "deploy", "--mfa-code", "12"],
        &[
            "mfa",
            "add",
            "--source",
            "a",
            "--device",
            "arn:aws:iam::123456789012:user/dev",
            "--target",
            "b",
        ],
        &[
            "mfa",
            "add",
            "--source",
            "a",
            "--device",
            "GAHT12345678",
            "--target",
            "b",
            "--duration",
            "37h",
        ],
    ] {
        assert_eq!(machine.sandglass(arguments)?.code, Some(2), "{arguments:?}");
    }
    Ok(())
}

#[test]
fn a_dead_endpoint_is_named_at_once_and_tried_again_later() -> Result<()> {
    let (_home, mut machine) = machine()?;
    machine
        .set_environment(|environment| environment.with("AWS_ENDPOINT_URL", "http://127.0.0.1:9"));
    let said = machine.sandglass(&["renew", "deploy"])?;
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("127.0.0.1:9"), "{said:?}");
    let session = machine.session("role:deploy")?;
    assert_eq!(session["state"], "waiting_for_network");
    assert_eq!(session["last_error"]["code"], "unreachable");
    Ok(())
}

#[test]
fn throttling_is_waited_out_without_anybody_doing_anything() -> Result<()> {
    let (_home, machine) = machine()?;
    // The SDK's own tries, and then some.
    machine.cloud.add_fault(
        &json!({ "operation": "AssumeRole", "count": 4, "effect": { "kind": "throttle" } }),
    )?;
    let said = machine.sandglass(&["renew", "deploy"])?;
    if said.code != Some(0) {
        machine.wait_for_state("role:deploy", "valid")?;
    }
    Ok(())
}

#[test]
fn without_a_keychain_mfa_sessions_say_so_and_the_rest_works() -> Result<()> {
    let (_home, machine) = machine()?;
    let device = "arn:aws:iam::123456789012:mfa/dev";
    let said = machine.sandglass(&[
        "mfa",
        "add",
        "--source",
        "long-lived",
        "--device",
        device,
        "--target",
        "mfa",
    ])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.err.contains("keychain") && said.err.contains("hint: "),
        "{said:?}"
    );
    let listed: Value = serde_json::from_str(&machine.sandglass_does(&["mfa", "list", "--json"])?)?;
    assert_eq!(
        listed["mfa_sessions"],
        json!([]),
        "nothing half-defined stays behind"
    );
    machine.sandglass_does(&["renew", "deploy"])?;
    Ok(())
}

#[test]
fn an_mfa_session_with_a_source_that_does_not_exist_is_not_defined() -> Result<()> {
    let (_home, machine) = machine()?;
    let device = "arn:aws:iam::123456789012:mfa/dev";
    let said = machine.sandglass(&[
        "mfa", "add", "--source", "nobody", "--device", device, "--target", "mfa",
    ])?;
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("`nobody`"), "{said:?}");
    Ok(())
}

#[test]
fn long_lived_keys_are_never_a_target() -> Result<()> {
    let (home, machine) = machine()?;
    let device = "arn:aws:iam::123456789012:mfa/dev";
    let said = machine.sandglass(&[
        "mfa",
        "add",
        "--source",
        "long-lived",
        "--device",
        device,
        "--target",
        "customer",
    ])?;
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("long-lived keys"), "{said:?}");
    assert_eq!(home.read_aws("credentials")?, credentials());
    Ok(())
}

#[test]
fn a_caller_that_means_other_files_is_told_so_and_not_served() -> Result<()> {
    let (_home, mut machine) = machine()?;
    machine.sandglass_does(&["status"])?;
    machine.set_environment(|environment| environment.with("AWS_CONFIG_FILE", "/nowhere/config"));
    let said = machine.sandglass(&["status"])?;
    assert_eq!(said.code, Some(1));
    assert!(
        said.err.contains("AWS_CONFIG_FILE") && said.err.contains("sandglass quit"),
        "{said:?}"
    );
    machine.sandglass_does(&["quit"])?;
    machine.sandglass_does(&["status"])?;
    Ok(())
}

#[test]
fn garbage_and_silence_on_the_socket_harm_nobody() -> Result<()> {
    use std::io::Write as _;
    let (home, machine) = machine()?;
    machine.sandglass_does(&["status"])?;
    let socket = home.runtime().join("sandglass/agent.sock");
    let mode = std::fs::metadata(&socket)?.permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let _silent = UnixStream::connect(&socket)?;
    let mut huge = UnixStream::connect(&socket)?;
    huge.write_all(&u32::MAX.to_be_bytes())?;
    let mut garbage = UnixStream::connect(&socket)?;
    garbage.write_all(b"\0\0\0\x05hello")?;
    machine.sandglass_does(&["status"])?;
    Ok(())
}

#[test]
fn an_agent_that_hangs_is_named_and_not_waited_for_for_ever() -> Result<()> {
    let (home, machine) = machine()?;
    machine.sandglass_does(&["status"])?;
    machine.signal_agent(&home, Signal::STOP)?;
    let said = machine.sandglass(&["status"])?;
    machine.signal_agent(&home, Signal::CONT)?;
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("the agent does not answer"), "{said:?}");
    machine.sandglass_does(&["status"])?;
    Ok(())
}

#[test]
fn a_reader_that_goes_away_is_no_fault() -> Result<()> {
    let (_home, machine) = machine()?;
    let mut shell = machine.environment().command("bash");
    let piped = "set -o pipefail; sandglass status --json | head -c 1";
    let output = shell.args(["-c", piped]).output()?;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(output.stdout, b"{");
    assert!(output.stderr.is_empty(), "{output:?}");
    Ok(())
}

#[test]
fn a_stale_socket_file_does_not_keep_the_agent_from_starting() -> Result<()> {
    let (home, machine) = machine()?;
    machine.sandglass_does(&["status"])?;
    machine.kill_agent(&home)?;
    assert!(home.runtime().join("sandglass/agent.sock").exists());
    machine.sandglass_does(&["status"])?;
    Ok(())
}

#[test]
fn credentials_that_cannot_be_written_are_named_and_nothing_is_lost() -> Result<()> {
    let (home, machine) = machine()?;
    // Where the cache should be made stands a file: not even root can make a folder of it.
    std::fs::write(home.aws().join("cli"), "")?;
    std::fs::set_permissions(home.aws().join("cli"), Permissions::from_mode(0o600))?;
    let said = machine.sandglass(&["renew", "deploy"])?;
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains(".aws/cli"), "{said:?}");
    assert_eq!(home.read_aws("credentials")?, credentials());
    Ok(())
}

/// Listens for one caller at a socket, as another user, and prints what it is told.
const STRANGER: &str = "\
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
os.setuid(65534)
listener.listen()
print('listening', flush=True)
caller, _ = listener.accept()
print('told:', caller.recv(65536), flush=True)
";

#[test]
fn an_agent_of_another_user_is_told_nothing() -> Result<()> {
    if !rustix::process::geteuid().is_root() {
        // Nobody else can be two users.
        return Ok(());
    }
    let (home, machine) = machine()?;
    let socket = home.runtime().join("sandglass/agent.sock");
    let folder = home.runtime().join("sandglass");
    std::fs::create_dir_all(&folder)?;
    std::fs::set_permissions(&folder, Permissions::from_mode(0o700))?;
    let mut command = machine.environment().command("python3");
    command.args(["-c", STRANGER]).arg(&socket);
    let mut stranger = Program::start("stranger", &mut command, &home.logs())?;
    wait::until("the stranger to listen", PATIENCE, || {
        stranger.said().contains("listening").then_some(())
    })?;
    let said = machine.sandglass(&["credentials", "--profile", "deploy"])?;
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");
    assert!(
        said.err.contains("belongs to another user") && said.err.lines().count() == 1,
        "{said:?}"
    );
    stranger.wait(PATIENCE)?;
    assert!(stranger.said().contains("told: b''"), "{}", stranger.said());
    Ok(())
}
