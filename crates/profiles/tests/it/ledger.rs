//! What Sandglass remembers.

use std::fs;

use jiff::SignedDuration;
use sandglass_core::lifetimes::{End, KnownBy};
use sandglass_core::names::SessionId;
use sandglass_core::session::{Allowed, DurationLimit, Found, Renewal};
use sandglass_profiles::ledger::{self, Entry, Ledger};
use sandglass_profiles::portal_session::PortalEnd;

use crate::inventory::{KEYS, NOW, read, sighting, written};
use crate::{Home, at};

fn record(home: &Home, id: &str, entry: Entry) {
    ledger::record(&home.writer, &home.paths, &[(id.to_owned(), entry)]).unwrap();
}

fn seen(first_at: &str) -> Entry {
    Entry::Seen {
        first_at: at(first_at),
    }
}

const ISSUED: &str = "2026-01-01T00:00:00Z";

fn issued() -> Entry {
    Entry::Issued {
        issued_at: at(ISSUED),
        ends_at: at("2026-01-01T12:00:00Z"),
    }
}

#[test]
fn the_ledger_keeps_first_sights_and_prefers_what_aws_said() {
    let home = Home::new();
    record(&home, "ASIA1", seen("2026-01-01T00:00:00Z"));
    record(&home, "ASIA1", seen("2026-01-01T05:00:00Z"));
    let ledger = Ledger::read(&home.paths);
    assert_eq!(ledger.get("ASIA1"), Some(seen("2026-01-01T00:00:00Z")));
    record(&home, "ASIA1", issued());
    record(&home, "ASIA1", seen("2026-01-01T05:00:00Z"));
    assert_eq!(Ledger::read(&home.paths).get("ASIA1"), Some(issued()));
    let text = fs::read_to_string(home.paths.ledger()).unwrap();
    assert!(!text.contains("ASIA"), "{text}");
}

#[test]
fn what_is_old_is_forgotten_once_it_lies_in_no_file() {
    let home = Home::with("", KEYS);
    record(&home, "AKIA1", seen("2020-01-01T00:00:00Z"));
    record(&home, "AKIAGONE", seen("2020-01-01T00:00:00Z"));
    record(&home, "ASIANEW", seen("2025-12-31T00:00:00Z"));
    read(&home);
    let ledger = Ledger::read(&home.paths);
    assert!(ledger.get("AKIA1").is_some());
    assert!(ledger.get("AKIAGONE").is_none());
    assert!(ledger.get("ASIANEW").is_some());
}

#[test]
fn the_age_of_keys_is_their_first_sight_whatever_else_the_file_goes_through() {
    let home = Home::with("", KEYS);
    written(&home.paths.credentials, "2025-06-01T00:00:00Z");
    let since = || sighting(&read(&home), "keys:base").found;
    let expected = Found::Lasting {
        since: at("2025-06-01T00:00:00Z"),
    };
    assert_eq!(since(), expected);
    written(&home.paths.credentials, "2025-12-01T00:00:00Z");
    assert_eq!(since(), expected);
}

#[test]
fn a_damaged_ledger_is_begun_anew() {
    let home = Home::new();
    home.put(&home.paths.ledger(), "{\"keys\": {");
    record(&home, "ASIA1", issued());
    assert_eq!(Ledger::read(&home.paths).get("ASIA1"), Some(issued()));
}

#[test]
fn an_older_ledger_is_read_and_what_a_later_version_wrote_is_left_alone() {
    let home = Home::new();
    record(&home, "ASIA1", issued());
    let text = fs::read_to_string(home.paths.ledger()).unwrap();
    let keys: serde_json::Value = serde_json::from_str(&text).unwrap();
    let keys = keys["keys"].clone();
    let old = serde_json::json!({ "keys": keys.clone() });
    home.put(&home.paths.ledger(), old.to_string());
    assert_eq!(Ledger::read(&home.paths).get("ASIA1"), Some(issued()));
    let new = serde_json::json!({
        "keys": keys,
        "portals": {"sso-sign-in:later": {"began_at": "at noon"}},
        "limits": {"role:x": 1},
        "later": {"a": [1]},
    });
    home.put(&home.paths.ledger(), new.to_string());
    assert_eq!(Ledger::read(&home.paths).get("ASIA1"), Some(issued()));
    record(&home, "ASIA2", issued());
    let text = fs::read_to_string(home.paths.ledger()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["later"], serde_json::json!({"a": [1]}));
}

#[test]
fn a_ledger_that_cannot_be_written_is_a_finding_and_the_rest_goes_on() {
    let home = Home::with("", KEYS);
    home.put(&home.paths.state, "in the way");
    let inventory = read(&home);
    assert!(matches!(
        sighting(&inventory, "keys:base").found,
        Found::Lasting { .. }
    ));
    let last = inventory.findings.last().unwrap();
    assert!(last.message.starts_with("estimated ends"), "{last:?}");
}

