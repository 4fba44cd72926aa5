//! What a person is asked, once per device or portal.

use jiff::{SignedDuration, Timestamp};

use crate::error::RenewalError;
use crate::names::MfaSerial;
use crate::session::{Needs, Portal};

/// How long a device shows one code: a TOTP time step (RFC 6238, section 5.2; AWS uses the default).
pub const CODE_STEP: SignedDuration = SignedDuration::from_secs(30);

/// What a person gives. Prompts are keyed by it, so that nobody is asked twice for one thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PromptKey {
    /// A code of this device.
    Device(MfaSerial),
    /// An approval at this portal.
    Portal(Portal),
}

impl PromptKey {
    /// What a person is asked for where a renewal needs this; none where it needs nobody.
    pub fn for_needs(needs: Needs) -> Option<Self> {
        match needs {
            Needs::Nothing | Needs::Elsewhere(_) => None,
            Needs::Code(device) => Some(Self::Device(device)),
            Needs::Browser(portal) => Some(Self::Portal(portal)),
        }
    }
}

/// How far a prompt has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The field waits for a code; the error is AWS's answer to the last one.
    AskingCode {
        /// Why the last code did not do.
        error: Option<RenewalError>,
    },
    /// A code is on its way to AWS.
    CheckingCode,
    /// A sign-in is there and still works: the person chooses whether another one shares its end or replaces it.
    ChoosingSignIn,
    /// AWS is being asked for a device code.
    StartingSignIn,
    /// The person compares and approves in the browser.
    Approving(DeviceCode),
    /// It did not work; the person may start again or leave it.
    SignInFailed {
        /// Why.
        error: RenewalError,
    },
}

/// A device authorization that waits for approval (RFC 8628; `StartDeviceAuthorization`). The device code itself is a
/// secret and stays with the AWS crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCode {
    /// What the person compares with the browser.
    pub user_code: String,
    /// The page to open.
    pub verification_uri: String,
    /// The page with the code filled in.
    pub verification_uri_complete: String,
    /// When the code runs out (UTC).
    pub expires_at: Timestamp,
}
