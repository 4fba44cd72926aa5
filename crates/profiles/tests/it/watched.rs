//! Sessions that Sandglass did not make and does not renew: of other programs, of this machine, of caches.

use std::collections::BTreeMap;
use std::fs;

use sandglass_core::error::ErrorCode;
use sandglass_core::lifetimes::{End, KnownBy};
use sandglass_core::names::{AccountId, ProfileName, SessionId};
use sandglass_core::session::{Foreign, Found, Place, Renewal, WebIdentityRenewal};
use sandglass_profiles::cli_cache::{self, AssumedRole};
use sandglass_profiles::credentials::of_session;
use sandglass_profiles::inventory::{Inventory, Observed};

use crate::inventory::{KEYS, NOW, ids, read, read_with, sighting, written};
use crate::{Home, at, credentials};

fn keys(name: &str, more: &str) -> String {
    format!(
        "[{name}]\naws_access_key_id = ASIA{name}\naws_secret_access_key = s\naws_session_token = t\n{more}"
    )
}

fn end(inventory: &Inventory, id: &str) -> End {
    let found = sighting(inventory, id).found;
    let Found::Credentials(end) = found else {
        panic!("{id}: {found:?}")
    };
    end
}

fn foreign<'a>(inventory: &'a Inventory, id: &str) -> &'a Foreign {
    let renewal = &sighting(inventory, id).definition.renewal;
    let Renewal::Foreign(foreign) = renewal else {
        panic!("{id}: {renewal:?}")
    };
    foreign
}

#[test]
fn ends_that_other_programs_left_are_taken_in_every_spelling() {
    for (more, maker) in [
        (
            "x_security_token_expires = 2026-01-01T02:00:00+01:00\n",
            Some("saml2aws"),
        ),
        ("aws_session_expiration = 2026-01-01T01:00:00Z\n", None),
        (
            "aws_credential_expiration = 2026-01-01T01:00:00+00:00\n",
            None,
        ),
        ("aws_expiration = 2026-01-01T01:00:00.000Z\n", None),
        (
            "expiration = 2026-01-01 01:00:00\nassumed_role = False\n",
            Some("aws-mfa"),
        ),
        ("source_expiration = 2026-01-01T01:00:00Z\n", None),
        (
            "expiration = 2026-01-01 05:00:00\nx_security_token_expires = 2026-01-01T01:00:00Z\n",
            Some("saml2aws"),
        ),
        ("# Expires: 2026-01-01T01:00:00Z\n", None),
        ("; expires 2026-01-01 01:00:00 UTC\nregion = x\n", None),
    ] {
        let home = Home::with("", &keys("x", more));
        let inventory = read(&home);
        let end = end(&inventory, "foreign:x");
        assert_eq!(end.at, at("2026-01-01T01:00:00Z"), "{more}");
        assert_eq!(end.known_by, KnownBy::Issuer, "{more}");
        let told = foreign(&inventory, "foreign:x").maker.as_deref();
        assert_eq!(told, maker, "{more}");
    }
}

#[test]
fn an_end_that_tells_nothing_makes_an_estimate_that_stays() {
    for more in [
        "",
        // awsume writes local time.
        "autoawsume = true\nexpiration = 2026-01-01 05:00:00\n",
        "# Expires: tomorrow\n",
        "\n# Expires: 2026-01-01T05:00:00Z\n[next]\nregion = x\n",
    ] {
        let home = Home::with("", &keys("x", more));
        written(&home.paths.credentials, "2026-01-01T00:10:00Z");
        let first = end(&read(&home), "foreign:x");
        assert_eq!(first.at, at("2026-01-01T01:10:00Z"), "{more}");
        assert_eq!(first.known_by, KnownBy::Estimate, "{more}");
        written(&home.paths.credentials, "2026-01-01T00:20:00Z");
        assert_eq!(end(&read(&home), "foreign:x"), first, "{more}");
    }
}

#[test]
fn a_comment_above_the_next_header_is_about_that_one() {
    let home = Home::with(
        "",
        &format!(
            "{}# Expires: 2026-01-01T05:00:00Z\n{}",
            keys("x", ""),
            keys("y", "# Expires: 2026-01-01T06:00:00Z\n\n")
        ),
    );
    let inventory = read(&home);
    assert_eq!(end(&inventory, "foreign:x").known_by, KnownBy::Estimate);
    assert_eq!(end(&inventory, "foreign:y").at, at("2026-01-01T06:00:00Z"));
}

