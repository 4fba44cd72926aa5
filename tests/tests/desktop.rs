//! Journeys of the real programs on a real desktop, with real clicks.
#![cfg(target_os = "linux")]

use anyhow::Result;
use sandglass_journeys::accessibility::Role;
use sandglass_journeys::cloud::DEVICE;
use sandglass_journeys::desktop::Desktop;
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::{credentials, only_the_keys_changed};
use sandglass_journeys::pointer::Key;
use sandglass_journeys::programs;
use sandglass_journeys::sandglass::{PROMPT, Sandglass};
use serde_json::{Value, json};

const WRONG_CODE: &str = "MultiFactorAuthentication failed with invalid MFA one time pass code";

/// Gives profile `mfa` a session that soon nears its end.
fn let_an_mfa_session_end_soon(sandglass: &Sandglass) -> Result<()> {
    let machine = &sandglass.machine;
    machine.define_mfa_session()?;
    // A notice goes out in the last quarter of a life.
    machine.cloud.set(&json!({ "session_token": 32 }))?;
    machine.sandglass_does(&["renew", "mfa", "--mfa-code", &machine.cloud.code()?])?;
    machine.cloud.set(&json!({}))
}

#[test]
fn from_a_notification_to_renewed_credentials() -> Result<()> {
    let mut sandglass = Sandglass::installed()?;
    sandglass.start_tray()?;
    let_an_mfa_session_end_soon(&sandglass)?;
    let (machine, desktop) = (&sandglass.machine, &sandglass.desktop);
    let before = desktop.home().read_aws("credentials")?;

    let notice = desktop.wait_for_notification("mfa")?;
    assert!(
        notice.body.contains("Needs a code from your MFA device"),
        "{notice:?}"
    );
    let labels = notice.labels();
    assert!(
        labels.contains(&"Renew") && labels.contains(&"Snooze"),
        "{labels:?}"
    );
    desktop.click_notification("mfa", "Renew")?;

    desktop.wait_for_window(PROMPT)?;
    sandglass.read("dev")?;
    // The window was clicked for, so that it has the keyboard.
    sandglass.type_text("000000")?;
    sandglass.read(WRONG_CODE)?;
    assert!(
        desktop.wait_for_window(PROMPT).is_ok(),
        "a wrong code keeps the window open"
    );
    sandglass.type_text(&machine.cloud.code()?)?;
    sandglass.wait_for_no_window(PROMPT)?;

    let session = machine.wait_for_state("session-token:mfa", "valid")?;
    assert_eq!(session["end_known_by"], "known");
    let after = desktop.home().read_aws("credentials")?;
    only_the_keys_changed(&before, &after)?;
    only_the_keys_changed(&credentials(), &after)?;
    assert_eq!(
        machine.aws_cli_identity("mfa")?,
        "arn:aws:iam::123456789012:user/dev"
    );

    desktop.wait_for_notification("mfa renewed until")?;
    desktop.wait_for_withdrawal("mfa")?;

    let mut lookup = desktop.environment().command("secret-tool");
    let found = lookup
        .args([
            "lookup",
            "service",
            "sandglass",
            "username",
            "mfa-device/mfa",
        ])
        .output()?;
    assert_eq!(String::from_utf8(found.stdout)?.trim(), DEVICE);
    Ok(())
}

#[test]
fn from_the_panel_to_a_sign_in_that_the_aws_cli_uses() -> Result<()> {
    let mut sandglass = Sandglass::installed()?;
    sandglass.start_tray()?;
    sandglass.open_panel()?;
    sandglass.search("dev")?;
    sandglass.click(Role::Button, "Sign in dev")?;

    let (machine, desktop) = (&sandglass.machine, &sandglass.desktop);
    desktop.wait_for_window(PROMPT)?;
    let code = desktop.until("a user code", || machine.cloud.waiting_user_code())?;
    sandglass.read(&code)?;
    sandglass.click(Role::Button, "Open browser")?;
    desktop.wait_for_page(&code)?;
    desktop.click_in_page("Approve")?;
    sandglass.wait_for_no_window(PROMPT)?;

    machine.wait_for_state("sso-sign-in:corp", "valid")?;
    machine.wait_for_state("sso-role:dev", "valid")?;
    let token = desktop
        .home()
        .read_aws("sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json")?;
    let token: Value = serde_json::from_str(&token)?;
    assert_eq!(token["startUrl"], "https://sandglass.awsapps.com/start");
    assert!(token["refreshToken"].is_string());
    let arn = machine.aws_cli_identity("dev")?;
    assert!(arn.contains("AWSReservedSSO_ReadOnly"), "{arn}");
    Ok(())
}

#[test]
fn a_program_that_asks_gets_its_answer_from_the_person_at_the_tray() -> Result<()> {
    let mut sandglass = Sandglass::installed()?;
    sandglass.start_tray()?;
    let (machine, desktop) = (&sandglass.machine, &sandglass.desktop);
    let mut command = machine.program("sandglass")?;
    command
        .args(["renew", "prod-admin"])
        .stdin(std::process::Stdio::null());
    let mut asker = desktop.launch("asker", &mut command)?;
    let prompt = desktop.wait_for_window(PROMPT)?;
    sandglass.read("sandglass, pid")?;
    assert_ne!(
        desktop.display().active_window()?,
        Some(prompt.id),
        "it took the focus"
    );
    // The person turns to it.
    sandglass.click_field()?;
    sandglass.type_text(&machine.cloud.code()?)?;
    assert!(
        asker.wait(sandglass_journeys::wait::PATIENCE)?.success(),
        "{}",
        asker.said()
    );
    let arn = machine.aws_cli_identity("prod-admin")?;
    assert!(arn.contains("assumed-role/Admin/"), "{arn}");
    Ok(())
}

