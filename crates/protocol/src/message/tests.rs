use std::fmt;
use std::marker::PhantomData;

use sandglass_core::error::ErrorCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;
use crate::frame;

/// Sends a message through a frame, expects this on the wire, and gives what the other side reads.
fn sent<M: Serialize + DeserializeOwned>(message: &M, wire: &Value) -> M {
    let mut bytes = Vec::new();
    frame::write(&mut bytes, message).unwrap();
    let on_the_wire: Value = serde_json::from_slice(&bytes[frame::HEADER..]).unwrap();
    assert_eq!(on_the_wire, *wire);
    let read: M = frame::read(&mut bytes.as_slice()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), *wire);
    read
}

fn profile(name: &str) -> ProfileName {
    ProfileName::new(name)
}

fn role() -> RoleDefinition {
    RoleDefinition {
        target: profile("deploy-keys"),
        source: profile("long-lived"),
        role_arn: "arn:aws:iam::123456789012:role/Deploy".to_owned(),
        device: Some(MfaSerial::new("GAHT12345678")),
        external_id: None,
        session_name: Some("ann".to_owned()),
        duration_seconds: None,
    }
}

fn federation() -> FederationDefinition {
    FederationDefinition {
        name: profile("ci"),
        source: profile("long-lived"),
        user: "robot".to_owned(),
        policy: Some("{\"Statement\":[]}".to_owned()),
        policy_arns: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()],
        target: None,
        duration_seconds: 43_200,
    }
}

fn role_on_the_wire() -> Value {
    json!({
        "target": "deploy-keys",
        "source": "long-lived",
        "role_arn": "arn:aws:iam::123456789012:role/Deploy",
        "device": "GAHT12345678",
        "external_id": null,
        "session_name": "ann",
        "duration_seconds": null,
    })
}

fn federation_on_the_wire() -> Value {
    json!({
        "name": "ci",
        "source": "long-lived",
        "user": "robot",
        "policy": "{\"Statement\":[]}",
        "policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        "target": null,
        "duration_seconds": 43_200,
    })
}

#[test]
fn what_is_asked_about_a_session_arrives_as_it_was_sent() {
    for (start, word) in [
        (SignInStart::AsItIs, "as_it_is"),
        (SignInStart::Afresh, "afresh"),
    ] {
        let login = Request::Login {
            profile: profile("corp"),
            start,
        };
        let wire = json!({ "login": { "profile": "corp", "start": word } });
        let Request::Login { start: read, .. } = sent(&login, &wire) else {
            panic!("another request");
        };
        assert_eq!(read, start);
    }
    let check = Request::Check {
        profile: profile("dev"),
    };
    sent(&check, &json!({ "check": { "profile": "dev" } }));
    for destination in [None, Some("https://console.aws.amazon.com/s3/home")] {
        let console = Request::Console {
            profile: profile("dev"),
            destination: destination.map(str::to_owned),
        };
        let wire = json!({ "console": { "profile": "dev", "destination": destination } });
        sent(&console, &wire);
    }
}

#[test]
fn what_is_defined_arrives_as_it_was_sent() {
    let mfa = MfaDefinition {
        source: profile("long-lived"),
        device: MfaSerial::new("GAHT12345678"),
        target: profile("mfa"),
        duration_seconds: 43_200,
    };
    let mfa_on_the_wire = json!({
        "source": "long-lived",
        "device": "GAHT12345678",
        "target": "mfa",
        "duration_seconds": 43_200,
    });
    for (definition, wire) in [
        (
            SessionDefinition::Mfa(mfa),
            json!({ "mfa": mfa_on_the_wire }),
        ),
        (
            SessionDefinition::Role(role()),
            json!({ "role": role_on_the_wire() }),
        ),
        (
            SessionDefinition::Federation(federation()),
            json!({ "federation": federation_on_the_wire() }),
        ),
    ] {
        let request = Request::Define(definition.clone());
        let Request::Define(read) = sent(&request, &json!({ "define": wire })) else {
            panic!("another request");
        };
        assert_eq!(read, definition);
    }
    sent(
        &Request::Connect {
            profile: profile("dev"),
            command: "sandglass credentials --profile dev".to_owned(),
            step: Step::Show,
        },
        &json!({ "connect": {
            "profile": "dev",
            "command": "sandglass credentials --profile dev",
            "step": "show",
        } }),
    );
    sent(
        &Request::Disconnect {
            profile: profile("dev"),
            step: Step::CarryOut("5eb6".to_owned()),
        },
        &json!({ "disconnect": { "profile": "dev", "step": { "carry_out": "5eb6" } } }),
    );
    sent(
        &Request::Change {
            change: Change::Repair {
                repair: "cache-torn-0123abcd".to_owned(),
            },
            step: Step::Show,
        },
        &json!({ "change": {
            "change": { "kind": "repair", "repair": "cache-torn-0123abcd" },
            "step": "show",
        } }),
    );
    sent(
        &Request::Change {
            change: Change::Duration {
                session: SessionId::new("role:dev"),
                seconds: 7200,
            },
            step: Step::CarryOut("5eb6".to_owned()),
        },
        &json!({ "change": {
            "change": { "kind": "duration", "session": "role:dev", "seconds": 7200 },
            "step": { "carry_out": "5eb6" },
        } }),
    );
    sent(&Request::ListDefinitions, &json!("list_definitions"));
    for (kind, word) in [
        (DefinitionKind::Mfa, "mfa"),
        (DefinitionKind::Role, "role"),
        (DefinitionKind::Federation, "federation"),
    ] {
        let forget = Request::Forget {
            kind,
            name: profile("x"),
        };
        sent(&forget, &json!({ "forget": { "kind": word, "name": "x" } }));
    }
}

