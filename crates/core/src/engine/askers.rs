//! Programs that wait, and who can be asked on their behalf.

use jiff::Timestamp;

use super::needs::Obstacle;
use super::prompts::Route;
use super::serving::Holding;
use super::session::{Origin, Tracked};
use super::{Engine, Tray};
use crate::effect::{Effect, Question, SignInStart};
use crate::error::{ErrorCode, RenewalError, Retry};
use crate::event::{Asker, Reach};
use crate::lifetimes::End;
use crate::names::{AskerId, PromptId, SessionId};
use crate::prompt::{Phase, PromptKey};

impl Engine {
    pub(super) fn asker_arrived(&mut self, asker: Asker, now: Timestamp) {
        let Asker {
            id, start, wants, ..
        } = asker;
        let session = asker.session.clone();
        self.askers.insert(id, asker);
        if !self.sessions.contains_key(&session) {
            let error = RenewalError::new(
                ErrorCode::UnknownProfile,
                format!("there is no session `{session}`"),
                "`sandglass status` lists the sessions of this machine",
            );
            self.answer(id, Err(error));
            return;
        }
        self.agree_to(&session);
        match start {
            SignInStart::AsItIs => {}
            SignInStart::Afresh => self.begin_afresh(&session),
        }
        match self.served_at_once(&session, wants, now) {
            Some(holding) => self.answer(id, Ok(holding.end())),
            None => self.want(&session, Origin::Asker),
        }
    }

    /// Programs that wait for this session, or for one that can only be renewed after it.
    pub(super) fn askers_of(&self, id: &SessionId, now: Timestamp) -> Vec<&Asker> {
        let waits_for_it = |session: &Tracked| {
            session.definition.id == *id
                || session.attempt.is_none() && self.hangs_on(&session.definition.id, id, now)
        };
        self.askers
            .values()
            .filter(|asker| self.session(&asker.session).is_some_and(waits_for_it))
            .collect()
    }

    /// Who can be asked for `key`, or the error for those who want it.
    pub(super) fn route(
        &self,
        key: &PromptKey,
        origin: Origin,
        askers: &[&Asker],
    ) -> Result<Route, RenewalError> {
        let with_reach = |reach: Reach| askers.iter().find(|asker| asker.reach == reach);
        match (origin, self.tray) {
            (Origin::Person, Tray::Connected) => return Ok(Route::Tray),
            (Origin::Person, Tray::Absent) | (Origin::Silent | Origin::Asker, _) => {}
        }
        if let Some(asker) = with_reach(Reach::CodeInHand) {
            return match key {
                PromptKey::Device(_) => Ok(Route::InHand(asker.id)),
                PromptKey::Portal(_) => Err(nobody_to_ask(key)),
            };
        }
        if let Some(asker) = with_reach(Reach::Terminal) {
            return Ok(Route::Terminal(asker.id));
        }
        match (self.tray, with_reach(Reach::TrayOrTerminal)) {
            (Tray::Absent, Some(asker)) => Ok(Route::Terminal(asker.id)),
            (Tray::Absent, None) => Err(nobody_to_ask(key)),
            (Tray::Connected, _) if askers.is_empty() => Err(nobody_to_ask(key)),
            (Tray::Connected, _) if self.cool_downs.contains_key(key) => Err(RenewalError::new(
                ErrorCode::CoolingDown,
                "this was asked a moment ago and sent away",
                "click Renew in Sandglass when you want it asked again",
            )),
            (Tray::Connected, _) => Ok(Route::Tray),
        }
    }

    /// What was asked of somebody who left is asked of somebody else, or of nobody any more.
    pub(super) fn keep_somebody_to_ask(&mut self, id: PromptId, now: Timestamp) {
        let Some(prompt) = self.prompts.get(&id) else {
            return;
        };
        let waits = |asker: AskerId| {
            self.askers
                .get(&asker)
                .is_some_and(|asker| self.waits_with(&asker.session, id))
        };
        let is_there = match prompt.route {
            Route::Tray => self.tray == Tray::Connected,
            Route::Terminal(asker) => waits(asker),
            Route::InHand(asker) => {
                prompt.phase == Phase::CheckingCode
                    || self
                        .askers
                        .get(&asker)
                        .is_some_and(|asker| asker.reach == Reach::CodeInHand)
            }
        };
        if is_there {
            return;
        }
        let origin = self
            .waiting_with(id)
            .filter_map(|session| session.wanted)
            .max()
            .unwrap_or(Origin::Silent);
        let askers: Vec<&Asker> = self
            .askers
            .values()
            .filter(|asker| self.waits_with(&asker.session, id))
            .collect();
        match self.route(&prompt.key, origin, &askers) {
            Ok(route) => {
                if let Some(prompt) = self.prompts.get_mut(&id) {
                    prompt.route = route;
                    if prompt.phase == Phase::ChoosingSignIn && route != Route::Tray {
                        // A terminal has no buttons to choose with.
                        prompt.set_phase(Phase::StartingSignIn);
                    }
                }
            }
            Err(error) => self.close_prompt(id, &error, now),
        }
    }

