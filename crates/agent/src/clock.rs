//! The clocks: AWS's, by which everything is judged, and those of this machine, one of which may be set at any time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Two clocks are not read in the same instant, and one of them is slewed: less than this is no step.
const NOISE: SignedDuration = SignedDuration::from_secs(2);
/// A machine that stood still for longer than this was asleep.
const NAP: Duration = Duration::from_secs(5);

/// Seconds that AWS's clock is ahead of this machine's. The one thing in this process that is everybody's: performers read
/// the time where they need it, and all of them must read the same.
static AHEAD: AtomicI64 = AtomicI64::new(0);

/// Now, in UTC, by AWS's clock as far as it is known.
pub(crate) fn now() -> Timestamp {
    let local = local();
    local.checked_add(ahead()).unwrap_or(local)
}

/// Now, in UTC, by the clock of this machine.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock that everything else is handed"
)]
pub(crate) fn local() -> Timestamp {
    Timestamp::now()
}

/// How far AWS's clock is ahead of this machine's, for [`now`].
pub(crate) fn ahead() -> SignedDuration {
    SignedDuration::from_secs(AHEAD.load(Ordering::Relaxed))
}

/// AWS told the time.
pub(crate) fn set_ahead(by: SignedDuration) {
    AHEAD.store(by.as_secs(), Ordering::Relaxed);
}

/// The zone in which this person reads times.
pub(crate) fn zone() -> TimeZone {
    TimeZone::system()
}

/// What the clocks of this machine show at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// The one that people set.
    pub(crate) wall: Timestamp,
    /// How long the machine has been on, asleep or not, where the system tells.
    pub(crate) on: Option<Duration>,
    /// How long it has been awake; where the system does not tell how long it has been on, that perhaps.
    pub(crate) awake: Duration,
}

/// What happened between two moments, besides that time went by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Passed {
    /// The clock was set: by this much it went further than time did.
    pub(crate) stepped: SignedDuration,
    /// The machine slept for so long.
    pub(crate) slept: Duration,
}

impl Moment {
    /// This one.
    pub(crate) fn now() -> Self {
        let (on, awake) = uptime();
        Self {
            wall: local(),
            on,
            awake,
        }
    }

    /// What happened since an earlier moment. What may be the roughness of the clocks did not happen.
    pub(crate) fn since(self, earlier: Self) -> Passed {
        let awake = self.awake.saturating_sub(earlier.awake);
        let went = self.wall.duration_since(earlier.wall);
        let more_than = |passed: Duration| {
            went.saturating_sub(SignedDuration::try_from(passed).unwrap_or_default())
        };
        let (stepped, slept) = if let (Some(before), Some(now)) = (earlier.on, self.on) {
            let on = now.saturating_sub(before);
            (more_than(on), on.saturating_sub(awake))
        } else {
            // It was set forward, or it slept: taken for a sleep, since one that is taken for a step would stop the time.
            let gap = more_than(awake);
            (
                gap.min(SignedDuration::ZERO),
                gap.try_into().unwrap_or_default(),
            )
        };
        Passed {
            stepped: if stepped.abs() > NOISE {
                stepped
            } else {
                SignedDuration::ZERO
            },
            slept: if slept > NAP { slept } else { Duration::ZERO },
        }
    }
}

/// How long the machine has been on, and how long awake.
#[cfg(target_os = "linux")]
fn uptime() -> (Option<Duration>, Duration) {
    // In this order: what passes between the two readings is no sleep.
    let on = read(rustix::time::ClockId::Boottime);
    (Some(on), read(rustix::time::ClockId::Monotonic))
}

/// How long the machine has been on, and how long awake. Here `CLOCK_MONOTONIC` counts sleep (macOS, `clock_gettime(3)`).
#[cfg(target_os = "macos")]
fn uptime() -> (Option<Duration>, Duration) {
    let on = read(rustix::time::ClockId::Monotonic);
    (Some(on), since_start())
}

/// Whether `Instant` counts sleep is not said here.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn uptime() -> (Option<Duration>, Duration) {
    (None, since_start())
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn read(clock: rustix::time::ClockId) -> Duration {
    Duration::try_from(rustix::time::clock_gettime(clock)).unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock that everything else is handed"
)]
fn since_start() -> Duration {
    use std::sync::OnceLock;
    use std::time::Instant;

    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(wall: &str, on: u64, awake: u64) -> Moment {
        Moment {
            wall: wall.parse().unwrap(),
            on: Some(Duration::from_secs(on)),
            awake: Duration::from_secs(awake),
        }
    }

    fn between(earlier: Moment, later: Moment) -> (i64, u64) {
        let Passed { stepped, slept } = later.since(earlier);
        (stepped.as_secs(), slept.as_secs())
    }

    #[test]
    fn time_that_goes_by_is_nothing_to_tell() {
        let earlier = moment("2026-01-01T10:00:00Z", 100, 90);
        assert_eq!(
            between(earlier, moment("2026-01-01T10:00:30Z", 130, 120)),
            (0, 0)
        );
        assert_eq!(
            between(earlier, moment("2026-01-01T10:00:32Z", 130, 115)),
            (0, 0)
        );
    }

    #[test]
    fn a_clock_that_is_set_either_way_is_seen() {
        let earlier = moment("2026-01-01T10:00:00Z", 100, 100);
        assert_eq!(
            between(earlier, moment("2026-01-01T11:00:30Z", 130, 130)),
            (3600, 0)
        );
        assert_eq!(
            between(earlier, moment("2026-01-01T09:00:30Z", 130, 130)),
            (-3600, 0)
        );
    }

    #[test]
    fn a_sleep_is_no_step_of_the_clock() {
        let earlier = moment("2026-01-01T10:00:00Z", 100, 100);
        let later = moment("2026-01-01T19:00:10Z", 32_510, 110);
        assert_eq!(between(earlier, later), (0, 32_400));
    }

    #[test]
    fn a_clock_that_is_set_during_a_sleep_is_told_apart_from_it() {
        let earlier = moment("2026-01-01T10:00:00Z", 100, 100);
        let later = moment("2026-01-01T12:00:00Z", 3_700, 110);
        assert_eq!(between(earlier, later), (3_600, 3_590));
    }

    #[test]
    fn where_the_system_does_not_tell_sleep_from_a_step_forward_it_is_taken_for_sleep() {
        let blind = |wall, awake| Moment {
            on: None,
            ..moment(wall, 0, awake)
        };
        let earlier = blind("2026-01-01T10:00:00Z", 100);
        assert_eq!(between(earlier, blind("2026-01-01T10:00:30Z", 130)), (0, 0));
        assert_eq!(
            between(earlier, blind("2026-01-01T19:00:30Z", 130)),
            (0, 32_400)
        );
        assert_eq!(
            between(earlier, blind("2026-01-01T09:00:30Z", 130)),
            (-3600, 0)
        );
    }

    #[test]
    fn the_clocks_of_this_machine_agree() {
        let earlier = Moment::now();
        let passed = Moment::now().since(earlier);
        assert_eq!(passed.stepped, SignedDuration::ZERO);
        assert_eq!(passed.slept, Duration::ZERO);
    }
}
