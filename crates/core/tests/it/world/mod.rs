//! A world for the engine: sessions, a clock that tests move, and what must hold after every step.

mod definitions;
mod effects;
mod invariants;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sandglass_core::effect::{Effect, SignInStart};
use sandglass_core::engine::{Engine, Prompt, Tracked};
use sandglass_core::error::ErrorCode;
use sandglass_core::event::{Asker, Event, Intent, Reach, Renewed, Wants};
use sandglass_core::names::{AskerId, AttemptId, PromptId, SessionId};
use sandglass_core::session::{Definition, Found, Place, Sighting, State};
use sandglass_core::views::notice::Notice;
use sandglass_core::views::prompt::{PromptQuestion, PromptView};
use sandglass_core::views::{self, Views};

pub(crate) use self::definitions::*;
pub(crate) use self::effects::*;

/// An engine with its surroundings.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) now: Timestamp,
    files: BTreeMap<SessionId, Sighting>,
    /// Calls to AWS whose answers are waited for.
    pub(crate) under_way: BTreeMap<AttemptId, SessionId>,
    /// Checks whose answers are waited for.
    pub(crate) checks: BTreeMap<AttemptId, SessionId>,
    /// Programs that wait.
    pub(crate) waiting: BTreeMap<AskerId, SessionId>,
    clicked: BTreeSet<SessionId>,
    prompts: BTreeSet<PromptId>,
    has_tray: bool,
    next_asker: u64,
}

impl World {
    /// Ten in the morning, a tray, and these sessions.
    pub(crate) fn new(sessions: impl IntoIterator<Item = (Definition, Found)>) -> Self {
        let mut world = Self::empty();
        world.feed(Event::TrayConnected);
        world.write(sessions);
        world
    }

    /// The same without a tray.
    pub(crate) fn without_tray(sessions: impl IntoIterator<Item = (Definition, Found)>) -> Self {
        let mut world = Self::empty();
        world.write(sessions);
        world
    }

    pub(crate) fn empty() -> Self {
        Self {
            engine: Engine::new(),
            now: at("10:00"),
            files: BTreeMap::new(),
            under_way: BTreeMap::new(),
            checks: BTreeMap::new(),
            waiting: BTreeMap::new(),
            clicked: BTreeSet::new(),
            prompts: BTreeSet::new(),
            has_tray: false,
            next_asker: 0,
        }
    }

    /// Hands in an event and gives what the engine wants done. What must hold holds afterwards.
    pub(crate) fn feed(&mut self, event: Event) -> Vec<Effect> {
        match &event {
            Event::RenewalEnded { attempt, .. } => {
                self.under_way.remove(attempt);
            }
            Event::Checked { attempt, .. } => {
                self.checks.remove(attempt);
            }
            Event::AskerArrived(asker) => {
                self.waiting.insert(asker.id, asker.session.clone());
            }
            Event::AskerLeft(asker) => {
                self.waiting.remove(asker);
            }
            Event::Intended(intent) => self.note_clicks(intent),
            Event::TrayConnected => self.has_tray = true,
            Event::TrayLeft => self.has_tray = false,
            Event::FilesRead { .. }
            | Event::AgreementRead(_)
            | Event::SharedSessionOpened(_)
            | Event::SettingsRead(_)
            | Event::ScreenLocked
            | Event::ScreenUnlocked
            | Event::Woke
            | Event::ClockStepped(_)
            | Event::SkewMeasured(_)
            | Event::HoldersSeen(_)
            | Event::DeviceCodeIssued { .. }
            | Event::CodeEntered { .. } => {}
        }
        self.engine.handle(event, self.now);
        self.drain()
    }

    fn note_clicks(&mut self, intent: &Intent) {
        match intent {
            Intent::Renew(session) | Intent::SignInAfresh(session) => {
                self.clicked.insert(session.clone());
            }
            Intent::RenewEach(sessions) => self.clicked.extend(sessions.iter().cloned()),
            Intent::RenewDue => self.clicked.extend(self.engine.sessions().map(id_of)),
            Intent::Snooze(_)
            | Intent::SnoozeAll
            | Intent::CancelPrompt(_)
            | Intent::PostponePrompt(_)
            | Intent::RestartSignIn(_)
            | Intent::Check(_)
            | Intent::StartAfresh(_)
            | Intent::SignInAnyway(_)
            | Intent::AgreeToAll => {}
        }
    }