#[test]
fn a_cancelled_prompt_fails_the_program_that_waits_with_one_clear_error() -> Result<()> {
    let mut sandglass = Sandglass::installed()?;
    sandglass.start_tray()?;
    let (machine, desktop) = (&sandglass.machine, &sandglass.desktop);
    let mut command = machine.program("sandglass")?;
    command
        .args(["renew", "prod-admin"])
        .stdin(std::process::Stdio::null());
    let mut asker = desktop.launch("asker", &mut command)?;
    desktop.wait_for_window(PROMPT)?;
    sandglass.click(Role::Button, "Cancel")?;
    assert_eq!(
        asker.wait(sandglass_journeys::wait::PATIENCE)?.code(),
        Some(1)
    );
    assert!(asker.said().contains("cancelled"), "{}", asker.said());
    sandglass.wait_for_no_window(PROMPT)
}

#[test]
fn an_agent_that_dies_is_started_again_by_the_tray() -> Result<()> {
    let mut sandglass = Sandglass::installed()?;
    sandglass.start_tray()?;
    let (machine, desktop) = (&sandglass.machine, &sandglass.desktop);
    let first = desktop.until("the agent", || Ok(machine.agent_pid(desktop.home())))?;
    machine.kill_agent(desktop.home())?;
    desktop.until("another agent", || {
        Ok(machine
            .agent_pid(desktop.home())
            .filter(|pid| *pid != first))
    })?;
    sandglass.open_panel()?;
    sandglass.see(Role::Button, "Sign in dev")?;
    Ok(())
}

#[test]
fn inside_the_windows_stands_what_the_agent_tells_and_nothing_else_can_be_called() -> Result<()> {
    let sandglass = Sandglass::installed()?;
    let (machine, desktop) = (&sandglass.machine, &sandglass.desktop);
    let program = programs::path("sandglass-tray")?;
    let launch = desktop.launch_driven(machine.environment(), &program, &["--panel"])?;
    let browser = launch.browser()?;
    browser.choose_window("panel")?;
    browser.find("[aria-label^='prod-admin,']")?;
    browser.wait_for_text("body", "Found 7 profiles, 1 portal, 1 MFA device")?;
    assert_eq!(
        browser.script("return typeof window.__TAURI__")?,
        "undefined"
    );

    // The panel may not do what only the prompt may.
    let refused = browser.script(
        "return window.__TAURI_INTERNALS__.invoke('enter_code', { prompt: 1, code: '123456' })
             .then(() => 'allowed', (error) => String(error))",
    )?;
    let refused = refused.as_str().unwrap_or_default();
    assert!(refused.contains("not allowed"), "{refused}");

    browser.find("[aria-label='Renew prod-admin']")?.click()?;
    browser.choose_window("prompt")?;
    browser.wait_for_text("body", DEVICE)?;
    browser.find("input")?.type_text("000000")?;
    browser.wait_for_text("[role=alert]", WRONG_CODE)?;
    browser.find("input")?.type_text(&machine.cloud.code()?)?;
    machine.wait_for_state("role:prod-admin", "valid")?;
    browser.choose_window("panel")?;
    browser.find("[aria-label^='prod-admin,'][aria-label*='ends in 59 min']")?;
    Ok(())
}

#[test]
fn one_key_leads_to_the_last_row_of_a_long_list_and_one_back() -> Result<()> {
    let mut sandglass = Sandglass::with_every_kind()?;
    sandglass.start_tray()?;
    sandglass.open_panel()?;
    sandglass.click(Role::Button, "Agree and keep them fresh")?;
    let rows = sandglass.machine.sessions()?;
    let name = |row: Option<&Value>| {
        let name = row.and_then(|row| row["name"].as_str());
        name.unwrap_or_default().to_owned()
    };
    sandglass.search("")?;
    let display = sandglass.desktop.display();
    display.press(Key::Down)?;
    sandglass.wait_for_row(&name(rows.first()))?;
    display.press(Key::End)?;
    sandglass.wait_for_row(&name(rows.last()))?;
    display.press(Key::Home)?;
    sandglass.wait_for_row(&name(rows.first()))
}

#[test]
fn quit_in_the_menu_ends_tray_and_agent() -> Result<()> {
    let mut sandglass = Sandglass::installed()?;
    sandglass.start_tray()?;
    sandglass.desktop.choose_from_tray_menu(&["Quit"])?;
    let ended = sandglass.tray()?.wait(sandglass_journeys::wait::PATIENCE)?;
    assert!(ended.success());
    let (machine, desktop) = (&sandglass.machine, &sandglass.desktop);
    desktop.until("the end of the agent", || {
        Ok(machine.agent_pid(desktop.home()).is_none().then_some(()))
    })
}

#[test]
fn without_tray_host_notifications_and_keychain_the_panel_says_so_and_renews() -> Result<()> {
    let sandglass = Sandglass::on(Desktop::start_with(Home::new()?, &[])?)?;
    let mut command = sandglass.machine.program("sandglass-tray")?;
    let _tray = sandglass.desktop.launch("sandglass-tray", &mut command)?;
    // With no icon to click, the panel opens by itself.
    sandglass.desktop.wait_for_window("Sandglass")?;
    sandglass.read("no tray")?;
    sandglass.search("deploy")?;
    sandglass.click(Role::Button, "Renew deploy")?;
    sandglass.machine.wait_for_state("role:deploy", "valid")?;
    // The word of success could not be shown as a notification.
    sandglass.read("shows no notifications")
}
