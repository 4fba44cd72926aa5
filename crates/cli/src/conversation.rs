//! Conversations with the agent: one request, what it asks on the way, and the reply that ends it.

use std::io;

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::{ProfileName, SessionId};
use sandglass_core::secret::MfaCode;
use sandglass_core::status::Status;
use sandglass_protocol::client::{self, Client};
use sandglass_protocol::message::{DefinedSession, Handover, Reply, Request};
use zeroize::Zeroizing;

use crate::output;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The agent cannot be talked to.
    Agent(client::Error),
    /// The agent said no, or what was asked cannot be.
    Refused(RenewalError),
    /// There is nothing that opens this page.
    NoBrowser(io::Error),
    /// The token of the endpoint is not where the agent put it.
    NoToken(io::Error),
    /// Something is wrong on this machine, and was told already.
    Findings,
    /// A program could not be started.
    Program {
        /// As it was given.
        program: String,
        /// What the system said.
        error: io::Error,
    },
}

impl From<client::Error> for Failure {
    fn from(error: client::Error) -> Self {
        Self::Agent(error)
    }
}

impl From<RenewalError> for Failure {
    fn from(error: RenewalError) -> Self {
        Self::Refused(error)
    }
}

/// The sessions as they are.
pub(crate) fn status(client: &Client) -> Result<Status, Failure> {
    client.send(&Request::Status)?;
    let reply = client.receive()?;
    if let Reply::Status(status) = reply {
        return Ok(status);
    }
    Err(refused(reply))
}

/// All sessions that only Sandglass knows of.
pub(crate) fn definitions(client: &Client) -> Result<Vec<DefinedSession>, Failure> {
    client.send(&Request::ListDefinitions)?;
    let reply = client.receive()?;
    if let Reply::Definitions(sessions) = reply {
        return Ok(sessions);
    }
    Err(refused(reply))
}

/// A page on this machine that signs a browser in to the console, once.
pub(crate) fn console_page(
    client: &Client,
    profile: ProfileName,
    destination: Option<String>,
) -> Result<String, Failure> {
    client.send(&Request::Console {
        profile,
        destination,
    })?;
    let reply = client.receive()?;
    if let Reply::ConsoleReady { url } = reply {
        return Ok(url);
    }
    Err(refused(reply))
}

/// Asks for the panel. False where no tray is there to show it.
pub(crate) fn is_panel_opened(client: &Client) -> Result<bool, Failure> {
    client.send(&Request::OpenPanel)?;
    let reply = client.receive()?;
    match &reply {
        Reply::Done { .. } => return Ok(true),
        Reply::Failed(error) if error.code == ErrorCode::NobodyToAsk => return Ok(false),
        Reply::Failed(_)
        | Reply::Status(_)
        | Reply::Views(_)
        | Reply::Definitions(_)
        | Reply::Changes(_)
        | Reply::Diagnosis(_)
        | Reply::Credentials(_)
        | Reply::EndpointOpen(_)
        | Reply::ConsoleReady { .. }
        | Reply::AskCode { .. }
        | Reply::ShowSignIn { .. }
        | Reply::PanelWanted
        | Reply::Leaving => {}
    }
    Err(refused(reply))
}

/// Sends a request and stays until it is carried out, asking the person at this terminal what the agent asks for.
pub(crate) fn wait_for(client: &Client, request: &Request) -> Result<(), Failure> {
    done(end_of(client, request)?)
}

/// Tells what was done.
pub(crate) fn done(reply: Reply) -> Result<(), Failure> {
    if let Reply::Done { sentence } = &reply {
        output::done(sentence);
        return Ok(());
    }
    Err(refused(reply))
}

/// The same for credentials.
pub(crate) fn credentials(client: &Client, request: &Request) -> Result<Handover, Failure> {
    let end = end_of(client, request)?;
    if let Reply::Credentials(handover) = end {
        return Ok(*handover);
    }
    Err(refused(end))
}

/// The reply that ends a conversation.
fn end_of(client: &Client, request: &Request) -> Result<Reply, Failure> {
    client.send(request)?;
    loop {
        match client.receive()? {
            Reply::AskCode {
                prompt,
                device,
                sessions,
                error,
            } => {
                let code = ask_code(&device, &sessions, error.as_ref())?;
                client.send(&Request::EnterCode { prompt, code })?;
            }
            Reply::ShowSignIn {
                user_code,
                verification_uri,
                verification_uri_complete,
                seconds_left,
                ..
            } => output::sign_in(
                &user_code,
                &verification_uri,
                &verification_uri_complete,
                seconds_left,
            ),
            ended @ (Reply::Done { .. }
            | Reply::Failed(_)
            | Reply::Status(_)
            | Reply::Views(_)
            | Reply::Definitions(_)
            | Reply::Changes(_)
            | Reply::Diagnosis(_)
            | Reply::Credentials(_)
            | Reply::EndpointOpen(_)
            | Reply::ConsoleReady { .. }
            | Reply::PanelWanted
            | Reply::Leaving) => return Ok(ended),
        }
    }
}

/// Reads lines until one is a code. Six digits that work once are shown while they are typed, as people need to
/// compare them.
fn ask_code(
    device: &str,
    sessions: &[SessionId],
    error: Option<&RenewalError>,
) -> Result<MfaCode, Failure> {
    if let Some(error) = error {
        output::wrong_code(error);
    }
    loop {
        output::ask_code(device, sessions);
        let mut line = Zeroizing::new(String::new());
        let read = io::stdin().read_line(&mut line);
        if !read.is_ok_and(|length| length > 0) {
            return Err(RenewalError::new(
                ErrorCode::Cancelled,
                "no code was given",
                "give it with `--mfa-code`, or type it here",
            )
            .into());
        }
        match MfaCode::parse(&line) {
            Ok(code) => return Ok(code),
            Err(error) => output::not_a_code(error),
        }
    }
}

/// What a reply means that is not the one that was waited for.
pub(crate) fn refused(reply: Reply) -> Failure {
    let what = match reply {
        Reply::Failed(error) => return error.into(),
        Reply::Leaving => "the agent left before it was done",
        Reply::Done { .. }
        | Reply::Status(_)
        | Reply::Views(_)
        | Reply::Definitions(_)
        | Reply::Changes(_)
        | Reply::Diagnosis(_)
        | Reply::Credentials(_)
        | Reply::EndpointOpen(_)
        | Reply::ConsoleReady { .. }
        | Reply::AskCode { .. }
        | Reply::ShowSignIn { .. }
        | Reply::PanelWanted => "the agent gave an answer to another question",
    };
    RenewalError::new(ErrorCode::Internal, what, "try again").into()
}
