//! Files and environments in which SDKs part, and call AWS, a container's endpoint or the metadata service.

mod profiles;
mod surroundings;

/// A row in which something is called, at an address that stands for `{aws}`.
pub(crate) struct Call {
    pub(crate) what: &'static str,
    pub(crate) config: &'static str,
    pub(crate) credentials: &'static str,
    pub(crate) variables: &'static [(&'static str, &'static str)],
    /// More files, below the home folder.
    pub(crate) more: &'static [(&'static str, &'static str)],
    /// The profile that the program names itself.
    pub(crate) named: Option<&'static str>,
    /// Clients that are not asked, with the reason beside the row.
    pub(crate) without: &'static [&'static str],
}

const CALL: Call = Call {
    what: "",
    config: "",
    credentials: "",
    variables: &[],
    more: &[],
    named: None,
    without: &[],
};

/// As boto, the one before boto3, has it.
pub(crate) const BOTO: &str =
    "[Credentials]\naws_access_key_id = AKIAEXAMPLE0BOTO\naws_secret_access_key = s\n";

/// What `aws login` leaves, under the SHA-256 of the `login_session` below.
const SIGNED_IN: (&str, &str) = (
    ".aws/login/cache/286187707741fc2ccb93cf9e56dbd0ee0a16208feed5fbc8ae1baa86d44c283f.json",
    r#"{"accessToken":{"accessKeyId":"ASIAEXAMPLE0LOGI","secretAccessKey":"s","sessionToken":"t","accountId":"123456789012","expiresAt":"2099-01-01T00:00:00Z"},"tokenType":"aws_sigv4","clientId":"arn:aws:signin:::devtools/same-device","refreshToken":"r","idToken":"i","dpopKey":"k"}"#,
);

/// Credentials of the role that version 2 of the AWS CLI keeps, under the SHA-1 of account, role and sso-session.
const KEPT_BY_CLI: (&str, &str) = (
    ".aws/cli/cache/34aadc9b5e39dd295354a9c5e5f012f331b4f7a9.json",
    r#"{"ProviderType":"sso","Credentials":{"AccessKeyId":"ASIAEXAMPLE0SSOR","SecretAccessKey":"s","SessionToken":"t","Expiration":"2099-01-01T00:00:00Z"}}"#,
);

/// Every row in which something is called.
pub(crate) fn calls() -> impl Iterator<Item = &'static Call> {
    profiles::ROWS.iter().chain(surroundings::ROWS)
}
