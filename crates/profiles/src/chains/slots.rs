//! The places of a chain, and what a client makes of what stands there.

use sandglass_core::doctor::chain::{Cure, Giver, Sdk, last_four};
use sandglass_core::doctor::machine::Answer;

use super::files::{Profile, Profiles, Value};
use super::{Found, Surroundings};
use crate::paths::Paths;
use crate::section::AwsFile;

/// The place of what stands for the files of AWS as a whole, where a client refuses to read one.
const THE_FILES: &str = "the files";

/// What a client makes of something that could give credentials.
pub(super) enum Fate {
    /// It takes it.
    Usable,
    /// It ends with an error.
    Broken(String, Cure),
    /// It goes on to the next.
    PassedOver(String),
}

/// A place at which a client looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    EnvironmentKeys,
    EnvironmentWebIdentity,
    Role,
    WebIdentity,
    IdentityCenter,
    /// Of either file; those of the credentials file go first.
    Keys,
    CredentialsKeys,
    ConfigKeys,
    ConsoleLogin,
    Process,
    /// The file that `AWS_CREDENTIAL_FILE` names.
    CredentialFile,
    /// The configuration of boto.
    Boto,
    Container,
    Instance,
}

impl Slot {
    pub(super) fn order(sdk: Sdk) -> &'static [Self] {
        use Slot::{
            Boto, ConfigKeys, ConsoleLogin, Container, CredentialFile, CredentialsKeys,
            EnvironmentKeys, EnvironmentWebIdentity, IdentityCenter, Instance, Keys, Process, Role,
            WebIdentity,
        };
        match sdk {
            Sdk::Cli1 | Sdk::Cli2 | Sdk::Boto3 => &[
                EnvironmentKeys,
                Role,
                EnvironmentWebIdentity,
                WebIdentity,
                IdentityCenter,
                CredentialsKeys,
                ConsoleLogin,
                Process,
                ConfigKeys,
                CredentialFile,
                Boto,
                Container,
                Instance,
            ],
            Sdk::Rust => &[
                EnvironmentKeys,
                Role,
                WebIdentity,
                IdentityCenter,
                ConsoleLogin,
                Process,
                Keys,
                EnvironmentWebIdentity,
                Container,
                Instance,
            ],
            Sdk::JavaScript => &[
                EnvironmentKeys,
                Role,
                Keys,
                WebIdentity,
                Process,
                IdentityCenter,
                ConsoleLogin,
                EnvironmentWebIdentity,
                Container,
                Instance,
            ],
            Sdk::Go => &[
                EnvironmentKeys,
                EnvironmentWebIdentity,
                Role,
                Keys,
                WebIdentity,
                IdentityCenter,
                Process,
                ConsoleLogin,
                Container,
                Instance,
            ],
            Sdk::Java => &[
                EnvironmentKeys,
                EnvironmentWebIdentity,
                WebIdentity,
                IdentityCenter,
                Role,
                Process,
                Keys,
                ConsoleLogin,
                Container,
                Instance,
            ],
        }
    }
}

/// One client, looking.
pub(super) struct Looked<'a> {
    pub(super) sdk: Sdk,
    pub(super) paths: &'a Paths,
    pub(super) surroundings: Surroundings<'a>,
    pub(super) profiles: &'a Result<Profiles, String>,
    pub(super) name: &'a str,
    pub(super) chosen_by: Option<&'a str>,
}

