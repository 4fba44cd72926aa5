//! The icon, as a panel sees it.

use sandglass_core::views::tray::Icon;
use sandglass_protocol::message::{Greeting, Reply};
use serde_json::json;

use crate::desktop::Desktop;
use crate::fake_agent::FakeAgent;
use crate::fixtures::views;
use crate::status_notifier::Panel;
use crate::wait::{until, until_true};

#[test]
fn the_icon_shows_the_state_and_the_tooltip_says_it() {
    let desktop = Desktop::start();
    let panel = Panel::start(&desktop);
    let agent = FakeAgent::start();
    agent.show(&views());
    let _tray = desktop.launch(&agent, &["--background"]);
    until_true("the tooltip", || {
        panel.drawn().tooltip == "prod_admin ends in 12 min (14:32)"
    });
    let low = panel.drawn();
    assert_eq!(low.sizes, [16, 22, 24, 32, 44, 48].map(|size| (size, size)));
    let mut ended = views();
    ended.tray.icon = Icon::Empty;
    agent.show(&ended);
    until_true("another picture", || panel.drawn().pixels != low.pixels);
}

#[test]
fn the_menu_shows_names_as_they_are_and_renews_what_is_picked() {
    let desktop = Desktop::start();
    let panel = Panel::start(&desktop);
    let agent = FakeAgent::start();
    agent.show(&views());
    let _tray = desktop.launch(&agent, &["--background"]);
    let menu = until("the sessions", || {
        let menu = panel.menu();
        (menu.len() == 7).then_some(menu)
    });
    let labels: Vec<_> = menu.iter().map(|line| line.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            // Doubled, an underscore stands for itself.
            "prod__admin · 12 min",
            "Renew",
            "Renew what is due (1)",
            "Snooze for 15 min",
            "Open Sandglass",
            "Why did it expire?",
            "Quit",
        ]
    );
    panel.pick("Renew");
    agent.wait_for(&json!({"intend": {"renew": "role:prod_admin"}}));
    panel.pick("Renew what is due (1)");
    agent.wait_for(&json!({"intend": "renew_due"}));
}

#[test]
fn a_panel_that_starts_late_or_again_gets_the_icon() {
    let desktop = Desktop::start();
    let agent = FakeAgent::start();
    agent.show(&views());
    let _tray = desktop.launch(&agent, &["--background"]);
    agent.wait_for_tray();
    let panel = Panel::start(&desktop);
    panel.wait_for_icon();
    drop(panel);
    let panel = Panel::start(&desktop);
    panel.wait_for_icon();
    until_true("the tooltip", || panel.drawn().tooltip.contains("12 min"));
}

#[test]
fn an_agent_that_dies_is_told_and_found_again() {
    let desktop = Desktop::start();
    let panel = Panel::start(&desktop);
    let agent = FakeAgent::start();
    agent.show(&views());
    let _tray = desktop.launch(&agent, &["--background"]);
    until_true("the tooltip", || panel.drawn().tooltip.contains("12 min"));
    agent.die();
    until_true("the truth", || {
        panel.drawn().tooltip.starts_with("Sandglass cannot go on")
    });
    let renew_due = panel
        .menu()
        .into_iter()
        .find(|line| line.label == "Renew what is due");
    assert!(renew_due.is_some_and(|line| !line.enabled));
    agent.rise();
    until_true("the sessions", || panel.drawn().tooltip.contains("12 min"));
}

#[test]
fn an_agent_of_another_version_is_told_with_the_remedy() {
    let desktop = Desktop::start();
    let panel = Panel::start(&desktop);
    let agent = FakeAgent::greeting(Greeting::OtherVersion { version: 99 });
    let _tray = desktop.launch(&agent, &["--background"]);
    until_true("the reason", || {
        let tooltip = panel.drawn().tooltip;
        tooltip.contains("version 99") && tooltip.contains("`sandglass quit`")
    });
}

#[test]
fn an_agent_that_leaves_takes_the_tray_along() {
    let desktop = Desktop::start();
    let agent = FakeAgent::start();
    let mut tray = desktop.launch(&agent, &["--background"]);
    agent.wait_for_tray();
    agent.say(&Reply::Leaving);
    assert!(tray.ended().success());
}

#[test]
fn a_second_launch_hands_over_and_ends() {
    let desktop = Desktop::start();
    let agent = FakeAgent::start();
    agent.show(&views());
    let mut first = desktop.launch(&agent, &["--background"]);
    agent.wait_for_tray();
    assert!(desktop.launch(&agent, &["--background"]).ended().success());
    assert!(!agent.requests().contains(&json!("open_panel")));
    assert!(desktop.launch(&agent, &[]).ended().success());
    agent.wait_for(&json!("open_panel"));
    assert!(first.runs());
}