    /// Lets time pass until this time of day.
    pub(crate) fn until(&mut self, time: &str) -> Vec<Effect> {
        self.wait_until(at(time))
    }

    /// Lets time pass, waking the engine whenever it wants to be woken.
    pub(crate) fn wait_until(&mut self, time: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        while let Some(next) = self.engine.poll_timeout().filter(|next| *next < time) {
            self.now = next;
            effects.extend(self.wake());
        }
        self.now = time;
        effects.extend(self.wake());
        effects
    }

    /// Lets the machine sleep, or the clock be set: the engine is woken once, at the new time.
    pub(crate) fn jump(&mut self, to: Timestamp) -> Vec<Effect> {
        self.now = to;
        self.wake()
    }

    fn wake(&mut self) -> Vec<Effect> {
        self.engine.handle_timeout(self.now);
        self.drain()
    }

    fn drain(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        while let Some(effect) = self.engine.poll_effect() {
            match &effect {
                Effect::Renew {
                    attempt,
                    definition,
                    ..
                } => {
                    let doubled = self.under_way.values().any(|id| *id == definition.id);
                    assert!(!doubled, "{} is renewed twice at once", definition.id);
                    self.under_way.insert(*attempt, definition.id.clone());
                }
                Effect::Check {
                    attempt,
                    definition,
                } => {
                    let doubled = self.checks.values().any(|id| *id == definition.id);
                    assert!(!doubled, "{} is checked twice at once", definition.id);
                    self.checks.insert(*attempt, definition.id.clone());
                }
                Effect::GiveUp(attempt) => {
                    let known = self.under_way.remove(attempt);
                    let known = known.or_else(|| self.checks.remove(attempt));
                    assert!(
                        known.is_some(),
                        "{attempt:?} is given up, and is not under way"
                    );
                }
                Effect::Answer { asker, .. } => {
                    let waited = self.waiting.remove(asker);
                    assert!(waited.is_some(), "{asker:?} is answered and does not wait");
                }
                Effect::AskInTerminal { asker, .. } => {
                    assert!(self.waiting.contains_key(asker), "{asker:?} is not there");
                }
                Effect::SaveAgreement(_) => {}
            }
            effects.push(effect);
            assert!(effects.len() <= 1000, "a storm of effects");
        }
        self.check();
        effects
    }

    /// The files say this of these sessions, and the same as before of the others.
    pub(crate) fn write(
        &mut self,
        sessions: impl IntoIterator<Item = (Definition, Found)>,
    ) -> Vec<Effect> {
        for (definition, found) in sessions {
            let sighting = Sighting {
                definition,
                found,
                used_in: Vec::new(),
            };
            self.files.insert(sighting.definition.id.clone(), sighting);
        }
        self.read_files()
    }

    /// The files say that the credentials of this session lie there.
    pub(crate) fn used_in(
        &mut self,
        session: &str,
        places: impl IntoIterator<Item = Place>,
    ) -> Vec<Effect> {
        if let Some(sighting) = self.files.get_mut(&id(session)) {
            sighting.used_in = places.into_iter().collect();
        }
        self.read_files()
    }

    /// The session is defined otherwise from here on; its credentials stay as they are.
    pub(crate) fn redefine(&mut self, definition: Definition) -> Vec<Effect> {
        let found = self
            .files
            .get(&definition.id)
            .map_or(Found::Nothing, |sighting| sighting.found);
        self.write([(definition, found)])
    }

    pub(crate) fn definition(&self, id: &SessionId) -> Option<Definition> {
        let sighting = self.files.get(id)?;
        Some(sighting.definition.clone())
    }

    /// The session is not defined any more.
    pub(crate) fn remove(&mut self, session: &str) -> Vec<Effect> {
        self.files.remove(&id(session));
        self.read_files()
    }

    pub(crate) fn read_files(&mut self) -> Vec<Effect> {
        self.feed(Event::FilesRead {
            sightings: self.files.values().cloned().collect(),
            findings: Vec::new(),
        })
    }

    pub(crate) fn agree_to_all(&mut self) -> Vec<Effect> {
        self.feed(Event::Intended(Intent::AgreeToAll))
    }

    pub(crate) fn click(&mut self, session: &str) -> Vec<Effect> {
        self.feed(Event::Intended(Intent::Renew(id(session))))
    }

    pub(crate) fn intend(&mut self, intent: Intent) -> Vec<Effect> {
        self.feed(Event::Intended(intent))
    }

