//! Prompts: one for one device or portal, its answer for all who wait.

use jiff::{SignedDuration, Timestamp};

use super::session::{Origin, Tracked};
use super::{Engine, SNOOZED, later};
use crate::effect::{CodeGiven, Using};
use crate::error::{ErrorCode, RenewalError};
use crate::event::Reach;
use crate::names::{AskerId, AttemptId, PromptId, SessionId};
use crate::prompt::{DeviceCode, Phase, PromptKey};
use crate::session::State;

/// A question that is open.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// Answers name it.
    pub id: PromptId,
    /// What the person gives.
    pub key: PromptKey,
    /// The session that it is about; where several wait, the one that it was opened for.
    pub opened_for: SessionId,
    /// The program that waits for it; none where a person clicked.
    pub asked_by: Option<String>,
    /// Who is asked.
    pub route: Route,
    /// How far it has come.
    pub phase: Phase,
    /// Sessions whose own renewal takes what the person gives, in order: a code serves one call.
    pub(super) sessions: Vec<SessionId>,
    /// Programs at whose terminals the present phase was told.
    pub(super) told: Vec<AskerId>,
    /// The program that brought the code which is being checked.
    pub(super) in_hand: Option<AskerId>,
}

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// The person at the tray.
    Tray,
    /// The person at the terminal of this program.
    Terminal(AskerId),
    /// Nobody: this program brought the code.
    InHand(AskerId),
}

impl Prompt {
    pub(super) fn set_phase(&mut self, phase: Phase) {
        self.phase = phase;
        self.told.clear();
    }

    /// As if it had just been opened.
    fn first_phase(key: &PromptKey) -> Phase {
        match key {
            PromptKey::Device(_) => Phase::AskingCode { error: None },
            PromptKey::Portal(_) => Phase::StartingSignIn,
        }
    }

    /// Whether a call to AWS is under way for the first of its sessions.
    fn awaits_aws(&self) -> bool {
        match self.phase {
            Phase::CheckingCode | Phase::Approving(_) => true,
            Phase::AskingCode { .. }
            | Phase::ChoosingSignIn
            | Phase::StartingSignIn
            | Phase::SignInFailed { .. } => false,
        }
    }
}

impl Engine {
    /// Sessions that wait with this prompt, the one that it was opened for included.
    pub fn waiting_with(&self, prompt: PromptId) -> impl Iterator<Item = &Tracked> {
        self.sessions.values().filter(move |session| {
            matches!(session.state, State::WaitingForYou { prompt: waits, .. } if waits == prompt)
        })
    }

    pub(super) fn waits_with(&self, session: &SessionId, prompt: PromptId) -> bool {
        self.waiting_with(prompt)
            .any(|waiting| waiting.definition.id == *session)
    }

    pub(super) fn prompt_serving(&self, session: &SessionId) -> Option<PromptId> {
        self.prompts
            .values()
            .find(|prompt| prompt.sessions.contains(session))
            .map(|prompt| prompt.id)
    }

    /// A person must give `key`, for `needing`, so that `wanted` can be renewed.
    pub(super) fn ask(
        &mut self,
        wanted: &SessionId,
        key: PromptKey,
        needing: &SessionId,
        origin: Origin,
        now: Timestamp,
    ) {
        let open = self.prompts.values().find(|prompt| prompt.key == key);
        let prompt = match open.map(|prompt| prompt.id) {
            Some(prompt) => prompt,
            None => match self.open_prompt(wanted, key, needing, origin, now) {
                Ok(prompt) => prompt,
                Err(error) => return self.failed(wanted, &error, now),
            },
        };
        for id in [needing, wanted] {
            if let Some(session) = self.sessions.get_mut(id) {
                session.state = State::WaitingForYou {
                    prompt,
                    last: session.state.end(),
                };
            }
        }
        let takes_it_too = self.takes(wanted, prompt);
        let Some(prompt) = self.prompts.get_mut(&prompt) else {
            return;
        };
        for id in [Some(needing), takes_it_too.then_some(wanted)] {
            if let Some(id) = id.filter(|id| !prompt.sessions.contains(id)) {
                prompt.sessions.push(id.clone());
            }
        }
    }

    /// Whether the session's own call takes what the prompt asks for.
    fn takes(&self, id: &SessionId, prompt: PromptId) -> bool {
        let needs = self.sessions.get(id).map(|session| self.own_needs(session));
        let key = needs.and_then(Result::ok).and_then(PromptKey::for_needs);
        key.is_some() && key.as_ref() == self.prompts.get(&prompt).map(|prompt| &prompt.key)
    }

