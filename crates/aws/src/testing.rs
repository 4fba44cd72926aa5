//! An `Aws` whose answers are written in the test, and everything secret that could leak from it.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use aws_smithy_runtime_api::client::http::{HttpClient, SharedHttpClient};
use aws_smithy_runtime_api::shared::IntoShared;
use aws_smithy_types::body::SdkBody;
use jiff::{SignedDuration, Timestamp};
use sandglass_core::error::RenewalError;
use sandglass_core::names::{AccountId, MfaSerial, ProfileName};
use sandglass_core::prompt::DeviceCode;
use sandglass_core::secret::{Credentials, MfaCode, Secret};
use sandglass_core::session::{
    FederationTokenRenewal, Portal, PortalStyle, RoleRenewal, Source, WebIdentityRenewal,
};

use crate::call::{Call, IamCall, OidcCall, PortalCall, SignInCall, StsCall};
use crate::{Aws, ClientRegistration, Clock, ConfigFiles, ConsoleToken, DeviceAuthorization};

pub(crate) const SECRET_KEY: &str = "fixture-secret-access-key";
pub(crate) const SESSION_TOKEN: &str = "fixture-session-token";
pub(crate) const CODE: &str = "493817";
pub(crate) const CLIENT_SECRET: &str = "fixture-client-secret";
pub(crate) const DEVICE_CODE: &str = "fixture-device-code";
pub(crate) const ACCESS_TOKEN: &str = "fixture-access-token";
pub(crate) const REFRESH_TOKEN: &str = "fixture-refresh-token";
pub(crate) const WEB_TOKEN: &str = "fixture-web-identity-token";
pub(crate) const SIGNIN_TOKEN: &str = "fixture-signin-token";

pub(crate) fn now() -> Timestamp {
    "2026-01-01T10:00:00Z".parse().unwrap()
}

/// One answer on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) error_type: Option<&'static str>,
    /// One more, where it matters.
    pub(crate) header: Option<(&'static str, &'static str)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn ok(body: &str) -> Self {
        Self {
            status: 200,
            error_type: None,
            header: None,
            body: body.to_owned(),
        }
    }

    /// A refusal of STS: the query protocol's XML.
    pub(crate) fn sts(status: u16, code: &str, text: &str) -> Self {
        let body = format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>{text}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
        );
        Self {
            status,
            error_type: None,
            header: None,
            body,
        }
    }

    /// A refusal of OIDC: `error`, `error_description`, and the header that AWS itself sends.
    pub(crate) fn oidc(
        status: u16,
        exception: Option<&'static str>,
        error: &str,
        text: &str,
    ) -> Self {
        let body = format!("{{\"error\":\"{error}\",\"error_description\":\"{text}\"}}");
        Self {
            status,
            error_type: exception,
            header: None,
            body,
        }
    }

    pub(crate) fn portal(status: u16, exception: &'static str, text: &str) -> Self {
        Self {
            status,
            error_type: Some(exception),
            header: None,
            body: format!("{{\"message\":\"{text}\"}}"),
        }
    }

    /// The session token of an instance's metadata service.
    pub(crate) fn metadata_token() -> Self {
        Self {
            header: Some(("x-aws-ec2-metadata-token-ttl-seconds", "21600")),
            ..Self::ok("token")
        }
    }

    fn into_event(self) -> ReplayEvent {
        let request = http::Request::builder().body(SdkBody::empty()).unwrap();
        let mut reply = http::Response::builder().status(self.status);
        if let Some(exception) = self.error_type {
            reply = reply.header("x-amzn-errortype", exception);
        }
        if let Some((name, value)) = self.header {
            reply = reply.header(name, value);
        }
        ReplayEvent::new(request, reply.body(SdkBody::from(self.body)).unwrap())
    }
}

/// Gives these answers, one per try, and keeps what was sent.
pub(crate) fn replay(answers: Vec<Answer>) -> (Aws, StaticReplayClient) {
    let client = StaticReplayClient::new(answers.into_iter().map(Answer::into_event).collect());
    (aws(client.clone()), client)
}

