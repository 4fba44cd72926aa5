//! What the person set.

use jiff::SignedDuration;
use jiff::civil::time;
use sandglass_core::names::SessionId;
use sandglass_core::settings::{Leads, QuietHours, Settings};
use sandglass_profiles::settings;

use crate::Home;

fn read(text: &str) -> (Settings, Vec<String>) {
    let home = Home::new();
    home.put(&home.paths.settings_toml(), text);
    let (settings, findings) = settings::read(&home.paths);
    let lines = findings.iter().map(|finding| {
        let line = finding.place.rsplit(':').next().unwrap();
        assert!(!finding.remedy.is_empty());
        format!("{line}: {}", finding.message)
    });
    (settings, lines.collect())
}

fn leads(first: i64, last: i64) -> Leads {
    Leads {
        first: SignedDuration::from_mins(first),
        last: SignedDuration::from_mins(last),
    }
}

#[test]
fn without_a_file_everything_is_as_usual() {
    let home = Home::new();
    assert_eq!(settings::read(&home.paths), (Settings::default(), vec![]));
}

#[test]
fn everything_can_be_set() {
    let (settings, findings) = read(
        "[notices]\nfirst_minutes = 20\nlast_minutes = 4\nquiet_hours = \"22:00-07:30\"\n\
         [sessions.\"role:prod-admin\"]\nfirst_minutes = 30\n\
         [sessions.\"sso-role:dev\"]\nlast_minutes = 0\n",
    );
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(settings.leads, leads(20, 4));
    assert_eq!(
        settings.quiet_hours,
        Some(QuietHours {
            from: time(22, 0, 0, 0),
            until: time(7, 30, 0, 0),
        })
    );
    let of = |id: &str| settings.leads_of(&SessionId::new(id));
    assert_eq!(of("role:prod-admin"), leads(30, 4));
    assert_eq!(of("sso-role:dev"), leads(20, 0));
    assert_eq!(of("role:other"), leads(20, 4));
}

#[test]
fn sessions_that_stand_above_the_notices_start_from_them_all_the_same() {
    let (settings, _) =
        read("[sessions.\"role:a\"]\nlast_minutes = 2\n[notices]\nfirst_minutes = 40\n");
    assert_eq!(settings.leads_of(&SessionId::new("role:a")), leads(40, 2));
}

#[test]
fn a_value_that_means_nothing_is_a_finding_and_the_rest_holds() {
    for (value, message) in [
        ("first_minutes = -1", "not a number of minutes"),
        ("first_minutes = 1441", "not a number of minutes"),
        ("first_minutes = \"15\"", "not a number of minutes"),
        ("first_minutes = 1.5", "not a number of minutes"),
        ("quiet_hours = \"22:00\"", "not a span of the day"),
        ("quiet_hours = \"22:00-25:00\"", "not a span of the day"),
        ("quiet_hours = \"7:00-7:00\"", "not a span of the day"),
        ("quiet_hours = 22", "not a span of the day"),
        ("frist_minutes = 15", "`frist_minutes` is no setting"),
    ] {
        let (settings, findings) = read(&format!("# mine\n[notices]\nlast_minutes = 4\n{value}\n"));
        assert_eq!(settings.leads, leads(15, 4), "{value}");
        assert_eq!(settings.quiet_hours, None, "{value}");
        assert_eq!(findings.len(), 1, "{value}: {findings:?}");
        assert!(findings[0].starts_with("4: "), "{value}: {findings:?}");
        assert!(findings[0].contains(message), "{value}: {findings:?}");
    }
}

#[test]
fn a_last_notice_before_the_first_one_is_a_finding() {
    let (settings, findings) =
        read("[notices]\nlast_minutes = 20\n[sessions.\"role:a\"]\nfirst_minutes = 3\n");
    assert_eq!(settings.leads, Leads::default());
    assert_eq!(
        settings.leads_of(&SessionId::new("role:a")),
        Leads::default()
    );
    let lines: Vec<&str> = findings.iter().map(|finding| &finding[..2]).collect();
    assert_eq!(lines, ["2:", "4:"], "{findings:?}");
}

#[test]
fn what_is_no_table_and_what_is_unknown_are_findings() {
    let (settings, findings) =
        read("notices = 1\nsessions = 2\ncolour = \"blue\"\n[sessions2]\nx = 1\n");
    assert_eq!(settings, Settings::default());
    assert_eq!(findings.len(), 4, "{findings:?}");
    let (_, findings) = read("[sessions]\n\"role:a\" = 5\n");
    assert_eq!(findings, ["2: `role:a` is no table"]);
}

#[test]
fn a_damaged_file_sets_nothing_and_says_where() {
    let (settings, findings) = read("[notices]\nfirst_minutes = 20\n[notices\n");
    assert_eq!(settings, Settings::default());
    assert_eq!(findings.len(), 1);
    assert!(findings[0].starts_with("3: "), "{findings:?}");
}
