//! The credentials of any session, for those who call AWS with them: wherever they lie.

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;
use sandglass_core::secret::Credentials;
use sandglass_core::session::{Definition, FederationTokenRenewal, MetadataSource, Renewal};
use sandglass_profiles::config::Configuration;
use sandglass_profiles::credentials;

use super::{Issuer, blocking};

impl Issuer {
    /// The credentials of a session at this moment, whether or not they have ended. `through` is the profile that uses
    /// them.
    pub(crate) async fn credentials_of(
        &self,
        definition: &Definition,
        through: Option<&ProfileName>,
    ) -> Result<Credentials, RenewalError> {
        match &definition.renewal {
            Renewal::Metadata(MetadataSource::Instance) => {
                Ok(self.aws.instance_role(through).await?.credentials)
            }
            Renewal::Metadata(MetadataSource::Container) => {
                Ok(self.aws.container_role().await?.credentials)
            }
            Renewal::Process(_)
            | Renewal::FederationToken(FederationTokenRenewal { target: None, .. }) => {
                let sealed = self.kept.get(&definition.id);
                sealed.map(|sealed| sealed.credentials).ok_or_else(|| {
                    RenewalError::new(
                        ErrorCode::SourceInvalid,
                        format!("there are no credentials of `{}` yet", definition.name),
                        format!("run `sandglass renew {}`", definition.name),
                    )
                })
            }
            Renewal::Role(_)
            | Renewal::WebIdentity(_)
            | Renewal::SessionToken(_)
            | Renewal::FederationToken(_)
            | Renewal::SsoSignIn(_)
            | Renewal::SsoRole(_)
            | Renewal::ConsoleLogin(_)
            | Renewal::LongLivedKeys(_)
            | Renewal::Foreign(_) => blocking(|| {
                let configuration = Configuration::read(&self.paths);
                credentials::of_session(&self.paths, &configuration, definition)
            }),
        }
    }
}
