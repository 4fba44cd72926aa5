//! STS: roles, MFA sessions, and who somebody is.

use aws_sdk_sts::types::Credentials as Reply;
use jiff::{SignedDuration, Timestamp};
use sandglass_core::error::RenewalError;
use sandglass_core::names::{AccountId, MfaSerial, ProfileName};
use sandglass_core::secret::{Credentials, MfaCode, Secret};
use sandglass_core::session::RoleRenewal;

use crate::Aws;
use crate::call::{Call, StsCall, guarded};
use crate::failure::answered;

/// Credentials that AWS just gave.
pub struct Issued {
    /// They carry their end.
    pub credentials: Credentials,
    /// When they were asked for (UTC), by the clock that was handed in.
    pub issued_at: Timestamp,
    /// Who they are, where a role was assumed; the AWS CLI's cache keeps it beside them.
    pub assumed_role: Option<AssumedRole>,
}

/// A role session as STS names it (`AssumedRoleUser`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumedRole {
    /// `arn:aws:sts::123456789012:assumed-role/deploy/sandglass-1767225600`.
    pub arn: String,
    /// `AROA…:sandglass-1767225600`.
    pub id: String,
}

/// Whose credentials these are (`GetCallerIdentity`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user or role session.
    pub arn: String,
    /// The account that it belongs to.
    pub account: AccountId,
}

impl Aws {
    /// `sts:AssumeRole`, with the code inside the call where the role asks for one: so the role keeps its full duration,
    /// which it would lose behind a `GetSessionToken` (role chaining).
    pub async fn assume_role(
        &self,
        profile: &ProfileName,
        role: &RoleRenewal,
        credentials: &Credentials,
        code: Option<&MfaCode>,
    ) -> Result<Issued, RenewalError> {
        let issued_at = self.now();
        let settings = self.sts_settings(profile, credentials).await?;
        let session_name = role
            .session_name
            .clone()
            .unwrap_or_else(|| format!("sandglass-{}", issued_at.as_second()));
        // AWS wants serial and code together or neither.
        let with_code = code.zip(role.mfa_serial.as_ref());
        let call = match with_code {
            Some(_) => Call::Sts(StsCall::AssumeRoleWithCode),
            None => Call::Sts(StsCall::AssumeRole),
        };
        let request = aws_sdk_sts::Client::new(&settings)
            .assume_role()
            .role_arn(&role.role_arn)
            .role_session_name(session_name)
            .set_external_id(role.external_id.clone())
            .set_duration_seconds(role.duration.map(whole_seconds))
            .set_serial_number(with_code.map(|(_, serial)| serial.as_str().to_owned()))
            .set_token_code(with_code.map(|(code, _)| code.expose().to_owned()));
        guarded(call, async move {
            let reply = answered(call, |address| {
                request.customize().interceptor(address).send()
            })
            .await?;
            let credentials = reply
                .credentials()
                .and_then(kept)
                .ok_or_else(|| call.incomplete())?;
            let assumed_role = reply.assumed_role_user().map(|user| AssumedRole {
                arn: user.arn().to_owned(),
                id: user.assumed_role_id().to_owned(),
            });
            Ok(Issued {
                credentials,
                issued_at,
                assumed_role,
            })
        })
        .await
    }

    /// `sts:GetSessionToken` with a code: an MFA session from long-lived keys.
    pub async fn get_session_token(
        &self,
        profile: &ProfileName,
        device: &MfaSerial,
        duration: SignedDuration,
        credentials: &Credentials,
        code: &MfaCode,
    ) -> Result<Issued, RenewalError> {
        let call = Call::Sts(StsCall::GetSessionToken);
        let issued_at = self.now();
        let settings = self.sts_settings(profile, credentials).await?;
        let request = aws_sdk_sts::Client::new(&settings)
            .get_session_token()
            .serial_number(device.as_str())
            .token_code(code.expose())
            .duration_seconds(whole_seconds(duration));
        guarded(call, async move {
            let reply = answered(call, |address| {
                request.customize().interceptor(address).send()
            })
            .await?;
            let credentials = reply
                .credentials()
                .and_then(kept)
                .ok_or_else(|| call.incomplete())?;
            Ok(Issued {
                credentials,
                issued_at,
                assumed_role: None,
            })
        })
        .await
    }

