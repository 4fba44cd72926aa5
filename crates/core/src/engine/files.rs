//! What the files of the machine say, against what the engine believes.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Engine;
use super::session::{SelfRenewal, Tracked};
use crate::effect::Effect;
use crate::error::{ErrorCode, RenewalError};
use crate::findings::Finding;
use crate::names::SessionId;
use crate::session::{Definition, Found, Renewal, Sighting};

impl Engine {
    pub(super) fn files_read(
        &mut self,
        sightings: Vec<Sighting>,
        findings: Vec<Finding>,
        now: Timestamp,
    ) {
        self.findings = findings;
        let defined: BTreeSet<&SessionId> = sightings
            .iter()
            .map(|sighting| &sighting.definition.id)
            .collect();
        let gone: Vec<SessionId> = self
            .sessions
            .keys()
            .filter(|id| !defined.contains(id))
            .cloned()
            .collect();
        for id in gone {
            self.forget(&id, now);
        }
        for Sighting {
            definition,
            found,
            used_in,
        } in sightings
        {
            let id = definition.id.clone();
            self.defined(definition);
            if let Some(session) = self.sessions.get_mut(&id) {
                session.used_in = used_in;
            }
            self.found(&id, found, now);
        }
    }

    fn defined(&mut self, definition: Definition) {
        let id = definition.id.clone();
        let Some(session) = self.sessions.get_mut(&id) else {
            self.sessions.insert(id, Tracked::new(definition));
            return;
        };
        // A limit that a renewal met comes round with the files afterwards: that is no other session.
        let is_same = without_limit(&session.definition) == without_limit(&definition);
        session.definition = definition;
        if is_same {
            return;
        }
        // What was wrong may have been put right, and what is under way was for another session. Who wants it renewed
        // still does: `advance` starts it anew.
        session.forgive();
        session.no_silent_before = None;
        session.refuses_shared = false;
        self.lay_down(&id);
        self.give_up_attempt(&id);
    }

    fn found(&mut self, id: &SessionId, found: Found, now: Timestamp) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        let end = found.end();
        if end.is_some_and(|end| session.refuted == Some(end.at)) {
            return;
        }
        let known = session.state.end();
        if end.map(|end| end.at) == known.map(|end| end.at) {
            if session.is_resting() {
                note_self_renewal(session, found);
                session.note_beside_end(found);
            }
            return;
        }
        let is_newer =
            end.is_some_and(|end| !end.is_past(now) && known.is_none_or(|known| known.at < end.at));
        let is_resting = session.is_resting();
        match (is_newer, is_resting) {
            // Another tool was quicker, or we were: the answer is there.
            (true, false) => {
                self.give_up_attempt(id);
                self.succeeded(id, found, now);
            }
            (true, true) => {
                session.take_in(found);
                session.forgive();
            }
            (false, true) => session.take_in(found),
            (false, false) => session.set_end(end),
        }
    }

    pub(super) fn give_up_attempt(&mut self, id: &SessionId) {
        let attempt = self
            .sessions
            .get_mut(id)
            .and_then(|session| session.attempt.take());
        if let Some(attempt) = attempt {
            self.effects.push_back(Effect::GiveUp(attempt));
        }
    }

    /// The definition is gone from configuration.
    fn forget(&mut self, id: &SessionId, now: Timestamp) {
        let error = RenewalError::new(
            ErrorCode::UnknownProfile,
            format!("`{id}` is no longer defined"),
            "look at the AWS configuration; `sandglass status` lists what is there",
        );
        self.give_up_attempt(id);
        self.give_up_check(id);
        self.failed(id, &error, now);
        self.sessions.remove(id);
    }
}

fn without_limit(definition: &Definition) -> Definition {
    let mut definition = definition.clone();
    if let Renewal::Role(role) = &mut definition.renewal {
        role.allowed = None;
    }
    definition
}

/// The same credentials as before: whether they renew themselves may be news all the same.
fn note_self_renewal(session: &mut Tracked, found: Found) {
    session.self_renewal = match (found, session.self_renewal) {
        (Found::Nothing | Found::Credentials(_) | Found::Lasting { .. }, _) => SelfRenewal::Unable,
        (Found::Refreshable { .. }, SelfRenewal::Refused) => SelfRenewal::Refused,
        (Found::Refreshable { .. }, SelfRenewal::Able | SelfRenewal::Unable) => SelfRenewal::Able,
    };
}
