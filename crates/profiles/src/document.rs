//! A lossless view of one INI file: every byte stays where it is, and lines are ranges over the bytes.
//!
//! The grammar is botocore's (Python's `RawConfigParser`), the strictest and oldest reader of these files, with what
//! the Rust and JavaScript SDKs read in common: full-line comments with `#` and `;`, keys of any case, a value cut
//! where a blank and `#` or `;` follow it, continuation lines that are indented deeper than their property. Reading
//! never fails: what a client would refuse is a [`Fault`] of its line, and the other lines are used.
//!
//! A document may hold secrets: it has no `Debug` and is wiped when dropped.

use std::ops::Range;

use sandglass_core::secret::Secret;
use zeroize::Zeroizing;

/// One INI file, as bytes and as lines.
pub struct Document {
    bytes: Zeroizing<Vec<u8>>,
    encoding: Encoding,
    lines: Vec<Line>,
    sections: Vec<Section>,
}

/// How the bytes of a file are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, as every client expects it.
    Utf8,
    /// UTF-8 behind a byte order mark, which the AWS CLI stumbles over.
    Utf8WithMark,
    /// UTF-8 except for some lines.
    PartlyUtf8,
    /// UTF-16 or no text at all.
    NotText,
}

/// A block that starts with a `[header]`. A name may stand over several blocks.
pub struct Section {
    /// What stands between the brackets, without blanks around it.
    pub header: String,
    /// Index of the header's line.
    pub(crate) line: usize,
    /// In the order of the file.
    pub properties: Vec<Property>,
}

/// A `key = value`, with its continuation lines.
pub struct Property {
    /// In lower case, as botocore and the Rust SDK compare it.
    pub key: String,
    /// Index of its line.
    pub(crate) line: usize,
    /// The bytes of the key.
    pub(crate) key_span: Range<usize>,
    /// The bytes of the value on the property's own line, without an inline comment and without blanks around it.
    pub(crate) value_span: Range<usize>,
    /// The bytes of an inline comment, from its `#` or `;` on.
    pub(crate) comment_span: Option<Range<usize>>,
    /// The lines that continue the value.
    pub(crate) continuations: Vec<usize>,
    /// What stands between key and value.
    pub separator: Separator,
}

/// What stands between key and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// `=`, which every client reads.
    Equals,
    /// `:`, which only botocore reads.
    Colon,
}

pub(crate) struct Line {
    /// With the line ending.
    pub(crate) span: Range<usize>,
    /// Without it.
    pub(crate) text: Range<usize>,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Blank,
    Comment,
    Header,
    Property,
    Continuation,
    /// Below a header that could not be read: it belongs to nobody, least of all to the section above.
    Orphan,
    Broken(Fault),
}

/// Why a line is no line of an INI file. botocore refuses the whole file for any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A property above the first header.
    BeforeAnySection,
    /// `[` without `]`.
    UnclosedHeader,
    /// Neither a header nor a property.
    NoSeparator,
    /// A separator with nothing before it.
    NoKey,
    /// Bytes that are not UTF-8.
    NotUtf8,
}

impl Document {
    /// Reads any bytes whatever.
    pub fn parse(bytes: Vec<u8>) -> Self {
        let bytes = Zeroizing::new(bytes);
        let encoding = encoding(&bytes);
        let mut reader = Reader::new(&bytes);
        match encoding {
            Encoding::NotText => {}
            Encoding::Utf8 | Encoding::PartlyUtf8 => reader.read(0),
            Encoding::Utf8WithMark => reader.read(MARK.len()),
        }
        let Reader {
            lines, sections, ..
        } = reader;
        Self {
            bytes,
            encoding,
            lines,
            sections,
        }
    }

    /// The bytes of the file, exactly as they were read.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How the bytes are to be read.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// All blocks, in the order of the file.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The lines that no client, or not every client, understands: line numbers from 1.
    pub fn faults(&self) -> impl Iterator<Item = (usize, Fault)> {
        self.lines
            .iter()
            .zip(1..)
            .filter_map(|(line, number)| match line.kind {
                Kind::Broken(fault) => Some((number, fault)),
                Kind::Blank
                | Kind::Comment
                | Kind::Header
                | Kind::Property
                | Kind::Continuation
                | Kind::Orphan => None,
            })
    }

