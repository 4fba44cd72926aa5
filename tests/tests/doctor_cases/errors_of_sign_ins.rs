//! What Identity Center says of a sign-in and of a role, and the sign-in service of `aws login` (their API references), as
//! each SDK prints it.

use anyhow::Result;

use crate::case::{Pasted, Told};
use crate::check::check_pasted;

const OIDC: &str = "Identity Center, during a sign-in";
const PORTAL: &str = "the Identity Center portal, of a role's credentials";
const LOGIN: &str = "the sign-in service, behind `aws login`";

const fn oidc(told: Told) -> Told {
    told.said(OIDC, "an Identity Center sign-in")
}

const fn login(told: Told) -> Told {
    told.said(LOGIN, "a console sign-in (`aws login`)")
}

const PENDING: Told = oidc(Told::note("authorization-pending", "approve the code"));
const SLOW_DOWN: Told = oidc(Told::note("slow-down", "try again in a minute"));
const LATE: Told = oidc(Told::error(
    "device-code-expired",
    "sandglass login PROFILE",
));
const DENIED: Told = oidc(Told::error("sign-in-denied", "sandglass login PROFILE"));
const REFUSED: Told = oidc(Told::error(
    "refresh-token-refused",
    "sandglass login PROFILE",
));
const UNKNOWN: Told = oidc(Told::error(
    "client-refused",
    "sandglass login --fresh PROFILE",
));
const NOT_FOR_THAT: Told = oidc(Told::error(
    "client-not-permitted",
    "sandglass login --fresh PROFILE",
));
const NO_SENSE: Told = oidc(Told::error("oidc-request-refused", "`sso_start_url`"));
const ELSEWHERE: Told = oidc(Told::error("portal-wrong", "`sso_region`"));
const KEY: Told = oidc(Told::error("portal-key-refused", "ask your administrator"));
const TROUBLE: Told = oidc(Told::error("oidc-trouble", "try again in a minute"));

