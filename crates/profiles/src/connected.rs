//! Profiles whose programs ask Sandglass, and what these profiles mean: `[connected.X]` in `sessions.toml`.
//!
//! ```toml
//! [connected.deploy]                # as they stood in ~/.aws, under their AWS names
//! role_arn = "arn:aws:iam::123456789012:role/Deploy"
//! source_profile = "base"
//!
//! [connected.base]
//! aws_access_key_id = "AKIA…"       # its secret lies in the keychain
//! ```
//!
//! What is here counts only while the profile asks Sandglass for its own credentials, and files of AWS go before it.

use std::collections::BTreeMap;

use sandglass_core::findings::Finding;
use sandglass_core::names::ProfileName;
use toml_edit::{Document, DocumentMut, Item, Table, TableLike, value};

use crate::credential_settings::PLAIN;
use crate::paths::Paths;
use crate::toml_file;
use crate::write::Refusal;

/// The group of these tables.
const GROUP: &str = "connected";
/// Names the keys that lie in the keychain.
pub(crate) const KEY_ID: &str = "aws_access_key_id";

/// What a connected profile means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Connected {
    pub(crate) profile: ProfileName,
    /// How its credentials are come by: keys of [`PLAIN`].
    pub(crate) settings: BTreeMap<String, String>,
    /// The id of its long-lived keys, which lie in the keychain.
    pub(crate) key_id: Option<String>,
    /// Where that is said, for people.
    pub(crate) place: String,
}

/// All of them, and what cannot be understood. A file that is damaged as a whole is told of by
/// [`crate::definitions::read`].
pub(crate) fn read(paths: &Paths) -> (Vec<Connected>, Vec<Finding>) {
    let path = paths.sessions_toml();
    let shown = paths.shown(&path);
    let Ok(document) = toml_file::read(&path, &shown) else {
        return (Vec::new(), Vec::new());
    };
    let mut all = Vec::new();
    let mut findings = Vec::new();
    let tables = document.get(GROUP).and_then(Item::as_table_like);
    for (name, item) in tables.into_iter().flat_map(TableLike::iter) {
        let place = toml_file::place_of(&document, item, &shown);
        match understood(name, item, &place) {
            Ok((connected, unknown)) => {
                findings.extend(unknown.into_iter().map(|key| Finding {
                    place: place_of_key(&document, item, key, &shown),
                    message: format!("`{key}` of connected profile `{name}` counts for nothing"),
                    remedy: "write settings of AWS that give credentials, as text".to_owned(),
                }));
                all.push(connected);
            }
            Err(message) => findings.push(Finding {
                place,
                message,
                remedy: format!("run `sandglass disconnect {name}`, or mend it by hand"),
            }),
        }
    }
    (all, findings)
}

fn understood<'a>(
    name: &str,
    item: &'a Item,
    place: &str,
) -> Result<(Connected, Vec<&'a str>), String> {
    let table = item
        .as_table_like()
        .ok_or_else(|| format!("`{GROUP}.{name}` is no table"))?;
    let mut connected = Connected {
        profile: ProfileName::new(name),
        settings: BTreeMap::new(),
        key_id: None,
        place: place.to_owned(),
    };
    let mut unknown = Vec::new();
    for (key, item) in table.iter() {
        match item.as_str() {
            Some(id) if key == KEY_ID => connected.key_id = Some(id.to_owned()),
            Some(text) if PLAIN.contains(&key) => {
                connected.settings.insert(key.to_owned(), text.to_owned());
            }
            Some(_) | None => unknown.push(key),
        }
    }
    Ok((connected, unknown))
}

fn place_of_key(document: &Document<String>, table: &Item, key: &str, shown: &str) -> String {
    toml_file::place_of(document, table.get(key).unwrap_or(table), shown)
}

/// The bytes of `sessions.toml` with this profile connected.
pub(crate) fn added(before: Option<&[u8]>, connected: &Connected) -> Result<Vec<u8>, Refusal> {
    let edited = toml_file::edit(before, |document| {
        let name = connected.profile.as_str();
        let mut table = Table::new();
        for key in PLAIN {
            if let Some(text) = connected.settings.get(key) {
                table.insert(key, value(text));
            }
        }
        if let Some(id) = &connected.key_id {
            table.insert(KEY_ID, value(id));
        }
        group(document).insert(name, Item::Table(table));
    })?;
    Ok(edited.map(|bytes| bytes.to_vec()).unwrap_or_default())
}

/// The same without it.
pub(crate) fn removed(before: &[u8], profile: &ProfileName) -> Result<Vec<u8>, Refusal> {
    let edited = toml_file::edit(Some(before), |document| {
        let group = group(document);
        group.remove(profile.as_str());
        if group.is_empty() {
            document.remove(GROUP);
        }
    })?;
    Ok(edited.map(|bytes| bytes.to_vec()).unwrap_or_default())
}

fn group(document: &mut DocumentMut) -> &mut dyn TableLike {
    let item = document.entry(GROUP).or_insert_with(|| {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn connected() -> Connected {
        Connected {
            profile: ProfileName::new("deploy.eu"),
            settings: [("role_arn", "arn:x"), ("source_profile", "a \"b\"")]
                .map(|(key, text)| (key.to_owned(), text.to_owned()))
                .into(),
            key_id: Some("AKIAEXAMPLE".to_owned()),
            place: String::new(),
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_nothing_else_is_touched() {
        let folder = tempfile::TempDir::new().unwrap();
        let paths = Paths::resolve(crate::paths::System::Unix, &|name| {
            (name == "HOME").then(|| folder.path().into())
        })
        .unwrap();
        let before = b"# mine\n[mfa.x]   # here\nsource = \"base\"\n";
        let after = added(Some(before), &connected()).unwrap();
        assert!(after.starts_with(before));
        std::fs::create_dir_all(&paths.settings).unwrap();
        std::fs::write(paths.sessions_toml(), &after).unwrap();
        let (all, findings) = read(&paths);
        assert_eq!(findings, []);
        let place = all[0].place.clone();
        assert!(place.ends_with("sessions.toml:5"), "{place}");
        assert_eq!(
            all,
            [Connected {
                place,
                ..connected()
            }]
        );
        assert_eq!(removed(&after, &connected().profile).unwrap(), before);
    }

    #[test]
    fn what_cannot_be_meant_is_said_with_its_line() {
        let folder = tempfile::TempDir::new().unwrap();
        let paths = Paths::resolve(crate::paths::System::Unix, &|name| {
            (name == "HOME").then(|| folder.path().into())
        })
        .unwrap();
        std::fs::create_dir_all(&paths.settings).unwrap();
        let text = "[connected]\na = 1\n[connected.b]\nrole_arn = 5\nregion = \"x\"\nsso_session = \"s\"\n";
        std::fs::write(paths.sessions_toml(), text).unwrap();
        let (all, findings) = read(&paths);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].settings.keys().collect::<Vec<_>>(), ["sso_session"]);
        let lines: Vec<&str> = findings
            .iter()
            .filter_map(|finding| finding.place.rsplit(':').next())
            .collect();
        assert_eq!(lines, ["2", "4", "5"]);
    }
}
