//! The programs that a journey starts, and where ours are found.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::wait;

/// How long a program may take to leave after it was asked to.
const FAREWELL: Duration = Duration::from_secs(5);

/// The path of one of our own programs, such as `sandglass-tray`: in the folder that
/// `SANDGLASS_BIN` names, else beside the running test.
pub fn path(name: &str) -> Result<PathBuf> {
    let path = folder()?.join(name);
    if !path.is_file() {
        bail!(
            "there is no `{}`: `./dev test` builds it, or set `SANDGLASS_BIN` to the folder that has it",
            path.display()
        );
    }
    Ok(path)
}

/// The folder of our own programs.
pub fn folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("SANDGLASS_BIN") {
        return Ok(PathBuf::from(folder));
    }
    let own = std::env::current_exe().context("failed to find the running program")?;
    let folder = own.parent().context("the running program has no folder")?;
    Ok(match folder.parent() {
        Some(profile) if folder.ends_with("deps") => profile.to_path_buf(),
        _ => folder.to_path_buf(),
    })
}

/// A running program. Dropping it ends it, by its pid, and waits until it is gone.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts `command`; what it says goes to `<name>.log` in `logs`.
    pub fn start(name: &str, command: &mut Command, logs: &Path) -> Result<Self> {
        let log = logs.join(format!("{name}.log"));
        let output = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .with_context(|| format!("failed to open `{}`", log.display()))?;
        let child = command
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("failed to start `{}`", command.get_program().display()))?;
        Ok(Self {
            name: name.to_owned(),
            child,
            log,
        })
    }

    /// Starts `command` with `input` as its standard input.
    pub fn start_with_input(
        name: &str,
        command: &mut Command,
        input: &[u8],
        logs: &Path,
    ) -> Result<Self> {
        use std::io::Write as _;
        let mut program = Self::start(name, command.stdin(Stdio::piped()), logs)?;
        let mut pipe = program
            .child
            .stdin
            .take()
            .context("the program has no input")?;
        pipe.write_all(input)
            .with_context(|| format!("failed to write to `{name}`"))?;
        Ok(program)
    }

    /// Types into a program that was started with a pipe for its standard input.
    pub fn type_in(&mut self, input: &[u8]) -> Result<()> {
        use std::io::Write as _;
        let pipe = self
            .child
            .stdin
            .as_mut()
            .context("the program has no input")?;
        pipe.write_all(input)
            .and_then(|()| pipe.flush())
            .with_context(|| format!("failed to write to `{}`", self.name))
    }

    /// The name that it was started with.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it said so far, on both of its outputs.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child
            .try_wait()
            .with_context(|| format!("failed to look after `{}`", self.name))
    }

    /// Waits until it ends by itself.
    pub fn wait(&mut self, patience: Duration) -> Result<ExitStatus> {
        let what = format!("the end of `{}`", self.name);
        wait::try_until(&what, patience, || self.ended())
    }

    /// Ends it with a signal, as a desktop does at logout or a crash does without asking.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).with_context(|| format!("failed to signal `{}`", self.name))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Ok(Some(_)) = self.child.try_wait() {
            return;
        }
        // Both fail only when the program has just gone, which is what they are for.
        let _ = self.signal(Signal::TERM);
        if self.wait(FAREWELL).is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::Home;

    #[test]
    fn a_dropped_program_is_gone() {
        let home = Home::new().expect("a home");
        let mut command = home.environment().command("sleep");
        let program = Program::start("sleep", command.arg("600"), &home.logs()).expect("started");
        let pid = program.pid();
        assert!(Path::new(&format!("/proc/{pid}")).exists());
        drop(program);
        assert!(!Path::new(&format!("/proc/{pid}")).exists());
    }

    #[test]
    fn what_a_program_said_is_kept() {
        let home = Home::new().expect("a home");
        let mut command = home.environment().command("cat");
        let mut program = Program::start_with_input("cat", &mut command, b"hello", &home.logs())
            .expect("started");
        assert!(program.wait(wait::PATIENCE).expect("it ends").success());
        assert_eq!(program.said(), "hello");
        assert!(home.last_words().contains("hello"));
    }

    #[test]
    fn a_program_that_is_not_built_is_named_with_the_remedy() {
        let error = path("sandglass-nonsense").expect_err("no such program");
        assert!(
            error.to_string().contains("`./dev test` builds it"),
            "{error}"
        );
    }
}
