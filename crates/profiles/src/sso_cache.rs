//! Identity Center tokens and client registrations in `~/.aws/sso/cache`, in the AWS CLI's own format and under its own
//! names, so that the CLI and every SDK use what Sandglass signed in, and the other way round.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use sandglass_core::secret::Secret;
use sandglass_core::session::{Portal, PortalStyle};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::cache_file::{self, Fields, Reading, Spacing, python_list, python_object, python_text};
use crate::moment;
use crate::paths::Paths;
use crate::write::{Care, WriteError, Writer, Written};

/// A sign-in as the cache holds it.
#[derive(Clone)]
pub struct Token {
    /// `startUrl`, as the configuration spells it.
    pub start_url: String,
    /// `region` of the portal.
    pub region: String,
    /// `accessToken`: bearer of the portal's calls.
    pub access_token: Secret,
    /// `expiresAt` (UTC).
    pub expires_at: Timestamp,
    /// The client that the token was issued to.
    pub registration: Option<Registration>,
    /// `refreshToken`, where the client registered a scope that gives one.
    pub refresh_token: Option<Secret>,
}

impl Token {
    /// Whether it can be refreshed without a person: there is a refresh token, and its client still stands.
    pub fn is_refreshable(&self, now: Timestamp) -> bool {
        let client_stands = self
            .registration
            .as_ref()
            .is_some_and(|registration| registration.expires_at > now);
        self.refresh_token.is_some() && client_stands
    }
}

/// An OIDC client that was registered for this machine.
#[derive(Clone)]
pub struct Registration {
    /// `clientId`.
    pub client_id: String,
    /// `clientSecret`.
    pub client_secret: Secret,
    /// `expiresAt`, in a token file `registrationExpiresAt` (UTC).
    pub expires_at: Timestamp,
}

/// The AWS CLI registers anew when a registration has less than this left.
const REGISTRATION_MARGIN: SignedDuration = SignedDuration::from_mins(15);

impl Registration {
    /// Whether a sign-in may still be started with it.
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.expires_at.duration_since(now) > REGISTRATION_MARGIN
    }
}

/// The file of a portal's token: named after its sso-session, or after the start URL of a legacy profile.
pub fn token_path(paths: &Paths, portal: &Portal) -> PathBuf {
    let name = match &portal.style {
        PortalStyle::Session { name, .. } => name,
        PortalStyle::Legacy => &portal.start_url,
    };
    paths.sso_cache.join(cache_file::sha1_name(name))
}

/// The file of the client that is registered for a portal with these scopes.
pub fn registration_path(paths: &Paths, portal: &Portal, scopes: &[String]) -> PathBuf {
    let none = || "null".to_owned();
    let key = python_object(
        &[
            ("region", python_text(&portal.region)),
            (
                "scopes",
                match scopes {
                    [] => none(),
                    scopes => python_list(scopes),
                },
            ),
            (
                "session_name",
                match &portal.style {
                    PortalStyle::Session { name, .. } => python_text(name),
                    PortalStyle::Legacy => none(),
                },
            ),
            ("startUrl", python_text(&portal.start_url)),
            ("tool", python_text("botocore")),
        ],
        Spacing::Wide,
    );
    paths.sso_cache.join(cache_file::sha1_name(&key))
}

/// The token of a portal.
pub fn read_token(paths: &Paths, portal: &Portal) -> Reading<Token> {
    read_file(&token_path(paths, portal))
}

pub(crate) fn read_file(path: &Path) -> Reading<Token> {
    cache_file::read(path, |mut fields| token(&mut fields))
}

