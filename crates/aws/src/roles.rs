//! STS: roles, assumed with credentials or with the token of an identity provider.

use std::error::Error;
use std::fmt;

use aws_sdk_sts::types::AssumedRoleUser;
use sandglass_core::error::RenewalError;
use sandglass_core::names::ProfileName;
use sandglass_core::secret::{Credentials, MfaCode, Secret};
use sandglass_core::session::{DurationLimit, RoleRenewal, WebIdentityRenewal};

use crate::call::{Address, Call, StsCall, guarded};
use crate::failure::{Refusal, answered, explain};
use crate::sts::whole_seconds;
use crate::{AssumedRole, Aws, Issued, refusals};

/// Why a role was not given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssumeRoleError {
    /// It was asked for longer than it is given: a shorter session is to be had.
    TooLong {
        /// Whose limit that is.
        limit: DurationLimit,
        /// AWS's words, and the remedy.
        error: RenewalError,
    },
    /// Anything else.
    Failed(RenewalError),
}

impl From<RenewalError> for AssumeRoleError {
    fn from(error: RenewalError) -> Self {
        Self::Failed(error)
    }
}

impl From<AssumeRoleError> for RenewalError {
    fn from(error: AssumeRoleError) -> Self {
        match error {
            AssumeRoleError::TooLong { error, .. } | AssumeRoleError::Failed(error) => error,
        }
    }
}

impl fmt::Display for AssumeRoleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { error, .. } | Self::Failed(error) => error.fmt(f),
        }
    }
}

impl Error for AssumeRoleError {}

impl Aws {
    /// `sts:AssumeRole`, with the code inside the call where the role asks for one: so the role keeps its full duration,
    /// which it would lose behind a `GetSessionToken` (role chaining).
    pub async fn assume_role(
        &self,
        profile: &ProfileName,
        role: &RoleRenewal,
        credentials: &Credentials,
        code: Option<&MfaCode>,
    ) -> Result<Issued, AssumeRoleError> {
        let settings = self.signed_settings(profile, credentials).await?;
        let asked = self.asked();
        // AWS wants serial and code together or neither.
        let with_code = code.zip(role.mfa_serial.as_ref());
        let call = match with_code {
            Some(_) => Call::Sts(StsCall::AssumeRoleWithCode),
            None => Call::Sts(StsCall::AssumeRole),
        };
        let request = aws_sdk_sts::Client::new(&settings)
            .assume_role()
            .role_arn(&role.role_arn)
            .role_session_name(self.session_name(role.session_name.as_deref()))
            .set_external_id(role.external_id.clone())
            .set_duration_seconds(role.asked().map(whole_seconds))
            .set_serial_number(with_code.map(|(_, serial)| serial.as_str().to_owned()))
            .set_token_code(with_code.map(|(code, _)| code.expose().to_owned()));
        let address = Address::default();
        let answer = guarded(call, async move {
            let answer = request
                .customize()
                .interceptor(address.clone())
                .send()
                .await;
            Ok(answer.map_err(|error| {
                let limit = Refusal::of(call, &error)
                    .as_ref()
                    .and_then(refusals::duration_limit);
                let error = explain(call, &address, &error);
                match limit {
                    Some(limit) => AssumeRoleError::TooLong { limit, error },
                    None => AssumeRoleError::Failed(error),
                }
            }))
        })
        .await?;
        let reply = answer?;
        let assumed_role = reply.assumed_role_user().map(named);
        Issued::read(reply.credentials(), &asked, assumed_role)
            .ok_or_else(|| AssumeRoleError::Failed(call.incomplete()))
    }

    /// `sts:AssumeRoleWithWebIdentity` with the token that lies in the file of the definition right now. The call is not
    /// signed: the token is all that it needs.
    pub async fn assume_role_with_web_identity(
        &self,
        profile: &ProfileName,
        role: &WebIdentityRenewal,
        token: &Secret,
    ) -> Result<Issued, RenewalError> {
        let call = Call::Sts(StsCall::AssumeRoleWithWebIdentity);
        let settings = self.unsigned_settings(Some(profile), None).await?;
        let asked = self.asked();
        let request = aws_sdk_sts::Client::new(&settings)
            .assume_role_with_web_identity()
            .role_arn(&role.role_arn)
            .role_session_name(self.session_name(role.session_name.as_deref()))
            .web_identity_token(token.expose());
        guarded(call, async move {
            let reply = answered(call, |address| {
                request.customize().interceptor(address).send()
            })
            .await?;
            let assumed_role = reply.assumed_role_user().map(named);
            Issued::read(reply.credentials(), &asked, assumed_role).ok_or_else(|| call.incomplete())
        })
        .await
    }

    /// The configured name, or one that tells readers of AWS's logs who asked and when.
    fn session_name(&self, configured: Option<&str>) -> String {
        configured.map_or_else(
            || format!("sandglass-{}", self.now().as_second()),
            str::to_owned,
        )
    }
}

