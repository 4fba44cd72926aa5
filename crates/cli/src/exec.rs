//! `sandglass exec`: a program with credentials that stay fresh for as long as it runs.
//!
//! This process stays beside the program and keeps its endpoint open: it starts the agent again should that die, and takes
//! the endpoint up, so that the program notices nothing.

mod keeper;
mod program;

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use sandglass_core::names::ProfileName;
use sandglass_core::views::words;
use sandglass_protocol::client::Client;
use sandglass_protocol::environment::{OWN_CONFIG_FILE, OWN_CREDENTIALS_FILE, without_exec};
use sandglass_protocol::message::{CredentialsWanted, Endpoint, Handover, Request, Terminal};
use sandglass_protocol::place::Place;

pub(crate) use self::program::Ended;
use crate::conversation::{self, Failure};
use crate::{output, variables};

/// How the program gets its credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// It asks an endpoint, again and again.
    Endpoint(Token),
    /// They stand in its environment, and end there.
    Environment,
}

impl Way {
    /// What `--env` and `--token-in-env` ask for.
    pub(crate) fn of(env: bool, token_in_env: bool) -> Self {
        match (env, token_in_env) {
            (true, _) => Self::Environment,
            (false, true) => Self::Endpoint(Token::InEnvironment),
            (false, false) => Self::Endpoint(Token::InFile),
        }
    }
}

/// Where the program finds the token that the endpoint wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`
    InFile,
    /// `AWS_CONTAINER_AUTHORIZATION_TOKEN`: SDKs of before 2024 know no other, and the JavaScript SDK warns where it finds
    /// both.
    InEnvironment,
}

/// What to run, and with what.
pub(crate) struct Order {
    pub(crate) profile: ProfileName,
    pub(crate) way: Way,
    /// The program starts only if its credentials hold so long, or as long as a renewal can make them.
    pub(crate) least: Option<SignedDuration>,
    pub(crate) program: Vec<OsString>,
}

/// Runs the program to its end. The agent knows this process by the name of the program.
pub(crate) fn run(place: &Place, terminal: Terminal, order: &Order) -> Result<Ended, Failure> {
    let Some((program, arguments)) = order.program.split_first() else {
        return Ok(Ended::Code(0));
    };
    let name = Path::new(program)
        .file_name()
        .unwrap_or(program)
        .to_string_lossy();
    let name = name.as_ref();
    let mut command = Command::new(program);
    command.args(arguments);
    for variable in variables::CREDENTIALS {
        command.env_remove(variable);
    }
    let token = match order.way {
        Way::Endpoint(token) => Some(token),
        Way::Environment => None,
    };
    if token.is_none() || order.least.is_some() {
        let client = Client::connect_or_start(place, name)?;
        let handover = conversation::credentials(
            &client,
            &Request::Credentials {
                profile: order.profile.clone(),
                wanted: wanted(order.least),
                terminal,
            },
        )?;
        if let Some(least) = order.least {
            warn_of_the_end(&handover, order.way, least);
        }
        if token.is_none() {
            put_into_environment(&mut command, &handover);
            return program::run(command).map_err(|error| not_started(program, error));
        }
    }
    let (client, endpoint) = keeper::open(place, name, &order.profile)?;
    point_to_endpoint(&mut command, &endpoint);
    if token == Some(Token::InEnvironment) {
        let token = std::fs::read_to_string(&endpoint.token_file).map_err(Failure::NoToken)?;
        command.env_remove("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
        command.env("AWS_CONTAINER_AUTHORIZATION_TOKEN", token);
    }
    keeper::keep(
        place.clone(),
        name.to_owned(),
        client,
        order.profile.clone(),
        endpoint,
    );
    program::run(command).map_err(|error| not_started(program, error))
}

fn not_started(program: &OsString, error: std::io::Error) -> Failure {
    Failure::Program {
        program: program.to_string_lossy().into_owned(),
        error,
    }
}

fn wanted(least: Option<SignedDuration>) -> CredentialsWanted {
    match least {
        Some(least) => CredentialsWanted::For(u32::try_from(least.as_secs()).unwrap_or(u32::MAX)),
        None => CredentialsWanted::Holding,
    }
}

/// A renewal cannot make everything last as long as a person would like.
fn warn_of_the_end(handover: &Handover, way: Way, least: SignedDuration) {
    let now = handover.told_at;
    let ends = match way {
        Way::Endpoint(_) => handover.kept_until,
        Way::Environment => handover.credentials.expires_at,
    };
    let Some(ends) = ends.filter(|ends| ends.duration_since(now) < least) else {
        return;
    };
    let at = words::clock(ends, now, &TimeZone::system());
    let (name, least) = (&handover.name, words::span(least));
    output::warning(&match way {
        Way::Endpoint(_) => format!(
            "{name} can be kept fresh until {at}, which is sooner than in {least}; then Sandglass asks you"
        ),
        Way::Environment => format!(
            "the keys of {name} end at {at}, which is sooner than in {least}; without `--env` they are renewed meanwhile"
        ),
    });
}

fn put_into_environment(command: &mut Command, handover: &Handover) {
    // Nothing that `sandglass exec` changed around this one counts for the program.
    for (name, own) in without_exec(|name| std::env::var(name).ok()) {
        match own {
            Some(own) => command.env(name, own),
            None => command.env_remove(name),
        };
    }
    let region_is_set = ["AWS_REGION", "AWS_DEFAULT_REGION"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|region| !region.is_empty()));
    for (name, value) in variables::of(handover) {
        let is_region = matches!(name, "AWS_REGION" | "AWS_DEFAULT_REGION");
        if !(is_region && region_is_set) {
            command.env(name, value.as_str());
        }
    }
}

fn point_to_endpoint(command: &mut Command, endpoint: &Endpoint) {
    let undone = without_exec(|name| std::env::var(name).ok());
    let own = |name: &str| match undone.iter().find(|(undone, _)| *undone == name) {
        Some((_, own)) => own.clone(),
        None => std::env::var(name).ok(),
    };
    command
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &endpoint.url)
        .env(
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            &endpoint.token_file,
        )
        .env("AWS_PROFILE", endpoint.profile.as_str())
        .env(OWN_CONFIG_FILE, own("AWS_CONFIG_FILE").unwrap_or_default())
        .env("AWS_CONFIG_FILE", &endpoint.config_file);
    let own_credentials = own("AWS_SHARED_CREDENTIALS_FILE");
    match (&endpoint.credentials_file, own_credentials) {
        (Some(file), own) => {
            command.env(OWN_CREDENTIALS_FILE, own.unwrap_or_default());
            command.env("AWS_SHARED_CREDENTIALS_FILE", file);
        }
        (None, Some(own)) => {
            command.env("AWS_SHARED_CREDENTIALS_FILE", own);
        }
        (None, None) => {
            command.env_remove("AWS_SHARED_CREDENTIALS_FILE");
        }
    }
}

/// Credentials for `sandglass env`, which a person runs: asked for in the terminal where there is no tray.
pub(crate) fn credentials(
    place: &Place,
    name: &str,
    terminal: Terminal,
    profile: &ProfileName,
) -> Result<Handover, Failure> {
    let client = Client::connect_or_start(place, name)?;
    let request = Request::Credentials {
        profile: profile.clone(),
        wanted: CredentialsWanted::Holding,
        terminal,
    };
    conversation::credentials(&client, &request)
}
