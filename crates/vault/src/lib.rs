//! The keychain of the operating system: what Sandglass keeps there, and how it waits for it.
//!
//! A keychain may be locked, and then a person is asked for a password by the desktop; it may be missing; it may never
//! answer. So one thread owns it, started by the first request, and callers wait on their side, each with a deadline. While
//! a request is stuck, all others are turned away at once. Nothing here runs at exit, where nobody could answer a prompt.
//!
//! Temporary credentials are too many and too long for a keychain: they lie in the [sealed store](SealedStore), whose key is
//! in the keychain.
//!
//! The items are described in `docs/keychain.md`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sandglass_core::names::{MfaSerial, ProfileName};
use tokio::sync::oneshot;
use tokio::time::Instant;
use zeroize::Zeroizing;

mod error;
mod keychain;
mod keys;
#[cfg_attr(target_os = "linux", path = "os_linux.rs")]
#[cfg_attr(target_os = "macos", path = "os_macos.rs")]
#[cfg_attr(target_os = "windows", path = "os_windows.rs")]
mod os;
mod sealed;
mod worker;

pub use error::Error;
use keychain::{Content, Item, Open, Task};
pub use sealed::{Loaded, Sealed, SealedError, SealedStore, SetAside, Unreadable};
use worker::{Job, Worker};

/// How long somebody waits for the keychain, and whether it may ask for a password meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Nobody is waiting: three seconds, and a locked keychain stays locked, without a prompt where the system can tell.
    Background,
    /// A person asked for it and may have to type a password: two minutes.
    Person,
}

impl Patience {
    /// The longest time that a caller waits.
    pub fn limit(self) -> Duration {
        match self {
            Self::Background => Duration::from_secs(3),
            Self::Person => Duration::from_mins(2),
        }
    }
}

/// The keychain. Cheap to make and to clone; nothing is opened before the first request.
#[derive(Clone)]
pub struct Vault {
    open: Open,
    /// Replaced where its thread is lost. Held for moments only, never while waiting.
    worker: Arc<Mutex<Option<Worker>>>,
}

impl Vault {
    /// The keychain of this operating system: Secret Service, the macOS keychain, Windows' Credential Manager.
    pub fn open() -> Self {
        Self::opened_by(Arc::new(os::open))
    }

    fn opened_by(open: Open) -> Self {
        Self {
            open,
            worker: Arc::default(),
        }
    }

    /// The MFA device of the session that writes this profile.
    pub async fn device(
        &self,
        target: &ProfileName,
        patience: Patience,
    ) -> Result<MfaSerial, Error> {
        let content = self
            .request(Task::Read, Item::MfaDevice(target.clone()), patience)
            .await?
            .ok_or(Error::Missing)?;
        match std::str::from_utf8(&content) {
            Ok(serial) => Ok(MfaSerial::new(serial)),
            Err(_) => Err(Error::Unusable("it is not text".to_owned())),
        }
    }

    /// Keeps the MFA device of the session that writes this profile, in place of an earlier one.
    pub async fn set_device(&self, target: &ProfileName, device: &MfaSerial) -> Result<(), Error> {
        let content = Zeroizing::new(device.as_str().as_bytes().to_vec());
        let item = Item::MfaDevice(target.clone());
        self.request(Task::Write(content), item, Patience::Person)
            .await
            .map(drop)
    }

    /// Forgets the MFA device of the session that writes this profile.
    pub async fn remove_device(&self, target: &ProfileName) -> Result<(), Error> {
        let item = Item::MfaDevice(target.clone());
        self.request(Task::Remove, item, Patience::Person)
            .await
            .map(drop)
    }

    async fn request(
        &self,
        task: Task,
        item: Item,
        patience: Patience,
    ) -> Result<Option<Content>, Error> {
        let (reply, answer) = oneshot::channel();
        self.hand_over(Job {
            task,
            item,
            patience,
            asked_at: Instant::now(),
            reply,
        })?;
        match tokio::time::timeout(patience.limit(), answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Error::Unavailable("its client failed".to_owned())),
            Err(_) => Err(Error::Unanswered(patience.limit())),
        }
    }

    fn hand_over(&self, job: Job) -> Result<(), Error> {
        let mut slot = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(worker) = slot.as_ref() {
            match (worker.stuck_for(), job.patience) {
                // A person who comes back after everybody has given up gets a fresh thread: a keyring that was restarted
                // in the middle of a prompt never ends the old one's wait.
                (Some(stuck), Patience::Person) if stuck > Patience::Person.limit() => *slot = None,
                (Some(_), Patience::Person | Patience::Background) => return Err(Error::Busy),
                (None, _) => {}
            }
        }
        let job = match slot.as_ref() {
            Some(worker) => match worker.send(job) {
                Ok(()) => return Ok(()),
                Err(job) => job,
            },
            None => job,
        };
        let worker = Worker::start(self.open.clone()).map_err(|error| {
            Error::Unavailable(format!("its thread cannot be started: {error}"))
        })?;
        let sent = worker.send(job);
        *slot = Some(worker);
        sent.map_err(|_| Error::Unavailable("its client failed".to_owned()))
    }
}

#[cfg(test)]
mod tests;
