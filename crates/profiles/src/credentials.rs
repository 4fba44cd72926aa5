//! The credentials themselves, for those who call AWS with them, and their way into the credentials file.

use jiff::Timestamp;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;
use sandglass_core::secret::Credentials;
use sandglass_core::session::{Definition, Renewal};

use crate::cli_cache;
use crate::config::{Configuration, Profile};
use crate::document::Document;
use crate::edit::{Change, edit};
use crate::ends::{END_KEYS, LOCAL_TIME_MARK};
use crate::inventory::orphans;
use crate::ledger::{self, Entry};
use crate::login_cache;
use crate::moment;
use crate::paths::Paths;
use crate::section::AwsFile;
use crate::write::{Care, Refusal, WriteError, Writer, Written};

/// The keys that stand in a profile: long-lived ones, or a session that some program put there.
pub fn of_profile(
    configuration: &Configuration,
    name: &ProfileName,
) -> Result<Credentials, RenewalError> {
    let profile = configuration.profile(name).ok_or_else(|| {
        RenewalError::new(
            ErrorCode::UnknownProfile,
            format!("there is no profile `{name}`"),
            "see `sandglass status` for the profiles that are known, and `~/.aws/config` for their spelling",
        )
    })?;
    profile.keys().ok_or_else(|| {
        RenewalError::new(
            ErrorCode::SourceInvalid,
            format!("profile `{name}` holds no access key"),
            format!("put keys into it with `aws configure --profile {name}`, or name another profile as the source"),
        )
    })
}

/// The credentials of a session as they lie in a file, whether or not they have ended. Those of the sealed store, of the
/// metadata service and of a process lie in none.
pub fn of_session(
    paths: &Paths,
    configuration: &Configuration,
    definition: &Definition,
) -> Result<Credentials, RenewalError> {
    // What was there a moment ago may have been removed meanwhile: that is as good as over, and made anew.
    let none_yet = || {
        RenewalError::new(
            ErrorCode::SourceExpired,
            format!("there are no credentials of `{}` yet", definition.name),
            format!("run `sandglass renew {}`", definition.name),
        )
    };
    // AWS was asked nothing: that says nothing of the session.
    let no_keys = |what: &str| {
        RenewalError::new(
            ErrorCode::OutOfReach,
            format!("`{}` is {what}: no file holds keys of it", definition.name),
            "name a session that has keys in a file",
        )
    };
    if let Some(target) = definition.renewal.target() {
        let keys = configuration
            .profile(target)
            .and_then(|target| target.keys_in(AwsFile::Credentials))
            .filter(|keys| !is_long_lived(keys));
        return keys.ok_or_else(none_yet);
    }
    match &definition.renewal {
        Renewal::Role(_) | Renewal::WebIdentity(_) | Renewal::SsoRole(_) => {
            let stored = cli_cache::read(paths, &definition.renewal).present();
            stored.map(|stored| stored.content).ok_or_else(none_yet)
        }
        Renewal::ConsoleLogin(login) => {
            let stored = login_cache::read(paths, &login.login_session).present();
            stored
                .map(|stored| stored.content.credentials)
                .ok_or_else(none_yet)
        }
        Renewal::LongLivedKeys(profile) => of_profile(configuration, profile),
        Renewal::Foreign(_) => match &definition.profile {
            Some(profile) => of_profile(configuration, profile),
            None => orphans::credentials_of(paths, &definition.id)
                .ok_or_else(|| no_keys("a token, or gone")),
        },
        Renewal::SsoSignIn(_) => Err(no_keys("a sign-in")),
        Renewal::Metadata(_) => Err(no_keys("the role of this machine")),
        Renewal::Process(_) => Err(no_keys("what a process gives")),
        Renewal::SessionToken(_) | Renewal::FederationToken(_) => {
            Err(no_keys("kept in the sealed store"))
        }
    }
}

