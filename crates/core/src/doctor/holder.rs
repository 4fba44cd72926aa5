//! Programs that hold temporary keys in their environment: no renewal reaches them there.

use jiff::Timestamp;

use super::diagnosis::Remedy;
use crate::names::SessionId;

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

    /// What gets it fresh keys. `session` is what a person calls the session that they are of.
    pub fn way_out(&self, session: Option<&str>) -> Remedy {
        Remedy::command(
            "start it again under Sandglass when it can be interrupted",
            format!(
                "sandglass exec {} -- {}",
                session.unwrap_or("PROFILE"),
                self.name
            ),
        )
    }
}
