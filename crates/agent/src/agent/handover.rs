//! Credentials on their way to programs: the engine says when, this says what.
//!
//! What programs ask for is kept in memory, so that the next one is served without a file being read. Memory is believed
//! for as long as the engine knows the same end.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use sandglass_core::effect::SignInStart;
use sandglass_core::error::RenewalError;
use sandglass_core::event::{Asker, Event, Reach, Wants};
use sandglass_core::lifetimes::End;
use sandglass_core::names::{ProfileName, SessionId};
use sandglass_core::session::{Renewal, State};
use sandglass_protocol::message::{CredentialsWanted, Handover, Reply, Request, Terminal};

use super::{Agent, Connection, Deferred, Role, asker};
use crate::clock;
use crate::input::{Caller, ConnectionId, Input};
use crate::issue::Looked;
use crate::words;

/// What programs asked for, by session.
#[derive(Default)]
pub(super) struct Memory(BTreeMap<SessionId, Known>);

enum Known {
    /// It is being read; these wait for it.
    Reading(Vec<ConnectionId>),
    /// It was read.
    Read(Arc<Looked>),
}

impl Memory {
    /// Keys without an end are believed until the files are read again.
    fn get(&self, session: &SessionId, end: Option<End>) -> Option<Arc<Looked>> {
        match self.0.get(session)? {
            Known::Read(looked) if looked.credentials.expires_at == end.map(|end| end.at) => {
                Some(Arc::clone(looked))
            }
            Known::Read(_) | Known::Reading(_) => None,
        }
    }

    /// Whether it is the first one that waits for what is read.
    fn wait(&mut self, session: &SessionId, id: ConnectionId) -> bool {
        if let Some(Known::Reading(waiting)) = self.0.get_mut(session) {
            waiting.push(id);
            return false;
        }
        self.0.insert(session.clone(), Known::Reading(vec![id]));
        true
    }

    /// Those who waited for what was read.
    fn waited(&mut self, session: &SessionId) -> Vec<ConnectionId> {
        match self.0.remove(session) {
            Some(Known::Reading(waiting)) => waiting,
            Some(Known::Read(_)) | None => Vec::new(),
        }
    }

    /// The files were read: keys that never end may be others now, and what ended is of no use.
    pub(super) fn files_read(&mut self) {
        let now = clock::now();
        self.0.retain(|_, known| match known {
            Known::Reading(_) => true,
            Known::Read(looked) => looked.credentials.expires_at.is_some_and(|at| now < at),
        });
    }
}

impl Agent {
    /// A program asks for credentials. Where the session is known, no file is read before it is answered.
    pub(super) fn credentials_wanted(
        &mut self,
        id: ConnectionId,
        profile: ProfileName,
        wanted: CredentialsWanted,
        terminal: Terminal,
    ) {
        match self.session_named(&profile) {
            Ok(session) => self.serve(id, session, wanted, terminal),
            // It may have been defined a moment ago.
            Err(_) => self.defer(Deferred::Request(
                id,
                Request::Credentials {
                    profile,
                    wanted,
                    terminal,
                },
            )),
        }
    }

    pub(super) fn serve(
        &mut self,
        id: ConnectionId,
        session: SessionId,
        wanted: CredentialsWanted,
        terminal: Terminal,
    ) {
        let wants = match wanted {
            CredentialsWanted::Holding => Wants::Credentials,
            CredentialsWanted::For(seconds) => {
                Wants::CredentialsFor(SignedDuration::from_secs(seconds.into()))
            }
        };
        let reach = match terminal {
            Terminal::Interactive => Reach::TrayOrTerminal,
            Terminal::None => Reach::Tray,
        };
        self.hand_over_when_it_can_be(id, session, wants, reach);
    }

    /// The endpoint asks for a program.
    pub(super) fn endpoint_asked(
        &mut self,
        id: ConnectionId,
        session: &SessionId,
        replies: tokio::sync::mpsc::Sender<Reply>,
    ) {
        let caller = Caller {
            name: "a program that `sandglass exec` started".to_owned(),
        };
        let connection = Connection {
            caller,
            replies,
            role: Role::Caller,
        };
        self.connections.insert(id, connection);
        if self.engine.session(session).is_none() {
            let error = words::no_longer_defined(session.as_str());
            return self.reply(id, Reply::Failed(error));
        }
        self.hand_over_when_it_can_be(id, session.clone(), Wants::Credentials, Reach::Tray);
        // A program that speaks HTTP cannot wait for a person; what it raised stays open for its next try.
        if let Some(tracked) = self.engine.session(session)
            && matches!(tracked.state, State::WaitingForYou { .. })
        {
            let error = words::waits_for_you(&tracked.definition.name);
            self.reply(id, Reply::Failed(error));
        }
    }

    fn hand_over_when_it_can_be(
        &mut self,
        id: ConnectionId,
        session: SessionId,
        wants: Wants,
        reach: Reach,
    ) {
        if let Some(tracked) = self.engine.session(&session)
            && matches!(tracked.definition.renewal, Renewal::SsoSignIn(_))
        {
            let error = words::no_credentials_of_sign_in(&tracked.definition.name, &self.engine);
            return self.reply(id, Reply::Failed(error));
        }
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        if connection.role != Role::Caller {
            return self.left(id);
        }
        connection.role = Role::Credentials(session.clone());
        let asker = Asker {
            id: asker(id),
            name: connection.caller.name.clone(),
            session,
            reach,
            start: SignInStart::AsItIs,
            wants,
        };
        self.feed(Event::AskerArrived(asker));
    }

    /// The engine says that there are credentials now, and until when.
    pub(super) fn hand_over(&mut self, id: ConnectionId, session: &SessionId, end: Option<End>) {
        if let Some(looked) = self.memory.get(session, end) {
            return self.give(id, session, &looked);
        }
        if !self.memory.wait(session, id) {
            return;
        }
        let Some(tracked) = self.engine.session(session) else {
            return;
        };
        let (definition, issuer) = (tracked.definition.clone(), self.renewals.issuer());
        let (session, inputs) = (session.clone(), self.inputs.clone());
        tokio::spawn(async move {
            let result = issuer.look_up(&definition).await;
            // The loop is gone only when the agent leaves.
            let _ = inputs.send(Input::LookedUp { session, result }).await;
        });
    }

    pub(super) fn looked_up(&mut self, session: &SessionId, result: Result<Looked, RenewalError>) {
        let waiting = self.memory.waited(session);
        let result = result.and_then(|looked| {
            // Another program may have changed the files since the engine looked.
            let now = clock::now();
            if looked.credentials.expires_at.is_some_and(|at| at <= now) {
                return Err(words::over(session.as_str()));
            }
            Ok(Arc::new(looked))
        });
        for id in waiting {
            match &result {
                Ok(looked) => self.give(id, session, looked),
                Err(error) => self.reply(id, Reply::Failed(error.clone())),
            }
        }
        if let Ok(looked) = result {
            self.memory.0.insert(session.clone(), Known::Read(looked));
        }
    }

    fn give(&mut self, id: ConnectionId, session: &SessionId, looked: &Looked) {
        let Some(tracked) = self.engine.session(session) else {
            return;
        };
        let handover = Handover {
            name: tracked.definition.name.clone(),
            credentials: looked.credentials.clone(),
            account: looked
                .account
                .clone()
                .or_else(|| tracked.definition.renewal.account()),
            region: looked.region.clone(),
            kept_until: self.engine.keeps_until(tracked),
            told_at: clock::now(),
        };
        self.reply(id, Reply::Credentials(Box::new(handover)));
    }
}
