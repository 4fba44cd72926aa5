//! Credentials on their way to programs: the engine says when, this says what.
//!
//! What programs ask for is kept in memory, so that the next one is served without a file being read. Memory is believed
//! for as long as the engine knows the same end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sandglass_core::effect::SignInStart;
use sandglass_core::error::RenewalError;
use sandglass_core::event::{Asker, Event, Reach, Wants};
use sandglass_core::lifetimes::{End, KnownBy};
use sandglass_core::names::{ProfileName, SessionId};
use sandglass_core::session::{Renewal, State};
use sandglass_protocol::message::{CredentialsWanted, Handover, Reply, Request, Terminal};

use super::{Agent, Connection, Deferred, Role, asker};
use crate::clock;
use crate::endpoint::GrantName;
use crate::input::{Caller, ConnectionId, Input};
use crate::issue::{Looked, defect};
use crate::words;

/// What programs asked for, by session.
#[derive(Default)]
pub(super) struct Memory(BTreeMap<SessionId, Known>);

enum Known {
    /// It is being read; these wait for it.
    Reading(Vec<ConnectionId>),
    /// It was read.
    Read {
        looked: Arc<Looked>,
        /// Their end as the engine knows it (UTC).
        end: Option<Timestamp>,
    },
}

impl Memory {
    /// Keys without an end are believed until the files are read again.
    fn get(&self, session: &SessionId, end: Option<End>) -> Option<Arc<Looked>> {
        match self.0.get(session)? {
            Known::Read { looked, end: known } if *known == end.map(|end| end.at) => {
                Some(Arc::clone(looked))
            }
            Known::Read { .. } | Known::Reading(_) => None,
        }
    }

