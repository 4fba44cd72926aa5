//! The credentials that the doctor names as an SDK's choice are those that the real SDK takes.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use sandglass_journeys::clients::{aws_cli_1, python};
use sandglass_journeys::home::{Environment, Home};
use sandglass_journeys::programs;
use serde_json::Value;

/// What it is about, the config file, the credentials file, and variables.
type Row = (
    &'static str,
    &'static [u8],
    &'static [u8],
    &'static [(&'static str, &'static str)],
);

const ROWS: &[Row] = &[
    ("env over default", b"", b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", &[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"), ("AWS_SECRET_ACCESS_KEY", "s")]),
    ("env and AWS_PROFILE", b"", b"[dev]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", &[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_PROFILE", "dev")]),
    ("creds over config", b"[default]\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = s\n", b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", &[]),
    ("keys + process", b"[default]\ncredential_process = /bin/echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS0PROC\",\"SecretAccessKey\":\"x\"}'\n", b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", &[]),
    ("config keys + process", b"[default]\ncredential_process = /bin/echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS0PROC\",\"SecretAccessKey\":\"x\"}'\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = s\n", b"", &[]),
    ("process in credentials", b"", b"[default]\ncredential_process = /bin/echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS0PROC\",\"SecretAccessKey\":\"x\"}'\n", &[]),
    ("default profile order", b"", b"[a]\naws_access_key_id = AKIAEXAMPLE0AAAA\naws_secret_access_key = s\n[b]\naws_access_key_id = AKIAEXAMPLE0BBBB\naws_secret_access_key = s\n", &[("AWS_PROFILE", "a"), ("AWS_DEFAULT_PROFILE", "b")]),
    ("AWS_DEFAULT_PROFILE only", b"", b"[default]\naws_access_key_id = AKIAEXAMPLE0DEFA\naws_secret_access_key = s\n[b]\naws_access_key_id = AKIAEXAMPLE0BBBB\naws_secret_access_key = s\n", &[("AWS_DEFAULT_PROFILE", "b")]),
    ("missing profile", b"", b"[default]\naws_access_key_id = AKIAEXAMPLE0DEFA\naws_secret_access_key = s\n", &[("AWS_PROFILE", "nope")]),
    ("missing profile, env keys", b"", b"[default]\naws_access_key_id = AKIAEXAMPLE0DEFA\naws_secret_access_key = s\n", &[("AWS_PROFILE", "nope"), ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"), ("AWS_SECRET_ACCESS_KEY", "s")]),
    ("profile default last", b"[default]\naws_access_key_id = AKIAEXAMPLE0BARE\naws_secret_access_key = s\n[profile default]\naws_access_key_id = AKIAEXAMPLE0PREF\naws_secret_access_key = s\n", b"", &[]),
    ("profile default first", b"[profile default]\naws_access_key_id = AKIAEXAMPLE0PREF\naws_secret_access_key = s\n[default]\naws_access_key_id = AKIAEXAMPLE0BARE\naws_secret_access_key = s\n", b"", &[]),
    ("duplicate section", b"", b"[default]\naws_access_key_id = AKIAEXAMPLE0ONE1\naws_secret_access_key = s\n[default]\naws_access_key_id = AKIAEXAMPLE0TWO2\naws_secret_access_key = s\n", &[]),
    ("duplicate section, env", b"", b"[default]\naws_access_key_id = AKIAEXAMPLE0ONE1\naws_secret_access_key = s\n[default]\naws_access_key_id = AKIAEXAMPLE0TWO2\naws_secret_access_key = s\n", &[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"), ("AWS_SECRET_ACCESS_KEY", "s")]),
    ("duplicate key", b"", b"[default]\naws_access_key_id = AKIAEXAMPLE0ONE1\naws_access_key_id = AKIAEXAMPLE0TWO2\naws_secret_access_key = s\n", &[]),
    ("upper-case keys", b"", b"[default]\nAWS_ACCESS_KEY_ID = AKIAEXAMPLE0UPPR\nAWS_SECRET_ACCESS_KEY = s\n", &[]),
    ("colon", b"", b"[default]\naws_access_key_id : AKIAEXAMPLE0COLO\naws_secret_access_key : s\n", &[]),
    ("inline comment", b"", b"[default]\naws_access_key_id = AKIAEXAMPLE0COMM # mine\naws_secret_access_key = s\n", &[]),
    ("quoted profile name", b"[profile 'my dev']\naws_access_key_id = AKIAEXAMPLE0QUOT\naws_secret_access_key = s\n", b"", &[("AWS_PROFILE", "my dev")]),
    ("name with space in creds", b"", b"[my dev]\naws_access_key_id = AKIAEXAMPLE0SPAC\naws_secret_access_key = s\n", &[("AWS_PROFILE", "my dev")]),
    ("unprefixed in config", b"[dev]\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = s\n", b"", &[("AWS_PROFILE", "dev")]),
    ("prefixed in creds", b"", b"[profile dev]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", &[("AWS_PROFILE", "dev")]),
    ("setting above sections", b"x = 1\n[default]\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = s\n", b"", &[]),
    ("unclosed header", b"[default]\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = s\n[broken\n", b"", &[]),
    ("no equals", b"[default]\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = s\nnonsense\n", b"", &[]),
    ("id without secret in creds", b"", b"[default]\naws_access_key_id = AKIAEXAMPLE0HALF\n", &[]),
    ("env id without secret", b"", b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", &[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0HALF")]),
    ("id in creds, secret in config", b"[default]\naws_secret_access_key = s\n", b"[default]\naws_access_key_id = AKIAEXAMPLE0SPLT\n", &[]),
    ("rust fallback secret", b"", b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", &[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"), ("SECRET_ACCESS_KEY", "s")]),
    ("role without source, keys", b"[default]\nrole_arn = arn:aws:iam::123456789012:role/X\n", b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", &[]),
    ("role with both sources", b"[default]\nrole_arn = arn:aws:iam::123456789012:role/X\nsource_profile = b\ncredential_source = Environment\n", b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n[b]\naws_access_key_id = AKIAEXAMPLE0BBBB\naws_secret_access_key = s\n", &[]),
    ("sso incomplete, keys", b"[default]\nsso_account_id = 123456789012\n", b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", &[]),
    ("only env", b"", b"", &[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0ENVK"), ("AWS_SECRET_ACCESS_KEY", "s")]),
    ("nothing", b"", b"", &[]),
    ("empty env id", b"", b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", &[("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")]),
    ("byte order mark", b"\xef\xbb\xbf[default]\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = s\n", b"", &[]),
    ("empty profile then env", b"[profile dev]\nregion = us-east-1\n", b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", &[("AWS_PROFILE", "dev")]),
    ("web identity without role", b"[default]\nweb_identity_token_file = /nope\n", b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", &[]),
    ("indented continuation", b"[default]\naws_access_key_id = AKIAEXAMPLE0CONF\n  aws_secret_access_key = s\n", b"[default]\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", &[]),
    ("notutf8", b"[default]\naws_access_key_id = AKIAEXAMPLE0CONF\naws_secret_access_key = s\n", b"[default]\n# \xff\naws_access_key_id = AKIAEXAMPLE0CRED\naws_secret_access_key = s\n", &[]),
];

const CLIENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients");

/// The last four characters of the key that a client takes; none where it finds none or ends with an error.
fn taken(mut command: Command) -> Result<Option<String>> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("failed to run {command:?}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let id = said.lines().last().filter(|_| output.status.success());
    Ok(id.map(|id| id.chars().skip(id.len().saturating_sub(4)).collect()))
}

/// `aws configure list` shows a key as stars and its last four characters.
fn listed(mut command: Command) -> Result<Option<String>> {
    let output = command
        .args(["configure", "list"])
        .stdin(Stdio::null())
        .output();
    let output = output.with_context(|| format!("failed to run {command:?}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let key = said
        .lines()
        .filter(|line| line.contains("access_key"))
        .find_map(|line| line.split_once("****")?.1.split_whitespace().next())
        .filter(|_| output.status.success());
    Ok(key.map(|key| key.trim_start_matches('*').to_owned()))
}

fn real(environment: &Environment) -> Result<BTreeMap<&'static str, Option<String>>> {
    let with = |program: &std::ffi::OsStr, script: Option<&str>| {
        let mut command = environment.command(program);
        command.args(script.map(|script| format!("{CLIENTS}/{script}")));
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
    };
    let aws_2 = std::env::var_os("SANDGLASS_AWS_CLI").unwrap_or_else(|| "/usr/bin/aws".into());
    let rust = programs::folder()?.join("examples/who");
    Ok(BTreeMap::from([
        ("cli1", listed(with(&aws_cli_1(), None))?),
        ("cli", listed(with(&aws_2, None))?),
        ("boto3", taken(with(&python(), Some("who.py")))?),
        ("js", taken(with("node".as_ref(), Some("who.mjs")))?),
        ("rust", taken(with(rust.as_os_str(), None))?),
    ]))
}

/// What the doctor says of each SDK.
fn named(environment: &Environment) -> Result<BTreeMap<String, Option<String>>> {
    let mut command = environment.command(programs::path("sandglass")?);
    let output = command
        .args(["doctor", "--json"])
        .stdin(Stdio::null())
        .output()?;
    let diagnosis: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("the doctor said something else: {output:?}"))?;
    let chains = diagnosis["chains"].as_array().context("no chains")?;
    chains
        .iter()
        .map(|chain| {
            let sdk = chain["sdk"].as_str().context("no name")?.to_owned();
            let candidates = chain["candidates"].as_array().context("no candidates")?;
            let winner = candidates
                .iter()
                .find(|candidate| candidate["verdict"] == "wins");
            let key =
                winner.map(
                    |winner| match (winner["key"].as_str(), winner["giver"].as_str()) {
                        (Some(key), _) => key.to_owned(),
                        // The key that the process of the rows gives.
                        (None, Some("process")) => "PROC".to_owned(),
                        (None, giver) => format!("{giver:?}"),
                    },
                );
            Ok((sdk, key))
        })
        .collect()
}

#[test]
fn what_the_doctor_says_wins_is_what_each_client_takes() -> Result<()> {
    for (what, config, credentials, variables) in ROWS {
        let home = Home::new()?;
        std::fs::create_dir_all(home.aws())?;
        for (name, bytes) in [("config", config), ("credentials", credentials)] {
            if !bytes.is_empty() {
                std::fs::write(home.aws().join(name), bytes)?;
            }
        }
        let mut environment = home.environment().with("AWS_EC2_METADATA_DISABLED", "true");
        for (name, value) in *variables {
            environment = environment.with(*name, *value);
        }
        let said = named(&environment)?;
        for (sdk, taken) in real(&environment)? {
            let named = said.get(sdk).with_context(|| format!("nothing of {sdk}"))?;
            ensure!(
                *named == taken,
                "{what}: {sdk} takes {taken:?}, the doctor says {named:?}"
            );
        }
        let mut quit = environment.command(programs::path("sandglass")?);
        quit.arg("quit").output()?;
    }
    Ok(())
}
