//! When a portal session of Identity Center ends, as far as anybody can tell.
//!
//! No file and no call tells the end of a portal session: an administrator sets its length (8 hours where nothing is
//! set, 15 minutes to 90 days: IAM Identity Center user guide, "Configure user sessions"), and what a token says is
//! only the token's own end. What is known besides:
//! - a token never outlives its portal session, so that one which is clearly shorter than the tokens before it ends
//!   where the portal session does;
//! - a sign-in while the portal session lives does not move the end: the new token inherits it (aws-sso-cli #1455,
//!   aws-cli #7361). Only signing out first begins a new one.
//!
//! Everything else is an estimate, and is withdrawn as soon as it is disproved.

use jiff::{SignedDuration, Timestamp};
use sandglass_core::lifetimes::{End, KnownBy, PORTAL_SESSION};
use serde::{Deserialize, Serialize};

/// What was seen of the portal session of one sign-in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalSession {
    /// Sandglass saw it begin (UTC); none where it was there before.
    pub began_at: Option<Timestamp>,
    /// The last token was issued then (UTC).
    pub seen_at: Option<Timestamp>,
    /// It ends, or ended, then (UTC).
    pub ends_at: Option<Timestamp>,
    /// The longest token that this portal gave.
    pub token_life: Option<SignedDuration>,
    /// How long the portal session before this one was seen to live.
    pub last_life: Option<SignedDuration>,
}

/// How a portal session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortalEnd {
    /// AWS refused to refresh its token: it ran out.
    RanOut,
    /// Somebody signed out, which says nothing of how long it would have lived.
    SignedOut,
}

/// The life of a token where none was seen (AWS SDKs and Tools reference, "IAM Identity Center credential provider").
const TOKEN: SignedDuration = SignedDuration::from_hours(1);
/// A token may be that much shorter than the others for no reason.
const SLACK: SignedDuration = SignedDuration::from_mins(5);

impl PortalSession {
    /// A person signed in, and got a token with this end. Where the portal session before still stands, the new sign-in
    /// is a part of it.
    #[must_use]
    pub fn signed_in(self, at: Timestamp, token_ends_at: Timestamp) -> Self {
        let session = if self.stands_at(at) {
            self
        } else {
            Self {
                began_at: Some(at),
                seen_at: None,
                ends_at: None,
                ..self
            }
        };
        session.got_token(at, token_ends_at)
    }

    /// A token with this end was issued: by a sign-in, or for a refresh token.
    #[must_use]
    pub fn got_token(self, issued_at: Timestamp, token_ends_at: Timestamp) -> Self {
        let life = token_ends_at.duration_since(issued_at);
        let is_cut = self
            .token_life
            .is_some_and(|usual| life < usual - SLACK.min(usual / 4));
        // A token of a session that was over belongs to one whose beginning was not seen.
        let goes_on = self.ends_at.is_none_or(|end| issued_at < end);
        Self {
            began_at: self.began_at.filter(|_| goes_on),
            seen_at: Some(issued_at),
            ends_at: is_cut.then_some(token_ends_at),
            token_life: Some(self.token_life.map_or(life, |usual| usual.max(life))),
            ..self
        }
    }

    /// It is over.
    #[must_use]
    pub fn ended(self, at: Timestamp, how: PortalEnd) -> Self {
        let last_life = match how {
            PortalEnd::RanOut => self.life_seen(at).or(self.last_life),
            PortalEnd::SignedOut => self.last_life,
        };
        Self {
            ends_at: Some(self.ends_at.map_or(at, |end| end.min(at))),
            last_life,
            ..self
        }
    }

    /// Its end, seen beside an access token with that end: told by AWS, estimated, or known to nobody.
    pub fn end(&self, token_ends_at: Timestamp) -> Option<End> {
        if let Some(at) = self.ends_at {
            return (token_ends_at <= at).then(|| End {
                at,
                known_by: KnownBy::Issuer,
                life: self
                    .began_at
                    .map_or(PORTAL_SESSION, |began_at| at.duration_since(began_at)),
            });
        }
        let at = self.estimate()?;
        (token_ends_at <= at).then(|| End {
            at,
            known_by: KnownBy::Estimate,
            life: self.usual_life(),
        })
    }

    fn stands_at(&self, now: Timestamp) -> bool {
        match (self.ends_at, self.estimate()) {
            (Some(end), _) | (None, Some(end)) => now < end,
            // The estimate was disproved: it lives until it is seen to end. Of one that was never seen, nothing stands.
            (None, None) => self.seen_at.is_some(),
        }
    }

    /// None where its beginning was not seen, and where it was seen alive later than that.
    fn estimate(&self) -> Option<Timestamp> {
        let at = self.began_at?.saturating_add(self.usual_life()).ok()?;
        self.seen_at
            .is_none_or(|seen_at| seen_at < at)
            .then_some(at)
    }

    fn usual_life(&self) -> SignedDuration {
        self.last_life.unwrap_or(PORTAL_SESSION)
    }

    /// How long it lived, where it was watched until its end: not where the machine slept over it.
    fn life_seen(&self, refused_at: Timestamp) -> Option<SignedDuration> {
        let began_at = self.began_at?;
        if let Some(end) = self.ends_at {
            return Some(end.duration_since(began_at));
        }
        let at_least = self.seen_at?.duration_since(began_at);
        let at_most = refused_at.duration_since(began_at);
        let was_watched = at_most - at_least <= self.token_life.unwrap_or(TOKEN);
        let as_usual = (at_least..=at_most).contains(&self.usual_life());
        (was_watched && !as_usual).then_some(at_least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// That many minutes after midnight.
    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + minutes * 60).unwrap()
    }

