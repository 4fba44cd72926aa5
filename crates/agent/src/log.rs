//! The log: what a person would want to know afterwards, never a secret.

use std::fs::{self, File};
use std::io;
use std::sync::Mutex;

use anyhow::Context as _;
use sandglass_profiles::paths::Paths;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

/// A log longer than this (bytes) is set aside at the next start, and the one before it is dropped.
const LONGEST: u64 = 1024 * 1024;

/// Writes to `agent.log` in the state folder. `SANDGLASS_LOG` selects more, in the syntax of `RUST_LOG`.
pub(crate) fn start(paths: &Paths) -> anyhow::Result<()> {
    let path = paths.state.join("agent.log");
    let file = open(&paths.state, &path)
        .with_context(|| format!("failed to open the log `{}`", path.display()))?;
    let asked = std::env::var("SANDGLASS_LOG").unwrap_or_else(|_| "info".to_owned());
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(Mutex::new(file))
        .with_filter(EnvFilter::new(asked))
        // Whatever is asked, what would log the requests and replies of AWS stays silent.
        .with_filter(filter_fn(sandglass_aws::logs::may_be_logged));
    tracing_subscriber::registry().with(layer).init();
    Ok(())
}

fn open(folder: &std::path::Path, path: &std::path::Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    if fs::metadata(path).is_ok_and(|metadata| metadata.len() > LONGEST) {
        fs::rename(path, path.with_extension("log.old"))?;
    }
    let mut options = File::options();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}
