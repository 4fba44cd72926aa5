//! Role credentials in `~/.aws/cli/cache`, in the AWS CLI's own format and under its own names: the CLI takes them from
//! there without calling AWS and without asking for a code.
//!
//! Entries are read and written by name only, so that the database that the CLI keeps in the same folder is never
//! touched.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sandglass_core::names::{AccountId, MfaSerial};
use sandglass_core::secret::{Credentials, Secret};
use sandglass_core::session::{
    PortalStyle, Renewal, RoleRenewal, SsoRoleRenewal, WebIdentityRenewal,
};
use serde::Serialize;

use crate::cache_file::{self, Fields, Reading, Spacing, python_object, python_text};
use crate::moment;
use crate::paths::Paths;
use crate::write::{Care, Refusal, WriteError, Writer, Written};

/// The role that STS says was assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumedRole {
    /// `AssumedRoleId`: the role's id and the session's name.
    pub id: String,
    /// `Arn` of the session.
    pub arn: String,
}

/// The entry of a session, where the CLI keeps one for its kind. Roles that only Sandglass defines have none: no profile
/// tells the CLI of them.
pub fn entry_path(paths: &Paths, renewal: &Renewal) -> Option<PathBuf> {
    let name = match renewal {
        Renewal::Role(role @ RoleRenewal { target: None, .. }) => role_name(role),
        Renewal::WebIdentity(role) => web_identity_name(role),
        Renewal::SsoRole(role) => sso_role_name(role),
        Renewal::Role(RoleRenewal {
            target: Some(_), ..
        })
        | Renewal::SessionToken(_)
        | Renewal::FederationToken(_)
        | Renewal::SsoSignIn(_)
        | Renewal::ConsoleLogin(_)
        | Renewal::Metadata(_)
        | Renewal::Process(_)
        | Renewal::LongLivedKeys(_)
        | Renewal::Foreign(_) => return None,
    };
    Some(paths.cli_cache.join(name))
}

