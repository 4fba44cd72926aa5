//! What is wrong with files: everything that `sandglass doctor --repair` puts right, and what a person has to see to.

use anyhow::Result;

use crate::case::{File, ROW, Row, Told};
use crate::check::check;
use crate::pieces::{BOTOCORE, SIGNED_IN, stopped};

const REPAIR: &str = "sandglass doctor --repair";

const fn repair(code: &'static str, what: &'static str) -> Told {
    Told::warning(code, REPAIR).what(what)
}

const fn by_hand(remedy: &'static str, what: &'static str) -> Told {
    Told::warning("file", remedy).what(what)
}

const DEV: &str =
    "[dev]\naws_access_key_id = AKIAEXAMPLE0DEVK\naws_secret_access_key = never-shown\n";
/// What a legacy sign-in leaves, under the SHA-1 of the start URL.
const SIGNED_IN_BY_URL: File = (
    ".aws/sso/cache/a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json",
    r#"{"startUrl":"https://corp.awsapps.com/start","region":"us-east-1","accessToken":"never-shown","expiresAt":"{+7200}"}"#,
    0o600,
);

const REPAIRS: &[Row] = &[
    Row {
        what: "a section that stands twice",
        config: "[profile dev]\nregion = eu-west-1\n\n[profile dev]\noutput = json\n",
        told: &[
            stopped(REPAIR, BOTOCORE, "the files"),
            repair(
                "stands-twice",
                "`[profile dev]` stands at lines 1 and 4 in `~/.aws/config`",
            )
            .why("whatever the profile"),
        ],
        ..ROW
    },
    Row {
        what: "a setting that stands twice",
        credentials: "[dev]\naws_access_key_id = AKIAEXAMPLE0ONE1\naws_access_key_id = AKIAEXAMPLE0TWO2\naws_secret_access_key = never-shown\n",
        told: &[
            stopped(REPAIR, BOTOCORE, "the files"),
            repair(
                "stands-twice",
                "`aws_access_key_id` of `[dev]` stands again at line 3",
            ),
        ],
        ..ROW
    },
    Row {
        what: "the same, to an SDK that joins them",
        credentials: "[dev]\naws_access_key_id = AKIAEXAMPLE0ONE1\naws_access_key_id = AKIAEXAMPLE0TWO2\naws_secret_access_key = never-shown\n",
        sdk: Some("js"),
        told: &[repair("stands-twice", "`[dev]`")],
        ..ROW
    },
    Row {
        what: "a token of which half is there",
        files: &[(
            ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
            r#"{"accessToken":"never-shown"#,
            0o600,
        )],
        told: &[repair(
            "cache-torn",
            "`~/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json` is not complete",
        )],
        ..ROW
    },
    Row {
        what: "credentials of a role of which half is there",
        files: &[(
            ".aws/cli/cache/0dd86f26f91e5b568a1c5be72af8021c65088912.json",
            r#"{"Credentials":{"SecretAccessKey":"never-shown"#,
            0o600,
        )],
        told: &[repair(
            "cache-torn",
            "0dd86f26f91e5b568a1c5be72af8021c65088912.json",
        )],
        ..ROW
    },
    Row {
        what: "keys that others on this machine can read",
        files: &[(".aws/credentials", DEV, 0o644)],
        told: &[repair("mode-loose", "(mode 0644)").why("everybody who has an account here")],
        ..ROW
    },
    Row {
        what: "keys in a config file that the group can write",
        files: &[(
            ".aws/config",
            "[profile dev]\naws_access_key_id = AKIAEXAMPLE0DEVK\naws_secret_access_key = never-shown\n",
            0o660,
        )],
        told: &[repair("mode-loose", "`~/.aws/config` holds secrets")],
        ..ROW
    },
    Row {
        what: "a config file without keys may be read by all",
        files: &[(".aws/config", "[profile dev]\nregion = eu-west-1\n", 0o644)],
        ..ROW
    },
    Row {
        what: "a token that others can read",
        config: "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n",
        files: &[(SIGNED_IN.0, SIGNED_IN.1, 0o604)],
        told: &[repair("mode-loose", "(mode 0604)")],
        ..ROW
    },
    Row {
        what: "profiles that name their portal themselves",
        config: "[profile dev]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = Dev\n[profile ops]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = Ops\n",
        files: &[SIGNED_IN_BY_URL],
        told: &[Told::note("sso-legacy", REPAIR)
            .what("`dev`, `ops` name their portal in the profiles themselves")
            .why("eight hours")],
        ..ROW
    },
    Row {
        what: "an sso-session without the scope that lets it renew itself",
        config: "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n",
        files: &[SIGNED_IN],
        told: &[repair(
            "sso-scope-missing",
            "sso-session `corp` does not ask for `sso:account:access`",
        )
        .why("no refresh token")],
        ..ROW
    },
    Row {
        what: "an sso-session with other scopes alone",
        config: "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\nsso_registration_scopes = codewhisperer:completions\n",
        files: &[SIGNED_IN],
        told: &[repair("sso-scope-missing", "`corp`")],
        ..ROW
    },
    Row {
        what: "one portal in two regions, whose tokens have one file name",
        config: "[profile dev]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = Dev\n[profile ops]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = Ops\n",
        files: &[SIGNED_IN_BY_URL],
        told: &[
            repair(
                "sso-cache-collision",
                "`ops` names `https://corp.awsapps.com/start` with another region",
            )
            .why("each sign-in overwrites the other"),
            repair(
                "sso-cache-collision",
                "`dev` names `https://corp.awsapps.com/start` with another region",
            ),
        ],
        ..ROW
    },
    Row {
        what: "a profile that Sandglass and another tool write",
        credentials: "[base]\naws_access_key_id = AKIAEXAMPLE0BASE\naws_secret_access_key = never-shown\n[mfa]\naws_access_key_id = ASIAEXAMPLE0MFAK\naws_secret_access_key = never-shown\naws_session_token = never-shown\nx_security_token_expires = {+7200}\n",
        files: &[(
            ".config/sandglass/sessions.toml",
            "[mfa.mfa]\nsource = \"base\"\nduration_seconds = 43200\ndevice = \"none\"\n",
            0o600,
        )],
        told: &[repair(
            "two-writers",
            "Sandglass and saml2aws both write profile `mfa`",
        )],
        ..ROW
    },
    Row {
        what: "several at once, the worst first and the notes last",
        config: "[profile dev]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = Dev\n[sso-session other]\nsso_start_url = https://other.awsapps.com/start\nsso_region = us-east-1\n",
        files: &[
            SIGNED_IN_BY_URL,
            (".aws/cli/cache/torn.json", "{", 0o600),
            (".aws/credentials", DEV, 0o640),
        ],
        error: Some("The provided token has expired."),
        told: &[
            Told::error("expired-token", "sandglass renew PROFILE"),
            repair("sso-scope-missing", "`other`"),
            repair("cache-torn", "torn.json"),
            repair("mode-loose", "(mode 0640)"),
            Told::note("sso-legacy", REPAIR),
        ],
        ..ROW
    },
];

