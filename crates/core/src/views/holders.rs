//! Programs that hold keys in their environment: what their session's row says of them, and the notice before the keys end.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::notice::{Notice, NoticeId, Stage};
use super::words;
use crate::doctor::Holder;
use crate::doctor::holder::listed;
use crate::engine::{Engine, Tracked};
use crate::lifetimes::{self, End, KnownBy};
use crate::session::{Definition, Needs};
use crate::settings::Leads;

/// Programs that hold the same keys of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct HeldBy {
    /// `terraform (pid 4242), started 52 min ago, holds keys that end in 8 min (14:32) and will not notice a renewal.`
    pub sentence: String,
    /// What gets them fresh keys: `sandglass exec dev -- PROGRAM`.
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
    let mut together: BTreeMap<(bool, Option<Timestamp>, &str), Vec<&Holder>> = BTreeMap::new();
    for holder in engine.holders() {
        if holder.session.as_ref() == Some(&definition.id) {
            let key = (
                holder.ends_at.is_none(),
                holder.ends_at,
                holder.key.as_str(),
            );
            together.entry(key).or_default().push(holder);
        }
    }
    let told = |((_, ends_at, _), holders): (&(bool, Option<Timestamp>, &str), &Vec<&Holder>)| {
        let keys = match ends_at {
            Some(at) if *at <= now => format!("keys that {}", words::ending(*at, now, zone)),
            Some(at) => format!(
                "keys that end in {} ({})",
                words::span(at.duration_since(now)),
                words::clock(*at, now, zone)
            ),
            None => "keys of it".to_owned(),
        };
        let whose = match holders.as_slice() {
            [only] => format!(
                "{}, started {} ago, holds",
                only.called(),
                words::span(now.duration_since(only.since))
            ),
            several => format!("{} hold", named(several)),
        };
        HeldBy {
            sentence: format!("{whose} {keys} and will not notice a renewal."),
            command: Holder::way_out(Some(&definition.name)).command,
        }
    };
    together.iter().map(told).collect()
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
    let way_out = session.and_then(|session| Holder::way_out(Some(&session.name)).command);
    let again = match way_out {
        Some(command) => format!("Start again with {command}."),
        None => "Start again with keys that hold longer.".to_owned(),
    };
    Some(Notice {
        id: NoticeId(format!("keys:{}:{}", first.key, end.at.as_second())),
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
