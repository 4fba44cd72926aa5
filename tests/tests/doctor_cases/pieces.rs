//! What several cases of SDKs that part have in common.

use crate::case::{File, Told, Variable};

/// A web identity, Identity Center, a console sign-in and a role, ready to be used.
pub(crate) const TOKEN: File = ("token", "never-shown.header.payload", 0o600);
pub(crate) const SIGNED_IN: File = (
    ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
    r#"{"startUrl":"https://corp.awsapps.com/start","region":"us-east-1","accessToken":"never-shown","expiresAt":"{+7200}"}"#,
    0o600,
);
pub(crate) const LOGGED_IN: File = (
    ".aws/login/cache/286187707741fc2ccb93cf9e56dbd0ee0a16208feed5fbc8ae1baa86d44c283f.json",
    r#"{"accessToken":{"accessKeyId":"ASIAEXAMPLE0LOGI","secretAccessKey":"never-shown","sessionToken":"never-shown","accountId":"123456789012","expiresAt":"{+7200}"},"tokenType":"aws_sigv4","clientId":"arn:aws:signin:::devtools/same-device","refreshToken":"never-shown","idToken":"never-shown","dpopKey":"never-shown"}"#,
    0o600,
);

pub(crate) const ID: Variable = ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK");
pub(crate) const SECRET: Variable = ("AWS_SECRET_ACCESS_KEY", "never-shown");
pub(crate) const SESSION_TOKEN: Variable = ("AWS_SESSION_TOKEN", "never-shown");
pub(crate) const TOKEN_FILE: Variable = ("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token");
pub(crate) const ROLE_ARN: Variable = ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/E");
pub(crate) const RELATIVE: Variable = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/role");
pub(crate) const FULL: Variable = (
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "http://127.0.0.1:9/role",
);

/// What is taken, and what is not.
pub(crate) const fn environment_first(who: &'static str, left: &'static str) -> Told {
    Told::warning(
        "environment-goes-first",
        "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
    )
    .parts(who, "AWS_ACCESS_KEY_ID, the key that ends in ENVK", left)
}

/// Likewise.
pub(crate) const fn keys_first(who: &'static str, taken: &'static str, left: &'static str) -> Told {
    Told::warning("keys-go-first", "sandglass connect default").parts(who, taken, left)
}

pub(crate) const fn disagree(what: &'static str) -> Told {
    Told::warning("sdks-disagree", "sandglass doctor --sdk boto3").what(what)
}

pub(crate) const fn stopped(remedy: &'static str, who: &'static str, place: &'static str) -> Told {
    Told::error("chain-stopped", remedy).parts(who, place, "")
}

/// Every SDK.
pub(crate) const ALL: &str = "AWS CLI v1, AWS CLI v2, boto3, AWS SDK for JavaScript, AWS SDK for Rust, AWS SDK for Go, AWS SDK for Java";
/// Those that stand on botocore.
pub(crate) const BOTOCORE: &str = "AWS CLI v1, AWS CLI v2, boto3";
