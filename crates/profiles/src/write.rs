//! The only writer of files.
//!
//! A change is made under a lock of Sandglass's own, on the bytes that are there at that moment, and takes effect as
//! one rename: a reader sees the old file or the new one. Programs that do not know the lock (the AWS CLI takes none)
//! are noticed by reading the file again right before the rename; the change is then made anew on what they wrote.
//! A symbolic link stays a link: its target is replaced. Locks and backups lie in Sandglass's state folder, so that
//! nothing is left in `~/.aws`.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sandglass_core::error::{ErrorCode, RenewalError};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::access;
use crate::edit::EditError;
use crate::lock::{self, Lock, LockError};
use crate::paths::Paths;

/// How a file is treated. All are for their owner alone: no group or other ever gets more than it has, and a new
/// file has mode 0600.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// A person's file: one copy of it, as it was before Sandglass's first change, is kept for ever.
    WithBackup,
    /// A cache, or a file of Sandglass's own.
    Plain,
}

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The file has new content.
    Changed,
    /// The file says it already: nothing was touched.
    Unchanged,
}

/// A change that its maker will not make to the file as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Why.
    pub message: String,
    /// What the person can do about it.
    pub remedy: String,
}

impl From<EditError> for Refusal {
    fn from(error: EditError) -> Self {
        Self {
            message: error.to_string(),
            remedy: error.remedy().to_owned(),
        }
    }
}

/// Why a file was not changed. It is as it was before, and nothing is left beside it.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The system did not let us.
    #[error("could not {doing} `{path}`: {source}")]
    System {
        /// `read`, `replace`, …
        doing: &'static str,
        /// The file or folder.
        path: String,
        /// In the system's words.
        source: io::Error,
    },
    /// Its owner took the right to write away.
    #[error("`{path}` is read-only")]
    ReadOnly {
        /// The file.
        path: String,
    },
    /// A folder, a pipe or a device.
    #[error("`{path}` is not a regular file")]
    NotAFile {
        /// What it is called.
        path: String,
    },
    /// Another process of Sandglass is in the middle of a change, and does not come out of it.
    #[error("another Sandglass process has held the lock of `{path}` for {} seconds", LOCK_WAIT.as_secs())]
    Locked {
        /// The file.
        path: String,
    },
    /// Another program writes all the time.
    #[error("`{path}` was changed by another program {TRIES} times while it was being edited")]
    Restless {
        /// The file.
        path: String,
    },
    /// The file is not in a state in which the change can be made.
    #[error("`{path}` was left as it is: {refusal}")]
    Refused {
        /// The file.
        path: String,
        /// Why.
        refusal: Refusal,
    },
}

impl WriteError {
    /// What the person can do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::System { path, source, .. } => {
                use io::ErrorKind::{
                    PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
                };
                let kind = source.kind();
                if matches!(kind, StorageFull | QuotaExceeded) {
                    "free some space on that disk, then try again".to_owned()
                } else if kind == PermissionDenied {
                    format!("give yourself the right to write `{path}` and its folder")
                } else if kind == ReadOnlyFilesystem {
                    "move the file to a file system that can be written, and name its new place in the environment"
                        .to_owned()
                } else {
                    format!("see to `{path}`, then try again")
                }
            }
            Self::ReadOnly { path } => format!("run `chmod u+w {path}` if Sandglass may write it"),
            Self::NotAFile { path } => format!("put a regular file at `{path}`"),
            Self::Locked { .. } => "quit the other Sandglass, then try again".to_owned(),
            Self::Restless { path } => {
                format!("find out what keeps writing `{path}`, then try again")
            }
            Self::Refused { refusal, .. } => refusal.remedy.clone(),
        }
    }
}

impl From<WriteError> for RenewalError {
    fn from(error: WriteError) -> Self {
        let code = match error {
            WriteError::Locked { .. } | WriteError::Restless { .. } => ErrorCode::FileBusy,
            WriteError::System { .. }
            | WriteError::ReadOnly { .. }
            | WriteError::NotAFile { .. }
            | WriteError::Refused { .. } => ErrorCode::FileTrouble,
        };
        Self::new(code, error.to_string(), error.remedy())
    }
}

/// How long another process of Sandglass may take for its change.
const LOCK_WAIT: Duration = Duration::from_secs(30);
/// How often a change is made anew because another program wrote in between.
const TRIES: usize = 10;

/// Writes files for the folders of one person.
#[derive(Clone, Debug)]
pub struct Writer {
    paths: Paths,
}

