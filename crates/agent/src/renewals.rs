//! The performer of renewals: one task for each, abortable, its end an event for the loop.
//!
//! It keeps the codes that people typed, from the moment they come in until a renewal takes them; the engine only
//! knows that they are there.

use std::collections::BTreeMap;
use std::sync::Arc;

use sandglass_core::effect::Using;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::event::{Event, Renewed};
use sandglass_core::names::{AskerId, AttemptId, PromptId};
use sandglass_core::secret::MfaCode;
use sandglass_core::session::Definition;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::input::Input;
use crate::issue::{Issuer, With, defect};

/// What a code answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answered {
    /// A prompt.
    Prompt(PromptId),
    /// The request of a program that brought it along.
    Asker(AskerId),
}

/// Renewals under way, and the codes that wait for theirs.
pub(crate) struct Renewals {
    issuer: Arc<Issuer>,
    inputs: mpsc::Sender<Input>,
    tasks: BTreeMap<AttemptId, AbortHandle>,
    codes: BTreeMap<Answered, MfaCode>,
}

impl Renewals {
    pub(crate) fn new(issuer: Issuer, inputs: mpsc::Sender<Input>) -> Self {
        Self {
            issuer: Arc::new(issuer),
            inputs,
            tasks: BTreeMap::new(),
            codes: BTreeMap::new(),
        }
    }

    pub(crate) fn keep_code(&mut self, answered: Answered, code: MfaCode) {
        self.codes.insert(answered, code);
    }

    pub(crate) fn forget_code(&mut self, answered: Answered) {
        self.codes.remove(&answered);
    }

    pub(crate) fn are_under_way(&self) -> bool {
        self.tasks.values().any(|task| !task.is_finished())
    }

    pub(crate) fn start(
        &mut self,
        attempt: AttemptId,
        definition: Definition,
        source: Option<Definition>,
        using: Using,
    ) {
        self.tasks.retain(|_, task| !task.is_finished());
        let with = self.with(attempt, using);
        let (issuer, inputs) = (Arc::clone(&self.issuer), self.inputs.clone());
        let renewed = definition.clone();
        let task =
            tokio::spawn(async move { issuer.renew(&renewed, source.as_ref(), with?).await });
        self.tasks.insert(attempt, task.abort_handle());
        tokio::spawn(async move {
            let result = match task.await {
                Ok(result) => result,
                // It was given up: nobody waits for it.
                Err(ended) if ended.is_cancelled() => return,
                Err(_) => Err(defect("a renewal failed in a way that nobody thought of")),
            };
            log(&definition, &result);
            let ended = Input::Happened(Event::RenewalEnded { attempt, result });
            // The loop is gone only when the agent leaves.
            let _ = inputs.send(ended).await;
        });
    }

    fn with(&mut self, attempt: AttemptId, using: Using) -> Result<With, RenewalError> {
        let answered = match using {
            Using::WhatIsThere => return Ok(With::WhatIsThere),
            Using::Browser => {
                return Ok(With::Browser {
                    attempt,
                    inputs: self.inputs.clone(),
                });
            }
            Using::CodeOf(prompt) => Answered::Prompt(prompt),
            Using::CodeInHand(asker) => Answered::Asker(asker),
        };
        self.codes.remove(&answered).map(With::Code).ok_or_else(|| {
            RenewalError::new(
                ErrorCode::WrongCode,
                "the code that was given has been used already",
                "give the next code that your device shows",
            )
        })
    }

    pub(crate) fn give_up(&mut self, attempt: AttemptId) {
        if let Some(task) = self.tasks.remove(&attempt) {
            task.abort();
        }
    }

    pub(crate) fn give_up_all(&mut self) {
        for task in self.tasks.values() {
            task.abort();
        }
        self.tasks.clear();
        self.codes.clear();
    }
}

fn log(definition: &Definition, result: &Result<Renewed, RenewalError>) {
    let session = definition.id.as_str();
    match result {
        Ok(renewed) => {
            let ends_at = renewed.end().map(|end| end.at.to_string());
            tracing::info!(session, ends_at, "renewed");
        }
        Err(error) => tracing::info!(session, code = ?error.code, "not renewed"),
    }
}
