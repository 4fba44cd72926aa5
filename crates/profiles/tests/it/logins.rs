//! Console sign-ins of `aws login`.

use std::fs;
use std::path::PathBuf;

use sandglass_core::lifetimes::{End, KnownBy};
use sandglass_core::names::ProfileName;
use sandglass_core::secret::Secret;
use sandglass_core::session::{Found, Place, Renewal};
use sandglass_profiles::cache_file::Reading;
use sandglass_profiles::credentials::of_session;
use sandglass_profiles::login_cache::{self, Login, LoginWritten, Refreshed};
use serde_json::{Value, json};

use crate::inventory::{ids, read, sighting, written};
use crate::{Home, at, credentials};

const ARN: &str = "arn:aws:iam::012345678910:user/Admin";
const CONFIG: &str = "[profile first]\nlogin_session = arn:aws:iam::012345678910:user/Admin\nregion = eu-west-1\n\
                      [profile second]\nlogin_session =   arn:aws:iam::012345678910:user/Admin\n";

fn file(expires_at: &str) -> Value {
    json!({
        "accessToken": {
            "accessKeyId": "ASIAOLD",
            "secretAccessKey": "old secret",
            "sessionToken": "old token",
            "accountId": "012345678910",
            "expiresAt": expires_at,
            "theirs": 1,
        },
        "tokenType": "aws_sigv4",
        "clientId": "arn:aws:signin:::devtools/same-device",
        "refreshToken": "old refresh token",
        "idToken": "e30.e30.x",
        "dpopKey": "-----BEGIN EC PRIVATE KEY-----\n…\n",
        "signInRegion": "us-east-1",
        "theirs": {"a": [1]},
    })
}

fn path(home: &Home) -> PathBuf {
    login_cache::path(&home.paths, ARN)
}

fn put(home: &Home, content: &Value) {
    home.put(&path(home), content.to_string());
}

fn login(home: &Home) -> Login {
    login_cache::read(&home.paths, ARN)
        .present()
        .unwrap()
        .content
}

fn refreshed(expires_at: &str) -> Refreshed {
    Refreshed {
        credentials: credentials("ASIANEW", expires_at),
        expires_at: at(expires_at),
        token: Secret::new("new refresh token".to_owned()),
    }
}

fn write(home: &Home, new: &Refreshed, replaced: &Login) -> LoginWritten {
    login_cache::write(&home.writer, &home.paths, ARN, new, replaced).unwrap()
}

const OLD: &str = "2026-01-01T00:15:00Z";
const NEW: &str = "2026-01-01T00:40:00Z";

#[test]
fn a_refresh_changes_what_it_renews_and_nothing_else() {
    let home = Home::new();
    put(&home, &file(OLD));
    let before = login(&home);
    assert_eq!(before.region.as_deref(), Some("us-east-1"));
    assert_eq!(before.credentials.access_key_id, "ASIAOLD");
    assert_eq!(write(&home, &refreshed(NEW), &before), LoginWritten::Stored);
    let mut expected = file(NEW);
    expected["refreshToken"] = json!("new refresh token");
    for (key, value) in [
        ("accessKeyId", "ASIANEW"),
        ("secretAccessKey", "secret-of-ASIANEW"),
        ("sessionToken", "token-of-ASIANEW=="),
    ] {
        expected["accessToken"][key] = json!(value);
    }
    let after: Value = serde_json::from_slice(&fs::read(path(&home)).unwrap()).unwrap();
    assert_eq!(after, expected);
}

