//! Identity providers outside AWS: the tokens that they sign, and what AWS makes of them.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use jiff::Timestamp;
use p256::ecdsa::SigningKey;
use serde::Deserialize;
use serde_json::json;

use crate::jwt::{self, Jwt};
use crate::reply::Refusal;
use crate::world::{OidcProvider, World};

/// Older tokens are not taken, whatever they say of their own end.
const MAXIMUM_AGE_SECONDS: i64 = 86_400;

/// How far the provider's clock may be ahead.
const TOLERANCE_SECONDS: i64 = 300;

/// The providers' keys, and the people whom they no longer know.
#[derive(Default)]
pub(crate) struct Providers {
    keys: BTreeMap<String, SigningKey>,
    rejected: BTreeSet<(String, String)>,
}

/// A token that somebody wants signed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    /// The provider's URL, without `https://`.
    pub(crate) provider: String,
    subject: String,
    #[serde(default = "sts")]
    audience: String,
    /// How long the token lives; one that is over already where it is negative.
    #[serde(default = "hour")]
    seconds: i32,
}

/// Whom a token speaks of, believed.
pub(crate) struct Identity {
    pub(crate) provider: String,
    pub(crate) subject: String,
    pub(crate) audience: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    iat: i64,
    exp: i64,
}

fn sts() -> String {
    "sts.amazonaws.com".to_owned()
}

const fn hour() -> i32 {
    3_600
}

impl Providers {
    /// Signs a token, if the world has the provider.
    pub(crate) fn mint(&mut self, world: &World, order: &Order, now: Timestamp) -> Option<String> {
        world.oidc_provider(&order.provider)?;
        let key = self
            .keys
            .entry(order.provider.clone())
            .or_insert_with(|| SigningKey::from(jwt::new_key()));
        let (iat, seconds) = (now.as_second(), i64::from(order.seconds));
        let claims = json!({
            "iss": format!("https://{}", order.provider),
            "sub": order.subject,
            "aud": order.audience,
            "iat": iat + seconds.min(0),
            "exp": iat + seconds,
        });
        Some(jwt::sign(key, &claims))
    }

    /// From now on the provider says no to this person. Says how many that are.
    pub(crate) fn reject(&mut self, provider: String, subject: String) -> usize {
        usize::from(self.rejected.insert((provider, subject)))
    }

    /// Whom a token speaks of, as an account with these providers sees it.
    pub(crate) fn verify(
        &self,
        registered: &[OidcProvider],
        token: &str,
        now: Timestamp,
    ) -> Result<Identity, Refusal> {
        let jwt = Jwt::read(token).ok_or_else(not_a_token)?;
        let claims: Claims = jwt.claims().ok_or_else(not_a_token)?;
        let provider = registered
            .iter()
            .find(|provider| claims.iss.strip_prefix("https://") == Some(&provider.url))
            .ok_or_else(|| {
                invalid(&format!(
                    "No OpenIDConnect provider found in your account for {}",
                    claims.iss
                ))
            })?;
        if !provider.audiences.contains(&claims.aud) {
            return Err(invalid("Incorrect token audience"));
        }
        let key = self.keys.get(&provider.url);
        if !key.is_some_and(|key| jwt.is_signed_by(key.verifying_key())) {
            return Err(invalid(
                "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
            ));
        }
        check_time(&claims, now.as_second())?;
        let identity = Identity {
            provider: provider.url.clone(),
            subject: claims.sub,
            audience: claims.aud,
        };
        let person = (identity.provider.clone(), identity.subject.clone());
        if self.rejected.contains(&person) {
            return Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "IDPRejectedClaim",
                "The identity provider (IdP) reported that authentication failed.",
            ));
        }
        Ok(identity)
    }
}

fn check_time(claims: &Claims, now: i64) -> Result<(), Refusal> {
    let over = |message: String| {
        Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "ExpiredTokenException",
            message,
        ))
    };
    if now >= claims.exp {
        return over(format!(
            "Token expired: current date/time {now} must be before the expiration date/time {}",
            claims.exp
        ));
    }
    if now - claims.iat > MAXIMUM_AGE_SECONDS {
        return over("Token must be redeemed within 24 hours of issuance".to_owned());
    }
    if claims.iat - now > TOLERANCE_SECONDS {
        return Err(invalid("Token issued in the future"));
    }
    Ok(())
}

fn not_a_token() -> Refusal {
    invalid(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    )
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "InvalidIdentityToken", message)
}
