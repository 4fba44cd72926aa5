//! What the JSON caches of AWS have in common: how they are read, and how their names are made.

use std::fs;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use sandglass_core::secret::Secret;
use serde_json::{Map, Value};
use sha1::{Digest as _, Sha1};
use zeroize::Zeroizing;

use crate::moment;

/// What a cache file held.
pub enum Reading<T> {
    /// There is no such file.
    Absent,
    /// Half of a write: the AWS CLI truncates and writes in place. Read it again in a moment.
    Torn,
    /// Something else than what the name promises.
    Foreign,
    /// The system does not let us read it.
    Unreadable(io::Error),
    /// What was asked for.
    Present(Stored<T>),
}

/// The content of a file, and when it was written.
pub struct Stored<T> {
    /// What it holds.
    pub content: T,
    /// When the file was last written, which for a cache is when its content was issued.
    pub written_at: Timestamp,
}

impl<T> Reading<T> {
    /// The content, where it is what was asked for.
    pub fn present(self) -> Option<Stored<T>> {
        match self {
            Self::Present(stored) => Some(stored),
            Self::Absent | Self::Torn | Self::Foreign | Self::Unreadable(_) => None,
        }
    }

    /// Whether there is no such file.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Reading<U> {
        self.and_then(|content| Some(change(content)))
    }

    fn and_then<U>(self, understand: impl FnOnce(T) -> Option<U>) -> Reading<U> {
        match self {
            Self::Absent => Reading::Absent,
            Self::Torn => Reading::Torn,
            Self::Foreign => Reading::Foreign,
            Self::Unreadable(error) => Reading::Unreadable(error),
            Self::Present(stored) => match understand(stored.content) {
                Some(content) => Reading::Present(Stored {
                    content,
                    written_at: stored.written_at,
                }),
                None => Reading::Foreign,
            },
        }
    }
}

/// The fields of a JSON object; keys are found in any case, as the Rust SDK finds them.
#[derive(Default)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// None where the bytes are no JSON or no object.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok().map(Self)
    }

    /// Takes a field out.
    pub(crate) fn take(&mut self, key: &str) -> Option<Value> {
        let exact = self.0.remove(key);
        let other = self
            .0
            .keys()
            .find(|name| name.eq_ignore_ascii_case(key))
            .cloned();
        match (exact, other) {
            (Some(value), None) => Some(value),
            (exact, Some(other)) => {
                let value = self.0.remove(&other);
                exact.or(value)
            }
            (None, None) => None,
        }
    }

    /// Takes a text field out; an empty one counts as missing.
    pub(crate) fn take_text(&mut self, key: &str) -> Option<String> {
        let Value::String(text) = self.take(key)? else {
            return None;
        };
        (!text.is_empty()).then_some(text)
    }

    pub(crate) fn take_secret(&mut self, key: &str) -> Option<Secret> {
        self.take_text(key).map(Secret::new)
    }

    pub(crate) fn take_moment(&mut self, key: &str) -> Option<Timestamp> {
        moment::parse(&self.take_text(key)?)
    }

    pub(crate) fn take_object(&mut self, key: &str) -> Option<Self> {
        let Value::Object(object) = self.take(key)? else {
            return None;
        };
        Some(Self(object))
    }

    /// What nobody took.
    pub(crate) fn into_rest(self) -> Map<String, Value> {
        self.0
    }
}

/// No cache file of AWS comes near this size: what is larger is something else, and is not read.
const LARGEST: u64 = 256 * 1024;

/// Reads a cache file and what `understand` makes of its fields.
pub(crate) fn read<T>(path: &Path, understand: impl FnOnce(Fields) -> Option<T>) -> Reading<T> {
    read_fields(path).and_then(understand)
}

