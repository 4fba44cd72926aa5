//! Staying signed in with `aws login`: its refresh token gives new credentials for up to twelve hours.
//!
//! aws-config can do this too, inside a provider that reads and writes the cache file by itself, without a lock and
//! without the region that the file names; `docs/decisions/0010-console-sign-in.md` says why that is not used.

use aws_sdk_signin::types::{AccessToken, CreateOAuth2TokenRequestBody};
use jiff::{SignedDuration, Timestamp};
use sandglass_core::error::{ErrorCode, RenewalError, Retry};
use sandglass_core::names::{AccountId, ProfileName};
use sandglass_core::secret::{Credentials, Secret};
use sandglass_core::session::ConsoleLogin;

use crate::Aws;
use crate::call::{Call, SignInCall, guarded};
use crate::dpop::{ProofKey, Prove};
use crate::failure::answered;

/// What a cache file of `aws login` holds. The other fields of that file stay as they are in a refresh.
#[derive(Clone, PartialEq, Eq)]
pub struct ConsoleToken {
    /// `accessToken`: credentials for a quarter of an hour.
    pub access: Credentials,
    /// `accessToken.accountId`.
    pub account: Option<AccountId>,
    /// `clientId`: which of the public clients of `aws login` signed in.
    pub client_id: String,
    /// `refreshToken`. Each refresh gives the next one.
    pub refresh_token: Secret,
    /// `dpopKey`: the P-256 key that the refresh token is bound to, as PEM (SEC1 or PKCS#8).
    pub dpop_key_pem: Secret,
    /// `signInRegion`: the region that issued the token. Files of older programs lack it.
    pub region: Option<String>,
}

/// A console sign-in that was just refreshed.
pub struct RefreshedLogin {
    /// The same sign-in with new credentials, which carry their end, and the next refresh token.
    pub token: ConsoleToken,
    /// When they were asked for (UTC), by AWS's clock.
    pub issued_at: Timestamp,
}

impl Aws {
    /// `signin:CreateOAuth2Token`: new credentials for the refresh token of `aws login`. Repeatable with the same token
    /// while that is valid, so that a lost answer costs nothing.
    pub async fn refresh_console_login(
        &self,
        profile: Option<&ProfileName>,
        token: &ConsoleToken,
    ) -> Result<RefreshedLogin, RenewalError> {
        let clock = self.clock().offset();
        let mut answer = self.try_refresh(profile, token).await;
        // The proof carries the time. Where its refusal told that the clock of this machine is wrong, the next is right.
        if let Err(error) = &answer
            && error.retry() != Retry::Later
            && self.clock().offset() != clock
        {
            answer = self.try_refresh(profile, token).await;
        }
        answer.map_err(|mut error| {
            if error.code == ErrorCode::SignInOver {
                error.remedy = sign_in_again(profile);
            }
            error
        })
    }

    async fn try_refresh(
        &self,
        profile: Option<&ProfileName>,
        token: &ConsoleToken,
    ) -> Result<RefreshedLogin, RenewalError> {
        let call = Call::SignIn(SignInCall::Refresh);
        let key = ProofKey::from_pem(&token.dpop_key_pem).ok_or_else(unusable_key)?;
        let settings = self
            .unsigned_settings(profile, token.region.as_deref())
            .await?;
        let asked = self.asked();
        let body = CreateOAuth2TokenRequestBody::builder()
            .client_id(&token.client_id)
            .grant_type("refresh_token")
            .refresh_token(token.refresh_token.expose())
            .build()
            .map_err(|_| call.incomplete())?;
        let prove = Prove::new(key, self.local.clone(), self.clock.clone());
        let request = aws_sdk_signin::Client::new(&settings)
            .create_o_auth2_token()
            .token_input(body);
        let old = token.clone();
        guarded(call, async move {
            let reply = answered(call, |address| {
                request
                    .customize()
                    .interceptor(address)
                    .interceptor(prove)
                    .send()
            })
            .await?;
            let reply = reply.token_output.ok_or_else(|| call.incomplete())?;
            let issued_at = asked.by_aws();
            let life = SignedDuration::from_secs(reply.expires_in.into());
            let access = reply
                .access_token
                .filter(|_| life.is_positive())
                .and_then(|keys| credentials(keys, issued_at + life))
                .ok_or_else(|| call.incomplete())?;
            if reply.refresh_token.is_empty() {
                return Err(call.incomplete());
            }
            let token = ConsoleToken {
                access,
                refresh_token: Secret::new(reply.refresh_token),
                ..old
            };
            Ok(RefreshedLogin { token, issued_at })
        })
        .await
    }
}

