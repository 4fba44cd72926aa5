//! Credentials for programs: asked of the agent, and printed as they read them.

use std::time::Duration;

use jiff::Timestamp;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::{AccountId, ProfileName};
use sandglass_core::secret::Secret;
use sandglass_protocol::client::{self, Caller, Client};
use sandglass_protocol::message::{CredentialsWanted, Handover, Reply, Request, Terminal};
use sandglass_protocol::place::Place;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::conversation::{self, Failure};

/// Asks for credentials, and waits while somebody is asked for them in the tray.
pub(crate) fn ask(
    place: &Place,
    caller: &Caller,
    profile: &ProfileName,
    patience: Duration,
) -> Result<Handover, Failure> {
    let request = Request::Credentials {
        profile: profile.clone(),
        wanted: CredentialsWanted::Holding,
        terminal: Terminal::None,
    };
    match Client::ask(place, caller, &request, patience) {
        Ok((_, Reply::Credentials(handover))) => Ok(*handover),
        Ok((_, reply)) => Err(conversation::refused(reply)),
        Err(client::Error::OutOfPatience) => Err(waited_in_vain(profile, patience).into()),
        Err(error) => Err(error.into()),
    }
}

fn waited_in_vain(profile: &ProfileName, patience: Duration) -> RenewalError {
    RenewalError::new(
        ErrorCode::NobodyToAsk,
        format!(
            "the credentials of `{profile}` did not come within {} seconds",
            patience.as_secs()
        ),
        "answer the prompt that Sandglass shows, then run this again",
    )
}

/// What a `credential_process` prints (AWS SDKs and Tools Reference Guide, process credential provider).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ProcessOutput<'a> {
    version: u8,
    access_key_id: &'a str,
    secret_access_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
}

/// The document for a `credential_process`, on one line.
pub(crate) fn process_output(handover: &Handover) -> Zeroizing<Vec<u8>> {
    let credentials = &handover.credentials;
    let output = ProcessOutput {
        version: 1,
        access_key_id: &credentials.access_key_id,
        secret_access_key: credentials.secret_access_key.expose(),
        session_token: credentials.session_token.as_ref().map(Secret::expose),
        expiration: credentials.expires_at.map(whole_seconds),
        account_id: handover.account.as_ref().map(AccountId::as_str),
    };
    // Session tokens are a few kilobytes at most: no outgrown buffer is left behind unwiped.
    let mut text = Zeroizing::new(Vec::with_capacity(16 * 1024));
    // Text keys and text values: that is always valid JSON.
    let _ = serde_json::to_writer(&mut *text, &output);
    text.push(b'\n');
    text
}

/// Whole seconds and `Z`: what every parser of RFC 3339 in the AWS SDKs accepts.
pub(crate) fn whole_seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use sandglass_core::secret::Credentials;

    use super::*;

    fn handover(token: Option<&str>, expires_at: Option<&str>) -> Handover {
        Handover {
            name: "dev".to_owned(),
            credentials: Credentials {
                access_key_id: "ASIAEXAMPLE".to_owned(),
                secret_access_key: Secret::new("secret/with\"quotes".to_owned()),
                session_token: token.map(|token| Secret::new(token.to_owned())),
                expires_at: expires_at.map(|at| at.parse().unwrap()),
            },
            account: Some(AccountId::new("123456789012")),
            region: None,
            kept_until: None,
            told_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn text(handover: &Handover) -> String {
        String::from_utf8(process_output(handover).to_vec()).unwrap()
    }

    #[test]
    fn temporary_credentials_are_printed_as_every_sdk_reads_them() {
        let handover = handover(Some("token=="), Some("2026-11-24T10:00:00.75Z"));
        assert_eq!(
            text(&handover),
            r#"{"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"secret/with\"quotes","SessionToken":"token==","Expiration":"2026-11-24T10:00:00Z","AccountId":"123456789012"}
"#
        );
    }

    #[test]
    fn keys_that_never_end_have_neither_token_nor_expiration() {
        let mut handover = handover(None, None);
        handover.account = None;
        assert_eq!(
            text(&handover),
            r#"{"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"secret/with\"quotes"}
"#
        );
    }
}
