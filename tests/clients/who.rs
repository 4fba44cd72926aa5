//! Prints the access key id that the AWS SDK for Rust finds; its argument names a profile.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use aws_config::BehaviorVersion;
use aws_sdk_s3::config::ProvideCredentials as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        // All that it talks to is on this machine.
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    if let Some(profile) = std::env::args().nth(1) {
        loader = loader.profile_name(profile);
    }
    let config = loader.load().await;
    let provider = config.credentials_provider().context("no provider")?;
    let found = provider.provide_credentials().await?;
    writeln!(std::io::stdout(), "{}", found.access_key_id())?;
    Ok(())
}
