//! Sessions that only Sandglass knows: roles and federation tokens.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use jiff::SignedDuration;
use sandglass_core::lifetimes::End;
use sandglass_core::names::{MfaSerial, ProfileName, SessionId};
use sandglass_core::session::{Found, Place, Renewal, Source};
use sandglass_profiles::credentials::{of_session, write_target};
use sandglass_profiles::definitions::{
    self, Defined, Device, FederationSession, Group, MfaSession, RoleSession, SessionPolicy,
};
use sandglass_profiles::inventory::Observed;
use sandglass_profiles::write::Written;

use crate::inventory::{KEYS, NOW, findings, ids, read, read_with, sighting};
use crate::{Home, at, credentials};

fn role() -> RoleSession {
    RoleSession {
        target: ProfileName::new("prod"),
        role_arn: "arn:aws:iam::123456789012:role/team/Admin".to_owned(),
        source: ProfileName::new("base"),
        mfa_serial: Some(MfaSerial::new("arn:aws:iam::123456789012:mfa/me")),
        external_id: Some("x/1".to_owned()),
        session_name: Some("me@work".to_owned()),
        duration: Some(SignedDuration::from_hours(2)),
    }
}

fn federation() -> FederationSession {
    FederationSession {
        name: "report".to_owned(),
        source: ProfileName::new("base"),
        user: "report".to_owned(),
        policy: SessionPolicy::Inline(r#"{"Version": "2012-10-17"}"#.to_owned()),
        policy_arns: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()],
        target: Some(ProfileName::new("report")),
        duration: SignedDuration::from_hours(36),
    }
}

fn mfa(device: Device) -> MfaSession {
    MfaSession {
        target: ProfileName::new("mfa"),
        source: ProfileName::new("base"),
        device,
        duration: SignedDuration::from_hours(12),
    }
}

fn add(home: &Home, defined: &Defined) {
    definitions::add(&home.writer, &home.paths, defined).unwrap();
}

#[test]
fn every_kind_is_written_and_read_back() {
    let all = [
        Defined::Mfa(mfa(Device::None)),
        Defined::Role(role()),
        Defined::Role(RoleSession {
            target: ProfileName::new("plain"),
            mfa_serial: None,
            external_id: None,
            session_name: None,
            duration: None,
            ..role()
        }),
        Defined::Federation(federation()),
        Defined::Federation(FederationSession {
            name: "kept".to_owned(),
            policy: SessionPolicy::File(PathBuf::from("kept.json")),
            policy_arns: vec![],
            target: None,
            ..federation()
        }),
    ];
    let home = Home::new();
    for defined in &all {
        assert_eq!(defined.fault(), None);
        add(&home, defined);
    }
    assert_eq!(definitions::read(&home.paths), (all.to_vec(), vec![]));
    // Again, and nothing changes.
    for defined in &all {
        let again = definitions::add(&home.writer, &home.paths, defined).unwrap();
        assert_eq!(again, Written::Unchanged);
    }
    for defined in &all {
        definitions::remove(&home.writer, &home.paths, defined.group(), defined.name()).unwrap();
    }
    assert_eq!(definitions::read(&home.paths), (vec![], vec![]));
}

#[test]
fn a_change_keeps_the_comments_and_drops_what_is_not_set_any_more() {
    let home = Home::new();
    home.put(
        &home.paths.sessions_toml(),
        "[role.prod] # by hand\nrole_arn = \"arn:aws:iam::123456789012:role/Old\" # of old\nsource = \"base\"\n\
         external_id = \"gone\"\n",
    );
    add(
        &home,
        &Defined::Role(RoleSession {
            external_id: None,
            mfa_serial: None,
            session_name: None,
            duration: None,
            ..role()
        }),
    );
    assert_eq!(
        fs::read_to_string(home.paths.sessions_toml()).unwrap(),
        "[role.prod] # by hand\nrole_arn = \"arn:aws:iam::123456789012:role/team/Admin\" # of old\nsource = \"base\"\n"
    );
}

