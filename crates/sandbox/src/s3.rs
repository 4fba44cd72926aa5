//! S3, as far as a victim needs it: the list of buckets, and the errors that ended sessions meet there.

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};

use crate::caller::{Caller, Demand, Doubt, Proof, Standing};
use crate::clock::iso;
use crate::journal::Trace;
use crate::markup::{element, text};
use crate::random;
use crate::reply::{Refusal, Reply};
use crate::request::Request;
use crate::sandbox::Sandbox;
use crate::sigv4::{Authorization, Unreadable, payload_hash};

/// How far a client's clock may be off: 900000 milliseconds, as the error itself says.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(15);

/// Lists the buckets of the caller's account.
pub(crate) fn list_buckets(
    sandbox: &Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let (caller, standing) = authenticate(sandbox, request, now, trace)?;
    match standing {
        Standing::Good => {}
        Standing::DeniedEverything => return Err(denied("Access Denied")),
    }
    match &caller.proof {
        Proof::FederatedUser { policies } if !policies.allow_listing_buckets() => {
            return Err(denied("Access Denied"));
        }
        Proof::LongTerm
        | Proof::UserSession { .. }
        | Proof::ConsoleLogin
        | Proof::RoleSession { .. }
        | Proof::FederatedUser { .. } => {}
    }
    let buckets: String = sandbox
        .world
        .account(&caller.account)
        .map(|account| account.buckets.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|name| {
            let parts = [
                text("Name", name),
                text("CreationDate", "2026-01-02T03:04:05.000Z"),
            ];
            element("Bucket", &parts.concat())
        })
        .collect();
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListAllMyBucketsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{}{}</ListAllMyBucketsResult>",
        element(
            "Owner",
            &text("ID", &payload_hash(caller.account.as_bytes()))
        ),
        element("Buckets", &buckets),
    );
    Ok(Reply::new(StatusCode::OK, "application/xml", body)
        .with("x-amz-request-id", random::request_id())
        .with("x-amz-id-2", "sandglass-sandbox"))
}

fn authenticate(
    sandbox: &Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<(Caller, Standing), Refusal> {
    let claim = Authorization::read(request).map_err(|doubt| refusal(Doubt::Unreadable(doubt)))?;
    if let Some(name) = claim.unsigned_headers(request).first() {
        return Err(refusal(Doubt::UnsignedHeaders((*name).to_owned())));
    }
    let demand = Demand {
        service: "s3",
        tolerance: TOLERANCE,
        payload_hash: signed_payload_hash(request)?,
    };
    sandbox
        .keys
        .authenticate(&sandbox.world, request, &demand, now, trace)
        .map_err(refusal)
}

/// S3 signs what `x-amz-content-sha256` says, which must be true or openly left out.
fn signed_payload_hash(request: &Request) -> Result<&str, Refusal> {
    let bad = |code, message| Refusal::new(StatusCode::BAD_REQUEST, code, message);
    let Some(claimed) = request.header("x-amz-content-sha256") else {
        return Err(bad(
            "InvalidRequest",
            "Missing required header for this request: x-amz-content-sha256",
        ));
    };
    if claimed == "UNSIGNED-PAYLOAD" || claimed == payload_hash(&request.body) {
        return Ok(claimed);
    }
    Err(bad(
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ))
}

/// A doubt about the caller, in the words of S3.
fn refusal(doubt: Doubt) -> Refusal {
    let bad = |code, message: &str| Refusal::new(StatusCode::BAD_REQUEST, code, message);
    match doubt {
        Doubt::Unreadable(Unreadable::Missing) => denied("Access Denied"),
        Doubt::Unreadable(Unreadable::Incomplete(text) | Unreadable::Misplaced(text)) => {
            bad("AuthorizationHeaderMalformed", &text)
        }
        Doubt::UnsignedHeaders(name) => {
            denied("There were headers present in the request which were not signed")
                .with("HeadersNotSigned", name)
        }
        Doubt::Skewed { signed, now, .. } => Refusal::new(
            StatusCode::FORBIDDEN,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        )
        .with("RequestTime", signed)
        .with("ServerTime", iso(now))
        .with(
            "MaxAllowedSkewMilliseconds",
            TOLERANCE.as_millis().to_string(),
        ),
        Doubt::UnknownKey { key_id } => Refusal::new(
            StatusCode::FORBIDDEN,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        )
        .with("AWSAccessKeyId", key_id),
        Doubt::WrongToken => bad(
            "InvalidToken",
            "The provided token is malformed or otherwise invalid.",
        ),
        Doubt::Ended => bad("ExpiredToken", "The provided token has expired."),
        Doubt::Mismatch {
            key_id,
            string_to_sign,
            signature,
        } => Refusal::new(
            StatusCode::FORBIDDEN,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        )
        .with("AWSAccessKeyId", key_id)
        .with("StringToSign", string_to_sign)
        .with("SignatureProvided", signature),
    }
}

fn denied(message: &str) -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", message)
}
