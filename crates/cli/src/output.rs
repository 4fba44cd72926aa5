//! All that a person or a script reads. Results go to stdout, everything else to stderr.

use std::error::Error as _;
use std::io::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sandglass_core::error::RenewalError;
use sandglass_core::lifetimes::KnownBy;
use sandglass_core::names::SessionId;
use sandglass_core::secret::NotACode;
use sandglass_core::status::{SessionStatus, Status};
use sandglass_core::views::words;
use sandglass_protocol::message::MfaSession;
use serde_json::json;

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
    }
}

pub(crate) fn done(sentence: &str) {
    out!("\n", "{sentence}");
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

pub(crate) fn status(status: &Status, as_json: bool) {
    if as_json {
        print_json(status);
        return;
    }
    out!("", "{}", status_table(status, now(), &TimeZone::system()));
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

pub(crate) fn mfa_sessions(sessions: &[MfaSession], as_json: bool) {
    if as_json {
        let rows: Vec<_> = sessions
            .iter()
            .map(|session| {
                json!({
                    "target": session.target,
                    "source": session.source,
                    "device": session.device.as_ref().ok(),
                    "duration_seconds": session.duration_seconds,
                    "error": session.device.as_ref().err(),
                })
            })
            .collect();
        print_json(&json!({ "version": 1, "mfa_sessions": rows }));
        return;
    }
    let rows = sessions.iter().map(|session| {
        let device = match &session.device {
            Ok(device) => device.to_string(),
            Err(error) => format!("({})", error.message),
        };
        let duration = jiff::SignedDuration::from_secs(session.duration_seconds.into());
        [
            session.target.to_string(),
            session.source.to_string(),
            device,
            words::span(duration),
        ]
    });
    out!(
        "",
        "{}",
        table(["TARGET", "SOURCE", "DEVICE", "DURATION"], rows)
    );
}

fn status_table(status: &Status, now: Timestamp, zone: &TimeZone) -> String {
    if status.sessions.is_empty() {
        return "No AWS session is defined on this machine. Define one with `sandglass mfa add`, or in ~/.aws/config.\n"
            .to_owned();
    }
    let rows = status.sessions.iter().map(|session| {
        [
            session.name.clone(),
            session.kind.replace('_', " "),
            session.state.replace('_', " "),
            ends(session, now, zone),
            needs(session).to_owned(),
        ]
    });
    table(["SESSION", "KIND", "STATE", "ENDS", "RENEWAL NEEDS"], rows)
}

fn ends(session: &SessionStatus, now: Timestamp, zone: &TimeZone) -> String {
    let Some(at) = session.ends_at else {
        return "-".to_owned();
    };
    let about = match session.end_known_by {
        Some(KnownBy::Estimate) => "about ",
        Some(KnownBy::Issuer | KnownBy::Probe) | None => "",
    };
    let left = words::left(at, now);
    format!("{about}{left} ({})", words::clock(at, now, zone))
}

fn needs(session: &SessionStatus) -> &'static str {
    match session.needs.as_str() {
        "code" => "an MFA code",
        "browser" => "a sign-in",
        _ => "nothing",
    }
}

/// Columns as wide as their longest cell, two blanks apart.
fn table<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let rows: Vec<[String; N]> = std::iter::once(head.map(str::to_owned))
        .chain(rows)
        .collect();
    let widths: [usize; N] = std::array::from_fn(|column| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    });
    let line = |row: &[String; N]| {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

#[expect(
    clippy::expect_used,
    reason = "our own types have text keys and no failing serializers"
)]
fn print_json(value: &impl serde::Serialize) {
    let text = serde_json::to_string_pretty(value).expect("a view model is always valid JSON");
    out!("\n", "{text}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "the time left in the table is counted from the moment it is printed"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use sandglass_core::names::ProfileName;

    use super::*;

    fn session(name: &str, state: &str, ends_at: Option<&str>, needs: &str) -> SessionStatus {
        SessionStatus {
            id: SessionId::new(format!("role:{name}")),
            kind: "session_token".to_owned(),
            profile: Some(ProfileName::new(name)),
            name: name.to_owned(),
            account: None,
            role: None,
            state: state.to_owned(),
            ends_at: ends_at.map(|at| at.parse().unwrap()),
            end_known_by: ends_at.map(|_| KnownBy::Issuer),
            needs: needs.to_owned(),
            last_error: None,
        }
    }

    #[test]
    fn the_table_lines_up_and_says_when_things_end() {
        let status = Status {
            version: 1,
            sessions: vec![
                session("prod-admin", "due", Some("2026-01-01T12:12:00Z"), "code"),
                session("dev", "unknown", None, "browser"),
            ],
            findings: Vec::new(),
        };
        let now = "2026-01-01T12:00:00Z".parse().unwrap();
        insta::assert_snapshot!(status_table(&status, now, &TimeZone::UTC), @r"
        SESSION     KIND           STATE    ENDS            RENEWAL NEEDS
        prod-admin  session token  due      12 min (12:12)  an MFA code
        dev         session token  unknown  -               a sign-in
        ");
    }

    #[test]
    fn a_machine_without_sessions_is_told_how_to_get_one() {
        let status = Status {
            version: 1,
            sessions: Vec::new(),
            findings: Vec::new(),
        };
        let table = status_table(&status, Timestamp::UNIX_EPOCH, &TimeZone::UTC);
        assert!(table.contains("sandglass mfa add"), "{table}");
    }
}