impl Writer {
    /// A writer that keeps its locks and backups in the state folder of these paths.
    pub fn new(paths: &Paths) -> Self {
        Self {
            paths: paths.clone(),
        }
    }

    /// Changes a file. `change` gets the bytes of the file, or none where there is no file, and gives the bytes that
    /// it shall have, or none to leave it alone; it is called again where another program wrote in between.
    pub fn update(
        &self,
        path: &Path,
        care: Care,
        mut change: impl FnMut(Option<&[u8]>) -> Result<Option<Zeroizing<Vec<u8>>>, Refusal>,
    ) -> Result<Written, WriteError> {
        let folder = parent(path);
        access::create_private_folder(folder)
            .map_err(|source| self.system("create", folder, source))?;
        let real = follow(path).map_err(|source| self.system("follow", path, source))?;
        let _held = self.lock(&real)?;
        for _ in 0..TRIES {
            let before = self.read(&real)?;
            let Some(after) = change(before.as_deref().map(Vec::as_slice)).map_err(|refusal| {
                WriteError::Refused {
                    path: self.paths.shown(path),
                    refusal,
                }
            })?
            else {
                return Ok(Written::Unchanged);
            };
            if before.as_deref() == Some(&*after) {
                return Ok(Written::Unchanged);
            }
            if let (Care::WithBackup, Some(before)) = (care, &before) {
                self.keep_backup(&real, before)?;
            }
            match self.replace(&real, before.as_deref().map(Vec::as_slice), &after)? {
                Replaced::Yes => return Ok(Written::Changed),
                Replaced::SomebodyWrote => {}
            }
        }
        Err(WriteError::Restless {
            path: self.paths.shown(path),
        })
    }

