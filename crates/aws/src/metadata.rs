//! The role of the machine itself: what the metadata service of an EC2 instance, or the endpoint of a container, gives to
//! every program there.
//!
//! aws-config finds and asks both. Only the instance's document is read here and not by its provider: that one moves the
//! end of credentials that are over, so that programs go on with them, and an end that is told must be the true one.

use std::env;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::Client;
use aws_config::imds::client::error::ImdsError;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_types::service_config::ServiceConfigKey;
use jiff::Timestamp;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::{AccountId, ProfileName};
use sandglass_core::secret::{Credentials, Secret};
use serde_json::{Map, Value};

use crate::Aws;
use crate::failure::{chain, innermost};
use crate::settings::configured;

/// The service is on this machine or beside it: what is not there at once is not there.
const PATIENCE: Duration = Duration::from_secs(1);
/// Where instances have it (EC2 User Guide).
const IPV4: &str = "http://169.254.169.254";
/// The same, for instances that are set to `ipv6`.
const IPV6: &str = "http://[fd00:ec2::254]";
/// The name of the instance's role, and below it the credentials (EC2 User Guide).
const ROLE: &str = "/latest/meta-data/iam/security-credentials/";

/// Credentials of the machine's own role. AWS renews them in time.
#[derive(Clone, PartialEq, Eq)]
pub struct MachineCredentials {
    /// They carry their end.
    pub credentials: Credentials,
    /// When they were made (UTC), where the service says so: instances do, containers do not.
    pub issued_at: Option<Timestamp>,
    /// The role, where the service says so: instances do, containers do not.
    pub role_name: Option<String>,
    /// The account, where the service says so.
    pub account: Option<AccountId>,
}

impl Aws {
    /// The role of the EC2 instance that this machine is. `AWS_EC2_METADATA_SERVICE_ENDPOINT` and its setting in the
    /// profile are respected, and so is `AWS_EC2_METADATA_DISABLED`.
    pub async fn instance_role(
        &self,
        profile: Option<&ProfileName>,
    ) -> Result<MachineCredentials, RenewalError> {
        if is_true(env::var("AWS_EC2_METADATA_DISABLED").ok().as_deref()) {
            return Err(RenewalError::new(
                ErrorCode::InvalidDefinition,
                "the metadata service is switched off by `AWS_EC2_METADATA_DISABLED`",
                "Unset it and start Sandglass anew, if this machine is an EC2 instance.",
            ));
        }
        let settings = self.unsigned_settings(profile, None).await?;
        let endpoint = instance_endpoint(&settings);
        let client = self.instance_client(&settings, &endpoint)?;
        let failed = |error| instance_failure(&endpoint, &error);
        let role = client.get(ROLE).await.map_err(failed)?;
        // Only one can be attached; an empty list stands for none.
        let Some(role) = role.as_ref().lines().next().map(str::trim) else {
            return Err(no_role(&endpoint));
        };
        let document = client.get(format!("{ROLE}{role}")).await.map_err(failed)?;
        let machine = read(document.as_ref(), &endpoint)?;
        Ok(MachineCredentials {
            role_name: Some(role.to_owned()),
            ..machine
        })
    }

    fn instance_client(
        &self,
        settings: &SdkConfig,
        endpoint: &str,
    ) -> Result<Client, RenewalError> {
        let mut config = ProviderConfig::empty().with_http_client(self.metadata_http()?);
        if let Some(sleep) = settings.sleep_impl() {
            config = config.with_sleep_impl(sleep);
        }
        let builder = Client::builder()
            .configure(&config)
            .max_attempts(1)
            .connect_timeout(PATIENCE)
            .read_timeout(PATIENCE)
            .endpoint(endpoint)
            .map_err(|error| {
                RenewalError::new(
                    ErrorCode::InvalidDefinition,
                    format!("`{endpoint}` is no address of a metadata service: {error}"),
                    "Check `AWS_EC2_METADATA_SERVICE_ENDPOINT`, or `ec2_metadata_service_endpoint` in the profile.",
                )
            })?;
        Ok(builder.build())
    }

