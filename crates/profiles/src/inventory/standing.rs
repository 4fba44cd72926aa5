//! Keys that stand in profiles and that nobody renews: long-lived ones, and what other programs put there.

use sandglass_core::names::{AccountId, ProfileName, SessionId};
use sandglass_core::session::{Definition, Foreign, Found, Place, Renewal, Storage};

use super::{Reader, written_at};
use crate::config::Profile;
use crate::credentials::is_long_lived;
use crate::section::AwsFile;
use crate::{ends, ids};

impl Reader<'_> {
    pub(super) fn standing(&mut self, profile: &Profile) {
        if let Some(id) = profile.key_in_keychain() {
            return self.in_keychain(profile, id);
        }
        let Some(file) = profile.file_of_keys() else {
            return;
        };
        let Some(keys) = profile.keys_in(file) else {
            return;
        };
        let path = match file {
            AwsFile::Config => &self.paths.config,
            AwsFile::Credentials => &self.paths.credentials,
        };
        let used_in = vec![self.place(path), Place::Profile(profile.name.clone())];
        if is_long_lived(&keys) {
            let sight = self.sights.of(&keys.access_key_id, written_at(path));
            let found = Found::Lasting {
                since: sight.began_at(),
            };
            let renewal = Renewal::LongLivedKeys(profile.name.clone());
            let definition = definition(ids::keys(&profile.name), &profile.name, renewal);
            self.add(definition, found, used_in);
        } else if !self.is_target(&profile.name) {
            let renewal = Renewal::Foreign(foreign(profile));
            let end = self.end_of_keys(&keys.access_key_id, keys.expires_at, path, &renewal);
            let definition = definition(ids::foreign(&profile.name), &profile.name, renewal);
            self.add(definition, Found::Credentials(end), used_in);
        }
    }

    fn in_keychain(&mut self, profile: &Profile, access_key_id: &str) {
        let sight = self.sights.of(access_key_id, None);
        let found = Found::Lasting {
            since: sight.began_at(),
        };
        let renewal = Renewal::LongLivedKeys(profile.name.clone());
        let definition = Definition {
            storage: Storage::Keychain,
            ..definition(ids::keys(&profile.name), &profile.name, renewal)
        };
        let used_in = vec![Place::Keychain, Place::Profile(profile.name.clone())];
        self.add(definition, found, used_in);
    }

    pub(super) fn is_target(&self, profile: &ProfileName) -> bool {
        let mut targets = self
            .definitions
            .iter()
            .filter_map(|defined| defined.target());
        targets.any(|target| target == profile)
    }
}

fn definition(id: SessionId, profile: &ProfileName, renewal: Renewal) -> Definition {
    Definition {
        id,
        name: profile.to_string(),
        profile: Some(profile.clone()),
        storage: renewal.storage(),
        renewal,
    }
}

/// What the program left beside its keys: saml2aws the ARN of the session, aws-mfa that of the role.
fn foreign(profile: &Profile) -> Foreign {
    let value = |key: &str| profile.setting(key).map(|setting| setting.value);
    let arn = value("x_principal_arn").or_else(|| value("assumed_role_arn"));
    let (account, role_name) = arn.map_or((None, None), role_in_arn);
    Foreign {
        maker: ends::maker(value).map(str::to_owned),
        account: account.or_else(|| value("aws_account_id").map(AccountId::new)),
        role_name,
    }
}

/// Account and role of `arn:aws:iam::…:role/path/NAME` or `arn:aws:sts::…:assumed-role/NAME/SESSION`.
pub(super) fn role_in_arn(arn: &str) -> (Option<AccountId>, Option<String>) {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, _, _, account, resource] = parts.as_slice() else {
        return (None, None);
    };
    let account = (!account.is_empty()).then(|| AccountId::new(*account));
    let role_name = match resource.split_once('/') {
        Some(("role", path)) => path.rsplit('/').next(),
        Some(("assumed-role", role)) => role.split('/').next(),
        Some(_) | None => None,
    };
    (account, role_name.map(str::to_owned))
}
