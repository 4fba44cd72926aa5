//! Where a call goes: region, endpoint, time limits.

use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::identity::IdentityCache;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::service_config::ServiceConfigKey;
use jiff::SignedDuration;
use sandglass_core::error::RenewalError;
use sandglass_core::names::ProfileName;
use sandglass_core::secret::Credentials;
use sandglass_core::session::Portal;

use crate::{Aws, Clock};

/// A connection that is not there by then is not coming.
const CONNECT: Duration = Duration::from_secs(5);
/// One try. AWS answers within two seconds, proxies take their time.
const TRY: Duration = Duration::from_secs(12);
/// All tries of one call and the pause between them.
const CALL: Duration = Duration::from_secs(15);
/// The SDK tries a second time after a dropped connection and after a wrong clock, whose error it measures by the first
/// answer. More is the engine's business.
const TRIES: u32 = 2;

/// STS signs for a region and lives in all of them, and so does Sign-In. Where nothing names one, this one is right: every
/// account of the partition `aws` has it, and the AWS CLI's own fallback, the global endpoint, signs for it as well.
const FALLBACK_REGION: &str = "us-east-1";

impl Aws {
    /// Settings for signed calls in the name of a profile.
    pub(crate) async fn signed_settings(
        &self,
        profile: &ProfileName,
        credentials: &Credentials,
    ) -> Result<SdkConfig, RenewalError> {
        let loader = self.loader(Some(profile), None).await?;
        Ok(loader.credentials_provider(given(credentials)).load().await)
    }

    /// Settings for a portal: its own region. Its calls are not signed.
    pub(crate) async fn portal_settings(
        &self,
        portal: &Portal,
        profile: Option<&ProfileName>,
    ) -> Result<SdkConfig, RenewalError> {
        self.unsigned_settings(profile, Some(&portal.region)).await
    }

    /// Settings for calls that are not signed: in this region, else in that of the profile.
    pub(crate) async fn unsigned_settings(
        &self,
        profile: Option<&ProfileName>,
        region: Option<&str>,
    ) -> Result<SdkConfig, RenewalError> {
        Ok(self.loader(profile, region).await?.load().await)
    }

    /// What all calls have in common. No credential chain: without it no file, process or metadata service is asked. The
    /// region of a profile says more about it than the environment that the agent happened to start in.
    async fn loader(
        &self,
        profile: Option<&ProfileName>,
        region: Option<&str>,
    ) -> Result<ConfigLoader, RenewalError> {
        let files = self.config_files().await;
        let mut of_profile = ProfileFileRegionProvider::builder().profile_files(files.clone());
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12());
        if let Some(profile) = profile {
            of_profile = of_profile.profile_name(profile.as_str());
            loader = loader.profile_name(profile.as_str());
        }
        let region =
            RegionProviderChain::first_try(region.map(|name| Region::new(name.to_owned())))
                .or_else(of_profile.build())
                .or_else(EnvironmentVariableRegionProvider::new())
                .or_else(Region::from_static(FALLBACK_REGION));
        let loader = loader
            .profile_files(files)
            .region(region)
            .no_credentials()
            .identity_cache(IdentityCache::no_cache())
            .http_client(self.http()?)
            .time_source(SdkClock {
                local: self.local.clone(),
                offset: self.clock.offset(),
            })
            .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT)
                    .operation_attempt_timeout(TRY)
                    .operation_timeout(CALL)
                    .build(),
            );
        Ok(loader)
    }

    /// Both files without the lines that the SDK cannot read: over one of those it would forget the region and the
    /// endpoint of every profile, and talk to somebody else than the rest of the machine.
    async fn config_files(&self) -> EnvConfigFiles {
        let config = readable_lines(&text_of(&self.files.config).await);
        let credentials = readable_lines(&text_of(&self.files.credentials).await);
        EnvConfigFiles::builder()
            .with_contents(EnvConfigFileKind::Config, config)
            .with_contents(EnvConfigFileKind::Credentials, credentials)
            .build()
    }
}

/// A standard setting: from the environment, else from the profile's services section, else from the profile.
pub(crate) fn configured(settings: &SdkConfig, key: &ServiceConfigKey<'_>) -> Option<String> {
    settings.service_config()?.load_config(key.clone())
}

/// The address that the standard settings name for a service, by the name of its SDK.
pub(crate) fn endpoint_of(settings: &SdkConfig, service: &str) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id(service)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()?;
    let named =
        configured(settings, &key).or_else(|| settings.endpoint_url().map(str::to_owned))?;
    Some(named.trim_end_matches('/').to_owned())
}

/// The text of a file; none where there is no file. What cannot be read is somebody else's finding, and no settings.
async fn text_of(path: &Path) -> String {
    match tokio::fs::read(path).await {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "AWS settings cannot be read");
            String::new()
        }
    }
}