fn credentials(keys: AccessToken, expires_at: Timestamp) -> Option<Credentials> {
    let AccessToken {
        access_key_id,
        secret_access_key,
        session_token,
        ..
    } = keys;
    let complete = [&access_key_id, &secret_access_key, &session_token]
        .iter()
        .all(|part| !part.is_empty());
    complete.then(|| Credentials {
        access_key_id,
        secret_access_key: Secret::new(secret_access_key),
        session_token: Some(Secret::new(session_token)),
        expires_at: Some(expires_at),
    })
}

fn sign_in_again(profile: Option<&ProfileName>) -> String {
    format!("Sign in again with `{}`.", ConsoleLogin::command(profile))
}

fn unusable_key() -> RenewalError {
    RenewalError::new(
        ErrorCode::SignInOver,
        "the key in the cache file of `aws login` is no P-256 key in PEM",
        sign_in_again(None),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        Answer, CONSOLE_TOKEN, DPOP_KEY_PKCS8, aws_with, console_token, now, profile, replay, sent,
    };

    fn denied(error: &str) -> Answer {
        Answer {
            body: format!(r#"{{"error":"{error}","message":"in their words"}}"#),
            ..Answer::portal(400, "AccessDeniedException", "")
        }
    }

    #[tokio::test]
    async fn a_refresh_gives_new_credentials_and_the_next_refresh_token() {
        let (aws, wire) = replay(vec![Answer::ok(CONSOLE_TOKEN)]);
        let RefreshedLogin { token, issued_at } = aws
            .refresh_console_login(Some(&profile()), &console_token())
            .await
            .ok()
            .unwrap();
        assert_eq!(issued_at, now());
        assert_eq!(token.access.access_key_id, "ASIANEW");
        assert_eq!(
            token.access.expires_at,
            Some(now() + SignedDuration::from_mins(15))
        );
        assert!(token.refresh_token == Secret::new("fixture-refresh-token-2".into()));
        assert!(token.dpop_key_pem == console_token().dpop_key_pem);
        assert_eq!(token.account, console_token().account);
        assert_eq!(
            sent(&wire),
            [
                r#"{"clientId":"arn:aws:signin:::devtools/same-device","grantType":"refresh_token","refreshToken":"fixture-refresh-token"}"#
            ]
        );
        let request = wire.actual_requests().next().unwrap();
        assert_eq!(
            request.uri(),
            "https://eu-central-1.signin.aws.amazon.com/v1/token"
        );
        assert!(request.headers().get("dpop").is_some());
        assert_eq!(request.headers().get("authorization"), None);
    }

    #[tokio::test]
    async fn a_key_of_either_format_will_do_and_no_other() {
        let pkcs8 = ConsoleToken {
            dpop_key_pem: Secret::new(DPOP_KEY_PKCS8.into()),
            ..console_token()
        };
        let (aws, _) = replay(vec![Answer::ok(CONSOLE_TOKEN)]);
        assert!(aws.refresh_console_login(None, &pkcs8).await.is_ok());
        let none = ConsoleToken {
            dpop_key_pem: Secret::new("no key".into()),
            ..console_token()
        };
        let (aws, wire) = replay(vec![Answer::ok(CONSOLE_TOKEN)]);
        let error = aws.refresh_console_login(None, &none).await.err().unwrap();
        assert_eq!(error.code, ErrorCode::SignInOver);
        assert_eq!(wire.actual_requests().count(), 0);
    }

    #[tokio::test]
    async fn a_sign_in_that_is_over_says_how_to_begin_anew() {
        let rows = [
            ("TOKEN_EXPIRED", ErrorCode::SignInOver),
            ("USER_CREDENTIALS_CHANGED", ErrorCode::SignInOver),
            ("INSUFFICIENT_PERMISSIONS", ErrorCode::AccessDenied),
        ];
        for (error, expected) in rows {
            let (aws, _) = replay(vec![denied(error)]);
            let refused = aws
                .refresh_console_login(Some(&profile()), &console_token())
                .await
                .err()
                .unwrap();
            assert_eq!(refused.code, expected);
            assert_eq!(
                refused.message,
                format!("signin:CreateOAuth2Token failed: {error}: in their words")
            );
            assert_eq!(
                refused.remedy.contains("`aws login --profile deploy`"),
                expected == ErrorCode::SignInOver
            );
        }
    }

    #[tokio::test]
    async fn the_region_of_the_file_counts_then_the_profiles_then_one_that_all_have() {
        let config = "[profile deploy]\nregion = us-west-2\n[profile none]\n[profile here]\nendpoint_url = http://127.0.0.1:7\n";
        let rows = [
            (
                "deploy",
                Some("eu-west-1"),
                "https://eu-west-1.signin.aws.amazon.com/v1/token",
            ),
            (
                "deploy",
                None,
                "https://us-west-2.signin.aws.amazon.com/v1/token",
            ),
            (
                "none",
                None,
                "https://us-east-1.signin.aws.amazon.com/v1/token",
            ),
            (
                "none",
                Some("cn-north-1"),
                "https://cn-north-1.signin.amazonaws.cn/v1/token",
            ),
            ("here", Some("eu-west-1"), "http://127.0.0.1:7/v1/token"),
        ];
        for (name, region, expected) in rows {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), config).unwrap();
            let (_, wire) = replay(vec![Answer::ok(CONSOLE_TOKEN)]);
            let aws = aws_with(file.path().to_owned(), wire.clone());
            let token = ConsoleToken {
                region: region.map(str::to_owned),
                ..console_token()
            };
            let profile = ProfileName::new(name);
            aws.refresh_console_login(Some(&profile), &token)
                .await
                .map(drop)
                .unwrap();
            assert_eq!(wire.actual_requests().next().unwrap().uri(), expected);
        }
    }

    #[tokio::test]
    async fn a_wrong_clock_that_the_refusal_tells_of_costs_one_more_try() {
        let refused = Answer {
            header: Some(("date", "Thu, 01 Jan 2026 10:20:00 GMT")),
            error_type: Some("ValidationException"),
            ..denied("INVALID_REQUEST")
        };
        let (aws, wire) = replay(vec![refused.clone(), Answer::ok(CONSOLE_TOKEN)]);
        let refreshed = aws
            .refresh_console_login(None, &console_token())
            .await
            .ok()
            .unwrap();
        assert_eq!(wire.actual_requests().count(), 2);
        assert!(refreshed.issued_at >= now() + SignedDuration::from_mins(20));
        let (aws, wire) = replay(vec![refused.clone(), refused.clone(), refused]);
        assert!(
            aws.refresh_console_login(None, &console_token())
                .await
                .is_err()
        );
        assert_eq!(wire.actual_requests().count(), 2);
    }

    #[tokio::test]
    async fn an_answer_that_lacks_a_part_is_not_taken() {
        let parts = [
            ("\"ASIANEW\"", "\"\""),
            ("\"fixture-session-token\"", "\"\""),
            ("\"fixture-refresh-token-2\"", "\"\""),
            ("\"expiresIn\":900", "\"expiresIn\":0"),
            ("accessToken", "other"),
        ];
        for (part, broken) in parts {
            let (aws, _) = replay(vec![Answer::ok(&CONSOLE_TOKEN.replace(part, broken))]);
            let error = aws
                .refresh_console_login(None, &console_token())
                .await
                .err()
                .unwrap();
            assert_eq!(error.code, ErrorCode::ServiceTrouble, "{part}: {error}");
        }
    }
}
