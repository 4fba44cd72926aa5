//! Profiles that are connected, and disconnected again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use sandglass_core::error::RenewalError;
use sandglass_core::names::ProfileName;
use sandglass_core::secret::SecretSettings;
use sandglass_core::session::{Place, Storage};
use sandglass_profiles::changes::{Plan, Planned};
use sandglass_profiles::connect;
use sandglass_profiles::credential_settings::{KEYS as KEY_SETTINGS, PLAIN};
use sandglass_profiles::inventory::Inventory;
use sandglass_profiles::section::AwsFile;

use crate::Home;
use crate::inventory::{KEYS, findings, ids, read_with, sighting};

pub(crate) const ROLE: &str = "\
# all of mine
[default]
region = eu-west-1

[profile dev] ; the one for work
region = eu-central-1
role_arn = arn:aws:iam::123456789012:role/Dev
   # who starts
source_profile=base
output = json

# another
[profile other]
region = us-east-1
";

pub(crate) fn command(profile: &str) -> String {
    format!("/usr/bin/sandglass credentials --profile {profile}")
}

pub(crate) fn name(profile: &str) -> ProfileName {
    ProfileName::new(profile)
}

pub(crate) fn planned(home: &Home, profile: &str) -> Result<Planned, RenewalError> {
    connect::connecting(&home.paths, &home.writer, &name(profile), &command(profile))
}

pub(crate) fn changes(planned: Result<Planned, RenewalError>) -> Plan {
    match planned {
        Ok(Planned::Changes(plan)) => plan,
        Ok(Planned::Nothing(sentence)) => panic!("{sentence}"),
        Err(error) => panic!("{error:?}"),
    }
}

/// Connects and gives what belongs into the keychain.
pub(crate) fn connect(home: &Home, profile: &str) -> SecretSettings {
    let plan = changes(planned(home, profile));
    plan.carry_out(&home.writer).unwrap();
    plan.keys
}

pub(crate) fn disconnect(home: &Home, profile: &str, keys: &SecretSettings) -> Plan {
    let plan = changes(connect::disconnecting(&home.paths, &name(profile), keys));
    plan.carry_out(&home.writer).unwrap();
    plan
}

