//! Role credentials from an Identity Center portal.

use sandglass_core::error::RenewalError;
use sandglass_core::names::ProfileName;
use sandglass_core::session::{Found, SsoRoleRenewal};
use sandglass_profiles::{cli_cache, sso_cache};

use super::{Issuer, blocking, found, signed_out};

impl Issuer {
    pub(super) async fn sso_role(
        &self,
        profile: Option<&ProfileName>,
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
                profile,
                &token.access_token,
                &role.account,
                &role.role_name,
            )
            .await?;
        self.remember(&issued)?;
        blocking(|| {
            cli_cache::write_sso_role(&self.writer, &self.paths, role, &issued.credentials)
        })?;
        found(&issued)
    }
}
