//! Waiting for a condition with a deadline.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long a journey waits for anything that a person would see at once: generous, since a
/// busy machine with two cores may need seconds for what takes milliseconds elsewhere.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The pause between two looks: short beside what a person notices, long beside the look itself.
const PAUSE: Duration = Duration::from_millis(40);

/// Asks `probe` until it gives a value or `patience` has passed; then the error names `what`.
pub fn until<T>(what: &str, patience: Duration, mut probe: impl FnMut() -> Option<T>) -> Result<T> {
    try_until(what, patience, || Ok(probe()))
}

/// Like [`until`], for a probe that can fail: an error of the probe counts as "not yet", and the
/// last one is told when the deadline passes.
pub fn try_until<T>(
    what: &str,
    patience: Duration,
    mut probe: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = now() + patience;
    loop {
        let last = match probe() {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        if now() >= deadline {
            match last {
                Some(error) => {
                    return Err(error.context(format!("waited {patience:?} in vain for {what}")));
                }
                None => bail!("waited {patience:?} in vain for {what}"),
            }
        }
        std::thread::sleep(PAUSE);
    }
}

/// Asks `probe` until it gives the same value twice in a row: a window that still moves to its
/// place is not clicked.
pub fn until_settled<T: PartialEq>(
    what: &str,
    patience: Duration,
    mut probe: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let mut last = None;
    try_until(what, patience, || {
        let seen = probe()?;
        if seen.is_some() && seen == last {
            return Ok(seen);
        }
        last = seen;
        Ok(None)
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a deadline on real programs is measured on the real clock"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn a_deadline_that_passes_names_what_was_awaited_and_the_last_error() {
        let error = try_until::<()>("the moon", Duration::ZERO, || Err(anyhow!("no moon")))
            .expect_err("nothing came");
        assert_eq!(
            format!("{error:#}"),
            "waited 0ns in vain for the moon: no moon"
        );
    }

    #[test]
    fn a_value_counts_as_settled_only_when_it_was_seen_twice_in_a_row() {
        let mut seen = [Some(1), Some(2), None, Some(2), Some(3), Some(3)].into_iter();
        let settled = until_settled("rest", PATIENCE, || Ok(seen.next().flatten()));
        assert_eq!(settled.expect("it settles"), 3);
        assert_eq!(seen.next(), None);
    }
}
