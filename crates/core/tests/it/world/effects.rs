//! What the engine wants done, picked apart.

use sandglass_core::effect::{CodeGiven, CodeSpent, Effect, Question, SignInStart, Using};
use sandglass_core::error::ErrorCode;
use sandglass_core::lifetimes::End;
use sandglass_core::names::{AskerId, PromptId, SessionId};

/// With a person in a browser, in the portal session that may be there.
pub(crate) const BROWSER: Using = Using::Browser(SignInStart::AsItIs);

/// With the code that was typed into this prompt, for this session alone.
pub(crate) fn code_of(prompt: PromptId) -> Using {
    Using::Code {
        given: CodeGiven::Prompt(prompt),
        spent: CodeSpent::OnTheCall,
    }
}

/// With the code that this program brought, for its session alone.
pub(crate) fn code_in_hand(asker: AskerId) -> Using {
    Using::Code {
        given: CodeGiven::Asker(asker),
        spent: CodeSpent::OnTheCall,
    }
}

/// A renewal that the engine started.
#[derive(Clone, Debug)]
pub(crate) struct Started {
    pub(crate) session: SessionId,
    pub(crate) using: Using,
}

/// The renewals among these effects.
pub(crate) fn started(effects: &[Effect]) -> Vec<Started> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Renew {
                definition, using, ..
            } => Some(Started {
                session: definition.id.clone(),
                using: *using,
            }),
            Effect::Check { .. }
            | Effect::GiveUp(_)
            | Effect::Answer { .. }
            | Effect::AskInTerminal { .. }
            | Effect::SaveAgreement(_) => None,
        })
        .collect()
}

/// The one renewal among these effects.
#[track_caller]
pub(crate) fn the_start(effects: &[Effect]) -> Started {
    let started = started(effects);
    assert_eq!(started.len(), 1, "not one renewal: {started:?}");
    started[0].clone()
}

/// The answers among these effects.
pub(crate) fn answers(effects: &[Effect]) -> Vec<(AskerId, Result<End, ErrorCode>)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Answer { asker, result } => {
                let end = |end: Option<End>| end.expect("credentials that end");
                Some((*asker, result.clone().map(end).map_err(|error| error.code)))
            }
            Effect::Renew { .. }
            | Effect::Check { .. }
            | Effect::GiveUp(_)
            | Effect::AskInTerminal { .. }
            | Effect::SaveAgreement(_) => None,
        })
        .collect()
}

/// What is asked in terminals among these effects.
pub(crate) fn questions(effects: &[Effect]) -> Vec<(AskerId, Question)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::AskInTerminal {
                asker, question, ..
            } => Some((*asker, question.clone())),
            Effect::Renew { .. }
            | Effect::Check { .. }
            | Effect::GiveUp(_)
            | Effect::Answer { .. }
            | Effect::SaveAgreement(_) => None,
        })
        .collect()
}
