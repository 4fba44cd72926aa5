//! The one owner of what the tray app knows. Messages come in, one after the other; after each, what changed is
//! brought to the desktop, and nothing else touches the desktop.

#[cfg(test)]
mod tests;

use std::ops::ControlFlow;
use std::sync::mpsc::Receiver;

use sandglass_core::event::Intent;
use sandglass_core::names::PromptId;
use sandglass_core::views::Views;
use sandglass_core::views::notice::{Notice, NoticeId};
use sandglass_core::views::prompt::{PromptQuestion, PromptView, SignInProgress};
use sandglass_protocol::client::Client;
use sandglass_protocol::message::Request;
use tauri::Url;

use crate::agent::{News, Nudge};
use crate::arguments::Opening;
use crate::browser;
use crate::message::{Answer, Message, Question, Refusal, RefusalCode, reply};
use crate::notifications::{Board, Click, Outcome, Step};
use crate::state::{Agent, Notifications, PanelState, Presence, State};
use crate::tray::{Choice, Face, face};
use crate::windows::{ClosedBy, Focus, Move, Pane, Window, Wish};

/// The desktop, as far as the controller needs it.
pub(crate) trait Desktop {
    /// Draws the tray.
    fn show_face(&mut self, face: &Face);
    /// Shows, changes or withdraws a notification.
    fn take_step(&mut self, step: Step);
    /// Makes a window.
    fn open(&mut self, window: Window, focus: Focus);
    /// Destroys a window.
    fn close(&mut self, window: Window);
    /// Brings a window to the front.
    fn bring_forward(&mut self, window: Window);
    /// Whether a person is typing into this window.
    fn is_in_front(&self, window: Window) -> bool;
    /// Tells the panel window.
    fn tell_panel(&mut self, panel: &PanelState);
    /// Tells the prompt window.
    fn tell_prompt(&mut self, prompt: &PromptView);
    /// Opens a page in the person's browser, and answers once it is known whether there is one.
    fn browse(&mut self, page: Url, answer: Answer<Result<(), Refusal>>);
    /// Takes away what would outlive the app.
    fn leave(&mut self);
}

/// The owner of the tray app's state.
pub(crate) struct Controller<D> {
    state: State,
    desktop: D,
    /// Says things to the agent; none while it is not there.
    client: Option<Client>,
    nudge: Nudge,
    opening: Opening,
    board: Board,
    panel: Shown<PanelState>,
    prompt: Shown<PromptView>,
    face: Option<Face>,
    /// The prompt whose window the person closed. The agent will drop it; until then it must not come back.
    dismissed: Option<PromptId>,
}

/// A window and what it was last told.
struct Shown<V> {
    pane: Pane,
    wish: Wish,
    told: Option<V>,
}

impl<V> Default for Shown<V> {
    fn default() -> Self {
        Self {
            pane: Pane::default(),
            wish: Wish::default(),
            told: None,
        }
    }
}

impl<D: Desktop> Controller<D> {
    /// Before anything has happened.
    pub(crate) fn new(desktop: D, nudge: Nudge, opening: Opening) -> Self {
        let mut panel = Shown::default();
        if opening == Opening::Panel {
            panel.wish = Wish::Open;
        }
        Self {
            state: State::new(),
            desktop,
            client: None,
            nudge,
            opening,
            board: Board::default(),
            panel,
            prompt: Shown::default(),
            face: None,
            dismissed: None,
        }
    }

    /// Handles messages until one of them is the end.
    pub(crate) fn run(&mut self, messages: &Receiver<Message>) {
        self.refresh();
        while let Ok(message) = messages.recv() {
            if self.handle(message).is_break() {
                break;
            }
            self.refresh();
        }
        self.desktop.leave();
    }

    fn handle(&mut self, message: Message) -> ControlFlow<()> {
        match message {
            Message::Agent(news) => return self.hear(news),
            Message::IconClicked => self.toggle_panel(),
            Message::Picked(choice) => return self.pick(choice),
            Message::Tray(presence) => self.learn_presence(presence),
            Message::Notice(id, outcome) => self.learn_outcome(&id, &outcome),
            Message::WindowGone(window) => self.window_gone(window),
            Message::Asked(question) => self.answer(question),
        }
        ControlFlow::Continue(())
    }

