//! The query protocol, which STS and IAM speak: forms in, XML out.

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};

use crate::caller::{Caller, Demand, Doubt, Standing};
use crate::journal::Trace;
use crate::markup::{element, text};
use crate::operation::{Operation, Service};
use crate::random;
use crate::reply::{Refusal, Reply};
use crate::request::Request;
use crate::sandbox::Sandbox;
use crate::sigv4::payload_hash;
use crate::{iam, sts};

pub(crate) const STS: Api = Api {
    name: "sts",
    version: sts::VERSION,
};

pub(crate) const IAM: Api = Api {
    name: "iam",
    version: iam::VERSION,
};

/// How far a client's clock may be off.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// A service that speaks it.
pub(crate) struct Api {
    /// The name that signatures are for.
    name: &'static str,
    version: &'static str,
}

/// The call that a request makes. What names no version that the box knows is taken for one to STS.
pub(crate) fn operation(request: &Request) -> Result<Operation, (Service, Refusal)> {
    let parameters = request.parameters();
    let version = parameters.get("Version").unwrap_or_default();
    let service = match version {
        iam::VERSION => Service::Iam,
        _ => Service::Sts,
    };
    let bad = |code, message: String| {
        let refusal = Refusal::new(StatusCode::BAD_REQUEST, code, message);
        Err((service, refusal))
    };
    let Some(action) = parameters.get("Action") else {
        let text = "The request must contain the parameter Action";
        return bad("MissingAction", text.to_owned());
    };
    match (action, version) {
        ("AssumeRole", sts::VERSION) => Ok(Operation::AssumeRole),
        ("AssumeRoleWithWebIdentity", sts::VERSION) => Ok(Operation::AssumeRoleWithWebIdentity),
        ("GetFederationToken", sts::VERSION) => Ok(Operation::GetFederationToken),
        ("GetCallerIdentity", sts::VERSION) => Ok(Operation::GetCallerIdentity),
        ("GetSessionToken", sts::VERSION) => Ok(Operation::GetSessionToken),
        ("GetRole", iam::VERSION) => Ok(Operation::GetRole),
        ("UpdateRole", iam::VERSION) => Ok(Operation::UpdateRole),
        (action, version) => bad(
            "InvalidAction",
            format!("Could not find operation {action} for version {version}"),
        ),
    }
}

impl Api {
    /// Who calls, by a request to this service.
    pub(crate) fn authenticate(
        &self,
        sandbox: &Sandbox,
        request: &Request,
        now: Timestamp,
        trace: &mut Trace,
    ) -> Result<(Caller, Standing), Refusal> {
        let demand = Demand {
            service: self.name,
            tolerance: TOLERANCE,
            payload_hash: &payload_hash(&request.body),
        };
        sandbox
            .keys
            .authenticate(&sandbox.world, request, &demand, now, trace)
            .map_err(Doubt::into_query_refusal)
    }

    pub(crate) fn success(&self, operation: &str, result: &str) -> Reply {
        let id = random::request_id();
        let body = format!(
            "<{operation}Response xmlns=\"{}\">{}{}</{operation}Response>\n",
            self.namespace(),
            element(&format!("{operation}Result"), result),
            element("ResponseMetadata", &text("RequestId", &id)),
        );
        Reply::new(StatusCode::OK, "text/xml", body).with("x-amzn-requestid", id)
    }

    /// The XML namespace of what it says.
    pub(crate) fn namespace(&self) -> String {
        format!("https://{}.amazonaws.com/doc/{}/", self.name, self.version)
    }
}
