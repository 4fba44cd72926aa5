//! STS: sessions of users, and who somebody is.

use aws_sdk_sts::types::{Credentials as Reply, PolicyDescriptorType};
use jiff::{SignedDuration, Timestamp};
use sandglass_core::error::RenewalError;
use sandglass_core::names::{AccountId, MfaSerial, ProfileName};
use sandglass_core::secret::{Credentials, MfaCode, Secret};
use sandglass_core::session::FederationTokenRenewal;

use crate::call::{Call, StsCall, guarded};
use crate::failure::answered;
use crate::{Asked, Aws};

/// Credentials that AWS just gave.
pub struct Issued {
    /// They carry their end.
    pub credentials: Credentials,
    /// When they were asked for (UTC), by AWS's clock.
    pub issued_at: Timestamp,
    /// Who they are, where a role was assumed; the AWS CLI's cache keeps it beside them.
    pub assumed_role: Option<AssumedRole>,
}

impl Issued {
    /// The reply as a session; none where a part of it is missing.
    pub(crate) fn read(
        reply: Option<&Reply>,
        asked: &Asked,
        assumed_role: Option<AssumedRole>,
    ) -> Option<Self> {
        Some(Self {
            credentials: kept(reply?)?,
            issued_at: asked.by_aws(),
            assumed_role,
        })
    }
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
    /// `sts:GetSessionToken`: a session from long-lived keys, and an MFA session where a code comes along.
    pub async fn get_session_token(
        &self,
        profile: &ProfileName,
        duration: SignedDuration,
        credentials: &Credentials,
        with: Option<(&MfaSerial, &MfaCode)>,
    ) -> Result<Issued, RenewalError> {
        let call = Call::Sts(StsCall::GetSessionToken);
        let settings = self.signed_settings(profile, credentials).await?;
        let asked = self.asked();
        let request = aws_sdk_sts::Client::new(&settings)
            .get_session_token()
            .set_serial_number(with.map(|(device, _)| device.as_str().to_owned()))
            .set_token_code(with.map(|(_, code)| code.expose().to_owned()))
            .duration_seconds(whole_seconds(duration));
        guarded(call, async move {
            let reply = answered(call, |address| {
                request.customize().interceptor(address).send()
            })
            .await?;
            Issued::read(reply.credentials(), &asked, None).ok_or_else(|| call.incomplete())
        })
        .await
    }

    /// `sts:GetFederationToken`: a session from long-lived keys that may do what its policies and those of the keys both
    /// allow. Without a policy it may do nothing.
    pub async fn get_federation_token(
        &self,
        profile: &ProfileName,
        federation: &FederationTokenRenewal,
        credentials: &Credentials,
    ) -> Result<Issued, RenewalError> {
        let call = Call::Sts(StsCall::GetFederationToken);
        let settings = self.signed_settings(profile, credentials).await?;
        let asked = self.asked();
        let policies = federation
            .policy_arns
            .iter()
            .map(|arn| PolicyDescriptorType::builder().arn(arn).build());
        let request = aws_sdk_sts::Client::new(&settings)
            .get_federation_token()
            .name(&federation.user)
            .set_policy(federation.policy.clone())
            .set_policy_arns((!federation.policy_arns.is_empty()).then(|| policies.collect()))
            .duration_seconds(whole_seconds(federation.duration));
        guarded(call, async move {
            let reply = answered(call, |address| {
                request.customize().interceptor(address).send()
            })
            .await?;
            Issued::read(reply.credentials(), &asked, None).ok_or_else(|| call.incomplete())
        })
        .await
    }

