//! What the two files mean, by the rules that the AWS CLI and the SDKs have in common.
//!
//! Where clients differ, the meaning is that of the SDKs, since a program that the AWS CLI refuses to work with is told
//! of by a finding, while one that works with other settings than shown is not: sections and keys that stand twice are
//! merged and the last value counts; a value ends where a comment follows it; `[profile default]` goes before
//! `[default]`. Settings of the credentials file go before those of the config file, except that keys are never mixed:
//! id, secret and token of a profile come from one file.
//!
//! A connected profile means what it meant before its programs asked Sandglass.
//!
//! Every value is kept as a [`Secret`], and `Debug` shows names only.

mod connections;

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use sandglass_core::findings::Finding;
use sandglass_core::names::ProfileName;
use sandglass_core::secret::{Credentials, Secret};

use self::connections::Connection;
use crate::connected;
use crate::document::Document;
use crate::ends;
use crate::paths::Paths;
use crate::section::{AwsFile, SectionName};
use crate::source;

/// Both files, merged.
pub struct Configuration {
    profiles: Vec<Profile>,
    sso_sessions: Vec<SsoSession>,
    services: BTreeMap<String, Settings>,
    config_shown: String,
    credentials_shown: String,
    /// What some client does not understand in one of the files.
    pub findings: Vec<Finding>,
}

/// One profile, with the settings of both files.
pub struct Profile {
    /// Its name.
    pub name: ProfileName,
    /// Where its first header stands.
    pub place: Place,
    credentials: Settings,
    config: Settings,
    /// The end that a comment between the settings of the credentials file tells.
    noted_end: Option<Timestamp>,
    /// Where programs ask Sandglass.
    connection: Option<Connection>,
}

/// A `[sso-session NAME]` section.
pub struct SsoSession {
    /// Its name.
    pub name: String,
    /// Where its header stands.
    pub place: Place,
    settings: Settings,
}

/// A line of one of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: AwsFile,
    /// The line, from 1.
    pub line: usize,
}

/// A setting, and where it stands.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// What the clients take for its value; never empty.
    pub value: &'a str,
    /// Its line.
    pub place: Place,
}

type Settings = BTreeMap<String, (Secret, Place)>;

fn get<'a>(settings: &'a Settings, key: &str) -> Option<Setting<'a>> {
    let (value, place) = settings.get(key)?;
    let value = value.expose();
    (!value.is_empty()).then_some(Setting {
        value,
        place: *place,
    })
}

impl Configuration {
    fn empty(paths: &Paths) -> Self {
        Self {
            profiles: Vec::new(),
            sso_sessions: Vec::new(),
            services: BTreeMap::new(),
            config_shown: paths.shown(&paths.config),
            credentials_shown: paths.shown(&paths.credentials),
            findings: Vec::new(),
        }
    }

    /// What one file alone says.
    pub(crate) fn of_document(paths: &Paths, document: &Document, file: AwsFile) -> Self {
        let mut configuration = Self::empty(paths);
        configuration.add(document, file);
        configuration
    }

    /// Reads both files, and what Sandglass keeps of connected profiles.
    pub fn read(paths: &Paths) -> Self {
        let mut configuration = Self::of_files(paths);
        let (all, findings) = connected::read(paths);
        configuration.findings.extend(findings);
        configuration.join(all);
        configuration
    }

    /// Reads both files, as programs do that do not know Sandglass.
    pub(crate) fn of_files(paths: &Paths) -> Self {
        let mut configuration = Self::empty(paths);
        for (file, path) in [
            (AwsFile::Config, &paths.config),
            (AwsFile::Credentials, &paths.credentials),
        ] {
            let shown = configuration.shown(file).to_owned();
            match source::read(path, &shown) {
                Ok(document) => {
                    let findings = source::findings(&document, file, &shown);
                    configuration.findings.extend(findings);
                    configuration.add(&document, file);
                }
                Err(finding) => configuration.findings.push(finding),
            }
        }
        configuration
    }

