//! Identity Center sign-ins: with a person in a browser, and by refresh token.

use jiff::Timestamp;
use sandglass_aws::{ClientRegistration, DeviceAuthorization, SignInToken};
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::lifetimes::End;
use sandglass_core::names::ProfileName;
use sandglass_core::prompt::DeviceCode;
use sandglass_core::session::{Found, Portal, PortalStyle};
use sandglass_profiles::sso_cache::{self, Registration, Token, TokenWritten};

use crate::clock;
use crate::issue::{Issuer, blocking, signed_out, whole_seconds};

/// Asks AWS for a device code, shows it, waits for the approval and stores the token.
pub(crate) async fn with_browser(
    issuer: &Issuer,
    portal: &Portal,
    profile: Option<&ProfileName>,
    show: impl AsyncFnOnce(DeviceCode),
) -> Result<Found, RenewalError> {
    let replaced = stored_token(issuer, portal).map(|token| token.expires_at);
    let (registration, authorization) = authorize(issuer, portal, profile).await?;
    show(authorization.code.clone()).await;
    let token = issuer
        .aws
        .await_approval(portal, profile, &registration, &authorization)
        .await?;
    let asked_at = clock::now();
    store(issuer, portal, &registration, token, replaced, asked_at)
}

/// A new access token without a person. The file is read anew, so that the newest refresh token is used: they rotate.
pub(crate) async fn refresh(
    issuer: &Issuer,
    portal: &Portal,
    profile: Option<&ProfileName>,
) -> Result<Found, RenewalError> {
    let token = stored_token(issuer, portal).ok_or_else(|| signed_out(portal))?;
    let (Some(client), Some(refresh_token)) = (token.registration, token.refresh_token) else {
        return Err(signed_out(portal));
    };
    let registration = as_registered(portal, client);
    let asked_at = clock::now();
    let renewed = issuer
        .aws
        .refresh(portal, profile, &registration, &refresh_token)
        .await?;
    store(
        issuer,
        portal,
        &registration,
        renewed,
        Some(token.expires_at),
        asked_at,
    )
}

fn stored_token(issuer: &Issuer, portal: &Portal) -> Option<Token> {
    let stored = sso_cache::read_token(&issuer.paths, portal).present()?;
    Some(stored.content)
}

/// A device code from the client that is registered for this portal on this machine, by us or by the AWS CLI; from a
/// new client where there is none, or where AWS does not know it any more.
async fn authorize(
    issuer: &Issuer,
    portal: &Portal,
    profile: Option<&ProfileName>,
) -> Result<(ClientRegistration, DeviceAuthorization), RenewalError> {
    let start = async |registration: ClientRegistration| {
        let aws = &issuer.aws;
        let authorization = aws
            .start_device_authorization(portal, profile, &registration)
            .await?;
        Ok::<_, RenewalError>((registration, authorization))
    };
    let cached = sso_cache::read_registration(&issuer.paths, portal, scopes(portal));
    if let Some(stored) = cached.present()
        && stored.content.is_usable(clock::now())
    {
        match start(as_registered(portal, stored.content)).await {
            Err(error) if error.code == ErrorCode::SignInOver => {}
            started_or_failed => return started_or_failed,
        }
    }
    let registration = issuer.aws.register_client(portal, profile).await?;
    blocking(|| {
        sso_cache::write_registration(
            &issuer.writer,
            &issuer.paths,
            portal,
            scopes(portal),
            &as_stored(&registration),
        )
    })?;
    start(registration).await
}

fn scopes(portal: &Portal) -> &[String] {
    match &portal.style {
        PortalStyle::Session { scopes, .. } => scopes,
        PortalStyle::Legacy => &[],
    }
}

fn as_registered(portal: &Portal, stored: Registration) -> ClientRegistration {
    ClientRegistration {
        client_id: stored.client_id,
        client_secret: stored.client_secret,
        expires_at: stored.expires_at,
        scopes: scopes(portal).to_vec(),
    }
}

fn as_stored(registration: &ClientRegistration) -> Registration {
    Registration {
        client_id: registration.client_id.clone(),
        client_secret: registration.client_secret.clone(),
        expires_at: registration.expires_at,
    }
}

fn store(
    issuer: &Issuer,
    portal: &Portal,
    registration: &ClientRegistration,
    token: SignInToken,
    replaced: Option<Timestamp>,
    asked_at: Timestamp,
) -> Result<Found, RenewalError> {
    let mut token = Token {
        start_url: portal.start_url.clone(),
        region: portal.region.clone(),
        access_token: token.access_token,
        expires_at: whole_seconds(token.expires_at),
        registration: Some(as_stored(registration)),
        refresh_token: token.refresh_token,
    };
    let written = blocking(|| {
        sso_cache::write_token(&issuer.writer, &issuer.paths, portal, &token, replaced)
    })?;
    match written {
        TokenWritten::Stored => {}
        // Another program signed in meanwhile: its token is what everybody uses from here on.
        TokenWritten::NewerOnDisk => {
            token = stored_token(issuer, portal).ok_or_else(|| signed_out(portal))?;
        }
    }
    let end = End::issued(asked_at, token.expires_at);
    Ok(if token.is_refreshable(asked_at) {
        Found::Refreshable(end)
    } else {
        Found::Credentials(end)
    })
}
