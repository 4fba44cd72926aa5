//! What a judgement says, for people and for scripts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::chain::Chain;
use super::lifetime::Lifetime;
use super::machine::MachineRole;
use crate::names::SessionId;

/// The version of the shape that `sandglass doctor --json` prints (`docs/doctor-json.md`). Fields may be added within a
/// version, never changed or removed.
pub const VERSION: u32 = 1;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Work stands still.
    Error,
    /// Work will stand still, or goes on with other credentials than somebody thinks.
    Warning,
    /// Good to know.
    Note,
}

/// A change that is shown first, and made when the person agrees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Change {
    /// Put something in the files of AWS right.
    Repair {
        /// [`Finding::repair`].
        repair: String,
    },
    /// Undo the repair that was made last.
    UndoRepair,
    /// Ask for sessions of this length from now on, where the session is defined: `duration_seconds`.
    Duration {
        /// Of which session.
        session: SessionId,
        /// Its new length in seconds.
        seconds: u32,
    },
    /// Let everybody who assumes the role of this session have it for so long: `iam:UpdateRole`, `MaxSessionDuration`.
    RoleMaximum {
        /// Whose role.
        session: SessionId,
        /// The new maximum in seconds.
        seconds: u32,
    },
}

/// What a click does, where one does something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Deed {
    /// Renew this session.
    Renew {
        /// Which.
        session: SessionId,
    },
    /// Sign in again: the same, with a person in a browser.
    SignIn {
        /// Of which session.
        session: SessionId,
    },
    /// Ask AWS whether it accepts the credentials of this session.
    Check {
        /// Of which session.
        session: SessionId,
    },
    /// Show what would change, and change it when the person agrees.
    Change {
        /// What.
        change: Change,
    },
}

/// Something to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Remedy {
    /// As a sentence, without a full stop.
    pub sentence: String,
    /// The command that does it, where one does.
    pub command: Option<String>,
    /// What does it with a click in the panel, where something does.
    pub deed: Option<Deed>,
}

/// Where an error comes from that somebody pasted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Origin {
    /// Which services, or which programs, give this error: `any AWS service, of the credentials of a call`.
    pub said_by: String,
    /// Which kinds of sessions it can be about: `a role, an MFA session or …`.
    pub about: String,
    /// The sessions of this machine that it can mean: those of these kinds that are over; by name.
    pub sessions: Vec<String>,
    /// The first line of the text that tells it, from 1.
    #[cfg_attr(test, ts(type = "number"))]
    pub line: u64,
    /// How many lines tell it.
    #[cfg_attr(test, ts(type = "number"))]
    pub times: u64,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(rename = "Diagnosed"))]
pub struct Finding {
    /// Stable; its page is `docs/errors/<code>.md`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What happened, as a sentence without a full stop.
    pub what: String,
    /// Why, likewise.
    pub why: String,
    /// Where the error comes from, where it is one of a text.
    pub origin: Option<Origin>,
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
    /// Whether programs that hold keys could be looked for.
    pub processes: Processes,
}

/// Whether this system shows the environments of programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Processes {
    /// It shows a person those of the person's own.
    Seen,
    /// It shows them to nobody.
    Unsupported,
}

impl Remedy {
    /// Something that a person does.
    pub(super) fn by_hand(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            command: None,
            deed: None,
        }
    }

    /// Something that a command does.
    pub(super) fn command(sentence: impl Into<String>, command: impl Into<String>) -> Self {
        Self {
            command: Some(command.into()),
            ..Self::by_hand(sentence)
        }
    }

    /// The same, which a click does as well.
    pub(super) fn or_click(self, deed: Deed) -> Self {
        Self {
            deed: Some(deed),
            ..self
        }
    }
}
