//! What the person agreed to: `agreement.toml` in Sandglass's settings folder.

use std::collections::BTreeSet;

use sandglass_core::event::{Agreement, Scope};
use sandglass_core::findings::Finding;
use sandglass_core::names::SessionId;
use toml_edit::{Array, Item, value};

use crate::paths::Paths;
use crate::toml_file;
use crate::write::{Care, WriteError, Writer, Written};

const SCOPE: &str = "scope";
const SESSIONS: &str = "sessions";

/// What was agreed to. A file that cannot be understood counts as no agreement at all.
pub fn read(paths: &Paths) -> (Agreement, Vec<Finding>) {
    let path = paths.agreement_toml();
    let document = match toml_file::read(&path, &paths.shown(&path)) {
        Ok(document) => document,
        Err(finding) => return (Agreement::default(), vec![finding]),
    };
    let scope = match document.get(SCOPE).and_then(Item::as_str) {
        Some("all") => Scope::All,
        Some(_) | None => Scope::Named,
    };
    let sessions: BTreeSet<SessionId> = document
        .get(SESSIONS)
        .and_then(Item::as_array)
        .into_iter()
        .flat_map(Array::iter)
        .filter_map(|session| session.as_str().map(SessionId::new))
        .collect();
    (Agreement { sessions, scope }, Vec::new())
}

/// Remembers what was agreed to.
pub fn write(writer: &Writer, paths: &Paths, agreement: &Agreement) -> Result<Written, WriteError> {
    writer.update(&paths.agreement_toml(), Care::Plain, |before| {
        toml_file::edit(before, |document| {
            document[SCOPE] = value(match agreement.scope {
                Scope::All => "all",
                Scope::Named => "named",
            });
            let sessions: Array = agreement.sessions.iter().map(SessionId::as_str).collect();
            document[SESSIONS] = value(sessions);
        })
    })
}
