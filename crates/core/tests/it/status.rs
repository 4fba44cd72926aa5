//! `sandglass status --json`.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use sandglass_core::error::ErrorCode;
use sandglass_core::event::Intent;
use sandglass_core::names::ProfileName;
use sandglass_core::session::{Allowed, DurationLimit, Found, Place};
use sandglass_core::status::{SessionStatus, Status, status};

use crate::world::*;

#[test]
fn the_status_has_its_documented_shape() {
    let mut world = World::new([
        (mfa_session(), estimated("10:30")),
        (sign_in("acme"), Found::Nothing),
        (role("deploy"), ends("10:10")),
    ]);
    world.click("role:deploy");
    world.answer("role:deploy", Err(ErrorCode::AccessDenied));
    let status = status(&world.engine, world.now);
    let json = serde_json::to_string_pretty(&status).unwrap();
    insta::assert_snapshot!(json, @r#"
    {
      "version": 1,
      "told_at": "2026-11-23T10:00:00Z",
      "sessions": [
        {
          "id": "role:deploy",
          "kind": "role",
          "profile": "deploy",
          "name": "deploy",
          "account": "123456789012",
          "role": "deploy-role",
          "state": "broken",
          "ends_at": "2026-11-23T10:10:00Z",
          "end_known_by": "known",
          "accepted_at": null,
          "renews_until": null,
          "renews_until_known_by": null,
          "first_seen_at": null,
          "needs": "nothing",
          "instruction": null,
          "shortened": null,
          "where_used": [],
          "last_error": {
            "code": "access_denied",
            "message": "AWS said AccessDenied",
            "remedy": "do what the documentation says"
          }
        },
        {
          "id": "session-token:mfa",
          "kind": "session_token",
          "profile": "mfa",
          "name": "mfa",
          "account": "123456789012",
          "role": null,
          "state": "valid",
          "ends_at": "2026-11-23T10:30:00Z",
          "end_known_by": "estimated",
          "accepted_at": null,
          "renews_until": null,
          "renews_until_known_by": null,
          "first_seen_at": null,
          "needs": "code",
          "instruction": null,
          "shortened": null,
          "where_used": [],
          "last_error": null
        },
        {
          "id": "sso-sign-in:acme",
          "kind": "sso_sign_in",
          "profile": null,
          "name": "acme",
          "account": null,
          "role": null,
          "state": "unknown",
          "ends_at": null,
          "end_known_by": null,
          "accepted_at": null,
          "renews_until": null,
          "renews_until_known_by": null,
          "first_seen_at": null,
          "needs": "browser",
          "instruction": null,
          "shortened": null,
          "where_used": [],
          "last_error": null
        }
      ],
      "findings": []
    }
    "#);
    assert_eq!(serde_json::from_str::<Status>(&json).unwrap(), status);
}

/// What is not null in the fields that most kinds leave empty.
fn special_fields(session: &SessionStatus) -> String {
    let json = serde_json::to_value(session).expect("a status is JSON");
    let fields = [
        "ends_at",
        "end_known_by",
        "accepted_at",
        "renews_until",
        "renews_until_known_by",
        "first_seen_at",
        "instruction",
        "shortened",
        "where_used",
    ];
    let told = fields
        .into_iter()
        .filter(|field| !json[field].is_null() && json[field] != serde_json::json!([]))
        .map(|field| format!("{field} {}", json[field]));
    let state = format!("{} is {}", session.kind, session.state);
    [state]
        .into_iter()
        .chain(told)
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn what_only_some_kinds_have_is_told_of_them_alone() {
    let allowed = Allowed {
        asked: SignedDuration::from_hours(12),
        granted: SignedDuration::from_hours(4),
        limit: DurationLimit::RoleMaximum,
    };
    let mut world = World::new([
        (sign_in("acme"), refreshable_until("10:40", "17:12")),
        (long_role("deploy", 12, Some(allowed)), ends("10:50")),
        (foreign("guest", Some("saml2aws")), estimated("10:55")),
        (long_lived_keys("old"), lasting("2026-03-03")),
    ]);
    world.used_in(
        "role:deploy",
        [
            Place::SealedStore,
            Place::Profile(ProfileName::new("deploy")),
        ],
    );
    for session in ["foreign:guest", "keys:old"] {
        world.intend(Intent::Check(id(session)));
        world.checked(session, Ok(()));
    }
    let told: Vec<String> = status(&world.engine, world.now)
        .sessions
        .iter()
        .map(special_fields)
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    sso_sign_in is valid, ends_at "2026-11-23T10:40:00Z", end_known_by "known", renews_until "2026-11-23T17:12:00Z", renews_until_known_by "estimated"
    role is valid, ends_at "2026-11-23T10:50:00Z", end_known_by "known", shortened {"asked_seconds":43200,"granted_seconds":14400,"limit":"role_maximum"}, where_used [{"kind":"sealed_store"},{"kind":"profile","name":"deploy"}]
    foreign is valid, ends_at "2026-11-23T10:55:00Z", end_known_by "probed", accepted_at "2026-11-23T10:00:00Z", instruction "run saml2aws again, which made it"
    long_lived_keys is lasting, accepted_at "2026-11-23T10:00:00Z", first_seen_at "2026-03-03T00:00:00Z", instruction "replace the keys of `old` in the IAM console, if they are old"
    "#);
}

#[test]
fn the_example_in_the_documentation_is_a_status() {
    let page = include_str!("../../../../docs/status-json.md");
    let (_, rest) = page.split_once("```json\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let status: Status = serde_json::from_str(example).unwrap();
    let written = serde_json::to_string_pretty(&status).unwrap();
    assert_eq!(written, example.trim_end());
}

#[test]
fn the_documentation_names_every_word() {
    let page = include_str!("../../../../docs/status-json.md");
    let kinds: BTreeSet<_> = one_of_each()
        .iter()
        .map(|definition| definition.renewal.word())
        .collect();
    assert_eq!(kinds.len(), 12);
    let states = [
        "unknown",
        "valid",
        "due",
        "expired",
        "lasting",
        "renewing",
        "waiting_for_you",
        "waiting_for_network",
        "broken",
    ];
    let others = [
        "known",
        "estimated",
        "probed",
        "nothing",
        "code",
        "browser",
        "elsewhere",
        "role_maximum",
        "role_chaining",
        "file",
        "profile",
        "sealed_store",
    ];
    let world = World::new([(role("deploy"), ends("11:00"))]);
    let json = serde_json::to_value(status(&world.engine, world.now)).unwrap();
    let fields = json["sessions"][0].as_object().unwrap().keys();
    let words = kinds.into_iter().chain(states).chain(others);
    for word in words.chain(fields.map(String::as_str)) {
        assert!(
            page.contains(&format!("`{word}`")),
            "`{word}` is not described"
        );
    }
}
