//! How long sessions live, and how long before their end somebody should act.
//!
//! Sources: STS and IAM Identity Center user guides and API references (tables in `docs/lifetimes.md`).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::settings::Leads;

/// `AssumeRole` when no `DurationSeconds` is asked (STS API reference).
pub const ROLE: SignedDuration = SignedDuration::from_hours(1);
/// `GetSessionToken` of an IAM user when no `DurationSeconds` is asked (STS API reference).
pub const SESSION_TOKEN: SignedDuration = SignedDuration::from_hours(12);
/// An access token of a legacy Identity Center profile; sso-session tokens say their own.
pub const SSO_ACCESS_TOKEN: SignedDuration = SignedDuration::from_hours(8);
/// Default session duration of an Identity Center permission set.
pub const SSO_ROLE: SignedDuration = SignedDuration::from_hours(1);
/// `GetFederationToken` when no `DurationSeconds` is asked (STS API reference).
pub const FEDERATION_TOKEN: SignedDuration = SignedDuration::from_hours(12);
/// Credentials of `aws login`: fixed (Sign-In API reference, `CreateOAuth2Token`).
pub const CONSOLE_LOGIN: SignedDuration = SignedDuration::from_mins(15);
/// A console sign-in renews itself for at most this long (AWS CLI user guide, `aws login`).
pub const CONSOLE_LOGIN_CHAIN: SignedDuration = SignedDuration::from_hours(12);
/// Credentials of an instance or container role, as observed: AWS documents no figure.
pub const METADATA: SignedDuration = SignedDuration::from_hours(6);
/// An Identity Center portal session where the administrator set nothing else (IAM Identity Center user guide).
pub const PORTAL_SESSION: SignedDuration = SignedDuration::from_hours(8);
/// A role assumed with the credentials of another role lives at most this long (IAM user guide, role chaining).
pub const CHAINED_ROLE: SignedDuration = SignedDuration::from_hours(1);
/// No temporary credentials of STS live longer than this (STS API reference, `GetSessionToken`).
pub const LONGEST: SignedDuration = SignedDuration::from_hours(36);

/// The AWS CLI and botocore treat credentials with less than this left as stale, so that silent renewals must be done
/// by then, and people are first told then.
pub const FIRST_LEAD: SignedDuration = SignedDuration::from_mins(15);
/// People are told a second time this long before the end.
pub const LAST_LEAD: SignedDuration = SignedDuration::from_mins(5);
/// Silent renewals of many sessions that end together are spread over this time.
const JITTER_SPAN: SignedDuration = SignedDuration::from_secs(60);

/// How well an end is known. Views never show an estimate as a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum KnownBy {
    /// The issuer said so.
    #[serde(rename = "known")]
    Issuer,
    /// No end stands anywhere: first sight plus the usual lifetime.
    #[serde(rename = "estimated")]
    Estimate,
    /// A call to AWS was refused or accepted.
    #[serde(rename = "probed")]
    Probe,
}

/// When a session ends (UTC), how well that is known, and how long it lives in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// AWS refuses the credentials from this moment on.
    pub at: Timestamp,
    /// Who says so.
    pub known_by: KnownBy,
    /// From issue to end; the usual lifetime of the kind where the issue was not seen.
    pub life: SignedDuration,
}

impl End {
    /// An end that the issuer told, of a session that was issued at `issued`.
    pub fn issued(issued: Timestamp, at: Timestamp) -> Self {
        Self {
            at,
            known_by: KnownBy::Issuer,
            life: at.duration_since(issued),
        }
    }

    /// Whether the session is over.
    pub fn is_past(&self, now: Timestamp) -> bool {
        self.at <= now
    }

    /// When a person is told for the first time: the lead before the end, or a quarter of the life for short ones.
    pub fn first_notice(&self, leads: Leads) -> Timestamp {
        before(self.at, leads.first.min(self.life / 4))
    }

    /// When a person is told for the last time before the end: the lead, or a twelfth of the life.
    pub fn last_notice(&self, leads: Leads) -> Timestamp {
        before(self.at, leads.last.min(self.life / 12))
    }

    /// When a silent renewal starts: the first notice would go out a little later, `seed` says how much.
    ///
    /// The same seed always gives the same moment, so that asking twice cannot move a deadline.
    pub fn silent_renewal(&self, seed: &str) -> Timestamp {
        let lead = (FIRST_LEAD + jitter(seed)).min(self.life / 4);
        before(self.at, lead)
    }
}

fn before(at: Timestamp, lead: SignedDuration) -> Timestamp {
    at.checked_sub(lead.max(SignedDuration::ZERO))
        .unwrap_or(Timestamp::MIN)
}

/// FNV-1a over the seed, folded into [`JITTER_SPAN`]: spreads sessions without a random source.
fn jitter(seed: &str) -> SignedDuration {
    let hash = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let span = JITTER_SPAN.as_secs().unsigned_abs();
    SignedDuration::from_secs((hash % span).cast_signed())
}

/// How long to wait before try number `attempt` (the first retry is 1) of a call that failed for the network's or
/// AWS's own reasons: 5 s, doubling, at most 5 minutes, plus up to a fifth by `seed`.
pub fn backoff(attempt: u32, seed: &str) -> SignedDuration {
    const FIRST: SignedDuration = SignedDuration::from_secs(5);
    const LONGEST: SignedDuration = SignedDuration::from_mins(5);
    let doubled = FIRST
        .checked_mul(1_i32 << attempt.saturating_sub(1).min(10))
        .map_or(LONGEST, |wait| wait.min(LONGEST));
    let spread = doubled.as_millis() / 5 * jitter(seed).as_millis() / JITTER_SPAN.as_millis();
    doubled + SignedDuration::from_millis(i64::try_from(spread).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_hour_is_told_fifteen_and_five_minutes_before_its_end() {
        let end = End::issued(at("2026-01-01T10:00:00Z"), at("2026-01-01T11:00:00Z"));
        assert_eq!(
            end.first_notice(Leads::default()),
            at("2026-01-01T10:45:00Z")
        );
        assert_eq!(
            end.last_notice(Leads::default()),
            at("2026-01-01T10:55:00Z")
        );
    }

    #[test]
    fn a_short_life_is_told_in_its_last_quarter() {
        let end = End::issued(at("2026-01-01T10:00:00Z"), at("2026-01-01T10:02:00Z"));
        assert_eq!(
            end.first_notice(Leads::default()),
            at("2026-01-01T10:01:30Z")
        );
        assert_eq!(
            end.last_notice(Leads::default()),
            at("2026-01-01T10:01:50Z")
        );
    }

    #[test]
    fn silent_renewals_start_before_the_aws_cli_would_call_the_credentials_stale() {
        let end = End::issued(at("2026-01-01T00:00:00Z"), at("2026-01-01T12:00:00Z"));
        for seed in ["role:a", "role:b", "sso-role:c"] {
            let start = end.silent_renewal(seed);
            assert!(start <= at("2026-01-01T11:45:00Z"), "{seed}: {start}");
            assert!(start > at("2026-01-01T11:44:00Z"), "{seed}: {start}");
        }
    }

    #[test]
    fn waiting_grows_and_stays_under_six_minutes() {
        let waits: Vec<_> = (1..=12).map(|attempt| backoff(attempt, "x")).collect();
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]), "{waits:?}");
        assert!(waits[0] >= SignedDuration::from_secs(5));
        assert!(waits[11] <= SignedDuration::from_mins(6));
    }
}
