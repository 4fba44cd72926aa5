//! Proofs of possession (RFC 9449): a token that the client signs anew for each request, with a key that it keeps.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::invalid_request;
use crate::jwt::{self, Jwt};
use crate::reply::Refusal;
use crate::request::Request;

/// How far the client's clock may be off.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The proofs that were seen, so that each counts once.
#[derive(Default)]
pub(super) struct SeenProofs(BTreeMap<String, Timestamp>);

#[derive(Deserialize)]
struct Claims {
    htm: String,
    htu: String,
    iat: i64,
    jti: String,
}

impl SeenProofs {
    /// The thumbprint of the key that signed a request's proof.
    pub(super) fn take(&mut self, request: &Request, now: Timestamp) -> Result<String, Refusal> {
        let invalid = |because: &str| invalid_request(&format!("Invalid DPoP proof: {because}"));
        let mut proofs = request.headers.get_all("dpop").iter();
        let (Some(proof), None) = (proofs.next(), proofs.next()) else {
            return Err(invalid("exactly one DPoP header is needed"));
        };
        let jwt = proof
            .to_str()
            .ok()
            .and_then(Jwt::read)
            .filter(|jwt| jwt.header["typ"] == "dpop+jwt")
            .ok_or_else(|| invalid("it is not an ES256 token of the type dpop+jwt"))?;
        let key = jwt::public_key(&jwt.header["jwk"])
            .ok_or_else(|| invalid("its jwk is not a public key on P-256"))?;
        if !jwt.is_signed_by(&key) {
            return Err(invalid("its signature does not match"));
        }
        let claims: Claims = jwt
            .claims()
            .ok_or_else(|| invalid("it lacks htm, htu, iat or jti"))?;
        if claims.htm != request.method.as_str() || !is_url_of(&claims.htu, request) {
            return Err(invalid("it is for another request"));
        }
        let issued = Timestamp::from_second(claims.iat).unwrap_or(Timestamp::MIN);
        if now.duration_since(issued).abs() > TOLERANCE {
            return Err(invalid("it was not issued now"));
        }
        self.0.retain(|_, forgotten| now < *forgotten);
        // A proof may be issued as much ahead as behind.
        let forgotten = now + TOLERANCE + TOLERANCE;
        if claims.jti.is_empty() || self.0.insert(claims.jti, forgotten).is_some() {
            return Err(invalid("its jti was used before"));
        }
        Ok(jwt::thumbprint(&key))
    }
}

/// Whether a URL is the one that was asked. TLS, where there is any, ends before the box.
fn is_url_of(url: &str, request: &Request) -> bool {
    let host = request.header("host").unwrap_or_default();
    let place = format!("{host}{}", request.path);
    [format!("http://{place}"), format!("https://{place}")].contains(&url.to_owned())
}
