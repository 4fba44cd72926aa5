//! The way back from a repair: a note for each in the state folder, made with the repair itself.
//!
//! A note holds what changed and no more: the bytes that went, those that came, and where. A file that somebody else
//! changed since keeps their change, as long as the bytes that came still stand there once.

use std::fs;
use std::path::PathBuf;

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::secret::SecretSettings;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Repair, plan};
use crate::changes::{FileChange, Kind, ModeChange, Planned, bytes_of};
use crate::credential_settings::is_secret;
use crate::paths::Paths;
use crate::section::AwsFile;
use crate::write::Care;

#[derive(Serialize, Deserialize)]
struct Note {
    what: String,
    files: Vec<Edited>,
    modes: Vec<Mode>,
}

#[derive(Serialize, Deserialize)]
struct Edited {
    path: PathBuf,
    /// Where the bytes differ first; none where the whole file came or went.
    at: Option<usize>,
    /// In hexadecimal digits, since it need not be text.
    gone: Option<String>,
    /// In hexadecimal digits, since it need not be text.
    came: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Mode {
    path: PathBuf,
    before: u32,
    after: u32,
}

fn folder(paths: &Paths) -> PathBuf {
    paths.state.join("repairs")
}

/// The note of a repair, as the first of its changes.
pub(super) fn note(paths: &Paths, repair: &Repair) -> Result<FileChange, RenewalError> {
    let note = Note {
        what: repair.does.clone(),
        files: repair.plan.files.iter().map(edited).collect(),
        modes: repair
            .plan
            .modes
            .iter()
            .map(|mode| Mode {
                path: mode.path.clone(),
                before: mode.before,
                after: mode.after,
            })
            .collect(),
    };
    let bytes = serde_json::to_vec(&note).map_err(|error| {
        RenewalError::new(
            ErrorCode::Internal,
            format!("what is to be repaired could not be noted: {error}"),
            "this is a defect of Sandglass: please report it",
        )
    })?;
    let path = folder(paths).join(format!("{:08}-{}.json", next(paths), repair.id()));
    Ok(FileChange {
        shown: paths.shown(&path),
        before: bytes_of(paths, &path)?,
        path,
        kind: Kind::Hidden,
        after: Some(Zeroizing::new(bytes)),
    })
}

fn edited(change: &FileChange) -> Edited {
    let (at, gone, came) = match (&change.before, &change.after) {
        (Some(before), Some(after)) => {
            let same = |(a, b): &(&u8, &u8)| a == b;
            let head = before.iter().zip(after.iter()).take_while(same).count();
            let tail = before[head..]
                .iter()
                .rev()
                .zip(after[head..].iter().rev())
                .take_while(same)
                .count();
            // With the lines around it: they tell its place once other lines have moved.
            let head = head - lines_back(&before[..head]);
            let tail = tail - lines_on(&after[after.len() - tail..]);
            let gone = &before[head..before.len() - tail];
            let came = &after[head..after.len() - tail];
            (Some(head), Some(gone), Some(came))
        }
        (before, after) => (
            None,
            before.as_deref().map(Vec::as_slice),
            after.as_deref().map(Vec::as_slice),
        ),
    };
    Edited {
        path: change.path.clone(),
        at,
        gone: gone.map(hex::encode),
        came: came.map(hex::encode),
    }
}

/// Lines around a change that are noted with it.
const CONTEXT: usize = 2;

/// The length of the last lines of these bytes.
fn lines_back(bytes: &[u8]) -> usize {
    let ends = bytes
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, byte)| **byte == b'\n');
    let start = ends.map(|(at, _)| at + 1).nth(CONTEXT);
    bytes.len() - start.unwrap_or(0)
}

/// The length of the first lines of these bytes.
fn lines_on(bytes: &[u8]) -> usize {
    let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    ends.nth(CONTEXT).map_or(bytes.len(), |(at, _)| at + 1)
}

/// The notes, the oldest first.
fn notes(paths: &Paths) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(paths)).into_iter().flatten().flatten();
    let mut notes: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    notes.sort();
    notes
}

fn next(paths: &Paths) -> u32 {
    let last = notes(paths).pop();
    let number = last.and_then(|path| {
        let name = path.file_name()?.to_str()?.split('-').next()?.to_owned();
        name.parse::<u32>().ok()
    });
    number.map_or(1, |number| number.saturating_add(1))
}