/// The metadata service of an instance, with this document for the credentials of the role `deploy`.
pub(crate) fn instance(document: &str) -> Vec<Answer> {
    vec![
        Answer::metadata_token(),
        Answer::ok("deploy\n"),
        Answer::ok(document),
    ]
}

/// No files, a clock that stands, and this client.
pub(crate) fn aws(client: impl HttpClient + 'static) -> Aws {
    aws_with("/nonexistent/config".into(), client)
}

/// The same with a config file.
pub(crate) fn aws_with(config: PathBuf, client: impl HttpClient + 'static) -> Aws {
    let files = ConfigFiles {
        config,
        credentials: "/nonexistent/credentials".into(),
    };
    let clock: Clock = Arc::new(now);
    let client: SharedHttpClient = client.into_shared();
    let aws = Aws::new(files, clock);
    Aws {
        http: Arc::new(OnceLock::from(aws.heard(client.clone()))),
        metadata_http: Arc::new(OnceLock::from(client)),
        ..aws
    }
}

/// What was sent, as text.
pub(crate) fn sent(client: &StaticReplayClient) -> Vec<String> {
    client
        .actual_requests()
        .map(|request| {
            String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned()
        })
        .collect()
}

/// Makes one call of each kind with the fixtures and forgets what it gives.
pub(crate) async fn make(aws: &Aws, call: Call) -> Result<(), RenewalError> {
    let profile = profile();
    match call {
        Call::Sts(StsCall::AssumeRole) => {
            let role = RoleRenewal {
                mfa_serial: None,
                ..role()
            };
            let issued = aws.assume_role(&profile, &role, &keys(), None).await?;
            drop(issued);
            Ok(())
        }
        Call::Sts(StsCall::AssumeRoleWithCode) => {
            let issued = aws
                .assume_role(&profile, &role(), &keys(), Some(&code()))
                .await?;
            drop(issued);
            Ok(())
        }
        Call::Sts(StsCall::AssumeRoleWithWebIdentity) => aws
            .assume_role_with_web_identity(
                &profile,
                &web_identity(),
                &Secret::new(WEB_TOKEN.into()),
            )
            .await
            .map(drop),
        Call::Sts(StsCall::GetSessionToken) => aws
            .get_session_token(
                &profile,
                SignedDuration::from_hours(12),
                &keys(),
                Some((&device(), &code())),
            )
            .await
            .map(drop),
        Call::Sts(StsCall::GetFederationToken) => aws
            .get_federation_token(&profile, &federation(), &keys())
            .await
            .map(drop),
        Call::Sts(StsCall::GetCallerIdentity) => {
            aws.caller_identity(&profile, &keys()).await.map(drop)
        }
        Call::Oidc(OidcCall::RegisterClient) => {
            aws.register_client(&portal(), None).await.map(drop)
        }
        Call::Oidc(OidcCall::StartDeviceAuthorization) => aws
            .start_device_authorization(&portal(), None, &registration())
            .await
            .map(drop),
        Call::Oidc(OidcCall::AwaitApproval) => aws
            .await_approval(&portal(), None, &registration(), &authorization())
            .await
            .map(drop),
        Call::Oidc(OidcCall::Refresh) => aws
            .refresh(
                &portal(),
                None,
                &registration(),
                &Secret::new(REFRESH_TOKEN.into()),
            )
            .await
            .map(drop),
        Call::Portal(PortalCall::ListAccounts) => {
            let token = Secret::new(ACCESS_TOKEN.into());
            aws.check_sign_in(&portal(), None, &token).await
        }
        Call::Portal(PortalCall::GetRoleCredentials) => aws
            .role_credentials(
                &portal(),
                Some(&profile),
                &Secret::new(ACCESS_TOKEN.into()),
                &AccountId::new("123456789012"),
                "Admin",
            )
            .await
            .map(drop),
        Call::Portal(PortalCall::Logout) => {
            aws.logout(&portal(), None, &Secret::new(ACCESS_TOKEN.into()))
                .await
        }
        Call::SignIn(SignInCall::Refresh) => aws
            .refresh_console_login(Some(&profile), &console_token())
            .await
            .map(drop),
        Call::SignIn(SignInCall::GetSigninToken) => aws
            .console_sign_in_url(&profile, &keys(), None, None)
            .await
            .map(drop),
        Call::Iam(IamCall::GetRole) => aws
            .max_session_duration(&profile, ROLE_ARN, &keys())
            .await
            .map(drop),
        Call::Iam(IamCall::UpdateRole) => {
            let longest = SignedDuration::from_hours(12);
            aws.set_max_session_duration(&profile, ROLE_ARN, &keys(), longest)
                .await
        }
    }
}

