//! `[role.TARGET]`

use jiff::SignedDuration;
use sandglass_core::names::{MfaSerial, ProfileName};
use toml_edit::TableLike;

use super::Fault;
use super::limits::{self, DURATION, EXTERNAL_ID, LONGEST_ROLE, MFA_SERIAL, SESSION_NAME, SOURCE};

/// `sts:AssumeRole`, with its keys written into a profile of the credentials file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleSession {
    /// The profile of the credentials file that gets the keys.
    pub target: ProfileName,
    /// The role.
    pub role_arn: String,
    /// The profile whose credentials make the call.
    pub source: ProfileName,
    /// The device, where the role wants a code.
    pub mfa_serial: Option<MfaSerial>,
    /// What the owner of the role agreed with its user.
    pub external_id: Option<String>,
    /// How the session is called in the logs of AWS.
    pub session_name: Option<String>,
    /// Asked lifetime; AWS's default where absent.
    pub duration: Option<SignedDuration>,
}

const ROLE_ARN: &str = "role_arn";

impl RoleSession {
    pub(super) fn check(&self) -> Result<(), Fault> {
        if !limits::is_iam_arn(&self.role_arn, "role/") {
            return Err(Fault::new(
                format!("`{ROLE_ARN}` is not the ARN of a role: `{}`", self.role_arn),
                "write it as `arn:aws:iam::123456789012:role/NAME`",
            ));
        }
        for (limit, value) in [
            (MFA_SERIAL, self.mfa_serial.as_ref().map(MfaSerial::as_str)),
            (EXTERNAL_ID, self.external_id.as_deref()),
            (SESSION_NAME, self.session_name.as_deref()),
        ] {
            value.map_or(Ok(()), |value| limit.check(value))?;
        }
        self.duration
            .map_or(Ok(()), |asked| limits::duration(asked, LONGEST_ROLE))
    }

    pub(super) fn parse(target: &str, table: &dyn TableLike) -> Result<Self, Fault> {
        let of = format!("role `{target}`");
        Ok(Self {
            target: ProfileName::new(target),
            role_arn: limits::needed_text(
                table,
                ROLE_ARN,
                &of,
                "write `role_arn = \"arn:aws:iam::123456789012:role/NAME\"`",
            )?,
            source: ProfileName::new(limits::needed_text(
                table,
                SOURCE,
                &of,
                "name the profile whose credentials assume the role: `source = \"PROFILE\"`",
            )?),
            mfa_serial: limits::text(table, MFA_SERIAL.key)?.map(MfaSerial::new),
            external_id: limits::text(table, EXTERNAL_ID.key)?,
            session_name: limits::text(table, SESSION_NAME.key)?,
            duration: limits::seconds(table)?,
        })
    }

    pub(super) fn write(&self, table: &mut dyn TableLike) {
        let serial = self.mfa_serial.as_ref().map(MfaSerial::as_str);
        for (key, value) in [
            (ROLE_ARN, Some(self.role_arn.as_str())),
            (SOURCE, Some(self.source.as_str())),
            (MFA_SERIAL.key, serial),
            (EXTERNAL_ID.key, self.external_id.as_deref()),
            (SESSION_NAME.key, self.session_name.as_deref()),
        ] {
            limits::put(table, key, value.map(Into::into));
        }
        let seconds = self.duration.map(|duration| duration.as_secs());
        limits::put(table, DURATION, seconds.map(Into::into));
    }
}
