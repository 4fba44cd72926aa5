//! The keys that were moved out of the files of a profile: one item for each profile.

use std::collections::BTreeMap;

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;
use sandglass_core::secret::{Secret, SecretSettings};
use zeroize::Zeroizing;

use crate::keychain::{Content, Item, Task};
use crate::{Error, Patience, Vault};

impl Vault {
    /// The keys of this profile, under the names that they had in its files.
    pub async fn keys(
        &self,
        profile: &ProfileName,
        patience: Patience,
    ) -> Result<SecretSettings, Error> {
        let content = self
            .request(Task::Read, Item::Keys(profile.clone()), patience)
            .await?
            .ok_or(Error::Missing)?;
        read(&content)
    }

    /// Keeps the keys of this profile, in place of earlier ones.
    pub async fn set_keys(
        &self,
        profile: &ProfileName,
        keys: &SecretSettings,
    ) -> Result<(), Error> {
        let item = Item::Keys(profile.clone());
        self.request(Task::Write(written(keys)?), item, Patience::Person)
            .await
            .map(drop)
    }

    /// Forgets the keys of this profile.
    pub async fn remove_keys(&self, profile: &ProfileName) -> Result<(), Error> {
        let item = Item::Keys(profile.clone());
        self.request(Task::Remove, item, Patience::Person)
            .await
            .map(drop)
    }
}

impl Error {
    /// The same where the keys of a profile were asked for.
    pub fn for_keys(&self, profile: &ProfileName) -> RenewalError {
        let (message, remedy) = match self {
            Self::Missing => (
                format!("the keychain holds no keys of profile `{profile}`"),
                format!(
                    "run `sandglass disconnect {profile}`, then put keys into it with `aws configure --profile {profile}`"
                ),
            ),
            Self::Unusable(_) => (
                self.to_string(),
                format!("look at the item `keys/{profile}` of `sandglass` in your keychain"),
            ),
            Self::Locked | Self::Unavailable(_) | Self::Busy | Self::Unanswered(_) => {
                (self.to_string(), self.remedy_for_the_key().to_owned())
            }
        };
        RenewalError::new(ErrorCode::KeychainUnavailable, message, remedy)
    }
}

fn written(keys: &SecretSettings) -> Result<Content, Error> {
    let shown: BTreeMap<&str, &str> = keys
        .iter()
        .map(|(name, value)| (name.as_str(), value.expose()))
        .collect();
    // Room for all of it and for escapes, so that no copy is left behind by growing.
    let room: usize = shown
        .iter()
        .map(|(name, value)| 6 * (name.len() + value.len()) + 8)
        .sum();
    let mut content = Zeroizing::new(Vec::with_capacity(room + 2));
    serde_json::to_writer(&mut *content, &shown)
        .map_err(|error| Error::Unusable(error.to_string()))?;
    Ok(content)
}

fn read(content: &[u8]) -> Result<SecretSettings, Error> {
    let values: BTreeMap<String, Zeroizing<String>> = serde_json::from_slice(content)
        .map_err(|_| Error::Unusable("it is not what Sandglass wrote there".to_owned()))?;
    Ok(values
        .into_iter()
        .map(|(name, mut value)| (name, Secret::new(std::mem::take(&mut *value))))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{in_memory, memory};

    fn profile() -> ProfileName {
        ProfileName::new("base")
    }

    fn settings(secret: &str) -> SecretSettings {
        [
            ("aws_access_key_id", "AKIAEXAMPLE"),
            ("aws_secret_access_key", secret),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Secret::new(value.to_owned())))
        .collect()
    }

    #[tokio::test]
    async fn keys_are_kept_replaced_and_forgotten() {
        let vault = in_memory(&memory());
        let patience = Patience::Background;
        assert!(vault.keys(&profile(), patience).await.err() == Some(Error::Missing));
        for secret in ["first", "with \"quotes\" and \\"] {
            let keys = settings(secret);
            vault.set_keys(&profile(), &keys).await.unwrap();
            assert!(
                vault
                    .keys(&profile(), patience)
                    .await
                    .is_ok_and(|kept| kept == keys)
            );
        }
        vault.remove_keys(&profile()).await.unwrap();
        assert!(vault.keys(&profile(), patience).await.err() == Some(Error::Missing));
    }

    #[test]
    fn an_item_of_somebody_else_is_not_taken_for_keys() {
        for content in [&b"AKIAEXAMPLE"[..], b"", b"[1]", b"{\"a\": 1}"] {
            let error = read(content).err().unwrap();
            let error = error.for_keys(&profile());
            assert!(error.remedy.contains("keys/base"), "{}", error.remedy);
            assert!(!error.message.contains("AKIA"));
        }
    }
}
