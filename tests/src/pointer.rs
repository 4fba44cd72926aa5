//! The pointer and the keyboard: events of the X server's own test devices, which programs
//! cannot tell from a hand.

use anyhow::{Context as _, Result, bail};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, KEY_PRESS_EVENT,
    KEY_RELEASE_EVENT, Keycode, MOTION_NOTIFY_EVENT,
};
use x11rb::protocol::xtest::ConnectionExt as _;

use crate::display::{Display, Point};

/// A button of the pointer, by the X server's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// Chooses.
    Left = 1,
    /// Opens a context menu.
    Right = 3,
}

/// A key that stands for no character, or a character with Control held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Accepts.
    Enter,
    /// Leaves.
    Escape,
    /// To the next field.
    Tab,
    /// To the row above.
    Up,
    /// To the row below.
    Down,
    /// To the first row.
    Home,
    /// To the last row.
    End,
    /// To the rows below these.
    PageDown,
    /// Takes one character away.
    Backspace,
    /// A character key with Control held, as in Ctrl+V.
    Control(char),
}

impl Display {
    /// Moves the pointer there and clicks.
    pub fn click(&self, button: Button, at: Point) -> Result<()> {
        self.point_at(at)?;
        self.fake(BUTTON_PRESS_EVENT, button as u8, None)?;
        self.fake(BUTTON_RELEASE_EVENT, button as u8, None)
    }

    /// Moves the pointer there.
    pub fn point_at(&self, at: Point) -> Result<()> {
        self.fake(MOTION_NOTIFY_EVENT, 0, Some(at))
    }

    /// Types a text into the window that has the keyboard.
    pub fn type_text(&self, text: &str) -> Result<()> {
        for character in text.chars() {
            self.press_character(character)?;
        }
        Ok(())
    }

    /// Presses and releases a key.
    pub fn press(&self, key: Key) -> Result<()> {
        const CONTROL: u32 = 0xffe3;
        match key {
            Key::Enter => self.press_keysym(0xff0d),
            Key::Escape => self.press_keysym(0xff1b),
            Key::Tab => self.press_keysym(0xff09),
            Key::Home => self.press_keysym(0xff50),
            Key::End => self.press_keysym(0xff57),
            Key::PageDown => self.press_keysym(0xff56),
            Key::Up => self.press_keysym(0xff52),
            Key::Down => self.press_keysym(0xff54),
            Key::Backspace => self.press_keysym(0xff08),
            Key::Control(character) => {
                let (control, _) = self.keycode(CONTROL)?;
                self.fake(KEY_PRESS_EVENT, control, None)?;
                let pressed = self.press_character(character);
                self.fake(KEY_RELEASE_EVENT, control, None)?;
                pressed
            }
        }
    }

    fn press_character(&self, character: char) -> Result<()> {
        // The keysyms of Latin-1 are its code points.
        match u32::from(character) {
            keysym @ (0x20..=0x7e | 0xa0..=0xff) => self.press_keysym(keysym),
            _ => bail!("this keyboard has no key for {character:?}"),
        }
    }

    fn press_keysym(&self, keysym: u32) -> Result<()> {
        const SHIFT: u32 = 0xffe1;
        let (code, level) = self.keycode(keysym)?;
        let shift = match level {
            Level::Plain => None,
            Level::Shifted => Some(self.keycode(SHIFT)?.0),
        };
        if let Some(shift) = shift {
            self.fake(KEY_PRESS_EVENT, shift, None)?;
        }
        self.fake(KEY_PRESS_EVENT, code, None)?;
        self.fake(KEY_RELEASE_EVENT, code, None)?;
        if let Some(shift) = shift {
            self.fake(KEY_RELEASE_EVENT, shift, None)?;
        }
        Ok(())
    }

    fn keycode(&self, keysym: u32) -> Result<(Keycode, Level)> {
        let setup = self.connection.setup();
        let count = setup.max_keycode - setup.min_keycode + 1;
        let map = self
            .connection
            .get_keyboard_mapping(setup.min_keycode, count)?
            .reply()?;
        let keys = map.keysyms.chunks(usize::from(map.keysyms_per_keycode));
        for (code, keysyms) in (setup.min_keycode..=setup.max_keycode).zip(keys) {
            if keysyms.first() == Some(&keysym) {
                return Ok((code, Level::Plain));
            }
            if keysyms.get(1) == Some(&keysym) {
                return Ok((code, Level::Shifted));
            }
        }
        bail!("this keyboard has no key for the keysym {keysym:#06x}")
    }

    fn fake(&self, event: u8, detail: u8, at: Option<Point>) -> Result<()> {
        let Point { x, y } = at.unwrap_or(Point { x: 0, y: 0 });
        let (x, y) = (i16::try_from(x)?, i16::try_from(y)?);
        self.connection
            .xtest_fake_input(event, detail, x11rb::CURRENT_TIME, self.root, x, y, 0)?
            .check()
            .context("the X server refused a pointer or key event")
    }
}

/// Whether a key gives its sign alone or with Shift held.
enum Level {
    Plain,
    Shifted,
}
