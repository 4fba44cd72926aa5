//! The errors that AWS, its SDKs and its CLIs give where credentials are at fault, as people paste them.
//!
//! An error is known by its code or by its words. Words go before codes, since several errors share a code:
//! `SignatureDoesNotMatch` can be a clock or a wrong secret.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

mod about;
mod scan;
mod skew;
mod table;

pub use about::About;
pub use scan::{Scanner, Seen};
pub use table::ALL;

/// Who gives an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Any service, of the credentials that a call came with.
    Service,
    /// STS, of a session that was asked for.
    Sts,
    /// The OIDC service of Identity Center, during a sign-in.
    Oidc,
    /// The portal of Identity Center, of a role's credentials.
    Portal,
    /// The sign-in service, behind `aws login`.
    SignIn,
    /// An SDK or a CLI, before anything is called.
    Client,
}

/// What an error means for the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The session is over.
    Over,
    /// The session is over, or the clock of this machine is wrong: AWS says the same of both.
    OverOrSkewed,
    /// The clock of this machine is wrong.
    Skewed,
    /// AWS does not know the key: deleted, inactive, of another partition, or without its session token.
    UnknownKey,
    /// Key and secret do not belong together, or the request was changed on its way.
    WrongSecret,
    /// Somebody has to give another code.
    WrongCode,
    /// The MFA device is not the user's.
    WrongDevice,
    /// The call lacks the MFA device or its code.
    MfaMissing,
    /// The caller may not do this.
    NotAllowed,
    /// A policy forbids it: the sessions of the role were revoked, or the call itself is forbidden.
    Revoked,
    /// The call takes long-lived keys only.
    NeedsLongLivedKeys,
    /// The role permits no such duration.
    AboveRoleMaximum,
    /// A role that is assumed from a role lives for an hour.
    AboveChainingLimit,
    /// AWS takes no such duration.
    OutOfRange,
    /// The account does not use STS in this region.
    RegionOff,
    /// The token of the identity provider is over.
    IdentityTokenOver,
    /// The token of the identity provider is refused.
    IdentityTokenRefused,
    /// The session policy is wrong or too long.
    BadPolicy,
    /// Nothing is wrong yet: a person has to approve in the browser.
    WaitsForApproval,
    /// The sign-in was not approved in time.
    ApprovalTooLate,
    /// The sign-in was refused.
    ApprovalRefused,
    /// The sign-in is over: a person has to sign in again.
    SignInOver,
    /// The registration of this client is over or made for other grants.
    RegistrationOver,
    /// The start URL or the region is wrong.
    WrongPortal,
    /// Identity Center cannot use its key in KMS.
    PortalKey,
    /// The user has no such account or role.
    NoSuchAccess,
    /// There was no sign-in on this machine.
    NeverSignedIn,
    /// A program cannot ask for a code by itself.
    CannotAskForCode,
    /// What renews the credentials gave ones that are over already.
    RenewedInVain,
    /// No credentials were found.
    NoCredentials,
    /// There is no such profile.
    NoProfile,
    /// A file of AWS cannot be read.
    BadFile,
    /// Too many calls; it is worth another try.
    Throttled,
    /// AWS is at fault; it is worth another try.
    Trouble,
}

/// One error.
#[derive(Debug, PartialEq, Eq)]
pub struct Known {
    /// Its stable name, which is also that of its page: `expired-token`.
    pub code: &'static str,
    /// Who gives it.
    pub family: Family,
    /// What it means.
    pub cause: Cause,
    /// The codes by which it is given. An error that is only told by its words has none.
    pub codes: &'static [&'static str],
    /// Words that only this error has; `…` stands for anything between two halves on one line.
    pub texts: &'static [&'static str],
    /// The error whose codes it shares: only its words tell the two apart.
    pub shares_codes_of: Option<&'static str>,
    /// What happened, as a sentence without a full stop.
    pub what: &'static str,
    /// Why that is, likewise.
    pub why: &'static str,
}

/// [`Seen`], on its way to another process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symptom {
    /// [`Known::code`].
    pub code: String,
    /// See [`Seen::line`].
    pub line: u64,
    /// See [`Seen::times`].
    pub times: u64,
    /// See [`Seen::operation`].
    pub operation: Option<String>,
    /// See [`Seen::skew`].
    pub skew_seconds: Option<i64>,
}

impl From<Seen> for Symptom {
    fn from(seen: Seen) -> Self {
        Self {
            code: seen.error.code.to_owned(),
            line: seen.line,
            times: seen.times,
            operation: seen.operation,
            skew_seconds: seen.skew.map(|skew| skew.as_secs()),
        }
    }
}

impl Symptom {
    /// What it stands for; none where this version knows no such error.
    pub fn seen(self) -> Option<Seen> {
        let error = ALL
            .iter()
            .copied()
            .flatten()
            .find(|error| error.code == self.code)?;
        Some(Seen {
            error,
            line: self.line,
            times: self.times,
            operation: self.operation,
            skew: self.skew_seconds.map(SignedDuration::from_secs),
        })
    }
}

#[cfg(test)]
mod tests;
