//! One session as the engine follows it, and its rest states.

use jiff::Timestamp;

use super::{BETWEEN_SILENT, Engine, SHORTEST_PAUSE, later};
use crate::effect::{SignInStart, Using};
use crate::error::RenewalError;
use crate::lifetimes::{End, backoff};
use crate::names::{AttemptId, SessionId};
use crate::session::{Definition, Found, Place, State};

/// A session and what is going on with it.
#[derive(Clone, Debug)]
pub struct Tracked {
    /// What configuration says of it.
    pub definition: Definition,
    /// Where it stands.
    pub state: State,
    /// Whether it was seen working since the agent runs.
    pub sighted: Sighted,
    /// No notice before then.
    pub snoozed_until: Option<Timestamp>,
    /// A renewal that somebody clicked for worked; that is told until then.
    pub done_until: Option<Timestamp>,
    /// Why its last renewal failed; none after one that worked.
    pub trouble: Option<RenewalError>,
    /// Where its credentials lie, and which profiles use them.
    pub used_in: Vec<Place>,
    /// The end of the portal session or chain that a sign-in renews itself in, as far as it is known.
    pub whole: Option<End>,
    /// When AWS was last asked whether it accepts the credentials, and did.
    pub accepted_at: Option<Timestamp>,
    /// Keys that never end were first seen then.
    pub(super) lasting_since: Option<Timestamp>,
    pub(super) self_renewal: SelfRenewal,
    /// Who wants it renewed.
    pub(super) wanted: Option<Origin>,
    /// The renewal that is under way.
    pub(super) attempt: Option<AttemptId>,
    /// Renewals that failed since the last one that worked or that somebody asked for.
    pub(super) tries: u32,
    pub(super) no_silent_before: Option<Timestamp>,
    /// AWS told otherwise than a file which still names this end: the file is not believed.
    pub(super) refuted: Option<Timestamp>,
    /// The check that is under way.
    pub(super) check: Option<AttemptId>,
    /// What the last attempt was made with.
    pub(super) tried_with: Option<Using>,
    /// AWS did not accept the shared MFA session for this role: it takes a code of its own.
    pub(super) refuses_shared: bool,
    /// A person wants a sign-in in the browser, whatever a refresh token could do.
    pub(super) in_browser: Option<SignInStart>,
    /// A program gave up waiting for it: what it raised stays open until then, since programs come back.
    pub(super) lingers_until: Option<Timestamp>,
}

/// Whether a session was seen working. What was over from the start raises no notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sighted {
    /// It was.
    Alive,
    /// Not yet.
    NotYet,
}

/// Whether a sign-in can renew itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SelfRenewal {
    /// It holds a refresh token.
    Able,
    /// It holds none.
    Unable,
    /// It holds one that AWS refused, until another one lies there.
    Refused,
}

/// Who wants a session renewed. A later one outranks an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// The policy: it ends soon, needs nobody, and the person agreed.
    Silent,
    /// Programs, which wait for it or for what is made from it.
    Asker,
    /// A click.
    Person,
}

impl Tracked {
    pub(super) fn new(definition: Definition) -> Self {
        Self {
            definition,
            state: State::Unknown,
            sighted: Sighted::NotYet,
            snoozed_until: None,
            done_until: None,
            trouble: None,
            used_in: Vec::new(),
            whole: None,
            accepted_at: None,
            lasting_since: None,
            self_renewal: SelfRenewal::Unable,
            wanted: None,
            attempt: None,
            tries: 0,
            no_silent_before: None,
            refuted: None,
            check: None,
            tried_with: None,
            refuses_shared: false,
            in_browser: None,
            lingers_until: None,
        }
    }

