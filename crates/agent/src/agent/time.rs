//! What the loop does because time passes; and the time that the engine is handed: AWS's, on a machine whose clock may be
//! set and which may have slept.

use std::time::Duration;

use jiff::SignedDuration;
use sandglass_core::event::Event;
use sandglass_core::views;

use super::{Agent, Ended};
use crate::clock::{self, Moment, Passed};

/// Whatever signal is missed, state and clocks are looked at again after this time. Timers stand still while a machine
/// sleeps; short ones notice soon after it wakes.
const LONGEST_NAP: Duration = Duration::from_secs(30);
/// Without a face and without a caller the agent leaves after this time.
const IDLE: Duration = Duration::from_mins(10);
/// Files are read again after this time even if no change was seen: network file systems report none.
const REREAD: Duration = Duration::from_mins(1);

impl Agent {
    /// How long nothing is to be done, unless something happens.
    pub(super) fn nap(&self) -> Duration {
        let now = clock::now();
        let views_change = self
            .trays()
            .next()
            .and_then(|_| views::next_change(&self.engine, now, &clock::zone()));
        [self.engine.poll_timeout(), views_change]
            .into_iter()
            .flatten()
            // What is overdue is due at once.
            .map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default())
            .min()
            .map_or(LONGEST_NAP, |nap| nap.min(LONGEST_NAP))
    }

    /// Those who ask without a pause keep nobody from what is due.
    pub(super) fn do_what_is_due(&mut self) {
        let now = clock::now();
        if self.engine.poll_timeout().is_some_and(|at| at <= now) {
            self.engine.handle_timeout(now);
        }
        if self.reading.is_idle() && self.last_read.duration_since(now).unsigned_abs() >= REREAD {
            self.read_files();
        }
        self.look_for_holders();
    }

    /// Time has passed, and nobody came.
    pub(super) fn wake(&mut self) -> Option<Ended> {
        let now = clock::now();
        self.engine.handle_timeout(now);
        self.do_what_is_due();
        if !self.connections.is_empty() || self.renewals.are_under_way() {
            self.idle_since = None;
            return None;
        }
        let since = *self.idle_since.get_or_insert(now);
        (now.duration_since(since).unsigned_abs() >= IDLE).then_some(Ended::Idle)
    }

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