#[test]
fn what_a_program_left_tells_account_and_role() {
    let home = Home::with(
        "",
        &[
            keys(
                "saml",
                "x_principal_arn = arn:aws:sts::123456789012:assumed-role/Admin/me@example.com\n",
            ),
            keys(
                "mfa",
                "assumed_role = True\nassumed_role_arn = arn:aws:iam::123456789012:role/team/Deploy\n",
            ),
            keys("bare", "aws_account_id = 123456789012\n"),
        ]
        .concat(),
    );
    let inventory = read(&home);
    for (id, maker, role_name) in [
        ("foreign:saml", Some("saml2aws"), Some("Admin")),
        ("foreign:mfa", Some("aws-mfa"), Some("Deploy")),
        ("foreign:bare", None, None),
    ] {
        assert_eq!(
            *foreign(&inventory, id),
            Foreign {
                maker: maker.map(str::to_owned),
                account: Some(AccountId::new("123456789012")),
                role_name: role_name.map(str::to_owned),
            }
        );
        let keys = of_session(
            &home.paths,
            &inventory.configuration,
            &sighting(&inventory, id).definition,
        );
        assert!(keys.is_ok());
    }
}

#[test]
fn half_of_temporary_keys_is_no_long_lived_key() {
    let home = Home::with(
        "",
        "[half]\naws_access_key_id = ASIAHALF\naws_secret_access_key = s\n",
    );
    assert_eq!(ids(&read(&home)), ["foreign:half"]);
}

#[test]
fn keys_in_the_config_file_are_told_where_they_stand() {
    let home = Home::with(
        "[profile c]\naws_access_key_id = AKIAC\naws_secret_access_key = s\n",
        "",
    );
    let inventory = read(&home);
    assert_eq!(
        sighting(&inventory, "keys:c").used_in,
        [
            Place::File("~/.aws/config".to_owned()),
            Place::Profile(ProfileName::new("c")),
        ]
    );
}

#[test]
fn no_key_id_is_in_what_is_seen() {
    let home = Home::with("", &format!("{KEYS}{}", keys("x", "")));
    let inventory = read(&home);
    let seen = format!("{:?}", inventory.sightings);
    for id in ["AKIA1", "ASIAx"] {
        assert!(!seen.contains(id), "{seen}");
    }
}

#[test]
fn the_role_of_this_machine_is_seen_once_somebody_saw_it() {
    let home = Home::with("", KEYS);
    let end = End::issued(at(NOW), at("2026-01-01T06:30:00Z"));
    let observed = BTreeMap::from([
        (SessionId::new("instance-role"), Observed::Issued(end)),
        (SessionId::new("process:gone"), Observed::Sealed(end)),
    ]);
    let inventory = read_with(&home, &observed, None);
    assert_eq!(ids(&inventory), ["instance-role", "keys:base"]);
    let instance = sighting(&inventory, "instance-role");
    assert_eq!(instance.found, Found::Credentials(end));
    assert_eq!(instance.used_in, []);
}

#[test]
fn what_a_process_gave_lies_in_the_sealed_store() {
    let home = Home::with("[profile p]\ncredential_process = mine --now\n", "");
    let end = End::issued(at(NOW), at("2026-01-01T01:30:00Z"));
    let observed = BTreeMap::from([(SessionId::new("process:p"), Observed::Sealed(end))]);
    let inventory = read_with(&home, &observed, None);
    let process = sighting(&inventory, "process:p");
    assert_eq!(process.found, Found::Credentials(end));
    let user = Place::Profile(ProfileName::new("p"));
    assert_eq!(process.used_in, [Place::SealedStore, user]);
    let Renewal::Process(renewal) = &process.definition.renewal else {
        panic!("no process")
    };
    assert_eq!(renewal.command, "mine --now");
    let keys = of_session(&home.paths, &inventory.configuration, &process.definition);
    assert!(keys.is_err());
}

#[test]
fn keys_of_the_credentials_file_go_before_a_process_and_those_of_the_config_file_after_it() {
    let home = Home::with(
        "[profile a]\ncredential_process = x\n\
         [profile b]\ncredential_process = x\naws_access_key_id = AKIAB\naws_secret_access_key = s\n",
        "[a]\naws_access_key_id = AKIAA\naws_secret_access_key = s\n",
    );
    assert_eq!(ids(&read(&home)), ["process:b", "keys:a", "keys:b"]);
}

