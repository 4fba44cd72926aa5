//! The engine: sans-I/O, like a QUIC or WebRTC state machine without sockets.
//!
//! Feed it [`Event`]s and the time with [`Engine::handle`], and the time alone with [`Engine::handle_timeout`] once
//! [`Engine::poll_timeout`] is reached; carry out what [`Engine::poll_effect`] gives until it gives nothing. The same
//! calls always give the same effects.
//!
//! ```text
//!             seen                 lead reached                click / silent policy
//!  Unknown ────────> Valid ─────────────────────> Due ───────────────────────────> Renewing
//!                    ^   ^                         │ end passed                     │ │ │ │
//!                    │   └────── renewed ─────── Expired ───────────────────────────┘ │ │ └> WaitingForYou
//!                    │                                                                │ │      │ code, approval
//!                    ├──────────────────────────── renewed <──────────────────────────┼─┼──────┘
//!                    │                    WaitingForNetwork <── no network ───────────┘ │
//!                    └─ renewed ─────────────── Broken <── cannot work as it is ────────┘
//! ```
//!
//! A session whose definition cannot work, or whose source cannot, is Broken from the start; it is renewed again when
//! the definition changes or somebody asks.
//!
//! What holds at all times (a property test drives it):
//! - one prompt for one device or portal, however many sessions and programs wait for it;
//! - after draining, `poll_timeout` is later than the time that was handed in;
//! - nothing is asked that no person clicked for and no program waits for;
//! - a program that waits is answered once, and never waits for what nobody does;
//! - a session that works, or that nobody needs to act for, has no notice, except of programs that hold keys of it which
//!   end.
//!
//! Little is stored and much is derived: `advance` runs after every event and makes rest states fit the time,
//! prompts fit those who wait, and renewals fit what is wanted. An event only notes what it says.
//!
//! The engine holds no secret: a code that a person types waits with the agent's performer of renewals, and only the
//! fact that it was typed comes here.

mod askers;
mod checks;
mod clock;
mod files;
mod needs;
mod prompts;
mod renewals;
mod serving;
mod session;
mod shared;
mod sign_ins;

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::doctor::Holder;
use crate::effect::{Effect, SignInStart};
use crate::event::{Agreement, Asker, Event, Intent, Scope};
use crate::findings::Finding;
use crate::names::{AskerId, AttemptId, MfaSerial, ProfileName, PromptId, SessionId};
use crate::prompt::{CODE_STEP, PromptKey};
use crate::session::{Needs, Place, Policy, Renewal, State};
use crate::settings::Settings;

pub use self::prompts::{Prompt, Route};
use self::session::Origin;
pub use self::session::{Sighted, Tracked};
use self::shared::SharedSessions;

/// "Not for 15 min", and "Snooze for 15 min" in the menu.
pub const POSTPONED: SignedDuration = SignedDuration::from_mins(15);
/// Snooze on a notice: it comes back once before a 15 minute lead is over.
pub const SNOOZED: SignedDuration = SignedDuration::from_mins(5);
/// After a plain cancel, programs that ask again at once are refused for this long, so that a loop cannot nag.
pub const CANCELLED: SignedDuration = SignedDuration::from_secs(30);
/// How long a word of success stands.
pub const DONE: SignedDuration = SignedDuration::from_secs(8);
/// Silent renewals of one session are at least this far apart, as in the AWS SDKs.
const BETWEEN_SILENT: SignedDuration = SignedDuration::from_secs(30);
/// However short a life is, its silent renewals are at least this far apart.
const SHORTEST_PAUSE: SignedDuration = SignedDuration::from_secs(1);

/// Whether a tray is there to ask a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tray {
    Connected,
    Absent,
}

/// Whether somebody can see the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Screen {
    Unlocked,
    Locked,
}

