//! What is wrong with the files below `~/.aws`, and how each is put right: planned, shown, carried out as shown, and
//! undone with [`undoing`].

mod caches;
mod sections;
mod sso;
mod undo;
mod writers;

use jiff::Timestamp;
use sandglass_core::error::RenewalError;
use sandglass_core::secret::SecretSettings;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

pub(crate) use self::undo::forgetting;
pub use self::undo::undoing;
use crate::changes::{FileChange, Kind, Plan, path_of};
use crate::config::Configuration;
use crate::definitions;
use crate::paths::Paths;
use crate::section::AwsFile;
use crate::write::Care;

/// One thing that is wrong, and what puts it right.
pub struct Repair {
    /// Stable; its page is `docs/errors/<code>.md`.
    pub code: &'static str,
    /// Where: `~/.aws/credentials:[dev]`. With the code it names the repair.
    pub place: String,
    /// Places of findings that say the same: `~/.aws/config:9`.
    pub covers: Vec<String>,
    /// What is wrong, as a sentence without a full stop.
    pub what: String,
    /// What comes of it, likewise.
    pub why: String,
    /// What the repair does, likewise.
    pub does: String,
    /// What keeps it from coming back, likewise.
    pub prevention: Option<String>,
    /// The changes.
    plan: Plan,
}

impl Repair {
    /// Names it from one look at the files to the next.
    pub fn id(&self) -> String {
        let digest = hex::encode(Sha256::digest(&self.place));
        format!("{}-{}", self.code, &digest[..8])
    }

    /// Its changes, with the note by which they can be undone.
    pub fn undoable(mut self, paths: &Paths) -> Result<Plan, RenewalError> {
        let note = undo::note(paths, &self)?;
        self.plan.files.insert(0, note);
        Ok(self.plan)
    }
}

/// Everything that can be put right, in the order in which it is best done: what keeps a file from being read comes first.
/// Each is planned on the files as they are now, so that after one has been carried out the others are to be planned anew.
pub fn all(paths: &Paths, now: Timestamp) -> Vec<Repair> {
    let configuration = Configuration::of_files(paths);
    let (definitions, _) = definitions::read(paths);
    let duplicates = sections::duplicates(paths);
    // What stands twice has no meaning that could be edited.
    let of_settings = if duplicates.is_empty() {
        let mut found = sso::scopes(paths);
        found.extend(sso::legacy(paths, &configuration));
        found.extend(writers::of_targets(paths, &configuration, &definitions));
        found
    } else {
        Vec::new()
    };
    duplicates
        .into_iter()
        .chain(of_settings)
        .chain(caches::torn(paths, now))
        .chain(caches::modes(paths, &configuration))
        .collect()
}

fn plan(does: &str, files: Vec<FileChange>) -> Plan {
    Plan {
        sentences: vec![does.to_owned()],
        keys: SecretSettings::new(),
        files,
        modes: Vec::new(),
    }
}

/// A file of AWS whose bytes become others.
fn rewritten(
    paths: &Paths,
    file: AwsFile,
    before: &Zeroizing<Vec<u8>>,
    after: Zeroizing<Vec<u8>>,
) -> FileChange {
    let path = path_of(paths, file);
    FileChange {
        path: path.clone(),
        shown: paths.shown(path),
        kind: Kind::Aws(file, Care::WithBackup),
        before: Some(before.clone()),
        after: Some(after),
    }
}
