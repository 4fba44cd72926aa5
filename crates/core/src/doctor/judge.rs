//! From what is known to what is wrong.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::chain::Chain;
use super::diagnosis::{
    Change, Deed, Diagnosis, Finding, Origin, Processes, Remedy, Severity, VERSION,
};
use super::errors::{Cause, Seen};
use super::holder::{self, Holder};
use super::lifetime::Lifetime;
use super::machine::{self, MachineRole};
use super::remedies::{Case, other_credentials, prevention, remedies};
use super::ways::{self, Repairs};
use crate::status::{SessionStatus, Status};
use crate::views::words::span;

/// A clock that is further off than this is told of by itself.
pub const TOLERATED_SKEW: SignedDuration = SignedDuration::from_mins(1);

/// All that is known of a case.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// The profile that is asked about.
    pub profile: Option<&'a str>,
    /// What was found in the text that somebody pasted.
    pub errors: &'a [Seen],
    /// Where the SDKs that are asked about look.
    pub chains: &'a [Chain],
    /// The variables that decide: [`super::chain::variables`].
    pub variables: &'a BTreeMap<String, String>,
    /// What these variables came with: `this command from bash (pid 4242)`.
    pub asked_from: Option<&'a str>,
    /// The sessions as they are.
    pub status: &'a Status,
    /// Programs that hold keys which end.
    pub holders: &'a [Holder],
    /// Whether there was a way to see them.
    pub processes: Processes,
    /// What is wrong with the files, and can be put right.
    pub repairs: &'a [Repairable],
    /// How long the sessions of the profile live.
    pub lifetimes: &'a [Lifetime],
    /// The roles of the machine itself.
    pub machine: &'a [MachineRole],
    /// How far the clock of this machine is ahead of AWS's, where AWS told the time.
    pub skew: Option<SignedDuration>,
    /// How the system keeps its clock, where it tells.
    pub clock_keeping: Option<ClockKeeping>,
}

/// Something that is wrong with a file, and that a repair puts right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repairable {
    /// Names the repair.
    pub id: String,
    /// The code of the finding.
    pub code: String,
    /// Places of findings that say the same.
    pub covers: Vec<String>,
    /// What is wrong, as a sentence without a full stop.
    pub what: String,
    /// What comes of it, likewise.
    pub why: String,
    /// What the repair does, likewise.
    pub does: String,
    /// What keeps it from coming back, likewise.
    pub prevention: Option<String>,
}

/// How the system keeps its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockKeeping {
    /// By hand.
    Off,
    /// By the network, which it has not reached yet.
    NotYet,
    /// By the network.
    Synchronized,
}

/// What is wrong, and what to do.
pub fn judge(evidence: Evidence<'_>) -> Diagnosis {
    let mut findings: Vec<Finding> = Vec::new();
    findings.extend(evidence.errors.iter().map(|seen| told(seen, evidence)));
    findings.extend(clock(evidence));
    findings.extend(over(evidence));
    findings.extend(evidence.machine.iter().filter_map(machine::missing));
    findings.extend(ways::judge(
        evidence.chains,
        evidence.variables,
        evidence.asked_from,
        if evidence
            .repairs
            .iter()
            .any(|repair| repair.code == "stands-twice")
        {
            Repairs::OfSections
        } else {
            Repairs::None
        },
    ));
    findings.extend(held(evidence.holders, evidence.status));
    findings.extend(evidence.repairs.iter().map(repairable));
    let has_no_repair = |finding: &&crate::findings::Finding| {
        let mut repairs = evidence.repairs.iter();
        !repairs.any(|repair| repair.covers.contains(&finding.place))
    };
    let of_files = evidence.status.findings.iter().filter(has_no_repair);
    findings.extend(of_files.map(|finding| Finding {
        code: "file".to_owned(),
        severity: Severity::Warning,
        what: format!("{}: {}", finding.place, finding.message),
        why: "some program cannot read it, or reads something else there".to_owned(),
        origin: None,
        remedies: vec![Remedy::by_hand(finding.remedy.clone())],
        prevention: None,
        repair: None,
    }));
    // What several SDKs have in common is said once.
    let mut said: Vec<Finding> = Vec::new();
    for finding in findings {
        if !said.contains(&finding) {
            said.push(finding);
        }
    }
    said.sort_by_key(|finding| finding.severity);
    Diagnosis {
        version: VERSION,
        told_at: evidence.status.told_at,
        findings: said,
        chains: evidence.chains.to_vec(),
        lifetimes: evidence.lifetimes.to_vec(),
        machine: evidence.machine.to_vec(),
        processes: evidence.processes,
    }
}

