//! What a screen reader is told: the buttons, labels and menu items inside of windows, by role,
//! name and place.
//!
//! A button of a GTK or WebKit window is no window of the X server, so this is how a journey
//! finds what to click, without knowing how a theme draws it.

use anyhow::{Context as _, Result};
use zbus::blocking::connection::Builder;
use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::OwnedObjectPath;

use crate::desktop::Desktop;
use crate::display::Rectangle;
use crate::pointer::Button;

const REGISTRY: &str = "org.a11y.atspi.Registry";
const ROOT: &str = "/org/a11y/atspi/accessible/root";
const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
const COMPONENT: &str = "org.a11y.atspi.Component";
const TEXT: &str = "org.a11y.atspi.Text";

/// The bit of `STATE_SHOWING` in an element's state set (AT-SPI2, `atspi-constants.h`).
const SHOWING: u32 = 1 << 25;

/// Coordinates from the top left corner of the screen (`ATSPI_COORD_TYPE_SCREEN`).
const OF_SCREEN: u32 = 0;

/// Where GTK says that what is hidden lies.
const NOWHERE: i32 = i32::MIN;

/// All of a text, for `GetText`.
const FROM_START: i32 = 0;
/// See [`FROM_START`].
const TO_END: i32 = -1;

/// The accessibility bus of one desktop.
#[derive(Debug)]
pub struct Accessibility {
    bus: Connection,
}

/// The kind of an element: the ones that journeys look for, by AT-SPI's numbers
/// (`atspi-constants.h`; the names differ between versions).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A window with a title bar.
    Frame,
    /// A button to click.
    Button,
    /// A button that stays pressed.
    ToggleButton,
    /// A field to type in.
    Entry,
    /// A piece of text.
    Label,
    /// A title over a part of a page.
    Heading,
    /// A list.
    List,
    /// A row of a list.
    ListItem,
    /// A link.
    Link,
    /// Any other.
    Other(u32),
}

impl From<u32> for Role {
    fn from(number: u32) -> Self {
        match number {
            23 => Self::Frame,
            43 => Self::Button,
            62 => Self::ToggleButton,
            79 => Self::Entry,
            29 => Self::Label,
            83 => Self::Heading,
            31 => Self::List,
            32 => Self::ListItem,
            88 => Self::Link,
            other => Self::Other(other),
        }
    }
}

/// Something that a screen reader could speak of, with what lies inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its kind.
    pub role: Role,
    /// The name that a screen reader speaks.
    pub name: String,
    /// The text in it; empty for what has no text of its own.
    pub text: String,
    /// Where it is on the screen.
    pub place: Rectangle,
    /// What lies inside, in order.
    pub children: Vec<Element>,
}

impl Element {
    /// Itself and everything inside, from the outside in.
    pub fn all(&self) -> impl Iterator<Item = &Element> {
        let mut open = vec![self];
        std::iter::from_fn(move || {
            let next = open.pop()?;
            open.extend(next.children.iter().rev());
            Some(next)
        })
    }

    /// The first inside with this role and name.
    pub fn find(&self, role: Role, name: &str) -> Option<&Element> {
        self.all()
            .find(|element| element.role == role && element.name == name)
    }
}

