//! Checks: AWS is asked whether it accepts the credentials of a session. Its answer is a fact, of the moment in which it
//! was given.

use jiff::{SignedDuration, Timestamp};

use super::{Engine, later};
use crate::effect::Effect;
use crate::error::{ErrorCode, RenewalError};
use crate::lifetimes::{End, KnownBy, LONGEST};
use crate::names::{AttemptId, SessionId};

/// What AWS accepts although all reckoning says that it is over is looked at again after this time.
const AGAIN: SignedDuration = SignedDuration::from_hours(1);

impl Engine {
    /// Somebody wants to know.
    pub(super) fn check(&mut self, id: &SessionId) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        if session.check.is_some() {
            return;
        }
        self.last_attempt.0 += 1;
        session.check = Some(self.last_attempt);
        self.effects.push_back(Effect::Check {
            attempt: self.last_attempt,
            definition: session.definition.clone(),
        });
    }

    pub(super) fn give_up_check(&mut self, id: &SessionId) {
        let check = self
            .sessions
            .get_mut(id)
            .and_then(|session| session.check.take());
        if let Some(check) = check {
            self.effects.push_back(Effect::GiveUp(check));
        }
    }

    pub(super) fn checked(
        &mut self,
        attempt: AttemptId,
        result: Result<(), RenewalError>,
        now: Timestamp,
    ) {
        let found = self
            .sessions
            .values_mut()
            .find(|session| session.check == Some(attempt));
        let Some(session) = found else {
            return;
        };
        session.check = None;
        let id = session.definition.id.clone();
        match result {
            Ok(()) => {
                session.accepted_at = Some(now);
                session.trouble = None;
                if let Some(end) = session.state.end() {
                    let accepted = accepted(end, now);
                    if accepted.at != end.at {
                        session.refuted = Some(end.at);
                    }
                    session.set_end(Some(accepted));
                }
            }
            Err(error) => {
                session.accepted_at = None;
                if matches!(
                    error.code,
                    ErrorCode::SourceExpired | ErrorCode::SourceInvalid | ErrorCode::SignInOver
                ) {
                    self.probe_says_over(&id, now);
                }
                // Where nothing was there to ask about, nothing is wrong with it.
                if let Some(session) = self.sessions.get_mut(&id)
                    && (session.lasting_since.is_some() || session.is_live(now))
                {
                    session.trouble = Some(error);
                }
            }
        }
    }
}

/// What is known of an end once AWS has accepted the credentials at `now`. What the issuer said stands; a reckoning
/// that is past was wrong, and the next one is the longest that any such session lives.
fn accepted(end: End, now: Timestamp) -> End {
    match end.known_by {
        KnownBy::Issuer if !end.is_past(now) => end,
        KnownBy::Issuer | KnownBy::Estimate | KnownBy::Probe => {
            let begun = end.at.checked_sub(end.life).unwrap_or(Timestamp::MIN);
            let at = [Some(end.at), later(begun, LONGEST), later(now, AGAIN)]
                .into_iter()
                .flatten()
                .find(|at| now < *at)
                .unwrap_or(now);
            End {
                at,
                known_by: KnownBy::Probe,
                life: at.duration_since(begun),
            }
        }
    }
}
