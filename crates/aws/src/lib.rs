//! What Sandglass says to AWS: STS, IAM Identity Center, Sign-In, IAM, and the metadata services of machines in AWS.
//!
//! Credentials and tokens are always handed in and handed back; nothing here looks for them, keeps them or logs them.
//! Standard settings select the endpoints (`AWS_ENDPOINT_URL` and its kin, `endpoint_url` and `services` in the config
//! file, FIPS, dual stack) and the way there (`HTTPS_PROXY`, `NO_PROXY`, `AWS_CA_BUNDLE`).
//!
//! Every answer that is not the one hoped for becomes a [`RenewalError`] in one place, the module `refusals`.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::Timestamp;
use sandglass_core::error::RenewalError;

use crate::http::Way;

mod call;
mod console;
mod console_login;
mod dpop;
mod failure;
mod http;
mod iam;
pub mod logs;
mod metadata;
mod plain;
mod portal;
mod refusals;
mod roles;
mod server_clock;
mod settings;
mod sign_in;
mod skew;
mod sts;

pub use console_login::{ConsoleToken, RefreshedLogin};
pub use metadata::MachineCredentials;
pub use roles::AssumeRoleError;
pub use server_clock::ServerClock;
pub use sign_in::{ClientRegistration, DeviceAuthorization, SignInToken};
pub use sts::{AssumedRole, Caller, Issued};

/// The clock of this machine (UTC). AWS's own may show something else: see [`ServerClock`].
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The two files that AWS settings are read from. They are read anew for each call, and may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFiles {
    /// `~/.aws/config`, or what `AWS_CONFIG_FILE` names.
    pub config: PathBuf,
    /// `~/.aws/credentials`, or what `AWS_SHARED_CREDENTIALS_FILE` names.
    pub credentials: PathBuf,
}

/// The way to AWS. Cheap to make and to clone: certificates are loaded and connections opened by the first call.
#[derive(Clone)]
pub struct Aws {
    files: Arc<ConfigFiles>,
    local: Clock,
    clock: ServerClock,
    http: Arc<OnceLock<SharedHttpClient>>,
    metadata_http: Arc<OnceLock<SharedHttpClient>>,
}

impl Aws {
    /// Takes its settings from these files and from the environment of this process.
    pub fn new(files: ConfigFiles, clock: Clock) -> Self {
        Self {
            files: Arc::new(files),
            local: clock,
            clock: ServerClock::new(),
            http: Arc::new(OnceLock::new()),
            metadata_http: Arc::new(OnceLock::new()),
        }
    }

    /// AWS's clock, as the answers so far have told it. All times that calls give go by it.
    pub fn clock(&self) -> &ServerClock {
        &self.clock
    }

    /// The connections to AWS, shared by all calls. A failure is not kept: the file that it names may be mended meanwhile.
    fn http(&self) -> Result<SharedHttpClient, RenewalError> {
        if let Some(http) = self.http.get() {
            return Ok(http.clone());
        }
        let http = self.heard(http::client(Way::Proxied)?);
        Ok(self.http.get_or_init(|| http).clone())
    }

    /// The connections to the metadata services. Their clock is this machine's, or its host's.
    fn metadata_http(&self) -> Result<SharedHttpClient, RenewalError> {
        if let Some(http) = self.metadata_http.get() {
            return Ok(http.clone());
        }
        let http = http::client(Way::Direct)?;
        Ok(self.metadata_http.get_or_init(|| http).clone())
    }

    fn heard(&self, client: SharedHttpClient) -> SharedHttpClient {
        http::heard(client, self.local.clone(), self.clock.clone())
    }

    /// The time, by AWS's clock.
    fn now(&self) -> Timestamp {
        self.clock.at((self.local)())
    }

    /// The moment at which something is asked for.
    fn asked(&self) -> Asked {
        Asked {
            local: (self.local)(),
            clock: self.clock.clone(),
        }
    }
}

/// A moment by the clock of this machine. The answer to what was asked then may be what tells AWS's clock.
struct Asked {
    local: Timestamp,
    clock: ServerClock,
}

impl Asked {
    fn by_aws(&self) -> Timestamp {
        self.clock.at(self.local)
    }
}

#[cfg(test)]
mod testing;