/// An error that somebody pasted.
fn told(seen: &Seen, evidence: Evidence<'_>) -> Finding {
    let error = seen.error;
    let about = error.about();
    let skew = seen.skew.or(evidence.skew);
    let session = session(evidence, about.kinds);
    // Keys without an end cannot be over: the program has others.
    let is_another = session.is_some_and(|session| {
        session.kind == "long_lived_keys"
            && !about.kinds.is_empty()
            && !about.kinds.contains(&"long_lived_keys")
    });
    let case = Case {
        error: Some(error),
        session: session.filter(|_| !is_another),
        profile: evidence.profile,
        skew,
    };
    let mut why = error.why.to_owned();
    let mut remedies = remedies(error.cause, case);
    if error.cause == Cause::Over
        && let Some(held) = held_from_before(evidence, about.kinds)
    {
        why = format!("{why}. {held}: the program has keys from before a renewal, or others");
        // To start it again comes before another renewal.
        remedies.rotate_left(1);
    }
    if let Some(skew) = seen.skew {
        let direction = if skew.is_negative() { "slow" } else { "fast" };
        why = format!(
            "{why}. The times in the message say that the clock is {} {direction}",
            span(skew.abs())
        );
    }
    let operation = seen.operation.as_ref();
    let during = operation.map_or_else(String::new, |operation| format!(" (during {operation})"));
    Finding {
        code: error.code.to_owned(),
        severity: if matches!(error.cause, Cause::WaitsForApproval | Cause::Throttled) {
            Severity::Note
        } else {
            Severity::Error
        },
        what: format!("{}{during}", error.what),
        why,
        origin: Some(Origin {
            said_by: error.family.said_by().to_owned(),
            about: about.words.to_owned(),
            sessions: all_over(evidence.status, about.kinds)
                .map(|session| session.name.clone())
                .collect(),
            line: seen.line,
            times: seen.times,
        }),
        remedies: is_another
            .then(|| other_credentials(case))
            .into_iter()
            .chain(remedies)
            .collect(),
        prevention: prevention(error.cause, case),
        repair: None,
    }
}

/// Says that the session that is asked about is not over, or that none of these kinds is; none where one is, or nobody
/// knows.
fn held_from_before(evidence: Evidence<'_>, kinds: &[&str]) -> Option<String> {
    let status = evidence.status;
    let left = |session: &SessionStatus| Some(session.ends_at?.duration_since(status.told_at));
    if let Some(profile) = evidence.profile {
        let session = named(status, profile)?;
        let left = left(session).filter(SignedDuration::is_positive)?;
        return Some(format!(
            "`{}` itself holds for another {}",
            session.name,
            span(left)
        ));
    }
    let holds = |session: &SessionStatus| left(session).is_some_and(|left| left.is_positive());
    let mut of_kinds = status
        .sessions
        .iter()
        .filter(|session| kinds.contains(&session.kind.as_str()))
        .peekable();
    let mut sign_ins = status
        .sessions
        .iter()
        .filter(|session| session.kind == "sso_sign_in");
    // A session whose end nobody knows may be the one: nothing is said then.
    (of_kinds.peek().is_some() && of_kinds.all(holds) && sign_ins.all(holds))
        .then(|| "Every session here that it can be about still holds".to_owned())
}

/// The session that is asked about; where none is, the only one of these kinds that is over.
fn session<'a>(evidence: Evidence<'a>, kinds: &'a [&str]) -> Option<&'a SessionStatus> {
    if let Some(profile) = evidence.profile {
        return named(evidence.status, profile);
    }
    let mut over = all_over(evidence.status, kinds);
    match (over.next(), over.next()) {
        (Some(only), None) => Some(only),
        (_, _) => None,
    }
}

fn named<'a>(status: &'a Status, profile: &str) -> Option<&'a SessionStatus> {
    let sessions = &status.sessions;
    let is_of = |session: &&SessionStatus| {
        let of = session.profile.as_ref();
        of.is_some_and(|of| of.as_str() == profile)
    };
    let called = sessions.iter().find(|session| session.name == profile);
    called.or_else(|| sessions.iter().find(is_of))
}

/// Those of these kinds that are over.
fn all_over<'a>(status: &'a Status, kinds: &'a [&str]) -> impl Iterator<Item = &'a SessionStatus> {
    status.sessions.iter().filter(|session| {
        is_over(session, status.told_at) && kinds.contains(&session.kind.as_str())
    })
}

fn is_over(session: &SessionStatus, now: Timestamp) -> bool {
    session.ends_at.is_some_and(|end| end <= now)
}

