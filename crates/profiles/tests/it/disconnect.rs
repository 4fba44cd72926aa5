//! Profiles that are disconnected, whatever happened to them meanwhile.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sandglass_core::secret::SecretSettings;
use sandglass_profiles::changes::Planned;
use sandglass_profiles::config::Configuration;
use sandglass_profiles::connect as connecting;
use sandglass_profiles::credential_settings::{KEYS as KEY_SETTINGS, PLAIN};

use crate::Home;
use crate::connect::{ROLE, bytes, connect, disconnect, files, found_by_programs, name, planned};
use crate::inventory::{KEYS, findings, read_with};
#[test]
fn what_a_person_changed_since_stays_and_what_was_moved_comes_back() {
    let home = Home::with(ROLE, KEYS);
    let keys = connect(&home, "dev");
    let config = bytes(&home.paths.config).unwrap();
    let changed = config.replace(
        "region = eu-central-1",
        "region = ap-south-1\nrole_session_name = me",
    );
    home.put(&home.paths.config, &changed);
    let plan = disconnect(&home, "dev", &keys);
    assert!(
        plan.sentences
            .iter()
            .any(|sentence| sentence.contains("changed since"))
    );
    let configuration = Configuration::read(&home.paths);
    let dev = configuration.profile(&name("dev")).unwrap();
    let value = |key: &str| dev.setting(key).map(|setting| setting.value);
    assert_eq!(value("region"), Some("ap-south-1"));
    assert_eq!(value("role_session_name"), Some("me"));
    assert_eq!(
        value("role_arn"),
        Some("arn:aws:iam::123456789012:role/Dev")
    );
    assert_eq!(value("source_profile"), Some("base"));
    assert_eq!(value("credential_process"), None);
    assert!(!dev.is_connected());
}

#[test]
fn lines_that_were_added_below_stay_below() {
    let home = Home::with(
        "[profile x]\nregion = a",
        "[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = s\n",
    );
    let keys = connect(&home, "dev");
    let config = bytes(&home.paths.config).unwrap();
    home.put(
        &home.paths.config,
        format!("{config}[profile later]\nregion = b\n"),
    );
    disconnect(&home, "dev", &keys);
    let config = bytes(&home.paths.config).unwrap();
    assert_eq!(
        config,
        "[profile x]\nregion = a\n\n[profile later]\nregion = b\n"
    );
}

#[test]
fn without_the_record_the_settings_come_back_all_the_same() {
    for (config, credentials) in [
        (ROLE, KEYS),
        (
            "",
            "[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = s\n",
        ),
    ] {
        let home = Home::with(config, credentials);
        let settings = |home: &Home| {
            let configuration = Configuration::read(&home.paths);
            let dev = configuration.profile(&name("dev")).unwrap();
            let all = PLAIN.into_iter().chain(KEY_SETTINGS);
            all.filter_map(|key| Some((key, dev.setting(key)?.value.to_owned())))
                .collect::<Vec<_>>()
        };
        let before = settings(&home);
        let keys = connect(&home, "dev");
        fs::remove_dir_all(home.paths.state.join("connected")).unwrap();
        disconnect(&home, "dev", &keys);
        assert_eq!(settings(&home), before);
    }
}

#[test]
fn without_the_keys_the_way_back_says_so_and_goes_on() {
    let home = Home::with(
        "",
        "[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = s\n",
    );
    connect(&home, "dev");
    assert!(connecting::holds_keys(&home.paths, &name("dev")));
    let plan = disconnect(&home, "dev", &SecretSettings::new());
    let said = plan.sentences.join("; ");
    assert!(said.contains("aws configure --profile dev"), "{said}");
    assert_eq!(
        found_by_programs(&home, "dev"),
        ["aws_access_key_id=AKIADEV"]
    );
}

#[test]
fn a_profile_that_does_not_ask_any_more_is_told_with_the_way_out() {
    let home = Home::with(ROLE, KEYS);
    connect(&home, "dev");
    home.put(&home.paths.config, ROLE);
    let inventory = read_with(&home, &BTreeMap::new(), None);
    let said = findings(&inventory).join("\n");
    assert!(
        said.contains("profile `dev` is connected, but has no `credential_process`"),
        "{said}"
    );
    let error = planned(&home, "dev").err().unwrap();
    assert!(error.remedy.contains("sandglass disconnect dev"));
    disconnect(&home, "dev", &SecretSettings::new());
    assert_eq!(
        files(&home),
        [Some(ROLE.to_owned()), Some(KEYS.to_owned()), None]
    );
}

#[test]
fn nasty_files_come_back_byte_for_byte() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut seen = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let home = Home::new();
        home.put(&home.paths.credentials, fs::read(&path).unwrap());
        let own = "[mfa.mfa]\nsource = \"base\"\ndevice = \"none\"\n";
        home.put(&home.paths.sessions_toml(), own);
        let before = fs::read(&home.paths.credentials).unwrap();
        let Ok(Planned::Changes(plan)) = planned(&home, "mfa") else {
            continue;
        };
        plan.carry_out(&home.writer).unwrap();
        disconnect(&home, "mfa", &plan.keys);
        assert!(
            fs::read(&home.paths.credentials).unwrap() == before,
            "{}",
            path.display()
        );
        assert!(!home.paths.config.exists(), "{}", path.display());
        seen += 1;
    }
    assert!(seen > 40, "only {seen} files could be connected");
}
