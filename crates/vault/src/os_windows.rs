//! Credential Manager of Windows.

use std::collections::BTreeMap;

use windows_native_keyring_store::Store;

use crate::keychain::{Item, Keychain};

pub(crate) fn open() -> keyring_core::Result<Keychain> {
    Ok(Keychain {
        store: Store::new()?,
        modifiers,
        // Open while its user is logged in.
        asks_for_password: Box::new(|_| false),
    })
}

/// Kept on this machine: the store's default would let the item roam with the user's account.
fn modifiers(_item: &Item) -> BTreeMap<&'static str, String> {
    BTreeMap::from([("persistence", "Local".to_owned())])
}
