//! Faults that are put in the way of calls on purpose.

use std::time::Duration;

use axum::http::StatusCode;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::operation::{Operation, Service};
use crate::reply::Refusal;

/// A fault and the calls that it is for.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// The call that it hits; `null` for every call.
    #[serde(default)]
    operation: Option<Operation>,
    /// How many more calls it hits; `null` for all until it is deleted.
    #[serde(default = "once")]
    count: Option<u32>,
    effect: Effect,
}

/// What happens to a call.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Effect {
    /// The service says that it is asked too often.
    Throttle,
    /// The service fails with status 500.
    ServerError,
    /// The service refuses with this.
    Refuse {
        status: u16,
        code: String,
        #[serde(default)]
        message: String,
    },
    /// The answer takes longer.
    Delay { milliseconds: u64 },
    /// The connection ends before the call was carried out.
    Drop,
    /// The call is carried out and the connection ends before the answer.
    DropReply,
    /// The service's clock is ahead of this machine's, or behind: all that it says and checks goes by that clock.
    Skew { seconds: i32 },
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "serde wants the type of the field"
)]
const fn once() -> Option<u32> {
    Some(1)
}

/// The faults that wait, in the order they were put.
#[derive(Default)]
pub(crate) struct Faults(Vec<Fault>);

/// What the faults make of one call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weather {
    pub(crate) delay: Duration,
    pub(crate) skew: SignedDuration,
    pub(crate) fate: Fate,
}

/// How a call ends.
#[derive(Clone, Debug, Default)]
pub(crate) enum Fate {
    /// As it should.
    #[default]
    Answered,
    /// Refused without having been looked at.
    Refused(Refusal),
    /// Never carried out, never answered.
    Dropped,
    /// Carried out, never answered.
    ReplyDropped,
}

impl Fault {
    /// Whether the status of a `refuse` is one that HTTP knows as an error.
    pub(crate) fn is_sound(&self) -> bool {
        match &self.effect {
            Effect::Refuse { status, .. } => (400..600).contains(status),
            Effect::Throttle
            | Effect::ServerError
            | Effect::Delay { .. }
            | Effect::Drop
            | Effect::DropReply
            | Effect::Skew { .. } => true,
        }
    }
}

impl Faults {
    pub(crate) fn put(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn waiting(&self) -> &[Fault] {
        &self.0
    }

    /// Spends the faults that hit a call. Delays and skews add up; the first that ends the call is the last to be spent.
    pub(crate) fn strike(&mut self, operation: Operation) -> Weather {
        let mut weather = Weather::default();
        for fault in &mut self.0 {
            let hits = fault.operation.is_none_or(|of| of == operation);
            if !hits || fault.count == Some(0) {
                continue;
            }
            fault.count = fault.count.map(|count| count - 1);
            let service = operation.service();
            weather.fate = match &fault.effect {
                Effect::Delay { milliseconds } => {
                    weather.delay += Duration::from_millis(*milliseconds);
                    continue;
                }
                Effect::Skew { seconds } => {
                    weather.skew += SignedDuration::from_secs(i64::from(*seconds));
                    continue;
                }
                Effect::Throttle => Fate::Refused(throttled(service)),
                Effect::ServerError => Fate::Refused(server_error(service)),
                Effect::Refuse {
                    status,
                    code,
                    message,
                } => {
                    let status =
                        StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                    Fate::Refused(Refusal::new(status, code, message))
                }
                Effect::Drop => Fate::Dropped,
                Effect::DropReply => Fate::ReplyDropped,
            };
            break;
        }
        self.0.retain(|fault| fault.count != Some(0));
        weather
    }
}

/// What each service says when it is asked too often.
fn throttled(service: Service) -> Refusal {
    match service {
        Service::Sts | Service::Iam => {
            Refusal::new(StatusCode::BAD_REQUEST, "Throttling", "Rate exceeded")
        }
        Service::Oidc => Refusal::new(
            StatusCode::BAD_REQUEST,
            "SlowDownException",
            "Polling too frequently",
        ),
        Service::Portal | Service::Container => Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequestsException",
            "Rate exceeded",
        ),
        Service::S3 => Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "SlowDown",
            "Please reduce your request rate.",
        ),
        Service::Signin => Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_exceeded",
            "Rate exceeded",
        ),
        Service::Federation => Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequests",
            "Too many requests",
        ),
        Service::Metadata => Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Service Unavailable",
            "Service Unavailable",
        ),
    }
}

/// What each service says when it fails itself.
fn server_error(service: Service) -> Refusal {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    match service {
        Service::Sts => Refusal::new(
            status,
            "InternalFailure",
            "The request processing has failed because of an unknown error, exception or failure.",
        ),
        Service::Iam => Refusal::new(
            status,
            "ServiceFailure",
            "The request processing has failed because of an unknown error, exception or failure.",
        ),
        Service::Oidc | Service::Portal => {
            Refusal::new(status, "InternalServerException", "Internal server error")
        }
        Service::S3 => Refusal::new(
            status,
            "InternalError",
            "We encountered an internal error. Please try again.",
        ),
        Service::Signin => Refusal::new(status, "server_error", "Internal server error"),
        Service::Federation | Service::Metadata | Service::Container => {
            Refusal::new(status, "InternalError", "Internal server error")
        }
    }
}
