//! A clock that is set, and a machine that wakes.
//!
//! Put back, it tells by itself. Put forward, it cannot be told from sleep: whoever hands the time in compares it with
//! how long the machine was on, and says so.

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
        self.shift_own_timers(|at| at.checked_sub(back).unwrap_or(now));
        for session in self.sessions.values_mut() {
            if let Some(mut end) = session.state.end()
                && end.known_by == KnownBy::Probe
            {
                end.at = end.at.checked_sub(back).unwrap_or(now);
                session.set_end(Some(end));
            }
        }
    }

    fn shift_own_timers(&mut self, shifted: impl Fn(Timestamp) -> Timestamp) {
        let shift = |at: &mut Timestamp| *at = shifted(*at);
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
        }
    }

    /// What Sandglass waits for by its own clock moves with a clock that is put forward; back, [`Self::read_clock`] saw
    /// to it.
    pub(super) fn clock_stepped(&mut self, by: SignedDuration) {
        if by <= SignedDuration::ZERO {
            return;
        }
        self.shift_own_timers(|at| at.checked_add(by).unwrap_or(at));
    }

    /// After a sleep the network comes back when it likes: what waits for it is tried at once.
    pub(super) fn woke(&mut self, now: Timestamp) {
        for session in self.sessions.values_mut() {
            if let State::WaitingForNetwork { retry_at, .. } = &mut session.state {
                *retry_at = now.min(*retry_at);
            }
        }
    }
}
