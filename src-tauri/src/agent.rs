//! The connection to the agent: one thread that connects, starts the agent where none runs, and reads what it says.
//!
//! What is said to the agent goes through the [`Client`] that comes with [`News::Connected`], from the controller.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use sandglass_core::views::Views;
use sandglass_protocol::client::{Client, Error};
use sandglass_protocol::message::{Reply, Request};
use sandglass_protocol::place::Place;

use crate::message::{Mailbox, Message};

/// The name by which the agent knows this program.
pub(crate) const PROGRAM: &str = "sandglass-tray";

/// The first pause before another try. An agent that dies once is back before anybody looks.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause: an agent that keeps dying must not keep the machine busy.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What happens to the connection.
pub(crate) enum News {
    /// It is being made.
    Connecting,
    /// It stands; say things here.
    Connected(Client),
    /// The agent shows something new.
    Views(Box<Views>),
    /// Somebody asked for the panel.
    PanelWanted,
    /// The agent leaves because somebody asked it to.
    Leaving,
    /// There is no connection, and why, in words for people.
    Gone(String),
}

/// Wakes the connection from its pause: a person looks at the panel and should not have to wait.
pub(crate) struct Nudge(Sender<()>);

impl Nudge {
    /// Tries again at once.
    pub(crate) fn nudge(&self) {
        if self.0.send(()).is_err() {
            tracing::debug!("the connection has ended for good");
        }
    }

    #[cfg(test)]
    pub(crate) fn pair() -> (Self, Receiver<()>) {
        let (nudge, nudged) = channel();
        (Self(nudge), nudged)
    }
}

/// Connects now, and again whenever the connection is lost, until the agent leaves on somebody's wish.
pub(crate) fn keep_connected(place: Place, mailbox: Mailbox) -> std::io::Result<Nudge> {
    let (nudge, nudged) = channel();
    std::thread::Builder::new()
        .name("agent".to_owned())
        .spawn(move || run(&place, &mailbox, &nudged))?;
    Ok(Nudge(nudge))
}

fn run(place: &Place, mailbox: &Mailbox, nudged: &Receiver<()>) {
    let mut pause = FIRST_PAUSE;
    loop {
        mailbox.post(Message::Agent(News::Connecting));
        let end = match Client::connect_or_start(place, PROGRAM) {
            Ok(client) => {
                pause = FIRST_PAUSE;
                listen(&client, mailbox)
            }
            Err(error) => End::Lost(error),
        };
        let error = match end {
            End::Leaving => return,
            End::Lost(error) => error,
        };
        let why = format!("{error}; {}", error.hint());
        tracing::warn!(%why, "no agent");
        mailbox.post(Message::Agent(News::Gone(why)));
        if wait(nudged, retry_after(&error, pause)).is_break() {
            return;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// How a connection ended.
enum End {
    /// On somebody's wish.
    Leaving,
    /// Otherwise.
    Lost(Error),
}

fn listen(client: &Client, mailbox: &Mailbox) -> End {
    if let Err(error) = client.send(&Request::SubscribeViews) {
        return End::Lost(error);
    }
    tracing::info!("connected to the agent");
    mailbox.post(Message::Agent(News::Connected(client.clone())));
    loop {
        let news = match client.receive() {
            Err(error) => return End::Lost(error),
            Ok(Reply::Leaving) => {
                mailbox.post(Message::Agent(News::Leaving));
                return End::Leaving;
            }
            Ok(Reply::Views(views)) => News::Views(views),
            Ok(Reply::PanelWanted) => News::PanelWanted,
            Ok(Reply::Failed(error)) => {
                // What matters of it stands in the views that follow.
                tracing::debug!(code = ?error.code, "the agent refused a request");
                continue;
            }
            Ok(Reply::Done { .. }) => continue,
            Ok(
                Reply::Status(_)
                | Reply::Definitions(_)
                | Reply::Changes(_)
                | Reply::Diagnosis(_)
                | Reply::Credentials(_)
                | Reply::EndpointOpen(_)
                | Reply::ConsoleReady { .. }
                | Reply::AskCode { .. }
                | Reply::ShowSignIn { .. },
            ) => {
                tracing::debug!("the agent answered what a tray never asks");
                continue;
            }
        };
        mailbox.post(Message::Agent(news));
    }
}

/// When another try is any use: after a pause, or only once a person has changed something (none).
fn retry_after(error: &Error, pause: Duration) -> Option<Duration> {
    match error {
        Error::NotRunning(_)
        | Error::Unreachable(_)
        | Error::Silent
        | Error::OutOfPatience
        | Error::Start { .. }
        | Error::GaveUp(_)
        | Error::Frame(_) => Some(pause),
        Error::Place(_)
        | Error::Stranger(_)
        | Error::OtherVersion { .. }
        | Error::OtherEnvironment(_) => None,
    }
}

/// Waits for the pause to pass or for a nudge. Breaks when nobody can nudge any more: the app has ended.
fn wait(nudged: &Receiver<()>, pause: Option<Duration>) -> ControlFlow<()> {
    // A nudge from before the connection was lost asks for nothing any more.
    while nudged.try_recv().is_ok() {}
    let nudge = match pause {
        Some(pause) => nudged.recv_timeout(pause),
        None => nudged.recv().map_err(|_| RecvTimeoutError::Disconnected),
    };
    match nudge {
        Ok(()) | Err(RecvTimeoutError::Timeout) => ControlFlow::Continue(()),
        Err(RecvTimeoutError::Disconnected) => ControlFlow::Break(()),
    }
}
