//! `sandglass connect`: a profile whose programs ask Sandglass, and the way back.
//!
//! Within one profile each SDK has an order of its own, and most take keys or a role before a `credential_process`. So
//! what gives credentials leaves the files of AWS, and one line takes its place; what the profile means stays, in
//! `sessions.toml` and in the keychain ([`crate::config`] puts the two together again).
//!
//! Both directions are planned, shown, and carried out as shown, or not at all.

mod block;
mod diff;
mod lines;
mod meaning;
mod plan;
mod record;
mod undo;

use std::path::PathBuf;
use std::{fs, io};

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;
use sandglass_core::secret::SecretSettings;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

pub use self::plan::connecting;
pub use self::undo::{disconnecting, holds_keys};
use crate::credential_settings::KEYS;
use crate::document::Document;
use crate::paths::Paths;
use crate::section::AwsFile;
use crate::write::{Care, Refusal, WriteError, Writer};

/// The setting by which programs ask.
const PROCESS: &str = "credential_process";

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
    files: Vec<FileChange>,
}

struct FileChange {
    path: PathBuf,
    shown: String,
    kind: Kind,
    /// None where there is no file.
    before: Option<Zeroizing<Vec<u8>>>,
    /// None where there is to be no file.
    after: Option<Zeroizing<Vec<u8>>>,
}

/// How a file is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A file of AWS: it is shown, without its secrets.
    Aws(AwsFile, Care),
    /// `sessions.toml`: it is shown.
    Definitions,
    /// Of no interest to anybody else.
    Hidden,
}

impl Plan {
    /// The changes as a unified diff, without secrets.
    pub fn diff(&self) -> String {
        self.files.iter().map(diff::of).collect()
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
        Ok(())
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
            Kind::Definitions | Kind::Hidden => Care::Plain,
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
fn bytes_of(
    paths: &Paths,
    path: &std::path::Path,
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

fn document(bytes: Option<&Zeroizing<Vec<u8>>>) -> Document {
    Document::parse(bytes.map(|bytes| bytes.to_vec()).unwrap_or_default())
}

fn path_of(paths: &Paths, file: AwsFile) -> &PathBuf {
    match file {
        AwsFile::Config => &paths.config,
        AwsFile::Credentials => &paths.credentials,
    }
}

fn refused(message: impl Into<String>, remedy: impl Into<String>) -> RenewalError {
    RenewalError::new(ErrorCode::InvalidDefinition, message, remedy)
}

fn refused_by(refusal: Refusal, shown: &str) -> RenewalError {
    RenewalError::new(
        ErrorCode::FileTrouble,
        format!("`{shown}`: {}", refusal.message),
        refusal.remedy,
    )
}

fn unknown(profile: &ProfileName) -> RenewalError {
    RenewalError::new(
        ErrorCode::UnknownProfile,
        format!("there is no profile `{profile}`"),
        "see `~/.aws/config` for the spelling of its name",
    )
}

/// `` `a`, `b` and `c` ``
fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// Whether the value of this setting must not be seen. An access key id is no secret.
fn is_secret(key: &str) -> bool {
    KEYS.contains(&key) && key != crate::connected::KEY_ID
}
