//! Federation tokens, into a profile or into the sealed store.

use sandglass_core::error::RenewalError;
use sandglass_core::session::{Definition, FederationTokenRenewal, Found};
use sandglass_profiles::config::Configuration;
use sandglass_profiles::credentials;
use sandglass_vault::Sealed;

use super::{Issuer, found};

impl Issuer {
    pub(super) async fn federation_token(
        &self,
        definition: &Definition,
        token: &FederationTokenRenewal,
    ) -> Result<Found, RenewalError> {
        let keys = credentials::of_profile(&Configuration::read(&self.paths), &token.source)?;
        let issued = self
            .aws
            .get_federation_token(&token.source, token, &keys)
            .await?;
        let renewed = found(&issued)?;
        match &token.target {
            Some(target) => self.write_target(target, &issued)?,
            None => self.kept.put(
                definition.id.clone(),
                Sealed {
                    credentials: issued.credentials,
                    issued_at: issued.issued_at,
                    account: None,
                },
            ),
        }
        Ok(renewed)
    }
}
