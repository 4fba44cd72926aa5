//! Each kind of session: seen as it is, and renewed by what it needs.
#![cfg(target_os = "linux")]

use anyhow::{Context as _, Result};
use sandglass_journeys::desktop::{Desktop, Part};
use sandglass_journeys::every_kind::{CONSOLE_LOGIN, LEGACY_SIGN_IN};
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::Machine;
use sandglass_journeys::wait::{PATIENCE, try_until};
use serde_json::{Value, json};

/// Seconds that a session lives which is to be renewed in front of the test: a quarter of it is left then.
const SHORT: u32 = 12;

/// Where the AWS CLI looks for role `Deploy`: SHA-1 of the call's arguments.
const DEPLOY_IN_CACHE: &str = "~/.aws/cli/cache/b02bdd7dd245291a7cd3ee342e096edb75551c36.json";

/// A machine with a session of each kind, a terminal, and nothing else.
fn server() -> Result<(Home, Machine)> {
    let home = Home::new()?;
    let machine = Machine::with_every_kind(&home, &home.environment())?;
    Ok((home, machine))
}

fn file(name: &str) -> Value {
    json!({ "kind": "file", "name": name })
}

fn profile(name: &str) -> Value {
    json!({ "kind": "profile", "name": name })
}

#[test]
fn each_is_seen_with_its_state_its_end_and_what_its_renewal_needs() -> Result<()> {
    let desktop = Desktop::start_with(Home::new()?, &[Part::Keychain])?;
    let machine = Machine::with_every_kind(desktop.home(), desktop.environment())?;
    machine.log_in_to_console(desktop.home())?;
    machine.define_every_kind()?;
    machine.wait_for_state("instance-role", "valid")?;
    machine.wait_for_state("container-role", "valid")?;
    let none = Value::Null;
    let (known, estimated) = (json!("known"), json!("estimated"));
    let expected = [
        ("role:deploy", "role", "unknown", &none, "nothing"),
        ("role:prod-admin", "role", "unknown", &none, "code"),
        ("role:prod-billing", "role", "unknown", &none, "code"),
        ("role:audit", "role", "unknown", &none, "nothing"),
        ("role:on-instance", "role", "unknown", &none, "nothing"),
        ("role:support", "role", "unknown", &none, "nothing"),
        (
            "web-identity:pipeline",
            "web_identity",
            "unknown",
            &none,
            "nothing",
        ),
        (
            "session-token:mfa",
            "session_token",
            "valid",
            &estimated,
            "code",
        ),
        (
            "federation-token:visitor",
            "federation_token",
            "unknown",
            &none,
            "nothing",
        ),
        (
            "sso-sign-in:corp",
            "sso_sign_in",
            "unknown",
            &none,
            "browser",
        ),
        (LEGACY_SIGN_IN, "sso_sign_in", "unknown", &none, "browser"),
        ("sso-role:dev", "sso_role", "unknown", &none, "browser"),
        ("sso-role:classic", "sso_role", "unknown", &none, "browser"),
        (CONSOLE_LOGIN, "console_login", "valid", &known, "nothing"),
        ("instance-role", "instance_role", "valid", &known, "nothing"),
        (
            "container-role",
            "container_role",
            "valid",
            &known,
            "nothing",
        ),
        (
            "process:vendor",
            "credential_process",
            "unknown",
            &none,
            "nothing",
        ),
        (
            "keys:long-lived",
            "long_lived_keys",
            "lasting",
            &none,
            "elsewhere",
        ),
        (
            "keys:broker",
            "long_lived_keys",
            "lasting",
            &none,
            "elsewhere",
        ),
        (
            "keys:customer",
            "long_lived_keys",
            "lasting",
            &none,
            "elsewhere",
        ),
        ("foreign:saml", "foreign", "valid", &known, "elsewhere"),
    ];
    let sessions = machine.sessions()?;
    for (id, kind, state, known_by, needs) in expected {
        let session = sessions.iter().find(|session| session["id"] == id);
        let session = session.with_context(|| format!("`{id}` is missing: {sessions:#?}"))?;
        assert_eq!(session["kind"], kind, "{session}");
        assert_eq!(session["state"], state, "{session}");
        assert_eq!(&session["end_known_by"], known_by, "{session}");
        assert_eq!(session["needs"], needs, "{session}");
        assert!(session["where_used"].is_array(), "{session}");
        assert_eq!(session["last_error"], Value::Null, "{session}");
    }
    assert_eq!(sessions.len(), expected.len(), "{sessions:#?}");
    assert_eq!(machine.findings()?, "");
    assert_eq!(desktop.home().vendor_runs(), 0, "nobody asked for it");
    Ok(())
}