/// What it takes to undo the repair that was made last.
pub fn undoing(paths: &Paths) -> Result<Planned, RenewalError> {
    let Some(path) = notes(paths).pop() else {
        return Ok(Planned::Nothing("there is no repair to undo".to_owned()));
    };
    let shown = paths.shown(&path);
    let damaged = || {
        RenewalError::new(
            ErrorCode::FileTrouble,
            format!("`{shown}`, which says how to undo the last repair, is damaged"),
            "remove it; the copies in `backups` beside it hold the files as they were before Sandglass's first change",
        )
    };
    let bytes = bytes_of(paths, &path)?.ok_or_else(damaged)?;
    let note: Note = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
    let mut files = Vec::new();
    for edited in note.files.iter().rev() {
        files.push(back(paths, edited)?.ok_or_else(damaged)?);
    }
    // Last of all: until then it can be tried again.
    files.push(FileChange {
        path,
        shown,
        kind: Kind::Hidden,
        before: Some(bytes),
        after: None,
    });
    let mut plan = plan(&format!("undone: {}", note.what), files);
    for mode in note.modes {
        let now = crate::access::mode(&mode.path).ok().flatten();
        if now == Some(mode.after) {
            plan.modes.push(ModeChange {
                shown: paths.shown(&mode.path),
                path: mode.path,
                before: mode.after,
                after: mode.before,
            });
        }
    }
    Ok(Planned::Changes(plan))
}

/// One file as it was, on what it is now. None where the note makes no sense.
fn back(paths: &Paths, edited: &Edited) -> Result<Option<FileChange>, RenewalError> {
    let decode = |text: &Option<String>| match text {
        Some(text) => hex::decode(text).map(|bytes| Some(Zeroizing::new(bytes))),
        None => Ok(None),
    };
    let (Ok(gone), Ok(came)) = (decode(&edited.gone), decode(&edited.came)) else {
        return Ok(None);
    };
    let before = bytes_of(paths, &edited.path)?;
    let shown = paths.shown(&edited.path);
    let changed = || {
        RenewalError::new(
            ErrorCode::FileBusy,
            format!("`{shown}` was changed since just where it was repaired"),
            "put it right by hand: the repair is not undone, and nothing was changed",
        )
    };
    let after = match (edited.at, gone, came) {
        (Some(at), Some(gone), Some(came)) => {
            let now = before.as_ref().ok_or_else(changed)?;
            let at = place_of(now, at, &came).ok_or_else(changed)?;
            let bytes = [&now[..at], &gone, &now[at + came.len()..]].concat();
            Some(Zeroizing::new(bytes))
        }
        (None, gone, came) => {
            if before.as_deref() != came.as_deref() {
                return Err(changed());
            }
            gone
        }
        (Some(_), _, _) => return Ok(None),
    };
    let kind = if edited.path == paths.config {
        Kind::Aws(AwsFile::Config, Care::WithBackup)
    } else if edited.path == paths.credentials {
        Kind::Aws(AwsFile::Credentials, Care::WithBackup)
    } else {
        Kind::Cache
    };
    Ok(Some(FileChange {
        path: edited.path.clone(),
        shown,
        kind,
        before,
        after,
    }))
}

/// Notes that hold one of these secrets go: those of them that moved elsewhere are to be in no file.
pub(crate) fn forgetting(paths: &Paths, secrets: &SecretSettings) -> Vec<FileChange> {
    let holds_one = |note: &Note| {
        let texts = note.files.iter().flat_map(|file| [&file.gone, &file.came]);
        let mut pieces = texts
            .flatten()
            .filter_map(|text| hex::decode(text).ok())
            .map(Zeroizing::new);
        pieces.any(|piece| {
            let mut secrets = secrets.iter().filter(|(key, _)| is_secret(key));
            secrets.any(|(_, secret)| memmem(&piece, secret.expose().as_bytes()))
        })
    };
    let gone = notes(paths).into_iter().filter_map(|path| {
        let bytes = bytes_of(paths, &path).ok()??;
        let note: Note = serde_json::from_slice(&bytes).ok()?;
        holds_one(&note).then(|| FileChange {
            shown: paths.shown(&path),
            path,
            kind: Kind::Hidden,
            before: Some(bytes),
            after: None,
        })
    });
    gone.collect()
}

fn memmem(bytes: &[u8], wanted: &[u8]) -> bool {
    !wanted.is_empty() && bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Where the bytes stand: where they came, or else in one place only.
fn place_of(now: &[u8], at: usize, came: &[u8]) -> Option<usize> {
    if came.is_empty() {
        return now.is_empty().then_some(0);
    }
    if now.get(at..).is_some_and(|rest| rest.starts_with(came)) {
        return Some(at);
    }
    let mut places = now
        .windows(came.len())
        .enumerate()
        .filter(|(_, window)| *window == came)
        .map(|(place, _)| place);
    match (places.next(), places.next()) {
        (Some(only), None) => Some(only),
        (_, _) => None,
    }
}
