//! The panel: one list of sessions.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::holders::{HeldBy, held_by};
use super::notes::notes;
use super::{Ending, detail, in_order, listed_end, needs_now, words};
use crate::engine::{Engine, Tracked};
use crate::error::RenewalError;
use crate::event::Scope;
use crate::findings::Finding;
use crate::lifetimes::{End, KnownBy};
use crate::names::SessionId;
use crate::session::{MetadataSource, Needs, Place, Renewal, State};

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
    /// What should be known besides, a sentence each: when the portal session ends, which duration AWS allowed, when AWS
    /// last accepted the credentials.
    pub notes: Vec<String>,
    /// Where its credentials lie, and which profiles use them.
    pub used_in: Vec<Place>,
    /// Programs that hold its keys in their environment, where no renewal reaches them.
    pub held_by: Vec<HeldBy>,
    /// What else can be done about it, besides its button.
    pub more: Vec<MoreAction>,
}

/// What can be done about a session besides renewing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum MoreAction {
    /// Ask AWS whether it accepts the credentials.
    Check,
    /// Sign out of the portal, then in: a portal session of its own.
    SignInAfresh,
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
    /// Run the program that makes the credentials: the same intent as Renew.
    Run,
    /// Read what AWS gave this machine: the same intent as Renew.
    ReadAgain,
    /// Sandglass cannot renew it, but can ask AWS whether it still works.
    Check,
    /// Nothing: only another program can do something about it, and a note says which.
    Elsewhere,
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
        findings: super::findings(engine),
        first_run: first_run(engine),
        due: u32::try_from(engine.due().len()).unwrap_or(u32::MAX),
    }
}

fn row(engine: &Engine, session: &Tracked, now: Timestamp, zone: &TimeZone) -> Row {
    let listed = listed_end(engine, session, now);
    let end = listed.map(|(end, _)| end);
    let action = action(engine, session, now);
    Row {
        id: session.definition.id.clone(),
        name: session.definition.name.clone(),
        detail: detail(session),
        kind: kind(&session.definition.renewal).to_owned(),
        look: look(&session.state, listed),
        time: time(session, end, now),
        sentence: sentence(session, listed, now, zone),
        known_by: end.map(|end| end.known_by),
        left_permille: end.map(|end| left_permille(end, now)),
        action,
        trouble: trouble(session).map(Trouble::from),
        notes: notes(engine, session, now, zone),
        used_in: session.used_in.clone(),
        held_by: held_by(engine, session, now, zone),
        more: more(session, action, now),
    }
}

fn kind(renewal: &Renewal) -> &'static str {
    match renewal {
        Renewal::Role(_) => "Role",
        Renewal::WebIdentity(_) => "Web identity role",
        Renewal::SessionToken(token) if token.device.is_none() => "Session token",
        Renewal::SessionToken(_) => "MFA session",
        Renewal::FederationToken(_) => "Federation token",
        Renewal::SsoSignIn(_) => "Identity Center sign-in",
        Renewal::SsoRole(_) => "Identity Center role",
        Renewal::ConsoleLogin(_) => "Console sign-in",
        Renewal::Metadata(MetadataSource::Instance) => "Instance role",
        Renewal::Metadata(MetadataSource::Container) => "Container role",
        Renewal::Process(_) => "Credential process",
        Renewal::LongLivedKeys(_) => "Long-lived keys",
        Renewal::Foreign(_) => "Made by another program",
    }
}

fn look(state: &State, listed: Option<(End, Ending)>) -> Look {
    match state {
        State::Unknown => Look::Absent,
        State::Valid(_) if listed.is_some_and(|(_, of)| of != Ending::Credentials) => Look::Low,
        State::Valid(_) | State::Lasting { .. } => Look::Full,
        State::Due(_) => Look::Low,
        State::Expired(_) => Look::Empty,
        State::Renewing { .. } => Look::Turning,
        State::WaitingForYou { .. } => Look::Asking,
        State::WaitingForNetwork { .. } => Look::Waiting,
        State::Broken { .. } => Look::Broken,
    }
}

