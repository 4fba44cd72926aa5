//! Which credentials a program takes: everything that could give some, in the order in which its SDK looks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A way to call AWS. Each looks for credentials in an order of its own. The words on the wire are those of
/// `sandglass doctor --sdk`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sdk {
    /// The AWS CLI, version 1.
    Cli1,
    /// The AWS CLI, version 2.
    #[serde(rename = "cli")]
    Cli2,
    /// boto3 and everything else that stands on botocore.
    Boto3,
    /// The AWS SDK for JavaScript, version 3.
    #[serde(rename = "js")]
    JavaScript,
    /// The AWS SDK for Rust.
    Rust,
    /// The AWS SDK for Go, version 2.
    Go,
    /// The AWS SDK for Java, version 2.
    Java,
}

impl Sdk {
    /// Every one of them.
    pub const ALL: [Self; 7] = [
        Self::Cli1,
        Self::Cli2,
        Self::Boto3,
        Self::JavaScript,
        Self::Rust,
        Self::Go,
        Self::Java,
    ];

    /// Whether it is botocore underneath, with its files, its order and its variables.
    pub fn stands_on_botocore(self) -> bool {
        match self {
            Self::Cli1 | Self::Cli2 | Self::Boto3 => true,
            Self::JavaScript | Self::Rust | Self::Go | Self::Java => false,
        }
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cli1 => "AWS CLI v1",
            Self::Cli2 => "AWS CLI v2",
            Self::Boto3 => "boto3",
            Self::JavaScript => "AWS SDK for JavaScript",
            Self::Rust => "AWS SDK for Rust",
            Self::Go => "AWS SDK for Go",
            Self::Java => "AWS SDK for Java",
        }
    }
}

/// Variables that decide which credentials an SDK takes.
pub const VARIABLES: [&str; 13] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_CREDENTIAL_FILE",
    "BOTO_CONFIG",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
];

/// Variables that hold keys: only whether they are set is of interest, and of the id its last four characters.
pub const KEY_VARIABLES: [&str; 5] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
];

/// Stands for the value of `AWS_SECURITY_TOKEN` where it is that of `AWS_SESSION_TOKEN`.
const SAME: &str = "same";

/// Whether the variables hold a legacy token that is another one than the session token.
pub(super) fn has_other_token(variables: &BTreeMap<String, String>) -> bool {
    variables
        .get("AWS_SECURITY_TOKEN")
        .is_some_and(|shown| !shown.is_empty() && shown != SAME)
}

/// The variables of an environment that decide, without what is secret of them.
pub fn variables(get: impl Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
    let plain = VARIABLES
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), get(name)?)));
    let is_session_token = |value: &str| {
        let token = get("AWS_SESSION_TOKEN").map(Zeroizing::new);
        token.is_some_and(|token| *token == value)
    };
    let keys = KEY_VARIABLES.iter().filter_map(|name| {
        let value = Zeroizing::new(get(name)?);
        let shown = match *name {
            _ if value.is_empty() => String::new(),
            "AWS_ACCESS_KEY_ID" => last_four(&value).to_owned(),
            "AWS_SECURITY_TOKEN" if is_session_token(&value) => SAME.to_owned(),
            _ => "set".to_owned(),
        };
        Some(((*name).to_owned(), shown))
    });
    plain.chain(keys).collect()
}

/// What is shown of an access key id.
pub fn last_four(id: &str) -> &str {
    let from = id.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    &id[from..]
}

/// What can give credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Giver {
    /// Keys in the environment.
    EnvironmentKeys,
    /// A web identity in the environment.
    EnvironmentWebIdentity,
    /// `role_arn` of the profile.
    Role,
    /// `web_identity_token_file` of the profile.
    WebIdentity,
    /// Identity Center settings of the profile.
    IdentityCenter,
    /// Keys of the profile.
    Keys,
    /// Keys in a file from before there were profiles: that of `AWS_CREDENTIAL_FILE`, or boto's.
    FormerKeys,
    /// `login_session` of the profile.
    ConsoleLogin,
    /// `credential_process` of the profile.
    Process,
    /// The endpoint that the environment of a container names.
    Container,
    /// The metadata service of an EC2 instance.
    Instance,
}

impl Giver {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::EnvironmentKeys => "keys in the environment",
            Self::EnvironmentWebIdentity => "web identity in the environment",
            Self::Role => "role",
            Self::WebIdentity => "web identity",
            Self::IdentityCenter => "Identity Center",
            Self::Keys => "keys",
            Self::FormerKeys => "keys in a file of old",
            Self::ConsoleLogin => "console sign-in",
            Self::Process => "credential process",
            Self::Container => "container role",
            Self::Instance => "instance role",
        }
    }
}

/// One that could give credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// What it is.
    pub giver: Giver,
    /// Where it stands: `~/.aws/config:12`, `AWS_ACCESS_KEY_ID`.
    pub place: String,
    /// The last four characters of the access key id, where there is one.
    pub key: Option<String>,
    /// What becomes of it.
    pub verdict: Verdict,
    /// What lets the SDK go on, where it ends with an error there.
    pub cure: Option<Cure>,
}

/// What lets an SDK go on that ends with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cure {
    /// A file of AWS is mended, which it refuses to read.
    File,
    /// Another profile is named.
    Profile,
    /// Settings of the profile are corrected.
    Settings,
    /// Id and secret are written anew.
    Keys,
    /// Somebody signs in.
    SignIn,
    /// The identity provider writes its token.
    IdentityToken,
    /// The token of the container is written as it has to be.
    ContainerToken,
    /// Variables go.
    Unset,
}

/// What becomes of a candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The SDK takes it.
    Wins,
    /// The SDK ends here with an error, for this reason.
    Stops(String),
    /// The SDK does not take it, for this reason.
    Loses(String),
}

/// Where one SDK looks, on one machine, in one environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// Whose.
    pub sdk: Sdk,
    /// The profile that it works with.
    pub profile: String,
    /// What chose that profile: `AWS_PROFILE`; none where nothing did.
    pub chosen_by: Option<String>,
    /// In the order in which it looks.
    pub candidates: Vec<Candidate>,
}

impl Chain {
    /// What it takes.
    pub fn winner(&self) -> Option<&Candidate> {
        self.candidates
            .iter()
            .find(|candidate| candidate.verdict == Verdict::Wins)
    }

    /// Where it ends with an error instead, and why.
    pub fn stop(&self) -> Option<(&Candidate, &str)> {
        self.candidates
            .iter()
            .find_map(|candidate| match &candidate.verdict {
                Verdict::Stops(why) => Some((candidate, why.as_str())),
                Verdict::Wins | Verdict::Loses(_) => None,
            })
    }
}
