//! Waiting for conditions, never for time.

use std::time::Duration;

use crate::fake_agent::DEADLINE;

/// How often a condition is looked at.
const STEP: Duration = Duration::from_millis(20);

/// Waits until the look finds something.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let mut left = DEADLINE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(!left.is_zero(), "waited in vain for {what}");
        std::thread::sleep(STEP);
        left = left.saturating_sub(STEP);
    }
}

/// Waits until the condition holds.
pub(crate) fn until_true(what: &str, mut holds: impl FnMut() -> bool) {
    until(what, || holds().then_some(()));
}
