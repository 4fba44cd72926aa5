//! The tray app of Sandglass: icon, notifications and windows.
//!
//! It is a face of the agent: it shows what the agent sends and says what the person clicked. It never sees a key or
//! a token; a code that a person types passes through once, on its way to the agent.

mod agent;
mod arguments;
mod browser;
mod commands;
mod controller;
mod desktop;
mod diagnosis;
#[cfg(all(test, unix))]
#[path = "../tests/fake_agent.rs"]
mod fake_agent;
#[cfg(test)]
mod fixtures;
mod launch;
mod message;
mod notifications;
mod question;
mod state;
mod tray;
mod windows;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, channel};

use anyhow::Context as _;
use sandglass_protocol::place::Place;
use tauri::{App, AppHandle, RunEvent};
use tracing_subscriber::EnvFilter;

use crate::agent::Nudge;
use crate::arguments::{Arguments, Opening};
use crate::controller::Controller;
use crate::desktop::RealDesktop;
use crate::launch::Turn;
use crate::message::{Mailbox, Message};
use crate::notifications::Bubbles;
use crate::tray::Tray;

/// Exit code for a command line that is not understood.
const WRONG_USAGE: u8 = 2;

/// Runs the program.
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "here, and only here, the program speaks to a terminal"
)]
pub fn main() -> ExitCode {
    let opening = match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Arguments::Run(opening)) => opening,
        Ok(Arguments::Help) => {
            print!("{}", arguments::USAGE);
            return ExitCode::SUCCESS;
        }
        Ok(Arguments::Version) => {
            println!("sandglass-tray {}", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(WRONG_USAGE);
        }
    };
    start_logging();
    match run(opening) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start_logging() {
    let filter = EnvFilter::try_from_env("SANDGLASS_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,sandglass_tray=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}

fn run(opening: Opening) -> anyhow::Result<()> {
    let place = Place::of_this_process()?;
    let launch = match launch::take_turn(&place)? {
        Turn::Ours(launch) => launch,
        Turn::Taken => return launch::hand_over(&place, opening),
    };
    let (sender, messages) = channel();
    let mailbox = Mailbox::new(sender);
    let app = tauri::Builder::default()
        .manage(mailbox.clone())
        .manage(question::Agent::at(place.clone()))
        .manage(launch)
        .invoke_handler(commands::handler())
        .on_window_event(windows::watch)
        .setup(move |app| Ok(set_up(app, place, mailbox, messages, opening)?))
        .build(context())
        .context("failed to reach the desktop")?;
    app.run(|_, event| {
        // The app lives in the tray: it does not end with its last window.
        if let RunEvent::ExitRequested {
            code: None, api, ..
        } = event
        {
            api.prevent_exit();
        }
    });
    Ok(())
}

/// Configuration, access list and pages, all built into the program.
#[expect(
    clippy::exit,
    reason = "the macro's own, where its thread cannot be joined"
)]
fn context<R: tauri::Runtime>() -> tauri::Context<R> {
    tauri::generate_context!()
}

fn set_up(
    app: &mut App,
    place: Place,
    mailbox: Mailbox,
    messages: Receiver<Message>,
    opening: Opening,
) -> anyhow::Result<()> {
    #[cfg(target_os = "macos")]
    app.set_activation_policy(tauri::ActivationPolicy::Accessory);
    let icon = app_icon(place.folder());
    let desktop = RealDesktop {
        app: app.handle().clone(),
        tray: Tray::start(app.handle(), &mailbox),
        bubbles: Bubbles::new(mailbox.clone(), icon),
    };
    let nudge = agent::keep_connected(place, mailbox)?;
    control(app.handle().clone(), desktop, nudge, opening, messages)?;
    Ok(())
}

/// Starts the controller on a thread of its own; when it ends, in whatever way, the app ends.
fn control(
    app: AppHandle,
    desktop: RealDesktop,
    nudge: Nudge,
    opening: Opening,
    messages: Receiver<Message>,
) -> std::io::Result<()> {
    let end = EndOfApp {
        app,
        code: PANICKED,
    };
    std::thread::Builder::new()
        .name("controller".to_owned())
        .spawn(move || {
            let mut end = end;
            Controller::new(desktop, nudge, opening).run(&messages);
            end.code = 0;
        })?;
    Ok(())
}

/// Exit code after a panic, as Rust's own.
const PANICKED: i32 = 101;

/// Ends the app when it is dropped: an icon without a controller would be a lie.
struct EndOfApp {
    app: AppHandle,
    code: i32,
}

impl Drop for EndOfApp {
    fn drop(&mut self) {
        self.app.exit(self.code);
    }
}

/// The app's icon as a file, for notification services: no theme knows it where the app was not installed.
fn app_icon(folder: &Path) -> Option<PathBuf> {
    let path = folder.join("icon.png");
    match std::fs::write(&path, include_bytes!("../../icons/128x128.png")) {
        Ok(()) => Some(path),
        Err(error) => {
            tracing::warn!(%error, "notifications have no icon");
            None
        }
    }
}