    fn open_prompt(
        &mut self,
        wanted: &SessionId,
        key: PromptKey,
        needing: &SessionId,
        origin: Origin,
        now: Timestamp,
    ) -> Result<PromptId, RenewalError> {
        let route = self.route(&key, origin, &self.askers_of(wanted, now))?;
        self.last_prompt.0 += 1;
        let id = self.last_prompt;
        let prompt = Prompt {
            id,
            phase: self.first_phase(&key, needing, route, now),
            key,
            opened_for: wanted.clone(),
            asked_by: None,
            route,
            sessions: Vec::new(),
            told: Vec::new(),
            in_hand: None,
        };
        self.prompts.insert(id, prompt);
        Ok(id)
    }

    /// Makes prompts fit those who wait: what nobody wants any more is not asked, what nobody waits for is closed, and
    /// what was asked of somebody who left is asked of somebody else.
    pub(super) fn tend_prompts(&mut self, now: Timestamp) {
        self.rest_deserted(now);
        let prompts: Vec<PromptId> = self.prompts.keys().copied().collect();
        for id in prompts {
            self.keep_those_who_wait(id);
            self.keep_somebody_to_ask(id, now);
        }
    }

    /// Sessions that nobody waits for any more: the programs left, or what was wanted came from elsewhere.
    fn rest_deserted(&mut self, now: Timestamp) {
        let deserted: Vec<SessionId> = self
            .sessions
            .values()
            .filter(|session| matches!(session.state, State::WaitingForYou { .. }))
            .map(|session| &session.definition.id)
            .filter(|id| match self.wish(id, now) {
                Some(Origin::Person) => false,
                Some(Origin::Asker) => self.askers_of(id, now).is_empty() && !self.lingers(id, now),
                Some(Origin::Silent) | None => true,
            })
            .cloned()
            .collect();
        for id in deserted {
            self.give_up_attempt(&id);
            self.put_to_rest(&id, now);
        }
    }

    fn keep_those_who_wait(&mut self, id: PromptId) {
        let waiting: Vec<SessionId> = self
            .waiting_with(id)
            .map(|session| session.definition.id.clone())
            .collect();
        let by_person = self
            .waiting_with(id)
            .any(|session| session.wanted == Some(Origin::Person));
        let asker = self
            .askers
            .values()
            .find(|asker| !by_person && waiting.contains(&asker.session));
        let Some(prompt) = self.prompts.get_mut(&id) else {
            return;
        };
        prompt.sessions.retain(|session| waiting.contains(session));
        let Some(first) = prompt.sessions.first() else {
            self.prompts.remove(&id);
            return;
        };
        if !waiting.contains(&prompt.opened_for) {
            prompt.opened_for = asker.map_or(first, |asker| &asker.session).clone();
        }
        prompt.asked_by = asker.map(|asker| asker.name.clone());
        let is_under_way = self
            .sessions
            .get(first)
            .is_some_and(|session| session.attempt.is_some());
        if prompt.awaits_aws() && !is_under_way {
            // That call is over, and the next one needs an answer of its own.
            prompt.in_hand = None;
            prompt.set_phase(Prompt::first_phase(&prompt.key));
        }
    }

    /// Somebody typed a code. It goes to the first session in the queue.
    pub(super) fn code_entered(&mut self, id: PromptId) {
        self.check_code(id, CodeGiven::Prompt(id));
    }

    fn check_code(&mut self, id: PromptId, given: CodeGiven) {
        if let Some(prompt) = self.prompts.get_mut(&id)
            && matches!(prompt.phase, Phase::AskingCode { .. })
            && let Some(first) = prompt.sessions.first().cloned()
        {
            prompt.set_phase(Phase::CheckingCode);
            let spent = self.best_spent(id, &first);
            self.start(&first, Using::Code { given, spent });
        }
    }

    /// Codes that programs brought along are tried for what these programs wait for. Each serves once.
    pub(super) fn try_codes_in_hand(&mut self, now: Timestamp) {
        let prompts: Vec<PromptId> = self
            .prompts
            .values()
            .filter(|prompt| matches!(prompt.phase, Phase::AskingCode { .. }))
            .map(|prompt| prompt.id)
            .collect();
        for id in prompts {
            let with_code = self.askers.values().find(|asker| {
                asker.reach == Reach::CodeInHand && self.waits_with(&asker.session, id)
            });
            let Some((asker, session)) = with_code.map(|asker| (asker.id, asker.session.clone()))
            else {
                continue;
            };
            let needing = self.needing(&session, now);
            if let Some(asker) = self.askers.get_mut(&asker) {
                // From here on it is like any program without a terminal.
                asker.reach = Reach::Tray;
            }
            if let Some(prompt) = self.prompts.get_mut(&id) {
                prompt.in_hand = Some(asker);
                prompt
                    .sessions
                    .sort_by_key(|session| Some(session) != needing.as_ref());
            }
            self.check_code(id, CodeGiven::Asker(asker));
        }
    }

