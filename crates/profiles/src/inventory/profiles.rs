//! Sessions that profiles define.

use jiff::SignedDuration;
use sandglass_core::findings::Finding;
use sandglass_core::names::{AccountId, MfaSerial, ProfileName, SessionId};
use sandglass_core::session::{
    CredentialProcess, Definition, Found, Renewal, RoleRenewal, SsoRoleRenewal, Storage,
};

use super::{Reader, issued};
use crate::config::{Profile, Setting};
use crate::definitions::Defined;
use crate::sources::{Kind, Unusable};
use crate::{cli_cache, ids, portals};

impl Reader<'_> {
    pub(super) fn profile(&mut self, profile: &Profile) {
        self.two_tokens(profile);
        let session = self.sources().kind(profile).and_then(|kind| {
            let name = &profile.name;
            Ok(match kind {
                Kind::Role => Some((ids::role(name), Renewal::Role(self.role(profile)?))),
                Kind::WebIdentity(role) => {
                    Some((ids::web_identity(name), Renewal::WebIdentity(role)))
                }
                Kind::SsoRole {
                    portal,
                    account,
                    role_name,
                } => {
                    let role = SsoRoleRenewal {
                        sign_in: portals::sign_in_id(&portal),
                        portal,
                        account: AccountId::new(account),
                        role_name: role_name.to_owned(),
                    };
                    Some((ids::sso_role(name), Renewal::SsoRole(role)))
                }
                Kind::Process(command) => {
                    let process = CredentialProcess {
                        command: command.to_owned(),
                    };
                    Some((ids::process(name), Renewal::Process(process)))
                }
                // Keys are looked at apart, and sign-ins are shared by profiles.
                Kind::Keys | Kind::Login(_) | Kind::Served(_) | Kind::Nothing => None,
            })
        });
        match session {
            Ok(Some((id, renewal))) => self.add_of_profile(id, profile, renewal),
            Ok(None) => {}
            Err(finding) => self.findings.extend(finding),
        }
    }

    fn add_of_profile(&mut self, id: SessionId, profile: &Profile, renewal: Renewal) {
        let storage = if profile.is_connected() {
            Storage::SealedStore
        } else {
            renewal.storage()
        };
        let definition = Definition {
            id,
            name: profile.name.to_string(),
            profile: Some(profile.name.clone()),
            storage,
            renewal,
        };
        let users = vec![profile.name.clone()];
        match storage {
            Storage::AwsFiles => self.add_in_cli_cache(definition, users),
            Storage::SealedStore | Storage::Keychain | Storage::Nowhere => {
                // What the AWS CLI may have kept of it before is no session of its own.
                self.named
                    .extend(cli_cache::entry_path(self.paths, &definition.renewal));
                self.add_observed(definition, users);
            }
        }
    }

    /// A session whose credentials lie in the cache of the AWS CLI, or in no file where the CLI keeps none of its kind.
    pub(super) fn add_in_cli_cache(&mut self, definition: Definition, users: Vec<ProfileName>) {
        let Some(path) = cli_cache::entry_path(self.paths, &definition.renewal) else {
            self.add_observed(definition, users);
            return;
        };
        let reading = cli_cache::read(self.paths, &definition.renewal);
        let usual = definition.renewal.usual_life();
        let found = self
            .present(reading, &path, "renew the session")
            .and_then(|(credentials, written_at)| {
                Some(issued(written_at, credentials.expires_at?, usual))
            })
            .map_or(Found::Nothing, Found::Credentials);
        self.add_cached(definition, found, &path, users);
    }

    fn role(&mut self, profile: &Profile) -> Result<RoleRenewal, Unusable> {
        let own = self
            .definitions
            .iter()
            .find(|defined| defined.id() == ids::role(&profile.name));
        if let Some(own) = own {
            return Err(Some(self.defined_twice(profile, own)));
        }
        let source = self.sources().of_role(profile)?;
        let text = |setting: Option<Setting<'_>>| setting.map(|setting| setting.value.to_owned());
        let duration = self.role_duration(profile);
        Ok(RoleRenewal {
            role_arn: text(profile.role_arn()).unwrap_or_default(),
            source,
            mfa_serial: text(profile.mfa_serial()).map(MfaSerial::new),
            external_id: text(profile.external_id()),
            session_name: text(profile.role_session_name()),
            duration,
            allowed: self
                .sights
                .ledger()
                .allowed(&ids::role(&profile.name), duration),
            target: None,
        })
    }

    /// Programs take the role of the profile and never look at the keys beside it.
    fn defined_twice(&self, profile: &Profile, own: &Defined) -> Finding {
        Finding {
            place: self.configuration.shown_place(profile.place),
            message: format!(
                "profile `{0}` has a `role_arn`, and is the target of role `{0}` in `sessions.toml` as well",
                profile.name
            ),
            remedy: format!(
                "remove one of the two: programs never see the keys that Sandglass writes into `{}`",
                own.name()
            ),
        }
    }

    /// botocore ignores a duration that is no number, and so does this.
    fn role_duration(&mut self, profile: &Profile) -> Option<SignedDuration> {
        let setting = profile.duration_seconds()?;
        let seconds = setting.value.parse().ok();
        if seconds.is_none() {
            self.findings.push(Finding {
                place: self.configuration.shown_place(setting.place),
                message: format!(
                    "`duration_seconds` of profile `{}` is no whole number and counts for nothing",
                    profile.name
                ),
                remedy: "write 900 to 43200, at most what the role permits".to_owned(),
            });
        }
        seconds.map(SignedDuration::from_secs)
    }

    fn two_tokens(&mut self, profile: &Profile) {
        let (Some(old), Some(new)) = (
            profile.setting("aws_security_token"),
            profile.setting("aws_session_token"),
        ) else {
            return;
        };
        if old.value != new.value {
            self.findings.push(Finding {
                place: self.configuration.shown_place(old.place),
                message: format!(
                    "`aws_security_token` of profile `{}` differs from its `aws_session_token`: the AWS CLI and boto3 \
                     use it, all other clients do not",
                    profile.name
                ),
                remedy: "remove `aws_security_token`".to_owned(),
            });
        }
    }
}
