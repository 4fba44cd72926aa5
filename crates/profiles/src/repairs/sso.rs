//! Identity Center settings with which a sign-in cannot renew itself.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::{Repair, plan, rewritten};
use crate::changes::{bytes_of, document};
use crate::config::{Configuration, Profile};
use crate::document::{Document, Section};
use crate::edit::{Change, edit};
use crate::paths::Paths;
use crate::section::{AwsFile, SectionName};

/// Without it Identity Center gives no refresh token (AWS CLI user guide, `sso_registration_scopes`).
const SCOPE: &str = "sso:account:access";
const SCOPES: &str = "sso_registration_scopes";

/// Every `[sso-session]` that does not ask for a token that can be renewed.
pub(super) fn scopes(paths: &Paths) -> Vec<Repair> {
    let Ok(Some(before)) = bytes_of(paths, &paths.config) else {
        return Vec::new();
    };
    let old = document(Some(&before));
    let sections = old.sections().iter();
    sections
        .filter_map(|section| {
            let SectionName::SsoSession(name) = SectionName::of(AwsFile::Config, &section.header)
            else {
                return None;
            };
            let after = with_scope(&old, section)?;
            let shown = paths.shown(&paths.config);
            let does = format!("sso-session `{name}` asks for `{SCOPE}` at its next sign-in");
            let files = vec![rewritten(paths, AwsFile::Config, &before, after)];
            Some(Repair {
                code: "sso-scope-missing",
                place: format!("{shown}:[sso-session {name}]"),
                what: format!("sso-session `{name}` does not ask for `{SCOPE}`"),
                why: "a sign-in by device code gets no refresh token then, and is over after some hours without a way to renew it"
                    .to_owned(),
                prevention: None,
 covers: Vec::new(),
                plan: plan(&does, files),
                does,
            })
        })
        .collect()
}

/// The file with the scope in this section; none where it is there.
fn with_scope(document: &Document, section: &Section) -> Option<Zeroizing<Vec<u8>>> {
    let property = section
        .properties
        .iter()
        .find(|property| property.key == SCOPES);
    let (at, text) = if let Some(property) = property {
        let value = document.value(property);
        let mut scopes = value.expose().split(',').map(str::trim);
        if scopes.any(|scope| scope == SCOPE) || !property.continuations.is_empty() {
            return None;
        }
        let comma = if value.expose().is_empty() { "" } else { "," };
        (property.value_span.end, format!("{comma}{SCOPE}"))
    } else {
        let last = &document.lines()[section.last_line()];
        let newline = document.newline();
        let line = format!("{SCOPES} = {SCOPE}");
        let text = if last.text.end == last.span.end {
            format!("{newline}{line}")
        } else {
            format!("{line}{newline}")
        };
        (last.span.end, text)
    };
    let bytes = document.bytes();
    Some(Zeroizing::new(
        [&bytes[..at], text.as_bytes(), &bytes[at..]].concat(),
    ))
}

/// A portal as legacy profiles name it: start URL and region.
type Legacy<'a> = (&'a str, &'a str);

/// Every portal that legacy profiles name, with these profiles.
pub(super) fn legacy(paths: &Paths, configuration: &Configuration) -> Vec<Repair> {
    let mut portals: BTreeMap<Legacy<'_>, Vec<&Profile>> = BTreeMap::new();
    for profile in configuration.profiles() {
        let of_config = |key| profile.setting_in(AwsFile::Config, key);
        if profile.sso_session().is_none()
            && let (Some(url), Some(region)) = (of_config("sso_start_url"), of_config("sso_region"))
        {
            let users = portals.entry((url.value, region.value)).or_default();
            users.push(profile);
        }
    }
    let urls: Vec<&str> = portals.keys().map(|(url, _)| *url).collect();
    let mut repairs: Vec<Repair> = portals
        .iter()
        .filter_map(|(portal, users)| {
            let is_shared = urls.iter().filter(|url| **url == portal.0).count() > 1;
            of_portal(paths, configuration, *portal, users, is_shared)
        })
        .collect();
    // What overwrites each other's tokens comes first.
    repairs.sort_by_key(|repair| repair.code != "sso-cache-collision");
    repairs
}

