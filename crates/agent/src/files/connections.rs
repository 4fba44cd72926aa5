//! Profiles whose programs ask Sandglass: how they come to do so, and the way back.

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::{ProfileName, SessionId};
use sandglass_core::secret::SecretSettings;
use sandglass_core::session::Definition;
use sandglass_profiles::changes::{Plan, Planned};
use sandglass_profiles::connect;
use sandglass_profiles::credentials::write_target;
use sandglass_protocol::message::{Changes, Reply, Step};
use sandglass_vault::Sealed;

use super::Files;
use crate::clock;

/// What a step came to.
pub(super) enum Outcome {
    /// This would be changed.
    Shown(Changes),
    /// Nothing is to be changed.
    Nothing(String),
    /// It was changed.
    CarriedOut,
}

impl Files {
    /// Connects a profile. `held` is what its sessions hold at the moment: from now on that is Sandglass's to keep.
    pub(crate) async fn connect(
        &self,
        profile: &ProfileName,
        command: &str,
        step: &Step,
        held: Vec<(SessionId, Sealed)>,
    ) -> Reply {
        let outcome = self.try_connect(profile, command, step).await;
        reply(outcome, || {
            for (session, sealed) in held {
                self.kept.put(session, sealed);
            }
            format!(
                "{profile} is connected: programs that use it ask Sandglass from their next start on"
            )
        })
    }

    async fn try_connect(
        &self,
        profile: &ProfileName,
        command: &str,
        step: &Step,
    ) -> Result<Outcome, RenewalError> {
        let plan = tokio::task::block_in_place(|| {
            connect::connecting(&self.paths, &self.writer, profile, command)
        })?;
        let plan = match due(plan, step)? {
            Due::Now(plan) => plan,
            Due::Told(outcome) => return Ok(outcome),
        };
        // First of all: from here on nothing is lost, whatever happens.
        if !plan.keys.is_empty() {
            self.keys.put(profile, &plan.keys).await?;
        }
        let made = tokio::task::block_in_place(|| plan.carry_out(&self.writer));
        if made.is_err() && !plan.keys.is_empty() {
            // The files hold them again. What stays in the keychain is no harm.
            let _ = self.keys.forget(profile).await;
        }
        made?;
        Ok(Outcome::CarriedOut)
    }

    /// Disconnects a profile. `sessions` are those whose credentials Sandglass kept for it: the ones that are still good go
    /// where they are written from now on.
    pub(crate) async fn disconnect(
        &self,
        profile: &ProfileName,
        step: &Step,
        sessions: Vec<Definition>,
    ) -> Reply {
        let outcome = self.try_disconnect(profile, step).await;
        reply(outcome, || {
            for session in &sessions {
                self.hand_back(session);
            }
            format!("{profile} is disconnected: programs find its credentials by themselves again")
        })
    }

    fn hand_back(&self, session: &Definition) {
        if let Some(target) = session.renewal.target()
            && let Some(sealed) = self.kept.get(&session.id)
            && sealed.credentials.expires_at > Some(clock::now())
        {
            let written = tokio::task::block_in_place(|| {
                let (keys, issued_at) = (&sealed.credentials, sealed.issued_at);
                write_target(&self.writer, &self.paths, target, keys, issued_at)
            });
            if let Err(error) = written {
                tracing::warn!(%error, "a session that was kept could not be written, and has to be renewed");
            }
        }
        self.kept.forget(&session.id);
    }

    async fn try_disconnect(
        &self,
        profile: &ProfileName,
        step: &Step,
    ) -> Result<Outcome, RenewalError> {
        let holds_keys = connect::holds_keys(&self.paths, profile);
        let keys = if holds_keys {
            self.keys.all_of(profile).await?
        } else {
            None
        };
        let keys = keys.unwrap_or_else(SecretSettings::new);
        let plan =
            tokio::task::block_in_place(|| connect::disconnecting(&self.paths, profile, &keys))?;
        let plan = match due(plan, step)? {
            Due::Now(plan) => plan,
            Due::Told(outcome) => return Ok(outcome),
        };
        tokio::task::block_in_place(|| plan.carry_out(&self.writer))?;
        if holds_keys {
            // Last of all: the files hold them again.
            self.keys.forget(profile).await?;
        }
        Ok(Outcome::CarriedOut)
    }
}

/// What is said of an outcome; `done` follows a change that was made, and says so.
pub(super) fn reply(
    outcome: Result<Outcome, RenewalError>,
    done: impl FnOnce() -> String,
) -> Reply {
    match outcome {
        Ok(Outcome::Shown(changes)) => Reply::Changes(changes),
        Ok(Outcome::Nothing(sentence)) => Reply::Done { sentence },
        Ok(Outcome::CarriedOut) => Reply::Done { sentence: done() },
        Err(error) => Reply::Failed(error),
    }
}

/// What a plan is good for at this step.
pub(super) enum Due {
    /// It is carried out.
    Now(Plan),
    /// It is told.
    Told(Outcome),
}

pub(super) fn due(planned: Planned, step: &Step) -> Result<Due, RenewalError> {
    match (planned, step) {
        (Planned::Nothing(sentence), Step::Show | Step::CarryOut(_)) => {
            Ok(Due::Told(Outcome::Nothing(sentence)))
        }
        (Planned::Changes(plan), Step::Show) => Ok(Due::Told(Outcome::Shown(Changes {
            sentences: plan.sentences.clone(),
            diff: plan.diff(),
            fingerprint: plan.fingerprint(),
        }))),
        (Planned::Changes(plan), Step::CarryOut(shown)) if *shown == plan.fingerprint() => {
            Ok(Due::Now(plan))
        }
        (Planned::Changes(_), Step::CarryOut(_)) => Err(RenewalError::new(
            ErrorCode::FileBusy,
            "the files were changed since their changes were shown",
            "run the command again, and look at what it shows now",
        )),
    }
}
