//! Reading a file as a document, and what a person should know of it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use sandglass_core::findings::Finding;

use crate::document::{Document, Encoding, Fault, Section, Separator};
use crate::section::{AwsFile, SectionName};

/// At most so many findings are told of one file; a file that is something else altogether has thousands.
const MOST: usize = 20;

/// Reads a file of AWS. One that is missing is empty; one that cannot be read is a finding.
pub(crate) fn read(path: &Path, shown: &str) -> Result<Document, Finding> {
    let failed = |message: String, remedy: String| Finding {
        place: shown.to_owned(),
        message,
        remedy,
    };
    let unreadable = |error: &io::Error| {
        let remedy = if error.kind() == io::ErrorKind::PermissionDenied {
            format!(
                "give yourself the right to read it: `chmod u+r {shown}`, and `chmod u+x` for its folder"
            )
        } else {
            format!("see to `{shown}`")
        };
        failed(format!("the file could not be read: {error}"), remedy)
    };
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Document::parse(Vec::new()));
        }
        Err(error) => return Err(unreadable(&error)),
    };
    if metadata.is_dir() {
        return Err(failed(
            "this is a folder, not a file".to_owned(),
            format!("put a file at `{shown}`"),
        ));
    }
    if !metadata.is_file() {
        // /dev/null is how people say that there is no such file; a pipe would never end.
        return Ok(Document::parse(Vec::new()));
    }
    match fs::read(path) {
        Ok(bytes) => Ok(Document::parse(bytes)),
        Err(error) => Err(unreadable(&error)),
    }
}

/// What some client of AWS does not understand in this file.
pub(crate) fn findings(document: &Document, file: AwsFile, shown: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |line: usize, message: String, remedy: &str| {
        findings.push((
            line,
            Finding {
                place: format!("{shown}:{line}"),
                message,
                remedy: remedy.to_owned(),
            },
        ));
    };
    match document.encoding() {
        Encoding::Utf8 | Encoding::PartlyUtf8 => {}
        Encoding::Utf8WithMark => add(
            1,
            "the file starts with a byte order mark: the AWS CLI refuses the whole file".to_owned(),
            "save it as UTF-8 without a byte order mark",
        ),
        Encoding::NotText => add(
            1,
            "the file is not UTF-8 text, perhaps UTF-16: no client can read it".to_owned(),
            "save it as UTF-8 without a byte order mark",
        ),
    }
    for (line, fault) in document.faults() {
        let (message, remedy) = fault_text(fault);
        add(
            line,
            format!("{message}: the AWS CLI refuses the whole file"),
            remedy,
        );
    }
    let mut headers = BTreeMap::new();
    for section in document.sections() {
        let line = section.line_number();
        match headers.insert(section.header.as_str(), line) {
            None => {}
            Some(first) => add(
                line,
                format!(
                    "`[{}]` stands at line {first} already: the AWS CLI refuses the whole file",
                    section.header
                ),
                "merge the two blocks into one",
            ),
        }
        if let Some((message, remedy)) = header_text(file, section) {
            add(line, message, remedy);
        }
        property_findings(section, &mut add);
    }
    if file == AwsFile::Config
        && let (Some(plain), Some(prefixed)) =
            (headers.get("default"), headers.get("profile default"))
    {
        add(
            *plain.max(prefixed),
            format!(
                "`[default]` and `[profile default]` both stand here, at lines {plain} and {prefixed}: the SDKs take \
                 the one with the prefix, the AWS CLI the last one"
            ),
            "keep one of the two",
        );
    }
    findings.sort();
    let mut findings: Vec<Finding> = findings.into_iter().map(|(_, finding)| finding).collect();
    if findings.len() > MOST {
        let more = findings.len() - MOST;
        findings.truncate(MOST);
        findings.push(Finding {
            place: shown.to_owned(),
            message: format!("{more} more lines are not understood"),
            remedy: "see to the first ones, then look again".to_owned(),
        });
    }
    findings
}

fn fault_text(fault: Fault) -> (&'static str, &'static str) {
    match fault {
        Fault::BeforeAnySection => (
            "a setting stands above the first `[section]`",
            "move the line below the header of the profile that it belongs to",
        ),
        Fault::UnclosedHeader => (
            "a header has no `]`, and the settings below it belong to no profile",
            "close the header with `]`",
        ),
        Fault::NoSeparator => (
            "the line is neither a header nor `key = value`",
            "complete the line, or put `#` before it",
        ),
        Fault::NoKey => (
            "there is no key before the `=`",
            "complete the line, or put `#` before it",
        ),
        Fault::NotUtf8 => ("the line is not UTF-8 text", "save the file as UTF-8"),
    }
}

/// Headers that mean different things to different clients, or nothing at all.
fn header_text(file: AwsFile, section: &Section) -> Option<(String, &'static str)> {
    let header = section.header.as_str();
    if !matches!(SectionName::of(file, header), SectionName::Other) {
        return None;
    }
    if header == "DEFAULT" {
        return Some((
            "`[DEFAULT]` is no profile: the AWS CLI takes its settings for every profile, the SDKs ignore it".to_owned(),
            "write `[default]`",
        ));
    }
    match file {
        AwsFile::Config => {
            // Sections of the AWS CLI's own that name no profile.
            let known = ["preview", "plugins"].contains(&header);
            (!known).then(|| {
                (
                    format!("`[{header}]` is no profile: in this file a profile's header needs `profile` before its name"),
                    "write `[profile NAME]`, with quotes around a name that has blanks",
                )
            })
        }
        AwsFile::Credentials => header.strip_prefix("profile ").map(|name| {
            (
                format!(
                    "`[{header}]` is not profile `{name}`: in this file a header is the name alone"
                ),
                "leave out the word `profile`",
            )
        }),
    }
}

fn property_findings(section: &Section, add: &mut impl FnMut(usize, String, &str)) {
    let mut keys = BTreeMap::new();
    for property in &section.properties {
        let line = property.line_number();
        if let Some(first) = keys.insert(property.key.as_str(), line) {
            add(
                line,
                format!(
                    "`{}` stands at line {first} of the same section already: the AWS CLI refuses the whole file",
                    property.key
                ),
                "remove one of the two lines",
            );
        }
        match property.separator {
            Separator::Equals => {}
            Separator::Colon => add(
                line,
                format!(
                    "`{}` is followed by `:`, which only the AWS CLI and boto3 read",
                    property.key
                ),
                "write `=` instead",
            ),
        }
        if property.has_inline_comment() {
            add(
                line,
                format!(
                    "a comment follows the value of `{}`: the AWS CLI and boto3 take it for a part of the value",
                    property.key
                ),
                "put the comment on a line of its own",
            );
        }
    }
}
