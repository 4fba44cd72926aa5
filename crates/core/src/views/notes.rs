//! What should be known of a session besides its end, a sentence each.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Ending, needs_now, words};
use crate::engine::{Engine, Tracked};
use crate::session::{Allowed, DurationLimit, Needs, Renewal};

pub(super) fn notes(
    engine: &Engine,
    session: &Tracked,
    now: Timestamp,
    zone: &TimeZone,
) -> Vec<String> {
    [
        age(session, now, zone),
        whole(session, now, zone),
        allowed(session),
        accepted(session, now, zone),
        session
            .is_being_checked()
            .then(|| "AWS is being asked whether it accepts the credentials.".to_owned()),
        whose(engine, session, now),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn age(session: &Tracked, now: Timestamp, zone: &TimeZone) -> Option<String> {
    let since = session.state.lasting_since()?;
    Some(format!(
        "In use since at least {} ({}).",
        words::date(since, now, zone),
        words::age(since, now)
    ))
}

/// The third end, besides those of the access token and of role credentials.
fn whole(session: &Tracked, now: Timestamp, zone: &TimeZone) -> Option<String> {
    let whole = session.whole.filter(|whole| !whole.is_past(now))?;
    let at = words::moment(whole, now, zone);
    match Ending::whole_of(&session.definition.renewal) {
        Ending::Credentials => None,
        Ending::PortalSession => Some(format!(
            "The portal session ends {at}; a sign-in before then ends with it."
        )),
        Ending::Chain => Some(format!(
            "Its renewals come to their end {at}; `aws login` begins new ones."
        )),
    }
}

fn allowed(session: &Tracked) -> Option<String> {
    let Allowed {
        asked,
        granted,
        limit,
    } = session.definition.renewal.allowed()?;
    let limit = match limit {
        DurationLimit::RoleMaximum => "the role's maximum",
        DurationLimit::RoleChaining => "for a role assumed from a role",
    };
    Some(format!(
        "{} were asked; AWS allows {} ({limit}).",
        words::span(asked),
        words::span(granted)
    ))
}

fn accepted(session: &Tracked, now: Timestamp, zone: &TimeZone) -> Option<String> {
    let at = words::clock(session.accepted_at?, now, zone);
    Some(format!("AWS accepted it at {at}."))
}

/// Who renews it, where that is not Sandglass.
fn whose(engine: &Engine, session: &Tracked, now: Timestamp) -> Option<String> {
    match (&session.definition.renewal, needs_now(engine, session, now)) {
        (Renewal::LongLivedKeys(_), Needs::Elsewhere(remedy)) => Some(words::sentence(&remedy)),
        (_, Needs::Elsewhere(remedy)) => Some(format!("To renew it, {remedy}.")),
        (Renewal::Process(_), _) => Some("Run only when you ask.".to_owned()),
        (Renewal::Metadata(_), _) => Some("AWS renews it; Sandglass only looks.".to_owned()),
        (
            Renewal::Role(_)
            | Renewal::WebIdentity(_)
            | Renewal::SessionToken(_)
            | Renewal::FederationToken(_)
            | Renewal::SsoSignIn(_)
            | Renewal::SsoRole(_)
            | Renewal::ConsoleLogin(_)
            | Renewal::LongLivedKeys(_)
            | Renewal::Foreign(_),
            Needs::Nothing | Needs::Code(_) | Needs::Browser(_),
        ) => None,
    }
}
