//! Notifications, from the agent's views to the service on the bus and back.

use sandglass_core::views::Views;
use sandglass_core::views::notice::Stage;
use serde_json::json;

use crate::desktop::Desktop;
use crate::fake_agent::FakeAgent;
use crate::fixtures::{notice, views};
use crate::notification_service::NotificationService;
use crate::status_notifier::Panel;
use crate::wait::until_true;

const ALL: &[&str] = &["actions", "body", "body-markup"];

#[test]
fn a_click_on_renew_reaches_the_agent() {
    let desktop = Desktop::start();
    let service = NotificationService::start(&desktop, ALL);
    let agent = FakeAgent::start();
    agent.show(&with_notice(Stage::First, "prod_admin ends in 15 min"));
    let _tray = desktop.launch(&agent, &["--background"]);

    let shown = service.shown(0);
    assert_eq!(shown.app, "Sandglass");
    assert_eq!(shown.title, "prod_admin ends in 15 min");
    assert_eq!(shown.body, "Admin in 123456789012, at 14:32.");
    assert_eq!(
        shown.actions,
        ["default", "", "renew", "Renew", "snooze", "Snooze"]
    );
    assert_eq!(shown.timeout, 0, "it stays until somebody does something");
    assert_eq!(
        shown.hints["urgency"], "byte 0x01",
        "normal: critical would steal the eye"
    );
    assert!(
        std::path::Path::new(&shown.icon).is_file(),
        "{}",
        shown.icon
    );

    service.click(&shown, "renew");
    agent.wait_for(&json!({"intend": {"renew_each": ["role:prod_admin"]}}));
}

#[test]
fn a_click_on_snooze_reaches_the_agent() {
    let desktop = Desktop::start();
    let service = NotificationService::start(&desktop, ALL);
    let agent = FakeAgent::start();
    agent.show(&with_notice(Stage::First, "prod_admin ends in 15 min"));
    let _tray = desktop.launch(&agent, &["--background"]);
    service.click(&service.shown(0), "snooze");
    agent.wait_for(&json!({"intend": {"snooze": ["role:prod_admin"]}}));
}

#[test]
fn time_passing_replaces_the_notification_in_place_and_its_buttons_still_work() {
    let desktop = Desktop::start();
    let service = NotificationService::start(&desktop, ALL);
    let agent = FakeAgent::start();
    agent.show(&with_notice(Stage::First, "prod_admin ends in 15 min"));
    let _tray = desktop.launch(&agent, &["--background"]);
    let first = service.shown(0);
    agent.show(&with_notice(Stage::First, "prod_admin ends in 14 min"));
    assert_eq!(service.shown(1).replaces, first.id);
    agent.show(&with_notice(Stage::Last, "prod_admin ends in 5 min"));
    let last = service.shown(2);
    assert_eq!(last.replaces, first.id);
    assert_eq!(last.title, "prod_admin ends in 5 min");
    service.click(&last, "renew");
    agent.wait_for(&json!({"intend": {"renew_each": ["role:prod_admin"]}}));
}

#[test]
fn what_is_no_longer_true_is_withdrawn() {
    let desktop = Desktop::start();
    let service = NotificationService::start(&desktop, ALL);
    let agent = FakeAgent::start();
    agent.show(&with_notice(Stage::First, "prod_admin ends in 15 min"));
    let _tray = desktop.launch(&agent, &["--background"]);
    let shown = service.shown(0);
    agent.show(&views());
    service.withdrawn(shown.id);
}

