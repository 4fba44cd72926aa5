//! What Sandglass itself defines: MFA sessions, roles and federation tokens that no file of AWS describes.

use jiff::SignedDuration;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::{MfaSerial, ProfileName};
use sandglass_profiles::config::Configuration;
use sandglass_profiles::credentials;
use sandglass_profiles::definitions::{
    self, Defined, Device, FederationSession, Group, MfaSession, RoleSession, SessionPolicy,
};
use sandglass_protocol::message::{
    self, DefinedSession, DefinitionKind, FederationDefinition, Reply, RoleDefinition,
    SessionDefinition,
};
use sandglass_vault::Patience;

use super::Files;
use crate::clock;

impl Files {
    /// Defines a session, or defines it anew.
    pub(crate) async fn define(&self, definition: SessionDefinition) -> Reply {
        let (defined, device) = understood(definition);
        match self.try_define(&defined, device).await {
            Ok(()) => Reply::Done {
                sentence: defined_sentence(&defined),
            },
            Err(error) => Reply::Failed(error),
        }
    }

    async fn try_define(
        &self,
        defined: &Defined,
        device: Option<MfaSerial>,
    ) -> Result<(), RenewalError> {
        if let Some(fault) = defined.fault() {
            return Err(RenewalError::new(
                ErrorCode::InvalidDefinition,
                fault.message,
                fault.remedy,
            ));
        }
        let configuration = Configuration::read(&self.paths);
        match defined {
            Defined::Mfa(_) | Defined::Federation(_) => {
                credentials::can_be_source(&configuration, defined.source())?;
            }
            Defined::Role(role) => self.can_assume(&configuration, &role.source)?,
        }
        if let Some(target) = defined.target() {
            credentials::can_be_target(&configuration, target)?;
        }
        if let (Some(device), Defined::Mfa(session)) = (device, defined) {
            // Before the definition, so that nothing is defined which cannot be used.
            self.vault
                .set_device(&session.target, &device)
                .await
                .map_err(|error| error.for_session(&session.target))?;
            self.devices().remove(&session.target);
        }
        definitions::add(&self.writer, &self.paths, defined)?;
        Ok(())
    }

    /// A role is assumed with whatever credentials a profile has, or will have: the profile must exist.
    fn can_assume(
        &self,
        configuration: &Configuration,
        source: &ProfileName,
    ) -> Result<(), RenewalError> {
        let is_target = || {
            let (all, _) = definitions::read(&self.paths);
            all.iter().any(|defined| defined.target() == Some(source))
        };
        if configuration.profile(source).is_some() || is_target() {
            return Ok(());
        }
        Err(RenewalError::new(
            ErrorCode::UnknownProfile,
            format!("there is no profile `{source}`"),
            "see `sandglass status` for the profiles that are known, and `~/.aws/config` for their spelling",
        ))
    }

    /// All that is defined, with what the keychain says of the devices now.
    pub(crate) async fn list_definitions(&self) -> Reply {
        let (all, _) = definitions::read(&self.paths);
        let mut listed = Vec::new();
        for defined in all {
            listed.push(match defined {
                Defined::Mfa(session) => {
                    let device = match session.device {
                        Device::InKeychain => Some(self.device_now(&session.target).await),
                        Device::None => None,
                    };
                    DefinedSession::Mfa(message::MfaSession {
                        source: session.source,
                        device,
                        target: session.target,
                        duration_seconds: seconds(session.duration),
                    })
                }
                Defined::Role(role) => DefinedSession::Role(RoleDefinition {
                    target: role.target,
                    source: role.source,
                    role_arn: role.role_arn,
                    device: role.mfa_serial,
                    external_id: role.external_id,
                    session_name: role.session_name,
                    duration_seconds: role.duration.map(seconds),
                }),
                Defined::Federation(token) => DefinedSession::Federation(FederationDefinition {
                    policy: token.policy.document(&self.paths.settings).ok().flatten(),
                    name: ProfileName::new(token.name),
                    source: token.source,
                    user: token.user,
                    policy_arns: token.policy_arns,
                    target: token.target,
                    duration_seconds: seconds(token.duration),
                }),
            });
        }
        Reply::Definitions(listed)
    }

