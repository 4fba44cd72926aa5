//! Programs that are served over HTTP, and those who keep their endpoints open.

use std::path::PathBuf;
use std::sync::Arc;

use sandglass_core::error::RenewalError;
use sandglass_core::names::{ProfileName, SessionId};
use sandglass_core::session::Renewal;
use sandglass_protocol::message::{self, Reply, Request};

use super::{Agent, Deferred, Role};
use crate::endpoint::GrantName;
use crate::input::{ConnectionId, Input};
use crate::words;

impl Agent {
    pub(super) fn endpoint_wanted(
        &mut self,
        id: ConnectionId,
        profile: ProfileName,
        token_file: Option<PathBuf>,
    ) {
        match self.session_named(&profile) {
            Ok(session) => self.open_endpoint(id, session, token_file),
            Err(_) => self.defer(Deferred::Request(
                id,
                Request::OpenEndpoint {
                    profile,
                    token_file,
                },
            )),
        }
    }

    pub(super) fn open_endpoint(
        &mut self,
        id: ConnectionId,
        session: SessionId,
        token_file: Option<PathBuf>,
    ) {
        let Some(tracked) = self.engine.session(&session) else {
            return;
        };
        let name = &tracked.definition.name;
        let refused = match &tracked.definition.renewal {
            Renewal::LongLivedKeys(_) => Some(words::no_endpoint_for_lasting_keys(name)),
            Renewal::SsoSignIn(_) => Some(words::no_credentials_of_sign_in(name, &self.engine)),
            Renewal::Role(_)
            | Renewal::WebIdentity(_)
            | Renewal::SessionToken(_)
            | Renewal::FederationToken(_)
            | Renewal::SsoRole(_)
            | Renewal::ConsoleLogin(_)
            | Renewal::Metadata(_)
            | Renewal::Process(_)
            | Renewal::Foreign(_) => None,
        };
        if let Some(error) = refused {
            return self.reply(id, Reply::Failed(error));
        }
        let profile = tracked.definition.profile.clone();
        let profile = profile.unwrap_or_else(|| ProfileName::new(&tracked.definition.name));
        let (endpoint, inputs) = (Arc::clone(&self.endpoint), self.inputs.clone());
        tokio::spawn(async move {
            let opened = endpoint.open(&session, &profile, token_file).await;
            let opened = Input::EndpointOpened { id, opened };
            // The loop is gone only when the agent leaves.
            let _ = inputs.send(opened).await;
        });
    }

    pub(super) fn endpoint_opened(
        &mut self,
        id: ConnectionId,
        opened: Result<(GrantName, message::Endpoint), RenewalError>,
    ) {
        let (grant, endpoint) = match opened {
            Ok(opened) => opened,
            Err(error) => return self.reply(id, Reply::Failed(error)),
        };
        match self.connections.get_mut(&id) {
            Some(connection) if connection.role == Role::Caller => {
                connection.role = Role::Keeper(grant);
                self.reply(id, Reply::EndpointOpen(endpoint));
            }
            Some(_) => {
                self.endpoint.close(&grant);
                self.left(id);
            }
            // Nobody keeps it any more.
            None => self.endpoint.close(&grant),
        }
    }
}
