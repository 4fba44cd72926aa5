//! The sealed store: temporary credentials that no file of the AWS CLI may hold, kept for the next start of the agent.
//!
//! They lie in one file, sealed as a whole under a key that only the keychain holds. It is read anew for every change and
//! replaced under a lock, so that a second agent cannot tear it. A file that cannot be opened is set aside and never written
//! over; without a keychain nothing is written. Both are harmless: what is lost is renewed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use sandglass_core::names::{AccountId, SessionId};
use sandglass_core::secret::Credentials;
use tokio::sync::Mutex;

use crate::keychain::{Item, Task};
use crate::{Error, Patience, Vault};

mod envelope;
mod error;
mod file;
mod key;
mod records;

use envelope::{Envelope, Misfit};
pub use error::{SealedError, SetAside, Unreadable};
use file::LockedFile;
use key::Key;

/// What is kept of a session.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Dropped from the store once they have ended. Those without an end stay until they are removed.
    pub credentials: Credentials,
    /// When they were issued (UTC), from which the length of their life is known.
    pub issued_at: Timestamp,
    /// The account that they are for, where it is known.
    pub account: Option<AccountId>,
}

/// What the store holds.
#[derive(Default)]
pub struct Loaded {
    /// Ended credentials among it are not told from living ones.
    pub sealed: BTreeMap<SessionId, Sealed>,
    /// A file that was there and could not be opened.
    pub set_aside: Option<SetAside>,
}

/// The sealed store. Cheap to make and to clone; nothing is opened before the first request.
#[derive(Clone)]
pub struct SealedStore {
    path: Arc<Path>,
    vault: Vault,
    /// The key that opened the file last, so that a keychain that is locked meanwhile stops nobody. Never trusted with a
    /// new file: the item may be gone from the keychain, and the file would be lost with the process.
    key: Arc<Mutex<Option<Key>>>,
}

/// The file as it was found.
struct Opened {
    file: LockedFile,
    loaded: Loaded,
}

impl SealedStore {
    /// The store whose file lies at this path and whose key lies in this keychain.
    pub fn open(path: impl Into<PathBuf>, vault: &Vault) -> Self {
        Self {
            path: path.into().into(),
            vault: vault.clone(),
            key: Arc::default(),
        }
    }

    /// All that is kept; nothing where there is no file, for which the keychain is not asked. `now` names a file that
    /// has to be set aside.
    pub async fn load(&self, now: Timestamp, patience: Patience) -> Result<Loaded, SealedError> {
        if self.is_absent().await? {
            return Ok(Loaded::default());
        }
        let mut key = self.key.lock().await;
        let opened = self.opened(&mut key, now, patience).await?;
        Ok(opened.loaded)
    }

    /// Keeps this for the session, in place of what was kept before, and drops what has ended by `now`.
    ///
    /// Gives the file that had to be set aside, if any: the new one then holds this session alone.
    pub async fn put(
        &self,
        session: SessionId,
        sealed: Sealed,
        now: Timestamp,
        patience: Patience,
    ) -> Result<Option<SetAside>, SealedError> {
        self.change(now, patience, |kept| {
            kept.insert(session, sealed);
        })
        .await
    }

    /// Forgets this session, and drops what has ended by `now`.
    pub async fn remove(
        &self,
        session: &SessionId,
        now: Timestamp,
        patience: Patience,
    ) -> Result<Option<SetAside>, SealedError> {
        if self.is_absent().await? {
            return Ok(None);
        }
        self.change(now, patience, |kept| {
            kept.remove(session);
        })
        .await
    }

    /// Forgets all sessions but these, and drops what has ended by `now`.
    pub async fn retain(
        &self,
        sessions: &BTreeSet<SessionId>,
        now: Timestamp,
        patience: Patience,
    ) -> Result<Option<SetAside>, SealedError> {
        if self.is_absent().await? {
            return Ok(None);
        }
        self.change(now, patience, |kept| {
            kept.retain(|session, _| sessions.contains(session));
        })
        .await
    }