#[test]
fn what_aws_would_not_accept_is_not_defined() {
    let roles = [
        RoleSession {
            role_arn: "arn:aws:iam::123456789012:user/me".to_owned(),
            ..role()
        },
        RoleSession {
            role_arn: "arn:aws:iam::1234:role/R".to_owned(),
            ..role()
        },
        RoleSession {
            role_arn: "arn:aws:iam::123456789012:role/".to_owned(),
            ..role()
        },
        RoleSession {
            mfa_serial: Some(MfaSerial::new("12345678")),
            ..role()
        },
        RoleSession {
            external_id: Some("a".to_owned()),
            ..role()
        },
        RoleSession {
            session_name: Some("me and you".to_owned()),
            ..role()
        },
        RoleSession {
            session_name: Some("x".repeat(65)),
            ..role()
        },
        RoleSession {
            duration: Some(SignedDuration::from_secs(43_201)),
            ..role()
        },
        RoleSession {
            duration: Some(SignedDuration::from_secs(899)),
            ..role()
        },
        RoleSession {
            target: ProfileName::new("base"),
            ..role()
        },
        RoleSession {
            source: ProfileName::new(" "),
            ..role()
        },
    ];
    let tokens = [
        FederationSession {
            name: " ".to_owned(),
            ..federation()
        },
        FederationSession {
            user: "x".to_owned(),
            ..federation()
        },
        FederationSession {
            user: "größe".to_owned(),
            ..federation()
        },
        FederationSession {
            policy: SessionPolicy::Inline("Allow".to_owned()),
            ..federation()
        },
        FederationSession {
            policy: SessionPolicy::Inline(format!("{{\"a\": \"{}\"}}", "x".repeat(2048))),
            ..federation()
        },
        FederationSession {
            policy_arns: vec!["ReadOnlyAccess".to_owned()],
            ..federation()
        },
        FederationSession {
            policy_arns: vec!["arn:aws:iam::aws:policy/X".to_owned(); 11],
            ..federation()
        },
        FederationSession {
            duration: SignedDuration::from_hours(37),
            ..federation()
        },
        FederationSession {
            target: Some(ProfileName::new("base")),
            ..federation()
        },
    ];
    let home = Home::new();
    let all = roles
        .map(Defined::Role)
        .into_iter()
        .chain(tokens.map(Defined::Federation));
    for bad in all {
        let fault = bad.fault().unwrap_or_else(|| panic!("{bad:?}"));
        assert!(!fault.remedy.is_empty(), "{fault:?}");
        let error = definitions::add(&home.writer, &home.paths, &bad).unwrap_err();
        assert!(error.to_string().contains(&fault.message), "{error}");
    }
    assert!(!home.paths.sessions_toml().exists());
}

#[test]
fn what_cannot_be_understood_is_a_finding_with_its_line() {
    let tables = [
        "[role.a]\nsource = \"base\"\n",
        "[role.b]\nrole_arn = 1\nsource = \"base\"\n",
        "[federation.c]\nsource = \"base\"\n",
        "[federation.d]\nsource = \"base\"\nuser = \"dd\"\npolicy = \"{}\"\npolicy_file = \"x\"\n",
        "[federation.e]\nsource = \"base\"\nuser = \"ee\"\npolicy_arns = \"x\"\n",
        "[mfa.f]\nsource = \"base\"\ndevice = \"mine\"\n",
        "[mfa.g]\nsource = \"base\"\nduration_seconds = 3.5\n",
    ];
    for table in tables {
        let home = Home::new();
        let good = "[mfa.good]\nsource = \"base\"\n";
        home.put(&home.paths.sessions_toml(), format!("{good}{table}"));
        let (sessions, findings) = definitions::read(&home.paths);
        assert_eq!(sessions.len(), 1, "{table}");
        assert_eq!(findings.len(), 1, "{table}: {findings:?}");
        assert!(findings[0].place.ends_with(".toml:3"), "{findings:?}");
    }
}

#[test]
fn a_profile_is_the_target_of_one_session_only() {
    let home = Home::new();
    add(&home, &Defined::Role(role()));
    let second = Defined::Federation(FederationSession {
        target: Some(ProfileName::new("prod")),
        ..federation()
    });
    let error = definitions::add(&home.writer, &home.paths, &second).unwrap_err();
    assert!(error.to_string().contains("already"), "{error}");
    home.put(
        &home.paths.sessions_toml(),
        "[mfa.x]\nsource = \"base\"\n[role.x]\nrole_arn = \"arn:aws:iam::123456789012:role/R\"\nsource = \"base\"\n",
    );
    let (sessions, findings) = definitions::read(&home.paths);
    assert_eq!(sessions.len(), 1);
    assert!(findings[0].place.ends_with(":3"), "{findings:?}");
}

#[test]
fn a_role_of_sandglass_s_own_lies_in_its_target() {
    let home = Home::with("", KEYS);
    add(&home, &Defined::Role(role()));
    let inventory = read(&home);
    let prod = sighting(&inventory, "role:prod");
    let Renewal::Role(renewal) = &prod.definition.renewal else {
        panic!("{prod:?}")
    };
    assert_eq!(renewal.source, Source::Keys(ProfileName::new("base")));
    assert_eq!(prod.found, Found::Nothing);
    let profile = Place::Profile(ProfileName::new("prod"));
    assert_eq!(prod.used_in, std::slice::from_ref(&profile));
    let target = prod.definition.renewal.target().unwrap();
    let new = credentials("ASIAPROD", "2026-01-01T02:30:00Z");
    write_target(&home.writer, &home.paths, target, &new, at(NOW)).unwrap();
    let inventory = read(&home);
    let prod = sighting(&inventory, "role:prod");
    assert_eq!(
        prod.found,
        Found::Credentials(End::issued(at(NOW), at("2026-01-01T02:30:00Z")))
    );
    let file = Place::File("~/.aws/credentials".to_owned());
    assert_eq!(prod.used_in, [file, profile]);
    assert!(!ids(&inventory).contains(&"foreign:prod"));
    let keys = of_session(&home.paths, &inventory.configuration, &prod.definition);
    assert_eq!(keys.ok().unwrap().access_key_id, "ASIAPROD");
}

