//! Files and environments in which SDKs part, and call AWS, a container's endpoint or the metadata service.

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

/// In order: what stands beside a role; web identities; Identity Center; containers and instances; profiles that are named.
pub(crate) const CALLS: &[Call] = &[
    Call {
        what: "role alone",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n",
        credentials: "[base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = s\n",
        ..CALL
    },
    Call {
        what: "role beside keys",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n",
        credentials: "[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n[base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = s\n",
        ..CALL
    },
    Call {
        what: "role beside a process",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\ncredential_process = /bin/echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS0PROC\",\"SecretAccessKey\":\"x\"}'\n",
        credentials: "[base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = s\n",
        ..CALL
    },
    Call {
        what: "role beside web identity token",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\nweb_identity_token_file = {home}/token\n",
        credentials: "[base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = s\n",
        ..CALL
    },
    Call {
        what: "role whose source is a role",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R2\nsource_profile = mid\n[profile mid]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n",
        credentials: "[base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = s\n",
        ..CALL
    },
    Call {
        what: "role that names itself",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = default\n",
        credentials: "[default]\naws_access_key_id = AKIAEXAMPLE0SELF\naws_secret_access_key = s\n",
        ..CALL
    },
    Call {
        what: "role without its source",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n",
        ..CALL
    },
    Call {
        what: "role whose source has no credentials",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n[profile base]\nregion = us-east-1\n",
        ..CALL
    },
    Call {
        what: "role whose source has keys and a process",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n[profile base]\ncredential_process = /bin/echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS0PROC\",\"SecretAccessKey\":\"x\"}'\n",
        credentials: "[base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = s\n",
        ..CALL
    },
    Call {
        what: "role from the environment, and its keys",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\ncredential_source = Environment\n",
        variables: &[
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
        ],
        ..CALL
    },
    Call {
        what: "role from the environment in a named profile",
        config: "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/R\ncredential_source = Environment\n",
        variables: &[
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("AWS_PROFILE", "dev"),
        ],
        ..CALL
    },
    Call {
        what: "role from an unknown credential source",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\ncredential_source = Elsewhere\n",
        ..CALL
    },
    Call {
        what: "role from a container",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\ncredential_source = EcsContainer\n",
        variables: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{aws}/container")],
        ..CALL
    },
    Call {
        what: "role and keys in the environment",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n",
        credentials: "[base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = s\n",
        variables: &[
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
        ],
        ..CALL
    },
    Call {
        what: "role in AWS_PROFILE and keys in the environment",
        config: "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n",
        credentials: "[base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = s\n",
        variables: &[
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("AWS_PROFILE", "dev"),
        ],
        ..CALL
    },
    Call {
        what: "role in the credentials file",
        credentials: "[base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = s\n[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n",
        ..CALL
    },
    Call {
        what: "web identity alone",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/W\nweb_identity_token_file = {home}/token\n",
        ..CALL
    },
    Call {
        what: "web identity beside keys",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/W\nweb_identity_token_file = {home}/token\n",
        credentials: "[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n",
        ..CALL
    },
    Call {
        what: "web identity beside a process",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/W\nweb_identity_token_file = {home}/token\ncredential_process = /bin/echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS0PROC\",\"SecretAccessKey\":\"x\"}'\n",
        ..CALL
    },
    Call {
        what: "web identity in the environment",
        variables: &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token"),
            ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/E"),
        ],
        ..CALL
    },
    Call {
        what: "web identity in the environment beside default keys",
        credentials: "[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n",
        variables: &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token"),
            ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/E"),
        ],
        ..CALL
    },
    Call {
        what: "web identity in the environment beside a role",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n",
        credentials: "[base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = s\n",
        variables: &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token"),
            ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/E"),
        ],
        ..CALL
    },
    Call {
        what: "web identity in the environment beside a process",
        config: "[default]\ncredential_process = /bin/echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS0PROC\",\"SecretAccessKey\":\"x\"}'\n",
        variables: &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token"),
            ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/E"),
        ],
        ..CALL
    },
    Call {
        what: "web identity in the environment without its role",
        credentials: "[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n",
        variables: &[("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token")],
        ..CALL
    },
    Call {
        what: "web identity in the environment without its role and nothing else",
        variables: &[("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token")],
        ..CALL
    },
    Call {
        what: "web identity in the environment and keys",
        variables: &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token"),
            ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/E"),
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
        ],
        ..CALL
    },
    Call {
        what: "web identity in the environment and a container",
        variables: &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token"),
            ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/E"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{aws}/container"),
        ],
        ..CALL
    },
    Call {
        what: "web identity whose token is not there",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/W\nweb_identity_token_file = {home}/none\n",
        ..CALL
    },
    Call {
        what: "Identity Center alone",
        config: "[default]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = Dev\n[sso-session s]\nsso_start_url = https://a.example/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n",
        ..CALL
    },
    Call {
        what: "Identity Center beside keys",
        config: "[default]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = Dev\n[sso-session s]\nsso_start_url = https://a.example/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n",
        credentials: "[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n",
        ..CALL
    },
    Call {
        what: "Identity Center beside keys of the config file",
        config: "[default]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = Dev\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = s\n[sso-session s]\nsso_start_url = https://a.example/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n",
        ..CALL
    },
    Call {
        what: "Identity Center beside a process",
        config: "[default]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = Dev\ncredential_process = /bin/echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS0PROC\",\"SecretAccessKey\":\"x\"}'\n[sso-session s]\nsso_start_url = https://a.example/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n",
        ..CALL
    },
    Call {
        what: "Identity Center beside a role",
        config: "[default]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = Dev\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n[sso-session s]\nsso_start_url = https://a.example/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n",
        credentials: "[base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = s\n",
        ..CALL
    },
    Call {
        what: "Identity Center of old",
        config: "[default]\nsso_start_url = https://a.example/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = Dev\n",
        ..CALL
    },
    Call {
        what: "Identity Center of old beside keys",
        config: "[default]\nsso_start_url = https://a.example/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = Dev\n",
        credentials: "[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n",
        ..CALL
    },
    Call {
        what: "Identity Center without its sso-session",
        config: "[default]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = Dev\n",
        ..CALL
    },
    Call {
        what: "Identity Center of another sso-session without a sign-in",
        config: "[default]\nsso_session = t\nsso_account_id = 123456789012\nsso_role_name = Dev\n[sso-session t]\nsso_start_url = https://a.example/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n",
        ..CALL
    },
    Call {
        what: "container alone",
        variables: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{aws}/container")],
        ..CALL
    },
    Call {
        what: "container beside keys of the profile",
        credentials: "[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n",
        variables: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{aws}/container")],
        ..CALL
    },
    Call {
        what: "container beside keys of the environment",
        variables: &[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{aws}/container"),
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
        ],
        ..CALL
    },
    Call {
        what: "container beside a profile without credentials",
        config: "[default]\nregion = us-east-1\n",
        variables: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{aws}/container")],
        ..CALL
    },
    Call {
        what: "container with a token file",
        variables: &[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{aws}/container"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "{home}/token"),
        ],
        ..CALL
    },
    Call {
        what: "container whose token file is not there",
        variables: &[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{aws}/container"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "{home}/none"),
        ],
        // The AWS CLI of Debian 12 knows no token file.
        without: &["cli"],
        ..CALL
    },
    Call {
        what: "container whose token file ends with a line break",
        variables: &[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{aws}/container"),
            (
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                "{home}/token-line",
            ),
        ],
        // The AWS CLI of Debian 12 knows no token file.
        without: &["cli"],
        ..CALL
    },
    Call {
        what: "container whose token file ends with a line break of DOS",
        variables: &[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{aws}/container"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "{home}/token-dos"),
        ],
        // The AWS CLI of Debian 12 knows no token file.
        without: &["cli"],
        ..CALL
    },
    Call {
        what: "instance alone",
        variables: &[
            ("AWS_EC2_METADATA_DISABLED", "false"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{aws}/"),
        ],
        ..CALL
    },
    Call {
        what: "instance beside a container",
        variables: &[
            ("AWS_EC2_METADATA_DISABLED", "false"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{aws}/"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{aws}/container"),
        ],
        ..CALL
    },
    Call {
        what: "instance beside keys of the profile",
        credentials: "[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n",
        variables: &[
            ("AWS_EC2_METADATA_DISABLED", "false"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{aws}/"),
        ],
        ..CALL
    },
    Call {
        what: "instance that is switched off",
        variables: &[
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{aws}/"),
        ],
        ..CALL
    },
    Call {
        what: "instance that is switched off in another word",
        variables: &[
            ("AWS_EC2_METADATA_DISABLED", "1"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{aws}/"),
        ],
        ..CALL
    },
    Call {
        what: "keys of the environment that say when they ended",
        variables: &[
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z"),
        ],
        ..CALL
    },
    Call {
        what: "keys of the environment that say when they will end",
        variables: &[
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("AWS_CREDENTIAL_EXPIRATION", "2090-01-01T00:00:00Z"),
        ],
        ..CALL
    },
    Call {
        what: "keys of the environment that ended beside default keys",
        credentials: "[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n",
        variables: &[
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z"),
        ],
        ..CALL
    },
    Call {
        what: "keys in a file of boto",
        variables: &[("BOTO_CONFIG", "{home}/boto")],
        ..CALL
    },
    Call {
        what: "keys in ~/.boto",
        more: &[(".boto", BOTO)],
        ..CALL
    },
    Call {
        what: "keys in a file of boto beside a container",
        variables: &[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{aws}/container"),
            ("BOTO_CONFIG", "{home}/boto"),
        ],
        ..CALL
    },
    Call {
        what: "keys in AWS_CREDENTIAL_FILE",
        variables: &[("AWS_CREDENTIAL_FILE", "{home}/old-keys")],
        ..CALL
    },
    Call {
        what: "keys in AWS_CREDENTIAL_FILE beside boto",
        variables: &[
            ("AWS_CREDENTIAL_FILE", "{home}/old-keys"),
            ("BOTO_CONFIG", "{home}/boto"),
        ],
        ..CALL
    },
    Call {
        what: "profile that the program names, and keys of the environment",
        credentials: "[dev]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n",
        variables: &[
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
        ],
        named: Some("dev"),
        ..CALL
    },
    Call {
        what: "profile that the program names, and AWS_PROFILE",
        credentials: "[dev]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n[other]\naws_access_key_id = AKIAEXAMPLE0OTHE\naws_secret_access_key = s\n",
        variables: &[("AWS_PROFILE", "other")],
        named: Some("dev"),
        ..CALL
    },
    Call {
        what: "profile that the program names, and a web identity of the environment",
        credentials: "[dev]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n",
        variables: &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token"),
            ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/E"),
        ],
        named: Some("dev"),
        ..CALL
    },
    Call {
        what: "profile that the program names and that is not there",
        credentials: "[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n",
        named: Some("dev"),
        ..CALL
    },
    Call {
        what: "profile that the program names with a role",
        config: "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n",
        credentials: "[base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = s\n",
        variables: &[
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
        ],
        named: Some("dev"),
        ..CALL
    },
    Call {
        what: "profile that the program names without credentials, and a container",
        config: "[profile dev]\nregion = us-east-1\n",
        variables: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{aws}/container")],
        named: Some("dev"),
        ..CALL
    },
    // The AWS CLI of Debian 12 is older than `aws login`, version 1 wants `botocore[crt]` for it, and the SDK for Rust was
    // not built with it.
    Call {
        what: "console sign-in beside a process",
        config: "[default]\nlogin_session = arn:aws:iam::123456789012:user/me\ncredential_process = /bin/echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS0PROC\",\"SecretAccessKey\":\"x\"}'\n",
        more: &[SIGNED_IN],
        without: &["cli", "cli1", "rust"],
        ..CALL
    },
];