    fn hear(&mut self, news: News) -> ControlFlow<()> {
        match news {
            News::Connecting => self.connecting(),
            News::Connected(client) => {
                self.client = Some(client);
                self.state.agent = Agent::Connected(None);
            }
            News::Views(views) => self.see(views),
            News::PanelWanted => self.open_panel(),
            News::Leaving => return ControlFlow::Break(()),
            News::Gone(why) => {
                self.client = None;
                self.state.agent = Agent::Gone(why);
            }
        }
        ControlFlow::Continue(())
    }

    /// Another try after a failure is still a failure, until it works.
    fn connecting(&mut self) {
        match self.state.agent {
            Agent::Starting | Agent::Gone(_) => {}
            Agent::Connected(_) => self.state.agent = Agent::Starting,
        }
    }

    fn see(&mut self, views: Box<Views>) {
        for step in self.board.turn_to(&views.notices) {
            self.desktop.take_step(step);
        }
        if views.panel.first_run.is_some() {
            self.open_at_start();
        }
        self.opening = Opening::Background;
        self.state.agent = Agent::Connected(Some(views));
    }

    fn learn_presence(&mut self, presence: Presence) {
        self.state.tray = presence;
        match presence {
            Presence::Present => {}
            Presence::Absent => self.open_at_start(),
        }
    }

    /// Opens the panel where the start alone would show a person nothing. From the first view on, windows open by
    /// clicks only.
    fn open_at_start(&mut self) {
        match self.opening {
            Opening::WhereNeeded => self.panel.wish = Wish::Open,
            Opening::Panel | Opening::Background => {}
        }
    }

    fn toggle_panel(&mut self) {
        if self.panel.pane == Pane::Open && self.desktop.is_in_front(Window::Panel) {
            self.panel.wish = Wish::Closed;
        } else {
            self.open_panel();
        }
    }

    fn open_panel(&mut self) {
        match self.panel.pane {
            Pane::Open => self.desktop.bring_forward(Window::Panel),
            Pane::Closed | Pane::Closing => {}
        }
        self.panel.wish = Wish::Open;
        match self.state.agent {
            Agent::Gone(_) => self.nudge.nudge(),
            Agent::Starting | Agent::Connected(_) => {}
        }
    }