    /// Whether its credentials work at this moment, as far as is known.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.state.end().is_some_and(|end| !end.is_past(now))
    }

    /// Whether AWS is being asked if it accepts its credentials.
    pub fn is_being_checked(&self) -> bool {
        self.check.is_some()
    }

    /// Whether a renewal of it is under way that takes nothing from a person.
    pub(super) fn is_under_way_without_person(&self) -> bool {
        match self.tried_with {
            Some(Using::WhatIsThere | Using::SharedSession) => self.attempt.is_some(),
            Some(Using::Code { .. } | Using::Browser(_)) | None => false,
        }
    }

    /// Whether nothing is being done about it: its state follows from its end and its trouble alone.
    pub(super) fn is_resting(&self) -> bool {
        match self.state {
            State::Unknown
            | State::Lasting { .. }
            | State::Valid(_)
            | State::Due(_)
            | State::Expired(_)
            | State::Broken { .. } => true,
            State::Renewing { .. }
            | State::WaitingForYou { .. }
            | State::WaitingForNetwork { .. } => false,
        }
    }

    /// Replaces the end and nothing else; `Engine::settle_all` makes a rest state fit it.
    pub(super) fn set_end(&mut self, end: Option<End>) {
        match &mut self.state {
            State::Unknown
            | State::Lasting { .. }
            | State::Valid(_)
            | State::Due(_)
            | State::Expired(_) => {
                self.state = end.map_or(State::Unknown, State::Valid);
            }
            State::Renewing { last, .. }
            | State::WaitingForYou { last, .. }
            | State::WaitingForNetwork { last, .. }
            | State::Broken { last, .. } => *last = end,
        }
    }

    /// Puts what was found into it, wherever it came from.
    pub(super) fn take_in(&mut self, found: Found) {
        self.set_end(found.end());
        self.self_renewal = match found {
            Found::Nothing | Found::Credentials(_) | Found::Lasting { .. } => SelfRenewal::Unable,
            Found::Refreshable { .. } => SelfRenewal::Able,
        };
        self.note_beside_end(found);
        self.refuted = None;
        self.accepted_at = None;
    }

    /// What a finding tells besides the end of the credentials.
    pub(super) fn note_beside_end(&mut self, found: Found) {
        (self.whole, self.lasting_since) = match found {
            Found::Nothing | Found::Credentials(_) => (None, None),
            Found::Refreshable { whole, .. } => (whole, None),
            Found::Lasting { since } => (None, Some(since)),
        };
    }

    /// The last failure says nothing any more.
    pub(super) fn forgive(&mut self) {
        self.trouble = None;
        self.tries = 0;
    }
}

impl Engine {
    /// Moves resting sessions on: what is due by now is due, what is over is over.
    pub(super) fn settle_all(&mut self, now: Timestamp) {
        let settled: Vec<(SessionId, State)> = self
            .sessions
            .iter()
            .filter(|(_, session)| session.is_resting())
            .map(|(id, session)| (id.clone(), self.state_at_rest(session, now)))
            .collect();
        for (id, state) in settled {
            if let Some(session) = self.sessions.get_mut(&id) {
                session.state = state;
            }
        }
        for session in self.sessions.values_mut() {
            if session.is_live(now) {
                session.sighted = Sighted::Alive;
            }
            if session.no_silent_before.is_some_and(|before| before <= now) {
                session.no_silent_before = None;
            }
        }
    }

    /// The state of a session while nothing is done about it.
    fn state_at_rest(&self, session: &Tracked, now: Timestamp) -> State {
        let end = session.state.end();
        if let Some(error) = self.hindrance(&session.definition.id, now) {
            return State::Broken { error, last: end };
        }
        match end {
            None => session
                .lasting_since
                .map_or(State::Unknown, |since| State::Lasting { since }),
            Some(end) if end.is_past(now) => State::Expired(end),
            Some(end) if self.due_at(session, end) <= now => State::Due(end),
            Some(end) => State::Valid(end),
        }
    }

    /// When somebody should act: earlier where Sandglass acts by itself.
    fn due_at(&self, session: &Tracked, end: End) -> Timestamp {
        if self.is_kept_silently(session) {
            end.silent_renewal(session.definition.id.as_str())
        } else {
            end.first_notice(self.settings.leads_of(&session.definition.id))
        }
    }

    /// When time alone changes something for this session.
    pub(super) fn next_deadline(&self, session: &Tracked) -> Option<Timestamp> {
        let silent = session
            .no_silent_before
            .filter(|_| self.is_kept_silently(session));
        match &session.state {
            State::Valid(end) => Some(self.due_at(session, *end).min(end.at)),
            State::Due(end) => Some(silent.map_or(end.at, |silent| silent.min(end.at))),
            State::Expired(_) => silent,
            State::WaitingForNetwork { retry_at, .. } => Some(*retry_at),
            State::WaitingForYou { .. } => session.lingers_until,
            State::Unknown
            | State::Lasting { .. }
            | State::Renewing { .. }
            | State::Broken { .. } => None,
        }
    }

    /// Ends whatever is going on with a session and lets it rest. The policy lets it be for a moment, longer after
    /// each failure.
    pub(super) fn put_to_rest(&mut self, id: &SessionId, now: Timestamp) {
        self.lay_down(id);
        if let Some(session) = self.sessions.get_mut(id) {
            session.wanted = None;
            session.attempt = None;
            session.in_browser = None;
            session.lingers_until = None;
            let life = session.state.end().map(|end| end.life);
            let pause = match (session.tries, life) {
                // A life that is shorter than the pause would end within it.
                (0, Some(life)) => BETWEEN_SILENT.min(life / 4).max(SHORTEST_PAUSE),
                (0, None) => BETWEEN_SILENT,
                (tries, _) => backoff(tries, id.as_str()).max(BETWEEN_SILENT),
            };
            session.no_silent_before = later(now, pause);
        }
    }

    /// Nothing goes on with a session at this moment, whoever may still want it renewed.
    pub(super) fn lay_down(&mut self, id: &SessionId) {
        if let Some(session) = self.sessions.get_mut(id) {
            let end = session.state.end();
            // `settle_all` says which rest state it is.
            session.state = end.map_or(State::Unknown, State::Valid);
        }
    }
}
