//! The tray icon, its tooltip and its menu.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::panel::{RowAction, action};
use super::{concern, in_order, is_missed, listed_end, words};
use crate::engine::{Engine, Tracked};
use crate::names::SessionId;
use crate::session::State;

/// More sessions than this are in the panel only.
const MOST_IN_MENU: usize = 8;

/// All that a tray shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrayView {
    /// The worst state of all sessions.
    pub icon: Icon,
    /// `prod-admin ends in 12 min (14:32)`.
    pub tooltip: String,
    /// At most eight sessions, soonest first.
    pub sessions: Vec<MenuSession>,
    /// How many sessions "Renew what is due" would renew; the item is disabled at 0.
    pub due: u32,
}

/// The four states of the icon. Shape tells the state, colour only helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Icon {
    /// All is well.
    Full,
    /// Something is being renewed.
    Turning,
    /// Something ends soon.
    Low,
    /// Something ended, or cannot be renewed.
    Empty,
}

/// A session in the menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuSession {
    /// Names it in intents.
    pub id: SessionId,
    /// `prod-admin · 12 min`.
    pub label: String,
    /// What its entry does.
    pub action: RowAction,
}

/// Icon, tooltip and menu at this moment.
pub fn tray_view(engine: &Engine, now: Timestamp, zone: &TimeZone) -> TrayView {
    let sessions = in_order(engine);
    TrayView {
        icon: sessions
            .iter()
            .map(|session| icon(engine, session, now))
            .max()
            .unwrap_or(Icon::Full),
        tooltip: tooltip(engine, &sessions, now, zone),
        sessions: sessions
            .iter()
            .filter(|session| matters(session))
            .take(MOST_IN_MENU)
            .map(|session| MenuSession {
                id: session.definition.id.clone(),
                label: label(engine, session, now),
                action: action(engine, session, now),
            })
            .collect(),
        due: u32::try_from(engine.due().len()).unwrap_or(u32::MAX),
    }
}

/// What one session would have the icon say. What renews itself in time is no news, and what was over before Sandglass
/// saw it alive may be of no interest to anybody.
fn icon(engine: &Engine, session: &Tracked, now: Timestamp) -> Icon {
    match &session.state {
        State::Unknown | State::Lasting { .. } => Icon::Full,
        State::Renewing { .. } | State::WaitingForYou { .. } => Icon::Turning,
        State::Valid(_) | State::Due(_) => match concern(engine, session, now) {
            Some(_) => Icon::Low,
            None => Icon::Full,
        },
        State::Expired(_) | State::Broken { .. } => {
            if is_missed(session) {
                Icon::Empty
            } else {
                Icon::Full
            }
        }
        State::WaitingForNetwork { .. } => {
            if session.is_live(now) {
                Icon::Low
            } else {
                Icon::Empty
            }
        }
    }
}

/// The session that needs attention most, or that all is well.
fn tooltip(engine: &Engine, sessions: &[&Tracked], now: Timestamp, zone: &TimeZone) -> String {
    let worst = sessions
        .iter()
        .filter(|session| matters(session))
        .rev()
        .max_by_key(|session| icon(engine, session, now));
    let Some(worst) = worst else {
        return "No AWS session yet".to_owned();
    };
    let name = &worst.definition.name;
    match (&worst.state, listed_end(engine, worst, now)) {
        (State::WaitingForYou { .. }, _) => format!("{name} waits for you"),
        (State::Renewing { .. }, _) => format!("Renewing {name}"),
        (_, Some((end, _))) => format!("{name} {}", words::ending_of(end, now, zone)),
        (_, None) => format!("{name} cannot be renewed"),
    }
}

/// Whether a session has anything to tell in the tray.
fn matters(session: &Tracked) -> bool {
    match session.state {
        State::Unknown | State::Lasting { .. } => false,
        State::Expired(_) => is_missed(session),
        State::Valid(_)
        | State::Due(_)
        | State::Renewing { .. }
        | State::WaitingForYou { .. }
        | State::WaitingForNetwork { .. }
        | State::Broken { .. } => true,
    }
}

fn label(engine: &Engine, session: &Tracked, now: Timestamp) -> String {
    let name = &session.definition.name;
    match (&session.state, listed_end(engine, session, now)) {
        (State::WaitingForYou { .. }, _) => format!("{name} · waits for you"),
        (State::Renewing { .. }, _) => format!("{name} · renewing…"),
        (_, Some((end, _))) => format!("{name} · {}", words::left_of(end, now)),
        (_, None) => format!("{name} · cannot be renewed"),
    }
}
