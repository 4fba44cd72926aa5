//! Changes of files that are planned, shown, and carried out as shown, or not at all.

mod diff;

use std::path::{Path, PathBuf};
use std::{fs, io};

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::secret::SecretSettings;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::access;
use crate::document::Document;
use crate::paths::Paths;
use crate::section::AwsFile;
use crate::write::{Care, Refusal, WriteError, Writer};

/// What is to be done.
pub enum Planned {
    /// Nothing: it is so already. A sentence says so.
    Nothing(String),
    /// This.
    Changes(Plan),
}

/// Changes of files, not made yet.
pub struct Plan {
    /// What they mean, a sentence each, without a full stop at its end.
    pub sentences: Vec<String>,
    /// What goes into the keychain before a file is changed.
    pub keys: SecretSettings,
    /// In the order in which they are made.
    pub(crate) files: Vec<FileChange>,
    /// Files whose rights change, and nothing else of them.
    pub(crate) modes: Vec<ModeChange>,
}

pub(crate) struct FileChange {
    pub(crate) path: PathBuf,
    pub(crate) shown: String,
    pub(crate) kind: Kind,
    /// None where there is no file.
    pub(crate) before: Option<Zeroizing<Vec<u8>>>,
    /// None where there is to be no file.
    pub(crate) after: Option<Zeroizing<Vec<u8>>>,
}

/// Who may read and write a file, as Unix has it.
pub(crate) struct ModeChange {
    pub(crate) path: PathBuf,
    pub(crate) shown: String,
    pub(crate) before: u32,
    pub(crate) after: u32,
}

/// How a file is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file of AWS: it is shown, without its secrets.
    Aws(AwsFile, Care),
    /// `sessions.toml`: it is shown.
    Definitions,
    /// A cache file, which holds tokens: that it goes or comes is shown, and not what it holds.
    Cache,
    /// Of no interest to anybody else.
    Hidden,
}

impl Plan {
    /// The changes as a unified diff, without secrets.
    pub fn diff(&self) -> String {
        let contents = self.files.iter().map(diff::of);
        let modes = self.modes.iter().map(diff::of_mode);
        contents.chain(modes).collect()
    }

    /// Names exactly these changes of exactly these files.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for file in &self.files {
            for bytes in [
                Some(file.path.as_os_str().as_encoded_bytes()),
                file.before.as_deref().map(Vec::as_slice),
                file.after.as_deref().map(Vec::as_slice),
            ] {
                // A length cannot be taken for content, nor nothing for an empty file.
                let length = bytes.map_or(u64::MAX, |bytes| bytes.len() as u64);
                hash.update(length.to_be_bytes());
                hash.update(bytes.unwrap_or_default());
            }
        }
        for mode in &self.modes {
            hash.update(mode.path.as_os_str().as_encoded_bytes());
            hash.update(mode.before.to_be_bytes());
            hash.update(mode.after.to_be_bytes());
        }
        hex::encode(hash.finalize())
    }

    /// Changes the files. Where one cannot be changed, those that were are as before again.
    pub fn carry_out(&self, writer: &Writer) -> Result<(), WriteError> {
        for file in &self.files {
            if file.before.is_some() || file.after.is_some() {
                writer.prove(&file.path)?;
            }
        }
        for (count, file) in self.files.iter().enumerate() {
            if let Err(error) = file.make(writer) {
                for made in self.files[..count].iter().rev() {
                    // What cannot be taken back was changed by somebody else since, or is what failed.
                    let _ = made.take_back(writer);
                }
                return Err(error);
            }
        }
        for (count, mode) in self.modes.iter().enumerate() {
            if let Err(error) = mode.make() {
                for made in &self.modes[..count] {
                    let _ = access::set_mode(&made.path, made.before);
                }
                for made in self.files.iter().rev() {
                    let _ = made.take_back(writer);
                }
                return Err(error);
            }
        }
        Ok(())
    }
}

impl ModeChange {
    fn make(&self) -> Result<(), WriteError> {
        access::set_mode(&self.path, self.after).map_err(|source| WriteError::System {
            doing: "change the rights of",
            path: self.shown.clone(),
            source,
        })
    }
}

impl FileChange {
    fn make(&self, writer: &Writer) -> Result<(), WriteError> {
        self.replace(writer, self.before.as_ref(), self.after.as_ref())
    }

    fn take_back(&self, writer: &Writer) -> Result<(), WriteError> {
        self.replace(writer, self.after.as_ref(), self.before.as_ref())
    }

    fn replace(
        &self,
        writer: &Writer,
        from: Option<&Zeroizing<Vec<u8>>>,
        to: Option<&Zeroizing<Vec<u8>>>,
    ) -> Result<(), WriteError> {
        let care = match self.kind {
            Kind::Aws(_, care) => care,
            Kind::Definitions | Kind::Cache | Kind::Hidden => Care::Plain,
        };
        let expected = from.map(|bytes| bytes.as_slice());
        let as_shown = |now: Option<&[u8]>| {
            if now == expected {
                Ok(())
            } else {
                Err(Refusal {
                    message: "it was changed since its changes were shown".to_owned(),
                    remedy: "run the command again, and look at what it shows now".to_owned(),
                })
            }
        };
        match to {
            Some(bytes) => writer
                .update(&self.path, care, |now| {
                    as_shown(now)?;
                    Ok(Some(bytes.clone()))
                })
                .map(drop),
            None => writer.remove(&self.path, as_shown),
        }
    }
}

/// The bytes of a file that is to be changed; none where there is no file.
pub(crate) fn bytes_of(
    paths: &Paths,
    path: &Path,
) -> Result<Option<Zeroizing<Vec<u8>>>, RenewalError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let shown = paths.shown(path);
            Err(RenewalError::new(
                ErrorCode::FileTrouble,
                format!("`{shown}` could not be read: {error}"),
                format!("see to `{shown}`, then try again"),
            ))
        }
    }
}

pub(crate) fn document(bytes: Option<&Zeroizing<Vec<u8>>>) -> Document {
    Document::parse(bytes.map(|bytes| bytes.to_vec()).unwrap_or_default())
}

pub(crate) fn path_of(paths: &Paths, file: AwsFile) -> &PathBuf {
    match file {
        AwsFile::Config => &paths.config,
        AwsFile::Credentials => &paths.credentials,
    }
}

pub(crate) fn refused_by(refusal: Refusal, shown: &str) -> RenewalError {
    RenewalError::new(
        ErrorCode::FileTrouble,
        format!("`{shown}`: {}", refusal.message),
        refusal.remedy,
    )
}
