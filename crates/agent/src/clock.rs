//! The one clock of Sandglass.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Now, in UTC.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock that everything else is handed"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// The zone in which this person reads times.
pub(crate) fn zone() -> TimeZone {
    TimeZone::system()
}
