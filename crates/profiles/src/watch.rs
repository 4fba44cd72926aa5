//! Which folders to watch so that no change of the files goes unseen.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::paths::Paths;

/// The folders to watch, none of them recursively. A folder that does not exist yet is stood for by the nearest one
/// above it: ask again after each event. Where a file is a symbolic link, the folder of its target is watched as well.
pub fn folders(paths: &Paths) -> BTreeSet<PathBuf> {
    let mut folders = BTreeSet::new();
    for file in files(paths) {
        folders.extend(file.parent().map(nearest));
        if let Ok(real) = fs::canonicalize(file) {
            folders.extend(real.parent().map(Path::to_owned));
        }
    }
    for folder in caches(paths) {
        folders.insert(nearest(folder));
    }
    folders
}

/// Whether a change of this path can change what the files say. The folders above them count: one of them may just
/// have been made.
pub fn concerns(paths: &Paths, changed: &Path) -> bool {
    let file = files(paths).iter().any(|file| {
        file.starts_with(changed)
            || fs::canonicalize(file).is_ok_and(|real| real.starts_with(changed))
    });
    let entry = caches(paths).iter().any(|folder| {
        folder.starts_with(changed)
            || (changed.starts_with(folder)
                && changed
                    .extension()
                    .is_some_and(|extension| extension == "json"))
    });
    file || entry
}

fn files(paths: &Paths) -> [PathBuf; 5] {
    [
        paths.config.clone(),
        paths.credentials.clone(),
        paths.sessions_toml(),
        paths.agreement_toml(),
        paths.settings_toml(),
    ]
}

fn caches(paths: &Paths) -> [&Path; 3] {
    [&paths.sso_cache, &paths.cli_cache, &paths.login_cache]
}

fn nearest(folder: &Path) -> PathBuf {
    folder
        .ancestors()
        .find(|folder| folder.is_dir())
        .unwrap_or(folder)
        .to_owned()
}
