//! However many ask, a person is asked once.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use sandglass_journeys::accessibility::Role;
use sandglass_journeys::cloud::DEVICE;
use sandglass_journeys::desktop::Desktop;
use sandglass_journeys::machine::{CONFIG, Machine};
use sandglass_journeys::programs::Program;
use sandglass_journeys::sandglass::{PROMPT, Sandglass};
use sandglass_journeys::wait::PATIENCE;

/// Programs that ask.
const ASKERS: usize = 100;
/// Profiles that they ask for, all behind one device.
const PROFILES: usize = 6;

/// A desktop with six profiles behind one device, and the tray.
fn team() -> Result<Sandglass> {
    let mut sandglass = Sandglass::installed()?;
    let profiles: Vec<String> = (0..PROFILES)
        .map(|number| {
            format!(
                "
[profile team-{number}]
role_arn = arn:aws:iam::123456789012:role/Admin
role_session_name = team-{number}
source_profile = long-lived
mfa_serial = {DEVICE}
region = us-east-1
"
            )
        })
        .collect();
    let config = format!("{CONFIG}{}", profiles.concat());
    sandglass.desktop.home().write_aws("config", &config)?;
    sandglass.start_tray()?;
    Ok(sandglass)
}

fn ask(machine: &Machine, desktop: &Desktop, number: usize) -> Result<Program> {
    let mut command = machine.program("sandglass")?;
    command
        .args(["renew", &format!("team-{}", number % PROFILES)])
        .stdin(Stdio::null());
    desktop.launch(&format!("asker-{number}"), &mut command)
}

/// Starts all of them and waits until every profile waits for the person.
fn all_ask(sandglass: &Sandglass) -> Result<Vec<Program>> {
    let (machine, desktop) = (&sandglass.machine, &sandglass.desktop);
    let askers = (0..ASKERS)
        .map(|number| ask(machine, desktop, number))
        .collect::<Result<Vec<_>>>()?;
    desktop.wait_for_window(PROMPT)?;
    desktop.until("all of them to be connected", || {
        let connected = connections(&desktop.home().runtime().join("sandglass/agent.sock"))?;
        // The tray is one more.
        Ok((connected > ASKERS).then_some(()))
    })?;
    for number in 0..PROFILES {
        machine.wait_for_state(&format!("role:team-{number}"), "waiting_for_you")?;
    }
    Ok(askers)
}

/// How many connections a socket has, as Linux lists them: the sixth column is their state, the eighth the path.
fn connections(socket: &Path) -> Result<usize> {
    const CONNECTED: &str = "03";
    let list = std::fs::read_to_string("/proc/net/unix")?;
    let is_one = |line: &&str| {
        let mut columns = line.split_whitespace().skip(5);
        columns.next() == Some(CONNECTED)
            && columns.nth(1).is_some_and(|path| Path::new(path) == socket)
    };
    Ok(list.lines().filter(is_one).count())
}

/// Waits for all of them; there is never more than one prompt meanwhile.
fn all_end(sandglass: &Sandglass, askers: &mut [Program]) -> Result<Vec<Option<i32>>> {
    let desktop = &sandglass.desktop;
    desktop.until_within(PATIENCE * 3, "the end of all who ask", || {
        assert!(prompts(desktop)? <= 1, "two prompts for one device");
        let ended = askers.iter_mut().map(Program::ended);
        let ended = ended.collect::<Result<Option<Vec<_>>>>()?;
        Ok(ended.map(|ended| ended.iter().map(std::process::ExitStatus::code).collect()))
    })
}

fn prompts(desktop: &Desktop) -> Result<usize> {
    let windows = desktop.display().windows()?;
    let is_prompt = |window: &&sandglass_journeys::display::Window| window.title == PROMPT;
    Ok(windows.iter().filter(is_prompt).count())
}

#[test]
fn a_hundred_askers_of_six_profiles_are_served_by_one_code() -> Result<()> {
    let sandglass = team()?;
    let mut askers = all_ask(&sandglass)?;
    let machine = &sandglass.machine;
    assert_eq!(prompts(&sandglass.desktop)?, 1);
    sandglass.click_field()?;
    sandglass.type_text(&machine.cloud.code()?)?;
    let codes = all_end(&sandglass, &mut askers)?;
    let said: Vec<String> = askers.iter().map(Program::said).collect();
    assert!(codes.iter().all(|code| *code == Some(0)), "{said:#?}");
    sandglass.wait_for_no_window(PROMPT)?;

    assert_eq!(machine.cloud.count("GetSessionToken", "ok")?, 1);
    let journal = machine.cloud.journal()?;
    let with_device = journal
        .iter()
        .filter(|call| call.parameters["SerialNumber"].is_string());
    assert_eq!(with_device.count(), 1, "{journal:#?}");
    for number in 0..PROFILES {
        let arn = machine.aws_cli_identity(&format!("team-{number}"))?;
        assert!(arn.ends_with(&format!("/Admin/team-{number}")), "{arn}");
    }
    Ok(())
}

#[test]
fn a_cancelled_prompt_fails_all_who_wait_and_does_not_come_back() -> Result<()> {
    let sandglass = team()?;
    let mut askers = all_ask(&sandglass)?;
    sandglass.click(Role::Button, "Cancel")?;
    let codes = all_end(&sandglass, &mut askers)?;
    assert!(codes.iter().all(|code| *code == Some(1)), "{codes:?}");
    for asker in &askers {
        let said = asker.said();
        assert_eq!(said.matches("error: ").count(), 1, "{said}");
        assert!(
            said.contains("cancelled") && said.contains("hint: "),
            "{said}"
        );
    }
    sandglass.wait_for_no_window(PROMPT)?;
    let machine = &sandglass.machine;
    let sessions = machine.sessions()?;
    let waiting = sessions
        .iter()
        .filter(|session| session["state"] == "waiting_for_you");
    assert_eq!(waiting.count(), 0, "{sessions:#?}");
    assert_eq!(machine.cloud.count("GetSessionToken", "ok")?, 0);
    assert_eq!(prompts(&sandglass.desktop)?, 0);
    Ok(())
}

#[test]
fn a_prompt_that_was_sent_away_for_a_while_refuses_the_next_asker_at_once() -> Result<()> {
    let sandglass = team()?;
    let (machine, desktop) = (&sandglass.machine, &sandglass.desktop);
    let mut first = ask(machine, desktop, 0)?;
    desktop.wait_for_window(PROMPT)?;
    sandglass.click(Role::Button, "Not for 15 min")?;
    assert_eq!(first.wait(PATIENCE)?.code(), Some(1), "{}", first.said());
    sandglass.wait_for_no_window(PROMPT)?;
    let said = machine.sandglass(&["renew", "team-1"])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    let hint = said.err.split("hint: ").nth(1);
    assert!(hint.context("a hint")?.contains("Renew"), "{said:?}");
    assert_eq!(prompts(desktop)?, 0);
    // Whoever clicks means it.
    sandglass.open_panel()?;
    sandglass.search("team-1")?;
    sandglass.click(Role::Button, "Renew team-1")?;
    desktop.wait_for_window(PROMPT)?;
    Ok(())
}
