//! The document that says who may assume a role.

use serde_json::{Map, Value, json};

use crate::world::{Account, Role, WebIdentityTrust, is_account_id};

/// The trust policy of a role, as its world has it.
pub(super) fn of(account: &Account, role: &Role) -> Value {
    let (services, principals): (Vec<&str>, Vec<&str>) = role
        .trusts
        .iter()
        .map(String::as_str)
        .partition(|principal| principal.ends_with(".amazonaws.com"));
    let principals: Vec<String> = principals.into_iter().map(arn_of).collect();
    let mut statements = Vec::new();
    if !principals.is_empty() {
        let mut statement = allow(&json!({ "AWS": principals }), "sts:AssumeRole");
        let condition = condition(role);
        if !condition.is_empty() {
            statement["Condition"] = condition.into();
        }
        statements.push(statement);
    }
    if !services.is_empty() {
        statements.push(allow(&json!({ "Service": services }), "sts:AssumeRole"));
    }
    if let Some(trust) = &role.web_identity {
        statements.push(web_identity(account, trust));
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn allow(principal: &Value, action: &str) -> Value {
    json!({ "Effect": "Allow", "Principal": principal, "Action": action })
}

/// A principal as IAM keeps it: an account is its root.
fn arn_of(principal: &str) -> String {
    if is_account_id(principal) {
        format!("arn:aws:iam::{principal}:root")
    } else {
        principal.to_owned()
    }
}

fn condition(role: &Role) -> Map<String, Value> {
    let mut condition = Map::new();
    if role.requires_mfa {
        let wanted = json!({ "aws:MultiFactorAuthPresent": "true" });
        condition.insert("Bool".to_owned(), wanted);
    }
    if let Some(id) = &role.external_id {
        let wanted = json!({ "sts:ExternalId": id });
        condition.insert("StringEquals".to_owned(), wanted);
    }
    condition
}

fn web_identity(account: &Account, trust: &WebIdentityTrust) -> Value {
    let provider = &trust.provider;
    let arn = format!("arn:aws:iam::{}:oidc-provider/{provider}", account.id);
    let mut statement = allow(
        &json!({ "Federated": arn }),
        "sts:AssumeRoleWithWebIdentity",
    );
    statement["Condition"] = json!({
        "StringEquals": { (format!("{provider}:aud")): trust.audience },
        "StringLike": { (format!("{provider}:sub")): trust.subjects },
    });
    statement
}
