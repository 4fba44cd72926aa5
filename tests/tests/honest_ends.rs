//! The three ends of Identity Center, told apart: the role's, the access token's, the portal session's.
#![cfg(target_os = "linux")]

use anyhow::{Context as _, Result};
use sandglass_journeys::cloud::START_URL;
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::Machine;
use serde_json::{Value, json};

const SIGN_IN: &str = "sso-sign-in:corp";
const ROLE: &str = "sso-role:dev";

fn server() -> Result<(Home, Machine)> {
    let home = Home::new()?;
    let machine = Machine::new(&home, &home.environment())?;
    Ok((home, machine))
}

fn revoke(machine: &Machine, kind: &str) -> Result<()> {
    machine
        .cloud
        .revoke(&json!({ "kind": kind, "start_url": START_URL }))
}

#[test]
fn a_token_that_the_portal_refuses_before_its_time_is_refreshed_and_the_work_goes_on() -> Result<()>
{
    let (home, machine) = server()?;
    machine.sign_in(&home, &["dev"])?;
    machine.sandglass_does(&["renew", "dev"])?;
    revoke(&machine, "access_tokens")?;
    machine.sandglass_does(&["renew", "dev"])?;
    let refused = machine
        .cloud
        .count("GetRoleCredentials", "UnauthorizedException")?;
    assert_eq!(refused, 1, "what AWS said once is a fact");
    assert_eq!(machine.session(SIGN_IN)?["state"], "valid");
    assert_eq!(machine.session(ROLE)?["state"], "valid");
    Ok(())
}

#[test]
fn a_portal_session_that_is_over_is_a_fact_and_not_asked_about_again_and_again() -> Result<()> {
    let (home, machine) = server()?;
    machine.sign_in(&home, &["dev"])?;
    machine.sandglass_does(&["renew", "dev"])?;
    let before = machine.session(ROLE)?;
    revoke(&machine, "portal_sessions")?;
    let said = machine.sandglass(&["renew", "dev"])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("sandglass login"), "{said:?}");

    let sign_in = machine.session(SIGN_IN)?;
    assert_eq!(sign_in["state"], "expired", "{sign_in}");
    assert_eq!(sign_in["end_known_by"], "probed", "{sign_in}");
    assert_eq!(sign_in["needs"], "browser", "{sign_in}");
    // What the portal gave out lives on.
    let role = machine.session(ROLE)?;
    assert_eq!(role["ends_at"], before["ends_at"]);
    assert!(
        machine
            .aws_cli(&["sts", "get-caller-identity"])?
            .code
            .is_some()
    );

    let asked = |machine: &Machine| {
        let journal = machine.cloud.journal()?;
        let is_such = |operation: &str| ["GetRoleCredentials", "CreateToken"].contains(&operation);
        Ok::<_, anyhow::Error>(journal.iter().filter(|row| is_such(&row.operation)).count())
    };
    let before = asked(&machine)?;
    machine.let_time_pass()?;
    assert_eq!(asked(&machine)?, before, "{:#?}", machine.cloud.journal()?);
    Ok(())
}

#[test]
fn an_end_that_was_probed_is_known_to_the_next_agent() -> Result<()> {
    let (home, machine) = server()?;
    machine.sign_in(&home, &["dev"])?;
    machine.sandglass_does(&["renew", "dev"])?;
    revoke(&machine, "portal_sessions")?;
    machine.sandglass(&["renew", "dev"])?;
    machine.kill_agent(&home)?;
    // The file says otherwise; whoever uses it learns the same again, once.
    machine.sandglass(&["renew", "dev"])?;
    assert_eq!(machine.session(SIGN_IN)?["state"], "expired");
    Ok(())
}

fn moment(session: &Value) -> Result<jiff::Timestamp> {
    let ends_at = session["ends_at"].as_str().context("no end")?;
    Ok(ends_at.parse()?)
}

#[test]
fn a_sign_in_within_a_portal_session_ends_with_it_and_says_so() -> Result<()> {
    let (home, machine) = server()?;
    machine.cloud.set(&json!({ "portal_session": 1200 }))?;
    machine.sign_in(&home, &["corp"])?;
    let first = machine.session(SIGN_IN)?;
    machine.cloud.set(&json!({ "portal_session": 28_800 }))?;
    let said = machine.sandglass_does(&["login", "corp"])?;
    assert!(said.contains("--fresh"), "{said}");
    // AWS tells whole seconds from now on.
    let second = machine.session(SIGN_IN)?;
    let moved = moment(&second)?.duration_since(moment(&first)?);
    assert!(moved.abs().as_secs() <= 2, "{first} and {second}");
    Ok(())
}

#[test]
fn a_fresh_sign_in_signs_out_first_and_has_an_end_of_its_own() -> Result<()> {
    let (home, machine) = server()?;
    machine.cloud.set(&json!({ "portal_session": 1200 }))?;
    machine.sign_in(&home, &["corp"])?;
    let first = machine.session(SIGN_IN)?;
    machine.cloud.set(&json!({ "portal_session": 28_800 }))?;
    machine.sign_in(&home, &["corp", "--fresh"])?;
    let second = machine.session(SIGN_IN)?;
    assert!(
        second["ends_at"].as_str() > first["ends_at"].as_str(),
        "{second}"
    );
    let order: Vec<String> = machine
        .cloud
        .journal()?
        .into_iter()
        .map(|row| row.operation)
        .filter(|operation| ["Logout", "StartDeviceAuthorization"].contains(&operation.as_str()))
        .collect();
    let expected = [
        "StartDeviceAuthorization",
        "Logout",
        "StartDeviceAuthorization",
    ];
    assert_eq!(order, expected);
    Ok(())
}

#[test]
fn a_first_sign_in_says_nothing_of_what_it_could_inherit() -> Result<()> {
    let (home, machine) = server()?;
    let said = machine.sign_in(&home, &["corp"])?;
    assert!(!said.contains("--fresh"), "{said}");
    assert_eq!(machine.cloud.count("Logout", "ok")?, 0);
    Ok(())
}

#[test]
fn a_sign_in_of_another_tool_while_we_wait_is_the_answer() -> Result<()> {
    let (home, machine) = server()?;
    let (mut login, _code) = machine.begin_sign_in(&home, &["corp"])?;
    machine.aws_cli_signs_in(&home, "dev")?;
    assert!(
        login.wait(sandglass_journeys::wait::PATIENCE)?.success(),
        "{}",
        login.said()
    );
    assert_eq!(machine.session(SIGN_IN)?["state"], "valid");
    Ok(())
}

#[test]
fn a_refresh_token_that_works_no_more_needs_a_browser_and_is_not_tried_twice() -> Result<()> {
    let (home, machine) = server()?;
    machine.cloud.set(&json!({ "access_token": 8 }))?;
    machine.sign_in(&home, &["corp"])?;
    revoke(&machine, "portal_sessions")?;
    machine.wait_for_session(SIGN_IN, "need a browser", |session| {
        session["needs"] == "browser"
    })?;
    let refused = |machine: &Machine| {
        let calls = machine.cloud.answered("CreateToken")?;
        let refused = calls
            .into_iter()
            .filter(|call| call.outcome.to_lowercase().contains("invalid"));
        Ok::<_, anyhow::Error>(refused.count())
    };
    machine.let_time_pass()?;
    assert_eq!(refused(&machine)?, 1);
    assert_eq!(
        machine.session(SIGN_IN)?["last_error"]["code"],
        json!("sign_in_over")
    );
    assert_ne!(machine.session(SIGN_IN)?["end_known_by"], Value::Null);
    Ok(())
}
