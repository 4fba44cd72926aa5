//! What reaches the controller: everything that happens to the tray app, in one enum.

use std::sync::mpsc::Sender;

use sandglass_core::names::PromptId;
use sandglass_core::secret::NotACode;
use sandglass_core::views::notice::NoticeId;
use sandglass_core::views::prompt::PromptView;
use sandglass_protocol::message::Request;
use serde::Serialize;
use tokio::sync::oneshot;

use crate::agent::News;
use crate::browser;
use crate::notifications::Outcome;
use crate::state::{PanelState, Presence};
use crate::tray::Choice;
use crate::windows::Window;

/// Something that happened.
pub(crate) enum Message {
    /// From the agent's connection.
    Agent(News),
    /// The icon was clicked.
    IconClicked,
    /// An item of the icon's menu was picked.
    Picked(Choice),
    /// The desktop's tray came or went.
    Tray(Presence),
    /// From a notification.
    Notice(NoticeId, Outcome),
    /// A window is gone, whoever closed it.
    WindowGone(Window),
    /// From a window.
    Asked(Question),
}

/// What a window asks, each with the place for the answer. A window that is gone does not wait for it.
pub(crate) enum Question {
    /// What should the panel show?
    Panel(Answer<PanelState>),
    /// What should the prompt show?
    Prompt(Answer<Option<PromptView>>),
    /// Say this to the agent.
    Send(Request, Answer<Result<(), Refusal>>),
    /// Open the page of this sign-in in the person's browser.
    OpenSignInPage(PromptId, Answer<Result<(), Refusal>>),
    /// Close the panel.
    ClosePanel(Answer<()>),
}

/// Where an answer is waited for.
pub(crate) type Answer<T> = oneshot::Sender<T>;

/// Answers; a window that is gone needs no answer.
pub(crate) fn reply<T>(answer: Answer<T>, value: T) {
    if answer.send(value).is_err() {
        tracing::debug!("a window was closed before its answer came");
    }
}

/// Why a window's wish is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Refusal {
    /// What the window branches on.
    pub(crate) code: RefusalCode,
    /// What is in the way, for people.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) remedy: String,
}

/// The codes of [`Refusal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefusalCode {
    /// There is no agent to say it to.
    AgentGone,
    /// What was typed is not a code.
    NotACode,
    /// The prompt is not there any more, or has no page.
    PromptGone,
    /// The page cannot be opened.
    PageRefused,
    /// The agent said no.
    Refused,
    /// The app is about to end.
    Leaving,
}

impl Refusal {
    /// A refusal in full words.
    pub(crate) fn new(
        code: RefusalCode,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            code,
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// The app ends, so that nobody answers any more.
    pub(crate) fn leaving() -> Self {
        Self::new(
            RefusalCode::Leaving,
            "Sandglass is about to quit",
            "Start it again.",
        )
    }
}

impl From<NotACode> for Refusal {
    fn from(error: NotACode) -> Self {
        let remedy = "Type the six digits that your MFA device shows.";
        Self::new(RefusalCode::NotACode, error.to_string(), remedy)
    }
}

impl From<browser::Error> for Refusal {
    fn from(error: browser::Error) -> Self {
        let remedy = "Open the page that the window names by hand, if you trust it.";
        Self::new(RefusalCode::PageRefused, error.to_string(), remedy)
    }
}

/// Where messages for the controller are put.
#[derive(Clone)]
pub(crate) struct Mailbox(Sender<Message>);

impl Mailbox {
    /// A mailbox that the receiver of this sender empties.
    pub(crate) fn new(sender: Sender<Message>) -> Self {
        Self(sender)
    }

    /// Puts a message in. A controller that has ended needs none any more.
    pub(crate) fn post(&self, message: Message) {
        if self.0.send(message).is_err() {
            tracing::debug!("a message came after the end");
        }
    }

    /// Asks, and waits for the answer.
    pub(crate) async fn ask<T>(
        &self,
        question: impl FnOnce(Answer<T>) -> Question,
    ) -> Result<T, Refusal> {
        let (answer, answered) = oneshot::channel();
        self.post(Message::Asked(question(answer)));
        answered.await.map_err(|_| Refusal::leaving())
    }

    /// Says something to the agent, and waits until it is said.
    pub(crate) async fn send(&self, request: Request) -> Result<(), Refusal> {
        self.ask(|answer| Question::Send(request, answer)).await?
    }
}
