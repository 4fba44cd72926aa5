//! The credentials endpoint: HTTP on 127.0.0.1, for the container credential provider of the AWS SDKs.
//!
//! Each program gets a token of its own, in a file that only its user can read, and with it the credentials of one session
//! and no other. The endpoint is a second door to the loop: it asks as a caller on the local socket does.

mod grants;
mod http;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::{ProfileName, SessionId};
use sandglass_profiles::paths::Paths;
use sandglass_protocol::message;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

pub(crate) use self::grants::GrantName;
use self::grants::Grants;
use crate::input::Input;

/// Grants of an earlier agent that nobody takes up within this time are over.
const TAKEN_UP: Duration = Duration::from_secs(30);
/// Which port the endpoint has, for the next agent: programs that run know no other.
const PORT_FILE: &str = "endpoint-port";

/// The endpoint of one agent.
pub(crate) struct Endpoint {
    paths: Paths,
    port_file: PathBuf,
    grants: Arc<Grants>,
    inputs: mpsc::Sender<Input>,
    /// Where it listens, once it does.
    listening: Mutex<Option<Listening>>,
}

struct Listening {
    port: u16,
    serving: JoinHandle<()>,
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        if let Some(listening) = self.listening.get_mut() {
            listening.serving.abort();
        }
    }
}

impl Endpoint {
    /// The endpoint whose files lie in this folder, which belongs to the user alone. It listens once there is somebody to
    /// serve: at once where an earlier agent left grants.
    pub(crate) async fn start(
        folder: &Path,
        paths: &Paths,
        inputs: mpsc::Sender<Input>,
    ) -> Arc<Self> {
        let grants = Arc::new(Grants::left_in(folder));
        let endpoint = Arc::new(Self {
            paths: paths.clone(),
            port_file: folder.join(PORT_FILE),
            grants,
            inputs,
            listening: Mutex::new(None),
        });
        if !endpoint.grants.are_none() {
            if let Err(error) = endpoint.listen().await {
                tracing::warn!(%error, "programs of an earlier agent cannot be served");
            }
            let grants = Arc::clone(&endpoint.grants);
            tokio::spawn(async move {
                tokio::time::sleep(TAKEN_UP).await;
                grants.drop_those_left();
            });
        }
        endpoint
    }

    /// Opens an endpoint for one program, or takes up one that an earlier agent opened for it.
    pub(crate) async fn open(
        &self,
        session: &SessionId,
        profile: &ProfileName,
        token_file: Option<PathBuf>,
    ) -> Result<(GrantName, message::Endpoint), RenewalError> {
        let port = self.listen().await.map_err(|error| no_endpoint(&error))?;
        let (grants, paths) = (Arc::clone(&self.grants), self.paths.clone());
        let (session, profile) = (session.clone(), profile.clone());
        let opening = move || grants.open(&paths, &session, &profile, token_file.as_deref(), port);
        match tokio::task::spawn_blocking(opening).await {
            Ok(opened) => opened,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }

    /// The program is gone.
    pub(crate) fn close(&self, grant: &GrantName) {
        self.grants.close(grant);
    }

    /// The port, which is bound now where it was not before.
    async fn listen(&self) -> io::Result<u16> {
        let mut listening = self.listening.lock().await;
        if let Some(listening) = &*listening {
            return Ok(listening.port);
        }
        let listener = self.bind().await?;
        let port = listener.local_addr()?.port();
        let (grants, inputs) = (Arc::clone(&self.grants), self.inputs.clone());
        let serving = http::serve(listener, grants, inputs, http::SILENCE);
        *listening = Some(Listening {
            port,
            serving: tokio::spawn(serving),
        });
        Ok(port)
    }

    /// The port of the agent before, where it is still to be had.
    async fn bind(&self) -> io::Result<TcpListener> {
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let before = std::fs::read_to_string(&self.port_file).ok();
        let before = before.and_then(|port| port.trim().parse::<u16>().ok());
        if let Some(port) = before.filter(|port| *port != 0) {
            match TcpListener::bind(local(port)).await {
                Ok(listener) => return Ok(listener),
                Err(error) => {
                    tracing::warn!(port, %error, "the port of the endpoint is taken: programs that run lose it");
                }
            }
        }
        let listener = TcpListener::bind(local(0)).await?;
        // Without the file the next agent has another port, and programs that run then have to be started again.
        let port = listener.local_addr()?.port();
        if let Err(error) = std::fs::write(&self.port_file, port.to_string()) {
            tracing::warn!(%error, "the port of the endpoint could not be noted");
        }
        Ok(listener)
    }
}

fn no_endpoint(error: &io::Error) -> RenewalError {
    RenewalError::new(
        ErrorCode::Internal,
        format!("the credentials endpoint could not be opened: {error}"),
        "see that programs may listen on 127.0.0.1, then try again",
    )
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
