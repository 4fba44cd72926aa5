//! Single questions to the agent, each on a connection of its own: no answer can be taken for that of another one, and the
//! connection that brings the views stays as it is.

use sandglass_core::error::RenewalError;
use sandglass_protocol::client::{Client, Error};
use sandglass_protocol::message::{Reply, Request};
use sandglass_protocol::place::Place;

use crate::agent::PROGRAM;
use crate::message::{Refusal, RefusalCode};

/// Where questions are put.
#[derive(Clone)]
pub(crate) struct Agent(Place);

impl Agent {
    /// The agent at this place.
    pub(crate) fn at(place: Place) -> Self {
        Self(place)
    }

    /// Asks, and waits for the answer without holding anything up. A refusal of the agent is one here.
    pub(crate) async fn ask(&self, request: Request) -> Result<Reply, Refusal> {
        let place = self.0.clone();
        let asked = tauri::async_runtime::spawn_blocking(move || ask(&place, &request)).await;
        asked.unwrap_or_else(|_| Err(Refusal::leaving()))
    }
}

fn ask(place: &Place, request: &Request) -> Result<Reply, Refusal> {
    let client = Client::connect(place, PROGRAM)?;
    client.send(request)?;
    let reply = client.receive()?;
    if let Reply::Failed(error) = reply {
        return Err(error.into());
    }
    Ok(reply)
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::new(RefusalCode::AgentGone, error.to_string(), error.hint())
    }
}

impl From<RenewalError> for Refusal {
    fn from(error: RenewalError) -> Self {
        Self::new(RefusalCode::Refused, error.message, error.remedy)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::fake_agent::FakeAgent;

    #[test]
    fn where_no_agent_runs_a_question_says_so_and_starts_none() {
        let absent = FakeAgent::absent();
        let asked = ask(absent.place(), &Request::Status);
        let refusal = asked.unwrap_err();
        assert_eq!(refusal.code, RefusalCode::AgentGone);
        assert_eq!(refusal.message, "no agent is running");
    }
}
