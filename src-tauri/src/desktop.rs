//! The real desktop: Tauri's windows, the tray, the notification service, the person's browser.

use sandglass_core::views::prompt::PromptView;
use tauri::{AppHandle, Emitter, Url};

use crate::browser;
use crate::controller::Desktop;
use crate::message::{Answer, Refusal, reply};
use crate::notifications::{Bubbles, Step};
use crate::state::PanelState;
use crate::tray::{Face, Tray};
use crate::windows::{self, Focus, Window};

/// The real desktop. What it refuses is logged: nobody above could do anything about it.
pub(crate) struct RealDesktop {
    /// Tauri.
    pub(crate) app: AppHandle,
    /// The icon; none where there is no session bus at all.
    pub(crate) tray: Option<Tray>,
    /// The notifications that stand.
    pub(crate) bubbles: Bubbles,
}

impl Desktop for RealDesktop {
    fn show_face(&mut self, face: &Face) {
        if let Some(tray) = &mut self.tray {
            log("the tray", tray.show(face));
        }
    }

    fn take_step(&mut self, step: Step) {
        self.bubbles.take(step);
    }

    fn open(&mut self, window: Window, focus: Focus) {
        log("opening a window", windows::open(&self.app, window, focus));
    }

    fn close(&mut self, window: Window) {
        log("closing a window", windows::close(&self.app, window));
    }

    fn bring_forward(&mut self, window: Window) {
        log("focus", windows::bring_forward(&self.app, window));
    }

    fn is_in_front(&self, window: Window) -> bool {
        windows::is_in_front(&self.app, window)
    }

    fn tell_panel(&mut self, panel: &PanelState) {
        let told = self
            .app
            .emit_to(Window::Panel.label(), "panel-changed", panel);
        log("telling the panel", told);
    }

    fn tell_prompt(&mut self, prompt: &PromptView) {
        let told = self
            .app
            .emit_to(Window::Prompt.label(), "prompt-changed", prompt);
        log("telling the prompt", told);
    }

    fn browse(&mut self, page: Url, answer: Answer<Result<(), Refusal>>) {
        browser::open(page, |opened| reply(answer, opened.map_err(Refusal::from)));
    }

    fn leave(&mut self) {
        self.bubbles.withdraw_all();
    }
}

fn log(what: &str, result: tauri::Result<()>) {
    if let Err(error) = result {
        tracing::warn!(%error, "{what} failed");
    }
}
