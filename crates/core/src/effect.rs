//! What the engine wants done.

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
    },
    /// Give up a renewal: its answer is not waited for any more.
    GiveUp(AttemptId),
    /// Answer a program that waits.
    Answer {
        /// Which.
        asker: AskerId,
        /// With the end of the renewed session, or why there is none.
        result: Result<End, RenewalError>,
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

/// What a renewal is carried out with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Using {
    /// What lies on this machine: keys, a live source session, a refresh token.
    WhatIsThere,
    /// The code that was typed into this prompt.
    CodeOf(PromptId),
    /// The code that this program brought along.
    CodeInHand(AskerId),
    /// A person in a browser: ask for a device code and answer with `DeviceCodeIssued` on the way.
    Browser,
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
