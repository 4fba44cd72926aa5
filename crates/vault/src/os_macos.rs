//! The macOS keychain of the user.

use std::collections::BTreeMap;

use apple_native_keyring_store::keychain::Store;
use sandglass_core::names::ProfileName;

use crate::keychain::Keychain;

pub(crate) fn open() -> keyring_core::Result<Keychain> {
    Ok(Keychain {
        store: Store::new()?,
        modifiers,
        // The login keychain is open while its user is logged in.
        asks_before_reading: Box::new(|_| false),
    })
}

/// The store takes none: service and user name are what Keychain Access shows.
fn modifiers(_target: &ProfileName) -> BTreeMap<&'static str, String> {
    BTreeMap::new()
}
