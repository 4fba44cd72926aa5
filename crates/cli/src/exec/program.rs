//! The program itself: started, sent what this process is sent, waited for.

use std::io;
use std::process::{Command, ExitStatus};

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With this code.
    Code(i32),
    /// By this signal.
    #[cfg(unix)]
    Signal(i32),
}

#[cfg(unix)]
impl From<ExitStatus> for Ended {
    fn from(status: ExitStatus) -> Self {
        use std::os::unix::process::ExitStatusExt as _;
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Code(code),
            (None, Some(signal)) => Self::Signal(signal),
            (None, None) => Self::Code(1),
        }
    }
}

#[cfg(not(unix))]
impl From<ExitStatus> for Ended {
    fn from(status: ExitStatus) -> Self {
        Self::Code(status.code().unwrap_or(1))
    }
}

/// Runs it to its end. What a terminal sends (Ctrl-C, Ctrl-\, Ctrl-Z) reaches the program by itself, since both are in one
/// group; what somebody sends to this process alone is passed on.
#[cfg(unix)]
pub(super) fn run(mut command: Command) -> io::Result<Ended> {
    use std::thread;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
    use signal_hook::iterator::SignalsInfo;
    use signal_hook::iterator::exfiltrator::WithOrigin;

    let mut signals =
        SignalsInfo::<WithOrigin>::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2])?;
    let mut program = command.spawn()?;
    // The secrets that it was given are its own from here on.
    drop(command);
    let pid = rustix::process::Pid::from_child(&program);
    thread::spawn(move || {
        for origin in signals.forever() {
            // Without a sender it is the terminal's, or the system's, and went to the whole group.
            let from_somebody = origin.process.is_some_and(|sender| sender.pid > 0);
            if let Some(signal) = rustix::process::Signal::from_named_raw(origin.signal)
                && from_somebody
            {
                // It may just have ended.
                let _ = rustix::process::kill_process(pid, signal);
            }
        }
    });
    Ok(program.wait()?.into())
}

/// On Windows Ctrl-C reaches every program of the console; this one only waits.
#[cfg(not(unix))]
pub(super) fn run(mut command: Command) -> io::Result<Ended> {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    signal_hook::flag::register(
        signal_hook::consts::SIGINT,
        Arc::new(AtomicBool::new(false)),
    )?;
    Ok(command.status()?.into())
}

impl Ended {
    /// Ends this process as the program ended, so that whoever started it sees no difference.
    pub(crate) fn pass_on(self) -> ! {
        match self {
            Self::Code(code) => std::process::exit(code),
            #[cfg(unix)]
            Self::Signal(signal) => {
                // Gives nothing back for signals that end a process.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
                std::process::exit(128 + signal)
            }
        }
    }
}
