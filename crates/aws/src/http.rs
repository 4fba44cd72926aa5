//! The HTTP client: proxies and certificates.
//!
//! The SDK brings no client here (its default one would bring a second cryptography library), so that what its default
//! does by itself, proxies from the environment, is asked for. `AWS_CA_BUNDLE`, which the AWS CLI and botocore honour,
//! the SDK for Rust does not know at all.

use std::env;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use data_encoding::BASE64;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sandglass_core::error::{ErrorCode, RenewalError};

/// A client for all calls, through the proxy that the environment names.
pub(crate) fn client() -> Result<SharedHttpClient, RenewalError> {
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
            .proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.build()
    });
    Ok(client)
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