#[test]
fn what_needs_nobody_is_renewed_silently_once_somebody_asked_for_it() -> Result<()> {
    let (home, machine) = server()?;
    machine.define_role()?;
    machine.define_federation_token()?;
    machine.cloud.set(&json!({
        "assumed_role": SHORT,
        "web_identity": SHORT,
        "federation_token": SHORT,
        "role_credentials": SHORT,
        "access_token": SHORT,
        "login_access": SHORT,
    }))?;
    machine.log_in_to_console(&home)?;
    machine.sign_in(&home, &["corp"])?;
    let kept = [
        ("role:audit", "audit"),
        ("role:support", "support"),
        ("web-identity:pipeline", "pipeline"),
        ("federation-token:visitor", "visitor"),
        ("sso-role:dev", "dev"),
        (CONSOLE_LOGIN, "console"),
    ];
    machine.renew(&kept.map(|(_, name)| name))?;
    let ids = kept.map(|(id, _)| id);
    // The role behind `audit` and the sign-in behind `dev` are kept with them.
    let ids = ids.iter().chain(&["role:deploy", "sso-sign-in:corp"]);
    let first = ids
        .map(|id| Ok((*id, machine.session(id)?["ends_at"].clone())))
        .collect::<Result<Vec<_>>>()?;
    for (id, end) in first {
        machine.wait_for_session(id, "be renewed", |session| {
            session["ends_at"].as_str() > end.as_str()
        })?;
    }
    Ok(())
}

#[test]
fn credentials_are_told_with_the_file_that_holds_them_and_the_profiles_that_use_them() -> Result<()>
{
    let (home, machine) = server()?;
    machine.define_role()?;
    machine.renew(&["deploy", "support"])?;
    machine.log_in_to_console(&home)?;
    machine.wait_for_state(CONSOLE_LOGIN, "valid")?;
    let uses = |id: &str| Ok::<_, anyhow::Error>(machine.session(id)?["where_used"].to_string());
    let deploy = uses("role:deploy")?;
    for place in [file(DEPLOY_IN_CACHE), profile("deploy")] {
        assert!(deploy.contains(&place.to_string()), "{place}: {deploy}");
    }
    let support = uses("role:support")?;
    for place in [file("~/.aws/credentials"), profile("support")] {
        assert!(support.contains(&place.to_string()), "{place}: {support}");
    }
    let console = uses(CONSOLE_LOGIN)?;
    assert!(
        console.contains("~/.aws/login/cache/")
            && console.contains(&profile("console").to_string()),
        "{console}"
    );
    let keys = uses("keys:long-lived")?;
    assert!(
        keys.contains(&file("~/.aws/credentials").to_string()),
        "{keys}"
    );
    Ok(())
}

#[test]
fn a_credential_process_runs_when_somebody_asks_and_never_by_itself() -> Result<()> {
    let (home, machine) = server()?;
    machine.sandglass_does(&["status"])?;
    assert_eq!(home.vendor_runs(), 0);
    machine.sandglass_does(&["renew", "vendor"])?;
    assert_eq!(home.vendor_runs(), 1);
    let session = machine.session("process:vendor")?;
    assert_eq!(
        (&session["state"], &session["end_known_by"]),
        (&json!("valid"), &json!("known"))
    );
    machine.kill_agent(&home)?;
    machine.sandglass_does(&["status"])?;
    assert_eq!(home.vendor_runs(), 1, "a new agent does not run it either");
    Ok(())
}

