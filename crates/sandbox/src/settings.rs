//! Lifetimes that take the place of what AWS would give, so that an end can be lived through in seconds.

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
    /// Credentials of `GetRoleCredentials`.
    pub role_credentials: Option<u32>,
    /// Access tokens of Identity Center; the portal session still caps them.
    pub access_token: Option<u32>,
    /// Portal sessions that begin from now on.
    pub portal_session: Option<u32>,
    /// Device codes.
    pub device_code: Option<u32>,
    /// The pause that a poller is told to make.
    pub poll_interval: Option<u32>,
    /// Client registrations.
    pub client_registration: Option<u32>,
}

/// When something that begins now and lives for `rule` seconds ends, unless a setting says otherwise.
pub(crate) fn end(setting: Option<u32>, rule: i64, now: Timestamp) -> Timestamp {
    now + SignedDuration::from_secs(setting.map_or(rule, i64::from))
}
