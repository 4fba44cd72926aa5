//! What the notification service shows, and a hand that clicks it.

use anyhow::{Context as _, Result};

use crate::accessibility::{Element, Role};
use crate::desktop::Desktop;
use crate::display::Rectangle;
use crate::pointer::Button;

/// A notification on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Its first line.
    pub title: String,
    /// The text below.
    pub body: String,
    /// The labels of its buttons and where they are.
    pub buttons: Vec<(String, Rectangle)>,
    /// Where it is.
    pub place: Rectangle,
}

impl Desktop {
    /// The notifications that are on the screen now.
    pub fn notifications(&self) -> Result<Vec<Notification>> {
        let windows = self.accessibility().windows("xfce4-notifyd")?;
        Ok(windows.iter().filter_map(Notification::read).collect())
    }

    /// Waits for a notification whose title has this text in it.
    pub fn wait_for_notification(&self, text: &str) -> Result<Notification> {
        self.until_settled(&format!("a notification titled `{text}`"), || {
            let mut shown = self.notifications()?.into_iter();
            Ok(shown.find(|notification| notification.title.contains(text)))
        })
    }

    /// Waits until no notification has this text in its title.
    pub fn wait_for_withdrawal(&self, text: &str) -> Result<()> {
        self.until(
            &format!("the withdrawal of the notification `{text}`"),
            || {
                let shown = self.notifications()?;
                Ok((!shown
                    .iter()
                    .any(|notification| notification.title.contains(text)))
                .then_some(()))
            },
        )
    }

    /// Clicks a button of the notification whose title has this text in it.
    pub fn click_notification(&self, text: &str, button: &str) -> Result<()> {
        let notification = self.wait_for_notification(text)?;
        let place = notification.button(button)?;
        self.display().click(Button::Left, place.center())
    }
}

impl Notification {
    /// What its buttons say.
    pub fn labels(&self) -> Vec<&str> {
        let labels = self.buttons.iter().map(|(label, _)| label.as_str());
        labels.collect()
    }

    /// Where the button with this label is.
    pub fn button(&self, label: &str) -> Result<Rectangle> {
        let button = self.buttons.iter().find(|(name, _)| name == label);
        let (_, place) = button.with_context(|| {
            let labels = self.labels();
            format!(
                "the notification `{}` has no button `{label}`, only {labels:?}",
                self.title
            )
        })?;
        Ok(*place)
    }

    /// A notification's window has two labels, title and body, and a button for each action.
    fn read(window: &Element) -> Option<Self> {
        let all = |role: Role| window.all().filter(move |element| element.role == role);
        let mut labels = all(Role::Label).map(|label| label.name.clone());
        Some(Self {
            title: labels.next()?,
            body: labels.next().unwrap_or_default(),
            buttons: all(Role::Button)
                .map(|b| (b.name.clone(), b.place))
                .collect(),
            place: window.place,
        })
    }
}
