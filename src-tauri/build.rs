//! Lets Tauri read its configuration and capabilities, and puts every command of the app under its access list.

/// Every command that a window may call, where its capability file says so.
const COMMANDS: &[&str] = &[
    "panel_view",
    "renew",
    "renew_due",
    "check",
    "sign_in_afresh",
    "snooze_all",
    "agree_to_all",
    "diagnose",
    "show_change",
    "make_change",
    "close_panel",
    "prompt_view",
    "enter_code",
    "cancel_prompt",
    "postpone_prompt",
    "restart_sign_in",
    "open_sign_in_page",
    "start_afresh",
    "sign_in_anyway",
];

fn main() {
    println!("cargo::rerun-if-changed=src-tauri/capabilities");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        panic!("failed to build the tray app: {error:#}");
    }
}
