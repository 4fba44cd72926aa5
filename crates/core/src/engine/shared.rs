//! MFA sessions that serve several roles: AWS takes a code once, and people should not have to type one for each role
//! that wants the same device.
//!
//! Where several roles wait for a code of one device with the same long-lived keys, it is spent on `GetSessionToken`, and
//! the roles are assumed with what that gives: their trust policies see the MFA in it. AWS then gives a role one hour at
//! most, as with role chaining, so that roles which ask for longer keep taking a code in their own call.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Engine;
use super::session::Tracked;
use crate::effect::{CodeSpent, Using};
use crate::error::{ErrorCode, RenewalError};
use crate::event::SharedSession;
use crate::lifetimes::{CHAINED_ROLE, End};
use crate::names::{MfaSerial, ProfileName, PromptId, SessionId};
use crate::prompt::{Phase, PromptKey};
use crate::session::{Renewal, Source, State};

/// By whose keys and by which device.
type Key = (ProfileName, MfaSerial);

/// Those that stand.
pub(super) type SharedSessions = BTreeMap<Key, End>;

impl Engine {
    /// The shared MFA session that would do for this session; none where it takes a code of its own.
    fn shared_key(session: &Tracked) -> Option<Key> {
        let Renewal::Role(role) = &session.definition.renewal else {
            return None;
        };
        let is_short = role.asked().is_none_or(|asked| asked <= CHAINED_ROLE);
        match (&role.source, &role.mfa_serial) {
            (Source::Keys(profile), Some(device)) if is_short && !session.refuses_shared => {
                Some((profile.clone(), device.clone()))
            }
            (Source::Keys(_) | Source::Session { .. } | Source::Environment, _) => None,
        }
    }

    /// Whether the session can be renewed with an MFA session that is there.
    pub(super) fn has_shared_session(&self, session: &Tracked) -> bool {
        let end = Self::shared_key(session).and_then(|key| self.shared.get(&key));
        end.is_some_and(|end| !end.is_past(self.clock))
    }

    /// Until when codes are not needed for this session (UTC), where an MFA session that is there sees to that.
    pub(super) fn shared_session_end(&self, session: &Tracked) -> Option<Timestamp> {
        let end = Self::shared_key(session).and_then(|key| self.shared.get(&key));
        end.map(|end| end.at)
    }

    /// What a renewal that needs nobody is made with.
    pub(super) fn without_person(&self, id: &SessionId) -> Using {
        match self.sessions.get(id) {
            Some(session) if self.has_shared_session(session) => Using::SharedSession,
            Some(_) | None => Using::WhatIsThere,
        }
    }

    /// What the code that was typed into a prompt is best spent on.
    pub(super) fn best_spent(&self, prompt: PromptId, first: &SessionId) -> CodeSpent {
        let key_of = |id: &SessionId| self.sessions.get(id).and_then(Self::shared_key);
        let Some(key) = key_of(first) else {
            return CodeSpent::OnTheCall;
        };
        let sharing = self.prompts.get(&prompt).map_or(0, |prompt| {
            let same = |id: &&SessionId| key_of(id).as_ref() == Some(&key);
            prompt.sessions.iter().filter(same).count()
        });
        if sharing > 1 {
            CodeSpent::OnSharedSession
        } else {
            CodeSpent::OnTheCall
        }
    }

    /// Whoever waits for a code that this session makes needless goes on without.
    pub(super) fn shared_session_opened(&mut self, opened: SharedSession, now: Timestamp) {
        let SharedSession {
            source,
            device,
            end,
        } = opened;
        let key = (source, device);
        if self
            .shared
            .get(&key)
            .is_some_and(|known| known.at >= end.at)
            || end.is_past(now)
        {
            return;
        }
        let served: Vec<SessionId> = self
            .sessions
            .values()
            .filter(|session| Self::shared_key(session).as_ref() == Some(&key))
            .filter(|session| {
                matches!(session.state, State::WaitingForYou { .. }) && session.attempt.is_none()
            })
            .map(|session| session.definition.id.clone())
            .collect();
        // Where a code is being checked, it was that one.
        let is_new = self.prompts.values().any(|prompt| {
            prompt.phase == Phase::CheckingCode && prompt.key == PromptKey::Device(key.1.clone())
        });
        if is_new {
            self.codes_used.insert(key.1.clone(), now);
        }
        self.shared.insert(key, end);
        for id in served {
            self.lay_down(&id);
        }
    }

    /// AWS did not take the shared MFA session: for this role, or not any more. True where the renewal goes on without.
    pub(super) fn goes_on_without_shared_session(
        &mut self,
        id: &SessionId,
        error: &RenewalError,
    ) -> bool {
        let Some(session) = self.sessions.get_mut(id) else {
            return false;
        };
        let (used_shared, is_fresh) = match session.tried_with {
            Some(Using::SharedSession) => (true, false),
            Some(Using::Code { spent, .. }) => (spent == CodeSpent::OnSharedSession, true),
            Some(Using::WhatIsThere | Using::Browser(_)) | None => (false, false),
        };
        if !used_shared {
            return false;
        }
        let Some(key) = Self::shared_key(session) else {
            return false;
        };
        if is_fresh && !self.shared.contains_key(&key) {
            // `GetSessionToken` itself was refused.
            return false;
        }
        if error.code == ErrorCode::AccessDenied {
            session.refuses_shared = true;
        } else if matches!(
            error.code,
            ErrorCode::SourceExpired | ErrorCode::SourceInvalid
        ) {
            // One that was opened a moment ago will be no better the next time.
            session.refuses_shared = is_fresh;
            self.shared.remove(&key);
        } else {
            return false;
        }
        if let Some(session) = self.sessions.get_mut(id) {
            session.trouble = None;
        }
        self.lay_down(id);
        true
    }
}
