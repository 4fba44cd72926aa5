//! The client side of a connection: blocking, without a runtime, because the CLI must start in a millisecond.

use std::io::{self, BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use interprocess::local_socket::Stream;
use interprocess::local_socket::traits::Stream as _;

use crate::environment;
use crate::frame;
use crate::message::{Greeting, Hello, Reply, Request, VERSION};
use crate::peer;
use crate::place::{self, Place};

/// The first line that a starting agent prints once it can be connected to, or once another one can.
pub const READY: &str = "ready";
/// An agent that works answers a greeting within milliseconds.
const PATIENCE_FOR_GREETING: Duration = Duration::from_secs(10);

/// A connection to the agent, after the greeting. Clones share it, so that one thread may read while another writes.
#[derive(Clone)]
pub struct Client {
    stream: Arc<Stream>,
}

/// Why the agent cannot be talked to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no place for a socket.
    #[error(transparent)]
    Place(#[from] place::Error),
    /// No agent listens.
    #[error("no agent is running")]
    NotRunning(#[source] io::Error),
    /// An agent may listen, but this process cannot connect to it.
    #[error("the agent cannot be reached")]
    Unreachable(#[source] io::Error),
    /// Something listens and does not answer.
    #[error("the agent does not answer")]
    Silent,
    /// The agent works on it, and the caller cannot wait any longer.
    #[error("there was no answer in time")]
    OutOfPatience,
    /// Something listens that does not belong to this user.
    #[error("the agent's socket `{0}` belongs to another user")]
    Stranger(PathBuf),
    /// The agent's program could not be started.
    #[error("the agent could not be started from `{program}`")]
    Start {
        /// Where it was looked for.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The agent started and gave up.
    #[error("the agent could not start: {0}")]
    GaveUp(String),
    /// The agent is of another version.
    #[error(
        "the running agent speaks version {agent} of the protocol, this program version {VERSION}"
    )]
    OtherVersion {
        /// The agent's.
        agent: u32,
    },
    /// The agent was started with other settings.
    #[error("the running agent was started with other settings: {}", .0.join("; "))]
    OtherEnvironment(Vec<String>),
    /// The connection broke or carried nonsense.
    #[error(transparent)]
    Frame(#[from] frame::Error),
}

impl Error {
    /// What a person can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Place(_) => "set XDG_RUNTIME_DIR to a short folder of your own",
            Self::NotRunning(_) => "start it with any `sandglass` command, or open Sandglass",
            Self::Unreachable(_) => "look at the rights of the folder of the socket",
            Self::Silent => {
                "end the process `sandglass-agent`; the next command starts another one"
            }
            Self::OutOfPatience => "look whether Sandglass asks you for something, then try again",
            Self::Stranger(_) => {
                "look who owns the folder of the socket; Sandglass does not trust it"
            }
            Self::Start { .. } => {
                "install `sandglass-agent` beside this program or in a folder of PATH"
            }
            Self::GaveUp(_) => "the message says what to change",
            Self::OtherVersion { .. } => {
                "run `sandglass quit`, so that the next command starts the agent of this version"
            }
            Self::OtherEnvironment(_) => {
                "unset these variables here, or run `sandglass quit` to start an agent with them"
            }
            Self::Frame(_) => "try again; if it stays, look into the agent's log",
        }
    }
}

impl Client {
    /// Connects to the agent that runs.
    pub fn connect(place: &Place, program: &str) -> Result<Self, Error> {
        let client = Self::reach(place)?;
        client.greet(program)?;
        Ok(client)
    }

    /// Connects, asks, and gives the first reply: one round trip, for programs that are started a thousand times. Starts
    /// the agent first where none runs.
    pub fn ask(
        place: &Place,
        caller: &Caller,
        request: &Request,
        patience: Duration,
    ) -> Result<(Self, Reply), Error> {
        match Self::ask_the_one_that_runs(place, caller, request, patience) {
            Err(Error::NotRunning(_)) => {
                start_agent()?;
                Self::ask_the_one_that_runs(place, caller, request, patience)
            }
            asked => asked,
        }
    }

    fn ask_the_one_that_runs(
        place: &Place,
        caller: &Caller,
        request: &Request,
        patience: Duration,
    ) -> Result<(Self, Reply), Error> {
        let client = Self::reach(place)?;
        let mut both = frame::encode(&hello(caller))?;
        both.extend_from_slice(&frame::encode(request)?);
        let _ = client.stream.set_recv_timeout(Some(PATIENCE_FOR_GREETING));
        (&*client.stream)
            .write_all(&both)
            .map_err(Error::NotRunning)?;
        client.read_greeting()?;
        let _ = client.stream.set_recv_timeout(Some(patience));
        let reply = match client.receive() {
            Err(Error::Frame(frame::Error::Io(error))) if is_timeout(&error) => {
                return Err(Error::OutOfPatience);
            }
            reply => reply?,
        };
        let _ = client.stream.set_recv_timeout(None);
        Ok((client, reply))
    }

    /// Asks the agent that runs to leave, whatever its version and settings. Returns once it is gone.
    pub fn quit(place: &Place, program: &str) -> Result<(), Error> {
        let client = Self::reach(place)?;
        match client.greet(program) {
            Ok(()) | Err(Error::OtherVersion { .. } | Error::OtherEnvironment(_)) => {}
            Err(error) => return Err(error),
        }
        client.send(&Request::Quit)?;
        // The agent answers what is still open and then closes the connection.
        while client.receive().is_ok() {}
        Ok(())
    }

    fn reach(place: &Place) -> Result<Self, Error> {
        let name = place.name().map_err(Error::Unreachable)?;
        let stream = Stream::connect(name).map_err(not_reached)?;
        if !peer::is_same_user(&stream) {
            return Err(Error::Stranger(place.socket()));
        }
        Ok(Self {
            stream: Arc::new(stream),
        })
    }

    /// Connects, and starts the agent first where none runs.
    pub fn connect_or_start(place: &Place, program: &str) -> Result<Self, Error> {
        match Self::connect(place, program) {
            Err(Error::NotRunning(_)) => {
                start_agent()?;
                Self::connect(place, program)
            }
            connected_or_refused => connected_or_refused,
        }
    }

    /// Sends one request.
    pub fn send(&self, request: &Request) -> Result<(), Error> {
        frame::write(&mut &*self.stream, request)?;
        Ok(())
    }

    /// Waits for the next reply.
    pub fn receive(&self) -> Result<Reply, Error> {
        Ok(frame::read(&mut &*self.stream)?)
    }

    fn greet(&self, program: &str) -> Result<(), Error> {
        // Where the system knows no deadline for a pipe, an agent that hangs is waited for.
        let _ = self.stream.set_recv_timeout(Some(PATIENCE_FOR_GREETING));
        let greeted = self.exchange_greetings(program);
        let _ = self.stream.set_recv_timeout(None);
        greeted
    }

    fn exchange_greetings(&self, program: &str) -> Result<(), Error> {
        let caller = Caller::this_process(program);
        frame::write(&mut &*self.stream, &hello(&caller)).map_err(broken)?;
        self.read_greeting()
    }

    fn read_greeting(&self) -> Result<(), Error> {
        match frame::read(&mut &*self.stream).map_err(broken)? {
            Greeting::Welcome { .. } => Ok(()),
            Greeting::OtherVersion { version } => Err(Error::OtherVersion { agent: version }),
            Greeting::OtherEnvironment { differences } => Err(Error::OtherEnvironment(differences)),
        }
    }
}

/// Who calls, for the words of prompts only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// `terraform`
    pub program: String,
    /// Its process.
    pub pid: u32,
}

