//! Timestamps as the files of AWS hold them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Reads every spelling that a client of AWS is known to write: `Z`, an offset, fractions of a second, botocore's
/// `…05UTC` and Go's `…05 +0000 UTC`.
pub fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    match text.strip_suffix("UTC") {
        Some(start) => {
            let start = start.trim_end();
            let start = start.strip_suffix("+0000").unwrap_or(start);
            format!("{}Z", start.trim_end()).parse().ok()
        }
        None => text.parse().ok(),
    }
}

/// Reads a date without a zone as UTC.
pub(crate) fn parse_naive(text: &str) -> Option<Timestamp> {
    let naive: DateTime = text.trim().parse().ok()?;
    Offset::UTC.to_timestamp(naive).ok()
}

/// Whole seconds and `Z`: what every reader accepts.
pub fn zulu(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Whole seconds and `+00:00`: how the AWS CLI writes the ends of assumed roles into its own cache.
pub(crate) fn with_offset(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// `2026-01-02 03:04:05` in UTC: how aws-mfa writes it, and the only way in which it reads it.
pub(crate) fn naive(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_clients_is_read_and_one_is_written() {
        let at: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        for text in [
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05.000Z",
            "2026-01-02T03:04:05+00:00",
            "2026-01-02T05:04:05+02:00",
            "2026-01-02T03:04:05UTC",
            "2026-01-02 03:04:05 +0000 UTC",
        ] {
            assert_eq!(parse(text), Some(at), "{text}");
        }
        let milliseconds = parse("2026-01-02T03:04:05.123Z").unwrap();
        let microseconds = parse("2026-01-02T03:04:05.123456Z").unwrap();
        assert_eq!(zulu(milliseconds), "2026-01-02T03:04:05Z");
        assert_eq!(zulu(microseconds), "2026-01-02T03:04:05Z");
        assert_eq!(with_offset(at), "2026-01-02T03:04:05+00:00");
        assert_eq!(parse_naive(&naive(at)), Some(at));
    }

    #[test]
    fn what_names_no_moment_is_none() {
        for text in [
            "",
            "tomorrow",
            "2026-01-02T03:04:05",
            "2026-13-02T03:04:05Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
