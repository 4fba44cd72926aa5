//! An agent that plays what a test tells it, at a place of its own, and notes what it is asked.

use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sandglass_core::views::Views;
use sandglass_protocol::frame;
use sandglass_protocol::message::{Greeting, Hello, Reply, Request, VERSION};
use sandglass_protocol::place::Place;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than anything here takes, even on a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// The agent. It ends with the test.
pub(crate) struct FakeAgent {
    _folder: TempDir,
    place: Place,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    greeting: Option<Greeting>,
    listener: Option<UnixListener>,
    connections: Vec<UnixStream>,
    trays: Vec<UnixStream>,
    views: Option<Views>,
    requests: Vec<Value>,
}

impl FakeAgent {
    /// A place where nobody listens.
    pub(crate) fn absent() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("sandglass-tray-")
            .tempdir()
            .expect("a folder for the test");
        let runtime = folder.path().to_str().expect("a plain path").to_owned();
        let place = Place::find(|name| (name == "XDG_RUNTIME_DIR").then(|| runtime.clone()))
            .expect("a short path");
        place.prepare().expect("a folder of our own");
        Self {
            _folder: folder,
            place,
            shared: Arc::default(),
        }
    }

    /// An agent that listens.
    pub(crate) fn start() -> Self {
        let agent = Self::absent();
        agent.rise();
        agent
    }

    /// An agent that greets like this.
    pub(crate) fn greeting(greeting: Greeting) -> Self {
        let agent = Self::absent();
        agent.lock().greeting = Some(greeting);
        agent.rise();
        agent
    }

    /// Where it listens.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Starts to listen.
    pub(crate) fn rise(&self) {
        let listener = UnixListener::bind(self.place.socket()).expect("a free socket");
        self.lock().listener = Some(listener.try_clone().expect("a second handle"));
        let shared = Arc::clone(&self.shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || drop(shared.serve(&stream)));
            }
        });
    }

    /// Dies without a word: every connection breaks, and nobody listens any more.
    pub(crate) fn die(&self) {
        let mut state = self.lock();
        std::fs::remove_file(self.place.socket()).ok();
        state.trays.clear();
        for connection in state.connections.drain(..) {
            connection.shutdown(Shutdown::Both).ok();
        }
    }

    /// Shows these views to every tray, now and when one subscribes.
    pub(crate) fn show(&self, views: &Views) {
        self.lock().views = Some(views.clone());
        self.say(&Reply::Views(Box::new(views.clone())));
    }

    /// Says this to every tray.
    pub(crate) fn say(&self, reply: &Reply) {
        for mut tray in &self.lock().trays {
            frame::write(&mut tray, reply).expect("a tray that listens");
        }
    }

    /// Everything asked so far.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.lock().requests.clone()
    }

    /// Waits until a tray has subscribed.
    pub(crate) fn wait_for_tray(&self) {
        self.wait("a tray", |state| !state.trays.is_empty());
    }

    /// Waits until this was asked.
    pub(crate) fn wait_for(&self, request: &Value) {
        self.wait(&request.to_string(), |state| {
            state.requests.contains(request)
        });
    }

    fn wait(&self, what: &str, mut met: impl FnMut(&State) -> bool) {
        let (state, timeout) = self
            .shared
            .changed
            .wait_timeout_while(self.lock(), DEADLINE, |state| !met(state))
            .unwrap_or_else(PoisonError::into_inner);
        assert!(
            !timeout.timed_out(),
            "waited for {what}, asked was {:?}",
            state.requests
        );
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.lock()
    }
}

impl Drop for FakeAgent {
    fn drop(&mut self) {
        self.die();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, stream: &UnixStream) -> Result<(), frame::Error> {
        self.lock().connections.push(stream.try_clone()?);
        let _hello: Hello = frame::read(&mut &*stream)?;
        let welcome = Greeting::Welcome {
            pid: std::process::id(),
            program_version: VERSION.to_string(),
        };
        let greeting = self.lock().greeting.clone().unwrap_or(welcome);
        frame::write(&mut &*stream, &greeting)?;
        loop {
            let request: Request = frame::read(&mut &*stream)?;
            self.note(&request, stream)?;
        }
    }

    fn note(&self, request: &Request, stream: &UnixStream) -> Result<(), frame::Error> {
        let mut state = self.lock();
        match request {
            Request::SubscribeViews => {
                if let Some(views) = state.views.clone() {
                    frame::write(&mut &*stream, &Reply::Views(Box::new(views)))?;
                }
                state.trays.push(stream.try_clone()?);
            }
            Request::OpenPanel => {
                for mut tray in &state.trays {
                    frame::write(&mut tray, &Reply::PanelWanted)?;
                }
                let sentence = "the panel is open".to_owned();
                frame::write(&mut &*stream, &Reply::Done { sentence })?;
            }
            Request::Status
            | Request::Intend(_)
            | Request::EnterCode { .. }
            | Request::Renew { .. }
            | Request::Login { .. }
            | Request::Check { .. }
            | Request::Credentials { .. }
            | Request::OpenEndpoint { .. }
            | Request::Console { .. }
            | Request::Diagnose(_)
            | Request::Connect { .. }
            | Request::Disconnect { .. }
            | Request::Change { .. }
            | Request::Define(_)
            | Request::ListDefinitions
            | Request::Forget { .. }
            | Request::Quit => {}
        }
        let asked = serde_json::to_value(request).unwrap_or_else(|_| json!("garbled"));
        state.requests.push(asked);
        self.changed.notify_all();
        Ok(())
    }
}
