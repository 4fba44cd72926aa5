//! Finds errors in text of any length and kind, a piece at a time.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, BuildError};
use jiff::SignedDuration;

use super::{ALL, Cause, Family, Known, skew};

/// Longer lines (bytes) are looked at in parts: a log may be one line, and a file may be no text at all.
const LONGEST_LINE: usize = 64 * 1024;
/// What two parts of a line have in common (bytes): more than any error has between its first and last word.
const OVERLAP: usize = 1024;
/// Lines that one error goes over: XML, and what Node prints of an object.
const REACH: u64 = 2;
/// Lines that the two times of an error are apart from it, likewise.
const REACH_OF_TIMES: u64 = 8;
/// On one line an error of another kind explains a code that is no further away than this (bytes): a log may be one line.
const NEAR: u64 = 512;
/// What was called stands no further from its error than this (bytes).
const AROUND: usize = 400;
/// Stands in a text of the table for anything that may stand between its two halves, on one line.
const GAP: char = '…';

/// An error that a text holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which one.
    pub error: &'static Known,
    /// The first line that tells it, from 1.
    pub line: u64,
    /// How many lines do.
    pub times: u64,
    /// What was called when it came, where the text says so: `AssumeRole`.
    pub operation: Option<String>,
    /// How far the clock that signed was ahead of AWS's, where the text tells both times.
    pub skew: Option<SignedDuration>,
}

/// An error, and where it stands in the whole text.
#[derive(Clone)]
struct Hit {
    seen: Seen,
    /// Bytes from the beginning of the text.
    at: u64,
}

/// Looks for errors in a text that is fed to it.
pub struct Scanner {
    codes: Patterns,
    texts: Patterns,
    /// The line that is not complete yet.
    line: Vec<u8>,
    /// How much of it was looked at already.
    looked_at: usize,
    number: u64,
    /// Where the line begins in the text, in bytes.
    begins_at: u64,
    /// Errors that were told by their code alone: words nearby may tell a better one.
    waiting: Vec<Hit>,
    /// The last one that was told by its words.
    last: Option<Hit>,
    times: skew::Times,
    /// With the line that was counted last.
    seen: BTreeMap<&'static str, (Seen, u64)>,
}

struct Patterns {
    automaton: AhoCorasick,
    errors: Vec<(&'static Known, Option<Rest>)>,
}

/// What has to follow on the same line.
struct Rest(AhoCorasick);

impl Patterns {
    fn new(
        words: fn(&'static Known) -> &'static [&'static str],
        any_case: bool,
    ) -> Result<Self, BuildError> {
        let build = |patterns: &[&str]| {
            AhoCorasick::builder()
                .ascii_case_insensitive(any_case)
                .build(patterns)
        };
        let mut patterns = Vec::new();
        let mut errors = Vec::new();
        for error in ALL.iter().copied().flatten() {
            for word in words(error) {
                let (first, rest) = match word.split_once(GAP) {
                    Some((first, rest)) => (first, Some(Rest(build(&[rest])?))),
                    None => (*word, None),
                };
                patterns.push(first);
                errors.push((error, rest));
            }
        }
        Ok(Self {
            automaton: build(&patterns)?,
            errors,
        })
    }

    /// The errors whose words end in this part of a line, beyond what was looked at before.
    fn found<'a>(
        &'a self,
        part: &'a [u8],
        looked_at: usize,
    ) -> impl Iterator<Item = (&'static Known, usize, usize)> + 'a {
        self.automaton
            .find_overlapping_iter(part)
            .map(|found| {
                let (error, rest) = &self.errors[found.pattern().as_usize()];
                (*error, rest.as_ref(), found.start(), found.end())
            })
            .filter_map(|(error, rest, start, end)| {
                let end = match rest {
                    Some(Rest(rest)) => end + rest.find(&part[end..])?.end(),
                    None => end,
                };
                Some((error, start, end))
            })
            .filter(move |(_, _, end)| *end > looked_at)
    }
}

impl Default for Scanner {
    #[expect(
        clippy::expect_used,
        reason = "the patterns are constants, and a test builds them"
    )]
    fn default() -> Self {
        let patterns = |words, any_case| Patterns::new(words, any_case).expect("too many patterns");
        Self {
            codes: patterns(|error| error.codes, false),
            texts: patterns(|error| error.texts, true),
            line: Vec::new(),
            looked_at: 0,
            number: 1,
            begins_at: 0,
            waiting: Vec::new(),
            last: None,
            times: skew::Times::default(),
            seen: BTreeMap::new(),
        }
    }
}

impl Scanner {
    /// Takes the next piece of the text.
    pub fn feed(&mut self, piece: &[u8]) {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            for part in part.chunks(LONGEST_LINE) {
                self.line.extend_from_slice(part);
                if part.ends_with(b"\n") {
                    self.look();
                    self.begins_at += self.line.len() as u64;
                    self.line.clear();
                    self.looked_at = 0;
                    self.number += 1;
                } else if self.line.len() >= LONGEST_LINE {
                    self.look();
                    let kept = self.line.len() - OVERLAP;
                    self.begins_at += kept as u64;
                    self.line.drain(..kept);
                    self.looked_at = OVERLAP;
                }
            }
        }
    }