pub(crate) fn bytes(path: &Path) -> Option<String> {
    fs::read(path)
        .ok()
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Both files of AWS, and Sandglass's own.
pub(crate) fn files(home: &Home) -> [Option<String>; 3] {
    [
        bytes(&home.paths.config),
        bytes(&home.paths.credentials),
        bytes(&home.paths.sessions_toml()),
    ]
}

fn without(home: &Home, path: &Path) {
    assert!(path.starts_with(home.folder.path()));
    fs::remove_file(path).unwrap();
}

/// What programs that do not know Sandglass find in a profile.
pub(crate) fn found_by_programs(home: &Home, profile: &str) -> Vec<String> {
    let profile = name(profile);
    let mut found = Vec::new();
    for (file, path) in [
        (AwsFile::Config, &home.paths.config),
        (AwsFile::Credentials, &home.paths.credentials),
    ] {
        let text = bytes(path).unwrap_or_default();
        let document = sandglass_profiles::document::Document::parse(text.into_bytes());
        for section in document.sections() {
            let is_its = match file {
                AwsFile::Config => {
                    section.header == format!("profile {profile}")
                        || section.header == profile.as_str()
                }
                AwsFile::Credentials => section.header == profile.as_str(),
            };
            let properties = section.properties.iter().filter(|_| is_its);
            found.extend(
                properties
                    .filter(|property| {
                        PLAIN.contains(&property.key.as_str())
                            || KEY_SETTINGS.contains(&property.key.as_str())
                    })
                    .map(|property| {
                        format!("{}={}", property.key, document.value(property).expose())
                    }),
            );
        }
    }
    found
}

fn region_of_dev(inventory: &Inventory) -> Option<&str> {
    let dev = inventory.configuration.profile(&name("dev"))?;
    dev.region().map(|region| region.value)
}

#[test]
fn every_kind_of_profile_is_handed_over_means_the_same_and_comes_back_byte_for_byte() {
    let keys = "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base/secret # mine\n\n[dev]\n# here\n\
                aws_access_key_id=AKIADEV\naws_secret_access_key : dev=secret\nregion = x";
    let temporary = "[dev]\naws_access_key_id = ASIADEV\naws_secret_access_key = s\naws_session_token = t\n\
                     x_security_token_expires = 2026-01-01T00:00:00Z\n[base]\naws_access_key_id = AKIABASE\n\
                     aws_secret_access_key = b\n";
    let sso = "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev\n\n[sso-session corp]\n\
               sso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n";
    let legacy = "[profile dev]\r\nsso_start_url = https://corp.awsapps.com/start\r\nsso_region = eu-west-1\r\n\
                  sso_account_id = 123456789012\r\nsso_role_name = Dev\r\nregion = eu-west-1\r\n";
    let web = "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/W\nweb_identity_token_file = /tmp/token\n";
    let process = "[profile dev]\ncredential_process = \"other tool\" --for dev\n";
    let login =
        "[profile dev]\nlogin_session = arn:aws:sts::123456789012:assumed-role/a/b\nregion=x";
    let itself =
        "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/Dev\nsource_profile = dev\n";
    for (what, config, credentials) in [
        ("role", Some(ROLE), Some(KEYS)),
        ("keys", None, Some(keys)),
        (
            "keys beside other settings",
            Some("[profile dev]\nregion = y\n"),
            Some(keys),
        ),
        (
            "keys in the config file",
            Some("[profile dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = s\n"),
            None,
        ),
        ("keys of default", Some("[default]\nregion = z"), Some(keys)),
        (
            "a role that starts from its own keys",
            Some(itself),
            Some(keys),
        ),
        (
            "a role with stale keys before it",
            Some(ROLE),
            Some(temporary),
        ),
        ("sso", Some(sso), None),
        ("legacy sso", Some(legacy), None),
        ("web identity", Some(web), None),
        ("another process", Some(process), None),
        ("login", Some(login), None),
        (
            "no newline at the end",
            Some("[profile x]\nregion = a"),
            Some(keys),
        ),
        (
            "a blank line at the end",
            Some("[profile x]\nregion = a\n\n"),
            Some(keys),
        ),
        (
            "a comment above and below",
            Some(
                "# a\n[profile dev]\n# b\nrole_arn = r\ncredential_source=Ec2InstanceMetadata\n# c\n",
            ),
            None,
        ),
    ] {
        let home = Home::with(config.unwrap_or_default(), credentials.unwrap_or_default());
        for (path, text) in [
            (&home.paths.config, config),
            (&home.paths.credentials, credentials),
        ] {
            if text.is_none() {
                without(&home, path);
            }
        }
        let before = files(&home);
        let sessions = read_with(&home, &BTreeMap::new(), None);
        let keys = connect(&home, "dev");
        let own = format!("credential_process={}", command("dev"));
        assert_eq!(found_by_programs(&home, "dev"), [own], "{what}");
        let now = read_with(&home, &BTreeMap::new(), None);
        let wanted: BTreeSet<&str> = ids(&sessions)
            .into_iter()
            .filter(|id| what != "a role with stale keys before it" || *id != "foreign:dev")
            .collect();
        let known: BTreeSet<&str> = ids(&now).into_iter().collect();
        assert_eq!(known, wanted, "{what}");
        let (told, before_that) = (findings(&now), findings(&sessions));
        let new: Vec<_> = told
            .iter()
            .filter(|told| !before_that.contains(told))
            .collect();
        assert!(new.is_empty(), "{what}: {new:?}");
        assert_eq!(region_of_dev(&now), region_of_dev(&sessions), "{what}");
        disconnect(&home, "dev", &keys);
        assert_eq!(files(&home), before, "{what}");
    }
}

#[test]
fn long_lived_keys_leave_every_file_and_the_copy_of_it() {
    let home = Home::with(
        "",
        "[old]\naws_access_key_id = ASIAOLD\n[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base/secret\n",
    );
    // An earlier change made a copy of the file.
    let issued = crate::credentials("ASIANEW", "2026-01-01T00:00:00Z");
    let at = crate::at("2025-12-31T23:00:00Z");
    sandglass_profiles::credentials::write_target(
        &home.writer,
        &home.paths,
        &name("old"),
        &issued,
        at,
    )
    .unwrap();
    let copy = home.writer.backup_of(&home.paths.credentials);
    assert!(bytes(&copy).unwrap().contains("base/secret"));

    let keys = connect(&home, "base");
    assert!(keys["aws_secret_access_key"].expose() == "base/secret");
    for entry in walk(home.folder.path()) {
        let text = bytes(&entry).unwrap_or_default();
        assert!(!text.contains("base/secret"), "{}", entry.display());
    }
    let inventory = read_with(&home, &BTreeMap::new(), None);
    let base = sighting(&inventory, "keys:base");
    assert_eq!(base.definition.storage, Storage::Keychain);
    assert_eq!(
        base.used_in,
        [Place::Keychain, Place::Profile(name("base"))]
    );
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(walk(&path));
        } else {
            all.push(path);
        }
    }
    all
}

