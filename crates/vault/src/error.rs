//! Why the keychain gave nothing, and what to do.

use std::time::Duration;

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::findings::Finding;
use sandglass_core::names::ProfileName;

/// Why the keychain did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It works and holds no such item.
    #[error("the keychain holds no MFA device for this session")]
    Missing,
    /// It is locked, or its prompt was dismissed.
    #[error("the keychain is locked")]
    Locked,
    /// It is not there: no session bus, no keyring program, or it broke.
    #[error("the keychain is not available: {0}")]
    Unavailable(String),
    /// An earlier request is stuck, most likely behind a prompt.
    #[error("the keychain is still busy with an earlier request")]
    Busy,
    /// No answer in the time that the caller had.
    #[error("the keychain did not answer within {} s", .0.as_secs())]
    Unanswered(Duration),
    /// An item is there and is not what Sandglass wrote.
    #[error("the keychain's item cannot be used: {0}")]
    Unusable(String),
}

impl Error {
    /// What the person can do.
    pub fn remedy(&self, target: &ProfileName) -> String {
        match self {
            Self::Missing => {
                format!("Add the device again: `sandglass mfa add --target {target} …`.")
            }
            Self::Unusable(_) => format!(
                "Remove it and add the device again: `sandglass mfa remove {target}`, then `sandglass mfa add --target {target} …`."
            ),
            Self::Locked | Self::Unavailable(_) | Self::Busy | Self::Unanswered(_) => {
                self.remedy_for_the_key().to_owned()
            }
        }
    }

    /// The same where the key of the sealed store was asked for.
    pub(crate) fn remedy_for_the_key(&self) -> &'static str {
        match self {
            Self::Missing | Self::Unusable(_) => {
                "Remove `sealed-store-key` of `sandglass` from the keychain: a new one is made when it is needed."
            }
            Self::Locked => "Unlock your keychain, then try again.",
            Self::Unavailable(_) => no_keychain(),
            Self::Busy => "Answer the keychain's prompt if one is open, then try again.",
            Self::Unanswered(_) => "Unlock your keychain if it asks, then try again.",
        }
    }

    /// The same for the engine and the faces.
    pub fn for_session(&self, target: &ProfileName) -> RenewalError {
        let code = match self {
            Self::Missing => ErrorCode::DeviceMissing,
            Self::Locked
            | Self::Unavailable(_)
            | Self::Busy
            | Self::Unanswered(_)
            | Self::Unusable(_) => ErrorCode::KeychainUnavailable,
        };
        RenewalError::new(code, self.to_string(), self.remedy(target))
    }

    /// The same as something that a person should know of.
    pub fn finding(&self, target: &ProfileName) -> Finding {
        Finding {
            place: format!("keychain, `{target}`"),
            message: self.to_string(),
            remedy: self.remedy(target),
        }
    }
}

/// What to do where there is no keychain.
fn no_keychain() -> &'static str {
    if cfg!(target_os = "linux") {
        "Start a keyring that provides the Secret Service (GNOME Keyring, KWallet, KeePassXC) in your desktop session."
    } else {
        "Check the keychain of the operating system."
    }
}

impl From<keyring_core::Error> for Error {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what is left speaks of parameters, which are right, and the type may grow"
    )]
    fn from(error: keyring_core::Error) -> Self {
        use keyring_core::Error as Store;
        match error {
            Store::NoEntry => Self::Missing,
            Store::NoStorageAccess(_) => Self::Locked,
            Store::PlatformFailure(cause) => Self::Unavailable(cause.to_string()),
            Store::Ambiguous(items) => Self::Unusable(format!("there are {} of it", items.len())),
            Store::BadEncoding(_) | Store::BadDataFormat(..) => {
                Self::Unusable("it is not text".to_owned())
            }
            other => Self::Unusable(other.to_string()),
        }
    }
}
