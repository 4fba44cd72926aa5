//! What is wrong with files, put right, and undone.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use sandglass_core::secret::SecretSettings;
use sandglass_profiles::repairs::{self, Repair};

use crate::connect::{changes, name};
use crate::{Home, at};

/// Every file of AWS, byte for byte.
fn files(home: &Home) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![home.paths.home.join(".aws")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    found
}

/// Later than anything that a test wrote.
fn later() -> Timestamp {
    at("2100-01-01T00:00:00Z")
}

fn found(home: &Home) -> Vec<Repair> {
    repairs::all(&home.paths, later())
}

fn codes(home: &Home) -> Vec<&'static str> {
    found(home).iter().map(|repair| repair.code).collect()
}

/// Makes the only repair that there is, and gives what it showed.
fn repaired(home: &Home, code: &str) -> String {
    let repair = found(home).into_iter().next().unwrap();
    assert_eq!(repair.code, code, "{}", repair.what);
    let plan = repair.undoable(&home.paths).unwrap();
    plan.carry_out(&home.writer).unwrap();
    assert!(!codes(home).contains(&code), "{code} is still there");
    plan.diff()
}

fn undone(home: &Home) {
    let plan = changes(repairs::undoing(&home.paths));
    plan.carry_out(&home.writer).unwrap();
}

fn config(home: &Home, text: &str) {
    fs::create_dir_all(home.paths.config.parent().unwrap()).unwrap();
    fs::write(&home.paths.config, text).unwrap();
}

fn read(path: &std::path::Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// The file becomes the other text by the repair, and is as before after it was undone.
fn becomes(code: &str, before: &str, after: &str) {
    let home = Home::new();
    config(&home, before);
    let all = files(&home);
    let diff = repaired(&home, code);
    assert_eq!(read(&home.paths.config), after, "{code}");
    assert!(diff.contains("\n+") || diff.contains("\n-"), "{diff}");
    undone(&home);
    assert_eq!(files(&home), all, "{code}");
}

#[test]
fn files_in_order_need_no_repair() {
    let home = Home::new();
    assert!(codes(&home).is_empty(), "nothing at all");
    config(
        &home,
        "[default]\nregion = x\n\n[sso-session s]\nsso_start_url = https://a\nsso_region = x\n\
         sso_registration_scopes = sso:account:access\n",
    );
    assert!(codes(&home).is_empty());
    assert!(matches!(
        repairs::undoing(&home.paths),
        Ok(sandglass_profiles::changes::Planned::Nothing(_))
    ));
}

#[test]
fn sections_that_stand_twice_are_joined_with_their_comments() {
    becomes(
        "stands-twice",
        "# mine\n[profile dev]\nregion = a ; first\noutput = json\n\n[profile other]\nregion = x\n\n\
         # again\n[profile dev]\n# better\nregion = b\ns3 =\n  max = 1\n\n[default]\nregion = y",
        "# mine\n[profile dev]\noutput = json\n# better\nregion = b\ns3 =\n  max = 1\n\n[profile other]\nregion = x\n\n\
         # again\n[default]\nregion = y",
    );
}

#[test]
fn of_a_setting_that_stands_twice_the_later_one_stays() {
    becomes(
        "stands-twice",
        "[default]\r\nregion = a\r\noutput = json\r\nregion = b\r\n",
        "[default]\r\noutput = json\r\nregion = b\r\n",
    );
}

#[test]
fn a_second_section_at_the_end_without_a_line_break_is_joined_too() {
    becomes(
        "stands-twice",
        "[default]\nregion = a\n[profile x]\nregion = c\n[default]\noutput = json",
        "[default]\nregion = a\noutput = json\n[profile x]\nregion = c\n",
    );
}

#[test]
fn what_no_repair_understands_is_left_to_a_person() {
    let home = Home::new();
    config(&home, "[default]\nregion\n[default]\noutput = json\n");
    assert!(codes(&home).is_empty());
    fs::write(&home.paths.config, b"[a]\nx = \xff\n[a]\n").unwrap();
    assert!(codes(&home).is_empty());
}

#[test]
fn an_sso_session_gets_the_scope_that_makes_its_token_renewable() {
    becomes(
        "sso-scope-missing",
        "[sso-session work]\nsso_start_url = https://a\nsso_region = x\n\n[default]\nregion = y\n",
        "[sso-session work]\nsso_start_url = https://a\nsso_region = x\nsso_registration_scopes = sso:account:access\n\n\
         [default]\nregion = y\n",
    );
    becomes(
        "sso-scope-missing",
        "[sso-session work]\nsso_start_url = https://a\nsso_region = x\nsso_registration_scopes = codewhisperer:x # c\n",
        "[sso-session work]\nsso_start_url = https://a\nsso_region = x\n\
         sso_registration_scopes = codewhisperer:x,sso:account:access # c\n",
    );
}

const LEGACY: &str = "[profile dev]\nsso_start_url = https://d-abc.awsapps.com/start\nsso_region = eu-west-1\n\
                      sso_account_id = 123456789012\nsso_role_name = Dev\n";

#[test]
fn a_legacy_profile_gets_an_sso_session() {
    becomes(
        "sso-legacy",
        LEGACY,
        "[profile dev]\nsso_account_id = 123456789012\nsso_role_name = Dev\nsso_session = d-abc\n\n\
         [sso-session d-abc]\nsso_start_url = https://d-abc.awsapps.com/start\nsso_region = eu-west-1\n\
         sso_registration_scopes = sso:account:access\n",
    );
}

#[test]
fn legacy_profiles_join_the_sso_session_of_their_portal() {
    let session = "\n[sso-session there]\nsso_start_url = https://d-abc.awsapps.com/start\nsso_region = eu-west-1\n\
                   sso_registration_scopes = sso:account:access\n";
    becomes(
        "sso-legacy",
        &format!("{LEGACY}{session}"),
        &format!(
            "[profile dev]\nsso_account_id = 123456789012\nsso_role_name = Dev\nsso_session = there\n{session}"
        ),
    );
}

#[test]
fn portals_whose_tokens_have_one_file_name_are_parted() {
    let home = Home::new();
    let other = LEGACY
        .replace("profile dev", "profile us")
        .replace("eu-west-1", "us-east-1");
    config(&home, &format!("{LEGACY}\n{other}"));
    assert_eq!(codes(&home), ["sso-cache-collision", "sso-cache-collision"]);
    repaired_first(&home);
    assert_eq!(codes(&home), ["sso-legacy"]);
    repaired_first(&home);
    assert!(codes(&home).is_empty());
    let text = read(&home.paths.config);
    assert!(
        text.contains("[sso-session d-abc]") && text.contains("[sso-session d-abc-us-east-1]"),
        "{text}"
    );
    // Repairs are undone one by one, the last one first.
    undone(&home);
    undone(&home);
    assert_eq!(read(&home.paths.config), format!("{LEGACY}\n{other}"));
}

fn repaired_first(home: &Home) {
    let repair = found(home).into_iter().next().unwrap();
    let plan = repair.undoable(&home.paths).unwrap();
    plan.carry_out(&home.writer).unwrap();
}

#[test]
fn a_torn_cache_file_is_set_aside_once_nobody_can_be_writing_it() {
    let home = Home::new();
    fs::create_dir_all(&home.paths.sso_cache).unwrap();
    let file = home.paths.sso_cache.join("abc.json");
    fs::write(&file, "{\"accessToken\": \"sec").unwrap();
    fs::set_permissions(&file, private()).unwrap();
    let written = at("2026-01-02T12:00:00Z");
    let opened = fs::File::options().append(true).open(&file).unwrap();
    opened.set_modified(written.try_into().unwrap()).unwrap();
    assert!(
        repairs::all(&home.paths, written + SignedDuration::from_secs(9)).is_empty(),
        "it may be in the middle of a write"
    );
    let all = files(&home);
    let diff = repaired(&home, "cache-torn");
    assert!(
        diff.contains("- ~/.aws/sso/cache/abc.json (20 bytes)"),
        "{diff}"
    );
    assert!(!diff.contains("sec\n"), "{diff}");
    assert!(!file.exists());
    undone(&home);
    assert_eq!(files(&home), all);
}

#[cfg(unix)]
fn private() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o600)
}