#[test]
fn what_is_shown_is_the_change_without_secrets() {
    let home = Home::with(
        "[profile dev]\nregion = a\n",
        "[dev]\naws_access_key_id = AKIADEV1234\naws_secret_access_key = s/e/c\n",
    );
    let plan = changes(planned(&home, "dev"));
    let diff = plan.diff();
    for line in [
        "--- ~/.aws/config",
        "+credential_process = /usr/bin/sandglass credentials --profile dev",
        "-aws_access_key_id = AKIADEV1234",
        "-aws_secret_access_key = ********",
        "+[connected.dev]",
    ] {
        assert!(diff.lines().any(|shown| shown == line), "{line} in {diff}");
    }
    assert!(!diff.contains("s/e/c"), "{diff}");
    assert!(
        plan.sentences
            .iter()
            .any(|sentence| sentence.contains("ends in 1234")),
        "{:?}",
        plan.sentences
    );
    assert!(
        files(&home)[2].is_none(),
        "nothing is written before it is carried out"
    );
}

#[test]
fn the_keys_that_a_role_starts_from_are_offered_a_place_in_the_keychain() {
    let home = Home::with(ROLE, KEYS);
    let offer = |home: &Home| {
        let sentences = changes(planned(home, "dev")).sentences;
        sentences
            .join("; ")
            .contains("`sandglass connect base` moves them to your keychain")
    };
    assert!(offer(&home));
    connect(&home, "base");
    assert!(!offer(&home));
}

#[test]
fn a_plan_is_carried_out_on_the_files_that_were_shown_or_not_at_all() {
    let home = Home::with(ROLE, KEYS);
    let plan = changes(planned(&home, "dev"));
    assert_eq!(
        plan.fingerprint(),
        changes(planned(&home, "dev")).fingerprint()
    );
    let changed = format!("{ROLE}[profile new]\n");
    home.put(&home.paths.config, &changed);
    assert!(plan.fingerprint() != changes(planned(&home, "dev")).fingerprint());
    let error = plan.carry_out(&home.writer).unwrap_err();
    assert!(error.to_string().contains("changed since"), "{error}");
    assert_eq!(files(&home), [Some(changed), Some(KEYS.to_owned()), None]);
    assert!(matches!(
        connect::disconnecting(&home.paths, &name("dev"), &SecretSettings::new()),
        Ok(Planned::Nothing(_))
    ));
}

#[cfg(unix)]
#[test]
fn where_one_file_cannot_be_written_all_others_are_as_before() {
    let keys = format!(
        "{KEYS}[dev]\naws_access_key_id = ASIADEV\naws_secret_access_key = s\naws_session_token = t\n"
    );
    let home = Home::with(ROLE, &keys);
    let mut permissions = fs::metadata(&home.paths.credentials).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&home.paths.credentials, permissions).unwrap();
    let before = files(&home);
    let plan = changes(planned(&home, "dev"));
    let error = plan.carry_out(&home.writer).unwrap_err();
    assert!(error.to_string().contains("read-only"), "{error}");
    assert_eq!(files(&home), before);
}

#[test]
fn connecting_again_changes_the_command_and_nothing_else() {
    let home = Home::with(ROLE, KEYS);
    let before = files(&home);
    let keys = connect(&home, "dev");
    let connected = files(&home);
    assert!(matches!(planned(&home, "dev"), Ok(Planned::Nothing(_))));
    let moved = "'/opt/new place/sandglass' credentials --profile dev";
    let plan = changes(connect::connecting(
        &home.paths,
        &home.writer,
        &name("dev"),
        moved,
    ));
    plan.carry_out(&home.writer).unwrap();
    let config = connected[0]
        .as_ref()
        .unwrap()
        .replace(&command("dev"), moved);
    assert_eq!(
        files(&home),
        [Some(config), connected[1].clone(), connected[2].clone()]
    );
    disconnect(&home, "dev", &keys);
    assert_eq!(files(&home), before);
}