/// Leaves out what the SDK's parser rejects: a header without its bracket and all that follows up to the next header, a
/// property without `=` or without a name, a continuation of nothing.
fn readable_lines(text: &str) -> String {
    enum Place {
        Nowhere,
        InSection,
        InProperty,
        InNestedProperties,
    }
    let mut readable = String::with_capacity(text.len());
    let mut place = Place::Nowhere;
    for line in text.lines() {
        let content = without_comment(line);
        if content.is_empty() {
            continue;
        }
        let indented = line.starts_with([' ', '\t']);
        let keep = if line.starts_with('[') {
            let complete = line
                .split(['#', ';'])
                .next()
                .is_some_and(|head| head.trim().ends_with(']'));
            place = if complete {
                Place::InSection
            } else {
                Place::Nowhere
            };
            complete
        } else {
            let property = content
                .split_once('=')
                .filter(|(name, _)| !name.trim().is_empty());
            match place {
                Place::Nowhere => false,
                Place::InProperty if indented => true,
                Place::InNestedProperties if indented => property.is_some(),
                Place::InSection if indented => false,
                Place::InSection | Place::InProperty | Place::InNestedProperties => {
                    place = match property {
                        None => Place::InSection,
                        Some((_, value)) if value.trim().is_empty() => Place::InNestedProperties,
                        Some(_) => Place::InProperty,
                    };
                    property.is_some()
                }
            }
        };
        if keep {
            readable.push_str(line);
            readable.push('\n');
        }
    }
    readable
}

/// A line without what the SDK takes for a comment: from its start, or after a blank.
fn without_comment(line: &str) -> &str {
    let line = line.trim();
    let comment = line.char_indices().find(|&(at, character)| {
        matches!(character, '#' | ';') && (at == 0 || line[..at].ends_with(char::is_whitespace))
    });
    comment.map_or(line, |(at, _)| line[..at].trim_end())
}

/// These credentials and no others.
fn given(credentials: &Credentials) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(sdk_credentials(credentials))
}

pub(crate) fn sdk_credentials(credentials: &Credentials) -> aws_credential_types::Credentials {
    aws_credential_types::Credentials::new(
        credentials.access_key_id.clone(),
        credentials.secret_access_key.expose(),
        credentials
            .session_token
            .as_ref()
            .map(|token| token.expose().to_owned()),
        // Whether they have ended is AWS's to say; the clock of this machine may be wrong.
        None,
        "sandglass",
    )
}

/// AWS's clock as it was known when a call began, for signatures. What the call itself learns must not come in: the SDK
/// measures by this clock too, and would correct its second try twice.
struct SdkClock {
    local: Clock,
    offset: SignedDuration,
}

impl std::fmt::Debug for SdkClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SdkClock")
    }
}

impl aws_smithy_async::time::TimeSource for SdkClock {
    fn now(&self) -> SystemTime {
        let local = (self.local)();
        let now = local.checked_add(self.offset).unwrap_or(local);
        SystemTime::try_from(now).unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Answer, IDENTITY, aws_with, keys, replay};

    /// The address that a call with this profile of this config file goes to.
    async fn goes_to(config: &str, profile: &str) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), config).unwrap();
        let (_, wire) = replay(vec![Answer::ok(IDENTITY)]);
        let aws = aws_with(file.path().to_owned(), wire.clone());
        let profile = ProfileName::new(profile);
        aws.caller_identity(&profile, &keys())
            .await
            .map(drop)
            .unwrap();
        wire.actual_requests().next().unwrap().uri().to_owned()
    }

    #[tokio::test]
    async fn sts_is_asked_in_the_region_of_the_profile_or_of_its_source() {
        let config = "[profile base]\nregion = eu-west-1\n[profile a]\nsource_profile = base\n";
        assert_eq!(
            goes_to(config, "base").await,
            "https://sts.eu-west-1.amazonaws.com/"
        );
        assert_eq!(
            goes_to(config, "a").await,
            "https://sts.eu-west-1.amazonaws.com/"
        );
    }

    #[tokio::test]
    async fn standard_settings_of_the_profile_select_the_endpoint() {
        let config = "[profile plain]\nendpoint_url = http://127.0.0.1:7\n\
                      [profile named]\nservices = local\nendpoint_url = http://127.0.0.1:8\n\
                      [services local]\nsts =\n  endpoint_url = http://127.0.0.1:9\n\
                      [profile fips]\nregion = us-east-2\nuse_fips_endpoint = true\n\
                      [profile dual]\nregion = us-east-2\nuse_dualstack_endpoint = true\n";
        assert_eq!(goes_to(config, "plain").await, "http://127.0.0.1:7/");
        assert_eq!(goes_to(config, "named").await, "http://127.0.0.1:9/");
        assert_eq!(
            goes_to(config, "fips").await,
            "https://sts-fips.us-east-2.amazonaws.com/"
        );
        assert_eq!(
            goes_to(config, "dual").await,
            "https://sts.us-east-2.api.aws/"
        );
    }

    #[tokio::test]
    async fn a_broken_line_elsewhere_sends_no_call_astray() {
        let config = "oops\n[profile other\nregion = x\n[profile mine]\nwhat is this\nendpoint_url = http://127.0.0.1:7\n";
        assert_eq!(goes_to(config, "mine").await, "http://127.0.0.1:7/");
    }

    #[test]
    fn what_the_sdk_reads_stays_byte_for_byte() {
        let text = "[default]\nregion = eu-west-1 # here\n\n[profile a] ; x\nservices = local\n[services local]\nsts =\n  endpoint_url = http://127.0.0.1:9\n  other = 1\nlast = 1\n";
        let kept = readable_lines(text);
        assert_eq!(kept, text.replace("\n\n", "\n"));
    }

    #[test]
    fn broken_lines_take_nothing_with_them() {
        let text = "lost = 1\n[profile a]\n  continues nothing\nregion = eu-west-1\nno equals sign\n= no name\nsts =\n  no equals sign either\n  endpoint_url = x\n[broken\nregion = nowhere\n[profile b]\nregion = eu-west-2\n";
        assert_eq!(
            readable_lines(text),
            "[profile a]\nregion = eu-west-1\nsts =\n  endpoint_url = x\n[profile b]\nregion = eu-west-2\n"
        );
    }
}
