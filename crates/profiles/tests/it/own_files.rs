//! Sandglass's own files.

use std::collections::BTreeSet;
use std::fs;

use jiff::SignedDuration;
use sandglass_core::event::{Agreement, Scope};
use sandglass_core::names::{ProfileName, SessionId};
use sandglass_profiles::definitions::{self, Defined, Device, Group, MfaSession};
use sandglass_profiles::write::Written;
use sandglass_profiles::{agreement, watch};

use crate::Home;

fn session(target: &str, source: &str) -> Defined {
    Defined::Mfa(mfa(target, source))
}

fn mfa(target: &str, source: &str) -> MfaSession {
    MfaSession {
        target: ProfileName::new(target),
        source: ProfileName::new(source),
        device: Device::InKeychain,
        duration: SignedDuration::from_hours(12),
    }
}

#[test]
fn definitions_are_added_changed_and_removed_around_what_a_person_wrote() {
    let home = Home::new();
    let path = home.paths.sessions_toml();
    home.put(
        &path,
        "# mine\n[mfa.old]\nsource = \"a\" # keys\n\n[other]\nx = 1\n",
    );
    definitions::add(&home.writer, &home.paths, &session("a b", "base")).unwrap();
    definitions::add(&home.writer, &home.paths, &session("old", "base")).unwrap();
    let (sessions, findings) = definitions::read(&home.paths);
    assert_eq!(sessions, [session("old", "base"), session("a b", "base")]);
    assert!(findings.is_empty());
    for target in ["old", "a b"] {
        let remove = || definitions::remove(&home.writer, &home.paths, Group::Mfa, target).unwrap();
        assert_eq!(remove(), Written::Changed);
        assert_eq!(remove(), Written::Unchanged);
    }
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("[other]\nx = 1\n"), "{text}");
    assert!(definitions::read(&home.paths).0.is_empty());
}

#[test]
fn the_first_definition_makes_a_file_that_people_can_read() {
    let home = Home::new();
    definitions::add(&home.writer, &home.paths, &session("mfa", "base")).unwrap();
    let text = fs::read_to_string(home.paths.sessions_toml()).unwrap();
    assert_eq!(
        text,
        "[mfa.mfa]\nsource = \"base\"\nduration_seconds = 43200\n"
    );
}

#[test]
fn a_damaged_file_is_a_finding_with_its_line_and_is_never_written_over() {
    let home = Home::new();
    let path = home.paths.sessions_toml();
    let damaged = "[mfa.a]\nsource = \"b\"\n[mfa.c\n";
    home.put(&path, damaged);
    let (sessions, findings) = definitions::read(&home.paths);
    assert!(sessions.is_empty());
    assert_eq!(findings[0].place, "~/.config/sandglass/sessions.toml:3");
    let error = definitions::add(&home.writer, &home.paths, &session("mfa", "base")).unwrap_err();
    assert!(error.to_string().contains("line:3"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
}

#[test]
fn an_entry_that_cannot_work_is_a_finding_and_the_others_stand() {
    let home = Home::new();
    home.put(
        &home.paths.sessions_toml(),
        "[mfa.a]\nsource = \"base\"\n\n[mfa.b]\n\n[mfa.c]\nsource = \"base\"\nduration_seconds = 60\n\n\
         [mfa.d]\nsource = \"d\"\n\n[mfa.e]\nsource = \"base\"\nduration_seconds = \"long\"\n",
    );
    let (sessions, findings) = definitions::read(&home.paths);
    assert_eq!(sessions, [session("a", "base")]);
    let lines: Vec<&str> = findings
        .iter()
        .map(|finding| finding.place.rsplit(':').next().unwrap())
        .collect();
    assert_eq!(lines, ["4", "6", "10", "13"], "{findings:?}");
}

#[test]
fn a_definition_that_cannot_work_is_not_added() {
    let home = Home::new();
    let too_long = Defined::Mfa(MfaSession {
        duration: SignedDuration::from_hours(37),
        ..mfa("mfa", "base")
    });
    for bad in [session("base", "base"), session("", "base"), too_long] {
        assert!(definitions::add(&home.writer, &home.paths, &bad).is_err());
    }
    assert!(!home.paths.sessions_toml().exists());
}

#[test]
fn an_agreement_is_remembered_and_a_damaged_one_agrees_to_nothing() {
    let home = Home::new();
    let agreed = Agreement {
        sessions: BTreeSet::from([SessionId::new("role:a"), SessionId::new("sso-role:b c")]),
        scope: Scope::All,
    };
    assert_eq!(agreement::read(&home.paths).0, Agreement::default());
    agreement::write(&home.writer, &home.paths, &agreed).unwrap();
    assert_eq!(agreement::read(&home.paths), (agreed.clone(), vec![]));
    home.put(
        &home.paths.agreement_toml(),
        "scope = \"all\"\nsessions = [\n",
    );
    let (read, findings) = agreement::read(&home.paths);
    assert_eq!(read, Agreement::default());
    assert_eq!(findings.len(), 1);
    assert!(agreement::write(&home.writer, &home.paths, &agreed).is_err());
}

#[test]
fn a_folder_that_is_not_there_yet_is_stood_for_by_the_one_above() {
    let home = Home::new();
    let root = home.folder.path().to_owned();
    assert_eq!(watch::folders(&home.paths), BTreeSet::from([root.clone()]));
    assert!(watch::concerns(&home.paths, &root.join(".aws")));
    assert!(!watch::concerns(&home.paths, &root.join("notes.txt")));
    home.put(&home.paths.credentials, "");
    let folders = watch::folders(&home.paths);
    assert!(folders.contains(&root.join(".aws")), "{folders:?}");
    assert!(watch::concerns(&home.paths, &home.paths.credentials));
    for cache in [
        &home.paths.sso_cache,
        &home.paths.cli_cache,
        &home.paths.login_cache,
    ] {
        assert!(watch::concerns(&home.paths, &cache.join("x.json")));
    }
    assert!(watch::concerns(&home.paths, &home.paths.settings_toml()));
    assert!(!watch::concerns(
        &home.paths,
        &home.paths.cli_cache.join("session.db-wal")
    ));
    assert!(!watch::concerns(
        &home.paths,
        &root.join(".aws/.credentials.sandglass-x")
    ));
}

#[cfg(unix)]
#[test]
fn the_folder_of_a_link_s_target_is_watched() {
    let home = Home::new();
    let real = home.folder.path().join("dotfiles/keys");
    home.put(&real, "");
    fs::create_dir_all(home.paths.credentials.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&real, &home.paths.credentials).unwrap();
    let target = fs::canonicalize(&real).unwrap();
    assert!(watch::folders(&home.paths).contains(target.parent().unwrap()));
    assert!(watch::concerns(&home.paths, &target));
}
