//! The command line of Sandglass.
//!
//! It knows only the protocol: each command is one conversation with the agent, which is started where none runs.

mod arguments;
mod conversation;
mod output;

use std::io::IsTerminal as _;
use std::process::{ExitCode, Stdio};

use clap::Parser as _;
use sandglass_protocol::client::{self, Client};
use sandglass_protocol::message::{MfaDefinition, Request, Terminal};
use sandglass_protocol::place::Place;

use crate::arguments::{Arguments, Command, Mfa};
use crate::conversation::Failure;

/// The name by which the agent knows this program.
const PROGRAM: &str = "sandglass";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::failure(&failure);
            ExitCode::FAILURE
        }
    }
}

fn run(command: Option<Command>) -> Result<(), Failure> {
    let place = Place::of_this_process().map_err(client::Error::from)?;
    let connect = || Client::connect_or_start(&place, PROGRAM);
    match command {
        None => open_panel(&connect()?),
        Some(Command::Status { json }) => {
            let status = conversation::status(&connect()?)?;
            output::status(&status, json);
            Ok(())
        }
        Some(Command::Renew { which, mfa_code }) => conversation::wait_for(
            &connect()?,
            &Request::Renew {
                profile: which.profile,
                code: mfa_code,
                terminal: terminal(),
            },
        ),
        Some(Command::Login { which }) => conversation::wait_for(
            &connect()?,
            &Request::Login {
                profile: which.profile,
            },
        ),
        Some(Command::Mfa { command }) => mfa(&connect()?, command),
        Some(Command::Quit) => match Client::quit(&place, PROGRAM) {
            Ok(()) | Err(client::Error::NotRunning(_)) => Ok(()),
            Err(error) => Err(error.into()),
        },
    }
}

fn mfa(client: &Client, command: Mfa) -> Result<(), Failure> {
    match command {
        Mfa::Add {
            source,
            device,
            target,
            duration,
        } => conversation::wait_for(
            client,
            &Request::MfaAdd(MfaDefinition {
                source,
                device,
                target,
                duration_seconds: duration,
            }),
        ),
        Mfa::List { json } => {
            let sessions = conversation::mfa_sessions(client)?;
            output::mfa_sessions(&sessions, json);
            Ok(())
        }
        Mfa::Remove { target } => conversation::wait_for(client, &Request::MfaRemove { target }),
    }
}

/// A tray that runs shows it; otherwise one is started.
fn open_panel(client: &Client) -> Result<(), Failure> {
    if conversation::is_panel_opened(client)? {
        return Ok(());
    }
    let program = client::beside_this_program("sandglass-tray");
    client::detached(&program)
        .arg("--panel")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|source| client::Error::Start { program, source })?;
    Ok(())
}

fn terminal() -> Terminal {
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        Terminal::Interactive
    } else {
        Terminal::None
    }
}
