//! How wrong the clock of this machine is, from the words with which AWS refuses a signature.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The clock of this machine minus that of AWS; none where the text speaks of something else.
///
/// The texts, from all services that check a signature's date:
/// `Signature expired: 20260101T100000Z is now earlier than 20260101T101000Z (20260101T101500Z - 5 min.)` and
/// `Signature not yet current: 20260101T103000Z is still later than 20260101T102000Z (20260101T101500Z + 5 min.)`.
/// The first time is that of the signature, the one in parentheses that of AWS.
pub(crate) fn skew(text: &str) -> Option<SignedDuration> {
    let (_, times) = text
        .split_once("Signature expired: ")
        .or_else(|| text.split_once("Signature not yet current: "))?;
    let (signed, rest) = times.split_once(' ')?;
    let (_, rest) = rest.split_once('(')?;
    let (theirs, _) = rest.split_once(' ')?;
    Some(instant(signed)?.duration_since(instant(theirs)?))
}

/// `15 min fast`, `40 s slow`.
pub(crate) fn in_words(skew: SignedDuration) -> String {
    let direction = if skew.is_negative() { "slow" } else { "fast" };
    let seconds = skew.unsigned_abs().as_secs();
    match seconds {
        0..120 => format!("{seconds} s {direction}"),
        120..7200 => format!("{} min {direction}", seconds / 60),
        _ => format!("{} h {direction}", seconds / 3600),
    }
}

fn instant(text: &str) -> Option<Timestamp> {
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    TimeZone::UTC.to_timestamp(time).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_clock_is_measured() {
        let text = "Signature expired: 20260101T100000Z is now earlier than 20260101T101000Z (20260101T101500Z - 5 min.)";
        assert_eq!(skew(text).map(in_words).as_deref(), Some("15 min slow"));
    }

    #[test]
    fn a_fast_clock_is_measured() {
        let text = "Signature not yet current: 20260101T103000Z is still later than 20260101T102000Z (20260101T101500Z + 5 min.)";
        assert_eq!(skew(text).map(in_words).as_deref(), Some("15 min fast"));
    }

    #[test]
    fn other_words_say_nothing_about_the_clock() {
        for text in [
            "",
            "Signature expired: soon",
            "Signature expired: 2026 is now earlier than 2027 (2028 - 5 min.)",
            "The request signature we calculated does not match the signature you provided.",
        ] {
            assert_eq!(skew(text), None, "{text}");
        }
    }

    #[test]
    fn words_fit_the_size() {
        assert_eq!(in_words(SignedDuration::from_secs(-119)), "119 s slow");
        assert_eq!(in_words(SignedDuration::from_hours(30)), "30 h fast");
    }
}
