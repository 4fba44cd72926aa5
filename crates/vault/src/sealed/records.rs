//! What is sealed, as JSON. The types are private and every buffer is wiped, so that secrets are serialized here alone.

use std::collections::BTreeMap;
use std::io;
use std::mem;

use jiff::Timestamp;
use sandglass_core::names::{AccountId, SessionId};
use sandglass_core::secret::{Credentials, Secret};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Sealed;
use super::envelope::TAG_LENGTH;

/// `Text` is borrowed where a record is written, and owned and wiped where one is read.
#[derive(Serialize, Deserialize)]
struct Record<Text> {
    access_key_id: Text,
    secret_access_key: Text,
    session_token: Option<Text>,
    expires_at: Option<Timestamp>,
    issued_at: Timestamp,
    account: Option<AccountId>,
}

/// With room for the tag, in a buffer that never grew.
pub(super) fn encode(sealed: &BTreeMap<SessionId, Sealed>) -> io::Result<Zeroizing<Vec<u8>>> {
    let records: BTreeMap<_, _> = sealed
        .iter()
        .map(|(session, sealed)| (session, Record::from(sealed)))
        .collect();
    let mut size = Size(0);
    serde_json::to_writer(&mut size, &records)?;
    let mut content = Zeroizing::new(Vec::with_capacity(size.0 + TAG_LENGTH));
    serde_json::to_writer(&mut *content, &records)?;
    Ok(content)
}

pub(super) fn decode(content: &[u8]) -> Option<BTreeMap<SessionId, Sealed>> {
    let records: BTreeMap<SessionId, Record<Zeroizing<String>>> =
        serde_json::from_slice(content).ok()?;
    let sealed = records
        .into_iter()
        .map(|(session, record)| (session, record.into()))
        .collect();
    Some(sealed)
}

impl<'a> From<&'a Sealed> for Record<&'a str> {
    fn from(sealed: &'a Sealed) -> Self {
        let credentials = &sealed.credentials;
        Self {
            access_key_id: &credentials.access_key_id,
            secret_access_key: credentials.secret_access_key.expose(),
            session_token: credentials.session_token.as_ref().map(Secret::expose),
            expires_at: credentials.expires_at,
            issued_at: sealed.issued_at,
            account: sealed.account.clone(),
        }
    }
}

impl From<Record<Zeroizing<String>>> for Sealed {
    fn from(record: Record<Zeroizing<String>>) -> Self {
        Self {
            credentials: Credentials {
                access_key_id: taken(record.access_key_id),
                secret_access_key: Secret::new(taken(record.secret_access_key)),
                session_token: record.session_token.map(taken).map(Secret::new),
                expires_at: record.expires_at,
            },
            issued_at: record.issued_at,
            account: record.account,
        }
    }
}

/// The text itself, not a copy.
fn taken(mut text: Zeroizing<String>) -> String {
    mem::take(&mut *text)
}

/// Counts what is written to it.
struct Size(usize);

impl io::Write for Size {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
