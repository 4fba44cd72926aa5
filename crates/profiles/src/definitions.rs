//! MFA sessions that only Sandglass knows: `sessions.toml` in its settings folder.
//!
//! ```toml
//! [mfa.TARGET]
//! source = "PROFILE"
//! duration_seconds = 43200
//! ```
//!
//! TARGET is the profile of the credentials file that gets the keys, `source` the one whose long-lived keys make the
//! call. The device is no part of it: its ARN lies in the keychain.

use jiff::SignedDuration;
use sandglass_core::findings::Finding;
use sandglass_core::lifetimes;
use sandglass_core::names::ProfileName;
use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use crate::paths::Paths;
use crate::toml_file;
use crate::write::{Care, Refusal, WriteError, Writer, Written};

/// An MFA session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MfaSession {
    /// The profile of the credentials file that gets the keys.
    pub target: ProfileName,
    /// The profile whose long-lived keys make the call.
    pub source: ProfileName,
    /// Asked lifetime.
    pub duration: SignedDuration,
}

/// The shortest and the longest lifetime that `GetSessionToken` accepts (STS API reference).
pub const SHORTEST: SignedDuration = SignedDuration::from_secs(900);
/// See [`SHORTEST`].
pub const LONGEST: SignedDuration = SignedDuration::from_hours(36);

impl MfaSession {
    /// Why it cannot work, with what to do; none where it can.
    pub fn fault(&self) -> Option<(String, &'static str)> {
        if self.target == self.source {
            return Some((
                format!(
                    "`{}` is both source and target: the session's keys would replace the long-lived ones",
                    self.target
                ),
                "name another target, for instance `mfa`",
            ));
        }
        if self.duration < SHORTEST || self.duration > LONGEST {
            return Some((
                format!(
                    "a duration of {} seconds is not accepted by AWS",
                    self.duration.as_secs()
                ),
                "ask for 900 to 129600 seconds (15 minutes to 36 hours)",
            ));
        }
        if self.target.as_str().trim().is_empty() || self.source.as_str().trim().is_empty() {
            return Some((
                "a profile name is empty".to_owned(),
                "name source and target",
            ));
        }
        None
    }
}

const MFA: &str = "mfa";
const SOURCE: &str = "source";
const DURATION: &str = "duration_seconds";

/// All MFA sessions that can be understood, in the order of the file, and what cannot.
pub fn read(paths: &Paths) -> (Vec<MfaSession>, Vec<Finding>) {
    let path = paths.sessions_toml();
    let shown = paths.shown(&path);
    let document = match toml_file::read(&path, &shown) {
        Ok(document) => document,
        Err(finding) => return (Vec::new(), vec![finding]),
    };
    let mut sessions = Vec::new();
    let mut findings = Vec::new();
    let tables = document.get(MFA).and_then(Item::as_table_like);
    for (target, item) in tables.into_iter().flat_map(TableLike::iter) {
        let line = item
            .span()
            .map_or(1, |span| toml_file::line_at(document.raw(), span.start));
        let found = session(target, item).and_then(|session| match session.fault() {
            Some(fault) => Err(fault),
            None => Ok(session),
        });
        match found {
            Ok(session) => sessions.push(session),
            Err((message, remedy)) => findings.push(Finding {
                place: format!("{shown}:{line}"),
                message,
                remedy: remedy.to_owned(),
            }),
        }
    }
    (sessions, findings)
}

fn session(target: &str, item: &Item) -> Result<MfaSession, (String, &'static str)> {
    let table = item.as_table_like().ok_or_else(|| {
        (
            format!("`mfa.{target}` is no table"),
            "write `[mfa.TARGET]`, and `source` below it",
        )
    })?;
    let source = table.get(SOURCE).and_then(Item::as_str).ok_or_else(|| {
        (
            format!("MFA session `{target}` has no `source`"),
            "name the profile that holds the long-lived keys: `source = \"PROFILE\"`",
        )
    })?;
    let duration = match table.get(DURATION) {
        None => lifetimes::SESSION_TOKEN,
        Some(seconds) => SignedDuration::from_secs(seconds.as_integer().ok_or_else(|| {
            (
                format!("`duration_seconds` of MFA session `{target}` is no whole number"),
                "write 900 to 129600 (15 minutes to 36 hours)",
            )
        })?),
    };
    Ok(MfaSession {
        target: ProfileName::new(target),
        source: ProfileName::new(source),
        duration,
    })
}

/// Adds an MFA session, or changes the one with the same target.
pub fn add(writer: &Writer, paths: &Paths, session: &MfaSession) -> Result<Written, WriteError> {
    writer.update(&paths.sessions_toml(), Care::Plain, |before| {
        if let Some((message, remedy)) = session.fault() {
            return Err(Refusal {
                message,
                remedy: remedy.to_owned(),
            });
        }
        toml_file::edit(before, |document| {
            let entry = table_of_sessions(document)
                .entry(session.target.as_str())
                .or_insert_with(|| Item::Table(Table::new()));
            if entry.as_table_like().is_none() {
                *entry = Item::Table(Table::new());
            }
            entry[SOURCE] = value(session.source.as_str());
            entry[DURATION] = value(session.duration.as_secs());
        })
    })
}

/// Removes the MFA session of this target. `Unchanged` means that there was none.
pub fn remove(writer: &Writer, paths: &Paths, target: &ProfileName) -> Result<Written, WriteError> {
    writer.update(&paths.sessions_toml(), Care::Plain, |before| {
        if before.is_none() {
            return Ok(None);
        }
        toml_file::edit(before, |document| {
            if let Some(sessions) = document.get_mut(MFA).and_then(Item::as_table_like_mut) {
                sessions.remove(target.as_str());
            }
        })
    })
}

fn table_of_sessions(document: &mut DocumentMut) -> &mut dyn TableLike {
    let item = document.entry(MFA).or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    if item.as_table_like().is_none() {
        *item = Item::Table(Table::new());
    }
    item.as_table_like_mut()
        .unwrap_or_else(|| unreachable!("it was made a table just now"))
}
