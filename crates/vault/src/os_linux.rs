//! The Secret Service of a Linux desktop.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;

use keyring_core::Error as StoreError;
use sandglass_core::names::ProfileName;
use secret_service::EncryptionType;
use secret_service::blocking::SecretService;
use zbus_secret_service_keyring_store::Store;

use crate::keychain::{Keychain, SERVICE};

pub(crate) fn open() -> keyring_core::Result<Keychain> {
    let store = Store::new()?;
    // The store unlocks what it finds locked, and so lets a prompt pop up. Whether it would, a search tells; the search
    // carries no secret, so that its session needs no encryption.
    let search = SecretService::connect(EncryptionType::Plain).map_err(|error| {
        StoreError::PlatformFailure(Box::<dyn Error + Send + Sync>::from(error))
    })?;
    Ok(Keychain {
        store,
        modifiers,
        asks_before_reading: Box::new(move |user| is_locked(&search, user)),
    })
}

/// What a person reads in the desktop's program for passwords.
fn modifiers(target: &ProfileName) -> BTreeMap<&'static str, String> {
    BTreeMap::from([("label", format!("Sandglass: MFA device of {target}"))])
}

/// A search that fails says nothing about locks; the read that follows will say what is wrong.
fn is_locked(search: &SecretService<'_>, user: &str) -> bool {
    let attributes = HashMap::from([("service", SERVICE), ("username", user)]);
    search
        .search_items(attributes)
        .is_ok_and(|found| !found.locked.is_empty())
}
