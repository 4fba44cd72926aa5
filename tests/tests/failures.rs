//! What fails for a while is tried again and costs nobody their credentials; what can never work is said once.
#![cfg(target_os = "linux")]

use anyhow::{Context as _, Result};
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::{CONFIG, Machine};
use serde_json::{Value, json};

/// Profiles that ask for more than AWS gives.
const TOO_LONG: &str = "
[profile support]
role_arn = arn:aws:iam::123456789012:role/Support
source_profile = long-lived
duration_seconds = 43200
region = us-east-1

[profile long-audit]
role_arn = arn:aws:iam::123456789012:role/Audit
source_profile = deploy
duration_seconds = 7200
region = us-east-1
";

fn server() -> Result<(Home, Machine)> {
    let home = Home::new()?;
    let machine = Machine::new(&home, &home.environment())?;
    Ok((home, machine))
}

/// The durations that AWS was asked for a role, and what it answered.
fn asked(machine: &Machine, role: &str) -> Result<Vec<(Option<String>, String)>> {
    let calls = machine.cloud.answered("AssumeRole")?.into_iter();
    let of_role = calls.filter(|call| {
        let arn = call.parameters["RoleArn"].as_str();
        arn.is_some_and(|arn| arn.ends_with(&format!("/{role}")))
    });
    let duration = |call: &Value| call["DurationSeconds"].as_str().map(str::to_owned);
    Ok(of_role
        .map(|call| (duration(&call.parameters), call.outcome))
        .collect())
}

/// A renewal meets this trouble; the credentials of before stay, and once AWS is well it is renewed by itself.
fn survives(effect: &Value, code: &str) -> Result<()> {
    let (_home, machine) = server()?;
    machine.sandglass_does(&["renew", "deploy"])?;
    let before = machine.session("role:deploy")?;
    machine
        .cloud
        .add_fault(&json!({ "operation": "AssumeRole", "count": null, "effect": effect }))?;
    let said = machine.sandglass(&["renew", "deploy"])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("hint: "), "{said:?}");

    let waiting = machine.session("role:deploy")?;
    assert_eq!(waiting["state"], "waiting_for_network", "{waiting}");
    assert_eq!(waiting["last_error"]["code"], code, "{waiting}");
    assert_eq!(waiting["ends_at"], before["ends_at"], "{waiting}");
    let arn = machine.aws_cli_identity("deploy")?;
    assert!(arn.contains("assumed-role/Deploy/"), "{arn}");

    machine.cloud.clear_faults()?;
    let after = machine.wait_for_state("role:deploy", "valid")?;
    assert!(
        after["ends_at"].as_str() > before["ends_at"].as_str(),
        "{after}"
    );
    assert_eq!(after["last_error"], Value::Null);
    Ok(())
}

#[test]
fn throttling_keeps_what_works_and_is_waited_out() -> Result<()> {
    survives(&json!({ "kind": "throttle" }), "throttled")
}

#[test]
fn trouble_of_aws_keeps_what_works_and_is_waited_out() -> Result<()> {
    survives(&json!({ "kind": "server_error" }), "service_trouble")
}

#[test]
fn a_connection_that_breaks_keeps_what_works_and_is_waited_out() -> Result<()> {
    survives(&json!({ "kind": "drop" }), "unreachable")
}

#[test]
fn tries_are_further_and_further_apart() -> Result<()> {
    let (_home, machine) = server()?;
    machine.cloud.add_fault(
        &json!({ "operation": "AssumeRole", "count": null, "effect": { "kind": "server_error" } }),
    )?;
    machine.sandglass(&["renew", "deploy"])?;
    let first = machine.cloud.answered("AssumeRole")?.len();
    let tries = |more: usize| {
        machine.wait_for_session("role:deploy", "be tried again", |_| {
            machine
                .cloud
                .answered("AssumeRole")
                .is_ok_and(|calls| calls.len() >= first + more)
        })
    };
    tries(1)?;
    // The SDK's own tries within one of ours included, ten seconds see no storm.
    let calls = machine.cloud.answered("AssumeRole")?.len();
    assert!(calls <= 3 * first, "{calls} calls");
    machine.wait_for_state("role:deploy", "waiting_for_network")?;
    Ok(())
}