/// What stands in the time column: what goes on, else what is left.
fn time(session: &Tracked, end: Option<End>, now: Timestamp) -> String {
    let left =
        |otherwise: &str| end.map_or_else(|| otherwise.to_owned(), |end| words::left_of(end, now));
    match &session.state {
        State::Unknown => absent(&session.definition.renewal).to_owned(),
        State::Lasting { .. } => "no end".to_owned(),
        State::Valid(_) | State::Due(_) | State::Expired(_) => left("no end"),
        State::Renewing { .. } => match session.definition.renewal {
            Renewal::Process(_) => "running…".to_owned(),
            Renewal::Metadata(_) => "reading…".to_owned(),
            Renewal::Role(_)
            | Renewal::WebIdentity(_)
            | Renewal::SessionToken(_)
            | Renewal::FederationToken(_)
            | Renewal::SsoSignIn(_)
            | Renewal::SsoRole(_)
            | Renewal::ConsoleLogin(_)
            | Renewal::LongLivedKeys(_)
            | Renewal::Foreign(_) => "renewing…".to_owned(),
        },
        State::WaitingForYou { .. } => "waiting for you".to_owned(),
        State::WaitingForNetwork { retry_at, .. } => {
            format!(
                "tries again in {}",
                words::span(retry_at.duration_since(now))
            )
        }
        State::Broken { .. } => left("cannot be renewed"),
    }
}

/// What is said where there are no credentials.
fn absent(renewal: &Renewal) -> &'static str {
    match renewal {
        Renewal::SsoSignIn(_) | Renewal::ConsoleLogin(_) => "not signed in",
        Renewal::Process(_) => "not run yet",
        Renewal::Metadata(_) => "not read yet",
        Renewal::LongLivedKeys(_) | Renewal::Foreign(_) => "no keys",
        Renewal::Role(_)
        | Renewal::WebIdentity(_)
        | Renewal::SessionToken(_)
        | Renewal::FederationToken(_)
        | Renewal::SsoRole(_) => "not issued yet",
    }
}

fn sentence(
    session: &Tracked,
    listed: Option<(End, Ending)>,
    now: Timestamp,
    zone: &TimeZone,
) -> String {
    let Some((end, of)) = listed else {
        return time(session, None, now);
    };
    let ending = words::ending_of(end, now, zone);
    let told = told(session, end, of);
    match &session.state {
        State::Renewing { .. } | State::WaitingForYou { .. } | State::WaitingForNetwork { .. } => {
            let what = what(of).unwrap_or("the present one");
            format!("{}; {what} {ending}, {told}", time(session, Some(end), now))
        }
        State::Unknown
        | State::Lasting { .. }
        | State::Valid(_)
        | State::Due(_)
        | State::Expired(_)
        | State::Broken { .. } => match what(of) {
            Some(what) => format!("{what} {ending}, {told}"),
            None => format!("{ending}, {told}"),
        },
    }
}

/// What ends, where it is not the session itself.
fn what(of: Ending) -> Option<&'static str> {
    match of {
        Ending::Credentials => None,
        Ending::PortalSession => Some("the portal session"),
        Ending::Chain => Some("the chain of renewals"),
    }
}

/// Who says so.
fn told(session: &Tracked, end: End, of: Ending) -> &'static str {
    match (end.known_by, of, &session.definition.renewal) {
        (KnownBy::Issuer, Ending::Credentials, Renewal::Foreign(_)) => {
            "as its program wrote it down"
        }
        (KnownBy::Issuer, _, _) => "told by AWS",
        (KnownBy::Estimate, Ending::PortalSession | Ending::Chain, _) => {
            "estimated: AWS does not tell when"
        }
        (KnownBy::Estimate, Ending::Credentials, _) if session.accepted_at.is_some() => {
            "estimated: AWS accepted it when it was asked"
        }
        (KnownBy::Estimate, Ending::Credentials, _) => "estimated: no end is written anywhere",
        (KnownBy::Probe, _, _) => "seen in an answer of AWS",
    }
}

