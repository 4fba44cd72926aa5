//! AWS's clock, learned from the `Date` of its answers: an end is AWS's to enforce, and so AWS's clock judges it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_smithy_runtime_api::http::Headers;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// An answer that took longer tells too little: nobody knows when on its way the date was written.
const SLOWEST: Duration = Duration::from_secs(15);
/// A `Date` has whole seconds and travels for a while: less than this is noise, and no difference.
const NOISE: SignedDuration = SignedDuration::from_secs(2);
/// Half of what a `Date` leaves out at most: it is cut, not rounded.
const HALF_A_SECOND: SignedDuration = SignedDuration::from_millis(500);

/// How far AWS's clock is ahead of the clock that was handed in. Clones tell and learn the same.
#[derive(Clone, Debug)]
pub struct ServerClock {
    offset: watch::Sender<SignedDuration>,
    /// Whether AWS has told the time at all.
    told: Arc<AtomicBool>,
}

impl ServerClock {
    pub(crate) fn new() -> Self {
        Self {
            offset: watch::Sender::new(SignedDuration::ZERO),
            told: Arc::default(),
        }
    }

    /// In whole seconds; negative where AWS's clock is behind. Zero until the first answer.
    pub fn offset(&self) -> SignedDuration {
        *self.offset.borrow()
    }

    /// Wakes whenever [`Self::offset`] changes.
    pub fn changes(&self) -> watch::Receiver<SignedDuration> {
        self.offset.subscribe()
    }

    /// What AWS's clock shows when the one that was handed in shows `local`.
    pub fn at(&self, local: Timestamp) -> Timestamp {
        local.checked_add(self.offset()).unwrap_or(local)
    }

    /// To be told when the clock that was handed in was set: by this much it went further than time did. AWS's clock
    /// went on as before, and need not be asked to know the new difference. As long as it has told nothing, there is no
    /// saying whether the clock was right before the step or is since.
    pub fn local_clock_stepped(&self, by: SignedDuration) {
        if self.told.load(Ordering::Relaxed) {
            self.measured(self.offset().saturating_sub(by));
        }
    }

    /// Takes the time out of an answer that arrived at `received` by the clock that was handed in.
    pub(crate) fn learn(&self, answer: &Headers, received: Timestamp, round_trip: Duration) {
        // With an age it comes out of a cache, and its date is old.
        if answer.get("age").is_some() || round_trip > SLOWEST {
            return;
        }
        let date = answer
            .get("date")
            .and_then(|date| DateTime::from_str(date, Format::HttpDate).ok())
            .and_then(|date| Timestamp::from_second(date.secs()).ok());
        let half_way = SignedDuration::try_from(round_trip / 2).unwrap_or_default();
        if let Some(date) = date {
            self.told.store(true, Ordering::Relaxed);
            self.measured(date.duration_since(received) + half_way + HALF_A_SECOND);
        }
    }

    fn measured(&self, offset: SignedDuration) {
        self.offset.send_if_modified(|known| {
            let noise = offset.saturating_sub(*known).abs() < NOISE;
            let offset = if offset.abs() < NOISE {
                SignedDuration::ZERO
            } else {
                SignedDuration::from_secs(rounded(offset))
            };
            if noise || offset == *known {
                return false;
            }
            tracing::debug!(%offset, "AWS's clock is ahead of this machine's by this much");
            *known = offset;
            true
        });
    }
}

fn rounded(duration: SignedDuration) -> i64 {
    let nudge = HALF_A_SECOND * i32::from(duration.signum());
    duration.saturating_add(nudge).as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local() -> Timestamp {
        "2026-01-01T10:00:00Z".parse().unwrap()
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> Headers {
        let mut headers = Headers::new();
        for (name, value) in pairs {
            headers.insert(*name, *value);
        }
        headers
    }

    fn learned(pairs: &[(&'static str, &'static str)], round_trip: Duration) -> i64 {
        let clock = ServerClock::new();
        clock.learn(&headers(pairs), local(), round_trip);
        clock.offset().as_secs()
    }

    const QUICK: Duration = Duration::from_millis(40);

    #[test]
    fn a_clock_that_is_ahead_or_behind_is_measured_in_whole_seconds() {
        let rows = [
            ("Thu, 01 Jan 2026 10:10:00 GMT", 601),
            ("Thu, 01 Jan 2026 09:55:00 GMT", -299),
            ("Thu, 01 Jan 2026 10:00:01 GMT", 0),
            ("Thu, 01 Jan 2026 09:59:58 GMT", 0),
            ("Wed, 01 Jan 2025 10:00:00 GMT", -31_535_999),
        ];
        for (date, expected) in rows {
            assert_eq!(learned(&[("date", date)], QUICK), expected, "{date}");
        }
    }

    #[test]
    fn half_of_the_way_there_and_back_counts() {
        let date = [("date", "Thu, 01 Jan 2026 10:10:00 GMT")];
        assert_eq!(learned(&date, Duration::from_secs(10)), 606);
    }

    #[test]
    fn answers_that_cannot_tell_the_time_are_not_asked_for_it() {
        let date = "Thu, 01 Jan 2026 10:10:00 GMT";
        assert_eq!(learned(&[("date", date), ("age", "0")], QUICK), 0);
        assert_eq!(learned(&[("date", date)], Duration::from_secs(16)), 0);
        assert_eq!(learned(&[("date", "soon")], QUICK), 0);
        assert_eq!(learned(&[], QUICK), 0);
    }

    #[test]
    fn noise_wakes_nobody_and_a_change_does() {
        let clock = ServerClock::new();
        let mut changes = clock.changes();
        let learn = |date: &'static str| clock.learn(&headers(&[("date", date)]), local(), QUICK);
        learn("Thu, 01 Jan 2026 10:00:00 GMT");
        assert!(!changes.has_changed().unwrap());
        learn("Thu, 01 Jan 2026 10:05:00 GMT");
        assert!(changes.has_changed().unwrap());
        assert_eq!(changes.borrow_and_update().as_secs(), 301);
        for date in [
            "Thu, 01 Jan 2026 10:05:01 GMT",
            "Thu, 01 Jan 2026 10:04:59 GMT",
        ] {
            learn(date);
            assert!(!changes.has_changed().unwrap(), "{date}");
        }
        learn("Thu, 01 Jan 2026 10:00:00 GMT");
        assert_eq!(changes.borrow_and_update().as_secs(), 0);
    }

    #[test]
    fn a_clock_that_is_set_before_aws_told_the_time_is_taken_for_right() {
        let clock = ServerClock::new();
        clock.local_clock_stepped(SignedDuration::from_hours(24 * 365));
        assert_eq!(clock.offset(), SignedDuration::ZERO);
    }

    #[test]
    fn a_clock_that_was_set_right_needs_no_answer_of_aws() {
        let clock = ServerClock::new();
        clock.learn(
            &headers(&[("date", "Thu, 01 Jan 2026 10:10:00 GMT")]),
            local(),
            QUICK,
        );
        clock.local_clock_stepped(SignedDuration::from_mins(10));
        assert_eq!(clock.offset(), SignedDuration::ZERO);
        clock.local_clock_stepped(SignedDuration::from_hours(-1));
        assert_eq!(clock.offset(), SignedDuration::from_hours(1));
        assert_eq!(clock.at(local()), local() + SignedDuration::from_hours(1));
    }
}