    /// `sts:GetCallerIdentity`: needs no permission, and tells whether credentials still work. Those that ended are
    /// refused with `SourceExpired`, those that AWS does not know any more with `SourceInvalid`.
    ///
    /// No policy can forbid this call: a role session that an administrator revoked is still accepted here.
    pub async fn caller_identity(
        &self,
        profile: &ProfileName,
        credentials: &Credentials,
    ) -> Result<Caller, RenewalError> {
        let call = Call::Sts(StsCall::GetCallerIdentity);
        let settings = self.signed_settings(profile, credentials).await?;
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
pub(crate) fn whole_seconds(duration: SignedDuration) -> i32 {
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
        Answer, FEDERATED, IDENTITY, SESSION, code, device, federation, keys, make, profile,
        replay, sent,
    };
    use sandglass_core::error::ErrorCode;

    #[tokio::test]
    async fn an_mfa_session_lives_as_long_as_was_asked() {
        let (aws, wire) = replay(vec![Answer::ok(SESSION)]);
        let issued = aws
            .get_session_token(
                &profile(),
                SignedDuration::from_hours(12),
                &keys(),
                Some((&device(), &code())),
            )
            .await
            .ok()
            .unwrap();
        assert_eq!(
            issued.credentials.expires_at,
            "2026-01-01T22:00:00Z".parse().ok()
        );
        assert_eq!(
            sent(&wire),
            [
                "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=43200\
              &SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Falice&TokenCode=493817"
            ]
        );
    }

    #[tokio::test]
    async fn a_session_without_a_code_names_no_device() {
        let (aws, wire) = replay(vec![Answer::ok(SESSION)]);
        aws.get_session_token(&profile(), SignedDuration::from_mins(15), &keys(), None)
            .await
            .map(drop)
            .unwrap();
        assert_eq!(
            sent(&wire),
            ["Action=GetSessionToken&Version=2011-06-15&DurationSeconds=900"]
        );
    }

    #[tokio::test]
    async fn a_federated_user_gets_its_policies_and_its_time() {
        let (aws, wire) = replay(vec![Answer::ok(FEDERATED)]);
        let issued = aws
            .get_federation_token(&profile(), &federation(), &keys())
            .await
            .ok()
            .unwrap();
        assert_eq!(
            issued.credentials.expires_at,
            "2026-01-01T22:00:00Z".parse().ok()
        );
        assert_eq!(
            sent(&wire),
            ["Action=GetFederationToken&Version=2011-06-15&Name=guest\
              &Policy=%7B%22Version%22%3A%222012-10-17%22%7D\
              &PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess&DurationSeconds=43200"]
        );
    }

    #[tokio::test]
    async fn a_federated_user_without_policies_sends_none() {
        let (aws, wire) = replay(vec![Answer::ok(FEDERATED)]);
        let federation = FederationTokenRenewal {
            policy: None,
            policy_arns: Vec::new(),
            ..federation()
        };
        aws.get_federation_token(&profile(), &federation, &keys())
            .await
            .map(drop)
            .unwrap();
        assert_eq!(
            sent(&wire),
            ["Action=GetFederationToken&Version=2011-06-15&Name=guest&DurationSeconds=43200"]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_check_tells_what_ended_from_what_is_unknown_and_from_silence() {
        let ended = Answer::sts(
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
        );
        let unknown = Answer::sts(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        );
        let rows = [
            (vec![ended], ErrorCode::SourceExpired),
            (vec![unknown], ErrorCode::SourceInvalid),
            (Vec::new(), ErrorCode::Unreachable),
        ];
        for (answers, expected) in rows {
            let (aws, _) = replay(answers);
            let error = aws.caller_identity(&profile(), &keys()).await.unwrap_err();
            assert_eq!(error.code, expected, "{error}");
        }
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
        let federated = FEDERATED.replace("fixture-session-token", "");
        let rows = [
            (StsCall::GetSessionToken, empty.as_str()),
            (StsCall::GetSessionToken, none),
            (StsCall::GetFederationToken, &federated),
        ];
        for (call, body) in rows {
            let (aws, _) = replay(vec![Answer::ok(body)]);
            let error = make(&aws, Call::Sts(call)).await.unwrap_err();
            assert_eq!(error.code, ErrorCode::ServiceTrouble, "{error}");
        }
    }
}