fn left_permille(end: End, now: Timestamp) -> u16 {
    let left = end.at.duration_since(now).as_millis().max(0);
    let life = end.life.as_millis().max(1);
    u16::try_from((left * 1000 / life).clamp(0, 1000)).unwrap_or(1000)
}

pub(super) fn action(engine: &Engine, session: &Tracked, now: Timestamp) -> RowAction {
    let is_under_way = matches!(
        session.state,
        State::Renewing { .. } | State::WaitingForYou { .. }
    );
    if is_under_way {
        return RowAction::Busy;
    }
    match (needs_now(engine, session, now), &session.definition.renewal) {
        (Needs::Browser(_), _) => RowAction::SignIn,
        (Needs::Elsewhere(_), _) if session.is_being_checked() => RowAction::Busy,
        (Needs::Elsewhere(_), _) if can_be_checked(session) => RowAction::Check,
        (Needs::Elsewhere(_), _) => RowAction::Elsewhere,
        (Needs::Nothing | Needs::Code(_), Renewal::Process(_)) => RowAction::Run,
        (Needs::Nothing | Needs::Code(_), Renewal::Metadata(_)) => RowAction::ReadAgain,
        (
            Needs::Nothing | Needs::Code(_),
            Renewal::Role(_)
            | Renewal::WebIdentity(_)
            | Renewal::SessionToken(_)
            | Renewal::FederationToken(_)
            | Renewal::SsoSignIn(_)
            | Renewal::SsoRole(_)
            | Renewal::ConsoleLogin(_)
            | Renewal::LongLivedKeys(_)
            | Renewal::Foreign(_),
        ) => RowAction::Renew,
    }
}

/// Whether there are credentials that AWS can be asked about. A sign-in is none.
fn can_be_checked(session: &Tracked) -> bool {
    let has_credentials =
        session.state.end().is_some() || matches!(session.state, State::Lasting { .. });
    has_credentials && !matches!(session.definition.renewal, Renewal::SsoSignIn(_))
}

fn more(session: &Tracked, action: RowAction, now: Timestamp) -> Vec<MoreAction> {
    if action == RowAction::Busy {
        return Vec::new();
    }
    let check =
        can_be_checked(session) && action != RowAction::Check && !session.is_being_checked();
    let is_sign_in = matches!(session.definition.renewal, Renewal::SsoSignIn(_));
    let afresh = is_sign_in && session.is_live(now);
    [
        check.then_some(MoreAction::Check),
        afresh.then_some(MoreAction::SignInAfresh),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Why a session does not work, while that is still true.
pub(crate) fn trouble(session: &Tracked) -> Option<&RenewalError> {
    match &session.state {
        State::WaitingForNetwork { error, .. } | State::Broken { error, .. } => Some(error),
        State::Unknown
        | State::Lasting { .. }
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
const CONSOLE_SIGN_INS: &str = "Console sign-ins in ~/.aws/login/cache, as the AWS CLI writes them";
const KEYS: &str =
    "The keys of those profiles in ~/.aws/credentials that you told Sandglass to write";
const SEALED: &str =
    "Temporary keys that no file of the AWS CLI may hold, sealed, in Sandglass's own folder";

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
                devices.extend(token.device.iter().flatten());
                writes.insert(KEYS);
            }
            Renewal::SsoSignIn(portal) => {
                portals.insert(portal);
                writes.insert(SIGN_INS);
            }
            Renewal::SsoRole(_) | Renewal::WebIdentity(_) => {
                writes.insert(ROLES);
            }
            Renewal::FederationToken(token) => {
                writes.insert(if token.target.is_some() { KEYS } else { SEALED });
            }
            Renewal::ConsoleLogin(_) => {
                writes.insert(CONSOLE_SIGN_INS);
            }
            Renewal::Metadata(_)
            | Renewal::Process(_)
            | Renewal::LongLivedKeys(_)
            | Renewal::Foreign(_) => {}
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