#[test]
fn the_answers_arrive_as_they_were_sent() {
    let locked = RenewalError::new(
        ErrorCode::KeychainUnavailable,
        "the keychain is locked",
        "unlock it",
    );
    let mfa = MfaSession {
        source: profile("long-lived"),
        device: Some(Err(locked)),
        target: profile("mfa"),
        duration_seconds: 43_200,
    };
    let mfa_on_the_wire = json!({
        "source": "long-lived",
        "device": { "Err": {
            "code": "keychain_unavailable",
            "message": "the keychain is locked",
            "remedy": "unlock it",
        } },
        "target": "mfa",
        "duration_seconds": 43_200,
    });
    for (reply, wire) in [
        (
            Reply::Definitions(vec![
                DefinedSession::Mfa(mfa),
                DefinedSession::Role(role()),
                DefinedSession::Federation(federation()),
            ]),
            json!({ "definitions": [
                { "mfa": mfa_on_the_wire },
                { "role": role_on_the_wire() },
                { "federation": federation_on_the_wire() },
            ] }),
        ),
        (
            Reply::ConsoleReady {
                url: "http://127.0.0.1:40000/5eb6".to_owned(),
            },
            json!({ "console_ready": { "url": "http://127.0.0.1:40000/5eb6" } }),
        ),
        (
            Reply::Changes(Changes {
                sentences: vec!["a line goes".to_owned()],
                diff: "-a\n".to_owned(),
                fingerprint: "5eb6".to_owned(),
            }),
            json!({ "changes": {
                "sentences": ["a line goes"],
                "diff": "-a\n",
                "fingerprint": "5eb6",
            } }),
        ),
    ] {
        assert_eq!(sent(&reply, &wire), reply);
    }
}

#[test]
fn a_request_of_another_version_is_an_error_and_not_a_guess() {
    for wire in [
        json!({ "mfa_remove": { "target": "mfa" } }),
        json!({ "login": { "profile": "corp" } }),
        json!({ "forget": { "kind": "portal", "name": "x" } }),
        json!({ "define": { "mfa": {}, "role": {} } }),
    ] {
        let body = wire.to_string();
        let read = frame::decode::<Request>(body.as_bytes());
        assert!(matches!(read, Err(frame::Error::Garbled(_))), "{wire}");
    }
}

#[test]
fn a_code_that_is_none_is_not_repeated_in_the_error() {
    let body = br#"{"enter_code":{"prompt":1,"code":"98765x"}}"#;
    let error = frame::decode::<Request>(body).err().unwrap();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("98765x"), "{shown}");
}

/// Whether a type can be shown: the constant of the trait stands where the one of the type, for types with `Debug`, does
/// not hide it.
struct Showing<T>(PhantomData<T>);

trait Hidden {
    const SHOWN: bool = false;
}

impl<T> Hidden for Showing<T> {}

impl<T: fmt::Debug> Showing<T> {
    const SHOWN: bool = true;
}

#[test]
fn a_request_cannot_be_shown_since_it_may_carry_a_code() {
    const { assert!(!Showing::<Request>::SHOWN) };
    const { assert!(!Showing::<MfaCode>::SHOWN) };
    const { assert!(Showing::<Reply>::SHOWN) };
}
