//! What faces show: plain data, computed from the engine's state and the time.
//!
//! Views are compared with `==` before anything touches a desktop. They hold names and times, never a secret.

mod changes;
pub mod doctor;
pub mod holders;
mod notes;
pub mod notice;
pub mod panel;
pub mod prompt;
pub mod tray;
pub mod words;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::engine::{Engine, Sighted, Tracked};
use crate::findings::Finding;
use crate::lifetimes::{End, KnownBy};
use crate::session::{Needs, Renewal, State};

pub use self::changes::next_change;
use self::notice::Notice;
use self::panel::PanelView;
use self::prompt::PromptView;
use self::tray::TrayView;

/// All that a tray shows at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Views {
    /// Icon, tooltip and menu.
    pub tray: TrayView,
    /// The panel window.
    pub panel: PanelView,
    /// Notifications that should stand now; what stands and is not among them is withdrawn.
    pub notices: Vec<Notice>,
    /// The one prompt to ask now.
    pub prompt: Option<PromptView>,
}

/// All views of the engine at this moment, in the time zone of the person.
pub fn views(engine: &Engine, now: Timestamp, zone: &TimeZone) -> Views {
    Views {
        tray: tray::tray_view(engine, now, zone),
        panel: panel::panel_view(engine, now, zone),
        notices: notice::notices(engine, now, zone),
        prompt: prompt::prompt_view(engine, now, zone),
    }
}

/// `Admin in 123456789012`, `Account 123456789012`, or where to sign in; empty where nothing is known.
fn detail(session: &Tracked) -> String {
    let renewal = &session.definition.renewal;
    match (renewal.role_name(), renewal.account(), renewal) {
        (Some(role), Some(account), _) => format!("{role} in {account}"),
        (Some(role), None, _) => role.to_owned(),
        (None, Some(account), _) => format!("Account {account}"),
        (None, None, Renewal::SsoSignIn(portal)) => portal.start_url.clone(),
        (None, None, Renewal::FederationToken(token)) => format!("Federated user {}", token.user),
        (None, None, Renewal::Foreign(foreign)) => foreign
            .maker
            .as_ref()
            .map_or_else(String::new, |maker| format!("Made by {maker}")),
        (
            None,
            None,
            Renewal::Role(_)
            | Renewal::WebIdentity(_)
            | Renewal::SessionToken(_)
            | Renewal::SsoRole(_)
            | Renewal::ConsoleLogin(_)
            | Renewal::Metadata(_)
            | Renewal::Process(_)
            | Renewal::LongLivedKeys(_),
        ) => String::new(),
    }
}

/// A clock further from AWS's than this is told.
const TOLERATED_SKEW: SignedDuration = SignedDuration::from_mins(1);

/// What a person should know of besides the sessions.
pub(crate) fn findings(engine: &Engine) -> Vec<Finding> {
    let skew = engine.skew();
    let clock = (skew.abs() > TOLERATED_SKEW).then(|| {
        let side = if skew.is_positive() { "behind" } else { "ahead of" };
        Finding {
            place: "clock".to_owned(),
            message: format!("this machine's clock is {} {side} AWS's", words::span(skew.abs())),
            remedy: "let the system set its clock by the network; until then, ends are judged by AWS's clock"
                .to_owned(),
        }
    });
    clock
        .into_iter()
        .chain(engine.findings().iter().cloned())
        .collect()
}

/// The end of the credentials that stand, as it is told to people: what AWS accepted when it was asked ends by reckoning
/// all the same.
pub(crate) fn told_end(session: &Tracked) -> Option<End> {
    let end = session.state.end()?;
    let known_by = match (end.known_by, session.accepted_at) {
        (KnownBy::Probe, Some(_)) => KnownBy::Estimate,
        (known_by, _) => known_by,
    };
    Some(End { known_by, ..end })
}

/// The end that stands in lists: that of the credentials, or of what they are renewed in where that comes soon.
fn listed_end(engine: &Engine, session: &Tracked, now: Timestamp) -> Option<(End, Ending)> {
    let of = Ending::whole_of(&session.definition.renewal);
    let whole = whole_ending(engine, session, now).map(|end| (end, of));
    whole.or_else(|| told_end(session).map(|end| (end, Ending::Credentials)))
}

/// What somebody has to act for.
struct Concern {
    /// When it ends, or ended.
    end: End,
    /// What ends then.
    of: Ending,
    /// What it takes.
    needs: Needs,
}

/// What ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// The credentials themselves.
    Credentials,
    /// The portal session that a sign-in renews itself in.
    PortalSession,
    /// The chain of refreshes that one `aws login` began.
    Chain,
}

