//! Against a logind of our own on a bus of our own.

use std::time::Duration;

use zbus::object_server::SignalEmitter;

use super::*;
use crate::system_bus::Bus;

/// What is not there by then is not coming.
const DEADLINE: Duration = Duration::from_secs(10);
const MANAGER: &str = "/org/freedesktop/login1";
const SESSION: &str = "/org/freedesktop/login1/session/_32";

struct FakeManager;

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl FakeManager {
    #[zbus(name = "GetSessionByPID")]
    #[expect(clippy::unused_self, reason = "the interface has it so")]
    fn get_session_by_pid(&self, pid: u32) -> ObjectPath<'static> {
        assert_eq!(pid, std::process::id());
        ObjectPath::from_static_str_unchecked(SESSION)
    }

    #[zbus(signal)]
    async fn prepare_for_sleep(emitter: &SignalEmitter<'_>, begins: bool) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn session_new(
        emitter: &SignalEmitter<'_>,
        id: &str,
        path: ObjectPath<'_>,
    ) -> zbus::Result<()>;
}

struct FakeSession {
    locked: bool,
}

#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl FakeSession {
    #[zbus(signal)]
    async fn lock(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn unlock(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(property)]
    fn locked_hint(&self) -> bool {
        self.locked
    }
}

/// A logind, and what the loop hears of it.
struct Machine {
    bus: Bus,
    logind: Connection,
    heard: mpsc::Receiver<Input>,
    listening: JoinHandle<()>,
}

impl Machine {
    async fn start(locked: bool) -> Self {
        let bus = Bus::start();
        let logind = bus
            .builder()
            .name("org.freedesktop.login1")
            .unwrap()
            .serve_at(MANAGER, FakeManager)
            .unwrap()
            .serve_at(SESSION, FakeSession { locked })
            .unwrap()
            .build()
            .await
            .unwrap();
        let (inputs, heard) = mpsc::channel(16);
        let own = bus.builder().build().await.unwrap();
        let listening = tokio::spawn(async move {
            let mut screen = Screen {
                inputs,
                told: Told::Unlocked,
            };
            listen(&own, &mut screen).await;
        });
        let mut machine = Self {
            bus,
            logind,
            heard,
            listening,
        };
        machine.is_listened_to().await;
        machine
    }

    /// Signals that nobody listens for yet are lost: sleeps are told until one is heard.
    async fn is_listened_to(&mut self) {
        tokio::time::timeout(DEADLINE, async {
            loop {
                self.wakes().await;
                let heard = tokio::time::timeout(Duration::from_millis(50), self.heard.recv());
                match heard.await {
                    Ok(Some(Input::Happened(Event::Woke))) => break,
                    Ok(Some(Input::Happened(Event::ScreenLocked))) | Err(_) => {}
                    Ok(_) => panic!("an input that nobody caused"),
                }
            }
        })
        .await
        .unwrap();
    }

    async fn wakes(&self) {
        let emitter = SignalEmitter::new(&self.logind, MANAGER).unwrap();
        for begins in [true, false] {
            FakeManager::prepare_for_sleep(&emitter, begins)
                .await
                .unwrap();
        }
    }

    fn session(&self) -> SignalEmitter<'static> {
        SignalEmitter::new(&self.logind, SESSION)
            .unwrap()
            .into_owned()
    }

    async fn set_hint(&self, locked: bool) {
        let session = self
            .logind
            .object_server()
            .interface::<_, FakeSession>(SESSION)
            .await
            .unwrap();
        let mut fake = session.get_mut().await;
        fake.locked = locked;
        fake.locked_hint_changed(session.signal_emitter())
            .await
            .unwrap();
    }

    /// The next thing that the loop hears, wake-ups that the start caused left out.
    async fn hears(&mut self) -> Event {
        tokio::time::timeout(DEADLINE, async {
            loop {
                match self.heard.recv().await {
                    Some(Input::Happened(Event::Woke)) => {}
                    Some(Input::Happened(event)) => return event,
                    Some(_) | None => panic!("the listener has ended"),
                }
            }
        })
        .await
        .unwrap()
    }
}

