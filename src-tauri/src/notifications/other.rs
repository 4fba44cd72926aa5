//! Notifications on Windows and macOS. Neither system lets a program change or withdraw what it has shown through
//! `notify-rust`: a new stage is a new notification, and time passing changes nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sandglass_core::views::notice::{Notice, NoticeId, Stage};

use super::bubble::{Abilities, Body, Buttons, notification, outcome};
use super::{Outcome, Step};
use crate::message::{Mailbox, Message};

/// Both systems show buttons and plain text.
const ABILITIES: Abilities = Abilities {
    buttons: Buttons::Shown,
    body: Body::Plain,
};

/// The notifications that stand.
pub(crate) struct Bubbles {
    mailbox: Mailbox,
    stages: BTreeMap<NoticeId, Stage>,
}

impl Bubbles {
    /// No notification yet. Both systems take the icon from the application itself.
    pub(crate) fn new(mailbox: Mailbox, _icon: Option<PathBuf>) -> Self {
        Self {
            mailbox,
            stages: BTreeMap::new(),
        }
    }

    /// The systems keep what was shown in their own list; nothing can be taken away.
    pub(crate) fn withdraw_all(&mut self) {
        self.stages.clear();
    }

    /// Carries out a step as far as the system can. What comes of it is posted.
    pub(crate) fn take(&mut self, step: Step) {
        match step {
            Step::Show(notice) => self.show(notice),
            Step::Change(notice) => {
                if self.stages.get(&notice.id) != Some(&notice.stage) {
                    self.show(notice);
                }
            }
            Step::Withdraw(id) => {
                self.stages.remove(&id);
            }
        }
    }

    fn show(&mut self, notice: Notice) {
        self.stages.insert(notice.id.clone(), notice.stage);
        let mailbox = self.mailbox.clone();
        let spawned = std::thread::Builder::new()
            .name("notification".to_owned())
            .spawn(move || stand(&notice, &mailbox));
        if let Err(error) = spawned {
            tracing::error!(%error, "no thread for a notification");
        }
    }
}

fn stand(notice: &Notice, mailbox: &Mailbox) {
    let post = |outcome| mailbox.post(Message::Notice(notice.id.clone(), outcome));
    let ended = notification(notice, ABILITIES).show().and_then(|handle| {
        post(Outcome::Shown);
        handle.wait_for_response(|response: &notify_rust::NotificationResponse| {
            post(outcome(response));
        })
    });
    if let Err(error) = ended {
        tracing::warn!(%error, "a notification cannot be shown");
        post(Outcome::Failed(
            "The system shows no notifications of Sandglass. Allow them in its settings."
                .to_owned(),
        ));
    }
}
