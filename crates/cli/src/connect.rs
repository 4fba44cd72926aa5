//! `sandglass connect` and `disconnect`: shown first, then agreed to, then done.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;
use sandglass_protocol::client::Client;
use sandglass_protocol::message::{Reply, Request, Step, Terminal};

use crate::conversation::{self, Failure};
use crate::output;

/// Which way.
pub(crate) enum Direction {
    /// Programs ask Sandglass, by this command line.
    Connect(String),
    /// Programs find the credentials by themselves again.
    Disconnect,
}

/// Who agrees to a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consent {
    /// The person did on the command line.
    Given,
    /// The person is asked, where there is a terminal.
    AskAt(Terminal),
}

/// Shows what would change, asks, and has it done.
pub(crate) fn run(
    client: &Client,
    profile: &ProfileName,
    direction: &Direction,
    consent: Consent,
) -> Result<(), Failure> {
    let request = |step| match direction {
        Direction::Connect(command) => Request::Connect {
            profile: profile.clone(),
            command: command.clone(),
            step,
        },
        Direction::Disconnect => Request::Disconnect {
            profile: profile.clone(),
            step,
        },
    };
    match agreed(client, request, consent)? {
        Answer::Done => Ok(()),
        Answer::Declined => Err(declined().into()),
    }
}

/// The person looked, and said no.
pub(crate) fn declined() -> RenewalError {
    RenewalError::new(
        ErrorCode::Cancelled,
        "nothing was changed",
        "answer `y` to have it done",
    )
}

/// What became of a change that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is made, or there was nothing to do.
    Done,
    /// The person does not want it.
    Declined,
}

/// Shows what this request would change, asks, and has it done.
pub(crate) fn agreed(
    client: &Client,
    request: impl Fn(Step) -> Request,
    consent: Consent,
) -> Result<Answer, Failure> {
    client.send(&request(Step::Show))?;
    let reply = client.receive()?;
    let Reply::Changes(changes) = reply else {
        return conversation::done(reply).map(|()| Answer::Done);
    };
    output::changes(&changes);
    match consent {
        Consent::Given => {}
        Consent::AskAt(Terminal::None) => return Err(nobody_to_ask().into()),
        Consent::AskAt(Terminal::Interactive) => {
            if !is_agreed_to() {
                return Ok(Answer::Declined);
            }
        }
    }
    client.send(&request(Step::CarryOut(changes.fingerprint)))?;
    conversation::done(client.receive()?).map(|()| Answer::Done)
}

fn nobody_to_ask() -> RenewalError {
    RenewalError::new(
        ErrorCode::NobodyToAsk,
        "nothing was changed: this is not a terminal at which you could agree",
        "look at what is shown above, then run the command again with `--yes`",
    )
}

fn is_agreed_to() -> bool {
    output::ask_consent();
    let mut line = String::new();
    let read = io::stdin().read_line(&mut line);
    let answer = line.trim().to_lowercase();
    read.is_ok() && matches!(answer.as_str(), "y" | "yes")
}

/// The command line by which a program asks for the credentials of this profile, as every client splits it.
pub(crate) fn command_for(profile: &ProfileName) -> Result<String, RenewalError> {
    let cannot = |message: String| {
        RenewalError::new(
            ErrorCode::InvalidDefinition,
            message,
            "rename the profile, or move Sandglass to a path without such characters",
        )
    };
    let program = this_program()
        .map_err(|error| cannot(format!("it cannot be told where `sandglass` lies: {error}")))?;
    let program = program
        .to_str()
        .ok_or_else(|| cannot(format!("`{}` is no text", program.display())))?;
    match (quoted(program), quoted(profile.as_str())) {
        (Some(program), Some(profile)) => Ok(format!("{program} credentials --profile {profile}")),
        (_, _) => Err(cannot(format!(
            "`{program}` or `{profile}` holds a character that no command line can"
        ))),
    }
}

/// As the person finds it: a link that stays when a package is replaced goes before the file that it names.
fn this_program() -> io::Result<PathBuf> {
    let running = std::env::current_exe()?;
    Ok(in_search_path(&running, std::env::var_os("PATH").as_deref()).unwrap_or(running))
}

fn in_search_path(running: &Path, folders: Option<&OsStr>) -> Option<PathBuf> {
    let real = running.canonicalize().ok()?;
    let name = running.file_name()?;
    std::env::split_paths(folders?)
        .map(|folder| folder.join(name))
        .find(|found| found.is_absolute() && found.canonicalize().is_ok_and(|found| found == real))
}

/// One word for `sh` and for the SDKs that split the line themselves.
#[cfg(not(windows))]
fn quoted(word: &str) -> Option<String> {
    shlex::try_quote(word)
        .ok()
        .map(std::borrow::Cow::into_owned)
}

/// One word for `cmd.exe` and for the SDKs that split the line themselves.
#[cfg(windows)]
fn quoted(word: &str) -> Option<String> {
    let is_plain = |character: char| character.is_alphanumeric() || "-_.:/\\@+".contains(character);
    let has_meaning = |character: char| character.is_control() || "\"%!^&|<>".contains(character);
    if word.contains(has_meaning) {
        None
    } else if !word.is_empty() && word.chars().all(is_plain) && !word.contains('\\') {
        Some(word.to_owned())
    } else {
        Some(format!("\"{word}\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_search_path_goes_before_the_file_itself() {
        let folder = tempfile::TempDir::new().unwrap();
        let (bin, lib) = (folder.path().join("bin"), folder.path().join("lib"));
        for made in [&bin, &lib] {
            std::fs::create_dir(made).unwrap();
        }
        let file = lib.join("sandglass");
        std::fs::write(&file, "").unwrap();
        let search = std::env::join_paths([folder.path(), &bin]).unwrap();
        assert_eq!(in_search_path(&file, Some(&search)), None);
        std::os::unix::fs::symlink(&file, bin.join("sandglass")).unwrap();
        assert_eq!(
            in_search_path(&file, Some(&search)),
            Some(bin.join("sandglass"))
        );
        assert_eq!(in_search_path(&file, None), None);
    }

    #[cfg(not(windows))]
    #[test]
    fn a_word_stays_one_word() {
        assert_eq!(quoted("dev").as_deref(), Some("dev"));
        assert_eq!(quoted("my dev").as_deref(), Some("'my dev'"));
        assert_eq!(quoted("a\0b"), None);
    }
}
