//! Federation tokens, into a profile or into the sealed store.

use sandglass_core::error::RenewalError;
use sandglass_core::session::{Definition, FederationTokenRenewal, Found};

use super::{Issuer, defect, found};

impl Issuer {
    pub(super) async fn federation_token(
        &self,
        definition: &Definition,
        token: &FederationTokenRenewal,
    ) -> Result<Found, RenewalError> {
        let keys = self.keys_of(&token.source).await?;
        let issued = self
            .aws
            .get_federation_token(&token.source, token, &keys)
            .await?;
        let renewed = found(&issued)?;
        self.store(definition, &issued, || match &token.target {
            Some(target) => self.write_target(target, &issued),
            None => Err(defect(
                "a token without a target was to be written into a file",
            )),
        })?;
        Ok(renewed)
    }
}
