//! Disconnecting a profile.

use sandglass_core::error::RenewalError;
use sandglass_core::names::ProfileName;
use sandglass_core::secret::{Secret, SecretSettings};
use zeroize::Zeroizing;

use super::PROCESS;
use super::block::{Block, Restored};
use super::record::{self, Record, Stored};
use crate::changes::{FileChange, Kind, Plan, Planned, bytes_of, document, path_of, refused_by};
use crate::connected::{self, Connected};
use crate::credential_settings;
use crate::document::Document;
use crate::edit::{Change, edit, section_of};
use crate::own_process;
use crate::paths::Paths;
use crate::section::AwsFile;
use crate::write::{Care, Refusal};

/// Whether the keychain is needed for the way back.
pub fn holds_keys(paths: &Paths, profile: &ProfileName) -> bool {
    let in_record = Record::read(paths, profile)
        .ok()
        .flatten()
        .is_some_and(|stored| stored.record.blocks.iter().any(Block::holds_secrets));
    in_record || kept(paths, profile).is_some_and(|connected| connected.key_id.is_some())
}

fn kept(paths: &Paths, profile: &ProfileName) -> Option<Connected> {
    connected::read(paths)
        .0
        .into_iter()
        .find(|connected| connected.profile == *profile)
}

/// What it takes until this profile means what it means to programs by itself again. `keys` are those of the keychain,
/// where they are there.
///
/// A section that is as [`super::connecting`] left it gets its old bytes. Where somebody changed it since, each setting that
/// was moved comes back, unless it has been set anew.
pub fn disconnecting(
    paths: &Paths,
    profile: &ProfileName,
    keys: &SecretSettings,
) -> Result<Planned, RenewalError> {
    let kept = kept(paths, profile);
    let stored = Record::read(paths, profile)?;
    if kept.is_none() && stored.is_none() {
        return Ok(Planned::Nothing(format!(
            "profile `{profile}` is not connected"
        )));
    }
    let mut files = Vec::new();
    let mut sentences = Vec::new();
    // Keys before the line that asks for them goes: in between, programs find one of the two.
    for file in [AwsFile::Credentials, AwsFile::Config] {
        let block = stored.as_ref().and_then(|stored| {
            let blocks = &stored.record.blocks;
            blocks
                .iter()
                .find(|block| AwsFile::from(block.file) == file)
        });
        let old = match (block, &kept) {
            (Some(block), _) => Old::Block(block),
            (None, Some(kept)) if stored.is_none() => Old::Settings(settings_of(kept, keys, file)),
            (None, Some(_) | None) => continue,
        };
        if let Some(change) = old.back(paths, file, profile, keys, &mut sentences)? {
            files.push(change);
        }
    }
    if holds_keys(paths, profile) && keys.is_empty() {
        sentences.push(format!(
            "the keychain holds no keys of `{profile}`: put some into it with `aws configure --profile {profile}`"
        ));
    }
    files.extend(forgotten(paths, profile)?);
    if let Some(Stored { bytes, .. }) = stored {
        let path = record::path(paths, profile);
        files.push(FileChange {
            shown: paths.shown(&path),
            path,
            kind: Kind::Hidden,
            before: Some(bytes),
            after: None,
        });
    }
    Ok(Planned::Changes(Plan {
        sentences,
        keys: SecretSettings::new(),
        files,
        modes: Vec::new(),
    }))
}

/// What was known of a section.
enum Old<'a> {
    Block(&'a Block),
    /// Its settings only.
    Settings(Vec<(String, Secret)>),
}

/// Where no record tells, settings come back into the config file, keys into the credentials file.
fn settings_of(kept: &Connected, keys: &SecretSettings, file: AwsFile) -> Vec<(String, Secret)> {
    match file {
        AwsFile::Config => kept
            .settings
            .iter()
            .map(|(key, text)| (key.clone(), Secret::new(text.clone())))
            .collect(),
        AwsFile::Credentials => keys
            .iter()
            .map(|(key, secret)| (key.clone(), secret.clone()))
            .collect(),
    }
}

impl Old<'_> {
    fn back(
        &self,
        paths: &Paths,
        file: AwsFile,
        profile: &ProfileName,
        keys: &SecretSettings,
        sentences: &mut Vec<String>,
    ) -> Result<Option<FileChange>, RenewalError> {
        let path = path_of(paths, file);
        let shown = paths.shown(path);
        let before = bytes_of(paths, path)?;
        let now = document(before.as_ref());
        let exact = match self {
            Self::Block(block) => block.restored(&now, profile, keys),
            Self::Settings(_) => None,
        };
        let after = match exact {
            Some(Restored::NoFile) => {
                sentences.push(format!("`{shown}` goes, as there was none before"));
                None
            }
            Some(Restored::Bytes(bytes)) => {
                sentences.push(format!(
                    "the lines of profile `{profile}` in `{shown}` are as they were before again"
                ));
                Some(bytes)
            }
            None => {
                let edited = self
                    .by_setting(&now, file, profile, keys)
                    .map_err(|refusal| refused_by(refusal, &shown))?;
                if before.as_deref().map(Vec::as_slice).unwrap_or_default() == edited.as_slice() {
                    return Ok(None);
                }
                sentences.push(format!(
                    "the lines of profile `{profile}` in `{shown}` were changed since: what was moved comes back, and your \
                     changes stay"
                ));
                Some(edited)
            }
        };
        Ok(Some(FileChange {
            path: path.clone(),
            shown,
            kind: Kind::Aws(file, Care::WithBackup),
            before,
            after,
        }))
    }

    fn by_setting(
        &self,
        now: &Document,
        file: AwsFile,
        profile: &ProfileName,
        keys: &SecretSettings,
    ) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        let of_block;
        let old = match self {
            Self::Block(block) => {
                of_block = block.settings(profile, keys);
                &of_block
            }
            Self::Settings(settings) => settings,
        };
        let section = section_of(now, file, profile)?;
        let value = |key: &str| {
            let property = section?
                .properties
                .iter()
                .find(|property| property.key == key)?;
            Some(now.value(property))
        };
        let asks = value(PROCESS)
            .is_some_and(|command| own_process::served(command.expose()).as_ref() == Some(profile));
        let moved: Vec<&str> = credential_settings::all().collect();
        let mut changes = Vec::new();
        if asks {
            changes.push(Change::Remove(PROCESS));
        }
        for (key, secret) in old {
            let is_there = value(key).is_some() && !(asks && key == PROCESS);
            if moved.contains(&key.as_str()) && !is_there {
                changes.retain(|change| !matches!(change, Change::Remove(gone) if gone == key));
                changes.push(Change::Set(key, secret.expose()));
            }
        }
        Ok(edit(now, file, profile, &changes)?)
    }
}

/// `sessions.toml` without this profile.
fn forgotten(paths: &Paths, profile: &ProfileName) -> Result<Option<FileChange>, RenewalError> {
    let path = paths.sessions_toml();
    let shown = paths.shown(&path);
    let Some(before) = bytes_of(paths, &path)? else {
        return Ok(None);
    };
    let after =
        connected::removed(&before, profile).map_err(|refusal| refused_by(refusal, &shown))?;
    Ok(Some(FileChange {
        path,
        shown,
        kind: Kind::Definitions,
        before: Some(before),
        // A file that holds nothing else was made for this.
        after: (!after.trim_ascii().is_empty()).then(|| Zeroizing::new(after)),
    }))
}
