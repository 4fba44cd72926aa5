//! What the engine is told.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::doctor::Holder;
use crate::effect::SignInStart;
use crate::error::RenewalError;
use crate::findings::Finding;
use crate::lifetimes::End;
use crate::names::{AskerId, AttemptId, MfaSerial, ProfileName, PromptId, SessionId};
use crate::prompt::DeviceCode;
use crate::session::{Allowed, Found, Sighting};
use crate::settings::Settings;

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
    /// A check that the engine started has ended: AWS accepted the credentials, or it did not.
    Checked {
        /// Which.
        attempt: AttemptId,
        /// How.
        result: Result<(), RenewalError>,
    },
    /// A code opened an MFA session, just now or in an earlier run.
    SharedSessionOpened(SharedSession),
    /// What the person set.
    SettingsRead(Settings),
    /// The screen was locked: nobody reads what is shown.
    ScreenLocked,
    /// Somebody is back.
    ScreenUnlocked,
    /// The machine woke from sleep.
    Woke,
    /// The clock that is handed in was set: by this much it went further than the machine was on. What Sandglass waits
    /// for by its own clock is as far away as before; what AWS said of an end stands.
    ClockStepped(SignedDuration),
    /// So far AWS's clock is ahead of this machine's own (behind where negative). The time that is handed in is AWS's
    /// already: this is for telling people.
    SkewMeasured(SignedDuration),
    /// Programs were looked at: these hold temporary keys in their environment, and no others do.
    HoldersSeen(Vec<Holder>),
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
    /// Present where AWS did not give the duration that the configuration asks for.
    pub allowed: Option<Allowed>,
}

/// An MFA session that Sandglass keeps for itself: one code opened it, and every role that starts from the same keys
/// and asks for the same device is assumed with it, without another code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedSession {
    /// The profile whose long-lived keys made it.
    pub source: ProfileName,
    /// The device whose code it took.
    pub device: MfaSerial,
    /// Its end.
    pub end: End,
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
    /// How a sign-in begins, where it asks for one.
    pub start: SignInStart,
    /// When it is served.
    pub wants: Wants,
}

/// What a program waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// A renewal, however long the credentials still hold.
    Renewal,
    /// Credentials that hold. Those that end soon are renewed first where nobody is needed for that, and served as they
    /// are otherwise.
    Credentials,
    /// Credentials that hold at least this long, or as long as a renewal can make them. Somebody may be asked for that.
    CredentialsFor(SignedDuration),
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
    /// Ask AWS whether it still accepts the credentials of this session.
    Check(SessionId),
    /// Sign in at a portal with a session of its own: sign out first, then in.
    SignInAfresh(SessionId),
    /// The same, in a prompt that offers it.
    StartAfresh(PromptId),
    /// Sign in within the portal session that is there, though the sign-in ends with it.
    SignInAnyway(PromptId),
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
