//! AWS Signature Version 4, seen from the service: read what the client claims, compute what it should have
//! signed, compare.
//!
//! Written from AWS's description of the algorithm and sharing no code with any client, so that a mistake in one
//! is not a mistake in both.

use axum::http::HeaderName;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::request::Request;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Everything but the characters that RFC 3986 leaves unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What the `Authorization` header claims.
pub(crate) struct Authorization {
    pub(crate) key_id: String,
    pub(crate) signature: String,
    /// `X-Amz-Date`, as sent.
    pub(crate) date: String,
    /// The same moment.
    pub(crate) signed_at: Timestamp,
    scope_date: String,
    region: String,
    service: String,
    signed_headers: Vec<String>,
}

/// Why a claim cannot even be weighed.
pub(crate) enum Unreadable {
    /// No claim was made.
    Missing,
    /// It lacks something or says something impossible; AWS's words for it.
    Incomplete(String),
    /// It is for something else than this request; AWS's words for it.
    Misplaced(String),
}

/// The service in the credential scope, which tells requests apart that look the same.
pub(crate) fn service_of(request: &Request) -> Option<&str> {
    let credential = field(request.header("authorization")?, "Credential")?;
    credential.rsplit('/').nth(1)
}

impl Authorization {
    pub(crate) fn read(request: &Request) -> Result<Self, Unreadable> {
        let header = request.header("authorization").ok_or(Unreadable::Missing)?;
        let (algorithm, _) = header.split_once(' ').unwrap_or((header, ""));
        if algorithm != ALGORITHM {
            return Err(Unreadable::Incomplete(format!(
                "Unsupported AWS 'algorithm': '{algorithm}'."
            )));
        }
        let credential = field(header, "Credential");
        let signature = field(header, "Signature");
        let signed_headers = field(header, "SignedHeaders");
        let date = request
            .header("x-amz-date")
            .or_else(|| request.header("date"));
        let (Some(credential), Some(signature), Some(signed_headers), Some(date)) =
            (credential, signature, signed_headers, date)
        else {
            let lacks = [
                (
                    credential,
                    "Authorization header requires 'Credential' parameter. ",
                ),
                (
                    signature,
                    "Authorization header requires 'Signature' parameter. ",
                ),
                (
                    signed_headers,
                    "Authorization header requires 'SignedHeaders' parameter. ",
                ),
                (
                    date,
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
                ),
            ];
            let lacks: String = lacks
                .iter()
                .filter(|(value, _)| value.is_none())
                .map(|(_, text)| *text)
                .collect();
            return Err(Unreadable::Incomplete(lacks.trim_end().to_owned()));
        };
        let [key_id, scope_date, region, service, "aws4_request"] =
            credential.split('/').collect::<Vec<_>>()[..]
        else {
            return Err(Unreadable::Incomplete(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{credential}'"
            )));
        };
        let signed_at = moment(date).ok_or_else(|| {
            Unreadable::Incomplete(format!(
                "Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ))
        })?;
        Ok(Self {
            key_id: key_id.to_owned(),
            signature: signature.to_owned(),
            date: date.to_owned(),
            signed_at,
            scope_date: scope_date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_headers: signed_headers.split(';').map(str::to_owned).collect(),
        })
    }

    /// Whether the claim is for this service and this day, and covers the host.
    pub(crate) fn check_place(&self, service: &str) -> Result<(), Unreadable> {
        let misplaced = |text: String| Err(Unreadable::Misplaced(text));
        if self.service != service {
            return misplaced(format!(
                "Credential should be scoped to correct service: '{service}'. "
            ));
        }
        if self.region.is_empty() {
            return misplaced("Credential should be scoped to a valid region. ".to_owned());
        }
        if !self.date.starts_with(&self.scope_date) || self.scope_date.len() != 8 {
            return misplaced(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{}', from '{}'.",
                self.scope_date,
                self.date.get(..8).unwrap_or_default(),
                self.date
            ));
        }
        if !self.signs("host") {
            return misplaced(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// `X-Amz-*` headers that came with the request but are not signed: somebody may have added them on the way.
    pub(crate) fn unsigned_headers<'a>(&self, request: &'a Request) -> Vec<&'a str> {
        request
            .headers
            .keys()
            .map(HeaderName::as_str)
            .filter(|name| name.starts_with("x-amz-") && !self.signs(name))
            .collect()
    }

    /// The string that the client should have signed.
    pub(crate) fn string_to_sign(&self, request: &Request, payload_hash: &str) -> String {
        let canonical = self.canonical_request(request, payload_hash);
        format!(
            "{ALGORITHM}\n{}\n{}/{}/{}/aws4_request\n{}",
            self.date,
            self.scope_date,
            self.region,
            self.service,
            hex::encode(Sha256::digest(canonical))
        )
    }

    /// The signature that this secret makes of a string to sign.
    pub(crate) fn sign(&self, secret: &str, string_to_sign: &str) -> String {
        let key = [
            &self.scope_date,
            &self.region,
            &self.service,
            "aws4_request",
        ]
        .iter()
        .fold(format!("AWS4{secret}").into_bytes(), |key, part| {
            hmac(&key, part)
        });
        hex::encode(hmac(&key, string_to_sign))
    }

    fn signs(&self, header: &str) -> bool {
        self.signed_headers.iter().any(|name| name == header)
    }

    fn canonical_request(&self, request: &Request, payload_hash: &str) -> String {
        let headers: Vec<String> = self
            .signed_headers
            .iter()
            .map(|name| format!("{name}:{}", canonical_values(request, name)))
            .collect();
        let headers = headers.join("\n");
        format!(
            "{}\n{}\n{}\n{headers}\n\n{}\n{payload_hash}",
            request.method,
            canonical_path(&request.path, &self.service),
            canonical_query(&request.query),
            self.signed_headers.join(";"),
        )
    }
}

/// The hash of a body, as signatures carry it.
pub(crate) fn payload_hash(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

fn field<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let (_, fields) = header.split_once(' ')?;
    fields
        .split(',')
        .filter_map(|field| field.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
        .filter(|value| !value.is_empty())
}

fn moment(basic: &str) -> Option<Timestamp> {
    let civil = DateTime::strptime("%Y%m%dT%H%M%SZ", basic).ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// All values of a header, each trimmed and with runs of spaces made one.
fn canonical_values(request: &Request, name: &str) -> String {
    let values = request.headers.get_all(name).iter().map(|value| {
        String::from_utf8_lossy(value.as_bytes())
            .split_ascii_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    });
    values.collect::<Vec<_>>().join(",")
}

/// S3 signs the path as it was sent, the other services encode it once more.
fn canonical_path(path: &str, service: &str) -> String {
    match (path, service) {
        ("", _) => "/".to_owned(),
        (path, "s3") => path.to_owned(),
        (path, _) => path
            .split('/')
            .map(percent_encode)
            .collect::<Vec<_>>()
            .join("/"),
    }
}

fn canonical_query(query: &str) -> String {
    let recoded = |text: &str| percent_encode(&percent_decode_str(text).decode_utf8_lossy());
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (recoded(name), recoded(value)))
        .collect();
    pairs.sort();
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("&")
}

/// Percent-encodes all but RFC 3986's unreserved characters.
pub(crate) fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, Method};

