//! The reader of files, and the keeper of what Sandglass itself defines in them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::event::Agreement;
use sandglass_core::findings::Finding;
use sandglass_core::names::{MfaSerial, ProfileName};
use sandglass_core::session::Sighting;
use sandglass_profiles::config::Configuration;
use sandglass_profiles::definitions::{self, MfaSession};
use sandglass_profiles::inventory::{self, Inventory};
use sandglass_profiles::paths::Paths;
use sandglass_profiles::write::Writer;
use sandglass_profiles::{agreement, credentials};
use sandglass_protocol::message::{self, MfaDefinition, Reply};
use sandglass_vault::{Patience, Vault};

use crate::clock;
use crate::issue::defect;

/// A file that was read in the middle of a write is whole again after this time.
const TORN_PAUSE: Duration = Duration::from_millis(100);
/// What is torn for longer is broken, and said to be.
const TORN_TRIES: u32 = 3;
/// A keychain that did not answer is asked again after this time.
const FAILURE_KEPT: SignedDuration = SignedDuration::from_secs(60);

/// A device as the keychain told it, and when.
type Answer = (Timestamp, Result<MfaSerial, RenewalError>);

/// Reads everything that defines sessions.
pub(crate) struct Files {
    paths: Paths,
    writer: Writer,
    vault: Vault,
    /// What the keychain said: it is not asked each time a file changes.
    devices: Mutex<BTreeMap<ProfileName, Answer>>,
}

impl Files {
    pub(crate) fn new(paths: Paths, vault: Vault) -> Self {
        Self {
            writer: Writer::new(&paths),
            paths,
            vault,
            devices: Mutex::new(BTreeMap::new()),
        }
    }

    /// Every session that the files define, and what is wrong with them.
    pub(crate) async fn read(&self, now: Timestamp) -> (Vec<Sighting>, Vec<Finding>) {
        let (sessions, _) = definitions::read(&self.paths);
        let mut devices = BTreeMap::new();
        for session in sessions {
            let device = self.device(&session.target, now).await;
            devices.insert(session.target, device);
        }
        let mut tries = 0;
        loop {
            tries += 1;
            let inventory = self.inventory(&devices, now).await;
            if inventory.torn.is_empty() || tries == TORN_TRIES {
                let mut findings = inventory.findings;
                findings.extend(agreement::read(&self.paths).1);
                return (inventory.sightings, findings);
            }
            tokio::time::sleep(TORN_PAUSE).await;
        }
    }

    async fn inventory(
        &self,
        devices: &BTreeMap<ProfileName, Result<MfaSerial, RenewalError>>,
        now: Timestamp,
    ) -> Inventory {
        let (paths, writer, devices) = (self.paths.clone(), self.writer.clone(), devices.clone());
        let device = move |target: &ProfileName| {
            let unknown = || {
                Err(defect(
                    "an MFA session was defined while the files were read",
                ))
            };
            devices.get(target).cloned().unwrap_or_else(unknown)
        };
        let read = move || inventory::read(&paths, &writer, now, &device);
        match tokio::task::spawn_blocking(read).await {
            Ok(inventory) => inventory,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }

    async fn device(
        &self,
        target: &ProfileName,
        now: Timestamp,
    ) -> Result<MfaSerial, RenewalError> {
        if let Some((at, device)) = self.devices().get(target)
            && (device.is_ok() || now.duration_since(*at).abs() < FAILURE_KEPT)
        {
            return device.clone();
        }
        let device = self.vault.device(target, Patience::Background).await;
        let device = device.map_err(|error| error.for_session(target));
        self.devices().insert(target.clone(), (now, device.clone()));
        device
    }

    fn devices(&self) -> std::sync::MutexGuard<'_, BTreeMap<ProfileName, Answer>> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was agreed to in earlier runs.
    pub(crate) fn agreement(&self) -> Agreement {
        agreement::read(&self.paths).0
    }

    /// Remembers what was agreed to, beside the loop.
    pub(crate) fn save_agreement(&self, agreement: Agreement) {
        let (paths, writer) = (self.paths.clone(), self.writer.clone());
        tokio::task::spawn_blocking(move || {
            if let Err(error) = agreement::write(&writer, &paths, &agreement) {
                tracing::warn!(%error, "what was agreed to could not be saved");
            }
        });
    }

    /// Defines an MFA session: the device in the keychain first, so that nothing is defined which cannot be used.
    pub(crate) async fn add_mfa(&self, definition: MfaDefinition) -> Reply {
        match self.try_add_mfa(&definition).await {
            Ok(()) => Reply::Done {
                sentence: format!(
                    "MFA session `{target}` is defined; `sandglass renew {target}` asks for a code and writes its keys",
                    target = definition.target
                ),
            },
            Err(error) => Reply::Failed(error),
        }
    }

    async fn try_add_mfa(&self, definition: &MfaDefinition) -> Result<(), RenewalError> {
        let session = MfaSession {
            target: definition.target.clone(),
            source: definition.source.clone(),
            duration: SignedDuration::from_secs(definition.duration_seconds.into()),
        };
        if let Some((message, remedy)) = session.fault() {
            return Err(RenewalError::new(
                ErrorCode::InvalidDefinition,
                message,
                remedy,
            ));
        }
        let configuration = Configuration::read(&self.paths);
        credentials::can_be_source(&configuration, &session.source)?;
        credentials::can_be_target(&configuration, &session.target)?;
        self.vault
            .set_device(&session.target, &definition.device)
            .await
            .map_err(|error| error.for_session(&session.target))?;
        self.devices().remove(&session.target);
        definitions::add(&self.writer, &self.paths, &session)?;
        Ok(())
    }

    /// All MFA sessions that are defined, with what the keychain says of their devices now.
    pub(crate) async fn list_mfa(&self) -> Reply {
        let (sessions, _) = definitions::read(&self.paths);
        let mut listed = Vec::new();
        for session in sessions {
            let device = self.vault.device(&session.target, Patience::Person).await;
            let device = device.map_err(|error| error.for_session(&session.target));
            let answer = (clock::now(), device.clone());
            self.devices().insert(session.target.clone(), answer);
            listed.push(message::MfaSession {
                source: session.source,
                device,
                target: session.target,
                duration_seconds: u32::try_from(session.duration.as_secs()).unwrap_or(u32::MAX),
            });
        }
        Reply::MfaSessions(listed)
    }

    /// Forgets an MFA session and its device.
    pub(crate) async fn remove_mfa(&self, target: ProfileName) -> Reply {
        match self.try_remove_mfa(&target).await {
            Ok(()) => Reply::Done {
                sentence: format!("MFA session `{target}` is forgotten"),
            },
            Err(error) => Reply::Failed(error),
        }
    }

    async fn try_remove_mfa(&self, target: &ProfileName) -> Result<(), RenewalError> {
        let (sessions, _) = definitions::read(&self.paths);
        if !sessions.iter().any(|session| session.target == *target) {
            return Err(RenewalError::new(
                ErrorCode::UnknownProfile,
                format!("there is no MFA session with target `{target}`"),
                "`sandglass mfa list` shows those that are defined",
            ));
        }
        // The keychain first: where it refuses, the definition stays and this can be tried again.
        match self.vault.remove_device(target).await {
            Ok(()) | Err(sandglass_vault::Error::Missing) => {}
            Err(error) => return Err(error.for_session(target)),
        }
        self.devices().remove(target);
        definitions::remove(&self.writer, &self.paths, target)?;
        Ok(())
    }
}
