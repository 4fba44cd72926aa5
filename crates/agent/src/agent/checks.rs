//! Programs that wait for AWS's word on a session.

use sandglass_core::error::RenewalError;
use sandglass_core::event::{Event, Intent};
use sandglass_core::names::{AttemptId, SessionId};
use sandglass_protocol::message::Reply;

use super::{Agent, Role};
use crate::clock;
use crate::input::ConnectionId;
use crate::words;

impl Agent {
    /// Asks AWS, or waits for the answer where it is being asked already.
    pub(super) fn check(&mut self, id: ConnectionId, session: SessionId) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        if connection.role != Role::Caller {
            // A connection waits for one thing, or shows views: a client that mixes them is let go.
            return self.left(id);
        }
        connection.role = Role::Checker(session.clone());
        self.feed(Event::Intended(Intent::Check(session)));
    }

    /// AWS has answered. The engine first: what it makes of the answer is told.
    pub(super) fn checked(&mut self, attempt: AttemptId, result: Result<(), RenewalError>) {
        let session = self.checks.remove(&attempt);
        self.feed(Event::Checked {
            attempt,
            result: result.clone(),
        });
        let Some(session) = session else {
            return;
        };
        let (name, _) = self.name_and_limit(&session);
        let end = self
            .engine
            .session(&session)
            .and_then(|session| session.state.end());
        let reply = match result {
            Ok(()) => Reply::Done {
                sentence: words::accepted(&name, end, clock::now(), &clock::zone()),
            },
            Err(error) => Reply::Failed(error),
        };
        self.answer_checkers(&session, &reply);
    }

    /// The session is gone, and nobody will answer any more.
    pub(super) fn check_given_up(&mut self, attempt: AttemptId) {
        if let Some(session) = self.checks.remove(&attempt) {
            let error = words::no_longer_defined(session.as_str());
            self.answer_checkers(&session, &Reply::Failed(error));
        }
    }

    fn answer_checkers(&mut self, session: &SessionId, reply: &Reply) {
        let mut waiting = Vec::new();
        for (id, connection) in &mut self.connections {
            if matches!(&connection.role, Role::Checker(of) if of == session) {
                connection.role = Role::Caller;
                waiting.push(*id);
            }
        }
        for id in waiting {
            self.reply(id, reply.clone());
        }
    }
}
