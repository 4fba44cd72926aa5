//! The AWS CLI v2 itself reads what was written. Nothing here reaches a network: every endpoint is a closed port.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};

use jiff::{SignedDuration, Timestamp};
use sandglass_core::names::ProfileName;
use sandglass_core::secret::{Credentials, Secret};
use sandglass_core::session::Renewal;
use sandglass_profiles::cli_cache::{self, AssumedRole};
use sandglass_profiles::credentials::write_target;
use sandglass_profiles::inventory::{self, Outside};

use crate::Home;

const CONFIG: &str = "\
[profile base]
region = eu-west-1

[profile deploy]
role_arn = arn:aws:iam::123456789012:role/Deploy
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/me
external_id = größe
duration_seconds = 3600
region = eu-west-1

[sso-session my-sso]
sso_start_url = https://d-abc123.awsapps.com/start
sso_region = eu-west-1

[profile dev]
sso_session = my-sso
sso_account_id = 123456789012
sso_role_name = Dev
region = eu-west-1

[profile pod]
role_arn = arn:aws:iam::123456789012:role/Pod
web_identity_token_file = /nowhere/token
role_session_name = me
region = eu-west-1
";

const KEYS: &str = "[base]\naws_access_key_id = AKIABOGUS\naws_secret_access_key = bogus\n";

/// The Debian package `awscli`, or the one that `SANDGLASS_AWS_CLI` names.
fn aws(home: &Home, arguments: &[&str]) -> Output {
    let program = std::env::var_os("SANDGLASS_AWS_CLI")
        .map_or_else(|| PathBuf::from("/usr/bin/aws"), PathBuf::from);
    assert!(
        program.exists(),
        "this test needs AWS CLI v2: install the Debian package `awscli`, or name one in SANDGLASS_AWS_CLI"
    );
    Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home.folder.path())
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_MAX_ATTEMPTS", "1")
        .output()
        .unwrap()
}

fn exported(home: &Home, profile: &str) -> String {
    let output = aws(
        home,
        &["configure", "export-credentials", "--profile", profile],
    );
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the AWS CLI compares with the real time"
)]
fn in_an_hour() -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(1)
}

fn new_credentials(id: &str) -> Credentials {
    Credentials {
        access_key_id: id.to_owned(),
        secret_access_key: Secret::new("a/secret+of=mine".to_owned()),
        session_token: Some(Secret::new("a//token==".to_owned())),
        expires_at: Some(in_an_hour()),
    }
}

fn renewal_of(home: &Home, id: &str) -> Renewal {
    let outside = Outside {
        device: &|_| unreachable!("no MFA session is defined"),
        observed: &BTreeMap::new(),
        web_identity: None,
    };
    let inventory = inventory::read(&home.paths, &home.writer, Timestamp::UNIX_EPOCH, outside);
    let sighting = inventory
        .sightings
        .into_iter()
        .find(|sighting| sighting.definition.id.as_str() == id);
    sighting.unwrap().definition.renewal
}

#[cfg(target_os = "linux")]
#[test]
fn the_aws_cli_takes_role_credentials_from_the_cache_and_asks_for_no_code() {
    let home = Home::with(CONFIG, KEYS);
    let Renewal::Role(role) = renewal_of(&home, "role:deploy") else {
        panic!("no role")
    };
    let assumed = AssumedRole {
        id: "AROA:me".to_owned(),
        arn: "arn:aws:sts::123456789012:assumed-role/Deploy/me".to_owned(),
    };
    let new = new_credentials("ASIADEPLOY");
    cli_cache::write_role(&home.writer, &home.paths, &role, &new, &assumed).unwrap();
    let exported = exported(&home, "deploy");
    assert!(exported.contains("ASIADEPLOY"), "{exported}");
    assert!(exported.contains("a//token=="), "{exported}");
    // With credentials in hand it gets as far as the network, which is not there.
    let output = aws(
        &home,
        &["sts", "get-caller-identity", "--profile", "deploy"],
    );
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        error.contains("connect to proxy") || error.contains("Could not connect"),
        "{error}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn the_aws_cli_takes_portal_credentials_from_the_cache() {
    let home = Home::with(CONFIG, KEYS);
    let Renewal::SsoRole(role) = renewal_of(&home, "sso-role:dev") else {
        panic!("no role")
    };
    let new = new_credentials("ASIADEV");
    cli_cache::write_sso_role(&home.writer, &home.paths, &role, &new).unwrap();
    let exported = exported(&home, "dev");
    assert!(exported.contains("ASIADEV"), "{exported}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_aws_cli_reads_a_session_written_into_a_profile() {
    let home = Home::with(CONFIG, KEYS);
    let target = ProfileName::new("mfa of mine");
    let new = new_credentials("ASIAMFA");
    write_target(
        &home.writer,
        &home.paths,
        &target,
        &new,
        Timestamp::UNIX_EPOCH,
    )
    .unwrap();
    let exported = exported(&home, "mfa of mine");
    assert!(exported.contains("ASIAMFA"), "{exported}");
    assert!(exported.contains("a/secret+of=mine"), "{exported}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_aws_cli_takes_a_web_identity_from_the_cache_and_never_opens_the_token() {
    let home = Home::with(CONFIG, KEYS);
    let Renewal::WebIdentity(role) = renewal_of(&home, "web-identity:pod") else {
        panic!("no web identity")
    };
    let assumed = AssumedRole {
        id: "AROA:me".to_owned(),
        arn: "arn:aws:sts::123456789012:assumed-role/Pod/me".to_owned(),
    };
    let new = new_credentials("ASIAPOD");
    cli_cache::write_web_identity(&home.writer, &home.paths, &role, &new, &assumed).unwrap();
    let exported = exported(&home, "pod");
    assert!(exported.contains("ASIAPOD"), "{exported}");
}