    /// The session whose call takes what a person must give for `session`.
    pub(super) fn needing(&self, session: &SessionId, now: Timestamp) -> Option<SessionId> {
        match self.obstacle(session, now) {
            Obstacle::Person(_, needing) => Some(needing),
            Obstacle::None | Obstacle::Source(_) | Obstacle::Elsewhere(_) | Obstacle::Never(_) => {
                None
            }
        }
    }

    /// Terminals that have not been told of the present phase of a prompt are.
    pub(super) fn tell_terminals(&mut self) {
        let prompts: Vec<PromptId> = self.prompts.keys().copied().collect();
        for id in prompts {
            let Some((question, listeners)) = self.question_at_terminals(id) else {
                continue;
            };
            for asker in listeners {
                if let Some(prompt) = self.prompts.get_mut(&id)
                    && !prompt.told.contains(&asker)
                {
                    prompt.told.push(asker);
                    self.effects.push_back(Effect::AskInTerminal {
                        asker,
                        prompt: id,
                        question: question.clone(),
                    });
                }
            }
        }
    }

    fn question_at_terminals(&self, id: PromptId) -> Option<(Question, Vec<AskerId>)> {
        let prompt = self.prompts.get(&id)?;
        let asked = match prompt.route {
            Route::Terminal(asker) => Some(asker),
            Route::Tray | Route::InHand(_) => None,
        };
        match (&prompt.phase, &prompt.key) {
            (Phase::AskingCode { error }, PromptKey::Device(device)) => {
                let question = Question::Code {
                    device: device.short().to_owned(),
                    sessions: self
                        .waiting_with(id)
                        .map(|session| session.definition.id.clone())
                        .collect(),
                    error: error.clone(),
                };
                Some((question, asked.into_iter().collect()))
            }
            // Whoever ran `sandglass login` sees the code there, wherever else it is shown.
            (Phase::Approving(code), _) => {
                let listeners = self
                    .askers
                    .values()
                    .filter(|asker| {
                        self.waits_with(&asker.session, id)
                            && (asker.reach == Reach::Terminal || asked == Some(asker.id))
                    })
                    .map(|asker| asker.id)
                    .collect();
                Some((Question::Approve(code.clone()), listeners))
            }
            (
                Phase::AskingCode { .. }
                | Phase::CheckingCode
                | Phase::ChoosingSignIn
                | Phase::StartingSignIn
                | Phase::SignInFailed { .. },
                _,
            ) => None,
        }
    }

    /// What is shown in the tray is told to programs that cannot wait for it to be put right: nobody can where it can
    /// never work, and a terminal has no button to start a sign-in again with.
    pub(super) fn tell_askers_of_trouble(&mut self, id: PromptId, error: &RenewalError) {
        let is_sign_in = self
            .prompts
            .get(&id)
            .is_some_and(|prompt| matches!(prompt.key, PromptKey::Portal(_)));
        let waiting: Vec<AskerId> = self
            .askers
            .values()
            .filter(|asker| {
                error.retry() == Retry::Never || (is_sign_in && asker.reach == Reach::Terminal)
            })
            .filter(|asker| self.waits_with(&asker.session, id))
            .map(|asker| asker.id)
            .collect();
        for asker in waiting {
            self.answer(asker, Err(error.clone()));
        }
    }

    pub(super) fn answer_askers(
        &mut self,
        session: &SessionId,
        result: &Result<Option<End>, RenewalError>,
    ) {
        let waiting: Vec<AskerId> = self
            .askers
            .values()
            .filter(|asker| asker.session == *session)
            .map(|asker| asker.id)
            .collect();
        for asker in waiting {
            self.answer(asker, result.clone());
        }
    }

    pub(super) fn answer(&mut self, asker: AskerId, result: Result<Option<End>, RenewalError>) {
        if let Some(gone) = self.askers.remove(&asker) {
            let result = result.or_else(|error| {
                let holding = self.served_all_the_same(&gone);
                holding.map(Holding::end).ok_or(error)
            });
            self.effects.push_back(Effect::Answer { asker, result });
        }
    }
}

fn nobody_to_ask(key: &PromptKey) -> RenewalError {
    let (wanted, remedy) = match key {
        PromptKey::Device(device) => (
            format!("a code from MFA device `{}`", device.short()),
            "open Sandglass, run this in a terminal, or give the code with `--mfa-code`".to_owned(),
        ),
        PromptKey::Portal(portal) => (
            format!("a sign-in at `{}`", portal.name()),
            format!("open Sandglass, or run `sandglass login {}`", portal.name()),
        ),
    };
    RenewalError::new(
        ErrorCode::NobodyToAsk,
        format!("{wanted} is needed, and there is nobody to ask"),
        remedy,
    )
}
