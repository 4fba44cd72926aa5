//! Keeps an endpoint open for as long as the program runs.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use sandglass_core::names::ProfileName;
use sandglass_protocol::client::Client;
use sandglass_protocol::message::{Endpoint, Reply, Request};
use sandglass_protocol::place::Place;

use crate::conversation::{self, Failure};
use crate::output;

/// An agent that was asked to leave makes room, perhaps for one with other settings: so long somebody else has to start
/// it. botocore asks an endpoint three times, one second apart.
const ROOM: Duration = Duration::from_secs(1);
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// An agent that cannot be started, or does not know the session, is not bothered all the time.
const TRY_AGAIN: Duration = Duration::from_secs(5);

/// Opens an endpoint.
pub(super) fn open(
    place: &Place,
    name: &str,
    profile: &ProfileName,
) -> Result<(Client, Endpoint), Failure> {
    let client = Client::connect_or_start(place, name)?;
    let endpoint = ask(&client, profile, None)?;
    Ok((client, endpoint))
}

fn ask(
    client: &Client,
    profile: &ProfileName,
    token_file: Option<PathBuf>,
) -> Result<Endpoint, Failure> {
    client.send(&Request::OpenEndpoint {
        profile: profile.clone(),
        token_file,
    })?;
    let reply = client.receive()?;
    if let Reply::EndpointOpen(endpoint) = reply {
        return Ok(endpoint);
    }
    Err(conversation::refused(reply))
}

/// How a connection to an agent ended.
#[derive(Clone, Copy)]
enum Lost {
    /// Somebody asked the agent to leave.
    Left,
    /// It died.
    Broken,
}

/// Holds the endpoint open beside the program. This process ends with the program, and the connection with it.
pub(super) fn keep(
    place: Place,
    name: String,
    client: Client,
    profile: ProfileName,
    endpoint: Endpoint,
) {
    thread::spawn(move || {
        let (mut client, mut url) = (client, endpoint.url.clone());
        loop {
            let lost = wait(&client);
            let taken_up;
            (client, taken_up) = take_up(&place, &name, &profile, &endpoint, lost);
            if taken_up.url != url {
                url = taken_up.url;
                warn_of_another_address(&name, &endpoint.url, &url);
            }
        }
    });
}

/// The program knows the address that it was started with.
fn warn_of_another_address(name: &str, known: &str, now: &str) {
    if known != now {
        output::warning(&format!(
            "another program has taken the port of Sandglass's endpoint meanwhile: {name} gets no fresh credentials any \
             more, and has to be started again"
        ));
    }
}

/// Until the agent is gone. It says nothing but that it leaves.
fn wait(client: &Client) -> Lost {
    loop {
        match client.receive() {
            Ok(Reply::Leaving) => return Lost::Left,
            Ok(_) => {}
            Err(_) => return Lost::Broken,
        }
    }
}

/// Takes the endpoint up at the next agent, however long that takes.
fn take_up(
    place: &Place,
    name: &str,
    profile: &ProfileName,
    endpoint: &Endpoint,
    lost: Lost,
) -> (Client, Endpoint) {
    let mut room = match lost {
        Lost::Left => ROOM,
        Lost::Broken => Duration::ZERO,
    };
    let mut pause = LOOK_AGAIN;
    loop {
        let connected = if room.is_zero() {
            Client::connect_or_start(place, name)
        } else {
            Client::connect(place, name)
        };
        // One that is on its way out may still let somebody in.
        if let Ok(client) = connected
            && let Ok(taken_up) = ask(&client, profile, Some(endpoint.token_file.clone()))
        {
            return (client, taken_up);
        }
        thread::sleep(pause);
        if room.is_zero() {
            pause = (pause * 2).min(TRY_AGAIN);
        }
        room = room.saturating_sub(pause);
    }
}
