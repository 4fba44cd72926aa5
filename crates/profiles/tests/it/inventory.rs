//! Which sessions the files define, and which credentials are found.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::lifetimes::{End, KnownBy};
use sandglass_core::names::{MfaSerial, ProfileName, SessionId};
use sandglass_core::session::{Definition, Found, Renewal, Sighting, Source, WebIdentityRenewal};
use sandglass_profiles::credentials::{of_profile, of_session, write_target};
use sandglass_profiles::inventory::{self, Inventory, Observed, Outside};

use crate::{Home, at, credentials};

pub(crate) const NOW: &str = "2026-01-01T00:30:00Z";

pub(crate) fn read(home: &Home) -> Inventory {
    read_with(home, &BTreeMap::new(), None)
}

pub(crate) fn read_with(
    home: &Home,
    observed: &BTreeMap<SessionId, Observed>,
    web_identity: Option<&WebIdentityRenewal>,
) -> Inventory {
    let outside = Outside {
        device: &|_| Ok(MfaSerial::new("arn:aws:iam::123456789012:mfa/me")),
        observed,
        web_identity,
    };
    inventory::read(&home.paths, &home.writer, at(NOW), outside)
}

pub(crate) fn ids(inventory: &Inventory) -> Vec<&str> {
    let ids = inventory.sightings.iter();
    ids.map(|sighting| sighting.definition.id.as_str())
        .collect()
}

pub(crate) fn sighting<'a>(inventory: &'a Inventory, id: &str) -> &'a Sighting {
    let mut sightings = inventory.sightings.iter();
    sightings
        .find(|sighting| sighting.definition.id.as_str() == id)
        .unwrap_or_else(|| panic!("no {id} among {:?}", ids(inventory)))
}

fn source_of(inventory: &Inventory, id: &str) -> String {
    let Renewal::Role(role) = &sighting(inventory, id).definition.renewal else {
        panic!("{id} is no role")
    };
    match &role.source {
        Source::Keys(profile) => format!("keys of {profile}"),
        Source::Session { id, profile } => format!("{id} by {profile}"),
        Source::Environment => "environment".to_owned(),
    }
}

pub(crate) fn findings(inventory: &Inventory) -> Vec<String> {
    let findings = inventory.findings.iter();
    findings
        .map(|finding| format!("{}: {}", finding.place, finding.message))
        .collect()
}

/// Sets when a file was last written.
pub(crate) fn written(path: &std::path::Path, when: &str) {
    let seconds = at(when).as_second().try_into().unwrap();
    let file = File::options().append(true).open(path).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .unwrap();
}

const OTHER: &str =
    "[other]\naws_access_key_id = ASIA9\naws_secret_access_key = s\naws_session_token = t\n";
pub(crate) const KEYS: &str = "[base]\naws_access_key_id = AKIA1\naws_secret_access_key = s\n";

