//! Every refusal that these calls can meet, from the bytes on the wire to what the person is told.

use sandglass_core::error::ErrorCode::{self, *};

use crate::call::{Call, OidcCall, PortalCall, SignInCall, StsCall};
use crate::testing::{Answer, make, replay};

/// Answers both tries of a call alike, and returns what it came to.
async fn outcome(call: Call, answer: Answer) -> (ErrorCode, String, String) {
    let (aws, _) = replay(vec![answer.clone(), answer]);
    let error = make(&aws, call).await.err().unwrap();
    (error.code, error.message, error.remedy)
}

#[tokio::test(start_paused = true)]
async fn sts_refusals_are_told_apart() {
    let role = Call::Sts(StsCall::AssumeRoleWithCode);
    let plain = Call::Sts(StsCall::AssumeRole);
    let session = Call::Sts(StsCall::GetSessionToken);
    let identity = Call::Sts(StsCall::GetCallerIdentity);
    let federation = Call::Sts(StsCall::GetFederationToken);
    let web = Call::Sts(StsCall::AssumeRoleWithWebIdentity);
    #[rustfmt::skip]
    let rows = [
        (plain, 403, "ExpiredToken", "The security token included in the request is expired", SourceExpired),
        (identity, 400, "ExpiredTokenException", "The security token included in the request is expired", SourceExpired),
        (plain, 400, "RequestExpired", "Request has expired.", ClockSkew),
        (session, 403, "InvalidClientTokenId", "The security token included in the request is invalid.", SourceInvalid),
        (identity, 400, "UnrecognizedClientException", "The security token included in the request is invalid.", SourceInvalid),
        (identity, 401, "AuthFailure", "AWS was not able to validate the provided access credentials", SourceInvalid),
        (identity, 403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", SourceInvalid),
        (identity, 400, "InvalidToken", "The provided token is malformed or otherwise invalid.", SourceInvalid),
        (plain, 403, "SignatureDoesNotMatch", "Signature expired: 20260101T100000Z is now earlier than 20260101T101000Z (20260101T101500Z - 5 min.)", ClockSkew),
        (session, 400, "InvalidSignatureException", "Signature not yet current: 20260101T103000Z is still later than 20260101T102000Z (20260101T101500Z + 5 min.)", ClockSkew),
        (plain, 403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.", SourceInvalid),
        (plain, 403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", ClockSkew),
        (plain, 400, "RequestInTheFuture", "", ClockSkew),
        (role, 403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ", WrongCode),
        (session, 403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ", WrongCode),
        (role, 403, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user. ", WrongDevice),
        (session, 403, "AccessDenied", "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. ", InvalidDefinition),
        (plain, 403, "AccessDenied", "User: arn:aws:iam::1:user/a is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::2:role/b", AccessDenied),
        (session, 403, "AccessDenied", "Cannot call GetSessionToken with session credentials", InvalidDefinition),
        (plain, 400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", DurationTooLong),
        (plain, 400, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.", DurationTooLong),
        (plain, 400, "ValidationError", "1 validation error detected: Value '60' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900", InvalidDefinition),
        (session, 400, "ValidationError", "1 validation error detected: Value '1' at 'tokenCode' failed to satisfy constraint", WrongCode),
        (session, 400, "ValidationError", "1 validation error detected: Value 'x' at 'serialNumber' failed to satisfy constraint", WrongDevice),
        (plain, 400, "ValidationError", "nonsense is invalid", InvalidDefinition),
        (plain, 403, "RegionDisabledException", "STS is not activated in this region for account:1.", InvalidDefinition),
        (plain, 400, "MalformedPolicyDocument", "policy", InvalidDefinition),
        (plain, 400, "PackedPolicyTooLarge", "policy", InvalidDefinition),
        (federation, 400, "MalformedPolicyDocument", "Syntax errors in policy.", InvalidDefinition),
        (federation, 400, "PackedPolicyTooLarge", "Packed size of session tags consumes 106% of allotted space.", InvalidDefinition),
        (federation, 403, "AccessDenied", "Cannot call GetFederationToken with session credentials", InvalidDefinition),
        (federation, 403, "AccessDenied", "User: x is not authorized to perform: sts:GetFederationToken on resource: y", AccessDenied),
        (federation, 403, "InvalidClientTokenId", "The security token included in the request is invalid.", SourceInvalid),
        (web, 400, "InvalidIdentityToken", "Incorrect token audience", SourceInvalid),
        (web, 403, "IDPRejectedClaim", "The claim was revoked", SourceInvalid),
        (web, 400, "ExpiredTokenException", "Token expired: current date/time 1 must be before the expiration date/time 0", SourceExpired),
        (web, 400, "IDPCommunicationError", "Couldn't retrieve verification key from your identity provider", ServiceTrouble),
        (web, 403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", AccessDenied),
        (plain, 403, "OptInRequired", "You are not subscribed to this service.", AccessDenied),
        (plain, 400, "Throttling", "Rate exceeded", Throttled),
        (plain, 429, "SomethingNew", "Slow down", Throttled),
        (plain, 500, "InternalFailure", "We hit an internal error.", ServiceTrouble),
        (plain, 503, "ServiceUnavailable", "", ServiceTrouble),
    ];
    for (call, status, code, text, expected) in rows {
        let (outcome, message, remedy) = outcome(call, Answer::sts(status, code, text)).await;
        assert_eq!(outcome, expected, "{code}: {text}");
        assert!(
            message.contains(code) && message.contains(text.trim()),
            "{message}"
        );
        assert!(!remedy.is_empty(), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn sign_in_refusals_are_told_apart_with_and_without_the_header_of_aws() {
    let approval = Call::Oidc(OidcCall::AwaitApproval);
    let refresh = Call::Oidc(OidcCall::Refresh);
    let register = Call::Oidc(OidcCall::RegisterClient);
    let start = Call::Oidc(OidcCall::StartDeviceAuthorization);
    #[rustfmt::skip]
    let rows = [
        (approval, 400, "ExpiredTokenException", "expired_token", SignInTimedOut),
        (approval, 400, "AccessDeniedException", "access_denied", SignInRefused),
        (approval, 400, "InvalidGrantException", "invalid_grant", SignInOver),
        (refresh, 400, "InvalidGrantException", "invalid_grant", SignInOver),
        (refresh, 400, "ExpiredTokenException", "expired_token", SignInOver),
        (refresh, 400, "AccessDeniedException", "access_denied", SignInOver),
        (refresh, 401, "InvalidClientException", "invalid_client", SignInOver),
        (refresh, 400, "UnauthorizedClientException", "unauthorized_client", SignInOver),
        (refresh, 400, "UnsupportedGrantTypeException", "unsupported_grant_type", SignInOver),
        (start, 401, "InvalidClientException", "invalid_client", SignInOver),
        (register, 400, "InvalidScopeException", "invalid_scope", InvalidDefinition),
        (register, 400, "InvalidRedirectUriException", "invalid_redirect_uri", InvalidDefinition),
        (register, 400, "InvalidClientMetadataException", "invalid_client_metadata", InvalidDefinition),
        (start, 400, "InvalidRequestException", "invalid_request", InvalidDefinition),
        (register, 400, "SlowDownException", "slow_down", Throttled),
        (start, 400, "SlowDownException", "slow_down", Throttled),
        (start, 500, "InternalServerException", "server_error", ServiceTrouble),
        (refresh, 500, "InternalServerException", "server_error", ServiceTrouble),
    ];
    for (call, status, exception, error, expected) in rows {
        for header in [Some(exception), None] {
            let answer = Answer::oidc(status, header, error, "in their words");
            let (outcome, message, _) = outcome(call, answer).await;
            assert_eq!(outcome, expected, "{call:?} {error} {header:?}");
            assert!(
                message.ends_with(&format!("{error}: in their words")),
                "{message}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn portal_refusals_are_told_apart() {
    let role = Call::Portal(PortalCall::GetRoleCredentials);
    #[rustfmt::skip]
    let rows = [
        (role, 401, "UnauthorizedException", "Session token not found or invalid", SignInOver),
        (Call::Portal(PortalCall::Logout), 401, "UnauthorizedException", "Session token not found or invalid", SignInOver),
        (role, 403, "ForbiddenException", "No access", AccessDenied),
        (role, 404, "ResourceNotFoundException", "No such account", InvalidDefinition),
        (role, 400, "InvalidRequestException", "Missing role", InvalidDefinition),
        (role, 429, "TooManyRequestsException", "Slow", Throttled),
        (role, 500, "InternalServerException", "Oh", ServiceTrouble),
    ];
    for (call, status, exception, text, expected) in rows {
        let (outcome, message, _) = outcome(call, Answer::portal(status, exception, text)).await;
        assert_eq!(outcome, expected, "{exception}");
        assert!(
            message.ends_with(&format!("{exception}: {text}")),
            "{message}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn login_refusals_are_told_apart() {
    let refresh = Call::SignIn(SignInCall::Refresh);
    #[rustfmt::skip]
    let rows = [
        (400, "AccessDeniedException", "TOKEN_EXPIRED", SignInOver),
        (400, "AccessDeniedException", "USER_CREDENTIALS_CHANGED", SignInOver),
        (400, "AccessDeniedException", "AUTHCODE_EXPIRED", SignInOver),
        (400, "AccessDeniedException", "INSUFFICIENT_PERMISSIONS", AccessDenied),
        (400, "ValidationException", "INVALID_REQUEST", SignInOver),
        (402, "ServiceQuotaExceededException", "SERVICE_QUOTA_EXCEEDED", Throttled),
        (429, "TooManyRequestsError", "rate_exceeded", Throttled),
        (500, "InternalServerException", "server_error", ServiceTrouble),
        (503, "ServiceUnavailableException", "service_unavailable", ServiceTrouble),
    ];
    for (status, exception, error, expected) in rows {
        let body = format!(r#"{{"error":"{error}","message":"in their words"}}"#);
        let answer = Answer {
            body,
            ..Answer::portal(status, exception, "")
        };
        let (outcome, message, _) = outcome(refresh, answer).await;
        assert_eq!(outcome, expected, "{error}");
        assert!(
            message.ends_with(&format!("{error}: in their words")),
            "{message}"
        );
    }
}

#[tokio::test]
async fn the_remedy_names_what_has_ended() {
    let text = "The security token included in the request is expired";
    let rows = [
        (StsCall::AssumeRole, "renew those first"),
        (
            StsCall::AssumeRoleWithWebIdentity,
            "web identity token file",
        ),
        (StsCall::GetCallerIdentity, "renew the session"),
    ];
    for (call, expected) in rows {
        let answer = Answer::sts(403, "ExpiredToken", text);
        let (_, _, remedy) = outcome(Call::Sts(call), answer).await;
        assert!(remedy.contains(expected), "{remedy}");
    }
}

#[tokio::test]
async fn a_refusal_keeps_the_words_of_aws_and_adds_what_to_do() {
    let text = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
    let (_, message, remedy) = outcome(
        Call::Sts(StsCall::AssumeRoleWithCode),
        Answer::sts(403, "AccessDenied", text),
    )
    .await;
    assert_eq!(
        message,
        "sts:AssumeRole failed: AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code."
    );
    assert_eq!(
        remedy,
        "Enter the next code that the device shows: each code works once, and for half a minute."
    );
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_is_told_by_how_much() {
    let text = "Signature expired: 20260101T100000Z is now earlier than 20260101T101000Z (20260101T101500Z - 5 min.)";
    let (_, _, remedy) = outcome(
        Call::Sts(StsCall::GetSessionToken),
        Answer::sts(403, "SignatureDoesNotMatch", text),
    )
    .await;
    assert_eq!(
        remedy,
        "The clock of this machine is 15 min slow: set it to the right time, then renew."
    );
}

#[tokio::test]
async fn the_reason_of_a_refused_key_is_shown() {
    let answer = Answer {
        status: 400,
        error_type: None,
        header: None,
        body: r#"{"error":"invalid_request","reason":"KMS_DisabledException"}"#.into(),
    };
    let (code, message, _) = outcome(Call::Oidc(OidcCall::StartDeviceAuthorization), answer).await;
    assert_eq!(code, InvalidDefinition);
    assert!(
        message.ends_with("invalid_request: (KMS_DisabledException)"),
        "{message}"
    );
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_not_from_aws_are_no_verdict_on_the_session() {
    let page = "<html><body>Welcome to Hotel Wi-Fi</body></html>";
    for call in [
        Call::Sts(StsCall::AssumeRole),
        Call::Sts(StsCall::GetSessionToken),
        Call::Oidc(OidcCall::Refresh),
        Call::Oidc(OidcCall::RegisterClient),
        Call::Portal(PortalCall::GetRoleCredentials),
    ] {
        let (code, message, _) = outcome(call, Answer::ok(page)).await;
        assert!(
            matches!(code, Unreachable | ServiceTrouble),
            "{call:?}: {code:?}: {message}"
        );
    }
    let gateway = Answer {
        status: 502,
        error_type: None,
        header: None,
        body: page.into(),
    };
    for call in [
        Call::Sts(StsCall::AssumeRole),
        Call::Oidc(OidcCall::Refresh),
        Call::Portal(PortalCall::GetRoleCredentials),
    ] {
        let (code, message, _) = outcome(call, gateway.clone()).await;
        assert_eq!(code, ServiceTrouble, "{call:?}: {message}");
    }
    let blocked = Answer {
        status: 403,
        error_type: None,
        header: None,
        body: page.into(),
    };
    for call in [
        Call::Sts(StsCall::AssumeRole),
        Call::Oidc(OidcCall::Refresh),
        Call::Portal(PortalCall::GetRoleCredentials),
    ] {
        let (code, message, _) = outcome(call, blocked.clone()).await;
        assert_eq!(code, Unreachable, "{call:?}: {message}");
    }
}
