//! What Identity Center remembers: registered clients, device codes, the browser's portal sessions, and the tokens
//! that hang on them.
//!
//! A portal session begins when a person first approves something in the browser and has an end of its own. While
//! it lives, later sign-ins inherit it: their tokens end with it at the latest.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::random;
use crate::settings::{self, Settings};
use crate::world::{Portal, World};

/// The scope that a refresh token is given for.
pub(crate) const ACCOUNT_ACCESS: &str = "sso:account:access";

const CLIENT_SECONDS: i64 = 90 * 24 * 3_600;
const DEVICE_CODE_SECONDS: i64 = 600;
const REFRESHABLE_TOKEN_SECONDS: i64 = 3_600;
const LEGACY_TOKEN_SECONDS: i64 = 8 * 3_600;

/// A registered client.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
    /// Grant types that it was registered for; `None` for a client that did not say.
    pub(crate) grant_types: Option<Vec<String>>,
    pub(crate) ends: Timestamp,
}

/// A device code and what has become of it.
pub(crate) struct DeviceAuthorization {
    pub(crate) device_code: String,
    pub(crate) user_code: String,
    pub(crate) client_id: String,
    pub(crate) client_name: String,
    pub(crate) start_url: String,
    pub(crate) ends: Timestamp,
    pub(crate) decision: Decision,
    pub(crate) polled_at: Option<Timestamp>,
}

/// What the person said.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    Pending,
    Approved(#[serde(skip)] SessionId),
    Denied,
    /// Approved, and the token was fetched.
    Redeemed,
}

/// A portal session's place in the list of all.
pub(crate) type SessionId = usize;

struct PortalSession {
    start_url: String,
    user: String,
    ends: Timestamp,
}

struct AccessToken {
    session: SessionId,
    ends: Timestamp,
}

struct RefreshToken {
    session: SessionId,
    client_id: String,
    state: RefreshState,
}

#[derive(Eq, PartialEq)]
enum RefreshState {
    Current,
    Superseded,
}

/// Tokens as a client gets them.
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
    pub(crate) ends: Timestamp,
}

/// Why a person's answer to a user code counts for nothing.
#[derive(Debug, thiserror::Error, Eq, PartialEq)]
pub(crate) enum ApprovalError {
    #[error(
        "no device is waiting with the code `{0}`: compare it with the one that your program shows"
    )]
    UnknownCode(String),
    #[error("the code `{0}` has ended: start the sign-in again")]
    Ended(String),
    #[error("the code `{0}` was answered already")]
    Answered(String),
    #[error("the portal has no user `{0}`")]
    UnknownUser(String),
}

/// All that Identity Center remembers.
#[derive(Default)]
pub(crate) struct IdentityCenter {
    clients: BTreeMap<String, Client>,
    devices: BTreeMap<String, DeviceAuthorization>,
    sessions: Vec<PortalSession>,
    access_tokens: BTreeMap<String, AccessToken>,
    refresh_tokens: BTreeMap<String, RefreshToken>,
}

impl IdentityCenter {
    pub(crate) fn register(
        &mut self,
        name: String,
        scopes: Vec<String>,
        grant_types: Option<Vec<String>>,
        settings: &Settings,
        now: Timestamp,
    ) -> Client {
        let client = Client {
            id: random::opaque(),
            secret: random::opaque(),
            name,
            scopes,
            grant_types,
            ends: settings::end(settings.client_registration, CLIENT_SECONDS, now),
        };
        self.clients.insert(client.id.clone(), client.clone());
        client
    }

    /// The client of an id, if the secret is right and has not ended.
    pub(crate) fn client(&self, id: &str, secret: &str, now: Timestamp) -> Option<&Client> {
        self.clients
            .get(id)
            .filter(|client| client.secret == secret && now < client.ends)
    }

    pub(crate) fn authorize_device(
        &mut self,
        client: &Client,
        portal: &Portal,
        settings: &Settings,
        now: Timestamp,
    ) -> &DeviceAuthorization {
        let authorization = DeviceAuthorization {
            device_code: random::opaque(),
            user_code: random::user_code(),
            client_id: client.id.clone(),
            client_name: client.name.clone(),
            start_url: portal.start_url.clone(),
            ends: settings::end(settings.device_code, DEVICE_CODE_SECONDS, now),
            decision: Decision::Pending,
            polled_at: None,
        };
        self.devices
            .entry(authorization.device_code.clone())
            .or_insert(authorization)
    }

    pub(crate) fn devices(&self) -> impl Iterator<Item = &DeviceAuthorization> {
        self.devices.values()
    }

    pub(crate) fn device(&mut self, device_code: &str) -> Option<&mut DeviceAuthorization> {
        self.devices.get_mut(device_code)
    }

    /// A user code, however it was typed, that waits for an answer.
    pub(crate) fn waiting(
        &self,
        user_code: &str,
        now: Timestamp,
    ) -> Result<&DeviceAuthorization, ApprovalError> {
        let typed = letters(user_code);
        let device = self
            .devices
            .values()
            .find(|device| letters(&device.user_code) == typed)
            .ok_or_else(|| ApprovalError::UnknownCode(user_code.to_owned()))?;
        match device.decision {
            Decision::Pending if now < device.ends => Ok(device),
            Decision::Pending => Err(ApprovalError::Ended(user_code.to_owned())),
            Decision::Approved(_) | Decision::Denied | Decision::Redeemed => {
                Err(ApprovalError::Answered(user_code.to_owned()))
            }
        }
    }