#[test]
fn the_web_identity_of_the_environment_lies_in_the_cache_of_the_aws_cli() {
    let home = Home::with("", "");
    let role = WebIdentityRenewal {
        role_arn: "arn:aws:iam::123456789012:role/Pod".to_owned(),
        token_file: "/run/token".into(),
        session_name: None,
    };
    let seen = || read_with(&home, &BTreeMap::new(), Some(&role));
    let id = "web-identity:environment";
    assert_eq!(sighting(&seen(), id).found, Found::Nothing);
    let assumed = AssumedRole {
        id: "AROA:me".to_owned(),
        arn: "arn:aws:sts::123456789012:assumed-role/Pod/me".to_owned(),
    };
    let new = credentials("ASIAPOD", "2026-01-01T01:00:00Z");
    cli_cache::write_web_identity(&home.writer, &home.paths, &role, &new, &assumed).unwrap();
    let inventory = seen();
    assert_eq!(ids(&inventory), [id]);
    assert_eq!(end(&inventory, id).at, at("2026-01-01T01:00:00Z"));
    assert!(matches!(
        sighting(&inventory, id).used_in.as_slice(),
        [Place::File(_)]
    ));
}

#[test]
fn a_web_identity_without_a_role_and_an_unknown_source_are_findings() {
    let home = Home::with(
        "[profile w]\nweb_identity_token_file = /x\n\
         [profile c]\nrole_arn = arn:aws:iam::1:role/R\ncredential_source = Ec2\n",
        "",
    );
    let inventory = read(&home);
    assert!(ids(&inventory).is_empty());
    let places: Vec<&str> = inventory
        .findings
        .iter()
        .map(|finding| finding.place.as_str())
        .collect();
    assert_eq!(places, ["~/.aws/config:2", "~/.aws/config:5"]);
}

fn cached(id: &str, ends_at: &str, more: &str) -> String {
    format!(
        r#"{{"Credentials": {{"AccessKeyId": "{id}", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "{ends_at}", "AccountId": "210987654321"}}{more}}}"#
    )
}

const LIVE: &str = "2026-01-01T01:00:00Z";