impl Caller {
    /// This process, under this name.
    pub fn this_process(program: &str) -> Self {
        Self {
            program: program.to_owned(),
            pid: std::process::id(),
        }
    }
}

fn hello(caller: &Caller) -> Hello {
    Hello {
        version: VERSION,
        program: caller.program.clone(),
        pid: caller.pid,
        environment: environment::of_this_process(),
    }
}

/// An agent that breaks off before its greeting is on its way out: as good as none.
fn broken(error: frame::Error) -> Error {
    match error {
        frame::Error::Io(error) if is_timeout(&error) => Error::Silent,
        frame::Error::Io(error) => Error::NotRunning(error),
        frame::Error::TooLong(_) | frame::Error::Garbled(_) => Error::Frame(error),
    }
}

/// Only these say that nobody listens; anything else would hide a fault behind a second agent.
fn not_reached(error: io::Error) -> Error {
    use io::ErrorKind::{ConnectionRefused, ConnectionReset, NotFound};
    if matches!(error.kind(), NotFound | ConnectionRefused | ConnectionReset) {
        Error::NotRunning(error)
    } else {
        Error::Unreachable(error)
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

/// Starts the agent and waits until it, or another one, can be connected to. It outlives this process.
fn start_agent() -> Result<(), Error> {
    let program = beside_this_program("sandglass-agent");
    let failed = |source| Error::Start {
        program: program.clone(),
        source,
    };
    let mut agent = detached(&program)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let mut line = String::new();
    if let Some(stdout) = agent.stdout.take() {
        BufReader::new(stdout)
            .read_line(&mut line)
            .map_err(failed)?;
    }
    // Whoever lives longer than the agent must collect it when it ends.
    std::thread::spawn(move || agent.wait());
    match line.trim_end() {
        READY => Ok(()),
        "" => Err(Error::GaveUp("it ended without a word".to_owned())),
        reason => Err(Error::GaveUp(reason.to_owned())),
    }
}

/// A command for a program that is to outlive the terminal that it is started in.
pub fn detached(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, own) in environment::without_exec(|name| std::env::var(name).ok()) {
        match own {
            Some(own) => command.env(name, own),
            None => command.env_remove(name),
        };
    }
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        // A group of its own: Ctrl-C in the terminal is not meant for it.
        command.process_group(0);
    }
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt as _;
        // CREATE_NEW_PROCESS_GROUP and CREATE_NO_WINDOW (Win32, process creation flags).
        command.creation_flags(0x0000_0200 | 0x0800_0000);
    }
    command
}

/// A program of Sandglass: beside the one that runs, where an installation puts them all, else found in `PATH`.
pub fn beside_this_program(name: &str) -> PathBuf {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::current_exe()
        .ok()
        .map(|program| program.with_file_name(&file))
        .filter(|program| program.is_file())
        .unwrap_or_else(|| PathBuf::from(file))
}

#[cfg(test)]
mod tests;