    /// All errors of the text, by the line where each is told first.
    pub fn finish(mut self) -> Vec<Seen> {
        self.look();
        for hit in std::mem::take(&mut self.waiting) {
            self.add(hit.seen);
        }
        let mut all: Vec<Seen> = self.seen.into_values().map(|(seen, _)| seen).collect();
        // Programs wrap what they were told: what is inside comes first.
        all.sort_by_key(|seen| (seen.line, seen.error.family == Family::Client));
        all
    }

    fn look(&mut self) {
        let in_words: Vec<Hit> = self
            .texts
            .found(&self.line, self.looked_at)
            .map(|(error, start, end)| self.hit(error, start, end))
            .collect();
        let in_code: Vec<Hit> = self
            .codes
            .found(&self.line, self.looked_at)
            .filter(|(_, start, end)| is_word(&self.line, *start, *end))
            .map(|(error, start, end)| self.hit(error, start, end))
            .collect();
        for hit in in_words {
            self.told_in_words(hit);
        }
        for hit in in_code {
            self.told_by_code(hit);
        }
        if let Some(skew) = self.times.read(&self.line, self.number, REACH_OF_TIMES) {
            self.learn_skew(skew);
        }
        let settled = |hit: &mut Hit| hit.seen.line + REACH < self.number;
        for hit in self.waiting.extract_if(.., settled).collect::<Vec<_>>() {
            self.add(hit.seen);
        }
    }

    /// An error, with what stands around it.
    fn hit(&self, error: &'static Known, start: usize, end: usize) -> Hit {
        let from = start.saturating_sub(AROUND);
        let to = (end + AROUND).min(self.line.len());
        let around = String::from_utf8_lossy(&self.line[from..to]);
        Hit {
            seen: Seen {
                error,
                line: self.number,
                times: 1,
                operation: operation(&around),
                skew: skew::told(&around),
            },
            at: self.begins_at + start as u64,
        }
    }

    /// Two times stand near: they are those of an error of clocks that stands there too.
    fn learn_skew(&mut self, skew: SignedDuration) {
        let near = self.number.saturating_sub(REACH_OF_TIMES);
        let waiting = self.waiting.iter_mut().map(|hit| &mut hit.seen);
        let added = self.seen.values_mut().map(|(seen, _)| seen);
        for seen in waiting.chain(added).filter(|seen| seen.line >= near) {
            if matches!(seen.error.cause, Cause::Skewed | Cause::OverOrSkewed) {
                seen.skew = seen.skew.or(Some(skew));
            }
        }
    }

    fn told_in_words(&mut self, hit: Hit) {
        self.waiting.retain(|waiting| !is_explained(waiting, &hit));
        self.add(hit.seen.clone());
        self.last = Some(hit);
    }

    fn told_by_code(&mut self, hit: Hit) {
        if self
            .last
            .as_ref()
            .is_none_or(|last| !is_explained(&hit, last))
        {
            self.waiting.push(hit);
        }
    }

    fn add(&mut self, seen: Seen) {
        let line = seen.line;
        let Some((known, counted)) = self.seen.get_mut(seen.error.code) else {
            self.seen.insert(seen.error.code, (seen, line));
            return;
        };
        if *counted != line {
            known.times += 1;
            *counted = line;
        }
        known.line = known.line.min(line);
        known.operation = known.operation.take().or(seen.operation);
        known.skew = known.skew.or(seen.skew);
    }
}

/// Whether words nearby say what a code means.
fn is_explained(by_code: &Hit, in_words: &Hit) -> bool {
    let (code, words) = (by_code.seen.error, in_words.seen.error);
    let lines = by_code.seen.line.abs_diff(in_words.seen.line);
    // Programs wrap what they were told in an error of their own.
    let is_related =
        words.shares_codes_of == Some(code.code) || code.family == Family::Client || words == code;
    if is_related {
        return lines <= REACH;
    }
    lines == 0 && by_code.at.abs_diff(in_words.at) <= NEAR
}

/// Whether a code stands for itself: `ExpiredToken` is not told by `ExpiredTokenException`.
fn is_word(line: &[u8], start: usize, end: usize) -> bool {
    let belongs =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let before = start.checked_sub(1).and_then(|at| line.get(at));
    !belongs(before) && !belongs(line.get(end))
}

/// What was called, as botocore and the Go SDK say it.
fn operation(text: &str) -> Option<String> {
    let name = |rest: &str| {
        let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric());
        let name = &rest[..end.unwrap_or(rest.len())];
        (!name.is_empty()).then(|| name.to_owned())
    };
    if let Some((_, rest)) = text.split_once("when calling the ") {
        return name(rest);
    }
    // The innermost is the one that failed.
    let (_, rest) = text.rsplit_once("operation error ")?;
    let (_, rest) = rest.split_once(": ")?;
    name(rest)
}
