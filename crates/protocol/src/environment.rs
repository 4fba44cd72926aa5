//! Which variables decide what files and endpoints are meant.
//!
//! The agent works with the environment that it was started in. A caller whose variables differ would be served from
//! other files than it believes, so it is told instead.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use crate::place::Place;

/// Variables that choose files or the addresses of AWS (AWS SDKs and Tools Reference Guide, XDG base directories).
pub const DECISIVE: [&str; 15] = [
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_LOGIN_CACHE_DIRECTORY",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "AWS_ENDPOINT_URL_SIGNIN",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_CA_BUNDLE",
];

/// The decisive variables that are set and not empty, through `lookup`.
pub fn decisive(lookup: impl Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
    DECISIVE
        .iter()
        .filter_map(|name| {
            let value = lookup(name).filter(|value| !value.is_empty())?;
            Some(((*name).to_owned(), value))
        })
        .collect()
}

/// The folder in which programs that `sandglass exec` starts find their files, below that of the agent's socket.
pub const EXEC_FOLDER: &str = "exec";
/// What `AWS_CONFIG_FILE` was before `sandglass exec`; empty where it was not set.
pub const OWN_CONFIG_FILE: &str = "SANDGLASS_AWS_CONFIG_FILE";
/// What `AWS_SHARED_CREDENTIALS_FILE` was before.
pub const OWN_CREDENTIALS_FILE: &str = "SANDGLASS_AWS_SHARED_CREDENTIALS_FILE";

/// What undoes the changes that `sandglass exec` made to the variables of this process: Sandglass itself works with the
/// person's own files, also inside of it.
pub fn without_exec(
    lookup: impl Fn(&str) -> Option<String>,
) -> Vec<(&'static str, Option<String>)> {
    let Ok(place) = Place::find(&lookup) else {
        return Vec::new();
    };
    let folder = place.folder().join(EXEC_FOLDER);
    let is_ours =
        |name: &str| lookup(name).is_some_and(|value| Path::new(&value).starts_with(&folder));
    let own = |name: &str| lookup(name).filter(|value| !value.is_empty());
    let mut changes = Vec::new();
    for (name, before) in [
        ("AWS_CONFIG_FILE", OWN_CONFIG_FILE),
        ("AWS_SHARED_CREDENTIALS_FILE", OWN_CREDENTIALS_FILE),
    ] {
        if is_ours(name) {
            changes.push((name, own(before)));
        }
    }
    if is_ours("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") || !changes.is_empty() {
        let endpoint = [
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_PROFILE",
        ];
        changes.extend(endpoint.map(|name| (name, None)));
    }
    changes
}

/// The decisive variables of this process, as they are without `sandglass exec`. Relative paths mean other files in other folders, so that they are made
/// absolute.
pub fn of_this_process() -> BTreeMap<String, String> {
    let changes = without_exec(|name| std::env::var(name).ok());
    decisive(|name| {
        let changed = changes.iter().find(|(changed, _)| *changed == name);
        let value = match changed {
            Some((_, own)) => own.clone().map(OsString::from),
            None => std::env::var_os(name),
        };
        let value = absolute(name, value?);
        Some(value.to_string_lossy().into_owned())
    })
}

fn absolute(name: &str, value: OsString) -> OsString {
    let is_path = ["_FILE", "_BUNDLE", "_DIRECTORY"]
        .iter()
        .any(|end| name.ends_with(end));
    let from_home = value.as_encoded_bytes().starts_with(b"~");
    if is_path && !from_home && !value.is_empty() {
        std::path::absolute(&value).map_or(value, Into::into)
    } else {
        value
    }
}

/// A sentence for each variable that differs between the agent and a caller.
pub fn differences(
    agent: &BTreeMap<String, String>,
    caller: &BTreeMap<String, String>,
) -> Vec<String> {
    DECISIVE
        .iter()
        .filter(|name| agent.get(**name) != caller.get(**name))
        .map(|name| {
            let told = |side: &BTreeMap<String, String>| {
                side.get(*name)
                    .map_or_else(|| "unset".to_owned(), |value| format!("`{value}`"))
            };
            format!(
                "{name} is {} here and {} for the agent",
                told(caller),
                told(agent)
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        decisive(|name| {
            let (_, value) = pairs.iter().find(|(key, _)| *key == name)?;
            Some((*value).to_owned())
        })
    }

    #[test]
    fn an_unset_and_an_empty_variable_are_the_same() {
        assert_eq!(environment(&[("AWS_CONFIG_FILE", "")]), environment(&[]));
    }

    #[test]
    fn a_caller_with_another_config_file_is_told_which() {
        let agent = environment(&[("HOME", "/home/ann")]);
        let caller = environment(&[("HOME", "/home/ann"), ("AWS_CONFIG_FILE", "/tmp/c")]);
        assert_eq!(
            differences(&agent, &caller),
            ["AWS_CONFIG_FILE is `/tmp/c` here and unset for the agent"]
        );
        assert!(differences(&agent, &agent).is_empty());
    }

    #[test]
    fn variables_that_decide_nothing_are_not_sent() {
        assert!(environment(&[("AWS_PROFILE", "x"), ("AWS_SECRET_ACCESS_KEY", "y")]).is_empty());
    }
    #[test]
    fn inside_of_exec_the_persons_own_variables_count() {
        let folder = "/run/user/1000/sandglass/exec/grant";
        let inside = |name: &str| {
            Some(match name {
                "XDG_RUNTIME_DIR" => "/run/user/1000".to_owned(),
                "AWS_CONFIG_FILE" => format!("{folder}/config"),
                "AWS_SHARED_CREDENTIALS_FILE" => format!("{folder}/credentials"),
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" => format!("{folder}/token"),
                OWN_CONFIG_FILE => String::new(),
                OWN_CREDENTIALS_FILE => "/home/me/keys".to_owned(),
                _ => return None,
            })
        };
        let changes = without_exec(inside);
        assert_eq!(changes[0], ("AWS_CONFIG_FILE", None));
        let own = Some("/home/me/keys".to_owned());
        assert_eq!(changes[1], ("AWS_SHARED_CREDENTIALS_FILE", own));
        assert!(changes.contains(&("AWS_CONTAINER_CREDENTIALS_FULL_URI", None)));
        assert!(changes.contains(&("AWS_PROFILE", None)));
        let outside = |name: &str| match name {
            "XDG_RUNTIME_DIR" => Some("/run/user/1000".to_owned()),
            "AWS_CONFIG_FILE" => Some("/home/me/config".to_owned()),
            // Somebody else's, in a real container.
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" => Some("/var/run/token".to_owned()),
            OWN_CONFIG_FILE => Some("/stale".to_owned()),
            _ => None,
        };
        assert_eq!(without_exec(outside), []);
    }

    #[test]
    fn relative_paths_are_made_absolute_and_nothing_else_is_touched() {
        let made = |name: &str, value: &str| absolute(name, value.into());
        for name in [
            "AWS_CONFIG_FILE",
            "AWS_CA_BUNDLE",
            "AWS_LOGIN_CACHE_DIRECTORY",
        ] {
            assert!(
                std::path::Path::new(&made(name, "here")).is_absolute(),
                "{name}"
            );
            assert_eq!(made(name, "~/here"), "~/here");
            assert_eq!(made(name, ""), "");
        }
        let endpoint = "http://127.0.0.1:4711";
        assert_eq!(made("AWS_ENDPOINT_URL_SIGNIN", endpoint), endpoint);
    }
}
