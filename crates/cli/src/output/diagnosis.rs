//! A diagnosis, as people read it.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use sandglass_core::doctor::chain::{Chain, Verdict};
use sandglass_core::doctor::diagnosis::{Diagnosis, Finding, Severity};
use sandglass_core::doctor::lifetime::Lifetime;
use sandglass_core::doctor::machine::{Answer, MachineRole};
use sandglass_core::views::words::{sentence, span};

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
    if with_chains || !diagnosis.lifetimes.is_empty() {
        for machine in &diagnosis.machine {
            text.push('\n');
            machine_role(&mut text, machine, diagnosis.told_at);
        }
    }
    for lifetime in &diagnosis.lifetimes {
        text.push('\n');
        tell(&mut text, lifetime);
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

/// The role of the machine itself.
fn machine_role(text: &mut String, machine: &MachineRole, now: Timestamp) {
    let place = machine.place.name();
    let _ = match &machine.answer {
        Answer::Role { name, ends_at } => {
            let name = name
                .as_deref()
                .map_or_else(String::new, |name| format!(" `{name}`"));
            let end = ends_at.map_or_else(String::new, |end| {
                format!(
                    "; its credentials end in {}, AWS renews them",
                    span(end.duration_since(now))
                )
            });
            writeln!(text, "this {place} has a role{name}{end}")
        }
        Answer::Nothing(error) => writeln!(
            text,
            "no role of this {place}: {}",
            error.message.trim_end_matches('.')
        ),
    };
}

/// How long a session lives, and who says so.
fn tell(text: &mut String, lifetime: &Lifetime) {
    let length = |seconds: i64| span(SignedDuration::from_secs(seconds));
    let _ = writeln!(text, "how long a session of `{}` lives:", lifetime.name);
    if let Some(asked) = lifetime.asked_seconds {
        let _ = writeln!(text, "  asked    {}", length(asked));
    }
    let _ = writeln!(text, "  default  {}", length(lifetime.default_seconds));
    let maximum = match lifetime.maximum_seconds {
        Some(maximum) => length(maximum),
        None => "not known".to_owned(),
    };
    let _ = writeln!(text, "  at most  {maximum}");
    let _ = writeln!(text, "  set by   {}", lifetime.set_by);
    for way in &lifetime.ways {
        let _ = writeln!(text, "  longer   {}", sentence(&way.sentence));
        if let Some(command) = &way.command {
            let _ = writeln!(text, "           {command}");
        }
    }
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
