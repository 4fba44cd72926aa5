//! The HTTP client: proxies, certificates, and an ear for AWS's clock.
//!
//! The SDK brings no client here (its default one would bring a second cryptography library), so that what its default
//! does by itself, proxies from the environment, is asked for. `AWS_CA_BUNDLE`, which the AWS CLI and botocore honour,
//! the SDK for Rust does not know at all.

use std::env;
use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::config_bag::ConfigBag;
use data_encoding::BASE64;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sandglass_core::error::{ErrorCode, RenewalError};
use tokio::time::Instant;

use crate::{Clock, ServerClock};

/// How a request travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Through the proxy that the environment names: AWS is out there.
    Proxied,
    /// Past every proxy: the metadata service is on this machine or beside it, and a proxy would learn its credentials.
    Direct,
}

/// A client for all calls that go this way.
pub(crate) fn client(way: Way) -> Result<SharedHttpClient, RenewalError> {
    let bundle = env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty());
    let trust = trust_store(bundle.map(PathBuf::from).as_deref())?;
    let tls = TlsContext::builder()
        .with_trust_store(trust)
        .build()
        .map_err(|error| {
            RenewalError::new(
                ErrorCode::Internal,
                format!("the TLS client cannot be set up: {error}"),
                "Report this as a defect of Sandglass.",
            )
        })?;
    // The plain builder of the SDK has no place for a proxy; the SDK's own default client is built this way too.
    let client = Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls.clone())
            .proxy_config(match way {
                Way::Proxied => ProxyConfig::from_env(),
                Way::Direct => ProxyConfig::disabled(),
            });
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.build()
    });
    Ok(client)
}

/// A client that hears what AWS's clock shows with each answer.
pub(crate) fn heard(
    client: SharedHttpClient,
    local: Clock,
    server: ServerClock,
) -> SharedHttpClient {
    SharedHttpClient::new(Heard {
        inner: client,
        ear: Ear { local, server },
    })
}

#[derive(Debug)]
struct Heard<T> {
    inner: T,
    ear: Ear,
}

#[derive(Clone)]
struct Ear {
    local: Clock,
    server: ServerClock,
}

impl fmt::Debug for Ear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ear").finish_non_exhaustive()
    }
}

impl HttpClient for Heard<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Heard {
            inner: self.inner.http_connector(settings, components),
            ear: self.ear.clone(),
        })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.inner.validate_base_client_config(components, config)
    }

    fn validate_final_config(
        &self,
        components: &RuntimeComponents,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.inner.validate_final_config(components, config)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.inner.connector_metadata()
    }
}

impl HttpConnector for Heard<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Ear { local, server } = self.ear.clone();
        let (sent, sent_at) = (Instant::now(), local());
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            let received_at = local();
            // A machine that slept on the way knows that by its wall clock only.
            let by_the_wall = received_at.duration_since(sent_at).unsigned_abs();
            let round_trip = sent.elapsed().max(by_the_wall);
            server.learn(answer.headers(), received_at, round_trip);
            Ok(answer)
        })
    }
}

/// The certificates of the bundle and no others, as botocore does it; without a bundle those of the system.
fn trust_store(bundle: Option<&Path>) -> Result<TrustStore, RenewalError> {
    let Some(path) = bundle else {
        // The SDK asserts that there is at least one, although plain HTTP endpoints need none.
        let native = !rustls_native_certs::load_native_certs().certs.is_empty();
        return Ok(TrustStore::empty().with_native_roots(native));
    };
    let remedy =
        "Let `AWS_CA_BUNDLE` name a readable PEM file, or unset it, and start Sandglass anew.";
    let pem = std::fs::read(path).map_err(|error| {
        RenewalError::new(
            ErrorCode::FileTrouble,
            format!(
                "`{}`, named by `AWS_CA_BUNDLE`, cannot be read: {error}",
                path.display()
            ),
            remedy,
        )
    })?;
    let Some(usable) = usable_certificates(&pem) else {
        return Err(RenewalError::new(
            ErrorCode::FileTrouble,
            format!(
                "`{}`, named by `AWS_CA_BUNDLE`, holds no certificate",
                path.display()
            ),
            remedy,
        ));
    };
    Ok(TrustStore::empty().with_pem_certificate(usable))
}

/// The certificates that rustls accepts as roots, as PEM: the SDK panics over any other, and bundles of companies hold odd
/// ones.
fn usable_certificates(pem: &[u8]) -> Option<String> {
    let mut roots = RootCertStore::empty();
    let mut usable = String::new();
    for certificate in CertificateDer::pem_slice_iter(pem).flatten() {
        if roots.add(certificate.clone()).is_ok() {
            let body = BASE64.encode(&certificate);
            let _ = write!(
                usable,
                "-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
            );
        }
    }
    (!usable.is_empty()).then_some(usable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use jiff::SignedDuration;

    use crate::testing::{Answer, good_answers, make, now, replay};

    #[tokio::test]
    async fn every_call_hears_the_clock_of_aws() {
        for (call, body) in good_answers() {
            let answer = Answer {
                header: Some(("date", "Thu, 01 Jan 2026 11:00:00 GMT")),
                ..Answer::ok(body)
            };
            let (aws, _) = replay(vec![answer]);
            make(&aws, call).await.unwrap();
            assert!(aws.clock().offset().as_hours() == 1, "{call:?}");
        }
    }

    #[tokio::test]
    async fn an_answer_that_lay_there_while_the_machine_slept_tells_no_time() {
        let (_, wire) = replay(vec![Answer {
            header: Some(("date", "Thu, 01 Jan 2026 10:00:00 GMT")),
            ..Answer::ok("")
        }]);
        let asleep = AtomicI64::new(0);
        let ear = Ear {
            local: Arc::new(move || {
                now() + SignedDuration::from_hours(asleep.fetch_add(9, Ordering::Relaxed))
            }),
            server: ServerClock::new(),
        };
        let connector = Heard {
            inner: SharedHttpConnector::new(wire),
            ear: ear.clone(),
        };
        connector
            .call(HttpRequest::get("http://127.0.0.1/").unwrap())
            .await
            .unwrap();
        assert_eq!(ear.server.offset(), SignedDuration::ZERO);
    }

    #[test]
    fn a_bundle_that_is_missing_is_named_with_its_variable() {
        let error = trust_store(Some(Path::new("/nowhere/ca.pem"))).unwrap_err();
        assert_eq!(error.code, ErrorCode::FileTrouble);
        assert!(
            error
                .message
                .starts_with("`/nowhere/ca.pem`, named by `AWS_CA_BUNDLE`, cannot be read")
        );
    }

    #[test]
    fn a_bundle_without_certificates_is_refused_instead_of_trusting_nobody() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(
            file.path(),
            "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n",
        )
        .unwrap();
        let error = trust_store(Some(file.path())).unwrap_err();
        assert!(error.message.ends_with("holds no certificate"), "{error}");
    }

    #[test]
    fn no_certificates_on_the_system_are_no_reason_to_fail() {
        assert!(trust_store(None).is_ok());
    }
}
