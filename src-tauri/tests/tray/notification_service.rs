//! A notification service (Desktop Notifications Specification 1.3) that shows nothing and notes everything.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zbus::blocking::Connection;
use zbus::blocking::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::zvariant::OwnedValue;

use crate::desktop::Desktop;
use crate::wait::{until, until_true};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// Why a notification is gone, as the specification numbers it.
const CLOSED_BY_PERSON: u32 = 2;
const CLOSED_BY_CALL: u32 = 3;

/// The service. Its name on the bus ends with it.
pub(crate) struct NotificationService {
    connection: Connection,
    log: Arc<Mutex<Log>>,
}

#[derive(Default)]
struct Log {
    capabilities: Vec<String>,
    shown: Vec<Shown>,
    withdrawn: Vec<u32>,
    last_id: u32,
}

/// One call of `Notify`.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    sender: String,
    pub(crate) id: u32,
    pub(crate) replaces: u32,
    pub(crate) app: String,
    pub(crate) icon: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) actions: Vec<String>,
    pub(crate) hints: BTreeMap<String, String>,
    pub(crate) timeout: i32,
}

impl NotificationService {
    /// A service with these capabilities.
    pub(crate) fn start(desktop: &Desktop, capabilities: &[&str]) -> Self {
        let log = Arc::new(Mutex::new(Log {
            capabilities: capabilities.iter().map(|&word| word.to_owned()).collect(),
            ..Log::default()
        }));
        let connection = desktop.serve(NAME, PATH, Interface(Arc::clone(&log)));
        Self { connection, log }
    }

    /// Waits for the call with this number, from 0.
    pub(crate) fn shown(&self, number: usize) -> Shown {
        until("a notification", || {
            lock(&self.log).shown.get(number).cloned()
        })
    }

    /// How often something was shown.
    pub(crate) fn count(&self) -> usize {
        lock(&self.log).shown.len()
    }

    /// Waits until this notification was taken away.
    pub(crate) fn withdrawn(&self, id: u32) {
        until("a withdrawal", || {
            lock(&self.log).withdrawn.contains(&id).then_some(())
        });
    }

    /// The person clicks a button.
    pub(crate) fn click(&self, shown: &Shown, action: &str) {
        self.until_heard(shown, || self.signal("ActionInvoked", &(shown.id, action)));
    }

    /// The person closes it.
    pub(crate) fn close(&self, shown: &Shown) {
        let body = (shown.id, CLOSED_BY_PERSON);
        self.until_heard(shown, || self.signal("NotificationClosed", &body));
    }

    /// Signals until whoever showed the notification has left the bus, as it does once it knows what came of it. For
    /// a moment after each call `notify-rust` does not listen; no person is that fast, but a test is.
    fn until_heard(&self, shown: &Shown, signal: impl Fn()) {
        let bus = DBusProxy::new(&self.connection).expect("a bus");
        let sender = BusName::try_from(shown.sender.as_str()).expect("a sender");
        until_true("somebody who hears it", || {
            signal();
            !bus.name_has_owner(sender.clone()).expect("a bus")
        });
    }

    fn signal<B>(&self, name: &str, body: &B)
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        self.connection
            .emit_signal(None::<()>, PATH, NAME, name, body)
            .expect("a bus");
    }
}

impl Drop for NotificationService {
    fn drop(&mut self) {
        self.connection.clone().close().ok();
    }
}

struct Interface(Arc<Mutex<Log>>);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Interface {
    fn get_capabilities(&self) -> Vec<String> {
        lock(&self.0).capabilities.clone()
    }

    #[expect(
        clippy::too_many_arguments,
        clippy::needless_pass_by_value,
        reason = "the specification's, as zbus hands them out"
    )]
    fn notify(
        &self,
        #[zbus(header)] header: zbus::message::Header<'_>,
        app: String,
        replaces: u32,
        icon: String,
        title: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        timeout: i32,
    ) -> u32 {
        let mut log = lock(&self.0);
        let known = log.shown.iter().any(|shown| shown.id == replaces);
        let id = if known {
            replaces
        } else {
            log.last_id += 1;
            log.last_id
        };
        log.shown.push(Shown {
            sender: header.sender().map(ToString::to_string).unwrap_or_default(),
            id,
            replaces,
            app,
            icon,
            title,
            body,
            actions,
            hints: hints
                .into_iter()
                .map(|(name, value)| (name, value.to_string()))
                .collect(),
            timeout,
        });
        id
    }

    async fn close_notification(
        &self,
        id: u32,
        #[zbus(signal_emitter)] emitter: zbus::object_server::SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        lock(&self.0).withdrawn.push(id);
        Self::notification_closed(&emitter, id, CLOSED_BY_CALL).await?;
        Ok(())
    }

    #[zbus(signal)]
    async fn notification_closed(
        emitter: &zbus::object_server::SignalEmitter<'_>,
        id: u32,
        reason: u32,
    ) -> zbus::Result<()>;
}

fn lock(log: &Mutex<Log>) -> MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}
