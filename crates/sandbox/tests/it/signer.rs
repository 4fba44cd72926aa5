//! A signer of the tests' own, written apart from the verifier that it tests.

use hmac::{Hmac, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::http::Request;

/// Keys to sign with.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
}

/// How to sign.
pub(crate) struct Signer<'a> {
    pub(crate) keys: &'a Keys,
    pub(crate) service: &'a str,
    /// How far the signer's clock is off.
    pub(crate) skew: SignedDuration,
}

impl Keys {
    pub(crate) fn dev() -> Self {
        Self::new(
            "AKIASANDGLASSUSERDEV",
            "make+believe/secret/of/the/user/dev+0001",
        )
    }

    pub(crate) fn ops() -> Self {
        Self::new(
            "AKIASANDGLASSUSEROPS",
            "make+believe/secret/of/the/user/ops+0002",
        )
    }

    pub(crate) fn new(id: &str, secret: &str) -> Self {
        Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
            token: None,
        }
    }

    pub(crate) fn with_token(&self, token: Option<&str>) -> Self {
        Self {
            token: token.map(str::to_owned),
            ..self.clone()
        }
    }
}

impl Signer<'_> {
    /// Adds the headers of Signature Version 4 to a request to `/`.
    pub(crate) fn sign<'r>(&self, host: &str, request: Request<'r>) -> Request<'r> {
        let date = (now() + self.skew).strftime("%Y%m%dT%H%M%SZ").to_string();
        let day = &date[..8];
        let payload = hex::encode(Sha256::digest(&request.body));
        let mut signed = vec![
            ("host".to_owned(), host.to_owned()),
            ("x-amz-content-sha256".to_owned(), payload.clone()),
            ("x-amz-date".to_owned(), date.clone()),
        ];
        if let Some(token) = &self.keys.token {
            signed.push(("x-amz-security-token".to_owned(), token.clone()));
        }
        let lines: String = signed.iter().fold(String::new(), |lines, (name, value)| {
            lines + &format!("{name}:{value}\n")
        });
        let names: Vec<&str> = signed.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let (path, query) = request
            .target
            .split_once('?')
            .unwrap_or((request.target, ""));
        let canonical = format!(
            "{}\n{path}\n{query}\n{lines}\n{names}\n{payload}",
            request.method
        );
        let scope = format!("{day}/us-east-1/{}/aws4_request", self.service);
        let to_sign = format!(
            "AWS4-HMAC-SHA256\n{date}\n{scope}\n{}",
            hex::encode(Sha256::digest(canonical))
        );
        let key = mac(format!("AWS4{}", self.keys.secret).as_bytes(), day);
        let key = mac(&mac(&mac(&key, "us-east-1"), self.service), "aws4_request");
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={}",
            self.keys.id,
            hex::encode(mac(&key, &to_sign))
        );
        signed
            .iter()
            .fold(request, |request, (name, value)| {
                request.header(name, value)
            })
            .header("authorization", &authorization)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a signature carries the time at which it was made"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