/// All sessions of this machine and what is going on with them.
#[derive(Clone, Debug)]
pub struct Engine {
    sessions: BTreeMap<SessionId, Tracked>,
    findings: Vec<Finding>,
    holders: Vec<Holder>,
    agreement: Agreement,
    tray: Tray,
    prompts: BTreeMap<PromptId, Prompt>,
    askers: BTreeMap<AskerId, Asker>,
    /// Programs are refused what these keys would ask, until then.
    cool_downs: BTreeMap<PromptKey, Timestamp>,
    /// When the last code of a device went to AWS: it works once.
    codes_used: BTreeMap<MfaSerial, Timestamp>,
    /// The time that was last handed in.
    clock: Timestamp,
    quiet_until: Option<Timestamp>,
    screen: Screen,
    settings: Settings,
    /// How far AWS's clock is ahead of this machine's own.
    skew: SignedDuration,
    shared: SharedSessions,
    last_prompt: PromptId,
    last_attempt: AttemptId,
    effects: VecDeque<Effect>,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// An engine that knows of nothing yet.
    pub fn new() -> Self {
        Self {
            sessions: BTreeMap::new(),
            findings: Vec::new(),
            holders: Vec::new(),
            agreement: Agreement::default(),
            tray: Tray::Absent,
            prompts: BTreeMap::new(),
            askers: BTreeMap::new(),
            cool_downs: BTreeMap::new(),
            codes_used: BTreeMap::new(),
            clock: Timestamp::MIN,
            quiet_until: None,
            screen: Screen::Unlocked,
            settings: Settings::default(),
            skew: SignedDuration::ZERO,
            shared: SharedSessions::default(),
            last_prompt: PromptId(0),
            last_attempt: AttemptId(0),
            effects: VecDeque::new(),
        }
    }

    /// Takes in what happened.
    pub fn handle(&mut self, event: Event, now: Timestamp) {
        self.read_clock(now);
        self.settle_all(now);
        match event {
            Event::FilesRead {
                sightings,
                findings,
            } => self.files_read(sightings, findings, now),
            Event::AgreementRead(agreement) => self.agreement = agreement,
            Event::RenewalEnded { attempt, result } => self.renewal_ended(attempt, result, now),
            Event::Checked { attempt, result } => self.checked(attempt, result, now),
            Event::SharedSessionOpened(session) => self.shared_session_opened(session, now),
            Event::SettingsRead(settings) => self.settings = settings,
            Event::ScreenLocked => self.screen = Screen::Locked,
            Event::ScreenUnlocked => self.screen = Screen::Unlocked,
            Event::Woke => self.woke(now),
            Event::ClockStepped(by) => self.clock_stepped(by),
            Event::SkewMeasured(skew) => self.skew = skew,
            Event::HoldersSeen(holders) => self.holders_seen(holders),
            Event::DeviceCodeIssued { attempt, code } => self.device_code_issued(attempt, code),
            Event::TrayConnected => self.tray = Tray::Connected,
            Event::TrayLeft => {
                self.tray = Tray::Absent;
                // Nobody looks any more.
                self.holders.clear();
            }
            Event::AskerArrived(asker) => self.asker_arrived(asker, now),
            Event::AskerLeft(asker) => self.asker_left(asker, now),
            Event::CodeEntered { prompt } => self.code_entered(prompt),
            Event::Intended(intent) => self.intended(intent, now),
        }
        self.advance(now);
    }

