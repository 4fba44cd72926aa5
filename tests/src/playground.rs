//! `./dev demo` on a person's own desktop: their screen, their tray, but a home, files and an AWS of its own.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use serde_json::json;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::every_kind::FOREIGN;
use crate::home::{Environment, Home};
use crate::machine::Machine;
use crate::programs::Program;
use crate::wait::{self, PATIENCE};

/// What leads to the person's screen, tray and notifications, and nothing else of theirs.
const DESKTOP: [&str; 9] = [
    "DISPLAY",
    "XAUTHORITY",
    "DBUS_SESSION_BUS_ADDRESS",
    "XDG_CURRENT_DESKTOP",
    "XDG_SESSION_TYPE",
    "XDG_DATA_DIRS",
    "DESKTOP_SESSION",
    "BROWSER",
    "LANG",
];
/// A name that nobody has: the device of the demo is kept in the person's real keychain while it runs.
const TARGET: &str = "sandglass-demo";

/// Opens the playground and stays until the person quits in the tray.
#[expect(clippy::print_stdout, reason = "this is what the demo is for")]
pub fn open() -> Result<()> {
    // Ctrl-C reaches the tray as well: its end ends the demo, which then cleans up behind itself.
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
    }
    let home = Home::new()?;
    let machine = Machine::with_every_kind(&home, &surroundings(&home.environment()))?;
    machine
        .cloud
        .set(&json!({ "session_token": 60, "assumed_role": 90, "access_token": 240 }))?;
    machine.log_in_to_console(&home)?;
    machine.define_role()?;
    machine.define_federation_token()?;
    machine.renew(&["audit", "pipeline", "visitor", "support"])?;
    machine.leave_keys_behind(&home, FOREIGN)?;
    machine.define_mfa_session_of(TARGET)?;
    machine.sandglass_does(&["renew", TARGET, "--mfa-code", &machine.cloud.code()?])?;
    let mut command = machine.program("sandglass-tray")?;
    let mut tray = Program::start(
        "tray",
        command.arg("--panel").stdin(Stdio::null()),
        &home.logs(),
    )?;
    println!(
        "Sandglass is in your tray, in a throw-away home with an AWS in a box.\n\
         In about 40 s a notification comes: click Renew in it and give the code below.\n\
         Sign in to `dev` in the panel; the box has a page where you approve it.\n\
         There is a session of each kind: open one for its details, and `{FOREIGN}` to check what it is worth.\n\
         Quit in the tray's menu ends the demo.\n"
    );
    narrate(&machine, &mut tray, &interrupted)?;
    drop(tray);
    machine.sandglass_does(&["mfa", "remove", TARGET])?;
    println!("\nThe home is gone, and so is the demo's device in your keychain.");
    if home.state().join("sandglass/sealed-credentials").exists() {
        println!(
            "The key of Sandglass's sealed store is there: it is the same for all that Sandglass seals."
        );
    }
    Ok(())
}

/// Tells what AWS answers and what the MFA device shows, until the tray ends or somebody interrupts.
#[expect(clippy::print_stdout, reason = "this is what the demo is for")]
fn narrate(machine: &Machine, tray: &mut Program, interrupted: &AtomicBool) -> Result<()> {
    let mut told = 0;
    let mut shown = String::new();
    loop {
        let more = wait::until("news", PATIENCE, || {
            if interrupted.load(Ordering::Relaxed) || tray.ended().ok().flatten().is_some() {
                return Some(None);
            }
            let journal = machine.cloud.journal().ok()?;
            let code = machine.cloud.code().ok()?;
            (journal.len() > told || code != shown).then_some(Some((journal, code)))
        });
        // Half a minute without news is no failure: the device shows another code soon.
        let Ok(news) = more else {
            continue;
        };
        let Some((journal, code)) = news else {
            return Ok(());
        };
        for answered in journal.get(told..).unwrap_or_default() {
            println!("AWS: {} {}", answered.operation, answered.outcome);
        }
        if code != shown {
            println!("The MFA device shows {code}");
        }
        (told, shown) = (journal.len(), code);
    }
}

/// The throw-away home's environment with the person's desktop in it.
fn surroundings(home: &Environment) -> Environment {
    let mut environment = home.clone();
    for name in DESKTOP {
        if let Some(value) = std::env::var_os(name) {
            environment = environment.with(name, value);
        }
    }
    // A name relative to the real runtime folder, which the throw-away home replaces.
    if let (Some(display), Some(runtime)) = (
        std::env::var_os("WAYLAND_DISPLAY"),
        std::env::var_os("XDG_RUNTIME_DIR"),
    ) {
        environment = environment.with("WAYLAND_DISPLAY", Path::new(&runtime).join(display));
    }
    environment
}
