//! The commands that define sessions: `mfa`, `role` and `federation`.

use std::path::Path;

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;
use sandglass_protocol::client::{self, Client};
use sandglass_protocol::message::{
    DefinitionKind, FederationDefinition, MfaDefinition, Request, RoleDefinition, SessionDefinition,
};
use serde_json::Value;

use crate::arguments::{AddFederation, Federation, Mfa, Role};
use crate::conversation::{self, Failure};
use crate::output::{self, Format};

/// The longest session policy (STS API reference, `GetFederationToken`, `Policy`).
const LONGEST_POLICY: usize = 2048;
/// Managed session policies of one call (STS API reference, `GetFederationToken`, `PolicyArns`).
const MOST_POLICIES: usize = 10;

/// What a command means, before anybody is asked.
pub(crate) enum Order {
    /// Have the agent do this.
    Do(Request),
    /// Show the sessions of this kind.
    List(DefinitionKind, Format),
}

impl Order {
    /// Carries it out with the agent that `connect` reaches.
    pub(crate) fn carry_out(
        self,
        connect: impl FnOnce() -> Result<Client, client::Error>,
    ) -> Result<(), Failure> {
        let client = connect()?;
        match self {
            Self::Do(request) => conversation::wait_for(&client, &request),
            Self::List(kind, format) => {
                let sessions = conversation::definitions(&client)?;
                output::definitions(kind, &sessions, format);
                Ok(())
            }
        }
    }

    fn define(definition: SessionDefinition) -> Self {
        Self::Do(Request::Define(definition))
    }

    fn forget(kind: DefinitionKind, name: ProfileName) -> Self {
        Self::Do(Request::Forget { kind, name })
    }
}

impl From<Mfa> for Order {
    fn from(command: Mfa) -> Self {
        match command {
            Mfa::Add {
                source,
                device,
                target,
                duration,
            } => Self::define(SessionDefinition::Mfa(MfaDefinition {
                source,
                device,
                target,
                duration_seconds: duration,
            })),
            Mfa::List { json } => Self::List(DefinitionKind::Mfa, Format::of(json)),
            Mfa::Remove { target } => Self::forget(DefinitionKind::Mfa, target),
        }
    }
}

impl From<Role> for Order {
    fn from(command: Role) -> Self {
        match command {
            Role::Add {
                target,
                role_arn,
                source,
                device,
                external_id,
                session_name,
                duration,
            } => Self::define(SessionDefinition::Role(RoleDefinition {
                target,
                source,
                role_arn,
                device,
                external_id,
                session_name,
                duration_seconds: duration,
            })),
            Role::List { json } => Self::List(DefinitionKind::Role, Format::of(json)),
            Role::Remove { target } => Self::forget(DefinitionKind::Role, target),
        }
    }
}

impl TryFrom<Federation> for Order {
    type Error = Failure;

    fn try_from(command: Federation) -> Result<Self, Failure> {
        Ok(match command {
            Federation::Add(add) => {
                Self::define(SessionDefinition::Federation(federation_token(add)?))
            }
            Federation::List { json } => Self::List(DefinitionKind::Federation, Format::of(json)),
            Federation::Remove { name } => Self::forget(DefinitionKind::Federation, name),
        })
    }
}

fn federation_token(add: AddFederation) -> Result<FederationDefinition, RenewalError> {
    if add.policy_arn.len() > MOST_POLICIES {
        return Err(RenewalError::new(
            ErrorCode::InvalidDefinition,
            format!("these are {} managed policies", add.policy_arn.len()),
            format!("AWS takes at most {MOST_POLICIES}: leave `--policy-arn` out for the others"),
        ));
    }
    let policy = add.policy_file.as_deref().map(read_policy).transpose()?;
    Ok(FederationDefinition {
        user: add.user.unwrap_or_else(|| add.name.clone()),
        name: ProfileName::new(add.name),
        source: add.source,
        policy,
        policy_arns: add.policy_arn,
        target: add.target,
        duration_seconds: add.duration,
    })
}