#[cfg(unix)]
#[test]
fn files_with_secrets_become_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    config(&home, "[default]\nregion = x\n");
    fs::set_permissions(&home.paths.config, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(codes(&home).is_empty(), "no secret is in it");
    let credentials = &home.paths.credentials;
    fs::write(
        credentials,
        "[default]\naws_access_key_id = AKIA\naws_secret_access_key = s\n",
    )
    .unwrap();
    fs::set_permissions(credentials, fs::Permissions::from_mode(0o644)).unwrap();
    let mode = || fs::metadata(credentials).unwrap().permissions().mode() & 0o777;
    let diff = repaired(&home, "mode-loose");
    assert_eq!(
        diff,
        "- ~/.aws/credentials (mode 0644)\n+ ~/.aws/credentials (mode 0600)\n"
    );
    assert_eq!(mode(), 0o600);
    undone(&home);
    assert_eq!(mode(), 0o644);
}

#[test]
fn what_was_changed_since_stays_when_a_repair_is_undone() {
    let home = Home::new();
    config(&home, LEGACY);
    repaired(&home, "sso-legacy");
    let more = format!(
        "# new\n[profile more]\nregion = x\n\n{}",
        read(&home.paths.config)
    );
    fs::write(&home.paths.config, &more).unwrap();
    undone(&home);
    assert_eq!(
        read(&home.paths.config),
        format!("# new\n[profile more]\nregion = x\n\n{LEGACY}")
    );
    repaired(&home, "sso-legacy");
    let text = read(&home.paths.config).replace("sso_session = d-abc", "sso_session = other");
    fs::write(&home.paths.config, &text).unwrap();
    let Err(error) = repairs::undoing(&home.paths) else {
        panic!("what stands there now is somebody else's")
    };
    assert!(error.message.contains("was changed since"), "{error:?}");
    assert_eq!(read(&home.paths.config), text);
}

#[test]
fn a_plan_that_is_outdated_changes_nothing() {
    let home = Home::new();
    config(&home, LEGACY);
    let repair = found(&home).into_iter().next().unwrap();
    let plan = repair.undoable(&home.paths).unwrap();
    let newer = format!("{LEGACY}region = z\n");
    fs::write(&home.paths.config, &newer).unwrap();
    assert!(plan.carry_out(&home.writer).is_err());
    assert_eq!(read(&home.paths.config), newer);
}

#[test]
fn a_key_that_moves_into_the_keychain_stays_in_no_note_of_a_repair() {
    let home = Home::new();
    config(&home, "[profile dev]\nregion = x\n");
    let keys = "[dev]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = verysecret\nregion = a\nregion = b\n";
    fs::write(&home.paths.credentials, keys).unwrap();
    fs::set_permissions(&home.paths.credentials, private()).unwrap();
    repaired(&home, "stands-twice");
    let notes = || {
        fs::read_dir(home.paths.state.join("repairs"))
            .unwrap()
            .count()
    };
    assert_eq!(notes(), 1);
    let moved: SecretSettings = crate::connect::connect(&home, "dev");
    assert!(
        moved.contains_key("aws_secret_access_key"),
        "{}",
        name("dev")
    );
    assert_eq!(notes(), 0);
}
