//! Console sign-ins of `aws login`, kept fresh by their refresh token.

use std::sync::Arc;

use jiff::Timestamp;
use sandglass_aws::ConsoleToken;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::lifetimes::{CONSOLE_LOGIN_CHAIN, End, KnownBy};
use sandglass_core::names::ProfileName;
use sandglass_core::session::{ConsoleLogin, Found};
use sandglass_profiles::cache_file::Stored;
use sandglass_profiles::ledger::Ledger;
use sandglass_profiles::login_cache::{self, Login, LoginWritten, Refreshed};
use sandglass_profiles::{ids, lock};

use super::sign_in::PATIENCE_FOR_OTHERS;
use super::{Issuer, blocking, to_the_end, whole_seconds};
use crate::clock;

/// New credentials without a person. One refresher at a time: refresh tokens rotate.
pub(super) async fn refresh(
    issuer: &Arc<Issuer>,
    profile: Option<&ProfileName>,
    login: &ConsoleLogin,
) -> Result<Found, RenewalError> {
    let before = issuer.login(login).map(|stored| stored.content.expires_at);
    let refreshing = Refreshing {
        issuer: Arc::clone(issuer),
        profile: profile.cloned(),
        login: login.clone(),
    };
    to_the_end(async move { refreshing.carry_out(before).await }).await
}

struct Refreshing {
    issuer: Arc<Issuer>,
    profile: Option<ProfileName>,
    login: ConsoleLogin,
}

impl Refreshing {
    async fn carry_out(&self, before: Option<Timestamp>) -> Result<Found, RenewalError> {
        let (paths, login) = (&self.issuer.paths, &self.login);
        let name = ids::console_login(&login.login_session);
        let _alone = blocking(|| lock::refresh_lock(paths, name.as_str(), PATIENCE_FOR_OTHERS))?;
        let stored = self.issuer.login(login).ok_or_else(|| self.is_over())?;
        let known = stored.content.expires_at;
        if before.is_none_or(|before| before < known) && clock::now() < known {
            // Somebody refreshed it, or signed in, while this waited: theirs is the answer.
            return Ok(self.found(&stored.content, stored.written_at));
        }
        match self.exchange(&stored.content).await {
            Ok(found) => Ok(found),
            Err(error) => self.unless_renewed(error, known),
        }
    }

    /// Another program may have spent the token a moment ago: then its answer is there.
    fn unless_renewed(&self, error: RenewalError, known: Timestamp) -> Result<Found, RenewalError> {
        if error.code != ErrorCode::SignInOver {
            return Err(error);
        }
        match self.issuer.login(&self.login) {
            Some(stored) if stored.content.expires_at > known => {
                Ok(self.found(&stored.content, stored.written_at))
            }
            Some(_) | None => Err(error),
        }
    }

    async fn exchange(&self, stored: &Login) -> Result<Found, RenewalError> {
        let Issuer {
            aws, paths, writer, ..
        } = &*self.issuer;
        let refresh = stored.refresh.as_ref().ok_or_else(|| self.is_over())?;
        let token = ConsoleToken {
            access: stored.credentials.clone(),
            account: stored.account.clone(),
            client_id: refresh.client_id.clone(),
            refresh_token: refresh.token.clone(),
            dpop_key_pem: refresh.dpop_key.clone(),
            region: stored.region.clone().or_else(|| self.login.region.clone()),
        };
        // AWS gives the next token once, or nobody knows for how long.
        blocking(|| writer.prove(&login_cache::path(paths, &self.login.login_session)))?;
        let renewed = aws
            .refresh_console_login(self.profile.as_ref(), &token)
            .await?;
        let access = renewed.token.access;
        let expires_at = access.expires_at.unwrap_or(renewed.issued_at);
        let new = Refreshed {
            credentials: access,
            expires_at: whole_seconds(expires_at),
            token: renewed.token.refresh_token,
        };
        let principal = &self.login.login_session;
        let written = blocking(|| login_cache::write(writer, paths, principal, &new, stored))?;
        match written {
            LoginWritten::Stored => {
                let stored = Login {
                    expires_at: new.expires_at,
                    ..stored.clone()
                };
                Ok(self.found(&stored, renewed.issued_at))
            }
            // What everybody uses from here on.
            LoginWritten::NewerOnDisk => {
                let stored = self.issuer.login(&self.login);
                let stored = stored.ok_or_else(|| self.is_over())?;
                Ok(self.found(&stored.content, stored.written_at))
            }
            LoginWritten::SignedOut => Err(self.is_over()),
        }
    }

    fn found(&self, login: &Login, issued_at: Timestamp) -> Found {
        let access = End::issued(issued_at, login.expires_at);
        let Some(refresh) = &login.refresh else {
            return Found::Credentials(access);
        };
        let ledger = blocking(|| Ledger::read(&self.issuer.paths));
        let seen = ledger.get(refresh.dpop_key.expose());
        let began_at = login
            .signed_in_at
            .or_else(|| seen.map(|entry| entry.began_at()));
        let whole = began_at.map(|began_at| End {
            at: began_at
                .saturating_add(CONSOLE_LOGIN_CHAIN)
                .unwrap_or(Timestamp::MAX),
            known_by: KnownBy::Estimate,
            life: CONSOLE_LOGIN_CHAIN,
        });
        Found::Refreshable { access, whole }
    }

    fn is_over(&self) -> RenewalError {
        let command = ConsoleLogin::command(self.profile.as_ref());
        RenewalError::new(
            ErrorCode::SignInOver,
            "there is no console sign-in on this machine that could be renewed",
            format!("run `{command}`"),
        )
    }
}

impl Issuer {
    fn login(&self, login: &ConsoleLogin) -> Option<Stored<Login>> {
        blocking(|| login_cache::read(&self.paths, &login.login_session)).present()
    }
}
