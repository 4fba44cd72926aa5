//! Metadata services, against answers as AWS gives them. What depends on the environment runs in a process of its own.

use std::process::Stdio;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::process::Command;

use super::*;
use crate::testing::{Answer, INSTANCE_ROLE, aws_with, instance, profile, replay};

const CONTAINER_ROLE: &str = r#"{"AccessKeyId":"ASIACONTAINER","SecretAccessKey":"s","Token":"t","Expiration":"2026-01-01T16:00:00Z","AccountId":"123456789012"}"#;

#[tokio::test]
async fn an_instance_tells_its_role_and_the_true_end_of_its_credentials() {
    // Over by now: the end stays what it is.
    let over = INSTANCE_ROLE.replace("T15:24:00Z", "T09:30:00Z");
    for (document, end) in [
        (INSTANCE_ROLE, "2026-01-01T15:24:00Z"),
        (&over, "2026-01-01T09:30:00Z"),
    ] {
        let (aws, wire) = replay(instance(document));
        let machine = aws.instance_role(None).await.ok().unwrap();
        assert_eq!(machine.credentials.expires_at, end.parse().ok());
        assert_eq!(machine.issued_at, "2026-01-01T09:00:00Z".parse().ok());
        assert_eq!(machine.role_name.as_deref(), Some("deploy"));
        assert_eq!(machine.account, None);
        let uris: Vec<_> = wire.actual_requests().map(HttpRequest::uri).collect();
        assert_eq!(
            uris,
            [
                "http://169.254.169.254/latest/api/token",
                "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
                "http://169.254.169.254/latest/meta-data/iam/security-credentials/deploy",
            ]
        );
    }
}

#[tokio::test]
async fn the_settings_of_the_profile_say_where_the_metadata_service_is() {
    let rows = [
        (
            "ec2_metadata_service_endpoint = http://127.0.0.1:7",
            "http://127.0.0.1:7/latest/api/token",
        ),
        (
            "ec2_metadata_service_endpoint_mode = IPv6",
            "http://[fd00:ec2::254]/latest/api/token",
        ),
        (
            "ec2_metadata_service_endpoint_mode = IPv4",
            "http://169.254.169.254/latest/api/token",
        ),
    ];
    for (line, expected) in rows {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("[profile deploy]\n{line}\n")).unwrap();
        let (_, wire) = replay(instance(INSTANCE_ROLE));
        let aws = aws_with(file.path().to_owned(), wire.clone());
        aws.instance_role(Some(&profile())).await.map(drop).unwrap();
        assert_eq!(wire.actual_requests().next().unwrap().uri(), expected);
    }
}

#[tokio::test]
async fn what_an_instance_lacks_is_named() {
    let missing = Answer {
        status: 404,
        ..Answer::ok("")
    };
    let refused = Answer {
        status: 403,
        ..Answer::ok("")
    };
    let failed =
        r#"{"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot assume the role deploy."}"#;
    let (token, ok) = (Answer::metadata_token, Answer::ok);
    let rows = [
        (vec![token(), missing], ErrorCode::SourceInvalid),
        (vec![token(), ok("")], ErrorCode::SourceInvalid),
        (vec![token(), refused.clone()], ErrorCode::ServiceTrouble),
        (vec![refused], ErrorCode::Unreachable),
        (
            vec![token(), ok("deploy"), ok(failed)],
            ErrorCode::AccessDenied,
        ),
        (
            vec![token(), ok("deploy"), ok("<html>")],
            ErrorCode::ServiceTrouble,
        ),
        (
            vec![token(), ok("deploy"), ok("{}")],
            ErrorCode::ServiceTrouble,
        ),
        (Vec::new(), ErrorCode::Unreachable),
    ];
    for (answers, expected) in rows {
        let (aws, _) = replay(answers);
        let error = aws.instance_role(None).await.err().unwrap();
        assert_eq!(error.code, expected, "{error}");
        assert!(error.message.contains("169.254.169.254"), "{error}");
    }
}

/// What is said of a metadata service that cannot be used.
async fn unreachable(endpoint: &str) -> RenewalError {
    let file = tempfile::NamedTempFile::new().unwrap();
    let line = format!("[profile deploy]\nec2_metadata_service_endpoint = {endpoint}\n");
    std::fs::write(file.path(), line).unwrap();
    let client = crate::http::client(crate::http::Way::Direct).unwrap();
    let aws = aws_with(file.path().to_owned(), client);
    let error = aws.instance_role(Some(&profile())).await.err().unwrap();
    assert_eq!(error.code, ErrorCode::Unreachable);
    error
}

#[tokio::test]
async fn a_token_that_goes_no_further_than_the_instance_is_told_apart_from_no_service_at_all() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let error = unreachable(&endpoint).await;
    assert!(error.message.contains("gives no token"), "{error}");
    assert!(error.remedy.contains("hop limit be 2"), "{error:?}");
}

