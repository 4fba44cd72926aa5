//! Runs a `credential_process` as botocore does: without a shell, its output one JSON object.
//!
//! Neither the command line, which may hold secrets, nor what the process says is logged. What it says on standard error
//! is told to the person who asked, shortened, and without what looks like a secret: it is shown in windows and lists.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use jiff::Timestamp;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::AccountId;
use sandglass_core::secret::{Credentials, Secret};
use sandglass_profiles::moment;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use zeroize::Zeroizing;

mod words;

use family::Family;

/// A process may ask a person something of its own; after this time nobody is there.
const PATIENCE: Duration = Duration::from_mins(1);
/// A credentials document is a few kilobytes; more than this (bytes) is none.
const MOST_OUTPUT: usize = 1024 * 1024;
/// What is kept of standard error, in characters.
const MOST_TOLD: usize = 300;
/// Secret access keys have so many characters, and tokens more.
const SECRET: usize = 40;
/// The version of the document (AWS SDKs and Tools Reference Guide, process credential provider).
const VERSION: u32 = 1;

/// What a process gave.
pub(crate) struct Provided {
    /// They carry their end, where the process told one.
    pub(crate) credentials: Credentials,
    /// The account that they are for, where the process told it.
    pub(crate) account: Option<AccountId>,
}

/// Runs the command line of a session, which has this name, and takes in what it gives.
pub(crate) async fn run(
    name: &str,
    command: &str,
    now: Timestamp,
) -> Result<Provided, RenewalError> {
    run_within(name, command, now, PATIENCE).await
}

async fn run_within(
    name: &str,
    command: &str,
    now: Timestamp,
    patience: Duration,
) -> Result<Provided, RenewalError> {
    let words = words::split(command).map_err(|error| {
        RenewalError::new(
            ErrorCode::InvalidDefinition,
            format!("the `credential_process` of `{name}` cannot be taken apart: {error}"),
            format!("correct `credential_process` of profile `{name}`"),
        )
    })?;
    let Some((program, arguments)) = words.split_first() else {
        return Err(RenewalError::new(
            ErrorCode::InvalidDefinition,
            format!("the `credential_process` of `{name}` is empty"),
            format!("name a program there, or remove the setting from profile `{name}`"),
        ));
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    family::found(&mut command);
    let child = command.spawn().map_err(|error| {
        RenewalError::new(
            ErrorCode::InvalidDefinition,
            format!("the credential process of `{name}` could not be started: {error}"),
            format!("see that the program which `credential_process` of profile `{name}` names is installed, and in \
                     the `PATH` that Sandglass was started with"),
        )
    })?;
    let family = Family::led_by(&child);
    let ended = tokio::time::timeout(patience, communicate(child)).await;
    let Ok(ended) = ended else {
        return Err(RenewalError::new(
            ErrorCode::SourceInvalid,
            format!(
                "the credential process of `{name}` did not end within {} seconds",
                patience.as_secs()
            ),
            "run it in a terminal: it may be waiting for an answer that only a terminal can give",
        ));
    };
    family.release();
    let ended = ended.map_err(|error| {
        RenewalError::new(
            ErrorCode::SourceInvalid,
            format!("the credential process of `{name}` could not be listened to: {error}"),
            "try again",
        )
    })?;
    understand(name, &ended, now)
}

/// How a process ended, and what it said.
struct Ended {
    status: ExitStatus,
    output: Zeroizing<Vec<u8>>,
    errors: Zeroizing<Vec<u8>>,
}

async fn communicate(mut child: Child) -> std::io::Result<Ended> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (output, errors) = tokio::try_join!(read(stdout), read(stderr))?;
    Ok(Ended {
        status: child.wait().await?,
        output,
        errors,
    })
}

