//! The two windows: made when needed, destroyed when closed, since a hidden one keeps a whole browser in memory.

use tauri::webview::NewWindowResponse;
use tauri::{
    AppHandle, Manager, Url, UserAttentionType, WebviewUrl, WebviewWindowBuilder, WindowEvent,
};

use crate::message::{Mailbox, Message};

/// A window of the app. There is at most one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    /// The list of sessions.
    Panel,
    /// A code or a sign-in.
    Prompt,
}

impl Window {
    /// Names the window and its capability file.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Panel => "panel",
            Self::Prompt => "prompt",
        }
    }
}

/// Whether a window is there. One that is being destroyed still owns its label: another can be made only once it is
/// gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Pane {
    /// No window.
    #[default]
    Closed,
    /// On the screen.
    Open,
    /// We destroy it.
    Closing,
}

/// What to do with a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// Make it.
    Open,
    /// Destroy it.
    Close,
}

impl Pane {
    /// The move, if any, towards a window that should be there or not.
    pub(crate) fn turn_to(&mut self, wanted: Wish) -> Option<Move> {
        match (*self, wanted) {
            (Self::Closed, Wish::Open) => {
                *self = Self::Open;
                Some(Move::Open)
            }
            (Self::Open, Wish::Closed) => {
                *self = Self::Closing;
                Some(Move::Close)
            }
            (Self::Open | Self::Closing, Wish::Open)
            | (Self::Closed | Self::Closing, Wish::Closed) => None,
        }
    }

    /// The window is gone. Says who did it.
    pub(crate) fn gone(&mut self) -> ClosedBy {
        match std::mem::take(self) {
            Self::Open => ClosedBy::Person,
            Self::Closing | Self::Closed => ClosedBy::Us,
        }
    }
}

/// Whether a window should be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wish {
    /// It should.
    Open,
    /// It should not.
    #[default]
    Closed,
}

/// Who closed a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClosedBy {
    /// The person, at its frame or with a key.
    Person,
    /// This program.
    Us,
}

/// Whether a new window may take the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Focus {
    /// A person clicked for it.
    Take,
    /// A program wants it: whoever types something else now must not type it in here.
    Leave,
}

/// Makes a window.
pub(crate) fn open(app: &AppHandle, window: Window, focus: Focus) -> tauri::Result<()> {
    let (page, title, width, height) = match window {
        Window::Panel => ("panel.html", "Sandglass", 420.0, 640.0),
        Window::Prompt => ("prompt.html", "Sandglass asks", 400.0, 380.0),
    };
    let builder = WebviewWindowBuilder::new(app, window.label(), WebviewUrl::App(page.into()))
        .title(title)
        .inner_size(width, height)
        .center()
        .focused(focus == Focus::Take)
        // Shown below, once its events are listened to: closed before that, it would go unnoticed.
        .visible(false)
        .disable_drag_drop_handler()
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny);
    let builder = match window {
        Window::Panel => builder.min_inner_size(320.0, 360.0),
        Window::Prompt => builder.resizable(false),
    };
    let made = builder.build()?;
    made.show()?;
    match focus {
        Focus::Take => made.set_focus(),
        Focus::Leave => made.request_user_attention(Some(UserAttentionType::Informational)),
    }
}

/// Tells the controller of every window that goes. It hears of all windows, from before they are made: a listener
/// that is added afterwards could miss a quick end.
pub(crate) fn watch(gone: &tauri::Window, event: &WindowEvent) {
    let window = [Window::Panel, Window::Prompt]
        .into_iter()
        .find(|window| window.label() == gone.label());
    if let (WindowEvent::Destroyed, Some(window)) = (event, window) {
        gone.state::<Mailbox>().post(Message::WindowGone(window));
    }
}

/// Destroys a window.
pub(crate) fn close(app: &AppHandle, window: Window) -> tauri::Result<()> {
    app.get_webview_window(window.label())
        .map_or(Ok(()), |there| there.destroy())
}

/// Brings a window to the front.
pub(crate) fn bring_forward(app: &AppHandle, window: Window) -> tauri::Result<()> {
    let Some(there) = app.get_webview_window(window.label()) else {
        return Ok(());
    };
    there.unminimize()?;
    there.set_focus()
}

/// Whether a person is typing into this window.
pub(crate) fn is_in_front(app: &AppHandle, window: Window) -> bool {
    app.get_webview_window(window.label())
        .is_some_and(|there| there.is_focused().unwrap_or(false))
}

/// Only our own pages: the windows are no browser.
fn is_ours(page: &Url) -> bool {
    let origin = (page.scheme(), page.host_str());
    match origin {
        ("tauri", Some("localhost")) | ("http", Some("tauri.localhost")) => true,
        ("http", Some("127.0.0.1")) => tauri::is_dev(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_made_once_and_destroyed_once() {
        let mut pane = Pane::default();
        assert_eq!(pane.turn_to(Wish::Open), Some(Move::Open));
        assert_eq!(pane.turn_to(Wish::Open), None);
        assert_eq!(pane.turn_to(Wish::Closed), Some(Move::Close));
        assert_eq!(pane.turn_to(Wish::Closed), None);
        assert_eq!(pane.gone(), ClosedBy::Us);
        assert_eq!(pane, Pane::Closed);
    }

    #[test]
    fn a_window_that_is_wanted_again_waits_until_the_old_one_is_gone() {
        let mut pane = Pane::Open;
        assert_eq!(pane.turn_to(Wish::Closed), Some(Move::Close));
        assert_eq!(pane.turn_to(Wish::Open), None);
        assert_eq!(pane.gone(), ClosedBy::Us);
        assert_eq!(pane.turn_to(Wish::Open), Some(Move::Open));
    }

    #[test]
    fn a_window_that_goes_unasked_was_closed_by_the_person() {
        let mut pane = Pane::Open;
        assert_eq!(pane.gone(), ClosedBy::Person);
        assert_eq!(pane, Pane::Closed);
    }

    #[test]
    fn the_windows_go_nowhere_but_to_their_own_pages() {
        let ours = |page: &str| is_ours(&page.parse().unwrap());
        assert!(ours("tauri://localhost/panel.html"));
        assert!(ours("http://tauri.localhost/panel.html"));
        assert!(!ours("https://aws.amazon.com/"));
        assert!(!ours("file:///etc/passwd"));
        assert!(!ours("http://tauri.localhost.example.com/"));
    }
}
