//! What `sandglass status --json` prints: version 1 of a documented shape (`docs/status-json.md`).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::engine::{Engine, Tracked};
use crate::error::RenewalError;
use crate::findings::Finding;
use crate::lifetimes::KnownBy;
use crate::names::{AccountId, ProfileName, SessionId};
use crate::session::{Allowed, DurationLimit, Needs, Place};
use crate::views::panel::trouble;
use crate::views::{findings, in_order};

/// The version of this shape. Fields may be added within a version, never changed or removed.
pub const VERSION: u32 = 1;

/// All sessions of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// [`VERSION`].
    pub version: u32,
    /// The moment that it is true of, by AWS's clock: RFC 3339 in UTC. Time left is reckoned from it.
    #[serde(serialize_with = "whole_seconds::of_moment")]
    pub told_at: Timestamp,
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
    /// The word of [`crate::session::Renewal::word`].
    pub kind: String,
    /// The profile that uses it; null for an Identity Center sign-in.
    pub profile: Option<ProfileName>,
    /// The profile, or the name of the sso-session.
    pub name: String,
    /// The account, where it is known.
    pub account: Option<AccountId>,
    /// The role, where there is one.
    pub role: Option<String>,
    /// The word of [`crate::session::State::word`].
    pub state: String,
    /// RFC 3339 in UTC; null where nothing was issued, and for what never ends.
    #[serde(with = "whole_seconds")]
    pub ends_at: Option<Timestamp>,
    /// Who says when it ends.
    pub end_known_by: Option<KnownBy>,
    /// When AWS was last asked whether it accepts the credentials, and did. The end is a reckoning then.
    #[serde(with = "whole_seconds")]
    pub accepted_at: Option<Timestamp>,
    /// For a sign-in that renews itself: the end of the portal session or chain that it does so in.
    #[serde(with = "whole_seconds")]
    pub renews_until: Option<Timestamp>,
    /// Who says so.
    pub renews_until_known_by: Option<KnownBy>,
    /// For keys that never end: when they were first seen.
    #[serde(with = "whole_seconds")]
    pub first_seen_at: Option<Timestamp>,
    /// What a renewal needs: `nothing`, `code`, `browser` or `elsewhere`.
    pub needs: String,
    /// What to do elsewhere, where that is what it needs.
    pub instruction: Option<String>,
    /// Present where AWS gives less than the configuration asks for.
    pub shortened: Option<Shortened>,
    /// Where the credentials lie, and which profiles use them.
    pub where_used: Vec<Place>,
    /// Why it does not work, where it does not.
    pub last_error: Option<RenewalError>,
}

/// A duration that AWS shortened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortened {
    /// `duration_seconds` of the profile.
    pub asked_seconds: i64,
    /// The longest that AWS gave.
    pub granted_seconds: i64,
    /// Whose limit it is.
    pub limit: DurationLimit,
}

impl From<Allowed> for Shortened {
    fn from(allowed: Allowed) -> Self {
        Self {
            asked_seconds: allowed.asked.as_secs(),
            granted_seconds: allowed.granted.as_secs(),
            limit: allowed.limit,
        }
    }
}

/// The status at this moment.
pub fn status(engine: &Engine, now: Timestamp) -> Status {
    Status {
        version: VERSION,
        told_at: now,
        sessions: in_order(engine)
            .into_iter()
            .map(|session| session_status(engine, session, now))
            .collect(),
        findings: findings(engine),
    }
}

fn session_status(engine: &Engine, session: &Tracked, now: Timestamp) -> SessionStatus {
    let definition = &session.definition;
    let end = session.state.end();
    let needs = engine.needs(session, now);
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
        accepted_at: session.accepted_at,
        renews_until: session.whole.map(|whole| whole.at),
        renews_until_known_by: session.whole.map(|whole| whole.known_by),
        first_seen_at: session.state.lasting_since(),
        needs: needs.word().to_owned(),
        instruction: match needs {
            Needs::Elsewhere(instruction) => Some(instruction),
            Needs::Nothing | Needs::Code(_) | Needs::Browser(_) => None,
        },
        shortened: definition.renewal.allowed().map(Shortened::from),
        where_used: session.used_in.clone(),
        last_error: trouble(session).cloned(),
    }
}

/// Whole seconds and `Z`: what every parser of RFC 3339 in the AWS SDKs accepts.
pub(crate) mod whole_seconds {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn of_moment<S: Serializer>(
        at: &Timestamp,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    }

    #[expect(
        clippy::ref_option,
        reason = "serde's `with` hands out a reference to the field"
    )]
    pub(super) fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => of_moment(at, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Option::<Timestamp>::deserialize(deserializer)
    }
}
