//! What goes back: an answer, or a refusal in the words and the wire format of the service that refuses.

use axum::http::StatusCode;

use crate::markup::{element, text};
use crate::operation::Service;
use crate::page::page;
use crate::query::{self, Api};
use crate::random;

/// An answer, before the server puts a date on it.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn new(status: StatusCode, content_type: &str, body: String) -> Self {
        Self {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body,
        }
    }

    pub(crate) fn json(status: StatusCode, body: &serde_json::Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A refusal by AWS: what every service's error says, whatever its wire format.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// The error code or exception name.
    pub(crate) code: String,
    /// The text for people.
    pub(crate) message: String,
    /// More elements of an S3 error.
    pub(crate) details: Vec<(&'static str, String)>,
}

impl Refusal {
    pub(crate) fn new(
        status: StatusCode,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            details: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.push((name, value.into()));
        self
    }

    /// The refusal as a service writes it.
    pub(crate) fn into_reply(self, service: Service) -> Reply {
        match service {
            Service::Sts => self.into_query_xml(&query::STS),
            Service::Iam => self.into_query_xml(&query::IAM),
            Service::Oidc => self.into_oauth_json(),
            Service::Portal => self.into_rest_json(),
            Service::S3 => self.into_s3_xml(),
            Service::Signin => self.into_signin_json(),
            Service::Metadata => Reply::new(self.status, "text/plain", self.message),
            Service::Container => Reply::json(
                self.status,
                &serde_json::json!({ "code": self.code, "message": self.message }),
            ),
            Service::Federation => page(self.status, "Bad request", &text("p", &self.message)),
        }
    }

    fn into_query_xml(self, api: &Api) -> Reply {
        let id = random::request_id();
        let blame = if self.status.is_server_error() {
            "Receiver"
        } else {
            "Sender"
        };
        let error = [
            text("Type", blame),
            text("Code", &self.code),
            text("Message", &self.message),
        ]
        .concat();
        let body = format!(
            "<ErrorResponse xmlns=\"{}\">{}{}</ErrorResponse>\n",
            api.namespace(),
            element("Error", &error),
            text("RequestId", &id)
        );
        Reply::new(self.status, "text/xml", body).with("x-amzn-requestid", id)
    }

    fn into_oauth_json(self) -> Reply {
        let body = serde_json::json!({
            "error": oauth_error(&self.code),
            "error_description": self.message,
        });
        let kind = format!(
            "{}:http://internal.amazon.com/coral/com.amazonaws.sso.oidc/",
            self.code
        );
        Reply::json(self.status, &body)
            .with("x-amzn-requestid", random::request_id())
            .with("x-amzn-errortype", kind)
    }

    fn into_rest_json(self) -> Reply {
        let body = serde_json::json!({
            "message": self.message,
            "__type": format!("com.amazonaws.switchboard.portal#{}", self.code),
        });
        let kind = format!(
            "{}:http://internal.amazon.com/coral/com.amazonaws.switchboard.portal/",
            self.code
        );
        Reply::json(self.status, &body)
            .with("x-amzn-requestid", random::request_id())
            .with("x-amzn-errortype", kind)
    }

    fn into_signin_json(self) -> Reply {
        let body = serde_json::json!({ "error": self.code, "message": self.message });
        Reply::json(self.status, &body)
            .with("x-amzn-requestid", random::request_id())
            .with("x-amzn-errortype", signin_exception(&self.code))
    }

    fn into_s3_xml(self) -> Reply {
        let id = random::request_id();
        let details: String = self
            .details
            .iter()
            .map(|(name, value)| text(name, value))
            .collect();
        let error = [
            text("Code", &self.code),
            text("Message", &self.message),
            details,
            text("RequestId", &id),
            text("HostId", "sandglass-sandbox"),
        ]
        .concat();
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}",
            element("Error", &error)
        );
        Reply::new(self.status, "application/xml", body)
            .with("x-amz-request-id", id)
            .with("x-amz-id-2", "sandglass-sandbox")
    }
}

/// The OAuth error code that belongs to an exception of the OIDC service.
fn oauth_error(exception: &str) -> &str {
    match exception {
        "AuthorizationPendingException" => "authorization_pending",
        "SlowDownException" => "slow_down",
        "ExpiredTokenException" => "expired_token",
        "AccessDeniedException" => "access_denied",
        "InvalidGrantException" => "invalid_grant",
        "InvalidClientException" => "invalid_client",
        "UnauthorizedClientException" => "unauthorized_client",
        "UnsupportedGrantTypeException" => "unsupported_grant_type",
        "InvalidScopeException" => "invalid_scope",
        "InvalidRedirectUriException" => "invalid_redirect_uri",
        "InvalidClientMetadataException" => "invalid_client_metadata",
        "InternalServerException" => "server_error",
        _ => "invalid_request",
    }
}

/// The exception of Sign-In that an error code belongs to.
fn signin_exception(error: &str) -> &'static str {
    match error {
        "TOKEN_EXPIRED"
        | "USER_CREDENTIALS_CHANGED"
        | "AUTHCODE_EXPIRED"
        | "INSUFFICIENT_PERMISSIONS" => "AccessDeniedException",
        "rate_exceeded" => "TooManyRequestsError",
        "server_error" => "InternalServerException",
        "service_unavailable" => "ServiceUnavailableException",
        "SERVICE_QUOTA_EXCEEDED" => "ServiceQuotaExceededException",
        _ => "ValidationException",
    }
}
