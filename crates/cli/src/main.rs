//! The command line of Sandglass.
//!
//! It knows only the protocol: each command is one conversation with the agent, which is started where none runs.

mod arguments;
mod asker;
mod connect;
mod conversation;
mod definitions;
mod doctor;
mod exec;
mod handover;
mod output;
mod pages;
mod shell;
mod values;
mod variables;

use std::io::{self, IsTerminal as _};
use std::process::{ExitCode, Stdio};

use clap::Parser as _;
use sandglass_core::effect::SignInStart;
use sandglass_core::names::ProfileName;
use sandglass_protocol::client::{self, Client};
use sandglass_protocol::message::{Request, Terminal};
use sandglass_protocol::place::Place;

use crate::arguments::{Arguments, Command, Examination};
use crate::connect::{Consent, Direction};
use crate::conversation::Failure;
use crate::definitions::Order;
use crate::output::Format;
use crate::shell::Shell;

/// The name by which the agent knows this program.
const PROGRAM: &str = "sandglass";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let told = match &arguments.command {
        // Programs show it to people, and some of them its first line only.
        Some(Command::Credentials { .. }) => output::failure_in_one_line,
        Some(_) | None => output::failure,
    };
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            told(&failure);
            exit_code(&failure)
        }
    }
}

/// As shells do it for programs that they cannot start.
fn exit_code(failure: &Failure) -> ExitCode {
    match failure {
        Failure::Program { error, .. } if error.kind() == io::ErrorKind::NotFound => {
            ExitCode::from(127)
        }
        Failure::Program { .. } => ExitCode::from(126),
        Failure::Agent(_)
        | Failure::Refused(_)
        | Failure::NoBrowser(_)
        | Failure::NoToken(_)
        | Failure::Findings => ExitCode::FAILURE,
    }
}

fn run(command: Option<Command>) -> Result<(), Failure> {
    let place = Place::of_this_process().map_err(client::Error::from)?;
    let reach = || Client::connect_or_start(&place, PROGRAM);
    match command {
        None => open_panel(&reach()?),
        Some(Command::Credentials { profile, wait }) => {
            let asker = asker::who_started_this(PROGRAM);
            let handover = handover::ask(&place, &asker, &profile, wait)?;
            output::bytes(&handover::process_output(&handover));
            Ok(())
        }
        Some(Command::Status { json }) => {
            let status = conversation::status(&reach()?)?;
            output::status(&status, Format::of(json));
            Ok(())
        }
        Some(Command::Renew { which, mfa_code }) => conversation::wait_for(
            &reach()?,
            &Request::Renew {
                profile: which.profile,
                code: mfa_code,
                terminal: terminal(),
            },
        ),
        Some(Command::Login { which, fresh }) => conversation::wait_for(
            &reach()?,
            &Request::Login {
                profile: which.profile,
                start: if fresh {
                    SignInStart::Afresh
                } else {
                    SignInStart::AsItIs
                },
            },
        ),
        Some(Command::Check { which }) => conversation::wait_for(
            &reach()?,
            &Request::Check {
                profile: which.profile,
            },
        ),
        Some(Command::Console {
            which,
            destination,
            print,
        }) => {
            let page = conversation::console_page(&reach()?, which.profile.clone(), destination)?;
            if print {
                output::done(&page);
                return Ok(());
            }
            open_console(&which.profile, &page)
        }
        Some(Command::Exec {
            profile,
            env,
            token_in_env,
            min_ttl,
            program,
        }) => {
            let order = exec::Order {
                profile,
                way: exec::Way::of(env, token_in_env),
                least: min_ttl,
                program,
            };
            exec::run(&place, terminal(), &order)?.pass_on()
        }
        Some(Command::Env { which, shell }) => {
            let handover = exec::credentials(&place, PROGRAM, terminal(), &which.profile)?;
            let shell = shell.unwrap_or_else(Shell::of_this_person);
            output::bytes(shell.script(&handover).as_bytes());
            Ok(())
        }
        Some(Command::Connect { profile, yes }) => {
            let way = Direction::Connect(connect::command_for(&profile)?);
            connect::run(&reach()?, &profile, &way, consent(yes))
        }
        Some(Command::Disconnect { profile, yes }) => {
            connect::run(&reach()?, &profile, &Direction::Disconnect, consent(yes))
        }
        Some(Command::Doctor(examination)) => examine(reach, examination),
        Some(Command::Mfa { command }) => Order::from(command).carry_out(reach),
        Some(Command::Role { command }) => Order::from(command).carry_out(reach),
        Some(Command::Federation { command }) => Order::try_from(command)?.carry_out(reach),
        Some(Command::Quit) => quit(&place),
    }
}

fn examine(
    reach: impl FnOnce() -> Result<Client, client::Error>,
    examination: Examination,
) -> Result<(), Failure> {
    let Examination {
        profile,
        error,
        sdk,
        json,
        repair,
        undo,
        duration,
        role_maximum,
        yes,
        explain,
    } = examination;
    if let Some(code) = explain {
        return doctor::explain(&code);
    }
    let work = match (repair, undo, &profile, duration, role_maximum) {
        (true, _, _, _, _) => Some(doctor::Work::Repair),
        (_, true, _, _, _) => Some(doctor::Work::Undo),
        (_, _, Some(profile), Some(seconds), _) => {
            Some(doctor::Work::Duration(profile.clone(), seconds))
        }
        (_, _, Some(profile), _, Some(seconds)) => {
            Some(doctor::Work::RoleMaximum(profile.clone(), seconds))
        }
        (_, _, _, _, _) => None,
    };
    if let Some(work) = work {
        return doctor::work(&reach()?, work, consent(yes));
    }
    let order = doctor::Order {
        profile,
        sdk,
        error,
    };
    doctor::run(&reach()?, order, Format::of(json))
}

/// An agent that does not run has left already.
fn quit(place: &Place) -> Result<(), Failure> {
    match Client::quit(place, PROGRAM) {
        Ok(()) | Err(client::Error::NotRunning(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The browser outlives this program.
fn open_console(profile: &ProfileName, page: &str) -> Result<(), Failure> {
    open::that_detached(page).map_err(Failure::NoBrowser)?;
    output::done(&format!("the console of {profile} opens in your browser"));
    Ok(())
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

fn consent(yes: bool) -> Consent {
    if yes {
        Consent::Given
    } else {
        Consent::AskAt(terminal())
    }
}

fn terminal() -> Terminal {
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        Terminal::Interactive
    } else {
        Terminal::None
    }
}