    /// The comments that stand in a section: those between its header and its last setting, and those right below, where
    /// the next header does not follow them at once and may be what they are about.
    pub fn comments_in(&self, section: &Section) -> impl Iterator<Item = &str> {
        let last = section.last_line();
        let below = &self.lines[last + 1..];
        let run = below
            .iter()
            .take_while(|line| line.kind == Kind::Comment)
            .count();
        let belongs_below = below.get(run).is_some_and(|line| line.kind == Kind::Header);
        let end = if belongs_below { last } else { last + run };
        self.lines[section.line + 1..=end]
            .iter()
            .filter(|line| line.kind == Kind::Comment)
            .map(|line| self.text(line.text.clone()))
    }

    /// The whole value: its first line and its continuation lines, each without blanks around it, joined by `\n`.
    pub fn value(&self, property: &Property) -> Secret {
        let mut value = self.text(property.value_span.clone()).to_owned();
        for &line in &property.continuations {
            value.push('\n');
            value.push_str(self.text(self.lines[line].text.clone()).trim());
        }
        Secret::new(value)
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }

    pub(crate) fn text(&self, span: Range<usize>) -> &str {
        str::from_utf8(&self.bytes[span]).unwrap_or_default()
    }

    /// The line ending that most of the file uses, by its first line; `\n` for a file of one line or none.
    pub(crate) fn newline(&self) -> &'static str {
        let ending = self
            .lines
            .first()
            .map(|line| self.text(line.text.end..line.span.end));
        match ending {
            Some("\r\n") => "\r\n",
            _ => "\n",
        }
    }
}

impl Section {
    /// The line of the header, from 1.
    pub fn line_number(&self) -> usize {
        self.line + 1
    }

    /// The last line that belongs to a property of this section, or the header.
    pub(crate) fn last_line(&self) -> usize {
        self.properties.last().map_or(self.line, |property| {
            property
                .continuations
                .last()
                .copied()
                .unwrap_or(property.line)
        })
    }
}

impl Property {
    /// Its line, from 1.
    pub fn line_number(&self) -> usize {
        self.line + 1
    }

    /// Whether a comment stands behind the value, which botocore takes for a part of it.
    pub fn has_inline_comment(&self) -> bool {
        self.comment_span.is_some()
    }
}

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

fn encoding(bytes: &[u8]) -> Encoding {
    let utf16 = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    if utf16 || bytes.contains(&0) {
        Encoding::NotText
    } else if str::from_utf8(bytes).is_err() {
        Encoding::PartlyUtf8
    } else if bytes.starts_with(MARK) {
        Encoding::Utf8WithMark
    } else {
        Encoding::Utf8
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    lines: Vec<Line>,
    sections: Vec<Section>,
    /// How deep the last header or property is indented: what is deeper below a property continues it.
    indent: usize,
    place: Place,
}

/// Where the next line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    AboveAnySection,
    BelowBrokenHeader,
    InSection,
    BelowProperty,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            lines: Vec::new(),
            sections: Vec::new(),
            indent: 0,
            place: Place::AboveAnySection,
        }
    }

    fn read(&mut self, from: usize) {
        let mut at = from;
        while at < self.bytes.len() {
            let (text, end) = split_line(self.bytes, at);
            let kind = self.line(text.clone());
            self.lines.push(Line {
                span: at..end,
                text,
                kind,
            });
            at = end;
        }
    }

    fn line(&mut self, span: Range<usize>) -> Kind {
        let Ok(text) = str::from_utf8(&self.bytes[span.clone()]) else {
            return Kind::Broken(Fault::NotUtf8);
        };
        let trimmed = text.trim();
        let indent = text.len() - text.trim_start().len();
        if trimmed.is_empty() {
            return Kind::Blank;
        }
        if trimmed.starts_with(['#', ';']) {
            return Kind::Comment;
        }
        if self.place == Place::BelowProperty && indent > self.indent {
            let number = self.lines.len();
            if let Some(property) = self
                .sections
                .last_mut()
                .and_then(|section| section.properties.last_mut())
            {
                property.continuations.push(number);
            }
            return Kind::Continuation;
        }
        self.indent = indent;
        if trimmed.starts_with('[') {
            return self.header(trimmed);
        }
        match (self.place, self.sections.last_mut()) {
            (Place::BelowBrokenHeader, _) => return Kind::Orphan,
            (Place::AboveAnySection, _) | (_, None) => {
                return Kind::Broken(Fault::BeforeAnySection);
            }
            (Place::InSection | Place::BelowProperty, Some(section)) => {
                match property(text, span.start, self.lines.len()) {
                    Ok(property) => section.properties.push(property),
                    Err(fault) => return Kind::Broken(fault),
                }
            }
        }
        self.place = Place::BelowProperty;
        Kind::Property
    }

    fn header(&mut self, trimmed: &str) -> Kind {
        let Some(header) = header_name(trimmed) else {
            self.place = Place::BelowBrokenHeader;
            return Kind::Broken(Fault::UnclosedHeader);
        };
        self.place = Place::InSection;
        self.sections.push(Section {
            header: header.trim().to_owned(),
            line: self.lines.len(),
            properties: Vec::new(),
        });
        Kind::Header
    }
}

