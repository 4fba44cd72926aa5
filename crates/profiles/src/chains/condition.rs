//! In which condition a thing is that a client would take: what makes it end with an error there, and not go on.

use std::fs;
use std::path::Path;

use jiff::SignedDuration;
use sandglass_core::doctor::chain::{Cure, Sdk};
use sandglass_core::doctor::machine::Answer;

use super::files::Profile;
use super::slots::{Fate, Looked};
use crate::cache_file::{self, Reading};
use crate::cli_cache::{self, PortalKey};
use crate::sso_cache::{self, Token};

/// The AWS CLI takes credentials out of its cache as long as they hold for longer than this (botocore, `CachedCredentialFetcher`).
const CLI_MARGIN: SignedDuration = SignedDuration::from_mins(15);
/// No token is longer than this, in bytes; of a longer file only the beginning is looked at.
const LONGEST_TOKEN: u64 = 64 * 1024;

impl Looked<'_> {
    /// A role with a source of its own.
    pub(super) fn role_fate(&self, profile: &Profile) -> Fate {
        match self.broken_source(profile, &mut vec![self.name]) {
            None => Fate::Usable,
            Some(why) => Fate::Broken(why, Cure::Settings),
        }
    }

    /// Why a role cannot be assumed with what its profile names; none where it can, as far as files and variables tell.
    /// `passed` are the profiles on the way, the one that is looked at last of all.
    fn broken_source<'a>(
        &'a self,
        profile: &'a Profile,
        passed: &mut Vec<&'a str>,
    ) -> Option<String> {
        if let Some(source) = profile.get("credential_source") {
            return self.broken_credential_source(source.text.expose());
        }
        let source_name = profile.get("source_profile")?.text.expose();
        let Ok(profiles) = self.profiles else {
            return None;
        };
        let Some(source) = profiles.get(source_name) else {
            return Some(format!(
                "there is no profile `{source_name}`, which `source_profile` names"
            ));
        };
        let has = |key: &str| source.get(key).is_some();
        let has_keys = has("aws_access_key_id") && has("aws_secret_access_key");
        let names_itself = passed.last() == Some(&source_name);
        let starts_from_another =
            has("role_arn") && !has("web_identity_token_file") && !names_itself;
        if starts_from_another && !has_keys {
            if passed.contains(&source_name) {
                return Some(format!(
                    "its sources go round in a circle, by way of profile `{source_name}`"
                ));
            }
            passed.push(source_name);
            return self.broken_source(source, passed);
        }
        let others = [
            "credential_process",
            "web_identity_token_file",
            "sso_account_id",
            "login_session",
        ];
        let gives = has_keys || (!names_itself && others.into_iter().any(has));
        (!gives).then(|| {
            format!("profile `{source_name}`, which `source_profile` names, holds no credentials")
        })
    }

    fn broken_credential_source(&self, source: &str) -> Option<String> {
        let is = |name: &str| {
            if self.sdk.stands_on_botocore() {
                source.eq_ignore_ascii_case(name)
            } else {
                source == name
            }
        };
        let is_set = |name: &str| self.surroundings.get(name).is_some();
        if is("Environment") {
            return (!is_set("AWS_ACCESS_KEY_ID")).then(|| {
                "`credential_source = Environment`, and the environment holds no keys".to_owned()
            });
        }
        if is("EcsContainer") {
            let is_there = is_set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
                || is_set("AWS_CONTAINER_CREDENTIALS_FULL_URI");
            return (!is_there).then(|| {
                "`credential_source = EcsContainer`, and the environment names no endpoint of a container"
                    .to_owned()
            });
        }
        if is("Ec2InstanceMetadata") {
            let none = match self.surroundings.instance {
                Some(Answer::Role { .. }) => return None,
                Some(Answer::Nothing(error)) => error.message.as_str(),
                None => "this is no EC2 instance, as far as anything says so",
            };
            return Some(format!(
                "`credential_source = Ec2InstanceMetadata`, and {none}"
            ));
        }
        Some(format!("there is no credential source `{source}`"))
    }

    /// A file with the token of an identity provider. A relative path means another file for each program.
    pub(super) fn identity_token_fate(path: &str) -> Fate {
        let path = Path::new(path);
        match fs::metadata(path) {
            Err(error) if path.is_absolute() => Fate::Broken(
                format!(
                    "the token file `{}` cannot be read: {error}",
                    path.display()
                ),
                Cure::IdentityToken,
            ),
            Ok(_) | Err(_) => Fate::Usable,
        }
    }

    /// The endpoint of a container, with the file that holds what lets a program ask it.
    pub(super) fn container_fate(&self) -> Fate {
        let Some(path) = self
            .surroundings
            .get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
        else {
            return Fate::Usable;
        };
        if !Path::new(&path).is_absolute() {
            // Another file for each program.
            return Fate::Usable;
        }
        let wrong = match line_break_in(Path::new(&path)) {
            Err(error) => format!("cannot be read: {error}"),
            Ok(true) if self.refuses_line_breaks() => {
                "holds a line break, which cannot be sent".to_owned()
            }
            Ok(_) => return Fate::Usable,
        };
        Fate::Broken(
            format!("`{path}`, which AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names, {wrong}"),
            Cure::ContainerToken,
        )
    }

    /// Whether it sends the token as it stands in its file.
    fn refuses_line_breaks(&self) -> bool {
        match self.sdk {
            Sdk::Cli1 | Sdk::Cli2 | Sdk::Boto3 | Sdk::Rust | Sdk::Go => true,
            Sdk::JavaScript | Sdk::Java => false,
        }
    }

    /// Identity Center settings that are complete, and the sign-in behind them.
    pub(super) fn identity_center_fate(&self, profile: &Profile) -> Fate {
        let session = profile.get("sso_session").map(|name| name.text.expose());
        if let (Some(name), Ok(profiles)) = (session, self.profiles)
            && !profiles.has_sso_session(name)
        {
            return Fate::Broken(
                format!("there is no `[sso-session {name}]`, which `sso_session` names"),
                Cure::Settings,
            );
        }
        let url = profile.get("sso_start_url").map(|url| url.text.expose());
        let Some(name) = session.or(url) else {
            return Fate::Usable;
        };
        let path = self.paths.sso_cache.join(cache_file::sha1_name(name));
        let now = self.surroundings.now;
        if self.is_kept_by_the_cli(profile, session, name) {
            return Fate::Usable;
        }
        // A legacy sign-in is never refreshed.
        let renews_itself = |token: &Token| session.is_some() && token.is_refreshable(now);
        match sso_cache::read_file(&path) {
            Reading::Present(token)
                if token.content.expires_at > now || renews_itself(&token.content) =>
            {
                Fate::Usable
            }
            Reading::Present(_) => Fate::Broken(
                "the sign-in is over, and cannot renew itself".to_owned(),
                Cure::SignIn,
            ),
            Reading::Absent => Fate::Broken(
                "nobody has signed in on this machine".to_owned(),
                Cure::SignIn,
            ),
            Reading::Torn | Reading::Foreign | Reading::Unreadable(_) => Fate::Broken(
                format!(
                    "the token file `{}` cannot be read",
                    self.paths.shown(&path)
                ),
                Cure::SignIn,
            ),
        }
    }
}

impl Looked<'_> {
    /// Version 2 of the AWS CLI needs no sign-in while its own cache holds the credentials.
    fn is_kept_by_the_cli(&self, profile: &Profile, session: Option<&str>, name: &str) -> bool {
        let text = |key: &str| profile.get(key).map(|value| value.text.expose());
        let (Some(account), Some(role)) = (text("sso_account_id"), text("sso_role_name")) else {
            return false;
        };
        let portal = match session {
            Some(session) => PortalKey::Session(session),
            None => PortalKey::StartUrl(name),
        };
        self.sdk == Sdk::Cli2
            && cli_cache::sso_role_ends_at(self.paths, portal, account, role)
                .is_some_and(|at| at.duration_since(self.surroundings.now) > CLI_MARGIN)
    }
}

fn line_break_in(path: &Path) -> std::io::Result<bool> {
    use std::io::Read as _;
    if !fs::metadata(path)?.is_file() {
        // A pipe would never end.
        return Ok(false);
    }
    let mut token = zeroize::Zeroizing::new(Vec::new());
    fs::File::open(path)?
        .take(LONGEST_TOKEN)
        .read_to_end(&mut token)?;
    Ok(token.contains(&b'\n'))
}
