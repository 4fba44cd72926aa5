//! `sandglass-sandbox`: an AWS in a box on a local port.

use std::fs;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use sandglass_sandbox::{Sandbox, World, serve};
use tokio::net::TcpListener;

/// An AWS in a box: STS, Identity Center and a bucket list on one local port
#[derive(Parser)]
#[command(name = "sandglass-sandbox", version)]
struct Arguments {
    /// The port to listen on; 0 for a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// What exists: accounts, users, roles, portals; the built-in world where none is named
    #[arg(long, value_name = "FILE.json")]
    world: Option<PathBuf>,
    /// A file to write the endpoint to once the box answers
    #[arg(long, value_name = "PATH")]
    ready_file: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let world = match &arguments.world {
        None => World::built_in(),
        Some(path) => read_world(path)?,
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port))
        .await
        .with_context(|| format!("failed to listen on port {}", arguments.port))?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let ready = format!("{}\n", serde_json::json!({ "endpoint": endpoint }));
    if let Some(path) = &arguments.ready_file {
        announce(path, &ready)
            .with_context(|| format!("failed to write the ready file `{}`", path.display()))?;
    }
    std::io::stdout().write_all(ready.as_bytes())?;
    tokio::select! {
        served = serve(listener, Sandbox::new(world)) => served.context("failed to serve")?,
        stopped = stop_signal() => stopped.context("failed to wait for a signal")?,
    }
    Ok(())
}

fn read_world(path: &Path) -> anyhow::Result<World> {
    let json = fs::read_to_string(path)
        .with_context(|| format!("failed to read the world file `{}`", path.display()))?;
    World::from_json(&json).with_context(|| format!("in the world file `{}`", path.display()))
}

/// Whoever waits for the file sees it whole or not at all.
fn announce(path: &Path, text: &str) -> anyhow::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

#[cfg(unix)]
async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

#[cfg(not(unix))]
async fn stop_signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
