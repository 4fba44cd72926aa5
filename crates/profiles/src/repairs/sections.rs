//! Sections and settings that stand twice: Python's parser, and so the AWS CLI and boto3, refuses the whole file for one.
//!
//! They are joined as the SDKs that read on join them: of two settings with one key the later one counts (sources of the
//! AWS SDKs for Rust and JavaScript).

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::{Repair, plan, rewritten};
use crate::changes::{bytes_of, document, path_of};
use crate::document::{Document, Encoding, Section};
use crate::paths::Paths;
use crate::section::AwsFile;

pub(super) fn duplicates(paths: &Paths) -> Vec<Repair> {
    [AwsFile::Config, AwsFile::Credentials]
        .into_iter()
        .filter_map(|file| of_file(paths, file))
        .collect()
}

fn of_file(paths: &Paths, file: AwsFile) -> Option<Repair> {
    let path = path_of(paths, file);
    let before = bytes_of(paths, path).ok()??;
    let old = document(Some(&before));
    // What is wrong besides has to be seen to by a person first.
    let is_readable = match old.encoding() {
        Encoding::Utf8 | Encoding::Utf8WithMark => old.faults().next().is_none(),
        Encoding::PartlyUtf8 | Encoding::NotText => false,
    };
    let (twice, lines) = standing_twice(&old);
    if !is_readable || twice.is_empty() {
        return None;
    }
    let after = joined(&old);
    // Nothing stands twice any more, or the repair would be none.
    if !standing_twice(&document(Some(&after))).0.is_empty() {
        return None;
    }
    let shown = paths.shown(path);
    let does = format!(
        "what stands twice in `{shown}` is joined; of two settings with one key the later one stays, which is the one that \
         counts for the SDKs that read the file"
    );
    Some(Repair {
        code: "stands-twice",
        place: shown.clone(),
        covers: lines.iter().map(|line| format!("{shown}:{line}")).collect(),
        what: format!("{} in `{shown}`", twice.join(", ")),
        why: "the AWS CLI and boto3 refuse the whole file, whatever the profile".to_owned(),
        plan: plan(&does, vec![rewritten(paths, file, &before, after)]),
        does,
        prevention: None,
    })
}

/// `` `[dev]` stands at lines 3 and 9 ``, for everything that does, and the lines of all but the first of each.
fn standing_twice(document: &Document) -> (Vec<String>, Vec<usize>) {
    let mut found = Vec::new();
    let mut again = Vec::new();
    let mut headers = BTreeSet::new();
    for section in document.sections() {
        if headers.insert(section.header.as_str()) {
            let lines: Vec<usize> = same(document, section).map(Section::line_number).collect();
            if lines.len() > 1 {
                again.extend(&lines[1..]);
                let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
                found.push(format!(
                    "`[{}]` stands at lines {}",
                    section.header,
                    lines.join(" and ")
                ));
            }
        }
        let mut keys = BTreeSet::new();
        for property in &section.properties {
            if !keys.insert(property.key.as_str()) {
                again.push(property.line_number());
                found.push(format!(
                    "`{}` of `[{}]` stands again at line {}",
                    property.key,
                    section.header,
                    property.line_number()
                ));
            }
        }
    }
    (found, again)
}

fn same<'a>(document: &'a Document, section: &'a Section) -> impl Iterator<Item = &'a Section> {
    let header = section.header.as_str();
    document
        .sections()
        .iter()
        .filter(move |other| other.header == header)
}

/// The file with each section once, where it stood first, and each key once, where it stood last.
fn joined(document: &Document) -> Zeroizing<Vec<u8>> {
    let lines = document.lines();
    // Lines that stay, in their new order.
    let mut order: Vec<usize> = Vec::with_capacity(lines.len());
    let mut moved = BTreeSet::new();
    let mut gone = BTreeSet::new();
    for section in document.sections() {
        let all: Vec<&Section> = same(document, section).collect();
        let properties = || all.iter().flat_map(|section| &section.properties);
        for property in properties() {
            let is_last = properties()
                .filter(|other| other.key == property.key)
                .all(|other| other.line <= property.line);
            if !is_last {
                gone.insert(property.line);
                gone.extend(&property.continuations);
            }
        }
        for later in all.iter().skip(1) {
            gone.insert(later.line);
            // The blank lines that parted it from what follows part nothing any more.
            let blanks = (later.last_line() + 1..lines.len())
                .take_while(|line| document.text(lines[*line].text.clone()).trim().is_empty());
            gone.extend(blanks);
            moved.extend(later.line + 1..=later.last_line());
        }
    }
    let mut headers = BTreeSet::new();
    let first_ends: Vec<(usize, &Section)> = document
        .sections()
        .iter()
        .filter(|section| headers.insert(section.header.as_str()))
        .map(|section| (section.last_line(), section))
        .collect();
    for line in 0..lines.len() {
        if !moved.contains(&line) {
            order.push(line);
        }
        for (_, first) in first_ends.iter().filter(|(end, _)| *end == line) {
            let later = same(document, first).skip(1);
            order.extend(later.flat_map(|later| later.line + 1..=later.last_line()));
        }
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(document.bytes().len() + 2));
    let mark = lines.first().map_or(0, |line| line.span.start);
    bytes.extend_from_slice(&document.bytes()[..mark]);
    let mut is_ended = true;
    for line in order.into_iter().filter(|line| !gone.contains(line)) {
        if !is_ended {
            bytes.extend_from_slice(document.newline().as_bytes());
        }
        let line = &lines[line];
        bytes.extend_from_slice(&document.bytes()[line.span.clone()]);
        is_ended = line.text.end < line.span.end;
    }
    bytes
}
