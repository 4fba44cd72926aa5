//! Where SDKs end with an error before they have credentials, and what is known of a profile that is asked about.

use anyhow::Result;

use crate::case::{ROW, Row, Told};
use crate::check::check;
use crate::pieces::{ALL, BOTOCORE, ROLE_ARN, TOKEN_FILE, stopped};

const ROWS: &[Row] = &[
    Row {
        what: "half of the keys in the credentials file",
        credentials: "[default]\naws_access_key_id = AKIAEXAMPLE0HALF\n",
        told: &[stopped(
            "aws configure --profile default",
            "AWS CLI v1, AWS CLI v2, boto3, AWS SDK for Rust, AWS SDK for Java",
            "at ~/.aws/credentials:2",
        )
        .why("`aws_access_key_id` without `aws_secret_access_key`")],
        ..ROW
    },
    Row {
        what: "a role without a source",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\n",
        told: &[
            stopped("`source_profile`", "", "~/.aws/config:2")
                .why("neither `source_profile` nor `credential_source`"),
            Told::warning("file", "").what("~/.aws/config:2"),
        ],
        ..ROW
    },
    Row {
        what: "a role whose source is not there",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n",
        told: &[
            stopped("`source_profile`", ALL, "").why("there is no profile `base`"),
            Told::warning("file", "").what("starts from profile `base`, which does not exist"),
        ],
        ..ROW
    },
    Row {
        what: "a role from the environment, which holds no keys",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\ncredential_source = Environment\n",
        told: &[stopped("`credential_source`", ALL, "").why("the environment holds no keys")],
        ..ROW
    },
    Row {
        what: "Identity Center, and nobody has signed in",
        config: "[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n",
        told: &[stopped("sandglass login default", ALL, "").why("nobody has signed in")],
        ..ROW
    },
    Row {
        what: "Identity Center, and a sign-in that is over",
        config: "[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n",
        files: &[(
            ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
            r#"{"startUrl":"https://corp.awsapps.com/start","region":"us-east-1","accessToken":"never-shown","expiresAt":"{-600}"}"#,
            0o600,
        )],
        told: &[stopped("sandglass login default", ALL, "")
            .why("the sign-in is over, and cannot renew itself")],
        ..ROW
    },
    Row {
        what: "half of the Identity Center settings",
        config: "[default]\nsso_account_id = 123456789012\n",
        told: &[stopped("`sso_account_id` and `sso_role_name`", ALL, "")
            .why("the Identity Center settings are incomplete")],
        ..ROW
    },
    Row {
        what: "an sso-session that is not there",
        config: "[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev\n",
        told: &[
            stopped("`sso_session` with its section", ALL, "")
                .why("there is no `[sso-session corp]`"),
            Told::warning("file", "").what("names sso-session `corp`, which is not defined"),
        ],
        ..ROW
    },
    Row {
        what: "a web identity of the environment without its file",
        variables: &[TOKEN_FILE, ROLE_ARN],
        told: &[
            stopped("have the identity provider write its token", ALL, "").why("cannot be read"),
        ],
        ..ROW
    },
    Row {
        what: "a web identity of the environment without a role",
        files: &[("token", "never-shown", 0o600)],
        variables: &[TOKEN_FILE],
        told: &[
            stopped("unset AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN", ALL, "")
                .why("`AWS_WEB_IDENTITY_TOKEN_FILE` without `AWS_ROLE_ARN`"),
        ],
        ..ROW
    },
    Row {
        what: "a web identity of the profile without its file",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/W\nweb_identity_token_file = {home}/token\n",
        told: &[
            stopped("have the identity provider write its token", ALL, "").why("cannot be read"),
        ],
        ..ROW
    },
    Row {
        what: "a container whose token has a line break",
        files: &[("token", "never-shown\n", 0o600)],
        variables: &[
            (
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                "http://127.0.0.1:9/role",
            ),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "{home}/token"),
        ],
        told: &[stopped(
            "without a line break",
            "AWS CLI v1, AWS CLI v2, boto3, AWS SDK for Rust, AWS SDK for Go",
            "at AWS_CONTAINER_CREDENTIALS_FULL_URI",
        )
        .why("holds a line break")],
        ..ROW
    },
    Row {
        what: "a profile that is named and not there",
        credentials: "[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = never-shown\n",
        profile: Some("porduction"),
        told: &[stopped("sandglass status", BOTOCORE, "at the program")
            .why("there is no profile `porduction`")],
        ..ROW
    },
];

#[test]
fn what_ends_an_sdk_with_an_error_is_told_with_what_lets_it_go_on() -> Result<()> {
    check(ROWS)
}

const KEYS_OF_A_TOOL: &str = "[saml]\naws_access_key_id = ASIAEXAMPLE0SAML\naws_secret_access_key = never-shown\naws_session_token = never-shown\nx_security_token_expires = {-601}\n";

const ASKED: &[Row] = &[
    Row {
        what: "a session that is over",
        credentials: KEYS_OF_A_TOOL,
        profile: Some("saml"),
        told: &[Told::error("session-over", "saml2aws").what("`saml` ended 10 min ago")],
        ..ROW
    },
    Row {
        what: "the same with the error that it gave, which is told first",
        credentials: KEYS_OF_A_TOOL,
        profile: Some("saml"),
        error: Some(
            "An error occurred (ExpiredToken) when calling the ListBuckets operation: The provided token has expired.",
        ),
        told: &[
            Told::error("expired-token", "saml2aws"),
            Told::error("session-over", "saml2aws"),
        ],
        ..ROW
    },
    Row {
        what: "the only session that is over is the one that an error means",
        credentials: KEYS_OF_A_TOOL,
        error: Some("ExpiredTokenException"),
        told: &[Told::error("expired-token", "saml2aws")],
        ..ROW
    },
    Row {
        what: "an error is told in the words of the profile",
        config: "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n",
        credentials: "[base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = never-shown\n",
        profile: Some("dev"),
        error: Some(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
        told: &[Told::error(
            "duration-above-role-maximum",
            "sandglass doctor dev --duration 1h",
        )],
        ..ROW
    },
];

#[test]
fn what_is_known_of_the_session_goes_into_what_is_told() -> Result<()> {
    check(ASKED)
}
