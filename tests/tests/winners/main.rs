//! The credentials that the doctor names as an SDK's choice are those that the real SDK takes.
#![cfg(target_os = "linux")]

mod calls;
mod rows;

use std::collections::BTreeMap;
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, ensure};
use sandglass_journeys::clients::{aws_cli_1, python, teach_aws_cli_all};
use sandglass_journeys::generous::Generous;
use sandglass_journeys::home::{Environment, Home};
use sandglass_journeys::programs;
use serde_json::Value;

use crate::calls::{BOTO, Call, calls};
use crate::rows::ROWS;

const CLIENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients");

/// What a client does.
struct Done {
    /// The last four characters of the key that it takes; none where it finds none or ends with an error.
    taken: Option<String>,
    /// Its last words.
    said: String,
}

impl Done {
    fn new(taken: Option<String>, output: &Output) -> Self {
        let said = String::from_utf8_lossy(&output.stderr);
        Self {
            taken: taken.filter(|_| output.status.success()),
            said: said.lines().last().unwrap_or_default().to_owned(),
        }
    }
}

fn run(command: &mut Command) -> Result<Output> {
    let output = command.stdin(Stdio::null()).output();
    output.with_context(|| format!("failed to run {command:?}"))
}

/// The key is the last line that it prints.
fn taken(mut command: Command) -> Result<Done> {
    let output = run(&mut command)?;
    let said = String::from_utf8_lossy(&output.stdout);
    let key = said
        .lines()
        .last()
        .map(|id| id.chars().skip(id.len().saturating_sub(4)).collect());
    Ok(Done::new(key, &output))
}

/// `aws configure list` shows a key as stars and its last four characters.
fn listed(mut command: Command) -> Result<Done> {
    let output = run(command.args(["configure", "list"]))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let key = said
        .lines()
        .filter(|line| line.contains("access_key"))
        .find_map(|line| line.split_once("****")?.1.split_whitespace().next())
        .map(|key| key.trim_start_matches('*').to_owned());
    Ok(Done::new(key, &output))
}

/// What each client takes; `named` is the profile that the program names itself.
fn real(environment: &Environment, named: Option<&str>) -> Result<BTreeMap<&'static str, Done>> {
    let with = |program: &std::ffi::OsStr, script: Option<&str>| {
        let mut command = environment.command(program);
        command.args(script.map(|script| format!("{CLIENTS}/{script}")));
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command.args(named);
        command
    };
    let aws = |program: &std::ffi::OsStr| {
        let mut command = environment.command(program);
        command.args(named.into_iter().flat_map(|named| ["--profile", named]));
        command
    };
    let aws_2 = std::env::var_os("SANDGLASS_AWS_CLI").unwrap_or_else(|| "/usr/bin/aws".into());
    let rust = programs::folder()?.join("examples/who");
    Ok(BTreeMap::from([
        ("cli1", listed(aws(&aws_cli_1()))?),
        ("cli", listed(aws(&aws_2))?),
        ("boto3", taken(with(&python(), Some("who.py")))?),
        ("js", taken(with("node".as_ref(), Some("who.mjs")))?),
        ("rust", taken(with(rust.as_os_str(), None))?),
    ]))
}

/// What the doctor says of each SDK.
fn told(
    environment: &Environment,
    named: Option<&str>,
) -> Result<BTreeMap<String, Option<String>>> {
    let mut command = environment.command(programs::path("sandglass")?);
    let output = command
        .args(["doctor", "--json"])
        .args(named)
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
            let key = winner.map(|winner| {
                let by = match winner["giver"].as_str() {
                    Some("process") => "PROC",
                    Some("role") => "ROLE",
                    Some("web_identity" | "environment_web_identity") => "WEBI",
                    Some("identity_center") => "SSOR",
                    Some("console_login") => "LOGI",
                    Some("container") => "CNTR",
                    Some("instance") => "INST",
                    other => other.unwrap_or_default(),
                };
                winner["key"].as_str().unwrap_or(by).to_owned()
            });
            Ok((sdk, key))
        })
        .collect()
}

