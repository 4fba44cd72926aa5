//! How long a session is asked for, changed where the session is defined: `duration_seconds` of a profile in the files of
//! AWS, or of a table in `sessions.toml`. Planned, shown, carried out as shown.

use std::ops::RangeInclusive;

use sandglass_core::doctor::lifetime::Start;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;
use sandglass_core::secret::SecretSettings;
use sandglass_core::session::{Definition, Renewal};
use sandglass_core::views::words::span;
use toml_edit::{Item, Value};

use crate::changes::{FileChange, Kind, Plan, Planned, bytes_of, document, path_of, refused_by};
use crate::config::{Configuration, Profile};
use crate::definitions::{DURATION as KEY, put};
use crate::edit::{Change, edit};
use crate::paths::Paths;
use crate::section::AwsFile;
use crate::toml_file;
use crate::write::{Care, Refusal};

/// STS API reference, `AssumeRole`, `DurationSeconds`.
const OF_ROLE: RangeInclusive<u32> = 900..=43_200;
/// Of a role that is assumed with the credentials of another role (IAM user guide, role chaining).
const OF_CHAIN: RangeInclusive<u32> = 900..=3600;
/// STS API reference, `GetSessionToken` and `GetFederationToken`, `DurationSeconds`.
const OF_TOKEN: RangeInclusive<u32> = 900..=129_600;

/// Where the length of a session is written.
enum Home<'a> {
    /// A table of `sessions.toml`: `[role.X]`.
    Defined(&'static str, &'a str),
    /// The table of a connected profile, where settings are text as in the files of AWS.
    Connected(&'a ProfileName),
    /// A profile of the files of AWS.
    Profile(&'a ProfileName, AwsFile),
}

/// What it takes until this session is asked for with this length.
///
/// Refused where nobody on this machine sets how long it lives, and where AWS takes no such length.
///
/// `source` is the session that it is made from, where it is made from one.
pub fn asking(
    paths: &Paths,
    definition: &Definition,
    source: Option<&Definition>,
    seconds: u32,
) -> Result<Planned, RenewalError> {
    let configuration = Configuration::read(paths);
    let home = home(&configuration, definition)?;
    is_possible(definition, source, seconds)?;
    let name = definition.name.as_str();
    let change = match home {
        Home::Defined(group, table) => in_table(paths, group, table, i64::from(seconds).into())?,
        Home::Connected(profile) => in_table(
            paths,
            "connected",
            profile.as_str(),
            seconds.to_string().into(),
        )?,
        Home::Profile(profile, file) => in_profile(paths, file, profile, seconds)?,
    };
    let length = span(jiff::SignedDuration::from_secs(i64::from(seconds)));
    if change.before == change.after {
        return Ok(Planned::Nothing(format!(
            "`{name}` asks for {length} already"
        )));
    }
    let mut sentences = vec![format!(
        "from its next renewal on `{name}` is asked for {length}: `{KEY}` in `{}`",
        change.shown
    )];
    if matches!(home, Home::Connected(_)) {
        sentences.push(format!(
            "`sandglass disconnect {name}` brings back the length that stood in its files"
        ));
    }
    Ok(Planned::Changes(Plan {
        sentences,
        keys: SecretSettings::new(),
        files: vec![change],
        modes: Vec::new(),
    }))
}

fn home<'a>(
    configuration: &Configuration,
    definition: &'a Definition,
) -> Result<Home<'a>, RenewalError> {
    let name = definition.name.as_str();
    let nobody = |who: &str| {
        Err(RenewalError::new(
            ErrorCode::InvalidDefinition,
            format!("how long `{name}` lives is not set on this machine"),
            who,
        ))
    };
    match &definition.renewal {
        Renewal::SessionToken(token) => Ok(Home::Defined("mfa", token.target.as_str())),
        Renewal::FederationToken(_) => Ok(Home::Defined("federation", name)),
        Renewal::Role(role) => match (&role.target, &definition.profile) {
            (Some(target), _) => Ok(Home::Defined("role", target.as_str())),
            (None, Some(profile)) => Ok(of_profile(configuration, profile)),
            (None, None) => nobody("name the role in a profile"),
        },
        Renewal::WebIdentity(_) => {
            nobody("the AWS CLI and the SDKs ask for nothing here, and AWS gives an hour")
        }
        Renewal::SsoRole(_) | Renewal::SsoSignIn(_) => {
            nobody("ask your administrator: it is set in Identity Center")
        }
        Renewal::ConsoleLogin(_) => nobody("AWS fixes it"),
        Renewal::Metadata(_) => nobody("AWS renews it by itself"),
        Renewal::Process(_) | Renewal::Foreign(_) => nobody("set it in the program that makes it"),
        Renewal::LongLivedKeys(_) => nobody("these keys have no end"),
    }
}

