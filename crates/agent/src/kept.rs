//! Credentials that lie in no file of AWS: what Sandglass keeps for itself, in memory and in the sealed store.
//!
//! Memory is what counts. The sealed store is for the next start: where it cannot be had, nothing is lost but that, and
//! it is tried again now and then.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use sandglass_core::event::SharedSession;
use sandglass_core::findings::Finding;
use sandglass_core::lifetimes::{End, KnownBy, ROLE};
use sandglass_core::names::{MfaSerial, ProfileName, SessionId};
use sandglass_profiles::inventory::Observed;
use sandglass_vault::{Patience, Sealed, SealedError, SealedStore, SetAside};

use crate::clock;

/// A store that failed is tried again after this time.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// MFA sessions that serve several roles are kept beside the sessions that people see.
const SHARED: &str = "mfa:";

/// The name under which a shared MFA session is kept. No serial number holds a blank (STS API reference).
pub(crate) fn shared_id(source: &ProfileName, device: &MfaSerial) -> SessionId {
    SessionId::new(format!("{SHARED}{device} {source}"))
}

fn shared_by(id: &SessionId) -> Option<(ProfileName, MfaSerial)> {
    let (device, source) = id.as_str().strip_prefix(SHARED)?.split_once(' ')?;
    Some((ProfileName::new(source), MfaSerial::new(device)))
}

/// When kept credentials end. Those that do not say are reckoned to live as long as most do.
pub(crate) fn end_of(sealed: &Sealed) -> End {
    match sealed.credentials.expires_at {
        Some(at) => End::issued(sealed.issued_at, at),
        None => End {
            at: sealed
                .issued_at
                .saturating_add(ROLE)
                .unwrap_or(Timestamp::MAX),
            known_by: KnownBy::Estimate,
            life: ROLE,
        },
    }
}

/// All that is kept.
pub(crate) struct Kept {
    store: SealedStore,
    state: Mutex<State>,
    /// One reader or writer of the store at a time: what was taken out of the state first is also written first.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    sealed: BTreeMap<SessionId, Sealed>,
    /// What the store does not have yet, or has no longer to have.
    unsaved: BTreeSet<SessionId>,
    store: Store,
    /// Files that had to be set aside, since the start.
    set_aside: Vec<Finding>,
}

/// Whether what the store holds is known.
#[derive(Default)]
enum Store {
    #[default]
    NotReadYet,
    Read,
    /// Reading or writing failed, and is tried again.
    Failed {
        /// When it failed.
        at: Timestamp,
        /// What a person should know.
        finding: Finding,
    },
}

