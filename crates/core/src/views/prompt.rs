//! The prompt window: a code, or a sign-in.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::panel::Trouble;
use super::{detail, words};
use crate::engine::{Engine, Prompt, Tracked};
use crate::names::PromptId;
use crate::prompt::{CODE_STEP, Phase, PromptKey};
use crate::session::Renewal;

/// The one prompt that is asked now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PromptView {
    /// Answers name it.
    pub id: PromptId,
    /// `mfa`, `prod-admin`: the session that it was opened for.
    pub name: String,
    /// `Admin in 123456789012`; empty where nothing is known.
    pub detail: String,
    /// `terraform, pid 4242`; none where the person clicked.
    pub asked_by: Option<String>,
    /// What else the answer will renew.
    pub also: Vec<String>,
    /// What is asked.
    pub question: PromptQuestion,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PromptQuestion {
    /// Six digits.
    Code {
        /// The device as people know it: `alice`.
        device: String,
        /// Its full serial number.
        serial: String,
        /// AWS's answer to the last code.
        error: Option<Trouble>,
        /// The last code is used up; from this moment on (UTC) the device shows a new one.
        #[cfg_attr(test, ts(type = "string | null"))]
        next_code_at: Option<Timestamp>,
        /// A code is on its way to AWS: the field waits.
        checking: bool,
    },
    /// Approval in the browser.
    SignIn {
        /// The portal as people know it.
        portal: String,
        /// Where it stands.
        progress: SignInProgress,
    },
}

/// How far a sign-in has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum SignInProgress {
    /// A sign-in is there and still works. The person chooses: sign out first, so that the new one has an end of its own,
    /// or sign in within the one that is there.
    Choosing {
        /// `The portal session that is there ends at about 17:12, and a sign-in within it ends with it.`
        sentence: String,
        /// What signing out first means for others.
        warning: String,
    },
    /// AWS is being asked for a code.
    Starting,
    /// The person approves in the browser.
    Waiting {
        /// In large type, to compare with the browser.
        user_code: String,
        /// The page, as text. The tray opens it; the window cannot.
        verification_uri: String,
        /// The page with the code filled in, which the tray opens.
        verification_uri_complete: String,
        /// When the code runs out (UTC).
        #[cfg_attr(test, ts(type = "string"))]
        expires_at: Timestamp,
    },
    /// It did not work; the person may start again.
    Failed {
        /// Why, and what to do.
        trouble: Trouble,
    },
}

/// The prompt that the tray asks now, if any.
pub fn prompt_view(engine: &Engine, now: Timestamp, zone: &TimeZone) -> Option<PromptView> {
    let prompt = engine.prompt_in_tray()?;
    let opened_for = engine.session(&prompt.opened_for)?;
    // The sign-in itself is what the prompt's title says.
    let is_sign_in =
        |session: &&Tracked| matches!(session.definition.renewal, Renewal::SsoSignIn(_));
    let also = engine
        .waiting_with(prompt.id)
        .filter(|session| session.definition.id != prompt.opened_for && !is_sign_in(session))
        .map(|session| session.definition.name.clone())
        .collect();
    Some(PromptView {
        id: prompt.id,
        name: opened_for.definition.name.clone(),
        detail: detail(opened_for),
        asked_by: prompt.asked_by.clone(),
        also,
        question: question(engine, prompt, now, zone),
    })
}

fn question(engine: &Engine, prompt: &Prompt, now: Timestamp, zone: &TimeZone) -> PromptQuestion {
    match &prompt.key {
        PromptKey::Device(device) => {
            let (error, checking) = match &prompt.phase {
                Phase::AskingCode { error } => (error.as_ref().map(Trouble::from), false),
                Phase::CheckingCode => (None, true),
                Phase::ChoosingSignIn
                | Phase::StartingSignIn
                | Phase::Approving(_)
                | Phase::SignInFailed { .. } => (None, false),
            };
            PromptQuestion::Code {
                device: device.short().to_owned(),
                serial: device.to_string(),
                error,
                next_code_at: engine.code_used(device).and_then(next_step),
                checking,
            }
        }
        PromptKey::Portal(portal) => PromptQuestion::SignIn {
            portal: portal.name().to_owned(),
            progress: match &prompt.phase {
                Phase::Approving(code) => SignInProgress::Waiting {
                    user_code: code.user_code.clone(),
                    verification_uri: code.verification_uri.clone(),
                    verification_uri_complete: code.verification_uri_complete.clone(),
                    expires_at: code.expires_at,
                },
                Phase::ChoosingSignIn => choosing(engine, prompt, now, zone),
                Phase::SignInFailed { error } => SignInProgress::Failed {
                    trouble: Trouble::from(error),
                },
                Phase::StartingSignIn | Phase::AskingCode { .. } | Phase::CheckingCode => {
                    SignInProgress::Starting
                }
            },
        },
    }
}

/// What a new sign-in would inherit, and what it takes to leave that behind.
fn choosing(engine: &Engine, prompt: &Prompt, now: Timestamp, zone: &TimeZone) -> SignInProgress {
    let signing_in = engine
        .waiting_with(prompt.id)
        .find(|session| matches!(session.definition.renewal, Renewal::SsoSignIn(_)));
    let whole = signing_in
        .and_then(|session| session.whole)
        .filter(|whole| !whole.is_past(now));
    let sentence = match whole {
        Some(whole) => format!(
            "The portal session that is there ends {}, and a sign-in within it ends with it.",
            words::moment(whole, now, zone)
        ),
        None => "A portal session is there. AWS does not tell when it ends, and a sign-in within it ends with it."
            .to_owned(),
    };
    SignInProgress::Choosing {
        sentence,
        warning: "Signing out first ends what other tools are signed in with at this portal, too. Role credentials \
                  that were issued already live on."
            .to_owned(),
    }
}

/// When the device shows another code than the one that was used at `used`.
fn next_step(used: Timestamp) -> Option<Timestamp> {
    let step = CODE_STEP.as_secs();
    Timestamp::from_second((used.as_second().div_euclid(step) + 1) * step).ok()
}
