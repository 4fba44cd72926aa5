//! The Secret Service of a Linux desktop.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;

use keyring_core::Error as StoreError;
use secret_service::EncryptionType;
use secret_service::blocking::SecretService;
use zbus_secret_service_keyring_store::Store;

use crate::keychain::{Item, Keychain, SERVICE};

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
        asks_for_password: Box::new(move |user| is_locked(&search, user)),
    })
}

/// What a person reads in the desktop's program for passwords.
fn modifiers(item: &Item) -> BTreeMap<&'static str, String> {
    let label = match item {
        Item::MfaDevice(target) => format!("Sandglass: MFA device of {target}"),
        Item::Keys(profile) => format!("Sandglass: keys of {profile}"),
        Item::SealedStoreKey => "Sandglass: key of the sealed store".to_owned(),
    };
    BTreeMap::from([("label", label)])
}

/// A question that fails says nothing about locks; the request that follows will say what is wrong.
fn is_locked(search: &SecretService<'_>, user: &str) -> bool {
    let attributes = HashMap::from([("service", SERVICE), ("username", user)]);
    let Ok(found) = search.search_items(attributes) else {
        return false;
    };
    if found.locked.is_empty() && found.unlocked.is_empty() {
        // The store makes new items in the default collection. A locked one of KeePassXC or KWallet shows none.
        return search
            .get_default_collection()
            .and_then(|collection| collection.is_locked())
            .unwrap_or(false);
    }
    !found.locked.is_empty()
}
