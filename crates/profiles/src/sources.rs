//! What kind of credentials a profile has, and which ones a role starts from.

use std::path::PathBuf;

use sandglass_core::findings::Finding;
use sandglass_core::names::{ProfileName, SessionId};
use sandglass_core::session::{Portal, Source, WebIdentityRenewal};

use crate::config::{Configuration, Profile, Setting};
use crate::credentials::is_long_lived;
use crate::definitions::Defined;
use crate::ids;
use crate::own_process;
use crate::portals;
use crate::section::AwsFile;

/// Where the credentials of a profile come from.
pub(crate) enum Kind<'a> {
    /// A role, assumed with the credentials of another profile.
    Role,
    /// A role, assumed with the token in a file.
    WebIdentity(WebIdentityRenewal),
    /// A role of Identity Center.
    SsoRole {
        portal: Portal,
        account: &'a str,
        role_name: &'a str,
    },
    /// Keys in the files.
    Keys,
    /// `aws login`: the ARN of the principal.
    Login(&'a str),
    /// The command line of a process.
    Process(&'a str),
    /// Sandglass itself, which serves the session of this profile.
    Served(ProfileName),
    /// Settings without credentials.
    Nothing,
}

/// Why a profile has no session: a finding, or nothing to tell.
pub(crate) type Unusable = Option<Finding>;

#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    pub(crate) configuration: &'a Configuration,
    pub(crate) definitions: &'a [Defined],
}

/// Who starts from a profile, and where that is said.
struct Starter<'a> {
    what: String,
    name: &'a ProfileName,
    place: String,
}