    pub(crate) fn ask(&mut self, session: &str, reach: Reach) -> (AskerId, Vec<Effect>) {
        self.ask_with(session, reach, SignInStart::AsItIs)
    }

    pub(crate) fn ask_with(
        &mut self,
        session: &str,
        reach: Reach,
        start: SignInStart,
    ) -> (AskerId, Vec<Effect>) {
        self.next_asker += 1;
        let asker = AskerId(self.next_asker);
        let effects = self.feed(Event::AskerArrived(Asker {
            id: asker,
            name: format!("terraform, pid {}", 4241 + self.next_asker),
            session: id(session),
            reach,
            start,
            wants: Wants::Renewal,
        }));
        (asker, effects)
    }

    /// A program wants credentials, and only a tray can ask on its behalf.
    pub(crate) fn want(&mut self, session: &str, wants: Wants) -> (AskerId, Vec<Effect>) {
        self.next_asker += 1;
        let asker = AskerId(self.next_asker);
        let effects = self.feed(Event::AskerArrived(Asker {
            id: asker,
            name: format!("terraform, pid {}", 4241 + self.next_asker),
            session: id(session),
            reach: Reach::Tray,
            start: SignInStart::AsItIs,
            wants,
        }));
        (asker, effects)
    }

    /// AWS answers the renewal of this session that is under way.
    pub(crate) fn answer(
        &mut self,
        session: &str,
        result: Result<Found, ErrorCode>,
    ) -> Vec<Effect> {
        let attempt = self.attempt(session);
        let renewed = |found| Renewed {
            found,
            allowed: None,
        };
        let result = result.map(renewed).map_err(error);
        self.feed(Event::RenewalEnded { attempt, result })
    }

    /// AWS answers the check of this session that is under way.
    pub(crate) fn checked(&mut self, session: &str, result: Result<(), ErrorCode>) -> Vec<Effect> {
        let under_way = self.checks.iter().find(|(_, id)| id.as_str() == session);
        let attempt = *under_way
            .unwrap_or_else(|| panic!("{session} is not being checked"))
            .0;
        let result = result.map_err(error);
        self.feed(Event::Checked { attempt, result })
    }

    /// A performer writes what it got before it tells, as the agent does.
    pub(crate) fn renewed(&mut self, session: &str, found: Found) -> Vec<Effect> {
        if let Some(sighting) = self.files.get_mut(&id(session)) {
            sighting.found = found;
        }
        self.answer(session, Ok(found))
    }

    pub(crate) fn attempt(&self, session: &str) -> AttemptId {
        let under_way = self.under_way.iter().find(|(_, id)| id.as_str() == session);
        *under_way
            .unwrap_or_else(|| panic!("{session} is not being renewed"))
            .0
    }

    pub(crate) fn enter_code(&mut self) -> Vec<Effect> {
        let prompt = self.prompt().id;
        self.feed(Event::CodeEntered { prompt })
    }

    pub(crate) fn issue_device_code(&mut self, session: &str) -> Vec<Effect> {
        let attempt = self.attempt(session);
        let code = device_code();
        self.feed(Event::DeviceCodeIssued { attempt, code })
    }

    pub(crate) fn state(&self, session: &str) -> State {
        self.session(session).state.clone()
    }

    pub(crate) fn session(&self, session: &str) -> &Tracked {
        let found = self.engine.session(&id(session));
        found.unwrap_or_else(|| panic!("{session} is not known"))
    }

    /// The only prompt that is open.
    pub(crate) fn prompt(&self) -> &Prompt {
        let prompts: Vec<&Prompt> = self.engine.prompts().collect();
        assert_eq!(prompts.len(), 1, "not one prompt: {prompts:?}");
        prompts[0]
    }

    pub(crate) fn views(&self) -> Views {
        views::views(&self.engine, self.now, &TimeZone::UTC)
    }

    pub(crate) fn notices(&self) -> Vec<Notice> {
        self.views().notices
    }

    pub(crate) fn prompt_view(&self) -> PromptView {
        self.views().prompt.expect("no prompt in the tray")
    }

    /// AWS's words in the code prompt of the tray, and from when on the device shows another code.
    pub(crate) fn code_question(&self) -> (Option<String>, Option<Timestamp>) {
        match self.prompt_view().question {
            PromptQuestion::Code {
                error,
                next_code_at,
                ..
            } => (error.map(|error| error.message), next_code_at),
            PromptQuestion::SignIn { .. } => panic!("a sign-in is asked"),
        }
    }
}