impl Kept {
    pub(crate) fn new(store: SealedStore) -> Self {
        Self {
            store,
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// Tries again what failed, beside whoever asks, and not too often.
    pub(crate) fn catch_up(self: &Arc<Self>, now: Timestamp) {
        let mut state = self.state();
        match &mut state.store {
            Store::NotReadYet | Store::Read => return,
            Store::Failed { at, .. } if now.duration_since(*at).abs() < PAUSE => return,
            Store::Failed { at, .. } => *at = now,
        }
        drop(state);
        let kept = Arc::clone(self);
        tokio::spawn(async move {
            kept.load().await;
            kept.save().await;
        });
    }

    /// Reads what earlier runs kept.
    pub(crate) async fn load(&self) {
        let _turn = self.turn.lock().await;
        match self.store.load(clock::now(), Patience::Background).await {
            Ok(loaded) => {
                let mut state = self.state();
                for (id, sealed) in loaded.sealed {
                    // What came in meanwhile is newer.
                    if !state.unsaved.contains(&id) {
                        state.sealed.entry(id).or_insert(sealed);
                    }
                }
                let set_aside = loaded.set_aside.as_ref().map(SetAside::finding);
                state.set_aside.extend(set_aside);
                state.store = Store::Read;
            }
            Err(error) => self.failed(&error),
        }
    }

    async fn save(&self) {
        let _turn = self.turn.lock().await;
        loop {
            let Some((id, sealed)) = self.next_unsaved() else {
                return;
            };
            let now = clock::now();
            let saved = match sealed.clone() {
                Some(sealed) => {
                    let id = id.clone();
                    self.store.put(id, sealed, now, Patience::Background).await
                }
                None => self.store.remove(&id, now, Patience::Background).await,
            };
            match saved {
                Ok(set_aside) => {
                    let mut state = self.state();
                    state
                        .set_aside
                        .extend(set_aside.as_ref().map(SetAside::finding));
                    if state.sealed.get(&id) == sealed.as_ref() {
                        state.unsaved.remove(&id);
                    }
                }
                Err(error) => return self.failed(&error),
            }
        }
    }

    fn next_unsaved(&self) -> Option<(SessionId, Option<Sealed>)> {
        let state = self.state();
        let id = state.unsaved.first()?.clone();
        let sealed = state.sealed.get(&id).cloned();
        Some((id, sealed))
    }

    fn failed(&self, error: &SealedError) {
        tracing::warn!(%error, "temporary credentials are kept in memory only");
        self.state().store = Store::Failed {
            at: clock::now(),
            finding: error.finding(),
        };
    }

    /// The credentials of a session, whether or not they have ended.
    pub(crate) fn get(&self, id: &SessionId) -> Option<Sealed> {
        self.state().sealed.get(id).cloned()
    }

    /// Keeps this for the session, in place of what was kept before: at once in memory, soon in the store.
    pub(crate) fn put(self: &Arc<Self>, id: SessionId, sealed: Sealed) {
        let mut state = self.state();
        state.unsaved.insert(id.clone());
        state.sealed.insert(id, sealed);
        drop(state);
        self.save_soon();
    }

    /// Keeps nothing for the session any more.
    pub(crate) fn forget(self: &Arc<Self>, id: &SessionId) {
        let mut state = self.state();
        if state.sealed.remove(id).is_none() {
            return;
        }
        state.unsaved.insert(id.clone());
        drop(state);
        self.save_soon();
    }

    /// What never ends stays only for sessions that are still defined; all else goes with its end.
    pub(crate) fn forget_lasting_but(self: &Arc<Self>, defined: &BTreeSet<&SessionId>) {
        let forgotten: Vec<SessionId> = self
            .state()
            .sealed
            .iter()
            .filter(|(id, sealed)| sealed.credentials.expires_at.is_none() && !defined.contains(id))
            .map(|(id, _)| id.clone())
            .collect();
        for id in forgotten {
            self.forget(&id);
        }
    }

    fn save_soon(self: &Arc<Self>) {
        let kept = Arc::clone(self);
        tokio::spawn(async move { kept.save().await });
    }

    /// What is there for the sessions of this machine.
    pub(crate) fn observed(&self) -> BTreeMap<SessionId, Observed> {
        let state = self.state();
        let own = state
            .sealed
            .iter()
            .filter(|(id, _)| shared_by(id).is_none());
        own.map(|(id, sealed)| (id.clone(), Observed::Sealed(end_of(sealed))))
            .collect()
    }

    /// The MFA sessions that serve several roles.
    pub(crate) fn shared_sessions(&self) -> Vec<SharedSession> {
        let state = self.state();
        let shared = state.sealed.iter().filter_map(|(id, sealed)| {
            let (source, device) = shared_by(id)?;
            Some(SharedSession {
                source,
                device,
                end: end_of(sealed),
            })
        });
        shared.collect()
    }

    /// What a person should know of the store.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let state = self.state();
        let trouble = match &state.store {
            Store::Failed { finding, .. } => Some(finding.clone()),
            Store::NotReadYet | Store::Read => None,
        };
        trouble
            .into_iter()
            .chain(state.set_aside.iter().cloned())
            .collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_session_is_found_again_by_its_name() {
        for (source, device) in [
            ("me", "arn:aws:iam::123456789012:mfa/alice"),
            ("a b:c", "GAHT12345678"),
        ] {
            let (source, device) = (ProfileName::new(source), MfaSerial::new(device));
            let id = shared_id(&source, &device);
            assert_eq!(shared_by(&id), Some((source, device)));
        }
        assert_eq!(shared_by(&SessionId::new("process:mfa:x y")), None);
    }

    #[test]
    fn credentials_that_do_not_say_when_they_end_are_reckoned() {
        let issued_at: Timestamp = "2026-01-01T10:00:00Z".parse().unwrap();
        let mut sealed = Sealed {
            credentials: sandglass_core::secret::Credentials {
                access_key_id: "ASIAX".into(),
                secret_access_key: sandglass_core::secret::Secret::new("s".into()),
                session_token: None,
                expires_at: None,
            },
            issued_at,
            account: None,
        };
        let end = end_of(&sealed);
        assert_eq!(end.known_by, KnownBy::Estimate);
        assert_eq!(end.at, issued_at + ROLE);
        sealed.credentials.expires_at = Some(issued_at + ROLE * 2);
        assert_eq!(
            end_of(&sealed),
            End::issued(issued_at, issued_at + ROLE * 2)
        );
    }
}
