//! `sandglass connect`: a profile whose programs ask Sandglass, and the way back.
//!
//! Within one profile each SDK has an order of its own, and most take keys or a role before a `credential_process`. So
//! what gives credentials leaves the files of AWS, and one line takes its place; what the profile means stays, in
//! `sessions.toml` and in the keychain ([`crate::config`] puts the two together again).
//!
//! Both directions are planned, shown, and carried out as shown, or not at all ([`crate::changes`]).

mod block;
mod lines;
mod meaning;
mod plan;
mod record;
mod undo;

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;

pub use self::plan::connecting;
pub use self::undo::{disconnecting, holds_keys};

/// The setting by which programs ask.
const PROCESS: &str = "credential_process";

fn refused(message: impl Into<String>, remedy: impl Into<String>) -> RenewalError {
    RenewalError::new(ErrorCode::InvalidDefinition, message, remedy)
}

fn unknown(profile: &ProfileName) -> RenewalError {
    RenewalError::new(
        ErrorCode::UnknownProfile,
        format!("there is no profile `{profile}`"),
        "see `~/.aws/config` for the spelling of its name",
    )
}

/// `` `a`, `b` and `c` ``
fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}
