//! A corpus of nasty files: each is edited, and only the bytes that were meant change.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use sandglass_core::names::ProfileName;
use sandglass_profiles::document::Document;
use sandglass_profiles::edit::{Change, EditError, edit};
use sandglass_profiles::section::AwsFile;

const NEW: [Change<'_>; 3] = [
    Change::Set("aws_access_key_id", "ASIANEW"),
    Change::Set("aws_secret_access_key", "new/secret+value"),
    Change::Set("aws_session_token", "new//token=="),
];

fn edit_mfa(bytes: &[u8], changes: &[Change<'_>]) -> Result<Vec<u8>, EditError> {
    let document = Document::parse(bytes.to_vec());
    let mfa = ProfileName::new("mfa");
    edit(&document, AwsFile::Credentials, &mfa, changes).map(|edited| edited.to_vec())
}

#[test]
fn each_file_of_the_corpus_changes_as_its_twin_says_and_only_once() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        names.extend(name.strip_suffix(".before.ini").map(str::to_owned));
    }
    assert!(names.len() > 20);
    for name in names {
        let read = |part: &str| fs::read(folder.join(format!("{name}.{part}.ini"))).unwrap();
        let after = edit_mfa(&read("before"), &NEW).unwrap();
        let shown = String::from_utf8_lossy(&after);
        assert!(after == read("after"), "{name} became\n{shown}");
        assert!(edit_mfa(&after, &NEW).unwrap() == after, "{name} twice");
    }
}

#[test]
fn two_blocks_of_the_profile_are_refused_with_both_lines() {
    let error = edit_mfa(b"[mfa]\na = 1\n\n[mfa]\nb = 2\n", &NEW).unwrap_err();
    assert_eq!(
        error.to_string(),
        "profile `mfa` stands twice, at lines 1 and 4"
    );
}

#[test]
fn a_key_that_stands_twice_is_refused_with_both_lines() {
    let bytes = b"[mfa]\naws_session_token = 1\nAWS_SESSION_TOKEN = 2\n";
    let error = edit_mfa(bytes, &NEW).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("at lines 2 and 3"), "{message}");
}

#[test]
fn other_encodings_are_refused() {
    for bytes in [
        b"[mfa]\n# gr\xFC\xDFe\n".as_slice(),
        b"\xFF\xFE[\0m\0f\0a\0]\0".as_slice(),
        b"[mfa]\0".as_slice(),
    ] {
        assert_eq!(edit_mfa(bytes, &NEW).unwrap_err(), EditError::NotText);
    }
}

#[test]
fn a_value_cannot_add_a_line_or_a_section() {
    for value in ["a\nb = c", "a\r[other]", "a # b", " a", "a ", "a\0", "a\n"] {
        let error = edit_mfa(b"[mfa]\n", &[Change::Set("aws_session_token", value)]);
        assert!(
            matches!(error, Err(EditError::DoesNotFit { .. })),
            "{value:?}"
        );
    }
}

#[test]
fn a_name_that_no_header_can_hold_is_refused() {
    for name in ["a\nb", " a", "a\r"] {
        let document = Document::parse(Vec::new());
        let profile = ProfileName::new(name);
        let error = edit(&document, AwsFile::Credentials, &profile, &NEW);
        assert!(
            matches!(error, Err(EditError::DoesNotFit { .. })),
            "{name:?}"
        );
    }
}

#[test]
fn a_removed_key_goes_with_its_continuation_lines() {
    let before = b"[mfa]\na = 1\nb = 2\n  more\n\n  still\n# stays\nc = 3\n";
    let after = edit_mfa(before, &[Change::Remove("b")]).unwrap();
    assert_eq!(
        String::from_utf8(after).unwrap(),
        "[mfa]\na = 1\n\n# stays\nc = 3\n"
    );
}

#[test]
fn the_last_line_may_go_while_another_comes() {
    let before = b"[mfa]\na = 1\nb = 2";
    let changes = [Change::Remove("b"), Change::Set("c", "3")];
    let after = edit_mfa(before, &changes).unwrap();
    assert_eq!(String::from_utf8(after).unwrap(), "[mfa]\na = 1\nc = 3\n");
}