    /// Removes a file, unless `check`, which gets its bytes, refuses. One that is not there is gone already.
    pub fn remove(
        &self,
        path: &Path,
        check: impl FnOnce(Option<&[u8]>) -> Result<(), Refusal>,
    ) -> Result<(), WriteError> {
        let real = follow(path).map_err(|source| self.system("follow", path, source))?;
        let _held = self.lock(&real)?;
        let Some(bytes) = self.read(&real)? else {
            return Ok(());
        };
        check(Some(&bytes)).map_err(|refusal| WriteError::Refused {
            path: self.paths.shown(path),
            refusal,
        })?;
        match fs::remove_file(&real) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.system("remove", &real, error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Whether a file could be written now, found out by writing beside it. Whoever spends something that AWS gives only
    /// once asks before, since what comes back must not be lost for a full disk.
    pub fn prove(&self, path: &Path) -> Result<(), WriteError> {
        /// More than any of the files that hold tokens.
        static ROOM: [u8; 32 * 1024] = [0; 32 * 1024];
        let folder = parent(path);
        access::create_private_folder(folder)
            .map_err(|source| self.system("create", folder, source))?;
        let real = follow(path).map_err(|source| self.system("follow", path, source))?;
        self.read(&real)?;
        let failed = |source| self.system("write beside", &real, plain(&source));
        let mut temporary = tempfile::Builder::new()
            .prefix(&temporary_prefix(&real))
            .tempfile_in(parent(&real))
            .map_err(failed)?;
        temporary.write_all(&ROOM).map_err(failed)?;
        temporary.as_file().sync_all().map_err(failed)
    }

    /// Where the copy of a file lies that was made before Sandglass's first change of it.
    pub fn backup_of(&self, path: &Path) -> PathBuf {
        let real = follow(path).unwrap_or_else(|_| path.to_owned());
        self.backup_of_real(&real)
    }

    fn backup_of_real(&self, real: &Path) -> PathBuf {
        let file = real.file_name().unwrap_or_default().to_string_lossy();
        let usual_folder = follow(&self.paths.home.join(".aws")).ok();
        let name = if usual_folder.as_deref() == Some(parent(real)) {
            format!("{file}.sandglass-backup")
        } else {
            format!("{file}-{}.sandglass-backup", &fingerprint(real)[..8])
        };
        self.paths.state.join("backups").join(name)
    }

    fn lock(&self, real: &Path) -> Result<Lock, WriteError> {
        let name = fingerprint(real);
        lock::take(&self.paths, &name, LOCK_WAIT).map_err(|error| match error {
            LockError::Held { .. } => WriteError::Locked {
                path: self.paths.shown(real),
            },
            LockError::System {
                doing,
                path,
                source,
            } => WriteError::System {
                doing,
                path,
                source,
            },
        })
    }

    fn read(&self, real: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, WriteError> {
        let metadata = match fs::metadata(real) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(self.system("read", real, source)),
        };
        let path = || self.paths.shown(real);
        if !metadata.is_file() {
            return Err(WriteError::NotAFile { path: path() });
        }
        if access::is_read_only(&metadata) {
            return Err(WriteError::ReadOnly { path: path() });
        }
        let bytes = fs::read(real).map_err(|source| self.system("read", real, source))?;
        Ok(Some(Zeroizing::new(bytes)))
    }

    fn replace(
        &self,
        real: &Path,
        before: Option<&[u8]>,
        after: &[u8],
    ) -> Result<Replaced, WriteError> {
        let folder = parent(real);
        let prefix = temporary_prefix(real);
        remove_leftovers(folder, &prefix);
        let failed = |source| self.system("write beside", real, plain(&source));
        let mut temporary = tempfile::Builder::new()
            .prefix(&prefix)
            .tempfile_in(folder)
            .map_err(failed)?;
        if before.is_some() {
            access::match_owner_and_mode(temporary.as_file(), real).map_err(failed)?;
        }
        temporary.write_all(after).map_err(failed)?;
        temporary.as_file().sync_all().map_err(failed)?;
        let persisted = match before {
            Some(before) => {
                if self.read(real)?.as_deref().map(Vec::as_slice) != Some(before) {
                    return Ok(Replaced::SomebodyWrote);
                }
                temporary.persist(real)
            }
            None => temporary.persist_noclobber(real),
        };
        match persisted {
            Ok(_) => {}
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                return Ok(Replaced::SomebodyWrote);
            }
            Err(error) => return Err(self.system("replace", real, error.error)),
        }
        access::sync_folder(folder).map_err(|source| self.system("sync", folder, source))?;
        Ok(Replaced::Yes)
    }

    /// Made as a whole or not at all, since one that exists is never written again.
    fn keep_backup(&self, real: &Path, bytes: &[u8]) -> Result<(), WriteError> {
        let backup = self.backup_of_real(real);
        if fs::symlink_metadata(&backup).is_ok() {
            return Ok(());
        }
        let folder = parent(&backup);
        let failed = |source| self.system("write", &backup, plain(&source));
        access::create_private_folder(folder).map_err(failed)?;
        let prefix = temporary_prefix(&backup);
        remove_leftovers(folder, &prefix);
        let mut temporary = tempfile::Builder::new()
            .prefix(&prefix)
            .tempfile_in(folder)
            .map_err(failed)?;
        temporary.write_all(bytes).map_err(failed)?;
        temporary.as_file().sync_all().map_err(failed)?;
        match temporary.persist_noclobber(&backup) {
            Ok(_) => {}
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            Err(error) => return Err(failed(error.error)),
        }
        access::sync_folder(folder).map_err(failed)
    }

    fn system(&self, doing: &'static str, path: &Path, source: io::Error) -> WriteError {
        WriteError::System {
            doing,
            path: self.paths.shown(path),
            source,
        }
    }
}

/// Without the temporary file's name, which nobody knows.
fn plain(error: &io::Error) -> io::Error {
    io::Error::from(error.kind())
}

enum Replaced {
    Yes,
    SomebodyWrote,
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Temporary files are named so that one of an earlier process that was killed can be told and removed.
fn temporary_prefix(real: &Path) -> String {
    let file = real.file_name().unwrap_or_default().to_string_lossy();
    format!(".{file}.sandglass-")
}

/// Only called with the lock of the file held: no living process of ours owns one of these.
fn remove_leftovers(folder: &Path, prefix: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            // A leftover that cannot be removed is in nobody's way; the write itself will tell of a bad folder.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The file that a path means once all its links are followed; it need not exist yet.
fn follow(path: &Path) -> io::Result<PathBuf> {
    /// As many links as Linux follows.
    const LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let Ok(target) = fs::read_link(&path) else {
            let folder = fs::canonicalize(parent(&path))?;
            return Ok(folder.join(path.file_name().unwrap_or_default()));
        };
        path = parent(&path).join(target);
    }
    Err(io::Error::other("too many symbolic links"))
}

/// Names a file by its real path, for the lock and the backup.
fn fingerprint(real: &Path) -> String {
    hex::encode(Sha256::digest(real.as_os_str().as_encoded_bytes()))
}
