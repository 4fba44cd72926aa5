//! What the engine is told.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::RenewalError;
use crate::findings::Finding;
use crate::lifetimes::End;
use crate::names::{AskerId, AttemptId, PromptId, SessionId};
use crate::prompt::DeviceCode;
use crate::session::{Found, Sighting};

/// Something that happened outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The files of this machine were read: all sessions that they define, and what is wrong with them.
    FilesRead {
        /// Every session, in the order in which people see them.
        sightings: Vec<Sighting>,
        /// What could not be understood.
        findings: Vec<Finding>,
    },
    /// What was agreed to in earlier runs.
    AgreementRead(Agreement),
    /// A renewal that the engine started has ended.
    RenewalEnded {
        /// Which.
        attempt: AttemptId,
        /// How.
        result: Result<Renewed, RenewalError>,
    },
    /// AWS gave a device code for the sign-in that the engine started.
    DeviceCodeIssued {
        /// Which.
        attempt: AttemptId,
        /// What to show.
        code: DeviceCode,
    },
    /// A tray connected. As long as one is there, it asks.
    TrayConnected,
    /// The last tray left.
    TrayLeft,
    /// A program waits for a session.
    AskerArrived(Asker),
    /// It does not wait any more.
    AskerLeft(AskerId),
    /// Somebody typed a code for a prompt. The code itself waits with the performer of renewals.
    CodeEntered {
        /// The prompt that it was typed into.
        prompt: PromptId,
    },
    /// Somebody clicked.
    Intended(Intent),
}

/// Credentials that AWS just issued, seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renewed {
    /// Their end, and whether they renew themselves from here on.
    pub found: Found,
}

impl Renewed {
    /// The end of the new credentials.
    pub fn end(&self) -> Option<End> {
        self.found.end()
    }
}

/// A program that waits for a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// Identifies its connection.
    pub id: AskerId,
    /// `terraform, pid 4242`.
    pub name: String,
    /// What it waits for.
    pub session: SessionId,
    /// Who can be asked on its behalf.
    pub reach: Reach,
}

/// Who can be asked on behalf of an asker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// A person at a tray, where one is connected; otherwise nobody.
    Tray,
    /// A person at a tray, otherwise the one at its own terminal.
    TrayOrTerminal,
    /// The person at its own terminal, who asked for exactly this there.
    Terminal,
    /// The person gave the code along with the request.
    CodeInHand,
}

/// What a person wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// Renew this session now.
    Renew(SessionId),
    /// Renew each of these, as a notice over several sessions offers.
    RenewEach(Vec<SessionId>),
    /// Renew all that end soon or have ended.
    RenewDue,
    /// No notices for these sessions for a while.
    Snooze(Vec<SessionId>),
    /// No notices at all for a while.
    SnoozeAll,
    /// Leave this prompt.
    CancelPrompt(PromptId),
    /// Leave this prompt, and do not come back with it for 15 minutes.
    PostponePrompt(PromptId),
    /// Ask AWS for another device code.
    RestartSignIn(PromptId),
    /// All sessions found may be kept fresh, and the files that this takes may be written.
    AgreeToAll,
}

/// What a person agreed to: which sessions Sandglass may renew, and so write, by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Sessions that a person asked to renew at least once.
    pub sessions: BTreeSet<SessionId>,
    /// Whether the person agreed for all sessions.
    pub scope: Scope,
}

/// How far an agreement reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Only the sessions named.
    #[default]
    Named,
    /// Every session of this machine.
    All,
}

impl Agreement {
    /// Whether the session may be renewed without asking.
    pub fn covers(&self, session: &SessionId) -> bool {
        match self.scope {
            Scope::All => true,
            Scope::Named => self.sessions.contains(session),
        }
    }
}