#[tokio::test]
async fn a_machine_that_is_no_instance_says_so_within_moments() {
    let dead = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", dead.local_addr().unwrap());
    drop(dead);
    let error = unreachable(&endpoint).await;
    assert!(
        error
            .message
            .starts_with(&format!("no metadata service answers at `{endpoint}`: ")),
        "{error}"
    );
    assert!(error.message.contains("refused"), "{error}");
}

/// Serves one answer, and tells the request that it was given to.
async fn endpoint(status: &str, body: &str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/role", listener.local_addr().unwrap());
    let reply = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).await.unwrap();
        stream.write_all(reply.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    (url, served)
}

/// What [`tell`] says in a process with this environment.
async fn told(test: &str, environment: &[(&str, &str)]) -> String {
    let output = Command::new(env::current_exe().unwrap())
        .args([test, "--exact", "--ignored", "--nocapture"])
        .envs(environment.iter().copied())
        .stderr(Stdio::null())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let line = said.lines().find(|line| line.contains("told: "));
    line.unwrap_or_else(|| panic!("{said}")).to_owned()
}

fn tell(result: Result<MachineCredentials, RenewalError>) {
    match result {
        Ok(machine) => println!(
            "told: {} until {:?} in {:?}",
            machine.credentials.access_key_id,
            machine.credentials.expires_at.map(|end| end.to_string()),
            machine.account.map(|account| account.to_string()),
        ),
        Err(error) => println!("told: {:?}: {error}", error.code),
    }
}

fn real() -> Aws {
    let client = crate::http::client(crate::http::Way::Direct).unwrap();
    aws_with("/nonexistent/config".into(), client)
}

#[tokio::test]
#[ignore = "run by the other tests, in an environment of its own"]
async fn tells_the_container_role() {
    tell(real().container_role().await);
}

#[tokio::test]
#[ignore = "run by the other tests, in an environment of its own"]
async fn tells_the_instance_role() {
    tell(real().instance_role(None).await);
}

const CONTAINER: &str = "metadata::tests::tells_the_container_role";
const INSTANCE: &str = "metadata::tests::tells_the_instance_role";
const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

#[tokio::test]
async fn a_container_is_asked_past_the_proxy_with_the_token_of_its_file() {
    let (url, served) = endpoint("200 OK", CONTAINER_ROLE).await;
    let token = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(token.path(), "Bearer of-the-pod").unwrap();
    let said = told(
        CONTAINER,
        &[
            (FULL_URI, &url),
            (
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                token.path().to_str().unwrap(),
            ),
            ("HTTP_PROXY", "http://127.0.0.1:9"),
        ],
    )
    .await;
    assert!(
        said.ends_with(
            r#"told: ASIACONTAINER until Some("2026-01-01T16:00:00Z") in Some("123456789012")"#
        ),
        "{said}"
    );
    let request = served.await.unwrap();
    assert!(request.starts_with("GET /role HTTP/1.1\r\n"), "{request}");
    assert!(
        request.contains("authorization: Bearer of-the-pod\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn what_a_container_lacks_is_named() {
    let said = told(CONTAINER, &[]).await;
    assert!(
        said.contains("told: InvalidDefinition: no credentials endpoint"),
        "{said}"
    );
    let said = told(CONTAINER, &[(FULL_URI, "http://192.0.2.1/role")]).await;
    assert!(said.contains("told: InvalidDefinition: "), "{said}");
    let (url, _served) = endpoint("403 Forbidden", r#"{"message":"no"}"#).await;
    let said = told(CONTAINER, &[(FULL_URI, &url)]).await;
    assert!(said.contains("told: ServiceTrouble: "), "{said}");
    assert!(said.contains("403"), "{said}");
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/role", silent.local_addr().unwrap());
    let said = told(CONTAINER, &[(FULL_URI, &url)]).await;
    assert!(said.contains("told: Unreachable: "), "{said}");
    drop(silent);
    let said = told(CONTAINER, &[(FULL_URI, &url)]).await;
    assert!(
        said.contains("told: Unreachable: ") && said.contains("refused"),
        "{said}"
    );
}

#[tokio::test]
async fn a_metadata_service_that_is_switched_off_is_not_asked() {
    let said = told(INSTANCE, &[("AWS_EC2_METADATA_DISABLED", "TRUE")]).await;
    assert!(
        said.ends_with(
            "told: InvalidDefinition: the metadata service is switched off by `AWS_EC2_METADATA_DISABLED`"
        ),
        "{said}"
    );
    let said = told(
        INSTANCE,
        &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9")],
    )
    .await;
    assert!(
        said.contains("told: Unreachable: no metadata service answers at `http://127.0.0.1:9`"),
        "{said}"
    );
}
