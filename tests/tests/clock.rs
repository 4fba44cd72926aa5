//! Ends are judged by AWS's clock, and nobody is told anything while nobody is there.
#![cfg(target_os = "linux")]

use std::time::Duration;

use anyhow::Result;
use sandglass_journeys::clock;
use sandglass_journeys::home::Home;
use sandglass_journeys::logind::Logind;
use sandglass_journeys::machine::Machine;
use sandglass_journeys::sandglass::Sandglass;
use sandglass_journeys::wait::try_until;
use serde_json::json;

/// Seconds by which the clocks differ.
const SKEW: i32 = 600;

fn server() -> Result<(Home, Machine)> {
    let home = Home::new()?;
    let machine = Machine::new(&home, &home.environment())?;
    Ok((home, machine))
}

/// With AWS's clock this far ahead, a life of seconds is lived to its last quarter and renewed silently.
fn ends_by_the_clock_of_aws(skew: i32, direction: &str) -> Result<()> {
    let (home, machine) = server()?;
    machine
        .cloud
        .set(&json!({ "skew": skew, "assumed_role": 12 }))?;
    machine.sandglass_does(&["renew", "deploy"])?;
    let first = machine.session("role:deploy")?;
    assert_eq!(first["state"], "valid", "{first}");
    let by_aws = clock::in_seconds(i64::from(skew) + 12).to_string();
    let told = first["ends_at"].as_str().unwrap_or_default();
    assert!(told <= by_aws.as_str(), "{told} after {by_aws}");

    machine.wait_for_session("role:deploy", "be renewed", |session| {
        session["ends_at"].as_str() > first["ends_at"].as_str()
    })?;
    let asked = machine.cloud.answered("AssumeRole")?;
    assert!(asked.len() <= 4, "{asked:?}");

    let findings = machine.findings()?;
    assert!(
        findings.contains("clock") && findings.contains(direction),
        "{findings}"
    );
    machine.kill_agent(&home)?;
    machine.cloud.set(&json!({}))?;
    Ok(())
}

#[test]
fn with_a_clock_that_is_ten_minutes_slow_ends_are_those_of_aws() -> Result<()> {
    ends_by_the_clock_of_aws(SKEW, "behind AWS's")
}

#[test]
fn with_a_clock_that_is_ten_minutes_fast_ends_are_those_of_aws() -> Result<()> {
    ends_by_the_clock_of_aws(-SKEW, "ahead of AWS's")
}

#[test]
fn a_clock_that_agrees_with_aws_is_not_spoken_of() -> Result<()> {
    let (_home, machine) = server()?;
    machine.cloud.set(&json!({ "skew": 20 }))?;
    machine.sandglass_does(&["renew", "deploy"])?;
    assert_eq!(machine.findings()?, "");
    Ok(())
}

#[test]
fn a_code_is_taken_although_the_clock_of_this_machine_is_wrong() -> Result<()> {
    let (_home, machine) = server()?;
    machine.cloud.set(&json!({ "skew": SKEW }))?;
    let code = machine.cloud.code()?;
    machine.sandglass_does(&["renew", "prod-admin", "--mfa-code", &code])?;
    assert_eq!(machine.session("role:prod-admin")?["state"], "valid");
    Ok(())
}

#[test]
fn what_waits_for_the_network_is_tried_as_soon_as_the_machine_wakes() -> Result<()> {
    let home = Home::new()?;
    let logind = Logind::start(&home)?;
    let machine = Machine::new(&home, &logind.reached_from(home.environment()))?;
    machine.cloud.add_fault(
        &json!({ "operation": "AssumeRole", "count": null, "effect": { "kind": "server_error" } }),
    )?;
    machine.sandglass(&["renew", "deploy"])?;
    logind.wait_for_listener()?;
    // The pauses grow: after three tries the next is many seconds away.
    let first = machine.cloud.answered("AssumeRole")?.len();
    machine.wait_for_session("role:deploy", "be tried three times", |_| {
        let calls = machine.cloud.answered("AssumeRole");
        calls.is_ok_and(|calls| calls.len() >= 3 * first)
    })?;
    machine.wait_for_state("role:deploy", "waiting_for_network")?;
    machine.cloud.clear_faults()?;
    logind.wake()?;
    try_until("a renewal at once", Duration::from_secs(6), || {
        let session = machine.session("role:deploy")?;
        Ok((session["state"] == "valid").then_some(()))
    })
}

#[test]
fn a_locked_screen_shows_no_notification_and_an_unlocked_one_shows_one() -> Result<()> {
    let mut sandglass = Sandglass::installed()?;
    let logind = Logind::start(sandglass.desktop.home())?;
    sandglass
        .machine
        .set_environment(|environment| logind.reached_from(environment));
    sandglass.start_tray()?;
    logind.wait_for_listener()?;
    let (machine, desktop) = (&sandglass.machine, &sandglass.desktop);
    machine.define_mfa_session()?;
    machine.cloud.set(&json!({ "session_token": 32 }))?;
    machine.sandglass_does(&["renew", "mfa", "--mfa-code", &machine.cloud.code()?])?;
    logind.lock()?;
    machine.wait_for_state("session-token:mfa", "due")?;
    // The tray knows by now.
    desktop.wait_for_tray_item("the tooltip of the end", "sandglass", |item| {
        item.tooltip.starts_with("mfa ends in")
    })?;
    assert_eq!(desktop.notifications()?, []);
    machine.wait_for_state("session-token:mfa", "expired")?;
    assert_eq!(desktop.notifications()?, []);
    logind.unlock()?;
    desktop.wait_for_notification("mfa")?;
    assert_eq!(desktop.notifications()?.len(), 1);
    Ok(())
}
