//! What the engine wants done.

use serde::{Deserialize, Serialize};

use crate::error::RenewalError;
use crate::event::Agreement;
use crate::lifetimes::End;
use crate::names::{AskerId, AttemptId, PromptId, SessionId};
use crate::prompt::DeviceCode;
use crate::session::Definition;

/// Something for the agent to carry out. Results come back as events.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a handful of effects lives at a time, and each is carried out at once"
)]
pub enum Effect {
    /// Renew a session; answer with `RenewalEnded`.
    Renew {
        /// Names the answer.
        attempt: AttemptId,
        /// What to renew.
        definition: Definition,
        /// The session whose credentials it is made from.
        source: Option<Definition>,
        /// What it is renewed with.
        using: Using,
        /// Whether somebody waits for it.
        haste: Haste,
    },
    /// Ask AWS, with `GetCallerIdentity`, whether it accepts the credentials of a session; answer with `Checked`.
    Check {
        /// Names the answer.
        attempt: AttemptId,
        /// Whose credentials.
        definition: Definition,
    },
    /// Give up a renewal or a check: its answer is not waited for any more.
    GiveUp(AttemptId),
    /// Answer a program that waits.
    Answer {
        /// Which.
        asker: AskerId,
        /// With the end of the credentials that there are now, none where they never end; or why there are none.
        result: Result<Option<End>, RenewalError>,
    },
    /// Ask the person at the terminal of an asker.
    AskInTerminal {
        /// Whose terminal.
        asker: AskerId,
        /// The prompt that the answer names.
        prompt: PromptId,
        /// What to ask.
        question: Question,
    },
    /// Remember what was agreed to.
    SaveAgreement(Agreement),
}

/// Whether somebody waits for a renewal: what nobody waits for gives way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Haste {
    /// The silent policy wants it.
    Background,
    /// A person or a program does.
    Awaited,
}

/// What a renewal is carried out with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Using {
    /// What lies on this machine: keys, a live source session, a refresh token.
    WhatIsThere,
    /// A code that a person gave.
    Code {
        /// Where it waits.
        given: CodeGiven,
        /// What it is spent on.
        spent: CodeSpent,
    },
    /// The MFA session that an earlier code opened for the same keys and device.
    SharedSession,
    /// A person in a browser: ask for a device code and answer with `DeviceCodeIssued` on the way.
    Browser(SignInStart),
}

/// Where a code waits for the renewal that takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodeGiven {
    /// It was typed into this prompt.
    Prompt(PromptId),
    /// This program brought it along.
    Asker(AskerId),
}

/// What a code is spent on: AWS takes each only once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeSpent {
    /// The call that renews the session.
    OnTheCall,
    /// `GetSessionToken` first: the session is renewed with what that gives, and so are the others that wait.
    OnSharedSession,
}

/// How a sign-in in the browser begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInStart {
    /// In the portal session that may be there: the sign-in ends with it.
    AsItIs,
    /// With a portal session of its own: sign out first.
    Afresh,
}

/// A question in a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// A code of this device, for these sessions.
    Code {
        /// The device, as people know it.
        device: String,
        /// The sessions that the code will renew.
        sessions: Vec<SessionId>,
        /// Why the last code did not do.
        error: Option<RenewalError>,
    },
    /// Approval in a browser.
    Approve(DeviceCode),
}
