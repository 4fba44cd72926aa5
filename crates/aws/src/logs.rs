//! What must not be logged.

use tracing::{Level, Metadata};

/// The crates that write whole requests and replies, tokens and all, into their traces.
const WIRE: [&str; 5] = ["aws_", "hyper", "h2", "rustls", "tower"];

/// Whether an event may reach a log. To be put in front of every log as a filter of its own, so that no setting of a
/// person who looks for a fault (`RUST_LOG=trace`) writes secrets to a file: below DEBUG the SDK does not redact.
pub fn may_be_logged(event: &Metadata<'_>) -> bool {
    let from_the_wire = WIRE.iter().any(|name| event.target().starts_with(name));
    !from_the_wire || *event.level() < Level::TRACE
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::Layer;
    use tracing_subscriber::filter::filter_fn;
    use tracing_subscriber::fmt::MakeWriter;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;
    use crate::testing::{
        ACCESS_TOKEN, Answer, CLIENT_SECRET, CODE, DEVICE_CODE, DPOP_KEY, INSTANCE_ROLE,
        REFRESH_TOKEN, SECRET_KEY, SESSION_TOKEN, SIGNIN_TOKEN, WEB_TOKEN, good_answers, instance,
        make, replay,
    };

    /// Everything that was logged.
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

    /// Makes every call, once with a good answer and once with a refusal, and returns all that was logged.
    async fn log_of_every_call() -> String {
        let log = Log::default();
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(log.clone())
            .with_ansi(false)
            .with_filter(filter_fn(may_be_logged));
        // While there is only one, an event that another test reaches first is asked of that test's thread, which has none,
        // and is off from then on for everybody.
        let _second = tracing::Dispatch::new(tracing_subscriber::registry());
        let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
        for (call, body) in good_answers() {
            let (aws, _) = replay(vec![Answer::ok(body)]);
            make(&aws, call).await.unwrap();
            let refused = Answer {
                status: 400,
                ..Answer::ok(body)
            };
            let (aws, _) = replay(vec![refused.clone(), refused]);
            let minute = std::time::Duration::from_mins(1);
            let _ = tokio::time::timeout(minute, make(&aws, call)).await;
        }
        let (aws, _) = replay(instance(INSTANCE_ROLE));
        aws.instance_role(None).await.map(drop).unwrap();
        String::from_utf8(log.0.lock().unwrap().clone()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn no_secret_of_any_call_reaches_the_log() {
        let log = log_of_every_call().await;
        assert!(
            log.contains("a call to AWS failed"),
            "our own events are there"
        );
        assert!(
            log.contains("DEBUG") && log.contains("aws_smithy_runtime"),
            "those of the SDK too"
        );
        let secrets = [
            SECRET_KEY,
            SESSION_TOKEN,
            CODE,
            CLIENT_SECRET,
            DEVICE_CODE,
            ACCESS_TOKEN,
            REFRESH_TOKEN,
            WEB_TOKEN,
            SIGNIN_TOKEN,
            DPOP_KEY.lines().nth(1).unwrap(),
        ];
        let leaks: Vec<_> = log
            .lines()
            .filter(|line| secrets.iter().any(|secret| line.contains(secret)))
            .collect();
        assert!(leaks.is_empty(), "{leaks:#?}");
    }
}
