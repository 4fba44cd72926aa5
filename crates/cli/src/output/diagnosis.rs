//! A diagnosis, as people read it at a terminal.

use std::fmt::Write as _;

use sandglass_core::doctor::diagnosis::{Diagnosis, Finding, Origin, Remedy, Severity};
use sandglass_core::views::doctor::{LifetimeView, Mark, Order, doctor_view};
use sandglass_core::views::words::sentence;

/// Everything that was found, or one calm line.
pub(super) fn text(diagnosis: &Diagnosis, with_chains: bool) -> String {
    let view = doctor_view(diagnosis);
    let mut text = String::new();
    if view.findings.is_empty() {
        text.push_str("Nothing is wrong.\n");
    }
    for (count, finding) in view.findings.iter().enumerate() {
        if count > 0 {
            text.push('\n');
        }
        describe(&mut text, finding);
    }
    if (with_chains || !view.lifetimes.is_empty()) && !view.machine.is_empty() {
        text.push('\n');
        for told in &view.machine {
            // Writing to a text does not fail.
            let _ = writeln!(text, "{told}");
        }
    }
    for lifetime in &view.lifetimes {
        text.push('\n');
        tell(&mut text, lifetime);
    }
    if with_chains {
        for order in &view.orders {
            text.push('\n');
            list(&mut text, order);
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
    let _ = writeln!(text, "{severity}: {}", finding.what);
    let _ = writeln!(text, "  why   {}", sentence(&finding.why));
    if let Some(origin) = &finding.origin {
        trace(text, origin);
    }
    for remedy in &finding.remedies {
        offer(text, "do    ", remedy);
    }
    if let Some(prevention) = &finding.prevention {
        let _ = writeln!(text, "  keep  {}", sentence(prevention));
    }
    let _ = writeln!(
        text,
        "  page  docs/errors/{code}.md, or `sandglass doctor --explain {code}`"
    );
}

/// Where an error comes from, and which sessions it can be about.
fn trace(text: &mut String, origin: &Origin) {
    let place = match origin.times {
        1 => format!("line {}", origin.line),
        times => format!("line {}, {times} times", origin.line),
    };
    let _ = writeln!(
        text,
        "  from  {} ({place})",
        sentence(&origin.said_by).trim_end_matches('.')
    );
    let here = match origin.sessions.as_slice() {
        [] => String::new(),
        names => format!("; over here: {}", names.join(", ")),
    };
    let _ = writeln!(
        text,
        "  of    {}{here}.",
        sentence(&origin.about).trim_end_matches('.')
    );
}

fn offer(text: &mut String, label: &str, remedy: &Remedy) {
    let _ = writeln!(text, "  {label}{}", sentence(&remedy.sentence));
    if let Some(command) = &remedy.command {
        let _ = writeln!(text, "  {:width$}{command}", "", width = label.len() + 2);
    }
}

/// How long a session lives, and who says so.
fn tell(text: &mut String, lifetime: &LifetimeView) {
    let _ = writeln!(text, "how long a session of `{}` lives:", lifetime.name);
    for fact in &lifetime.facts {
        let _ = writeln!(text, "  {:<9}{}", fact.label, fact.value);
    }
    for way in &lifetime.ways {
        offer(text, "change   ", way);
    }
}

/// Where one SDK looks, with the winner marked.
fn list(text: &mut String, order: &Order) {
    let _ = writeln!(text, "{} {}:", order.sdk, order.profile);
    if order.steps.is_empty() {
        let _ = writeln!(text, "  nothing there gives credentials");
    }
    for step in &order.steps {
        let key = match &step.key {
            Some(key) => format!(" (…{key})"),
            None => String::new(),
        };
        let mark = match step.mark {
            Mark::Wins => "->",
            Mark::Stops => "!!",
            Mark::Loses => "  ",
        };
        let why = match &step.why {
            Some(why) => format!(": {why}"),
            None => String::new(),
        };
        let _ = writeln!(text, "  {mark} {}{key}{why}", step.place);
    }
}
