//! What lies around a profile: containers, the instance, variables, files of boto, and the profile that a program names.

use super::{BOTO, CALL, Call};

pub(super) const ROWS: &[Call] = &[
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
    Call {
        what: "a file that AWS_CREDENTIAL_FILE names in vain, beside a container",
        variables: &[
            ("AWS_CREDENTIAL_FILE", "{home}/none"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{aws}/container"),
        ],
        ..CALL
    },
    Call {
        what: "a file that AWS_CREDENTIAL_FILE names from the home folder",
        variables: &[("AWS_CREDENTIAL_FILE", "~/old-keys")],
        ..CALL
    },
];
