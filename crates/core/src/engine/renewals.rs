//! Renewals: who wants one, what is in its way, how it ended.

use jiff::Timestamp;

use super::needs::Obstacle;
use super::session::{Origin, SelfRenewal, Tracked};
use super::{Engine, later};
use crate::effect::{Effect, Haste, Using};
use crate::error::{ErrorCode, RenewalError, Retry};
use crate::event::Renewed;
use crate::lifetimes::{End, KnownBy, backoff};
use crate::names::{AttemptId, SessionId};
use crate::session::{Allowed, Definition, Found, Policy, Renewal, State};

/// After this many failures in a row that should have been cured on the way, something is wrong for good.
const MOST_TRIES: u32 = 3;

impl Engine {
    /// Notes that a renewal is wanted. A click or a program outranks the silent policy.
    pub(super) fn want(&mut self, id: &SessionId, origin: Origin) {
        if let Some(session) = self.sessions.get_mut(id) {
            session.wanted = session.wanted.max(Some(origin));
            if origin != Origin::Silent {
                session.tries = 0;
            }
        }
    }

    /// Starts what is wanted and can start, until nothing more can: what is tried anew may have stood in the way of
    /// something else.
    pub(super) fn advance(&mut self, now: Timestamp) {
        self.drop_what_is_over(now);
        loop {
            let last_attempt = self.last_attempt;
            self.settle_all(now);
            self.want_silently(now);
            let moved = self.drive_all(now);
            self.try_codes_in_hand(now);
            self.start_sign_ins();
            if !moved && self.last_attempt == last_attempt {
                break;
            }
        }
        self.tell_terminals();
        self.settle_all(now);
    }

    /// Whether anything moved: what a prompt that was closed stood in the way of may go on. Each round starts a renewal,
    /// lets one wait, or gives up a wish, so that there is a last one.
    fn drive_all(&mut self, now: Timestamp) -> bool {
        let mut moved = false;
        loop {
            let open = self.prompts.len();
            self.tend_prompts(now);
            moved |= self.prompts.len() < open;
            let Some(id) = self.next_to_drive(now) else {
                return moved;
            };
            self.drive(&id, now);
            moved = true;
        }
    }

    /// The silent policy: what ends soon, needs nobody and was agreed to is renewed.
    fn want_silently(&mut self, now: Timestamp) {
        let due: Vec<SessionId> = self
            .sessions
            .values()
            .filter(|session| match &session.state {
                State::Due(_) | State::Expired(_) => {
                    session.no_silent_before.is_none()
                        && self.silently_possible(&session.definition.id, now)
                }
                State::Unknown
                | State::Lasting { .. }
                | State::Valid(_)
                | State::Renewing { .. }
                | State::WaitingForYou { .. }
                | State::WaitingForNetwork { .. }
                | State::Broken { .. } => false,
            })
            .map(|session| session.definition.id.clone())
            .collect();
        for id in due {
            self.want(&id, Origin::Silent);
        }
    }

    fn next_to_drive(&self, now: Timestamp) -> Option<SessionId> {
        self.sessions
            .values()
            .find(|session| {
                session.wanted.is_some()
                    && session.attempt.is_none()
                    && self.can_go_on(session, now)
            })
            .map(|session| session.definition.id.clone())
    }

    /// Whether a session that is wanted has nothing to wait for, or not any more.
    fn can_go_on(&self, session: &Tracked, now: Timestamp) -> bool {
        let id = &session.definition.id;
        match &session.state {
            State::Unknown
            | State::Lasting { .. }
            | State::Valid(_)
            | State::Due(_)
            | State::Expired(_)
            | State::Broken { .. } => true,
            State::WaitingForNetwork { retry_at, .. } => {
                *retry_at <= now || session.wanted > Some(Origin::Silent)
            }
            State::WaitingForYou { prompt, .. } => self.prompts.get(prompt).is_none_or(|prompt| {
                let serves = |id: &SessionId| prompt.sessions.contains(id);
                !serves(id)
                    && !self
                        .needing(id, now)
                        .is_some_and(|needing| serves(&needing))
            }),
            State::Renewing { .. } => match self.obstacle(id, now) {
                Obstacle::None
                | Obstacle::Person(..)
                | Obstacle::Elsewhere(_)
                | Obstacle::Never(_) => true,
                Obstacle::Source(source) => self.can_start(&source, session.wanted, now),
            },
        }
    }

    /// Whether nothing is being done about a source, and nothing speaks against it. Who waits for it does not wait for a
    /// back-off.
    fn can_start(&self, source: &SessionId, wanted: Option<Origin>, now: Timestamp) -> bool {
        self.sessions.get(source).is_some_and(|source| {
            let retry_at = match source.state {
                State::WaitingForNetwork { retry_at, .. } => Some(retry_at),
                State::Unknown
                | State::Lasting { .. }
                | State::Valid(_)
                | State::Due(_)
                | State::Expired(_)
                | State::Renewing { .. }
                | State::WaitingForYou { .. }
                | State::Broken { .. } => None,
            };
            let is_time = retry_at.is_none_or(|retry_at| retry_at <= now);
            source.attempt.is_none() && (is_time || wanted > Some(Origin::Silent))
        })
    }

