//! The real tray app on a private desktop: a display, a bus, a panel, a notification service and an agent, all of
//! which do what a test tells them.
#![cfg(target_os = "linux")]

mod desktop;
#[path = "../fake_agent.rs"]
mod fake_agent;
#[path = "../../src/fixtures.rs"]
mod fixtures;
mod notification_service;
mod notifications;
mod screen;
mod status_notifier;
mod tray;
mod wait;
mod windows;