#[test]
fn every_kind_of_profile_is_found_in_the_order_of_the_files() {
    let home = Home::with(
        "[profile base]\nregion = x\n\
         [profile deploy]\nrole_arn = arn:aws:iam::123456789012:role/Deploy\nsource_profile = base\nduration_seconds = 900\n\
         [profile self]\nrole_arn = arn:aws:iam::1:role/S\nsource_profile = self\naws_access_key_id = A\naws_secret_access_key = s\n\
         [profile chained]\nrole_arn = arn:aws:iam::1:role/C\nsource_profile = deploy\n\
         [profile through-mfa]\nrole_arn = arn:aws:iam::1:role/M\nsource_profile = mfa\n\
         [profile through-sso]\nrole_arn = arn:aws:iam::1:role/X\nsource_profile = dev\n\
         [sso-session my-sso]\nsso_start_url = https://one.awsapps.com/start\nsso_region = eu-west-1\nsso_registration_scopes = sso:account:access, x\n\
         [profile dev]\nsso_session = my-sso\nsso_account_id = 012345678901\nsso_role_name = Dev\n\
         [profile just-sign-in]\nsso_session = my-sso\n\
         [profile legacy]\nsso_start_url = https://two.awsapps.com/start#/\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = R\n\
         [profile process]\ncredential_process = x\n\
         [profile from-process]\nrole_arn = arn:aws:iam::1:role/P\nsource_profile = process\n\
         [profile instance]\nrole_arn = arn:aws:iam::1:role/I\ncredential_source = Ec2InstanceMetadata\n\
         [profile container]\nrole_arn = arn:aws:iam::1:role/I\ncredential_source = EcsContainer\n\
         [profile environment]\nrole_arn = arn:aws:iam::1:role/I\ncredential_source = Environment\n\
         [profile web]\nrole_arn = arn:aws:iam::1:role/W\nweb_identity_token_file = /x\n\
         [profile from-web]\nrole_arn = arn:aws:iam::1:role/P\nsource_profile = web\n\
         [profile login]\nlogin_session = arn:aws:iam::1:user/me\n\
         [profile from-login]\nrole_arn = arn:aws:iam::1:role/P\nsource_profile = login\n\
         [profile from-foreign]\nrole_arn = arn:aws:iam::1:role/P\nsource_profile = other\n",
        &format!("{KEYS}{OTHER}"),
    );
    home.put(
        &home.paths.sessions_toml(),
        "[mfa.mfa]\nsource = \"base\"\n",
    );
    let inventory = read(&home);
    assert_eq!(
        ids(&inventory),
        [
            "sso-sign-in:my-sso",
            "sso-sign-in:two.awsapps.com-start--",
            "console-login:1-user-me",
            "role:deploy",
            "role:self",
            "role:chained",
            "role:through-mfa",
            "role:through-sso",
            "sso-role:dev",
            "sso-role:legacy",
            "process:process",
            "role:from-process",
            "role:instance",
            "role:container",
            "role:environment",
            "web-identity:web",
            "role:from-web",
            "role:from-login",
            "role:from-foreign",
            "session-token:mfa",
            "instance-role",
            "container-role",
            "keys:base",
            "keys:self",
            "foreign:other",
        ]
    );
    assert_eq!(findings(&inventory), Vec::<String>::new());
    assert_eq!(source_of(&inventory, "role:deploy"), "keys of base");
    assert_eq!(source_of(&inventory, "role:self"), "keys of self");
    assert_eq!(
        source_of(&inventory, "role:chained"),
        "role:deploy by deploy"
    );
    assert_eq!(
        source_of(&inventory, "role:through-mfa"),
        "session-token:mfa by mfa"
    );
    assert_eq!(
        source_of(&inventory, "role:through-sso"),
        "sso-role:dev by dev"
    );
    for (id, source) in [
        ("role:from-process", "process:process by process"),
        ("role:instance", "instance-role by instance"),
        ("role:container", "container-role by container"),
        ("role:environment", "environment"),
        ("role:from-web", "web-identity:web by web"),
        ("role:from-login", "console-login:1-user-me by login"),
        ("role:from-foreign", "foreign:other by other"),
    ] {
        assert_eq!(source_of(&inventory, id), source);
    }
    for sighting in &inventory.sightings {
        let stands = matches!(
            sighting.definition.renewal,
            Renewal::LongLivedKeys(_) | Renewal::Foreign(_)
        );
        assert_eq!(sighting.found != Found::Nothing, stands, "{sighting:?}");
    }
}

#[test]
fn chains_that_lead_nowhere_are_findings_and_the_others_go_on() {
    let role = |name: &str, source: &str| {
        format!("[profile {name}]\nrole_arn = arn:aws:iam::1:role/R\nsource_profile = {source}\n")
    };
    let config = [
        role("a", "b"),
        role("b", "c"),
        role("c", "a"),
        role("into", "a"),
        role("self", "self"),
        role("lost", "missing"),
        role("bare", "empty"),
        "[profile empty]\nregion = x\n".to_owned(),
        "[profile half]\nrole_arn = x\n".to_owned(),
        "[profile both]\nrole_arn = x\nsource_profile = base\ncredential_source = Environment\n"
            .to_owned(),
        role("good", "base"),
    ]
    .concat();
    let home = Home::with(&config, KEYS);
    let inventory = read(&home);
    assert_eq!(ids(&inventory), ["role:good", "keys:base"]);
    let findings = findings(&inventory).join("\n");
    for part in [
        "~/.aws/config:3: the source profiles of `b` go round in a circle, through `a`",
        "~/.aws/config:6: ",
        "~/.aws/config:9: ",
        "~/.aws/config:15: profile `self` starts from itself",
        "~/.aws/config:18: profile `lost` starts from profile `missing`, which does not exist",
        "~/.aws/config:21: profile `bare` starts from profile `empty`, which has no credentials",
        "~/.aws/config:25: profile `half` has `role_arn` without",
        "~/.aws/config:29: profile `both` has both",
    ] {
        assert!(findings.contains(part), "{part} in\n{findings}");
    }
    assert_eq!(findings.lines().count(), 8, "{findings}");
}

