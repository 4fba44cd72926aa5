//! What each refusal of AWS means: the one place where its codes and texts are known.
//!
//! Codes decide, never HTTP statuses alone: services send the same code with different statuses. Texts are looked at only
//! where AWS uses one code for several things.

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::session::DurationLimit;

use crate::call::{Call, IamCall, OidcCall, SignInCall};
use crate::failure::Refusal;
use crate::skew;

mod sts;

/// What a refusal comes to: the code that the engine goes by, and what the person can do.
struct Verdict(ErrorCode, String);

impl Verdict {
    fn new(code: ErrorCode, remedy: &str) -> Self {
        Self(code, remedy.to_owned())
    }
}

/// The meaning of a refusal, with AWS's own words in it; none where there are no words, which is not how AWS refuses.
pub(crate) fn judge(refusal: &Refusal) -> Option<RenewalError> {
    let wordless = refusal.code.is_empty() && refusal.text.is_empty();
    let Verdict(code, remedy) = match (of_any_service(refusal), refusal.call) {
        (Some(verdict), _) => verdict,
        // Here AWS refuses with a page for people, if with any.
        (None, Call::SignIn(SignInCall::GetSigninToken)) => of_signin_token(),
        (None, _) if wordless => return None,
        (None, Call::Sts(call)) => sts::verdict(call, refusal),
        (None, Call::Oidc(call)) => of_oidc(call, &refusal.code),
        (None, Call::Portal(_)) => of_portal(refusal),
        (None, Call::SignIn(SignInCall::Refresh)) => of_login_refresh(&refusal.code),
        (None, Call::Iam(call)) => of_iam(call),
    };
    Some(RenewalError::new(code, in_their_words(refusal), remedy))
}

/// Whose limit a refused duration exceeds; none where the refusal is about something else.
pub(crate) fn duration_limit(refusal: &Refusal) -> Option<DurationLimit> {
    if refusal.code != "ValidationError" {
        return None;
    }
    sts::duration_limit(&refusal.text)
}

/// The call, then code and text exactly as AWS sent them.
fn in_their_words(refusal: &Refusal) -> String {
    let Refusal {
        call,
        code,
        text,
        status,
    } = refusal;
    let name = call.name();
    match (code.is_empty(), text.is_empty()) {
        (false, false) => format!("{name} failed: {code}: {text}"),
        (false, true) => format!("{name} failed: {code}"),
        (true, false) => format!("{name} failed: {text}"),
        (true, true) => format!("{name} failed with HTTP status {status} and no further word"),
    }
}

/// Clock, load and trouble: the same everywhere.
fn of_any_service(refusal: &Refusal) -> Option<Verdict> {
    match refusal.code.as_str() {
        "SignatureDoesNotMatch" | "InvalidSignatureException" => skew::skew(&refusal.text)
            .map(|skew| wrong_clock(&format!("is {}", skew::in_words(skew)))),
        "RequestExpired" | "RequestTimeTooSkewed" | "RequestInTheFuture" => {
            Some(wrong_clock("is too far from that of AWS"))
        }
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "SlowDown"
        | "slow_down"
        | "SlowDownException"
        | "rate_exceeded"
        | "TooManyRequestsError" => Some(throttled()),
        "InternalFailure"
        | "InternalError"
        | "InternalServerException"
        | "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "server_error"
        | "service_unavailable" => Some(service_trouble()),
        _ => match refusal.status {
            429 => Some(throttled()),
            500.. => Some(service_trouble()),
            _ => None,
        },
    }
}

fn wrong_clock(how: &str) -> Verdict {
    let remedy = format!("The clock of this machine {how}: set it to the right time, then renew.");
    Verdict(ErrorCode::ClockSkew, remedy)
}

fn throttled() -> Verdict {
    Verdict::new(
        ErrorCode::Throttled,
        "AWS asks for fewer requests; Sandglass tries again by itself.",
    )
}

fn service_trouble() -> Verdict {
    Verdict::new(
        ErrorCode::ServiceTrouble,
        "AWS has trouble of its own; Sandglass tries again by itself.",
    )
}

