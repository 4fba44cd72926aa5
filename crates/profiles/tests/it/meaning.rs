//! What the files mean, where the clients of AWS differ.

use sandglass_core::names::ProfileName;
use sandglass_profiles::config::Configuration;

use crate::Home;

fn read(config: &str, credentials: &str) -> Configuration {
    Configuration::read(&Home::with(config, credentials).paths)
}

fn setting(configuration: &Configuration, profile: &str, key: &str) -> Option<String> {
    configuration
        .profile(&ProfileName::new(profile))?
        .setting(key)
        .map(|setting| setting.value.to_owned())
}

fn findings(configuration: &Configuration) -> Vec<String> {
    configuration
        .findings
        .iter()
        .map(|finding| format!("{}: {}", finding.place, finding.message))
        .collect()
}

/// Config file, profile, key, value, and a part of the finding where there is one.
type Row<'a> = (&'a str, &'a str, &'a str, Option<&'a str>, Option<&'a str>);

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "a table, one row for each difference"
)]
fn each_difference_between_the_clients_has_one_meaning_and_a_finding() {
    let rows: [Row<'_>; 22] = [
        (
            "[default]\nregion: x\n",
            "default",
            "region",
            Some("x"),
            Some("config:2: `region` is followed by `:`"),
        ),
        (
            "[default]\nREGION = x\n",
            "default",
            "region",
            Some("x"),
            None,
        ),
        (
            "[default]\nregion = x # c\n",
            "default",
            "region",
            Some("x"),
            Some("config:2: a comment follows"),
        ),
        (
            "[default]\nregion = x\t;c\n",
            "default",
            "region",
            Some("x"),
            Some("config:2: a comment follows"),
        ),
        (
            "[default]\nsso_start_url = https://x/start#/\n",
            "default",
            "sso_start_url",
            Some("https://x/start#/"),
            None,
        ),
        (
            "[default] # c\nregion = x\n",
            "default",
            "region",
            Some("x"),
            None,
        ),
        (
            "[default];c\nregion = x\n",
            "default",
            "region",
            Some("x"),
            None,
        ),
        (
            "[default]\nregion = x\n[default]\nregion = y\n",
            "default",
            "region",
            Some("y"),
            Some(
                "config:3: `[default]` stands at line 1 already: the AWS CLI refuses the whole file",
            ),
        ),
        (
            "[default]\nregion = x\nregion = y\n",
            "default",
            "region",
            Some("y"),
            Some("config:3: `region` stands at line 2"),
        ),
        (
            "[profile default]\nregion = x\n[default]\nregion = y\n",
            "default",
            "region",
            Some("x"),
            Some("config:3: `[default]` and `[profile default]` both"),
        ),
        (
            "[profile 'a b']\nregion = x\n",
            "a b",
            "region",
            Some("x"),
            None,
        ),
        (
            "[foo]\nregion = x\n",
            "foo",
            "region",
            None,
            Some("config:1: `[foo]` is no profile"),
        ),
        (
            "[profiles foo]\nregion = x\n",
            "foo",
            "region",
            None,
            Some("config:1: `[profiles foo]` is no profile"),
        ),
        (
            "[default]\ns3 =\n  a = b\n  c = d\nregion = x\n",
            "default",
            "s3",
            Some("\na = b\nc = d"),
            None,
        ),
        (
            "[default]\nrole_arn = x\n    y\n",
            "default",
            "role_arn",
            Some("x\ny"),
            None,
        ),
        (
            "region = x\n[default]\nregion = y\n",
            "default",
            "region",
            Some("y"),
            Some("config:1: a setting stands above"),
        ),
        (
            "[default]\nregion = x\n[profile b\nregion = y\n",
            "default",
            "region",
            Some("x"),
            Some("config:3: a header has no `]`"),
        ),
        (
            "[default]\nwords\nregion = x\n",
            "default",
            "region",
            Some("x"),
            Some("config:2: the line is neither"),
        ),
        (
            "[default]\n= v\nregion = x\n",
            "default",
            "region",
            Some("x"),
            Some("config:2: there is no key"),
        ),
        (
            "\u{feff}[default]\nregion = x\n",
            "default",
            "region",
            Some("x"),
            Some("config:1: the file starts with a byte order mark"),
        ),
        (
            "[DEFAULT]\nregion = x\n[profile a]\nk = v\n",
            "a",
            "region",
            None,
            Some("config:1: `[DEFAULT]` is no profile"),
        ),
        (
            "  [default]\n  region = x\n  output = y\n",
            "default",
            "region",
            Some("x"),
            None,
        ),
    ];
    for (config, profile, key, value, finding) in rows {
        let configuration = read(config, "");
        assert_eq!(
            setting(&configuration, profile, key).as_deref(),
            value,
            "{config}"
        );
        let findings = findings(&configuration);
        match finding {
            None => assert!(findings.is_empty(), "{config}: {findings:?}"),
            Some(expected) => assert!(
                findings.iter().any(|finding| finding.contains(expected)),
                "{config}: {findings:?}"
            ),
        }
    }
}

#[test]
fn the_sections_of_the_aws_cli_itself_are_no_findings() {
    let configuration = read(
        "[plugins]\na = b\n[preview]\nc = d\n[services x]\nsts =\n  endpoint_url = y\n",
        "",
    );
    assert!(configuration.findings.is_empty());
    assert!(configuration.profiles().is_empty());
}

