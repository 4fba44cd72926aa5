//! One tray app for each user: a second launch hands over to the first and ends.

use std::fs::{File, TryLockError};

use anyhow::Context as _;
use sandglass_protocol::client::{Client, Error};
use sandglass_protocol::message::{Reply, Request};
use sandglass_protocol::place::Place;

use crate::agent::PROGRAM;
use crate::arguments::Opening;

/// Held for as long as this is the one tray app.
#[derive(Debug)]
#[must_use = "the lock ends when it is dropped"]
pub(crate) struct Launch {
    _lock: File,
}

/// Whether this process is the one tray app.
pub(crate) enum Turn {
    /// It is.
    Ours(Launch),
    /// Another one runs.
    Taken,
}

/// Takes the lock beside the agent's socket.
pub(crate) fn take_turn(place: &Place) -> anyhow::Result<Turn> {
    place.prepare()?;
    let path = place.folder().join("tray.lock");
    let lock = File::create(&path)
        .with_context(|| format!("failed to create the lock file `{}`", path.display()))?;
    match lock.try_lock() {
        Ok(()) => Ok(Turn::Ours(Launch { _lock: lock })),
        Err(TryLockError::WouldBlock) => Ok(Turn::Taken),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("failed to lock `{}`", path.display()))
        }
    }
}

/// Asks the tray app that runs to open its panel, as whoever starts a program a second time expects to see it.
pub(crate) fn hand_over(place: &Place, opening: Opening) -> anyhow::Result<()> {
    match opening {
        Opening::Background => return Ok(()),
        Opening::WhereNeeded | Opening::Panel => {}
    }
    ask_for_the_panel(place).context("failed to open the panel of the Sandglass that runs already")
}

fn ask_for_the_panel(place: &Place) -> anyhow::Result<()> {
    let hinted = |error: Error| anyhow::anyhow!("{error}; {}", error.hint());
    let client = Client::connect(place, PROGRAM).map_err(hinted)?;
    client.send(&Request::OpenPanel).map_err(hinted)?;
    match client.receive().map_err(hinted)? {
        Reply::Failed(error) => Err(anyhow::anyhow!("{error}; {}", error.remedy)),
        Reply::Done { .. } => Ok(()),
        Reply::Status(_)
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
        | Reply::Leaving => Err(anyhow::anyhow!("the agent answered something else")),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::fake_agent::FakeAgent;

    #[test]
    fn only_one_process_has_its_turn() {
        let agent = FakeAgent::absent();
        let Turn::Ours(launch) = take_turn(agent.place()).unwrap() else {
            panic!("nobody else has the lock");
        };
        assert!(matches!(take_turn(agent.place()).unwrap(), Turn::Taken));
        drop(launch);
        assert!(matches!(take_turn(agent.place()).unwrap(), Turn::Ours(_)));
    }

    #[test]
    fn a_second_launch_asks_for_the_panel() {
        let agent = FakeAgent::start();
        hand_over(agent.place(), Opening::WhereNeeded).unwrap();
        assert_eq!(agent.requests(), ["open_panel"]);
    }

    #[test]
    fn a_second_launch_in_the_background_asks_for_nothing() {
        let agent = FakeAgent::absent();
        hand_over(agent.place(), Opening::Background).unwrap();
    }

    #[test]
    fn a_second_launch_without_an_agent_says_so() {
        let agent = FakeAgent::absent();
        let error = hand_over(agent.place(), Opening::Panel).unwrap_err();
        assert!(
            format!("{error:#}").contains("no agent is running"),
            "{error:#}"
        );
    }
}
