//! What a profile names: roles, web identity, Identity Center, the console sign-in.

use super::{CALL, Call, KEPT_BY_CLI, SIGNED_IN};

pub(super) const ROWS: &[Call] = &[
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
        what: "Identity Center without a sign-in, and credentials in the cache of the AWS CLI",
        config: "[default]\nsso_session = t\nsso_account_id = 123456789012\nsso_role_name = Dev\n[sso-session t]\nsso_start_url = https://a.example/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n",
        more: &[KEPT_BY_CLI],
        ..CALL
    },
    Call {
        what: "roles that go round in a circle",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/A\nsource_profile = b\n[profile b]\nrole_arn = arn:aws:iam::123456789012:role/B\nsource_profile = default\n",
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