    fn drive(&mut self, id: &SessionId, now: Timestamp) {
        let Some(origin) = self.sessions.get(id).and_then(|session| session.wanted) else {
            return;
        };
        match self.obstacle(id, now) {
            Obstacle::None => self.start(id, self.without_person(id)),
            Obstacle::Source(source) => {
                self.set_renewing(id);
                if self.can_start(&source, Some(origin), now) {
                    self.start(&source, self.without_person(&source));
                }
            }
            Obstacle::Person(key, needing) => match origin {
                Origin::Silent => self.put_to_rest(id, now),
                Origin::Asker | Origin::Person => self.ask(id, key, &needing, origin, now),
            },
            Obstacle::Elsewhere(error) => {
                if let Some(session) = self.sessions.get_mut(id)
                    && origin == Origin::Person
                {
                    session.trouble = Some(error.clone());
                }
                self.failed(id, &error, now);
            }
            Obstacle::Never(error) => self.failed(id, &error, now),
        }
    }

    fn set_renewing(&mut self, id: &SessionId) {
        if let Some(session) = self.sessions.get_mut(id) {
            session.state = State::Renewing {
                tries: session.tries,
                last: session.state.end(),
            };
        }
    }

    pub(super) fn start(&mut self, id: &SessionId, using: Using) {
        match using {
            Using::WhatIsThere | Using::SharedSession => self.set_renewing(id),
            // The prompt shows how it goes.
            Using::Code { .. } | Using::Browser(_) => {}
        }
        let source = self.source_of(id);
        let haste = match self.wish(id, self.clock) {
            Some(Origin::Asker | Origin::Person) => Haste::Awaited,
            Some(Origin::Silent) | None => Haste::Background,
        };
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        self.last_attempt.0 += 1;
        session.attempt = Some(self.last_attempt);
        session.tried_with = Some(using);
        session.trouble = None;
        self.effects.push_back(Effect::Renew {
            attempt: self.last_attempt,
            definition: session.definition.clone(),
            source,
            using,
            haste,
        });
    }

    fn source_of(&self, id: &SessionId) -> Option<Definition> {
        let source = self.sessions.get(id)?.definition.renewal.source()?;
        Some(self.sessions.get(source)?.definition.clone())
    }

    pub(super) fn renewal_ended(
        &mut self,
        attempt: AttemptId,
        result: Result<Renewed, RenewalError>,
        now: Timestamp,
    ) {
        let Some(id) = self.session_of(attempt) else {
            // Given up long ago.
            return;
        };
        if let Some(session) = self.sessions.get_mut(&id) {
            session.attempt = None;
        }
        match result {
            Ok(Renewed { found, allowed }) => {
                self.note_allowed(&id, allowed);
                self.succeeded(&id, found, now);
            }
            Err(error) => self.went_wrong(&id, &error, now),
        }
    }

    pub(super) fn session_of(&self, attempt: AttemptId) -> Option<SessionId> {
        self.sessions
            .values()
            .find(|session| session.attempt == Some(attempt))
            .map(|session| session.definition.id.clone())
    }

    pub(super) fn succeeded(&mut self, id: &SessionId, found: Found, now: Timestamp) {
        let Some(end) = found.end() else {
            let error = RenewalError::new(
                ErrorCode::Internal,
                "the renewal brought no credentials",
                "renew again, and report this if it stays",
            );
            return self.went_wrong(id, &error, now);
        };
        self.note_code_used(id, now);
        let is_kept = self
            .session(id)
            .is_some_and(|session| session.definition.renewal.policy() == Policy::Keep);
        if is_kept && end.is_past(now) {
            // Taken for a success it would be renewed again at once, and for ever.
            let error = RenewalError::new(
                ErrorCode::ServiceTrouble,
                "the renewal brought credentials that have ended already",
                "look whether the clock of this machine is right; Sandglass tries again by itself",
            );
            return self.went_wrong(id, &error, now);
        }
        if let Some(session) = self.sessions.get_mut(id) {
            session.take_in(found);
            session.forgive();
            session.snoozed_until = None;
            if session.wanted == Some(Origin::Person) {
                session.done_until = later(now, super::DONE);
            }
        }
        self.put_to_rest(id, now);
        self.answer_askers(id, &Ok(Some(end)));
    }

