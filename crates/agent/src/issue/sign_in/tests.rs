//! A refresh that comes too late.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use sandglass_aws::{Aws, ConfigFiles};
use sandglass_core::secret::Secret;
use sandglass_profiles::paths::{Paths, System};
use sandglass_profiles::write::Writer;
use sandglass_vault::{SealedStore, Vault};
use tokio::sync::mpsc;

use super::*;
use crate::kept::Kept;
use crate::keys::Keys;

fn token(minutes: i64) -> Token {
    let ends_at = |minutes| whole_seconds(clock::now() + jiff::SignedDuration::from_mins(minutes));
    Token {
        start_url: "https://x.awsapps.com/start".into(),
        region: "us-east-1".into(),
        access_token: Secret::new(format!("access-{minutes}")),
        expires_at: ends_at(minutes),
        registration: Some(Registration {
            client_id: "c".into(),
            client_secret: Secret::new("s".into()),
            expires_at: ends_at(1000),
        }),
        refresh_token: Some(Secret::new(format!("refresh-{minutes}"))),
    }
}

/// What the ledger says of the portal session's end, after AWS refused a refresh; another tool writes its token before that.
async fn refused(other: Option<Token>) -> (Result<Found, RenewalError>, Option<Timestamp>) {
    let home = tempfile::TempDir::new().unwrap();
    let at = home.path().to_owned();
    let paths = Paths::resolve(System::Unix, &|name| {
        (name == "HOME").then(|| at.clone().into())
    });
    let paths = paths.unwrap();
    let writer = Writer::new(&paths);
    let portal = Portal {
        start_url: token(0).start_url,
        region: token(0).region,
        style: PortalStyle::Session {
            name: "main".into(),
            scopes: vec!["sso:account:access".into()],
        },
    };
    let (old, now) = (token(5), clock::now());
    sso_cache::write_token(&writer, &paths, &portal, &old, None).unwrap();
    let id = sign_in_id(&portal);
    ledger::portal_began(&writer, &paths, &id, now, old.expires_at).unwrap();
    let aws = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!(
        "[default]\nendpoint_url = http://{}\n",
        aws.local_addr().unwrap()
    );
    std::fs::write(&paths.config, endpoint).unwrap();
    let (paths_of_other, portal_of_other) = (paths.clone(), portal.clone());
    std::thread::spawn(move || {
        let (mut stream, _) = aws.accept().unwrap();
        let _ = stream.read(&mut [0; 8192]).unwrap();
        if let Some(new) = other {
            let (writer, replaced) = (Writer::new(&paths_of_other), Some(old.expires_at));
            sso_cache::write_token(&writer, &paths_of_other, &portal_of_other, &new, replaced)
                .unwrap();
        }
        let body =
            r#"{"error":"invalid_grant","error_description":"Invalid refresh token provided"}"#;
        let head = "HTTP/1.1 400 Bad Request\r\nx-amzn-errortype: InvalidGrantException\r\nContent-Type: application/json";
        let length = body.len();
        write!(
            stream,
            "{head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
    });
    let (config, credentials) = (paths.config.clone(), paths.credentials.clone());
    let issuer = Arc::new(Issuer {
        aws: Aws::new(
            ConfigFiles {
                config,
                credentials,
            },
            Arc::new(clock::local),
        ),
        kept: Arc::new(Kept::new(SealedStore::open(
            paths.state.join("sealed"),
            &Vault::open(),
        ))),
        keys: Arc::new(Keys::new(Vault::open())),
        inputs: mpsc::channel(1).0,
        _busy: mpsc::channel(1).0,
        paths,
        writer,
    });
    let found = refresh(&issuer, &portal, None).await;
    let ledger = Ledger::read(&issuer.paths);
    (
        found,
        ledger.portal(&id).and_then(|session| session.ends_at),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_another_tool_has_spent_says_nothing_of_the_portal_session() {
    let (found, ended_at) = refused(Some(token(60))).await;
    assert!(found.is_ok_and(|found| found.end().is_some()));
    assert_eq!(ended_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_aws_refuses_ends_the_portal_session() {
    let (found, ended_at) = refused(None).await;
    assert_eq!(found.err().unwrap().code, ErrorCode::SignInOver);
    assert!(ended_at.is_some());
}