/// Where the length stands already, or the role.
fn of_profile<'a>(configuration: &Configuration, name: &'a ProfileName) -> Home<'a> {
    let known = configuration.profile(name);
    if known.is_some_and(Profile::is_connected) {
        return Home::Connected(name);
    }
    let stands_in = |file: AwsFile, key: &str| {
        known.is_some_and(|profile| profile.setting_in(file, key).is_some())
    };
    let file = [KEY, "role_arn"].into_iter().find_map(|key| {
        [AwsFile::Credentials, AwsFile::Config]
            .into_iter()
            .find(|file| stands_in(*file, key))
    });
    Home::Profile(name, file.unwrap_or(AwsFile::Config))
}

/// The length in a file of AWS.
fn in_profile(
    paths: &Paths,
    file: AwsFile,
    profile: &ProfileName,
    seconds: u32,
) -> Result<FileChange, RenewalError> {
    let path = path_of(paths, file);
    let shown = paths.shown(path);
    let before = bytes_of(paths, path)?;
    let text = seconds.to_string();
    let after = edit(
        &document(before.as_ref()),
        file,
        profile,
        &[Change::Set(KEY, &text)],
    )
    .map_err(|error| refused_by(Refusal::from(error), &shown))?;
    Ok(FileChange {
        path: path.clone(),
        shown,
        kind: Kind::Aws(file, Care::WithBackup),
        before,
        after: Some(after),
    })
}

fn in_table(
    paths: &Paths,
    group: &str,
    table: &str,
    length: Value,
) -> Result<FileChange, RenewalError> {
    let path = paths.sessions_toml();
    let shown = paths.shown(&path);
    let before = bytes_of(paths, &path)?;
    let mut is_there = false;
    let bytes = before.as_deref().map(Vec::as_slice);
    let after = toml_file::edit(bytes, |document| {
        let tables = document.get_mut(group).and_then(Item::as_table_like_mut);
        let table = tables.and_then(|tables| tables.get_mut(table));
        if let Some(table) = table.and_then(Item::as_table_like_mut) {
            is_there = true;
            put(table, KEY, Some(length));
        }
    })
    .map_err(|refusal| refused_by(refusal, &shown))?;
    if !is_there {
        return Err(RenewalError::new(
            ErrorCode::FileBusy,
            format!("`{shown}` defines no `{group}.{table}` any more"),
            "look at how things are now, then try again",
        ));
    }
    Ok(FileChange {
        path,
        shown,
        kind: Kind::Definitions,
        before,
        after,
    })
}

/// Whether AWS takes such a length for this session; a refusal names the limits.
fn is_possible(
    definition: &Definition,
    source: Option<&Definition>,
    seconds: u32,
) -> Result<(), RenewalError> {
    let within = "ask for a length within these limits";
    let (limits, remedy) = match &definition.renewal {
        Renewal::Role(role) if Start::of_role(role, source) == Start::Role => (
            OF_CHAIN,
            "it is assumed with the credentials of another role: have it assumed straight from long-lived keys for more",
        ),
        Renewal::SessionToken(_) | Renewal::FederationToken(_) => (OF_TOKEN, within),
        Renewal::Role(_)
        | Renewal::WebIdentity(_)
        | Renewal::SsoSignIn(_)
        | Renewal::SsoRole(_)
        | Renewal::ConsoleLogin(_)
        | Renewal::Metadata(_)
        | Renewal::Process(_)
        | Renewal::LongLivedKeys(_)
        | Renewal::Foreign(_) => (OF_ROLE, within),
    };
    if limits.contains(&seconds) {
        return Ok(());
    }
    let length = |seconds: u32| span(jiff::SignedDuration::from_secs(i64::from(seconds)));
    Err(RenewalError::new(
        ErrorCode::InvalidDefinition,
        format!(
            "AWS takes {} to {} for `{}`",
            length(*limits.start()),
            length(*limits.end()),
            definition.name
        ),
        remedy,
    ))
}
