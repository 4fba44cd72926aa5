//! The panel: one list of sessions.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{detail, in_order, words};
use crate::engine::{Engine, Tracked};
use crate::error::RenewalError;
use crate::event::Scope;
use crate::findings::Finding;
use crate::lifetimes::{End, KnownBy};
use crate::names::SessionId;
use crate::session::{Needs, Renewal, State};

/// The whole panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PanelView {
    /// Sessions, soonest end first.
    pub rows: Vec<Row>,
    /// What the person should know of besides.
    pub findings: Vec<Finding>,
    /// Present until the person agreed, once, to what may be written.
    pub first_run: Option<FirstRun>,
    /// How many sessions "Renew what is due" would renew.
    pub due: u32,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Row {
    /// Names the session in intents.
    pub id: SessionId,
    /// `prod-admin`.
    pub name: String,
    /// `Admin in 123456789012`; empty where nothing is known.
    pub detail: String,
    /// `Role`, `MFA session`, `Identity Center sign-in`.
    pub kind: String,
    /// What its glyph shows.
    pub look: Look,
    /// `12 min`, `ended 3 min ago`, `waiting for you`: what stands in the time column.
    pub time: String,
    /// `ends in 12 min (14:32), told by AWS`: the full sentence for the row's details and for screen readers.
    pub sentence: String,
    /// Who says when it ends; none without an end.
    pub known_by: Option<KnownBy>,
    /// What is left of its life, in thousandths, for the bar; none without an end.
    pub left_permille: Option<u16>,
    /// What the row's button does.
    pub action: RowAction,
    /// Why it does not work, and what to do.
    pub trouble: Option<Trouble>,
}

/// The state of a session as far as a person cares. Each has a shape and a word of its own: colour only helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// No credentials yet.
    Absent,
    /// Works.
    Full,
    /// Ends soon.
    Low,
    /// Over.
    Empty,
    /// Being renewed.
    Turning,
    /// Waits for the person.
    Asking,
    /// Waits for the network or for AWS.
    Waiting,
    /// Cannot work as it is.
    Broken,
}

/// What the button of a row does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum RowAction {
    /// Renew.
    Renew,
    /// Sign in with a browser.
    SignIn,
    /// Nothing can be asked now: it is under way.
    Busy,
}

/// Why a session does not work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Trouble {
    /// What failed, in AWS's words where AWS answered.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

/// What was found on this machine, before the person agreed to anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FirstRun {
    /// `Found 7 profiles, 2 portals, 1 MFA device`.
    pub found: String,
    /// What will be written once the person agrees, a sentence each.
    pub writes: Vec<String>,
}

/// The panel at this moment.
pub fn panel_view(engine: &Engine, now: Timestamp, zone: &TimeZone) -> PanelView {
    PanelView {
        rows: in_order(engine)
            .into_iter()
            .map(|session| row(engine, session, now, zone))
            .collect(),
        findings: engine.findings().to_vec(),
        first_run: first_run(engine),
        due: u32::try_from(engine.due().len()).unwrap_or(u32::MAX),
    }
}

fn row(engine: &Engine, session: &Tracked, now: Timestamp, zone: &TimeZone) -> Row {
    let end = session.state.end();
    Row {
        id: session.definition.id.clone(),
        name: session.definition.name.clone(),
        detail: detail(session),
        kind: kind(&session.definition.renewal).to_owned(),
        look: look(&session.state),
        time: time(session, now),
        sentence: sentence(session, now, zone),
        known_by: end.map(|end| end.known_by),
        left_permille: end.map(|end| left_permille(end, now)),
        action: action(engine, session, now),
        trouble: trouble(session).map(Trouble::from),
    }
}

fn kind(renewal: &Renewal) -> &'static str {
    match renewal {
        Renewal::Role(_) => "Role",
        Renewal::SessionToken(_) => "MFA session",
        Renewal::SsoSignIn(_) => "Identity Center sign-in",
        Renewal::SsoRole(_) => "Identity Center role",
    }
}

fn look(state: &State) -> Look {
    match state {
        State::Unknown => Look::Absent,
        State::Valid(_) => Look::Full,
        State::Due(_) => Look::Low,
        State::Expired(_) => Look::Empty,
        State::Renewing { .. } => Look::Turning,
        State::WaitingForYou { .. } => Look::Asking,
        State::WaitingForNetwork { .. } => Look::Waiting,
        State::Broken { .. } => Look::Broken,
    }
}

