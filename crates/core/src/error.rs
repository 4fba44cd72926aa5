//! Why a renewal did not happen, in one vocabulary for every edge.
//!
//! The AWS crate maps each answer of AWS to one of these, once; the engine decides by [`RenewalError::retry`], the
//! faces show `message` and `remedy`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What went wrong. Only codes that something branches on, or that documentation explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// AWS refused the MFA code: wrong, too old, or used already.
    WrongCode,
    /// AWS does not know the MFA device for this user.
    WrongDevice,
    /// The credentials that the renewal starts from have ended.
    SourceExpired,
    /// The credentials that the renewal starts from are missing, deleted or unknown to AWS.
    SourceInvalid,
    /// The Identity Center sign-in is over; only a person in a browser can start a new one.
    SignInOver,
    /// The person refused the sign-in in the browser.
    SignInRefused,
    /// The device code ran out before it was approved.
    SignInTimedOut,
    /// AWS does not permit it.
    AccessDenied,
    /// A value of the definition is not accepted by AWS: role, region, policy.
    InvalidDefinition,
    /// AWS does not give the duration that was asked; a shorter one is asked the next time.
    DurationTooLong,
    /// Only whoever made these credentials can make new ones.
    OutOfReach,
    /// The clock of this machine is too far from AWS's.
    ClockSkew,
    /// AWS cannot be reached.
    Unreachable,
    /// AWS asks for fewer requests.
    Throttled,
    /// AWS has trouble of its own.
    ServiceTrouble,
    /// The OS keychain is locked or missing.
    KeychainUnavailable,
    /// The keychain works, but holds no MFA device for this session.
    DeviceMissing,
    /// A file could not be read or written.
    FileTrouble,
    /// Another process holds a file for now.
    FileBusy,
    /// There is no such profile or session.
    UnknownProfile,
    /// Somebody said no: the prompt was cancelled.
    Cancelled,
    /// The prompt was sent away for a while, and that while is not over.
    CoolingDown,
    /// A person is needed, and neither a tray nor a terminal is there to ask one.
    NobodyToAsk,
    /// A defect of Sandglass.
    Internal,
}

/// Whether another try is any use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The same call may well succeed later without anybody doing anything.
    Later,
    /// A person must give something first: a code, a sign-in.
    WithPerson,
    /// Never, until what the remedy names is changed.
    Never,
}

impl ErrorCode {
    /// Whether another try is any use.
    pub fn retry(self) -> Retry {
        match self {
            Self::Unreachable | Self::Throttled | Self::ServiceTrouble | Self::FileBusy => {
                Retry::Later
            }
            Self::WrongCode
            | Self::SourceExpired
            | Self::SignInOver
            | Self::SignInRefused
            | Self::SignInTimedOut
            | Self::DurationTooLong
            | Self::OutOfReach
            | Self::Cancelled
            | Self::CoolingDown
            | Self::NobodyToAsk => Retry::WithPerson,
            Self::WrongDevice
            | Self::SourceInvalid
            | Self::AccessDenied
            | Self::InvalidDefinition
            | Self::ClockSkew
            | Self::KeychainUnavailable
            | Self::DeviceMissing
            | Self::FileTrouble
            | Self::UnknownProfile
            | Self::Internal => Retry::Never,
        }
    }
}

/// Why a renewal did not happen: what failed, in whose words, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RenewalError {
    /// What branches are made on.
    pub code: ErrorCode,
    /// What failed, with AWS's own words where AWS answered.
    pub message: String,
    /// What the person can do about it.
    pub remedy: String,
}

impl RenewalError {
    /// An error in full words.
    pub fn new(code: ErrorCode, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// Whether another try is any use.
    pub fn retry(&self) -> Retry {
        self.code.retry()
    }
}

impl fmt::Display for RenewalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RenewalError {}
