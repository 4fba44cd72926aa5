//! Notifications over D-Bus. Each has a named thread and a connection of its own for as long as it stands: services
//! tie a notification to the connection that showed it, and a service that hangs holds up nobody else.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use notify_rust::{Hint, Notification, NotificationHandle, Urgency};
use sandglass_core::views::notice::{Notice, NoticeId, Stage};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::bubble::{Abilities, Body, Buttons, notification, outcome};
use super::{Outcome, Step};
use crate::message::{Mailbox, Message};

/// The name of our `.desktop` file, by which desktops group notifications and keep the person's settings for them.
const DESKTOP_ENTRY: &str = "Sandglass";

/// How long the end of the app waits for the service.
const PATIENCE: Duration = Duration::from_secs(1);

/// The notifications that stand.
pub(crate) struct Bubbles {
    mailbox: Mailbox,
    icon: Option<PathBuf>,
    standing: BTreeMap<NoticeId, UnboundedSender<Order>>,
    /// Every thread holds a sender: once all are gone, no notification stands any more.
    alive: (Sender<Infallible>, Receiver<Infallible>),
}

/// What is said of a notification whose connection ended without a word.
const BROKE: &str =
    "The desktop's notification service broke off. The next notification is another try.";

/// What the thread of a notification is told.
enum Order {
    /// Other words, in place.
    Change(Notice),
    /// Take it away.
    Withdraw,
}

impl Bubbles {
    /// No notification yet. The icon is a file that the service can read.
    pub(crate) fn new(mailbox: Mailbox, icon: Option<PathBuf>) -> Self {
        Self {
            mailbox,
            icon,
            standing: BTreeMap::new(),
            alive: channel(),
        }
    }

    /// Takes every notification away, and waits until the service has heard it, but not for a service that hangs.
    pub(crate) fn withdraw_all(&mut self) {
        self.standing.clear();
        let (_, ended) = std::mem::replace(&mut self.alive, channel());
        if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("the notification service does not answer");
        }
    }

    /// Carries out a step. What comes of it is posted.
    pub(crate) fn take(&mut self, step: Step) {
        match step {
            Step::Show(notice) => self.show(notice),
            Step::Change(notice) => {
                if let Some(orders) = self.standing.get(&notice.id) {
                    give(orders, Order::Change(notice));
                }
            }
            Step::Withdraw(id) => {
                if let Some(orders) = self.standing.remove(&id) {
                    give(&orders, Order::Withdraw);
                }
            }
        }
    }

    fn show(&mut self, notice: Notice) {
        let (orders, ordered) = unbounded_channel();
        self.standing.insert(notice.id.clone(), orders);
        let report = Report {
            mailbox: self.mailbox.clone(),
            id: notice.id.clone(),
            last: Some(Outcome::Failed(BROKE.to_owned())),
        };
        let icon = self.icon.clone();
        let alive = self.alive.0.clone();
        let spawned = std::thread::Builder::new()
            .name("notification".to_owned())
            .spawn(move || {
                report.with(|post| stand(&notice, icon.as_deref(), ordered, post));
                drop(alive);
            });
        if let Err(error) = spawned {
            tracing::error!(%error, "no thread for a notification");
        }
    }
}

/// A thread that has ended has posted what came of its notification: the order is void.
fn give(orders: &UnboundedSender<Order>, order: Order) {
    if orders.send(order).is_err() {
        tracing::debug!("a notification has ended before it could be changed");
    }
}

/// Tells what came of a notification when its thread ends, in whatever way.
struct Report {
    mailbox: Mailbox,
    id: NoticeId,
    last: Option<Outcome>,
}

impl Report {
    fn with(mut self, stand: impl FnOnce(&dyn Fn(Outcome)) -> Option<Outcome>) {
        let last = stand(&|outcome| self.post(outcome));
        self.last = last;
    }

    fn post(&self, outcome: Outcome) {
        self.mailbox.post(Message::Notice(self.id.clone(), outcome));
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if let Some(outcome) = self.last.take() {
            self.post(outcome);
        }
    }
}

/// Keeps one notification on the screen until the person or an order ends it. Nothing comes of one that is withdrawn.
fn stand(
    notice: &Notice,
    icon: Option<&Path>,
    mut orders: UnboundedReceiver<Order>,
    post: &dyn Fn(Outcome),
) -> Option<Outcome> {
    let abilities = match abilities() {
        Ok(abilities) => abilities,
        Err(error) => return Some(failed(&error)),
    };
    let mut handle = match dressed(notice, abilities, icon).show() {
        Ok(handle) => handle,
        Err(error) => return Some(failed(&error)),
    };
    post(Outcome::Shown);
    loop {
        match tauri::async_runtime::block_on(next(&handle, &mut orders)) {
            Next::Order(Order::Change(notice)) => {
                *handle = dressed(&notice, abilities, icon);
                if let Err(error) = handle.update() {
                    return Some(failed(&error));
                }
            }
            Next::Order(Order::Withdraw) => {
                handle.close();
                return None;
            }
            Next::Response(outcome) => return Some(outcome),
        }
    }
}

/// What ends the wait of a notification.
enum Next {
    /// The controller wants it otherwise.
    Order(Order),
    /// Something came of it.
    Response(Outcome),
}

async fn next(handle: &NotificationHandle, orders: &mut UnboundedReceiver<Order>) -> Next {
    let mut came = Outcome::Failed(BROKE.to_owned());
    tokio::select! {
        biased;
        order = orders.recv() => return Next::Order(order.unwrap_or(Order::Withdraw)),
        () = handle.wait_for_action_async(|response| came = outcome(response)) => {}
    }
    Next::Response(came)
}

/// The notification with what only D-Bus services know of.
fn dressed(notice: &Notice, abilities: Abilities, icon: Option<&Path>) -> Notification {
    let mut notification = notification(notice, abilities);
    // Critical would keep it above a full screen and steal the eye; these stay anyway.
    notification
        .urgency(Urgency::Normal)
        .hint(Hint::DesktopEntry(DESKTOP_ENTRY.to_owned()))
        .hint(Hint::SuppressSound(true));
    if notice.stage == Stage::Done {
        // A word of success is not worth a place in the list of past notifications.
        notification.hint(Hint::Transient(true));
    }
    if let Some(icon) = icon.and_then(Path::to_str) {
        notification.icon(icon);
    }
    notification
}

fn abilities() -> Result<Abilities, notify_rust::error::Error> {
    let words = notify_rust::get_capabilities()?;
    let can = |word: &str| words.iter().any(|known| known == word);
    Ok(Abilities {
        buttons: if can("actions") {
            Buttons::Shown
        } else {
            Buttons::Missing
        },
        body: if can("body-markup") {
            Body::Markup
        } else {
            Body::Plain
        },
    })
}

fn failed(error: &notify_rust::error::Error) -> Outcome {
    tracing::warn!(%error, "a notification cannot be shown");
    Outcome::Failed(
        "This desktop shows no notifications, so Sandglass cannot warn you before a session ends. Start a \
         notification service, for example xfce4-notifyd, dunst or mako."
            .to_owned(),
    )
}
