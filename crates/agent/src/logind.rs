//! What logind tells of this person's screen and of the machine's sleep.
//!
//! Nothing hangs on it: without a bus or without logind it is silent, and the loop notices a sleep by its own clocks.

use std::time::Duration;

use futures_util::StreamExt as _;
use sandglass_core::event::Event;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until};
use zbus::Connection;
use zbus::proxy::PropertyStream;
use zbus::zvariant::{ObjectPath, OwnedObjectPath};

use crate::input::Input;

/// A bus that is gone, or was never there, is looked for again after this time.
const PAUSE: Duration = Duration::from_secs(30);
/// Not every screen lock says when it is opened again. One that did not even confirm that it was closed is taken for open
/// after this time, so that no notice is held back for ever.
const UNCONFIRMED: Duration = Duration::from_mins(15);

#[zbus::proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1",
    gen_blocking = false
)]
trait Manager {
    fn get_session(&self, id: &str) -> zbus::Result<OwnedObjectPath>;
    #[zbus(name = "GetSessionByPID")]
    fn get_session_by_pid(&self, pid: u32) -> zbus::Result<OwnedObjectPath>;
    #[zbus(signal)]
    fn prepare_for_sleep(&self, begins: bool) -> zbus::Result<()>;
    #[zbus(signal)]
    fn session_new(&self, id: &str, path: ObjectPath<'_>) -> zbus::Result<()>;
    #[zbus(signal)]
    fn session_removed(&self, id: &str, path: ObjectPath<'_>) -> zbus::Result<()>;
}

#[zbus::proxy(
    interface = "org.freedesktop.login1.User",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1/user/self",
    gen_blocking = false
)]
trait User {
    #[zbus(property)]
    fn display(&self) -> zbus::Result<(String, OwnedObjectPath)>;
}

#[zbus::proxy(
    interface = "org.freedesktop.login1.Session",
    default_service = "org.freedesktop.login1",
    gen_blocking = false
)]
trait Session {
    #[zbus(signal)]
    fn lock(&self) -> zbus::Result<()>;
    #[zbus(signal)]
    fn unlock(&self) -> zbus::Result<()>;
    #[zbus(property)]
    fn locked_hint(&self) -> zbus::Result<bool>;
}

/// Listens until the loop is gone.
pub(crate) fn start(inputs: mpsc::Sender<Input>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut screen = Screen {
            inputs,
            told: Told::Unlocked,
        };
        loop {
            match Connection::system().await {
                Ok(bus) => listen(&bus, &mut screen).await,
                Err(error) => tracing::debug!(%error, "there is no system bus"),
            }
            // What nobody tells any more is taken for open.
            if screen.inputs.is_closed() || screen.is(Told::Unlocked).await.is_err() {
                return;
            }
            sleep(PAUSE).await;
        }
    })
}

/// Listens on this bus for as long as it is there.
async fn listen(bus: &Connection, screen: &mut Screen) {
    loop {
        match follow(bus, screen).await {
            Ok(Followed::SessionsChanged) => {}
            Ok(Followed::BusGone | Followed::LoopGone) => return,
            Err(error) => {
                tracing::debug!(%error, "logind does not answer");
                return;
            }
        }
    }
}

/// Why a round of listening ended.
enum Followed {
    /// Somebody logged in or out: which session is this person's may be another one now.
    SessionsChanged,
    /// The bus ended the connection.
    BusGone,
    /// The agent leaves.
    LoopGone,
}

async fn follow(bus: &Connection, screen: &mut Screen) -> zbus::Result<Followed> {
    let manager = ManagerProxy::new(bus).await?;
    let mut sleeps = manager.receive_prepare_for_sleep().await?;
    let mut arrivals = manager.receive_session_new().await?;
    let mut departures = manager.receive_session_removed().await?;
    let session = session(bus, &manager).await;
    let mut signs = match &session {
        Some(session) => Some(Signs::of(session).await?),
        None => None,
    };
    let hint = read_hint(session.as_ref()).await;
    if screen.is_hinted(hint).await.is_err() {
        return Ok(Followed::LoopGone);
    }
    loop {
        let told = tokio::select! {
            sleep = sleeps.next() => {
                let Some(sleep) = sleep else { return Ok(Followed::BusGone) };
                if sleep.args()?.begins {
                    Ok(())
                } else {
                    screen.happened(Event::Woke).await
                }
            }
            sign = next_sign(signs.as_mut()) => match sign {
                None => return Ok(Followed::BusGone),
                Some(Sign::Lock) => screen.is(Told::asked_to_lock()).await,
                Some(Sign::Unlock) => screen.is(Told::Unlocked).await,
                Some(Sign::HintChanged) => screen.is_hinted(read_hint(session.as_ref()).await).await,
            },
            arrival = arrivals.next() => {
                return Ok(arrival.map_or(Followed::BusGone, |_| Followed::SessionsChanged));
            }
            departure = departures.next() => {
                return Ok(departure.map_or(Followed::BusGone, |_| Followed::SessionsChanged));
            }
            () = screen.doubted() => screen.is(Told::Unlocked).await,
        };
        if told.is_err() {
            return Ok(Followed::LoopGone);
        }
    }
}