impl<'a> Sources<'a> {
    /// The order within a profile is botocore's, which is the AWS CLI's: role, web identity, Identity Center, keys of
    /// the credentials file, `aws login`, process, keys of the config file.
    pub(crate) fn kind(&self, profile: &'a Profile) -> Result<Kind<'a>, Unusable> {
        if let Some(file) = profile.web_identity_token_file() {
            return self.web_identity(profile, file).map(Kind::WebIdentity);
        }
        if let Some(role_arn) = profile.role_arn() {
            return self.role(profile, role_arn);
        }
        if let (Some(account), Some(role_name)) =
            (profile.sso_account_id(), profile.sso_role_name())
        {
            // A portal that cannot be told has its finding with the sign-ins.
            let portal = portals::of_profile(self.configuration, profile).map_err(|_| None)?;
            if let Some(portal) = portal {
                return Ok(Kind::SsoRole {
                    portal,
                    account: account.value,
                    role_name: role_name.value,
                });
            }
        }
        if profile.keys_in(AwsFile::Credentials).is_some() || profile.key_in_keychain().is_some() {
            return Ok(Kind::Keys);
        }
        if let Some(login) = profile.login_session() {
            return Ok(Kind::Login(login.value));
        }
        if let Some(command) = profile.credential_process() {
            return Ok(match own_process::served(command.value) {
                Some(served) => Kind::Served(served),
                None => Kind::Process(command.value),
            });
        }
        Ok(match profile.keys() {
            Some(_) => Kind::Keys,
            None => Kind::Nothing,
        })
    }

    fn web_identity(
        &self,
        profile: &Profile,
        file: Setting<'_>,
    ) -> Result<WebIdentityRenewal, Unusable> {
        let role_arn = profile.role_arn().ok_or_else(|| {
            Some(self.finding(
                file,
                format!(
                    "profile `{}` has `web_identity_token_file` without `role_arn`",
                    profile.name
                ),
                "add `role_arn = …`: the role that the token is for",
            ))
        })?;
        Ok(WebIdentityRenewal {
            role_arn: role_arn.value.to_owned(),
            token_file: PathBuf::from(file.value),
            session_name: profile
                .role_session_name()
                .map(|name| name.value.to_owned()),
        })
    }

    fn role(&self, profile: &Profile, role_arn: Setting<'_>) -> Result<Kind<'a>, Unusable> {
        match (profile.source_profile(), profile.credential_source()) {
            (Some(_), None) | (None, Some(_)) => Ok(Kind::Role),
            (Some(_), Some(second)) => Err(Some(self.finding(
                second,
                format!(
                    "profile `{}` has both `source_profile` and `credential_source`: the AWS CLI refuses it",
                    profile.name
                ),
                "keep one of the two",
            ))),
            (None, None) => Err(Some(self.finding(
                role_arn,
                format!(
                    "profile `{}` has `role_arn` without `source_profile` or `credential_source`",
                    profile.name
                ),
                "add `source_profile = …`: the profile whose credentials assume the role",
            ))),
        }
    }

    /// What the role of a profile is assumed with.
    pub(crate) fn of_role(&self, profile: &Profile) -> Result<Source, Unusable> {
        self.of_profile(profile, &mut Vec::new())
    }

    /// What a role of Sandglass's own is assumed with. `place` is where it is defined.
    pub(crate) fn of_defined(&self, defined: &Defined, place: &str) -> Result<Source, Unusable> {
        let Some(target) = defined.target() else {
            return Err(None);
        };
        let starter = Starter {
            what: format!("role `{target}`"),
            name: target,
            place: place.to_owned(),
        };
        self.follow(&starter, defined.source(), &mut Vec::new())
    }

    fn of_profile(
        &self,
        profile: &Profile,
        above: &mut Vec<ProfileName>,
    ) -> Result<Source, Unusable> {
        if let Some(setting) = profile.credential_source() {
            return self.credential_source(profile, setting);
        }
        let setting = profile.source_profile().ok_or(None)?;
        let starter = Starter {
            what: format!("profile `{}`", profile.name),
            name: &profile.name,
            place: self.configuration.shown_place(setting.place),
        };
        self.follow(&starter, &ProfileName::new(setting.value), above)
    }

    /// botocore compares the names exactly.
    fn credential_source(
        &self,
        profile: &Profile,
        setting: Setting<'_>,
    ) -> Result<Source, Unusable> {
        let metadata = |id| {
            Ok(Source::Session {
                id: SessionId::new(id),
                profile: profile.name.clone(),
            })
        };
        match setting.value {
            "Environment" => Ok(Source::Environment),
            "Ec2InstanceMetadata" => metadata(ids::INSTANCE_ROLE),
            "EcsContainer" => metadata(ids::CONTAINER_ROLE),
            other => Err(Some(self.finding(
                setting,
                format!(
                    "profile `{}` has `credential_source = {other}`, which no client knows",
                    profile.name
                ),
                "write `Environment`, `Ec2InstanceMetadata` or `EcsContainer`",
            ))),
        }
    }

    fn follow(
        &self,
        starter: &Starter<'_>,
        name: &ProfileName,
        above: &mut Vec<ProfileName>,
    ) -> Result<Source, Unusable> {
        let defined = self
            .definitions
            .iter()
            .find(|defined| defined.target() == Some(name));
        if let Some(defined) = defined {
            return self.follow_defined(starter, defined, name, above);
        }
        let source = self.configuration.profile(name).ok_or_else(|| {
            Some(starter.finding(
                &format!("starts from profile `{name}`, which does not exist"),
                "correct the source profile, or add the profile that it names",
            ))
        })?;
        let session = |id: SessionId| Source::Session {
            id,
            profile: name.clone(),
        };
        if source.key_in_keychain().is_some() {
            return Ok(Source::Keys(name.clone()));
        }
        // Every client takes the keys of a source profile before its role.
        if let Some(keys) = source.keys() {
            return Ok(if is_long_lived(&keys) {
                Source::Keys(name.clone())
            } else {
                session(ids::foreign(name))
            });
        }
        if name == starter.name {
            return Err(Some(starter.finding(
                "starts from itself, but holds no access key",
                "name the profile that holds the keys as the source profile",
            )));
        }
        Ok(session(match self.kind(source) {
            Ok(Kind::Role) => {
                starter.go_on(name, above)?;
                self.of_profile(source, above)?;
                ids::role(name)
            }
            Ok(Kind::WebIdentity(_)) => ids::web_identity(name),
            Ok(Kind::SsoRole { .. }) => ids::sso_role(name),
            Ok(Kind::Login(login_session)) => ids::console_login(login_session),
            Ok(Kind::Process(_)) => ids::process(name),
            Ok(Kind::Served(served)) => {
                starter.go_on(name, above)?;
                let next = Starter {
                    what: format!("profile `{name}`"),
                    name,
                    place: starter.place.clone(),
                };
                return self.follow(&next, &served, above);
            }
            // What is wrong with that profile has a finding of its own.
            Err(_) => return Err(None),
            Ok(Kind::Keys | Kind::Nothing) => {
                return Err(Some(starter.finding(
                    &format!("starts from profile `{name}`, which has no credentials"),
                    "put keys into that profile, or name another one as the source profile",
                )));
            }
        }))
    }

    fn follow_defined(
        &self,
        starter: &Starter<'_>,
        defined: &Defined,
        name: &ProfileName,
        above: &mut Vec<ProfileName>,
    ) -> Result<Source, Unusable> {
        match defined {
            Defined::Mfa(_) => {}
            Defined::Role(_) => {
                starter.go_on(name, above)?;
                let next = Starter {
                    what: format!("role `{name}`"),
                    name,
                    place: starter.place.clone(),
                };
                self.follow(&next, defined.source(), above)?;
            }
            Defined::Federation(_) => {
                return Err(Some(starter.finding(
                    &format!(
                        "starts from profile `{name}`, which holds a federation token: AWS lets it assume no role"
                    ),
                    "name a profile with long-lived keys, an MFA session or a role as the source profile",
                )));
            }
        }
        Ok(Source::Session {
            id: defined.id(),
            profile: name.clone(),
        })
    }

    fn finding(&self, setting: Setting<'_>, message: String, remedy: &str) -> Finding {
        Finding {
            place: self.configuration.shown_place(setting.place),
            message,
            remedy: remedy.to_owned(),
        }
    }
}

impl Starter<'_> {
    fn finding(&self, message: &str, remedy: &str) -> Finding {
        Finding {
            place: self.place.clone(),
            message: format!("{} {message}", self.what),
            remedy: remedy.to_owned(),
        }
    }

    /// Steps from one role to the next, unless that was passed already.
    fn go_on(&self, next: &ProfileName, above: &mut Vec<ProfileName>) -> Result<(), Unusable> {
        above.push(self.name.clone());
        if !above.contains(next) {
            return Ok(());
        }
        Err(Some(Finding {
            place: self.place.clone(),
            message: format!(
                "the source profiles of `{next}` go round in a circle, through `{}`",
                self.name
            ),
            remedy: "let one profile of the circle start from a profile that holds keys".to_owned(),
        }))
    }
}