#[test]
fn portals_that_cannot_be_told_are_findings_with_their_line() {
    let home = Home::with(
        "[sso-session half]\nsso_region = x\n\
         [sso-session whole]\nsso_start_url = https://x/start\nsso_region = x\n\
         [profile a]\nsso_session = missing\nsso_account_id = 1\nsso_role_name = R\n\
         [profile b]\nsso_session = half\nsso_account_id = 1\nsso_role_name = R\n\
         [profile c]\nsso_start_url = https://y/start\nsso_account_id = 1\nsso_role_name = R\n\
         [profile d]\nsso_session = whole\nsso_region = y\nsso_account_id = 1\nsso_role_name = R\n\
         [profile e]\nsso_session = whole\nsso_region = x\n",
        "",
    );
    let inventory = read(&home);
    assert_eq!(ids(&inventory), ["sso-sign-in:whole", "sso-role:d"]);
    let findings = findings(&inventory);
    let expected = [
        "~/.aws/config:1: sso-session `half` has no `sso_start_url`",
        "~/.aws/config:7: profile `a` names sso-session `missing`, which is not defined",
        "~/.aws/config:15: profile `c` has `sso_start_url` without `sso_region`",
        "~/.aws/config:20: `sso_region` of profile `d` differs from its sso-session",
        "~/.aws/config:25: profile `e` repeats `sso_region` of its sso-session",
    ];
    assert_eq!(findings.len(), expected.len(), "{findings:?}");
    for (finding, expected) in findings.iter().zip(expected) {
        assert!(finding.starts_with(expected), "{finding}");
    }
}

const SSO: &str = "[sso-session my-sso]\nsso_start_url = https://x/start\nsso_region = x\n";
/// The SHA-1 of `my-sso`.
const TOKEN: &str = "0ad374308c5a4e22f723adf10145eafad7c4031c.json";

