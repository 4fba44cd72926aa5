//! All that a person or a script reads. Results go to stdout, everything else to stderr.

mod definitions;
mod diagnosis;
mod sessions;
mod table;

use std::error::Error as _;
use std::io::{IsTerminal as _, Write as _};

use jiff::tz::TimeZone;
use sandglass_core::doctor::diagnosis::Diagnosis;
use sandglass_core::error::RenewalError;
use sandglass_core::names::SessionId;
use sandglass_core::secret::NotACode;
use sandglass_core::status::Status;
use sandglass_core::views::words;
use sandglass_protocol::message::{Changes, DefinedSession, DefinitionKind};

use crate::conversation::Failure;

/// Writes to standard output. A reader that has gone away, as `head` does, is no fault of ours.
macro_rules! out {
    ($end:literal, $($text:tt)*) => {{
        let _ = write!(std::io::stdout().lock(), "{}{}", format_args!($($text)*), $end);
    }};
}

/// The same for standard error.
macro_rules! err {
    ($end:literal, $($text:tt)*) => {{
        let _ = write!(std::io::stderr().lock(), "{}{}", format_args!($($text)*), $end);
    }};
}

/// For whom a list is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// For scripts.
    Json,
}

impl Format {
    /// What `--json` asks for.
    pub(crate) fn of(json: bool) -> Self {
        if json { Self::Json } else { Self::Table }
    }
}

/// `error: … / hint: …`.
pub(crate) fn failure(failure: &Failure) {
    match failure {
        Failure::Agent(error) => {
            err!("", "error: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                err!("", ": {cause}");
                source = cause.source();
            }
            err!("\n", "\nhint: {}", words::sentence(error.hint()));
        }
        Failure::Refused(error) => {
            err!(
                "\n",
                "error: {}\nhint: {}",
                error.message,
                words::sentence(&error.remedy)
            );
        }
        Failure::Findings => {}
        Failure::Program { program, error } => {
            err!(
                "\n",
                "error: `{program}` could not be started: {error}\nhint: Look at its name and at PATH."
            );
        }
        Failure::NoToken(error) => {
            err!(
                "\n",
                "error: the token of the credentials endpoint could not be read: {error}\nhint: Try again."
            );
        }
        Failure::NoBrowser(error) => {
            err!(
                "\n",
                "error: no browser could be started: {error}\nhint: `--print` prints an address to open yourself, on this machine."
            );
        }
    }
}

pub(crate) fn done(sentence: &str) {
    out!("\n", "{sentence}");
}

/// What programs read, as it is.
pub(crate) fn bytes(bytes: &[u8]) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
}

pub(crate) fn warning(sentence: &str) {
    err!("\n", "warning: {sentence}");
}

/// A failure on one line, for programs that show what their `credential_process` said.
pub(crate) fn failure_in_one_line(failure: &Failure) {
    let (what, hint) = match failure {
        Failure::Agent(error) => {
            let mut what = error.to_string();
            let mut source = error.source();
            while let Some(cause) = source {
                what = format!("{what}: {cause}");
                source = cause.source();
            }
            (what, error.hint().to_owned())
        }
        Failure::Refused(error) => (error.message.clone(), error.remedy.clone()),
        Failure::NoBrowser(error) | Failure::NoToken(error) | Failure::Program { error, .. } => {
            (error.to_string(), "try again".to_owned())
        }
        Failure::Findings => return,
    };
    let line = format!("{what}: {hint}").replace('\n', " ");
    err!("\n", "sandglass: {line}");
}

pub(crate) fn wrong_code(error: &RenewalError) {
    err!(
        "\n",
        "{}\n{}",
        error.message,
        words::sentence(&error.remedy)
    );
}

pub(crate) fn not_a_code(error: NotACode) {
    err!("\n", "{error}");
}

pub(crate) fn ask_code(device: &str, sessions: &[SessionId]) {
    let sessions: Vec<&str> = sessions.iter().map(SessionId::as_str).collect();
    err!(
        "",
        "Code of MFA device {device}, for {}: ",
        sessions.join(", ")
    );
}

/// What would change: what it means, then the lines.
pub(crate) fn changes(changes: &Changes) {
    for sentence in &changes.sentences {
        out!("\n", "{}", words::sentence(sentence));
    }
    out!("\n", "");
    let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    for line in changes.diff.lines() {
        match colour(line).filter(|_| colours) {
            Some(colour) => out!("\n", "\x1b[{colour}m{line}\x1b[0m"),
            None => out!("\n", "{line}"),
        }
    }
}

/// Says that no file needs a repair.
pub(crate) fn nothing_to_repair() {
    out!("\n", "Nothing needs a repair.");
}

/// The colour of a line of a diff, as terminals number them (ECMA-48, SGR).
fn colour(line: &str) -> Option<u8> {
    const BOLD: u8 = 1;
    const RED: u8 = 31;
    const GREEN: u8 = 32;
    const CYAN: u8 = 36;
    match line.as_bytes() {
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Some(BOLD),
        [b'+', ..] => Some(GREEN),
        [b'-', ..] => Some(RED),
        [b'@', ..] => Some(CYAN),
        _ => None,
    }
}

pub(crate) fn ask_consent() {
    err!("", "\nChange these files? [y/N] ");
}

/// Goes to stdout at once, line by line: scripts and people wait for it.
pub(crate) fn sign_in(code: &str, address: &str, address_with_code: &str, seconds_left: u32) {
    let left = words::span(jiff::SignedDuration::from_secs(seconds_left.into()));
    out!("\n", "Open  {address}");
    out!("\n", "Code  {code}");
    out!("\n", "Or    {address_with_code}");
    out!(
        "\n",
        "Compare the code with the one in your browser and approve it there, within {left}."
    );
}

pub(crate) fn status(status: &Status, format: Format) {
    match format {
        Format::Json => print_json(status),
        Format::Table => {
            out!("", "{}", sessions::list(status, &TimeZone::system()));
            for finding in &status.findings {
                err!(
                    "\n",
                    "{}: {}\n  {}",
                    finding.place,
                    finding.message,
                    words::sentence(&finding.remedy)
                );
            }
        }
    }
}

pub(crate) fn diagnosis(diagnosis: &Diagnosis, with_chains: bool, format: Format) {
    match format {
        Format::Json => print_json(diagnosis),
        Format::Table => out!("", "{}", diagnosis::text(diagnosis, with_chains)),
    }
}

pub(crate) fn definitions(kind: DefinitionKind, sessions: &[DefinedSession], format: Format) {
    match format {
        Format::Json => print_json(&definitions::json(kind, sessions)),
        Format::Table => out!("", "{}", definitions::list(kind, sessions)),
    }
}

#[expect(
    clippy::expect_used,
    reason = "our own types have text keys and no failing serializers"
)]
fn print_json(value: &impl serde::Serialize) {
    let text = serde_json::to_string_pretty(value).expect("a view model is always valid JSON");
    out!("\n", "{text}");
}
