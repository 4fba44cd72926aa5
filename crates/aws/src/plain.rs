//! Requests that none of the SDKs here models, sent with the SDK's own machinery: its tries, time limits and errors.

use std::fmt;

use aws_config::SdkConfig;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::client::orchestrator::{
    HttpRequest, HttpResponse, OrchestratorError, SensitiveOutput,
};
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use sandglass_core::error::RenewalError;
use sandglass_core::secret::Secret;

use crate::call::{Address, Call, guarded};
use crate::failure::answered;

/// The body of a good answer.
struct Body(Secret);

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").finish_non_exhaustive()
    }
}

/// Sends a request to this endpoint and gives the body of the answer. The path of the request is below the endpoint.
/// `refusal` reads code and text out of the body of a refusal.
pub(crate) async fn send(
    call: Call,
    settings: &SdkConfig,
    endpoint: &str,
    request: http::Request<String>,
    refusal: fn(&str) -> ErrorMetadata,
) -> Result<Secret, RenewalError> {
    let endpoint = endpoint.to_owned();
    let settings = settings.clone();
    guarded(call, async move {
        let Body(text) = answered(call, |address| async move {
            operation(call, &settings, &endpoint, address, request, refusal)
                .invoke(())
                .await
        })
        .await?;
        Ok(text)
    })
    .await
}

fn operation(
    call: Call,
    settings: &SdkConfig,
    endpoint: &str,
    address: Address,
    request: http::Request<String>,
    refusal: fn(&str) -> ErrorMetadata,
) -> Operation<(), Body, ErrorMetadata> {
    let mut secrets = Layer::new("SensitiveOutput");
    secrets.store_put(SensitiveOutput);
    let retry = settings.retry_config().cloned();
    let timeouts = settings.timeout_config().cloned();
    let mut builder = Operation::builder()
        .service_name("plain")
        .operation_name(call.name())
        .endpoint_url(endpoint)
        .no_auth()
        .standard_retry(&retry.unwrap_or_else(RetryConfig::standard))
        .retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .timeout_config(timeouts.unwrap_or_else(|| TimeoutConfig::builder().build()))
        .interceptor(address)
        .runtime_plugin(StaticRuntimePlugin::new().with_config(secrets.freeze()));
    if let Some(client) = settings.http_client() {
        builder = builder.http_client(client);
    }
    if let Some(sleep) = settings.sleep_impl() {
        builder = builder.sleep_impl(sleep);
    }
    if let Some(clock) = settings.time_source() {
        builder = builder.time_source(clock);
    }
    builder
        .serializer(move |()| Ok(HttpRequest::try_from(request.clone().map(SdkBody::from))?))
        .deserializer(move |answer| read(answer, refusal))
        .build()
}

fn read(
    answer: &HttpResponse,
    refusal: fn(&str) -> ErrorMetadata,
) -> Result<Body, OrchestratorError<ErrorMetadata>> {
    let bytes = answer.body().bytes().unwrap_or_default();
    let text = String::from_utf8_lossy(bytes).into_owned();
    if answer.status().is_success() {
        Ok(Body(Secret::new(text)))
    } else {
        Err(OrchestratorError::operation(refusal(&text)))
    }
}
