//! What changes, as people read it: a unified diff without secrets.

use std::collections::BTreeSet;

use similar::TextDiff;

use super::{FileChange, Kind, ModeChange};
use crate::credential_settings::{KEYS, is_secret};
use crate::document::Document;

/// Lines around a change.
const CONTEXT: usize = 2;
/// Stands for a secret.
const MASK: &str = "********";

/// The diff of one file; empty where it is of no interest or does not change.
pub(super) fn of(change: &FileChange) -> String {
    let text = |bytes: Option<&zeroize::Zeroizing<Vec<u8>>>| {
        let bytes = bytes.map(|bytes| bytes.as_slice()).unwrap_or_default();
        match change.kind {
            Kind::Aws(..) => masked(bytes),
            Kind::Definitions => String::from_utf8_lossy(bytes).into_owned(),
            Kind::Cache | Kind::Hidden => String::new(),
        }
    };
    if change.kind == Kind::Cache {
        return of_cache(change);
    }
    let (before, after) = (text(change.before.as_ref()), text(change.after.as_ref()));
    TextDiff::from_lines(&before, &after)
        .unified_diff()
        .context_radius(CONTEXT)
        .header(&change.shown, &change.shown)
        .to_string()
}

/// That a cache file goes, or comes.
fn of_cache(change: &FileChange) -> String {
    let shown = &change.shown;
    match (&change.before, &change.after) {
        (Some(before), None) => format!("- {shown} ({} bytes)\n", before.len()),
        (None, Some(after)) => format!("+ {shown} ({} bytes)\n", after.len()),
        (None, None) | (Some(_), Some(_)) => String::new(),
    }
}

/// The rights of a file, as `chmod` takes them.
pub(super) fn of_mode(change: &ModeChange) -> String {
    let (shown, before, after) = (&change.shown, change.before, change.after);
    format!("- {shown} (mode {before:04o})\n+ {shown} (mode {after:04o})\n")
}

/// The text of a file of AWS without its secrets, those in comments too.
fn masked(bytes: &[u8]) -> String {
    let document = Document::parse(bytes.to_vec());
    let secret: BTreeSet<usize> = document
        .sections()
        .iter()
        .flat_map(|section| &section.properties)
        .filter(|property| is_secret(&property.key))
        .flat_map(|property| &property.continuations)
        .copied()
        .collect();
    let mut text = String::new();
    for (index, line) in document.lines().iter().enumerate() {
        let content = document.text(line.text.clone());
        if secret.contains(&index) {
            text.push_str(MASK);
        } else {
            text.push_str(without_secret(content).as_deref().unwrap_or(content));
        }
        text.push_str(document.text(line.text.end..line.span.end));
    }
    text
}

/// The line with its secret masked; none where it names none.
fn without_secret(line: &str) -> Option<String> {
    let lower = line.to_ascii_lowercase();
    let names = KEYS.into_iter().filter(|key| is_secret(key));
    let value = names
        .filter_map(|name| {
            let after = lower.find(name)? + name.len();
            Some(after + line[after..].find(['=', ':'])? + 1)
        })
        .min()?;
    let blank = if line[value..].starts_with(' ') {
        " "
    } else {
        ""
    };
    (!line[value..].trim().is_empty()).then(|| format!("{}{blank}{MASK}", &line[..value]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_shows_a_secret() {
        let text = "[a]\nAWS_Secret_Access_Key = first\n# aws_session_token=second ; third\naws_security_token:fourth\n \
                    fifth\naws_access_key_id = AKIA\nregion = x\n";
        assert_eq!(
            masked(text.as_bytes()),
            format!(
                "[a]\nAWS_Secret_Access_Key = {MASK}\n# aws_session_token={MASK}\naws_security_token:{MASK}\n{MASK}\n\
                 aws_access_key_id = AKIA\nregion = x\n"
            )
        );
    }
}
