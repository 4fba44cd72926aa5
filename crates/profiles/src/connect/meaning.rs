//! What a profile means before it is connected, and whether all programs agree on it.

use std::collections::BTreeMap;

use sandglass_core::error::RenewalError;
use sandglass_core::secret::{Secret, SecretSettings};
use sandglass_core::session::Source;

use super::{PROCESS, listed, path_of, refused};
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
        files: &'a Configuration,
        profile: &'a Profile,
    ) -> Result<Self, RenewalError> {
        let name = &profile.name;
        let (all, _) = definitions::read(paths);
        let sources = Sources {
            configuration: files,
            definitions: &all,
        };
        let kind = sources.kind(profile).map_err(|finding| match finding {
            Some(finding) => refused(finding.message, finding.remedy),
            None => refused(
                format!("what profile `{name}` means cannot be understood"),
                "see `sandglass status` for what is wrong, and mend that first",
            ),
        })?;
        let defined = all
            .iter()
            .find(|defined| defined.target() == Some(name))
            .cloned();
        let keys = Self::keys(profile)?;
        let clash = |what: &str| {
            refused(
                format!(
                    "profile `{name}` has {what} and keys in the config file: programs disagree which of them count"
                ),
                "remove those that you do not need",
            )
        };
        match (&kind, &keys, &defined) {
            (sources::Kind::Served(itself), _, None) if itself == name => {
                return Err(refused(
                    format!(
                        "profile `{name}` asks Sandglass for its own credentials, and nothing says what they are"
                    ),
                    "say in the profile what gives its credentials: a role, a sign-in or keys",
                ));
            }
            (sources::Kind::Served(other), _, _) if other != name => {
                return Err(refused(
                    format!(
                        "profile `{name}` asks Sandglass for the credentials of `{other}` already"
                    ),
                    format!("connect the profile that means what you want instead of `{name}`"),
                ));
            }
            (
                sources::Kind::Login(_),
                Keys::LongLived {
                    file: AwsFile::Config,
                    ..
                },
                _,
            ) => {
                return Err(clash("a `login_session`"));
            }
            (
                sources::Kind::Process(_),
                Keys::LongLived {
                    file: AwsFile::Config,
                    ..
                },
                _,
            ) => {
                return Err(clash("a `credential_process`"));
            }
            (sources::Kind::Nothing, _, None) => {
                return Err(refused(
                    format!("nothing in profile `{name}` gives credentials"),
                    "connect a profile that has a role, a sign-in or keys",
                ));
            }
            (sources::Kind::Keys, Keys::Temporary(_) | Keys::None, None) => {
                return Err(refused(
                    format!(
                        "profile `{name}` holds temporary keys that another program put there: Sandglass could serve no others once they end"
                    ),
                    format!(
                        "define the session that makes them with `sandglass mfa add`, `sandglass role add` or in `~/.aws/config`, \
                         then connect `{name}`"
                    ),
                ));
            }
            _ => {}
        }
        let starts_from = match (&kind, sources.of_role(profile)) {
            (sources::Kind::Role, Ok(Source::Keys(source))) if source != *name => {
                files.profile(&source)
            }
            _ => None,
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

fn last_four(id: &str) -> &str {
    id.char_indices()
        .rev()
        .nth(3)
        .map_or(id, |(at, _)| &id[at..])
}