const ROLE: &str = "[profile r]\nrole_arn = arn:aws:iam::1:role/R\nsource_profile = base\n";

#[test]
fn what_aws_allowed_holds_while_the_same_is_asked() {
    let allowed = Allowed {
        asked: SignedDuration::from_hours(12),
        granted: SignedDuration::from_hours(4),
        limit: DurationLimit::RoleMaximum,
    };
    let session = SessionId::new("role:r");
    for (asked, expected) in [
        ("duration_seconds = 43200\n", Some(allowed)),
        ("duration_seconds = 7200\n", None),
        ("", None),
    ] {
        let home = Home::with(&format!("{ROLE}{asked}"), KEYS);
        let remember = |allowed| {
            ledger::remember_allowed(&home.writer, &home.paths, &session, allowed).unwrap()
        };
        let read_back = || {
            let inventory = read(&home);
            let Renewal::Role(role) = &sighting(&inventory, "role:r").definition.renewal else {
                panic!("no role")
            };
            role.allowed
        };
        assert_eq!(read_back(), None);
        remember(Some(allowed));
        assert_eq!(read_back(), expected, "{asked}");
        remember(None);
        assert_eq!(read_back(), None);
    }
}

const SSO: &str = "[sso-session my-sso]\nsso_start_url = https://x/start\nsso_region = x\n";
/// The SHA-1 of `my-sso`.
const TOKEN: &str = "0ad374308c5a4e22f723adf10145eafad7c4031c.json";

fn put_token(home: &Home, expires_at: &str) {
    let path = home.paths.sso_cache.join(TOKEN);
    home.put(
        &path,
        format!(
            r#"{{"accessToken": "a", "expiresAt": "{expires_at}", "refreshToken": "r", "clientId": "c", "clientSecret": "s", "registrationExpiresAt": "2026-03-01T00:00:00Z"}}"#
        ),
    );
}

fn whole(home: &Home) -> Option<End> {
    let found = sighting(&read(home), "sso-sign-in:my-sso").found;
    let Found::Refreshable { whole, .. } = found else {
        panic!("{found:?}")
    };
    whole
}

#[test]
fn the_end_of_the_portal_session_is_told_as_far_as_it_is_known() {
    let home = Home::with(SSO, "");
    let id = SessionId::new("sso-sign-in:my-sso");
    put_token(&home, "2026-01-01T01:00:00Z");
    assert_eq!(whole(&home), None);
    let (writer, paths) = (&home.writer, &home.paths);
    let token_ends = at("2026-01-01T01:00:00Z");
    ledger::portal_began(writer, paths, &id, at("2026-01-01T00:00:00Z"), token_ends).unwrap();
    let estimated = whole(&home).unwrap();
    assert_eq!(estimated.at, at("2026-01-01T08:00:00Z"));
    assert_eq!(estimated.known_by, KnownBy::Estimate);
    // Refreshed, but cut short.
    let cut = at("2026-01-01T01:10:00Z");
    ledger::portal_renewed(writer, paths, &id, at("2026-01-01T00:45:00Z"), cut).unwrap();
    put_token(&home, "2026-01-01T01:10:00Z");
    let told = whole(&home).unwrap();
    assert_eq!((told.at, told.known_by), (cut, KnownBy::Issuer));
    assert_eq!(told.life, SignedDuration::from_mins(70));
    // The next one is taken to live as long.
    ledger::portal_ended(writer, paths, &id, cut, PortalEnd::RanOut).unwrap();
    let again = at("2026-01-01T02:00:00Z");
    ledger::portal_began(writer, paths, &id, again, at("2026-01-01T03:00:00Z")).unwrap();
    put_token(&home, "2026-01-01T03:00:00Z");
    assert_eq!(whole(&home).unwrap().at, at("2026-01-01T03:10:00Z"));
}

#[test]
fn a_token_that_is_gone_ends_its_portal_session() {
    let home = Home::with(SSO, "");
    let id = SessionId::new("sso-sign-in:my-sso");
    let token_ends = at("2026-01-01T01:00:00Z");
    ledger::portal_began(&home.writer, &home.paths, &id, at(ISSUED), token_ends).unwrap();
    read(&home);
    let ledger = Ledger::read(&home.paths);
    assert_eq!(ledger.portal(&id).unwrap().ends_at, Some(at(NOW)));
    // Whoever signs in now begins a session of which nothing is known.
    put_token(&home, "2026-01-01T01:30:00Z");
    assert_eq!(whole(&home), None);
}
