//! Which credentials each client takes: what was seen of the AWS CLI 1.46 and 2.9, boto3 1.44, the SDK for JavaScript 3 and
//! the SDK for Rust on the same files and variables; Go and Java are by their documentation and sources.

use sandglass_core::doctor::chain::{Chain, Giver, Sdk, Verdict};
use sandglass_profiles::chains::{Surroundings, chain};

use crate::Home;

/// Files, variables, and who wins for each of [`Sdk::ALL`]: the last four characters of the key, what gives it, `-` for
/// nobody, `!` for an error.
struct Row {
    what: &'static str,
    config: &'static [u8],
    credentials: &'static [u8],
    variables: &'static [(&'static str, &'static str)],
    winners: &'static str,
}

const ROWS: &[Row] = &[
    Row { what: "env over default", config: b"", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", variables: &[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"), ("AWS_SECRET_ACCESS_KEY", "s")], winners: "ENVK ENVK ENVK ENVK ENVK ENVK ENVK" },
    Row { what: "env and AWS_PROFILE", config: b"", credentials: b"[dev]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", variables: &[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_PROFILE", "dev")], winners: "ENVK ENVK ENVK CRED ENVK ENVK ENVK" },
    Row { what: "creds over config", config: b"[default]\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = s\n", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", variables: &[], winners: "CRED CRED CRED CRED CRED CRED CRED" },
    Row { what: "keys + process", config: b"[default]\ncredential_process = /bin/echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS0PROC\",\"SecretAccessKey\":\"x\"}'\n", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", variables: &[], winners: "CRED CRED CRED CRED process CRED process" },
    Row { what: "config keys + process", config: b"[default]\ncredential_process = /bin/echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS0PROC\",\"SecretAccessKey\":\"x\"}'\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = s\n", credentials: b"", variables: &[], winners: "process process process CONF process CONF process" },
    Row { what: "process in credentials", config: b"", credentials: b"[default]\ncredential_process = /bin/echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS0PROC\",\"SecretAccessKey\":\"x\"}'\n", variables: &[], winners: "process process process process process process process" },
    Row { what: "default profile order", config: b"", credentials: b"[a]\naws_access_key_id = AKIAEXAMPLE0AAAA\naws_secret_access_key = s\n[b]\naws_access_key_id = AKIAEXAMPLE0BBBB\naws_secret_access_key = s\n", variables: &[("AWS_PROFILE", "a"), ("AWS_DEFAULT_PROFILE", "b")], winners: "BBBB AAAA BBBB AAAA AAAA AAAA AAAA" },
    Row { what: "AWS_DEFAULT_PROFILE only", config: b"", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0DEFA\naws_secret_access_key = s\n[b]\naws_access_key_id = AKIAEXAMPLE0BBBB\naws_secret_access_key = s\n", variables: &[("AWS_DEFAULT_PROFILE", "b")], winners: "BBBB BBBB BBBB DEFA DEFA BBBB DEFA" },
    Row { what: "missing profile", config: b"", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0DEFA\naws_secret_access_key = s\n", variables: &[("AWS_PROFILE", "nope")], winners: "! ! ! - - - -" },
    Row { what: "missing profile, env keys", config: b"", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0DEFA\naws_secret_access_key = s\n", variables: &[("AWS_PROFILE", "nope"), ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"), ("AWS_SECRET_ACCESS_KEY", "s")], winners: "! ! ! - ENVK ENVK ENVK" },
    Row { what: "profile default last", config: b"[default]\naws_access_key_id = AKIAEXAMPLE0BARE\naws_secret_access_key = s\n[profile default]\naws_access_key_id = AKIAEXAMPLE0PREF\naws_secret_access_key = s\n", credentials: b"", variables: &[], winners: "PREF PREF PREF PREF PREF PREF PREF" },
    Row { what: "profile default first", config: b"[profile default]\naws_access_key_id = AKIAEXAMPLE0PREF\naws_secret_access_key = s\n[default]\naws_access_key_id = AKIAEXAMPLE0BARE\naws_secret_access_key = s\n", credentials: b"", variables: &[], winners: "BARE BARE BARE PREF PREF PREF PREF" },
    Row { what: "duplicate section", config: b"", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0ONE1\naws_secret_access_key = s\n[default]\naws_access_key_id = AKIAEXAMPLE0TWO2\naws_secret_access_key = s\n", variables: &[], winners: "! ! ! TWO2 TWO2 TWO2 TWO2" },
    Row { what: "duplicate section, env", config: b"", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0ONE1\naws_secret_access_key = s\n[default]\naws_access_key_id = AKIAEXAMPLE0TWO2\naws_secret_access_key = s\n", variables: &[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"), ("AWS_SECRET_ACCESS_KEY", "s")], winners: "! ! ! ENVK ENVK ENVK ENVK" },
    Row { what: "duplicate key", config: b"", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0ONE1\naws_access_key_id = AKIAEXAMPLE0TWO2\naws_secret_access_key = s\n", variables: &[], winners: "! ! ! TWO2 TWO2 TWO2 TWO2" },
    Row { what: "upper-case keys", config: b"", credentials: b"[default]\nAWS_ACCESS_KEY_ID = AKIAEXAMPLE0UPPR\nAWS_SECRET_ACCESS_KEY = s\n", variables: &[], winners: "UPPR UPPR UPPR - UPPR UPPR UPPR" },
    Row { what: "colon", config: b"", credentials: b"[default]\naws_access_key_id : AKIAEXAMPLE0COLO\naws_secret_access_key : s\n", variables: &[], winners: "COLO COLO COLO - ! ! !" },
    Row { what: "inline comment", config: b"", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0COMM # mine\naws_secret_access_key = s\n", variables: &[], winners: "mine mine mine COMM COMM COMM COMM" },
    Row { what: "quoted profile name", config: b"[profile 'my dev']\naws_access_key_id = AKIAEXAMPLE0QUOT\naws_secret_access_key = s\n", credentials: b"", variables: &[("AWS_PROFILE", "my dev")], winners: "QUOT QUOT QUOT - - - -" },
    Row { what: "name with space in creds", config: b"", credentials: b"[my dev]\naws_access_key_id = AKIAEXAMPLE0SPAC\naws_secret_access_key = s\n", variables: &[("AWS_PROFILE", "my dev")], winners: "SPAC SPAC SPAC - - - -" },
    Row { what: "unprefixed in config", config: b"[dev]\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = s\n", credentials: b"", variables: &[("AWS_PROFILE", "dev")], winners: "! ! ! - - - -" },
    Row { what: "prefixed in creds", config: b"", credentials: b"[profile dev]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", variables: &[("AWS_PROFILE", "dev")], winners: "! ! ! - - - -" },
    Row { what: "setting above sections", config: b"x = 1\n[default]\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = s\n", credentials: b"", variables: &[], winners: "! ! ! CONF ! ! !" },
    Row { what: "unclosed header", config: b"[default]\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = s\n[broken\n", credentials: b"", variables: &[], winners: "! ! ! CONF ! ! !" },
    Row { what: "no equals", config: b"[default]\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = s\nnonsense\n", credentials: b"", variables: &[], winners: "! ! ! CONF ! ! !" },
    Row { what: "id without secret in creds", config: b"", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0HALF\n", variables: &[], winners: "! ! ! - ! - !" },
    Row { what: "env id without secret", config: b"", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", variables: &[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0HALF")], winners: "! ! ! CRED CRED CRED CRED" },
    Row { what: "id in creds, secret in config", config: b"[default]\naws_secret_access_key = s\n", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0SPLT\n", variables: &[], winners: "! ! ! SPLT SPLT SPLT SPLT" },
    Row { what: "rust fallback secret", config: b"", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", variables: &[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"), ("SECRET_ACCESS_KEY", "s")], winners: "! ! ! CRED ENVK CRED CRED" },
    Row { what: "role without source, keys", config: b"[default]\nrole_arn = arn:aws:iam::123456789012:role/X\n", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", variables: &[], winners: "! ! ! CRED ! ! !" },
    Row { what: "role with both sources", config: b"[default]\nrole_arn = arn:aws:iam::123456789012:role/X\nsource_profile = b\ncredential_source = Environment\n", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n[b]\naws_access_key_id = AKIAEXAMPLE0BBBB\naws_secret_access_key = s\n", variables: &[], winners: "! ! ! CRED ! ! !" },
    Row { what: "sso incomplete, keys", config: b"[default]\nsso_account_id = 123456789012\n", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", variables: &[], winners: "! ! ! CRED ! CRED !" },
    Row { what: "only env", config: b"", credentials: b"", variables: &[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"), ("AWS_SECRET_ACCESS_KEY", "s")], winners: "ENVK ENVK ENVK ENVK ENVK ENVK ENVK" },
    Row { what: "nothing", config: b"", credentials: b"", variables: &[], winners: "- - - - - - -" },
    Row { what: "empty env id", config: b"", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", variables: &[("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")], winners: "CRED CRED CRED CRED CRED CRED CRED" },
    Row { what: "byte order mark", config: b"\xef\xbb\xbf[default]\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = s\n", credentials: b"", variables: &[], winners: "! ! ! CONF ! ! !" },
    Row { what: "empty profile then env", config: b"[profile dev]\nregion = us-east-1\n", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", variables: &[("AWS_PROFILE", "dev")], winners: "- - - - - - -" },
    Row { what: "relative uri", config: b"", credentials: b"", variables: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/x")], winners: "container container container container container container container" },
    Row { what: "uri and default", config: b"", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", variables: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/x")], winners: "CRED CRED CRED CRED CRED CRED CRED" },
    Row { what: "web identity without role", config: b"[default]\nweb_identity_token_file = /nope\n", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", variables: &[], winners: "! ! ! CRED ! CRED !" },
    Row { what: "indented continuation", config: b"[default]\naws_access_key_id = AKIAEXAMPLE0CONF\n  aws_secret_access_key = s\n", credentials: b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", variables: &[], winners: "CRED CRED CRED CRED CRED CRED CRED" },
    Row { what: "notutf8", config: b"[default]\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = s\n", credentials: b"[default]\n# \xff\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", variables: &[], winners: "! ! ! CRED CONF CONF CONF" },
];

fn look(home: &Home, sdk: Sdk, variables: &[(&str, &str)], named: Option<&str>) -> Chain {
    let variable = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let surroundings = Surroundings {
        variable: &variable,
        named,
        instance: None,
        now: crate::at("2026-01-02T12:00:00Z"),
    };
    chain(&home.paths, sdk, surroundings)
}

fn winner(chain: &Chain) -> String {
    match (chain.winner(), chain.stop()) {
        (Some(winner), _) => winner
            .key
            .clone()
            .unwrap_or_else(|| format!("{:?}", winner.giver).to_lowercase()),
        (None, Some(_)) => "!".to_owned(),
        (None, None) => "-".to_owned(),
    }
}

#[test]
fn each_client_takes_what_it_was_seen_to_take() {
    for row in ROWS {
        let home = Home::new();
        for (path, bytes) in [
            (&home.paths.config, row.config),
            (&home.paths.credentials, row.credentials),
        ] {
            if !bytes.is_empty() {
                home.put(path, bytes);
            }
        }
        let winners = Sdk::ALL.map(|sdk| winner(&look(&home, sdk, row.variables, None)));
        assert_eq!(winners.join(" "), row.winners, "{}", row.what);
    }
}

#[test]
fn a_loser_is_told_what_goes_before_it_and_where() {
    let home = Home::with(
        "[profile dev]\nregion = x\ncredential_process = tool\n",
        "[dev]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = never-shown\n",
    );
    let chain = look(&home, Sdk::Boto3, &[], Some("dev"));
    assert_eq!(
        (chain.profile.as_str(), chain.chosen_by.as_deref()),
        ("dev", Some("the program"))
    );
    let [keys, process] = chain.candidates.as_slice() else {
        panic!("{chain:?}")
    };
    assert_eq!(
        (keys.giver, keys.place.as_str(), keys.key.as_deref()),
        (Giver::Keys, "~/.aws/credentials:2", Some("MPLE"))
    );
    assert_eq!(keys.verdict, Verdict::Wins);
    assert_eq!(
        (process.giver, process.place.as_str()),
        (Giver::Process, "~/.aws/config:3")
    );
    let Verdict::Loses(why) = &process.verdict else {
        panic!("{process:?}")
    };
    assert_eq!(why, "boto3 looks at ~/.aws/credentials:2 first");
    assert!(!format!("{chain:?}").contains("never-shown"));
}

#[test]
fn a_profile_that_the_program_names_goes_before_the_environment_where_the_client_says_so() {
    let home = Home::with(
        "",
        "[dev]\naws_access_key_id = AKIACRED\naws_secret_access_key = s\n",
    );
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKIAENVK"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
    ];
    let winners = Sdk::ALL.map(|sdk| winner(&look(&home, sdk, &keys, Some("dev"))));
    assert_eq!(winners.join(" "), "CRED CRED CRED CRED ENVK CRED ENVK");
}