    /// Somebody waits for the answer, and may have to type a password for it.
    async fn device_now(&self, target: &ProfileName) -> Result<MfaSerial, RenewalError> {
        let device = self.vault.device(target, Patience::Person).await;
        let device = device.map_err(|error| error.for_session(target));
        let answer = (clock::now(), device.clone());
        self.devices().insert(target.clone(), answer);
        device
    }

    /// Forgets a definition, its device, and what is kept of its credentials. Keys in the credentials file stay.
    pub(crate) async fn forget(&self, kind: DefinitionKind, name: ProfileName) -> Reply {
        match self.try_forget(kind, &name).await {
            Ok(()) => Reply::Done {
                sentence: format!("{} `{name}` is forgotten", noun(group(kind))),
            },
            Err(error) => Reply::Failed(error),
        }
    }

    async fn try_forget(
        &self,
        kind: DefinitionKind,
        name: &ProfileName,
    ) -> Result<(), RenewalError> {
        let group = group(kind);
        let (all, _) = definitions::read(&self.paths);
        let defined = all
            .iter()
            .find(|defined| defined.group() == group && defined.name() == name.as_str())
            .ok_or_else(|| {
                RenewalError::new(
                    ErrorCode::UnknownProfile,
                    format!("there is no {} `{name}`", noun(group)),
                    format!(
                        "`sandglass {} list` shows those that are defined",
                        command(group)
                    ),
                )
            })?;
        if let Defined::Mfa(session) = defined
            && session.device == Device::InKeychain
        {
            // The keychain first: where it refuses, the definition stays and this can be tried again.
            match self.vault.remove_device(&session.target).await {
                Ok(()) | Err(sandglass_vault::Error::Missing) => {}
                Err(error) => return Err(error.for_session(&session.target)),
            }
            self.devices().remove(&session.target);
        }
        definitions::remove(&self.writer, &self.paths, group, name.as_str())?;
        self.kept.forget(&defined.id());
        Ok(())
    }
}

/// What was asked for, as the file holds it, and the device that the keychain holds.
fn understood(definition: SessionDefinition) -> (Defined, Option<MfaSerial>) {
    match definition {
        SessionDefinition::Mfa(mfa) => {
            let session = MfaSession {
                target: mfa.target,
                source: mfa.source,
                device: Device::InKeychain,
                duration: SignedDuration::from_secs(mfa.duration_seconds.into()),
            };
            (Defined::Mfa(session), Some(mfa.device))
        }
        SessionDefinition::Role(role) => {
            let session = RoleSession {
                target: role.target,
                role_arn: role.role_arn,
                source: role.source,
                mfa_serial: role.device,
                external_id: role.external_id,
                session_name: role.session_name,
                duration: role
                    .duration_seconds
                    .map(|seconds| SignedDuration::from_secs(seconds.into())),
            };
            (Defined::Role(session), None)
        }
        SessionDefinition::Federation(token) => {
            let session = FederationSession {
                name: token.name.to_string(),
                source: token.source,
                user: token.user,
                policy: token
                    .policy
                    .map_or(SessionPolicy::None, SessionPolicy::Inline),
                policy_arns: token.policy_arns,
                target: token.target,
                duration: SignedDuration::from_secs(token.duration_seconds.into()),
            };
            (Defined::Federation(session), None)
        }
    }
}

fn group(kind: DefinitionKind) -> Group {
    match kind {
        DefinitionKind::Mfa => Group::Mfa,
        DefinitionKind::Role => Group::Role,
        DefinitionKind::Federation => Group::Federation,
    }
}

fn noun(group: Group) -> &'static str {
    match group {
        Group::Mfa => "MFA session",
        Group::Role => "role",
        Group::Federation => "federation token",
    }
}

fn command(group: Group) -> &'static str {
    match group {
        Group::Mfa => "mfa",
        Group::Role => "role",
        Group::Federation => "federation",
    }
}

fn defined_sentence(defined: &Defined) -> String {
    let (noun, name) = (noun(defined.group()), defined.name());
    let does = match defined {
        Defined::Mfa(_) => "asks for a code and writes its keys",
        Defined::Role(_) => "assumes it and writes its keys",
        Defined::Federation(FederationSession {
            target: Some(_), ..
        }) => "gets it and writes its keys",
        Defined::Federation(FederationSession { target: None, .. }) => "gets it",
    };
    format!("{noun} `{name}` is defined; `sandglass renew {name}` {does}")
}

fn seconds(duration: SignedDuration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}
