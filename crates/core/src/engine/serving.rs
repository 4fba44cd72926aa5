//! Credentials for programs: which are served as they are, and how long they will do without anybody.

use jiff::{SignedDuration, Timestamp};

use super::session::{SelfRenewal, Tracked};
use super::{Engine, later};
use crate::event::{Asker, Wants};
use crate::lifetimes::{End, FIRST_LEAD};
use crate::names::{AskerId, SessionId};
use crate::session::{Needs, Renewal, State};

/// A question that a program raised stays open for this long after the program gave up waiting: it comes back, and
/// whoever is in the middle of the answer finishes.
pub(super) const LINGERING: SignedDuration = SignedDuration::from_mins(5);

impl Engine {
    /// The end of the credentials that a program is served at this moment, none where they never end; where they are
    /// served without anything else being done. A program that asks again and again costs no more than this.
    pub fn serves(&self, id: &SessionId, wants: Wants, now: Timestamp) -> Option<Option<End>> {
        // Whoever asks for the first time agrees by that.
        let lineage = self.lineage(id);
        let mut all = lineage.iter().map(|session| &session.definition.id);
        if !all.all(|id| self.agreement.covers(id)) {
            return None;
        }
        self.served_at_once(id, wants, now).map(Holding::end)
    }

    /// What a program is served without a renewal; none where a renewal comes first.
    pub(super) fn served_at_once(
        &self,
        id: &SessionId,
        wants: Wants,
        now: Timestamp,
    ) -> Option<Holding> {
        let session = self.sessions.get(id)?;
        let enough = match wants {
            Wants::Renewal => return None,
            Wants::Credentials => FIRST_LEAD,
            Wants::CredentialsFor(wanted) => wanted,
        };
        let end = match Holding::of(session, now)? {
            Holding::ForEver => return Some(Holding::ForEver),
            Holding::Until(end) => end,
        };
        let left = end.at.duration_since(now);
        let is_enough = match wants {
            Wants::Renewal => false,
            Wants::Credentials => {
                left >= enough.min(end.life / 4) || self.needs(session, now) != Needs::Nothing
            }
            // What was just renewed is not made longer by renewing it again.
            Wants::CredentialsFor(_) => left >= enough.min(end.life - end.life / 10),
        };
        is_enough.then_some(Holding::Until(end))
    }

    /// What a program is served whose renewal failed.
    pub(super) fn served_all_the_same(&self, asker: &Asker) -> Option<Holding> {
        match asker.wants {
            Wants::Credentials => Holding::of(self.sessions.get(&asker.session)?, self.clock),
            Wants::Renewal | Wants::CredentialsFor(_) => None,
        }
    }

    pub(super) fn asker_left(&mut self, id: AskerId, now: Timestamp) {
        let Some(asker) = self.askers.remove(&id) else {
            return;
        };
        match asker.wants {
            // Somebody at a terminal, who left it.
            Wants::Renewal | Wants::CredentialsFor(_) => {}
            Wants::Credentials => {
                if let Some(session) = self.sessions.get_mut(&asker.session)
                    && matches!(session.state, State::WaitingForYou { .. })
                {
                    session.lingers_until = later(now, LINGERING);
                }
            }
        }
    }

    /// Whether what is asked for this session, or for what hangs on it, stays open although no program waits just now.
    pub(super) fn lingers(&self, id: &SessionId, now: Timestamp) -> bool {
        self.with_those_waiting_for(id, now)
            .iter()
            .filter_map(|id| self.sessions.get(id))
            .any(|session| session.lingers_until.is_some())
    }

    /// Until when Sandglass can keep a session fresh without anybody (UTC); none where no end of that is known.
    pub fn keeps_until(&self, session: &Tracked) -> Option<Timestamp> {
        let mut until: Option<Timestamp> = None;
        for step in self.lineage(&session.definition.id) {
            let own = step.state.end().map(|end| end.at);
            let renews_itself = match self.own_needs(step) {
                Ok(Needs::Nothing) => true,
                Ok(Needs::Code(_) | Needs::Browser(_) | Needs::Elsewhere(_)) | Err(_) => false,
            };
            let ends = match (&step.definition.renewal, renews_itself) {
                (_, false) => own,
                (Renewal::SsoSignIn(_) | Renewal::ConsoleLogin(_), true) => {
                    match step.self_renewal {
                        SelfRenewal::Able => step.whole.map(|whole| whole.at),
                        SelfRenewal::Unable | SelfRenewal::Refused => own,
                    }
                }
                (
                    Renewal::Role(_)
                    | Renewal::WebIdentity(_)
                    | Renewal::SessionToken(_)
                    | Renewal::FederationToken(_)
                    | Renewal::SsoRole(_)
                    | Renewal::Metadata(_)
                    | Renewal::Process(_)
                    | Renewal::LongLivedKeys(_)
                    | Renewal::Foreign(_),
                    true,
                ) => self.shared_session_end(step),
            };
            until = match (until, ends) {
                (Some(until), Some(ends)) => Some(until.min(ends)),
                (until, ends) => until.or(ends),
            };
        }
        // Credentials that were made in time outlive what they were made from.
        let own = session.state.end().map(|end| end.at);
        until.map(|until| own.map_or(until, |own| own.max(until)))
    }
}

/// Credentials that AWS accepts at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holding {
    /// Until this end.
    Until(End),
    /// Long-lived keys.
    ForEver,
}

impl Holding {
    /// What the session has; none where that is nothing, or over.
    fn of(session: &Tracked, now: Timestamp) -> Option<Self> {
        match (&session.state, session.state.end()) {
            (State::Lasting { .. }, _) => Some(Self::ForEver),
            (_, end) => end.filter(|end| !end.is_past(now)).map(Self::Until),
        }
    }

    pub(super) fn end(self) -> Option<End> {
        match self {
            Self::Until(end) => Some(end),
            Self::ForEver => None,
        }
    }
}