    const HOUR: i64 = 60;

    fn signed_in_at(minutes: i64) -> PortalSession {
        PortalSession::default().signed_in(at(minutes), at(minutes + HOUR))
    }

    /// Tokens of an hour, each refreshed a quarter before its end.
    fn refreshed(session: PortalSession, from: i64, until: i64) -> PortalSession {
        (from..until).step_by(45).fold(session, |session, minute| {
            session.got_token(at(minute), at(minute + HOUR))
        })
    }

    fn estimated(session: PortalSession, token: i64) -> Option<Timestamp> {
        let end = session.end(at(token))?;
        assert_eq!(end.known_by, KnownBy::Estimate);
        Some(end.at)
    }

    #[test]
    fn a_sign_in_lives_eight_hours_by_estimate() {
        assert_eq!(estimated(signed_in_at(0), HOUR), Some(at(8 * HOUR)));
    }

    #[test]
    fn nobody_knows_the_end_of_one_that_was_there_before() {
        let session = PortalSession::default().got_token(at(0), at(HOUR));
        assert_eq!(session.end(at(HOUR)), None);
    }

    #[test]
    fn a_token_that_is_cut_short_tells_the_end() {
        let session = refreshed(signed_in_at(0), 45, 450).got_token(at(450), at(480));
        let end = session.end(at(480)).unwrap();
        assert_eq!((end.at, end.known_by), (at(480), KnownBy::Issuer));
        assert_eq!(end.life, SignedDuration::from_hours(8));
        // A full token after that disproves it.
        let on = session.got_token(at(470), at(530));
        assert_eq!(on.end(at(530)), None);
    }

    #[test]
    fn the_first_token_has_nothing_to_be_shorter_than() {
        let short = PortalSession::default().signed_in(at(0), at(2));
        assert_eq!(estimated(short, 2), Some(at(8 * HOUR)));
        let next = short.got_token(at(1), at(3));
        assert_eq!(estimated(next, 3), Some(at(8 * HOUR)));
    }

    #[test]
    fn a_few_minutes_less_mean_nothing() {
        let session = signed_in_at(0).got_token(at(45), at(45 + HOUR - 4));
        assert_eq!(session.ends_at, None);
    }

    #[test]
    fn an_estimate_is_withdrawn_once_it_is_disproved() {
        let session = refreshed(signed_in_at(0), 45, 460);
        assert_eq!(session.end(at(9 * HOUR)), None);
        let later = refreshed(session, 460, 600);
        assert_eq!(later.end(at(700)), None);
        // Such a session goes on until it is seen to end: signing in again is a part of it.
        assert_eq!(
            later.signed_in(at(620), at(680)).began_at,
            Some(at(0)),
            "{later:?}"
        );
    }

    #[test]
    fn signing_in_again_does_not_move_the_end() {
        let session = signed_in_at(0);
        let again = session.signed_in(at(4 * HOUR), at(5 * HOUR));
        assert_eq!(estimated(again, 5 * HOUR), Some(at(8 * HOUR)));
        let afresh = session
            .ended(at(4 * HOUR), PortalEnd::SignedOut)
            .signed_in(at(4 * HOUR), at(5 * HOUR));
        assert_eq!(estimated(afresh, 5 * HOUR), Some(at(12 * HOUR)));
    }

    #[test]
    fn the_next_one_is_taken_to_live_as_long_as_the_last() {
        let session = refreshed(signed_in_at(0), 45, 3 * HOUR);
        let seen_at = session.seen_at.unwrap();
        let next = session
            .ended(at(185), PortalEnd::RanOut)
            .signed_in(at(1000), at(1060));
        let life = seen_at.duration_since(at(0));
        assert_eq!(estimated(next, 1060), Some(at(1000) + life));
    }

    #[test]
    fn an_end_that_was_told_is_learned_to_the_minute() {
        let next = refreshed(signed_in_at(0), 45, 200)
            .got_token(at(200), at(240))
            .ended(at(250), PortalEnd::RanOut)
            .signed_in(at(1000), at(1060));
        assert_eq!(estimated(next, 1060), Some(at(1240)));
    }

    #[test]
    fn an_end_slept_over_and_one_as_expected_teach_nothing() {
        let slept = signed_in_at(0).ended(at(15 * HOUR), PortalEnd::RanOut);
        assert_eq!(slept.last_life, None);
        let expected = refreshed(signed_in_at(0), 45, 8 * HOUR).ended(at(485), PortalEnd::RanOut);
        assert_eq!(expected.last_life, None);
    }

    #[test]
    fn a_session_that_another_program_began_has_no_estimate() {
        let session = signed_in_at(0)
            .ended(at(30), PortalEnd::SignedOut)
            .got_token(at(90), at(150));
        assert_eq!(session.end(at(150)), None);
        assert!(session.stands_at(at(100)));
    }

    #[test]
    fn signing_out_teaches_nothing_and_ends_it() {
        let session = signed_in_at(0).ended(at(30), PortalEnd::SignedOut);
        assert_eq!(session.last_life, None);
        assert_eq!(session.ends_at, Some(at(30)));
        assert!(!session.stands_at(at(30)));
    }
}
