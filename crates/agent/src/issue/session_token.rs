//! MFA sessions into a profile of the credentials file.

use sandglass_core::error::RenewalError;
use sandglass_core::secret::MfaCode;
use sandglass_core::session::{Definition, Found, SessionTokenRenewal};

use super::{Issuer, defect, found};

impl Issuer {
    pub(super) async fn session_token(
        &self,
        definition: &Definition,
        token: &SessionTokenRenewal,
        code: Option<MfaCode>,
    ) -> Result<Found, RenewalError> {
        let device = token.device.clone().transpose()?;
        let with = match (&device, &code) {
            (Some(device), Some(code)) => Some((device, code)),
            (None, _) => None,
            (Some(_), None) => {
                return Err(defect("an MFA session was to be renewed without a code"));
            }
        };
        let keys = self.keys_of(&token.source).await?;
        let issued = self
            .aws
            .get_session_token(&token.source, token.duration, &keys, with)
            .await?;
        self.store(definition, &issued, || {
            self.write_target(&token.target, &issued)
        })?;
        found(&issued)
    }
}
