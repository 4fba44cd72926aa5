//! Console sign-ins of `aws login` in `~/.aws/login/cache`, in the AWS CLI's own format and under its own names.
//!
//! The CLI and the SDKs rewrite these files without a lock while the refresh token rotates, and some drop fields that
//! others need. Here every field that is not renewed stays as it is.

use std::path::{Path, PathBuf};

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use sandglass_core::names::AccountId;
use sandglass_core::secret::{Credentials, Secret};
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::cache_file::{self, Fields, Reading};
use crate::moment;
use crate::paths::Paths;
use crate::write::{Care, Refusal, WriteError, Writer};

/// A console sign-in as the cache holds it.
#[derive(Clone)]
pub struct Login {
    /// The credentials that it gave last; their end is always known.
    pub credentials: Credentials,
    /// `expiresAt` of the credentials (UTC).
    pub expires_at: Timestamp,
    /// The account that they are for.
    pub account: Option<AccountId>,
    /// What refreshes it, where all of it is there.
    pub refresh: Option<Refresh>,
    /// `signInRegion`: whose endpoint issued it.
    pub region: Option<String>,
    /// When the person signed in (UTC), where the identity token says so.
    pub signed_in_at: Option<Timestamp>,
}

/// What refreshes a console sign-in.
#[derive(Clone)]
pub struct Refresh {
    /// `clientId`.
    pub client_id: String,
    /// `refreshToken`: rotates with each use.
    pub token: Secret,
    /// `dpopKey`: the key that every request is proved with, as PEM. It stays the same from sign-in to sign-in.
    pub dpop_key: Secret,
}

/// What a refresh gives.
pub struct Refreshed {
    /// New credentials.
    pub credentials: Credentials,
    /// Their end (UTC).
    pub expires_at: Timestamp,
    /// The next refresh token.
    pub token: Secret,
}

/// What came of writing a refreshed sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginWritten {
    /// The cache holds it.
    Stored,
    /// Another program signed in or refreshed meanwhile: what it wrote stays.
    NewerOnDisk,
    /// Somebody signed out meanwhile, and stays so.
    SignedOut,
}

/// The file of a console sign-in. Some SDKs cut blanks around the ARN and some do not; the files of AWS hold none.
pub fn path(paths: &Paths, login_session: &str) -> PathBuf {
    let name = hex::encode(Sha256::digest(login_session.trim().as_bytes()));
    paths.login_cache.join(format!("{name}.json"))
}

/// The console sign-in of a principal.
pub fn read(paths: &Paths, login_session: &str) -> Reading<Login> {
    read_file(&path(paths, login_session))
}

pub(crate) fn read_file(path: &Path) -> Reading<Login> {
    cache_file::read(path, |mut fields| login(&mut fields))
}

fn login(fields: &mut Fields) -> Option<Login> {
    let mut access = fields.take_object(ACCESS_TOKEN)?;
    let expires_at = access.take_moment("expiresAt")?;
    Some(Login {
        credentials: Credentials {
            access_key_id: access.take_text("accessKeyId")?,
            secret_access_key: access.take_secret("secretAccessKey")?,
            session_token: Some(access.take_secret("sessionToken")?),
            expires_at: Some(expires_at),
        },
        expires_at,
        account: access.take_text("accountId").map(AccountId::new),
        refresh: refresh(fields),
        region: fields.take_text("signInRegion"),
        signed_in_at: ["idToken", "identityToken"]
            .iter()
            .find_map(|key| fields.take_secret(key))
            .and_then(|token| issued_at(&token)),
    })
}

fn refresh(fields: &mut Fields) -> Option<Refresh> {
    Some(Refresh {
        client_id: fields.take_text("clientId")?,
        token: fields.take_secret(REFRESH_TOKEN)?,
        dpop_key: fields.take_secret("dpopKey")?,
    })
}

/// `iat` of a JSON web token. It comes with the sign-in only, and not with a refresh.
fn issued_at(token: &Secret) -> Option<Timestamp> {
    let payload = token.expose().split('.').nth(1)?;
    let payload = payload.trim_end_matches('=').as_bytes();
    let claims = Zeroizing::new(BASE64URL_NOPAD.decode(payload).ok()?);
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    Timestamp::from_second(claims.get("iat")?.as_i64()?).ok()
}

const ACCESS_TOKEN: &str = "accessToken";
const REFRESH_TOKEN: &str = "refreshToken";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoginFile<'a> {
    access_token: AccessToken<'a>,
    refresh_token: &'a str,
    /// All that a refresh leaves as it is.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccessToken<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: &'a str,
    expires_at: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// Puts a refreshed sign-in into the cache. `replaced` is the one that it was made from.
pub fn write(
    writer: &Writer,
    paths: &Paths,
    login_session: &str,
    new: &Refreshed,
    replaced: &Login,
) -> Result<LoginWritten, WriteError> {
    let mut outcome = LoginWritten::Stored;
    writer.update(&path(paths, login_session), Care::Plain, |before| {
        outcome = LoginWritten::Stored;
        let Some(before) = before else {
            outcome = LoginWritten::SignedOut;
            return Ok(None);
        };
        let on_disk = Fields::parse(before).and_then(|mut fields| login(&mut fields));
        let on_disk = on_disk.ok_or_else(unreadable)?;
        let written_since = on_disk.expires_at != replaced.expires_at;
        let signed_in_anew = dpop_key(&on_disk) != dpop_key(replaced);
        if signed_in_anew || written_since && on_disk.expires_at >= new.expires_at {
            outcome = LoginWritten::NewerOnDisk;
            return Ok(None);
        }
        let mut rest = Fields::parse(before).ok_or_else(unreadable)?;
        let mut old_access = rest.take_object(ACCESS_TOKEN).ok_or_else(unreadable)?;
        // What is replaced is taken out in whatever case it is written.
        for key in [
            "accessKeyId",
            "secretAccessKey",
            "sessionToken",
            "expiresAt",
        ] {
            old_access.take_secret(key);
        }
        rest.take_secret(REFRESH_TOKEN);
        let token = new
            .credentials
            .session_token
            .as_ref()
            .ok_or_else(|| Refusal {
                message: "AWS gave keys without a session token".to_owned(),
                remedy: "report this as a defect of Sandglass".to_owned(),
            })?;
        Ok(Some(cache_file::to_bytes(&LoginFile {
            access_token: AccessToken {
                access_key_id: &new.credentials.access_key_id,
                secret_access_key: new.credentials.secret_access_key.expose(),
                session_token: token.expose(),
                expires_at: moment::zulu(new.expires_at),
                rest: old_access.into_rest(),
            },
            refresh_token: new.token.expose(),
            rest: rest.into_rest(),
        })))
    })?;
    Ok(outcome)
}

/// Each sign-in has a key of its own.
fn dpop_key(login: &Login) -> Option<&Secret> {
    login.refresh.as_ref().map(|refresh| &refresh.dpop_key)
}

fn unreadable() -> Refusal {
    Refusal {
        message: "another program is in the middle of writing it, or it is damaged".to_owned(),
        remedy: "run `aws login` again, if this happens more than once".to_owned(),
    }
}
