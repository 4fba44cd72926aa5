//! The time that the engine is handed: AWS's, on a machine whose clock may be set and which may have slept.

use std::time::Duration;

use jiff::SignedDuration;
use sandglass_core::event::Event;

use super::Agent;
use crate::clock::{self, Moment, Passed};

impl Agent {
    /// Compares the clocks with how they stood a moment ago, and tells the engine what happened besides that time went by.
    pub(super) fn look_at_clocks(&mut self) {
        let moment = Moment::now();
        let Passed { stepped, slept } = moment.since(std::mem::replace(&mut self.moment, moment));
        if stepped != SignedDuration::ZERO {
            tracing::info!(%stepped, "the clock of this machine was set");
            self.aws_clock.local_clock_stepped(stepped);
        }
        let ahead = self.aws_clock.offset();
        let moved = jump(stepped, clock::ahead(), ahead);
        if ahead != clock::ahead() {
            tracing::info!(%ahead, "AWS's clock and that of this machine differ by this much now");
            clock::set_ahead(ahead);
        }
        // First of all: what it waits for by its own clock moves along before it looks at the new time.
        if moved > SignedDuration::ZERO {
            self.feed(Event::ClockStepped(moved));
        }
        if self.engine.skew() != ahead {
            self.feed(Event::SkewMeasured(ahead));
        }
        if slept > Duration::ZERO {
            tracing::info!(?slept, "the machine slept");
            self.feed(Event::Woke);
        }
    }
}

/// By how much the time that is handed in jumps, when the clock of this machine was set by `stepped`, and AWS's is known to
/// be `after` ahead of it where it was believed to be `before`.
fn jump(stepped: SignedDuration, before: SignedDuration, after: SignedDuration) -> SignedDuration {
    stepped.saturating_add(after.saturating_sub(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jumps(stepped: i64, before: i64, after: i64) -> i64 {
        let seconds = SignedDuration::from_secs;
        jump(seconds(stepped), seconds(before), seconds(after)).as_secs()
    }

    #[test]
    fn a_clock_that_is_set_moves_the_time_only_as_far_as_aws_does_not_know_better() {
        assert_eq!(jumps(3600, 0, 0), 3600);
        assert_eq!(jumps(3600, 0, -3600), 0);
        assert_eq!(jumps(-3600, 600, 4200), 0);
        assert_eq!(jumps(0, 0, 600), 600);
        assert_eq!(jumps(0, 600, 0), -600);
    }
}