#[rustfmt::skip]
const IDENTITY_CENTER: &[Pasted] = &[
    ("An error occurred (AuthorizationPendingException) when calling the CreateToken operation: ", &[PENDING]),
    ("{\"error\":\"authorization_pending\",\"error_description\":\"Authorization pending\"}", &[PENDING]),
    ("operation error SSO OIDC: CreateToken, https response error StatusCode: 400, RequestID: 0f6c1a2b, AuthorizationPendingException: ", &[PENDING]),
    ("An error occurred (SlowDownException) when calling the CreateToken operation: ", &[SLOW_DOWN]),
    ("SlowDownException: UnknownError\n  '$fault': 'client',\n  error: 'slow_down'", &[SLOW_DOWN]),
    ("{\"error\":\"slow_down\"}", &[SLOW_DOWN]),
    ("An error occurred (ExpiredTokenException) when calling the CreateToken operation: ", &[LATE]),
    ("{\"error\":\"expired_token\",\"error_description\":\"Device code expired\"}", &[LATE]),
    ("software.amazon.awssdk.services.ssooidc.model.ExpiredTokenException: Service returned error code ExpiredTokenException (Service: SsoOidc, Status Code: 400, Request ID: 0f6c1a2b)", &[LATE]),
    ("The pending authorization to retrieve an SSO token has expired. The login flow to retrieve an SSO token must be restarted.", &[LATE]),
    ("An error occurred (AccessDeniedException) when calling the CreateToken operation: ", &[DENIED]),
    ("{\"error\":\"access_denied\",\"error_description\":\"User denied\"}", &[DENIED]),
    ("software.amazon.awssdk.services.ssooidc.model.AccessDeniedException: Service returned error code AccessDeniedException (Service: SsoOidc, Status Code: 400, Request ID: 0f6c1a2b)", &[DENIED]),
    ("service error: AccessDeniedException (AccessDeniedException(AccessDeniedException { error: Some(\"access_denied\"), error_description: None }))", &[DENIED]),
    ("operation error SSO OIDC: CreateToken, https response error StatusCode: 400, RequestID: 0f6c1a2b, ExpiredTokenException: ", &[LATE]),
    ("operation error SSO OIDC: CreateToken, https response error StatusCode: 400, RequestID: 0f6c1a2b, AccessDeniedException: ", &[DENIED]),
    ("operation error SSO OIDC: StartDeviceAuthorization, https response error StatusCode: 400, RequestID: 0f6c1a2b, InvalidRequestException: ", &[NO_SENSE]),
    ("{\"error\":\"access_denied\",\"reason\":\"KMS_AccessDeniedException\"}", &[KEY]),
    ("{\"error\":\"invalid_request\",\"reason\":\"KMS_NotFoundException\"}", &[KEY]),
    ("InvalidRequestException: UnknownError\n  error: 'invalid_request',\n  reason: 'KMS_DisabledException'", &[KEY]),
    ("An error occurred (InvalidGrantException) when calling the CreateToken operation: ", &[REFUSED.what("(during CreateToken)")]),
    ("operation error STS: GetCallerIdentity, get identity: get credentials: failed to refresh cached credentials, refresh cached SSO token failed, unable to refresh SSO token, operation error SSO OIDC: CreateToken, https response error StatusCode: 400, RequestID: 0f6c1a2b, InvalidGrantException: ", &[REFUSED]),
    ("operation error S3: ListBuckets, failed to sign request: failed to retrieve credentials: failed to refresh cached credentials, refresh cached SSO token failed, unable to refresh SSO token, operation error SSO OIDC: CreateToken, https response error StatusCode: 400, RequestID: 0f6c1a2b, InvalidGrantException: ", &[REFUSED]),
    ("software.amazon.awssdk.services.ssooidc.model.InvalidGrantException: Service returned error code InvalidGrantException (Service: SsoOidc, Status Code: 400, Request ID: 0f6c1a2b)", &[REFUSED]),
    ("b'{\"error\":\"invalid_grant\",\"error_description\":\"Invalid refresh token provided\"}'", &[REFUSED]),
    ("An error occurred (InvalidClientException) when calling the StartDeviceAuthorization operation: ", &[UNKNOWN]),
    ("\"InvalidClientException: \n{\n  RespMetadata: {\n    StatusCode: 401\n  },\n  Error_: \"invalid_client\",\n  Error_description: \"Invalid client provided\"\n}\"", &[UNKNOWN]),
    ("{\"error\":\"invalid_client\"}", &[UNKNOWN]),
    ("operation error SSO OIDC: CreateToken, https response error StatusCode: 400, RequestID: 0f6c1a2b, UnauthorizedClientException: ", &[NOT_FOR_THAT]),
    ("{\"error\":\"unauthorized_client\"}", &[NOT_FOR_THAT]),
    ("An error occurred (UnsupportedGrantTypeException) when calling the CreateToken operation: ", &[NOT_FOR_THAT]),
    ("{\"error\":\"unsupported_grant_type\"}", &[NOT_FOR_THAT]),
    ("registerClient: operation error SSO OIDC: RegisterClient, https response error StatusCode: 400, RequestID: 0f6c1a2b, InvalidScopeException: ", &[NOT_FOR_THAT]),
    ("{\"error\":\"invalid_scope\"}", &[NOT_FOR_THAT]),
    ("An error occurred (InvalidRedirectUriException) when calling the RegisterClient operation: ", &[NOT_FOR_THAT]),
    ("{\"error\":\"invalid_redirect_uri\"}", &[NOT_FOR_THAT]),
    ("InvalidClientMetadataException: UnknownError", &[NOT_FOR_THAT]),
    ("{\"error\":\"invalid_client_metadata\"}", &[NOT_FOR_THAT]),
    ("An error occurred (InvalidRequestException) when calling the StartDeviceAuthorization operation: ", &[NO_SENSE]),
    ("An error occurred (InvalidRequestException) when calling the RegisterClient operation: ", &[NO_SENSE]),
    ("An error occurred (InvalidRequestException) when calling the CreateToken operation: ", &[NO_SENSE]),
    ("{\"error\":\"invalid_request\",\"error_description\":\"Invalid start url provided\"}", &[NO_SENSE]),
    ("software.amazon.awssdk.services.ssooidc.model.InvalidRequestException: Service returned error code InvalidRequestException (Service: SsoOidc, Status Code: 400, Request ID: 0f6c1a2b)", &[NO_SENSE]),
    ("An error occurred (InvalidRequestRegionException) when calling the CreateTokenWithIAM operation: ", &[ELSEWHERE]),
    ("{\"error\":\"server_error\"}", &[TROUBLE]),
    ("An error occurred (InternalServerException) when calling the CreateToken operation (reached max retries: 4): ", &[TROUBLE]),
    ("software.amazon.awssdk.services.ssooidc.model.InternalServerException: Service returned error code InternalServerException (Service: SsoOidc, Status Code: 500, Request ID: 0f6c1a2b)", &[TROUBLE]),
];

