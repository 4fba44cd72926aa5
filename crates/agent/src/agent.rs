//! The one loop: sources -> Engine -> performers. It owns the engine and the connections; nobody else holds state.

mod changing;
mod checks;
mod connecting;
mod diagnosing;
mod endpoints;
mod handover;
mod holders;
mod reading;
mod requests;
mod time;

use std::collections::{BTreeMap, VecDeque};
use std::pin::pin;
use std::sync::Arc;

use jiff::Timestamp;
use sandglass_aws::ServerClock;
use sandglass_core::effect::{CodeGiven, Effect, Question};
use sandglass_core::engine::Engine;
use sandglass_core::error::RenewalError;
use sandglass_core::event::Event;
use sandglass_core::lifetimes::End;
use sandglass_core::names::{AskerId, AttemptId, PromptId, SessionId};
use sandglass_core::session::{Allowed, Renewal};
use sandglass_core::views::{self, Views};
use sandglass_protocol::message::Reply;
use tokio::sync::mpsc;

use self::handover::Memory;
pub(crate) use self::holders::Seen;
use self::holders::Watch;
use self::reading::{Deferred, Reading};
use crate::clock::{self, Moment};
use crate::endpoint::{Endpoint, GrantName};
use crate::files::Files;
use crate::input::{Caller, ConnectionId, Input};
use crate::issue::defect;
use crate::renewals::Renewals;
use crate::words;

/// Inputs that are taken before anything is shown or timed again: many programs that ask at once are told at once.
const AT_A_TIME: usize = 64;

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Somebody asked for it.
    Asked,
    /// Nobody was there for a while.
    Idle,
}

/// What the loop woke for.
enum Woken {
    ToLeave,
    By(Input),
    ByTime,
}

struct Connection {
    caller: Caller,
    replies: mpsc::Sender<Reply>,
    role: Role,
}

/// What an asker waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Awaited {
    session: SessionId,
    /// The portal session that was there when it came: a sign-in that is still in it ends with it.
    within: Option<End>,
}

/// What a connection is there for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Role {
    /// Single questions.
    Caller,
    /// It waits for a renewal of this session.
    Asker(Awaited),
    /// It waits for credentials of this session.
    Credentials(SessionId),
    /// It keeps this endpoint open.
    Keeper(GrantName),
    /// It waits for AWS's word on this session.
    Checker(SessionId),
    /// It shows views.
    Tray,
}

/// The state of the agent.
pub(crate) struct Agent {
    engine: Engine,
    connections: BTreeMap<ConnectionId, Connection>,
    renewals: Renewals,
    files: Arc<Files>,
    endpoint: Arc<Endpoint>,
    /// Credentials that programs asked for.
    memory: Memory,
    /// Programs that hold keys.
    watch: Watch,
    inputs: mpsc::Sender<Input>,
    /// What the engine wants done, and was not begun yet.
    effects: VecDeque<Effect>,
    /// Which session each check that is under way is about.
    checks: BTreeMap<AttemptId, SessionId>,
    /// AWS's clock, as its answers tell it.
    aws_clock: ServerClock,
    /// When the clocks were last looked at.
    moment: Moment,
    /// What trays were sent last.
    shown: Option<Views>,
    reading: Reading,
    last_read: Timestamp,
    idle_since: Option<Timestamp>,
}

