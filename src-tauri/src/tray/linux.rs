//! The tray on Linux: a `StatusNotifierItem` of our own, since Tauri's knows no click, no tooltip and no absent tray.

use ksni::blocking::{Handle, TrayMethods};
use ksni::menu::{MenuItem, StandardItem, SubMenu};
use ksni::{Category, OfflineReason, ToolTip};
use sandglass_core::views::tray::Icon;
use tauri::AppHandle;

use super::pictures::{decoded, pictures};
use super::{Entry, Face, Item};
use crate::message::{Mailbox, Message};
use crate::state::Presence;

/// The icon in the tray.
pub(crate) struct Tray {
    handle: Handle<StatusItem>,
}

impl Tray {
    /// Offers the icon to the desktop; none where there is no session bus. Whether anybody shows it is posted.
    pub(crate) fn start(_app: &AppHandle, mailbox: &Mailbox) -> Option<Self> {
        let item = StatusItem {
            mailbox: mailbox.clone(),
            face: Face {
                icon: Icon::Turning,
                tooltip: String::new(),
                menu: Vec::new(),
            },
        };
        match item.assume_sni_available(true).spawn() {
            Ok(handle) => Some(Self { handle }),
            Err(error) => {
                tracing::warn!(%error, "no tray");
                mailbox.post(Message::Tray(Presence::Absent));
                None
            }
        }
    }

    /// Shows another face.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the signature of the other systems' tray"
    )]
    pub(crate) fn show(&mut self, face: &Face) -> tauri::Result<()> {
        let face = face.clone();
        self.handle.update(|item| item.face = face);
        Ok(())
    }
}

struct StatusItem {
    mailbox: Mailbox,
    face: Face,
}

impl ksni::Tray for StatusItem {
    fn id(&self) -> String {
        "sandglass".to_owned()
    }

    fn title(&self) -> String {
        "Sandglass".to_owned()
    }

    fn category(&self) -> Category {
        Category::ApplicationStatus
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        pictures(self.face.icon)
            .into_iter()
            .filter_map(|picture| pixmap(picture).ok())
            .collect()
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip {
            title: self.face.tooltip.clone(),
            ..ToolTip::default()
        }
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.face.menu.iter().map(menu_item).collect()
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.mailbox.post(Message::IconClicked);
    }

    fn watcher_online(&self) {
        self.mailbox.post(Message::Tray(Presence::Present));
    }

    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        tracing::info!(?reason, "the desktop has no tray");
        self.mailbox.post(Message::Tray(Presence::Absent));
        // It may come back: a panel that restarts, an extension that is switched on.
        true
    }
}

fn menu_item(item: &Item) -> MenuItem<StatusItem> {
    match item {
        Item::Entry(entry) => standard_item(entry),
        Item::Submenu { label, entries } => SubMenu {
            label: literal(label),
            submenu: entries.iter().map(standard_item).collect(),
            ..SubMenu::default()
        }
        .into(),
        Item::Separator => MenuItem::Separator,
    }
}

fn standard_item(entry: &Entry) -> MenuItem<StatusItem> {
    let choice = entry.choice.clone();
    StandardItem {
        label: literal(&entry.label),
        enabled: choice.is_some(),
        activate: Box::new(move |item: &mut StatusItem| {
            if let Some(choice) = choice.clone() {
                item.mailbox.post(Message::Picked(choice));
            }
        }),
        ..StandardItem::default()
    }
    .into()
}

/// A label as it is meant: a single underscore would mark an access key (dbusmenu specification, `label`).
fn literal(label: &str) -> String {
    label.replace('_', "__")
}

/// A picture as the `StatusNotifierItem` specification wants it: ARGB, big-endian.
fn pixmap(picture: &'static [u8]) -> tauri::Result<ksni::Icon> {
    let image = decoded(picture)?;
    let mut data = image.rgba().to_vec();
    for pixel in data.chunks_exact_mut(4) {
        pixel.rotate_right(1);
    }
    Ok(ksni::Icon {
        width: image.width().cast_signed(),
        height: image.height().cast_signed(),
        data,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_picture_in_every_size() {
        for icon in [Icon::Full, Icon::Turning, Icon::Low, Icon::Empty] {
            let sizes: Vec<_> = pictures(icon)
                .into_iter()
                .map(|picture| pixmap(picture).unwrap())
                .map(|pixmap| {
                    (
                        pixmap.width,
                        pixmap.height,
                        u32::try_from(pixmap.data.len()).unwrap(),
                    )
                })
                .collect();
            let expected = [16_i32, 22, 24, 32, 44, 48]
                .map(|size| (size, size, 4 * size.unsigned_abs().pow(2)));
            assert_eq!(sizes, expected, "{icon:?}");
        }
    }

    #[test]
    fn an_underscore_in_a_name_stays_visible() {
        assert_eq!(literal("prod_admin"), "prod__admin");
    }
}
