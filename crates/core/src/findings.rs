//! Things on this machine that a person should know of, though work goes on.

use serde::{Deserialize, Serialize};

/// Something that is wrong with a file, a service or a definition, and what to do about it.
///
/// Reading never fails as a whole: what cannot be understood becomes a finding and the rest is used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Finding {
    /// Where: `~/.aws/config:12`, `keychain`, `notifications`.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What the person can do about it.
    pub remedy: String,
}
