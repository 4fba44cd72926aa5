//! What the lists print.

use sandglass_core::names::{MfaSerial, ProfileName};
use sandglass_protocol::message::{DefinedSession, MfaSession, Reply, RoleDefinition};
use serde_json::{Value, json};

use crate::agent::Agent;

fn agent() -> Agent {
    Agent::that_says(&[Reply::Definitions(vec![
        DefinedSession::Mfa(MfaSession {
            source: ProfileName::new("long-lived"),
            device: Some(Ok(MfaSerial::new("GAHT12345678"))),
            target: ProfileName::new("mfa"),
            duration_seconds: 43_200,
        }),
        DefinedSession::Role(RoleDefinition {
            target: ProfileName::new("deploy-keys"),
            source: ProfileName::new("mfa"),
            role_arn: "arn:aws:iam::123456789012:role/Deploy".to_owned(),
            device: None,
            external_id: None,
            session_name: None,
            duration_seconds: None,
        }),
    ])])
}

#[test]
fn a_list_shows_the_sessions_of_its_kind() {
    let agent = agent();
    let roles = agent.sandglass(&["role", "list"]);
    assert_eq!(roles.code, Some(0), "{roles:?}");
    assert!(roles.out.contains("deploy-keys"), "{roles:?}");
    assert!(!roles.out.contains("GAHT12345678"), "{roles:?}");
    let mfa = agent.sandglass(&["mfa", "list"]);
    assert!(mfa.out.contains("GAHT12345678"), "{mfa:?}");
    assert_eq!(
        agent.requests(),
        [json!("list_definitions"), json!("list_definitions")]
    );
}

#[test]
fn a_list_for_scripts_is_one_json_object_with_a_version() {
    let agent = agent();
    for (kind, list, length) in [
        ("mfa", "mfa_sessions", 1),
        ("role", "roles", 1),
        ("federation", "federation_tokens", 0),
    ] {
        let said = agent.sandglass(&[kind, "list", "--json"]);
        let printed: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(printed["version"], 1);
        assert_eq!(printed[list].as_array().unwrap().len(), length, "{printed}");
    }
}
