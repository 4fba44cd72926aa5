//! How wrong a clock is, from the times in an error.

use jiff::{SignedDuration, Timestamp};

/// How far the clock that signed is ahead of AWS's; negative where it is behind. None where the text tells no two times.
///
/// `Signature expired: T1 is now earlier than T2 (T3 - 5 min.)` and `Signature not yet current: T1 is still later than T2
/// (T3 + 5 min.)`: T1 is the signer's time, T3 AWS's. S3 tells `RequestTime` and `ServerTime` in XML.
pub(super) fn told(text: &str) -> Option<SignedDuration> {
    in_words(text).or_else(|| in_xml(text))
}

fn in_words(text: &str) -> Option<SignedDuration> {
    let after = ["Signature expired:", "Signature not yet current:"]
        .iter()
        .find_map(|start| Some(text.split_once(start)?.1))?;
    let signed = compact(after.split_whitespace().next()?)?;
    let (_, in_parentheses) = after.split_once('(')?;
    let server = compact(in_parentheses.split_whitespace().next()?)?;
    Some(signed.duration_since(server))
}

fn in_xml(text: &str) -> Option<SignedDuration> {
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (content, _) = rest.split_once(&format!("</{name}>"))?;
        any(content.trim())
    };
    Some(element("RequestTime")?.duration_since(element("ServerTime")?))
}

/// The two times of S3 where they stand on lines of their own: XML that is laid out, or an object as Node prints it.
#[derive(Default)]
pub(super) struct Times {
    request: Option<(u64, Timestamp)>,
    server: Option<(u64, Timestamp)>,
}

impl Times {
    /// How far the clock that signed is ahead, once both times were read, on this line or on one not far above.
    pub(super) fn read(&mut self, line: &[u8], number: u64, reach: u64) -> Option<SignedDuration> {
        let text = str::from_utf8(line).ok()?;
        let [request, server] = ["RequestTime", "ServerTime"].map(|name| after(text, name));
        if request.is_none() && server.is_none() {
            return None;
        }
        let near = |time: &(u64, Timestamp)| time.0 + reach >= number;
        let learn = |known: &mut Option<(u64, Timestamp)>, read: Option<Timestamp>| {
            *known = read.map(|time| (number, time)).or(known.filter(near));
        };
        learn(&mut self.request, request);
        learn(&mut self.server, server);
        Some(self.request?.1.duration_since(self.server?.1))
    }
}

/// The time behind this name: `<ServerTime>2026-…</ServerTime>`, `ServerTime: '2026-…'`.
fn after(text: &str, name: &str) -> Option<Timestamp> {
    let (_, rest) = text.split_once(name)?;
    let rest = rest.trim_start_matches([':', '=', '>', '"', '\'', ' ']);
    let end = rest.find(['<', '"', '\'']).unwrap_or(rest.len());
    any(rest[..end].trim_end_matches([',', ' ', '\r', '\n']))
}

/// `20260102T030405Z`, as signatures have it (Signature Version 4, `X-Amz-Date`).
fn compact(text: &str) -> Option<Timestamp> {
    let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    jiff::tz::Offset::UTC.to_timestamp(civil).ok()
}

/// S3 repeats the request's time as it was sent.
fn any(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| compact(text)).or_else(|| {
        jiff::fmt::rfc2822::parse(text)
            .ok()
            .map(|zoned| zoned.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_and_both_spellings_are_understood() {
        let minutes = SignedDuration::from_mins;
        for (text, skew) in [
            (
                "Signature expired: 20260102T030405Z is now earlier than 20260102T031905Z (20260102T032405Z - 5 min.)",
                minutes(-20),
            ),
            (
                "InvalidSignatureException: Signature not yet current: 20260102T040000Z is still later than 20260102T033500Z (20260102T033000Z + 5 min.)",
                minutes(30),
            ),
            (
                "<Error><Code>RequestTimeTooSkewed</Code><RequestTime>20260102T020000Z</RequestTime><ServerTime>2026-01-02T03:00:00Z</ServerTime></Error>",
                minutes(-60),
            ),
            (
                "<RequestTime>Fri, 02 Jan 2026 05:00:00 GMT</RequestTime><ServerTime>2026-01-02T03:00:00Z</ServerTime>",
                minutes(120),
            ),
        ] {
            assert_eq!(told(text), Some(skew), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_tells_nothing() {
        for text in [
            "",
            "Signature expired:",
            "Signature expired: soon is now earlier than (never - 5 min.)",
            "Signature expired: 20260102T030405Z is now earlier than",
            "<RequestTime>x</RequestTime><ServerTime>2026-01-02T03:00:00Z</ServerTime>",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
