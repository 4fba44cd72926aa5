//! The one loop: sources -> Engine -> performers. It owns the engine and the connections; nobody else holds state.

mod reading;
mod requests;

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use sandglass_core::effect::{Effect, Question};
use sandglass_core::engine::Engine;
use sandglass_core::error::RenewalError;
use sandglass_core::event::Event;
use sandglass_core::lifetimes::End;
use sandglass_core::names::{AskerId, PromptId};
use sandglass_core::views::{self, Views};
use sandglass_protocol::message::Reply;
use tokio::sync::mpsc;

use self::reading::{Deferred, Reading};
use crate::clock;
use crate::files::Files;
use crate::input::{Caller, ConnectionId, Input};
use crate::renewals::{Answered, Renewals};
use crate::words;

/// Whatever signal is missed, the state is looked at again after this time. Timers stand still while a machine sleeps;
/// short ones notice the wall clock soon after it wakes.
const LONGEST_NAP: Duration = Duration::from_secs(30);
/// Without a face and without a caller the agent leaves after this time.
const IDLE: Duration = Duration::from_mins(10);
/// Files are read again after this time even if no change was seen: network file systems report none.
const REREAD: Duration = Duration::from_mins(1);

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Somebody asked for it.
    Asked,
    /// Nobody was there for a while.
    Idle,
}

struct Connection {
    caller: Caller,
    replies: mpsc::Sender<Reply>,
    role: Role,
}

/// What a connection is there for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Role {
    /// Single questions.
    Caller,
    /// It waits for the session of this name.
    Asker(String),
    /// It shows views.
    Tray,
}

/// The state of the agent.
pub(crate) struct Agent {
    engine: Engine,
    connections: BTreeMap<ConnectionId, Connection>,
    renewals: Renewals,
    files: Arc<Files>,
    inputs: mpsc::Sender<Input>,
    /// What trays were sent last.
    shown: Option<Views>,
    reading: Reading,
    last_read: Timestamp,
    idle_since: Option<Timestamp>,
}

impl Agent {
    pub(crate) fn new(renewals: Renewals, files: Arc<Files>, inputs: mpsc::Sender<Input>) -> Self {
        Self {
            engine: Engine::new(),
            connections: BTreeMap::new(),
            renewals,
            files,
            inputs,
            shown: None,
            reading: Reading::default(),
            last_read: Timestamp::UNIX_EPOCH,
            idle_since: None,
        }
    }

    /// Runs until somebody asks it to leave, a signal ends it, or nobody has been there for a while.
    pub(crate) async fn run(
        mut self,
        mut inputs: mpsc::Receiver<Input>,
        signal: impl Future<Output = ()>,
    ) -> Ended {
        let mut signal = pin!(signal);
        self.feed(Event::AgreementRead(self.files.agreement()));
        // Callers wait until it is known what there is to tell.
        let (sightings, findings) = self.files.read(clock::now()).await;
        self.files_read(Some(Event::FilesRead {
            sightings,
            findings,
        }));
        loop {
            let nap = tokio::time::sleep(self.nap());
            // In this order: whoever has just come is not turned away for idleness.
            let ended = tokio::select! {
                biased;
                () = &mut signal => Some(Ended::Asked),
                Some(input) = inputs.recv() => self.take(input),
                () = nap => self.wake(),
            };
            self.carry_out_effects();
            self.show();
            if let Some(ended) = ended {
                self.leave();
                return ended;
            }
        }
    }

