//! What renews each kind of session: all that its call to AWS needs, and nothing secret.

use std::fmt;
use std::path::PathBuf;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::error::RenewalError;
use crate::names::{AccountId, MfaSerial, ProfileName, SessionId};

/// `sts:AssumeRole` as the profile asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRenewal {
    /// `role_arn`.
    pub role_arn: String,
    /// `source_profile` or `credential_source`.
    pub source: Source,
    /// `mfa_serial`: the code goes into the `AssumeRole` call itself, which keeps the role's full duration.
    pub mfa_serial: Option<MfaSerial>,
    /// `external_id`.
    pub external_id: Option<String>,
    /// `role_session_name`.
    pub session_name: Option<String>,
    /// `duration_seconds`; AWS's default where absent.
    pub duration: Option<SignedDuration>,
    /// What AWS allowed when `duration` was too long for it.
    pub allowed: Option<Allowed>,
    /// The profile of the credentials file that gets the keys besides, for roles that Sandglass itself defines.
    pub target: Option<ProfileName>,
}

impl RoleRenewal {
    /// What the call asks for: the configured duration, or what AWS allowed instead of it; none for AWS's default.
    pub fn asked(&self) -> Option<SignedDuration> {
        self.allowed
            .map(|allowed| allowed.granted)
            .or(self.duration)
    }
}

/// A duration that AWS allowed instead of a longer one that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// What the configuration asks for.
    pub asked: SignedDuration,
    /// The longest that AWS gave.
    pub granted: SignedDuration,
    /// Whose limit it is.
    pub limit: DurationLimit,
}

/// Whose limit a duration exceeds (STS API reference, `AssumeRole`, `DurationSeconds`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DurationLimit {
    /// The role's own `MaxSessionDuration`.
    RoleMaximum,
    /// One hour for roles that are assumed with the credentials of another role.
    RoleChaining,
}

/// `sts:AssumeRoleWithWebIdentity` as the profile or the environment asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebIdentityRenewal {
    /// `role_arn`, or `AWS_ROLE_ARN`.
    pub role_arn: String,
    /// `web_identity_token_file`, or `AWS_WEB_IDENTITY_TOKEN_FILE`; read anew for every call.
    pub token_file: PathBuf,
    /// `role_session_name`, or `AWS_ROLE_SESSION_NAME`.
    pub session_name: Option<String>,
}

/// `sts:GetSessionToken` as `sandglass mfa add` defined it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionTokenRenewal {
    /// The profile whose long-lived keys make the call.
    pub source: ProfileName,
    /// The device, from the keychain; the error that stands in its place says why it could not be read. None where
    /// the session is to be had without a code.
    pub device: Option<Result<MfaSerial, RenewalError>>,
    /// The profile of the credentials file that gets the keys.
    pub target: ProfileName,
    /// Asked lifetime.
    pub duration: SignedDuration,
}

/// `sts:GetFederationToken` as `sandglass federation add` defined it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FederationTokenRenewal {
    /// The profile whose long-lived keys make the call.
    pub source: ProfileName,
    /// `Name` of the federated user: 2 to 32 characters.
    pub user: String,
    /// Inline session policy: a JSON document.
    pub policy: Option<String>,
    /// ARNs of managed session policies.
    pub policy_arns: Vec<String>,
    /// The profile of the credentials file that gets the keys; without one they stay in the sealed store.
    pub target: Option<ProfileName>,
    /// Asked lifetime.
    pub duration: SignedDuration,
}

/// A console sign-in made with `aws login`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleLogin {
    /// `login_session`: the ARN of the principal that signed in; names the cache file.
    pub login_session: String,
    /// The region whose sign-in endpoint issued the token: the file's, else the profile's.
    pub region: Option<String>,
}

impl ConsoleLogin {
    /// The command with which a person signs in again, for this profile or the default one: nothing but `aws login`
    /// itself begins a new chain.
    pub fn command(profile: Option<&ProfileName>) -> String {
        match profile {
            Some(profile) => format!("aws login --profile {profile}"),
            None => "aws login".to_owned(),
        }
    }
}

/// Where a machine in AWS gets the credentials of its own role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MetadataSource {
    /// The metadata service of an EC2 instance.
    Instance,
    /// The credentials endpoint of a container (ECS, EKS Pod Identity).
    Container,
}

/// A `credential_process` setting. The command line may hold secrets of its own and is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct CredentialProcess {
    /// The command line, as the profile holds it.
    pub command: String,
}

impl fmt::Debug for CredentialProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialProcess").finish_non_exhaustive()
    }
}

/// Credentials that another program made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// The program, where what it left tells: `saml2aws`, `aws-mfa`, `awsume`.
    pub maker: Option<String>,
    /// The account, where what it left tells.
    pub account: Option<AccountId>,
    /// The role, where what it left tells.
    pub role_name: Option<String>,
}

/// An Identity Center portal, as an sso-session section or a legacy profile names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Portal {
    /// `sso_start_url`.
    pub start_url: String,
    /// `sso_region`: where the portal lives, not where work is done.
    pub region: String,
    /// How the token is cached and whether it can be refreshed.
    pub style: PortalStyle,
}

/// The two ways in which configuration names a portal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PortalStyle {
    /// A `[sso-session NAME]` section; the scopes that its client registers.
    Session {
        /// Name of the section; the token's cache file is named after it.
        name: String,
        /// `sso_registration_scopes`.
        scopes: Vec<String>,
    },
    /// `sso_start_url` in the profile itself: a fixed eight hours, never refreshed.
    Legacy,
}

/// `sso:GetRoleCredentials`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SsoRoleRenewal {
    /// The sign-in that it hangs on.
    pub sign_in: SessionId,
    /// The same portal, for the call.
    pub portal: Portal,
    /// `sso_account_id`.
    pub account: AccountId,
    /// `sso_role_name`.
    pub role_name: String,
}

/// Where the credentials come from that a role is assumed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Long-lived keys of this profile.
    Keys(ProfileName),
    /// Another session on this machine, which may have to be renewed first.
    Session {
        /// The session.
        id: SessionId,
        /// The profile through which its credentials are read.
        profile: ProfileName,
    },
    /// `credential_source = Environment`: the keys in the environment of whoever assumes the role. Sandglass has none.
    Environment,
}

impl Portal {
    /// What a person knows the portal by: the name of its sso-session, or the host of its start URL.
    pub fn name(&self) -> &str {
        match &self.style {
            PortalStyle::Session { name, .. } => name,
            PortalStyle::Legacy => self
                .start_url
                .split_once("://")
                .map_or(self.start_url.as_str(), |(_, rest)| rest)
                .split('/')
                .next()
                .unwrap_or(&self.start_url),
        }
    }
}
