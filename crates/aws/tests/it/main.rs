//! The calls that only a strict AWS can judge, against the sandbox: real sockets, checked signatures, tokens that rotate.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod cloud;
mod container;
mod log;

use jiff::{SignedDuration, Timestamp};
use sandglass_aws::{AssumeRoleError, ConsoleToken};
use sandglass_core::error::ErrorCode;
use sandglass_core::names::{AccountId, ProfileName};
use sandglass_core::secret::{Credentials, Secret};
use sandglass_core::session::{
    DurationLimit, FederationTokenRenewal, RoleRenewal, Source, WebIdentityRenewal,
};
use serde_json::{Value, json};

use cloud::{Cloud, real_time};

fn profile() -> ProfileName {
    ProfileName::new("default")
}

fn keys(id: &str, secret: &str) -> Credentials {
    Credentials {
        access_key_id: id.into(),
        secret_access_key: Secret::new(secret.into()),
        session_token: None,
        expires_at: None,
    }
}

fn dev() -> Credentials {
    keys(
        "AKIASANDGLASSUSERDEV",
        "make+believe/secret/of/the/user/dev+0001",
    )
}

fn broker() -> Credentials {
    keys(
        "AKIASANDGLASSBROKER0",
        "make+believe/secret/of/the/broker/+00003",
    )
}

fn role(name: &str, hours: i64) -> RoleRenewal {
    RoleRenewal {
        role_arn: format!("arn:aws:iam::123456789012:role/{name}"),
        source: Source::Keys(profile()),
        mfa_serial: None,
        external_id: None,
        session_name: Some("it".into()),
        duration: Some(SignedDuration::from_hours(hours)),
        allowed: None,
        target: None,
    }
}

fn pipeline() -> WebIdentityRenewal {
    WebIdentityRenewal {
        role_arn: "arn:aws:iam::123456789012:role/Pipeline".into(),
        token_file: "/nonexistent/token".into(),
        session_name: None,
    }
}

fn guest(policy: &str) -> FederationTokenRenewal {
    FederationTokenRenewal {
        source: profile(),
        user: "guest".into(),
        policy: Some(policy.into()),
        policy_arns: Vec::new(),
        target: None,
        duration: SignedDuration::from_hours(1),
    }
}

const LIST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}"#;

fn life(issued: &sandglass_aws::Issued) -> i64 {
    let end = issued.credentials.expires_at.unwrap();
    end.duration_since(issued.issued_at).as_secs()
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).unwrap().as_str().unwrap().to_owned()
}

/// A console sign-in as its cache file would hold it.
fn signed_in(cloud: &Cloud, user: &str) -> ConsoleToken {
    let file = cloud.post("console-login", &json!({ "user": user }));
    ConsoleToken {
        access: Credentials {
            access_key_id: text(&file, "/accessToken/accessKeyId"),
            secret_access_key: Secret::new(text(&file, "/accessToken/secretAccessKey")),
            session_token: Some(Secret::new(text(&file, "/accessToken/sessionToken"))),
            expires_at: text(&file, "/accessToken/expiresAt").parse().ok(),
        },
        account: Some(AccountId::new(text(&file, "/accessToken/accountId"))),
        client_id: text(&file, "/clientId"),
        refresh_token: Secret::new(text(&file, "/refreshToken")),
        dpop_key_pem: Secret::new(text(&file, "/dpopKey")),
        region: None,
    }
}

#[tokio::test]
async fn a_web_identity_becomes_a_role_while_its_token_lasts() {
    let cloud = Cloud::start().await;
    let token = |seconds: i64| {
        let asked = json!({
            "provider": "oidc.sandglass.example",
            "subject": "repo:sandglass/app",
            "seconds": seconds,
        });
        Secret::new(text(&cloud.post("web-identity", &asked), "/token"))
    };
    let aws = cloud.aws();
    let issued = aws
        .assume_role_with_web_identity(&profile(), &pipeline(), &token(3600))
        .await
        .ok()
        .unwrap();
    assert!((3595..=3605).contains(&life(&issued)), "{}", life(&issued));
    let caller = aws
        .caller_identity(&profile(), &issued.credentials)
        .await
        .unwrap();
    assert!(
        caller.arn.contains(":assumed-role/Pipeline/sandglass-"),
        "{}",
        caller.arn
    );
    let rows = [
        (token(-60), ErrorCode::SourceExpired),
        (Secret::new("no.token".into()), ErrorCode::SourceInvalid),
    ];
    for (token, expected) in rows {
        let error = aws
            .assume_role_with_web_identity(&profile(), &pipeline(), &token)
            .await
            .err()
            .unwrap();
        assert_eq!(error.code, expected, "{error}");
    }
}

