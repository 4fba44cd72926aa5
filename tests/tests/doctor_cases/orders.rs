//! Where SDKs part: each has an order in which it looks for credentials, and variables of its own that name a profile or
//! keys.

use anyhow::Result;

use crate::case::{ROW, Row, Told};
use crate::check::check;
use crate::pieces::{
    ALL, BOTOCORE, FULL, ID, LOGGED_IN, RELATIVE, ROLE_ARN, SECRET, SESSION_TOKEN, SIGNED_IN,
    TOKEN, TOKEN_FILE, disagree, environment_first, keys_first, stopped,
};

const KEYS: &str =
    "[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = never-shown\n";
const DEV_AND_OTHER: &str = "[dev]\naws_access_key_id = AKIAEXAMPLE0DEVK\naws_secret_access_key = never-shown\n[other]\naws_access_key_id = AKIAEXAMPLE0OTHE\naws_secret_access_key = never-shown\n";
const ROLE: &str = "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n[profile base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = never-shown\n";
const DEV_ROLE: &str = "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n[profile base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = never-shown\n";
const PROCESS: &str = "[default]\ncredential_process = /bin/false\n";
const SSO: &str = "[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n";
const LOGIN: &str = "[default]\nlogin_session = arn:aws:iam::123456789012:user/me\n";
const IDENTITY: &str = "[default]\nrole_arn = arn:aws:iam::123456789012:role/W\nweb_identity_token_file = {home}/token\n";

const ENVIRONMENT: &[Row] = &[
    Row {
        what: "keys in the environment and in the files are what somebody wanted",
        credentials: KEYS,
        variables: &[ID, SECRET],
        ..ROW
    },
    Row {
        what: "keys in the environment before a role",
        config: ROLE,
        variables: &[ID, SECRET],
        told: &[environment_first(ALL, "and not ~/.aws/config")
            .why("they came with this command from doctor_cases")],
        ..ROW
    },
    Row {
        what: "keys in the environment before Identity Center",
        config: SSO,
        files: &[SIGNED_IN],
        variables: &[ID, SECRET],
        told: &[environment_first(ALL, "and not ~/.aws/config")],
        ..ROW
    },
    Row {
        what: "keys in the environment before a process",
        config: PROCESS,
        variables: &[ID, SECRET],
        told: &[environment_first(ALL, "and not ~/.aws/config")],
        ..ROW
    },
    Row {
        what: "keys in the environment before a console sign-in",
        config: LOGIN,
        files: &[LOGGED_IN],
        variables: &[ID, SECRET],
        told: &[environment_first(ALL, "and not ~/.aws/config")],
        ..ROW
    },
    Row {
        what: "keys in the environment before a web identity of the profile",
        config: IDENTITY,
        files: &[TOKEN],
        variables: &[ID, SECRET],
        told: &[environment_first(ALL, "and not ~/.aws/config")],
        ..ROW
    },
    Row {
        what: "keys in the environment before a web identity of the environment",
        files: &[TOKEN],
        variables: &[ID, SECRET, TOKEN_FILE, ROLE_ARN],
        told: &[environment_first(
            ALL,
            "and not AWS_WEB_IDENTITY_TOKEN_FILE",
        )],
        ..ROW
    },
    Row {
        what: "keys in the environment before a container",
        variables: &[ID, SECRET, FULL],
        told: &[environment_first(
            ALL,
            "and not AWS_CONTAINER_CREDENTIALS_FULL_URI",
        )],
        ..ROW
    },
    Row {
        what: "keys of the default profile before a container, in every SDK",
        credentials: KEYS,
        variables: &[FULL],
        told: &[keys_first(
            ALL,
            "~/.aws/credentials:2, the key that ends in CRED",
            "and not AWS_CONTAINER_CREDENTIALS_FULL_URI",
        )],
        ..ROW
    },
    Row {
        what: "a web identity of the environment before keys, but in the SDKs for JavaScript and Rust",
        credentials: KEYS,
        files: &[TOKEN],
        variables: &[TOKEN_FILE, ROLE_ARN],
        told: &[keys_first(
            "AWS SDK for JavaScript, AWS SDK for Rust",
            "~/.aws/credentials:2, the key that ends in CRED",
            "and not AWS_WEB_IDENTITY_TOKEN_FILE",
        )],
        ..ROW
    },
    Row {
        what: "a web identity of the environment and a process",
        config: PROCESS,
        files: &[TOKEN],
        variables: &[TOKEN_FILE, ROLE_ARN],
        told: &[disagree(
            "AWS CLI v1, AWS CLI v2, boto3, AWS SDK for Go, AWS SDK for Java from AWS_WEB_IDENTITY_TOKEN_FILE; AWS SDK for JavaScript, AWS SDK for Rust from ~/.aws/config:2",
        )],
        ..ROW
    },
    Row {
        what: "a web identity of the environment and a role",
        config: ROLE,
        files: &[TOKEN],
        variables: &[TOKEN_FILE, ROLE_ARN],
        told: &[disagree(
            "AWS CLI v1, AWS CLI v2, boto3, AWS SDK for JavaScript, AWS SDK for Rust from ~/.aws/config:2; AWS SDK for Go, AWS SDK for Java from AWS_WEB_IDENTITY_TOKEN_FILE",
        )],
        ..ROW
    },
    Row {
        what: "both addresses of a container: Go takes the full one",
        variables: &[RELATIVE, FULL],
        told: &[disagree(
            "AWS SDK for Go from AWS_CONTAINER_CREDENTIALS_FULL_URI",
        )],
        ..ROW
    },
    Row {
        what: "files of old before a container, in botocore",
        files: &[(
            "old-keys",
            "AWSAccessKeyId=AKIAEXAMPLE0OLDK\nAWSSecretKey=never-shown\n",
            0o600,
        )],
        variables: &[("AWS_CREDENTIAL_FILE", "{home}/old-keys"), FULL],
        told: &[
            Told::warning("keys-go-first", "unset AWS_CREDENTIAL_FILE and BOTO_CONFIG").parts(
                BOTOCORE,
                "~/old-keys, the key that ends in OLDK",
                "",
            ),
        ],
        ..ROW
    },
    Row {
        what: "the configuration of boto before a container, in botocore",
        files: &[(
            ".boto",
            "[Credentials]\naws_access_key_id = AKIAEXAMPLE0BOTO\naws_secret_access_key = never-shown\n",
            0o600,
        )],
        variables: &[FULL],
        told: &[
            Told::warning("keys-go-first", "unset AWS_CREDENTIAL_FILE and BOTO_CONFIG").parts(
                BOTOCORE,
                "~/.boto, the key that ends in BOTO",
                "",
            ),
        ],
        ..ROW
    },
    Row {
        what: "one SDK alone is told of alone",
        config: PROCESS,
        files: &[TOKEN],
        variables: &[TOKEN_FILE, ROLE_ARN],
        sdk: Some("rust"),
        ..ROW
    },
];

