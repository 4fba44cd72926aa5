//! The one place where the box reads the time. Everything else has it handed in.

use jiff::Timestamp;

/// The present moment.
#[expect(
    clippy::disallowed_methods,
    reason = "a server that dates its answers reads the real clock; here and nowhere else"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// `2026-01-02T03:04:05Z`, as STS and S3 write times.
pub(crate) fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `20260102T030405Z`, as Signature Version 4 writes times.
pub(crate) fn iso_basic(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// `Fri, 02 Jan 2026 03:04:05 GMT`, as the `Date` header writes times.
pub(crate) fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