fn read_fields(path: &Path) -> Reading<Fields> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Reading::Absent,
        Err(error) => return Reading::Unreadable(error),
    };
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Reading::Foreign;
    }
    let bytes = match fs::read(path) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Reading::Absent,
        Err(error) => return Reading::Unreadable(error),
    };
    match serde_json::from_slice::<Value>(&bytes) {
        Err(_) => Reading::Torn,
        Ok(Value::Object(object)) => Reading::Present(Stored {
            content: Fields(object),
            written_at: written_at(&metadata),
        }),
        Ok(_) => Reading::Foreign,
    }
}

/// When a file was last written. A time before 1970, or a system without such times, is as good as 1970.
pub(crate) fn written_at(metadata: &fs::Metadata) -> Timestamp {
    metadata
        .modified()
        .ok()
        .and_then(|at| Timestamp::try_from(at).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The bytes of a cache file.
pub(crate) fn to_bytes(content: &impl serde::Serialize) -> Zeroizing<Vec<u8>> {
    /// Larger than any token with all that goes with it, so that no half-filled buffer is left behind by growing.
    const ROOM: usize = 16 * 1024;
    let mut bytes = Zeroizing::new(Vec::with_capacity(ROOM));
    serde_json::to_writer(&mut *bytes, content)
        .unwrap_or_else(|error| unreachable!("text fields always serialize: {error}"));
    bytes
}

/// The name of a cache file: the SHA-1 of what it is for.
pub(crate) fn sha1_name(text: &str) -> String {
    format!("{}.json", hex::encode(Sha1::digest(text.as_bytes())))
}

/// How Python's `json.dumps` separates what it writes.
#[derive(Clone, Copy)]
pub(crate) enum Spacing {
    /// `", "` and `": "`, its default.
    Wide,
    /// `","` and `":"`.
    Compact,
}

/// An object as Python's `json.dumps` writes it, with its keys in the order given, which must be sorted.
pub(crate) fn python_object(fields: &[(&str, String)], spacing: Spacing) -> String {
    let (comma, colon) = match spacing {
        Spacing::Wide => (", ", ": "),
        Spacing::Compact => (",", ":"),
    };
    let fields: Vec<String> = fields
        .iter()
        .map(|(key, value)| format!("{}{colon}{value}", python_text(key)))
        .collect();
    format!("{{{}}}", fields.join(comma))
}

/// A list of texts with Python's default separators.
pub(crate) fn python_list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| python_text(item)).collect();
    format!("[{}]", items.join(", "))
}

/// A text as Python writes it: everything beyond ASCII as `\u` escapes.
pub(crate) fn python_text(text: &str) -> String {
    let mut written = String::from('"');
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(b'"') => written.push_str("\\\""),
            Ok(b'\\') => written.push_str("\\\\"),
            Ok(b'\n') => written.push_str("\\n"),
            Ok(b'\r') => written.push_str("\\r"),
            Ok(b'\t') => written.push_str("\\t"),
            Ok(0x08) => written.push_str("\\b"),
            Ok(0x0C) => written.push_str("\\f"),
            Ok(plain @ 0x20..=0x7F) => written.push(char::from(plain)),
            Ok(_) | Err(_) => written.extend(format!("\\u{unit:04x}").chars()),
        }
    }
    written.push('"');
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_as_python_does() {
        assert_eq!(python_text("a\"\\\n\u{1}"), r#""a\"\\\n\u0001""#);
        assert_eq!(python_text("é😀\u{7f}"), "\"\\u00e9\\ud83d\\ude00\u{7f}\"");
    }

    #[test]
    fn keys_are_found_in_any_case_and_the_exact_one_wins() {
        let mut fields =
            Fields::parse(br#"{"AccessToken": "other", "accessToken": "exact", "Region": "r"}"#)
                .unwrap();
        assert_eq!(fields.take_text("accessToken").as_deref(), Some("exact"));
        assert_eq!(fields.take_text("region").as_deref(), Some("r"));
        assert!(fields.into_rest().is_empty());
    }
}
