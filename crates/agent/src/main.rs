//! The agent: the one process that holds secrets and state. No window, no desktop.
//!
//! It is started by whoever needs it, says `ready` on standard output once it can be connected to, and leaves when
//! asked or when nobody has needed it for a while.

mod agent;
mod clock;
mod console_page;
mod endpoint;
mod files;
mod input;
mod issue;
mod kept;
mod keys;
mod log;
#[cfg(target_os = "linux")]
mod logind;
mod machine;
mod process;
mod processes;
mod renewals;
mod server;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod system_bus;
mod tcp_peer;
#[cfg(target_os = "linux")]
mod timedated;
mod watch;
mod words;

use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use sandglass_aws::{Aws, ConfigFiles};
use sandglass_profiles::paths::Paths;
use sandglass_profiles::write::Writer;
use sandglass_protocol::client::{self, Client};
use sandglass_protocol::environment;
use sandglass_protocol::place::Place;
use sandglass_vault::{SealedStore, Vault};
use tokio::sync::mpsc;

use crate::agent::Agent;
use crate::endpoint::Endpoint;
use crate::files::Files;
use crate::issue::Issuer;
use crate::kept::Kept;
use crate::keys::Keys;
use crate::machine::Machine;
use crate::renewals::Renewals;

/// Inputs that may wait for the loop; who sends more waits.
const MOST_INPUTS: usize = 1024;
/// Another agent that holds the lock can be connected to within this time.
const PATIENCE_FOR_OTHER: Duration = Duration::from_secs(5);
/// Replies that are on their way when the agent leaves are written within this time.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What must not be left half-way when the agent leaves is done within this time: AWS answers within two seconds.
const LAST_ACTS: Duration = Duration::from_secs(3);
/// The file of the sealed store, in the state folder.
const SEALED_STORE: &str = "sealed-credentials";

fn main() -> ExitCode {
    if std::env::args()
        .nth(1)
        .is_some_and(|argument| argument == "--version")
    {
        say(concat!("sandglass-agent ", env!("CARGO_PKG_VERSION")));
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line: whoever started the agent shows it.
            say(&format!("{error:#}").replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    leave_the_starter_s_terminal();
    let place = Place::of_this_process()?;
    place.prepare()?;
    let Turn::Ours(_lock) = take_turn(&place)? else {
        say(client::READY);
        return Ok(());
    };
    let paths = Paths::from_process()?;
    log::start(&paths)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    runtime.block_on(serve(&place, paths))?;
    // What still waits for a keychain or a file is not waited for.
    runtime.shutdown_background();
    Ok(())
}

async fn serve(place: &Place, paths: Paths) -> anyhow::Result<()> {
    let listener = server::listen(place)
        .with_context(|| format!("failed to listen at `{}`", place.socket().display()))?;
    let (inputs, received) = mpsc::channel(MOST_INPUTS);
    let vault = Vault::open();
    let aws = Aws::new(
        ConfigFiles {
            config: paths.config.clone(),
            credentials: paths.credentials.clone(),
        },
        Arc::new(clock::local),
    );
    let aws_clock = aws.clock().clone();
    let kept = Arc::new(Kept::new(SealedStore::open(
        paths.state.join(SEALED_STORE),
        &vault,
    )));
    let machine = Arc::new(Machine::new(aws.clone(), inputs.clone()));
    let keys = Arc::new(Keys::new(vault.clone()));
    let files = Arc::new(Files::new(
        paths.clone(),
        vault,
        Arc::clone(&kept),
        Arc::clone(&keys),
        machine,
    ));
    let (busy, mut all_done) = mpsc::channel(1);
    let issuer = Arc::new(Issuer {
        aws,
        writer: Writer::new(&paths),
        paths: paths.clone(),
        kept,
        keys,
        inputs: inputs.clone(),
        _busy: busy,
    });
    let _watcher = watch::start(&paths, inputs.clone());
    #[cfg(target_os = "linux")]
    let _logind = logind::start(inputs.clone());
    let endpoint = Endpoint::start(place.folder(), &paths, inputs.clone()).await;
    let renewals = Renewals::new(issuer);
    let agent = Agent::new(renewals, files, endpoint, aws_clock, inputs.clone());
    let (open, mut all_closed) = mpsc::channel(1);
    let serving = tokio::spawn(server::serve(
        listener,
        environment::of_this_process(),
        inputs,
        open,
    ));
    let signal = signal();
    say(client::READY);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the agent is ready");
    let ended = agent.run(received, signal).await;
    tracing::info!(?ended, "the agent leaves");
    serving.abort();
    // With the loop went every outbox: conversations end once their last replies are written.
    let _ = tokio::time::timeout(LAST_WORDS, all_closed.recv()).await;
    // A token that AWS has just replaced reaches the disk.
    let _ = tokio::time::timeout(LAST_ACTS, all_done.recv()).await;
    Ok(())
}

/// Who is the agent.
enum Turn {
    /// This process, for as long as it holds this lock.
    Ours(File),
    /// Another one, which can be connected to.
    Others,
}

/// There is one agent for one user: the one that holds the lock. Another one that holds it either listens soon, or is
/// on its way out.
fn take_turn(place: &Place) -> anyhow::Result<Turn> {
    const PAUSE: Duration = Duration::from_millis(10);
    let path = place.lock();
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("failed to open `{}`", path.display()))?;
    for _ in 0..PATIENCE_FOR_OTHER.as_millis() / PAUSE.as_millis() {
        match lock.try_lock() {
            Ok(()) => return Ok(Turn::Ours(lock)),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("failed to lock `{}`", path.display()));
            }
        }
        match Client::connect(place, "sandglass-agent") {
            Err(client::Error::NotRunning(_)) => std::thread::sleep(PAUSE),
            Ok(_) | Err(_) => return Ok(Turn::Others),
        }
    }
    bail!(
        "another agent holds the lock `{}` and does not listen; end it and try again",
        path.display()
    )
}

/// Its first and only line on standard output. Whoever started it may be gone.
fn say(line: &str) {
    let mut stdout = std::io::stdout();
    let _ = writeln!(stdout, "{line}");
    let _ = stdout.flush();
}

/// The terminal in which it happened to be started may close, and Ctrl-C there means the program that runs there.
#[cfg(unix)]
fn leave_the_starter_s_terminal() {
    // Fails where this process leads a group already: our own programs start it in one, and so do services and shells.
    let _ = rustix::process::setsid();
}

#[cfg(windows)]
fn leave_the_starter_s_terminal() {}

/// Ends when the system asks this process to end. From the call on: who hears `ready` may ask.
#[cfg(unix)]
fn signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    );
    async {
        let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

#[cfg(windows)]
async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
