//! What STS says of a session that is asked for (STS API reference), as each SDK prints it.

use anyhow::Result;

use crate::case::{Pasted, Told};
use crate::check::check_pasted;

const BY: &str = "STS, of a session that was asked for";
const WITH_CODE: &str = "a role or an MFA session that takes a code";
const ROLE: &str = "a role";
const WEB_IDENTITY: &str = "a web identity role";

const WRONG_CODE: Told = Told::error("mfa-code-refused", "give the next code").said(BY, WITH_CODE);
const WRONG_DEVICE: Told = Told::error("mfa-device-refused", "`mfa_serial`").said(BY, WITH_CODE);
const HALF: Told = Told::error("mfa-incomplete", "sandglass renew PROFILE").said(BY, WITH_CODE);
const DENIED: Told = Told::error("assume-role-denied", "`mfa_serial`").said(BY, ROLE);
const LONG_LIVED: Told = Told::error(
    "session-credentials-refused",
    "profile that holds your long-lived keys",
)
.said(BY, "an MFA session or a federation token");
const MAXIMUM: Told = Told::error(
    "duration-above-role-maximum",
    "sandglass doctor PROFILE --duration 1h",
)
.said(BY, ROLE);
const CHAINED: Told = Told::error(
    "duration-above-chaining-limit",
    "sandglass doctor PROFILE --duration 1h",
)
.said(BY, ROLE);
const RANGE: Told = Told::error(
    "duration-out-of-range",
    "sandglass doctor PROFILE --duration 1h",
)
.said(BY, "what STS issues");
const REGION: Told = Told::error("region-disabled", "set `region` of `PROFILE`")
    .said(BY, "keys of any kind, temporary or long-lived");
const BAD_TOKEN: Told =
    Told::error("invalid-identity-token", "write a new token").said(BY, WEB_IDENTITY);
const REJECTED: Told =
    Told::error("identity-provider-rejected", "write a new token").said(BY, WEB_IDENTITY);
const UNREACHABLE: Told =
    Told::error("identity-provider-unreachable", "try again in a minute").said(BY, WEB_IDENTITY);
const TOKEN_OVER: Told =
    Told::error("identity-token-expired", "write a new token").said(BY, WEB_IDENTITY);
const POLICY: Told = Told::error("malformed-policy", "session policy")
    .said(BY, "a federation token, or a role with a session policy");
const LONG_POLICY: Told = Told::error("packed-policy-too-large", "session policy")
    .said(BY, "a federation token, or a role with a session policy");