/// Writes the credentials of a session into its target profile ([`Renewal::target`]), and their end into the ledger.
///
/// Only the three keys are written; where another tool keeps the end of what it wrote, or the old name of the token,
/// beside them, that is brought up to date, since botocore reads the old name first and a stale end is a lie. Long-lived
/// keys are never written over: AWS shows their secret once, and it would be lost.
pub fn write_target(
    writer: &Writer,
    paths: &Paths,
    target_name: &ProfileName,
    credentials: &Credentials,
    issued_at: Timestamp,
) -> Result<Written, WriteError> {
    if let Some(ends_at) = credentials.expires_at {
        let entry = Entry::Issued { issued_at, ends_at };
        ledger::record(writer, paths, &[(credentials.access_key_id.clone(), entry)])?;
    }
    writer.update(&paths.credentials, Care::WithBackup, |before| {
        let document = Document::parse(before.unwrap_or_default().to_vec());
        let one_file = Configuration::of_document(paths, &document, AwsFile::Credentials);
        let target = one_file.profile(target_name);
        if target.is_some_and(holds_long_lived_keys) {
            return Err(Refusal {
                message: format!(
                    "profile `{target_name}` holds long-lived keys, which the session's keys would replace"
                ),
                remedy: "define the session with another target, or move those keys to another profile first"
                    .to_owned(),
            });
        }
        let Some(token) = &credentials.session_token else {
            return Err(Refusal {
                message: "AWS gave keys without a session token".to_owned(),
                remedy: "report this as a defect of Sandglass".to_owned(),
            });
        };
        let mut changes = vec![
            Change::Set("aws_access_key_id", &credentials.access_key_id),
            Change::Set("aws_secret_access_key", credentials.secret_access_key.expose()),
            Change::Set("aws_session_token", token.expose()),
            Change::Update("aws_security_token", token.expose()),
        ];
        let ends: Vec<(&str, Option<String>)> = target
            .into_iter()
            .flat_map(|target| ends_beside(target, credentials.expires_at))
            .collect();
        changes.extend(ends.iter().map(|(key, end)| match end {
            Some(end) => Change::Update(key, end),
            None => Change::Remove(key),
        }));
        let edited = edit(&document, AwsFile::Credentials, target_name, &changes)?;
        Ok(Some(edited))
    })
}

/// Keys without a session token are long-lived, except those whose id says that they are temporary and only half there.
pub(crate) fn is_long_lived(keys: &Credentials) -> bool {
    keys.session_token.is_none() && !keys.access_key_id.starts_with("ASIA")
}

/// Whether a session must not be written into this profile: [`is_long_lived`], even where the secret is missing.
pub(crate) fn holds_long_lived_keys(profile: &Profile) -> bool {
    if profile.key_in_keychain().is_some() {
        return true;
    }
    let Some(id) = profile.setting("aws_access_key_id") else {
        return false;
    };
    let token = profile
        .setting("aws_session_token")
        .or_else(|| profile.setting("aws_security_token"));
    token.is_none() && !id.value.starts_with("ASIA")
}

/// Whether `GetSessionToken` can be called with the keys of this profile: AWS wants long-lived ones.
pub fn can_be_source(
    configuration: &Configuration,
    source: &ProfileName,
) -> Result<(), RenewalError> {
    let in_keychain = configuration
        .profile(source)
        .and_then(Profile::key_in_keychain);
    if in_keychain.is_some() {
        return Ok(());
    }
    let credentials = of_profile(configuration, source)?;
    if credentials.session_token.is_none() {
        return Ok(());
    }
    Err(RenewalError::new(
        ErrorCode::SourceInvalid,
        format!("profile `{source}` holds temporary keys, which AWS does not give a session for"),
        "name the profile that holds the long-lived keys",
    ))
}

/// Whether the keys of a session may be written into this profile: long-lived keys there would be lost.
pub fn can_be_target(
    configuration: &Configuration,
    target: &ProfileName,
) -> Result<(), RenewalError> {
    if !configuration
        .profile(target)
        .is_some_and(holds_long_lived_keys)
    {
        return Ok(());
    }
    Err(RenewalError::new(
        ErrorCode::InvalidDefinition,
        format!("profile `{target}` holds long-lived keys, which the session's keys would replace"),
        "name another target, for instance `mfa`",
    ))
}

/// The keys beside the credentials that tell an end, and what they have to say from now on, each in the spelling that
/// its tool reads; none where that cannot be said.
fn ends_beside(
    target: &Profile,
    ends_at: Option<Timestamp>,
) -> impl Iterator<Item = (&'static str, Option<String>)> {
    END_KEYS.into_iter().filter_map(move |key| {
        let old = target.setting(key)?.value;
        let has_zone = moment::parse(old).is_some();
        let in_local_time = !has_zone && target.setting(LOCAL_TIME_MARK).is_some();
        let new = match ends_at {
            None => None,
            Some(_) if in_local_time => None,
            Some(end) if has_zone || moment::parse_naive(old).is_none() => Some(moment::zulu(end)),
            Some(end) => Some(moment::naive(end)),
        };
        Some((key, new))
    })
}
