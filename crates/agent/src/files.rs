//! The reader of files, and the keeper of what Sandglass itself defines in them.

mod changes;
mod connections;
mod definitions;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sandglass_core::error::RenewalError;
use sandglass_core::event::{Agreement, SharedSession};
use sandglass_core::findings::Finding;
use sandglass_core::names::{MfaSerial, ProfileName, SessionId};
use sandglass_core::session::{Sighting, WebIdentityRenewal};
use sandglass_core::settings::Settings;
use sandglass_profiles::definitions::{Defined, Device};
use sandglass_profiles::inventory::{self, Inventory, Observed, Outside};
use sandglass_profiles::paths::Paths;
use sandglass_profiles::write::Writer;
use sandglass_profiles::{agreement, settings, web_identity};
use sandglass_vault::{Patience, Vault};

use crate::clock;
use crate::issue::defect;
use crate::kept::Kept;
use crate::keys::Keys;
use crate::machine::Machine;

/// A file that was read in the middle of a write is whole again after this time.
const TORN_PAUSE: Duration = Duration::from_millis(100);
/// What is torn for longer is broken, and said to be.
const TORN_TRIES: u32 = 3;
/// Nobody is in the middle of a write that began earlier: such a file is broken, and not waited for each time.
const WRITING: SignedDuration = SignedDuration::from_secs(10);
/// A keychain that did not answer is asked again after this time.
const FAILURE_KEPT: SignedDuration = SignedDuration::from_secs(60);

/// A device as the keychain told it, and when.
type Answer = (Timestamp, Result<MfaSerial, RenewalError>);

/// All that a reading found.
pub(crate) struct WhatIsThere {
    /// Every session.
    pub(crate) sightings: Vec<Sighting>,
    /// What could not be understood.
    pub(crate) findings: Vec<Finding>,
    /// What the person set.
    pub(crate) settings: Settings,
    /// MFA sessions that serve several roles.
    pub(crate) shared: Vec<SharedSession>,
}

/// Reads everything that defines sessions.
pub(crate) struct Files {
    paths: Paths,
    writer: Writer,
    vault: Vault,
    kept: Arc<Kept>,
    keys: Arc<Keys>,
    machine: Arc<Machine>,
    /// That of the environment, which stays the same.
    web_identity: Option<WebIdentityRenewal>,
    /// What the keychain said: it is not asked each time a file changes.
    devices: Mutex<BTreeMap<ProfileName, Answer>>,
}

impl Files {
    pub(crate) fn new(
        paths: Paths,
        vault: Vault,
        kept: Arc<Kept>,
        keys: Arc<Keys>,
        machine: Arc<Machine>,
    ) -> Self {
        Self {
            writer: Writer::new(&paths),
            paths,
            vault,
            kept,
            keys,
            machine,
            web_identity: web_identity::of_environment(&|name| std::env::var_os(name)),
            devices: Mutex::new(BTreeMap::new()),
        }
    }

    /// What earlier runs kept: to be read before the files are.
    pub(crate) async fn load_kept(&self) {
        self.kept.load().await;
    }

    /// Every session of this machine, and what is wrong with what defines them.
    pub(crate) async fn read(&self, now: Timestamp) -> WhatIsThere {
        self.kept.catch_up(now);
        let devices = self.devices_of_definitions(now).await;
        let mut tries = 0;
        let inventory = loop {
            tries += 1;
            let inventory = self.inventory(&devices, now).await;
            if tries == TORN_TRIES || !inventory.torn.iter().any(|path| may_be_in_writing(path)) {
                break inventory;
            }
            tokio::time::sleep(TORN_PAUSE).await;
        };
        // Beside the reading: a metadata service that is not there takes its time to be so.
        self.machine.look(&inventory.configuration);
        let sightings = inventory.sightings;
        self.kept.forget_lasting_but(
            &sightings
                .iter()
                .map(|sighting| &sighting.definition.id)
                .collect(),
        );
        let (settings, wrong_settings) = settings::read(&self.paths);
        let mut findings = inventory.findings;
        findings.extend(agreement::read(&self.paths).1);
        findings.extend(wrong_settings);
        findings.extend(self.kept.findings());
        WhatIsThere {
            sightings,
            findings,
            settings,
            shared: self.kept.shared_sessions(),
        }
    }

    async fn inventory(
        &self,
        devices: &BTreeMap<ProfileName, Result<MfaSerial, RenewalError>>,
        now: Timestamp,
    ) -> Inventory {
        let (paths, writer, devices) = (self.paths.clone(), self.writer.clone(), devices.clone());
        let (observed, web_identity) = (self.observed(), self.web_identity.clone());
        let device = move |target: &ProfileName| {
            let unknown = || {
                Err(defect(
                    "an MFA session was defined while the files were read",
                ))
            };
            devices.get(target).cloned().unwrap_or_else(unknown)
        };
        let read = move || {
            let outside = Outside {
                device: &device,
                observed: &observed,
                web_identity: web_identity.as_ref(),
            };
            inventory::read(&paths, &writer, now, outside)
        };
        match tokio::task::spawn_blocking(read).await {
            Ok(inventory) => inventory,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }

    /// Sessions whose credentials lie in no file.
    fn observed(&self) -> BTreeMap<SessionId, Observed> {
        let mut observed = self.kept.observed();
        observed.extend(self.machine.observed());
        observed
    }

    async fn devices_of_definitions(
        &self,
        now: Timestamp,
    ) -> BTreeMap<ProfileName, Result<MfaSerial, RenewalError>> {
        let mut devices = BTreeMap::new();
        for defined in sandglass_profiles::definitions::read(&self.paths).0 {
            if let Defined::Mfa(session) = defined
                && session.device == Device::InKeychain
            {
                let device = self.device(&session.target, now).await;
                devices.insert(session.target, device);
            }
        }
        devices
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
}

fn may_be_in_writing(path: &Path) -> bool {
    let written = std::fs::metadata(path).and_then(|metadata| metadata.modified());
    let written = written.ok().and_then(|at| Timestamp::try_from(at).ok());
    // By the clock that the file system goes by.
    written.is_none_or(|at| clock::local().duration_since(at).abs() < WRITING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_torn_long_ago_is_not_waited_for() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("token.json");
        let file = std::fs::File::create(&path).unwrap();
        assert!(may_be_in_writing(&path));
        let now = file.metadata().unwrap().modified().unwrap();
        for (away, expected) in [(1, true), (3600, false)] {
            let away = Duration::from_secs(away);
            for at in [now - away, now + away] {
                file.set_modified(at).unwrap();
                assert_eq!(may_be_in_writing(&path), expected, "{away:?}");
            }
        }
    }
}