/// Every call, with what AWS says to it when all is well.
pub(crate) fn good_answers() -> Vec<(Call, &'static str)> {
    vec![
        (Call::Sts(StsCall::AssumeRole), ASSUMED),
        (Call::Sts(StsCall::AssumeRoleWithCode), ASSUMED),
        (Call::Sts(StsCall::AssumeRoleWithWebIdentity), WEB_ASSUMED),
        (Call::Sts(StsCall::GetSessionToken), SESSION),
        (Call::Sts(StsCall::GetFederationToken), FEDERATED),
        (Call::Sts(StsCall::GetCallerIdentity), IDENTITY),
        (Call::Oidc(OidcCall::RegisterClient), REGISTERED),
        (Call::Oidc(OidcCall::StartDeviceAuthorization), STARTED),
        (Call::Oidc(OidcCall::AwaitApproval), TOKEN),
        (Call::Oidc(OidcCall::Refresh), TOKEN),
        (Call::Portal(PortalCall::GetRoleCredentials), ROLE),
        (Call::Portal(PortalCall::Logout), ""),
        (Call::SignIn(SignInCall::Refresh), CONSOLE_TOKEN),
        (Call::SignIn(SignInCall::GetSigninToken), SIGNIN_TOKEN_REPLY),
        (Call::Iam(IamCall::GetRole), GOT_ROLE),
        (Call::Iam(IamCall::UpdateRole), UPDATED_ROLE),
    ]
}

pub(crate) fn profile() -> ProfileName {
    ProfileName::new("deploy")
}

pub(crate) fn device() -> MfaSerial {
    MfaSerial::new("arn:aws:iam::123456789012:mfa/alice")
}

pub(crate) fn code() -> MfaCode {
    MfaCode::parse(CODE).ok().unwrap()
}

pub(crate) fn keys() -> Credentials {
    Credentials {
        access_key_id: "ASIAFIXTURE".into(),
        secret_access_key: Secret::new(SECRET_KEY.into()),
        session_token: Some(Secret::new(SESSION_TOKEN.into())),
        expires_at: None,
    }
}

pub(crate) fn role() -> RoleRenewal {
    RoleRenewal {
        role_arn: "arn:aws:iam::123456789012:role/deploy".into(),
        source: Source::Keys(ProfileName::new("base")),
        mfa_serial: Some(device()),
        external_id: Some("ext".into()),
        session_name: None,
        duration: Some(SignedDuration::from_hours(2)),
        allowed: None,
        target: None,
    }
}

pub(crate) fn web_identity() -> WebIdentityRenewal {
    WebIdentityRenewal {
        role_arn: "arn:aws:iam::123456789012:role/ci".into(),
        token_file: "/nonexistent/token".into(),
        session_name: Some("ci".into()),
    }
}