impl Ending {
    /// What a sign-in renews itself in.
    fn whole_of(renewal: &Renewal) -> Self {
        match renewal {
            Renewal::ConsoleLogin(_) => Self::Chain,
            Renewal::SsoSignIn(_)
            | Renewal::Role(_)
            | Renewal::WebIdentity(_)
            | Renewal::SessionToken(_)
            | Renewal::FederationToken(_)
            | Renewal::SsoRole(_)
            | Renewal::Metadata(_)
            | Renewal::Process(_)
            | Renewal::LongLivedKeys(_)
            | Renewal::Foreign(_) => Self::PortalSession,
        }
    }
}

/// What somebody has to act for, now or soon; none where all is well or something is being done.
fn concern(engine: &Engine, session: &Tracked, now: Timestamp) -> Option<Concern> {
    let of_credentials = match &session.state {
        State::Due(_) | State::Expired(_) | State::Broken { .. }
            if concerns_person(engine, session, now) =>
        {
            told_end(session)
        }
        State::Unknown
        | State::Lasting { .. }
        | State::Valid(_)
        | State::Due(_)
        | State::Expired(_)
        | State::Renewing { .. }
        | State::WaitingForYou { .. }
        | State::WaitingForNetwork { .. }
        | State::Broken { .. } => None,
    };
    let of_credentials = of_credentials.map(|end| Concern {
        end,
        of: Ending::Credentials,
        needs: engine.needs(session, now),
    });
    of_credentials.or_else(|| {
        Some(Concern {
            end: whole_ending(engine, session, now)?,
            of: Ending::whole_of(&session.definition.renewal),
            needs: needs_now(engine, session, now),
        })
    })
}

/// What it takes to renew a session now. A refresh token is of no use any more where the whole comes to its end.
fn needs_now(engine: &Engine, session: &Tracked, now: Timestamp) -> Needs {
    match whole_ending(engine, session, now) {
        Some(_) => engine.needs_afterwards(session),
        None => engine.needs(session, now),
    }
}

/// Whether somebody has to act for the credentials of a session: their renewal needs a person, cannot work as it is, or
/// failed in a way that only a person can cure.
fn concerns_person(engine: &Engine, session: &Tracked, now: Timestamp) -> bool {
    match session.definition.renewal {
        // Programs run it themselves whenever they need it, and keys have no end.
        Renewal::Process(_) | Renewal::LongLivedKeys(_) => false,
        // AWS renews them in time. Where they are over, it did not.
        Renewal::Metadata(_) => session.state.end().is_some_and(|end| end.is_past(now)),
        Renewal::Role(_)
        | Renewal::WebIdentity(_)
        | Renewal::SessionToken(_)
        | Renewal::FederationToken(_)
        | Renewal::SsoSignIn(_)
        | Renewal::SsoRole(_)
        | Renewal::ConsoleLogin(_)
        | Renewal::Foreign(_) => {
            matches!(session.state, State::Broken { .. })
                || engine.needs(session, now) != Needs::Nothing
                || session.trouble.is_some()
        }
    }
}

/// The end of what a sign-in renews itself in, where it comes soon. Once it is past, the sign-in itself tells: a refresh
/// token works no more, or the end was a wrong guess.
fn whole_ending(engine: &Engine, session: &Tracked, now: Timestamp) -> Option<End> {
    let renews_itself = match session.state {
        State::Valid(_)
        | State::Due(_)
        | State::Renewing { .. }
        | State::WaitingForNetwork { .. } => engine.needs(session, now) == Needs::Nothing,
        State::Unknown
        | State::Lasting { .. }
        | State::Expired(_)
        | State::WaitingForYou { .. }
        | State::Broken { .. } => false,
    };
    let leads = engine.settings().leads_of(&session.definition.id);
    session
        .whole
        .filter(|whole| renews_itself && !whole.is_past(now) && whole.first_notice(leads) <= now)
}

/// Whether anybody misses a session that is over. What was over before Sandglass saw it alive may be of no interest, and
/// a `credential_process` is run by programs themselves.
fn is_missed(session: &Tracked) -> bool {
    session.sighted == Sighted::Alive && !matches!(session.definition.renewal, Renewal::Process(_))
}

/// Sessions as people see them: what ends first stands first, what has no credentials after that, and keys that never
/// end last.
pub(crate) fn in_order(engine: &Engine) -> Vec<&Tracked> {
    let mut sessions: Vec<&Tracked> = engine.sessions().collect();
    sessions.sort_by_key(|session| {
        let end = session.state.end().map(|end| end.at);
        let never_ends = matches!(session.definition.renewal, Renewal::LongLivedKeys(_));
        (
            never_ends,
            end.is_none(),
            end,
            session.definition.name.clone(),
        )
    });
    sessions
}
