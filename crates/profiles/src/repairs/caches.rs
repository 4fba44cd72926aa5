//! Cache files: those that no client can read any more, and those that others on this machine can.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::{Repair, plan};
use crate::access;
use crate::cache_file::{self, Reading};
use crate::changes::{FileChange, Kind, ModeChange, bytes_of};
use crate::config::Configuration;
use crate::paths::Paths;
use crate::section::AwsFile;

/// The AWS CLI writes these files in place, so that one is torn for a moment: younger ones may be in that moment.
const SETTLED: SignedDuration = SignedDuration::from_secs(10);

fn files(paths: &Paths) -> Vec<PathBuf> {
    let folders = [&paths.sso_cache, &paths.cli_cache, &paths.login_cache];
    let entries = folders
        .into_iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "json") && path.is_file())
        .collect();
    files.sort();
    files
}

pub(super) fn torn(paths: &Paths, now: Timestamp) -> impl Iterator<Item = Repair> {
    let is_settled = move |path: &Path| {
        fs::metadata(path)
            .is_ok_and(|metadata| now.duration_since(cache_file::written_at(&metadata)) >= SETTLED)
    };
    files(paths)
        .into_iter()
        .filter_map(move |path| match cache_file::read(&path, Some) {
            Reading::Torn if is_settled(&path) => set_aside(paths, path),
            Reading::Torn
            | Reading::Absent
            | Reading::Foreign
            | Reading::Unreadable(_)
            | Reading::Present(_) => None,
        })
}

fn set_aside(paths: &Paths, path: PathBuf) -> Option<Repair> {
    let bytes = bytes_of(paths, &path).ok()??;
    let shown = paths.shown(&path);
    let aside = paths.state.join("set-aside").join(path.file_name()?);
    let kept = FileChange {
        shown: paths.shown(&aside),
        kind: Kind::Cache,
        before: bytes_of(paths, &aside).ok()?,
        after: Some(bytes.clone()),
        path: aside,
    };
    let does = format!("`{shown}` goes to `{}`", kept.shown);
    let gone = FileChange {
        shown: shown.clone(),
        kind: Kind::Cache,
        before: Some(bytes),
        after: None,
        path,
    };
    Some(Repair {
        code: "cache-torn",
        what: format!("`{shown}` is not complete: it is no JSON"),
        why: "a program was stopped while it wrote the file; some clients end with an error when they read it, and none finds its \
              session in it"
            .to_owned(),
        prevention: None,
        covers: vec![shown.clone()],
        plan: plan(&does, vec![kept, gone]),
        place: shown,
        does,
    })
}

/// Files with secrets that others on this machine may read.
pub(super) fn modes(paths: &Paths, configuration: &Configuration) -> impl Iterator<Item = Repair> {
    /// What a group and others may do.
    const OTHERS: u32 = 0o077;
    let config_holds_keys = configuration
        .profiles()
        .iter()
        .any(|profile| profile.keys_in(AwsFile::Config).is_some());
    let config = config_holds_keys.then(|| paths.config.clone());
    let secret = files(paths)
        .into_iter()
        .chain([paths.credentials.clone()])
        .chain(config);
    secret.filter_map(|path| {
        let before = access::mode(&path).ok()??;
        (before & OTHERS != 0).then(|| {
            let shown = paths.shown(&path);
            let after = before & !OTHERS;
            let does = format!("`{shown}` gets mode {after:04o}: it is for you alone then");
            let mut plan = plan(&does, Vec::new());
            plan.modes.push(ModeChange {
                path,
                shown: shown.clone(),
                before,
                after,
            });
            Repair {
                code: "mode-loose",
                what: format!("`{shown}` holds secrets, and others on this machine may use it (mode {before:04o})"),
                why: "everybody who has an account here can take the keys, or put other ones in their place".to_owned(),
                prevention: None,
                covers: Vec::new(),
                place: shown,
                plan,
                does,
            }
        })
    })
}
