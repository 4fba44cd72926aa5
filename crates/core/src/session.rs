//! What a session is, how it is renewed, and the one state that it is in.

use jiff::{SignedDuration, Timestamp};

use crate::error::RenewalError;
use crate::lifetimes::{self, End};
use crate::names::{AccountId, MfaSerial, ProfileName, PromptId, SessionId};

/// A session as its definition stands in configuration: who it is for, and what renews it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Identifies it across restarts.
    pub id: SessionId,
    /// What a person calls it: the profile, or the name of the sso-session.
    pub name: String,
    /// The profile that uses it; none for an Identity Center sign-in, which many profiles share.
    pub profile: Option<ProfileName>,
    /// What renews it.
    pub renewal: Renewal,
}

/// What renews a session. Each kind carries what its call to AWS needs, and nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// `sts:AssumeRole`.
    Role(RoleRenewal),
    /// `sts:GetSessionToken` with long-lived keys, written to a profile of the credentials file.
    SessionToken(SessionTokenRenewal),
    /// An Identity Center sign-in: the refresh token while it works, then the device code.
    SsoSignIn(Portal),
    /// Role credentials from the Identity Center portal.
    SsoRole(SsoRoleRenewal),
}

/// `sts:AssumeRole` as the profile asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRenewal {
    /// `role_arn`.
    pub role_arn: String,
    /// `source_profile`.
    pub source: Source,
    /// `mfa_serial`: the code goes into the `AssumeRole` call itself, which keeps the role's full duration.
    pub mfa_serial: Option<MfaSerial>,
    /// `external_id`.
    pub external_id: Option<String>,
    /// `role_session_name`.
    pub session_name: Option<String>,
    /// `duration_seconds`; AWS's default where absent.
    pub duration: Option<SignedDuration>,
}

/// `sts:GetSessionToken` as `sandglass mfa add` defined it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionTokenRenewal {
    /// The profile whose long-lived keys make the call.
    pub source: ProfileName,
    /// The device, from the keychain; the error that stands in its place says why it could not be read.
    pub device: Result<MfaSerial, RenewalError>,
    /// The profile of the credentials file that gets the keys.
    pub target: ProfileName,
    /// Asked lifetime.
    pub duration: SignedDuration,
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
}

/// What a renewal needs from outside. Computed by the engine, decides who is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// Nothing: it can be done silently.
    Nothing,
    /// A code from this device.
    Code(MfaSerial),
    /// A person in a browser at this portal.
    Browser(Portal),
}

impl Needs {
    /// The stable word for scripts: `nothing`, `code` or `browser`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Code(_) => "code",
            Self::Browser(_) => "browser",
        }
    }
}

/// The one state of a session. The documentation of [`crate::engine`] draws the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Defined, but no credentials are there: never issued, or signed out.
    Unknown,
    /// Works, and nobody needs to act yet.
    Valid(End),
    /// Works, and ends soon.
    Due(End),
    /// Over.
    Expired(End),
    /// A call to AWS is under way, for this session or for the one that it starts from.
    Renewing {
        /// How many tries went before.
        tries: u32,
        /// The credentials that still stand.
        last: Option<End>,
    },
    /// Somebody is being asked.
    WaitingForYou {
        /// The prompt, which may serve other sessions too.
        prompt: PromptId,
        /// The credentials that still stand.
        last: Option<End>,
    },
    /// AWS could not be reached or asked for patience.
    WaitingForNetwork {
        /// When the next try starts (UTC).
        retry_at: Timestamp,
        /// How many tries failed.
        tries: u32,
        /// Why.
        error: RenewalError,
        /// The credentials that still stand.
        last: Option<End>,
    },
    /// Cannot work until the remedy is applied; not tried again unless somebody asks.
    Broken {
        /// What is wrong and what to do.
        error: RenewalError,
        /// The credentials that still stand.
        last: Option<End>,
    },
}

impl State {
    /// The end of the credentials that stand, whatever else goes on.
    pub fn end(&self) -> Option<End> {
        match self {
            Self::Unknown => None,
            Self::Valid(end) | Self::Due(end) | Self::Expired(end) => Some(*end),
            Self::Renewing { last, .. }
            | Self::WaitingForYou { last, .. }
            | Self::WaitingForNetwork { last, .. }
            | Self::Broken { last, .. } => *last,
        }
    }

    /// The stable word for scripts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Valid(_) => "valid",
            Self::Due(_) => "due",
            Self::Expired(_) => "expired",
            Self::Renewing { .. } => "renewing",
            Self::WaitingForYou { .. } => "waiting_for_you",
            Self::WaitingForNetwork { .. } => "waiting_for_network",
            Self::Broken { .. } => "broken",
        }
    }
}

impl Renewal {
    /// The stable word for scripts: `role`, `session_token`, `sso_sign_in` or `sso_role`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Role(_) => "role",
            Self::SessionToken(_) => "session_token",
            Self::SsoSignIn(_) => "sso_sign_in",
            Self::SsoRole(_) => "sso_role",
        }
    }

    /// How long such a session usually lives, for ends whose beginning was not seen.
    pub fn usual_life(&self) -> SignedDuration {
        match self {
            Self::Role(role) => role.duration.unwrap_or(lifetimes::ROLE),
            Self::SessionToken(token) => token.duration,
            Self::SsoSignIn(_) => lifetimes::SSO_ACCESS_TOKEN,
            Self::SsoRole(_) => lifetimes::SSO_ROLE,
        }
    }

    /// The session whose credentials this one is made from.
    pub fn source(&self) -> Option<&SessionId> {
        match self {
            Self::Role(role) => match &role.source {
                Source::Keys(_) => None,
                Source::Session { id, .. } => Some(id),
            },
            Self::SsoRole(role) => Some(&role.sign_in),
            Self::SessionToken(_) | Self::SsoSignIn(_) => None,
        }
    }

    /// The account that the credentials are for, where the definition tells.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Role(role) => account_in_arn(&role.role_arn),
            Self::SessionToken(token) => token
                .device
                .as_ref()
                .ok()
                .and_then(|device| account_in_arn(device.as_str())),
            Self::SsoSignIn(_) => None,
            Self::SsoRole(role) => Some(role.account.clone()),
        }
    }

    /// The name of the role that the credentials are for, without its path.
    pub fn role_name(&self) -> Option<&str> {
        match self {
            Self::Role(role) => role.role_arn.rsplit('/').next(),
            Self::SsoRole(role) => Some(&role.role_name),
            Self::SessionToken(_) | Self::SsoSignIn(_) => None,
        }
    }
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

/// The fifth field of an ARN, where it holds an account (AWS General Reference, ARN format).
fn account_in_arn(arn: &str) -> Option<AccountId> {
    let account = arn.split(':').nth(4)?;
    let twelve_digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    twelve_digits.then(|| AccountId::new(account))
}

/// What the files of this machine say of one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Its definition.
    pub definition: Definition,
    /// The credentials that were found.
    pub found: Found,
}

/// The credentials of a session as they lie in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// None.
    Nothing,
    /// Credentials with this end, whose renewal needs what the definition says.
    Credentials(End),
    /// A sign-in that renews itself: a refresh token whose client registration still stands.
    Refreshable(End),
}

impl Found {
    /// Their end.
    pub fn end(&self) -> Option<End> {
        match self {
            Self::Nothing => None,
            Self::Credentials(end) | Self::Refreshable(end) => Some(*end),
        }
    }
}
