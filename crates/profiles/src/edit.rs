//! Edits of one profile that change nothing but the values that were meant.
//!
//! The result is read back before it is handed out, so that no value and no name can change the meaning of another
//! line: a line break inside a value, for one, is refused because it does not come back.

use std::collections::BTreeSet;
use std::ops::Range;

use sandglass_core::names::ProfileName;
use sandglass_core::secret::Secret;
use zeroize::Zeroizing;

use crate::document::{Document, Encoding, Property, Section, Separator};
use crate::section::{AwsFile, SectionName, header_for};

/// What is to become of one key. Keys are given in lower case.
#[derive(Clone, Copy)]
pub enum Change<'a> {
    /// The key gets this value; it is added where it is missing.
    Set(&'a str, &'a str),
    /// The key gets this value where it is there already.
    Update(&'a str, &'a str),
    /// The key goes, with its whole line.
    Remove(&'a str),
}

impl Change<'_> {
    fn key(&self) -> &str {
        match self {
            Self::Set(key, _) | Self::Update(key, _) | Self::Remove(key) => key,
        }
    }
}

/// Why a file was not edited.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Other bytes than UTF-8.
    #[error("the file is not UTF-8 text, so that the AWS CLI cannot read it either")]
    NotText,
    /// Two blocks for one profile: which one counts differs from client to client.
    #[error("profile `{profile}` stands twice, at lines {first} and {second}")]
    TwoSections {
        /// The profile.
        profile: ProfileName,
        /// Line of the first header.
        first: usize,
        /// Line of the second header.
        second: usize,
    },
    /// A key twice in one block: likewise.
    #[error("`{key}` of profile `{profile}` stands twice, at lines {first} and {second}")]
    TwoKeys {
        /// The profile.
        profile: ProfileName,
        /// The key.
        key: String,
        /// Line of the first.
        first: usize,
        /// Line of the second.
        second: usize,
    },
    /// A name or a value that the file format cannot hold.
    #[error(
        "the name of profile `{profile}` or one of its new values does not fit into this file format"
    )]
    DoesNotFit {
        /// The profile.
        profile: ProfileName,
    },
}

impl EditError {
    /// What the person can do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NotText => "save the file as UTF-8 without a byte order mark",
            Self::TwoSections { .. } => {
                "merge the two blocks into one; the AWS CLI refuses the whole file until then"
            }
            Self::TwoKeys { .. } => {
                "remove one of the two lines; the AWS CLI refuses the whole file until then"
            }
            Self::DoesNotFit { .. } => {
                "use another profile name, without brackets, line breaks or blanks at its ends"
            }
        }
    }
}

/// The bytes of the file after the changes.
pub fn edit(
    document: &Document,
    file: AwsFile,
    profile: &ProfileName,
    changes: &[Change<'_>],
) -> Result<Zeroizing<Vec<u8>>, EditError> {
    is_text(document)?;
    let edited = match section_of(document, file, profile)? {
        Some(section) => edit_section(document, section, profile, changes)?,
        None => append_section(document, file, profile, changes),
    };
    if reads_back(&edited, file, profile, changes) {
        Ok(edited)
    } else {
        Err(EditError::DoesNotFit {
            profile: profile.clone(),
        })
    }
}

pub(crate) fn is_text(document: &Document) -> Result<(), EditError> {
    match document.encoding() {
        Encoding::Utf8 | Encoding::Utf8WithMark => Ok(()),
        Encoding::PartlyUtf8 | Encoding::NotText => Err(EditError::NotText),
    }
}

/// The one block of this profile, where it has one.
pub(crate) fn section_of<'a>(
    document: &'a Document,
    file: AwsFile,
    profile: &ProfileName,
) -> Result<Option<&'a Section>, EditError> {
    let mut blocks = document.sections().iter().filter(|section| {
        matches!(SectionName::of(file, &section.header), SectionName::Profile(name) if name == *profile)
    });
    match (blocks.next(), blocks.next()) {
        (Some(first), Some(second)) => Err(EditError::TwoSections {
            profile: profile.clone(),
            first: first.line_number(),
            second: second.line_number(),
        }),
        (only, _) => Ok(only),
    }
}

/// The one property with this key, where there is one.
fn property_of<'a>(
    section: &'a Section,
    profile: &ProfileName,
    key: &str,
) -> Result<Option<&'a Property>, EditError> {
    let mut properties = section
        .properties
        .iter()
        .filter(|property| property.key == key);
    match (properties.next(), properties.next()) {
        (Some(first), Some(second)) => Err(EditError::TwoKeys {
            profile: profile.clone(),
            key: key.to_owned(),
            first: first.line_number(),
            second: second.line_number(),
        }),
        (only, _) => Ok(only),
    }
}

/// Bytes that take the place of others.
struct Patch {
    span: Range<usize>,
    with: Zeroizing<String>,
}

impl Patch {
    fn new(span: Range<usize>, with: impl Into<String>) -> Self {
        Self {
            span,
            with: Zeroizing::new(with.into()),
        }
    }
}