pub(crate) fn federation() -> FederationTokenRenewal {
    FederationTokenRenewal {
        source: ProfileName::new("base"),
        user: "guest".into(),
        policy: Some(r#"{"Version":"2012-10-17"}"#.into()),
        policy_arns: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".into()],
        target: None,
        duration: SignedDuration::from_hours(12),
    }
}

pub(crate) fn console_token() -> ConsoleToken {
    ConsoleToken {
        access: keys(),
        account: Some(AccountId::new("123456789012")),
        client_id: "arn:aws:signin:::devtools/same-device".into(),
        refresh_token: Secret::new(REFRESH_TOKEN.into()),
        dpop_key_pem: Secret::new(DPOP_KEY.into()),
        region: Some("eu-central-1".into()),
    }
}

pub(crate) fn portal() -> Portal {
    Portal {
        start_url: "https://example.awsapps.com/start".into(),
        region: "eu-central-1".into(),
        style: PortalStyle::Session {
            name: "corp".into(),
            scopes: vec!["sso:account:access".into()],
        },
    }
}

pub(crate) fn registration() -> ClientRegistration {
    ClientRegistration {
        client_id: "client".into(),
        client_secret: Secret::new(CLIENT_SECRET.into()),
        expires_at: now() + SignedDuration::from_hours(24 * 90),
        scopes: vec!["sso:account:access".into()],
    }
}

pub(crate) fn authorization() -> DeviceAuthorization {
    DeviceAuthorization {
        code: DeviceCode {
            user_code: "ABCD-EFGH".into(),
            verification_uri: "https://example/device".into(),
            verification_uri_complete: "https://example/device?user_code=ABCD-EFGH".into(),
            expires_at: now() + SignedDuration::from_mins(10),
        },
        device_code: Secret::new(DEVICE_CODE.into()),
        interval: std::time::Duration::from_secs(1),
    }
}

pub(crate) const ASSUMED: &str = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
    <AssumedRoleUser><AssumedRoleId>AROAX:sandglass-1767261600</AssumedRoleId>\
    <Arn>arn:aws:sts::123456789012:assumed-role/deploy/sandglass-1767261600</Arn></AssumedRoleUser>\
    <Credentials><AccessKeyId>ASIANEW</AccessKeyId><SecretAccessKey>fixture-secret-access-key</SecretAccessKey>\
    <SessionToken>fixture-session-token</SessionToken><Expiration>2026-01-01T12:00:00Z</Expiration></Credentials>\
    </AssumeRoleResult></AssumeRoleResponse>";
pub(crate) const SESSION: &str = "<GetSessionTokenResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetSessionTokenResult>\
    <Credentials><AccessKeyId>ASIANEW</AccessKeyId><SecretAccessKey>fixture-secret-access-key</SecretAccessKey>\
    <SessionToken>fixture-session-token</SessionToken><Expiration>2026-01-01T22:00:00.000Z</Expiration></Credentials>\
    </GetSessionTokenResult></GetSessionTokenResponse>";
pub(crate) const IDENTITY: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
    <Arn>arn:aws:iam::123456789012:user/alice</Arn><UserId>AIDAX</UserId><Account>123456789012</Account>\
    </GetCallerIdentityResult></GetCallerIdentityResponse>";
pub(crate) const REGISTERED: &str = r#"{"clientId":"client","clientSecret":"fixture-client-secret","clientIdIssuedAt":1767261600,"clientSecretExpiresAt":1775037600}"#;
pub(crate) const STARTED: &str = r#"{"deviceCode":"fixture-device-code","userCode":"ABCD-EFGH","verificationUri":"https://example/device","verificationUriComplete":"https://example/device?user_code=ABCD-EFGH","expiresIn":600,"interval":1}"#;
pub(crate) const TOKEN: &str = r#"{"accessToken":"fixture-access-token","tokenType":"Bearer","expiresIn":3600,"refreshToken":"fixture-refresh-token"}"#;
pub(crate) const ROLE: &str = r#"{"roleCredentials":{"accessKeyId":"ASIANEW","secretAccessKey":"fixture-secret-access-key","sessionToken":"fixture-session-token","expiration":1767265200123}}"#;
pub(crate) const WEB_ASSUMED: &str = "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleWithWebIdentityResult>\
    <AssumedRoleUser><AssumedRoleId>AROAX:ci</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/ci/ci</Arn></AssumedRoleUser>\
    <Credentials><AccessKeyId>ASIANEW</AccessKeyId><SecretAccessKey>fixture-secret-access-key</SecretAccessKey>\
    <SessionToken>fixture-session-token</SessionToken><Expiration>2026-01-01T11:00:00Z</Expiration></Credentials>\
    <Provider>oidc.example</Provider></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";
pub(crate) const FEDERATED: &str = "<GetFederationTokenResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetFederationTokenResult>\
    <Credentials><AccessKeyId>ASIANEW</AccessKeyId><SecretAccessKey>fixture-secret-access-key</SecretAccessKey>\
    <SessionToken>fixture-session-token</SessionToken><Expiration>2026-01-01T22:00:00Z</Expiration></Credentials>\
    <FederatedUser><FederatedUserId>123456789012:guest</FederatedUserId><Arn>arn:aws:sts::123456789012:federated-user/guest</Arn></FederatedUser>\
    </GetFederationTokenResult></GetFederationTokenResponse>";
pub(crate) const GOT_ROLE: &str = "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><Role>\
    <Path>/team/</Path><RoleName>deploy</RoleName><Arn>arn:aws:iam::123456789012:role/team/deploy</Arn>\
    <MaxSessionDuration>14400</MaxSessionDuration></Role></GetRoleResult></GetRoleResponse>";
pub(crate) const UPDATED_ROLE: &str = "<UpdateRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
    <UpdateRoleResult/></UpdateRoleResponse>";
const ROLE_ARN: &str = "arn:aws:iam::123456789012:role/team/deploy";
pub(crate) const CONSOLE_TOKEN: &str = r#"{"accessToken":{"accessKeyId":"ASIANEW","secretAccessKey":"fixture-secret-access-key","sessionToken":"fixture-session-token"},"tokenType":"aws_sigv4","expiresIn":900,"refreshToken":"fixture-refresh-token-2"}"#;
pub(crate) const SIGNIN_TOKEN_REPLY: &str = r#"{"SigninToken":"fixture-signin-token"}"#;
pub(crate) const INSTANCE_ROLE: &str = r#"{"Code":"Success","LastUpdated":"2026-01-01T09:00:00Z","Type":"AWS-HMAC","AccessKeyId":"ASIANEW","SecretAccessKey":"fixture-secret-access-key","Token":"fixture-session-token","Expiration":"2026-01-01T15:24:00Z"}"#;
/// A P-256 key as `aws login` writes it (SEC1), made for these tests.
pub(crate) const DPOP_KEY: &str = "-----BEGIN EC PRIVATE KEY-----\n\
    MHcCAQEEIMpUkmELBv2AuLEsF+RISDAR3nm3usAR8n6t4uRoZ5MAoAoGCCqGSM49\n\
    AwEHoUQDQgAEKuBgPK3CBHJfjW8aRIPMY9vmdrOdA7fTFHviZtPB4MFVM+smdfBU\n\
    u7YaAbcK+FjDUPkJvat62zShslPX3xQuUQ==\n\
    -----END EC PRIVATE KEY-----\n";
/// The same key in the other format (PKCS#8).
pub(crate) const DPOP_KEY_PKCS8: &str = "-----BEGIN PRIVATE KEY-----\n\
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgylSSYQsG/YC4sSwX\n\
    5EhIMBHeebe6wBHyfq3i5GhnkwChRANCAAQq4GA8rcIEcl+NbxpEg8xj2+Z2s50D\n\
    t9MUe+Jm08HgwVUz6yZ18FS7thoBtwr4WMNQ+Qm9q3rbNKGyU9ffFC5R\n\
    -----END PRIVATE KEY-----\n";