    /// All profiles, in the order in which the config file and then the credentials file first name them.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// The profile of this name.
    pub fn profile(&self, name: &ProfileName) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name == *name)
    }

    /// All sso-session sections, in the order of the file.
    pub fn sso_sessions(&self) -> &[SsoSession] {
        &self.sso_sessions
    }

    /// The sso-session section of this name.
    pub fn sso_session(&self, name: &str) -> Option<&SsoSession> {
        self.sso_sessions
            .iter()
            .find(|session| session.name == name)
    }

    /// The endpoint that the files give a service (`sts`, `sso`, `sso_oidc`): its entry in the services section that
    /// the profile names, otherwise the profile's own `endpoint_url`. Variables of the environment go before it.
    pub fn endpoint_url(&self, profile: &Profile, service: &str) -> Option<String> {
        let for_service = profile
            .services()
            .and_then(|services| get(self.services.get(services.value)?, service))
            .and_then(|block| nested(block.value, "endpoint_url"));
        for_service.or_else(|| Some(profile.endpoint_url()?.value.to_owned()))
    }

    /// `~/.aws/config:12`
    pub fn shown_place(&self, place: Place) -> String {
        format!("{}:{}", self.shown(place.file), place.line)
    }

    fn shown(&self, file: AwsFile) -> &str {
        match file {
            AwsFile::Config => &self.config_shown,
            AwsFile::Credentials => &self.credentials_shown,
        }
    }

    fn add(&mut self, document: &Document, file: AwsFile) {
        let prefixed_default = document
            .sections()
            .iter()
            .any(|section| section.header == "profile default");
        for section in document.sections() {
            let place = Place {
                file,
                line: section.line_number(),
            };
            let name = SectionName::of(file, &section.header);
            if let (AwsFile::Credentials, SectionName::Profile(name)) = (file, &name) {
                let end = document.comments_in(section).find_map(ends::in_comment);
                let profile = self.profile_or_new(name.clone(), place);
                profile.noted_end = end.or(profile.noted_end);
            }
            let settings = match name {
                SectionName::Other => continue,
                SectionName::Profile(_)
                    if file == AwsFile::Config
                        && section.header == "default"
                        && prefixed_default =>
                {
                    continue;
                }
                SectionName::Profile(name) => self.settings_of_profile(name, place),
                SectionName::SsoSession(name) => self.settings_of_sso_session(name, place),
                SectionName::Services(name) => self.services.entry(name).or_default(),
            };
            for property in &section.properties {
                let place = Place {
                    file,
                    line: property.line_number(),
                };
                settings.insert(property.key.clone(), (document.value(property), place));
            }
        }
    }

    fn settings_of_profile(&mut self, name: ProfileName, place: Place) -> &mut Settings {
        let profile = self.profile_or_new(name, place);
        match place.file {
            AwsFile::Config => &mut profile.config,
            AwsFile::Credentials => &mut profile.credentials,
        }
    }

    fn profile_or_new(&mut self, name: ProfileName, place: Place) -> &mut Profile {
        let known = self
            .profiles
            .iter()
            .position(|profile| profile.name == name);
        let index = known.unwrap_or_else(|| {
            self.profiles.push(Profile {
                name,
                place,
                credentials: Settings::new(),
                config: Settings::new(),
                noted_end: None,
                connection: None,
            });
            self.profiles.len() - 1
        });
        &mut self.profiles[index]
    }

    fn settings_of_sso_session(&mut self, name: String, place: Place) -> &mut Settings {
        let known = self
            .sso_sessions
            .iter()
            .position(|session| session.name == name);
        let index = known.unwrap_or_else(|| {
            self.sso_sessions.push(SsoSession {
                name,
                place,
                settings: Settings::new(),
            });
            self.sso_sessions.len() - 1
        });
        &mut self.sso_sessions[index].settings
    }
}

