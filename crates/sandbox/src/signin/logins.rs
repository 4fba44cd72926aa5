//! What Sign-In remembers: authorization codes, logins, and the refresh tokens that hang on them.
//!
//! A login belongs to the key that its first proof was signed with. Its refresh tokens rotate; one that was used gives
//! the same answer again while the credentials in it live, so that an answer that got lost is not the end.

use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use p256::SecretKey;
use p256::ecdsa::SigningKey;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::dpop::SeenProofs;
use super::invalid_request;
use crate::caller::{Caller, Keys, Proof, TemporaryKey};
use crate::jwt;
use crate::random;
use crate::reply::Refusal;
use crate::settings::{self, Settings};

/// How long an authorization code may be redeemed.
const CODE_SECONDS: i64 = 600;

/// How long the credentials of a login live.
const ACCESS_SECONDS: i64 = 900;

/// How long a login can be refreshed.
const LOGIN_SECONDS: i64 = 43_200;

/// What a person approved in the browser.
#[derive(Clone)]
pub(super) struct Authorization {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    /// The verifier's SHA-256 in base64url.
    pub(super) challenge: String,
    pub(super) principal: Caller,
}

/// What a client shows for a code.
pub(super) struct Redemption<'a> {
    pub(super) code: &'a str,
    pub(super) client_id: &'a str,
    pub(super) redirect_uri: &'a str,
    pub(super) verifier: &'a str,
}

struct Code {
    authorization: Authorization,
    ends: Timestamp,
    state: CodeState,
}

#[derive(Eq, PartialEq)]
enum CodeState {
    Fresh,
    Redeemed,
}

/// A login's place in the list of all.
pub(super) type LoginId = usize;

struct Login {
    principal: Caller,
    client_id: String,
    thumbprint: String,
    ends: Timestamp,
    revoked: Option<Reason>,
}

/// Why a login ends before its time.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    TokenExpired,
    PasswordChanged,
}

struct RefreshToken {
    login: LoginId,
    answer: Option<Tokens>,
}

/// What a client gets.
#[derive(Clone)]
pub(super) struct Tokens {
    pub(super) key: TemporaryKey,
    pub(super) refresh: String,
}

/// All that Sign-In remembers.
#[derive(Default)]
pub(crate) struct Logins {
    codes: BTreeMap<String, Code>,
    begun: Vec<Login>,
    refresh_tokens: BTreeMap<String, RefreshToken>,
    pub(super) proofs: SeenProofs,
    /// What id tokens are signed with.
    signer: Option<SigningKey>,
}

impl Logins {
    /// A code for what a person has just approved.
    pub(super) fn authorize(&mut self, authorization: Authorization, now: Timestamp) -> String {
        let code = random::opaque();
        let state = Code {
            authorization,
            ends: settings::end(None, CODE_SECONDS, now),
            state: CodeState::Fresh,
        };
        self.codes.insert(code.clone(), state);
        code
    }

    /// Begins a login with a code, which works once.
    pub(super) fn redeem(
        &mut self,
        redemption: &Redemption,
        thumbprint: String,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<LoginId, Refusal> {
        let code = self
            .codes
            .get_mut(redemption.code)
            .ok_or_else(|| invalid_request("Invalid authorization code"))?;
        let wanted = &code.authorization;
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(redemption.verifier));
        if wanted.client_id != redemption.client_id
            || wanted.redirect_uri != redemption.redirect_uri
            || wanted.challenge != challenge
        {
            return Err(invalid_request(
                "The authorization code was given to another client",
            ));
        }
        if code.state == CodeState::Redeemed || now >= code.ends {
            return Err(super::denied(
                "AUTHCODE_EXPIRED",
                "The authorization code has expired or was used already",
            ));
        }
        code.state = CodeState::Redeemed;
        let Authorization {
            client_id,
            principal,
            ..
        } = code.authorization.clone();
        Ok(self.begin(principal, client_id, thumbprint, settings, now))
    }

    /// A login that has a key.
    pub(super) fn begin(
        &mut self,
        principal: Caller,
        client_id: String,
        thumbprint: String,
        settings: &Settings,
        now: Timestamp,
    ) -> LoginId {
        self.begun.push(Login {
            principal,
            client_id,
            thumbprint,
            ends: settings::end(settings.login_session, LOGIN_SECONDS, now),
            revoked: None,
        });
        self.begun.len() - 1
    }

    /// The login that a refresh token stands for, if this client with this key may use it.
    pub(super) fn login_of(
        &self,
        refresh_token: &str,
        client_id: &str,
        thumbprint: &str,
    ) -> Result<LoginId, Refusal> {
        let invalid = || invalid_request("Invalid refresh token");
        let id = self
            .refresh_tokens
            .get(refresh_token)
            .ok_or_else(invalid)?
            .login;
        let login = &self.begun[id];
        if login.client_id != client_id || login.thumbprint != thumbprint {
            return Err(invalid());
        }
        Ok(id)
    }

