//! Sessions that only Sandglass knows: `sessions.toml` in its settings folder.
//!
//! ```toml
//! [mfa.TARGET]                  # GetSessionToken, into profile TARGET
//! source = "PROFILE"            # whose long-lived keys make the call
//! duration_seconds = 43200
//! device = "none"               # where AWS wants no code
//!
//! [role.TARGET]                 # AssumeRole, into profile TARGET
//! role_arn = "arn:aws:iam::123456789012:role/Deploy"
//! source = "PROFILE"            # whose credentials make the call
//! mfa_serial = "arn:aws:iam::123456789012:mfa/me"
//! external_id = "…"
//! session_name = "…"
//! duration_seconds = 3600
//!
//! [federation.NAME]             # GetFederationToken
//! source = "PROFILE"            # whose long-lived keys make the call
//! user = "report"
//! policy = '{"Version": …}'     # or policy_file = "report.json"
//! policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
//! duration_seconds = 43200
//! target = "PROFILE"            # without it the keys stay with Sandglass
//! ```
//!
//! A target is a profile of the credentials file that gets the keys. The device of an MFA session is no part of this
//! file: its ARN lies in the keychain.

mod federation;
mod limits;
mod mfa;
mod role;

use std::collections::BTreeSet;

use sandglass_core::findings::Finding;
use sandglass_core::names::{ProfileName, SessionId};
use toml_edit::{DocumentMut, Item, Table, TableLike};

pub(crate) use limits::{DURATION, put};

pub use federation::{FederationSession, SessionPolicy};
pub use mfa::{Device, MfaSession};
pub use role::RoleSession;

use crate::ids;
use crate::paths::Paths;
use crate::toml_file;
use crate::write::{Care, Refusal, WriteError, Writer, Written};

/// A session that only Sandglass knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Defined {
    /// `sts:GetSessionToken`.
    Mfa(MfaSession),
    /// `sts:GetFederationToken`.
    Federation(FederationSession),
    /// `sts:AssumeRole`, with its keys written into a profile.
    Role(RoleSession),
}

/// The groups of tables in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// `[mfa.TARGET]`
    Mfa,
    /// `[federation.NAME]`
    Federation,
    /// `[role.TARGET]`
    Role,
}

/// Why a definition cannot work, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// Why.
    pub message: String,
    /// What the person can do about it.
    pub remedy: String,
}

impl Fault {
    fn new(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            remedy: remedy.into(),
        }
    }
}

impl Group {
    const ALL: [Self; 3] = [Self::Mfa, Self::Role, Self::Federation];

    fn key(self) -> &'static str {
        match self {
            Self::Mfa => "mfa",
            Self::Federation => "federation",
            Self::Role => "role",
        }
    }
}

impl Defined {
    /// Its group.
    pub fn group(&self) -> Group {
        match self {
            Self::Mfa(_) => Group::Mfa,
            Self::Federation(_) => Group::Federation,
            Self::Role(_) => Group::Role,
        }
    }

    /// Its name within the group: its target, or the name of a federation token.
    pub fn name(&self) -> &str {
        match self {
            Self::Mfa(session) => session.target.as_str(),
            Self::Federation(session) => &session.name,
            Self::Role(session) => session.target.as_str(),
        }
    }

    /// Its session.
    pub fn id(&self) -> SessionId {
        match self {
            Self::Mfa(session) => ids::session_token(&session.target),
            Self::Federation(session) => ids::federation_token(&session.name),
            Self::Role(session) => ids::role(&session.target),
        }
    }

    /// The profile whose credentials make the call.
    pub fn source(&self) -> &ProfileName {
        match self {
            Self::Mfa(session) => &session.source,
            Self::Federation(session) => &session.source,
            Self::Role(session) => &session.source,
        }
    }

    /// The profile of the credentials file that gets the keys.
    pub fn target(&self) -> Option<&ProfileName> {
        match self {
            Self::Mfa(session) => Some(&session.target),
            Self::Federation(session) => session.target.as_ref(),
            Self::Role(session) => Some(&session.target),
        }
    }

    /// What people call its kind.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Mfa(_) => "MFA session",
            Self::Federation(_) => "federation token",
            Self::Role(_) => "role",
        }
    }

    /// Why it cannot work; none where it can.
    pub fn fault(&self) -> Option<Fault> {
        self.check().err()
    }

    fn check(&self) -> Result<(), Fault> {
        limits::profile("source", self.source())?;
        if let Some(target) = self.target() {
            limits::profile("target", target)?;
            limits::target_is_not_source(target, self.source())?;
        }
        match self {
            Self::Mfa(session) => session.check(),
            Self::Federation(session) => session.check(),
            Self::Role(session) => session.check(),
        }
    }

    fn parse(group: Group, name: &str, table: &dyn TableLike) -> Result<Self, Fault> {
        match group {
            Group::Mfa => MfaSession::parse(name, table).map(Self::Mfa),
            Group::Federation => FederationSession::parse(name, table).map(Self::Federation),
            Group::Role => RoleSession::parse(name, table).map(Self::Role),
        }
    }

    fn write(&self, table: &mut dyn TableLike) {
        match self {
            Self::Mfa(session) => session.write(table),
            Self::Federation(session) => session.write(table),
            Self::Role(session) => session.write(table),
        }
    }
}