    /// Sign-ins that are shown, or told in a terminal, get their device code. A prompt that waits for its turn at the
    /// tray does not, since codes run out.
    pub(super) fn start_sign_ins(&mut self) {
        let in_tray = self.prompt_in_tray().map(|prompt| prompt.id);
        let to_start: Vec<SessionId> = self
            .prompts
            .values()
            .filter(|prompt| match prompt.route {
                Route::Tray => in_tray == Some(prompt.id),
                Route::Terminal(_) | Route::InHand(_) => true,
            })
            .filter(|prompt| prompt.phase == Phase::StartingSignIn)
            .filter_map(|prompt| self.sessions.get(prompt.sessions.first()?))
            .filter(|session| session.attempt.is_none())
            .map(|session| session.definition.id.clone())
            .collect();
        for id in to_start {
            self.start(&id, Using::Browser(self.start_of(&id)));
        }
    }

    pub(super) fn device_code_issued(&mut self, attempt: AttemptId, code: DeviceCode) {
        let serving = self
            .session_of(attempt)
            .and_then(|session| self.prompt_serving(&session));
        if let Some(prompt) = serving.and_then(|id| self.prompts.get_mut(&id))
            && prompt.phase == Phase::StartingSignIn
        {
            prompt.set_phase(Phase::Approving(code));
        }
    }

    pub(super) fn restart_sign_in(&mut self, id: PromptId) {
        if let Some(prompt) = self.prompts.get_mut(&id)
            && matches!(prompt.phase, Phase::SignInFailed { .. })
        {
            prompt.set_phase(Phase::StartingSignIn);
        }
    }

    /// A renewal that a prompt serves went wrong. True where the prompt sees to it.
    pub(super) fn prompt_went_wrong(
        &mut self,
        session: &SessionId,
        error: &RenewalError,
        now: Timestamp,
    ) -> bool {
        let serving = self.prompt_serving(session);
        let Some(prompt) = serving.and_then(|id| self.prompts.get_mut(&id)) else {
            return false;
        };
        let (id, route, in_hand) = (prompt.id, prompt.route, prompt.in_hand.take());
        prompt.set_phase(match prompt.key {
            PromptKey::Device(_) => Phase::AskingCode {
                // Nobody who is asked here typed the code that a program brought.
                error: in_hand.is_none().then(|| error.clone()),
            },
            PromptKey::Portal(_) => Phase::SignInFailed {
                error: error.clone(),
            },
        });
        match (in_hand, route) {
            (Some(asker), _) => self.answer(asker, Err(error.clone())),
            (None, Route::Tray) => self.tell_askers_of_trouble(id, error),
            // The next code may do.
            (None, Route::Terminal(_) | Route::InHand(_))
                if matches!(
                    error.code,
                    ErrorCode::WrongCode | ErrorCode::DurationTooLong
                ) => {}
            (None, Route::Terminal(_) | Route::InHand(_)) => self.close_prompt(id, error, now),
        }
        true
    }

    /// The code that was just tried works no second time.
    pub(super) fn note_code_used(&mut self, session: &SessionId, now: Timestamp) {
        let serving = self.prompts.values().find(|prompt| {
            prompt.phase == Phase::CheckingCode && prompt.sessions.first() == Some(session)
        });
        if let Some(PromptKey::Device(device)) = serving.map(|prompt| prompt.key.clone()) {
            self.codes_used.insert(device, now);
        }
    }

    pub(super) fn cancel_prompt(&mut self, id: PromptId, quiet: SignedDuration, now: Timestamp) {
        let Some(prompt) = self.prompts.get(&id) else {
            return;
        };
        if let Some(until) = later(now, quiet) {
            self.cool_downs.insert(prompt.key.clone(), until);
        }
        let waiting: Vec<SessionId> = self
            .waiting_with(id)
            .map(|session| session.definition.id.clone())
            .collect();
        for session in waiting {
            if let Some(session) = self.sessions.get_mut(&session) {
                session.snoozed_until = later(now, quiet.max(SNOOZED));
            }
        }
        let error = RenewalError::new(
            ErrorCode::Cancelled,
            "the prompt was cancelled",
            "click Renew in Sandglass when you want it asked again",
        );
        self.close_prompt(id, &error, now);
    }

    /// Closes a prompt without what it asked for: all who wait with it are told.
    pub(super) fn close_prompt(&mut self, id: PromptId, error: &RenewalError, now: Timestamp) {
        let waiting: Vec<SessionId> = self
            .waiting_with(id)
            .map(|session| session.definition.id.clone())
            .collect();
        self.prompts.remove(&id);
        for session in waiting {
            self.give_up_attempt(&session);
            self.failed(&session, error, now);
        }
    }
}
