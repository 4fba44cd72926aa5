//! Identity Center sign-ins: with a person in a browser, and by refresh token.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use sandglass_aws::{ClientRegistration, DeviceAuthorization, SignInToken};
use sandglass_core::effect::SignInStart;
use sandglass_core::error::{ErrorCode, RenewalError, Retry};
use sandglass_core::event::Event;
use sandglass_core::lifetimes::End;
use sandglass_core::names::{AttemptId, ProfileName};
use sandglass_core::session::{Found, Portal, PortalStyle};
use sandglass_profiles::cache_file::Stored;
use sandglass_profiles::ledger::{self, Ledger};
use sandglass_profiles::lock;
use sandglass_profiles::portal_session::PortalEnd;
use sandglass_profiles::portals::sign_in_id;
use sandglass_profiles::sso_cache::{self, Registration, Token, TokenWritten};
use sandglass_profiles::write::{WriteError, Written};

use super::{Issuer, blocking, signed_out, to_the_end, whole_seconds};
use crate::clock;

/// Another process that refreshes the same token is done by then: a call to AWS is given up earlier.
pub(super) const PATIENCE_FOR_OTHERS: Duration = Duration::from_secs(30);

/// Asks AWS for a device code, shows it, waits for the approval and stores the token.
pub(super) async fn in_browser(
    issuer: &Issuer,
    portal: &Portal,
    profile: Option<&ProfileName>,
    attempt: AttemptId,
    start: SignInStart,
) -> Result<Found, RenewalError> {
    let replaced = issuer.token(portal);
    match (start, &replaced) {
        (SignInStart::Afresh, Some(token)) => {
            sign_out(issuer, portal, profile, &token.content).await?;
        }
        (SignInStart::Afresh, None) | (SignInStart::AsItIs, _) => {}
    }
    let replaced = replaced.map(|token| token.content.expires_at);
    let (registration, authorization) = authorize(issuer, portal, profile).await?;
    let code = authorization.code.clone();
    issuer.tell(Event::DeviceCodeIssued { attempt, code }).await;
    let token = issuer
        .aws
        .await_approval(portal, profile, &registration, &authorization)
        .await?;
    let signed_in_at = clock::now();
    let token = as_kept(portal, &registration, token);
    issuer.note_of_portal(portal, |issuer| {
        let (writer, paths, id) = (&issuer.writer, &issuer.paths, sign_in_id(portal));
        ledger::portal_began(writer, paths, &id, signed_in_at, token.expires_at)
    });
    store(issuer, portal, &token, replaced, signed_in_at)
}

/// Ends the portal session, so that the next sign-in begins one of its own. Where AWS does not take the token any more
/// there is nothing left to end; where it cannot be asked now, going on would give what was not asked for.
async fn sign_out(
    issuer: &Issuer,
    portal: &Portal,
    profile: Option<&ProfileName>,
    token: &Token,
) -> Result<(), RenewalError> {
    let ended = issuer
        .aws
        .logout(portal, profile, &token.access_token)
        .await;
    if let Err(error) = ended {
        match error.retry() {
            Retry::Later => return Err(error),
            Retry::WithPerson | Retry::Never => {
                tracing::debug!(code = ?error.code, "the portal session could not be ended");
            }
        }
    }
    issuer.note_of_portal(portal, |issuer| {
        let (writer, paths, id) = (&issuer.writer, &issuer.paths, sign_in_id(portal));
        ledger::portal_ended(writer, paths, &id, clock::now(), PortalEnd::SignedOut)
    });
    Ok(())
}

/// A new access token without a person.
pub(super) async fn refresh(
    issuer: &Arc<Issuer>,
    portal: &Portal,
    profile: Option<&ProfileName>,
) -> Result<Found, RenewalError> {
    let before = issuer.token(portal).map(|token| token.content.expires_at);
    let refreshing = Refreshing {
        issuer: Arc::clone(issuer),
        portal: portal.clone(),
        profile: profile.cloned(),
    };
    to_the_end(async move { refreshing.carry_out(before).await }).await
}

/// A refresh on its way. One at a time, in this process and in all others: refresh tokens rotate.
struct Refreshing {
    issuer: Arc<Issuer>,
    portal: Portal,
    profile: Option<ProfileName>,
}

