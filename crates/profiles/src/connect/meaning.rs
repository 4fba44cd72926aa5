//! What a profile means before it is connected, and whether all programs agree on it.

use std::collections::BTreeMap;

use sandglass_core::error::RenewalError;
use sandglass_core::findings::Finding;
use sandglass_core::names::ProfileName;
use sandglass_core::secret::{Secret, SecretSettings};
use sandglass_core::session::Source;

use super::{PROCESS, listed, refused};
use crate::changes::path_of;
use crate::config::{Configuration, Profile};
use crate::credential_settings::{KEYS, PLAIN};
use crate::credentials::is_long_lived;
use crate::definitions::{self, Defined};
use crate::own_process;
use crate::paths::Paths;
use crate::section::AwsFile;
use crate::sources::{self, Sources};

/// What a profile means that is not connected yet.
pub(super) struct Meaning<'a> {
    pub(super) profile: &'a Profile,
    /// The session that Sandglass writes into it.
    defined: Option<Defined>,
    /// How credentials are come by.
    pub(super) settings: BTreeMap<String, String>,
    pub(super) keys: Keys,
    /// Another profile, whose long-lived keys its role starts from, and which holds them in a file.
    starts_from: Option<&'a Profile>,
}

/// The keys that stand in the files.
pub(super) enum Keys {
    None,
    /// They are what the profile means.
    LongLived {
        id: String,
        file: AwsFile,
    },
    /// Of a session.
    Temporary(AwsFile),
}

impl<'a> Meaning<'a> {
    pub(super) fn of(
        paths: &Paths,
        configuration: &'a Configuration,
        profile: &'a Profile,
    ) -> Result<Self, RenewalError> {
        let name = &profile.name;
        let (all, _) = definitions::read(paths);
        let sources = Sources {
            configuration,
            definitions: &all,
        };
        let not_understood = |finding| match finding {
            Some(Finding {
                message, remedy, ..
            }) => refused(message, remedy),
            None => refused(
                format!("what profile `{name}` means cannot be understood"),
                "see `sandglass status` for what is wrong, and mend that first",
            ),
        };
        let kind = sources.kind(profile).map_err(not_understood)?;
        let defined = all
            .iter()
            .find(|defined| defined.target() == Some(name))
            .cloned();
        let keys = Self::keys(profile)?;
        if let Some(refusal) = refusal(name, &kind, &keys, defined.is_some()) {
            return Err(refusal);
        }
        let starts_from = match kind {
            sources::Kind::Role => {
                let source = sources.of_role(profile).map_err(not_understood)?;
                keys_that_a_role_starts_from(profile, &source)?
                    .and_then(|source| configuration.profile(source))
                    .filter(|source| source.name != *name)
            }
            sources::Kind::WebIdentity(_)
            | sources::Kind::SsoRole { .. }
            | sources::Kind::Keys
            | sources::Kind::Login(_)
            | sources::Kind::Process(_)
            | sources::Kind::Served(_)
            | sources::Kind::Nothing => None,
        };
        let settings = PLAIN
            .into_iter()
            .filter_map(|key| Some((key.to_owned(), profile.setting(key)?.value.to_owned())))
            .filter(|(key, text)| key != PROCESS || own_process::served(text).is_none())
            .collect();
        Ok(Self {
            profile,
            defined,
            settings,
            keys,
            starts_from,
        })
    }

    fn keys(profile: &Profile) -> Result<Keys, RenewalError> {
        let has_keys = |file| {
            KEYS.into_iter()
                .any(|key| profile.setting_in(file, key).is_some())
        };
        let file = match (has_keys(AwsFile::Config), has_keys(AwsFile::Credentials)) {
            (false, false) => return Ok(Keys::None),
            (true, true) => {
                return Err(refused(
                    format!(
                        "profile `{}` has keys in both files: programs disagree which of them count",
                        profile.name
                    ),
                    "remove those that you do not need",
                ));
            }
            (true, false) => AwsFile::Config,
            (false, true) => AwsFile::Credentials,
        };
        Ok(match profile.keys_in(file) {
            Some(keys) if is_long_lived(&keys) => Keys::LongLived {
                id: keys.access_key_id,
                file,
            },
            Some(_) | None => Keys::Temporary(file),
        })
    }

    pub(super) fn keys_in(&self, file: AwsFile) -> bool {
        match &self.keys {
            Keys::None => false,
            Keys::LongLived { file: of, .. } | Keys::Temporary(of) => *of == file,
        }
    }

