//! Changes of files that a diagnosis named: repairs, the way back, and how long sessions are asked for.

use jiff::SignedDuration;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::session::Definition;
use sandglass_core::views::words::span;
use sandglass_profiles::changes::Planned;
use sandglass_profiles::{lengths, repairs};
use sandglass_protocol::message::{Reply, Step};

use super::Files;
use super::connections::{Due, Outcome, due, reply};
use crate::clock;

impl Files {
    /// Puts right what a diagnosis named, or shows how.
    pub(crate) fn repair(&self, repair: &str, step: &Step) -> Reply {
        let planned = tokio::task::block_in_place(|| {
            let mut all = repairs::all(&self.paths, clock::local()).into_iter();
            all.find(|known| known.id() == repair)
        });
        let planned = planned.ok_or_else(|| {
            RenewalError::new(
                ErrorCode::FileBusy,
                "nothing is left there to be repaired",
                "run `sandglass doctor` to see how things are now",
            )
        });
        let planned = planned
            .and_then(|repair| repair.undoable(&self.paths))
            .map(Planned::Changes);
        self.step(
            planned,
            step,
            "repaired; `sandglass doctor --undo` takes it back",
        )
    }

    /// Undoes the repair that was made last, or shows how.
    pub(crate) fn undo_repair(&self, step: &Step) -> Reply {
        let planned = tokio::task::block_in_place(|| repairs::undoing(&self.paths));
        self.step(planned, step, "the last repair is undone")
    }

    /// Asks for sessions of another length, or shows how.
    pub(crate) fn set_duration(
        &self,
        definition: &Definition,
        source: Option<&Definition>,
        seconds: u32,
        step: &Step,
    ) -> Reply {
        let planned = tokio::task::block_in_place(|| {
            lengths::asking(&self.paths, definition, source, seconds)
        });
        let length = span(SignedDuration::from_secs(i64::from(seconds)));
        let name = &definition.name;
        self.step(
            planned,
            step,
            &format!("`{name}` is asked for {length} from its next renewal on"),
        )
    }

    fn step(&self, planned: Result<Planned, RenewalError>, step: &Step, done: &str) -> Reply {
        let carried_out = planned
            .and_then(|planned| due(planned, step))
            .and_then(|due| {
                let plan = match due {
                    Due::Told(outcome) => return Ok(outcome),
                    Due::Now(plan) => plan,
                };
                tokio::task::block_in_place(|| plan.carry_out(&self.writer))?;
                Ok(Outcome::CarriedOut)
            });
        reply(carried_out, || done.to_owned())
    }
}
