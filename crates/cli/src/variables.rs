//! The environment variables from which the AWS SDKs take credentials (AWS SDKs and Tools Reference Guide, environment
//! variables).

use sandglass_core::secret::Secret;
use sandglass_protocol::message::Handover;
use zeroize::Zeroizing;

use crate::handover::whole_seconds;

/// All that would go before, or beside, what a program is given.
pub(crate) const CREDENTIALS: [&str; 15] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    // botocore reads it before the one above.
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ACCOUNT_ID",
    // The JavaScript SDK takes the profile, and not the keys, where both are set.
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
];

/// The variables that hold the credentials, in the order in which people expect them. The region is one of them where the
/// profile has one, since the profile itself is not named any more.
pub(crate) fn of(handover: &Handover) -> Vec<(&'static str, Zeroizing<String>)> {
    let credentials = &handover.credentials;
    let text = |text: &str| Zeroizing::new(text.to_owned());
    let mut variables = vec![
        ("AWS_ACCESS_KEY_ID", text(&credentials.access_key_id)),
        (
            "AWS_SECRET_ACCESS_KEY",
            text(credentials.secret_access_key.expose()),
        ),
    ];
    let token = credentials.session_token.as_ref().map(Secret::expose);
    variables.extend(token.map(|token| ("AWS_SESSION_TOKEN", text(token))));
    let end = credentials.expires_at.map(whole_seconds);
    variables.extend(end.map(|end| ("AWS_CREDENTIAL_EXPIRATION", Zeroizing::new(end))));
    if let Some(region) = &handover.region {
        variables.push(("AWS_REGION", text(region)));
        variables.push(("AWS_DEFAULT_REGION", text(region)));
    }
    variables
}
