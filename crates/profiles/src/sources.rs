//! What kind of credentials a profile has, and which ones a role starts from.

use sandglass_core::findings::Finding;
use sandglass_core::names::{ProfileName, SessionId};
use sandglass_core::session::{Portal, Renewal, Source};

use crate::config::{Configuration, Profile, Setting};
use crate::definitions::MfaSession;
use crate::portals;

/// The session of a profile.
pub(crate) fn session_id(renewal: &Renewal, profile: &ProfileName) -> SessionId {
    match renewal {
        Renewal::Role(_) => SessionId::new(format!("role:{profile}")),
        Renewal::SessionToken(_) => session_token_id(profile),
        Renewal::SsoSignIn(portal) => portals::sign_in_id(portal),
        Renewal::SsoRole(_) => SessionId::new(format!("sso-role:{profile}")),
    }
}

/// The MFA session with this target.
pub(crate) fn session_token_id(target: &ProfileName) -> SessionId {
    SessionId::new(format!("session-token:{target}"))
}

/// Where the credentials of a profile come from.
pub(crate) enum Kind<'a> {
    /// A role, assumed with the credentials of another profile.
    Role,
    /// A role of Identity Center.
    SsoRole {
        portal: Portal,
        account: &'a str,
        role_name: &'a str,
    },
    /// Keys in the files.
    Keys,
    /// A process, a web identity, an instance, `aws login`: sessions that Sandglass does not hold.
    Elsewhere,
    /// Settings without credentials.
    Nothing,
}

/// Why a profile has no session: a finding, or nothing to tell.
type Unusable = Option<Finding>;

pub(crate) struct Sources<'a> {
    pub(crate) configuration: &'a Configuration,
    pub(crate) mfa_sessions: &'a [MfaSession],
}

impl<'a> Sources<'a> {
    /// The order within a profile is botocore's, which all other SDKs share as far as it goes here: role, web
    /// identity, Identity Center, keys, the rest.
    pub(crate) fn kind(&self, profile: &'a Profile) -> Result<Kind<'a>, Unusable> {
        if profile.web_identity_token_file().is_some() {
            return Ok(Kind::Elsewhere);
        }
        if let Some(role_arn) = profile.role_arn() {
            return match (profile.source_profile(), profile.credential_source()) {
                (Some(_), None) => Ok(Kind::Role),
                (None, Some(_)) => Ok(Kind::Elsewhere),
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
            };
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
        if profile.keys().is_some() {
            return Ok(Kind::Keys);
        }
        let elsewhere = profile.credential_process().or(profile.login_session());
        Ok(match elsewhere {
            Some(_) => Kind::Elsewhere,
            None => Kind::Nothing,
        })
    }

    /// What the role of a profile is assumed with.
    pub(crate) fn of_role(&self, profile: &'a Profile) -> Result<Source, Unusable> {
        self.follow(profile, &mut Vec::new())
    }

    fn follow(
        &self,
        profile: &'a Profile,
        above: &mut Vec<&'a ProfileName>,
    ) -> Result<Source, Unusable> {
        let setting = profile.source_profile().ok_or(None)?;
        let name = ProfileName::new(setting.value);
        if self
            .mfa_sessions
            .iter()
            .any(|session| session.target == name)
        {
            return Ok(Source::Session {
                id: session_token_id(&name),
                profile: name,
            });
        }
        let source = self.configuration.profile(&name).ok_or_else(|| {
            Some(self.finding(
                setting,
                format!(
                    "profile `{}` starts from profile `{name}`, which does not exist",
                    profile.name
                ),
                "correct `source_profile`, or add the profile that it names",
            ))
        })?;
        // Every client takes the keys of a source profile before its role.
        if source.keys().is_some() {
            return Ok(Source::Keys(name));
        }
        if source.name == profile.name {
            return Err(Some(self.finding(
                setting,
                format!("profile `{name}` starts from itself, but holds no access key"),
                "name the profile that holds the keys in `source_profile`",
            )));
        }
        let session = |kind: &str| {
            Ok(Source::Session {
                id: SessionId::new(format!("{kind}:{name}")),
                profile: name.clone(),
            })
        };
        match self.kind(source) {
            Ok(Kind::Role) => {
                above.push(&profile.name);
                if above.contains(&&source.name) {
                    return Err(Some(self.finding(
                        setting,
                        format!(
                            "the source profiles of `{name}` go round in a circle, through `{}`",
                            profile.name
                        ),
                        "let one profile of the circle start from a profile that holds keys",
                    )));
                }
                self.follow(source, above)?;
                session("role")
            }
            Ok(Kind::SsoRole { .. }) => session("sso-role"),
            Ok(Kind::Elsewhere) | Err(_) => Err(None),
            Ok(Kind::Keys | Kind::Nothing) => Err(Some(self.finding(
                setting,
                format!(
                    "profile `{}` starts from profile `{name}`, which has no credentials",
                    profile.name
                ),
                "put keys into that profile, or name another one in `source_profile`",
            ))),
        }
    }

    fn finding(&self, setting: Setting<'_>, message: String, remedy: &str) -> Finding {
        Finding {
            place: self.configuration.shown_place(setting.place),
            message,
            remedy: remedy.to_owned(),
        }
    }
}
