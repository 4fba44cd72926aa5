//! What SDKs and CLIs say before they call anything (their sources).

use anyhow::Result;

use crate::case::{Pasted, Told};
use crate::check::check_pasted;

const BY: &str = "an SDK or a CLI, before anything is called";
const SIGN_IN: &str = "an Identity Center sign-in";
const NONE: &str = "no session: the program did not come as far as one";

const NEVER: Told = Told::error("sso-token-missing", "sandglass login PROFILE").said(BY, SIGN_IN);
const OVER: Told = Told::error("sso-session-expired", "sandglass login PROFILE").said(BY, SIGN_IN);
const REFRESH: Told =
    Told::error("sso-refresh-failed", "sandglass login PROFILE").said(BY, SIGN_IN);
const NO_CODE: Told = Told::error("mfa-code-not-asked", "sandglass connect PROFILE")
    .said(BY, "a role or an MFA session that takes a code");
const IN_VAIN: Told = Told::error("refreshed-in-vain", "sandglass renew PROFILE")
    .said(BY, "credentials that a program or a file gives");
const PROCESS: Told = Told::error("process-failed", "sandglass renew PROFILE")
    .said(BY, "credentials that a program or a file gives");
const NOTHING: Told = Told::error("no-credentials", "sandglass status").said(BY, NONE);
const PARTIAL: Told = Told::error("partial-credentials", "sandglass status").said(BY, NONE);
const NO_PROFILE: Told = Told::error("profile-not-found", "sandglass status").said(BY, NONE);
const UNREADABLE: Told = Told::error("config-unreadable", "sandglass status").said(BY, NONE);

