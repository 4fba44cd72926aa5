//! `GetFederationToken`.

use jiff::Timestamp;

use super::role::session_policies;
use super::{Caller, Proof, credentials, refuse_session_credentials};
use crate::constraint::{self, Constraints};
use crate::journal::Trace;
use crate::markup::{element, text};
use crate::query::STS;
use crate::reply::{Refusal, Reply};
use crate::request::Request;
use crate::sandbox::Sandbox;
use crate::settings;

const DEFAULT_SECONDS: i64 = 43_200;

/// 36 hours.
const MAXIMUM_SECONDS: i64 = 129_600;

/// Hands out a session of somebody whom the caller vouches for; it may do what its policies allow.
pub(crate) fn get_federation_token(
    sandbox: &mut Sandbox,
    request: &Request,
    caller: &Caller,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let parameters = request.parameters();
    for name in ["Name", "DurationSeconds"] {
        trace.parameter(name, parameters.get(name));
    }
    refuse_session_credentials(caller, "GetFederationToken")?;
    let mut constraints = Constraints::of(&parameters);
    let name = constraints.text(&constraint::NAME).unwrap_or_default();
    let policy = constraints.text(&constraint::POLICY);
    let seconds = constraints.duration(DEFAULT_SECONDS, MAXIMUM_SECONDS)?;
    let minimum_token = constraints.minimum_token()?;
    constraints.finish()?;
    let (policies, packed) = session_policies(&parameters, policy)?;

    let account = &caller.account;
    let session = Caller {
        account: account.clone(),
        arn: format!("arn:aws:sts::{account}:federated-user/{name}"),
        user_id: format!("{account}:{name}"),
        proof: Proof::FederatedUser { policies },
    };
    let user = [
        text("FederatedUserId", &session.user_id),
        text("Arn", &session.arn),
    ];
    let ends = settings::end(sandbox.settings.federation_token, seconds, now);
    let key = sandbox.keys.issue(session, ends, minimum_token);
    let result = [
        credentials(&key),
        element("FederatedUser", &user.concat()),
        packed,
    ];
    Ok(STS.success("GetFederationToken", &result.concat()))
}
