//! Long-lived keys that lie in the keychain, for those who call AWS with them.
//!
//! The keychain is asked for each of them once, and may be locked again afterwards.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;
use sandglass_core::secret::{Credentials, SecretSettings};
use sandglass_vault::{Error, Patience, Vault};

/// The keys of connected profiles.
pub(crate) struct Keys {
    vault: Vault,
    known: Mutex<BTreeMap<ProfileName, SecretSettings>>,
}

impl Keys {
    pub(crate) fn new(vault: Vault) -> Self {
        Self {
            vault,
            known: Mutex::default(),
        }
    }

    /// The keys of this profile, whose id `sessions.toml` names.
    pub(crate) async fn of(
        &self,
        profile: &ProfileName,
        access_key_id: &str,
    ) -> Result<Credentials, RenewalError> {
        let known = self.known().get(profile).and_then(credentials);
        if let Some(known) = known.filter(|known| known.access_key_id == access_key_id) {
            return Ok(known);
        }
        let keys = self.vault.keys(profile, Patience::Background).await;
        let keys = keys.map_err(|error| error.for_keys(profile))?;
        let found = credentials(&keys).filter(|found| found.access_key_id == access_key_id);
        let found = found.ok_or_else(|| others(profile))?;
        self.known().insert(profile.clone(), keys);
        Ok(found)
    }

    /// All that the keychain holds of this profile, for a person who waits; none where it holds nothing.
    pub(crate) async fn all_of(
        &self,
        profile: &ProfileName,
    ) -> Result<Option<SecretSettings>, RenewalError> {
        match self.vault.keys(profile, Patience::Person).await {
            Ok(keys) => Ok(Some(keys)),
            Err(Error::Missing) => Ok(None),
            Err(error) => Err(error.for_keys(profile)),
        }
    }

    /// Keeps the keys of this profile.
    pub(crate) async fn put(
        &self,
        profile: &ProfileName,
        keys: &SecretSettings,
    ) -> Result<(), RenewalError> {
        let kept = self.vault.set_keys(profile, keys).await;
        kept.map_err(|error| error.for_keys(profile))?;
        self.known().insert(profile.clone(), keys.clone());
        Ok(())
    }

    /// Keeps nothing for this profile any more.
    pub(crate) async fn forget(&self, profile: &ProfileName) -> Result<(), RenewalError> {
        self.known().remove(profile);
        match self.vault.remove_keys(profile).await {
            Ok(()) | Err(Error::Missing) => Ok(()),
            Err(error) => Err(error.for_keys(profile)),
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<ProfileName, SecretSettings>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn credentials(keys: &SecretSettings) -> Option<Credentials> {
    Some(Credentials {
        access_key_id: keys.get("aws_access_key_id")?.expose().to_owned(),
        secret_access_key: keys.get("aws_secret_access_key")?.clone(),
        session_token: None,
        expires_at: None,
    })
}

fn others(profile: &ProfileName) -> RenewalError {
    RenewalError::new(
        ErrorCode::SourceInvalid,
        format!("the keychain holds other keys of profile `{profile}` than `sessions.toml` names"),
        format!(
            "run `sandglass disconnect {profile}`, look at the keys, then `sandglass connect {profile}`"
        ),
    )
}
