//! Lines of a file with the secrets cut out of them.

use sandglass_core::secret::{Secret, SecretSettings};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::credential_settings::is_secret;
use crate::document::{Document, Section};

/// A part of a file. Joined, they are its exact bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Piece {
    /// As it stands there.
    Text(String),
    /// The value of this setting.
    Secret(String),
}

/// The bytes of `span`, which holds `section`, with the secrets of the section cut out. None where the value of one
/// goes over several lines: no client could use it.
pub(super) fn cut(
    document: &Document,
    section: &Section,
    span: std::ops::Range<usize>,
) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut at = span.start;
    for property in &section.properties {
        let is_empty = property.value_span.is_empty() && property.continuations.is_empty();
        if is_empty || !is_secret(&property.key) {
            continue;
        }
        if !property.continuations.is_empty() {
            return None;
        }
        let value = property.value_span.clone();
        pieces.push(Piece::Text(document.text(at..value.start).to_owned()));
        pieces.push(Piece::Secret(property.key.clone()));
        at = value.end;
    }
    pieces.push(Piece::Text(document.text(at..span.end).to_owned()));
    Some(pieces)
}

/// The exact text again. None where a secret is missing.
pub(super) fn joined(pieces: &[Piece], keys: &SecretSettings) -> Option<Zeroizing<String>> {
    let parts: Option<Vec<&str>> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Secret(key) => keys.get(key).map(Secret::expose),
        })
        .collect();
    let parts = parts?;
    let mut text = Zeroizing::new(String::with_capacity(
        parts.iter().map(|part| part.len()).sum(),
    ));
    for part in parts {
        text.push_str(part);
    }
    Some(text)
}