#[test]
fn what_the_person_closed_comes_back_at_the_next_stage_only() {
    let desktop = Desktop::start();
    let panel = Panel::start(&desktop);
    let service = NotificationService::start(&desktop, ALL);
    let agent = FakeAgent::start();
    agent.show(&with_notice(Stage::First, "prod_admin ends in 15 min"));
    let _tray = desktop.launch(&agent, &["--background"]);
    service.close(&service.shown(0));
    // Whatever is picked afterwards was handled after the word that it is closed.
    panel.pick("Snooze for 15 min");
    agent.wait_for(&json!({"intend": "snooze_all"}));
    agent.show(&with_notice(Stage::First, "prod_admin ends in 14 min"));
    agent.show(&with_notice(Stage::Last, "prod_admin ends in 5 min"));
    assert_eq!(service.shown(1).title, "prod_admin ends in 5 min");
    assert_eq!(service.count(), 2);
}

#[test]
fn a_word_of_success_closes_itself_and_is_not_kept() {
    let desktop = Desktop::start();
    let service = NotificationService::start(&desktop, ALL);
    let agent = FakeAgent::start();
    agent.show(&with_notice(Stage::Done, "prod_admin renewed until 15:32"));
    let _tray = desktop.launch(&agent, &["--background"]);
    let shown = service.shown(0);
    assert_eq!(shown.actions, ["default", ""]);
    assert_eq!(shown.timeout, 5000);
    assert_eq!(shown.hints["transient"], "true");
}

#[test]
fn a_service_without_buttons_and_markup_is_given_none() {
    let desktop = Desktop::start();
    let service = NotificationService::start(&desktop, &["body"]);
    let agent = FakeAgent::start();
    let mut due = with_notice(Stage::First, "prod_admin ends in 15 min");
    due.notices[0].body = "R&D in 123456789012".to_owned();
    agent.show(&due);
    let _tray = desktop.launch(&agent, &["--background"]);
    let shown = service.shown(0);
    assert!(shown.actions.is_empty(), "{:?}", shown.actions);
    assert_eq!(shown.body, "R&D in 123456789012");
}

#[test]
fn a_service_that_starts_late_gets_the_next_change() {
    let desktop = Desktop::start();
    let panel = Panel::start(&desktop);
    let agent = FakeAgent::start();
    agent.show(&with_notice(Stage::First, "prod_admin ends in 15 min"));
    let _tray = desktop.launch(&agent, &["--background"]);
    until_true("the word that nothing is shown", || {
        panel.drawn().tooltip.contains("no notifications")
    });
    let service = NotificationService::start(&desktop, ALL);
    agent.show(&with_notice(Stage::First, "prod_admin ends in 14 min"));
    assert_eq!(service.shown(0).title, "prod_admin ends in 14 min");
    until_true("the word's end", || {
        !panel.drawn().tooltip.contains("no notifications")
    });
}

#[test]
fn a_service_that_restarts_gets_the_next_change() {
    let desktop = Desktop::start();
    let service = NotificationService::start(&desktop, ALL);
    let agent = FakeAgent::start();
    agent.show(&with_notice(Stage::First, "prod_admin ends in 15 min"));
    let _tray = desktop.launch(&agent, &["--background"]);
    service.shown(0);
    drop(service);
    let service = NotificationService::start(&desktop, ALL);
    agent.show(&with_notice(Stage::First, "prod_admin ends in 14 min"));
    let shown = service.shown(0);
    assert_eq!(shown.title, "prod_admin ends in 14 min");
    service.click(&shown, "renew");
    agent.wait_for(&json!({"intend": {"renew_each": ["role:prod_admin"]}}));
}

#[test]
fn quitting_takes_the_notifications_along() {
    let desktop = Desktop::start();
    let panel = Panel::start(&desktop);
    let service = NotificationService::start(&desktop, ALL);
    let agent = FakeAgent::start();
    agent.show(&with_notice(Stage::First, "prod_admin ends in 15 min"));
    let mut tray = desktop.launch(&agent, &["--background"]);
    let shown = service.shown(0);
    panel.pick("Quit");
    assert!(tray.ended().success());
    service.withdrawn(shown.id);
    agent.wait_for(&json!("quit"));
}

fn with_notice(stage: Stage, title: &str) -> Views {
    Views {
        notices: vec![notice(stage, title)],
        ..views()
    }
}
