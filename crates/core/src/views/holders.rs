//! Programs that hold keys in their environment: what their session's row says of them, and the notice before the keys end.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::notice::{Notice, NoticeId, Stage};
use super::words;
use crate::doctor::Holder;
use crate::engine::{Engine, Tracked};
use crate::lifetimes::{self, End, KnownBy};
use crate::session::{Definition, Needs};
use crate::settings::Leads;

/// More programs than these are counted, not named.
const MOST_NAMED: usize = 3;

/// A program that holds keys of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct HeldBy {
    /// `terraform (pid 4242), started 52 min ago, holds keys that end in 8 min (14:32) and will not notice a renewal.`
    pub sentence: String,
    /// What gets it fresh keys: `sandglass exec dev -- terraform`.
    pub command: Option<String>,
}

/// The programs that hold keys of this session, the first end first.
pub(super) fn held_by(
    engine: &Engine,
    session: &Tracked,
    now: Timestamp,
    zone: &TimeZone,
) -> Vec<HeldBy> {
    let definition = &session.definition;
    let mut holders: Vec<&Holder> = engine
        .holders()
        .iter()
        .filter(|holder| holder.session.as_ref() == Some(&definition.id))
        .collect();
    holders.sort_by_key(|holder| (holder.ends_at.is_none(), holder.ends_at, holder.pid));
    let told = |holder: &Holder| {
        let keys = match holder.ends_at {
            Some(at) if at <= now => format!("keys that {}", words::ending(at, now, zone)),
            Some(at) => format!(
                "keys that end in {} ({})",
                words::span(at.duration_since(now)),
                words::clock(at, now, zone)
            ),
            None => "its keys".to_owned(),
        };
        HeldBy {
            sentence: format!(
                "{}, started {} ago, holds {keys} and will not notice a renewal.",
                holder.called(),
                words::span(now.duration_since(holder.since))
            ),
            command: holder.way_out(Some(&definition.name)).command,
        }
    };
    holders.into_iter().map(told).collect()
}

/// What the notice of a session says besides: programs that hold the keys whose end it tells.
pub(super) fn will_not_notice(
    engine: &Engine,
    definition: &Definition,
    end: Timestamp,
) -> Option<String> {
    let of_these = |holder: &&Holder| {
        holder.session.as_ref() == Some(&definition.id) && holder.ends_at == Some(end)
    };
    let holders: Vec<&Holder> = engine.holders().iter().filter(of_these).collect();
    (!holders.is_empty()).then(|| {
        format!(
            "{} will not notice a renewal of {}.",
            named(&holders),
            definition.name
        )
    })
}

/// Notices of keys that end in the environment of programs, one for the same keys; none where the notice of their
/// session tells of it (`told`), and none after the end.
pub(super) fn notices(
    engine: &Engine,
    told: impl Fn(&Holder) -> bool,
    now: Timestamp,
    zone: &TimeZone,
) -> Vec<Notice> {
    if engine.is_quiet(&Needs::Nothing, now) {
        return Vec::new();
    }
    let is_silent = |holder: &Holder| {
        let session = holder.session.as_ref().and_then(|id| engine.session(id));
        let until = session.and_then(|session| session.snoozed_until);
        until.is_some_and(|until| now < until)
    };
    let mut together: BTreeMap<(Timestamp, &str), Vec<&Holder>> = BTreeMap::new();
    for holder in engine.holders() {
        if let Some(at) = holder.ends_at
            && now < at
            && !told(holder)
            && !is_silent(holder)
        {
            together.entry((at, &holder.key)).or_default().push(holder);
        }
    }
    together
        .values()
        .filter_map(|holders| notice(engine, holders, now, zone))
        .collect()
}

fn notice(engine: &Engine, holders: &[&Holder], now: Timestamp, zone: &TimeZone) -> Option<Notice> {
    let first = *holders.first()?;
    let end = end_of(engine, first)?;
    let leads = leads_of(engine, first);
    let stage = if end.last_notice(leads) <= now {
        Stage::Last
    } else if end.first_notice(leads) <= now {
        Stage::First
    } else {
        return None;
    };
    let session = first.session.as_ref().and_then(|id| engine.session(id));
    let session = session.map(|session| &session.definition);
    let of = session.map_or_else(String::new, |session| format!(" of {}", session.name));
    let (holds, it) = match holders.len() {
        1 => ("holds", "It"),
        _ => ("hold", "They"),
    };
    let names: Vec<&str> = holders.iter().map(|holder| holder.name.as_str()).collect();
    let again = match session {
        Some(session) => {
            let way_out = first.way_out(Some(&session.name)).command;
            format!("Start again with {}.", way_out.unwrap_or_default())
        }
        None => "Start again with keys that hold longer.".to_owned(),
    };
    Some(Notice {
        id: NoticeId(format!("keys:{}", first.key)),
        stage,
        title: format!(
            "{} {holds} keys that end in {}",
            listed(&names),
            words::span(end.at.duration_since(now))
        ),
        body: format!(
            "{}: keys{of} end {}. {it} will not notice a renewal. {again}",
            named(holders),
            words::moment(end, now, zone)
        ),
        sessions: first.session.iter().cloned().collect(),
        renewable: Vec::new(),
        ends_at: Some(end.at),
    })
}

/// `terraform (pid 4242), zsh (pid 17) and 2 more`.
fn named(holders: &[&Holder]) -> String {
    let names: Vec<String> = holders.iter().map(|holder| holder.called()).collect();
    listed(&names)
}

fn listed(names: &[impl AsRef<str>]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.as_slice() {
        [only] => (*only).to_owned(),
        [all @ .., last] if names.len() <= MOST_NAMED => format!("{} and {last}", all.join(", ")),
        _ => format!(
            "{} and {} more",
            names[..MOST_NAMED - 1].join(", "),
            names.len() - (MOST_NAMED - 1)
        ),
    }
}

/// When the keys of a program end: the moment was told by AWS. How long they lived is that of their session, or the
/// default of a role where that is not known.
pub(super) fn end_of(engine: &Engine, holder: &Holder) -> Option<End> {
    let session = holder.session.as_ref().and_then(|id| engine.session(id));
    let life = session.and_then(|session| session.state.end());
    Some(End {
        at: holder.ends_at?,
        known_by: KnownBy::Issuer,
        life: life.map_or(lifetimes::ROLE, |end| end.life),
    })
}

pub(super) fn leads_of(engine: &Engine, holder: &Holder) -> Leads {
    match &holder.session {
        Some(session) => engine.settings().leads_of(session),
        None => engine.settings().leads,
    }
}
