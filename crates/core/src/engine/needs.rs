//! What a renewal needs: decided here and nowhere else.

use jiff::Timestamp;

use super::Engine;
use super::session::{SelfRenewal, Tracked};
use crate::error::{ErrorCode, RenewalError, Retry};
use crate::names::SessionId;
use crate::prompt::PromptKey;
use crate::session::{ConsoleLogin, Needs, Policy, Renewal, Source};

/// What stands between a session and its renewal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// Nothing: it can start.
    None,
    /// The session that it is made from must be renewed first.
    Source(SessionId),
    /// A person must give this, for that session.
    Person(PromptKey, SessionId),
    /// A person must do something that Sandglass cannot take part in.
    Elsewhere(RenewalError),
    /// It cannot work as it is defined.
    Never(RenewalError),
}

/// One call of the several that a renewal may take: for whom, and what it needs when its source lives.
struct Step<'a> {
    session: &'a Tracked,
    needs: Needs,
}

impl Engine {
    /// What the session's own call needs, when all that it is made from is there.
    pub(super) fn own_needs(&self, session: &Tracked) -> Result<Needs, RenewalError> {
        Ok(match &session.definition.renewal {
            Renewal::Role(role) => match (&role.source, &role.mfa_serial) {
                (Source::Environment, _) => Needs::Elsewhere(
                    "run the program where the environment holds the keys: `credential_source = Environment` takes \
                     them from there"
                        .to_owned(),
                ),
                (Source::Keys(_) | Source::Session { .. }, None) => Needs::Nothing,
                (Source::Keys(_) | Source::Session { .. }, Some(_))
                    if self.has_shared_session(session) =>
                {
                    Needs::Nothing
                }
                (Source::Keys(_) | Source::Session { .. }, Some(device)) => {
                    Needs::Code(device.clone())
                }
            },
            Renewal::SessionToken(token) => match token.device.clone().transpose()? {
                None => Needs::Nothing,
                Some(device) => Needs::Code(device),
            },
            Renewal::SsoSignIn(portal) => match (session.in_browser, session.self_renewal) {
                (None, SelfRenewal::Able) => Needs::Nothing,
                (Some(_), _) | (None, SelfRenewal::Unable | SelfRenewal::Refused) => {
                    Needs::Browser(portal.clone())
                }
            },
            Renewal::ConsoleLogin(_) => match session.self_renewal {
                SelfRenewal::Able => Needs::Nothing,
                SelfRenewal::Unable | SelfRenewal::Refused => aws_login(session),
            },
            Renewal::WebIdentity(_)
            | Renewal::FederationToken(_)
            | Renewal::SsoRole(_)
            | Renewal::Metadata(_)
            | Renewal::Process(_) => Needs::Nothing,
            Renewal::LongLivedKeys(profile) => Needs::Elsewhere(format!(
                "replace the keys of `{profile}` in the IAM console, if they are old"
            )),
            Renewal::Foreign(foreign) => Needs::Elsewhere(match &foreign.maker {
                Some(maker) => format!("run {maker} again, which made it"),
                None => "run the program again that made it".to_owned(),
            }),
        })
    }

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

    /// What it takes once a sign-in cannot renew itself any more.
    pub fn needs_afterwards(&self, session: &Tracked) -> Needs {
        match &session.definition.renewal {
            Renewal::SsoSignIn(portal) => Needs::Browser(portal.clone()),
            Renewal::ConsoleLogin(_) => aws_login(session),
            Renewal::Role(_)
            | Renewal::WebIdentity(_)
            | Renewal::SessionToken(_)
            | Renewal::FederationToken(_)
            | Renewal::SsoRole(_)
            | Renewal::Metadata(_)
            | Renewal::Process(_)
            | Renewal::LongLivedKeys(_)
            | Renewal::Foreign(_) => self.own_needs(session).unwrap_or(Needs::Nothing),
        }
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
        if of != id && session.is_under_way_without_person() {
            // Its needs may have changed since it was started: it may come without anybody all the same.
            return Obstacle::Source(of.clone());
        }
        if let Needs::Elsewhere(remedy) = needs {
            return Obstacle::Elsewhere(RenewalError::new(
                ErrorCode::OutOfReach,
                format!("Sandglass cannot renew `{}`", session.definition.name),
                remedy,
            ));
        }
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
        session.definition.renewal.policy() == Policy::Keep
            && self.agreement.covers(&session.definition.id)
            && self
                .own_needs(session)
                .is_ok_and(|needs| needs == Needs::Nothing)
    }

    /// Whether all that it takes can be done now without anybody, and was agreed to.
    pub(super) fn silently_possible(&self, id: &SessionId, now: Timestamp) -> bool {
        self.steps(id, now).is_ok_and(|steps| {
            steps.iter().all(|Step { session, needs }| {
                *needs == Needs::Nothing
                    && session.definition.renewal.policy() == Policy::Keep
                    && self.agreement.covers(&session.definition.id)
                    && !session
                        .trouble
                        .as_ref()
                        .is_some_and(|trouble| needs_change(session, trouble))
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
                needs: self.own_needs(session)?,
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

fn aws_login(session: &Tracked) -> Needs {
    let command = ConsoleLogin::command(session.definition.profile.as_ref());
    Needs::Elsewhere(format!("run `{command}`"))
}

/// Whether a failure stays until somebody does something. The token of a web identity is put anew into its file by
/// whoever minds it, and the next try finds it.
fn needs_change(session: &Tracked, trouble: &RenewalError) -> bool {
    let is_awaited = matches!(session.definition.renewal, Renewal::WebIdentity(_))
        && trouble.code == ErrorCode::SourceExpired;
    trouble.retry() != Retry::Later && !is_awaited
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