impl Looked<'_> {
    /// What ends the search before it begins: botocore reads its files and its profile whatever gives credentials.
    pub(super) fn before_all(&self) -> Option<Found> {
        let is_botocore = self.sdk.stands_on_botocore();
        match self.profiles {
            Err(why) if is_botocore => {
                Some(broken(Giver::Keys, THE_FILES, why.clone(), Cure::File))
            }
            Ok(profiles) if is_botocore && profiles.get(self.name).is_none() => {
                let chosen_by = self.chosen_by?;
                let why = format!(
                    "there is no profile `{}`, which {chosen_by} names",
                    self.name
                );
                Some(broken(Giver::Keys, chosen_by, why, Cure::Profile))
            }
            Ok(_) | Err(_) => None,
        }
    }

    fn profile(&self) -> Option<&Profile> {
        self.profiles.as_ref().ok()?.get(self.name)
    }

    /// What stands at this place, where something does.
    pub(super) fn at(&self, slot: Slot) -> Option<Found> {
        match slot {
            Slot::EnvironmentKeys => self.environment_keys(),
            Slot::EnvironmentWebIdentity => self.environment_web_identity(),
            Slot::Container => self.container(),
            Slot::Instance => self.instance(),
            Slot::Role => self.role(),
            Slot::WebIdentity => {
                let file = self.profile()?.get("web_identity_token_file")?;
                let fate = if self.has("role_arn") {
                    Self::identity_token_fate(file.text.expose())
                } else {
                    Fate::Broken(
                        "`web_identity_token_file` without `role_arn`".to_owned(),
                        Cure::Settings,
                    )
                };
                Some(found(Giver::WebIdentity, file, fate))
            }
            Slot::IdentityCenter => self.identity_center(),
            Slot::Keys => self.keys(None),
            Slot::CredentialsKeys => self.keys(Some(AwsFile::Credentials)),
            Slot::ConfigKeys => self.keys(Some(AwsFile::Config)),
            Slot::ConsoleLogin => self.simple(Giver::ConsoleLogin, "login_session"),
            Slot::Process => self.simple(Giver::Process, "credential_process"),
            Slot::CredentialFile => self.credential_file(),
            Slot::Boto => self.boto_file(),
        }
    }

    fn simple(&self, giver: Giver, key: &str) -> Option<Found> {
        Some(found(giver, self.profile()?.get(key)?, Fate::Usable))
    }

    fn has(&self, key: &str) -> bool {
        self.profile()
            .is_some_and(|profile| profile.get(key).is_some())
    }

    fn environment_keys(&self) -> Option<Found> {
        let id = self.surroundings.get("AWS_ACCESS_KEY_ID")?;
        let secret = ["AWS_SECRET_ACCESS_KEY", "SECRET_ACCESS_KEY"]
            .into_iter()
            .take(if self.sdk == Sdk::Rust { 2 } else { 1 })
            .find_map(|name| self.surroundings.get(name));
        let profile_goes_first = || {
            let chosen_by = self.chosen_by?;
            let is_named = self.surroundings.named.is_some();
            match self.sdk {
                Sdk::JavaScript => Some(chosen_by),
                Sdk::Cli1 | Sdk::Cli2 | Sdk::Boto3 | Sdk::Go if is_named => Some(chosen_by),
                Sdk::Cli1 | Sdk::Cli2 | Sdk::Boto3 | Sdk::Go | Sdk::Rust | Sdk::Java => None,
            }
        };
        let fate = if let Some(chosen_by) = profile_goes_first() {
            Fate::PassedOver(format!(
                "{} passes over the environment where {chosen_by} names a profile",
                self.sdk.name()
            ))
        } else if let Some(why) = self.ended_environment() {
            Fate::Broken(why, Cure::Unset)
        } else if secret.is_some() {
            Fate::Usable
        } else {
            let why = "`AWS_ACCESS_KEY_ID` without `AWS_SECRET_ACCESS_KEY`".to_owned();
            match self.sdk {
                Sdk::Cli1 | Sdk::Cli2 | Sdk::Boto3 => Fate::Broken(why, Cure::Unset),
                Sdk::JavaScript | Sdk::Rust | Sdk::Go | Sdk::Java => Fate::PassedOver(why),
            }
        };
        Some(Found {
            giver: Giver::EnvironmentKeys,
            place: "AWS_ACCESS_KEY_ID".to_owned(),
            key: Some(last_four(&id).to_owned()),
            fate,
        })
    }

    /// botocore takes an end beside the keys seriously: it reads its own environment anew, and finds the same.
    fn ended_environment(&self) -> Option<String> {
        let end = self.surroundings.get("AWS_CREDENTIAL_EXPIRATION")?;
        let ended = end.parse::<jiff::Timestamp>().ok()? <= self.surroundings.now;
        (ended && self.sdk.stands_on_botocore())
            .then(|| format!("AWS_CREDENTIAL_EXPIRATION says that they ended at {end}"))
    }

    fn environment_web_identity(&self) -> Option<Found> {
        let token = self.surroundings.get("AWS_WEB_IDENTITY_TOKEN_FILE")?;
        let is_botocore = self.sdk.stands_on_botocore();
        let fate = if is_botocore && self.surroundings.named.is_some() {
            Fate::PassedOver(format!(
                "{} passes over the environment where the program names a profile",
                self.sdk.name()
            ))
        } else if self.surroundings.get("AWS_ROLE_ARN").is_some() {
            Self::identity_token_fate(&token)
        } else {
            Fate::Broken(
                "`AWS_WEB_IDENTITY_TOKEN_FILE` without `AWS_ROLE_ARN`".to_owned(),
                Cure::Unset,
            )
        };
        Some(Found {
            giver: Giver::EnvironmentWebIdentity,
            place: "AWS_WEB_IDENTITY_TOKEN_FILE".to_owned(),
            key: None,
            fate,
        })
    }

    fn role(&self) -> Option<Found> {
        if let Err(why) = self.profiles {
            return Some(broken(Giver::Role, THE_FILES, why.clone(), Cure::File));
        }
        let profile = self.profile()?;
        let role = profile.get("role_arn")?;
        let sources = ["source_profile", "credential_source"].map(|key| self.has(key));
        let is_web_identity = profile.get("web_identity_token_file").is_some();
        if is_web_identity && !(self.sdk == Sdk::JavaScript && sources.contains(&true)) {
            return None;
        }
        let wrong = match sources {
            [true, false] | [false, true] => None,
            [true, true] => Some("both `source_profile` and `credential_source`"),
            [false, false] => Some("neither `source_profile` nor `credential_source`"),
        };
        let fate = match (wrong, self.sdk) {
            (None, _) => self.role_fate(profile),
            (Some(wrong), Sdk::JavaScript) => {
                Fate::PassedOver(format!("`role_arn` with {wrong} is no role to it"))
            }
            (Some(wrong), Sdk::Cli1 | Sdk::Cli2 | Sdk::Boto3 | Sdk::Rust | Sdk::Go | Sdk::Java) => {
                Fate::Broken(format!("`role_arn` with {wrong}"), Cure::Settings)
            }
        };
        Some(found(Giver::Role, role, fate))
    }

    fn identity_center(&self) -> Option<Found> {
        let profile = self.profile()?;
        let [account, role] = ["sso_account_id", "sso_role_name"].map(|key| profile.get(key));
        let portal = profile
            .get("sso_session")
            .or_else(|| profile.get("sso_start_url"));
        let first = account.or(role)?;
        let fate = if account.is_some() && role.is_some() && portal.is_some() {
            self.identity_center_fate(profile)
        } else {
            Fate::Broken(
                "the Identity Center settings are incomplete".to_owned(),
                Cure::Settings,
            )
        };
        Some(found(Giver::IdentityCenter, first, fate))
    }

    /// Keys of one file, or of both as one.
    fn keys(&self, file: Option<AwsFile>) -> Option<Found> {
        let profile = self.profile()?;
        let get = |key: &str| match file {
            Some(file) => profile.get_in(file, key),
            None => profile.get(key),
        };
        let id = get("aws_access_key_id")?;
        let fate = if get("aws_secret_access_key").is_some() {
            Fate::Usable
        } else {
            let why = "`aws_access_key_id` without `aws_secret_access_key`".to_owned();
            match self.sdk {
                Sdk::JavaScript | Sdk::Go => Fate::PassedOver(why),
                Sdk::Cli1 | Sdk::Cli2 | Sdk::Boto3 | Sdk::Rust | Sdk::Java => {
                    Fate::Broken(why, Cure::Keys)
                }
            }
        };
        Some(Found {
            key: Some(last_four(id.text.expose()).to_owned()),
            ..found(Giver::Keys, id, fate)
        })
    }

    fn container(&self) -> Option<Found> {
        let mut variables = [
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ];
        if self.sdk == Sdk::Go {
            variables.reverse();
        }
        let name = variables
            .into_iter()
            .find(|name| self.surroundings.get(name).is_some())?;
        Some(Found {
            giver: Giver::Container,
            place: name.to_owned(),
            key: None,
            fate: self.container_fate(),
        })
    }

    fn instance(&self) -> Option<Found> {
        let answer = self.surroundings.instance?;
        let disabled = self.surroundings.get("AWS_EC2_METADATA_DISABLED");
        let is_disabled = disabled.is_some_and(|value| match self.sdk {
            Sdk::JavaScript => value != "false",
            Sdk::Cli1 | Sdk::Cli2 | Sdk::Boto3 | Sdk::Rust | Sdk::Go | Sdk::Java => {
                value.eq_ignore_ascii_case("true")
            }
        });
        let fate = match answer {
            _ if is_disabled => Fate::PassedOver("`AWS_EC2_METADATA_DISABLED` is set".to_owned()),
            Answer::Role { .. } => Fate::Usable,
            Answer::Nothing(error) => {
                Fate::PassedOver(error.message.trim_end_matches('.').to_owned())
            }
        };
        Some(Found {
            giver: Giver::Instance,
            place: "the instance metadata service".to_owned(),
            key: None,
            fate,
        })
    }
}

fn broken(giver: Giver, place: &str, why: String, cure: Cure) -> Found {
    Found {
        giver,
        place: place.to_owned(),
        key: None,
        fate: Fate::Broken(why, cure),
    }
}

fn found(giver: Giver, value: &Value, fate: Fate) -> Found {
    Found {
        giver,
        place: value.place.clone(),
        key: None,
        fate,
    }
}
