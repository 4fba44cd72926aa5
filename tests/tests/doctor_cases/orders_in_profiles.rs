//! Where SDKs part inside of one profile: of two things that could give credentials, each has one that goes first.

use anyhow::Result;

use crate::case::{ROW, Row, Told};
use crate::check::check;
use crate::pieces::{BOTOCORE, LOGGED_IN, SIGNED_IN, TOKEN, disagree, keys_first};

const KEYS: &str =
    "[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = never-shown\n";
const ROWS: &[Row] = &[
    Row {
        what: "keys of the credentials file and a process",
        config: "[default]\ncredential_process = /bin/false\n",
        credentials: KEYS,
        told: &[keys_first(
            "AWS CLI v1, AWS CLI v2, boto3, AWS SDK for JavaScript, AWS SDK for Go",
            "~/.aws/credentials:2, the key that ends in CRED",
            "and not ~/.aws/config:2",
        )
        .why("keys that nobody renews")],
        ..ROW
    },
    Row {
        what: "the same, to the SDK for Rust, which runs the process",
        config: "[default]\ncredential_process = /bin/false\n",
        credentials: KEYS,
        sdk: Some("rust"),
        ..ROW
    },
    Row {
        what: "the same, to the SDK for Java, which runs the process",
        config: "[default]\ncredential_process = /bin/false\n",
        credentials: KEYS,
        sdk: Some("java"),
        ..ROW
    },
    Row {
        what: "the same, in a profile that is named",
        config: "[profile dev]\ncredential_process = /bin/false\n",
        credentials: "[dev]\naws_access_key_id = AKIAEXAMPLE0DEVK\naws_secret_access_key = never-shown\n",
        profile: Some("dev"),
        sdk: Some("boto3"),
        told: &[
            Told::warning("keys-go-first", "sandglass connect dev").parts(
                "boto3",
                "~/.aws/credentials:2, the key that ends in DEVK",
                "",
            ),
        ],
        ..ROW
    },
    Row {
        what: "keys of the config file and a process, which goes first in botocore",
        config: "[default]\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = never-shown\ncredential_process = /bin/false\n",
        told: &[keys_first(
            "AWS SDK for JavaScript, AWS SDK for Go",
            "~/.aws/config:2, the key that ends in CONF",
            "and not ~/.aws/config:4",
        )],
        ..ROW
    },
    Row {
        what: "keys and Identity Center",
        config: "[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n",
        credentials: KEYS,
        files: &[SIGNED_IN],
        told: &[keys_first(
            "AWS SDK for JavaScript, AWS SDK for Go",
            "~/.aws/credentials:2, the key that ends in CRED",
            "and not ~/.aws/config:3",
        )],
        ..ROW
    },
    Row {
        what: "keys and a web identity",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/W\nweb_identity_token_file = {home}/token\n",
        credentials: KEYS,
        files: &[TOKEN],
        told: &[keys_first(
            "AWS SDK for JavaScript, AWS SDK for Go",
            "~/.aws/credentials:2",
            "",
        )],
        ..ROW
    },
    Row {
        what: "keys of the credentials file and a console sign-in",
        config: "[default]\nlogin_session = arn:aws:iam::123456789012:user/me\n",
        credentials: KEYS,
        files: &[LOGGED_IN],
        told: &[keys_first(
            "AWS CLI v1, AWS CLI v2, boto3, AWS SDK for JavaScript, AWS SDK for Go, AWS SDK for Java",
            "~/.aws/credentials:2",
            "",
        )],
        ..ROW
    },
    Row {
        what: "keys of the config file and a console sign-in, which goes first in botocore",
        config: "[default]\nlogin_session = arn:aws:iam::123456789012:user/me\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = never-shown\n",
        files: &[LOGGED_IN],
        told: &[keys_first(
            "AWS SDK for JavaScript, AWS SDK for Go, AWS SDK for Java",
            "~/.aws/config:3, the key that ends in CONF",
            "and not ~/.aws/config:2",
        )],
        ..ROW
    },
    Row {
        what: "keys and a role, which goes first everywhere",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n[profile base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = never-shown\n",
        credentials: KEYS,
        ..ROW
    },
    Row {
        what: "keys of both files: those of the credentials file go first everywhere",
        config: "[default]\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = never-shown\n",
        credentials: KEYS,
        ..ROW
    },
    Row {
        what: "Identity Center and a process, which goes first in the SDK for JavaScript",
        config: "[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev\ncredential_process = /bin/false\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n",
        files: &[SIGNED_IN],
        told: &[disagree(
            "AWS CLI v1, AWS CLI v2, boto3, AWS SDK for Rust, AWS SDK for Go, AWS SDK for Java from ~/.aws/config:3; AWS SDK for JavaScript from ~/.aws/config:5",
        )],
        ..ROW
    },
    Row {
        what: "a console sign-in and a process",
        config: "[default]\nlogin_session = arn:aws:iam::123456789012:user/me\ncredential_process = /bin/false\n",
        files: &[LOGGED_IN],
        told: &[disagree(
            "AWS CLI v1, AWS CLI v2, boto3, AWS SDK for Rust from ~/.aws/config:2; AWS SDK for JavaScript, AWS SDK for Go, AWS SDK for Java from ~/.aws/config:3",
        )],
        ..ROW
    },
    Row {
        what: "a console sign-in and Identity Center, which goes first everywhere",
        config: "[default]\nlogin_session = arn:aws:iam::123456789012:user/me\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n",
        files: &[SIGNED_IN, LOGGED_IN],
        ..ROW
    },
    Row {
        what: "a web identity and Identity Center, which comes second everywhere",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/W\nweb_identity_token_file = {home}/token\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n",
        files: &[TOKEN, SIGNED_IN],
        ..ROW
    },
    Row {
        what: "a role and Identity Center, which goes first in the SDK for Java",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n[profile base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = never-shown\n",
        files: &[SIGNED_IN],
        told: &[disagree(
            "AWS CLI v1, AWS CLI v2, boto3, AWS SDK for JavaScript, AWS SDK for Rust, AWS SDK for Go from ~/.aws/config:2; AWS SDK for Java from ~/.aws/config:5",
        )],
        ..ROW
    },
    Row {
        what: "a role and a process, which comes second everywhere",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\ncredential_process = /bin/false\n[profile base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = never-shown\n",
        ..ROW
    },
    Row {
        what: "a role whose source has keys and a process: the keys go first everywhere there",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n[profile base]\ncredential_process = /bin/false\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = never-shown\n",
        ..ROW
    },
    Row {
        what: "a role with a source and a web identity: JavaScript takes the source",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\nweb_identity_token_file = {home}/token\n[profile base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = never-shown\n",
        files: &[TOKEN],
        told: &[disagree("AWS SDK for JavaScript from ~/.aws/config:2")],
        ..ROW
    },
    Row {
        what: "both spellings of the default profile: the later one in botocore, the prefixed one elsewhere",
        config: "[profile default]\naws_access_key_id = AKIAEXAMPLE0PREF\naws_secret_access_key = never-shown\n[default]\naws_access_key_id = AKIAEXAMPLE0BARE\naws_secret_access_key = never-shown\n",
        told: &[
            disagree(BOTOCORE),
            Told::warning("file", "keep one of the two").what("~/.aws/config:4"),
        ],
        ..ROW
    },
    Row {
        what: "names of settings in capitals, which the SDK for JavaScript does not read",
        credentials: "[default]\nAWS_ACCESS_KEY_ID = AKIAEXAMPLE0UPPR\nAWS_SECRET_ACCESS_KEY = never-shown\ncredential_process = /bin/false\n",
        told: &[Told::warning("keys-go-first", "sandglass connect default")
            .what("AWS CLI v1, AWS CLI v2, boto3, AWS SDK for Go")],
        ..ROW
    },
];

#[test]
fn what_goes_first_inside_of_a_profile_is_told() -> Result<()> {
    check(ROWS)
}
