//! The Identity Center portal: role credentials, whether a sign-in works, and its end.

use jiff::Timestamp;
use sandglass_core::error::RenewalError;
use sandglass_core::names::{AccountId, ProfileName};
use sandglass_core::secret::{Credentials, Secret};
use sandglass_core::session::Portal;

use crate::call::{Call, PortalCall, guarded};
use crate::failure::answered;
use crate::{Aws, Issued};

impl Aws {
    /// `sso:GetRoleCredentials`. They live as long as the permission set says; nobody can ask for more.
    pub async fn role_credentials(
        &self,
        portal: &Portal,
        profile: Option<&ProfileName>,
        access_token: &Secret,
        account: &AccountId,
        role_name: &str,
    ) -> Result<Issued, RenewalError> {
        let call = Call::Portal(PortalCall::GetRoleCredentials);
        let asked = self.asked();
        let settings = self.portal_settings(portal, profile).await?;
        let request = aws_sdk_sso::Client::new(&settings)
            .get_role_credentials()
            .access_token(access_token.expose())
            .account_id(account.as_str())
            .role_name(role_name);
        guarded(call, async move {
            let reply = answered(call, |address| {
                request.customize().interceptor(address).send()
            })
            .await?;
            let keys = reply.role_credentials.ok_or_else(|| call.incomplete())?;
            // Milliseconds here, where every other expiry of AWS is in seconds; 0 stands for a missing field.
            let expires_at = Timestamp::from_millisecond(keys.expiration)
                .ok()
                .filter(|_| keys.expiration > 0);
            let (Some(access_key_id), Some(secret), Some(token), Some(expires_at)) = (
                keys.access_key_id,
                keys.secret_access_key,
                keys.session_token,
                expires_at,
            ) else {
                return Err(call.incomplete());
            };
            let credentials = Credentials {
                access_key_id,
                secret_access_key: Secret::new(secret),
                session_token: Some(Secret::new(token)),
                expires_at: Some(expires_at),
            };
            Ok(Issued {
                credentials,
                issued_at: asked.by_aws(),
                assumed_role: None,
            })
        })
        .await
    }

    /// `sso:ListAccounts`, one of them: needs no permission, and tells whether a sign-in still works.
    pub async fn check_sign_in(
        &self,
        portal: &Portal,
        profile: Option<&ProfileName>,
        access_token: &Secret,
    ) -> Result<(), RenewalError> {
        let call = Call::Portal(PortalCall::ListAccounts);
        let settings = self.portal_settings(portal, profile).await?;
        let request = aws_sdk_sso::Client::new(&settings)
            .list_accounts()
            .access_token(access_token.expose())
            .max_results(1);
        guarded(call, async move {
            answered(call, |address| {
                request.customize().interceptor(address).send()
            })
            .await?;
            Ok(())
        })
        .await
    }

    /// `sso:Logout`: ends the portal session. Role credentials that were given before live on to their own end.
    pub async fn logout(
        &self,
        portal: &Portal,
        profile: Option<&ProfileName>,
        access_token: &Secret,
    ) -> Result<(), RenewalError> {
        let call = Call::Portal(PortalCall::Logout);
        let settings = self.portal_settings(portal, profile).await?;
        let request = aws_sdk_sso::Client::new(&settings)
            .logout()
            .access_token(access_token.expose());
        guarded(call, async move {
            answered(call, |address| {
                request.customize().interceptor(address).send()
            })
            .await?;
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ACCESS_TOKEN, Answer, ROLE, make, portal, replay};
    use sandglass_core::error::ErrorCode;

    #[tokio::test]
    async fn role_credentials_end_when_the_portal_says() {
        let (aws, wire) = replay(vec![Answer::ok(ROLE)]);
        let token = Secret::new(ACCESS_TOKEN.into());
        let account = AccountId::new("123456789012");
        let issued = aws
            .role_credentials(&portal(), None, &token, &account, "Admin")
            .await
            .ok()
            .unwrap();
        assert_eq!(
            issued.credentials.expires_at,
            "2026-01-01T11:00:00.123Z".parse().ok()
        );
        let request = wire.actual_requests().next().unwrap();
        assert_eq!(
            request.uri(),
            "https://portal.sso.eu-central-1.amazonaws.com/federation/credentials?role_name=Admin&account_id=123456789012"
        );
        assert_eq!(
            request.headers().get("x-amz-sso_bearer_token"),
            Some(ACCESS_TOKEN)
        );
        assert_eq!(request.headers().get("authorization"), None);
    }

    #[tokio::test]
    async fn role_credentials_without_an_end_are_not_taken() {
        for missing in [
            "expiration",
            "accessKeyId",
            "secretAccessKey",
            "sessionToken",
        ] {
            let (aws, _) = replay(vec![Answer::ok(&ROLE.replace(missing, "x"))]);
            let error = make(&aws, Call::Portal(PortalCall::GetRoleCredentials))
                .await
                .unwrap_err();
            assert_eq!(error.code, ErrorCode::ServiceTrouble, "{missing}: {error}");
        }
    }

    #[tokio::test]
    async fn a_sign_in_is_checked_with_a_call_that_changes_nothing() {
        let (aws, wire) = replay(vec![Answer::ok(r#"{"accountList":[]}"#)]);
        make(&aws, Call::Portal(PortalCall::ListAccounts))
            .await
            .unwrap();
        let request = wire.actual_requests().next().unwrap();
        assert_eq!(
            request.uri(),
            "https://portal.sso.eu-central-1.amazonaws.com/assignment/accounts?max_result=1"
        );
        assert_eq!(
            request.headers().get("x-amz-sso_bearer_token"),
            Some(ACCESS_TOKEN)
        );
    }

    #[tokio::test]
    async fn logging_out_needs_the_token_only() {
        let (aws, wire) = replay(vec![Answer::ok("")]);
        make(&aws, Call::Portal(PortalCall::Logout)).await.unwrap();
        let request = wire.actual_requests().next().unwrap();
        assert_eq!(
            request.headers().get("x-amz-sso_bearer_token"),
            Some(ACCESS_TOKEN)
        );
    }
}