/// The client that is registered for a portal's device flow. One that the AWS CLI registered for its browser flow
/// has the same name, but AWS does not let it start a device flow: it counts as foreign.
pub fn read_registration(
    paths: &Paths,
    portal: &Portal,
    scopes: &[String],
) -> Reading<Registration> {
    cache_file::read(&registration_path(paths, portal, scopes), |mut fields| {
        let grants = fields.take("grantTypes");
        let device_flow = match &grants {
            None | Some(Value::Null) => true,
            Some(Value::Array(grants)) => grants.iter().any(|grant| *grant == DEVICE_GRANT),
            Some(_) => false,
        };
        let registration = registration(&mut fields, "expiresAt")?;
        device_flow.then_some(registration)
    })
}

/// The grant type of the device flow (RFC 8628).
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn token(fields: &mut Fields) -> Option<Token> {
    Some(Token {
        access_token: fields.take_secret("accessToken")?,
        expires_at: fields.take_moment("expiresAt")?,
        start_url: fields.take_text("startUrl").unwrap_or_default(),
        region: fields.take_text("region").unwrap_or_default(),
        registration: registration(fields, "registrationExpiresAt"),
        refresh_token: fields.take_secret("refreshToken"),
    })
}

fn registration(fields: &mut Fields, expiry: &str) -> Option<Registration> {
    // All three are taken out even where one is missing: none of them may survive into a rewritten file.
    let client_id = fields.take_text("clientId");
    let client_secret = fields.take_secret("clientSecret");
    let expires_at = fields.take_moment(expiry);
    Some(Registration {
        client_id: client_id?,
        client_secret: client_secret?,
        expires_at: expires_at?,
    })
}

/// What came of writing a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenWritten {
    /// The cache holds it.
    Stored,
    /// Another program signed in or refreshed meanwhile, and its token lives at least as long: that one stays.
    NewerOnDisk,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TokenFile<'a> {
    start_url: &'a str,
    region: &'a str,
    access_token: &'a str,
    expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    /// Fields that only other programs know.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// Puts a token into the cache. `replaced` is the `expires_at` of the token that it was made from or that it is meant
/// to replace, so that a token which another program wrote since then is kept unless ours lives longer.
pub fn write_token(
    writer: &Writer,
    paths: &Paths,
    portal: &Portal,
    new: &Token,
    replaced: Option<Timestamp>,
) -> Result<TokenWritten, WriteError> {
    let mut outcome = TokenWritten::Stored;
    writer.update(&token_path(paths, portal), Care::Plain, |before| {
        outcome = TokenWritten::Stored;
        let mut fields = before.and_then(Fields::parse).unwrap_or_default();
        if let Some(on_disk) = token(&mut fields) {
            let written_since = Some(on_disk.expires_at) != replaced;
            if written_since && on_disk.expires_at >= new.expires_at {
                outcome = TokenWritten::NewerOnDisk;
                return Ok(None);
            }
        }
        let registration = new.registration.as_ref();
        Ok(Some(cache_file::to_bytes(&TokenFile {
            start_url: &new.start_url,
            region: &new.region,
            access_token: new.access_token.expose(),
            expires_at: moment::zulu(new.expires_at),
            client_id: registration.map(|client| client.client_id.as_str()),
            client_secret: registration.map(|client| client.client_secret.expose()),
            registration_expires_at: registration.map(|client| moment::zulu(client.expires_at)),
            refresh_token: new.refresh_token.as_ref().map(Secret::expose),
            rest: fields.into_rest(),
        })))
    })?;
    Ok(outcome)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RegistrationFile<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    expires_at: String,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    scopes: &'a [String],
}

/// Puts a client into the cache that was registered for the device flow.
pub fn write_registration(
    writer: &Writer,
    paths: &Paths,
    portal: &Portal,
    scopes: &[String],
    new: &Registration,
) -> Result<Written, WriteError> {
    let path = registration_path(paths, portal, scopes);
    writer.update(&path, Care::Plain, |_| {
        Ok(Some(cache_file::to_bytes(&RegistrationFile {
            client_id: &new.client_id,
            client_secret: new.client_secret.expose(),
            expires_at: moment::zulu(new.expires_at),
            scopes,
        })))
    })
}
