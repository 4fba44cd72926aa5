//! Why the sealed store did not do what was asked, and what became of a file that it could not open.

use std::io;
use std::path::{Path, PathBuf};

use sandglass_core::findings::Finding;

use super::file::LOCK_WAIT;
use crate::Error;

/// Why nothing was read or written. The file is as it was; whoever holds credentials goes on with them in memory.
#[derive(Debug, thiserror::Error)]
pub enum SealedError {
    /// The keychain did not give or take the key.
    #[error(transparent)]
    Keychain(#[from] Error),
    /// The system did not let us.
    #[error("could not {doing} `{}`: {source}", path.display())]
    System {
        /// `read`, `replace`, …
        doing: &'static str,
        /// The file of the store.
        path: PathBuf,
        /// In the system's words.
        source: io::Error,
    },
    /// A later Sandglass wrote the file; it is left to that.
    #[error("`{}` was written by a newer Sandglass, in format {version}", path.display())]
    Newer {
        /// The file of the store.
        path: PathBuf,
        /// Its format.
        version: u8,
    },
    /// Another process of Sandglass is in the middle of a change, and does not come out of it.
    #[error("another Sandglass process has held the lock of `{}` for {} seconds", path.display(), LOCK_WAIT.as_secs())]
    InUse {
        /// The file of the store.
        path: PathBuf,
    },
}

impl SealedError {
    pub(super) fn system(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self::System {
            doing,
            path: path.to_owned(),
            source,
        }
    }

    /// What the person can do.
    pub fn remedy(&self) -> String {
        match self {
            Self::Keychain(error) => error.remedy_for_the_key().to_owned(),
            Self::System { path, .. } => {
                format!(
                    "See to `{}` and its folder, then try again.",
                    path.display()
                )
            }
            Self::Newer { path, .. } => format!(
                "Update Sandglass, or delete `{}`: what it holds is renewed when it is needed.",
                path.display()
            ),
            Self::InUse { .. } => "Quit the other Sandglass, then try again.".to_owned(),
        }
    }

    /// The same as something that a person should know of.
    pub fn finding(&self) -> Finding {
        let place = match self {
            Self::Keychain(_) => "keychain".to_owned(),
            Self::System { path, .. } | Self::Newer { path, .. } | Self::InUse { path } => {
                path.display().to_string()
            }
        };
        Finding {
            place,
            message: format!("temporary credentials are kept in memory only: {self}"),
            remedy: self.remedy(),
        }
    }
}

/// Why a file of the store cannot be opened, now or later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is no whole file of Sandglass's, or does not say what Sandglass would.
    #[error("it is damaged")]
    Damaged,
    /// The keychain works and holds no key.
    #[error("its key is not in the keychain")]
    KeyMissing,
    /// The key does not fit: the bytes were changed, or were sealed under another key.
    #[error("it was changed, or sealed under another key")]
    DoesNotOpen,
}

/// A file that could not be opened, and was renamed so that nothing overwrites it. No session is lost with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("could not open the sealed credentials: {because}; they are set aside as `{}`", path.display())]
pub struct SetAside {
    /// Where it lies now.
    pub path: PathBuf,
    /// Why.
    pub because: Unreadable,
}

impl SetAside {
    /// The same as something that a person should know of.
    pub fn finding(&self) -> Finding {
        Finding {
            place: self.path.display().to_string(),
            message: self.to_string(),
            remedy: "Delete the file: what it held is renewed when it is needed.".to_owned(),
        }
    }
}