#[test]
fn what_identity_center_says_of_a_sign_in_is_explained() -> Result<()> {
    check_pasted(IDENTITY_CENTER)
}

const SESSION_OVER: Told = Told::error("portal-session-over", "sandglass login PROFILE")
    .said(PORTAL, "an Identity Center sign-in");
const NO_ACCESS: Told =
    Told::error("portal-no-access", "`sso_account_id`").said(PORTAL, "an Identity Center role");

#[rustfmt::skip]
const THE_PORTAL: &[Pasted] = &[
    ("An error occurred (UnauthorizedException) when calling the GetRoleCredentials operation: Session token not found or invalid", &[SESSION_OVER.what("(during GetRoleCredentials)")]),
    ("operation error SSO: GetRoleCredentials, https response error StatusCode: 401, RequestID: 0f6c1a2b, UnauthorizedException: Session token not found or invalid", &[SESSION_OVER]),
    ("CredentialsProviderError: UnauthorizedException: Session token not found or invalid\n    at resolveSSOCredentials (/app/index.js:1:1)", &[SESSION_OVER]),
    ("software.amazon.awssdk.services.sso.model.UnauthorizedException: Session token not found or invalid (Service: Sso, Status Code: 401, Request ID: 0f6c1a2b)", &[SESSION_OVER]),
    ("service error: UnauthorizedException: Session token not found or invalid", &[SESSION_OVER]),
    ("An error occurred (UnauthorizedException) when calling the ListAccounts operation: ", &[SESSION_OVER]),
    ("An error occurred (ForbiddenException) when calling the GetRoleCredentials operation: No access", &[NO_ACCESS]),
    ("operation error SSO: GetRoleCredentials, https response error StatusCode: 403, RequestID: , api error ForbiddenException: No access", &[NO_ACCESS]),
    ("CredentialsProviderError: ForbiddenException: No access", &[NO_ACCESS]),
    ("software.amazon.awssdk.services.sso.model.SsoException: No access (Service: Sso, Status Code: 403, Request ID: 0f6c1a2b)", &[NO_ACCESS]),
    ("service error: unhandled error (ForbiddenException): Error { code: \"ForbiddenException\", message: \"No access\" }", &[NO_ACCESS]),
    ("ErrorMetadata { code: Some(\"ForbiddenException\"), message: Some(\"No access\"), extras: None }", &[NO_ACCESS]),
    ("{\"message\":\"No access\",\"__type\":\"com.amazonaws.switchboard.portal#ForbiddenException\"}", &[NO_ACCESS]),
    ("An error occurred (ResourceNotFoundException) when calling the GetRoleCredentials operation: ", &[NO_ACCESS]),
    ("An error occurred (InvalidRequestException) when calling the GetRoleCredentials operation: Invalid account id", &[NO_ACCESS]),
    ("An error occurred (TooManyRequestsException) when calling the GetRoleCredentials operation: HTTP 429 Unknown Code", &[Told::note("throttled", "try again in a minute")]),
];

#[test]
fn what_the_portal_says_of_a_role_is_explained() -> Result<()> {
    check_pasted(THE_PORTAL)
}

const OVER: Told = login(Told::error("console-sign-in-over", "aws login"));
const PASSWORD: Told = login(Told::error("console-password-changed", "aws login"));
const CODE: Told = login(Told::error("console-code-expired", "aws login"));
const MAY_NOT: Told = login(Told::error(
    "console-sign-in-not-permitted",
    "`SignInLocalDevelopmentAccess`",
))
.why("`signin:CreateOAuth2Token`");
const NOT_RENEWED: Told = login(Told::error("console-refresh-refused", "aws login"));
const MISSING: Told = login(Told::error("console-sign-in-missing", "aws login"));
const QUOTA: Told = login(Told::note("console-quota", "try again in a minute"));
const CONSOLE_TROUBLE: Told = login(Told::error("console-trouble", "try again in a minute"));

