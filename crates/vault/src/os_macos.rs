//! The macOS keychain of the user.

use std::collections::BTreeMap;

use apple_native_keyring_store::keychain::Store;

use crate::keychain::{Item, Keychain};

pub(crate) fn open() -> keyring_core::Result<Keychain> {
    Ok(Keychain {
        store: Store::new()?,
        modifiers,
        // The login keychain is open while its user is logged in.
        asks_for_password: Box::new(|_| false),
    })
}

/// The store takes none: service and user name are what Keychain Access shows.
fn modifiers(_item: &Item) -> BTreeMap<&'static str, String> {
    BTreeMap::new()
}