impl Agent {
    pub(crate) fn new(
        renewals: Renewals,
        files: Arc<Files>,
        endpoint: Arc<Endpoint>,
        aws_clock: ServerClock,
        inputs: mpsc::Sender<Input>,
    ) -> Self {
        Self {
            engine: Engine::new(),
            connections: BTreeMap::new(),
            renewals,
            files,
            endpoint,
            memory: Memory::default(),
            watch: Watch::default(),
            inputs,
            effects: VecDeque::new(),
            checks: BTreeMap::new(),
            aws_clock,
            moment: Moment::now(),
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
        let mut aws_clock = self.aws_clock.changes();
        self.feed(Event::AgreementRead(self.files.agreement()));
        // Callers wait until it is known what there is to tell.
        self.files.load_kept().await;
        let found = self.files.read(clock::now()).await;
        self.files_read(Some(found));
        loop {
            let nap = tokio::time::sleep(self.nap());
            // In this order: whoever has just come is not turned away for idleness.
            let woken = tokio::select! {
                biased;
                () = &mut signal => Woken::ToLeave,
                Some(input) = inputs.recv() => Woken::By(input),
                Ok(()) = aws_clock.changed() => Woken::ByTime,
                () = nap => Woken::ByTime,
            };
            // Before anything is judged by the time: it may not be what it was.
            self.look_at_clocks();
            let ended = match woken {
                Woken::ToLeave => Some(Ended::Asked),
                Woken::By(input) => {
                    let ended = self.take_with_those_behind(input, &mut inputs);
                    self.do_what_is_due();
                    ended
                }
                Woken::ByTime => self.wake(),
            };
            self.carry_out_effects();
            self.show();
            if let Some(ended) = ended {
                self.leave();
                return ended;
            }
        }
    }

    fn feed(&mut self, event: Event) {
        self.engine.handle(event, clock::now());
        self.carry_out_effects();
    }

    fn take_with_those_behind(
        &mut self,
        first: Input,
        inputs: &mut mpsc::Receiver<Input>,
    ) -> Option<Ended> {
        let behind = std::iter::from_fn(|| inputs.try_recv().ok());
        let mut at_a_time = std::iter::once(first).chain(behind).take(AT_A_TIME);
        at_a_time.find_map(|input| self.take(input))
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
            Input::FilesRead(found) => self.files_read(Some(found)),
            Input::ReadingFailed => self.files_read(None),
            Input::Happened(Event::Checked { attempt, result }) => self.checked(attempt, result),
            Input::Happened(event) => {
                if matches!(event, Event::RenewalEnded { .. }) {
                    self.reading.outdate();
                }
                self.feed(event);
            }
            Input::EndpointAsked {
                id,
                session,
                grant,
                replies,
            } => self.endpoint_asked(id, &session, &grant, replies),
            Input::EndpointOpened { id, opened } => self.endpoint_opened(id, opened),
            Input::HoldersSeen(seen) => self.holders_seen(seen),
            Input::LookedUp { session, result } => self.looked_up(&session, result),
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
            Role::Caller | Role::Checker(_) => {}
            Role::Keeper(grant) => self.endpoint.close(&grant),
            Role::Asker(_) | Role::Credentials(_) => {
                self.renewals.forget_code(CodeGiven::Asker(asker(id)));
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
        loop {
            self.effects
                .extend(std::iter::from_fn(|| self.engine.poll_effect()));
            let Some(effect) = self.effects.pop_front() else {
                return;
            };
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Renew {
                attempt,
                definition,
                source,
                using,
                haste,
            } => {
                // What was given up in the same breath is not begun.
                if !self.effects.contains(&Effect::GiveUp(attempt)) {
                    self.renewals
                        .start(attempt, definition, source, using, haste);
                }
            }
            Effect::Check {
                attempt,
                definition,
            } => {
                self.checks.insert(attempt, definition.id.clone());
                self.renewals.check(attempt, definition);
            }
            Effect::GiveUp(attempt) => {
                self.renewals.give_up(attempt);
                self.check_given_up(attempt);
            }
            Effect::Answer { asker, result } => self.answer_asker(asker, result),
            Effect::AskInTerminal {
                asker,
                prompt,
                question,
            } => self.reply(connection(asker), in_terminal(prompt, question)),
            Effect::SaveAgreement(agreement) => self.files.save_agreement(agreement),
        }
    }

    fn answer_asker(&mut self, asker: AskerId, result: Result<Option<End>, RenewalError>) {
        self.renewals.forget_code(CodeGiven::Asker(asker));
        let id = connection(asker);
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        let (session, within) = match std::mem::replace(&mut connection.role, Role::Caller) {
            Role::Asker(Awaited { session, within }) => (session, within),
            Role::Credentials(session) => {
                return match result {
                    Ok(end) => self.hand_over(id, &session, end),
                    Err(error) => self.reply(id, Reply::Failed(error)),
                };
            }
            Role::Caller | Role::Checker(_) | Role::Keeper(_) | Role::Tray => return,
        };
        let reply = match result {
            // Only credentials are served without a renewal.
            Ok(None) => Reply::Failed(defect("a renewal brought keys that never end")),
            Ok(Some(end)) => {
                let (name, allowed) = self.name_and_limit(&session);
                let (now, zone) = (clock::now(), clock::zone());
                let mut sentence = words::renewed(&name, end, allowed, now, &zone);
                if let Some(whole) = self.portal_session(&session)
                    && within.is_some_and(|within| begun(within) == begun(whole))
                {
                    sentence.push_str(&words::within(&name, whole, now, &zone));
                }
                Reply::Done { sentence }
            }
            Err(error) => Reply::Failed(error),
        };
        self.reply(id, reply);
    }

    /// The end that a sign-in shares with every other one until somebody signs out.
    fn portal_session(&self, session: &SessionId) -> Option<End> {
        let tracked = self.engine.session(session)?;
        matches!(tracked.definition.renewal, Renewal::SsoSignIn(_))
            .then_some(tracked.whole)
            .flatten()
    }

    /// What a person calls a session, and what AWS allowed it of what was asked.
    fn name_and_limit(&self, session: &SessionId) -> (String, Option<Allowed>) {
        let Some(tracked) = self.engine.session(session) else {
            return (session.to_string(), None);
        };
        let definition = &tracked.definition;
        (definition.name.clone(), definition.renewal.allowed())
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
                Role::Tray
                | Role::Asker(_)
                | Role::Checker(_)
                | Role::Credentials(_)
                | Role::Keeper(_) => true,
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

/// When what ends like this began: it tells one portal session from another, however its end is reckoned by now.
fn begun(end: End) -> Option<Timestamp> {
    end.at.checked_sub(end.life).ok()
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
