//! Credentials on the local socket: the one place where they are serialized.

use jiff::Timestamp;
use sandglass_core::secret::{Credentials, Secret};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize)]
struct Sent<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: Option<&'a str>,
    expires_at: Option<Timestamp>,
}

/// What is taken apart becomes secrets without a copy being left behind.
#[derive(Deserialize)]
struct Received {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    expires_at: Option<Timestamp>,
}

pub(crate) fn serialize<S: Serializer>(
    credentials: &Credentials,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let sent = Sent {
        access_key_id: &credentials.access_key_id,
        secret_access_key: credentials.secret_access_key.expose(),
        session_token: credentials.session_token.as_ref().map(Secret::expose),
        expires_at: credentials.expires_at,
    };
    sent.serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Credentials, D::Error> {
    let received = Received::deserialize(deserializer)?;
    Ok(Credentials {
        access_key_id: received.access_key_id,
        secret_access_key: Secret::new(received.secret_access_key),
        session_token: received.session_token.map(Secret::new),
        expires_at: received.expires_at,
    })
}