#[cfg(unix)]
#[test]
fn a_refreshed_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let home = Home::new();
    put(&home, &file(OLD));
    fs::set_permissions(path(&home), fs::Permissions::from_mode(0o644)).unwrap();
    write(&home, &refreshed(NEW), &login(&home));
    let mode = fs::metadata(path(&home)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_another_program_wrote_meanwhile_stays() {
    let home = Home::new();
    put(&home, &file(OLD));
    let before = login(&home);
    // It refreshed, and further than we did.
    put(&home, &file("2026-01-01T00:45:00Z"));
    assert_eq!(
        write(&home, &refreshed(NEW), &before),
        LoginWritten::NewerOnDisk
    );
    // It refreshed, but not as far.
    put(&home, &file("2026-01-01T00:30:00Z"));
    assert_eq!(write(&home, &refreshed(NEW), &before), LoginWritten::Stored);
    // Somebody signed in anew: our refresh token belongs to another key.
    let mut anew = file("2026-01-01T00:30:00Z");
    anew["dpopKey"] = json!("another key");
    put(&home, &anew);
    assert_eq!(
        write(&home, &refreshed(NEW), &before),
        LoginWritten::NewerOnDisk
    );
    // Somebody signed out.
    fs::remove_file(path(&home)).unwrap();
    assert_eq!(
        write(&home, &refreshed(NEW), &before),
        LoginWritten::SignedOut
    );
    assert!(!path(&home).exists());
}

#[test]
fn a_file_in_the_middle_of_a_write_is_not_written_over() {
    let home = Home::new();
    put(&home, &file(OLD));
    let before = login(&home);
    home.put(&path(&home), "{\"accessTok");
    assert!(matches!(login_cache::read(&home.paths, ARN), Reading::Torn));
    let new = refreshed(NEW);
    let error = login_cache::write(&home.writer, &home.paths, ARN, &new, &before).unwrap_err();
    assert!(error.remedy().contains("aws login"), "{error}");
}

#[test]
fn profiles_of_one_principal_share_one_sign_in() {
    let home = Home::with(CONFIG, "");
    put(&home, &file("2026-01-01T00:40:00Z"));
    written(&path(&home), "2026-01-01T00:25:00Z");
    let inventory = read(&home);
    assert_eq!(ids(&inventory), ["console-login:012345678910-user-Admin"]);
    let session = &inventory.sightings[0];
    assert_eq!(session.definition.name, "first");
    let Renewal::ConsoleLogin(renewal) = &session.definition.renewal else {
        panic!("{session:?}")
    };
    assert_eq!(renewal.region.as_deref(), Some("us-east-1"));
    let name = path(&home);
    let name = name.file_name().unwrap().to_str().unwrap();
    assert_eq!(
        session.used_in,
        [
            Place::File(format!("~/.aws/login/cache/{name}")),
            Place::Profile(ProfileName::new("first")),
            Place::Profile(ProfileName::new("second")),
        ]
    );
    let keys = of_session(&home.paths, &inventory.configuration, &session.definition);
    assert_eq!(keys.ok().unwrap().access_key_id, "ASIAOLD");
}

fn whole(home: &Home) -> (End, Option<End>) {
    let found = sighting(&read(home), "console-login:012345678910-user-Admin").found;
    let Found::Refreshable { access, whole } = found else {
        panic!("{found:?}")
    };
    (access, whole)
}

#[test]
fn the_chain_ends_twelve_hours_after_its_first_sight() {
    let home = Home::with(CONFIG, "");
    put(&home, &file("2026-01-01T00:40:00Z"));
    written(&path(&home), "2026-01-01T00:25:00Z");
    let (access, first) = whole(&home);
    let first = first.unwrap();
    assert_eq!(access.at, at("2026-01-01T00:40:00Z"));
    assert_eq!(first.at, at("2026-01-01T12:25:00Z"));
    assert_eq!(first.known_by, KnownBy::Estimate);
    // A refresh goes on with the same chain.
    write(&home, &refreshed("2026-01-01T00:44:00Z"), &login(&home));
    written(&path(&home), "2026-01-01T00:29:00Z");
    assert_eq!(whole(&home).1, Some(first));
    // A new sign-in has a key of its own.
    let mut anew = file("2026-01-01T00:44:00Z");
    anew["dpopKey"] = json!("another key");
    put(&home, &anew);
    written(&path(&home), "2026-01-01T00:29:00Z");
    assert_eq!(whole(&home).1.unwrap().at, at("2026-01-01T12:29:00Z"));
}

#[test]
fn an_identity_token_tells_when_the_person_signed_in() {
    let home = Home::with(CONFIG, "");
    let mut content = file("2026-01-01T00:40:00Z");
    // {"iat":1767222000}: 2025-12-31T23:00:00Z
    content["idToken"] = json!("e30.eyJpYXQiOjE3NjcyMjIwMDB9.x");
    put(&home, &content);
    assert_eq!(whole(&home).1.unwrap().at, at("2026-01-01T11:00:00Z"));
}

#[test]
fn a_sign_in_that_cannot_be_refreshed_is_just_its_credentials() {
    for missing in ["refreshToken", "dpopKey", "clientId"] {
        let home = Home::with(CONFIG, "");
        let mut content = file("2026-01-01T00:40:00Z");
        content.as_object_mut().unwrap().remove(missing);
        put(&home, &content);
        let inventory = read(&home);
        let found = inventory.sightings[0].found;
        assert!(
            matches!(found, Found::Credentials(_)),
            "{missing}: {found:?}"
        );
    }
}

#[test]
fn a_damaged_sign_in_says_what_to_run() {
    let home = Home::with(CONFIG, "");
    home.put(&path(&home), "{}");
    let inventory = read(&home);
    assert_eq!(inventory.sightings[0].found, Found::Nothing);
    let remedy = &inventory.findings[0].remedy;
    assert!(remedy.contains("aws login --profile first"), "{remedy}");
}
