//! The lists of `mfa`, `role` and `federation`.

use jiff::SignedDuration;
use sandglass_core::names::MfaSerial;
use sandglass_core::views::words;
use sandglass_protocol::message::{
    DefinedSession, DefinitionKind, FederationDefinition, MfaSession, RoleDefinition,
};
use serde_json::{Value, json};

use super::table::table;

/// The version of the JSON of all three.
const VERSION: u32 = 1;

/// The sessions of one kind, for people.
pub(super) fn list(kind: DefinitionKind, sessions: &[DefinedSession]) -> String {
    match kind {
        DefinitionKind::Mfa => table(
            ["TARGET", "SOURCE", "DEVICE", "DURATION"],
            sessions.iter().filter_map(mfa).map(mfa_row),
        ),
        DefinitionKind::Role => table(
            ["TARGET", "ROLE", "SOURCE", "DEVICE", "DURATION"],
            sessions.iter().filter_map(role).map(role_row),
        ),
        DefinitionKind::Federation => table(
            ["NAME", "SOURCE", "USER", "POLICY", "TARGET", "DURATION"],
            sessions.iter().filter_map(federation).map(federation_row),
        ),
    }
}

/// The same for scripts.
pub(super) fn json(kind: DefinitionKind, sessions: &[DefinedSession]) -> Value {
    let sessions = sessions.iter();
    match kind {
        DefinitionKind::Mfa => {
            let rows: Vec<Value> = sessions.filter_map(mfa).map(mfa_json).collect();
            json!({ "version": VERSION, "mfa_sessions": rows })
        }
        DefinitionKind::Role => {
            let rows: Vec<Value> = sessions.filter_map(role).map(role_json).collect();
            json!({ "version": VERSION, "roles": rows })
        }
        DefinitionKind::Federation => {
            let rows: Vec<Value> = sessions
                .filter_map(federation)
                .map(federation_json)
                .collect();
            json!({ "version": VERSION, "federation_tokens": rows })
        }
    }
}

fn mfa(session: &DefinedSession) -> Option<&MfaSession> {
    match session {
        DefinedSession::Mfa(session) => Some(session),
        DefinedSession::Role(_) | DefinedSession::Federation(_) => None,
    }
}

fn role(session: &DefinedSession) -> Option<&RoleDefinition> {
    match session {
        DefinedSession::Role(role) => Some(role),
        DefinedSession::Mfa(_) | DefinedSession::Federation(_) => None,
    }
}

fn federation(session: &DefinedSession) -> Option<&FederationDefinition> {
    match session {
        DefinedSession::Federation(token) => Some(token),
        DefinedSession::Mfa(_) | DefinedSession::Role(_) => None,
    }
}

fn mfa_row(session: &MfaSession) -> [String; 4] {
    let device = match &session.device {
        None => "-".to_owned(),
        Some(Ok(device)) => device.to_string(),
        Some(Err(error)) => format!("({})", error.message),
    };
    [
        session.target.to_string(),
        session.source.to_string(),
        device,
        span(session.duration_seconds),
    ]
}

fn role_row(role: &RoleDefinition) -> [String; 5] {
    [
        role.target.to_string(),
        role.role_arn.clone(),
        role.source.to_string(),
        role.device
            .as_ref()
            .map_or("-", MfaSerial::short)
            .to_owned(),
        role.duration_seconds
            .map_or_else(|| "default".to_owned(), span),
    ]
}

fn federation_row(token: &FederationDefinition) -> [String; 6] {
    let target = token.target.as_ref().map_or("-", |target| target.as_str());
    [
        token.name.to_string(),
        token.source.to_string(),
        token.user.clone(),
        policies(token),
        target.to_owned(),
        span(token.duration_seconds),
    ]
}

/// `inline`, `2 managed`, `inline and 2 managed`, or `none`.
fn policies(token: &FederationDefinition) -> String {
    match (&token.policy, token.policy_arns.len()) {
        (None, 0) => "none".to_owned(),
        (Some(_), 0) => "inline".to_owned(),
        (None, managed) => format!("{managed} managed"),
        (Some(_), managed) => format!("inline and {managed} managed"),
    }
}

fn mfa_json(session: &MfaSession) -> Value {
    json!({
        "target": session.target,
        "source": session.source,
        "device": session.device.as_ref().and_then(|device| device.as_ref().ok()),
        "duration_seconds": session.duration_seconds,
        "error": session.device.as_ref().and_then(|device| device.as_ref().err()),
    })
}

fn role_json(role: &RoleDefinition) -> Value {
    json!({
        "target": role.target,
        "source": role.source,
        "role_arn": role.role_arn,
        "device": role.device,
        "external_id": role.external_id,
        "session_name": role.session_name,
        "duration_seconds": role.duration_seconds,
    })
}

fn federation_json(token: &FederationDefinition) -> Value {
    json!({
        "name": token.name,
        "source": token.source,
        "user": token.user,
        "policy": token.policy,
        "policy_arns": token.policy_arns,
        "target": token.target,
        "duration_seconds": token.duration_seconds,
    })
}

