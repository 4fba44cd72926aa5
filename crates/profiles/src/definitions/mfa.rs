//! `[mfa.TARGET]`

use jiff::SignedDuration;
use sandglass_core::lifetimes::{LONGEST, SESSION_TOKEN};
use sandglass_core::names::ProfileName;
use toml_edit::TableLike;

use super::Fault;
use super::limits::{self, DURATION, SOURCE};

/// `sts:GetSessionToken`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MfaSession {
    /// The profile of the credentials file that gets the keys.
    pub target: ProfileName,
    /// The profile whose long-lived keys make the call.
    pub source: ProfileName,
    /// Whether a code is asked for.
    pub device: Device,
    /// Asked lifetime.
    pub duration: SignedDuration,
}

/// Where the code of an MFA session comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// From the device whose ARN lies in the keychain.
    InKeychain,
    /// `device = "none"`: AWS gives the session without a code.
    None,
}

const DEVICE: &str = "device";
const NO_DEVICE: &str = "none";

impl MfaSession {
    pub(super) fn check(&self) -> Result<(), Fault> {
        limits::duration(self.duration, LONGEST)
    }

    pub(super) fn parse(target: &str, table: &dyn TableLike) -> Result<Self, Fault> {
        let source = limits::needed_text(
            table,
            SOURCE,
            &format!("MFA session `{target}`"),
            "name the profile that holds the long-lived keys: `source = \"PROFILE\"`",
        )?;
        let device = match limits::text(table, DEVICE)?.as_deref() {
            None => Device::InKeychain,
            Some(NO_DEVICE) => Device::None,
            Some(other) => {
                return Err(Fault::new(
                    format!("`{DEVICE}` is `{other}`, which means nothing"),
                    "write `device = \"none\"` where AWS wants no code, or remove the line and name the device with \
                     `sandglass mfa add`",
                ));
            }
        };
        Ok(Self {
            target: ProfileName::new(target),
            source: ProfileName::new(source),
            device,
            duration: limits::seconds(table)?.unwrap_or(SESSION_TOKEN),
        })
    }

    pub(super) fn write(&self, table: &mut dyn TableLike) {
        let device = match self.device {
            Device::InKeychain => None,
            Device::None => Some(NO_DEVICE.into()),
        };
        limits::put(table, SOURCE, Some(self.source.as_str().into()));
        limits::put(table, DURATION, Some(self.duration.as_secs().into()));
        limits::put(table, DEVICE, device);
    }
}