    /// `sts:GetCallerIdentity`: needs no permission, and tells whether credentials still work.
    pub async fn caller_identity(
        &self,
        profile: &ProfileName,
        credentials: &Credentials,
    ) -> Result<Caller, RenewalError> {
        let call = Call::Sts(StsCall::GetCallerIdentity);
        let settings = self.sts_settings(profile, credentials).await?;
        let request = aws_sdk_sts::Client::new(&settings).get_caller_identity();
        guarded(call, async move {
            let reply = answered(call, |address| {
                request.customize().interceptor(address).send()
            })
            .await?;
            match (reply.arn, reply.account) {
                (Some(arn), Some(account)) => Ok(Caller {
                    arn,
                    account: AccountId::new(account),
                }),
                _ => Err(call.incomplete()),
            }
        })
        .await
    }
}

/// What AWS counts durations in. A duration beyond its range is refused by AWS, in its own words.
fn whole_seconds(duration: SignedDuration) -> i32 {
    i32::try_from(duration.as_secs()).unwrap_or(i32::MAX)
}

/// The reply as credentials; none where a part is missing, which the SDK fills with empty text.
fn kept(reply: &Reply) -> Option<Credentials> {
    let parts = [
        reply.access_key_id(),
        reply.secret_access_key(),
        reply.session_token(),
    ];
    if parts.iter().any(|part| part.is_empty()) {
        return None;
    }
    let expires_at = Timestamp::from_second(reply.expiration().secs()).ok()?;
    Some(Credentials {
        access_key_id: reply.access_key_id().to_owned(),
        secret_access_key: Secret::new(reply.secret_access_key().to_owned()),
        session_token: Some(Secret::new(reply.session_token().to_owned())),
        expires_at: Some(expires_at),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        ASSUMED, Answer, IDENTITY, SESSION, code, device, keys, make, now, profile, replay, role,
        sent,
    };
    use sandglass_core::error::ErrorCode;

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
    async fn an_mfa_session_lives_as_long_as_was_asked() {
        let (aws, wire) = replay(vec![Answer::ok(SESSION)]);
        let issued = aws
            .get_session_token(
                &profile(),
                &device(),
                SignedDuration::from_hours(12),
                &keys(),
                &code(),
            )
            .await
            .ok()
            .unwrap();
        assert_eq!(
            issued.credentials.expires_at,
            "2026-01-01T22:00:00Z".parse().ok()
        );
        assert!(sent(&wire)[0].contains("DurationSeconds=43200"));
    }

    #[tokio::test]
    async fn a_caller_learns_who_it_is() {
        let (aws, _) = replay(vec![Answer::ok(IDENTITY)]);
        let caller = aws.caller_identity(&profile(), &keys()).await.unwrap();
        assert_eq!(caller.arn, "arn:aws:iam::123456789012:user/alice");
        assert_eq!(caller.account.as_str(), "123456789012");
    }

    #[tokio::test]
    async fn a_reply_without_keys_is_no_session() {
        let empty = SESSION.replace("fixture-secret-access-key", "");
        let none = "<GetSessionTokenResponse><GetSessionTokenResult/></GetSessionTokenResponse>";
        for body in [empty.as_str(), none] {
            let (aws, _) = replay(vec![Answer::ok(body)]);
            let error = make(&aws, Call::Sts(StsCall::GetSessionToken))
                .await
                .unwrap_err();
            assert_eq!(error.code, ErrorCode::ServiceTrouble, "{error}");
        }
    }
}
