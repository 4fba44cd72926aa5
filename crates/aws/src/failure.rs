//! From what the SDK reports to what happened: refused by AWS, or not answered at all.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use sandglass_core::error::{ErrorCode, RenewalError};
use serde_json::Value;

use crate::call::{Address, Call, SignInCall};
use crate::refusals;

/// A refusal as AWS worded it. Every field may be missing on the wire; then it is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// What was refused.
    pub(crate) call: Call,
    /// The error code: `AccessDenied`, `invalid_grant`.
    pub(crate) code: String,
    /// AWS's own words.
    pub(crate) text: String,
    /// HTTP status.
    pub(crate) status: u16,
}

/// Sends a call, which learns its address on the way, and gives its reply, or says what its failure means.
pub(crate) async fn answered<T, E, F>(
    call: Call,
    send: impl FnOnce(Address) -> F,
) -> Result<T, RenewalError>
where
    E: ProvideErrorMetadata + Error + 'static,
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
{
    let address = Address::default();
    send(address.clone())
        .await
        .map_err(|error| explain(call, &address, &error))
}

/// Says what a failed call means for the session and for the person.
pub(crate) fn explain<E>(
    call: Call,
    address: &Address,
    error: &SdkError<E, HttpResponse>,
) -> RenewalError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let verdict = match error {
        SdkError::ServiceError(refused) => {
            let refusal = Refusal::read(call, refused.err(), refused.raw());
            refusals::judge(&refusal).unwrap_or_else(|| {
                let why = format!("HTTP {} without an error code", refusal.status);
                not_aws(call, address, &why)
            })
        }
        SdkError::ResponseError(garbled) => {
            let status = garbled.raw().status().as_u16();
            not_aws(
                call,
                address,
                &format!("HTTP {status}, and not in AWS's format"),
            )
        }
        SdkError::TimeoutError(_) => unreachable(call, address, "no answer in time"),
        SdkError::DispatchFailure(failure) => {
            let why = failure.as_connector_error().map(|error| innermost(error));
            unreachable(call, address, why.as_deref().unwrap_or("no connection"))
        }
        // Of what is built here only the settings come from outside: an endpoint or region that makes no address.
        SdkError::ConstructionFailure(_) => wrong_settings(call, &innermost(error)),
        // The SDK's type may grow.
        _ => unreachable(call, address, &innermost(error)),
    };
    tracing::debug!(call = call.name(), address = address.as_str(), code = ?verdict.code, "a call to AWS failed");
    verdict
}

impl Refusal {
    /// The refusal; none where AWS did not answer.
    pub(crate) fn of<E: ProvideErrorMetadata>(
        call: Call,
        error: &SdkError<E, HttpResponse>,
    ) -> Option<Self> {
        let refused = error.as_service_error()?;
        Some(Self::read(call, refused, error.raw_response()?))
    }

    fn read<E: ProvideErrorMetadata>(call: Call, error: &E, reply: &HttpResponse) -> Self {
        let metadata = error.meta();
        let mut refusal = Self {
            call,
            code: metadata.code().unwrap_or_default().to_owned(),
            text: metadata.message().unwrap_or_default().trim().to_owned(),
            status: reply.status().as_u16(),
        };
        match call {
            Call::Oidc(_) | Call::SignIn(SignInCall::Refresh) => refusal.read_oauth(reply),
            Call::Sts(_)
            | Call::Portal(_)
            | Call::SignIn(SignInCall::GetSigninToken)
            | Call::Iam(_) => {}
        }
        refusal
    }

    /// The OAuth fields of the body, which the SDK takes no notice of where the header with the exception's name is
    /// missing, and whose codes are the stable ones (RFC 6749 section 5.2, RFC 8628 section 3.5).
    fn read_oauth(&mut self, reply: &HttpResponse) {
        let Some(body) = reply.body().bytes() else {
            return;
        };
        let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
            return;
        };
        let text_of = |name: &str| {
            fields
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let code = text_of("error");
        if !code.is_empty() {
            self.code = code;
        }
        let description = text_of("error_description");
        if !description.is_empty() {
            self.text = description;
        }
        let reason = text_of("reason");
        if !reason.is_empty() {
            self.text = [self.text.as_str(), &format!("({reason})")]
                .join(" ")
                .trim()
                .into();
        }
    }
}

/// Nobody answered.
fn unreachable(call: Call, address: &Address, why: &str) -> RenewalError {
    let remedy = if why.contains("certificate") {
        "Behind a proxy with certificates of its own, let `AWS_CA_BUNDLE` name them and start Sandglass anew."
    } else {
        "Check the network, the proxy and the endpoint settings; Sandglass keeps trying."
    };
    RenewalError::new(
        ErrorCode::Unreachable,
        format!(
            "{} did not reach `{}`: {why}",
            call.name(),
            address.as_str()
        ),
        remedy,
    )
}

/// Somebody answered who is not AWS: a sign-in page of a hotel, a proxy.
fn not_aws(call: Call, address: &Address, why: &str) -> RenewalError {
    RenewalError::new(
        ErrorCode::Unreachable,
        format!(
            "{} got no answer of AWS from `{}`: {why}",
            call.name(),
            address.as_str()
        ),
        "Check that the network wants no sign-in of its own, then the proxy and the endpoint settings.",
    )
}

fn wrong_settings(call: Call, why: &str) -> RenewalError {
    RenewalError::new(
        ErrorCode::InvalidDefinition,
        format!("{} could not be sent: {why}", call.name()),
        "Check `region`, `endpoint_url`, `use_fips_endpoint` and `use_dualstack_endpoint` of the profile.",
    )
}

/// The innermost cause, which names what the operating system or TLS said; the outer ones say only that it failed.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    chain(error).last().unwrap_or(error).to_string()
}

/// An error, and its causes down to the innermost.
pub(crate) fn chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}
