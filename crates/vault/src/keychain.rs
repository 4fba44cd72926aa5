//! What is done in the keychain: one item for each MFA device, one for the keys of each connected profile, and one for
//! the key of the sealed store.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use keyring_core::api::CredentialStore;
use keyring_core::{Entry, Error as StoreError};
use sandglass_core::names::ProfileName;
use zeroize::Zeroizing;

use crate::{Error, Patience};

/// The service of all items.
pub(crate) const SERVICE: &str = "sandglass";

/// What an item holds; wiped when dropped, since some of it is secret.
pub(crate) type Content = Zeroizing<Vec<u8>>;

/// Opens the keychain; called on the thread that owns it, since it may wait for a bus already.
pub(crate) type Open = Arc<dyn Fn() -> keyring_core::Result<Keychain> + Send + Sync>;

/// An open keychain. Stays on its thread.
pub(crate) struct Keychain {
    /// Where the items are.
    pub(crate) store: Arc<CredentialStore>,
    /// What this store wants to know about a new item: its label, where it lives.
    pub(crate) modifiers: fn(&Item) -> BTreeMap<&'static str, String>,
    /// Whether using the item of this user name would make the desktop ask for a password: it is locked, or it cannot be
    /// seen and the place where it would lie is locked.
    pub(crate) asks_for_password: Box<dyn Fn(&str) -> bool>,
}

/// One of the things that lie in the keychain.
#[derive(Clone)]
pub(crate) enum Item {
    /// The MFA device of the session that writes this profile.
    MfaDevice(ProfileName),
    /// The keys that were moved out of the files of this profile.
    Keys(ProfileName),
    /// The key of the sealed store.
    SealedStoreKey,
}

impl Item {
    /// The user name, which stands for the item in the keychain.
    pub(crate) fn user_name(&self) -> String {
        match self {
            Self::MfaDevice(target) => format!("mfa-device/{target}"),
            Self::Keys(profile) => format!("keys/{profile}"),
            Self::SealedStoreKey => "sealed-store-key".to_owned(),
        }
    }
}

/// What somebody wants of the keychain.
pub(crate) enum Task {
    /// The content.
    Read,
    /// A new item, or another content.
    Write(Content),
    /// No item any more.
    Remove,
}

/// Names the task for the log, without what it carries.
impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write(_) => "write",
            Self::Remove => "remove",
        })
    }
}

impl Keychain {
    pub(crate) fn perform(
        &self,
        task: &Task,
        item: &Item,
        patience: Patience,
    ) -> Result<Option<Content>, Error> {
        let user = item.user_name();
        if patience == Patience::Background && (self.asks_for_password)(&user) {
            return Err(Error::Locked);
        }
        let entry = self.entry(&user, item)?;
        match task {
            Task::Read => match entry.get_secret() {
                Ok(content) => Ok(Some(Zeroizing::new(content))),
                // Some keyrings show nothing of what they hold while they are locked.
                Err(StoreError::NoEntry) if (self.asks_for_password)(&user) => Err(Error::Locked),
                Err(error) => Err(error.into()),
            },
            Task::Write(content) => {
                entry.set_secret(content)?;
                Ok(None)
            }
            Task::Remove => {
                entry.delete_credential()?;
                Ok(None)
            }
        }
    }

    fn entry(&self, user: &str, item: &Item) -> keyring_core::Result<Entry> {
        let modifiers = (self.modifiers)(item);
        let modifiers = modifiers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        self.store.build(SERVICE, user, Some(&modifiers))
    }
}
