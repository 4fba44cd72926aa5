//! What reaches the log when real sockets are used: the HTTP library has words of its own.

use std::io;
use std::sync::{Arc, Mutex};

use form_urlencoded::byte_serialize;
use jiff::SignedDuration;
use sandglass_aws::logs::may_be_logged;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

use crate::cloud::Cloud;
use crate::{LIST, broker, dev, guest, profile, role, signed_in};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_secret_on_a_real_socket_reaches_the_log() {
    let cloud = Cloud::start().await;
    let login = signed_in(&cloud, "dev");
    let log = Log::default();
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(log.clone())
        .with_ansi(false)
        .with_filter(filter_fn(may_be_logged));
    // While there is only one, an event that another test reaches first is off for everybody.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));

    let aws = cloud.aws();
    let mut secrets = vec![dev().secret_access_key, broker().secret_access_key];
    let refreshed = aws.refresh_console_login(None, &login).await.ok().unwrap();
    for token in [login, refreshed.token] {
        secrets.extend([token.refresh_token, token.access.secret_access_key]);
    }
    let guest = aws
        .get_federation_token(&profile(), &guest(LIST), &broker())
        .await
        .ok()
        .unwrap();
    let deploy = aws
        .assume_role(&profile(), &role("Deploy", 1), &dev(), None)
        .await
        .ok()
        .unwrap();
    let machine = aws.instance_role(Some(&profile())).await.ok().unwrap();
    let hour = Some(SignedDuration::from_hours(1));
    let url = aws
        .console_sign_in_url(&profile(), &deploy.credentials, None, hour)
        .await
        .ok()
        .unwrap();
    let refused = aws
        .console_sign_in_url(&profile(), &guest.credentials, None, hour)
        .await;
    assert!(refused.is_err());
    for credentials in [guest.credentials, deploy.credentials, machine.credentials] {
        secrets.extend(credentials.session_token);
        secrets.push(credentials.secret_access_key);
    }
    let (_, signin_token) = url.expose().rsplit_once('=').unwrap();

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("hyper"), "the library's own words are there");
    let mut secrets: Vec<String> = secrets
        .iter()
        .map(|secret| secret.expose().into())
        .collect();
    secrets.push(signin_token.into());
    // As they stand in an address.
    let encoded = |secret: &String| byte_serialize(secret.as_bytes()).collect::<String>();
    secrets.extend(secrets.iter().map(encoded).collect::<Vec<_>>());
    let leaks: Vec<_> = log
        .lines()
        .filter(|line| secrets.iter().any(|secret| line.contains(secret)))
        .collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}