    fn keep(&mut self, session: &SessionId, looked: Arc<Looked>, end: Option<Timestamp>) {
        let end = looked.credentials.expires_at.or(end);
        self.0.insert(session.clone(), Known::Read { looked, end });
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
            Some(Known::Read { .. }) | None => Vec::new(),
        }
    }

    /// The files were read: keys that never end may be others now, and what ended or is not defined any more is of no
    /// use.
    pub(super) fn files_read(&mut self, defined: &BTreeSet<&SessionId>) {
        let now = clock::now();
        self.0.retain(|session, known| match known {
            Known::Reading(_) => true,
            Known::Read { looked, .. } => {
                let end = looked.credentials.expires_at;
                end.is_some_and(|at| now < at) && defined.contains(session)
            }
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
        grant: &GrantName,
        replies: tokio::sync::mpsc::Sender<Reply>,
    ) {
        // Whoever keeps its endpoint open was called after it.
        let keeper = self
            .connections
            .values()
            .find(|connection| matches!(&connection.role, Role::Keeper(of) if of == grant));
        let caller = keeper.map_or_else(
            || Caller {
                name: "a program that `sandglass exec` started".to_owned(),
            },
            |keeper| keeper.caller.clone(),
        );
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
        let waits = |connection: &Connection| matches!(connection.role, Role::Credentials(_));
        if self.connections.get(&id).is_some_and(waits)
            && let Some(tracked) = self.engine.session(session)
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
        // Most questions end here, and cost next to nothing.
        if let Some(end) = self.engine.serves(&session, wants, clock::now())
            && let Some(looked) = self.memory.get(&session, end)
        {
            return self.give(id, &session, &looked);
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
            let error = words::no_longer_defined(session.as_str());
            return self.looked_up(session, Err(error));
        };
        let (definition, issuer) = (tracked.definition.clone(), self.renewals.issuer());
        let (session, inputs) = (session.clone(), self.inputs.clone());
        let looking = tokio::spawn(async move { issuer.look_up(&definition).await });
        tokio::spawn(async move {
            let result = looking.await.unwrap_or_else(|_| {
                Err(defect(
                    "credentials could not be read, in a way that nobody thought of",
                ))
            });
            // The loop is gone only when the agent leaves.
            let _ = inputs.send(Input::LookedUp { session, result }).await;
        });
    }

    pub(super) fn looked_up(&mut self, session: &SessionId, result: Result<Looked, RenewalError>) {
        let waiting = self.memory.waited(session);
        let tracked = self.engine.session(session);
        let end = tracked.and_then(|tracked| tracked.state.end());
        let result = result.and_then(|mut looked| {
            // The keys of a profile stand there without their end. A program that is not told of it never asks again.
            let told = end.filter(|end| end.known_by == KnownBy::Issuer);
            let expires_at = &mut looked.credentials.expires_at;
            *expires_at = expires_at.or(told.map(|end| end.at));
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
        if let Ok(looked) = result
            && self.engine.session(session).is_some()
        {
            self.memory.keep(session, looked, end.map(|end| end.at));
        }
    }

    fn give(&mut self, id: ConnectionId, session: &SessionId, looked: &Looked) {
        let Some(tracked) = self.engine.session(session) else {
            let error = words::no_longer_defined(session.as_str());
            return self.reply(id, Reply::Failed(error));
        };
        self.watch.gave(session, looked);
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

#[cfg(test)]
mod tests {
    use sandglass_core::secret::{Credentials, Secret};

    use super::*;

    fn looked(expires_at: Option<Timestamp>) -> Arc<Looked> {
        Arc::new(Looked {
            credentials: Credentials {
                access_key_id: "ASIAEXAMPLE".to_owned(),
                secret_access_key: Secret::new("secret".to_owned()),
                session_token: None,
                expires_at,
            },
            region: None,
            account: None,
        })
    }

    fn in_hours(hours: i64) -> Timestamp {
        clock::now() + SignedDuration::from_hours(hours)
    }

    fn end(at: Timestamp) -> End {
        End::issued(at - SignedDuration::from_hours(1), at)
    }

    #[test]
    fn what_was_read_is_believed_while_the_engine_knows_the_same_end() {
        let (mut memory, session) = (Memory::default(), SessionId::new("role:dev"));
        let at = in_hours(1);
        assert!(memory.get(&session, Some(end(at))).is_none());
        memory.keep(&session, looked(Some(at)), Some(at));
        assert!(memory.get(&session, Some(end(at))).is_some());
        assert!(memory.get(&session, Some(end(in_hours(2)))).is_none());
        assert!(memory.get(&session, None).is_none());
    }

    #[test]
    fn what_does_not_tell_its_own_end_goes_by_the_one_that_the_engine_reckons() {
        let (mut memory, session) = (Memory::default(), SessionId::new("process:dev"));
        let at = in_hours(1);
        memory.keep(&session, looked(None), Some(at));
        assert!(memory.get(&session, Some(end(at))).is_some());
        assert!(memory.get(&session, Some(end(in_hours(2)))).is_none());
    }

    #[test]
    fn a_reading_of_the_files_takes_with_it_what_may_be_another_one_now() {
        let names = [
            "role:dev",
            "role:over",
            "role:gone",
            "keys:old",
            "role:read",
        ];
        let [dev, over, gone, old, read] = names.map(SessionId::new);
        let mut memory = Memory::default();
        let at = in_hours(1);
        memory.keep(&dev, looked(Some(at)), Some(at));
        memory.keep(&over, looked(Some(in_hours(-1))), Some(in_hours(-1)));
        memory.keep(&gone, looked(Some(at)), Some(at));
        memory.keep(&old, looked(None), None);
        assert!(memory.wait(&read, ConnectionId(1)));
        memory.files_read(&BTreeSet::from([&dev, &over, &old]));
        assert_eq!(memory.0.keys().collect::<Vec<_>>(), [&dev, &read]);
    }

    #[test]
    fn those_who_ask_at_once_wait_for_one_reading() {
        let (mut memory, session) = (Memory::default(), SessionId::new("role:dev"));
        assert!(memory.wait(&session, ConnectionId(1)));
        assert!(!memory.wait(&session, ConnectionId(2)));
        assert!(memory.get(&session, Some(end(in_hours(1)))).is_none());
        let waited = memory.waited(&session);
        assert_eq!(waited, [ConnectionId(1), ConnectionId(2)]);
        assert!(memory.wait(&session, ConnectionId(3)));
    }
}
