//! The caches of the AWS CLI: names by golden values, contents there and back.

use std::fs;
use std::path::Path;

use jiff::SignedDuration;
use sandglass_core::names::{AccountId, MfaSerial, ProfileName, SessionId};
use sandglass_core::secret::Secret;
use sandglass_core::session::{
    Portal, PortalStyle, Renewal, RoleRenewal, Source, SsoRoleRenewal, WebIdentityRenewal,
};
use sandglass_profiles::cache_file::Reading;
use sandglass_profiles::cli_cache::{self, AssumedRole};
use sandglass_profiles::login_cache;
use sandglass_profiles::sso_cache::{self, Registration, Token, TokenWritten};
use serde_json::{Value, json};

use crate::{Home, at, credentials};

const URL: &str = "https://d-abc123.awsapps.com/start";

fn portal() -> Portal {
    Portal {
        start_url: URL.to_owned(),
        region: "us-east-1".to_owned(),
        style: PortalStyle::Session {
            name: "my-sso".to_owned(),
            scopes: vec!["sso:account:access".to_owned()],
        },
    }
}

fn legacy() -> Portal {
    Portal {
        style: PortalStyle::Legacy,
        ..portal()
    }
}

fn role() -> RoleRenewal {
    RoleRenewal {
        role_arn: "arn:aws:iam::123456789012:role/Dev".to_owned(),
        source: Source::Keys(ProfileName::new("base")),
        mfa_serial: Some(MfaSerial::new("arn:aws:iam::123456789012:mfa/me")),
        external_id: None,
        session_name: None,
        duration: None,
        allowed: None,
        target: None,
    }
}

fn web_identity(session_name: Option<&str>) -> WebIdentityRenewal {
    WebIdentityRenewal {
        role_arn: "arn:aws:iam::123456789012:role/Pod".to_owned(),
        token_file: "/run/token".into(),
        session_name: session_name.map(str::to_owned),
    }
}

fn sso_role(portal: Portal) -> SsoRoleRenewal {
    SsoRoleRenewal {
        sign_in: SessionId::new("sso-sign-in:my-sso"),
        portal,
        account: AccountId::new("123456789012"),
        role_name: "Dev".to_owned(),
    }
}

fn token(access: &str, expires_at: &str) -> Token {
    Token {
        start_url: URL.to_owned(),
        region: "us-east-1".to_owned(),
        access_token: Secret::new(access.to_owned()),
        expires_at: at(expires_at),
        registration: Some(Registration {
            client_id: "client".to_owned(),
            client_secret: Secret::new("client-secret".to_owned()),
            expires_at: at("2026-04-01T00:00:00Z"),
        }),
        refresh_token: Some(Secret::new("refresh".to_owned())),
    }
}

fn stem(path: &Path) -> &str {
    path.file_stem().unwrap().to_str().unwrap()
}

fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn names_are_those_of_the_aws_cli() {
    let home = Home::new();
    let paths = &home.paths;
    let scopes = ["sso:account:access".to_owned()];
    let entry = |renewal| cli_cache::entry_path(paths, &renewal).unwrap();
    let rows = [
        (
            sso_cache::token_path(paths, &portal()),
            "0ad374308c5a4e22f723adf10145eafad7c4031c",
        ),
        (
            sso_cache::token_path(paths, &legacy()),
            "40a89917e3175433e361b710a9d43528d7f1890a",
        ),
        (
            sso_cache::registration_path(paths, &portal(), &scopes),
            "18d9b42846b15eb5385befb03b3d864f800fcc11",
        ),
        (
            sso_cache::registration_path(paths, &legacy(), &[]),
            "c7029af06842ab71c7d71a4f2d85fc584e0c5528",
        ),
        (
            entry(Renewal::Role(role())),
            "0dd86f26f91e5b568a1c5be72af8021c65088912",
        ),
        (
            entry(Renewal::SsoRole(sso_role(portal()))),
            "cd3f317839d4c2c18591ec5703736234a6ccff83",
        ),
        (
            entry(Renewal::SsoRole(sso_role(legacy()))),
            "1cb9ac724b6d382362335e0769d03586a3609998",
        ),
        (
            login_cache::path(paths, "arn:aws:iam::0123456789012:user/Admin"),
            "36db1d138ff460920374e4c3d8e01f53f9f73537e89c88d639f68393df0e2726",
        ),
        (
            login_cache::path(
                paths,
                " arn:aws:sts::012345678910:assumed-role/Admin/admin\n",
            ),
            "4b0ba8f99f075c0633e122fd73346ce203a3faf18ea0310eb2d29df1bab2e255",
        ),
        // hashlib.sha1(json.dumps({...}, sort_keys=True)) of Python 3, as botocore makes it.
        (
            entry(Renewal::WebIdentity(web_identity(None))),
            "32da2d65b4179ce244a07d61f03c68c72bb14e7a",
        ),
        (
            entry(Renewal::WebIdentity(web_identity(Some("me")))),
            "7956644a3cde406ab47ff7ede59b2c2d41e33c68",
        ),
    ];
    for (path, name) in rows {
        assert_eq!(stem(&path), name);
    }
}

