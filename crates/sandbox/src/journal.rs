//! What was asked of the box and what it said, without a secret in it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::operation::{Operation, Service};

/// One request.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    /// Counts from 1 and never starts again.
    pub(crate) seq: u64,
    /// RFC 3339, UTC.
    pub(crate) time: String,
    pub(crate) service: Service,
    /// `null` where the service has no such call.
    pub(crate) operation: Option<Operation>,
    /// `ok`, the error code, or `dropped`.
    pub(crate) outcome: String,
    /// `null` where the connection was dropped.
    pub(crate) status: Option<u16>,
    #[serde(flatten)]
    pub(crate) trace: Trace,
}

/// What an operation notes about a request while it answers it.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Trace {
    /// The last four characters of the access key id.
    key: Option<String>,
    /// The principal's ARN, or the name of the portal's user.
    who: Option<String>,
    parameters: BTreeMap<&'static str, String>,
}

/// All requests so far.
#[derive(Default)]
pub(crate) struct Journal {
    entries: Vec<Entry>,
    last_seq: u64,
}

impl Trace {
    pub(crate) fn saw_key(&mut self, key_id: &str) {
        let start = key_id.len().saturating_sub(4);
        self.key = key_id.get(start..).map(str::to_owned);
    }

    pub(crate) fn saw(&mut self, who: &str) {
        self.who = Some(who.to_owned());
    }

    /// Notes a parameter, which must not be a secret.
    pub(crate) fn parameter(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.parameters.insert(name, value.to_owned());
        }
    }
}

impl Journal {
    pub(crate) fn add(&mut self, mut entry: Entry) {
        self.last_seq += 1;
        entry.seq = self.last_seq;
        self.entries.push(entry);
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}
