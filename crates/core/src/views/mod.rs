//! What faces show: plain data, computed from the engine's state and the time.
//!
//! Views are compared with `==` before anything touches a desktop. They hold names and times, never a secret.

pub mod notice;
pub mod panel;
pub mod prompt;
pub mod tray;
pub mod words;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::engine::{Engine, Tracked};
use crate::session::{Needs, Renewal, State};

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
        prompt: prompt::prompt_view(engine),
    }
}

/// When the views change next by time alone (UTC). Only the bars of the panel drain on in between.
pub fn next_change(engine: &Engine, now: Timestamp) -> Option<Timestamp> {
    let of_session = |session: &Tracked| {
        let retry = match &session.state {
            State::WaitingForNetwork { retry_at, .. } => words::next_change(*retry_at, now),
            State::Unknown
            | State::Valid(_)
            | State::Due(_)
            | State::Expired(_)
            | State::Renewing { .. }
            | State::WaitingForYou { .. }
            | State::Broken { .. } => None,
        };
        let end = session.state.end();
        let stages = end.map(|end| [end.first_notice(), end.last_notice(), end.at]);
        let next_stage = stages
            .into_iter()
            .flatten()
            .filter(|stage| now < *stage)
            .min();
        [
            end.and_then(|end| words::next_change(end.at, now)),
            next_stage,
            retry,
        ]
    };
    engine
        .sessions()
        .flat_map(of_session)
        .flatten()
        .chain(engine.next_noise(now))
        .min()
}

/// `Admin in 123456789012`, `Account 123456789012`, or where to sign in; empty where nothing is known.
fn detail(session: &Tracked) -> String {
    let renewal = &session.definition.renewal;
    match (renewal.role_name(), renewal.account(), renewal) {
        (Some(role), Some(account), _) => format!("{role} in {account}"),
        (Some(role), None, _) => role.to_owned(),
        (None, Some(account), _) => format!("Account {account}"),
        (None, None, Renewal::SsoSignIn(portal)) => portal.start_url.clone(),
        (None, None, Renewal::Role(_) | Renewal::SessionToken(_) | Renewal::SsoRole(_)) => {
            String::new()
        }
    }
}

/// Whether somebody has to act for a session: its renewal needs a person, cannot work as it is, or failed in a way that
/// only a person can cure.
fn concerns_person(engine: &Engine, session: &Tracked, now: Timestamp) -> bool {
    matches!(session.state, State::Broken { .. })
        || engine.needs(session, now) != Needs::Nothing
        || session.trouble.is_some()
}

/// Sessions as people see them: what ends first stands first, what has no end last.
pub(crate) fn in_order(engine: &Engine) -> Vec<&Tracked> {
    let mut sessions: Vec<&Tracked> = engine.sessions().collect();
    sessions.sort_by_key(|session| {
        let end = session.state.end().map(|end| end.at);
        (end.is_none(), end, session.definition.name.clone())
    });
    sessions
}
