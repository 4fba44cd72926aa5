//! Connecting a profile.

use sandglass_core::error::RenewalError;
use sandglass_core::names::ProfileName;
use sandglass_core::secret::SecretSettings;
use zeroize::Zeroizing;

use super::block::{self, Block};
use super::meaning::{Keys, Meaning};
use super::record::{self, Record, Stored};
use super::{PROCESS, refused, unknown};
use crate::changes::{FileChange, Kind, Plan, Planned, bytes_of, document, path_of, refused_by};
use crate::config::{Configuration, Profile};
use crate::connected::{self, Connected};
use crate::credential_settings::{self, KEYS, is_secret};
use crate::edit::{Change, edit, is_text};
use crate::own_process;
use crate::paths::Paths;
use crate::repairs;
use crate::section::AwsFile;
use crate::toml_file;
use crate::write::{Care, Refusal, Writer};

/// What it takes until programs that use this profile ask Sandglass. `command` is the command line by which they do.
///
/// Refused where nothing would be served afterwards, and where programs disagree on what the profile means.
pub fn connecting(
    paths: &Paths,
    writer: &Writer,
    profile: &ProfileName,
    command: &str,
) -> Result<Planned, RenewalError> {
    if own_process::served(command).as_ref() != Some(profile) {
        return Err(refused(
            format!("`{command}` does not ask Sandglass for the credentials of `{profile}`"),
            "this is a defect of Sandglass: please report it",
        ));
    }
    for file in [AwsFile::Config, AwsFile::Credentials] {
        let path = path_of(paths, file);
        is_text(&document(bytes_of(paths, path)?.as_ref()))
            .map_err(|error| refused_by(Refusal::from(error), &paths.shown(path)))?;
    }
    let path = paths.sessions_toml();
    toml_file::edit(
        bytes_of(paths, &path)?.as_deref().map(Vec::as_slice),
        |_| {},
    )
    .map_err(|refusal| refused_by(refusal, &paths.shown(&path)))?;
    let files = Configuration::of_files(paths);
    let known = files.profile(profile);
    let is_kept = connected::read(paths)
        .0
        .iter()
        .any(|connected| connected.profile == *profile);
    let asks = known
        .and_then(Profile::credential_process)
        .filter(|process| own_process::served(process.value).as_ref() == Some(profile));
    match (asks, is_kept) {
        (Some(process), true) if process.value == command => Ok(Planned::Nothing(format!(
            "profile `{profile}` is connected already"
        ))),
        (Some(process), true) => {
            relinking(paths, profile, process.value, command).map(Planned::Changes)
        }
        (None, true) => Err(refused(
            format!("profile `{profile}` is connected, but does not ask Sandglass any more"),
            format!("run `sandglass disconnect {profile}` first"),
        )),
        (Some(_) | None, false) => {
            // What it starts from may be connected.
            let configuration = Configuration::read(paths);
            let known = configuration.profile(profile);
            let known = known.ok_or_else(|| unknown(profile))?;
            let meaning = Meaning::of(paths, &configuration, known)?;
            meaning.moved(paths, writer, command).map(Planned::Changes)
        }
    }
}

/// The command line changes, and nothing else.
fn relinking(
    paths: &Paths,
    profile: &ProfileName,
    old: &str,
    command: &str,
) -> Result<Plan, RenewalError> {
    let update = [Change::Update(PROCESS, command)];
    let mut files = Vec::new();
    if let Some(Stored { mut record, bytes }) = Record::read(paths, profile)? {
        for block in &mut record.blocks {
            block.after = block.after.replacen(old, command, 1);
        }
        files.push(noted(paths, profile, &record, Some(bytes))?);
    }
    for file in [AwsFile::Config, AwsFile::Credentials] {
        let (change, block) = changed(paths, file, profile, &update)?;
        files.extend(block.map(|_| change));
    }
    Ok(Plan {
        sentences: vec![format!(
            "`{PROCESS}` of profile `{profile}` gets another command"
        )],
        keys: SecretSettings::new(),
        files,
        modes: Vec::new(),
    })
}