#[test]
fn a_sign_in_renews_itself_only_while_its_client_stands() {
    let fields = [
        ("", false),
        (r#", "refreshToken": "r""#, false),
        (
            r#", "refreshToken": "r", "clientId": "c", "clientSecret": "s", "registrationExpiresAt": "2026-01-01T00:00:00Z""#,
            false,
        ),
        (
            r#", "refreshToken": "r", "clientId": "c", "clientSecret": "s", "registrationExpiresAt": "2026-02-01T00:00:00Z""#,
            true,
        ),
    ];
    for (more, refreshable) in fields {
        let home = Home::with(SSO, "");
        let path = home.paths.sso_cache.join(TOKEN);
        home.put(
            &path,
            format!(r#"{{"accessToken": "a", "expiresAt": "2026-01-01T01:00:00Z"{more}}}"#),
        );
        written(&path, "2026-01-01T00:00:00Z");
        let end = End::issued(at("2026-01-01T00:00:00Z"), at("2026-01-01T01:00:00Z"));
        let expected = if refreshable {
            Found::Refreshable {
                access: end,
                whole: None,
            }
        } else {
            Found::Credentials(end)
        };
        assert_eq!(
            sighting(&read(&home), "sso-sign-in:my-sso").found,
            expected,
            "{more}"
        );
    }
}

#[test]
fn a_torn_token_asks_for_another_look_and_the_rest_goes_on() {
    let home = Home::with(
        &format!("{SSO}[profile r]\nrole_arn = x\nsource_profile = base\n"),
        KEYS,
    );
    let path = home.paths.sso_cache.join(TOKEN);
    home.put(&path, "{\"acc");
    let inventory = read(&home);
    assert_eq!(inventory.torn, [path]);
    assert_eq!(
        ids(&inventory),
        ["sso-sign-in:my-sso", "role:r", "keys:base"]
    );
}

const MFA: &str =
    "[mfa]\naws_access_key_id = ASIA1\naws_secret_access_key = s\naws_session_token = t\n";

fn with_mfa(more: &str) -> Home {
    let home = Home::with("", &format!("{KEYS}{MFA}{more}"));
    home.put(
        &home.paths.sessions_toml(),
        "[mfa.mfa]\nsource = \"base\"\nduration_seconds = 3600\n",
    );
    home
}

fn mfa_end(home: &Home) -> End {
    let found = sighting(&read(home), "session-token:mfa").found;
    let Found::Credentials(end) = found else {
        panic!("{found:?}")
    };
    end
}

#[test]
fn an_end_that_nobody_tells_is_an_estimate_that_does_not_move() {
    let home = with_mfa("");
    written(&home.paths.credentials, "2026-01-01T00:10:00Z");
    let first = mfa_end(&home);
    assert_eq!(first.known_by, KnownBy::Estimate);
    assert_eq!(first.at, at("2026-01-01T01:10:00Z"));
    // Another profile of the same file is changed.
    written(&home.paths.credentials, "2026-01-01T00:25:00Z");
    assert_eq!(mfa_end(&home), first);
}

#[test]
fn an_end_beside_the_keys_is_taken() {
    let home = with_mfa("x_security_token_expires = 2026-01-01T00:45:00Z\n");
    let end = mfa_end(&home);
    assert_eq!(
        (end.at, end.known_by),
        (at("2026-01-01T00:45:00Z"), KnownBy::Issuer)
    );
}

#[test]
fn a_session_that_sandglass_wrote_has_the_end_that_aws_told() {
    let home = with_mfa("");
    let inventory = read(&home);
    let renewal = &sighting(&inventory, "session-token:mfa").definition.renewal;
    let target = renewal.target().unwrap();
    let new = credentials("ASIA2", "2026-01-01T01:30:00Z");
    write_target(&home.writer, &home.paths, target, &new, at(NOW)).unwrap();
    assert_eq!(
        mfa_end(&home),
        End::issued(at(NOW), at("2026-01-01T01:30:00Z"))
    );
    let text = fs::read_to_string(&home.paths.credentials).unwrap();
    assert!(text.starts_with(KEYS), "{text}");
}

#[test]
fn an_mfa_session_that_cannot_work_is_told_and_still_listed() {
    let home = Home::with(
        "",
        "[taken]\naws_access_key_id = AKIA9\naws_secret_access_key = s\n",
    );
    home.put(
        &home.paths.sessions_toml(),
        "[mfa.taken]\nsource = \"missing\"\n",
    );
    let inventory = read(&home);
    assert_eq!(ids(&inventory), ["session-token:taken", "keys:taken"]);
    assert_eq!(inventory.sightings[0].found, Found::Nothing);
    let findings = findings(&inventory).join("\n");
    assert!(
        findings.contains("starts from profile `missing`, which does not exist"),
        "{findings}"
    );
    assert!(
        findings
            .contains("profile `taken`, the target of MFA session `taken`, holds long-lived keys"),
        "{findings}"
    );
}

#[test]
fn an_error_of_the_keychain_stands_in_the_place_of_the_device() {
    let home = with_mfa("");
    let locked = RenewalError::new(
        ErrorCode::KeychainUnavailable,
        "the keychain is locked",
        "unlock it",
    );
    let outside = Outside {
        device: &|_| Err(locked.clone()),
        observed: &BTreeMap::new(),
        web_identity: None,
    };
    let inventory = inventory::read(&home.paths, &home.writer, at(NOW), outside);
    let Renewal::SessionToken(renewal) = &inventory.sightings[0].definition.renewal else {
        panic!("no session token")
    };
    assert_eq!(renewal.device, Some(Err(locked)));
}

#[test]
fn two_tokens_that_differ_are_a_finding() {
    let home = with_mfa("aws_security_token = stale\n");
    let findings = findings(&read(&home)).join("\n");
    assert!(
        findings.contains("~/.aws/credentials:8: `aws_security_token` of profile `mfa` differs"),
        "{findings}"
    );
}

#[test]
fn secrets_are_read_for_those_who_call_aws() {
    let home = with_mfa("");
    let inventory = read(&home);
    let keys = of_profile(&inventory.configuration, &ProfileName::new("base"))
        .ok()
        .unwrap();
    assert_eq!(keys.access_key_id, "AKIA1");
    let session = &sighting(&inventory, "session-token:mfa").definition;
    let of =
        |definition: &Definition| of_session(&home.paths, &inventory.configuration, definition);
    assert_eq!(of(session).ok().unwrap().access_key_id, "ASIA1");
    let code = |name| {
        of_profile(&inventory.configuration, &ProfileName::new(name))
            .err()
            .unwrap()
            .code
    };
    assert_eq!(code("nobody"), ErrorCode::UnknownProfile);
    fs::remove_file(&home.paths.credentials).unwrap();
    let gone = of_session(&home.paths, &read(&home).configuration, session);
    let gone = gone.err().unwrap().code;
    assert_eq!(gone, ErrorCode::SourceExpired, "it can be made anew");
}
