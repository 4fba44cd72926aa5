//! The performer of renewals and checks: one task for each, abortable, its end an event for the loop.
//!
//! What needs nobody waits for its turn, so that a morning after a long sleep is no storm; what a person waits for does
//! not.
//!
//! It keeps the codes that people typed, from the moment they come in until a renewal takes them; the engine only
//! knows that they are there.

use std::collections::BTreeMap;
use std::sync::Arc;

use sandglass_core::effect::{CodeGiven, Haste, Using};
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::event::{Event, Renewed};
use sandglass_core::names::AttemptId;
use sandglass_core::secret::MfaCode;
use sandglass_core::session::{Definition, Renewal};
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;

use crate::input::Input;
use crate::issue::{Issuer, With, defect};

/// So many calls to AWS that nobody waits for are under way at a time.
const AT_A_TIME: usize = 8;

/// Renewals under way, and the codes that wait for theirs.
pub(crate) struct Renewals {
    issuer: Arc<Issuer>,
    turns: Arc<Semaphore>,
    tasks: BTreeMap<AttemptId, AbortHandle>,
    codes: BTreeMap<CodeGiven, MfaCode>,
}

impl Renewals {
    pub(crate) fn new(issuer: Arc<Issuer>) -> Self {
        Self {
            issuer,
            turns: Arc::new(Semaphore::new(AT_A_TIME)),
            tasks: BTreeMap::new(),
            codes: BTreeMap::new(),
        }
    }

    /// For what is asked of AWS beside renewals and checks.
    pub(crate) fn issuer(&self) -> Arc<Issuer> {
        Arc::clone(&self.issuer)
    }

    pub(crate) fn keep_code(&mut self, given: CodeGiven, code: MfaCode) {
        self.codes.insert(given, code);
    }

    pub(crate) fn forget_code(&mut self, given: CodeGiven) {
        self.codes.remove(&given);
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
        haste: Haste,
    ) {
        let turn = takes_turns(&definition, haste).then(|| Arc::clone(&self.turns));
        let with = self.with(attempt, using);
        let issuer = Arc::clone(&self.issuer);
        let (session, kind) = (definition.id.clone(), definition.renewal.word());
        let renewing = async move {
            let _turn = wait_for(turn).await;
            issuer.renew(&definition, source.as_ref(), with?).await
        };
        self.run(attempt, renewing, move |result| {
            match &result {
                Ok(Renewed { found, allowed }) => {
                    let ends_at = found.end().map(|end| end.at.to_string());
                    let shortened = allowed.is_some();
                    tracing::info!(%session, kind, ?using, ends_at, shortened, "renewed");
                }
                Err(error) => {
                    tracing::info!(%session, kind, ?using, code = ?error.code, "not renewed");
                }
            }
            Event::RenewalEnded { attempt, result }
        });
    }

    pub(crate) fn check(&mut self, attempt: AttemptId, definition: Definition) {
        let issuer = Arc::clone(&self.issuer);
        let (session, kind) = (definition.id.clone(), definition.renewal.word());
        let checking = async move { issuer.check(&definition).await };
        self.run(attempt, checking, move |result| {
            let answer = result.as_ref().err().map(|error| error.code);
            tracing::info!(%session, kind, refused = ?answer, "checked");
            Event::Checked { attempt, result }
        });
    }

    /// Runs a task of its own, and feeds the loop with how it ended.
    fn run<T: Send + 'static>(
        &mut self,
        attempt: AttemptId,
        work: impl Future<Output = Result<T, RenewalError>> + Send + 'static,
        ended: impl FnOnce(Result<T, RenewalError>) -> Event + Send + 'static,
    ) {
        self.tasks.retain(|_, task| !task.is_finished());
        let inputs = self.issuer.inputs.clone();
        let task = tokio::spawn(work);
        self.tasks.insert(attempt, task.abort_handle());
        tokio::spawn(async move {
            let result = match task.await {
                Ok(result) => result,
                // It was given up: nobody waits for it.
                Err(ended) if ended.is_cancelled() => return,
                Err(_) => Err(defect("a renewal failed in a way that nobody thought of")),
            };
            // The loop is gone only when the agent leaves.
            let _ = inputs.send(Input::Happened(ended(result))).await;
        });
    }

    fn with(&mut self, attempt: AttemptId, using: Using) -> Result<With, RenewalError> {
        match using {
            Using::WhatIsThere => Ok(With::WhatIsThere),
            Using::SharedSession => Ok(With::SharedSession),
            Using::Browser(start) => Ok(With::Browser { attempt, start }),
            Using::Code { given, spent } => match self.codes.remove(&given) {
                Some(code) => Ok(With::Code { code, spent }),
                None => Err(RenewalError::new(
                    ErrorCode::WrongCode,
                    "the code that was given has been used already",
                    "give the next code that your device shows",
                )),
            },
        }
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

/// Whether a renewal waits for its turn: nobody waits for it. A process is run only for somebody, and calls AWS only if
/// it likes.
fn takes_turns(definition: &Definition, haste: Haste) -> bool {
    match haste {
        Haste::Background => !matches!(definition.renewal, Renewal::Process(_)),
        Haste::Awaited => false,
    }
}

/// Ends once it is this renewal's turn; the turn lasts until what this gives is dropped.
async fn wait_for(turns: Option<Arc<Semaphore>>) -> Option<tokio::sync::OwnedSemaphorePermit> {
    // It is never closed.
    turns?.acquire_owned().await.ok()
}