impl Accessibility {
    /// Finds the accessibility bus by way of the session bus and connects to it.
    pub fn connect(session: &Connection) -> Result<Self> {
        let launcher = Proxy::new(session, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus")?;
        let address: String = launcher
            .call("GetAddress", &())
            .context("the session bus has no accessibility bus (package `at-spi2-core`)")?;
        let bus = Builder::address(address.as_str())?.build()?;
        Ok(Self { bus })
    }

    /// The showing windows of every program of that name, as `xfce4-panel`.
    pub fn windows(&self, program: &str) -> Result<Vec<Element>> {
        let registry = self.accessible(REGISTRY, ROOT)?;
        let mut windows = Vec::new();
        for (owner, path) in children(&registry)? {
            // A program that is leaving is still listed for a moment and answers no more.
            let Ok(application) = self.accessible(&owner, path.as_str()) else {
                continue;
            };
            if application
                .get_property::<String>("Name")
                .is_ok_and(|name| name == program)
            {
                let inside = children(&application).unwrap_or_default();
                windows.extend(
                    inside
                        .iter()
                        .filter(|(owner, path)| self.is_showing(owner, path.as_str()))
                        .filter_map(|(owner, path)| self.element(owner, path)),
                );
            }
        }
        Ok(windows)
    }

    /// Reads one element and what is inside; none if it has no place on the screen or has just
    /// vanished. That of a web page in a window of GTK is told by its place alone: GTK does not say
    /// of the boxes around the page that they are showing.
    fn element(&self, owner: &str, path: &OwnedObjectPath) -> Option<Element> {
        let component = self.proxy(owner, path.as_str(), COMPONENT).ok()?;
        let (x, y, width, height) = component.call("GetExtents", &(OF_SCREEN)).ok()?;
        if x == NOWHERE {
            return None;
        }
        let accessible = self.accessible(owner, path.as_str()).ok()?;
        Some(Element {
            role: Role::from(accessible.call::<_, _, u32>("GetRole", &()).ok()?),
            name: accessible.get_property("Name").ok()?,
            text: self.text(&accessible).unwrap_or_default(),
            place: Rectangle {
                x,
                y,
                width,
                height,
            },
            children: children(&accessible)
                .ok()?
                .iter()
                .filter_map(|(owner, path)| self.element(owner, path))
                .collect(),
        })
    }

    fn is_showing(&self, owner: &str, path: &str) -> bool {
        let states =
            || -> Result<Vec<u32>> { Ok(self.accessible(owner, path)?.call("GetState", &())?) };
        states().is_ok_and(|states| states.first().is_some_and(|low| low & SHOWING != 0))
    }

    fn text(&self, accessible: &Proxy<'_>) -> Result<String> {
        let interfaces: Vec<String> = accessible.call("GetInterfaces", &())?;
        if !interfaces.iter().any(|interface| interface == TEXT) {
            return Ok(String::new());
        }
        let (owner, path) = (
            accessible.destination().as_str(),
            accessible.path().as_str(),
        );
        Ok(self
            .proxy(owner, path, TEXT)?
            .call("GetText", &(FROM_START, TO_END))?)
    }

    fn accessible(&self, owner: &str, path: &str) -> Result<Proxy<'static>> {
        self.proxy(owner, path, ACCESSIBLE)
    }

    fn proxy(&self, owner: &str, path: &str, interface: &'static str) -> Result<Proxy<'static>> {
        let proxy = zbus::blocking::proxy::Builder::<Proxy<'static>>::new(&self.bus)
            .destination(owner.to_owned())?
            .path(path.to_owned())?
            .interface(interface)?
            // Each look asks anew: a cache would be filled by signals that nobody sends for it.
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()?;
        Ok(proxy)
    }
}

fn children(accessible: &Proxy<'_>) -> Result<Vec<(String, OwnedObjectPath)>> {
    let children: Vec<_> = accessible
        .call("GetChildren", &())
        .context("an accessible element did not list its children")?;
    let count: i32 = accessible.get_property("ChildCount")?;
    if !children.is_empty() || count == 0 {
        return Ok(children);
    }
    // GTK leaves a child that another process draws, as a web page, out of its list.
    let nth = |index| Ok(accessible.call("GetChildAtIndex", &(index))?);
    (0..count).map(nth).collect()
}

impl Desktop {
    /// Waits until a window of `program` shows an element of this role with this name.
    pub fn wait_for_element(&self, program: &str, role: Role, name: &str) -> Result<Element> {
        self.until_settled(&format!("{role:?} `{name}` of `{program}`"), || {
            let windows = self.accessibility().windows(program)?;
            Ok(windows
                .iter()
                .find_map(|window| window.find(role, name))
                .cloned())
        })
    }

    /// Waits until a window of `program` shows this text anywhere.
    pub fn wait_for_text(&self, program: &str, text: &str) -> Result<()> {
        self.until(&format!("`{text}` in a window of `{program}`"), || {
            let windows = self.accessibility().windows(program)?;
            let mut shown = windows.iter().flat_map(Element::all);
            let found =
                shown.any(|element| element.name.contains(text) || element.text.contains(text));
            Ok(found.then_some(()))
        })
    }

    /// Clicks an element of a window of `program` with the pointer.
    pub fn click_element(&self, program: &str, role: Role, name: &str) -> Result<()> {
        let element = self.wait_for_element(program, role, name)?;
        self.display().click(Button::Left, element.place.center())
    }
}