    use super::*;

    /// The secret of AWS's own published test suite.
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    #[test]
    fn the_suites_get_vanilla_is_signed_as_aws_signs_it() {
        let request = request(
            "",
            &[
                ("host", "example.amazonaws.com"),
                ("x-amz-date", "20150830T123600Z"),
                (
                    "authorization",
                    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
                ),
            ],
        );
        verify(&request);
    }

    #[test]
    fn the_suites_query_order_is_signed_as_aws_signs_it() {
        let request = request(
            "Param2=value2&Param1=value1",
            &[
                ("host", "example.amazonaws.com"),
                ("x-amz-date", "20150830T123600Z"),
                (
                    "authorization",
                    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
                ),
            ],
        );
        verify(&request);
    }

    #[test]
    fn spaces_in_a_header_and_reserved_characters_in_a_query_are_canonical() {
        let request = request("b=%2f+&a=~", &[("my-header", "  a   b  ")]);
        assert_eq!(canonical_values(&request, "my-header"), "a b");
        assert_eq!(canonical_query(&request.query), "a=~&b=%2F%2B");
        assert_eq!(canonical_path("/a%20b", "sts"), "/a%2520b");
        assert_eq!(canonical_path("/a%20b", "s3"), "/a%20b");
    }

    fn verify(request: &Request) {
        let Ok(claim) = Authorization::read(request) else {
            panic!("the header is complete");
        };
        let string_to_sign = claim.string_to_sign(request, &payload_hash(&request.body));
        assert_eq!(claim.sign(SECRET, &string_to_sign), claim.signature);
    }

    fn request(query: &str, headers: &[(&'static str, &'static str)]) -> Request {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_static(value));
        }
        Request {
            method: Method::GET,
            path: "/".to_owned(),
            query: query.to_owned(),
            headers: map,
            body: Vec::new(),
        }
    }
}
