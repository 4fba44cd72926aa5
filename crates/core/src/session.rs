//! What a session is, how it is renewed, and the one state that it is in.

mod kinds;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use self::kinds::{
    Allowed, ConsoleLogin, CredentialProcess, DurationLimit, FederationTokenRenewal, Foreign,
    MetadataSource, Portal, PortalStyle, RoleRenewal, SessionTokenRenewal, Source, SsoRoleRenewal,
    WebIdentityRenewal,
};
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
    /// Where its credentials are kept.
    pub storage: Storage,
}

/// Where the credentials of a session are kept between renewals, and so how programs come to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// In the files of AWS, where programs look for themselves.
    AwsFiles,
    /// In Sandglass's sealed store: programs ask Sandglass for them.
    SealedStore,
    /// In the keychain: long-lived keys that were moved out of the files. Programs ask Sandglass for them.
    Keychain,
    /// Nowhere on this machine: a metadata service is asked each time.
    Nowhere,
}

/// What renews a session, and so its kind. Each carries what its call to AWS needs, and nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// `sts:AssumeRole`.
    Role(RoleRenewal),
    /// `sts:AssumeRoleWithWebIdentity` with the token that lies in a file.
    WebIdentity(WebIdentityRenewal),
    /// `sts:GetSessionToken` with long-lived keys, written to a profile of the credentials file.
    SessionToken(SessionTokenRenewal),
    /// `sts:GetFederationToken` with long-lived keys.
    FederationToken(FederationTokenRenewal),
    /// An Identity Center sign-in: the refresh token while it works, then the device code.
    SsoSignIn(Portal),
    /// Role credentials from the Identity Center portal.
    SsoRole(SsoRoleRenewal),
    /// `aws login`: the refresh token of a console sign-in while it works, then `aws login` again.
    ConsoleLogin(ConsoleLogin),
    /// The role of the instance or container that this machine is: AWS renews it, Sandglass watches.
    Metadata(MetadataSource),
    /// A `credential_process` of somebody else's: run only when a person asks.
    Process(CredentialProcess),
    /// Access keys that never end: their age is shown.
    LongLivedKeys(ProfileName),
    /// Temporary credentials that another program made and that nothing on this machine says how to make again.
    Foreign(Foreign),
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
    /// A person somewhere that Sandglass does not reach; what to do there, as a sentence without a full stop.
    Elsewhere(String),
}

impl Needs {
    /// The stable word for scripts: `nothing`, `code`, `browser` or `elsewhere`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Code(_) => "code",
            Self::Browser(_) => "browser",
            Self::Elsewhere(_) => "elsewhere",
        }
    }
}

/// What Sandglass may do about a session by itself, from most to least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// Renew it before it ends, where nobody is needed.
    Keep,
    /// Renew it when somebody asks, and never by itself.
    OnRequest,
    /// Look, and tell.
    Watch,
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
    /// Works without an end: long-lived keys.
    Lasting {
        /// First seen then (UTC).
        since: Timestamp,
    },
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
            Self::Unknown | Self::Lasting { .. } => None,
            Self::Valid(end) | Self::Due(end) | Self::Expired(end) => Some(*end),
            Self::Renewing { last, .. }
            | Self::WaitingForYou { last, .. }
            | Self::WaitingForNetwork { last, .. }
            | Self::Broken { last, .. } => *last,
        }
    }

    /// When long-lived keys were first seen (UTC).
    pub fn lasting_since(&self) -> Option<Timestamp> {
        match self {
            Self::Lasting { since } => Some(*since),
            Self::Unknown
            | Self::Valid(_)
            | Self::Due(_)
            | Self::Expired(_)
            | Self::Renewing { .. }
            | Self::WaitingForYou { .. }
            | Self::WaitingForNetwork { .. }
            | Self::Broken { .. } => None,
        }
    }

    /// The stable word for scripts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Valid(_) => "valid",
            Self::Due(_) => "due",
            Self::Expired(_) => "expired",
            Self::Lasting { .. } => "lasting",
            Self::Renewing { .. } => "renewing",
            Self::WaitingForYou { .. } => "waiting_for_you",
            Self::WaitingForNetwork { .. } => "waiting_for_network",
            Self::Broken { .. } => "broken",
        }
    }
}

