//! Moments for files that a journey writes.

use jiff::{SignedDuration, Timestamp};

/// So many seconds from now, in UTC and whole seconds: `2026-11-23T14:32:00Z`.
#[expect(
    clippy::disallowed_methods,
    reason = "the programs under test read the real clock"
)]
pub fn in_seconds(seconds: i64) -> Timestamp {
    let at = Timestamp::now() + SignedDuration::from_secs(seconds);
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
