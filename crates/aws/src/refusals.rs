//! What each refusal of AWS means: the one place where its codes and texts are known.
//!
//! Codes decide, never HTTP statuses alone: services send the same code with different statuses. Texts are looked at only
//! where AWS uses one code for several things.

use sandglass_core::error::{ErrorCode, RenewalError};

use crate::call::{Call, OidcCall, StsCall};
use crate::failure::Refusal;
use crate::skew;

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
        (None, _) if wordless => return None,
        (None, Call::Sts(call)) => of_sts(call, refusal),
        (None, Call::Oidc(call)) => of_oidc(call, &refusal.code),
        (None, Call::Portal(_)) => of_portal(refusal),
    };
    Some(RenewalError::new(code, in_their_words(refusal), remedy))
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
        | "SlowDownException" => Some(throttled()),
        "InternalFailure"
        | "InternalError"
        | "InternalServerException"
        | "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "server_error" => Some(service_trouble()),
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

fn of_sts(call: StsCall, refusal: &Refusal) -> Verdict {
    match refusal.code.as_str() {
        // STS's model knows only `ExpiredTokenException`, which is about web identity tokens; the answer to expired
        // credentials is `ExpiredToken`, unmodelled.
        "ExpiredToken" | "ExpiredTokenException" => Verdict::new(
            ErrorCode::SourceExpired,
            "The credentials that this renewal starts from have ended: renew those first.",
        ),
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "AuthFailure"
        | "InvalidAccessKeyId"
        | "InvalidToken" => Verdict::new(
            ErrorCode::SourceInvalid,
            "AWS does not know the access key that this renewal starts from: it was deleted, switched off or mistyped, \
                 or belongs to another partition. Put a valid key into the source profile.",
        ),
        "SignatureDoesNotMatch" | "InvalidSignatureException" | "IncompleteSignature" => {
            Verdict::new(
                ErrorCode::SourceInvalid,
                "The secret key of the source profile does not belong to its access key, or a proxy changed the request: check both.",
            )
        }
        "AccessDenied" | "AccessDeniedException" => of_sts_denial(call, &refusal.text),
        "ValidationError" => of_sts_validation(&refusal.text),
        "RegionDisabledException" => Verdict::new(
            ErrorCode::InvalidDefinition,
            "STS is switched off in this region: set `region` of the profile to one that is on, or have an administrator switch it on.",
        ),
        _ if refusal.status == 403 => of_sts_denial(call, &refusal.text),
        _ => Verdict::new(
            ErrorCode::InvalidDefinition,
            "Check the profile against what AWS says.",
        ),
    }
}

/// One code for a wrong code, a wrong device and a missing permission: AWS's text tells them apart.
fn of_sts_denial(call: StsCall, text: &str) -> Verdict {
    let says = |words: &str| text.contains(words);
    if says("invalid MFA one time pass code") {
        return Verdict::new(
            ErrorCode::WrongCode,
            "Enter the next code that the device shows: each code works once, and for half a minute.",
        );
    }
    if says("unable to validate MFA code") {
        return Verdict::new(
            ErrorCode::WrongDevice,
            "Check that the device is an `…:mfa/…` ARN of the user whose keys make the call.",
        );
    }
    if says("must provide both MFA serial number and one time pass code") {
        return Verdict::new(
            ErrorCode::InvalidDefinition,
            "Set `mfa_serial` in the profile of the role, so that Sandglass asks for a code.",
        );
    }
    if says("with session credentials") {
        return Verdict::new(
            ErrorCode::InvalidDefinition,
            "This call needs the long-lived keys of a user: name a source profile that has them.",
        );
    }
    match call {
        StsCall::AssumeRole => Verdict::new(
            ErrorCode::AccessDenied,
            "Check the role's trust policy and your permissions; where the role wants MFA, set `mfa_serial` in its profile.",
        ),
        StsCall::AssumeRoleWithCode => Verdict::new(
            ErrorCode::AccessDenied,
            "Check the role's trust policy (principal, external id) and your permission to assume it.",
        ),
        StsCall::GetSessionToken | StsCall::GetCallerIdentity => Verdict::new(
            ErrorCode::AccessDenied,
            "Ask an administrator for the permission that AWS names.",
        ),
    }
}

fn of_sts_validation(text: &str) -> Verdict {
    let says = |words: &str| text.contains(words);
    if says("role chaining") {
        return Verdict::new(
            ErrorCode::InvalidDefinition,
            "A role that is assumed from another role ends after an hour at most: set `duration_seconds` to 3600 or remove it.",
        );
    }
    if says("exceeds the MaxSessionDuration") {
        return Verdict::new(
            ErrorCode::InvalidDefinition,
            "Lower `duration_seconds` in the profile, or have the role's maximum session duration raised.",
        );
    }
    if says("'durationSeconds'") {
        return Verdict::new(
            ErrorCode::InvalidDefinition,
            "Set a duration that AWS accepts: from 15 min up to 12 h for a role, up to 36 h for an MFA session.",
        );
    }
    if says("'tokenCode'") {
        return Verdict::new(
            ErrorCode::WrongCode,
            "Enter the six digits that the device shows.",
        );
    }
    if says("'serialNumber'") {
        return Verdict::new(
            ErrorCode::WrongDevice,
            "Name the device by its ARN (`arn:aws:iam::<account>:mfa/<name>`) or by its serial number.",
        );
    }
    Verdict::new(
        ErrorCode::InvalidDefinition,
        "Correct the value that AWS names in the profile.",
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

#[cfg(test)]
mod tests;
