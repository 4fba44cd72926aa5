//! The tray: what a program shows there, and a hand that clicks its icon and chooses from its
//! menu.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Structure, Value};

use crate::desktop::Desktop;
use crate::display::Rectangle;
use crate::pointer::{Button, Key};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// Where the tray stands among the panel's plugins, from the left; `appearance.rs` says so.
const TRAY_PLUGIN: usize = 2;

/// One program's item in the tray.
#[derive(Debug, Clone, PartialEq)]
pub struct TrayItem {
    /// The program's name for it.
    pub id: String,
    /// `Active`, `Passive` or `NeedsAttention`.
    pub status: String,
    /// The first line of the text under the pointer.
    pub tooltip: String,
    /// The text below that line.
    pub tooltip_body: String,
    /// The icon's name in the icon theme; empty where the program sends pixels.
    pub icon_name: String,
    /// The icons that the program sends, smallest first.
    pub icons: Vec<TrayIcon>,
    /// The menu, from the top.
    pub menu: Vec<MenuEntry>,
}

/// An icon as a program sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrayIcon {
    /// In pixels.
    pub width: i32,
    /// In pixels.
    pub height: i32,
    /// Alpha, red, green and blue of each pixel, in rows from the top.
    pub argb: Vec<u8>,
}

/// A line of a tray menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MenuEntry {
    /// A line between groups.
    Separator,
    /// Something to choose.
    Item {
        /// Its text.
        label: String,
        /// Whether it can be chosen now.
        choice: Choice,
        /// What it opens, if it is a menu itself.
        submenu: Vec<MenuEntry>,
    },
}

/// Whether a menu's item can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It can.
    Enabled,
    /// It is greyed out.
    Disabled,
}

impl Desktop {
    /// The items in the tray, in the order in which they came.
    pub fn tray_items(&self) -> Result<Vec<TrayItem>> {
        let watcher = self.proxy(WATCHER, "/StatusNotifierWatcher", WATCHER)?;
        let registered: Vec<String> = watcher
            .get_property("RegisteredStatusNotifierItems")
            .context("the tray does not list its items")?;
        registered
            .iter()
            .map(|address| self.read_item(address))
            .collect()
    }

    /// Waits until the tray has an item with this id that satisfies `condition`.
    pub fn wait_for_tray_item(
        &self,
        what: &str,
        id: &str,
        condition: impl Fn(&TrayItem) -> bool,
    ) -> Result<TrayItem> {
        self.until(what, || {
            Ok(self
                .tray_items()?
                .into_iter()
                .find(|item| item.id == id && condition(item)))
        })
    }

    /// Where the only icon of the tray is on the screen.
    pub fn tray_icon_place(&self) -> Result<Rectangle> {
        self.until_settled("the tray's icon on the panel", || {
            let items = self.tray_items()?.len();
            if items != 1 {
                bail!("the tray has {items} items: which one is meant?");
            }
            let windows = self.accessibility().windows("xfce4-panel")?;
            let panel = windows.first().and_then(|window| window.children.first());
            let tray = panel.and_then(|panel| panel.children.get(TRAY_PLUGIN));
            // Without an icon in it, the tray is a pixel wide.
            Ok(tray.map(|tray| tray.place).filter(|place| place.width > 1))
        })
    }

    /// Clicks the only icon of the tray.
    pub fn click_tray_icon(&self, button: Button) -> Result<()> {
        let place = self.tray_icon_place()?;
        self.display().click(button, place.center())
    }

    /// Opens the menu of the tray's only icon with a right click and chooses by keyboard; `path`
    /// has the beginning of each label on the way, as `["prod-admin", "Renew"]`.
    pub fn choose_from_tray_menu(&self, path: &[&str]) -> Result<()> {
        self.click_tray_icon(Button::Right)?;
        self.wait_for_menus(1)?;
        let items = self.tray_items()?;
        let mut menu = items.first().context("the tray is empty")?.menu.as_slice();
        for (depth, wanted) in path.iter().enumerate() {
            self.wait_for_menus(depth + 1)?;
            let (above, submenu) = find_choice(menu, wanted)?;
            // An opened submenu has its first line chosen already, a fresh menu none.
            let steps = if depth == 0 { above + 1 } else { above };
            for _ in 0..steps {
                self.display().press(Key::Down)?;
            }
            self.display().press(Key::Enter)?;
            menu = submenu;
        }
        self.wait_for_menus(0)
    }

