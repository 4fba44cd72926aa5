//! `sandglass status --json`.

use sandglass_core::error::ErrorCode;
use sandglass_core::session::Found;
use sandglass_core::status::{Status, status};

use crate::world::*;

#[test]
fn the_status_has_its_documented_shape() {
    let mut world = World::new([
        (mfa_session(), estimated("10:30")),
        (sign_in("acme"), Found::Nothing),
        (sso_role("dev", "acme"), Found::Nothing),
        (role("deploy"), ends("10:10")),
    ]);
    world.click("role:deploy");
    world.answer("role:deploy", Err(ErrorCode::AccessDenied));
    let status = status(&world.engine, world.now);
    let json = serde_json::to_string_pretty(&status).unwrap();
    insta::assert_snapshot!(json, @r#"
    {
      "version": 1,
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
          "needs": "nothing",
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
          "needs": "code",
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
          "needs": "browser",
          "last_error": null
        },
        {
          "id": "sso-role:dev",
          "kind": "sso_role",
          "profile": "dev",
          "name": "dev",
          "account": "210987654321",
          "role": "Admin",
          "state": "unknown",
          "ends_at": null,
          "end_known_by": null,
          "needs": "browser",
          "last_error": null
        }
      ],
      "findings": []
    }
    "#);
    assert_eq!(serde_json::from_str::<Status>(&json).unwrap(), status);
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
