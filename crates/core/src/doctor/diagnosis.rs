//! What a judgement says, for people and for scripts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::chain::Chain;
use super::lifetime::Lifetime;
use super::machine::MachineRole;

/// The version of the shape that `sandglass doctor --json` prints (`docs/doctor-json.md`). Fields may be added within a
/// version, never changed or removed.
pub const VERSION: u32 = 1;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Work stands still.
    Error,
    /// Work will stand still, or goes on with other credentials than somebody thinks.
    Warning,
    /// Good to know.
    Note,
}

/// Something to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remedy {
    /// As a sentence, without a full stop.
    pub sentence: String,
    /// The command that does it, where one does.
    pub command: Option<String>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable; its page is `docs/errors/<code>.md`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What happened, as a sentence without a full stop.
    pub what: String,
    /// Why, likewise.
    pub why: String,
    /// What to do now, the best first.
    pub remedies: Vec<Remedy>,
    /// What to change so that it does not come back.
    pub prevention: Option<String>,
    /// Names the repair that puts it right, where there is one.
    pub repair: Option<String>,
}

/// All that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// [`VERSION`].
    pub version: u32,
    /// The moment that it is true of: RFC 3339 in UTC, whole seconds.
    #[serde(serialize_with = "crate::status::whole_seconds::of_moment")]
    pub told_at: Timestamp,
    /// The worst first; within one severity in the order in which they are to be read.
    pub findings: Vec<Finding>,
    /// Which credentials each SDK takes, for those that were asked about.
    pub chains: Vec<Chain>,
    /// How long the sessions of the profile live that was asked about.
    pub lifetimes: Vec<Lifetime>,
    /// The roles of the machine itself, where something says that it may have one.
    pub machine: Vec<MachineRole>,
}

impl Remedy {
    /// Something that a person does.
    pub(super) fn by_hand(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            command: None,
        }
    }

    /// Something that a command does.
    pub(super) fn command(sentence: impl Into<String>, command: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            command: Some(command.into()),
        }
    }
}
