//! A sign-in from its registration to its refresh, against answers as AWS sends them.

use tokio::time::Instant;

use super::*;
use crate::http::Way;
use crate::testing::{
    ACCESS_TOKEN, Answer, REFRESH_TOKEN, REGISTERED, STARTED, TOKEN, authorization, now, portal,
    registration, replay, sent,
};

fn pending() -> Answer {
    Answer::oidc(
        400,
        Some("AuthorizationPendingException"),
        "authorization_pending",
        "",
    )
}

#[tokio::test]
async fn a_client_registers_for_the_scopes_of_its_sso_session() {
    let (aws, wire) = replay(vec![Answer::ok(REGISTERED)]);
    let registration = aws.register_client(&portal(), None).await.ok().unwrap();
    assert_eq!(
        registration.expires_at,
        "2026-04-01T10:00:00Z".parse().unwrap()
    );
    assert_eq!(registration.scopes, ["sso:account:access"]);
    assert_eq!(
        sent(&wire),
        [r#"{"clientName":"Sandglass","clientType":"public","scopes":["sso:account:access"]}"#]
    );
    let uri = wire.actual_requests().next().unwrap().uri().to_owned();
    assert_eq!(
        uri,
        "https://oidc.eu-central-1.amazonaws.com/client/register"
    );
}

#[tokio::test]
async fn a_portal_without_scopes_gets_none_as_from_the_aws_cli() {
    let styles = [
        PortalStyle::Legacy,
        PortalStyle::Session {
            name: "corp".into(),
            scopes: Vec::new(),
        },
    ];
    for style in styles {
        let (aws, wire) = replay(vec![Answer::ok(REGISTERED)]);
        let portal = Portal { style, ..portal() };
        aws.register_client(&portal, None).await.map(drop).unwrap();
        assert_eq!(
            sent(&wire),
            [r#"{"clientName":"Sandglass","clientType":"public"}"#]
        );
    }
}

#[tokio::test]
async fn a_device_code_says_where_to_go_and_how_long() {
    let (aws, _) = replay(vec![Answer::ok(STARTED)]);
    let started = aws
        .start_device_authorization(&portal(), None, &registration())
        .await
        .ok()
        .unwrap();
    assert_eq!(started.code, authorization().code);
    assert_eq!(started.interval, Duration::from_secs(1));
}

#[tokio::test]
async fn missing_niceties_of_a_device_code_are_filled_in() {
    let bare = r#"{"deviceCode":"d","userCode":"u","verificationUri":"https://v","expiresIn":600}"#;
    let (aws, _) = replay(vec![Answer::ok(bare)]);
    let started = aws
        .start_device_authorization(&portal(), None, &registration())
        .await
        .ok()
        .unwrap();
    assert_eq!(started.interval, Duration::from_secs(5));
    assert_eq!(started.code.verification_uri_complete, "https://v");
}

#[tokio::test(start_paused = true)]
async fn approval_is_asked_for_at_once_and_then_at_the_interval_of_the_portal() {
    let too_fast = Answer::oidc(400, Some("SlowDownException"), "slow_down", "");
    let (aws, wire) = replay(vec![pending(), too_fast, pending(), Answer::ok(TOKEN)]);
    let begun = Instant::now();
    let token = aws
        .await_approval(&portal(), None, &registration(), &authorization())
        .await
        .ok()
        .unwrap();
    // One second, then one and five more, twice.
    assert_eq!(begun.elapsed().as_secs(), 1 + 6 + 6);
    assert_eq!(wire.actual_requests().count(), 4);
    assert!(token.access_token == Secret::new(ACCESS_TOKEN.into()));
    assert_eq!(token.expires_at, now() + SignedDuration::from_hours(1));
}

#[tokio::test(start_paused = true)]
async fn a_portal_that_knows_the_person_already_needs_no_waiting() {
    let (aws, _) = replay(vec![Answer::ok(TOKEN)]);
    let begun = Instant::now();
    aws.await_approval(&portal(), None, &registration(), &authorization())
        .await
        .map(drop)
        .unwrap();
    assert_eq!(begun.elapsed().as_secs(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_network_that_comes_and_goes_does_not_end_a_sign_in() {
    let trouble = Answer::oidc(500, Some("InternalServerException"), "server_error", "");
    let (aws, _) = replay(vec![
        pending(),
        trouble.clone(),
        trouble,
        pending(),
        Answer::ok(TOKEN),
    ]);
    assert!(
        aws.await_approval(&portal(), None, &registration(), &authorization())
            .await
            .is_ok()
    );
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_with_the_code_even_if_the_portal_never_says_so() {
    let (aws, _) = replay(vec![pending()]);
    let mut over = authorization();
    over.code.expires_at = now();
    let error = aws
        .await_approval(&portal(), None, &registration(), &over)
        .await
        .err()
        .unwrap();
    assert_eq!(error.code, ErrorCode::SignInTimedOut);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_sign_in_asks_no_more() {
    let (aws, wire) = replay(vec![pending(), pending()]);
    let (portal, registration, authorization) = (portal(), registration(), authorization());
    let waiting = aws.await_approval(&portal, None, &registration, &authorization);
    let cancelled = tokio::time::timeout(Duration::from_millis(500), waiting).await;
    assert!(cancelled.is_err());
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(wire.actual_requests().count(), 1);
}

#[tokio::test]
async fn a_refresh_gives_the_rotated_token_or_keeps_the_old_one() {
    let kept = r#"{"accessToken":"fixture-access-token","tokenType":"Bearer","expiresIn":3600}"#;
    let old = Secret::new("old".into());
    for (reply, expected) in [(TOKEN, REFRESH_TOKEN), (kept, "old")] {
        let (aws, wire) = replay(vec![Answer::ok(reply)]);
        let token = aws
            .refresh(&portal(), None, &registration(), &old)
            .await
            .ok()
            .unwrap();
        assert!(token.refresh_token == Some(Secret::new(expected.into())));
        assert_eq!(
            sent(&wire),
            [
                r#"{"clientId":"client","clientSecret":"fixture-client-secret","grantType":"refresh_token","refreshToken":"old"}"#
            ]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_portal_that_nobody_answers_for_is_named() {
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = dead.local_addr().unwrap();
    drop(dead);
    let config = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        config.path(),
        format!("[default]\nendpoint_url = http://{address}\n"),
    )
    .unwrap();
    let aws = crate::testing::aws_with(
        config.path().to_owned(),
        crate::http::client(Way::Proxied).unwrap(),
    );
    let error = aws.register_client(&portal(), None).await.err().unwrap();
    assert_eq!(error.code, ErrorCode::Unreachable);
    assert!(
        error.message.contains(&format!("`http://{address}`")),
        "{error}"
    );
    assert!(error.message.contains("refused"), "{error}");
}
