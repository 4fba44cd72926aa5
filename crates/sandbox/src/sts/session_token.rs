//! `GetSessionToken`.

use jiff::Timestamp;

use super::{Caller, Proof, credentials, prove_mfa, refuse_session_credentials};
use crate::constraint::{self, Constraints};
use crate::journal::Trace;
use crate::query::STS;
use crate::reply::{Refusal, Reply};
use crate::request::Request;
use crate::sandbox::Sandbox;
use crate::settings;

const DEFAULT_SECONDS: i64 = 43_200;

/// 36 hours.
const MAXIMUM_SECONDS: i64 = 129_600;

/// Hands out a session of the user who calls, with what MFA proved in it.
pub(crate) fn get_session_token(
    sandbox: &mut Sandbox,
    request: &Request,
    caller: &Caller,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let parameters = request.parameters();
    for name in ["SerialNumber", "DurationSeconds"] {
        trace.parameter(name, parameters.get(name));
    }
    refuse_session_credentials(caller, "GetSessionToken")?;
    let mut constraints = Constraints::of(&parameters);
    constraints.text(&constraint::SERIAL_NUMBER);
    constraints.text(&constraint::TOKEN_CODE);
    let seconds = constraints.duration(DEFAULT_SECONDS, MAXIMUM_SECONDS)?;
    let minimum_token = constraints.minimum_token()?;
    constraints.finish()?;

    let mfa = prove_mfa(sandbox, caller, &parameters, now)?;
    let session = Caller {
        proof: Proof::UserSession { mfa },
        ..caller.clone()
    };
    let ends = settings::end(sandbox.settings.session_token, seconds, now);
    let key = sandbox.keys.issue(session, ends, minimum_token);
    Ok(STS.success("GetSessionToken", &credentials(&key)))
}
