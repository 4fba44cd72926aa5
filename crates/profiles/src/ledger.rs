//! What no file of AWS keeps: `ledger.json` in Sandglass's state folder.
//!
//! - A profile of the credentials file has no setting for its end that a client of AWS knows, so Sandglass writes none
//!   there and remembers the end here, by the SHA-256 of the access key id. Of keys that somebody else wrote it
//!   remembers when they were first seen, so that an estimate made from that does not move.
//! - How long AWS let a session live that asked for more.
//! - When portal sessions began, and how long they were seen to live.
//!
//! Sandglasses of several versions may share it: what one does not know it leaves as it is, and what it cannot
//! understand costs nothing but estimates.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use jiff::{SignedDuration, Timestamp};
use sandglass_core::names::SessionId;
use sandglass_core::session::{Allowed, DurationLimit};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::cache_file;
use crate::paths::Paths;
use crate::portal_session::{PortalEnd, PortalSession};
use crate::write::{Care, WriteError, Writer, Written};

/// What is known of one set of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// Sandglass had them issued.
    Issued {
        /// When (UTC).
        issued_at: Timestamp,
        /// Until when, in AWS's own words (UTC).
        ends_at: Timestamp,
    },
    /// They were there.
    Seen {
        /// When their file was last written before Sandglass first saw them (UTC).
        first_at: Timestamp,
    },
}

impl Entry {
    /// When they were issued or first seen (UTC).
    pub fn began_at(&self) -> Timestamp {
        match self {
            Self::Issued { issued_at, .. } => *issued_at,
            Self::Seen { first_at } => *first_at,
        }
    }
}

/// All that is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ledger {
    #[serde(deserialize_with = "what_is_understood")]
    keys: BTreeMap<String, Entry>,
    #[serde(deserialize_with = "what_is_understood")]
    limits: BTreeMap<SessionId, Limited>,
    #[serde(deserialize_with = "what_is_understood")]
    portals: BTreeMap<SessionId, PortalSession>,
    /// What only a later version knows.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// [`Allowed`], as the file holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Limited {
    asked: SignedDuration,
    granted: SignedDuration,
    limit: DurationLimit,
}

/// Entries of keys that are in no file any more are forgotten so long after their beginning.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Ledger {
    /// What is remembered. A file that is missing or damaged remembers nothing: only estimates are lost.
    pub fn read(paths: &Paths) -> Self {
        let bytes = fs::read(paths.ledger()).ok();
        Self::parse(bytes.as_deref())
    }

    fn parse(bytes: Option<&[u8]>) -> Self {
        bytes
            .and_then(|bytes| serde_json::from_slice(bytes).ok())
            .unwrap_or_default()
    }

    /// What is known of the credentials with this access key id, or of the chain of `aws login` with this key.
    pub fn get(&self, access_key_id: &str) -> Option<Entry> {
        self.keys.get(&hash(access_key_id)).copied()
    }

    /// What AWS allowed a session that asks for this.
    pub fn allowed(&self, session: &SessionId, asked: Option<SignedDuration>) -> Option<Allowed> {
        let limited = self.limits.get(session)?;
        (Some(limited.asked) == asked).then_some(Allowed {
            asked: limited.asked,
            granted: limited.granted,
            limit: limited.limit,
        })
    }

    /// The portal session of a sign-in.
    pub fn portal(&self, sign_in: &SessionId) -> Option<&PortalSession> {
        self.portals.get(sign_in)
    }

    /// Adds an entry. What AWS said is never replaced by what was merely seen, and a first sight stays the first.
    fn learn(&mut self, access_key_id: &str, entry: Entry) {
        let known = self.keys.entry(hash(access_key_id)).or_insert(entry);
        match entry {
            Entry::Seen { .. } => {}
            Entry::Issued { .. } => *known = entry,
        }
    }

    fn is_forgettable(
        key: &str,
        entry: &Entry,
        now: Timestamp,
        present: &BTreeSet<String>,
    ) -> bool {
        !present.contains(key) && now.duration_since(entry.began_at()) >= KEPT
    }
}

/// Remembers credentials.
pub fn record(
    writer: &Writer,
    paths: &Paths,
    entries: &[(String, Entry)],
) -> Result<Written, WriteError> {
    update(writer, paths, |ledger| {
        for (access_key_id, entry) in entries {
            ledger.learn(access_key_id, *entry);
        }
    })
}

/// Remembers what AWS allowed a session that asked for more; none forgets it, so that the whole is asked for again.
pub fn remember_allowed(
    writer: &Writer,
    paths: &Paths,
    session: &SessionId,
    allowed: Option<Allowed>,
) -> Result<Written, WriteError> {
    update(writer, paths, |ledger| match allowed {
        None => {
            ledger.limits.remove(session);
        }
        Some(Allowed {
            asked,
            granted,
            limit,
        }) => {
            let limited = Limited {
                asked,
                granted,
                limit,
            };
            ledger.limits.insert(session.clone(), limited);
        }
    })
}

