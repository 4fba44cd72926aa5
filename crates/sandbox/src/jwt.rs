//! JSON Web Tokens with the one algorithm that the box speaks: ES256, which is ECDSA on P-256 with SHA-256.

use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::{EncodedPoint, FieldBytes, SecretKey};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::random;

const ALGORITHM: &str = "ES256";

/// A token taken apart, its signature not yet believed.
pub(crate) struct Jwt<'a> {
    pub(crate) header: Value,
    claims: Value,
    signed: &'a str,
    signature: Signature,
}

impl<'a> Jwt<'a> {
    /// A token of three parts with the right algorithm and a signature of the right length, 64 bytes.
    pub(crate) fn read(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header: Value = part(header)?;
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
        (header["alg"] == ALGORITHM).then_some(())?;
        Some(Self {
            header,
            claims: part(claims)?,
            signed,
            signature: Signature::from_slice(&signature).ok()?,
        })
    }

    pub(crate) fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        key.verify(self.signed.as_bytes(), &self.signature).is_ok()
    }

    /// The claims, where all that is asked for is there.
    pub(crate) fn claims<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_value(self.claims.clone()).ok()
    }
}

/// A new private key.
pub(crate) fn new_key() -> SecretKey {
    // A random number is outside the curve's order once in 2³² tries.
    loop {
        if let Ok(key) = SecretKey::from_slice(&random::bytes::<32>()) {
            return key;
        }
    }
}

/// A token that says `claims`.
pub(crate) fn sign(key: &SigningKey, claims: &Value) -> String {
    let header = json!({ "typ": "JWT", "alg": ALGORITHM, "kid": thumbprint(key.verifying_key()) });
    let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let signed = format!("{}.{}", encode(&header), encode(claims));
    let signature: Signature = key.sign(signed.as_bytes());
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature.to_bytes()))
}

/// The public key that a JSON Web Key holds, if it lies on P-256.
pub(crate) fn public_key(jwk: &Value) -> Option<VerifyingKey> {
    (jwk["kty"] == "EC" && jwk["crv"] == "P-256" && jwk.get("d").is_none()).then_some(())?;
    let coordinate = |name: &str| {
        let bytes = BASE64URL_NOPAD
            .decode(jwk[name].as_str()?.as_bytes())
            .ok()?;
        let bytes: [u8; 32] = bytes.try_into().ok()?;
        Some(FieldBytes::from(bytes))
    };
    let point = EncodedPoint::from_affine_coordinates(&coordinate("x")?, &coordinate("y")?, false);
    VerifyingKey::from_encoded_point(&point).ok()
}

/// What tells a key from all others: its thumbprint by RFC 7638.
pub(crate) fn thumbprint(key: &VerifyingKey) -> String {
    let point = key.to_encoded_point(false);
    let coordinate = |bytes: Option<&FieldBytes>| {
        BASE64URL_NOPAD.encode(bytes.expect("an uncompressed point has both coordinates"))
    };
    let canonical = format!(
        r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
        coordinate(point.x()),
        coordinate(point.y())
    );
    BASE64URL_NOPAD.encode(&Sha256::digest(canonical))
}

fn part(encoded: &str) -> Option<Value> {
    let bytes = BASE64URL_NOPAD.decode(encoded.as_bytes()).ok()?;
    serde_json::from_slice(&bytes).ok().filter(Value::is_object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_believed_with_its_own_key_only() {
        let key = SigningKey::from(new_key());
        let token = sign(&key, &json!({ "sub": "me" }));
        let jwt = Jwt::read(&token).unwrap();
        assert!(jwt.is_signed_by(key.verifying_key()));
        assert_eq!(jwt.claims::<Value>().unwrap()["sub"], "me");
        let other = SigningKey::from(new_key());
        assert!(!jwt.is_signed_by(other.verifying_key()));
    }

    #[test]
    fn the_signature_of_the_standards_own_example_is_believed() {
        // RFC 7515, appendix A.3.
        let jwk = json!({
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        });
        let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        let jwt = Jwt::read(token).unwrap();
        assert!(jwt.is_signed_by(&public_key(&jwk).unwrap()));
    }

    #[test]
    fn what_is_no_token_of_this_algorithm_is_not_read() {
        let good = sign(&SigningKey::from(new_key()), &json!({}));
        let mut parts: Vec<&str> = good.split('.').collect();
        for bad in ["", "a", "a.b", "a.b.c", &good[..good.len() - 4]] {
            assert!(Jwt::read(bad).is_none(), "{bad}");
        }
        let none = BASE64URL_NOPAD.encode(br#"{"alg":"none"}"#);
        parts[0] = &none;
        assert!(Jwt::read(&parts.join(".")).is_none());
    }

    #[test]
    fn a_key_that_is_private_or_off_the_curve_is_not_taken() {
        let zero = BASE64URL_NOPAD.encode(&[0; 32]);
        let off = json!({ "kty": "EC", "crv": "P-256", "x": zero, "y": zero });
        assert!(public_key(&off).is_none());
        let private = json!({
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
        });
        assert!(public_key(&private).is_none());
    }
}