/// A property on line `line`, whose text starts at byte `start` of the file.
fn property(text: &str, start: usize, line: usize) -> Result<Property, Fault> {
    let at = text.find(['=', ':']).ok_or(Fault::NoSeparator)?;
    let key = text[..at].trim();
    if key.is_empty() {
        return Err(Fault::NoKey);
    }
    let rest = &text[at + 1..];
    let comment = inline_comment(rest).map(|comment| rest[comment..].trim_end());
    let value = rest[..inline_comment(rest).unwrap_or(rest.len())].trim();
    let span_of = |part: &str| {
        let from = start + part.as_ptr().addr() - text.as_ptr().addr();
        from..from + part.len()
    };
    let value_span = if value.is_empty() {
        // An empty value stands behind the separator and one blank, where there is one.
        let from = start + at + 1 + usize::from(rest.starts_with([' ', '\t']));
        from..from
    } else {
        span_of(value)
    };
    Ok(Property {
        key: key.to_lowercase(),
        line,
        key_span: span_of(key),
        value_span,
        comment_span: comment.map(span_of),
        continuations: Vec::new(),
        separator: match text.as_bytes()[at] {
            b'=' => Separator::Equals,
            _ => Separator::Colon,
        },
    })
}

/// The text of the line that starts at `start`, and where the next one starts. `\n`, `\r\n` and `\r` end a line, as
/// Python reads text files.
fn split_line(bytes: &[u8], start: usize) -> (Range<usize>, usize) {
    let Some(length) = bytes[start..]
        .iter()
        .position(|byte| matches!(byte, b'\n' | b'\r'))
    else {
        return (start..bytes.len(), bytes.len());
    };
    let end = start + length;
    let ending = if bytes[end..].starts_with(b"\r\n") {
        2
    } else {
        1
    };
    (start..end, end + ending)
}

/// The name up to the first `]` where only a comment follows, otherwise up to the last, as botocore reads it.
fn header_name(trimmed: &str) -> Option<&str> {
    let inside = trimmed.strip_prefix('[')?;
    let (name, rest) = inside.split_once(']')?;
    let rest = rest.trim_start();
    if rest.is_empty() || rest.starts_with(['#', ';']) {
        return Some(name);
    }
    inside.rsplit_once(']').map(|(name, _)| name)
}

/// Where a comment starts: at the first `#` or `;` that follows a blank.
fn inline_comment(rest: &str) -> Option<usize> {
    let mut after_blank = false;
    for (at, character) in rest.char_indices() {
        if after_blank && matches!(character, '#' | ';') {
            return Some(at);
        }
        after_blank = character.is_whitespace();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_lie_side_by_side_over_all_bytes(text in "(.|[\r\n\\[\\]=#: \t])*") {
            let document = Document::parse(text.clone().into_bytes());
            let mut at = if document.encoding() == Encoding::Utf8WithMark { MARK.len() } else { 0 };
            for line in document.lines() {
                prop_assert_eq!(line.span.start, at);
                prop_assert!(line.text.end <= line.span.end);
                at = line.span.end;
            }
            let read = document.encoding() != Encoding::NotText;
            prop_assert!(!read || at == text.len());
        }
    }

    #[test]
    fn what_stands_below_a_broken_header_is_not_the_section_above() {
        let document = Document::parse(b"[a]\nk = 1\n[b\nk = 2\n  more\n[c]\nk = 3\n".to_vec());
        let sections = document.sections();
        let headers: Vec<&str> = sections
            .iter()
            .map(|section| section.header.as_str())
            .collect();
        assert_eq!(headers, ["a", "c"]);
        assert_eq!(sections[0].properties.len(), 1);
        assert_eq!(document.value(&sections[0].properties[0]).expose(), "1");
        assert_eq!(
            document.faults().collect::<Vec<_>>(),
            [(3, Fault::UnclosedHeader)]
        );
    }
}