/// All definitions that can be understood: MFA sessions, roles, federation tokens, each in the order of the file; and
/// what cannot.
pub fn read(paths: &Paths) -> (Vec<Defined>, Vec<Finding>) {
    let path = paths.sessions_toml();
    let shown = paths.shown(&path);
    let document = match toml_file::read(&path, &shown) {
        Ok(document) => document,
        Err(finding) => return (Vec::new(), vec![finding]),
    };
    let mut all = Vec::new();
    let mut findings = Vec::new();
    let mut targets = BTreeSet::new();
    for group in Group::ALL {
        let tables = document.get(group.key()).and_then(Item::as_table_like);
        for (name, item) in tables.into_iter().flat_map(TableLike::iter) {
            let found = understand(group, name, item).and_then(|defined| {
                let target = defined.target().cloned();
                match target {
                    Some(target) if !targets.insert(target.clone()) => Err(two_for_one(&target)),
                    Some(_) | None => Ok(defined),
                }
            });
            match found {
                Ok(defined) => all.push(defined),
                Err(fault) => findings.push(Finding {
                    place: toml_file::place_of(&document, item, &shown),
                    message: fault.message,
                    remedy: fault.remedy,
                }),
            }
        }
    }
    (all, findings)
}

fn understand(group: Group, name: &str, item: &Item) -> Result<Defined, Fault> {
    let key = group.key();
    let table = item.as_table_like().ok_or_else(|| {
        Fault::new(
            format!("`{key}.{name}` is no table"),
            format!("write `[{key}.NAME]`, and its settings below it"),
        )
    })?;
    let defined = Defined::parse(group, name, table)?;
    defined.check()?;
    Ok(defined)
}

fn two_for_one(target: &ProfileName) -> Fault {
    Fault::new(
        format!("profile `{target}` is the target of another session already"),
        "name a target of its own for each session",
    )
}

/// Adds a definition, or changes the one with the same group and name.
pub fn add(writer: &Writer, paths: &Paths, defined: &Defined) -> Result<Written, WriteError> {
    let refused = |fault: Fault| Refusal {
        message: fault.message,
        remedy: fault.remedy,
    };
    writer.update(&paths.sessions_toml(), Care::Plain, |before| {
        defined.check().map_err(refused)?;
        let mut taken = None;
        let after = toml_file::edit(before, |document| {
            taken = target_of_another(document, defined);
            let group = table_in(document.as_table_mut(), defined.group().key(), true);
            defined.write(table_in(group, defined.name(), false));
        })?;
        match taken {
            Some(target) => Err(refused(two_for_one(target))),
            None => Ok(after),
        }
    })
}

fn target_of_another<'a>(document: &DocumentMut, defined: &'a Defined) -> Option<&'a ProfileName> {
    let target = defined.target()?;
    let others = Group::ALL.into_iter().flat_map(|group| {
        let tables = document.get(group.key()).and_then(Item::as_table_like);
        tables
            .into_iter()
            .flat_map(TableLike::iter)
            .map(move |(name, item)| (group, name, item))
    });
    others
        .filter(|(group, name, _)| (*group, *name) != (defined.group(), defined.name()))
        .filter_map(|(group, name, item)| understand(group, name, item).ok())
        .any(|other| other.target() == Some(target))
        .then_some(target)
}

/// Removes a definition. `Unchanged` means that there was none.
pub fn remove(
    writer: &Writer,
    paths: &Paths,
    group: Group,
    name: &str,
) -> Result<Written, WriteError> {
    writer.update(&paths.sessions_toml(), Care::Plain, |before| {
        if before.is_none() {
            return Ok(None);
        }
        toml_file::edit(before, |document| {
            let tables = document.get_mut(group.key());
            if let Some(tables) = tables.and_then(Item::as_table_like_mut) {
                tables.remove(name);
            }
        })
    })
}

/// The table with this key, made where there is none. One that only holds others needs no header.
fn table_in<'a>(
    parent: &'a mut dyn TableLike,
    key: &str,
    only_holds_others: bool,
) -> &'a mut dyn TableLike {
    let item = parent
        .entry(key)
        .or_insert_with(|| Item::Table(Table::new()));
    if item.as_table_like().is_none() {
        *item = Item::Table(Table::new());
    }
    if let Some(table) = item.as_table_mut()
        && table.is_empty()
    {
        table.set_implicit(only_holds_others);
    }
    item.as_table_like_mut()
        .unwrap_or_else(|| unreachable!("it was made a table just now"))
}
