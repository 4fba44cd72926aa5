//! The tray on Windows and macOS: Tauri's own.

use tauri::menu::{Menu, MenuBuilder, MenuItem, MenuItemBuilder, SubmenuBuilder};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Wry};

use super::pictures::{decoded, pictures};
use super::{Choice, Entry, Face, Item};
use crate::message::{Mailbox, Message};
use crate::state::Presence;

/// The size that both systems scale well from, as an index into the pictures.
const LARGE: usize = 3;

/// The icon in the tray.
pub(crate) struct Tray {
    app: AppHandle,
    icon: TrayIcon,
    picked: PickTable,
}

/// What each entry of the present menu does, by the number that its menu item has for a name.
type PickTable = std::sync::Arc<std::sync::Mutex<Vec<Choice>>>;

impl Tray {
    /// Puts the icon into the tray; none where the system refuses it, which is posted.
    pub(crate) fn start(app: &AppHandle, mailbox: &Mailbox) -> Option<Self> {
        match Self::build(app, mailbox) {
            Ok(tray) => Some(tray),
            Err(error) => {
                tracing::warn!(%error, "no tray");
                mailbox.post(Message::Tray(Presence::Absent));
                None
            }
        }
    }

    fn build(app: &AppHandle, mailbox: &Mailbox) -> tauri::Result<Self> {
        let picked = PickTable::default();
        let table = picked.clone();
        let picks = mailbox.clone();
        let clicks = mailbox.clone();
        let icon = TrayIconBuilder::with_id("sandglass")
            .show_menu_on_left_click(false)
            .on_menu_event(move |_, event| {
                let choices = table
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                let choice = event
                    .id()
                    .as_ref()
                    .parse()
                    .ok()
                    .and_then(|at: usize| choices.get(at));
                if let Some(choice) = choice {
                    picks.post(Message::Picked(choice.clone()));
                }
            })
            .on_tray_icon_event(move |_, event| {
                if let TrayIconEvent::Click {
                    button: MouseButton::Left,
                    button_state: MouseButtonState::Up,
                    ..
                } = event
                {
                    clicks.post(Message::IconClicked);
                }
            })
            .build(app)?;
        Ok(Self {
            app: app.clone(),
            icon,
            picked,
        })
    }

    /// Shows another face.
    pub(crate) fn show(&mut self, face: &Face) -> tauri::Result<()> {
        self.icon
            .set_icon(Some(decoded(pictures(face.icon)[LARGE])?))?;
        self.icon.set_tooltip(Some(&face.tooltip))?;
        let mut choices = Vec::new();
        let menu = menu(&self.app, &face.menu, &mut choices)?;
        *self
            .picked
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = choices;
        self.icon.set_menu(Some(menu))
    }
}

fn menu(app: &AppHandle, items: &[Item], choices: &mut Vec<Choice>) -> tauri::Result<Menu<Wry>> {
    let mut builder = MenuBuilder::new(app);
    for item in items {
        builder = match item {
            Item::Entry(entry) => builder.item(&menu_item(app, entry, choices)?),
            Item::Separator => builder.separator(),
            Item::Submenu { label, entries } => {
                let mut submenu = SubmenuBuilder::new(app, literal(label));
                for entry in entries {
                    submenu = submenu.item(&menu_item(app, entry, choices)?);
                }
                builder.item(&submenu.build()?)
            }
        };
    }
    builder.build()
}

fn menu_item(
    app: &AppHandle,
    entry: &Entry,
    choices: &mut Vec<Choice>,
) -> tauri::Result<MenuItem<Wry>> {
    let id = choices.len().to_string();
    let builder =
        MenuItemBuilder::with_id(id, literal(&entry.label)).enabled(entry.choice.is_some());
    choices.extend(entry.choice.clone());
    builder.build(app)
}

/// A label as it is meant: a single ampersand would mark an access key.
fn literal(label: &str) -> String {
    label.replace('&', "&&")
}