    /// A person says yes, as `user` or as the portal's first user.
    pub(crate) fn approve(
        &mut self,
        world: &World,
        settings: &Settings,
        user_code: &str,
        user: Option<&str>,
        now: Timestamp,
    ) -> Result<(), ApprovalError> {
        let device = self.waiting(user_code, now)?;
        let device_code = device.device_code.clone();
        let unknown = || ApprovalError::UnknownUser(user.unwrap_or_default().to_owned());
        let portal = world.portal(&device.start_url).ok_or_else(unknown)?;
        let user = match user {
            None => portal.users.first(),
            Some(name) => portal.user(name),
        };
        let user = user.ok_or_else(unknown)?.name.clone();
        let session = self.session(portal, user, settings, now);
        if let Some(device) = self.devices.get_mut(&device_code) {
            device.decision = Decision::Approved(session);
        }
        Ok(())
    }

    /// A person says no.
    pub(crate) fn deny(&mut self, user_code: &str, now: Timestamp) -> Result<(), ApprovalError> {
        let device_code = self.waiting(user_code, now)?.device_code.clone();
        if let Some(device) = self.devices.get_mut(&device_code) {
            device.decision = Decision::Denied;
        }
        Ok(())
    }

    /// New tokens for a client in a portal session, unless that is over.
    pub(crate) fn grant(
        &mut self,
        client: &Client,
        session: SessionId,
        settings: &Settings,
        now: Timestamp,
    ) -> Option<Tokens> {
        let session_ends = self.sessions[session].ends;
        if now >= session_ends {
            return None;
        }
        let refreshable = client.scopes.iter().any(|scope| scope == ACCOUNT_ACCESS);
        let rule = if refreshable {
            REFRESHABLE_TOKEN_SECONDS
        } else {
            LEGACY_TOKEN_SECONDS
        };
        let ends = settings::end(settings.access_token, rule, now).min(session_ends);
        let access = random::opaque();
        self.access_tokens
            .insert(access.clone(), AccessToken { session, ends });
        let refresh = refreshable.then(|| {
            let refresh = random::opaque();
            let token = RefreshToken {
                session,
                client_id: client.id.clone(),
                state: RefreshState::Current,
            };
            self.refresh_tokens.insert(refresh.clone(), token);
            refresh
        });
        Some(Tokens {
            access,
            refresh,
            ends,
        })
    }

    /// Uses a refresh token up; it is dead for another client, once superseded, and once its portal session is over.
    pub(crate) fn supersede(
        &mut self,
        client: &Client,
        refresh_token: &str,
        now: Timestamp,
    ) -> Option<SessionId> {
        let sessions = &self.sessions;
        let token = self.refresh_tokens.get_mut(refresh_token).filter(|token| {
            token.client_id == client.id
                && token.state == RefreshState::Current
                && now < sessions[token.session].ends
        })?;
        token.state = RefreshState::Superseded;
        Some(token.session)
    }

    /// The start URL and user that a living access token speaks for.
    pub(crate) fn bearer(&self, access_token: &str, now: Timestamp) -> Option<(&str, &str)> {
        let token = self.access_tokens.get(access_token)?;
        let session = &self.sessions[token.session];
        (now < token.ends && now < session.ends)
            .then_some((session.start_url.as_str(), session.user.as_str()))
    }

    /// Signs out: ends the portal session that a token hangs on, and with it all its tokens.
    pub(crate) fn sign_out(&mut self, access_token: &str, now: Timestamp) {
        if let Some(token) = self.access_tokens.get(access_token) {
            self.sessions[token.session].ends = now;
        }
    }

    /// Kills one access token and nothing else.
    pub(crate) fn revoke_access_token(&mut self, access_token: &str, now: Timestamp) -> usize {
        self.end_access_tokens(now, |token, _| token == access_token)
    }

    /// Kills the access tokens of a portal; the refresh tokens live on.
    pub(crate) fn revoke_access_tokens(&mut self, start_url: &str, now: Timestamp) -> usize {
        self.end_access_tokens(now, |_, session| session.start_url == start_url)
    }

    /// Ends the sessions of a portal, as an administrator does.
    pub(crate) fn revoke_portal_sessions(&mut self, start_url: &str, now: Timestamp) -> usize {
        self.sessions
            .iter_mut()
            .filter(|session| session.start_url == start_url && now < session.ends)
            .map(|session| session.ends = now)
            .count()
    }

    fn end_access_tokens(
        &mut self,
        now: Timestamp,
        chosen: impl Fn(&str, &PortalSession) -> bool,
    ) -> usize {
        let sessions = &self.sessions;
        self.access_tokens
            .iter_mut()
            .filter(|(token, of)| now < of.ends && chosen(token, &sessions[of.session]))
            .map(|(_, token)| token.ends = now)
            .count()
    }

    /// The living session of a user in the browser, or a new one.
    fn session(
        &mut self,
        portal: &Portal,
        user: String,
        settings: &Settings,
        now: Timestamp,
    ) -> SessionId {
        let living = self.sessions.iter().position(|session| {
            session.start_url == portal.start_url && session.user == user && now < session.ends
        });
        living.unwrap_or_else(|| {
            self.sessions.push(PortalSession {
                start_url: portal.start_url.clone(),
                user,
                ends: settings::end(settings.portal_session, portal.session_duration, now),
            });
            self.sessions.len() - 1
        })
    }
}

/// A user code without what people add or leave out.
fn letters(user_code: &str) -> String {
    user_code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .collect()
}