    pub(super) fn principal(&self, login: LoginId) -> &Caller {
        &self.begun[login].principal
    }

    /// Credentials of a login and the refresh token that comes after `used`, unless the login is over.
    pub(super) fn grant(
        &mut self,
        login: LoginId,
        used: Option<&str>,
        keys: &mut Keys,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Tokens, Refusal> {
        let Login {
            principal,
            ends,
            revoked,
            ..
        } = &self.begun[login];
        let expired = || super::denied("TOKEN_EXPIRED", "The refresh token has expired");
        match revoked {
            Some(Reason::PasswordChanged) => {
                return Err(super::denied(
                    "USER_CREDENTIALS_CHANGED",
                    "The user's credentials have changed",
                ));
            }
            Some(Reason::TokenExpired) => return Err(expired()),
            None if now >= *ends => return Err(expired()),
            None => {}
        }
        let earlier = used
            .and_then(|token| self.refresh_tokens.get(token))
            .and_then(|token| token.answer.clone());
        match earlier {
            Some(answer) if now < answer.key.ends => return Ok(answer),
            Some(_) => return Err(expired()),
            None => {}
        }
        let session = Caller {
            proof: Proof::ConsoleLogin,
            ..principal.clone()
        };
        let access_ends = settings::end(settings.login_access, ACCESS_SECONDS, now).min(*ends);
        let answer = Tokens {
            key: keys.issue(session, access_ends, 0),
            refresh: random::opaque(),
        };
        if let Some(token) = used.and_then(|token| self.refresh_tokens.get_mut(token)) {
            token.answer = Some(answer.clone());
        }
        let token = RefreshToken {
            login,
            answer: None,
        };
        self.refresh_tokens.insert(answer.refresh.clone(), token);
        Ok(answer)
    }

    /// Says who logged in, signed.
    pub(super) fn id_token(&mut self, login: LoginId, now: Timestamp) -> String {
        let login = &self.begun[login];
        let claims = json!({
            "iss": "https://signin.aws.amazon.com",
            "sub": login.principal.arn,
            "aud": login.client_id,
            "iat": now.as_second(),
            "exp": now.as_second() + ACCESS_SECONDS,
        });
        let signer = self
            .signer
            .get_or_insert_with(|| SigningKey::from(jwt::new_key()));
        jwt::sign(signer, &claims)
    }

    /// Ends the logins of a user. Says how many those were.
    pub(crate) fn revoke(&mut self, user_arn: &str, reason: Reason, now: Timestamp) -> usize {
        self.begun
            .iter_mut()
            .filter(|login| {
                login.principal.arn == user_arn && login.revoked.is_none() && now < login.ends
            })
            .map(|login| login.revoked = Some(reason))
            .count()
    }
}

/// A private key as `EC PRIVATE KEY` (RFC 5915) with its curve named, which OpenSSL and AWS's own library want.
pub(super) fn pem(key: &SecretKey) -> String {
    // Version 1, 32 bytes of key; the curve P-256; 66 bytes of public key.
    const KEY: &[u8] = &[0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20];
    const CURVE: &[u8] = &[
        0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
    ];
    const POINT: &[u8] = &[0xa1, 0x44, 0x03, 0x42, 0x00];
    let point = key.public_key().to_sec1_bytes();
    let der = [KEY, &key.to_bytes(), CURVE, POINT, &point].concat();
    let text = data_encoding::BASE64.encode(&der);
    let (first, rest) = text.split_at(64);
    let (second, third) = rest.split_at(64);
    format!(
        "-----BEGIN EC PRIVATE KEY-----\n{first}\n{second}\n{third}\n-----END EC PRIVATE KEY-----\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_as_others_write_it() {
        // A published test vector of AWS's SDK for Rust, and the scalar inside it.
        let scalar = "50d91d4cce1b53f3abee85d268cc94e4a9d6cc8df4b44f06e1cca021574dc5e1";
        let key = SecretKey::from_slice(&hex::decode(scalar).unwrap()).unwrap();
        let expected = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIFDZHUzOG1Pzq+6F0mjMlOSp1syN9LRPBuHMoCFXTcXhoAoGCCqGSM49\nAwEHoUQDQgAE9qhj+KtcdHj1kVgwxWWWw++tqoh7H7UHs7oXh8jBbgF47rrYGC+t\ndjiIaHK3dBvvdE7MGj5HsepzLm3Kj91bqA==\n-----END EC PRIVATE KEY-----\n";
        assert_eq!(pem(&key), expected);
    }
}