/// Remembers that a person signed in at a portal, and until when the token lives that came of it.
pub fn portal_began(
    writer: &Writer,
    paths: &Paths,
    sign_in: &SessionId,
    at: Timestamp,
    token_ends_at: Timestamp,
) -> Result<Written, WriteError> {
    update_portal(writer, paths, sign_in, |session| {
        session.signed_in(at, token_ends_at)
    })
}

/// Remembers that a sign-in was refreshed, and until when the new token lives.
pub fn portal_renewed(
    writer: &Writer,
    paths: &Paths,
    sign_in: &SessionId,
    at: Timestamp,
    token_ends_at: Timestamp,
) -> Result<Written, WriteError> {
    update_portal(writer, paths, sign_in, |session| {
        session.got_token(at, token_ends_at)
    })
}

/// Remembers that the portal session of a sign-in is over.
pub fn portal_ended(
    writer: &Writer,
    paths: &Paths,
    sign_in: &SessionId,
    at: Timestamp,
    how: PortalEnd,
) -> Result<Written, WriteError> {
    update_portal(writer, paths, sign_in, |session| session.ended(at, how))
}

fn update_portal(
    writer: &Writer,
    paths: &Paths,
    sign_in: &SessionId,
    change: impl Fn(PortalSession) -> PortalSession,
) -> Result<Written, WriteError> {
    update(writer, paths, |ledger| {
        let session = ledger.portals.entry(sign_in.clone()).or_default();
        *session = change(*session);
    })
}

fn update(
    writer: &Writer,
    paths: &Paths,
    change: impl Fn(&mut Ledger),
) -> Result<Written, WriteError> {
    writer.update(&paths.ledger(), Care::Plain, |before| {
        let mut ledger = Ledger::parse(before);
        change(&mut ledger);
        Ok(Some(cache_file::to_bytes(&ledger)))
    })
}

/// What one reading of the files sees, and what is remembered of it afterwards.
pub(crate) struct Sights {
    ledger: Ledger,
    new: Vec<(String, Entry)>,
    present: BTreeSet<String>,
    signed_out: Vec<SessionId>,
    now: Timestamp,
}

impl Sights {
    pub(crate) fn new(paths: &Paths, now: Timestamp) -> Self {
        Self {
            ledger: Ledger::read(paths),
            new: Vec::new(),
            present: BTreeSet::new(),
            signed_out: Vec::new(),
            now,
        }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What is known of credentials that lie in a file now. Of those that nobody knows, this is the first sight: they
    /// are as old as the file, at least.
    pub(crate) fn of(&mut self, access_key_id: &str, written_at: Option<Timestamp>) -> Entry {
        let hashed = hash(access_key_id);
        let known = self.ledger.keys.get(&hashed).copied();
        self.present.insert(hashed);
        known.unwrap_or_else(|| {
            let entry = Entry::Seen {
                first_at: written_at.map_or(self.now, |at| at.min(self.now)),
            };
            self.ledger.learn(access_key_id, entry);
            self.new.push((access_key_id.to_owned(), entry));
            entry
        })
    }

    /// The token of a sign-in is gone: somebody signed out.
    pub(crate) fn signed_out(&mut self, sign_in: &SessionId) {
        let stands = self
            .ledger
            .portal(sign_in)
            .is_some_and(|session| session.ends_at.is_none_or(|end| self.now < end));
        if stands {
            self.signed_out.push(sign_in.clone());
        }
    }

    /// Remembers what is new, and forgets what is old and gone.
    pub(crate) fn save(&self, writer: &Writer, paths: &Paths) -> Result<Written, WriteError> {
        let is_old =
            |key: &str, entry: &Entry| Ledger::is_forgettable(key, entry, self.now, &self.present);
        let nothing_old = !self
            .ledger
            .keys
            .iter()
            .any(|(key, entry)| is_old(key, entry));
        if self.new.is_empty() && self.signed_out.is_empty() && nothing_old {
            return Ok(Written::Unchanged);
        }
        update(writer, paths, |ledger| {
            for (access_key_id, entry) in &self.new {
                ledger.learn(access_key_id, *entry);
            }
            for sign_in in &self.signed_out {
                let session = ledger.portals.entry(sign_in.clone()).or_default();
                *session = session.ended(self.now, PortalEnd::SignedOut);
            }
            ledger.keys.retain(|key, entry| !is_old(key, entry));
        })
    }
}

/// The entries that can be understood.
fn what_is_understood<'de, D, K, V>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord,
    V: DeserializeOwned,
{
    let entries = BTreeMap::<K, Value>::deserialize(deserializer)?;
    Ok(entries
        .into_iter()
        .filter_map(|(key, value)| Some((key, serde_json::from_value(value).ok()?)))
        .collect())
}

fn hash(access_key_id: &str) -> String {
    hex::encode(Sha256::digest(access_key_id.as_bytes()))
}
