//! Programs that hold temporary keys in their environment: no renewal reaches them there.

use jiff::Timestamp;

use super::diagnosis::Remedy;
use crate::names::SessionId;
use crate::views::words::argument;

/// More programs than these are counted, not named.
const MOST_NAMED: usize = 3;

/// A process with temporary keys in its environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Its program.
    pub name: String,
    /// When it started (UTC).
    pub since: Timestamp,
    /// The last four characters of the access key id.
    pub key: String,
    /// When the keys end (UTC), where that is known.
    pub ends_at: Option<Timestamp>,
    /// The session that they are of, where that is known.
    pub session: Option<SessionId>,
}

impl Holder {
    /// `terraform (pid 4242)`.
    pub fn called(&self) -> String {
        format!("{} (pid {})", self.name, self.pid)
    }

    /// What gets such a program fresh keys: how it was started only the person knows. `session` is what a person calls the
    /// session that its keys are of.
    pub fn way_out(session: Option<&str>) -> Remedy {
        Remedy::command(
            "start it again under Sandglass when it can be interrupted",
            format!(
                "sandglass exec {} -- PROGRAM",
                argument(session.unwrap_or("PROFILE"), "PROFILE")
            ),
        )
    }
}

/// `a`, `a and b`, `a, b and 4 more`.
pub fn listed(names: &[impl AsRef<str>]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [all @ .., last] if names.len() <= MOST_NAMED => format!("{} and {last}", all.join(", ")),
        _ => format!(
            "{} and {} more",
            names[..MOST_NAMED - 1].join(", "),
            names.len() - (MOST_NAMED - 1)
        ),
    }
}
