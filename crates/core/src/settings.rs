//! What a person set: lead times and quiet hours (`settings.toml`, described in `docs/settings.md`).

use std::collections::BTreeMap;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::lifetimes::{FIRST_LEAD, LAST_LEAD};
use crate::names::SessionId;

/// All settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Lead times where nothing else is set for a session.
    pub leads: Leads,
    /// Lead times of single sessions.
    pub of_sessions: BTreeMap<SessionId, Leads>,
    /// When notices are held back, every day.
    pub quiet_hours: Option<QuietHours>,
}

/// How long before the end a person is told. Short lives are told later: within a quarter, and a twelfth, of the life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leads {
    /// For the first time.
    pub first: SignedDuration,
    /// For the last time.
    pub last: SignedDuration,
}

impl Default for Leads {
    fn default() -> Self {
        Self {
            first: FIRST_LEAD,
            last: LAST_LEAD,
        }
    }
}

/// A span of the day, by the wall clock; past midnight where it ends before it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// From then on nothing is shown.
    pub from: Time,
    /// From then on it is.
    pub until: Time,
}

impl Settings {
    /// The lead times of a session.
    pub fn leads_of(&self, session: &SessionId) -> Leads {
        self.of_sessions.get(session).copied().unwrap_or(self.leads)
    }
}

impl QuietHours {
    /// Whether they are on at this moment.
    pub fn cover(&self, now: Timestamp, zone: &TimeZone) -> bool {
        let time = zone.to_datetime(now).time();
        if self.from <= self.until {
            self.from <= time && time < self.until
        } else {
            self.from <= time || time < self.until
        }
    }
}
