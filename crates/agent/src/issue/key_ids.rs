//! Whose an access key id is, among the sessions that have credentials on this machine.

use jiff::Timestamp;
use sandglass_core::names::SessionId;
use sandglass_core::session::{Definition, Storage};
use sandglass_profiles::config::Configuration;
use sandglass_profiles::credentials;

use super::{Issuer, blocking};

/// A temporary key, and whose it is.
pub(crate) struct Owned {
    pub(crate) access_key_id: String,
    pub(crate) session: SessionId,
    /// When it ends (UTC), where that stands beside it.
    pub(crate) ends_at: Option<Timestamp>,
}

impl Issuer {
    /// The keys that these sessions have at this moment, as far as files and the sealed store hold them. Nothing is asked
    /// of the keychain, or of AWS.
    pub(crate) fn key_ids(&self, sessions: &[Definition]) -> Vec<Owned> {
        let configuration = blocking(|| Configuration::read(&self.paths));
        let credentials_of = |definition: &Definition| match definition.storage {
            Storage::AwsFiles => {
                blocking(|| credentials::of_session(&self.paths, &configuration, definition)).ok()
            }
            Storage::SealedStore => {
                let sealed = self.kept.get(&definition.id)?;
                Some(sealed.credentials)
            }
            Storage::Keychain | Storage::Nowhere => None,
        };
        let owned = |definition: &Definition| {
            let found = credentials_of(definition)?;
            Some(Owned {
                access_key_id: found.access_key_id,
                session: definition.id.clone(),
                ends_at: found.expires_at,
            })
        };
        sessions.iter().filter_map(owned).collect()
    }
}
