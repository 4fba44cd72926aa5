//! What callers ask, and how it reaches the engine.

use std::sync::Arc;

use sandglass_core::effect::{CodeGiven, SignInStart};
use sandglass_core::error::RenewalError;
use sandglass_core::event::{Asker, Event, Reach, Wants};
use sandglass_core::names::{ProfileName, SessionId};
use sandglass_core::status;
use sandglass_protocol::message::{Reply, Request, Terminal};

use super::{Agent, Awaited, Deferred, Ended, Role, asker};
use crate::clock;
use crate::input::{ConnectionId, Input};
use crate::words;

impl Agent {
    pub(super) fn asked(&mut self, id: ConnectionId, request: Request) -> Option<Ended> {
        if !self.connections.contains_key(&id) {
            // It was let go, and what it still sends counts no more.
            return None;
        }
        match request {
            Request::Status
            | Request::Renew { .. }
            | Request::Login { .. }
            | Request::Check { .. }
            | Request::Diagnose(_)
            | Request::Console { .. } => {
                self.defer(Deferred::Request(id, request));
            }
            Request::Credentials {
                profile,
                wanted,
                terminal,
            } => self.credentials_wanted(id, profile, wanted, terminal),
            Request::OpenEndpoint {
                profile,
                token_file,
            } => self.endpoint_wanted(id, profile, token_file),
            Request::SubscribeViews => self.subscribe(id),
            Request::Intend(intent) => self.feed(Event::Intended(intent)),
            Request::EnterCode { prompt, code } => {
                self.renewals.keep_code(CodeGiven::Prompt(prompt), code);
                self.feed(Event::CodeEntered { prompt });
                self.renewals.forget_code(CodeGiven::Prompt(prompt));
            }
            Request::Connect {
                profile,
                command,
                step,
            } => self.connect(id, profile, command, step),
            Request::Disconnect { profile, step } => self.disconnect(id, profile, step),
            Request::Change { change, step } => self.change(id, change, step),
            Request::Define(definition) => {
                let files = Arc::clone(&self.files);
                self.answer(id, async move { files.define(definition).await });
            }
            Request::ListDefinitions => {
                let files = Arc::clone(&self.files);
                self.answer(id, async move { files.list_definitions().await });
            }
            Request::Forget { kind, name } => {
                let files = Arc::clone(&self.files);
                self.answer(id, async move { files.forget(kind, name).await });
            }
            Request::OpenPanel => self.open_panel(id),
            Request::Quit => return Some(Ended::Asked),
        }
        None
    }

    /// Answers a question about sessions, now that the files are known.
    pub(super) fn answer_from_files(&mut self, id: ConnectionId, request: Request) {
        match request {
            Request::Status => {
                let status = status::status(&self.engine, clock::now());
                self.reply(id, Reply::Status(status));
            }
            Request::Renew {
                profile,
                code,
                terminal,
            } => {
                let session = self.session_named(&profile);
                let reach = match (&code, terminal) {
                    (Some(_), _) => Reach::CodeInHand,
                    (None, Terminal::Interactive) => Reach::TrayOrTerminal,
                    (None, Terminal::None) => Reach::Tray,
                };
                if let Some(code) = code {
                    self.renewals.keep_code(CodeGiven::Asker(asker(id)), code);
                }
                self.wait_for(id, session, reach, SignInStart::AsItIs);
            }
            Request::Login { profile, start } => {
                let session = self.sign_in_named(&profile);
                self.wait_for(id, session, Reach::Terminal, start);
            }
            Request::Check { profile } => match self.session_named(&profile) {
                Ok(session) => self.check(id, session),
                Err(error) => self.reply(id, Reply::Failed(error)),
            },
            Request::Console {
                profile,
                destination,
            } => match self.session_named(&profile) {
                Ok(session) => self.open_console(id, &session, destination),
                Err(error) => self.reply(id, Reply::Failed(error)),
            },
            Request::Credentials {
                profile,
                wanted,
                terminal,
            } => match self.session_named(&profile) {
                Ok(session) => self.serve(id, session, wanted, terminal),
                Err(error) => self.reply(id, Reply::Failed(error)),
            },
            Request::OpenEndpoint {
                profile,
                token_file,
            } => match self.session_named(&profile) {
                Ok(session) => self.open_endpoint(id, session, token_file),
                Err(error) => self.reply(id, Reply::Failed(error)),
            },
            Request::Diagnose(question) => self.diagnose(id, question),
            Request::SubscribeViews
            | Request::Intend(_)
            | Request::EnterCode { .. }
            | Request::Connect { .. }
            | Request::Disconnect { .. }
            | Request::Change { .. }
            | Request::Define(_)
            | Request::ListDefinitions
            | Request::Forget { .. }
            | Request::OpenPanel
            | Request::Quit => {}
        }
    }