#[rustfmt::skip]
const ROWS: &[Pasted] = &[
    // Identity Center.
    ("Error loading SSO Token: Token for corp does not exist", &[NEVER]),
    ("botocore.exceptions.SSOTokenLoadError: Error loading SSO Token: Token for https://corp.awsapps.com/start is invalid", &[NEVER]),
    ("TokenProviderError: The SSO session token associated with profile=dev was not found or is invalid. To refresh this SSO session run 'aws sso login' with the corresponding profile.", &[NEVER]),
    ("get credentials: failed to refresh cached credentials, failed to read cached SSO token file, open /home/dev/.aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json: no such file or directory", &[NEVER]),
    ("software.amazon.awssdk.core.exception.SdkClientException: Unable to load SSO token", &[NEVER]),
    ("an error occurred while loading credentials: failed to load the cached SSO token: failed to read `/home/dev/.aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json`", &[NEVER]),
    ("The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO session run aws sso login with the corresponding profile.", &[OVER]),
    ("botocore.exceptions.UnauthorizedSSOTokenError", &[OVER]),
    ("CredentialsProviderError: The SSO session associated with this profile has expired. To refresh this SSO session run aws sso login with the corresponding profile.\n    at resolveSSOCredentials (/app/index.js:51:15) {\n  tryNextLink: false\n}", &[OVER]),
    ("CredentialsProviderError: The SSO session associated with this profile is invalid. To refresh this SSO session run aws sso login with the corresponding profile.", &[OVER]),
    ("software.amazon.awssdk.services.sso.auth.ExpiredTokenException: The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO session run aws sso login with the corresponding profile.", &[OVER]),
    ("failed to refresh cached credentials, the SSO session has expired or is invalid: expired SSO token", &[OVER]),
    ("Error when retrieving token from sso: Token has expired and refresh failed", &[REFRESH]),
    ("botocore.exceptions.TokenRetrievalError: Error when retrieving token from sso: Token has expired and refresh failed", &[REFRESH]),
    ("CredentialsProviderError: Token is expired. To refresh this SSO session run 'aws sso login' with the corresponding profile.", &[REFRESH]),
    ("TokenProviderError: Value not present for 'refreshToken' in SSO Token. Cannot refresh. To refresh this SSO session run 'aws sso login' with the corresponding profile.", &[REFRESH]),
    ("refresh cached SSO token failed, cached SSO token is expired, or not present, and cannot be refreshed", &[REFRESH]),
    ("an error occurred while loading credentials: the SSO token has expired and cannot be refreshed", &[REFRESH]),
    // MFA.
    ("Cannot refresh credentials: MFA token required.", &[NO_CODE]),
    ("botocore.exceptions.RefreshWithMFAUnsupportedError: Cannot refresh credentials: MFA token required.", &[NO_CODE]),
    ("CredentialsProviderError: Profile prod requires multi-factor authentication, but no MFA code callback was provided.", &[NO_CODE]),
    ("failed to load configuration, assume role with MFA enabled, but AssumeRoleTokenProvider session option not set.", &[NO_CODE]),
    // What a program or a file gives.
    ("RuntimeError: Credentials were refreshed, but the refreshed credentials are still expired.", &[IN_VAIN]),
    ("Error when retrieving credentials from custom-process: Your session has timed out", &[PROCESS]),
    ("botocore.exceptions.CredentialRetrievalError: Error when retrieving credentials from container-role: Error retrieving metadata: Received non 200 response 500 from container metadata", &[PROCESS]),
    ("process provider error: error in credential_process: exit status 1", &[PROCESS]),
    ("an error occurred while loading credentials: Error retrieving credentials: external process exited with code exit status: 1. Stderr: sign in first", &[PROCESS]),
    ("Error retrieving credentials from external process: could not parse response", &[PROCESS]),
    // Nothing was found.
    ("Unable to locate credentials. You can configure credentials by running \"aws configure\".", &[NOTHING]),
    ("botocore.exceptions.NoCredentialsError: Unable to locate credentials", &[NOTHING]),
    ("CredentialsProviderError: Could not load credentials from any providers\n    at credentialDefaultProvider (/app/index.js:1:1)", &[NOTHING]),
    ("CredentialsProviderError: Could not resolve credentials using profile: [dev] in configuration/credentials file(s).", &[NOTHING]),
    ("operation error S3: ListBuckets, get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata, request canceled, context deadline exceeded", &[NOTHING.what("(during GetMetadata)")]),
    ("NoCredentialProviders: no valid providers in chain. Deprecated.", &[NOTHING]),
    ("software.amazon.awssdk.core.exception.SdkClientException: Unable to load credentials from any of the providers in the chain AwsCredentialsProviderChain(credentialsProviders=[SystemPropertyCredentialsProvider()])", &[NOTHING]),
    ("dispatch failure: other: the credential provider was not enabled: no providers in chain provided credentials", &[NOTHING]),
    ("dispatch failure (DispatchFailure(ConnectorError { kind: Other(None), source: CredentialsNotLoaded(CredentialsNotLoaded { source: Some(\"no providers in chain provided credentials\") }) }))", &[NOTHING]),
    ("Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY", &[PARTIAL]),
    ("botocore.exceptions.PartialCredentialsError: Partial credentials found in shared-credentials-file, missing: aws_secret_access_key", &[PARTIAL]),
    // Profiles and files.
    ("The config profile (porduction) could not be found", &[NO_PROFILE]),
    ("botocore.exceptions.ProfileNotFound: The config profile (porduction) could not be found", &[NO_PROFILE]),
    ("failed to get shared config profile, porduction", &[NO_PROFILE]),
    ("CredentialsProviderError: Profile porduction could not be found in shared credentials file.", &[NO_PROFILE]),
    ("CredentialsProviderError: Profile porduction could not be found or parsed in shared credentials file.", &[NO_PROFILE]),
    ("software.amazon.awssdk.core.exception.SdkClientException: Profile file contained no credentials for profile 'porduction': ProfileFile(sections=[profiles])", &[NO_PROFILE]),
    ("ProfileFile provider could not be built: profile `porduction` was not defined: could not find source profile porduction referenced from dev", &[NO_PROFILE]),
    ("Unable to parse config file: /home/dev/.aws/config", &[UNREADABLE]),
    ("botocore.exceptions.ConfigParseError: Unable to parse config file: /home/dev/.aws/credentials", &[UNREADABLE]),
    // One wraps another.
    ("SdkClientException: Unable to load credentials from any of the providers in the chain AwsCredentialsProviderChain(..) : [EnvironmentVariableCredentialsProvider(): Unable to load credentials from system settings., ProfileCredentialsProvider(profileName=dev): The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO session run aws sso login with the corresponding profile.]", &[NOTHING, OVER]),
    ("CredentialsProviderError: Could not load credentials from any providers\nCaused by: TokenProviderError: Token is expired. To refresh this SSO session run 'aws sso login' with the corresponding profile.", &[NOTHING, REFRESH]),
];

#[test]
fn what_programs_say_before_they_call_anything_is_explained() -> Result<()> {
    check_pasted(ROWS)
}