/// The session policy in a file, as AWS would take it.
fn read_policy(path: &Path) -> Result<String, RenewalError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        RenewalError::new(
            ErrorCode::FileTrouble,
            format!("the policy in `{shown}` cannot be read: {error}"),
            "name a file of text that you may read",
        )
    })?;
    let policy = text.trim();
    let refused = |message: String, remedy: &str| {
        RenewalError::new(ErrorCode::InvalidDefinition, message, remedy)
    };
    match serde_json::from_str(policy) {
        Ok(Value::Object(_)) => {}
        Ok(_) => {
            return Err(refused(
                format!("`{shown}` holds JSON, but no policy"),
                "a policy is an object with `Version` and `Statement`",
            ));
        }
        Err(error) => {
            return Err(refused(
                format!("the policy in `{shown}` is no JSON: {error}"),
                "a policy is an object with `Version` and `Statement`",
            ));
        }
    }
    let length = policy.chars().count();
    if length > LONGEST_POLICY {
        return Err(refused(
            format!(
                "the policy in `{shown}` has {length} characters, and AWS takes {LONGEST_POLICY}"
            ),
            "leave out blanks, or put it into a managed policy and name that with `--policy-arn`",
        ));
    }
    Ok(policy.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(policy_file: Option<&Path>) -> AddFederation {
        AddFederation {
            name: "ci".to_owned(),
            source: ProfileName::new("long-lived"),
            user: None,
            policy_file: policy_file.map(Path::to_owned),
            policy_arn: Vec::new(),
            target: None,
            duration: 43_200,
        }
    }

    fn policy_in(text: &[u8]) -> Result<String, RenewalError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.json");
        std::fs::write(&path, text).unwrap();
        federation_token(add(Some(&path))).map(|token| token.policy.unwrap())
    }

    #[test]
    fn the_federated_user_is_called_like_the_session_unless_told_otherwise() {
        assert_eq!(federation_token(add(None)).unwrap().user, "ci");
        let named = AddFederation {
            user: Some("robot".to_owned()),
            ..add(None)
        };
        let token = federation_token(named).unwrap();
        assert_eq!((token.name.as_str(), token.user.as_str()), ("ci", "robot"));
    }

    #[test]
    fn a_policy_is_taken_as_it_stands_in_its_file() {
        let policy = r#"{ "Version": "2012-10-17", "Statement": [] }"#;
        assert_eq!(policy_in(format!("{policy}\n").as_bytes()).unwrap(), policy);
    }

    #[test]
    fn what_is_no_policy_is_refused_with_what_is_one() {
        for text in ["", "{", "[]", "\"policy\"", "Version: 2012-10-17"] {
            let error = policy_in(text.as_bytes()).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidDefinition, "{text}");
            assert!(error.remedy.contains("`Statement`"), "{text}: {error}");
        }
        let binary = policy_in(&[0xff, 0xfe, 0x7b]).unwrap_err();
        assert_eq!(binary.code, ErrorCode::FileTrouble);
    }

    #[test]
    fn a_policy_that_is_too_long_for_aws_is_refused_with_a_way_out() {
        let policy = |length: usize| format!(r#"{{"Statement":"{}"}}"#, "é".repeat(length - 16));
        assert!(policy_in(policy(2048).as_bytes()).is_ok());
        let error = policy_in(policy(2049).as_bytes()).unwrap_err();
        assert!(error.message.contains("2049"), "{error}");
        assert!(error.remedy.contains("--policy-arn"), "{error}");
    }

    #[test]
    fn a_policy_file_that_is_not_there_is_named() {
        let error = federation_token(add(Some(Path::new("no-such-file.json")))).unwrap_err();
        assert_eq!(error.code, ErrorCode::FileTrouble);
        assert!(error.message.contains("`no-such-file.json`"), "{error}");
    }

    #[test]
    fn an_eleventh_managed_policy_is_refused() {
        let with = |number| AddFederation {
            policy_arn: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned(); number],
            ..add(None)
        };
        assert!(federation_token(with(10)).is_ok());
        let error = federation_token(with(11)).unwrap_err();
        assert!(error.remedy.contains("at most 10"), "{error}");
    }
}
