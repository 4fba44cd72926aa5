//! A diagnosis, as people read it.

use std::fmt::Write as _;

use sandglass_core::doctor::chain::{Chain, Verdict};
use sandglass_core::doctor::diagnosis::{Diagnosis, Finding, Severity};
use sandglass_core::views::words::sentence;

/// Everything that was found, or one calm line.
pub(super) fn text(diagnosis: &Diagnosis, with_chains: bool) -> String {
    let mut text = String::new();
    if diagnosis.findings.is_empty() {
        text.push_str("Nothing is wrong.\n");
    }
    for (count, finding) in diagnosis.findings.iter().enumerate() {
        if count > 0 {
            text.push('\n');
        }
        describe(&mut text, finding);
    }
    if with_chains {
        for chain in &diagnosis.chains {
            text.push('\n');
            list(&mut text, chain);
        }
    }
    text
}

fn describe(text: &mut String, finding: &Finding) {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let code = &finding.code;
    // Writing to a text does not fail.
    let _ = writeln!(text, "{severity}: {}", finding.what);
    let _ = writeln!(text, "  why   {}", sentence(&finding.why));
    for remedy in &finding.remedies {
        let _ = writeln!(text, "  do    {}", sentence(&remedy.sentence));
        if let Some(command) = &remedy.command {
            let _ = writeln!(text, "          {command}");
        }
    }
    if let Some(prevention) = &finding.prevention {
        let _ = writeln!(text, "  keep  {}", sentence(prevention));
    }
    let _ = writeln!(text, "  page  docs/errors/{code}.md");
}

/// Where one SDK looks, with the winner marked.
fn list(text: &mut String, chain: &Chain) {
    let by = match &chain.chosen_by {
        Some(by) => format!(", named by {by}"),
        None => String::new(),
    };
    let _ = writeln!(
        text,
        "{} works with profile {}{by}:",
        chain.sdk.name(),
        chain.profile
    );
    if chain.candidates.is_empty() {
        let _ = writeln!(text, "  nothing there gives credentials");
    }
    for candidate in &chain.candidates {
        let key = match &candidate.key {
            Some(key) => format!(" (…{key})"),
            None => String::new(),
        };
        let (mark, why) = match &candidate.verdict {
            Verdict::Wins => ("->", String::new()),
            Verdict::Stops(why) => ("!!", format!(": {why}")),
            Verdict::Loses(why) => ("  ", format!(": {why}")),
        };
        let _ = writeln!(text, "  {mark} {}{key}{why}", candidate.place);
    }
}