#[test]
fn a_federation_token_without_a_target_stays_in_the_sealed_store() {
    let home = Home::with("", KEYS);
    let kept = FederationSession {
        target: None,
        policy: SessionPolicy::File(PathBuf::from("report.json")),
        ..federation()
    };
    add(&home, &Defined::Federation(kept));
    let inventory = read(&home);
    assert_eq!(ids(&inventory), ["keys:base"]);
    assert!(
        findings(&inventory)[0].contains("`policy_file` could not be read"),
        "{:?}",
        findings(&inventory)
    );
    let policy = home.paths.settings.join("report.json");
    home.put(&policy, "[]");
    assert!(findings(&read(&home))[0].contains("holds no policy document"));
    home.put(&policy, r#"{"Statement": []}"#);
    let end = End::issued(at(NOW), at("2026-01-01T12:30:00Z"));
    let id = SessionId::new("federation-token:report");
    let observed = BTreeMap::from([(id, Observed::Sealed(end))]);
    let inventory = read_with(&home, &observed, None);
    assert_eq!(findings(&inventory), Vec::<String>::new());
    let token = sighting(&inventory, "federation-token:report");
    assert_eq!(token.found, Found::Credentials(end));
    assert_eq!(token.used_in, [Place::SealedStore]);
    let Renewal::FederationToken(renewal) = &token.definition.renewal else {
        panic!("{token:?}")
    };
    assert_eq!(renewal.policy.as_deref(), Some(r#"{"Statement": []}"#));
}

#[test]
fn a_federation_token_without_a_policy_may_do_nothing_and_is_told_of() {
    let home = Home::with("", KEYS);
    let bare = FederationSession {
        policy: SessionPolicy::None,
        policy_arns: vec![],
        ..federation()
    };
    add(&home, &Defined::Federation(bare));
    let inventory = read(&home);
    assert!(ids(&inventory).contains(&"federation-token:report"));
    assert!(findings(&inventory)[0].contains("has no policy"));
}

#[test]
fn a_session_without_a_device_asks_the_keychain_nothing() {
    let home = Home::with("", KEYS);
    add(&home, &Defined::Mfa(mfa(Device::None)));
    let inventory = read(&home);
    let Renewal::SessionToken(renewal) =
        &sighting(&inventory, "session-token:mfa").definition.renewal
    else {
        panic!("no session token")
    };
    assert_eq!(renewal.device, None);
}

#[test]
fn sources_lead_through_definitions_and_their_circles_are_found() {
    let home = Home::with(
        "[profile through]\nrole_arn = arn:aws:iam::1:role/T\nsource_profile = prod\n\
         [profile powerless]\nrole_arn = arn:aws:iam::1:role/T\nsource_profile = report\n\
         [profile round]\nrole_arn = arn:aws:iam::1:role/T\nsource_profile = about\n\
         [profile both]\nrole_arn = arn:aws:iam::1:role/T\nsource_profile = base\n",
        KEYS,
    );
    add(&home, &Defined::Role(role()));
    add(&home, &Defined::Federation(federation()));
    for (target, source) in [("about", "round"), ("lost", "missing"), ("both", "base")] {
        add(
            &home,
            &Defined::Role(RoleSession {
                target: ProfileName::new(target),
                source: ProfileName::new(source),
                ..role()
            }),
        );
    }
    let inventory = read(&home);
    assert_eq!(
        ids(&inventory),
        [
            "role:through",
            "role:prod",
            "role:both",
            "federation-token:report",
            "keys:base",
        ]
    );
    let Renewal::Role(through) = &sighting(&inventory, "role:through").definition.renewal else {
        panic!("no role")
    };
    assert_eq!(
        through.source,
        Source::Session {
            id: SessionId::new("role:prod"),
            profile: ProfileName::new("prod"),
        }
    );
    let findings = findings(&inventory).join("\n");
    for part in [
        "~/.aws/config:6: profile `powerless` starts from profile `report`, which holds a federation token",
        "go round in a circle",
        "role `lost` starts from profile `missing`, which does not exist",
        "~/.aws/config:10: profile `both` has a `role_arn`, and is the target of role `both`",
    ] {
        assert!(findings.contains(part), "{part} in\n{findings}");
    }
}

#[test]
fn temporary_keys_are_no_source_for_a_federation_token() {
    let home = Home::with(
        "",
        "[base]\naws_access_key_id = ASIA1\naws_secret_access_key = s\naws_session_token = t\n",
    );
    add(&home, &Defined::Federation(federation()));
    let findings = findings(&read(&home));
    assert!(
        findings[0].contains(
            "federation token `report` starts from profile `base`, which holds temporary keys"
        ),
        "{findings:?}"
    );
}

#[test]
fn groups_are_apart() {
    let home = Home::new();
    add(&home, &Defined::Mfa(mfa(Device::InKeychain)));
    let removed = definitions::remove(&home.writer, &home.paths, Group::Role, "mfa").unwrap();
    assert_eq!(removed, Written::Unchanged);
    assert_eq!(definitions::read(&home.paths).0.len(), 1);
}
