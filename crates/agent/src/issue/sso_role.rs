//! Role credentials from an Identity Center portal.

use sandglass_core::error::RenewalError;
use sandglass_core::session::{Definition, Found, SsoRoleRenewal};
use sandglass_profiles::{cli_cache, sso_cache};

use super::{Issuer, blocking, found, signed_out};

impl Issuer {
    pub(super) async fn sso_role(
        &self,
        definition: &Definition,
        role: &SsoRoleRenewal,
    ) -> Result<Found, RenewalError> {
        let token = sso_cache::read_token(&self.paths, &role.portal)
            .present()
            .ok_or_else(|| signed_out(&role.portal))?
            .content;
        let issued = self
            .aws
            .role_credentials(
                &role.portal,
                definition.profile.as_ref(),
                &token.access_token,
                &role.account,
                &role.role_name,
            )
            .await?;
        self.store(definition, &issued, || {
            self.remember(&issued)?;
            let (writer, paths, credentials) = (&self.writer, &self.paths, &issued.credentials);
            blocking(|| cli_cache::write_sso_role(writer, paths, role, credentials))?;
            Ok(())
        })?;
        found(&issued)
    }
}