#[test]
fn a_token_is_written_in_the_format_of_the_aws_cli_and_read_back() {
    let home = Home::new();
    let new = token("access", "2026-01-01T01:00:00.987Z");
    sso_cache::write_token(&home.writer, &home.paths, &portal(), &new, None).unwrap();
    let path = sso_cache::token_path(&home.paths, &portal());
    assert_eq!(
        json_of(&path),
        json!({
            "startUrl": URL,
            "region": "us-east-1",
            "accessToken": "access",
            "expiresAt": "2026-01-01T01:00:00Z",
            "clientId": "client",
            "clientSecret": "client-secret",
            "registrationExpiresAt": "2026-04-01T00:00:00Z",
            "refreshToken": "refresh",
        })
    );
    let read = sso_cache::read_token(&home.paths, &portal())
        .present()
        .unwrap()
        .content;
    assert_eq!(read.access_token.expose(), "access");
    assert_eq!(read.expires_at, at("2026-01-01T01:00:00Z"));
    assert!(read.is_refreshable(at("2026-01-01T00:00:00Z")));
    assert!(!read.is_refreshable(at("2026-04-01T00:00:00Z")));
}

#[test]
fn fields_that_only_others_know_survive_and_old_ones_do_not() {
    let home = Home::new();
    let path = sso_cache::token_path(&home.paths, &portal());
    home.put(
        &path,
        r#"{"AccessToken": "old", "expiresAt": "2026-01-01T00:00:00UTC", "refreshToken": "old", "theirs": {"a": [1]}}"#,
    );
    let new = Token {
        refresh_token: None,
        registration: None,
        ..token("new", "2026-01-01T01:00:00Z")
    };
    let replaced = Some(at("2026-01-01T00:00:00Z"));
    sso_cache::write_token(&home.writer, &home.paths, &portal(), &new, replaced).unwrap();
    assert_eq!(
        json_of(&path),
        json!({
            "startUrl": URL,
            "region": "us-east-1",
            "accessToken": "new",
            "expiresAt": "2026-01-01T01:00:00Z",
            "theirs": {"a": [1]},
        })
    );
}

#[test]
fn of_two_tokens_the_newer_one_wins() {
    let (early, middle, late) = (
        "2026-01-01T01:00:00Z",
        "2026-01-01T02:00:00Z",
        "2026-01-01T03:00:00Z",
    );
    // On disk, the one that ours was made from, ours, and what comes of it.
    let rows = [
        (late, Some(early), middle, TokenWritten::NewerOnDisk),
        (middle, Some(early), middle, TokenWritten::NewerOnDisk),
        (middle, Some(early), late, TokenWritten::Stored),
        (late, None, middle, TokenWritten::NewerOnDisk),
        // A fresh sign-in may end earlier than the one that it replaces.
        (late, Some(late), early, TokenWritten::Stored),
    ];
    for (disk, replaced, ours, expected) in rows {
        let home = Home::new();
        let write = |token: &Token, replaced: Option<&str>| {
            sso_cache::write_token(
                &home.writer,
                &home.paths,
                &portal(),
                token,
                replaced.map(at),
            )
            .unwrap()
        };
        write(&token("theirs", disk), None);
        assert_eq!(
            write(&token("ours", ours), replaced),
            expected,
            "{disk} {replaced:?} {ours}"
        );
        let left = sso_cache::read_token(&home.paths, &portal())
            .present()
            .unwrap()
            .content;
        let kept = match expected {
            TokenWritten::Stored => "ours",
            TokenWritten::NewerOnDisk => "theirs",
        };
        assert_eq!(left.access_token.expose(), kept);
    }
}

#[test]
fn a_torn_file_is_told_from_a_foreign_one() {
    let home = Home::new();
    let path = sso_cache::token_path(&home.paths, &portal());
    let read = || sso_cache::read_token(&home.paths, &portal());
    assert!(matches!(read(), Reading::Absent));
    for torn in ["", "{\"accessTok", "{\"accessToken\": \"a\"}}"] {
        home.put(&path, torn);
        assert!(matches!(read(), Reading::Torn), "{torn}");
    }
    for foreign in [
        "[]",
        "null",
        "{}",
        "{\"accessToken\": 1, \"expiresAt\": \"2026-01-01T00:00:00Z\"}",
        "{\"accessToken\": \"a\", \"expiresAt\": \"soon\"}",
    ] {
        home.put(&path, foreign);
        assert!(matches!(read(), Reading::Foreign), "{foreign}");
    }
    // A torn file is written over, and ours is whole.
    home.put(&path, "{\"accessTok");
    let new = token("new", "2026-01-01T01:00:00Z");
    sso_cache::write_token(&home.writer, &home.paths, &portal(), &new, None).unwrap();
    assert!(matches!(read(), Reading::Present(_)));
}

