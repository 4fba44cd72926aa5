//! Signing in to Identity Center with a device code (RFC 8628), and staying signed in with a refresh token.

use std::time::Duration;

use aws_sdk_ssooidc::operation::create_token::CreateTokenOutput;
use aws_sdk_ssooidc::operation::create_token::builders::CreateTokenFluentBuilder;
use jiff::{SignedDuration, Timestamp};
use sandglass_core::error::{ErrorCode, RenewalError, Retry};
use sandglass_core::names::ProfileName;
use sandglass_core::prompt::DeviceCode;
use sandglass_core::secret::Secret;
use sandglass_core::session::{Portal, PortalStyle};

use crate::call::{Address, Call, OidcCall, guarded};
use crate::failure::{Refusal, answered, explain};
use crate::{Asked, Aws};

/// The name that the portal shows a person who is asked to approve.
const CLIENT_NAME: &str = "Sandglass";
/// Between two tries where the portal names no interval (RFC 8628 section 3.5).
const INTERVAL: Duration = Duration::from_secs(5);
/// What `slow_down` adds to the interval, for good (RFC 8628 section 3.5).
const SLOW_DOWN: Duration = Duration::from_secs(5);

/// This program as a portal knows it (`RegisterClient`). Good for many sign-ins; the AWS CLI's cache keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientRegistration {
    /// Public.
    pub client_id: String,
    /// Secret in name: any program can get one. Kept like a secret all the same.
    pub client_secret: Secret,
    /// When it ends (UTC); about 90 days. Refresh tokens that were given to it end with it.
    pub expires_at: Timestamp,
    /// What was asked for. A refresh token comes only with `sso:account:access`.
    pub scopes: Vec<String>,
}

/// What a sign-in gives (`CreateToken`). No AWS credentials: the key to a portal.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInToken {
    /// For the calls to the portal.
    pub access_token: Secret,
    /// When the access token ends (UTC).
    pub expires_at: Timestamp,
    /// Renews the access token until the portal session ends.
    pub refresh_token: Option<Secret>,
}

/// A sign-in that waits for a person (`StartDeviceAuthorization`).
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceAuthorization {
    /// What the person sees.
    pub code: DeviceCode,
    /// What the token is asked for with.
    pub device_code: Secret,
    /// Between two tries.
    pub interval: Duration,
}

/// The answer to one question whether the sign-in was approved.
enum Approval {
    Given(SignInToken),
    Pending,
    TooFast,
}

impl Aws {
    /// Registers this program with a portal. Registrations are free: each sign-in may make its own.
    ///
    /// The scopes are those of the sso-session and no others, as the AWS CLI does it for device codes: without
    /// `sso_registration_scopes`, and for profiles without an sso-session, no refresh token will come.
    pub async fn register_client(
        &self,
        portal: &Portal,
        profile: Option<&ProfileName>,
    ) -> Result<ClientRegistration, RenewalError> {
        let call = Call::Oidc(OidcCall::RegisterClient);
        let settings = self.portal_settings(portal, profile).await?;
        let scopes = match &portal.style {
            PortalStyle::Session { scopes, .. } => scopes.clone(),
            PortalStyle::Legacy => Vec::new(),
        };
        let asked = (!scopes.is_empty()).then(|| scopes.clone());
        let request = aws_sdk_ssooidc::Client::new(&settings)
            .register_client()
            .client_name(CLIENT_NAME)
            .client_type("public")
            .set_scopes(asked);
        guarded(call, async move {
            let reply = answered(call, |address| {
                request.customize().interceptor(address).send()
            })
            .await?;
            let expires_at = Timestamp::from_second(reply.client_secret_expires_at)
                .map_err(|_| call.incomplete())?;
            let (Some(client_id), Some(client_secret)) = (reply.client_id, reply.client_secret)
            else {
                return Err(call.incomplete());
            };
            Ok(ClientRegistration {
                client_id,
                client_secret: Secret::new(client_secret),
                expires_at,
                scopes,
            })
        })
        .await
    }

    /// Asks for a code that a person approves in a browser.
    pub async fn start_device_authorization(
        &self,
        portal: &Portal,
        profile: Option<&ProfileName>,
        registration: &ClientRegistration,
    ) -> Result<DeviceAuthorization, RenewalError> {
        let call = Call::Oidc(OidcCall::StartDeviceAuthorization);
        let asked = self.asked();
        let settings = self.portal_settings(portal, profile).await?;
        let request = aws_sdk_ssooidc::Client::new(&settings)
            .start_device_authorization()
            .client_id(&registration.client_id)
            .client_secret(registration.client_secret.expose())
            .start_url(&portal.start_url);
        guarded(call, async move {
            let reply = answered(call, |address| {
                request.customize().interceptor(address).send()
            })
            .await?;
            let expires_at = asked.by_aws() + SignedDuration::from_secs(reply.expires_in.into());
            let interval = match u64::try_from(reply.interval) {
                Ok(seconds @ 1..) => Duration::from_secs(seconds),
                Ok(0) | Err(_) => INTERVAL,
            };
            let (Some(device_code), Some(user_code), Some(verification_uri)) =
                (reply.device_code, reply.user_code, reply.verification_uri)
            else {
                return Err(call.incomplete());
            };
            Ok(DeviceAuthorization {
                code: DeviceCode {
                    user_code,
                    verification_uri_complete: reply
                        .verification_uri_complete
                        .unwrap_or_else(|| verification_uri.clone()),
                    verification_uri,
                    expires_at,
                },
                device_code: Secret::new(device_code),
                interval,
            })
        })
        .await
    }