macro_rules! settings {
    ($($(#[$meta:meta])* $key:ident),+ $(,)?) => {
        $(
            $(#[$meta])*
            pub fn $key(&self) -> Option<Setting<'_>> {
                self.setting(stringify!($key))
            }
        )+
    };
}

impl Profile {
    /// A setting by its key in lower case: that of the credentials file, otherwise that of the config file.
    pub fn setting(&self, key: &str) -> Option<Setting<'_>> {
        get(&self.credentials, key).or_else(|| get(&self.config, key))
    }

    /// A setting as one file has it.
    pub(crate) fn setting_in(&self, file: AwsFile, key: &str) -> Option<Setting<'_>> {
        match file {
            AwsFile::Credentials => get(&self.credentials, key),
            AwsFile::Config => get(&self.config, key),
        }
    }

    settings! {
        /// `region`
        region,
        /// `role_arn`
        role_arn,
        /// `source_profile`
        source_profile,
        /// `credential_source`
        credential_source,
        /// `mfa_serial`
        mfa_serial,
        /// `external_id`
        external_id,
        /// `role_session_name`
        role_session_name,
        /// `duration_seconds`
        duration_seconds,
        /// `web_identity_token_file`
        web_identity_token_file,
        /// `credential_process`
        credential_process,
        /// `sso_session`
        sso_session,
        /// `sso_account_id`
        sso_account_id,
        /// `sso_role_name`
        sso_role_name,
        /// `sso_start_url`
        sso_start_url,
        /// `sso_region`
        sso_region,
        /// `login_session`
        login_session,
        /// `services`
        services,
        /// `endpoint_url`
        endpoint_url,
        /// `aws_account_id`
        aws_account_id,
    }

    /// The keys that stand in the files: those of the credentials file, otherwise those of the config file.
    pub fn keys(&self) -> Option<Credentials> {
        self.keys_in(AwsFile::Credentials)
            .or_else(|| self.keys_in(AwsFile::Config))
    }

    /// The keys that stand in this file, with the end that the tool which wrote them may have put beside them.
    pub fn keys_in(&self, file: AwsFile) -> Option<Credentials> {
        let (settings, noted_end) = match file {
            AwsFile::Credentials => (&self.credentials, self.noted_end),
            AwsFile::Config => (&self.config, None),
        };
        let value = |key: &str| get(settings, key).map(|setting| setting.value);
        let secret = |key| get(settings, key).map(|setting| Secret::new(setting.value.to_owned()));
        Some(Credentials {
            access_key_id: get(settings, "aws_access_key_id")?.value.to_owned(),
            secret_access_key: secret("aws_secret_access_key")?,
            // botocore reads the old name first, all others only the new one; where they differ, one is stale.
            session_token: secret("aws_session_token").or_else(|| secret("aws_security_token")),
            expires_at: ends::beside(value).or(noted_end),
        })
    }

    /// The file whose keys [`Profile::keys`] gives.
    pub fn file_of_keys(&self) -> Option<AwsFile> {
        [AwsFile::Credentials, AwsFile::Config]
            .into_iter()
            .find(|file| self.keys_in(*file).is_some())
    }
}

impl SsoSession {
    /// `sso_start_url`
    pub fn start_url(&self) -> Option<Setting<'_>> {
        get(&self.settings, "sso_start_url")
    }

    /// `sso_region`
    pub fn region(&self) -> Option<Setting<'_>> {
        get(&self.settings, "sso_region")
    }

    /// `sso_registration_scopes`: a list with commas; empty where the setting is missing.
    pub fn registration_scopes(&self) -> Vec<String> {
        get(&self.settings, "sso_registration_scopes").map_or_else(Vec::new, |scopes| {
            scopes
                .value
                .split(',')
                .map(str::trim)
                .filter(|scope| !scope.is_empty())
                .map(str::to_owned)
                .collect()
        })
    }
}

/// The value of a key in a nested block.
fn nested(block: &str, key: &str) -> Option<String> {
    block.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key && !value.trim().is_empty()).then(|| value.trim().to_owned())
    })
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("name", &self.name)
            .field("place", &self.place)
            .field("credentials", &self.credentials.keys())
            .field("config", &self.config.keys())
            .field("noted_end", &self.noted_end)
            .field("is_connected", &self.connection.is_some())
            .finish()
    }
}