impl Refreshing {
    async fn carry_out(&self, before: Option<Timestamp>) -> Result<Found, RenewalError> {
        let (issuer, portal) = (&self.issuer, &self.portal);
        let name = sign_in_id(portal);
        let _alone =
            blocking(|| lock::refresh_lock(&issuer.paths, name.as_str(), PATIENCE_FOR_OTHERS))?;
        let stored = issuer.token(portal).ok_or_else(|| signed_out(portal))?;
        let known = stored.content.expires_at;
        if before.is_none_or(|before| before < known) && clock::now() < known {
            // Somebody refreshed it, or signed in, while this waited: theirs is the answer.
            return Ok(issuer.found(portal, &stored.content, stored.written_at));
        }
        // The refresh token works once.
        blocking(|| {
            issuer
                .writer
                .prove(&sso_cache::token_path(&issuer.paths, portal))
        })?;
        let asked_at = clock::now();
        match self.exchange(stored.content, asked_at).await {
            Ok(found) => Ok(found),
            Err(error) if error.code == ErrorCode::SignInOver => match issuer.token(portal) {
                // Another tool, which takes no lock, has spent the token a moment ago.
                Some(stored) if stored.content.expires_at > known => {
                    Ok(issuer.found(portal, &stored.content, stored.written_at))
                }
                Some(_) | None => {
                    issuer.note_of_portal(portal, |issuer| {
                        let (writer, paths) = (&issuer.writer, &issuer.paths);
                        ledger::portal_ended(writer, paths, &name, asked_at, PortalEnd::RanOut)
                    });
                    Err(error)
                }
            },
            Err(error) => Err(error),
        }
    }

    async fn exchange(&self, token: Token, asked_at: Timestamp) -> Result<Found, RenewalError> {
        let (issuer, portal) = (&self.issuer, &self.portal);
        let id = sign_in_id(portal);
        let replaced = token.expires_at;
        let (Some(client), Some(refresh_token)) = (token.registration, token.refresh_token) else {
            return Err(signed_out(portal));
        };
        let registration = as_registered(portal, client);
        let renewed = issuer
            .aws
            .refresh(portal, self.profile.as_ref(), &registration, &refresh_token)
            .await?;
        let renewed = as_kept(portal, &registration, renewed);
        issuer.note_of_portal(portal, |issuer| {
            let (writer, paths) = (&issuer.writer, &issuer.paths);
            ledger::portal_renewed(writer, paths, &id, asked_at, renewed.expires_at)
        });
        store(issuer, portal, &renewed, Some(replaced), asked_at)
    }
}

impl Issuer {
    fn token(&self, portal: &Portal) -> Option<Stored<Token>> {
        blocking(|| sso_cache::read_token(&self.paths, portal)).present()
    }

    /// What the engine is told of a sign-in.
    fn found(&self, portal: &Portal, token: &Token, issued_at: Timestamp) -> Found {
        let access = End::issued(issued_at, token.expires_at);
        match &portal.style {
            PortalStyle::Session { .. } if token.is_refreshable(clock::now()) => {
                let ledger = blocking(|| Ledger::read(&self.paths));
                let session = ledger.portal(&sign_in_id(portal));
                Found::Refreshable {
                    access,
                    whole: session.and_then(|session| session.end(access.at)),
                }
            }
            PortalStyle::Session { .. } | PortalStyle::Legacy => Found::Credentials(access),
        }
    }

    /// A ledger that cannot be written costs an estimate, and no sign-in.
    fn note_of_portal(
        &self,
        portal: &Portal,
        note: impl FnOnce(&Self) -> Result<Written, WriteError>,
    ) {
        if let Err(error) = blocking(|| note(self)) {
            tracing::warn!(portal = portal.name(), %error, "the portal session could not be noted");
        }
    }
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

fn as_kept(portal: &Portal, registration: &ClientRegistration, token: SignInToken) -> Token {
    Token {
        start_url: portal.start_url.clone(),
        region: portal.region.clone(),
        access_token: token.access_token,
        expires_at: whole_seconds(token.expires_at),
        registration: Some(as_stored(registration)),
        refresh_token: token.refresh_token,
    }
}

fn store(
    issuer: &Issuer,
    portal: &Portal,
    token: &Token,
    replaced: Option<Timestamp>,
    issued_at: Timestamp,
) -> Result<Found, RenewalError> {
    let written = blocking(|| {
        sso_cache::write_token(&issuer.writer, &issuer.paths, portal, token, replaced)
    })?;
    match written {
        TokenWritten::Stored => Ok(issuer.found(portal, token, issued_at)),
        // Another program signed in meanwhile: its token is what everybody uses from here on.
        TokenWritten::NewerOnDisk => {
            let stored = issuer.token(portal).ok_or_else(|| signed_out(portal))?;
            Ok(issuer.found(portal, &stored.content, stored.written_at))
        }
    }
}

#[cfg(test)]
mod tests;