/// Where the doctor says something else than a client does, a sentence each.
fn differences(
    what: &str,
    environment: &Environment,
    named: Option<&str>,
    without: &[&str],
) -> Result<Vec<String>> {
    let said = told(environment, named).with_context(|| what.to_owned())?;
    let mut quit = environment.command(programs::path("sandglass")?);
    quit.arg("quit").output()?;
    let mut differences = Vec::new();
    for (sdk, done) in real(environment, named)? {
        let told = said.get(sdk).with_context(|| format!("nothing of {sdk}"))?;
        let Done { taken, said } = done;
        if *told != taken && !without.contains(&sdk) {
            differences.push(format!(
                "{what}: {sdk} takes {taken:?} ({said}), the doctor says {told:?}"
            ));
        }
    }
    Ok(differences)
}

#[test]
fn what_the_doctor_says_wins_is_what_each_client_takes() -> Result<()> {
    let mut all = Vec::new();
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
        all.extend(differences(what, &environment, None, &[])?);
    }
    ensure!(all.is_empty(), "{}", all.join("\n"));
    Ok(())
}

#[test]
fn what_the_doctor_says_wins_is_what_each_client_takes_where_something_is_called() -> Result<()> {
    let aws = Generous::start()?;
    let mut all = Vec::new();
    for call in calls() {
        let home = Home::new()?;
        let environment = prepare(&home, &aws, call)?;
        let (named, without) = (call.named, call.without);
        all.extend(differences(call.what, &environment, named, without)?);
    }
    ensure!(all.is_empty(), "{}", all.join("\n"));
    Ok(())
}

/// The SHA-1 of the name of the sso-session, and of the start URL, by which clients name the token's file.
const TOKENS: [&str; 2] = [
    "a0f1490a20d0211c997b44bc357e1972deab8ae3",
    "556613736b76cf49ce482ee536411eadde74247c",
];

fn prepare(home: &Home, aws: &Generous, call: &Call) -> Result<Environment> {
    let url = aws.url();
    let folder = home.path().to_string_lossy().into_owned();
    let filled = |text: &str| text.replace("{aws}", &url).replace("{home}", &folder);
    teach_aws_cli_all(home, &url)?;
    let region = "region = us-east-1\n";
    for (name, text) in [("config", call.config), ("credentials", call.credentials)] {
        if !text.is_empty() {
            // A client that calls something wants to know where.
            let text = filled(text).replacen("]\n", &format!("]\n{region}"), 1);
            home.write_aws(name, &text)?;
        }
    }
    let token = r#"{"startUrl":"https://a.example/start","region":"us-east-1","accessToken":"a","expiresAt":"2099-01-01T00:00:00Z"}"#;
    for name in TOKENS {
        home.write_aws(&format!("sso/cache/{name}.json"), token)?;
    }
    let old_keys = "AWSAccessKeyId=AKIAEXAMPLE0OLDK\nAWSSecretKey=s\n";
    for (name, text) in [
        ("token", "header.payload.signature"),
        ("token-line", "header.payload.signature\n"),
        ("token-dos", "header.payload.signature\r\n"),
        ("boto", BOTO),
        ("old-keys", old_keys),
    ]
    .iter()
    .chain(call.more)
    {
        let path = home.path().join(name);
        std::fs::create_dir_all(path.parent().context("no folder")?)?;
        std::fs::write(path, text)?;
    }
    let mut environment = home
        .environment()
        .with("AWS_EC2_METADATA_DISABLED", "true")
        .with("AWS_REGION", "us-east-1")
        .with("AWS_DEFAULT_REGION", "us-east-1")
        .with("AWS_ENDPOINT_URL", &url);
    for (name, value) in call.variables {
        environment = environment.with(*name, filled(value));
    }
    Ok(environment)
}
