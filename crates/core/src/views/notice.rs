//! Notifications, as they should stand at one moment.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{concerns_person, detail, in_order, words};
use crate::engine::{Engine, Sighted, Tracked};
use crate::lifetimes::{End, KnownBy};
use crate::names::SessionId;
use crate::session::{Needs, State};

/// Sessions whose ends are no further apart than this are told of in one notice.
const TOGETHER: SignedDuration = SignedDuration::from_mins(2);

/// One notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The same subject keeps its id, so that a later notice replaces an earlier one in place.
    pub id: NoticeId,
    /// What makes it worth showing again after the person closed it.
    pub stage: Stage,
    /// `prod-admin ends in 10 min`.
    pub title: String,
    /// `Admin in 123456789012, at 14:32. Needs a code from your MFA device.`
    pub body: String,
    /// The sessions that Renew renews and Snooze silences; none for a word of success.
    pub sessions: Vec<SessionId>,
}

/// The subject of a notice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NoticeId(pub String);

/// How urgent a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// A renewal that somebody clicked for worked: short, closes itself, no buttons.
    Done,
    /// 15 minutes before the end.
    First,
    /// 5 minutes before the end.
    Last,
    /// Over.
    Ended,
}

/// A session that a person should hear of.
struct Subject<'a> {
    session: &'a Tracked,
    end: End,
    needs: Needs,
    stage: Stage,
}

/// The notices that should stand at this moment. Those that end together share one; so do all that have ended, so
/// that a night's sleep is summed up once.
pub fn notices(engine: &Engine, now: Timestamp, zone: &TimeZone) -> Vec<Notice> {
    let subjects: Vec<Subject<'_>> = in_order(engine)
        .into_iter()
        .filter_map(|session| subject(engine, session, now))
        .collect();
    let notices = subjects
        .chunk_by(|one, next| {
            let both_over = one.stage == Stage::Ended && next.stage == Stage::Ended;
            both_over
                || (one.stage == next.stage && next.end.at.duration_since(one.end.at) <= TOGETHER)
        })
        .map(|group| notice(group, now, zone));
    done(engine, now, zone).into_iter().chain(notices).collect()
}

/// Whether, and how urgently, a person should hear of a session: it ends soon or has ended while Sandglass watched, and
/// somebody has to act.
fn subject<'a>(engine: &Engine, session: &'a Tracked, now: Timestamp) -> Option<Subject<'a>> {
    let end = match &session.state {
        State::Due(end) | State::Expired(end) => *end,
        State::Broken { last, .. } => (*last)?,
        State::Unknown
        | State::Valid(_)
        | State::Renewing { .. }
        | State::WaitingForYou { .. }
        | State::WaitingForNetwork { .. } => return None,
    };
    let needs = engine.needs(session, now);
    let is_silent = |until: Option<Timestamp>| until.is_some_and(|until| now < until);
    if !concerns_person(engine, session, now)
        || is_silent(session.snoozed_until)
        // The word of success still stands under the same id.
        || is_silent(session.done_until)
        || session.sighted == Sighted::NotYet
        || engine.is_quiet(&needs, now)
    {
        return None;
    }
    let stage = if end.is_past(now) {
        Stage::Ended
    } else if end.last_notice() <= now {
        Stage::Last
    } else if end.first_notice() <= now {
        Stage::First
    } else {
        return None;
    };
    Some(Subject {
        session,
        end,
        needs,
        stage,
    })
}

fn notice(group: &[Subject<'_>], now: Timestamp, zone: &TimeZone) -> Notice {
    let first = &group[0];
    let (title, body) = if group.len() == 1 {
        (title(first, now), body(first, now, zone))
    } else {
        let number = words::count(group.len(), "session");
        let title = match first.stage {
            Stage::Ended => format!("{number} ended"),
            Stage::Done | Stage::First | Stage::Last => format!("{number} end soon"),
        };
        let lines: Vec<String> = group
            .iter()
            .map(|subject| {
                let ending = words::ending_of(subject.end, now, zone);
                format!("{} {ending}", subject.session.definition.name)
            })
            .collect();
        (title, lines.join("\n"))
    };
    Notice {
        id: NoticeId(first.session.definition.id.to_string()),
        stage: first.stage,
        title,
        body,
        sessions: group
            .iter()
            .map(|subject| subject.session.definition.id.clone())
            .collect(),
    }
}

fn title(subject: &Subject<'_>, now: Timestamp) -> String {
    let name = &subject.session.definition.name;
    match (subject.stage, subject.end.known_by) {
        (Stage::Ended, KnownBy::Issuer | KnownBy::Probe) => format!("{name} has ended"),
        (Stage::Ended, KnownBy::Estimate) => format!("{name} has probably ended"),
        (Stage::Done | Stage::First | Stage::Last, _) => {
            format!("{name} ends in {}", words::left_of(subject.end, now))
        }
    }
}

fn body(subject: &Subject<'_>, now: Timestamp, zone: &TimeZone) -> String {
    let at = words::clock(subject.end.at, now, zone);
    let place = match detail(subject.session) {
        detail if detail.is_empty() => format!("At {at}."),
        detail => format!("{detail}, at {at}."),
    };
    let need = match (&subject.session.state, &subject.needs) {
        (State::Broken { error, .. }, _) => words::failure("It cannot be renewed", error),
        (_, Needs::Code(device)) => {
            format!("Needs a code from your MFA device {}.", device.short())
        }
        (_, Needs::Browser(portal)) => format!("Needs a sign-in at {}.", portal.name()),
        (_, Needs::Nothing) => match &subject.session.trouble {
            Some(error) => words::failure("The last renewal failed", error),
            None => String::new(),
        },
    };
    format!("{place} {need}").trim_end().to_owned()
}

/// A short word of success for what somebody clicked.
fn done(engine: &Engine, now: Timestamp, zone: &TimeZone) -> Option<Notice> {
    let renewed: Vec<(&Tracked, End)> = in_order(engine)
        .into_iter()
        .filter(|session| session.done_until.is_some_and(|until| now < until))
        .filter_map(|session| Some((session, session.state.end()?)))
        .collect();
    let (first, end) = renewed.first()?;
    let until = words::clock(end.at, now, zone);
    let title = match renewed.len() {
        1 => format!("{} renewed until {until}", first.definition.name),
        number => format!("{} renewed", words::count(number, "session")),
    };
    Some(Notice {
        id: NoticeId(first.definition.id.to_string()),
        stage: Stage::Done,
        title,
        body: detail(first),
        sessions: Vec::new(),
    })
}