#[tokio::test]
async fn a_machine_that_wakes_is_heard() {
    let mut machine = Machine::start(false).await;
    machine.wakes().await;
    let heard = tokio::time::timeout(DEADLINE, machine.heard.recv()).await;
    assert!(matches!(heard, Ok(Some(Input::Happened(Event::Woke)))));
}

#[tokio::test]
async fn a_screen_that_is_locked_and_unlocked_is_heard() {
    let mut machine = Machine::start(false).await;
    FakeSession::lock(&machine.session()).await.unwrap();
    assert_eq!(machine.hears().await, Event::ScreenLocked);
    FakeSession::unlock(&machine.session()).await.unwrap();
    assert_eq!(machine.hears().await, Event::ScreenUnlocked);
}

#[tokio::test]
async fn the_word_of_the_screen_lock_is_enough() {
    let mut machine = Machine::start(false).await;
    machine.set_hint(true).await;
    assert_eq!(machine.hears().await, Event::ScreenLocked);
    // It says nothing new.
    FakeSession::lock(&machine.session()).await.unwrap();
    machine.set_hint(false).await;
    assert_eq!(machine.hears().await, Event::ScreenUnlocked);
}

#[tokio::test]
async fn a_screen_that_was_locked_before_is_known() {
    let bus_and_all = Machine::start(true).await;
    assert!(!bus_and_all.listening.is_finished());
    bus_and_all.set_hint(false).await;
    let mut machine = bus_and_all;
    assert_eq!(machine.hears().await, Event::ScreenUnlocked);
}

#[tokio::test]
async fn a_new_session_on_the_machine_does_not_end_the_listening() {
    let mut machine = Machine::start(false).await;
    let emitter = SignalEmitter::new(&machine.logind, MANAGER).unwrap();
    let path = ObjectPath::from_static_str_unchecked(SESSION);
    FakeManager::session_new(&emitter, "3", path).await.unwrap();
    machine.is_listened_to().await;
    machine.set_hint(true).await;
    assert_eq!(machine.hears().await, Event::ScreenLocked);
}

#[tokio::test]
async fn a_bus_that_goes_ends_the_listening() {
    let mut machine = Machine::start(false).await;
    machine.bus.end();
    tokio::time::timeout(DEADLINE, &mut machine.listening)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_bus_without_logind_is_silent() {
    let bus = Bus::start();
    let own = bus.builder().build().await.unwrap();
    let (inputs, mut heard) = mpsc::channel(1);
    let mut screen = Screen {
        inputs,
        told: Told::Unlocked,
    };
    // Signals can be waited for before anybody sends them; the bus is asked to end so that the listening does.
    let listening = tokio::spawn(async move { listen(&own, &mut screen).await });
    drop(bus);
    tokio::time::timeout(DEADLINE, listening)
        .await
        .unwrap()
        .unwrap();
    assert!(heard.recv().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_nobody_confirms_is_not_believed_for_ever() {
    let (inputs, mut heard) = mpsc::channel(4);
    let mut screen = Screen {
        inputs,
        told: Told::Unlocked,
    };
    assert!(screen.is(Told::asked_to_lock()).await.is_ok());
    screen.doubted().await;
    assert!(screen.is(Told::Unlocked).await.is_ok());
    for expected in [Event::ScreenLocked, Event::ScreenUnlocked] {
        let Some(Input::Happened(event)) = heard.recv().await else {
            panic!("nothing was told");
        };
        assert_eq!(event, expected);
    }
}

#[tokio::test]
async fn a_lock_that_nobody_confirms_outlives_a_look_at_the_hint() {
    let (inputs, mut heard) = mpsc::channel(4);
    let mut screen = Screen {
        inputs,
        told: Told::Unlocked,
    };
    assert!(screen.is(Told::asked_to_lock()).await.is_ok());
    // Somebody else logs in, and all is read anew.
    assert!(screen.is_hinted(Told::Unlocked).await.is_ok());
    assert!(matches!(screen.told, Told::AskedToLock(_)));
    assert!(screen.is_hinted(Told::Locked).await.is_ok());
    assert!(screen.is_hinted(Told::Unlocked).await.is_ok());
    drop(screen);
    let mut events = Vec::new();
    while let Some(Input::Happened(event)) = heard.recv().await {
        events.push(event);
    }
    assert_eq!(events, [Event::ScreenLocked, Event::ScreenUnlocked]);
}