    /// The role of the container (ECS task, EKS pod) that this process runs in, as the `AWS_CONTAINER_…` variables of its
    /// environment name it.
    pub async fn container_role(&self) -> Result<MachineCredentials, RenewalError> {
        // Without a way to sleep the provider tries once, which is what there is time for.
        let config = ProviderConfig::empty().with_http_client(self.metadata_http()?);
        let provider = EcsCredentialsProvider::builder().configure(&config).build();
        let found = tokio::time::timeout(PATIENCE, provider.credentials())
            .await
            .unwrap_or_else(|_| Err(CredentialsError::provider_timed_out(PATIENCE)))
            .map_err(|error| container_failure(&error))?;
        let expires_at = found.expiry().and_then(|end| Timestamp::try_from(end).ok());
        Ok(MachineCredentials {
            credentials: Credentials {
                access_key_id: found.access_key_id().to_owned(),
                secret_access_key: Secret::new(found.secret_access_key().to_owned()),
                session_token: found
                    .session_token()
                    .map(|token| Secret::new(token.to_owned())),
                expires_at,
            },
            issued_at: None,
            role_name: None,
            account: found
                .account_id()
                .map(|account| AccountId::new(account.as_str())),
        })
    }
}

/// The standard settings name it, else the mode chooses one of two.
fn instance_endpoint(settings: &SdkConfig) -> String {
    let setting = |env, profile| {
        // These have no form for a single service; the name of one is wanted all the same.
        let key = ServiceConfigKey::builder()
            .service_id("imds")
            .env(env)
            .profile(profile)
            .build()
            .ok()?;
        configured(settings, &key)
    };
    let named = setting(
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "ec2_metadata_service_endpoint",
    );
    let mode = setting(
        "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
        "ec2_metadata_service_endpoint_mode",
    );
    named.unwrap_or_else(|| match mode {
        Some(mode) if mode.eq_ignore_ascii_case("ipv6") => IPV6.to_owned(),
        Some(_) | None => IPV4.to_owned(),
    })
}

fn is_true(value: Option<&str>) -> bool {
    value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// The document of an instance's credentials. A refusal comes with a good status too, and says so in `Code`.
fn read(document: &str, endpoint: &str) -> Result<MachineCredentials, RenewalError> {
    let Ok(Value::Object(document)) = serde_json::from_str(document) else {
        return Err(not_credentials(endpoint));
    };
    let code = text_of(&document, "Code").unwrap_or("Success");
    if code != "Success" {
        let message = text_of(&document, "Message").unwrap_or_default();
        return Err(RenewalError::new(
            ErrorCode::AccessDenied,
            format!("the metadata service at `{endpoint}` gives no credentials: {code}: {message}"),
            "Check that the trust policy of the instance's role lets `ec2.amazonaws.com` assume it.",
        ));
    }
    let time_of = |name| text_of(&document, name)?.parse::<Timestamp>().ok();
    let (Some(key), Some(secret), Some(token), Some(end)) = (
        text_of(&document, "AccessKeyId"),
        text_of(&document, "SecretAccessKey"),
        text_of(&document, "Token"),
        time_of("Expiration"),
    ) else {
        return Err(not_credentials(endpoint));
    };
    Ok(MachineCredentials {
        credentials: Credentials {
            access_key_id: key.to_owned(),
            secret_access_key: Secret::new(secret.to_owned()),
            session_token: Some(Secret::new(token.to_owned())),
            expires_at: Some(end),
        },
        issued_at: time_of("LastUpdated"),
        role_name: None,
        account: text_of(&document, "AccountId").map(AccountId::new),
    })
}

fn text_of<'a>(document: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    document.get(name)?.as_str()
}

