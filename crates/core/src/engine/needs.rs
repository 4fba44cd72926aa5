//! What a renewal needs: decided here and nowhere else.

use jiff::Timestamp;

use super::Engine;
use super::session::{SelfRenewal, Tracked};
use crate::error::{ErrorCode, RenewalError, Retry};
use crate::names::SessionId;
use crate::prompt::PromptKey;
use crate::session::{Needs, Renewal};

/// What stands between a session and its renewal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// Nothing: it can start.
    None,
    /// The session that it is made from must be renewed first.
    Source(SessionId),
    /// A person must give this, for that session.
    Person(PromptKey, SessionId),
    /// It cannot work as it is defined.
    Never(RenewalError),
}

/// One call of the several that a renewal may take: for whom, and what it needs when its source lives.
struct Step<'a> {
    session: &'a Tracked,
    needs: Needs,
}

impl Tracked {
    /// What its own call needs, when all that it is made from is there.
    pub(super) fn own_needs(&self) -> Result<Needs, RenewalError> {
        match &self.definition.renewal {
            Renewal::Role(role) => Ok(role.mfa_serial.clone().map_or(Needs::Nothing, Needs::Code)),
            Renewal::SessionToken(token) => token.device.clone().map(Needs::Code),
            Renewal::SsoSignIn(portal) => Ok(match self.self_renewal {
                SelfRenewal::Able => Needs::Nothing,
                SelfRenewal::Unable | SelfRenewal::Refused => Needs::Browser(portal.clone()),
            }),
            Renewal::SsoRole(_) => Ok(Needs::Nothing),
        }
    }
}

impl Engine {
    /// What a renewal of this session needs from a person, the sessions that it is made from included: the first thing,
    /// where there are several.
    pub fn needs(&self, session: &Tracked, now: Timestamp) -> Needs {
        self.steps(&session.definition.id, now)
            .into_iter()
            .flatten()
            .map(|step| step.needs)
            .find(|needs| *needs != Needs::Nothing)
            .unwrap_or(Needs::Nothing)
    }

    /// The first thing in the way.
    pub(super) fn obstacle(&self, id: &SessionId, now: Timestamp) -> Obstacle {
        let first = match self.steps(id, now) {
            Ok(steps) => steps.into_iter().next(),
            Err(error) => return Obstacle::Never(error),
        };
        let Some(Step { session, needs }) = first else {
            return Obstacle::None;
        };
        let of = &session.definition.id;
        match PromptKey::for_needs(needs) {
            Some(key) => Obstacle::Person(key, of.clone()),
            None if of == id => Obstacle::None,
            None => Obstacle::Source(of.clone()),
        }
    }

    /// Whether the renewal of this session takes that one's first.
    pub(super) fn hangs_on(&self, id: &SessionId, source: &SessionId, now: Timestamp) -> bool {
        id != source
            && self
                .steps(id, now)
                .into_iter()
                .flatten()
                .any(|step| step.session.definition.id == *source)
    }

    /// Whether the policy would renew this session by itself once it is due.
    pub(super) fn is_kept_silently(&self, session: &Tracked) -> bool {
        self.agreement.covers(&session.definition.id)
            && session
                .own_needs()
                .is_ok_and(|needs| needs == Needs::Nothing)
    }

    /// Whether all that it takes can be done now without anybody, and was agreed to.
    pub(super) fn silently_possible(&self, id: &SessionId, now: Timestamp) -> bool {
        let wants_person = |error: &RenewalError| error.retry() != Retry::Later;
        self.steps(id, now).is_ok_and(|steps| {
            steps.iter().all(|Step { session, needs }| {
                *needs == Needs::Nothing
                    && self.agreement.covers(&session.definition.id)
                    && !session.trouble.as_ref().is_some_and(wants_person)
            })
        })
    }

    /// Why a renewal cannot work until something is changed: here, or in what it is made from.
    pub(super) fn hindrance(&self, id: &SessionId, now: Timestamp) -> Option<RenewalError> {
        match self.steps(id, now) {
            Ok(steps) => steps
                .iter()
                .filter_map(|step| step.session.trouble.as_ref())
                .find(|trouble| trouble.retry() == Retry::Never)
                .cloned(),
            Err(error) => Some(error),
        }
    }

    /// All that has to be renewed for this session, in order, the session itself last.
    fn steps(&self, id: &SessionId, now: Timestamp) -> Result<Vec<Step<'_>>, RenewalError> {
        let mut steps: Vec<Step<'_>> = Vec::new();
        let mut next = Some(id);
        while let Some(id) = next {
            let session = self.sessions.get(id).ok_or_else(|| is_missing(id))?;
            if steps.iter().any(|step| step.session.definition.id == *id) {
                return Err(goes_in_a_circle(session));
            }
            steps.push(Step {
                session,
                needs: session.own_needs()?,
            });
            next = session
                .definition
                .renewal
                .source()
                .filter(|source| !self.is_live(source, now));
        }
        steps.reverse();
        Ok(steps)
    }

    fn is_live(&self, id: &SessionId, now: Timestamp) -> bool {
        self.sessions
            .get(id)
            .is_some_and(|session| session.is_live(now))
    }

    /// The session and all that it is made from. A loop of definitions ends where it closes.
    pub(super) fn lineage(&self, id: &SessionId) -> Vec<&Tracked> {
        let mut lineage: Vec<&Tracked> = Vec::new();
        let mut next = self.sessions.get(id);
        while let Some(session) = next {
            if lineage
                .iter()
                .any(|seen| seen.definition.id == session.definition.id)
            {
                break;
            }
            lineage.push(session);
            let source = session.definition.renewal.source();
            next = source.and_then(|source| self.sessions.get(source));
        }
        lineage
    }
}

fn is_missing(id: &SessionId) -> RenewalError {
    RenewalError::new(
        ErrorCode::InvalidDefinition,
        format!("`{id}`, which this session is made from, is not defined"),
        "look at `source_profile` and `sso_session` in the AWS configuration",
    )
}

fn goes_in_a_circle(session: &Tracked) -> RenewalError {
    RenewalError::new(
        ErrorCode::InvalidDefinition,
        format!(
            "the `source_profile` settings of `{}` go round in a circle",
            session.definition.name
        ),
        "let one profile of the circle name long-lived keys or a sign-in",
    )
}