#[test]
fn a_session_that_sandglass_writes_moves_to_the_sealed_store() {
    let home = Home::with(
        "",
        &format!(
            "{KEYS}[mfa]\naws_access_key_id = ASIAMFA\naws_secret_access_key = s\naws_session_token = t\n"
        ),
    );
    home.put(
        &home.paths.sessions_toml(),
        "[mfa.mfa]\nsource = \"base\"\ndevice = \"none\"\n",
    );
    let before = files(&home);
    let keys = connect(&home, "mfa");
    let connected = bytes(&home.paths.sessions_toml()).unwrap();
    let inventory = read_with(&home, &BTreeMap::new(), None);
    assert_eq!(ids(&inventory), ["session-token:mfa", "keys:base"]);
    let mfa = sighting(&inventory, "session-token:mfa");
    assert_eq!(mfa.definition.storage, Storage::SealedStore);
    assert_eq!(mfa.used_in, [Place::Profile(name("mfa"))]);
    home.put(&home.paths.sessions_toml(), "[connected.mfa]\n");
    let told = findings(&read_with(&home, &BTreeMap::new(), None)).join("; ");
    assert!(told.contains("nothing says any more"), "{told}");
    home.put(&home.paths.sessions_toml(), &connected);
    disconnect(&home, "mfa", &keys);
    assert_eq!(files(&home), before);
}

#[test]
fn what_could_not_be_served_or_put_back_is_refused_and_nothing_is_written() {
    let two = "[dev]\naws_access_key_id = AKIA1\naws_secret_access_key = s\n";
    for (config, credentials, why) in [
        ("", "", "there is no profile `dev`"),
        (
            "[profile dev]\nregion = x\n",
            "",
            "nothing in profile `dev` gives credentials",
        ),
        (
            "",
            "[dev]\naws_access_key_id = ASIA1\naws_secret_access_key = s\naws_session_token = t\n",
            "temporary keys that another program",
        ),
        (
            "[profile dev]\naws_access_key_id = AKIA1\naws_secret_access_key = s\n",
            two,
            "keys in both files",
        ),
        (
            "[profile dev]\nrole_arn = r\n",
            "",
            "without `source_profile`",
        ),
        (
            "[profile dev]\nrole_arn = r\ncredential_source = Environment\n",
            "",
            "starts from the environment of each program",
        ),
        (
            "[profile dev]\nrole_arn = r\nsource_profile = nobody\n",
            "",
            "starts from profile `nobody`, which does not exist",
        ),
        (
            "[profile dev]\nrole_arn = r\nrole_arn = s\nsource_profile = dev\n",
            two,
            "stands twice, at lines 2 and 3",
        ),
        (
            "[profile dev]\n[profile dev]\n",
            two,
            "stands twice, at lines 1 and 2",
        ),
        (
            "[profile dev]\ncredential_process = sandglass credentials --profile other\n",
            "",
            "for the credentials of `other` already",
        ),
        (
            "[profile dev]\ncredential_process = sandglass credentials --profile dev\n",
            "",
            "nothing says what they are",
        ),
        (
            "[profile dev]\ncredential_process = x\naws_access_key_id = AKIA1\naws_secret_access_key = s\n",
            "",
            "programs disagree",
        ),
        (
            "",
            "[dev]\naws_access_key_id = AKIA1\naws_secret_access_key = s\n  more\n",
            "cannot be moved",
        ),
    ] {
        let home = Home::with(config, credentials);
        let before = files(&home);
        let error = planned(&home, "dev").err().unwrap();
        assert!(error.message.contains(why), "{why}: {}", error.message);
        assert!(!error.remedy.is_empty());
        assert_eq!(files(&home), before);
    }
    let home = Home::new();
    home.put(
        &home.paths.config,
        b"[profile dev]\nrole_arn = \xff\nsource_profile = base\n",
    );
    home.put(&home.paths.credentials, KEYS);
    let error = planned(&home, "dev").err().unwrap();
    assert!(error.message.contains("UTF-8"), "{}", error.message);
    let home = Home::with(ROLE, KEYS);
    home.put(&home.paths.sessions_toml(), "[broken");
    let error = planned(&home, "dev").err().unwrap();
    assert!(error.message.contains("sessions.toml"), "{}", error.message);
}