    /// Waits until so many menus are open, a submenu counted as one more.
    pub fn wait_for_menus(&self, open: usize) -> Result<()> {
        self.until(&format!("{open} open menus"), || {
            Ok((self.display().menus()?.len() == open).then_some(()))
        })
    }

    fn read_item(&self, address: &str) -> Result<TrayItem> {
        let (owner, path) = match address.find('/') {
            Some(slash) => address.split_at(slash),
            None => (address, "/StatusNotifierItem"),
        };
        let item = self.proxy(owner, path, ITEM)?;
        let id = item.get_property("Id").context("a tray item has no id")?;
        let (_, _, tooltip, tooltip_body) = item
            .get_property::<(String, Vec<Pixmap>, String, String)>("ToolTip")
            .unwrap_or_default();
        let mut icons: Vec<TrayIcon> = item
            .get_property::<Vec<Pixmap>>("IconPixmap")
            .unwrap_or_default()
            .into_iter()
            .map(|(width, height, argb)| TrayIcon {
                width,
                height,
                argb,
            })
            .collect();
        icons.sort_by_key(|icon| icon.width);
        let menu = match item.get_property::<OwnedObjectPath>("Menu") {
            Ok(path) => self.read_menu(owner, path.as_str())?,
            Err(_) => Vec::new(),
        };
        Ok(TrayItem {
            id,
            status: item.get_property("Status")?,
            tooltip,
            tooltip_body,
            icon_name: item.get_property("IconName").unwrap_or_default(),
            icons,
            menu,
        })
    }

    fn read_menu(&self, owner: &str, path: &str) -> Result<Vec<MenuEntry>> {
        const ROOT: i32 = 0;
        const EVERY_DEPTH: i32 = -1;
        const EVERY_PROPERTY: [&str; 0] = [];
        let menu = self.proxy(owner, path, MENU)?;
        let (_revision, root): (u32, Layout) = menu
            .call("GetLayout", &(ROOT, EVERY_DEPTH, EVERY_PROPERTY.as_slice()))
            .context("a tray item's menu cannot be read")?;
        root.2
            .iter()
            .filter_map(|entry| MenuEntry::read(entry).transpose())
            .collect()
    }
}

/// Width, height and pixels, as they are sent.
type Pixmap = (i32, i32, Vec<u8>);

/// Id, properties and children of a menu's line, as they are sent.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

impl MenuEntry {
    /// None for a line that is hidden.
    fn read(entry: &OwnedValue) -> Result<Option<Self>> {
        let structure = Structure::try_from(entry.try_clone()?)?;
        let (_id, properties, children) = Layout::try_from(structure)?;
        let text = |name: &str| match properties.get(name).map(|value| &**value) {
            Some(Value::Str(text)) => text.to_string(),
            _ => String::new(),
        };
        let holds =
            |name: &str| !matches!(properties.get(name).map(|v| &**v), Some(Value::Bool(false)));
        if !holds("visible") {
            return Ok(None);
        }
        if text("type") == "separator" {
            return Ok(Some(Self::Separator));
        }
        Ok(Some(Self::Item {
            label: text("label"),
            choice: if holds("enabled") {
                Choice::Enabled
            } else {
                Choice::Disabled
            },
            submenu: children
                .iter()
                .filter_map(|child| Self::read(child).transpose())
                .collect::<Result<_>>()?,
        }))
    }
}

/// How many choices lie above the wanted one, and the menu that it opens. The keyboard passes
/// over separators and what is greyed out.
fn find_choice<'m>(menu: &'m [MenuEntry], wanted: &str) -> Result<(usize, &'m [MenuEntry])> {
    let mut above = 0;
    for entry in menu {
        match entry {
            MenuEntry::Item {
                label,
                choice: Choice::Enabled,
                submenu,
            } => {
                if label.starts_with(wanted) {
                    return Ok((above, submenu));
                }
                above += 1;
            }
            MenuEntry::Item {
                choice: Choice::Disabled,
                ..
            }
            | MenuEntry::Separator => {}
        }
    }
    bail!("the tray's menu has nothing to choose that begins with `{wanted}`: {menu:#?}")
}
