//! `[federation.NAME]`

use std::fs;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use sandglass_core::lifetimes::{FEDERATION_TOKEN, LONGEST};
use sandglass_core::names::ProfileName;
use toml_edit::{Array, Item, TableLike};

use super::Fault;
use super::limits::{self, DURATION, SOURCE, TARGET, USER};

/// `sts:GetFederationToken`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FederationSession {
    /// What it is called here.
    pub name: String,
    /// The profile whose long-lived keys make the call.
    pub source: ProfileName,
    /// `Name` of the federated user.
    pub user: String,
    /// The session policy.
    pub policy: SessionPolicy,
    /// ARNs of managed session policies.
    pub policy_arns: Vec<String>,
    /// The profile of the credentials file that gets the keys; without one they stay with Sandglass.
    pub target: Option<ProfileName>,
    /// Asked lifetime.
    pub duration: SignedDuration,
}

/// Where the inline session policy stands. Without any session policy a federation token may do nothing (STS API
/// reference, `GetFederationToken`), except what the policies of resources allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionPolicy {
    /// There is none.
    None,
    /// `policy`: the document itself.
    Inline(String),
    /// `policy_file`: a file, found from the settings folder.
    File(PathBuf),
}

impl SessionPolicy {
    /// The document, where there is one.
    pub fn document(&self, settings_folder: &Path) -> Result<Option<String>, Fault> {
        match self {
            Self::None => Ok(None),
            Self::Inline(document) => Ok(Some(document.clone())),
            Self::File(path) => {
                let document = fs::read_to_string(settings_folder.join(path)).map_err(|error| {
                    Fault::new(
                        format!("`{POLICY_FILE}` could not be read: {error}"),
                        format!("put a policy document at `{}`", path.display()),
                    )
                })?;
                check_document(POLICY_FILE, &document)?;
                Ok(Some(document))
            }
        }
    }
}

const POLICY: &str = "policy";
const POLICY_FILE: &str = "policy_file";
const POLICY_ARNS: &str = "policy_arns";
/// Characters in an inline policy.
const LONGEST_DOCUMENT: usize = 2048;
/// Managed policies in one call.
const MOST_ARNS: usize = 10;

fn check_document(key: &str, document: &str) -> Result<(), Fault> {
    let is_object = serde_json::from_str::<serde_json::Map<_, serde_json::Value>>(document).is_ok();
    if !is_object {
        return Err(Fault::new(
            format!("`{key}` holds no policy document"),
            "write a JSON object with `Version` and `Statement`",
        ));
    }
    let length = document.chars().count();
    if length > LONGEST_DOCUMENT {
        return Err(Fault::new(
            format!("`{key}` holds {length} characters, and AWS accepts {LONGEST_DOCUMENT}"),
            "shorten the policy, or name a managed one in `policy_arns`",
        ));
    }
    Ok(())
}

impl FederationSession {
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.name.trim().is_empty() {
            return Err(Fault::new(
                "the federation token has no name",
                "write `[federation.NAME]`",
            ));
        }
        USER.check(&self.user)?;
        if let SessionPolicy::Inline(document) = &self.policy {
            check_document(POLICY, document)?;
        }
        if self.policy_arns.len() > MOST_ARNS {
            return Err(Fault::new(
                format!(
                    "`{POLICY_ARNS}` names {} policies, and AWS accepts {MOST_ARNS}",
                    self.policy_arns.len()
                ),
                "name fewer policies",
            ));
        }
        let stranger = self
            .policy_arns
            .iter()
            .find(|arn| !limits::is_iam_arn(arn, "policy/"));
        if let Some(stranger) = stranger {
            return Err(Fault::new(
                format!("`{POLICY_ARNS}` names `{stranger}`, which is not the ARN of a policy"),
                "write it as `arn:aws:iam::aws:policy/ReadOnlyAccess`",
            ));
        }
        limits::duration(self.duration, LONGEST)
    }

    pub(super) fn parse(name: &str, table: &dyn TableLike) -> Result<Self, Fault> {
        let of = format!("federation token `{name}`");
        let policy = match (
            limits::text(table, POLICY)?,
            limits::text(table, POLICY_FILE)?,
        ) {
            (None, None) => SessionPolicy::None,
            (Some(document), None) => SessionPolicy::Inline(document),
            (None, Some(path)) => SessionPolicy::File(PathBuf::from(path)),
            (Some(_), Some(_)) => {
                return Err(Fault::new(
                    format!("{of} has both `{POLICY}` and `{POLICY_FILE}`"),
                    "keep one of the two",
                ));
            }
        };
        Ok(Self {
            name: name.to_owned(),
            source: ProfileName::new(limits::needed_text(
                table,
                SOURCE,
                &of,
                "name the profile that holds the long-lived keys: `source = \"PROFILE\"`",
            )?),
            user: limits::needed_text(
                table,
                USER.key,
                &of,
                "name the federated user, as it shall stand in the logs of AWS: `user = \"report\"`",
            )?,
            policy,
            policy_arns: arns(table)?,
            target: limits::text(table, TARGET)?.map(ProfileName::new),
            duration: limits::seconds(table)?.unwrap_or(FEDERATION_TOKEN),
        })
    }

    pub(super) fn write(&self, table: &mut dyn TableLike) {
        let (inline, file) = match &self.policy {
            SessionPolicy::None => (None, None),
            SessionPolicy::Inline(document) => (Some(document.clone()), None),
            SessionPolicy::File(path) => (None, Some(path.to_string_lossy().into_owned())),
        };
        let arns: Option<Array> =
            (!self.policy_arns.is_empty()).then(|| self.policy_arns.iter().collect());
        let target = self.target.as_ref().map(ProfileName::as_str);
        for (key, value) in [
            (SOURCE, Some(self.source.as_str().into())),
            (USER.key, Some(self.user.as_str().into())),
            (POLICY, inline.map(Into::into)),
            (POLICY_FILE, file.map(Into::into)),
            (POLICY_ARNS, arns.map(Into::into)),
            (DURATION, Some(self.duration.as_secs().into())),
            (TARGET, target.map(Into::into)),
        ] {
            limits::put(table, key, value);
        }
    }
}

fn arns(table: &dyn TableLike) -> Result<Vec<String>, Fault> {
    let Some(item) = table.get(POLICY_ARNS) else {
        return Ok(Vec::new());
    };
    let texts = Item::as_array(item).and_then(|array| {
        array
            .iter()
            .map(|arn| arn.as_str().map(str::to_owned))
            .collect()
    });
    texts.ok_or_else(|| {
        Fault::new(
            format!("`{POLICY_ARNS}` is no list of texts"),
            format!("write `{POLICY_ARNS} = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]`"),
        )
    })
}