#[test]
fn live_credentials_in_the_caches_that_nothing_names_are_watched() {
    let home = Home::with("", "");
    let name =
        |start: &str, length: usize| format!("{start}{}.json", "0".repeat(length - start.len()));
    let cli = home.paths.cli_cache.join(name("aaaaaaaa", 40));
    let arn = r#", "AssumedRoleUser": {"AssumedRoleId": "x:y", "Arn": "arn:aws:sts::123456789012:assumed-role/Dev/me"}"#;
    home.put(&cli, cached("ASIACLI", "2026-01-01T01:00:00+00:00", arn));
    let of_sso = home.paths.cli_cache.join(name("bbbbbbbb", 40));
    home.put(
        &of_sso,
        cached("ASIASSO", LIVE, r#", "ProviderType": "sso""#),
    );
    let token = home.paths.sso_cache.join(name("cccccccc", 40));
    home.put(
        &token,
        format!(r#"{{"accessToken": "a", "expiresAt": "{LIVE}", "startUrl": "https://x"}}"#),
    );
    let login = home.paths.login_cache.join(name("dddddddd", 64));
    home.put(
        &login,
        format!(
            r#"{{"accessToken": {{"accessKeyId": "ASIALOGIN", "secretAccessKey": "s", "sessionToken": "t", "accountId": "123456789012", "expiresAt": "{LIVE}"}}}}"#
        ),
    );
    let inventory = read(&home);
    assert_eq!(
        ids(&inventory),
        [
            "foreign:cli-cache-aaaaaaaa",
            "foreign:cli-cache-bbbbbbbb",
            "foreign:sso-cache-cccccccc",
            "foreign:login-cache-dddddddd",
        ]
    );
    let about = |id: &str| {
        let foreign = foreign(&inventory, id);
        let account = foreign.account.as_ref().map(AccountId::as_str);
        (account, foreign.role_name.as_deref())
    };
    assert_eq!(
        about("foreign:cli-cache-aaaaaaaa"),
        (Some("123456789012"), Some("Dev"))
    );
    assert_eq!(
        about("foreign:cli-cache-bbbbbbbb"),
        (Some("210987654321"), None)
    );
    assert_eq!(
        about("foreign:login-cache-dddddddd"),
        (Some("123456789012"), None)
    );
    let keys = |id: &str| {
        let definition = &sighting(&inventory, id).definition;
        of_session(&home.paths, &inventory.configuration, definition)
            .map(|keys| keys.access_key_id)
            .map_err(|error| error.code)
    };
    assert_eq!(keys("foreign:cli-cache-bbbbbbbb").as_deref(), Ok("ASIASSO"));
    assert_eq!(
        keys("foreign:login-cache-dddddddd").as_deref(),
        Ok("ASIALOGIN")
    );
    assert_eq!(
        keys("foreign:sso-cache-cccccccc"),
        Err(ErrorCode::OutOfReach),
        "a token that AWS was never asked about is not over"
    );
    assert_eq!(inventory.findings, []);
}

#[test]
fn what_is_no_live_cache_file_is_passed_over_without_a_word() {
    let home = Home::with("", "");
    let cache = &home.paths.cli_cache;
    let hash = |digit: &str| cache.join(format!("{}.json", digit.repeat(40)));
    home.put(&hash("1"), cached("ASIAOVER", "2026-01-01T00:29:59Z", ""));
    home.put(&hash("2"), "[]");
    home.put(&hash("3"), "SQLite format 3\0");
    written(&hash("3"), "2025-12-31T23:00:00Z");
    home.put(
        &hash("4"),
        r#"{"clientId": "c", "clientSecret": "s", "expiresAt": "2026-03-01T00:00:00Z"}"#,
    );
    home.put(&hash("5"), "x".repeat(300 * 1024));
    home.put(
        &hash("6"),
        cached("ASIAANCIENT", "2027-01-01T00:00:00Z", ""),
    );
    written(&hash("6"), "2025-12-30T12:00:00Z");
    for other in ["session.db", "session.db-wal", "session.db-shm", "x.tmp"] {
        home.put(&cache.join(other), cached("ASIADB", LIVE, ""));
    }
    let theirs = r#"{"accessToken": "a", "expiresAt": "2026-01-01T01:00:00Z"}"#;
    home.put(&home.paths.sso_cache.join("kiro-auth-token.json"), theirs);
    home.put(
        &home.paths.sso_cache.join("botocore-client-id-x.json"),
        theirs,
    );
    fs::create_dir_all(cache.join(format!("{}.json", "7".repeat(40)))).unwrap();
    let inventory = read(&home);
    assert_eq!(ids(&inventory), Vec::<&str>::new());
    assert_eq!(inventory.findings, []);
    assert_eq!(inventory.torn, Vec::<std::path::PathBuf>::new());
}

#[test]
fn an_orphan_in_the_middle_of_a_write_is_looked_at_again() {
    let home = Home::with("", "");
    let path = home
        .paths
        .cli_cache
        .join(format!("{}.json", "1".repeat(40)));
    home.put(&path, "{\"Cred");
    written(&path, "2026-01-01T00:29:58Z");
    let inventory = read(&home);
    assert_eq!(inventory.torn, std::slice::from_ref(&path));
    assert_eq!(inventory.findings, []);
    written(&path, "2026-01-01T00:20:00Z");
    assert!(read(&home).torn.is_empty());
}

#[test]
fn what_a_definition_names_is_no_orphan() {
    let home = Home::with(
        "[profile r]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n",
        KEYS,
    );
    let inventory = read(&home);
    let renewal = &sighting(&inventory, "role:r").definition.renewal;
    let path = cli_cache::entry_path(&home.paths, renewal).unwrap();
    home.put(&path, cached("ASIAR", LIVE, ""));
    assert_eq!(ids(&read(&home)), ["role:r", "keys:base"]);
}

#[test]
fn thousands_of_old_entries_are_not_opened() {
    let home = Home::with("", "");
    for number in 0..3000 {
        let path = home.paths.cli_cache.join(format!("{number:040x}.json"));
        // Had it been read, it would have been believed.
        home.put(&path, cached("ASIAOLD", "2099-01-01T00:00:00Z", ""));
        written(&path, "2025-11-01T00:00:00Z");
    }
    assert_eq!(ids(&read(&home)), Vec::<&str>::new());
}