#[test]
fn a_credential_process_that_fails_says_so_in_its_own_words() -> Result<()> {
    let (home, machine) = server()?;
    std::fs::write(
        home.path().join("vendor"),
        "#!/bin/sh\necho 'the vault is sealed' >&2\nexit 3\n",
    )?;
    let said = machine.sandglass(&["renew", "vendor"])?;
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("the vault is sealed"), "{said:?}");
    Ok(())
}

#[test]
fn the_roles_of_instance_and_container_are_watched_while_aws_renews_them() -> Result<()> {
    let (_home, machine) = server()?;
    machine
        .cloud
        .set(&json!({ "instance_credentials": 40, "task_credentials": 40 }))?;
    let first = ["instance-role", "container-role"].map(|id| {
        machine.wait_for_session(id, "be looked at", |session| {
            session["end_known_by"] == "known"
        })
    });
    for first in first {
        let first = first?;
        let id = first["id"].as_str().unwrap_or_default();
        try_until("the credentials after these", PATIENCE * 2, || {
            let now = machine.session(id)?;
            Ok((now["ends_at"].as_str() > first["ends_at"].as_str()).then_some(()))
        })?;
    }
    Ok(())
}

#[test]
fn the_role_of_the_instance_is_enough_to_assume_another() -> Result<()> {
    let (_home, machine) = server()?;
    machine.wait_for_state("instance-role", "valid")?;
    machine.sandglass_does(&["renew", "on-instance"])?;
    let arn = machine.aws_cli_identity("on-instance")?;
    assert!(arn.contains("assumed-role/Deploy/"), "{arn}");
    Ok(())
}

#[test]
fn a_web_identity_reads_its_token_anew_for_each_renewal() -> Result<()> {
    let (home, machine) = server()?;
    let over = machine.cloud.web_identity_token(-1)?;
    std::fs::write(home.path().join("token"), over)?;
    let said = machine.sandglass(&["renew", "pipeline"])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("Token expired"), "{said:?}");
    machine.renew_web_identity_token(&home)?;
    machine.sandglass_does(&["renew", "pipeline"])?;
    assert_eq!(machine.session("web-identity:pipeline")?["state"], "valid");
    Ok(())
}

#[test]
fn a_sign_in_in_the_old_style_serves_its_profile_and_is_never_refreshed() -> Result<()> {
    let (home, machine) = server()?;
    machine.sign_in(&home, &["classic"])?;
    machine.sandglass_does(&["renew", "classic"])?;
    assert_eq!(machine.session("sso-role:classic")?["state"], "valid");
    let sign_in = machine.session(LEGACY_SIGN_IN)?;
    assert_eq!(sign_in["state"], "valid");
    assert_eq!(sign_in["needs"], "browser", "it holds no refresh token");
    let arn = machine.aws_cli_identity("classic")?;
    assert!(arn.contains("210987654321"), "{arn}");
    Ok(())
}

#[test]
fn long_lived_keys_can_be_checked_and_are_told_with_their_age() -> Result<()> {
    let (_home, machine) = server()?;
    let said = machine.sandglass_does(&["check", "long-lived"])?;
    assert!(said.contains("long-lived"), "{said}");
    let said = machine.sandglass(&["check", "customer"])?;
    assert_eq!(said.code, Some(1), "AWS does not know them: {said:?}");
    assert!(said.err.contains("hint: "), "{said:?}");
    let session = machine.session("keys:customer")?;
    assert_eq!(session["last_error"]["code"], "source_invalid", "{session}");
    Ok(())
}