const ROWS: &[Pasted] = &[
    // MFA.
    (
        "An error occurred (AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication failed with invalid MFA one time pass code. ",
        &[WRONG_CODE.what("(during AssumeRole)")],
    ),
    (
        "operation error STS: GetSessionToken, https response error StatusCode: 403, RequestID: 0f6c1a2b, api error AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code.",
        &[WRONG_CODE],
    ),
    (
        "AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code. \n    at throwDefaultError (/app/index.js:1:1)",
        &[WRONG_CODE],
    ),
    (
        "An error occurred (AccessDenied) when calling the GetSessionToken operation: MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
        &[WRONG_DEVICE],
    ),
    (
        "software.amazon.awssdk.services.sts.model.StsException: MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user. (Service: Sts, Status Code: 403, Request ID: 0f6c1a2b)",
        &[WRONG_DEVICE],
    ),
    (
        "An error occurred (AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
        &[HALF],
    ),
    (
        "unhandled error (AccessDenied): Error { code: \"AccessDenied\", message: \"MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.\" }",
        &[HALF],
    ),
    // Who may.
    (
        "An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::123456789012:user/dev is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::210987654321:role/Admin",
        &[DENIED],
    ),
    (
        "Error: Cannot assume IAM Role\noperation error STS: AssumeRole, https response error StatusCode: 403, RequestID: 0f6c1a2b, api error AccessDenied: User: arn:aws:sts::123456789012:assumed-role/ci/1 is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::210987654321:role/Deploy",
        &[DENIED],
    ),
    (
        "software.amazon.awssdk.services.sts.model.StsException: User: arn:aws:iam::123456789012:user/dev is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::210987654321:role/Admin (Service: Sts, Status Code: 403)",
        &[DENIED],
    ),
    (
        "An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation: Not authorized to perform sts:AssumeRoleWithWebIdentity",
        &[Told::error(
            "web-identity-denied",
            "compare provider, audience and subject",
        )
        .said(BY, WEB_IDENTITY)],
    ),
    (
        "AccessDenied: Cannot call GetSessionToken with session credentials\n    at Request.extractError (/app/node_modules/aws-sdk/lib/protocol/query.js:50:29)",
        &[LONG_LIVED],
    ),
    (
        "operation error STS: GetFederationToken, https response error StatusCode: 403, RequestID: 0f6c1a2b, api error AccessDenied: Cannot call GetFederationToken with session credentials",
        &[LONG_LIVED],
    ),
    // How long.
    (
        "An error occurred (ValidationError) when calling the AssumeRole operation: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        &[MAXIMUM],
    ),
    (
        "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.\n\tstatus code: 400, request id: 0f6c1a2b",
        &[MAXIMUM],
    ),
    (
        "An error occurred (ValidationError) when calling the AssumeRole operation: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        &[CHAINED],
    ),
    (
        "software.amazon.awssdk.services.sts.model.StsException: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining. (Service: Sts, Status Code: 400)",
        &[CHAINED],
    ),
    (
        "An error occurred (ValidationError) when calling the AssumeRole operation: 1 validation error detected: Value '60' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
        &[RANGE],
    ),
    (
        "ValidationError: 1 validation error detected: Value '50000' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
        &[RANGE],
    ),
    // Where.
    (
        "An error occurred (RegionDisabledException) when calling the AssumeRole operation: STS is not activated in this region for account:123456789012. Your account administrator can activate STS in this region using the IAM Console.",
        &[REGION],
    ),
    (
        "Error: operation error EC2: DescribeInstances, failed to sign request: failed to retrieve credentials: failed to refresh cached credentials, operation error STS: AssumeRole, https response error StatusCode: 403, RequestID: 0f6c1a2b, RegionDisabledException: STS is not activated in this region for account:123456789012.",
        &[REGION],
    ),
    (
        "RegionDisabledException(RegionDisabledException { message: None })",
        &[REGION],
    ),
    // Tokens of identity providers.
    (
        "An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithWebIdentity operation: No OpenIDConnect provider found in your account for https://oidc.eks.eu-west-1.amazonaws.com/id/ABC",
        &[BAD_TOKEN],
    ),
    (
        "service error: InvalidIdentityTokenException [InvalidIdentityTokenException]: Incorrect token audience",
        &[BAD_TOKEN],
    ),
    (
        "InvalidIdentityToken: Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
        &[UNREACHABLE],
    ),
    (
        "An error occurred (IDPRejectedClaim) when calling the AssumeRoleWithWebIdentity operation: The identity provider rejected the claim",
        &[REJECTED],
    ),
    (
        "IdpRejectedClaimException(IdpRejectedClaimException { message: Some(\"rejected\") })",
        &[REJECTED],
    ),
    (
        "software.amazon.awssdk.services.sts.model.IdpRejectedClaimException: rejected (Service: Sts, Status Code: 403, Request ID: 0f6c1a2b)",
        &[REJECTED],
    ),
    (
        "An error occurred (IDPCommunicationError) when calling the AssumeRoleWithWebIdentity operation: timed out",
        &[UNREACHABLE],
    ),
    (
        "software.amazon.awssdk.services.sts.model.IdpCommunicationErrorException: timed out (Service: Sts, Status Code: 400, Request ID: 0f6c1a2b)",
        &[UNREACHABLE],
    ),
    (
        "An error occurred (ExpiredTokenException) when calling the AssumeRoleWithWebIdentity operation: Token expired: current date/time 1767322800 must be before the expiration date/time1767319200",
        &[TOKEN_OVER],
    ),
    (
        "WebIdentityErr: failed to retrieve credentials\ncaused by: ExpiredTokenException: Token expired: current date/time 1767322800 must be before the expiration date/time 1767319200",
        &[TOKEN_OVER],
    ),
    // Session policies.
    (
        "An error occurred (MalformedPolicyDocument) when calling the AssumeRole operation: The policy is not in the valid JSON format.",
        &[POLICY],
    ),
    (
        "software.amazon.awssdk.services.sts.model.MalformedPolicyDocumentException: Syntax errors in policy. (Service: Sts, Status Code: 400)",
        &[POLICY],
    ),
    (
        "An error occurred (PackedPolicyTooLarge) when calling the GetFederationToken operation: Packed policy consumes 120% of allotted space, please use smaller policy.",
        &[LONG_POLICY],
    ),
    (
        "PackedPolicyTooLargeException: Packed size of session tags consumes 104% of allotted space.\n    at throwDefaultError (/app/index.js:1:1)",
        &[LONG_POLICY],
    ),
];

#[test]
fn what_sts_says_of_a_session_is_explained() -> Result<()> {
    check_pasted(ROWS)
}
