//! One call to AWS: its name, its own task, the address that it went to.

use std::future::Future;
use std::sync::{Arc, OnceLock};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use sandglass_core::error::{ErrorCode, RenewalError};
use tokio::task::JoinSet;

/// Which call, by the part of AWS that answers it: each has error codes of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// To the Security Token Service.
    Sts(StsCall),
    /// To Identity Center's sign-in.
    Oidc(OidcCall),
    /// To the Identity Center portal.
    Portal(PortalCall),
    /// To Sign-In, which the console and `aws login` begin at.
    SignIn(SignInCall),
    /// To IAM.
    Iam(IamCall),
}

/// The same refusal means different things in different calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StsCall {
    /// Without a code.
    AssumeRole,
    /// With a code in it.
    AssumeRoleWithCode,
    /// With the token of an identity provider in place of credentials.
    AssumeRoleWithWebIdentity,
    /// With long-lived keys, and a code or none.
    GetSessionToken,
    /// With long-lived keys.
    GetFederationToken,
    /// Needs nothing but working credentials.
    GetCallerIdentity,
}

/// The steps of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OidcCall {
    /// Registration of this program.
    RegisterClient,
    /// The beginning.
    StartDeviceAuthorization,
    /// `CreateToken` for a device code: was it approved?
    AwaitApproval,
    /// `CreateToken` for a refresh token.
    Refresh,
}

/// What an access token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PortalCall {
    /// The accounts that the person may use: needs nothing but a sign-in that works.
    ListAccounts,
    /// Credentials of a role.
    GetRoleCredentials,
    /// The end of the sign-in.
    Logout,
}

/// What Sign-In gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignInCall {
    /// `CreateOAuth2Token` for the refresh token of `aws login`.
    Refresh,
    /// A token that opens the console; no SDK models it.
    GetSigninToken,
}

/// What IAM is asked of a role: how long may its sessions be?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IamCall {
    /// Tells it.
    GetRole,
    /// Changes it.
    UpdateRole,
}

impl Call {
    /// The name of the operation as policies and logs of AWS write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sts(StsCall::AssumeRole | StsCall::AssumeRoleWithCode) => "sts:AssumeRole",
            Self::Sts(StsCall::AssumeRoleWithWebIdentity) => "sts:AssumeRoleWithWebIdentity",
            Self::Sts(StsCall::GetSessionToken) => "sts:GetSessionToken",
            Self::Sts(StsCall::GetFederationToken) => "sts:GetFederationToken",
            Self::Sts(StsCall::GetCallerIdentity) => "sts:GetCallerIdentity",
            Self::Oidc(OidcCall::RegisterClient) => "sso-oidc:RegisterClient",
            Self::Oidc(OidcCall::StartDeviceAuthorization) => "sso-oidc:StartDeviceAuthorization",
            Self::Oidc(OidcCall::AwaitApproval | OidcCall::Refresh) => "sso-oidc:CreateToken",
            Self::Portal(PortalCall::ListAccounts) => "sso:ListAccounts",
            Self::Portal(PortalCall::GetRoleCredentials) => "sso:GetRoleCredentials",
            Self::Portal(PortalCall::Logout) => "sso:Logout",
            Self::SignIn(SignInCall::Refresh) => "signin:CreateOAuth2Token",
            Self::SignIn(SignInCall::GetSigninToken) => "signin:GetSigninToken",
            Self::Iam(IamCall::GetRole) => "iam:GetRole",
            Self::Iam(IamCall::UpdateRole) => "iam:UpdateRole",
        }
    }

    /// A reply that says yes and lacks what was asked for.
    pub(crate) fn incomplete(self) -> RenewalError {
        RenewalError::new(
            ErrorCode::ServiceTrouble,
            format!("{} was answered without what it asks for", self.name()),
            "Check the endpoint settings of the profile if this stays: AWS itself answers in full.",
        )
    }
}

/// Runs a call in a task of its own, which ends with the caller: the SDK has panicked over clocks that were set back, and
/// that must cost one renewal and not the agent.
pub(crate) async fn guarded<T: Send + 'static>(
    call: Call,
    work: impl Future<Output = Result<T, RenewalError>> + Send + 'static,
) -> Result<T, RenewalError> {
    let mut task = JoinSet::new();
    task.spawn(work);
    match task.join_next().await {
        Some(Ok(result)) => result,
        Some(Err(_)) | None => Err(RenewalError::new(
            ErrorCode::Internal,
            format!("{} failed inside Sandglass", call.name()),
            "Try again; if it stays, report it as a defect of Sandglass.",
        )),
    }
}

/// Learns the address that a call is sent to, for the message should nobody answer there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Address(Arc<OnceLock<String>>);

impl Address {
    /// Scheme, host and port.
    pub(crate) fn as_str(&self) -> &str {
        self.0.get().map_or("AWS", String::as_str)
    }
}

impl Intercept for Address {
    fn name(&self) -> &'static str {
        "Address"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let uri = context.request().uri();
        let end = uri
            .find("://")
            .and_then(|scheme| uri[scheme + 3..].find('/').map(|path| scheme + 3 + path));
        let _ = self.0.set(uri[..end.unwrap_or(uri.len())].to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_inside_a_call_costs_that_call_only() {
        let result: Result<(), _> = guarded(Call::Oidc(OidcCall::Refresh), async {
            panic!("last_refresh is in the past")
        })
        .await;
        assert_eq!(result.unwrap_err().code, ErrorCode::Internal);
    }

    #[tokio::test]
    async fn a_call_that_nobody_waits_for_is_ended() {
        let (alive, ended) = tokio::sync::oneshot::channel::<()>();
        let mut call = Box::pin(guarded(Call::Oidc(OidcCall::AwaitApproval), async move {
            let _alive = alive;
            std::future::pending::<Result<(), RenewalError>>().await
        }));
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(call.as_mut().poll(context).is_pending())
        });
        assert!(polled.await);
        drop(call);
        assert!(ended.await.is_err());
    }
}