#[rustfmt::skip]
const CONSOLE: &[Pasted] = &[
    ("{\"error\":\"TOKEN_EXPIRED\",\"message\":\"The refresh token has expired.\"}", &[OVER]),
    ("aws: [ERROR]: An error occurred (AccessDeniedException) when calling the CreateOAuth2Token operation: The refresh token has expired.", &[OVER]),
    ("botocore.exceptions.LoginRefreshRequired: Your session has expired or credentials have changed. Please reauthenticate using 'aws login'.", &[OVER]),
    ("CredentialsProviderError: Your session has expired. Please reauthenticate.\n    at LoginCredentialsFetcher.refresh (/app/index.js:136:23)", &[OVER]),
    ("software.amazon.awssdk.core.exception.SdkClientException: Your session has expired. Please reauthenticate.\nCaused by: software.amazon.awssdk.services.signin.model.AccessDeniedException: The refresh token has expired. (Service: Signin, Status Code: 400, Request ID: 0f6c1a2b)", &[OVER]),
    ("failed to refresh cached Login token: Your session has expired. Please reauthenticate.: AccessDeniedException(AccessDeniedException { error: TokenExpired })", &[OVER]),
    ("login session has expired, please reauthenticate", &[OVER]),
    ("{\"error\":\"USER_CREDENTIALS_CHANGED\"}", &[PASSWORD]),
    ("CredentialsProviderError: Unable to refresh credentials because of a change in your password. Please reauthenticate with your new password.", &[PASSWORD]),
    ("login session password has changed, please reauthenticate", &[PASSWORD]),
    ("An error occurred (AccessDeniedException) when calling the CreateOAuth2Token operation: AUTHCODE_EXPIRED", &[CODE]),
    ("{\"error\":\"INSUFFICIENT_PERMISSIONS\"}", &[MAY_NOT]),
    ("Unable to create or refresh login credentials due to insufficient permissions. You may be missing permission for the 'signin:CreateOAuth2Token' action.", &[MAY_NOT]),
    ("CredentialsProviderError: Unable to refresh credentials due to insufficient permissions. You may be missing permission for the 'CreateOAuth2Token' action.", &[MAY_NOT]),
    ("insufficient permissions, you may be missing permissions for the CreateOAuth2Token action", &[MAY_NOT]),
    ("An error occurred (ValidationException) when calling the CreateOAuth2Token operation: The provided authorization grant is invalid, expired, revoked, or malformed", &[NOT_RENEWED]),
    ("operation error Signin: CreateOAuth2Token, https response error StatusCode: 400, RequestID: 0f6c1a2b, ValidationException: The provided authorization grant is invalid, expired, revoked, or malformed", &[NOT_RENEWED]),
    ("An error occurred (InvalidGrantException) when calling the CreateOAuth2Token operation: ", &[NOT_RENEWED]),
    ("CredentialsProviderError: Failed to refresh token: AccessDeniedException: denied. Please re-authenticate using `aws login`", &[NOT_RENEWED]),
    ("Error loading login session token: Unable to load a existing login session for session arn:aws:iam::123456789012:user/me", &[MISSING]),
    ("CredentialsProviderError: Failed to load a token for session arn:aws:iam::123456789012:user/me, please re-authenticate using aws login", &[MISSING]),
    ("software.amazon.awssdk.core.exception.SdkClientException: Token cache file for login_session `arn:aws:iam::123456789012:user/me` not found. You must re-authenticate.", &[MISSING]),
    ("load login token: token file not found, please reauthenticate", &[MISSING]),
    ("failed to load cached Login token: no token file found", &[MISSING]),
    ("An error occurred (TooManyRequestsError) when calling the CreateOAuth2Token operation: Rate exceeded", &[Told::note("throttled", "try again in a minute")]),
    ("{\"error\":\"rate_exceeded\"}", &[Told::note("throttled", "try again in a minute")]),
    ("An error occurred (ServiceQuotaExceededException) when calling the CreateOAuth2Token operation: ", &[QUOTA]),
    ("{\"error\":\"SERVICE_QUOTA_EXCEEDED\"}", &[QUOTA]),
    ("software.amazon.awssdk.services.signin.model.ServiceQuotaExceededException: too many (Service: Signin, Status Code: 402, Request ID: 0f6c1a2b)", &[QUOTA]),
    ("An error occurred (InternalServerException) when calling the CreateOAuth2Token operation (reached max retries: 4): ", &[CONSOLE_TROUBLE]),
    ("An error occurred (ServiceUnavailableException) when calling the CreateOAuth2Token operation (reached max retries: 4): ", &[CONSOLE_TROUBLE]),
    ("{\"error\":\"service_unavailable\"}", &[CONSOLE_TROUBLE]),
    ("software.amazon.awssdk.services.signin.model.InternalServerException: failed (Service: Signin, Status Code: 500, Request ID: 0f6c1a2b)", &[CONSOLE_TROUBLE]),
];

#[test]
fn what_the_service_behind_aws_login_says_is_explained() -> Result<()> {
    check_pasted(CONSOLE)
}
