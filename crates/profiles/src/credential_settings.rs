//! The settings of a profile from which clients take credentials, or how they come to them.

use crate::config::Profile;
use crate::ends::{END_KEYS, LOCAL_TIME_MARK};
use crate::section::AwsFile;

/// Settings without secrets, under their AWS names (AWS SDKs and Tools Reference Guide, shared config and credentials
/// files).
pub const PLAIN: [&str; 15] = [
    "role_arn",
    "source_profile",
    "credential_source",
    "mfa_serial",
    "external_id",
    "role_session_name",
    "duration_seconds",
    "web_identity_token_file",
    "credential_process",
    "sso_session",
    "sso_account_id",
    "sso_role_name",
    "sso_start_url",
    "sso_region",
    "login_session",
];

/// The keys themselves. botocore reads the token under its old name too.
pub const KEYS: [&str; 4] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
];

/// All of them, with what other tools keep beside the keys that they write.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    PLAIN
        .into_iter()
        .chain(KEYS)
        .chain(END_KEYS)
        .chain([LOCAL_TIME_MARK])
}

/// Whether a client could take credentials from what this file says of the profile.
pub(crate) fn are_in(profile: &Profile, file: AwsFile) -> bool {
    PLAIN
        .into_iter()
        .chain(KEYS)
        .any(|key| profile.setting_in(file, key).is_some())
}

/// Whether the value of this setting must not be seen. An access key id is no secret.
pub(crate) fn is_secret(key: &str) -> bool {
    KEYS.contains(&key) && key != crate::connected::KEY_ID
}
