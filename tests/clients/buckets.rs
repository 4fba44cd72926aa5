//! Lists buckets for some seconds, with one client of the AWS SDK for Rust: a line for each call.

use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use aws_config::{BehaviorVersion, Region};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let seconds: u64 = std::env::args().nth(1).context("for how long?")?.parse()?;
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        // All that it talks to is on this machine.
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .load()
        .await;
    let s3 = aws_sdk_s3::Client::new(&config);
    let mut out = std::io::stdout();
    let end = now() + Duration::from_secs(seconds);
    while now() < end {
        match s3.list_buckets().send().await {
            Ok(_) => writeln!(out, "ok")?,
            Err(error) => writeln!(
                out,
                "failed {}",
                aws_sdk_s3::error::DisplayErrorContext(&error)
            )?,
        }
        out.flush()?;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is no part of Sandglass, but a program that uses it"
)]
fn now() -> Instant {
    Instant::now()
}