fn named(user: &AssumedRoleUser) -> AssumedRole {
    AssumedRole {
        arn: user.arn().to_owned(),
        id: user.assumed_role_id().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        ASSUMED, Answer, WEB_ASSUMED, WEB_TOKEN, code, keys, now, profile, replay, role, sent,
        web_identity,
    };
    use jiff::SignedDuration;
    use sandglass_core::error::ErrorCode;
    use sandglass_core::session::Allowed;

    #[tokio::test]
    async fn the_code_goes_into_the_call_that_assumes_the_role() {
        let (aws, wire) = replay(vec![Answer::ok(ASSUMED)]);
        let issued = aws
            .assume_role(&profile(), &role(), &keys(), Some(&code()))
            .await
            .ok()
            .unwrap();
        assert_eq!(issued.credentials.access_key_id, "ASIANEW");
        assert_eq!(
            issued.credentials.expires_at,
            "2026-01-01T12:00:00Z".parse().ok()
        );
        assert_eq!(issued.issued_at, now());
        assert_eq!(
            issued.assumed_role.unwrap().id,
            "AROAX:sandglass-1767261600"
        );
        assert_eq!(
            sent(&wire),
            [
                "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdeploy\
              &RoleSessionName=sandglass-1767261600&DurationSeconds=7200&ExternalId=ext\
              &SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Falice&TokenCode=493817"
            ]
        );
    }

    #[tokio::test]
    async fn without_a_code_no_device_is_named() {
        let (aws, wire) = replay(vec![Answer::ok(ASSUMED)]);
        let role = RoleRenewal {
            session_name: Some("me".into()),
            duration: None,
            external_id: None,
            ..role()
        };
        aws.assume_role(&profile(), &role, &keys(), None)
            .await
            .map(drop)
            .unwrap();
        assert_eq!(
            sent(&wire),
            [
                "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdeploy\
              &RoleSessionName=me"
            ]
        );
    }

    #[tokio::test]
    async fn what_aws_allowed_is_asked_in_place_of_what_was_too_long() {
        let (aws, wire) = replay(vec![Answer::ok(ASSUMED)]);
        let role = RoleRenewal {
            allowed: Some(Allowed {
                asked: SignedDuration::from_hours(2),
                granted: SignedDuration::from_hours(1),
                limit: DurationLimit::RoleMaximum,
            }),
            ..role()
        };
        aws.assume_role(&profile(), &role, &keys(), None)
            .await
            .map(drop)
            .unwrap();
        assert!(sent(&wire)[0].contains("&DurationSeconds=3600&"));
    }

    #[tokio::test]
    async fn a_duration_that_is_too_long_says_whose_limit_it_exceeds() {
        let rows = [
            (
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
                DurationLimit::RoleMaximum,
            ),
            (
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
                DurationLimit::RoleChaining,
            ),
        ];
        for (text, expected) in rows {
            let (aws, _) = replay(vec![Answer::sts(400, "ValidationError", text)]);
            let refused = aws.assume_role(&profile(), &role(), &keys(), None).await;
            let Err(AssumeRoleError::TooLong { limit, error }) = refused else {
                panic!("{text}");
            };
            assert_eq!(limit, expected);
            assert_eq!(error.code, ErrorCode::DurationTooLong);
            assert!(error.message.ends_with(text), "{error}");
        }
    }

    #[tokio::test]
    async fn other_refusals_are_about_no_limit() {
        let text = "1 validation error detected: Value '60' at 'durationSeconds' failed to satisfy constraint";
        let (aws, _) = replay(vec![Answer::sts(400, "ValidationError", text)]);
        let refused = aws.assume_role(&profile(), &role(), &keys(), None).await;
        assert!(matches!(refused, Err(AssumeRoleError::Failed(_))));
    }

    #[tokio::test]
    async fn a_web_identity_needs_its_token_and_no_signature() {
        let (aws, wire) = replay(vec![Answer::ok(WEB_ASSUMED)]);
        let token = Secret::new(WEB_TOKEN.into());
        let issued = aws
            .assume_role_with_web_identity(&profile(), &web_identity(), &token)
            .await
            .ok()
            .unwrap();
        assert_eq!(
            issued.credentials.expires_at,
            "2026-01-01T11:00:00Z".parse().ok()
        );
        assert_eq!(issued.assumed_role.unwrap().id, "AROAX:ci");
        assert_eq!(
            sent(&wire),
            ["Action=AssumeRoleWithWebIdentity&Version=2011-06-15\
              &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fci&RoleSessionName=ci\
              &WebIdentityToken=fixture-web-identity-token"]
        );
        let request = wire.actual_requests().next().unwrap();
        assert_eq!(request.headers().get("authorization"), None);
    }

    #[tokio::test]
    async fn a_role_session_without_keys_is_no_session() {
        let empty = WEB_ASSUMED.replace("fixture-session-token", "");
        let (aws, _) = replay(vec![Answer::ok(&empty)]);
        let token = Secret::new(WEB_TOKEN.into());
        let error = aws
            .assume_role_with_web_identity(&profile(), &web_identity(), &token)
            .await
            .err()
            .unwrap();
        assert_eq!(error.code, ErrorCode::ServiceTrouble, "{error}");
        let (aws, _) = replay(vec![Answer::ok(&ASSUMED.replace("ASIANEW", ""))]);
        let refused = aws.assume_role(&profile(), &role(), &keys(), None).await;
        assert!(matches!(refused, Err(AssumeRoleError::Failed(_))));
    }
}
