//! What Sandglass says to AWS: STS and IAM Identity Center.
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

mod call;
mod failure;
mod http;
pub mod logs;
mod portal;
mod refusals;
mod settings;
mod sign_in;
mod skew;
mod sts;

pub use sign_in::{ClientRegistration, DeviceAuthorization, SignInToken};
pub use sts::{AssumedRole, Caller, Issued};

/// Tells the time (UTC). Signatures, ends and deadlines all go by it.
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
    clock: Clock,
    http: Arc<OnceLock<SharedHttpClient>>,
}

impl Aws {
    /// Takes its settings from these files and from the environment of this process.
    pub fn new(files: ConfigFiles, clock: Clock) -> Self {
        Self {
            files: Arc::new(files),
            clock,
            http: Arc::new(OnceLock::new()),
        }
    }

    /// The connections, shared by all calls. A failure is not kept: the file that it names may be mended meanwhile.
    fn http(&self) -> Result<SharedHttpClient, RenewalError> {
        if let Some(http) = self.http.get() {
            return Ok(http.clone());
        }
        let http = http::client()?;
        Ok(self.http.get_or_init(|| http).clone())
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

#[cfg(test)]
mod testing;