/// The arguments of the call that are configured, sorted, with Python's default spacing. A session name that the CLI
/// makes up is no part of it.
fn role_name(role: &RoleRenewal) -> String {
    let text = |key, value: Option<&str>| value.map(|value| (key, python_text(value)));
    let fields: Vec<(&str, String)> = [
        role.duration
            .map(|duration| ("DurationSeconds", duration.as_secs().to_string())),
        text("ExternalId", role.external_id.as_deref()),
        text("RoleArn", Some(&role.role_arn)),
        text("RoleSessionName", role.session_name.as_deref()),
        text(
            "SerialNumber",
            role.mfa_serial.as_ref().map(MfaSerial::as_str),
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    cache_file::sha1_name(&python_object(&fields, Spacing::Wide))
}

/// Likewise; the token and its file are no part of it, and a duration is never sent (botocore,
/// `AssumeRoleWithWebIdentityProvider`).
fn web_identity_name(role: &WebIdentityRenewal) -> String {
    let arn = ("RoleArn", python_text(&role.role_arn));
    let name = role.session_name.as_deref();
    let name = name.map(|name| ("RoleSessionName", python_text(name)));
    let fields: Vec<(&str, String)> = [Some(arn), name].into_iter().flatten().collect();
    cache_file::sha1_name(&python_object(&fields, Spacing::Wide))
}

fn sso_role_name(role: &SsoRoleRenewal) -> String {
    let portal = match &role.portal.style {
        PortalStyle::Session { name, .. } => PortalKey::Session(name),
        PortalStyle::Legacy => PortalKey::StartUrl(&role.portal.start_url),
    };
    sso_role_name_of(portal, role.account.as_str(), &role.role_name)
}

/// What names a portal in the names of cache files.
#[derive(Clone, Copy)]
pub(crate) enum PortalKey<'a> {
    /// `sso_session`.
    Session(&'a str),
    /// `sso_start_url` of a legacy profile.
    StartUrl(&'a str),
}

fn sso_role_name_of(portal: PortalKey<'_>, account: &str, role_name: &str) -> String {
    let portal = match portal {
        PortalKey::Session(name) => ("sessionName", python_text(name)),
        PortalKey::StartUrl(url) => ("startUrl", python_text(url)),
    };
    let fields = [
        ("accountId", python_text(account)),
        ("roleName", python_text(role_name)),
        portal,
    ];
    cache_file::sha1_name(&python_object(&fields, Spacing::Compact))
}

/// When the credentials of an Identity Center role end that the CLI keeps (UTC).
pub(crate) fn sso_role_ends_at(
    paths: &Paths,
    portal: PortalKey<'_>,
    account: &str,
    role_name: &str,
) -> Option<Timestamp> {
    let path = paths
        .cli_cache
        .join(sso_role_name_of(portal, account, role_name));
    match read_entry(&path) {
        Reading::Present(entry) => Some(entry.content.ends_at),
        Reading::Absent | Reading::Torn | Reading::Foreign | Reading::Unreadable(_) => None,
    }
}

/// The credentials of a session; `Absent` for kinds of which the CLI keeps none.
pub fn read(paths: &Paths, renewal: &Renewal) -> Reading<Credentials> {
    let Some(path) = entry_path(paths, renewal) else {
        return Reading::Absent;
    };
    cache_file::read(&path, |mut fields| Some(credentials(&mut fields)?.0))
}

/// With the account that they are for, where it stands there.
fn credentials(fields: &mut Fields) -> Option<(Credentials, Option<String>)> {
    let mut fields = fields.take_object("Credentials")?;
    let credentials = Credentials {
        access_key_id: fields.take_text("AccessKeyId")?,
        secret_access_key: fields.take_secret("SecretAccessKey")?,
        session_token: Some(fields.take_secret("SessionToken")?),
        expires_at: Some(fields.take_moment("Expiration")?),
    };
    Some((credentials, fields.take_text("AccountId")))
}

/// An entry of which nothing but its file is known.
pub(crate) struct Entry {
    pub(crate) credentials: Credentials,
    pub(crate) ends_at: Timestamp,
    /// The account, where it says so.
    pub(crate) account: Option<AccountId>,
    /// `Arn` of the assumed role, where it is one.
    pub(crate) assumed: Option<String>,
}

pub(crate) fn read_entry(path: &Path) -> Reading<Entry> {
    cache_file::read(path, |mut fields| {
        let assumed = fields
            .take_object("AssumedRoleUser")
            .and_then(|mut user| user.take_text("Arn"));
        let (credentials, account) = credentials(&mut fields)?;
        Some(Entry {
            ends_at: credentials.expires_at?,
            credentials,
            account: account.map(AccountId::new),
            assumed,
        })
    })
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EntryFile<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_type: Option<&'a str>,
    credentials: EntryCredentials<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assumed_role_user: Option<AssumedRoleUser<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EntryCredentials<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: &'a str,
    expiration: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumedRoleUser<'a> {
    assumed_role_id: &'a str,
    arn: &'a str,
}

/// Puts the credentials of an assumed role where the CLI looks for them.
pub fn write_role(
    writer: &Writer,
    paths: &Paths,
    role: &RoleRenewal,
    credentials: &Credentials,
    assumed: &AssumedRole,
) -> Result<Written, WriteError> {
    write_assumed(writer, paths, &role_name(role), credentials, assumed)
}

/// Puts the credentials of a web identity where the CLI looks for them.
pub fn write_web_identity(
    writer: &Writer,
    paths: &Paths,
    role: &WebIdentityRenewal,
    credentials: &Credentials,
    assumed: &AssumedRole,
) -> Result<Written, WriteError> {
    write_assumed(
        writer,
        paths,
        &web_identity_name(role),
        credentials,
        assumed,
    )
}

fn write_assumed(
    writer: &Writer,
    paths: &Paths,
    name: &str,
    credentials: &Credentials,
    assumed: &AssumedRole,
) -> Result<Written, WriteError> {
    let account = assumed.arn.split(':').nth(4).map(AccountId::new);
    let path = paths.cli_cache.join(name);
    writer.update(&path, Care::Plain, |_| {
        let credentials = entry_credentials(credentials, account.as_ref(), moment::with_offset)?;
        Ok(Some(cache_file::to_bytes(&EntryFile {
            provider_type: None,
            credentials,
            assumed_role_user: Some(AssumedRoleUser {
                assumed_role_id: &assumed.id,
                arn: &assumed.arn,
            }),
        })))
    })
}

/// Puts the role credentials of an Identity Center profile where the CLI looks for them.
pub fn write_sso_role(
    writer: &Writer,
    paths: &Paths,
    role: &SsoRoleRenewal,
    credentials: &Credentials,
) -> Result<Written, WriteError> {
    let path = paths.cli_cache.join(sso_role_name(role));
    writer.update(&path, Care::Plain, |_| {
        let credentials = entry_credentials(credentials, Some(&role.account), moment::zulu)?;
        Ok(Some(cache_file::to_bytes(&EntryFile {
            provider_type: Some("sso"),
            credentials,
            assumed_role_user: None,
        })))
    })
}

fn entry_credentials<'a>(
    credentials: &'a Credentials,
    account: Option<&'a AccountId>,
    spelling: fn(Timestamp) -> String,
) -> Result<EntryCredentials<'a>, Refusal> {
    let (Some(token), Some(end)) = (&credentials.session_token, credentials.expires_at) else {
        return Err(Refusal {
            message: "the credentials carry no session token or no end".to_owned(),
            remedy: "report this as a defect of Sandglass".to_owned(),
        });
    };
    Ok(EntryCredentials {
        access_key_id: &credentials.access_key_id,
        secret_access_key: credentials.secret_access_key.expose(),
        session_token: Secret::expose(token),
        expiration: spelling(end),
        account_id: account.map(AccountId::as_str),
    })
}