fn instance_failure(endpoint: &str, error: &ImdsError) -> RenewalError {
    match error {
        ImdsError::ErrorResponse(refused) if refused.response().status().as_u16() == 404 => {
            no_role(endpoint)
        }
        ImdsError::ErrorResponse(refused) => {
            let status = refused.response().status().as_u16();
            RenewalError::new(
                ErrorCode::ServiceTrouble,
                format!("the metadata service at `{endpoint}` answered with HTTP {status}"),
                "Sandglass looks again by itself.",
            )
        }
        ImdsError::FailedToLoadToken(_) | ImdsError::IoError(_) | ImdsError::Unexpected(_) | _ => {
            if chain(error).any(|error| error.to_string().starts_with(NEVER_ANSWERED)) {
                return blocked(endpoint);
            }
            let why = innermost(error);
            RenewalError::new(
                ErrorCode::Unreachable,
                format!("no metadata service answers at `{endpoint}`: {why}"),
                "Where this machine is no EC2 instance there is none; in a container, let the instance's hop limit be 2.",
            )
        }
    }
}

/// How the SDK begins to tell that a connection stood, and that nothing came of it.
const NEVER_ANSWERED: &str = "HTTP read timeout";

/// The token of `IMDSv2` goes no further than the hop limit of the instance lets it, which is 1 unless somebody raised it: in
/// a container the connection stands, and the token never comes (EC2 User Guide, "Instance metadata options").
fn blocked(endpoint: &str) -> RenewalError {
    RenewalError::new(
        ErrorCode::Unreachable,
        format!(
            "the metadata service at `{endpoint}` takes the connection and gives no token (IMDSv2 is blocked)"
        ),
        "In a container on an instance, let the hop limit be 2: `aws ec2 modify-instance-metadata-options --instance-id ID \
         --http-put-response-hop-limit 2`; otherwise look for a firewall or a proxy that is in the way.",
    )
}

fn no_role(endpoint: &str) -> RenewalError {
    RenewalError::new(
        ErrorCode::SourceInvalid,
        format!("the metadata service at `{endpoint}` knows of no role for this instance"),
        "Attach an instance profile to the instance.",
    )
}

fn not_credentials(endpoint: &str) -> RenewalError {
    RenewalError::new(
        ErrorCode::ServiceTrouble,
        format!("what the metadata service at `{endpoint}` answered are no credentials"),
        "Check `AWS_EC2_METADATA_SERVICE_ENDPOINT` if this stays.",
    )
}

fn container_failure(error: &CredentialsError) -> RenewalError {
    let why = innermost(error);
    match error {
        CredentialsError::CredentialsNotLoaded(_) => RenewalError::new(
            ErrorCode::InvalidDefinition,
            "no credentials endpoint of a container is named in the environment of Sandglass",
            "Start Sandglass where `AWS_CONTAINER_CREDENTIALS_FULL_URI` or `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` is set.",
        ),
        CredentialsError::InvalidConfiguration(_) => RenewalError::new(
            ErrorCode::InvalidDefinition,
            format!("the credentials endpoint of the container cannot be asked: {why}"),
            "Check the `AWS_CONTAINER_…` variables that Sandglass was started with.",
        ),
        CredentialsError::ProviderError(_) => RenewalError::new(
            ErrorCode::ServiceTrouble,
            format!("the credentials endpoint of the container gives no credentials: {why}"),
            "Check the role of the task or pod, and its authorization token.",
        ),
        CredentialsError::ProviderTimedOut(_) => RenewalError::new(
            ErrorCode::Unreachable,
            "the credentials endpoint of the container does not answer in time",
            "Check the `AWS_CONTAINER_…` variables that Sandglass was started with.",
        ),
        CredentialsError::Unhandled(_) | _ => RenewalError::new(
            ErrorCode::Unreachable,
            format!("no credentials endpoint of a container answers: {why}"),
            "Check the `AWS_CONTAINER_…` variables that Sandglass was started with.",
        ),
    }
}

#[cfg(test)]
mod tests;