    /// Carries out a request beside the loop: a keychain or AWS may take its time.
    pub(super) fn answer(
        &self,
        id: ConnectionId,
        answer: impl Future<Output = Reply> + Send + 'static,
    ) {
        let inputs = self.inputs.clone();
        tokio::spawn(async move {
            let reply = answer.await;
            let _ = inputs.send(Input::Answered { id, reply }).await;
        });
    }

    fn subscribe(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        if connection.role != Role::Caller {
            return self.left(id);
        }
        connection.role = Role::Tray;
        // Everybody is sent the views anew, the newcomer with them.
        self.shown = None;
        self.feed(Event::TrayConnected);
    }

    fn open_panel(&mut self, id: ConnectionId) {
        let trays: Vec<ConnectionId> = self.trays().collect();
        let answer = if trays.is_empty() {
            Reply::Failed(words::no_tray())
        } else {
            Reply::Done {
                sentence: "the panel is open".to_owned(),
            }
        };
        for tray in trays {
            self.reply(tray, Reply::PanelWanted);
        }
        self.reply(id, answer);
    }

    /// With the credentials as they are: whether they are worth a renewal first is the person's to say.
    fn open_console(&mut self, id: ConnectionId, session: &SessionId, destination: Option<String>) {
        let Some(tracked) = self.engine.session(session) else {
            return;
        };
        let definition = tracked.definition.clone();
        let end = tracked.state.end();
        if end.is_some_and(|end| end.is_past(clock::now())) {
            return self.reply(id, Reply::Failed(words::over(&definition.name)));
        }
        let issuer = self.renewals.issuer();
        self.answer(id, async move {
            match issuer.console_page(&definition, destination).await {
                Ok(url) => Reply::ConsoleReady { url },
                Err(error) => Reply::Failed(error),
            }
        });
    }

    fn wait_for(
        &mut self,
        id: ConnectionId,
        session: Result<SessionId, RenewalError>,
        reach: Reach,
        start: SignInStart,
    ) {
        let session = match session {
            Ok(session) => session,
            Err(error) => {
                self.renewals.forget_code(CodeGiven::Asker(asker(id)));
                return self.reply(id, Reply::Failed(error));
            }
        };
        let within = self.portal_session(&session);
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        if connection.role != Role::Caller {
            // A connection waits for one thing, or shows views: a client that mixes them is let go.
            return self.left(id);
        }
        connection.role = Role::Asker(Awaited {
            session: session.clone(),
            within,
        });
        let asker = Asker {
            id: asker(id),
            name: connection.caller.name.clone(),
            session,
            reach,
            start,
            wants: Wants::Renewal,
        };
        self.feed(Event::AskerArrived(asker));
    }

    pub(super) fn session_named(&self, profile: &ProfileName) -> Result<SessionId, RenewalError> {
        self.engine
            .session_named(profile.as_str())
            .map(|session| session.definition.id.clone())
            .ok_or_else(|| words::unknown_profile(profile, &self.engine))
    }

    fn sign_in_named(&self, profile: &ProfileName) -> Result<SessionId, RenewalError> {
        self.session_named(profile)?;
        self.engine
            .sign_in_named(profile.as_str())
            .map(|session| session.definition.id.clone())
            .ok_or_else(|| words::no_sign_in(profile))
    }
}
