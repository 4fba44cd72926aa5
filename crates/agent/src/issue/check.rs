//! Whether AWS still accepts the credentials of a session.

use sandglass_core::error::RenewalError;
use sandglass_core::session::{Definition, Renewal};
use sandglass_profiles::sso_cache;

use super::{Issuer, settings_of, signed_out};

impl Issuer {
    /// Asks AWS, with a call that needs no permission and changes nothing.
    pub(crate) async fn check(&self, definition: &Definition) -> Result<(), RenewalError> {
        let profile = definition.profile.as_ref();
        if let Renewal::SsoSignIn(portal) = &definition.renewal {
            let token = sso_cache::read_token(&self.paths, portal).present();
            let token = token.ok_or_else(|| signed_out(portal))?.content;
            return self
                .aws
                .check_sign_in(portal, profile, &token.access_token)
                .await;
        }
        let credentials = self.credentials_of(definition, profile).await?;
        self.aws
            .caller_identity(&settings_of(profile), &credentials)
            .await?;
        Ok(())
    }
}
