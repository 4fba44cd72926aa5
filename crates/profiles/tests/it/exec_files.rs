//! The files that a program gets which takes its credentials from an endpoint.

use std::fs;
use std::path::Path;

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;
use sandglass_profiles::exec_files::{self, ExecFiles};
use tempfile::TempDir;

use crate::Home;

/// A home, and the folder that the copies go to.
struct World {
    home: Home,
    out: TempDir,
}

impl World {
    fn new(config: &str, credentials: &str) -> Self {
        Self {
            home: Home::with(config, credentials),
            out: TempDir::new().unwrap(),
        }
    }

    fn write(&self, profile: &str) -> Result<ExecFiles, RenewalError> {
        let profile = ProfileName::new(profile);
        exec_files::write(&self.home.paths, &profile, self.out.path())
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

const CONFIG: &str = "\
# of the team\r
[default]\r
region = us-east-1\r
role_arn = arn:aws:iam::123456789012:role/Default\r
source_profile = keys\r
\r
[profile dev] # mine\r
region=eu-central-1\r
ROLE_ARN = arn:aws:iam::123456789012:role/Dev\r
source_profile : keys\r
mfa_serial = arn:aws:iam::123456789012:mfa/me\r
s3 =\r
  max_concurrent_requests = 20\r
output = json\r
\r
[sso-session corp]\r
sso_start_url = https://corp.awsapps.com/start\r
sso_region = us-east-1";

#[test]
fn only_the_credentials_of_the_one_profile_are_missing() {
    let world = World::new(CONFIG, "[keys]\naws_access_key_id = AKIA\n");
    let files = world.write("dev").unwrap();
    let expected = CONFIG
        .replace("ROLE_ARN = arn:aws:iam::123456789012:role/Dev\r\n", "")
        .replace("source_profile : keys\r\n", "")
        .replace("mfa_serial = arn:aws:iam::123456789012:mfa/me\r\n", "");
    assert_eq!(read(&files.config), expected);
    assert_eq!(files.credentials, None, "it holds nothing of that profile");
}

#[test]
fn keys_of_the_profile_leave_the_copy_of_the_credentials_file_and_those_of_others_stay() {
    let credentials = "\
[keys]
aws_access_key_id = AKIAKEYS
aws_secret_access_key = keep

[dev]
; from saml2aws
aws_access_key_id = ASIAOLD
aws_secret_access_key = old
aws_session_token = old
aws_security_token = old
x_security_token_expires = 2026-01-01T00:00:00Z
region = eu-west-1
";
    let world = World::new(CONFIG, credentials);
    let files = world.write("dev").unwrap();
    assert_eq!(
        read(&files.credentials.unwrap()),
        "\
[keys]
aws_access_key_id = AKIAKEYS
aws_secret_access_key = keep

[dev]
; from saml2aws
region = eu-west-1
"
    );
    assert_eq!(read(&world.home.paths.credentials), credentials);
}

#[test]
fn a_name_that_is_no_profile_gets_an_empty_one() {
    for (name, config, expected) in [
        ("visitor", "", "[profile visitor]\n"),
        (
            "a b",
            "[default]\nregion = x",
            "[default]\nregion = x\n\n[profile 'a b']\n",
        ),
        ("default", "", "[default]\n"),
    ] {
        let world = World::new(config, "");
        let files = world.write(name).unwrap();
        assert_eq!(read(&files.config), expected);
    }
}

#[test]
fn the_default_profile_can_be_the_one() {
    let world = World::new(CONFIG, "[default]\naws_access_key_id = AKIA\n");
    let files = world.write("default").unwrap();
    assert!(!read(&files.config).contains("role/Default"));
    assert!(read(&files.config).contains("role/Dev"));
    assert_eq!(read(&files.credentials.unwrap()), "[default]\n");
}

#[cfg(unix)]
#[test]
fn the_copies_are_for_their_owner_alone() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    let world = World::new(CONFIG, "");
    let copy = world.out.path().join("config");
    fs::write(&copy, "left over").unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o644)).unwrap();
    let files = world.write("dev").unwrap();
    assert_eq!(fs::metadata(files.config).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn a_file_that_cannot_be_understood_is_told_and_not_guessed() {
    for config in [
        "[profile dev]\nrole_arn = x\n[profile dev]\nrole_arn = y\n",
        "[profile dev]\nrole_arn = x\nrole_arn = y\n",
    ] {
        let error = World::new(config, "").write("dev").unwrap_err();
        assert_eq!(error.code, ErrorCode::FileTrouble);
        assert!(error.message.contains("~/.aws/config"), "{error:?}");
        assert!(error.message.contains("stands twice"), "{error:?}");
    }
    let world = World::new("", "");
    world.home.put(
        &world.home.paths.config,
        b"[profile dev]\nrole_arn = \xff\n",
    );
    assert!(
        world
            .write("dev")
            .unwrap_err()
            .message
            .contains("not UTF-8")
    );
}
