//! A client's key for `aws login`, and the proofs that it signs.

use data_encoding::BASE64URL_NOPAD;
use p256::SecretKey;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};

use crate::signer::now;

/// A key on P-256.
pub(crate) struct Key(SigningKey);

/// A proof, to be changed before it is signed.
pub(crate) struct Proof {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl Key {
    /// A key that is this number, which is enough for a test.
    pub(crate) fn number(number: u8) -> Self {
        let mut bytes = [0; 32];
        bytes[31] = number;
        Self::of(&SecretKey::from_slice(&bytes).expect("it is on the curve"))
    }

    /// The key of a login that the control API made.
    pub(crate) fn of_pem(pem: &str) -> Self {
        let lines = pem.lines().filter(|line| !line.starts_with('-'));
        let text: String = lines.collect();
        let der = data_encoding::BASE64
            .decode(text.as_bytes())
            .expect("base64");
        // After the version, in every key of this curve.
        Self::of(&SecretKey::from_slice(&der[7..39]).expect("it is on the curve"))
    }

    fn of(key: &SecretKey) -> Self {
        Self(SigningKey::from(key))
    }

    pub(crate) fn proof(&self, url: &str) -> Proof {
        let point = self.0.verifying_key().to_encoded_point(false);
        let coordinate = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let jwk = json!({
            "kty": "EC",
            "crv": "P-256",
            "x": coordinate(&point.as_bytes()[1..33]),
            "y": coordinate(&point.as_bytes()[33..]),
        });
        Proof {
            header: json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk }),
            claims: json!({
                "htm": "POST",
                "htu": url,
                "iat": now().as_second(),
                "jti": format!("{}-{url}", now().as_nanosecond()),
            }),
        }
    }

    pub(crate) fn sign(&self, proof: &Proof) -> String {
        let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", encode(&proof.header), encode(&proof.claims));
        let signature: Signature = self.0.sign(signed.as_bytes());
        format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature.to_bytes()))
    }
}