fn repairable(repair: &Repairable) -> Finding {
    Finding {
        code: repair.code.clone(),
        severity: if repair.code == "sso-legacy" {
            Severity::Note
        } else {
            Severity::Warning
        },
        what: repair.what.clone(),
        why: repair.why.clone(),
        origin: None,
        remedies: vec![
            Remedy::command(repair.does.clone(), "sandglass doctor --repair").or_click(
                Deed::Change {
                    change: Change::Repair {
                        repair: repair.id.clone(),
                    },
                },
            ),
        ],
        prevention: repair.prevention.clone(),
        repair: Some(repair.id.clone()),
    }
}

fn clock(evidence: Evidence<'_>) -> Option<Finding> {
    let skew = evidence.skew.filter(|skew| skew.abs() >= TOLERATED_SKEW)?;
    let case = Case {
        error: None,
        session: None,
        profile: None,
        skew: Some(skew),
    };
    let direction = if skew.is_negative() { "slow" } else { "fast" };
    let kept = match evidence.clock_keeping {
        Some(ClockKeeping::Off) => "; the system does not keep its clock by NTP",
        Some(ClockKeeping::NotYet) => "; NTP is on, and has reached no server yet",
        Some(ClockKeeping::Synchronized) => {
            "; NTP says that it is right, so that the server it asks, or a proxy on the way to AWS, is wrong"
        }
        None => "",
    };
    Some(Finding {
        code: "clock-wrong".to_owned(),
        severity: Severity::Warning,
        what: format!(
            "the clock of this machine is {} {direction}",
            span(skew.abs())
        ),
        why: format!(
            "AWS refuses calls that are signed with a wrong time, and programs misjudge when their credentials end{kept}"
        ),
        origin: None,
        remedies: remedies(Cause::Skewed, case),
        prevention: prevention(Cause::Skewed, case),
        repair: None,
    })
}

/// The session that is asked about is over.
fn over(evidence: Evidence<'_>) -> Option<Finding> {
    let session = named(evidence.status, evidence.profile?)
        .filter(|session| is_over(session, evidence.status.told_at))?;
    let case = Case {
        error: None,
        session: Some(session),
        profile: evidence.profile,
        skew: evidence.skew,
    };
    let ended = session
        .ends_at
        .map(|end| evidence.status.told_at.duration_since(end));
    Some(Finding {
        code: "session-over".to_owned(),
        severity: Severity::Error,
        what: format!(
            "`{}` ended {} ago",
            session.name,
            span(ended.unwrap_or_default())
        ),
        why: match &session.last_error {
            Some(error) => format!("its last renewal failed: {}", error.message),
            None => "it was not renewed in time".to_owned(),
        },
        origin: None,
        remedies: remedies(Cause::Over, case),
        prevention: prevention(Cause::Over, case),
        repair: None,
    })
}

/// Programs that will not notice a renewal, one finding for those with the same keys.
fn held(holders: &[Holder], status: &Status) -> Vec<Finding> {
    let mut together: BTreeMap<(Timestamp, &str), Vec<&Holder>> = BTreeMap::new();
    for holder in holders {
        if let Some(at) = holder.ends_at {
            together.entry((at, &holder.key)).or_default().push(holder);
        }
    }
    let finding =
        |((at, _), holders): (&(Timestamp, &str), &Vec<&Holder>)| of_holders(*at, holders, status);
    together.iter().filter_map(finding).collect()
}

fn of_holders(ends_at: Timestamp, holders: &[&Holder], status: &Status) -> Option<Finding> {
    let first = *holders.first()?;
    let now = status.told_at;
    let left = ends_at.duration_since(now);
    let mut sessions = status.sessions.iter();
    let session = sessions
        .find(|session| Some(&session.id) == first.session.as_ref())
        .map(|session| session.name.as_str());
    let of = session.map_or_else(String::new, |session| format!(" of `{session}`"));
    let (severity, when) = if left.is_positive() {
        (Severity::Warning, format!("end in {}", span(left)))
    } else {
        (Severity::Error, format!("ended {} ago", span(left.abs())))
    };
    let names: Vec<String> = holders
        .iter()
        .map(|holder| format!("`{}` (pid {})", holder.name, holder.pid))
        .collect();
    let since = holders.iter().map(|holder| holder.since).min()?;
    let ago = span(now.duration_since(since));
    let (hold, why) = if names.len() == 1 {
        let why = format!("it took them from its environment when it was started {ago} ago");
        ("holds", why)
    } else {
        let why = format!("they took them from their environment, the first {ago} ago");
        ("hold", why)
    };
    Some(Finding {
        code: "process-holds-keys".to_owned(),
        severity,
        what: format!(
            "{} {hold} keys{of} that {when}, and will not notice a renewal",
            holder::listed(&names)
        ),
        why,
        origin: None,
        remedies: vec![Holder::way_out(session)],
        prevention: Some("start what runs for long with `sandglass exec`".to_owned()),
        repair: None,
    })
}