fn of_portal(
    paths: &Paths,
    configuration: &Configuration,
    (url, region): Legacy<'_>,
    users: &[&Profile],
    is_shared: bool,
) -> Option<Repair> {
    let before = bytes_of(paths, &paths.config).ok()??;
    let known = configuration.sso_sessions().iter().find(|session| {
        session.start_url().map(|url| url.value) == Some(url)
            && session.region().map(|region| region.value) == Some(region)
    });
    let name = known.map_or_else(
        || free_name(configuration, url, region),
        |session| session.name.clone(),
    );
    let mut bytes = before.clone();
    for user in users {
        let changes = [
            Change::Remove("sso_start_url"),
            Change::Remove("sso_region"),
            Change::Remove(SCOPES),
            Change::Set("sso_session", &name),
        ];
        bytes = edit(
            &document(Some(&bytes)),
            AwsFile::Config,
            &user.name,
            &changes,
        )
        .ok()?;
    }
    if known.is_none() {
        append_session(&mut bytes, &name, url, region);
    }
    let names: Vec<String> = users
        .iter()
        .map(|user| format!("`{}`", user.name))
        .collect();
    let (names_it, name_verb, gets) = if names.len() == 1 {
        ("names its portal in the profile itself", "names", "gets")
    } else {
        (
            "name their portal in the profiles themselves",
            "name",
            "get",
        )
    };
    let names = names.join(", ");
    let shown = paths.shown(&paths.config);
    let (code, what, why) = if is_shared {
        (
            "sso-cache-collision",
            format!("{names} {name_verb} `{url}` with another region than other profiles"),
            "their tokens have one file name, so that each sign-in overwrites the other",
        )
    } else {
        (
            "sso-legacy",
            format!("{names} {names_it}"),
            "such a sign-in is over after eight hours and cannot renew itself; that of an sso-session does",
        )
    };
    let does = format!(
        "{names} {gets} `sso_session = {name}`, which needs AWS CLI 2.9, AWS CLI 1.27, boto3 1.26 or newer; sign in once afterwards"
    );
    Some(Repair {
        code,
        place: format!("{shown}:{url} {region}"),
        what,
        why: why.to_owned(),
        prevention: None,
        covers: Vec::new(),
        plan: plan(
            &does,
            vec![rewritten(paths, AwsFile::Config, &before, bytes)],
        ),
        does,
    })
}

/// After the first label of the portal's address, as the AWS CLI's examples have it.
fn free_name(configuration: &Configuration, url: &str, region: &str) -> String {
    let address = url.split_once("://").map_or(url, |(_, address)| address);
    let label: String = address
        .chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
        .collect();
    let label = if label.is_empty() {
        "sso".to_owned()
    } else {
        label
    };
    let candidates = [label.clone(), format!("{label}-{region}")];
    let numbered = (2..).map(|number| format!("{label}-{number}"));
    candidates
        .into_iter()
        .chain(numbered)
        .find(|name| configuration.sso_session(name).is_none())
        .unwrap_or(label)
}

fn append_session(bytes: &mut Zeroizing<Vec<u8>>, name: &str, url: &str, region: &str) {
    let newline = document(Some(bytes)).newline();
    if !bytes.ends_with(b"\n") {
        bytes.extend_from_slice(newline.as_bytes());
    }
    let lines = [
        String::new(),
        format!("[sso-session {name}]"),
        format!("sso_start_url = {url}"),
        format!("sso_region = {region}"),
        format!("{SCOPES} = {SCOPE}"),
    ];
    for line in lines {
        bytes.extend_from_slice(line.as_bytes());
        bytes.extend_from_slice(newline.as_bytes());
    }
}
