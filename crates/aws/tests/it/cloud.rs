//! A sandbox in this process, and what a test asks of it beside AWS's calls.

use std::io::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use sandglass_aws::{Aws, ConfigFiles};
use sandglass_sandbox::{Sandbox, World};
use serde_json::Value;
use tempfile::NamedTempFile;
use tokio::net::TcpListener;

/// A running sandbox. It has a thread of its own, so that a test may wait for it without a care.
pub(crate) struct Cloud {
    endpoint: String,
    config: NamedTempFile,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the sandbox goes by the clock of this machine"
)]
pub(crate) fn real_time() -> Timestamp {
    Timestamp::now()
}

impl Cloud {
    pub(crate) async fn start() -> Self {
        let (told, address) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                told.send(listener.local_addr().unwrap()).unwrap();
                sandglass_sandbox::serve(listener, Sandbox::new(World::built_in()))
                    .await
                    .unwrap();
            });
        });
        let endpoint = format!("http://{}", address.await.unwrap());
        let mut config = NamedTempFile::new().unwrap();
        writeln!(
            config,
            "[default]\nregion = us-east-1\nendpoint_url = {endpoint}\nec2_metadata_service_endpoint = {endpoint}"
        )
        .unwrap();
        Self { endpoint, config }
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(crate) fn aws(&self) -> Aws {
        self.aws_with(real_time)
    }

    /// On a machine with this clock.
    pub(crate) fn aws_with(&self, clock: fn() -> Timestamp) -> Aws {
        let files = ConfigFiles {
            config: self.config.path().to_owned(),
            credentials: "/nonexistent/credentials".into(),
        };
        Aws::new(files, Arc::new(clock))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        let answer = ureq::post(self.control(path)).send_json(body);
        answer.unwrap().body_mut().read_json().unwrap_or_default()
    }

    pub(crate) fn put(&self, path: &str, body: &Value) {
        ureq::put(self.control(path)).send_json(body).unwrap();
    }

    /// How often this operation had this outcome.
    pub(crate) fn count(&self, operation: &str, outcome: &str) -> usize {
        let mut journal = ureq::get(self.control("journal")).call().unwrap();
        let journal: Vec<Value> = journal.body_mut().read_json().unwrap();
        let such = |entry: &&Value| entry["operation"] == operation && entry["outcome"] == outcome;
        journal.iter().filter(such).count()
    }

    /// What a browser shows at this address.
    pub(crate) fn page(&self, url: &str) -> String {
        assert!(url.starts_with(&self.endpoint), "{url}");
        let mut answer = ureq::get(url).call().unwrap();
        answer.body_mut().read_to_string().unwrap()
    }

    fn control(&self, path: &str) -> String {
        format!("{}/_sandbox/{path}", self.endpoint)
    }
}
