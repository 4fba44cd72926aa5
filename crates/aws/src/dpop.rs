//! The proof that comes with a refresh of `aws login`: whoever holds the refresh token holds the key that it was given to
//! (RFC 9449). aws-config makes the same proof and keeps it to itself.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use p256::SecretKey;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::pkcs8::DecodePrivateKey;
use sandglass_core::secret::Secret;
use serde_json::json;

use crate::{Clock, ServerClock};

/// A P-256 key.
#[derive(Clone)]
pub(crate) struct ProofKey(SecretKey);

impl ProofKey {
    /// Reads a key as `aws login` and its kin write it: SEC1 (`EC PRIVATE KEY`), or PKCS#8 (`PRIVATE KEY`).
    pub(crate) fn from_pem(pem: &Secret) -> Option<Self> {
        let pem = pem.expose();
        SecretKey::from_sec1_pem(pem)
            .or_else(|_| SecretKey::from_pkcs8_pem(pem))
            .ok()
            .map(Self)
    }

    /// A JWT that says: the holder of this key makes this request, now, once.
    pub(crate) fn proof(
        &self,
        method: &str,
        url: &str,
        at: Timestamp,
        once: &[u8],
    ) -> Result<String, p256::ecdsa::Error> {
        let point = self.0.public_key().to_encoded_point(false);
        let coordinate = |bytes: Option<&p256::FieldBytes>| {
            BASE64URL_NOPAD.encode(bytes.map(AsRef::as_ref).unwrap_or_default())
        };
        let header = json!({
            "typ": "dpop+jwt",
            "alg": "ES256",
            "jwk": {
                "kty": "EC",
                "crv": "P-256",
                "x": coordinate(point.x()),
                "y": coordinate(point.y()),
            },
        });
        let claims = json!({
            "jti": BASE64URL_NOPAD.encode(once),
            "htm": method,
            "htu": url,
            "iat": at.as_second(),
        });
        let message = [header, claims]
            .map(|part| BASE64URL_NOPAD.encode(part.to_string().as_bytes()))
            .join(".");
        let signature: Signature = SigningKey::from(&self.0).try_sign(message.as_bytes())?;
        Ok(format!(
            "{message}.{}",
            BASE64URL_NOPAD.encode(&signature.to_bytes())
        ))
    }
}

/// Puts a proof of its own into each try of a call.
pub(crate) struct Prove {
    key: ProofKey,
    local: Clock,
    clock: ServerClock,
}

impl Prove {
    pub(crate) fn new(key: ProofKey, local: Clock, clock: ServerClock) -> Self {
        Self { key, local, clock }
    }
}

impl std::fmt::Debug for Prove {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prove").finish_non_exhaustive()
    }
}

impl Intercept for Prove {
    fn name(&self) -> &'static str {
        "Prove"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut once = [0; 16];
        getrandom::fill(&mut once)?;
        let request = context.request_mut();
        let at = self.clock.at((self.local)());
        let proof = self.key.proof(request.method(), request.uri(), at, &once)?;
        request.headers_mut().try_insert("dpop", proof)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier;
    use serde_json::Value;

    use super::*;
    use crate::testing::{DPOP_KEY, DPOP_KEY_PKCS8, now};

    fn json(part: &str) -> Value {
        serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn a_proof_names_the_request_and_is_signed_by_the_key_in_it() {
        for pem in [DPOP_KEY, DPOP_KEY_PKCS8] {
            let key = ProofKey::from_pem(&Secret::new(pem.into())).unwrap();
            let url = "https://us-east-1.signin.aws.amazon.com/v1/token";
            let proof = key.proof("POST", url, now(), &[7; 16]).unwrap();
            let parts: Vec<_> = proof.split('.').collect();
            let [header, claims, signature] = parts[..] else {
                panic!("{proof}");
            };
            assert_eq!(
                json(header),
                json!({
                    "typ": "dpop+jwt",
                    "alg": "ES256",
                    "jwk": {
                        "kty": "EC",
                        "crv": "P-256",
                        "x": "KuBgPK3CBHJfjW8aRIPMY9vmdrOdA7fTFHviZtPB4ME",
                        "y": "VTPrJnXwVLu2GgG3CvhYw1D5Cb2rets0obJT198ULlE",
                    },
                })
            );
            assert_eq!(
                json(claims),
                json!({"jti": "BwcHBwcHBwcHBwcHBwcHBw", "htm": "POST", "htu": url, "iat": 1_767_261_600})
            );
            let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
            let signature = Signature::from_slice(&signature).unwrap();
            let message = format!("{header}.{claims}");
            VerifyingKey::from(key.0.public_key())
                .verify(message.as_bytes(), &signature)
                .unwrap();
        }
    }

    #[test]
    fn other_texts_are_no_key() {
        for text in [
            "",
            "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
        ] {
            assert!(ProofKey::from_pem(&Secret::new(text.into())).is_none());
        }
    }
}
