//! What is done in the keychain: one item for each MFA device.

use std::collections::BTreeMap;
use std::sync::Arc;

use keyring_core::api::CredentialStore;
use keyring_core::{Entry, Error as StoreError};
use sandglass_core::names::{MfaSerial, ProfileName};

use crate::{Error, Patience};

/// The service of all items.
pub(crate) const SERVICE: &str = "sandglass";

/// Opens the keychain; called on the thread that owns it, since it may wait for a bus already.
pub(crate) type Open = Arc<dyn Fn() -> keyring_core::Result<Keychain> + Send + Sync>;

/// An open keychain. Stays on its thread.
pub(crate) struct Keychain {
    /// Where the items are.
    pub(crate) store: Arc<CredentialStore>,
    /// What this store wants to know about a new item: its label, where it lives.
    pub(crate) modifiers: fn(&ProfileName) -> BTreeMap<&'static str, String>,
    /// Whether reading the item of this user name would make the desktop ask for a password.
    pub(crate) asks_before_reading: Box<dyn Fn(&str) -> bool>,
}

/// What somebody wants of the keychain.
#[derive(Clone, Debug)]
pub(crate) enum Task {
    /// The device.
    Read,
    /// A new device, or another one.
    Write(MfaSerial),
    /// No device any more.
    Remove,
}

impl Keychain {
    pub(crate) fn perform(
        &self,
        task: &Task,
        target: &ProfileName,
        patience: Patience,
    ) -> Result<Option<MfaSerial>, Error> {
        let user = user_name(target);
        if patience == Patience::Background && (self.asks_before_reading)(&user) {
            return Err(Error::Locked);
        }
        let entry = self.entry(&user, target)?;
        match task {
            Task::Read => read(&entry).map(Some),
            Task::Write(device) => {
                entry.set_secret(device.as_str().as_bytes())?;
                Ok(None)
            }
            Task::Remove => {
                entry.delete_credential()?;
                Ok(None)
            }
        }
    }

    fn entry(&self, user: &str, target: &ProfileName) -> keyring_core::Result<Entry> {
        let modifiers = (self.modifiers)(target);
        let modifiers = modifiers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        self.store.build(SERVICE, user, Some(&modifiers))
    }
}

/// The user name of a device's item, which stands for its session in the keychain.
pub(crate) fn user_name(target: &ProfileName) -> String {
    format!("mfa-device/{target}")
}

fn read(entry: &Entry) -> Result<MfaSerial, Error> {
    let bytes = entry.get_secret()?;
    let serial =
        String::from_utf8(bytes).map_err(|error| StoreError::BadEncoding(error.into_bytes()))?;
    Ok(MfaSerial::new(serial))
}