    /// Waits until the person has approved, refused, or let the code run out. The first try is made at once: the portal may
    /// know the person already. Dropping the future is how it is cancelled.
    ///
    /// A network that comes and goes does not end a sign-in; a code that has run out does.
    pub async fn await_approval(
        &self,
        portal: &Portal,
        profile: Option<&ProfileName>,
        registration: &ClientRegistration,
        authorization: &DeviceAuthorization,
    ) -> Result<SignInToken, RenewalError> {
        let settings = self.portal_settings(portal, profile).await?;
        let client = aws_sdk_ssooidc::Client::new(&settings);
        let mut interval = authorization.interval;
        loop {
            let request = client
                .create_token()
                .client_id(&registration.client_id)
                .client_secret(registration.client_secret.expose())
                .grant_type("urn:ietf:params:oauth:grant-type:device_code")
                .device_code(authorization.device_code.expose());
            let lost = match self.ask_for_approval(request).await {
                Ok(Approval::Given(token)) => return Ok(token),
                Ok(Approval::Pending) => None,
                Ok(Approval::TooFast) => {
                    interval += SLOW_DOWN;
                    None
                }
                Err(error) => match error.retry() {
                    Retry::Later => Some(error),
                    Retry::WithPerson | Retry::Never => return Err(error),
                },
            };
            if self.now() >= authorization.code.expires_at {
                return Err(lost.unwrap_or_else(ran_out));
            }
            tokio::time::sleep(interval).await;
        }
    }

    async fn ask_for_approval(
        &self,
        request: CreateTokenFluentBuilder,
    ) -> Result<Approval, RenewalError> {
        let call = Call::Oidc(OidcCall::AwaitApproval);
        let asked = self.asked();
        guarded(call, async move {
            let address = Address::default();
            match request
                .customize()
                .interceptor(address.clone())
                .send()
                .await
            {
                Ok(reply) => Ok(Approval::Given(token(call, &asked, reply)?)),
                Err(error) => match Refusal::of(call, &error)
                    .as_ref()
                    .map(|refusal| refusal.code.as_str())
                {
                    Some("authorization_pending" | "AuthorizationPendingException") => {
                        Ok(Approval::Pending)
                    }
                    Some("slow_down" | "SlowDownException") => Ok(Approval::TooFast),
                    Some(_) | None => Err(explain(call, &address, &error)),
                },
            }
        })
        .await
    }

    /// A new access token for a refresh token. The refresh token in the result is the one to keep: a new one where AWS
    /// rotated it, else the one that was handed in.
    pub async fn refresh(
        &self,
        portal: &Portal,
        profile: Option<&ProfileName>,
        registration: &ClientRegistration,
        refresh_token: &Secret,
    ) -> Result<SignInToken, RenewalError> {
        let call = Call::Oidc(OidcCall::Refresh);
        let asked = self.asked();
        let settings = self.portal_settings(portal, profile).await?;
        let request = aws_sdk_ssooidc::Client::new(&settings)
            .create_token()
            .client_id(&registration.client_id)
            .client_secret(registration.client_secret.expose())
            .grant_type("refresh_token")
            .refresh_token(refresh_token.expose());
        let mut renewed = guarded(call, async move {
            let reply = answered(call, |address| {
                request.customize().interceptor(address).send()
            })
            .await?;
            token(call, &asked, reply)
        })
        .await?;
        renewed
            .refresh_token
            .get_or_insert_with(|| refresh_token.clone());
        Ok(renewed)
    }
}

fn token(call: Call, asked: &Asked, reply: CreateTokenOutput) -> Result<SignInToken, RenewalError> {
    let (Some(access_token), 1..) = (reply.access_token, reply.expires_in) else {
        return Err(call.incomplete());
    };
    Ok(SignInToken {
        access_token: Secret::new(access_token),
        expires_at: asked.by_aws() + SignedDuration::from_secs(reply.expires_in.into()),
        refresh_token: reply.refresh_token.map(Secret::new),
    })
}

fn ran_out() -> RenewalError {
    RenewalError::new(
        ErrorCode::SignInTimedOut,
        "the sign-in was not approved before its code ran out",
        "Start the sign-in again.",
    )
}

#[cfg(test)]
mod tests;