#[tokio::test]
async fn a_federated_user_needs_long_lived_keys() {
    let cloud = Cloud::start().await;
    let aws = cloud.aws();
    let issued = aws
        .get_federation_token(&profile(), &guest(LIST), &broker())
        .await
        .ok()
        .unwrap();
    assert!((3595..=3605).contains(&life(&issued)), "{}", life(&issued));
    let caller = aws
        .caller_identity(&profile(), &issued.credentials)
        .await
        .unwrap();
    assert_eq!(caller.arn, "arn:aws:sts::123456789012:federated-user/guest");
    let rows = [
        (
            guest(LIST),
            issued.credentials,
            ErrorCode::InvalidDefinition,
        ),
        (guest("no policy"), broker(), ErrorCode::InvalidDefinition),
    ];
    for (federation, keys, expected) in rows {
        let error = aws
            .get_federation_token(&profile(), &federation, &keys)
            .await
            .err()
            .unwrap();
        assert_eq!(error.code, expected, "{error}");
    }
}

#[tokio::test]
async fn a_session_token_is_to_be_had_without_a_code() {
    let cloud = Cloud::start().await;
    let issued = cloud
        .aws()
        .get_session_token(&profile(), SignedDuration::from_mins(15), &dev(), None)
        .await
        .ok()
        .unwrap();
    assert!((895..=905).contains(&life(&issued)), "{}", life(&issued));
}

#[tokio::test]
async fn whose_limit_a_duration_exceeds_is_told() {
    let cloud = Cloud::start().await;
    let aws = cloud.aws();
    let too_long = |refused| match refused {
        Err(AssumeRoleError::TooLong { limit, error }) => {
            assert_eq!(error.code, ErrorCode::DurationTooLong);
            limit
        }
        Err(AssumeRoleError::Failed(error)) => panic!("{error}"),
        Ok(_) => panic!("AWS gave it"),
    };
    let refused = aws
        .assume_role(&profile(), &role("Support", 2), &dev(), None)
        .await;
    assert_eq!(too_long(refused), DurationLimit::RoleMaximum);
    let deploy = aws
        .assume_role(&profile(), &role("Deploy", 1), &dev(), None)
        .await
        .ok()
        .unwrap();
    let refused = aws
        .assume_role(&profile(), &role("Audit", 2), &deploy.credentials, None)
        .await;
    assert_eq!(too_long(refused), DurationLimit::RoleChaining);
}

#[tokio::test]
async fn a_check_tells_expired_from_deleted_credentials() {
    let cloud = Cloud::start().await;
    let aws = cloud.aws();
    cloud.put("settings", &json!({ "assumed_role": 0 }));
    let over = aws
        .assume_role(&profile(), &role("Deploy", 1), &dev(), None)
        .await
        .ok()
        .unwrap();
    let error = aws
        .caller_identity(&profile(), &over.credentials)
        .await
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::SourceExpired, "{error}");
    cloud.post(
        "revoke",
        &json!({ "kind": "access_key", "access_key_id": "AKIASANDGLASSUSERDEV" }),
    );
    let error = aws.caller_identity(&profile(), &dev()).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::SourceInvalid, "{error}");
}

#[tokio::test]
async fn a_console_sign_in_refreshes_again_and_again_until_it_is_over() {
    let cloud = Cloud::start().await;
    let aws = cloud.aws();
    let mut token = signed_in(&cloud, "dev");
    for _ in 0..3 {
        let refreshed = aws.refresh_console_login(None, &token).await.ok().unwrap();
        let end = refreshed.token.access.expires_at.unwrap();
        let life = end.duration_since(refreshed.issued_at).as_secs();
        assert!((1..=900).contains(&life), "{life}");
        token = refreshed.token;
        let caller = aws
            .caller_identity(&profile(), &token.access)
            .await
            .unwrap();
        assert_eq!(caller.account.as_str(), "123456789012");
    }
    for (user, reason, expected) in [
        ("dev", Some("token_expired"), ErrorCode::SignInOver),
        ("dev", Some("password_changed"), ErrorCode::SignInOver),
        ("ops", None, ErrorCode::AccessDenied),
    ] {
        let token = signed_in(&cloud, user);
        if let Some(reason) = reason {
            let revoked = json!({ "kind": "login_sessions", "user": user, "reason": reason });
            cloud.post("revoke", &revoked);
        }
        let error = aws.refresh_console_login(None, &token).await.err().unwrap();
        assert_eq!(error.code, expected, "{error}");
    }
}