    pub(super) fn secrets(&self) -> SecretSettings {
        let file = match &self.keys {
            Keys::None => return SecretSettings::new(),
            Keys::LongLived { file, .. } | Keys::Temporary(file) => *file,
        };
        KEYS.into_iter()
            .filter_map(|key| {
                let value = self.profile.setting_in(file, key)?.value;
                Some((key.to_owned(), Secret::new(value.to_owned())))
            })
            .collect()
    }

    pub(super) fn sentences(&self, paths: &Paths, command: &str) -> Vec<String> {
        let name = &self.profile.name;
        let mut sentences = vec![format!(
            "programs that use profile `{name}` will ask Sandglass: `{PROCESS} = {command}`"
        )];
        if !self.settings.is_empty() {
            sentences.push(format!(
                "how its credentials are come by moves to `{}`: {}",
                paths.shown(&paths.sessions_toml()),
                listed(self.settings.keys().map(String::as_str))
            ));
        }
        let file = |file| paths.shown(path_of(paths, file));
        match (&self.keys, &self.defined) {
            (Keys::None, _) => {}
            (Keys::LongLived { id, file: of }, _) => sentences.push(format!(
                "the access key that ends in {} moves from `{}` to your keychain",
                last_four(id),
                file(*of)
            )),
            (Keys::Temporary(of), Some(_)) => sentences.push(format!(
                "the temporary keys of `{name}` leave `{}`: programs that only read that file will find none",
                file(*of)
            )),
            (Keys::Temporary(of), None) => sentences.push(format!(
                "the temporary keys of `{name}`, which programs take before anything else, leave `{}`",
                file(*of)
            )),
        }
        if let Some((source, of)) = self
            .starts_from
            .and_then(|source| Some((&source.name, source.file_of_keys()?)))
        {
            sentences.push(format!(
                "the keys of `{source}`, which the role starts from, stay in `{}`; `sandglass connect {source}` moves them to \
                 your keychain",
                file(of)
            ));
        }
        sentences.push(format!("`sandglass disconnect {name}` puts all of it back"));
        sentences
    }
}

/// Why a profile that means this is not connected.
fn refusal(
    name: &ProfileName,
    kind: &sources::Kind<'_>,
    keys: &Keys,
    is_target: bool,
) -> Option<RenewalError> {
    let clash = |what: &str| {
        refused(
            format!(
                "profile `{name}` has {what} and keys in the config file: programs disagree which of them count"
            ),
            "remove those that you do not need",
        )
    };
    let in_config = matches!(
        keys,
        Keys::LongLived {
            file: AwsFile::Config,
            ..
        }
    );
    let is_long_lived = matches!(keys, Keys::LongLived { .. });
    match kind {
        sources::Kind::Login(_) if in_config => Some(clash("a `login_session`")),
        sources::Kind::Process(_) if in_config => Some(clash("a `credential_process`")),
        sources::Kind::Served(other) if other != name => Some(refused(
            format!("profile `{name}` asks Sandglass for the credentials of `{other}` already"),
            format!("connect the profile that means what you want instead of `{name}`"),
        )),
        sources::Kind::Served(_) if !is_target => Some(refused(
            format!(
                "profile `{name}` asks Sandglass for its own credentials, and nothing says what they are"
            ),
            "say in the profile what gives its credentials: a role, a sign-in or keys",
        )),
        sources::Kind::Nothing if !is_target => Some(refused(
            format!("nothing in profile `{name}` gives credentials"),
            "connect a profile that has a role, a sign-in or keys",
        )),
        sources::Kind::Keys if !is_long_lived && !is_target => Some(refused(
            format!(
                "profile `{name}` holds temporary keys that another program put there: Sandglass could serve no others once they end"
            ),
            format!(
                "define the session that makes them with `sandglass mfa add`, `sandglass role add` or in `~/.aws/config`, then \
                 connect `{name}`"
            ),
        )),
        sources::Kind::Role
        | sources::Kind::WebIdentity(_)
        | sources::Kind::SsoRole { .. }
        | sources::Kind::Keys
        | sources::Kind::Login(_)
        | sources::Kind::Process(_)
        | sources::Kind::Served(_)
        | sources::Kind::Nothing => None,
    }
}

/// The profile with the keys, where the role starts from such.
fn keys_that_a_role_starts_from<'s>(
    profile: &Profile,
    source: &'s Source,
) -> Result<Option<&'s ProfileName>, RenewalError> {
    match source {
        Source::Keys(source) => Ok(Some(source)),
        Source::Session { .. } => Ok(None),
        Source::Environment => Err(refused(
            format!(
                "profile `{}` starts from the environment of each program, which Sandglass does not have",
                profile.name
            ),
            "name a `source_profile` in it",
        )),
    }
}

fn last_four(id: &str) -> &str {
    id.char_indices()
        .rev()
        .nth(3)
        .map_or(id, |(at, _)| &id[at..])
}