fn edit_section(
    document: &Document,
    section: &Section,
    profile: &ProfileName,
    changes: &[Change<'_>],
) -> Result<Zeroizing<Vec<u8>>, EditError> {
    let mut patches = Vec::new();
    let mut gone = BTreeSet::new();
    let mut added = Zeroizing::new(String::new());
    let style = Style::of(document, section);
    for change in changes {
        let property = property_of(section, profile, change.key())?;
        match (change, property) {
            (Change::Set(_, value) | Change::Update(_, value), Some(property)) => {
                if document.value(property).expose() != *value {
                    replace_value(document, property, value, &mut patches);
                    gone.extend(&property.continuations);
                }
            }
            (Change::Remove(_), Some(property)) => {
                gone.insert(property.line);
                gone.extend(&property.continuations);
            }
            (Change::Set(key, value), None) => style.write(&mut added, key, value),
            (Change::Update(..) | Change::Remove(_), None) => {}
        }
    }
    let lines = document.lines();
    patches.extend(
        gone.iter()
            .map(|&line| Patch::new(lines[line].span.clone(), "")),
    );
    if !added.is_empty() {
        let anchor = (section.line..=section.last_line())
            .rev()
            .find(|line| !gone.contains(line))
            .unwrap_or(section.line);
        let anchor = &lines[anchor];
        if anchor.text.end == anchor.span.end {
            added.insert_str(0, document.newline());
        }
        patches.push(Patch {
            span: anchor.span.end..anchor.span.end,
            with: added,
        });
    }
    Ok(apply(document.bytes(), patches))
}

/// An inline comment, which botocore would read as a part of the value, moves to a line of its own above.
fn replace_value(document: &Document, property: &Property, value: &str, patches: &mut Vec<Patch>) {
    if let Some(comment) = &property.comment_span {
        let line = &document.lines()[property.line];
        let indent = document.text(line.text.start..property.key_span.start);
        let comment_line = format!(
            "{indent}{}{}",
            document.text(comment.clone()),
            document.newline()
        );
        patches.push(Patch::new(line.span.start..line.span.start, comment_line));
        patches.push(Patch::new(property.value_span.end..comment.end, ""));
    }
    patches.push(Patch::new(property.value_span.clone(), value));
}

/// The bytes of the file with a section of this profile at its end that holds nothing.
pub(crate) fn with_empty_section(
    document: &Document,
    file: AwsFile,
    profile: &ProfileName,
) -> Result<Zeroizing<Vec<u8>>, EditError> {
    is_text(document)?;
    let end = document.bytes().len();
    let header = new_header(document, file, profile);
    Ok(apply(document.bytes(), vec![Patch::new(end..end, header)]))
}

/// The header of a section that comes after all others, with its own line and what parts it from them.
fn new_header(document: &Document, file: AwsFile, profile: &ProfileName) -> String {
    let newline = document.newline();
    let mut before = String::new();
    if let Some(last) = document.lines().last() {
        if last.text.end == last.span.end {
            before.push_str(newline);
        }
        if !document.text(last.text.clone()).trim().is_empty() {
            before.push_str(newline);
        }
    }
    format!("{before}[{}]{newline}", header_for(file, profile))
}

fn append_section(
    document: &Document,
    file: AwsFile,
    profile: &ProfileName,
    changes: &[Change<'_>],
) -> Zeroizing<Vec<u8>> {
    let newline = document.newline();
    let style = Style {
        indent: "",
        separator: " = ",
        newline,
    };
    let mut properties = Zeroizing::new(String::new());
    for change in changes {
        match change {
            Change::Set(key, value) => style.write(&mut properties, key, value),
            Change::Update(..) | Change::Remove(_) => {}
        }
    }
    let end = document.bytes().len();
    let mut patches = Vec::new();
    if !properties.is_empty() {
        let header = new_header(document, file, profile);
        patches.push(Patch::new(end..end, header));
        patches.push(Patch {
            span: end..end,
            with: properties,
        });
    }
    apply(document.bytes(), patches)
}

/// How the lines of a section are written.
struct Style<'a> {
    indent: &'a str,
    separator: &'a str,
    newline: &'static str,
}

impl<'a> Style<'a> {
    /// As deep as the last property, so that no client takes a new line for its continuation; the separator as the
    /// last property with a value has it.
    fn of(document: &'a Document, section: &Section) -> Self {
        let indent = section.properties.last().map_or("", |property| {
            let line = &document.lines()[property.line];
            document.text(line.text.start..property.key_span.start)
        });
        let separator = section
            .properties
            .iter()
            .rev()
            .find(|property| {
                property.separator == Separator::Equals && !property.value_span.is_empty()
            })
            .map_or(" = ", |property| {
                document.text(property.key_span.end..property.value_span.start)
            });
        Self {
            indent,
            separator,
            newline: document.newline(),
        }
    }

    fn write(&self, text: &mut String, key: &str, value: &str) {
        for part in [self.indent, key, self.separator, value, self.newline] {
            text.push_str(part);
        }
    }
}

fn apply(bytes: &[u8], mut patches: Vec<Patch>) -> Zeroizing<Vec<u8>> {
    patches.sort_by_key(|patch| (patch.span.start, patch.span.end));
    let grown: usize = patches.iter().map(|patch| patch.with.len()).sum();
    let mut edited = Zeroizing::new(Vec::with_capacity(bytes.len() + grown));
    let mut at = 0;
    for patch in patches {
        edited.extend_from_slice(&bytes[at..patch.span.start]);
        edited.extend_from_slice(patch.with.as_bytes());
        at = patch.span.end;
    }
    edited.extend_from_slice(&bytes[at..]);
    edited
}

/// Whether every change is what the edited file says.
fn reads_back(edited: &[u8], file: AwsFile, profile: &ProfileName, changes: &[Change<'_>]) -> bool {
    let document = Document::parse(edited.to_vec());
    let Ok(section) = section_of(&document, file, profile) else {
        return false;
    };
    changes.iter().all(|change| {
        let property = match section.map(|section| property_of(section, profile, change.key())) {
            None => None,
            Some(Ok(property)) => property,
            Some(Err(_)) => return false,
        };
        let value = property.map(|property| document.value(property));
        let value = value.as_ref().map(Secret::expose);
        match change {
            Change::Set(_, wanted) => value == Some(wanted),
            Change::Update(_, wanted) => value.is_none_or(|value| value == *wanted),
            Change::Remove(_) => value.is_none(),
        }
    })
}
