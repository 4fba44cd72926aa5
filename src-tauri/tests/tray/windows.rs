//! The windows: when they come, and when they go.

use sandglass_core::views::Views;
use sandglass_core::views::prompt::PromptView;
use serde_json::json;

use crate::desktop::Desktop;
use crate::fake_agent::FakeAgent;
use crate::fixtures::{choice_prompt, code_prompt, sign_in_prompt, views};
use crate::status_notifier::Panel;
use crate::wait::until_true;

#[test]
fn without_a_tray_the_panel_opens_by_itself() {
    let desktop = Desktop::start();
    let screen = desktop.screen();
    let agent = FakeAgent::start();
    let _tray = desktop.launch(&agent, &[]);
    until_true("the panel", || screen.windows() == ["Sandglass"]);
}

#[test]
fn with_a_tray_the_panel_opens_by_a_click_and_closes_at_its_frame() {
    let desktop = Desktop::start();
    let panel = Panel::start(&desktop);
    let screen = desktop.screen();
    let agent = FakeAgent::start();
    agent.show(&views());
    let mut tray = desktop.launch(&agent, &[]);
    panel.wait_for_icon();
    assert!(screen.windows().is_empty());
    panel.click();
    until_true("the panel", || screen.windows() == ["Sandglass"]);
    screen.close("Sandglass");
    until_true("its end", || screen.windows().is_empty());
    assert!(tray.runs(), "the app lives on in the tray");
    panel.pick("Open Sandglass");
    until_true("the panel again", || screen.windows() == ["Sandglass"]);
}

#[test]
fn a_prompt_has_a_window_as_long_as_it_is_open() {
    let desktop = Desktop::start();
    let screen = desktop.screen();
    let agent = FakeAgent::start();
    agent.show(&views());
    let _tray = desktop.launch(&agent, &["--background"]);
    agent.wait_for_tray();
    for prompt in [
        code_prompt(1, Some("terraform, pid 4242")),
        choice_prompt(2),
        sign_in_prompt(3, "https://device.example.com/"),
    ] {
        agent.show(&with_prompt(prompt));
        until_true("the prompt", || screen.windows() == ["Sandglass asks"]);
        agent.show(&views());
        until_true("its end", || screen.windows().is_empty());
    }
}

#[test]
fn closing_the_prompt_s_window_cancels_the_prompt() {
    let desktop = Desktop::start();
    let screen = desktop.screen();
    let agent = FakeAgent::start();
    agent.show(&with_prompt(code_prompt(7, None)));
    let _tray = desktop.launch(&agent, &["--background"]);
    until_true("the prompt", || screen.windows() == ["Sandglass asks"]);
    screen.close("Sandglass asks");
    agent.wait_for(&json!({"intend": {"cancel_prompt": 7}}));
    until_true("its end", || screen.windows().is_empty());
}

fn with_prompt(prompt: PromptView) -> Views {
    Views {
        prompt: Some(prompt),
        ..views()
    }
}
