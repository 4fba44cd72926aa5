//! When views change by time alone.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::holders::{end_of, leads_of};
use super::words;
use crate::doctor::Holder;
use crate::engine::{Engine, Tracked};
use crate::session::State;

/// When the views change next by time alone (UTC). Only the bars of the panel drain on in between.
pub fn next_change(engine: &Engine, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let quiet = engine.settings().quiet_hours;
    let times = quiet
        .into_iter()
        .flat_map(|quiet| [quiet.from, quiet.until]);
    // At midnight, "tomorrow 09:10" becomes "09:10".
    let on_the_wall = times
        .chain([Time::midnight()])
        .filter_map(|time| next_time(time, now, zone));
    engine
        .sessions()
        .filter_map(|session| of_session(engine, session, now))
        .chain(on_the_wall)
        .chain(
            engine
                .holders()
                .iter()
                .filter_map(|holder| of_holder(engine, holder, now)),
        )
        .chain(engine.next_noise(now))
        .min()
}

fn of_session(engine: &Engine, session: &Tracked, now: Timestamp) -> Option<Timestamp> {
    let by_itself = match session.state {
        State::WaitingForNetwork { retry_at, .. } => words::next_change(retry_at, now),
        State::Lasting { since } => next_day(since, now),
        State::Unknown
        | State::Valid(_)
        | State::Due(_)
        | State::Expired(_)
        | State::Renewing { .. }
        | State::WaitingForYou { .. }
        | State::Broken { .. } => None,
    };
    let leads = engine.settings().leads_of(&session.definition.id);
    let ends = [session.state.end(), session.whole].into_iter().flatten();
    let stages = ends
        .clone()
        .flat_map(|end| [end.first_notice(leads), end.last_notice(leads), end.at])
        .filter(|stage| now < *stage);
    ends.filter_map(|end| words::next_change(end.at, now))
        .chain(stages)
        .chain(by_itself)
        .min()
}

fn of_holder(engine: &Engine, holder: &Holder, now: Timestamp) -> Option<Timestamp> {
    let end = end_of(engine, holder)?;
    let leads = leads_of(engine, holder);
    [end.first_notice(leads), end.last_notice(leads), end.at]
        .into_iter()
        .filter(|stage| now < *stage)
        .chain(words::next_change(end.at, now))
        .chain(words::next_change(holder.since, now))
        .min()
}

/// When one more day has passed since `since`.
fn next_day(since: Timestamp, now: Timestamp) -> Option<Timestamp> {
    const DAY: SignedDuration = SignedDuration::from_hours(24);
    let days = now
        .duration_since(since)
        .as_secs()
        .div_euclid(DAY.as_secs());
    let to_go = SignedDuration::from_secs((days + 1) * DAY.as_secs());
    since.checked_add(to_go).ok()
}

/// When clocks on the wall show this time next. A day on which they are set may have it twice or not at all: each moment
/// at which they could then show it counts, and so does the setting itself.
fn next_time(time: Time, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let today = zone.to_datetime(now).date();
    let moments = [Some(today), today.tomorrow().ok()]
        .into_iter()
        .flatten()
        .map(|day| zone.to_ambiguous_timestamp(day.to_datetime(time)))
        .flat_map(|moment| [moment.earlier(), moment.later()])
        .flatten();
    let setting = zone
        .following(now)
        .next()
        .map(|setting| setting.timestamp());
    moments.chain(setting).filter(|moment| now < *moment).min()
}