    fn pick(&mut self, choice: Choice) -> ControlFlow<()> {
        match choice {
            Choice::Renew(session) => self.intend(Intent::Renew(session)),
            Choice::Check(session) => self.intend(Intent::Check(session)),
            Choice::RenewDue => self.intend(Intent::RenewDue),
            Choice::SnoozeAll => self.intend(Intent::SnoozeAll),
            Choice::OpenPanel => self.open_panel(),
            Choice::Explain => {
                self.state.doctor += 1;
                self.open_panel();
            }
            Choice::Quit => {
                // Without an agent there is nobody else to end.
                self.send(&Request::Quit).ok();
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    fn learn_outcome(&mut self, id: &NoticeId, outcome: &Outcome) {
        match outcome {
            Outcome::Shown => self.state.notifications = Notifications::Work,
            Outcome::Failed(why) => self.state.notifications = Notifications::Fail(why.clone()),
            Outcome::Clicked(_) | Outcome::Closed => {}
        }
        if let Some((notice, click)) = self.board.record(id, outcome) {
            self.clicked(notice, click);
        }
    }

    fn clicked(&mut self, notice: Notice, click: Click) {
        match click {
            Click::Renew => self.intend(Intent::RenewEach(notice.renewable)),
            Click::Snooze => self.intend(Intent::Snooze(notice.sessions)),
            Click::Body => self.open_panel(),
        }
    }

    /// Says what a person clicked for. Where nobody hears it, the panel says why.
    fn intend(&mut self, intent: Intent) {
        if self.send(&Request::Intend(intent)).is_err() {
            self.open_panel();
        }
    }

    fn send(&mut self, request: &Request) -> Result<(), Refusal> {
        let gone = || {
            let remedy = "Sandglass starts it again by itself; try again in a moment.";
            Refusal::new(RefusalCode::AgentGone, "the agent is not there", remedy)
        };
        let client = self.client.as_ref().ok_or_else(gone)?;
        client.send(request).map_err(|error| {
            tracing::warn!(%error, "a request could not be sent");
            gone()
        })
    }

    fn window_gone(&mut self, window: Window) {
        match window {
            Window::Panel => {
                self.state.doctor = 0;
                if self.panel.pane.gone() == ClosedBy::Person {
                    self.panel.wish = Wish::Closed;
                }
            }
            Window::Prompt => {
                let told = self.prompt.told.take();
                let closed_by = self.prompt.pane.gone();
                if let (ClosedBy::Person, Some(prompt)) = (closed_by, told) {
                    self.dismissed = Some(prompt.id);
                    self.intend(Intent::CancelPrompt(prompt.id));
                }
            }
        }
    }

    fn answer(&mut self, question: Question) {
        match question {
            Question::Panel(answer) => reply(answer, self.state.panel()),
            Question::Prompt(answer) => reply(answer, self.prompt_wanted().cloned()),
            Question::Send(request, answer) => reply(answer, self.send(&request)),
            Question::OpenSignInPage(id, answer) => match self.sign_in_page(id) {
                Ok(page) => self.desktop.browse(page, answer),
                Err(refusal) => reply(answer, Err(refusal)),
            },
            Question::ClosePanel(answer) => {
                self.panel.wish = Wish::Closed;
                reply(answer, ());
            }
        }
    }

    fn sign_in_page(&self, id: PromptId) -> Result<Url, Refusal> {
        let page = self
            .prompt_wanted()
            .filter(|prompt| prompt.id == id)
            .and_then(sign_in_page)
            .ok_or_else(|| {
                let remedy = "Start the sign-in again from the panel.";
                Refusal::new(RefusalCode::PromptGone, "this sign-in is over", remedy)
            })?;
        Ok(browser::allowed(page)?)
    }

    /// The prompt that should have a window now.
    fn prompt_wanted(&self) -> Option<&PromptView> {
        let prompt = self.state.views()?.prompt.as_ref()?;
        Some(prompt).filter(|prompt| self.dismissed != Some(prompt.id))
    }

    /// Brings what changed to the desktop.
    fn refresh(&mut self) {
        let face = face(&self.state);
        if self.face.as_ref() != Some(&face) {
            self.desktop.show_face(&face);
            self.face = Some(face);
        }
        self.refresh_panel();
        self.refresh_prompt();
    }

    fn refresh_panel(&mut self) {
        match self.panel.pane.turn_to(self.panel.wish) {
            Some(Move::Open) => self.desktop.open(Window::Panel, Focus::Take),
            Some(Move::Close) => self.desktop.close(Window::Panel),
            None => {}
        }
        if self.panel.pane == Pane::Open {
            let panel = self.state.panel();
            if self.panel.told.as_ref() != Some(&panel) {
                self.desktop.tell_panel(&panel);
                self.panel.told = Some(panel);
            }
        }
    }

    fn refresh_prompt(&mut self) {
        let wanted = self.prompt_wanted().cloned();
        self.prompt.wish = wanted.as_ref().map_or(Wish::Closed, |_| Wish::Open);
        match self.prompt.pane.turn_to(self.prompt.wish) {
            Some(Move::Open) => self
                .desktop
                .open(Window::Prompt, focus_for(wanted.as_ref())),
            Some(Move::Close) => self.desktop.close(Window::Prompt),
            None => {}
        }
        if self.prompt.pane == Pane::Open && self.prompt.told != wanted {
            if let Some(prompt) = &wanted {
                self.desktop.tell_prompt(prompt);
            }
            self.prompt.told = wanted;
        }
    }
}

/// A prompt that the person clicked for may take the keyboard; one that a program asked for must not.
fn focus_for(prompt: Option<&PromptView>) -> Focus {
    match prompt.and_then(|prompt| prompt.asked_by.as_ref()) {
        None => Focus::Take,
        Some(_) => Focus::Leave,
    }
}

/// The page of a sign-in that waits for approval, with its code filled in.
fn sign_in_page(prompt: &PromptView) -> Option<&str> {
    match &prompt.question {
        PromptQuestion::SignIn {
            progress:
                SignInProgress::Waiting {
                    verification_uri_complete,
                    ..
                },
            ..
        } => Some(verification_uri_complete),
        PromptQuestion::SignIn {
            progress:
                SignInProgress::Choosing { .. }
                | SignInProgress::Starting
                | SignInProgress::Failed { .. },
            ..
        }
        | PromptQuestion::Code { .. } => None,
    }
}