/// `error` of the body (RFC 6749, RFC 8628) where there is one, else the exception's name.
fn of_oidc(call: OidcCall, code: &str) -> Verdict {
    match call {
        OidcCall::RegisterClient | OidcCall::StartDeviceAuthorization => of_sign_in_start(code),
        OidcCall::AwaitApproval => of_approval(code),
        // Whatever is wrong with a refresh token or its registration, only a new sign-in mends it.
        OidcCall::Refresh => sign_in_again(),
    }
}

fn of_sign_in_start(code: &str) -> Verdict {
    match code {
        "access_denied" | "AccessDeniedException" => Verdict::new(
            ErrorCode::AccessDenied,
            "Ask the administrator of the portal for access.",
        ),
        "invalid_client"
        | "InvalidClientException"
        | "unauthorized_client"
        | "UnauthorizedClientException" => sign_in_again(),
        "invalid_scope" | "InvalidScopeException" => Verdict::new(
            ErrorCode::InvalidDefinition,
            "Correct `sso_registration_scopes` of the sso-session; `sso:account:access` is the usual one.",
        ),
        "invalid_request" | "InvalidRequestException" => Verdict::new(
            ErrorCode::InvalidDefinition,
            "Check `sso_start_url` and `sso_region`: the portal must live in that region.",
        ),
        _ => Verdict::new(
            ErrorCode::InvalidDefinition,
            "Check `sso_start_url`, `sso_region` and `sso_registration_scopes`.",
        ),
    }
}

fn of_approval(code: &str) -> Verdict {
    match code {
        "expired_token" | "ExpiredTokenException" => Verdict::new(
            ErrorCode::SignInTimedOut,
            "The code ran out before it was approved: start the sign-in again.",
        ),
        "access_denied" | "AccessDeniedException" => Verdict::new(
            ErrorCode::SignInRefused,
            "The sign-in was refused in the browser: start it again if that was a mistake.",
        ),
        _ => sign_in_again(),
    }
}

fn of_portal(refusal: &Refusal) -> Verdict {
    match (refusal.code.as_str(), refusal.status) {
        // Whatever end the token's file names: the portal may have closed the session.
        ("UnauthorizedException", _) | (_, 401) => sign_in_again(),
        // Unmodelled in the SDK.
        ("ForbiddenException", _) | (_, 403) => Verdict::new(
            ErrorCode::AccessDenied,
            "Check `sso_account_id` and `sso_role_name` in the profile, or ask the administrator of the portal for that role.",
        ),
        ("ResourceNotFoundException", _) | (_, 404) => Verdict::new(
            ErrorCode::InvalidDefinition,
            "Check `sso_account_id` and `sso_role_name` in the profile: the portal does not know them.",
        ),
        _ => Verdict::new(
            ErrorCode::InvalidDefinition,
            "Check `sso_account_id`, `sso_role_name` and `sso_region`.",
        ),
    }
}

fn sign_in_again() -> Verdict {
    Verdict::new(ErrorCode::SignInOver, "Sign in again in the browser.")
}

/// `error` of the body (Sign-In API reference, `CreateOAuth2Token`) where there is one, else the exception's name.
fn of_login_refresh(code: &str) -> Verdict {
    match code {
        "INSUFFICIENT_PERMISSIONS" => Verdict::new(
            ErrorCode::AccessDenied,
            "Ask an administrator for `signin:CreateOAuth2Token`; the managed policy `SignInLocalDevelopmentAccess` has it.",
        ),
        // No word about the token: more sign-ins than the account may have at a time.
        "SERVICE_QUOTA_EXCEEDED" | "ServiceQuotaExceededException" => throttled(),
        // Whatever else is wrong with a refresh token or its key, only a new sign-in mends it.
        _ => Verdict::new(ErrorCode::SignInOver, "Sign in again with `aws login`."),
    }
}

fn of_signin_token() -> Verdict {
    Verdict::new(
        ErrorCode::SourceInvalid,
        "The console takes credentials of a role or of a federated user that still work: renew the session, then open the console again.",
    )
}

fn of_iam(call: IamCall) -> Verdict {
    let remedy = match call {
        IamCall::GetRole => {
            "Allow `iam:GetRole` on the role, so that its maximum session duration can be known."
        }
        IamCall::UpdateRole => {
            "Ask whoever keeps the role to raise its maximum session duration, or to allow you `iam:UpdateRole` on it."
        }
    };
    Verdict::new(ErrorCode::AccessDenied, remedy)
}

#[cfg(test)]
mod tests;
