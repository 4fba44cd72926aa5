//! How long sessions live, told and changed through the real command: the profile's line, and the role in AWS.
#![cfg(target_os = "linux")]

use anyhow::{Result, ensure};
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::{CONFIG, Machine, Said};
use serde_json::json;

fn ends_in_about(machine: &Machine, hours: i64) -> Result<()> {
    let status = machine.status()?;
    let session = machine.session("role:deploy")?;
    let [now, end] = [&status["told_at"], &session["ends_at"]]
        .map(|time| time.as_str().unwrap_or_default().parse::<jiff::Timestamp>());
    let left = end?.duration_since(now?).as_secs();
    ensure!(
        (left - hours * 3600).abs() < 60,
        "it ends in {left} s, not in {hours} h"
    );
    Ok(())
}

fn is_refused(said: &Said, what: &str) -> Result<()> {
    assert_eq!(said.code, Some(1), "{said:?}");
    ensure!(said.err.contains(what), "{what}: {said:?}");
    Ok(())
}

#[test]
fn a_role_is_raised_in_aws_and_asked_for_longer_each_shown_first() -> Result<()> {
    let home = Home::new()?;
    let machine = Machine::with_iam(&home, &home.environment())?;
    machine.renew(&["deploy"])?;
    ends_in_about(&machine, 1)?;

    // IAM tells the role's maximum, which is an hour, and the ways that there are.
    let told = machine.sandglass(&["doctor", "deploy"])?;
    for line in [
        "  at most  1 h",
        "             sandglass doctor deploy --role-maximum 12h",
    ] {
        ensure!(
            told.out.lines().any(|said| said == line),
            "{line}: {told:?}"
        );
    }

    // Nobody agrees where nobody is, and nothing happens.
    let shown = machine.sandglass(&["doctor", "deploy", "--role-maximum", "12h"])?;
    is_refused(&shown, "`--yes`")?;
    ensure!(
        shown
            .out
            .contains("-MaxSessionDuration = 3600\n+MaxSessionDuration = 43200"),
        "{shown:?}"
    );
    ensure!(
        told == machine.sandglass(&["doctor", "deploy"])?,
        "{told:?}"
    );

    let raised = machine.sandglass_does(&["doctor", "deploy", "--role-maximum", "12h", "--yes"])?;
    ensure!(
        raised.contains("permits sessions of 12 h now; `sandglass doctor deploy --duration 12h`"),
        "{raised}"
    );
    let asked = machine.sandglass_does(&["doctor", "deploy", "--duration", "12h", "--yes"])?;
    ensure!(asked.contains("+duration_seconds = 43200"), "{asked}");
    let expected = CONFIG.replacen(
        "source_profile = long-lived\nregion = us-east-1\n",
        "source_profile = long-lived\nregion = us-east-1\nduration_seconds = 43200\n",
        1,
    );
    assert_eq!(home.read_aws("config")?, expected);
    machine.renew(&["deploy"])?;
    ends_in_about(&machine, 12)?;

    let again = machine.sandglass_does(&["doctor", "deploy", "--duration", "12h"])?;
    assert_eq!(again, "`deploy` asks for 12 h already\n");
    Ok(())
}

#[test]
fn what_aws_did_not_give_before_is_asked_for_again_once_the_role_was_raised() -> Result<()> {
    let home = Home::new()?;
    let machine = Machine::with_iam(&home, &home.environment())?;
    machine.sandglass_does(&["doctor", "deploy", "--duration", "8h", "--yes"])?;
    machine.renew(&["deploy"])?;
    // It takes what there is.
    ends_in_about(&machine, 1)?;
    let told = machine.sandglass(&["doctor", "deploy"])?;
    ensure!(
        told.out.contains("the role allows no more"),
        "the AWS CLI fails with it: {told:?}"
    );
    machine.sandglass_does(&["doctor", "deploy", "--role-maximum", "8h", "--yes"])?;
    machine.renew(&["deploy"])?;
    ends_in_about(&machine, 8)
}

#[test]
fn what_cannot_be_made_longer_says_whose_limit_it_is() -> Result<()> {
    let home = Home::new()?;
    let machine = Machine::new(&home, &home.environment())?;
    let refused = |arguments: &[&str], what: &str| is_refused(&machine.sandglass(arguments)?, what);
    // No permission for iam:GetRole.
    refused(
        &["doctor", "deploy", "--role-maximum", "12h", "--yes"],
        "iam:GetRole failed: AccessDenied",
    )?;
    // A role from a role.
    refused(
        &["doctor", "audit", "--role-maximum", "12h", "--yes"],
        "lives an hour whatever the role permits",
    )?;
    refused(
        &["doctor", "dev", "--duration", "8h", "--yes"],
        "Ask your administrator",
    )?;
    refused(
        &["doctor", "deploy", "--duration", "13h", "--yes"],
        "AWS takes 15 min to 12 h",
    )?;
    refused(
        &["doctor", "nobody", "--duration", "2h", "--yes"],
        "no session of a profile `nobody`",
    )?;
    let wrong = machine.sandglass(&["doctor", "deploy", "--role-maximum", "13h"])?;
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert_eq!(home.read_aws("config")?, CONFIG);
    Ok(())
}

#[test]
fn a_limit_that_could_not_be_looked_up_is_not_called_a_missing_permission() -> Result<()> {
    let home = Home::new()?;
    let machine = Machine::with_iam(&home, &home.environment())?;
    let effect = json!({ "kind": "server_error" });
    machine
        .cloud
        .add_fault(&json!({ "operation": "GetRole", "count": null, "effect": effect }))?;
    let told = machine.sandglass(&["doctor", "deploy"])?;
    ensure!(
        told.out
            .contains("from 1 h to 12 h, which could not be looked up: iam:GetRole failed: "),
        "{told:?}"
    );
    Ok(())
}

#[test]
fn the_page_of_a_finding_is_at_hand_without_the_documentation() -> Result<()> {
    let home = Home::new()?;
    let machine = Machine::new(&home, &home.environment())?;
    let page = machine.sandglass_does(&["doctor", "--explain", "expired-token"])?;
    ensure!(page.starts_with("# expired-token\n"), "{page}");
    is_refused(
        &machine.sandglass(&["doctor", "--explain", "nonsense"])?,
        "no finding has the code `nonsense`",
    )
}
