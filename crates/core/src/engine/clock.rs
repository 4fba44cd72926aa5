//! A clock that is put back. Forward it cannot be told from sleep, and needs nothing.

use jiff::{SignedDuration, Timestamp};

use super::Engine;
use crate::lifetimes::KnownBy;
use crate::session::State;

impl Engine {
    /// What Sandglass waits for by its own clock is as far away as before, however the clock was put back; what AWS
    /// said of an end stands.
    pub(super) fn read_clock(&mut self, now: Timestamp) {
        let back = self.clock.duration_since(now);
        self.clock = now;
        if back <= SignedDuration::ZERO {
            return;
        }
        let shift = |at: &mut Timestamp| *at = at.checked_sub(back).unwrap_or(now);
        self.quiet_until.iter_mut().for_each(shift);
        self.cool_downs.values_mut().for_each(shift);
        self.codes_used.values_mut().for_each(shift);
        for session in self.sessions.values_mut() {
            let own = [
                &mut session.snoozed_until,
                &mut session.done_until,
                &mut session.no_silent_before,
            ];
            own.into_iter().flatten().for_each(shift);
            if let State::WaitingForNetwork { retry_at, .. } = &mut session.state {
                shift(retry_at);
            }
            if let Some(mut end) = session.state.end()
                && end.known_by == KnownBy::Probe
            {
                shift(&mut end.at);
                session.set_end(Some(end));
            }
        }
    }
}
