//! The doctor in the panel of a real desktop, with real clicks.
#![cfg(target_os = "linux")]

use anyhow::{Result, ensure};
use sandglass_journeys::accessibility::Role;
use sandglass_journeys::pointer::Key;
use sandglass_journeys::sandglass::{PANEL, PROMPT, Sandglass};
use serde_json::json;

const PAGE: &str = "Why did it expire?";

#[test]
fn from_a_session_that_is_over_through_the_doctor_to_renewed_credentials() -> Result<()> {
    let mut sandglass = Sandglass::installed()?;
    sandglass.start_tray()?;
    let machine = &sandglass.machine;
    machine.define_mfa_session()?;
    machine.cloud.set(&json!({ "session_token": 2 }))?;
    machine.sandglass_does(&["renew", "mfa", "--mfa-code", &machine.cloud.code()?])?;
    machine.cloud.set(&json!({}))?;
    machine.wait_for_state("session-token:mfa", "expired")?;

    sandglass.open_panel()?;
    sandglass.search("mfa")?;
    sandglass.open_first_row()?;
    sandglass.click(Role::Button, &format!("{PAGE} mfa"))?;
    sandglass.see(Role::Heading, PAGE)?;
    sandglass.read("`mfa` ended".replace('`', "").as_str())?;
    sandglass.click(Role::Button, "Renew")?;

    sandglass.desktop.wait_for_window(PROMPT)?;
    sandglass.click_field()?;
    sandglass.type_text(&sandglass.machine.cloud.code()?)?;
    sandglass.wait_for_no_window(PROMPT)?;
    sandglass
        .machine
        .wait_for_state("session-token:mfa", "valid")?;
    Ok(())
}

#[test]
fn an_error_that_is_pasted_is_explained_and_a_click_changes_the_profile() -> Result<()> {
    let mut sandglass = Sandglass::with_iam()?;
    sandglass.start_tray()?;
    sandglass.machine.renew(&["deploy"])?;
    // From the menu of the icon.
    sandglass.desktop.choose_from_tray_menu(&[PAGE])?;
    sandglass.desktop.wait_for_window(PANEL)?;
    sandglass.see(Role::Heading, PAGE)?;

    let text = "An error occurred (ValidationError) when calling the AssumeRole operation: The requested DurationSeconds \
                exceeds the MaxSessionDuration set for this role.";
    sandglass.type_into("Paste the error or the log, if you have it", text)?;
    sandglass.click(Role::Button, "Look")?;
    sandglass.read("The role does not permit so long a session")?;
    sandglass.read("during AssumeRole")?;

    // Of the role that it can be about, the length is changed with a click, once it was shown.
    sandglass.desktop.display().press(Key::Escape)?;
    sandglass.search("deploy")?;
    sandglass.open_first_row()?;
    sandglass.click(Role::Button, "Look into it deploy")?;
    sandglass.read("At most")?;
    sandglass.click(Role::Button, "Raise it…")?;
    sandglass.read("MaxSessionDuration = 43200")?;
    sandglass.click(Role::Button, "Change it")?;
    sandglass.read("permits sessions of 12 h now")?;
    sandglass.click(Role::Button, "Change it…")?;
    sandglass.read("duration_seconds = 43200")?;
    sandglass.click(Role::Button, "Change it")?;
    sandglass.read("is asked for 12 h")?;
    let config = sandglass.desktop.home().read_aws("config")?;
    ensure!(config.contains("duration_seconds = 43200\n"), "{config}");
    Ok(())
}