    fn nap(&self) -> Duration {
        let now = clock::now();
        let views_change = self
            .trays()
            .next()
            .and_then(|_| views::next_change(&self.engine, now));
        [self.engine.poll_timeout(), views_change]
            .into_iter()
            .flatten()
            // What is overdue is due at once.
            .map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default())
            .min()
            .map_or(LONGEST_NAP, |nap| nap.min(LONGEST_NAP))
    }

    fn wake(&mut self) -> Option<Ended> {
        let now = clock::now();
        self.engine.handle_timeout(now);
        if self.reading.is_idle() && self.last_read.duration_since(now).unsigned_abs() >= REREAD {
            self.read_files();
        }
        if !self.connections.is_empty() || self.renewals.are_under_way() {
            self.idle_since = None;
            return None;
        }
        let since = *self.idle_since.get_or_insert(now);
        (now.duration_since(since).unsigned_abs() >= IDLE).then_some(Ended::Idle)
    }

    fn feed(&mut self, event: Event) {
        self.engine.handle(event, clock::now());
        self.carry_out_effects();
    }

    fn take(&mut self, input: Input) -> Option<Ended> {
        match input {
            Input::Arrived {
                id,
                caller,
                replies,
            } => {
                let connection = Connection {
                    caller,
                    replies,
                    role: Role::Caller,
                };
                self.connections.insert(id, connection);
                self.idle_since = None;
            }
            Input::Asked { id, request } => return self.asked(id, request),
            Input::Left(id) => self.left(id),
            Input::FilesChanged => self.read_files(),
            Input::FilesRead {
                sightings,
                findings,
            } => self.files_read(Some(Event::FilesRead {
                sightings,
                findings,
            })),
            Input::ReadingFailed => self.files_read(None),
            Input::Happened(event) => {
                if matches!(event, Event::RenewalEnded { .. }) {
                    self.reading.outdate();
                }
                self.feed(event);
            }
            Input::Answered { id, reply } => self.defer(Deferred::Reply(id, reply)),
        }
        None
    }

    fn left(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.remove(&id) else {
            return;
        };
        self.reading.forget(id);
        match connection.role {
            Role::Caller => {}
            Role::Asker(_) => {
                self.renewals.forget_code(Answered::Asker(asker(id)));
                self.feed(Event::AskerLeft(asker(id)));
            }
            Role::Tray => {
                if self.trays().next().is_none() {
                    self.feed(Event::TrayLeft);
                }
            }
        }
    }

    fn carry_out_effects(&mut self) {
        while let Some(effect) = self.engine.poll_effect() {
            match effect {
                Effect::Renew {
                    attempt,
                    definition,
                    source,
                    using,
                } => self.renewals.start(attempt, definition, source, using),
                Effect::GiveUp(attempt) => self.renewals.give_up(attempt),
                Effect::Answer { asker, result } => self.answer_asker(asker, result),
                Effect::AskInTerminal {
                    asker,
                    prompt,
                    question,
                } => self.reply(connection(asker), in_terminal(prompt, question)),
                Effect::SaveAgreement(agreement) => self.files.save_agreement(agreement),
            }
        }
    }

    fn answer_asker(&mut self, asker: AskerId, result: Result<End, RenewalError>) {
        self.renewals.forget_code(Answered::Asker(asker));
        let id = connection(asker);
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        let name = match std::mem::replace(&mut connection.role, Role::Caller) {
            Role::Asker(name) => name,
            Role::Caller | Role::Tray => return,
        };
        let reply = match result {
            Ok(end) => Reply::Done {
                sentence: words::renewed(&name, end, clock::now(), &clock::zone()),
            },
            Err(error) => Reply::Failed(error),
        };
        self.reply(id, reply);
    }

    /// Sends trays what they show, where it is not what they show already.
    fn show(&mut self) {
        if self.trays().next().is_none() {
            self.shown = None;
            return;
        }
        let views = views::views(&self.engine, clock::now(), &clock::zone());
        if self.shown.as_ref() == Some(&views) {
            return;
        }
        let trays: Vec<ConnectionId> = self.trays().collect();
        for tray in trays {
            self.reply(tray, Reply::Views(Box::new(views.clone())));
        }
        self.shown = Some(views);
    }

    fn trays(&self) -> impl Iterator<Item = ConnectionId> {
        self.connections
            .iter()
            .filter(|(_, connection)| connection.role == Role::Tray)
            .map(|(id, _)| *id)
    }

    fn reply(&mut self, id: ConnectionId, reply: Reply) {
        if let Some(connection) = self.connections.get(&id)
            && connection.replies.try_send(reply).is_err()
        {
            // Gone, or it never reads. Dropping the sender closes the connection, which is then reported as left.
            tracing::debug!("a caller does not read its replies and is let go");
            self.left(id);
        }
    }

    fn leave(&mut self) {
        let told: Vec<ConnectionId> = self
            .connections
            .iter()
            .filter(|(_, connection)| match connection.role {
                Role::Tray | Role::Asker(_) => true,
                Role::Caller => false,
            })
            .map(|(id, _)| *id)
            .collect();
        for id in told {
            self.reply(id, Reply::Leaving);
        }
        self.renewals.give_up_all();
    }
}

/// One connection waits for one session at a time, so that its number names the asker.
fn asker(id: ConnectionId) -> AskerId {
    AskerId(id.0)
}

fn connection(id: AskerId) -> ConnectionId {
    ConnectionId(id.0)
}

fn in_terminal(prompt: PromptId, question: Question) -> Reply {
    match question {
        Question::Code {
            device,
            sessions,
            error,
        } => Reply::AskCode {
            prompt,
            device,
            sessions,
            error,
        },
        Question::Approve(code) => Reply::ShowSignIn {
            prompt,
            user_code: code.user_code,
            verification_uri: code.verification_uri,
            verification_uri_complete: code.verification_uri_complete,
            seconds_left: u32::try_from(code.expires_at.duration_since(clock::now()).as_secs())
                .unwrap_or(0),
        },
    }
}
