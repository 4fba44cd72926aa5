//! Sign-ins within sign-ins: a portal session outlives the tokens that it gives, and a new sign-in within it ends when it
//! does. Only signing out first begins a new one.

use jiff::Timestamp;

use super::Engine;
use super::prompts::Route;
use super::session::SelfRenewal;
use crate::effect::SignInStart;
use crate::names::{PromptId, SessionId};
use crate::prompt::{Phase, PromptKey};
use crate::session::Renewal;

impl Engine {
    /// A click on a sign-in whose portal session is about to end means a new one: a refresh token could only give what
    /// ends with it.
    pub(super) fn sign_in_for_a_new_whole(&mut self, id: &SessionId, now: Timestamp) {
        let leads = self.settings.leads_of(id);
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        let ends_soon = session
            .whole
            .is_some_and(|whole| whole.first_notice(leads) <= now);
        if matches!(session.definition.renewal, Renewal::SsoSignIn(_)) && ends_soon {
            session.in_browser.get_or_insert(SignInStart::AsItIs);
        }
    }

    /// A person clicked for a portal session of its own.
    pub(super) fn sign_in_afresh(&mut self, id: &SessionId, now: Timestamp) {
        self.begin_afresh(id);
        if self
            .sessions
            .get(id)
            .is_some_and(|session| session.in_browser.is_some())
        {
            self.renew_each(vec![id.clone()], now);
        }
    }

    /// What a refresh token may be doing meanwhile is no portal session of its own.
    pub(super) fn begin_afresh(&mut self, id: &SessionId) {
        let is_sign_in = self
            .session(id)
            .is_some_and(|session| matches!(session.definition.renewal, Renewal::SsoSignIn(_)));
        if !is_sign_in {
            return;
        }
        if self.prompt_serving(id).is_none() {
            self.give_up_attempt(id);
            self.lay_down(id);
        }
        if let Some(session) = self.sessions.get_mut(id) {
            session.in_browser = Some(SignInStart::Afresh);
        }
    }

    /// Where a prompt begins.
    pub(super) fn first_phase(
        &self,
        key: &PromptKey,
        needing: &SessionId,
        route: Route,
        now: Timestamp,
    ) -> Phase {
        // A refresh token that was refused is no sign of a portal session that could be shared.
        let is_live = self.sessions.get(needing).is_some_and(|session| {
            session.is_live(now) && session.self_renewal != SelfRenewal::Refused
        });
        match (key, route, self.start_of(needing)) {
            (PromptKey::Device(_), _, _) => Phase::AskingCode { error: None },
            (PromptKey::Portal(_), Route::Tray, SignInStart::AsItIs) if is_live => {
                Phase::ChoosingSignIn
            }
            (PromptKey::Portal(_), _, _) => Phase::StartingSignIn,
        }
    }

    /// How the sign-in in the browser begins.
    pub(super) fn start_of(&self, id: &SessionId) -> SignInStart {
        self.sessions
            .get(id)
            .and_then(|session| session.in_browser)
            .unwrap_or(SignInStart::AsItIs)
    }

    /// The person chose.
    pub(super) fn sign_in_chosen(&mut self, id: PromptId, start: SignInStart) {
        let Some(prompt) = self.prompts.get_mut(&id) else {
            return;
        };
        match prompt.phase {
            Phase::ChoosingSignIn | Phase::SignInFailed { .. } => {}
            Phase::AskingCode { .. }
            | Phase::CheckingCode
            | Phase::StartingSignIn
            | Phase::Approving(_) => return,
        }
        prompt.set_phase(Phase::StartingSignIn);
        let signing_in = prompt.sessions.clone();
        for session in signing_in {
            if let Some(session) = self.sessions.get_mut(&session) {
                session.in_browser = Some(start);
            }
        }
    }
}