#[test]
fn everything_that_can_be_put_right_is_told_with_its_repair() -> Result<()> {
    check(REPAIRS)
}

const BY_HAND: &[Row] = &[
    Row {
        what: "a setting above the first section",
        config: "region = eu-west-1\n[profile dev]\n",
        told: &[
            stopped("mend what is named", BOTOCORE, "the files"),
            by_hand("below the header", "~/.aws/config:1"),
        ],
        ..ROW
    },
    Row {
        what: "a header without its end",
        config: "[profile dev]\nregion = eu-west-1\n[profile ops\noutput = json\n",
        told: &[
            stopped("mend what is named", BOTOCORE, "the files"),
            by_hand("close the header with `]`", "~/.aws/config:3"),
        ],
        ..ROW
    },
    Row {
        what: "a line without a value",
        credentials: "[dev]\nnonsense\n",
        told: &[
            stopped("mend what is named", BOTOCORE, "the files"),
            by_hand("complete the line", "~/.aws/credentials:2"),
        ],
        ..ROW
    },
    Row {
        what: "a profile of the config file without its prefix",
        config: "[dev]\nregion = eu-west-1\n",
        told: &[by_hand(
            "write `[profile NAME]`",
            "~/.aws/config:1: `[dev]` is no profile",
        )],
        ..ROW
    },
    Row {
        what: "a profile of the credentials file with a prefix",
        credentials: "[profile dev]\naws_access_key_id = AKIAEXAMPLE0DEVK\naws_secret_access_key = never-shown\n",
        told: &[by_hand(
            "leave out the word `profile`",
            "~/.aws/credentials:1",
        )],
        ..ROW
    },
    Row {
        what: "settings for every profile, which the SDKs ignore",
        config: "[DEFAULT]\nregion = eu-west-1\n",
        told: &[by_hand("write `[default]`", "`[DEFAULT]` is no profile")],
        ..ROW
    },
    Row {
        what: "a colon, which only botocore reads",
        credentials: "[dev]\naws_access_key_id : AKIAEXAMPLE0COLO\naws_secret_access_key = never-shown\n",
        told: &[
            stopped(
                "mend what is named",
                "AWS SDK for Rust, AWS SDK for Go, AWS SDK for Java",
                "the files",
            ),
            by_hand("write `=` instead", "~/.aws/credentials:2"),
        ],
        ..ROW
    },
    Row {
        what: "a comment behind a value, which botocore takes for a part of it",
        config: "[profile dev]\nregion = eu-west-1 # home\n",
        told: &[by_hand("a line of its own", "~/.aws/config:2")],
        ..ROW
    },
    Row {
        what: "a byte order mark",
        config: "\u{feff}[profile dev]\nregion = eu-west-1\n",
        told: &[
            stopped("mend what is named", BOTOCORE, "the files"),
            by_hand("without a byte order mark", "~/.aws/config:1"),
        ],
        ..ROW
    },
    Row {
        what: "a role without what it starts from",
        config: "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/R\n",
        told: &[by_hand(
            "",
            "profile `dev` has `role_arn` without `source_profile` or `credential_source`",
        )],
        ..ROW
    },
    Row {
        what: "an sso-session that is not defined",
        config: "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev\n",
        told: &[by_hand(
            "",
            "profile `dev` names sso-session `corp`, which is not defined",
        )],
        ..ROW
    },
    Row {
        what: "a definition that is none",
        files: &[(
            ".config/sandglass/sessions.toml",
            "[mfa.mfa]\nsource = 4\n",
            0o600,
        )],
        told: &[by_hand("", "~/.config/sandglass/sessions.toml")],
        ..ROW
    },
];

#[test]
fn what_a_person_has_to_see_to_in_a_file_is_told_with_its_line() -> Result<()> {
    check(BY_HAND)
}