/// What a session tells of its screen.
enum Sign {
    /// Its screen is to be locked.
    Lock,
    /// Its screen is to be unlocked.
    Unlock,
    /// The screen lock has said how it stands.
    HintChanged,
}

struct Signs<'s> {
    locks: LockStream,
    unlocks: UnlockStream,
    hints: PropertyStream<'s, bool>,
}

impl<'s> Signs<'s> {
    async fn of(session: &SessionProxy<'s>) -> zbus::Result<Self> {
        Ok(Self {
            locks: session.receive_lock().await?,
            unlocks: session.receive_unlock().await?,
            hints: session.receive_locked_hint_changed().await,
        })
    }
}

async fn next_sign(signs: Option<&mut Signs<'_>>) -> Option<Sign> {
    let Some(signs) = signs else {
        return std::future::pending().await;
    };
    tokio::select! {
        lock = signs.locks.next() => lock.map(|_| Sign::Lock),
        unlock = signs.unlocks.next() => unlock.map(|_| Sign::Unlock),
        hint = signs.hints.next() => hint.map(|_| Sign::HintChanged),
    }
}

/// Without a session there is no screen to be locked.
async fn read_hint(session: Option<&SessionProxy<'_>>) -> Told {
    let locked = match session {
        Some(session) => session.locked_hint().await.unwrap_or(false),
        None => false,
    };
    if locked { Told::Locked } else { Told::Unlocked }
}

/// The session whose screen this person looks at: the one with the desktop, else the one in which the agent was started.
async fn session<'b>(bus: &'b Connection, manager: &ManagerProxy<'_>) -> Option<SessionProxy<'b>> {
    let display = async {
        let (id, path) = UserProxy::new(bus).await?.display().await?;
        if id.is_empty() {
            return Err(zbus::Error::InterfaceNotFound);
        }
        Ok(path)
    };
    let path = match display.await {
        Ok(path) => Some(path),
        Err(_) => match manager.get_session_by_pid(std::process::id()).await {
            Ok(path) => Some(path),
            Err(_) => match std::env::var("XDG_SESSION_ID") {
                Ok(id) => manager.get_session(&id).await.ok(),
                Err(_) => manager.get_session("auto").await.ok(),
            },
        },
    };
    SessionProxy::new(bus, path?).await.ok()
}

/// What is known of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Unlocked,
    /// By the screen lock itself.
    Locked,
    /// It was asked to lock, and did not say yet that it has; believed until then.
    AskedToLock(Instant),
}

impl Told {
    fn asked_to_lock() -> Self {
        Self::AskedToLock(Instant::now() + UNCONFIRMED)
    }
}

/// The loop is gone.
struct Gone;

/// What the loop was told of the screen.
struct Screen {
    inputs: mpsc::Sender<Input>,
    told: Told,
}

impl Screen {
    async fn is(&mut self, told: Told) -> Result<(), Gone> {
        let event = match (self.told, told) {
            (Told::Unlocked, Told::Unlocked) => None,
            (_, Told::Unlocked) => Some(Event::ScreenUnlocked),
            (Told::Unlocked, Told::Locked | Told::AskedToLock(_)) => Some(Event::ScreenLocked),
            // Whoever confirmed once will say when it is over.
            (Told::Locked, Told::AskedToLock(_)) => return Ok(()),
            (Told::Locked | Told::AskedToLock(_), Told::Locked | Told::AskedToLock(_)) => None,
        };
        self.told = told;
        match event {
            Some(event) => self.happened(event).await,
            None => Ok(()),
        }
    }

    /// The screen lock says so. One that never confirmed a lock always says that it is open.
    async fn is_hinted(&mut self, told: Told) -> Result<(), Gone> {
        match (self.told, told) {
            (Told::AskedToLock(_), Told::Unlocked) => Ok(()),
            (Told::Unlocked | Told::Locked | Told::AskedToLock(_), _) => self.is(told).await,
        }
    }

    async fn happened(&self, event: Event) -> Result<(), Gone> {
        let sent = self.inputs.send(Input::Happened(event)).await;
        sent.map_err(|_| Gone)
    }

    /// Ends when a lock that was never confirmed is believed no longer.
    async fn doubted(&self) {
        match self.told {
            Told::AskedToLock(until) => sleep_until(until).await,
            Told::Unlocked | Told::Locked => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests;
