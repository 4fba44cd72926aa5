//! Notifications, as they should stand at one moment.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Concern, Ending, concern, detail, holders, in_order, words};
use crate::doctor::Holder;
use crate::engine::{Engine, Sighted, Tracked};
use crate::lifetimes::{End, KnownBy};
use crate::names::SessionId;
use crate::session::{Needs, Policy, Renewal, State};

/// Sessions whose ends are no further apart than this are told of in one notice.
const TOGETHER: SignedDuration = SignedDuration::from_mins(2);
/// Notifications show about this many lines.
const MOST_LINES: usize = 5;

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
    /// The sessions that Snooze silences; none for a word of success.
    pub sessions: Vec<SessionId>,
    /// Those among them that Renew renews: some only another program can renew.
    pub renewable: Vec<SessionId>,
    /// Which end it is about (UTC): the same subject and stage with another end are news. None for a word of success.
    pub ends_at: Option<Timestamp>,
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
    concern: Concern,
    stage: Stage,
}

/// The notices that should stand at this moment. Those that end together share one; so do all that have ended, so
/// that a night's sleep is summed up once. None stands while nobody looks, or in quiet hours: what is still true is told
/// afterwards, as it is then.
pub fn notices(engine: &Engine, now: Timestamp, zone: &TimeZone) -> Vec<Notice> {
    let quiet_hours = engine.settings().quiet_hours;
    if engine.is_screen_locked() || quiet_hours.is_some_and(|quiet| quiet.cover(now, zone)) {
        return Vec::new();
    }
    let mut subjects: Vec<Subject<'_>> = in_order(engine)
        .into_iter()
        .filter_map(|session| subject(engine, session, now))
        .collect();
    subjects.sort_by_key(|subject| subject.concern.end.at);
    let notices = subjects
        .chunk_by(|one, next| {
            let both_over = one.stage == Stage::Ended && next.stage == Stage::Ended;
            let distance = next.concern.end.at.duration_since(one.concern.end.at);
            both_over || (one.stage == next.stage && distance <= TOGETHER)
        })
        .map(|group| notice(engine, group, now, zone));
    let told = |holder: &Holder| {
        subjects.iter().any(|subject| {
            Some(&subject.session.definition.id) == holder.session.as_ref()
                && Some(subject.concern.end.at) == holder.ends_at
        })
    };
    let of_holders = holders::notices(engine, told, now, zone);
    done(engine, now, zone)
        .into_iter()
        .chain(notices)
        .chain(of_holders)
        .collect()
}

/// Whether, and how urgently, a person should hear of a session: it ends soon or has ended while Sandglass watched, and
/// somebody has to act.
fn subject<'a>(engine: &Engine, session: &'a Tracked, now: Timestamp) -> Option<Subject<'a>> {
    let concern = concern(engine, session, now)?;
    let leads = engine.settings().leads_of(&session.definition.id);
    let is_silent = |until: Option<Timestamp>| until.is_some_and(|until| now < until);
    if is_silent(session.snoozed_until)
        // The word of success still stands under the same id.
        || is_silent(session.done_until)
        || session.sighted == Sighted::NotYet
        || engine.is_quiet(&concern.needs, now)
    {
        return None;
    }
    let end = concern.end;
    let stage = if end.is_past(now) {
        Stage::Ended
    } else if end.last_notice(leads) <= now {
        Stage::Last
    } else if end.first_notice(leads) <= now {
        Stage::First
    } else {
        return None;
    };
    Some(Subject {
        session,
        concern,
        stage,
    })
}