/// All that comes, of which one byte more than is wanted is kept. A process that nobody reads would never end.
async fn read(stream: Option<impl AsyncRead + Unpin>) -> std::io::Result<Zeroizing<Vec<u8>>> {
    // It never grows: growing leaves copies behind.
    let mut kept = Zeroizing::new(Vec::with_capacity(MOST_OUTPUT + 1));
    let Some(mut stream) = stream else {
        return Ok(kept);
    };
    let mut piece = Zeroizing::new(vec![0; 8 * 1024]);
    loop {
        let length = stream.read(&mut piece).await?;
        if length == 0 {
            return Ok(kept);
        }
        let room = MOST_OUTPUT + 1 - kept.len();
        kept.extend_from_slice(&piece[..length.min(room)]);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    version: serde_json::Value,
    access_key_id: Option<String>,
    secret_access_key: Option<Zeroizing<String>>,
    session_token: Option<Zeroizing<String>>,
    expiration: Option<String>,
    account_id: Option<String>,
}

fn understand(name: &str, ended: &Ended, now: Timestamp) -> Result<Provided, RenewalError> {
    if !ended.status.success() {
        let told = shortened(&ended.errors);
        let told = if told.is_empty() {
            "without a word".to_owned()
        } else {
            format!("saying: {told}")
        };
        return Err(RenewalError::new(
            ErrorCode::SourceInvalid,
            format!(
                "the credential process of `{name}` failed ({}), {told}",
                ended.status
            ),
            "do what it says, or run it in a terminal",
        ));
    }
    let unusable = |why: &str| {
        RenewalError::new(
            ErrorCode::InvalidDefinition,
            format!("the credential process of `{name}` gave no credentials: {why}"),
            format!(
                "see that the program which `credential_process` of profile `{name}` names is the right one"
            ),
        )
    };
    if ended.output.len() > MOST_OUTPUT {
        return Err(unusable("its output is longer than 1 MiB"));
    }
    // The words of the parser may quote what it read.
    let document: Document = serde_json::from_slice(&ended.output)
        .map_err(|_| unusable("its output is not the JSON document that AWS describes"))?;
    if document.version != VERSION {
        return Err(unusable("the `Version` of its output is not 1"));
    }
    let (Some(access_key_id), Some(key)) = (document.access_key_id, document.secret_access_key)
    else {
        return Err(unusable(
            "its output lacks `AccessKeyId` or `SecretAccessKey`",
        ));
    };
    let expires_at = match document.expiration {
        None => None,
        Some(text) => Some(
            moment::parse(&text)
                .ok_or_else(|| unusable("the `Expiration` in its output is no time"))?,
        ),
    };
    if expires_at.is_some_and(|end| end <= now) {
        return Err(RenewalError::new(
            ErrorCode::SourceInvalid,
            format!("the credential process of `{name}` gave credentials that have ended already"),
            "sign in anew with the tool that the process belongs to",
        ));
    }
    Ok(Provided {
        credentials: Credentials {
            access_key_id,
            secret_access_key: secret(key),
            session_token: document.session_token.map(secret),
            expires_at,
        },
        account: document.account_id.map(AccountId::new),
    })
}

/// The text itself changes hands, so that no copy stays behind.
fn secret(mut text: Zeroizing<String>) -> Secret {
    Secret::new(std::mem::take(&mut *text))
}

/// The beginning of what a process said, on one line.
fn shortened(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let text = without_secrets(&text);
    let line = text
        .split(|character: char| character.is_whitespace() || character.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    match line.char_indices().nth(MOST_TOLD) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Programs that are told to say more sometimes say all.
fn without_secrets(text: &str) -> Zeroizing<String> {
    let is_of_token = |character: char| {
        character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '=' | '-' | '_')
    };
    let mut kept = Zeroizing::new(String::with_capacity(text.len()));
    for piece in text.split_inclusive(|character: char| !is_of_token(character)) {
        let token = piece.trim_end_matches(|character: char| !is_of_token(character));
        let has = |kind: fn(&u8) -> bool| token.as_bytes().iter().any(kind);
        let is_mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
        if token.len() >= SECRET && is_mixed && has(u8::is_ascii_digit) {
            kept.push_str("[hidden]");
            kept.push_str(&piece[token.len()..]);
        } else {
            kept.push_str(piece);
        }
    }
    kept
}

/// The process and those that it started: where nobody waits any more, they end together.
#[cfg(unix)]
mod family {
    use rustix::process::{Pid, Signal, kill_process_group};
    use tokio::process::{Child, Command};

    pub(super) struct Family(Option<Pid>);

    /// To be called before it starts.
    pub(super) fn found(command: &mut Command) {
        command.process_group(0);
    }

    impl Family {
        pub(super) fn led_by(child: &Child) -> Self {
            let id = child.id().and_then(|id| i32::try_from(id).ok());
            Self(id.and_then(Pid::from_raw))
        }

        /// Its leader has ended by itself, and its number may be somebody else's soon.
        pub(super) fn release(mut self) {
            self.0 = None;
        }
    }

    impl Drop for Family {
        fn drop(&mut self) {
            if let Some(leader) = self.0 {
                // They may have ended by themselves.
                let _ = kill_process_group(leader, Signal::KILL);
            }
        }
    }
}

/// The process alone: it ends with its handle.
#[cfg(windows)]
mod family {
    use tokio::process::{Child, Command};

    pub(super) struct Family;

    pub(super) fn found(_command: &mut Command) {}

    impl Family {
        pub(super) fn led_by(_child: &Child) -> Self {
            Self
        }

        pub(super) fn release(self) {}
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests;