    async fn change(
        &self,
        now: Timestamp,
        patience: Patience,
        change: impl FnOnce(&mut BTreeMap<SessionId, Sealed>),
    ) -> Result<Option<SetAside>, SealedError> {
        let mut key = self.key.lock().await;
        let Opened { file, loaded } = self.opened(&mut key, now, patience).await?;
        let before = loaded.sealed;
        let mut after = before.clone();
        change(&mut after);
        after.retain(|_, sealed| sealed.credentials.expires_at.is_none_or(|end| end > now));
        if after == before {
            return Ok(loaded.set_aside);
        }
        if after.is_empty() {
            file.remove().await?;
            return Ok(loaded.set_aside);
        }
        let key = match &mut *key {
            Some(key) => key,
            none => none.insert(self.new_key(patience).await?),
        };
        let bytes = records::encode(&after)
            .and_then(|content| envelope::seal(content, key))
            .map_err(|source| SealedError::system("seal", &self.path, source))?;
        file.replace(bytes).await?;
        tracing::debug!(sessions = after.len(), "sealed the temporary credentials");
        Ok(loaded.set_aside)
    }

    /// Leaves the key that fits the file, or is fit for a new one, in `key`; none where one must be made.
    async fn opened(
        &self,
        key: &mut Option<Key>,
        now: Timestamp,
        patience: Patience,
    ) -> Result<Opened, SealedError> {
        let file = LockedFile::take(&self.path).await?;
        let Some(bytes) = file.read().await? else {
            *key = None;
            let loaded = Loaded::default();
            return Ok(Opened { file, loaded });
        };
        let found = match Envelope::parse(&bytes) {
            Ok(envelope) => self.unsealed(key, &envelope, patience).await?,
            Err(Misfit::Damaged) => Err(Unreadable::Damaged),
            Err(Misfit::Newer(version)) => {
                let path = self.path.to_path_buf();
                return Err(SealedError::Newer { path, version });
            }
        };
        let loaded = match found {
            Ok(sealed) => Loaded {
                sealed,
                set_aside: None,
            },
            Err(because) => {
                *key = None;
                let path = file.set_aside(now).await?;
                let set_aside = SetAside { path, because };
                tracing::warn!("{set_aside}");
                Loaded {
                    sealed: BTreeMap::new(),
                    set_aside: Some(set_aside),
                }
            }
        };
        Ok(Opened { file, loaded })
    }

    async fn unsealed(
        &self,
        key: &mut Option<Key>,
        envelope: &Envelope,
        patience: Patience,
    ) -> Result<Result<BTreeMap<SessionId, Sealed>, Unreadable>, SealedError> {
        let mut content = key.as_ref().and_then(|key| envelope.open(key));
        if content.is_none() {
            *key = self.key(patience).await?;
            let Some(key) = key else {
                return Ok(Err(Unreadable::KeyMissing));
            };
            content = envelope.open(key);
        }
        let Some(content) = content else {
            return Ok(Err(Unreadable::DoesNotOpen));
        };
        Ok(records::decode(&content).ok_or(Unreadable::Damaged))
    }

    /// The key that the keychain holds.
    async fn key(&self, patience: Patience) -> Result<Option<Key>, Error> {
        let content = match self
            .vault
            .request(Task::Read, Item::SealedStoreKey, patience)
            .await
        {
            Ok(content) => content.ok_or(Error::Missing)?,
            Err(Error::Missing) => return Ok(None),
            Err(error) => return Err(error),
        };
        match Key::from_content(&content) {
            Some(key) => Ok(Some(key)),
            None => Err(Error::Unusable("it is no key of Sandglass".to_owned())),
        }
    }

    /// A key for a new file: the one that the keychain holds, or one that it holds from now on.
    async fn new_key(&self, patience: Patience) -> Result<Key, SealedError> {
        if let Some(key) = self.key(patience).await? {
            return Ok(key);
        }
        let key =
            Key::random().map_err(|source| SealedError::system("seal", &self.path, source))?;
        self.vault
            .request(
                Task::Write(key.to_content()),
                Item::SealedStoreKey,
                patience,
            )
            .await?;
        Ok(key)
    }

    async fn is_absent(&self) -> Result<bool, SealedError> {
        let path = self.path.clone();
        file::blocking(&self.path, "read", move || path.try_exists().map(|is| !is)).await
    }
}

#[cfg(test)]
mod tests;