#[tokio::test]
async fn a_refresh_proves_itself_though_the_clock_is_wrong() {
    let cloud = Cloud::start().await;
    let token = signed_in(&cloud, "dev");
    let aws = cloud.aws_with(|| real_time() - SignedDuration::from_hours(2));
    let refreshed = aws.refresh_console_login(None, &token).await.ok().unwrap();
    let end = refreshed.token.access.expires_at.unwrap();
    assert!(end > real_time(), "{end}");
}

#[tokio::test]
async fn the_clock_of_aws_is_learned_once_and_signatures_and_ends_go_by_it() {
    let cloud = Cloud::start().await;
    let ahead = SignedDuration::from_mins(10);
    cloud.put("settings", &json!({ "skew": ahead.as_secs() }));
    let aws = cloud.aws();
    let mut changes = aws.clock().changes();
    assert_eq!(aws.clock().offset(), SignedDuration::ZERO);
    // The first call is signed by the wrong clock, and heals itself.
    let issued = aws
        .assume_role(&profile(), &role("Deploy", 1), &dev(), None)
        .await
        .ok()
        .unwrap();
    let near = |offset: SignedDuration| (offset - ahead).abs() < SignedDuration::from_secs(2);
    assert!(near(aws.clock().offset()), "{}", aws.clock().offset());
    assert!(near(*changes.borrow_and_update()));
    assert!((3595..=3605).contains(&life(&issued)), "{}", life(&issued));
    let refused = cloud.count("AssumeRole", "SignatureDoesNotMatch");
    assert_eq!(refused, 1);
    // The next one is right at once.
    aws.assume_role(&profile(), &role("Deploy", 1), &dev(), None)
        .await
        .map(drop)
        .unwrap();
    assert_eq!(cloud.count("AssumeRole", "SignatureDoesNotMatch"), refused);
    assert!(!changes.has_changed().unwrap());
}

#[tokio::test]
async fn the_console_opens_for_a_role_and_says_no_to_what_it_does_not_take() {
    let cloud = Cloud::start().await;
    let aws = cloud.aws();
    let deploy = aws
        .assume_role(&profile(), &role("Deploy", 1), &dev(), None)
        .await
        .ok()
        .unwrap()
        .credentials;
    let hours = Some(SignedDuration::from_hours(8));
    let url = aws
        .console_sign_in_url(&profile(), &deploy, None, hours)
        .await
        .ok()
        .unwrap();
    let page = cloud.page(url.expose());
    assert!(page.contains("assumed-role/Deploy/it"), "{page}");
    let chained = aws
        .assume_role(&profile(), &role("Audit", 1), &deploy, None)
        .await
        .ok()
        .unwrap()
        .credentials;
    let error = aws
        .console_sign_in_url(&profile(), &chained, None, hours)
        .await
        .err()
        .unwrap();
    assert_eq!(error.code, ErrorCode::SourceInvalid, "{error}");
    aws.console_sign_in_url(&profile(), &chained, None, None)
        .await
        .map(drop)
        .unwrap();
}

#[tokio::test]
async fn an_instance_tells_its_role() {
    let cloud = Cloud::start().await;
    let aws = cloud.aws();
    let machine = aws.instance_role(Some(&profile())).await.ok().unwrap();
    assert_eq!(machine.role_name.as_deref(), Some("Instance"));
    let end: Timestamp = machine.credentials.expires_at.unwrap();
    assert!(end > real_time());
    let caller = aws
        .caller_identity(&profile(), &machine.credentials)
        .await
        .unwrap();
    assert!(
        caller.arn.contains(":assumed-role/Instance/"),
        "{}",
        caller.arn
    );
    cloud.post(
        "revoke",
        &json!({ "kind": "role", "role_arn": "arn:aws:iam::123456789012:role/Instance" }),
    );
    let error = aws.instance_role(Some(&profile())).await.err().unwrap();
    assert_eq!(error.code, ErrorCode::AccessDenied, "{error}");
}
