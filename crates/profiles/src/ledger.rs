//! When credentials end that carry no end themselves: `ledger.json` in Sandglass's state folder.
//!
//! A profile of the credentials file has no setting for its end that a client of AWS knows, so Sandglass writes none
//! there and remembers the end here, by the SHA-256 of the access key id. Of keys that somebody else wrote it remembers
//! when they were first seen, so that an estimate made from that does not move.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::cache_file;
use crate::paths::Paths;
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

/// All that is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    keys: BTreeMap<String, Entry>,
}

/// Entries of keys that are in no file any more are forgotten so long after their beginning.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Ledger {
    /// What is remembered. A file that is missing or damaged remembers nothing: only estimates are lost.
    pub fn read(paths: &Paths) -> Self {
        fs::read(paths.ledger())
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// What is known of the credentials with this access key id.
    pub fn get(&self, access_key_id: &str) -> Option<Entry> {
        self.keys.get(&hash(access_key_id)).copied()
    }

    fn forget_old(&mut self, now: Timestamp, present: &BTreeSet<String>) {
        self.keys.retain(|key, entry| {
            let begun = match entry {
                Entry::Issued { issued_at, .. } => *issued_at,
                Entry::Seen { first_at } => *first_at,
            };
            present.contains(key) || now.duration_since(begun) < KEPT
        });
    }
}

/// Remembers credentials. `present` are the access key ids that are in some file now, which are never forgotten.
pub fn record(
    writer: &Writer,
    paths: &Paths,
    entries: &[(String, Entry)],
    present: &[&str],
    now: Timestamp,
) -> Result<Written, WriteError> {
    let present: BTreeSet<String> = present.iter().map(|id| hash(id)).collect();
    writer.update(&paths.ledger(), Care::Plain, |before| {
        let mut ledger: Ledger = before
            .and_then(|bytes| serde_json::from_slice(bytes).ok())
            .unwrap_or_default();
        for (access_key_id, entry) in entries {
            let known = ledger.keys.entry(hash(access_key_id)).or_insert(*entry);
            match (&known, entry) {
                // What AWS said is never replaced by what was merely seen, and a first sight stays the first.
                (_, Entry::Seen { .. }) => {}
                (_, Entry::Issued { .. }) => *known = *entry,
            }
        }
        ledger.forget_old(now, &present);
        Ok(Some(cache_file::to_bytes(&ledger)))
    })
}

fn hash(access_key_id: &str) -> String {
    hex::encode(Sha256::digest(access_key_id.as_bytes()))
}