fn span(seconds: u32) -> String {
    words::span(SignedDuration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests {
    use sandglass_core::error::{ErrorCode, RenewalError};
    use sandglass_core::names::ProfileName;

    use super::*;

    fn sessions() -> Vec<DefinedSession> {
        let device = MfaSerial::new("arn:aws:iam::123456789012:mfa/ann");
        vec![
            DefinedSession::Mfa(MfaSession {
                source: ProfileName::new("long-lived"),
                device: Some(Ok(device.clone())),
                target: ProfileName::new("mfa"),
                duration_seconds: 43_200,
            }),
            DefinedSession::Mfa(MfaSession {
                source: ProfileName::new("customer"),
                device: Some(Err(RenewalError::new(
                    ErrorCode::KeychainUnavailable,
                    "the keychain is locked",
                    "unlock it",
                ))),
                target: ProfileName::new("customer-mfa"),
                duration_seconds: 3600,
            }),
            DefinedSession::Role(RoleDefinition {
                target: ProfileName::new("deploy-keys"),
                source: ProfileName::new("long-lived"),
                role_arn: "arn:aws:iam::123456789012:role/Deploy".to_owned(),
                device: Some(device),
                external_id: None,
                session_name: Some("ann".to_owned()),
                duration_seconds: Some(28_800),
            }),
            DefinedSession::Role(RoleDefinition {
                target: ProfileName::new("audit"),
                source: ProfileName::new("mfa"),
                role_arn: "arn:aws:iam::210987654321:role/Audit".to_owned(),
                device: None,
                external_id: Some("partner:42".to_owned()),
                session_name: None,
                duration_seconds: None,
            }),
            DefinedSession::Federation(FederationDefinition {
                name: ProfileName::new("ci"),
                source: ProfileName::new("long-lived"),
                user: "robot".to_owned(),
                policy: Some("{}".to_owned()),
                policy_arns: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()],
                target: None,
                duration_seconds: 129_600,
            }),
        ]
    }

    #[test]
    fn each_list_shows_its_own_kind_and_no_other() {
        let sessions = sessions();
        insta::assert_snapshot!(list(DefinitionKind::Mfa, &sessions), @r"
        TARGET        SOURCE      DEVICE                             DURATION
        mfa           long-lived  arn:aws:iam::123456789012:mfa/ann  12 h
        customer-mfa  customer    (the keychain is locked)           1 h
        ");
        insta::assert_snapshot!(list(DefinitionKind::Role, &sessions), @r"
        TARGET       ROLE                                   SOURCE      DEVICE  DURATION
        deploy-keys  arn:aws:iam::123456789012:role/Deploy  long-lived  ann     8 h
        audit        arn:aws:iam::210987654321:role/Audit   mfa         -       default
        ");
        insta::assert_snapshot!(list(DefinitionKind::Federation, &sessions), @r"
        NAME  SOURCE      USER   POLICY                TARGET  DURATION
        ci    long-lived  robot  inline and 1 managed  -       1 day 12 h
        ");
    }

    #[test]
    fn scripts_get_every_field_whether_it_is_set_or_not() {
        let sessions = sessions();
        assert_eq!(
            json(DefinitionKind::Mfa, &sessions),
            json!({ "version": 1, "mfa_sessions": [
                {
                    "target": "mfa",
                    "source": "long-lived",
                    "device": "arn:aws:iam::123456789012:mfa/ann",
                    "duration_seconds": 43_200,
                    "error": null,
                },
                {
                    "target": "customer-mfa",
                    "source": "customer",
                    "device": null,
                    "duration_seconds": 3600,
                    "error": {
                        "code": "keychain_unavailable",
                        "message": "the keychain is locked",
                        "remedy": "unlock it",
                    },
                },
            ] })
        );
        assert_eq!(
            json(DefinitionKind::Role, &sessions),
            json!({ "version": 1, "roles": [
                {
                    "target": "deploy-keys",
                    "source": "long-lived",
                    "role_arn": "arn:aws:iam::123456789012:role/Deploy",
                    "device": "arn:aws:iam::123456789012:mfa/ann",
                    "external_id": null,
                    "session_name": "ann",
                    "duration_seconds": 28_800,
                },
                {
                    "target": "audit",
                    "source": "mfa",
                    "role_arn": "arn:aws:iam::210987654321:role/Audit",
                    "device": null,
                    "external_id": "partner:42",
                    "session_name": null,
                    "duration_seconds": null,
                },
            ] })
        );
        assert_eq!(
            json(DefinitionKind::Federation, &sessions),
            json!({ "version": 1, "federation_tokens": [
                {
                    "name": "ci",
                    "source": "long-lived",
                    "user": "robot",
                    "policy": "{}",
                    "policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
                    "target": null,
                    "duration_seconds": 129_600,
                },
            ] })
        );
    }

    #[test]
    fn what_limits_a_federation_token_is_named_in_a_word() {
        let token = |policy: Option<&str>, managed| FederationDefinition {
            name: ProfileName::new("ci"),
            source: ProfileName::new("long-lived"),
            user: "ci".to_owned(),
            policy: policy.map(str::to_owned),
            policy_arns: vec![String::new(); managed],
            target: None,
            duration_seconds: 43_200,
        };
        for (policy, managed, text) in [
            (None, 0, "none"),
            (Some("{}"), 0, "inline"),
            (None, 2, "2 managed"),
            (Some("{}"), 1, "inline and 1 managed"),
        ] {
            assert_eq!(policies(&token(policy, managed)), text);
        }
    }
}
