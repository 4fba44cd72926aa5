//! A controller whose desktop notes what is done to it.

use super::super::*;
use crate::agent::PROGRAM;
use crate::fake_agent::FakeAgent;
use tokio::sync::oneshot;

/// A controller on a recording desktop, with an agent to talk to.
pub(super) struct Scene {
    pub(super) agent: FakeAgent,
    pub(super) controller: Controller<Recorder>,
    pub(super) nudged: Receiver<()>,
}

impl Scene {
    pub(super) fn opening(opening: Opening) -> Self {
        let (nudge, nudged) = Nudge::pair();
        let mut controller = Controller::new(Recorder::default(), nudge, opening);
        controller.refresh();
        controller.desktop.deeds.clear();
        Self {
            agent: FakeAgent::start(),
            controller,
            nudged,
        }
    }

    pub(super) fn connected() -> Self {
        let mut scene = Self::opening(Opening::WhereNeeded);
        scene.connect();
        scene
    }

    pub(super) fn connect(&mut self) {
        let client = Client::connect(self.agent.place(), PROGRAM).expect("the fake agent listens");
        self.hear(Message::Agent(News::Connected(client)));
    }

    /// What the controller does upon a message.
    pub(super) fn hear(&mut self, message: Message) -> Vec<Deed> {
        assert!(self.controller.handle(message).is_continue());
        self.controller.refresh();
        std::mem::take(&mut self.controller.desktop.deeds)
    }

    pub(super) fn see(&mut self, views: Views) -> Vec<Deed> {
        self.hear(Message::Agent(News::Views(Box::new(views))))
    }

    pub(super) fn ask<T>(&mut self, question: impl FnOnce(oneshot::Sender<T>) -> Question) -> T {
        let (answer, answered) = oneshot::channel();
        self.controller.answer(question(answer));
        answered.blocking_recv().expect("an answer")
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Deed {
    Face(Face),
    Step(Step),
    Open(Window, Focus),
    Close(Window),
    Forward(Window),
    Panel(PanelState),
    Prompt(PromptView),
    Browse(String),
    Leave,
}

#[derive(Default)]
pub(super) struct Recorder {
    pub(super) deeds: Vec<Deed>,
    pub(super) in_front: Option<Window>,
}

impl Desktop for Recorder {
    fn show_face(&mut self, face: &Face) {
        self.deeds.push(Deed::Face(face.clone()));
    }

    fn take_step(&mut self, step: Step) {
        self.deeds.push(Deed::Step(step));
    }

    fn open(&mut self, window: Window, focus: Focus) {
        self.deeds.push(Deed::Open(window, focus));
    }

    fn close(&mut self, window: Window) {
        self.deeds.push(Deed::Close(window));
    }

    fn bring_forward(&mut self, window: Window) {
        self.deeds.push(Deed::Forward(window));
    }

    fn is_in_front(&self, window: Window) -> bool {
        self.in_front == Some(window)
    }

    fn tell_panel(&mut self, panel: &PanelState) {
        self.deeds.push(Deed::Panel(panel.clone()));
    }

    fn tell_prompt(&mut self, prompt: &PromptView) {
        self.deeds.push(Deed::Prompt(prompt.clone()));
    }

    fn browse(&mut self, page: Url, answer: Answer<Result<(), Refusal>>) {
        self.deeds.push(Deed::Browse(page.to_string()));
        reply(answer, Ok(()));
    }

    fn leave(&mut self) {
        self.deeds.push(Deed::Leave);
    }
}
