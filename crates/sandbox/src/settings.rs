//! What takes the place of AWS's own rules: lifetimes, so that an end can be lived through in seconds, and its clock.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Lifetimes in seconds. One that is `null` follows AWS's rule; `0` means over as soon as issued.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Credentials of `GetSessionToken`.
    pub session_token: Option<u32>,
    /// Credentials of `AssumeRole`.
    pub assumed_role: Option<u32>,
    /// Credentials of `AssumeRoleWithWebIdentity`.
    pub web_identity: Option<u32>,
    /// Credentials of `GetFederationToken`.
    pub federation_token: Option<u32>,
    /// Credentials of `GetRoleCredentials`.
    pub role_credentials: Option<u32>,
    /// Access tokens of Identity Center; the portal session still caps them.
    pub access_token: Option<u32>,
    /// Portal sessions that begin from now on.
    pub portal_session: Option<u32>,
    /// Credentials of `aws login`; the login still caps them.
    pub login_access: Option<u32>,
    /// Logins that begin from now on, as long as they can be refreshed.
    pub login_session: Option<u32>,
    /// Sign-in tokens of the console.
    pub signin_token: Option<u32>,
    /// Credentials of the instance.
    pub instance_credentials: Option<u32>,
    /// Credentials of the task.
    pub task_credentials: Option<u32>,
    /// Device codes.
    pub device_code: Option<u32>,
    /// The pause that a poller is told to make.
    pub poll_interval: Option<u32>,
    /// Client registrations.
    pub client_registration: Option<u32>,
    /// How many seconds AWS's clock, and with it everybody's phone, is ahead of this machine's; less than 0 where it is behind.
    pub skew: i32,
    /// The name of the role that the instance has now; the world's where nothing is said.
    pub instance_role: Option<String>,
    /// Whether the instance's metadata service insists on tokens.
    pub http_tokens: HttpTokens,
}

/// What an instance's metadata service does without a token, by EC2's own name for it.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpTokens {
    /// Version 2: it refuses.
    #[default]
    Required,
    /// Version 1 too: it answers.
    Optional,
}

impl Settings {
    /// The time by AWS's clock.
    pub(crate) fn aws_time(&self, now: Timestamp) -> Timestamp {
        now + SignedDuration::from_secs(i64::from(self.skew))
    }
}

/// When something that begins now and lives for `rule` seconds ends, unless a setting says otherwise.
pub(crate) fn end(setting: Option<u32>, rule: i64, now: Timestamp) -> Timestamp {
    now + SignedDuration::from_secs(setting.map_or(rule, i64::from))
}
