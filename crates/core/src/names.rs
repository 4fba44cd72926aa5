//! The names that AWS configuration and Sandglass give to things.
//!
//! Each is a type of its own, so that a profile can never be passed where a device is meant.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! name {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(test, derive(ts_rs::TS))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the name as it is written, without trimming.
            pub fn new(name: impl Into<String>) -> Self {
                Self(name.into())
            }

            /// The name as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// The name of a profile in `~/.aws/config` or `~/.aws/credentials`, without the `profile ` prefix.
    ProfileName
}

name! {
    /// Identifies a session for as long as its definition stands: `role:deploy`, `session-token:mfa`,
    /// `sso-sign-in:my-sso`, `sso-role:dev`. Stable across restarts; scripts may rely on it.
    SessionId
}

name! {
    /// The serial number of an MFA device: an ARN for virtual devices, a number for hardware ones
    /// (9 to 256 characters, STS API reference, `SerialNumber`).
    MfaSerial
}

name! {
    /// An AWS account number: twelve digits, kept as text because leading zeros count.
    AccountId
}

impl MfaSerial {
    /// The part of a virtual device's ARN that a person knows it by (`alice` in
    /// `arn:aws:iam::123456789012:mfa/alice`), or the whole serial of a hardware device.
    pub fn short(&self) -> &str {
        self.0
            .split_once(":mfa/")
            .map_or(self.as_str(), |(_, name)| name)
    }
}

/// Identifies one prompt. A late answer to a prompt that is gone names an id that no longer exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(transparent)]
pub struct PromptId(#[cfg_attr(test, ts(type = "number"))] pub u32);

/// Identifies one program that waits for a renewal, for as long as it is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AskerId(pub u64);

/// Identifies one renewal that was started. The result of a renewal that was given up names an id that no
/// session waits for any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId(pub u64);