#[test]
fn the_credentials_file_goes_before_the_config_file() {
    let configuration = read(
        "[profile a]\nregion = from-config\nrole_arn = kept\n",
        "[a]\nregion = from-credentials\n[profile b]\nregion = x\n",
    );
    assert_eq!(
        setting(&configuration, "a", "region").as_deref(),
        Some("from-credentials")
    );
    assert_eq!(
        setting(&configuration, "a", "role_arn").as_deref(),
        Some("kept")
    );
    assert!(configuration.profile(&ProfileName::new("b")).is_none());
    assert!(
        findings(&configuration)[0]
            .starts_with("~/.aws/credentials:3: `[profile b]` is not profile `b`")
    );
}

#[test]
fn keys_of_two_files_are_never_mixed() {
    let configuration = read(
        "[profile a]\naws_access_key_id = ASIA1\naws_secret_access_key = s1\naws_session_token = t1\n",
        "[a]\naws_access_key_id = AKIA2\naws_secret_access_key = s2\n",
    );
    let keys = configuration
        .profile(&ProfileName::new("a"))
        .unwrap()
        .keys()
        .unwrap();
    assert_eq!(keys.access_key_id, "AKIA2");
    assert!(keys.session_token.is_none());
}

#[test]
fn ends_beside_the_keys_are_read_in_every_known_spelling() {
    let rows = [
        (
            "x_security_token_expires = 2026-01-01T00:00:00+00:00",
            Some("2026-01-01T00:00:00Z"),
        ),
        (
            "aws_session_expiration = 2026-01-01T00:00:00Z",
            Some("2026-01-01T00:00:00Z"),
        ),
        (
            "expiration = 2026-01-01 00:00:00",
            Some("2026-01-01T00:00:00Z"),
        ),
        ("autoawsume = true\nexpiration = 2026-01-01 00:00:00", None),
        ("expiration = soon", None),
    ];
    for (line, expected) in rows {
        let text = format!("[a]\naws_access_key_id = A\naws_secret_access_key = s\n{line}\n");
        let configuration = read("", &text);
        let keys = configuration
            .profile(&ProfileName::new("a"))
            .unwrap()
            .keys()
            .unwrap();
        assert_eq!(keys.expires_at, expected.map(crate::at), "{line}");
    }
}

#[test]
fn endpoints_come_from_the_services_section_before_the_profile() {
    let configuration = read(
        "[profile a]\nservices = local\nendpoint_url = http://all\n[services local]\nsts =\n  endpoint_url = http://sts\n",
        "",
    );
    let profile = configuration.profile(&ProfileName::new("a")).unwrap();
    let endpoint = |service| configuration.endpoint_url(profile, service);
    assert_eq!(endpoint("sts").as_deref(), Some("http://sts"));
    assert_eq!(endpoint("sso").as_deref(), Some("http://all"));
}

#[test]
fn no_value_of_a_profile_can_be_printed() {
    let configuration = read(
        "",
        "[a]\naws_access_key_id = AKIAIDENT\naws_secret_access_key = hush\nfoo = hush\n",
    );
    let shown = format!("{:?}", configuration.profiles());
    assert!(
        !shown.contains("hush") && !shown.contains("AKIAIDENT"),
        "{shown}"
    );
    assert!(shown.contains("aws_secret_access_key"), "{shown}");
}

#[test]
fn what_is_no_text_is_one_finding_and_the_other_file_is_read() {
    let home = Home::with(
        "",
        "[a]\naws_access_key_id = A\naws_secret_access_key = s\n",
    );
    home.put(&home.paths.config, b"\xFF\xFE[\0d\0e\0f\0");
    let configuration = Configuration::read(&home.paths);
    assert_eq!(configuration.findings.len(), 1);
    assert_eq!(configuration.findings[0].place, "~/.aws/config:1");
    assert_eq!(configuration.profiles().len(), 1);
}

#[test]
fn a_line_that_is_not_utf8_is_a_finding_and_the_others_are_read() {
    let home = Home::new();
    home.put(
        &home.paths.config,
        b"[default]\n# gr\xFC\xDFe\nregion = x\n",
    );
    let configuration = Configuration::read(&home.paths);
    assert_eq!(configuration.findings[0].place, "~/.aws/config:2");
    assert_eq!(
        setting(&configuration, "default", "region").as_deref(),
        Some("x")
    );
}

#[test]
fn a_folder_in_the_place_of_a_file_is_a_finding() {
    let home = Home::new();
    std::fs::create_dir_all(&home.paths.config).unwrap();
    let configuration = Configuration::read(&home.paths);
    assert_eq!(configuration.findings[0].place, "~/.aws/config");
    assert!(configuration.findings[0].message.contains("folder"));
}

#[test]
fn missing_files_and_the_null_device_are_empty() {
    let mut home = Home::new();
    assert!(Configuration::read(&home.paths).findings.is_empty());
    home.paths.config = "/dev/null".into();
    assert!(Configuration::read(&home.paths).findings.is_empty());
}

#[test]
fn a_file_that_is_something_else_altogether_has_few_findings() {
    let configuration = read(&"{ \"json\" }\n".repeat(5000), "");
    assert_eq!(configuration.findings.len(), 21);
    assert!(
        configuration.findings[20]
            .message
            .contains("4980 more lines")
    );
}