impl Renewal {
    /// The stable word for scripts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Role(_) => "role",
            Self::WebIdentity(_) => "web_identity",
            Self::SessionToken(_) => "session_token",
            Self::FederationToken(_) => "federation_token",
            Self::SsoSignIn(_) => "sso_sign_in",
            Self::SsoRole(_) => "sso_role",
            Self::ConsoleLogin(_) => "console_login",
            Self::Metadata(MetadataSource::Instance) => "instance_role",
            Self::Metadata(MetadataSource::Container) => "container_role",
            Self::Process(_) => "credential_process",
            Self::LongLivedKeys(_) => "long_lived_keys",
            Self::Foreign(_) => "foreign",
        }
    }

    /// Where the credentials of such a session are kept, unless its profile says otherwise.
    pub fn storage(&self) -> Storage {
        match self {
            Self::Process(_)
            | Self::FederationToken(FederationTokenRenewal { target: None, .. }) => {
                Storage::SealedStore
            }
            Self::Metadata(_) => Storage::Nowhere,
            Self::Role(_)
            | Self::WebIdentity(_)
            | Self::SessionToken(_)
            | Self::FederationToken(_)
            | Self::SsoSignIn(_)
            | Self::SsoRole(_)
            | Self::ConsoleLogin(_)
            | Self::LongLivedKeys(_)
            | Self::Foreign(_) => Storage::AwsFiles,
        }
    }

    /// What Sandglass may do about such a session by itself.
    pub fn policy(&self) -> Policy {
        match self {
            Self::Role(_)
            | Self::WebIdentity(_)
            | Self::SessionToken(_)
            | Self::FederationToken(_)
            | Self::SsoSignIn(_)
            | Self::SsoRole(_)
            | Self::ConsoleLogin(_) => Policy::Keep,
            Self::Process(_) => Policy::OnRequest,
            Self::Metadata(_) | Self::LongLivedKeys(_) | Self::Foreign(_) => Policy::Watch,
        }
    }

    /// How long such a session usually lives, for ends whose beginning was not seen.
    pub fn usual_life(&self) -> SignedDuration {
        match self {
            Self::Role(role) => role.asked().unwrap_or(lifetimes::ROLE),
            Self::SessionToken(token) => token.duration,
            Self::FederationToken(token) => token.duration,
            Self::SsoSignIn(_) => lifetimes::SSO_ACCESS_TOKEN,
            Self::SsoRole(_) => lifetimes::SSO_ROLE,
            Self::ConsoleLogin(_) => lifetimes::CONSOLE_LOGIN,
            Self::Metadata(_) => lifetimes::METADATA,
            Self::WebIdentity(_) | Self::Process(_) | Self::Foreign(_) => lifetimes::ROLE,
            Self::LongLivedKeys(_) => SignedDuration::MAX,
        }
    }

    /// What AWS allowed of the duration that the configuration asks for, where that was too long for it.
    pub fn allowed(&self) -> Option<Allowed> {
        match self {
            Self::Role(role) => role.allowed,
            Self::WebIdentity(_)
            | Self::SessionToken(_)
            | Self::FederationToken(_)
            | Self::SsoSignIn(_)
            | Self::SsoRole(_)
            | Self::ConsoleLogin(_)
            | Self::Metadata(_)
            | Self::Process(_)
            | Self::LongLivedKeys(_)
            | Self::Foreign(_) => None,
        }
    }

    /// The session whose credentials this one is made from.
    pub fn source(&self) -> Option<&SessionId> {
        match self {
            Self::Role(role) => match &role.source {
                Source::Keys(_) | Source::Environment => None,
                Source::Session { id, .. } => Some(id),
            },
            Self::SsoRole(role) => Some(&role.sign_in),
            Self::WebIdentity(_)
            | Self::SessionToken(_)
            | Self::FederationToken(_)
            | Self::SsoSignIn(_)
            | Self::ConsoleLogin(_)
            | Self::Metadata(_)
            | Self::Process(_)
            | Self::LongLivedKeys(_)
            | Self::Foreign(_) => None,
        }
    }

    /// The account that the credentials are for, where the definition tells.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Role(role) => account_in_arn(&role.role_arn),
            Self::WebIdentity(role) => account_in_arn(&role.role_arn),
            Self::SessionToken(token) => token
                .device
                .as_ref()
                .and_then(|device| device.as_ref().ok())
                .and_then(|device| account_in_arn(device.as_str())),
            Self::SsoRole(role) => Some(role.account.clone()),
            Self::ConsoleLogin(login) => account_in_arn(&login.login_session),
            Self::Foreign(foreign) => foreign.account.clone(),
            Self::FederationToken(_)
            | Self::SsoSignIn(_)
            | Self::Metadata(_)
            | Self::Process(_)
            | Self::LongLivedKeys(_) => None,
        }
    }

    /// The name of the role that the credentials are for, without its path.
    pub fn role_name(&self) -> Option<&str> {
        match self {
            Self::Role(role) => role.role_arn.rsplit('/').next(),
            Self::WebIdentity(role) => role.role_arn.rsplit('/').next(),
            Self::SsoRole(role) => Some(&role.role_name),
            Self::Foreign(foreign) => foreign.role_name.as_deref(),
            Self::SessionToken(_)
            | Self::FederationToken(_)
            | Self::SsoSignIn(_)
            | Self::ConsoleLogin(_)
            | Self::Metadata(_)
            | Self::Process(_)
            | Self::LongLivedKeys(_) => None,
        }
    }

    /// The profile of the credentials file that Sandglass writes, where there is one.
    pub fn target(&self) -> Option<&ProfileName> {
        match self {
            Self::Role(role) => role.target.as_ref(),
            Self::SessionToken(token) => Some(&token.target),
            Self::FederationToken(token) => token.target.as_ref(),
            Self::WebIdentity(_)
            | Self::SsoSignIn(_)
            | Self::SsoRole(_)
            | Self::ConsoleLogin(_)
            | Self::Metadata(_)
            | Self::Process(_)
            | Self::LongLivedKeys(_)
            | Self::Foreign(_) => None,
        }
    }
}