#[test]
fn a_registration_is_shared_with_the_aws_cli() {
    let home = Home::new();
    let scopes = ["sso:account:access".to_owned()];
    let new = Registration {
        client_id: "client".to_owned(),
        client_secret: Secret::new("client-secret".to_owned()),
        expires_at: at("2026-04-01T00:00:00Z"),
    };
    sso_cache::write_registration(&home.writer, &home.paths, &portal(), &scopes, &new).unwrap();
    let path = sso_cache::registration_path(&home.paths, &portal(), &scopes);
    assert_eq!(
        json_of(&path),
        json!({
            "clientId": "client",
            "clientSecret": "client-secret",
            "expiresAt": "2026-04-01T00:00:00Z",
            "scopes": ["sso:account:access"],
        })
    );
    let read = || sso_cache::read_registration(&home.paths, &portal(), &scopes);
    let stored = read().present().unwrap().content;
    assert!(stored.is_usable(at("2026-03-31T23:44:00Z")));
    assert!(!stored.is_usable(at("2026-03-31T23:46:00Z")));
    home.put(
        &path,
        r#"{"clientId": "c", "clientSecret": "s", "expiresAt": "2026-04-01T00:00:00Z", "grantTypes": ["authorization_code", "refresh_token"]}"#,
    );
    assert!(matches!(read(), Reading::Foreign));
}

#[test]
fn role_credentials_are_written_in_the_format_of_the_aws_cli_and_read_back() {
    let home = Home::new();
    let assumed = AssumedRole {
        id: "AROA:me".to_owned(),
        arn: "arn:aws:sts::123456789012:assumed-role/Dev/me".to_owned(),
    };
    let new = credentials("ASIANEW", "2026-01-01T01:00:00Z");
    cli_cache::write_role(&home.writer, &home.paths, &role(), &new, &assumed).unwrap();
    let renewal = Renewal::Role(role());
    assert_eq!(
        json_of(&cli_cache::entry_path(&home.paths, &renewal).unwrap()),
        json!({
            "Credentials": {
                "AccessKeyId": "ASIANEW",
                "SecretAccessKey": "secret-of-ASIANEW",
                "SessionToken": "token-of-ASIANEW==",
                "Expiration": "2026-01-01T01:00:00+00:00",
                "AccountId": "123456789012",
            },
            "AssumedRoleUser": {
                "AssumedRoleId": "AROA:me",
                "Arn": "arn:aws:sts::123456789012:assumed-role/Dev/me",
            },
        })
    );
    let read = cli_cache::read(&home.paths, &renewal)
        .present()
        .unwrap()
        .content;
    assert!(read == new);
}

#[test]
fn portal_credentials_are_written_in_the_format_of_the_aws_cli() {
    let home = Home::new();
    let new = credentials("ASIANEW", "2026-01-01T01:00:00Z");
    cli_cache::write_sso_role(&home.writer, &home.paths, &sso_role(portal()), &new).unwrap();
    let renewal = Renewal::SsoRole(sso_role(portal()));
    let written = json_of(&cli_cache::entry_path(&home.paths, &renewal).unwrap());
    assert_eq!(written["ProviderType"], "sso");
    assert_eq!(written["Credentials"]["Expiration"], "2026-01-01T01:00:00Z");
}

#[test]
fn every_argument_of_the_call_is_part_of_the_name() {
    let home = Home::new();
    let name =
        |role: RoleRenewal| cli_cache::entry_path(&home.paths, &Renewal::Role(role)).unwrap();
    let full = name(RoleRenewal {
        external_id: Some("ext".to_owned()),
        session_name: Some("me".to_owned()),
        duration: Some(SignedDuration::from_secs(7200)),
        ..role()
    });
    // hashlib.sha1(json.dumps({...}, sort_keys=True)) of Python 3.
    assert_eq!(stem(&full), "75bc18ed29e89dc670d4de06f32b350622f284f8");
    assert_ne!(full, name(role()));
}

#[test]
fn a_web_identity_is_written_where_the_aws_cli_looks_and_read_back() {
    let home = Home::new();
    let assumed = AssumedRole {
        id: "AROA:me".to_owned(),
        arn: "arn:aws:sts::123456789012:assumed-role/Pod/me".to_owned(),
    };
    let role = web_identity(None);
    let new = credentials("ASIAPOD", "2026-01-01T01:00:00Z");
    cli_cache::write_web_identity(&home.writer, &home.paths, &role, &new, &assumed).unwrap();
    let read = cli_cache::read(&home.paths, &Renewal::WebIdentity(role)).present();
    assert!(read.unwrap().content == new);
}

#[test]
fn what_sandglass_alone_defines_has_no_entry_in_the_cache_of_the_aws_cli() {
    let home = Home::new();
    let own = RoleRenewal {
        target: Some(ProfileName::new("prod")),
        ..role()
    };
    assert_eq!(
        cli_cache::entry_path(&home.paths, &Renewal::Role(own)),
        None
    );
}

#[test]
fn a_file_beyond_all_measure_is_not_read() {
    let home = Home::new();
    let path = sso_cache::token_path(&home.paths, &portal());
    let filler = "x".repeat(300 * 1024);
    home.put(
        &path,
        format!(r#"{{"accessToken": "{filler}", "expiresAt": "2026-01-01T00:00:00Z"}}"#),
    );
    let read = sso_cache::read_token(&home.paths, &portal());
    assert!(matches!(read, Reading::Foreign));
}
