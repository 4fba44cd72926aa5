//! Session policies, as far as the box has something to permit: who may do one action on everything.

use serde::Deserialize;

use crate::wildcard::matches;

/// AWS's managed policies that let their holder list buckets.
const LISTING_BUCKETS: [&str; 6] = [
    "AdministratorAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "job-function/ViewOnlyAccess",
];

/// The policies that a session was made with. Without any of them a federated user may do nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct SessionPolicies {
    pub(crate) inline: Option<Document>,
    /// ARNs of managed policies.
    pub(crate) managed: Vec<String>,
}

/// A policy document.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Document {
    statement: OneOrMany<Statement>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: Effect,
    #[serde(flatten)]
    actions: Actions,
    resource: OneOrMany<String>,
    /// A statement with a condition is taken as one whose condition is not met.
    condition: Option<serde_json::Value>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Clone, Debug, Deserialize)]
enum Actions {
    #[serde(rename = "Action")]
    These(OneOrMany<String>),
    #[serde(rename = "NotAction")]
    AllBut(OneOrMany<String>),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl SessionPolicies {
    /// Whether the session may list buckets, which is an action on no bucket in particular.
    pub(crate) fn allow_listing_buckets(&self) -> bool {
        let named = |arn: &String| {
            let name = arn.split_once(":iam::aws:policy/").map(|(_, name)| name);
            name.is_some_and(|name| LISTING_BUCKETS.contains(&name))
        };
        let effects = self.effects("s3:ListAllMyBuckets");
        !effects.contains(&Effect::Deny)
            && (effects.contains(&Effect::Allow) || self.managed.iter().any(named))
    }

    fn effects(&self, action: &str) -> Vec<Effect> {
        let statements = self
            .inline
            .as_ref()
            .map_or(&[][..], |inline| inline.statement.as_slice());
        statements
            .iter()
            .filter(|statement| statement.is_about(action))
            .map(|statement| statement.effect)
            .collect()
    }
}

impl Document {
    /// A document in JSON, if it is one.
    pub(crate) fn parse(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }
}

impl Statement {
    fn is_about(&self, action: &str) -> bool {
        // Actions are told apart by their letters, not by their case.
        let action = action.to_ascii_lowercase();
        let names = |patterns: &OneOrMany<String>| {
            let mut patterns = patterns.as_slice().iter();
            patterns.any(|pattern| matches(&pattern.to_ascii_lowercase(), &action))
        };
        let actions = match &self.actions {
            Actions::These(patterns) => names(patterns),
            Actions::AllBut(patterns) => !names(patterns),
        };
        let mut resources = self.resource.as_slice().iter();
        actions
            && self.condition.is_none()
            && resources.any(|pattern| matches(pattern, "arn:aws:s3:::*"))
    }
}

impl<T> OneOrMany<T> {
    fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_allow_that_no_deny_takes_back_is_needed() {
        let allow = statement("Allow", "s3:*");
        for (statements, expected) in [
            (json!([]), false),
            (json!([allow]), true),
            (allow.clone(), true),
            (json!([statement("Allow", "S3:List*")]), true),
            (json!([statement("Allow", "ec2:*")]), false),
            (json!([allow, statement("Deny", "*")]), false),
        ] {
            assert_eq!(inline(&statements).allow_listing_buckets(), expected);
        }
        let not = json!({ "Effect": "Allow", "NotAction": "iam:*", "Resource": "*" });
        assert!(inline(&not).allow_listing_buckets());
        let bucket = json!({ "Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::one" });
        assert!(!inline(&bucket).allow_listing_buckets());
    }

    #[test]
    fn a_managed_policy_allows_what_aws_wrote_into_it() {
        let with = |arn: &str| SessionPolicies {
            inline: None,
            managed: vec![arn.to_owned()],
        };
        assert!(with("arn:aws:iam::aws:policy/ReadOnlyAccess").allow_listing_buckets());
        assert!(!with("arn:aws:iam::aws:policy/AWSLambda_FullAccess").allow_listing_buckets());
        assert!(!SessionPolicies::default().allow_listing_buckets());
    }

    #[test]
    fn what_is_no_policy_is_not_read() {
        for json in [
            "",
            "{}",
            "[]",
            r#"{"Statement":[{"Effect":"Maybe","Action":"*","Resource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Resource":"*"}]}"#,
        ] {
            assert!(Document::parse(json).is_none(), "{json}");
        }
    }

    fn statement(effect: &str, action: &str) -> Value {
        json!({ "Effect": effect, "Action": [action], "Resource": "*" })
    }

    fn inline(statement: &Value) -> SessionPolicies {
        let document = json!({ "Version": "2012-10-17", "Statement": statement });
        SessionPolicies {
            inline: Document::parse(&document.to_string()),
            managed: Vec::new(),
        }
    }
}
