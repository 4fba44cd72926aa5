//! The X server's view: the screen's size and the windows on it.

use anyhow::{Context as _, Result};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{Atom, AtomEnum, ConnectionExt as _, MapState, Window as WindowId};
use x11rb::rust_connection::RustConnection;

/// A place on the screen in pixels, from its top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// From the left.
    pub x: i32,
    /// From the top.
    pub y: i32,
}

/// A rectangle on the screen in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rectangle {
    /// Of its left edge.
    pub x: i32,
    /// Of its top edge.
    pub y: i32,
    /// In pixels.
    pub width: i32,
    /// In pixels.
    pub height: i32,
}

impl Rectangle {
    /// Its middle, where a person would click.
    pub fn center(self) -> Point {
        Point {
            x: self.x + self.width / 2,
            y: self.y + self.height / 2,
        }
    }

    /// Whether `other` lies within it.
    pub fn contains(self, other: Self) -> bool {
        other.x >= self.x
            && other.y >= self.y
            && other.x + other.width <= self.x + self.width
            && other.y + other.height <= self.y + self.height
    }
}

/// A window that the window manager manages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The X server's name for it.
    pub id: WindowId,
    /// The title in its title bar.
    pub title: String,
    /// The program's class, such as `Sandglass-tray`.
    pub class: String,
    /// Where its content lies, without the title bar.
    pub content: Rectangle,
}

/// A connection to one X server.
#[derive(Debug)]
pub struct Display {
    pub(crate) connection: RustConnection,
    pub(crate) root: WindowId,
    screen: Rectangle,
}

impl Display {
    /// Connects to the X server of that name, such as `:7`.
    pub fn open(name: &str) -> Result<Self> {
        let (connection, number) = x11rb::connect(Some(name))
            .with_context(|| format!("failed to connect to the display `{name}`"))?;
        let screen = &connection.setup().roots[number];
        let root = screen.root;
        let screen = Rectangle {
            x: 0,
            y: 0,
            width: screen.width_in_pixels.into(),
            height: screen.height_in_pixels.into(),
        };
        Ok(Self {
            connection,
            root,
            screen,
        })
    }

    /// The whole screen.
    pub fn screen(&self) -> Rectangle {
        self.screen
    }

    /// The managed windows, oldest first. A window that vanishes meanwhile is left out.
    pub fn windows(&self) -> Result<Vec<Window>> {
        let ids = self.numbers(self.root, "_NET_CLIENT_LIST", AtomEnum::WINDOW.into())?;
        Ok(ids
            .into_iter()
            .filter_map(|id| self.window(id).ok())
            .collect())
    }

    /// The menus that are open now, submenus too.
    pub fn menus(&self) -> Result<Vec<Rectangle>> {
        let kinds = [
            self.atom("_NET_WM_WINDOW_TYPE_POPUP_MENU")?,
            self.atom("_NET_WM_WINDOW_TYPE_DROPDOWN_MENU")?,
        ];
        let children = self.connection.query_tree(self.root)?.reply()?.children;
        // A window that vanishes meanwhile is no menu any more.
        let menu = |id| self.menu(id, &kinds).ok().flatten();
        Ok(children.into_iter().filter_map(menu).collect())
    }

    /// The part of the screen that panels leave to windows, once a window manager has told it.
    pub fn work_area(&self) -> Result<Option<Rectangle>> {
        let numbers = self.numbers(self.root, "_NET_WORKAREA", AtomEnum::CARDINAL.into())?;
        let numbers: Vec<i32> = numbers.into_iter().map(u32::cast_signed).collect();
        Ok(match numbers[..] {
            [x, y, width, height, ..] => Some(Rectangle {
                x,
                y,
                width,
                height,
            }),
            _ => None,
        })
    }

    /// The window that the keyboard goes to.
    pub fn active_window(&self) -> Result<Option<WindowId>> {
        let ids = self.numbers(self.root, "_NET_ACTIVE_WINDOW", AtomEnum::WINDOW.into())?;
        Ok(ids.first().copied().filter(|id| *id != 0))
    }

    /// Fills the bare screen with one colour, `0xRRGGBB`.
    pub fn paint_background(&self, colour: u32) -> Result<()> {
        let look =
            x11rb::protocol::xproto::ChangeWindowAttributesAux::new().background_pixel(colour);
        self.connection
            .change_window_attributes(self.root, &look)?
            .check()?;
        self.connection
            .clear_area(false, self.root, 0, 0, 0, 0)?
            .check()
            .context("failed to paint the background")
    }

    fn menu(&self, id: WindowId, kinds: &[Atom]) -> Result<Option<Rectangle>> {
        let look = self.connection.get_window_attributes(id)?.reply()?;
        if look.map_state != MapState::VIEWABLE {
            return Ok(None);
        }
        let types = self.numbers(id, "_NET_WM_WINDOW_TYPE", AtomEnum::ATOM.into())?;
        if !types.iter().any(|kind| kinds.contains(kind)) {
            return Ok(None);
        }
        Ok(Some(self.place(id)?))
    }

    fn place(&self, id: WindowId) -> Result<Rectangle> {
        let size = self.connection.get_geometry(id)?.reply()?;
        let corner = self
            .connection
            .translate_coordinates(id, self.root, 0, 0)?
            .reply()?;
        Ok(Rectangle {
            x: corner.dst_x.into(),
            y: corner.dst_y.into(),
            width: size.width.into(),
            height: size.height.into(),
        })
    }

    fn window(&self, id: WindowId) -> Result<Window> {
        let class = self.text(id, AtomEnum::WM_CLASS.into(), AtomEnum::STRING.into())?;
        Ok(Window {
            id,
            title: self.text(id, self.atom("_NET_WM_NAME")?, self.atom("UTF8_STRING")?)?,
            // Instance and class, each ended by a zero byte.
            class: class.split('\0').nth(1).unwrap_or_default().to_owned(),
            content: self.place(id)?,
        })
    }

    fn atom(&self, name: &str) -> Result<Atom> {
        Ok(self
            .connection
            .intern_atom(false, name.as_bytes())?
            .reply()?
            .atom)
    }

    fn numbers(&self, window: WindowId, property: &str, kind: Atom) -> Result<Vec<u32>> {
        let property = self.atom(property)?;
        let reply = self
            .connection
            .get_property(false, window, property, kind, 0, 1024)?
            .reply()?;
        Ok(reply.value32().into_iter().flatten().collect())
    }

    fn text(&self, window: WindowId, property: Atom, kind: Atom) -> Result<String> {
        let reply = self
            .connection
            .get_property(false, window, property, kind, 0, 1024)?
            .reply()?;
        Ok(String::from_utf8_lossy(&reply.value).into_owned())
    }
}
