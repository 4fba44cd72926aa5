//! Credential Manager of Windows.

use std::collections::BTreeMap;

use sandglass_core::names::ProfileName;
use windows_native_keyring_store::Store;

use crate::keychain::Keychain;

pub(crate) fn open() -> keyring_core::Result<Keychain> {
    Ok(Keychain {
        store: Store::new()?,
        modifiers,
        // Open while its user is logged in.
        asks_before_reading: Box::new(|_| false),
    })
}

/// Kept on this machine: the store's default would let the item roam with the user's account.
fn modifiers(_target: &ProfileName) -> BTreeMap<&'static str, String> {
    BTreeMap::from([("persistence", "Local".to_owned())])
}