    /// A renewal failed. Some failures are cured on the way, some by a person, some by time, some not at all.
    fn went_wrong(&mut self, id: &SessionId, error: &RenewalError, now: Timestamp) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        session.tries += 1;
        session.trouble = Some(error.clone());
        if error.code == ErrorCode::DurationTooLong {
            // AWS took the code before it looked at the duration.
            self.note_code_used(id, now);
        }
        if self.goes_on_without_shared_session(id, error)
            || self.goes_on_from_a_new_source(id, error, now)
            || self.prompt_went_wrong(id, error, now)
        {
            return;
        }
        match error.retry() {
            Retry::Later if self.wish(id, now).is_some() => self.wait_for_network(id, error, now),
            Retry::Later | Retry::WithPerson | Retry::Never => self.failed(id, error, now),
        }
    }

    /// AWS does not accept what the renewal was made from, whatever its file says: that is a fact about the source,
    /// and the renewal goes on from a new one where that can be had.
    fn goes_on_from_a_new_source(
        &mut self,
        id: &SessionId,
        error: &RenewalError,
        now: Timestamp,
    ) -> bool {
        if !matches!(error.code, ErrorCode::SignInOver | ErrorCode::SourceExpired) {
            return false;
        }
        let in_browser = self.prompt_serving(id).is_some();
        let Some(session) = self.sessions.get_mut(id) else {
            return false;
        };
        match &session.definition.renewal {
            Renewal::SsoSignIn(_) if in_browser => return false,
            Renewal::SsoSignIn(_) => session.self_renewal = SelfRenewal::Refused,
            // Only `aws login` can begin a new chain.
            Renewal::ConsoleLogin(_) => {
                session.self_renewal = SelfRenewal::Refused;
                return false;
            }
            renewal @ (Renewal::Role(_)
            | Renewal::WebIdentity(_)
            | Renewal::SessionToken(_)
            | Renewal::FederationToken(_)
            | Renewal::SsoRole(_)
            | Renewal::Metadata(_)
            | Renewal::Process(_)
            | Renewal::LongLivedKeys(_)
            | Renewal::Foreign(_)) => {
                let Some(source) = renewal.source().cloned() else {
                    return false;
                };
                if session.tries < MOST_TRIES {
                    session.trouble = None;
                }
                self.probe_says_over(&source, now);
            }
        }
        let tries = self
            .sessions
            .get(id)
            .map_or(MOST_TRIES, |session| session.tries);
        let by_somebody = self.wish(id, now) > Some(Origin::Silent);
        let goes_on = tries < MOST_TRIES && (by_somebody || self.silently_possible(id, now));
        if goes_on {
            // Whoever wants it still does: `advance` drives it on.
            self.lay_down(id);
        }
        goes_on
    }

    /// AWS gave less than was asked: that is a part of what is known of the session from here on.
    fn note_allowed(&mut self, id: &SessionId, allowed: Option<Allowed>) {
        if let Some(session) = self.sessions.get_mut(id)
            && let Renewal::Role(role) = &mut session.definition.renewal
        {
            role.allowed = allowed.or(role.allowed);
        }
    }

    /// A call to AWS told that a session is over.
    pub(super) fn probe_says_over(&mut self, id: &SessionId, now: Timestamp) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        let Some(end) = session.state.end().filter(|end| !end.is_past(now)) else {
            return;
        };
        session.refuted = Some(end.at);
        session.accepted_at = None;
        session.set_end(Some(End {
            at: now,
            known_by: KnownBy::Probe,
            life: end.life,
        }));
    }

    /// Programs cannot wait for the weather: they are told, and the renewal goes on without them.
    fn wait_for_network(&mut self, id: &SessionId, error: &RenewalError, now: Timestamp) {
        let tries = self.sessions.get(id).map_or(0, |session| session.tries);
        let retry_at = later(now, backoff(tries, id.as_str())).unwrap_or(now);
        for id in self.with_those_waiting_for(id, now) {
            self.answer_askers(&id, &Err(error.clone()));
            if let Some(session) = self.sessions.get_mut(&id) {
                session.wanted = Some(Origin::Silent);
                session.state = State::WaitingForNetwork {
                    retry_at,
                    tries,
                    error: error.clone(),
                    last: session.state.end(),
                };
            }
        }
    }

    /// A renewal will not happen: everybody who waits for it is told.
    pub(super) fn failed(&mut self, id: &SessionId, error: &RenewalError, now: Timestamp) {
        for id in self.with_those_waiting_for(id, now) {
            self.put_to_rest(&id, now);
            self.answer_askers(&id, &Err(error.clone()));
        }
    }

    /// Who wants this session renewed, for itself or for what is made from it.
    pub(super) fn wish(&self, id: &SessionId, now: Timestamp) -> Option<Origin> {
        self.with_those_waiting_for(id, now)
            .iter()
            .filter_map(|id| self.sessions.get(id))
            .filter_map(|session| session.wanted)
            .max()
    }

    /// The session, and those that can only be renewed after it and wait for that.
    pub(super) fn with_those_waiting_for(&self, id: &SessionId, now: Timestamp) -> Vec<SessionId> {
        let waiting = self
            .sessions
            .values()
            .filter(|session| session.wanted.is_some() && session.attempt.is_none())
            .map(|session| &session.definition.id)
            .filter(|other| self.hangs_on(other, id, now));
        [id].into_iter().chain(waiting).cloned().collect()
    }
}