/// The fifth field of an ARN, where it holds an account (AWS General Reference, ARN format).
fn account_in_arn(arn: &str) -> Option<AccountId> {
    let account = arn.split(':').nth(4)?;
    let twelve_digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    twelve_digits.then(|| AccountId::new(account))
}

/// What this machine says of one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Its definition.
    pub definition: Definition,
    /// The credentials that were found.
    pub found: Found,
    /// Where they lie, and which profiles use them.
    pub used_in: Vec<Place>,
}

/// Where the credentials of a session are found by programs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum Place {
    /// A file, as people write it: `~/.aws/cli/cache/0dd8….json`.
    File(String),
    /// A profile whose programs use them.
    Profile(ProfileName),
    /// Sandglass's own sealed store.
    SealedStore,
    /// The keychain of the operating system.
    Keychain,
}

/// The credentials of a session as they were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// None.
    Nothing,
    /// Credentials with this end, whose renewal needs what the definition says.
    Credentials(End),
    /// A sign-in that renews itself: a refresh token that still stands.
    Refreshable {
        /// The end of the access token, or of the credentials that `aws login` gave.
        access: End,
        /// The end of the whole: of the portal session, or of the chain of `aws login`. Where nobody knows it, none.
        whole: Option<End>,
    },
    /// Keys that never end.
    Lasting {
        /// First seen then (UTC).
        since: Timestamp,
    },
}

impl Found {
    /// Their end.
    pub fn end(&self) -> Option<End> {
        match self {
            Self::Nothing | Self::Lasting { .. } => None,
            Self::Credentials(end) | Self::Refreshable { access: end, .. } => Some(*end),
        }
    }
}
