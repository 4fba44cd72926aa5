//! What is on the display, without a window manager: the windows, by their titles.

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, MapState, Window,
};
use x11rb::rust_connection::RustConnection;

/// The longest title that is read, in units of four bytes.
const LONGEST_TITLE: u32 = 64;

/// A connection to the display.
pub(crate) struct Screen {
    connection: RustConnection,
    root: Window,
}

impl Screen {
    pub(crate) fn connect(display: &str) -> Self {
        let (connection, number) = RustConnection::connect(Some(display)).expect("a display");
        let root = connection.setup().roots[number].root;
        Self { connection, root }
    }

    /// The titles of the windows that are visible.
    pub(crate) fn windows(&self) -> Vec<String> {
        self.visible().into_iter().map(|(_, title)| title).collect()
    }

    /// Closes the window with this title, as its frame would (ICCCM 4.2.8.1, `WM_DELETE_WINDOW`).
    pub(crate) fn close(&self, title: &str) {
        let (window, _) = self
            .visible()
            .into_iter()
            .find(|(_, visible)| visible == title)
            .expect("a window to close");
        let data = [self.atom("WM_DELETE_WINDOW"), x11rb::CURRENT_TIME, 0, 0, 0];
        let event = ClientMessageEvent::new(32, window, self.atom("WM_PROTOCOLS"), data);
        self.connection
            .send_event(false, window, EventMask::NO_EVENT, event)
            .and_then(|_| self.connection.flush())
            .expect("a display");
    }

    /// A window that goes away while it is looked at is not there.
    fn visible(&self) -> Vec<(Window, String)> {
        let tree = self.connection.query_tree(self.root).expect("a display");
        let children = tree.reply().expect("a root window").children;
        children
            .into_iter()
            .filter_map(|window| Some((window, self.title_of_visible(window)?)))
            .collect()
    }

    fn title_of_visible(&self, window: Window) -> Option<String> {
        let attributes = self
            .connection
            .get_window_attributes(window)
            .ok()?
            .reply()
            .ok()?;
        if attributes.map_state != MapState::VIEWABLE {
            return None;
        }
        let title = self
            .connection
            .get_property(
                false,
                window,
                AtomEnum::WM_NAME,
                AtomEnum::ANY,
                0,
                LONGEST_TITLE,
            )
            .ok()?
            .reply()
            .ok()?;
        let title = String::from_utf8(title.value).ok()?;
        (!title.is_empty()).then_some(title)
    }

    fn atom(&self, name: &str) -> u32 {
        let atom = self
            .connection
            .intern_atom(false, name.as_bytes())
            .expect("a display");
        atom.reply().expect("an atom").atom
    }
}
