//! One section as it was and as it was left, and how the one becomes the other again.

use std::collections::BTreeSet;

use sandglass_core::names::ProfileName;
use sandglass_core::secret::{Secret, SecretSettings};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::lines::{self, Piece};
use crate::document::{Document, Kind};
use crate::edit::section_of;
use crate::section::AwsFile;

/// A section that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Block {
    /// In which file.
    pub(super) file: File,
    /// What was there.
    pub(super) before: Before,
    /// The same lines as they were left, from the header on.
    pub(super) after: String,
}

/// [`AwsFile`], as the record spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum File {
    Config,
    Credentials,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Before {
    /// These lines, from the header on.
    Lines(Vec<Piece>),
    /// No such section: it was added behind this text.
    NoSection { parting: String },
    /// No such file.
    NoFile,
}

impl From<AwsFile> for File {
    fn from(file: AwsFile) -> Self {
        match file {
            AwsFile::Config => Self::Config,
            AwsFile::Credentials => Self::Credentials,
        }
    }
}

impl From<File> for AwsFile {
    fn from(file: File) -> Self {
        match file {
            File::Config => Self::Config,
            File::Credentials => Self::Credentials,
        }
    }
}

/// What differs between two states of a file, where that is one section. None where it is not, or where it cannot be
/// noted without a secret.
pub(super) fn between(
    file: AwsFile,
    profile: &ProfileName,
    before: Option<&Document>,
    after: &Document,
) -> Option<Block> {
    let start_of = |document: &Document| {
        let section = section_of(document, file, profile).ok()??;
        Some(document.lines()[section.line].span.start)
    };
    let (start, bytes) = (start_of(after)?, after.bytes());
    let text = |bytes: &[u8]| str::from_utf8(bytes).map(str::to_owned).ok();
    let block = |before, end| {
        Some(Block {
            file: file.into(),
            before,
            after: text(bytes.get(start..end)?)?,
        })
    };
    let Some(old) = before else {
        return block(Before::NoFile, bytes.len()).filter(|_| start == 0);
    };
    let Some(section) = section_of(old, file, profile).ok()? else {
        let parting = bytes.get(..start)?.strip_prefix(old.bytes())?;
        let parting = text(parting)?;
        return block(Before::NoSection { parting }, bytes.len());
    };
    let lines = old.lines();
    let span = lines[section.line].span.start..lines[section.last_line()].span.end;
    let below = &old.bytes()[span.end..];
    let end = bytes.len().checked_sub(below.len())?;
    let is_all =
        bytes.get(..start) == Some(&old.bytes()[..span.start]) && bytes.get(end..) == Some(below);
    let pieces = lines::cut(old, section, span).filter(|_| is_all)?;
    block(Before::Lines(pieces), end)
}

/// What becomes of a file.
pub(super) enum Restored {
    /// It has these bytes.
    Bytes(Zeroizing<Vec<u8>>),
    /// It goes.
    NoFile,
}

impl Block {
    /// The file with the section as it was. None where somebody changed the lines since, or where keys are missing.
    pub(super) fn restored(
        &self,
        document: &Document,
        profile: &ProfileName,
        keys: &SecretSettings,
    ) -> Option<Restored> {
        let section = section_of(document, self.file.into(), profile).ok()??;
        let bytes = document.bytes();
        let start = document.lines()[section.line].span.start;
        let below = bytes[start..].strip_prefix(self.after.as_bytes())?;
        let joined = |parts: [&[u8]; 3]| Zeroizing::new(parts.concat());
        match &self.before {
            Before::Lines(pieces) => {
                let text = lines::joined(pieces, keys)?;
                let restored = joined([&bytes[..start], text.as_bytes(), below]);
                is_sound(&restored, self.file.into(), profile).then_some(Restored::Bytes(restored))
            }
            Before::NoSection { .. } | Before::NoFile if has_settings(below) => None,
            Before::NoSection { parting } => {
                let above = &bytes[..start];
                // With something below, what parted the two stays.
                let above = match above.strip_suffix(parting.as_bytes()) {
                    Some(above) if below.is_empty() => above,
                    Some(_) | None => above,
                };
                Some(Restored::Bytes(joined([above, below, b""])))
            }
            Before::NoFile if start == 0 && below.is_empty() => Some(Restored::NoFile),
            Before::NoFile => Some(Restored::Bytes(joined([&bytes[..start], below, b""]))),
        }
    }

    /// The settings that the section had, with their values, as far as the keys are there.
    pub(super) fn settings(
        &self,
        profile: &ProfileName,
        keys: &SecretSettings,
    ) -> Vec<(String, Secret)> {
        let Before::Lines(pieces) = &self.before else {
            return Vec::new();
        };
        // What is not there leaves an empty value, which is as good as none.
        let mut keys = keys.clone();
        for piece in pieces {
            if let Piece::Secret(name) = piece {
                keys.entry(name.clone())
                    .or_insert_with(|| Secret::new(String::new()));
            }
        }
        let text = lines::joined(pieces, &keys).unwrap_or_default();
        let document = Document::parse(text.as_bytes().to_vec());
        let Ok(Some(section)) = section_of(&document, self.file.into(), profile) else {
            return Vec::new();
        };
        section
            .properties
            .iter()
            .map(|property| (property.key.clone(), document.value(property)))
            .filter(|(_, value)| !value.expose().is_empty())
            .collect()
    }

    /// Whether some of its lines are in the keychain.
    pub(super) fn holds_secrets(&self) -> bool {
        match &self.before {
            Before::Lines(pieces) => pieces.iter().any(|piece| matches!(piece, Piece::Secret(_))),
            Before::NoSection { .. } | Before::NoFile => false,
        }
    }
}

/// Whether settings follow before the next header.
fn has_settings(below: &[u8]) -> bool {
    let mut whole = b"[x]\n".to_vec();
    whole.extend_from_slice(below);
    let document = Document::parse(whole);
    document
        .lines()
        .iter()
        .skip(1)
        .find(|line| !matches!(line.kind, Kind::Blank | Kind::Comment))
        .is_some_and(|line| line.kind != Kind::Header)
}

/// Whether every client can read the section: it stands once, and so does each of its keys.
fn is_sound(bytes: &[u8], file: AwsFile, profile: &ProfileName) -> bool {
    let document = Document::parse(bytes.to_vec());
    let Ok(Some(section)) = section_of(&document, file, profile) else {
        return false;
    };
    let mut keys = BTreeSet::new();
    section
        .properties
        .iter()
        .all(|property| keys.insert(&property.key))
}
