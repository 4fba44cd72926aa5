//! Requests that connect a profile, or disconnect it.

use std::sync::Arc;

use sandglass_core::engine::Tracked;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;
use sandglass_core::session::{Definition, Renewal, State, Storage};
use sandglass_protocol::message::{Reply, Step};
use sandglass_vault::Sealed;

use super::Agent;
use crate::input::ConnectionId;

impl Agent {
    pub(super) fn connect(
        &mut self,
        id: ConnectionId,
        profile: ProfileName,
        command: String,
        step: Step,
    ) {
        if let Some(error) = self.in_the_middle(&profile) {
            return self.reply(id, Reply::Failed(error));
        }
        let held: Vec<(Definition, jiff::Timestamp)> = self
            .sessions_of(&profile)
            .filter(|tracked| tracked.definition.storage == Storage::AwsFiles)
            .filter_map(|tracked| {
                let end = tracked.state.end()?;
                let issued_at = end.at.checked_sub(end.life).ok()?;
                Some((tracked.definition.clone(), issued_at))
            })
            .collect();
        let (files, issuer) = (Arc::clone(&self.files), self.renewals.issuer());
        self.answer(id, async move {
            let mut moved = Vec::new();
            if matches!(step, Step::CarryOut(_)) {
                for (definition, issued_at) in held {
                    // What is not there any more is made anew when it is wanted.
                    if let Ok(looked) = issuer.look_up(&definition).await {
                        let sealed = Sealed {
                            credentials: looked.credentials,
                            issued_at,
                            account: looked.account,
                        };
                        moved.push((definition.id, sealed));
                    }
                }
            }
            files.connect(&profile, &command, &step, moved).await
        });
    }

    pub(super) fn disconnect(&mut self, id: ConnectionId, profile: ProfileName, step: Step) {
        if let Some(error) = self.in_the_middle(&profile) {
            return self.reply(id, Reply::Failed(error));
        }
        let sessions: Vec<Definition> = self
            .sessions_of(&profile)
            .filter(|tracked| tracked.definition.storage == Storage::SealedStore)
            .map(|tracked| tracked.definition.clone())
            .collect();
        let files = Arc::clone(&self.files);
        self.answer(id, async move {
            files.disconnect(&profile, &step, sessions).await
        });
    }

    /// A renewal that is under way would write where its session lies no longer.
    fn in_the_middle(&self, profile: &ProfileName) -> Option<RenewalError> {
        let is_renewing = |tracked: &Tracked| matches!(tracked.state, State::Renewing { .. });
        self.sessions_of(profile).any(is_renewing).then(|| {
            RenewalError::new(
                ErrorCode::FileBusy,
                format!("`{profile}` is being renewed at this moment"),
                "try again in a few seconds",
            )
        })
    }

    /// The sessions of a profile that has them for itself: those that move with it.
    fn sessions_of<'a>(&'a self, profile: &'a ProfileName) -> impl Iterator<Item = &'a Tracked> {
        self.engine.sessions().filter(move |tracked| {
            let definition = &tracked.definition;
            definition.profile.as_ref() == Some(profile) && moves(&definition.renewal)
        })
    }
}

/// Sign-ins are shared, a process is kept by Sandglass anyway, and the rest is not made by it.
fn moves(renewal: &Renewal) -> bool {
    match renewal {
        Renewal::Role(_)
        | Renewal::WebIdentity(_)
        | Renewal::SessionToken(_)
        | Renewal::FederationToken(_)
        | Renewal::SsoRole(_) => true,
        Renewal::SsoSignIn(_)
        | Renewal::ConsoleLogin(_)
        | Renewal::Metadata(_)
        | Renewal::Process(_)
        | Renewal::LongLivedKeys(_)
        | Renewal::Foreign(_) => false,
    }
}