impl Meaning<'_> {
    fn moved(&self, paths: &Paths, writer: &Writer, command: &str) -> Result<Plan, RenewalError> {
        let name = &self.profile.name;
        let gone: Vec<&str> = credential_settings::all().collect();
        let mut in_config: Vec<Change<'_>> = gone
            .iter()
            .filter(|key| **key != PROCESS)
            .map(|key| Change::Remove(key))
            .collect();
        in_config.push(Change::Set(PROCESS, command));
        let in_credentials: Vec<Change<'_>> = gone.iter().map(|key| Change::Remove(key)).collect();
        let mut record = Record {
            profile: name.to_string(),
            blocks: Vec::new(),
        };
        let mut changes = Vec::new();
        let mut backups = Vec::new();
        for (file, edits) in [
            (AwsFile::Config, &in_config),
            (AwsFile::Credentials, &in_credentials),
        ] {
            let (mut change, block) = changed(paths, file, name, edits)?;
            if change.before.as_ref() == change.after.as_ref() {
                continue;
            }
            record.blocks.extend(block);
            if self.keys_in(file) {
                // A copy of the file would hold them for ever. What the record cannot give back the keychain does.
                change.kind = Kind::Aws(file, Care::Plain);
                backups.extend(without_keys(writer, file, &change, name)?);
            }
            changes.push(change);
        }
        let mut files = vec![noted(paths, name, &record, None)?, self.kept(paths)?];
        files.extend(backups);
        files.extend(repairs::forgetting(paths, &self.secrets()));
        files.extend(changes);
        Ok(Plan {
            sentences: self.sentences(paths, command),
            keys: self.secrets(),
            files,
            modes: Vec::new(),
        })
    }

    /// `sessions.toml` with this profile in it.
    fn kept(&self, paths: &Paths) -> Result<FileChange, RenewalError> {
        let path = paths.sessions_toml();
        let shown = paths.shown(&path);
        let before = bytes_of(paths, &path)?;
        let connected = Connected {
            profile: self.profile.name.clone(),
            settings: self.settings.clone(),
            key_id: match &self.keys {
                Keys::LongLived { id, .. } => Some(id.clone()),
                Keys::None | Keys::Temporary(_) => None,
            },
            place: shown.clone(),
        };
        let after = connected::added(before.as_deref().map(Vec::as_slice), &connected)
            .map_err(|refusal| refused_by(refusal, &shown))?;
        Ok(FileChange {
            path,
            shown,
            kind: Kind::Definitions,
            before,
            after: Some(Zeroizing::new(after)),
        })
    }
}

/// One file of AWS with these changes, and what they do to the section.
fn changed(
    paths: &Paths,
    file: AwsFile,
    profile: &ProfileName,
    changes: &[Change<'_>],
) -> Result<(FileChange, Option<Block>), RenewalError> {
    let path = path_of(paths, file);
    let shown = paths.shown(path);
    let before = bytes_of(paths, path)?;
    let old = document(before.as_ref());
    let edited = edit(&old, file, profile, changes)
        .map_err(|error| refused_by(Refusal::from(error), &shown))?;
    let after = if before.is_none() && edited.is_empty() {
        None
    } else {
        Some(edited)
    };
    let block = if before.as_ref() == after.as_ref() {
        None
    } else {
        let known = before.is_some().then_some(&old);
        let new = document(after.as_ref());
        Some(block::between(file, profile, known, &new).ok_or_else(|| {
            refused(
                format!("the lines of profile `{profile}` in `{shown}` cannot be moved and put back again"),
                "write each of its keys on one line",
            )
        })?)
    };
    let change = FileChange {
        path: path.clone(),
        shown,
        kind: Kind::Aws(file, Care::WithBackup),
        before,
        after,
    };
    Ok((change, block))
}

/// The copy of the file from before Sandglass's first change, without these keys.
fn without_keys(
    writer: &Writer,
    file: AwsFile,
    change: &FileChange,
    profile: &ProfileName,
) -> Result<Option<FileChange>, RenewalError> {
    let path = writer.backup_of(&change.path);
    let Ok(bytes) = std::fs::read(&path) else {
        return Ok(None);
    };
    let before = Zeroizing::new(bytes);
    let shown = format!("the copy of {}", change.shown);
    let secret: Vec<Change<'_>> = KEYS
        .into_iter()
        .filter(|key| is_secret(key))
        .map(Change::Remove)
        .collect();
    let after = edit(&document(Some(&before)), file, profile, &secret).map_err(|_| {
        refused(
            format!(
                "the keys of profile `{profile}` cannot be taken out of `{}`, a copy of `{}`",
                path.display(),
                change.shown
            ),
            "remove that copy",
        )
    })?;
    Ok(Some(FileChange {
        path,
        shown,
        kind: Kind::Hidden,
        before: Some(before),
        after: Some(after),
    }))
}

/// The record of what is changed.
fn noted(
    paths: &Paths,
    profile: &ProfileName,
    record: &Record,
    before: Option<Zeroizing<Vec<u8>>>,
) -> Result<FileChange, RenewalError> {
    let path = record::path(paths, profile);
    let before = match before {
        Some(before) => Some(before),
        // One of an earlier connection that was not undone, or damaged: it is worth nothing.
        None => bytes_of(paths, &path)?,
    };
    Ok(FileChange {
        shown: paths.shown(&path),
        path,
        kind: Kind::Hidden,
        before,
        after: Some(record.to_bytes()?),
    })
}