#[test]
fn a_role_that_is_gone_is_broken_says_what_to_do_and_is_not_tried_again() -> Result<()> {
    let (_home, machine) = server()?;
    machine
        .cloud
        .revoke(&json!({ "kind": "role", "role_arn": "arn:aws:iam::123456789012:role/Admin" }))?;
    let code = machine.cloud.code()?;
    let said = machine.sandglass(&["renew", "prod-admin", "--mfa-code", &code])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.err
            .contains("not authorized to perform: sts:AssumeRole")
            && said.err.contains("hint: "),
        "{said:?}"
    );
    let session = machine.session("role:prod-admin")?;
    assert_eq!(session["state"], "broken", "{session}");
    assert_eq!(session["last_error"]["code"], "access_denied", "{session}");
    let remedy = session["last_error"]["remedy"].as_str();
    assert!(remedy.is_some_and(|remedy| !remedy.is_empty()), "{session}");

    let calls = asked(&machine, "Admin")?.len();
    machine.let_time_pass()?;
    assert_eq!(asked(&machine, "Admin")?.len(), calls);
    Ok(())
}

#[test]
fn keys_that_were_deleted_are_named() -> Result<()> {
    let (_home, machine) = server()?;
    machine.cloud.revoke(
        &json!({ "kind": "access_key", "access_key_id": sandglass_journeys::cloud::ACCESS_KEY_ID }),
    )?;
    let said = machine.sandglass(&["renew", "deploy"])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    let session = machine.session("role:deploy")?;
    assert_eq!(session["state"], "broken", "{session}");
    assert_eq!(session["last_error"]["code"], "source_invalid", "{session}");
    Ok(())
}

/// A renewal that asks for too long gets the longest that AWS gives, says so, and asks for that from then on.
fn gets_the_longest(profile: &str, role: &str, seconds: u32, limit: &str) -> Result<()> {
    let (home, machine) = server()?;
    home.write_aws("config", &format!("{CONFIG}{TOO_LONG}"))?;
    let said = machine.sandglass_does(&["renew", profile])?;
    assert!(said.contains("for 1 h instead of"), "{said}");
    let refused = (Some(seconds.to_string()), "ValidationError".to_owned());
    let calls = asked(&machine, role)?;
    assert_eq!(calls.first(), Some(&refused), "{calls:?}");
    let granted = calls.last().context("no call")?;
    assert_eq!(*granted, (Some("3600".to_owned()), "ok".to_owned()));

    let shortened = json!({ "asked_seconds": seconds, "granted_seconds": 3600, "limit": limit });
    let told = machine.session(&format!("role:{profile}"))?;
    assert_eq!(told["state"], "valid", "{told}");
    assert_eq!(told["shortened"], shortened, "{told}");
    // The CLI looks for the duration that the profile asks for.
    let arn = machine.aws_cli_identity(profile)?;
    assert!(arn.contains(&format!("assumed-role/{role}/")), "{arn}");

    machine.kill_agent(&home)?;
    machine.sandglass_does(&["renew", profile])?;
    let refusals = asked(&machine, role)?
        .into_iter()
        .filter(|call| call.1 != "ok");
    assert_eq!(refusals.count(), calls.len() - 1, "it was remembered");
    let told = machine.session(&format!("role:{profile}"))?;
    assert_eq!(told["shortened"], shortened, "{told}");
    Ok(())
}

#[test]
fn more_than_the_role_allows_becomes_the_role_s_maximum_and_is_remembered() -> Result<()> {
    gets_the_longest("support", "Support", 43_200, "role_maximum")
}

#[test]
fn more_than_role_chaining_allows_becomes_an_hour_and_is_remembered() -> Result<()> {
    gets_the_longest("long-audit", "Audit", 7200, "role_chaining")
}

#[test]
fn a_configuration_that_asks_for_less_is_asked_anew() -> Result<()> {
    let (home, machine) = server()?;
    home.write_aws("config", &format!("{CONFIG}{TOO_LONG}"))?;
    machine.sandglass_does(&["renew", "support"])?;
    let shorter = TOO_LONG.replace("43200", "1800");
    home.write_aws("config", &format!("{CONFIG}{shorter}"))?;
    machine.wait_for_state("role:support", "unknown")?;
    machine.sandglass_does(&["renew", "support"])?;
    let last = asked(&machine, "Support")?.pop();
    assert_eq!(last, Some((Some("1800".to_owned()), "ok".to_owned())));
    Ok(())
}

#[test]
fn profiles_that_start_from_each_other_are_named_and_the_rest_works() -> Result<()> {
    let (home, machine) = server()?;
    let circle = "
[profile one]
role_arn = arn:aws:iam::123456789012:role/Deploy
source_profile = two

[profile two]
role_arn = arn:aws:iam::123456789012:role/Audit
source_profile = one
";
    home.write_aws("config", &format!("{CONFIG}{circle}"))?;
    let said = machine.sandglass(&["renew", "one"])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    let told = format!("{}{}", machine.findings()?, said.err);
    assert!(told.contains("circle") || told.contains("loop"), "{told}");
    machine.sandglass_does(&["renew", "deploy"])?;
    Ok(())
}
