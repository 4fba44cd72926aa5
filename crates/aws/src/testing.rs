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
use sandglass_core::session::{Portal, PortalStyle, RoleRenewal, Source};

use crate::call::{Call, OidcCall, PortalCall, StsCall};
use crate::{Aws, ClientRegistration, Clock, ConfigFiles, DeviceAuthorization};

pub(crate) const SECRET_KEY: &str = "fixture-secret-access-key";
pub(crate) const SESSION_TOKEN: &str = "fixture-session-token";
pub(crate) const CODE: &str = "493817";
pub(crate) const CLIENT_SECRET: &str = "fixture-client-secret";
pub(crate) const DEVICE_CODE: &str = "fixture-device-code";
pub(crate) const ACCESS_TOKEN: &str = "fixture-access-token";
pub(crate) const REFRESH_TOKEN: &str = "fixture-refresh-token";

pub(crate) fn now() -> Timestamp {
    "2026-01-01T10:00:00Z".parse().unwrap()
}

/// One answer on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) error_type: Option<&'static str>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn ok(body: &str) -> Self {
        Self {
            status: 200,
            error_type: None,
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
            body,
        }
    }

    pub(crate) fn portal(status: u16, exception: &'static str, text: &str) -> Self {
        Self {
            status,
            error_type: Some(exception),
            body: format!("{{\"message\":\"{text}\"}}"),
        }
    }

    fn into_event(self) -> ReplayEvent {
        let request = http::Request::builder().body(SdkBody::empty()).unwrap();
        let mut reply = http::Response::builder().status(self.status);
        if let Some(exception) = self.error_type {
            reply = reply.header("x-amzn-errortype", exception);
        }
        ReplayEvent::new(request, reply.body(SdkBody::from(self.body)).unwrap())
    }
}

/// Gives these answers, one per try, and keeps what was sent.
pub(crate) fn replay(answers: Vec<Answer>) -> (Aws, StaticReplayClient) {
    let client = StaticReplayClient::new(answers.into_iter().map(Answer::into_event).collect());
    (aws(client.clone()), client)
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
    Aws {
        http: Arc::new(OnceLock::from(client)),
        ..Aws::new(files, clock)
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
            aws.assume_role(&profile, &role, &keys(), None)
                .await
                .map(drop)
        }
        Call::Sts(StsCall::AssumeRoleWithCode) => aws
            .assume_role(&profile, &role(), &keys(), Some(&code()))
            .await
            .map(drop),
        Call::Sts(StsCall::GetSessionToken) => aws
            .get_session_token(
                &profile,
                &device(),
                SignedDuration::from_hours(12),
                &keys(),
                &code(),
            )
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
    }
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
