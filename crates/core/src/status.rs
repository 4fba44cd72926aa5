//! What `sandglass status --json` prints: version 1 of a documented shape (`docs/status-json.md`).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::engine::{Engine, Tracked};
use crate::error::RenewalError;
use crate::findings::Finding;
use crate::lifetimes::KnownBy;
use crate::names::{AccountId, ProfileName, SessionId};
use crate::views::in_order;
use crate::views::panel::trouble;

/// The version of this shape. Fields may be added within a version, never changed or removed.
pub const VERSION: u32 = 1;

/// All sessions of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// [`VERSION`].
    pub version: u32,
    /// Soonest end first.
    pub sessions: Vec<SessionStatus>,
    /// What is wrong with files or services.
    pub findings: Vec<Finding>,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionStatus {
    /// Stable across restarts.
    pub id: SessionId,
    /// `role`, `session_token`, `sso_sign_in`, `sso_role`.
    pub kind: String,
    /// The profile that uses it; null for an Identity Center sign-in.
    pub profile: Option<ProfileName>,
    /// The profile, or the name of the sso-session.
    pub name: String,
    /// The account, where it is known.
    pub account: Option<AccountId>,
    /// The role, where there is one.
    pub role: Option<String>,
    /// `unknown`, `valid`, `due`, `expired`, `renewing`, `waiting_for_you`, `waiting_for_network` or `broken`.
    pub state: String,
    /// RFC 3339 in UTC; null where nothing was issued.
    #[serde(with = "whole_seconds")]
    pub ends_at: Option<Timestamp>,
    /// Who says when it ends.
    pub end_known_by: Option<KnownBy>,
    /// What a renewal needs: `nothing`, `code` or `browser`.
    pub needs: String,
    /// Why it does not work, where it does not.
    pub last_error: Option<RenewalError>,
}

/// The status at this moment.
pub fn status(engine: &Engine, now: Timestamp) -> Status {
    Status {
        version: VERSION,
        sessions: in_order(engine)
            .into_iter()
            .map(|session| session_status(engine, session, now))
            .collect(),
        findings: engine.findings().to_vec(),
    }
}

fn session_status(engine: &Engine, session: &Tracked, now: Timestamp) -> SessionStatus {
    let definition = &session.definition;
    let end = session.state.end();
    SessionStatus {
        id: definition.id.clone(),
        kind: definition.renewal.word().to_owned(),
        profile: definition.profile.clone(),
        name: definition.name.clone(),
        account: definition.renewal.account(),
        role: definition.renewal.role_name().map(str::to_owned),
        state: session.state.word().to_owned(),
        ends_at: end.map(|end| end.at),
        end_known_by: end.map(|end| end.known_by),
        needs: engine.needs(session, now).word().to_owned(),
        last_error: trouble(session).cloned(),
    }
}

/// Whole seconds and `Z`: what every parser of RFC 3339 in the AWS SDKs accepts.
mod whole_seconds {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(
        clippy::ref_option,
        reason = "serde's `with` hands out a reference to the field"
    )]
    pub(super) fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => serializer.collect_str(&at.strftime("%Y-%m-%dT%H:%M:%SZ")),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Option::<Timestamp>::deserialize(deserializer)
    }
}