/// What stands in the time column: what goes on, else what is left.
fn time(session: &Tracked, now: Timestamp) -> String {
    match &session.state {
        State::Unknown => match session.definition.renewal {
            Renewal::SsoSignIn(_) => "not signed in".to_owned(),
            Renewal::Role(_) | Renewal::SessionToken(_) | Renewal::SsoRole(_) => {
                "not issued yet".to_owned()
            }
        },
        State::Valid(end) | State::Due(end) | State::Expired(end) => words::left_of(*end, now),
        State::Renewing { .. } => "renewing…".to_owned(),
        State::WaitingForYou { .. } => "waiting for you".to_owned(),
        State::WaitingForNetwork { retry_at, .. } => {
            format!(
                "tries again in {}",
                words::span(retry_at.duration_since(now))
            )
        }
        State::Broken { last, .. } => last.map_or_else(
            || "cannot be renewed".to_owned(),
            |end| words::left_of(end, now),
        ),
    }
}

fn sentence(session: &Tracked, now: Timestamp, zone: &TimeZone) -> String {
    let Some(end) = session.state.end() else {
        return time(session, now);
    };
    let ending = words::ending_of(end, now, zone);
    let told = match end.known_by {
        KnownBy::Issuer => "told by AWS",
        KnownBy::Estimate => "estimated: no end is written anywhere",
        KnownBy::Probe => "seen in an answer of AWS",
    };
    match &session.state {
        State::Renewing { .. } | State::WaitingForYou { .. } | State::WaitingForNetwork { .. } => {
            format!("{}; the present one {ending}, {told}", time(session, now))
        }
        State::Unknown
        | State::Valid(_)
        | State::Due(_)
        | State::Expired(_)
        | State::Broken { .. } => format!("{ending}, {told}"),
    }
}

fn left_permille(end: End, now: Timestamp) -> u16 {
    let left = end.at.duration_since(now).as_millis().max(0);
    let life = end.life.as_millis().max(1);
    u16::try_from((left * 1000 / life).clamp(0, 1000)).unwrap_or(1000)
}

fn action(engine: &Engine, session: &Tracked, now: Timestamp) -> RowAction {
    match session.state {
        State::Renewing { .. } | State::WaitingForYou { .. } => RowAction::Busy,
        State::Unknown
        | State::Valid(_)
        | State::Due(_)
        | State::Expired(_)
        | State::WaitingForNetwork { .. }
        | State::Broken { .. } => match engine.needs(session, now) {
            Needs::Browser(_) => RowAction::SignIn,
            Needs::Nothing | Needs::Code(_) => RowAction::Renew,
        },
    }
}

/// Why a session does not work, while that is still true.
pub(crate) fn trouble(session: &Tracked) -> Option<&RenewalError> {
    match &session.state {
        State::WaitingForNetwork { error, .. } | State::Broken { error, .. } => Some(error),
        State::Unknown
        | State::Valid(_)
        | State::Due(_)
        | State::Expired(_)
        | State::Renewing { .. }
        | State::WaitingForYou { .. } => session.trouble.as_ref(),
    }
}

impl From<&RenewalError> for Trouble {
    fn from(error: &RenewalError) -> Self {
        Self {
            message: error.message.clone(),
            remedy: error.remedy.clone(),
        }
    }
}

const SIGN_INS: &str = "Sign-in tokens in ~/.aws/sso/cache, as the AWS CLI writes them";
const ROLES: &str = "Role credentials in ~/.aws/cli/cache, as the AWS CLI writes them";
const KEYS: &str = "The keys of those profiles in ~/.aws/credentials that you gave Sandglass with `sandglass mfa add`";

/// What was found, until the person agreed to what may be written.
fn first_run(engine: &Engine) -> Option<FirstRun> {
    if engine.agreement().scope == Scope::All || engine.sessions().next().is_none() {
        return None;
    }
    let profiles: BTreeSet<_> = engine
        .sessions()
        .filter_map(|session| session.definition.profile.as_ref())
        .collect();
    let mut portals = BTreeSet::new();
    let mut devices = BTreeSet::new();
    let mut writes = BTreeSet::new();
    for session in engine.sessions() {
        match &session.definition.renewal {
            Renewal::Role(role) => {
                devices.extend(role.mfa_serial.as_ref());
                writes.insert(ROLES);
            }
            Renewal::SessionToken(token) => {
                devices.extend(token.device.as_ref().ok());
                writes.insert(KEYS);
            }
            Renewal::SsoSignIn(portal) => {
                portals.insert(portal);
                writes.insert(SIGN_INS);
            }
            Renewal::SsoRole(_) => {
                writes.insert(ROLES);
            }
        }
    }
    let found = [
        (profiles.len(), "profile"),
        (portals.len(), "portal"),
        (devices.len(), "MFA device"),
    ];
    let found: Vec<String> = found
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| words::count(number, noun))
        .collect();
    Some(FirstRun {
        found: format!("Found {}", found.join(", ")),
        writes: writes.into_iter().map(str::to_owned).collect(),
    })
}
