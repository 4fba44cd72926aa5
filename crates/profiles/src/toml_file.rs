//! What Sandglass's own TOML files have in common: they are edited without loss, and never written over when damaged.

use std::fs;
use std::io;
use std::path::Path;

use sandglass_core::findings::Finding;
use toml_edit::{Document, DocumentMut, Item, TomlError};
use zeroize::Zeroizing;

use crate::write::Refusal;

/// What the file says, with the places where it says so; an empty document where there is no file.
pub(crate) fn read(path: &Path, shown: &str) -> Result<Document<String>, Finding> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            return Err(Finding {
                place: shown.to_owned(),
                message: format!("the file could not be read: {error}"),
                remedy: format!("see to `{shown}`"),
            });
        }
    };
    Document::parse(text.clone()).map_err(|error| Finding {
        place: place(&text, &error, shown),
        message: error.message().to_owned(),
        remedy: DAMAGED.to_owned(),
    })
}

const DAMAGED: &str =
    "mend the line by hand, or move the file away; Sandglass does not write to it until then";

/// Edits the bytes of the file, or an empty document where there is none.
pub(crate) fn edit(
    before: Option<&[u8]>,
    change: impl FnOnce(&mut DocumentMut),
) -> Result<Option<Zeroizing<Vec<u8>>>, Refusal> {
    let damaged = |message: String| Refusal {
        message,
        remedy: DAMAGED.to_owned(),
    };
    let text =
        str::from_utf8(before.unwrap_or_default()).map_err(|error| damaged(error.to_string()))?;
    let mut document: DocumentMut = text.parse().map_err(|error: TomlError| {
        damaged(format!(
            "{}, at {}",
            error.message(),
            place(text, &error, "line")
        ))
    })?;
    change(&mut document);
    Ok(Some(Zeroizing::new(document.to_string().into_bytes())))
}

fn place(text: &str, error: &TomlError, shown: &str) -> String {
    match error.span() {
        Some(span) => format!("{shown}:{}", line_at(text, span.start)),
        None => shown.to_owned(),
    }
}

/// `settings.toml:12`: where an item of the document stands.
pub(crate) fn place_of(document: &Document<String>, item: &Item, shown: &str) -> String {
    let line = item
        .span()
        .map_or(1, |span| line_at(document.raw(), span.start));
    format!("{shown}:{line}")
}

/// The line, from 1, of an offset.
fn line_at(text: &str, offset: usize) -> usize {
    1 + text
        .get(..offset)
        .map_or(0, |above| above.matches('\n').count())
}
