//! Locks between the processes of Sandglass: empty files in its state folder. The system takes a lock back when its
//! process ends, however it ends.

use std::fs::{File, TryLockError};
use std::io;
use std::thread;
use std::time::Duration;

use sandglass_core::error::{ErrorCode, RenewalError};
use sha2::{Digest as _, Sha256};

use crate::access;
use crate::paths::Paths;

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why a lock could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process of Sandglass holds it.
    #[error("another Sandglass process has held a lock for {} seconds", .waited.as_secs())]
    Held {
        /// How long it was waited for.
        waited: Duration,
    },
    /// The system did not let us.
    #[error("could not {doing} `{path}`: {source}")]
    System {
        /// `create`, `open` or `lock`.
        doing: &'static str,
        /// The file or folder.
        path: String,
        /// In the system's words.
        source: io::Error,
    },
}

impl From<LockError> for RenewalError {
    fn from(error: LockError) -> Self {
        let remedy = match &error {
            LockError::Held { .. } => "quit the other Sandglass, then try again".to_owned(),
            LockError::System { path, .. } => format!("see to `{path}`, then try again"),
        };
        let code = match error {
            LockError::Held { .. } => ErrorCode::FileBusy,
            LockError::System { .. } => ErrorCode::FileTrouble,
        };
        Self::new(code, error.to_string(), remedy)
    }
}

const PAUSE: Duration = Duration::from_millis(5);

/// Takes the lock of the one who may refresh this token now: of two that refresh with the same token, the second may
/// find it spent. Waits at most for `patience`. What another process did meanwhile lies in the cache: read the token
/// again once the lock is held.
pub fn refresh_lock(paths: &Paths, name: &str, patience: Duration) -> Result<Lock, LockError> {
    let name = hex::encode(Sha256::digest(name.as_bytes()));
    take(paths, &format!("refresh-{name}"), patience)
}

/// Takes the lock of this name, which must be the name of a file.
pub(crate) fn take(paths: &Paths, name: &str, patience: Duration) -> Result<Lock, LockError> {
    let folder = paths.state.join("locks");
    let path = folder.join(format!("{name}.lock"));
    let failed = |doing, path, source| LockError::System {
        doing,
        path: paths.shown(path),
        source,
    };
    access::create_private_folder(&folder).map_err(|source| failed("create", &folder, source))?;
    let file = access::private_file()
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|source| failed("open", &path, source))?;
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) if waited < patience => {
                thread::sleep(PAUSE);
                waited += PAUSE;
            }
            Err(TryLockError::WouldBlock) => return Err(LockError::Held { waited }),
            // Some network file systems know no locks. Every write still looks at the file right before its rename.
            Err(TryLockError::Error(source)) if source.kind() == io::ErrorKind::Unsupported => {
                return Ok(Lock { _file: file });
            }
            Err(TryLockError::Error(source)) => return Err(failed("lock", &path, source)),
        }
    }
}