    /// Takes in that time has passed.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.read_clock(now);
        self.advance(now);
    }

    /// The next thing to carry out.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When time alone changes something (UTC). Later than the time last handed in.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.sessions
            .values()
            .filter_map(|session| self.next_deadline(session))
            .min()
    }

    /// Every session, by id.
    pub fn sessions(&self) -> impl Iterator<Item = &Tracked> {
        self.sessions.values()
    }

    /// One session.
    pub fn session(&self, id: &SessionId) -> Option<&Tracked> {
        self.sessions.get(id)
    }

    /// The session that a person means by a profile's name, or by the name of an sso-session. Of several that a profile
    /// has, the one that Sandglass can do most about: keys that some tool left beside a role are not what is meant.
    pub fn session_named(&self, name: &str) -> Option<&Tracked> {
        let of_profile = |session: &&Tracked| {
            let profile = session.definition.profile.as_ref();
            profile.is_some_and(|profile| profile.as_str() == name)
        };
        let policy = |session: &&Tracked| session.definition.renewal.policy();
        let meant = self.sessions.values().filter(of_profile).min_by_key(policy);
        let called = || {
            let mut sessions = self.sessions.values();
            sessions.find(|session| session.definition.name == name)
        };
        // A profile may stand for the session of another one.
        let used = || {
            let place = Place::Profile(ProfileName::new(name));
            let mut sessions = self.sessions.values();
            sessions.find(|session| session.used_in.contains(&place))
        };
        meant.or_else(called).or_else(used)
    }

    /// The Identity Center sign-in behind a profile, or of that name.
    pub fn sign_in_named(&self, name: &str) -> Option<&Tracked> {
        let named = self.session_named(name)?;
        self.lineage(&named.definition.id)
            .into_iter()
            .find(|session| matches!(session.definition.renewal, Renewal::SsoSignIn(_)))
    }

    /// What is wrong with files or services.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Programs that hold temporary keys in their environment, as they were seen last.
    pub fn holders(&self) -> &[Holder] {
        &self.holders
    }

    /// What the person agreed to.
    pub fn agreement(&self) -> &Agreement {
        &self.agreement
    }

    /// The prompts that are open, oldest first.
    pub fn prompts(&self) -> impl Iterator<Item = &Prompt> {
        self.prompts.values()
    }

    /// The one prompt that a tray shows now.
    pub fn prompt_in_tray(&self) -> Option<&Prompt> {
        self.prompts
            .values()
            .find(|prompt| prompt.route == Route::Tray)
    }

    /// What the person set.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How far AWS's clock is ahead of this machine's own (behind where negative).
    pub fn skew(&self) -> SignedDuration {
        self.skew
    }

    /// Whether somebody can see what is shown.
    pub fn is_screen_locked(&self) -> bool {
        match self.screen {
            Screen::Locked => true,
            Screen::Unlocked => false,
        }
    }

    /// When the last code of a device went to AWS.
    pub fn code_used(&self, device: &MfaSerial) -> Option<Timestamp> {
        self.codes_used.get(device).copied()
    }

    /// Whether all notices are held back at this moment, or those of what this key would ask.
    pub fn is_quiet(&self, needs: &Needs, now: Timestamp) -> bool {
        let key = PromptKey::for_needs(needs.clone());
        let cooling = key.and_then(|key| self.cool_downs.get(&key));
        [self.quiet_until, cooling.copied()]
            .into_iter()
            .flatten()
            .any(|until| now < until)
    }

    /// When a silence of [`Self::is_quiet`] or of one session ends next.
    pub fn next_noise(&self, now: Timestamp) -> Option<Timestamp> {
        let snoozes = self
            .sessions
            .values()
            .filter_map(|session| session.snoozed_until);
        let done = self
            .sessions
            .values()
            .filter_map(|session| session.done_until);
        self.quiet_until
            .into_iter()
            .chain(self.cool_downs.values().copied())
            .chain(snoozes)
            .chain(done)
            .filter(|until| now < *until)
            .min()
    }

    /// Without a tray nobody looks again, and what is seen once is soon not true any more.
    fn holders_seen(&mut self, holders: Vec<Holder>) {
        match self.tray {
            Tray::Connected => self.holders = holders,
            Tray::Absent => {}
        }
    }

    fn intended(&mut self, intent: Intent, now: Timestamp) {
        match intent {
            Intent::Renew(session) => self.renew_each(vec![session], now),
            Intent::RenewEach(sessions) => self.renew_each(sessions, now),
            Intent::RenewDue => self.renew_each(self.due(), now),
            Intent::Snooze(sessions) => {
                for id in sessions {
                    if let Some(session) = self.sessions.get_mut(&id) {
                        session.snoozed_until = later(now, SNOOZED);
                    }
                }
            }
            Intent::SnoozeAll => self.quiet_until = later(now, POSTPONED),
            Intent::CancelPrompt(prompt) => self.cancel_prompt(prompt, CANCELLED, now),
            Intent::PostponePrompt(prompt) => self.cancel_prompt(prompt, POSTPONED, now),
            Intent::RestartSignIn(prompt) => self.restart_sign_in(prompt),
            Intent::Check(session) => self.check(&session),
            Intent::SignInAfresh(session) => {
                self.sign_in_afresh(&session, now);
            }
            Intent::StartAfresh(prompt) => self.sign_in_chosen(prompt, SignInStart::Afresh),
            Intent::SignInAnyway(prompt) => self.sign_in_chosen(prompt, SignInStart::AsItIs),
            Intent::AgreeToAll => {
                self.agreement.scope = Scope::All;
                self.effects
                    .push_back(Effect::SaveAgreement(self.agreement.clone()));
            }
        }
    }

    /// What "Renew what is due" renews: all that ends soon or has ended, is not under way, and is Sandglass's to renew.
    pub fn due(&self) -> Vec<SessionId> {
        let is_due = |session: &&Tracked| match &session.state {
            State::Due(_) => true,
            // What was over before we ever saw it alive may be of no interest to anybody.
            State::Expired(_) => session.sighted == Sighted::Alive,
            State::Unknown
            | State::Lasting { .. }
            | State::Valid(_)
            | State::Renewing { .. }
            | State::WaitingForYou { .. }
            | State::WaitingForNetwork { .. }
            | State::Broken { .. } => false,
        };
        let is_ours = |session: &&Tracked| {
            session.definition.renewal.policy() == Policy::Keep
                && !matches!(self.needs(session, self.clock), Needs::Elsewhere(_))
        };
        self.sessions
            .values()
            .filter(is_due)
            .filter(is_ours)
            .map(|session| session.definition.id.clone())
            .collect()
    }

    fn renew_each(&mut self, sessions: Vec<SessionId>, now: Timestamp) {
        for id in sessions {
            self.agree_to(&id);
            let needs = self.session(&id).map(|session| self.needs(session, now));
            if let Some(key) = needs.and_then(PromptKey::for_needs) {
                // What was sent away may be asked again.
                self.cool_downs.remove(&key);
            }
            self.sign_in_for_a_new_whole(&id, now);
            if let Some(session) = self.sessions.get_mut(&id) {
                session.snoozed_until = None;
            }
            self.want(&id, Origin::Person);
        }
    }

    /// Somebody asked for this session: from here on it may be kept fresh, and with it what it is made from.
    fn agree_to(&mut self, id: &SessionId) {
        let lineage: Vec<SessionId> = self
            .lineage(id)
            .into_iter()
            .map(|session| session.definition.id.clone())
            .collect();
        let known = self.agreement.sessions.len();
        self.agreement.sessions.extend(lineage);
        if known < self.agreement.sessions.len() {
            self.effects
                .push_back(Effect::SaveAgreement(self.agreement.clone()));
        }
    }

    /// Forgets silences and codes whose time has passed.
    fn drop_what_is_over(&mut self, now: Timestamp) {
        self.cool_downs.retain(|_, until| now < *until);
        self.codes_used
            .retain(|_, used| now.duration_since(*used) < CODE_STEP);
        for session in self.sessions.values_mut() {
            session.lingers_until = session.lingers_until.filter(|until| now < *until);
        }
    }
}

fn later(now: Timestamp, by: SignedDuration) -> Option<Timestamp> {
    now.checked_add(by).ok()
}