#[test]
fn an_update_adds_nothing() {
    let before = b"[mfa]\na = 1\n";
    let changes = [Change::Update("b", "2"), Change::Update("a", "3")];
    let after = edit_mfa(before, &changes).unwrap();
    assert_eq!(String::from_utf8(after).unwrap(), "[mfa]\na = 3\n");
    let nothing = edit_mfa(b"x", &[Change::Update("b", "2"), Change::Remove("c")]).unwrap();
    assert_eq!(nothing, b"x");
}

#[test]
fn a_profile_of_the_config_file_is_headed_as_the_aws_cli_does() {
    let document = Document::parse(b"[default]\n".to_vec());
    let profile = ProfileName::new("a b");
    let changes = [Change::Set("region", "x")];
    let after = edit(&document, AwsFile::Config, &profile, &changes).unwrap();
    let text = String::from_utf8(after.to_vec()).unwrap();
    assert_eq!(text, "[default]\n\n[profile 'a b']\nregion = x\n");
}

/// Files that look like INI files, with everything in them that is hard.
fn nasty_file() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        "\\[[a-c]{0,2}\\]? ?[#;]?",
        "[ \t]{0,3}[A-Ca-c]{0,2}[ \t]{0,2}[=:]?[ \t]{0,2}[a-z#; \t\\[\\]=]{0,6}",
        "[#;] .{0,6}",
        Just("[mfa]".to_owned()),
        Just("aws_session_token = old".to_owned()),
        Just(" aws_access_key_id=old ; comment".to_owned()),
        "[ \t]{0,4}",
        ".{0,8}",
    ];
    let ending = prop_oneof![Just("\n"), Just("\r\n"), Just("\r"), Just("")];
    let lines = prop::collection::vec((line, ending), 0..14);
    (any::<bool>(), lines).prop_map(|(mark, lines)| {
        let mut bytes = Vec::new();
        if mark {
            bytes.extend_from_slice(b"\xEF\xBB\xBF");
        }
        for (line, ending) in lines {
            bytes.extend_from_slice(line.as_bytes());
            bytes.extend_from_slice(ending.as_bytes());
        }
        bytes
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read_and_rendered_as_they_were(bytes: Vec<u8>) {
        let document = Document::parse(bytes.clone());
        prop_assert_eq!(document.bytes(), &bytes);
    }

    #[test]
    fn an_edit_that_changes_nothing_renders_the_same_bytes(bytes in nasty_file()) {
        if let Ok(after) = edit_mfa(&bytes, &[]) {
            prop_assert_eq!(after, bytes);
        }
    }

    #[test]
    fn every_other_profile_says_what_it_said_before(bytes in nasty_file()) {
        let Ok(after) = edit_mfa(&bytes, &NEW) else { return Ok(()) };
        let others = |bytes: &[u8]| {
            let document = Document::parse(bytes.to_vec());
            let mut said = Vec::new();
            for section in document.sections() {
                for property in &section.properties {
                    if section.header != "mfa" || !property.key.starts_with("aws_") {
                        let value = document.value(property).expose().to_owned();
                        said.push((section.header.clone(), property.key.clone(), value));
                    }
                }
            }
            said
        };
        prop_assert_eq!(others(&bytes), others(&after));
        prop_assert_eq!(edit_mfa(&after, &NEW).unwrap(), after);
    }

    #[test]
    fn an_edit_and_the_edit_back_give_the_same_bytes(bytes in nasty_file()) {
        let old = "aws_session_token";
        let document = Document::parse(bytes.clone());
        let plain = document.sections().iter().filter(|section| section.header == "mfa")
            .flat_map(|section| &section.properties)
            .find(|property| property.key == old && !property.has_inline_comment())
            .map(|property| document.value(property).expose().to_owned());
        let Some(value) = plain.filter(|value| !value.is_empty() && !value.contains('\n')) else { return Ok(()) };
        let Ok(there) = edit_mfa(&bytes, &[Change::Set(old, "new")]) else { return Ok(()) };
        let back = edit_mfa(&there, &[Change::Set(old, &value)]).unwrap();
        prop_assert_eq!(back, bytes);
    }
}