fn notice(engine: &Engine, group: &[Subject<'_>], now: Timestamp, zone: &TimeZone) -> Notice {
    let first = &group[0];
    let (title, body) = if group.len() == 1 {
        (title(first, now), body(first, now, zone))
    } else {
        let number = words::count(group.len(), "session");
        let title = match first.stage {
            Stage::Ended if group.iter().any(is_guess) => {
                format!("{number} ended, as far as is known")
            }
            Stage::Ended => format!("{number} ended"),
            Stage::Done | Stage::First | Stage::Last => format!("{number} end soon"),
        };
        (title, lines(group, now, zone))
    };
    let held = group.iter().filter_map(|subject| {
        holders::will_not_notice(engine, &subject.session.definition, subject.concern.end.at)
    });
    let body = std::iter::once(body)
        .chain(held)
        .collect::<Vec<String>>()
        .join("\n");
    let ids = |subjects: &mut dyn Iterator<Item = &Subject<'_>>| {
        subjects
            .map(|subject| subject.session.definition.id.clone())
            .collect()
    };
    Notice {
        id: NoticeId(first.session.definition.id.to_string()),
        stage: first.stage,
        title,
        body,
        sessions: ids(&mut group.iter()),
        renewable: ids(&mut group.iter().filter(|subject| is_renewable(subject))),
        ends_at: Some(first.concern.end.at),
    }
}

fn is_guess(subject: &Subject<'_>) -> bool {
    subject.concern.end.known_by == KnownBy::Estimate
}

/// Whether a click renews it, with or without a person.
fn is_renewable(subject: &Subject<'_>) -> bool {
    subject.session.definition.renewal.policy() == Policy::Keep
        && !matches!(subject.concern.needs, Needs::Elsewhere(_))
}

/// One line for each session, as far as a notification can show them.
fn lines(group: &[Subject<'_>], now: Timestamp, zone: &TimeZone) -> String {
    let (shown, rest) = match group.len() {
        ..=MOST_LINES => (group, 0),
        number => (&group[..MOST_LINES - 1], number - (MOST_LINES - 1)),
    };
    let lines = shown.iter().map(|subject| {
        let ending = words::ending_of(subject.concern.end, now, zone);
        format!("{} {ending}", subject.session.definition.name)
    });
    let rest = (rest > 0).then(|| format!("and {rest} more"));
    lines.chain(rest).collect::<Vec<String>>().join("\n")
}

fn title(subject: &Subject<'_>, now: Timestamp) -> String {
    let name = &subject.session.definition.name;
    let end = subject.concern.end;
    match (subject.stage, end.known_by) {
        (Stage::Ended, KnownBy::Issuer | KnownBy::Probe) => format!("{name} has ended"),
        (Stage::Ended, KnownBy::Estimate) => format!("{name} has probably ended"),
        (Stage::Done | Stage::First | Stage::Last, _) => {
            format!("{name} ends in {}", words::left_of(end, now))
        }
    }
}

fn body(subject: &Subject<'_>, now: Timestamp, zone: &TimeZone) -> String {
    let at = words::moment(subject.concern.end, now, zone);
    let place = match (subject.concern.of, detail(subject.session)) {
        (Ending::PortalSession, _) => {
            format!("The portal session ends {at}; a sign-in starts a new one.")
        }
        (Ending::Chain, _) => format!("Its renewals come to their end {at}."),
        (Ending::Credentials, detail) if detail.is_empty() => words::sentence(&at),
        (Ending::Credentials, detail) => format!("{detail}, {at}."),
    };
    format!("{place} {}", need(subject)).trim_end().to_owned()
}

/// What the person has to do.
fn need(subject: &Subject<'_>) -> String {
    let session = subject.session;
    match (
        &session.state,
        &subject.concern.needs,
        &session.definition.renewal,
    ) {
        (State::Broken { error, .. }, _, _) => words::failure("It cannot be renewed", error),
        (_, Needs::Code(device), _) => {
            format!("Needs a code from your MFA device {}.", device.short())
        }
        (_, Needs::Browser(portal), _) => format!("Needs a sign-in at {}.", portal.name()),
        (_, Needs::Elsewhere(remedy), _) => words::sentence(remedy),
        (_, Needs::Nothing, Renewal::Metadata(_)) => {
            "AWS has not renewed it: look whether the role is still attached.".to_owned()
        }
        (_, Needs::Nothing, _) => match &session.trouble {
            Some(error) => words::failure("The last renewal failed", error),
            None => String::new(),
        },
    }
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
        renewable: Vec::new(),
        ends_at: None,
    })
}
