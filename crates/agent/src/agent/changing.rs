//! Changes that a diagnosis named: shown, then made as they were shown.

use std::sync::Arc;

use sandglass_core::doctor::diagnosis::Change;
use sandglass_core::names::SessionId;
use sandglass_core::session::Definition;
use sandglass_protocol::message::{Reply, Step};

use super::Agent;
use crate::input::ConnectionId;
use crate::words;

impl Agent {
    pub(super) fn change(&mut self, id: ConnectionId, change: Change, step: Step) {
        let files = Arc::clone(&self.files);
        match change {
            Change::Repair { repair } => {
                self.answer(id, async move { files.repair(&repair, &step) });
            }
            Change::UndoRepair => self.answer(id, async move { files.undo_repair(&step) }),
            Change::Duration { session, seconds } => {
                let Some((definition, source)) = self.with_source(&session) else {
                    return self.not_there(id, &session);
                };
                self.answer(id, async move {
                    files.set_duration(&definition, source.as_ref(), seconds, &step)
                });
            }
            Change::RoleMaximum { session, seconds } => {
                let Some((definition, source)) = self.with_source(&session) else {
                    return self.not_there(id, &session);
                };
                let issuer = self.renewals.issuer();
                self.answer(id, async move {
                    let source = source.as_ref();
                    issuer
                        .change_role_maximum(&definition, source, seconds, &step)
                        .await
                });
            }
        }
    }

    /// A session, and the one that it is made from.
    pub(super) fn with_source(
        &self,
        session: &SessionId,
    ) -> Option<(Definition, Option<Definition>)> {
        let definition = self.engine.session(session)?.definition.clone();
        let source = definition.renewal.source();
        let source = source.and_then(|id| self.engine.session(id));
        let source = source.map(|tracked| tracked.definition.clone());
        Some((definition, source))
    }

    fn not_there(&mut self, id: ConnectionId, session: &SessionId) {
        let error = words::no_longer_defined(session.as_str());
        self.reply(id, Reply::Failed(error));
    }
}
