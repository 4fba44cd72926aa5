//! The credentials of any session, for those who call AWS with them: wherever they lie.

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::{AccountId, ProfileName};
use sandglass_core::secret::Credentials;
use sandglass_core::session::{Definition, MetadataSource, Renewal, Storage};
use sandglass_profiles::config::{Configuration, Profile};
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
        match (definition.storage, &definition.renewal) {
            (_, Renewal::Metadata(MetadataSource::Instance)) => {
                Ok(self.aws.instance_role(through).await?.credentials)
            }
            (_, Renewal::Metadata(MetadataSource::Container)) => {
                Ok(self.aws.container_role().await?.credentials)
            }
            (Storage::Keychain, Renewal::LongLivedKeys(profile)) => self.keys_of(profile).await,
            (Storage::SealedStore, _) => {
                let sealed = self.kept.get(&definition.id);
                sealed.map(|sealed| sealed.credentials).ok_or_else(|| {
                    RenewalError::new(
                        ErrorCode::SourceExpired,
                        format!("there are no credentials of `{}` yet", definition.name),
                        format!("run `sandglass renew {}`", definition.name),
                    )
                })
            }
            (Storage::AwsFiles | Storage::Keychain | Storage::Nowhere, _) => blocking(|| {
                let configuration = Configuration::read(&self.paths);
                credentials::of_session(&self.paths, &configuration, definition)
            }),
        }
    }

    /// The keys that stand in a profile, wherever they lie.
    pub(super) async fn keys_of(&self, profile: &ProfileName) -> Result<Credentials, RenewalError> {
        let configuration = blocking(|| Configuration::read(&self.paths));
        let in_keychain = configuration
            .profile(profile)
            .and_then(Profile::key_in_keychain);
        match in_keychain {
            Some(access_key_id) => self.keys.of(profile, access_key_id).await,
            None => credentials::of_profile(&configuration, profile),
        }
    }
}