#[test]
fn what_goes_first_of_the_environment_and_the_files_is_told() -> Result<()> {
    check(ENVIRONMENT)
}

const NAMES: &[Row] = &[
    Row {
        what: "AWS_PROFILE and keys in the environment: JavaScript takes the profile",
        credentials: DEV_AND_OTHER,
        variables: &[ID, SECRET, ("AWS_PROFILE", "dev")],
        told: &[disagree("AWS CLI v1, AWS CLI v2, boto3, AWS SDK for Rust, AWS SDK for Go, AWS SDK for Java from AWS_ACCESS_KEY_ID; AWS SDK for JavaScript from ~/.aws/credentials:2")],
        ..ROW
    },
    Row {
        what: "AWS_PROFILE with a role and keys in the environment",
        config: DEV_ROLE,
        variables: &[ID, SECRET, ("AWS_PROFILE", "dev")],
        told: &[environment_first("AWS CLI v1, AWS CLI v2, boto3, AWS SDK for Rust, AWS SDK for Go, AWS SDK for Java", "and not ~/.aws/config:2")],
        ..ROW
    },
    Row {
        what: "a profile that is named in the call goes before the environment, but in the SDKs for Rust and Java",
        credentials: DEV_AND_OTHER,
        variables: &[ID, SECRET],
        profile: Some("dev"),
        told: &[Told::warning("sdks-disagree", "sandglass doctor dev --sdk boto3").what("AWS CLI v1, AWS CLI v2, boto3, AWS SDK for JavaScript, AWS SDK for Go from ~/.aws/credentials:2; AWS SDK for Rust, AWS SDK for Java from AWS_ACCESS_KEY_ID")],
        ..ROW
    },
    Row {
        what: "a role that is named in the call, and keys in the environment",
        config: DEV_ROLE,
        variables: &[ID, SECRET],
        profile: Some("dev"),
        told: &[environment_first("AWS SDK for Rust, AWS SDK for Java", "and not ~/.aws/config:2")],
        ..ROW
    },
    Row {
        what: "a profile that is named in the call goes before AWS_PROFILE",
        credentials: DEV_AND_OTHER,
        variables: &[("AWS_PROFILE", "other")],
        profile: Some("dev"),
        ..ROW
    },
    Row {
        what: "both variables that name a profile",
        credentials: DEV_AND_OTHER,
        variables: &[("AWS_PROFILE", "dev"), ("AWS_DEFAULT_PROFILE", "other")],
        told: &[disagree("AWS CLI v1, boto3 from ~/.aws/credentials:5; AWS CLI v2, AWS SDK for JavaScript, AWS SDK for Rust, AWS SDK for Go, AWS SDK for Java from ~/.aws/credentials:2")],
        ..ROW
    },
    Row {
        what: "AWS_DEFAULT_PROFILE alone",
        credentials: "[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = never-shown\n[other]\naws_access_key_id = AKIAEXAMPLE0OTHE\naws_secret_access_key = never-shown\n",
        variables: &[("AWS_DEFAULT_PROFILE", "other")],
        told: &[disagree("AWS CLI v1, AWS CLI v2, boto3, AWS SDK for Go from ~/.aws/credentials:5; AWS SDK for JavaScript, AWS SDK for Rust, AWS SDK for Java from ~/.aws/credentials:2")],
        ..ROW
    },
    Row {
        what: "a profile that is not there",
        credentials: KEYS,
        variables: &[("AWS_PROFILE", "porduction")],
        told: &[stopped("sandglass status", BOTOCORE, "at AWS_PROFILE").why("there is no profile `porduction`, which AWS_PROFILE names")],
        ..ROW
    },
    Row {
        what: "a secret under the name that Rust alone knows",
        credentials: KEYS,
        variables: &[ID, ("SECRET_ACCESS_KEY", "never-shown")],
        told: &[stopped("unset AWS_ACCESS_KEY_ID", BOTOCORE, "at AWS_ACCESS_KEY_ID").why("`AWS_ACCESS_KEY_ID` without `AWS_SECRET_ACCESS_KEY`")],
        ..ROW
    },
    Row {
        what: "the same, to the others alone",
        credentials: KEYS,
        variables: &[ID, ("SECRET_ACCESS_KEY", "never-shown")],
        sdk: Some("rust"),
        ..ROW
    },
    Row {
        what: "two regions in the environment",
        variables: &[("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "cn-north-1")],
        told: &[Told::note("regions-differ", "export AWS_DEFAULT_REGION=eu-west-1").parts(
            "AWS CLI v1, boto3 go by AWS_DEFAULT_REGION cn-north-1",
            "others by AWS_REGION eu-west-1",
            "",
        )],
        ..ROW
    },
    Row {
        what: "one region by both names",
        variables: &[("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "eu-west-1")],
        ..ROW
    },
    Row {
        what: "the legacy token, which is another one",
        variables: &[ID, SECRET, SESSION_TOKEN, ("AWS_SECURITY_TOKEN", "never-shown-old")],
        told: &[Told::warning("security-token-goes-first", "unset AWS_SECURITY_TOKEN").what(BOTOCORE)],
        ..ROW
    },
    Row {
        what: "the legacy token alone",
        variables: &[ID, SECRET, ("AWS_SECURITY_TOKEN", "never-shown-old")],
        told: &[Told::warning(
            "security-token-goes-first",
            "export AWS_SESSION_TOKEN=",
        )],
        ..ROW
    },
    Row {
        what: "the legacy token, which is the same",
        variables: &[ID, SECRET, SESSION_TOKEN, ("AWS_SECURITY_TOKEN", "never-shown")],
        ..ROW
    },
    Row {
        what: "the legacy token, to an SDK that does not know it",
        variables: &[ID, SECRET, SESSION_TOKEN, ("AWS_SECURITY_TOKEN", "never-shown-old")],
        sdk: Some("go"),
        ..ROW
    },
    Row {
        what: "an end beside the keys that is past",
        variables: &[ID, SECRET, SESSION_TOKEN, ("AWS_CREDENTIAL_EXPIRATION", "{-600}")],
        told: &[stopped("unset AWS_ACCESS_KEY_ID", BOTOCORE, "at AWS_ACCESS_KEY_ID").why("AWS_CREDENTIAL_EXPIRATION says that they ended")],
        ..ROW
    },
    Row {
        what: "an end beside the keys that is to come",
        variables: &[ID, SECRET, SESSION_TOKEN, ("AWS_CREDENTIAL_EXPIRATION", "{+7200}")],
        ..ROW
    },
];

#[test]
fn what_each_sdk_makes_of_names_in_the_environment_is_told() -> Result<()> {
    check(NAMES)
}
