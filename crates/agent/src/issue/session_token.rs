//! MFA sessions into a profile of the credentials file.

use sandglass_core::error::RenewalError;
use sandglass_core::secret::MfaCode;
use sandglass_core::session::{Found, SessionTokenRenewal};
use sandglass_profiles::config::Configuration;
use sandglass_profiles::credentials;

use super::{Issuer, defect, found};

impl Issuer {
    pub(super) async fn session_token(
        &self,
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
        let keys = credentials::of_profile(&Configuration::read(&self.paths), &token.source)?;
        let issued = self
            .aws
            .get_session_token(&token.source, token.duration, &keys, with)
            .await?;
        self.write_target(&token.target, &issued)?;
        found(&issued)
    }
}
