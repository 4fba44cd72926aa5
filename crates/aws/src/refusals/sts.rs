//! What the refusals of STS mean.

use sandglass_core::error::ErrorCode;
use sandglass_core::session::DurationLimit;

use super::{Verdict, service_trouble};
use crate::call::StsCall;
use crate::failure::Refusal;

pub(super) fn verdict(call: StsCall, refusal: &Refusal) -> Verdict {
    match refusal.code.as_str() {
        // The identity provider did not answer AWS in time.
        "IDPCommunicationError" | "IDPCommunicationErrorException" => service_trouble(),
        "InvalidIdentityToken"
        | "InvalidIdentityTokenException"
        | "IDPRejectedClaim"
        | "IDPRejectedClaimException" => Verdict::new(
            ErrorCode::SourceInvalid,
            "AWS does not take the token in the web identity token file: let the program that writes the file put a new one \
             into it, from the provider and for the audience that IAM knows.",
        ),
        // STS's model knows only `ExpiredTokenException`, which is about web identity tokens; the answer to expired
        // credentials is `ExpiredToken`, unmodelled.
        "ExpiredToken" | "ExpiredTokenException" => {
            Verdict::new(ErrorCode::SourceExpired, ended(call))
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "AuthFailure"
        | "InvalidAccessKeyId"
        | "InvalidToken" => Verdict::new(ErrorCode::SourceInvalid, unknown(call)),
        "SignatureDoesNotMatch" | "InvalidSignatureException" | "IncompleteSignature" => {
            Verdict::new(
                ErrorCode::SourceInvalid,
                "The secret key of the source profile does not belong to its access key, or a proxy changed the request: check both.",
            )
        }
        "AccessDenied" | "AccessDeniedException" => denial(call, &refusal.text),
        "ValidationError" => validation(&refusal.text),
        "MalformedPolicyDocument" => Verdict::new(
            ErrorCode::InvalidDefinition,
            "Correct the session policy: AWS cannot read it as one.",
        ),
        "PackedPolicyTooLarge" => Verdict::new(
            ErrorCode::InvalidDefinition,
            "Shorten the session policy, or name managed policies in its place: AWS packs all of it into the session.",
        ),
        "RegionDisabledException" => Verdict::new(
            ErrorCode::InvalidDefinition,
            "STS is switched off in this region: set `region` of the profile to one that is on, or have an administrator switch it on.",
        ),
        _ if refusal.status == 403 => denial(call, &refusal.text),
        _ => Verdict::new(
            ErrorCode::InvalidDefinition,
            "Check the profile against what AWS says.",
        ),
    }
}

/// One code for a wrong code, a wrong device and a missing permission: AWS's text tells them apart.
fn denial(call: StsCall, text: &str) -> Verdict {
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
        StsCall::AssumeRoleWithWebIdentity => Verdict::new(
            ErrorCode::AccessDenied,
            "Check the role's trust policy: it must name the provider of the token, its audience and its subject.",
        ),
        StsCall::GetSessionToken | StsCall::GetFederationToken | StsCall::GetCallerIdentity => {
            Verdict::new(
                ErrorCode::AccessDenied,
                "Ask an administrator for the permission that AWS names.",
            )
        }
    }
}

fn validation(text: &str) -> Verdict {
    let says = |words: &str| text.contains(words);
    match duration_limit(text) {
        Some(DurationLimit::RoleChaining) => {
            return Verdict::new(
                ErrorCode::DurationTooLong,
                "A role that is assumed with the credentials of another role ends after an hour at most: set `duration_seconds` to 3600 \
                 or remove it.",
            );
        }
        Some(DurationLimit::RoleMaximum) => {
            return Verdict::new(
                ErrorCode::DurationTooLong,
                "The role itself sets a maximum session duration that is shorter: lower `duration_seconds`, or have it raised.",
            );
        }
        None => {}
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

/// Whose limit it is that AWS speaks of.
pub(super) fn duration_limit(text: &str) -> Option<DurationLimit> {
    if text.contains("role chaining") {
        Some(DurationLimit::RoleChaining)
    } else if text.contains("exceeds the MaxSessionDuration") {
        Some(DurationLimit::RoleMaximum)
    } else {
        None
    }
}

fn ended(call: StsCall) -> &'static str {
    match call {
        StsCall::AssumeRole
        | StsCall::AssumeRoleWithCode
        | StsCall::GetSessionToken
        | StsCall::GetFederationToken => {
            "The credentials that this renewal starts from have ended: renew those first."
        }
        StsCall::AssumeRoleWithWebIdentity => {
            "The token in the web identity token file has ended: let the program that writes the file put a new one into it."
        }
        StsCall::GetCallerIdentity => "These credentials have ended: renew the session.",
    }
}

fn unknown(call: StsCall) -> &'static str {
    match call {
        StsCall::AssumeRole
        | StsCall::AssumeRoleWithCode
        | StsCall::AssumeRoleWithWebIdentity
        | StsCall::GetSessionToken
        | StsCall::GetFederationToken => {
            "AWS does not know the access key that this renewal starts from: it was deleted, switched off or mistyped, \
             or belongs to another partition. Put a valid key into the source profile."
        }
        StsCall::GetCallerIdentity => {
            "AWS does not know these credentials any more: they were revoked, deleted or mistyped, or belong to another \
             partition. Renew the session."
        }
    }
}
