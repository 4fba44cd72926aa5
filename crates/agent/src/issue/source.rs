//! The credentials of any session, for those who call AWS with them: wherever they lie.

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::{AccountId, ProfileName};
use sandglass_core::secret::Credentials;
use sandglass_core::session::{Definition, FederationTokenRenewal, MetadataSource, Renewal};
use sandglass_profiles::config::Configuration;
use sandglass_profiles::credentials;

use super::{Issuer, blocking};

/// Credentials of a session, with what programs get beside them.
pub(crate) struct Looked {
    pub(crate) credentials: Credentials,
    /// `region` of the profile.
    pub(crate) region: Option<String>,
    /// Their account, where whoever gave them told.
    pub(crate) account: Option<AccountId>,
}

impl Issuer {
    /// The credentials of a session, for a program.
    pub(crate) async fn look_up(&self, definition: &Definition) -> Result<Looked, RenewalError> {
        let profile = definition.profile.as_ref();
        let credentials = self.credentials_of(definition, profile).await?;
        let region = blocking(|| {
            let configuration = Configuration::read(&self.paths);
            let region = configuration.profile(profile?)?.region()?;
            Some(region.value.to_owned())
        });
        let account = self.kept.get(&definition.id);
        Ok(Looked {
            credentials,
            region,
            account: account.and_then(|sealed| sealed.account),
        })
    }

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
