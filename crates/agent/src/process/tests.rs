use super::*;

const NOW: &str = "2026-01-01T10:00:00Z";

async fn said(script: &str) -> Result<Provided, RenewalError> {
    within(script, PATIENCE).await
}

async fn within(script: &str, patience: Duration) -> Result<Provided, RenewalError> {
    let command = format!("sh -c '{script}'");
    run_within("dev", &command, NOW.parse().unwrap(), patience).await
}

fn refused(result: Result<Provided, RenewalError>) -> RenewalError {
    result.err().expect("an error was expected")
}

#[tokio::test]
async fn what_a_process_prints_becomes_credentials() {
    let provided = said(
        r#"echo "{\"Version\":1,\"AccessKeyId\":\"ASIAX\",\"SecretAccessKey\":\"s\",\"SessionToken\":\"t\",
        \"Expiration\":\"2026-01-01T11:00:00+00:00\",\"AccountId\":\"123456789012\",\"Other\":{}}""#,
    )
    .await
    .ok()
    .unwrap();
    let credentials = provided.credentials;
    assert_eq!(credentials.access_key_id, "ASIAX");
    assert_eq!(credentials.secret_access_key.expose(), "s");
    assert_eq!(credentials.session_token.unwrap().expose(), "t");
    assert_eq!(credentials.expires_at, "2026-01-01T11:00:00Z".parse().ok());
    assert_eq!(provided.account.unwrap().as_str(), "123456789012");
}

#[tokio::test]
async fn a_token_an_end_and_an_account_may_be_missing() {
    let provided =
        said(r#"echo "{\"Version\":1,\"AccessKeyId\":\"AKIAX\",\"SecretAccessKey\":\"s\"}""#)
            .await
            .ok()
            .unwrap();
    assert!(provided.credentials.session_token.is_none());
    assert_eq!(provided.credentials.expires_at, None);
}

#[test]
fn a_secret_in_what_a_process_says_is_not_told() {
    let key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let token = "eyJhbGciOiJIUzI1NiJ9x-y_zA0".repeat(4);
    for said in [
        format!("AWS_SECRET_ACCESS_KEY={key} is wrong"),
        format!(r#"{{"SecretAccessKey":"{key}","SessionToken":"{token}"}}"#),
        format!("Authorization: Bearer {token}\nfailed"),
    ] {
        let told = shortened(said.as_bytes());
        assert!(told.contains("[hidden]"), "{told}");
        assert!(
            !told.contains(&key[..10]) && !told.contains(&token[..10]),
            "{told}"
        );
    }
    for said in [
        "run `aws sso login --profile dev`, then try again",
        "An error occurred (AccessDenied): arn:aws:iam::123456789012:role/Deploy",
        "/usr/local/share/vendor/credentials/helper-for-everybody: not found",
        "request 123e4567-e89b-12d3-a456-426614174000 failed",
    ] {
        assert_eq!(shortened(said.as_bytes()), said);
    }
}

#[tokio::test]
async fn what_a_failing_process_says_is_told_shortened() {
    let error = refused(said("echo Please sign in >&2; echo first >&2; exit 3").await);
    assert_eq!(error.code, ErrorCode::SourceInvalid);
    assert!(
        error
            .message
            .ends_with("(exit status: 3), saying: Please sign in first"),
        "{error}"
    );
    let error = refused(said("yes | head -c 100000 >&2; exit 1").await);
    assert!(
        error.message.len() < 2 * MOST_TOLD,
        "{}",
        error.message.len()
    );
    let error = refused(said("exit 1").await);
    assert!(error.message.ends_with("without a word"), "{error}");
}

#[tokio::test]
async fn other_output_is_no_credentials() {
    let rows = [
        ("true", "JSON"),
        ("echo secret-but-no-json", "JSON"),
        (r#"echo "{\"AccessKeyId\":\"a\"}""#, "JSON"),
        (
            r#"echo "{\"Version\":\"1\",\"AccessKeyId\":\"a\"}""#,
            "Version",
        ),
        (r#"echo "{\"Version\":2}""#, "Version"),
        (r#"echo "{\"Version\":1}""#, "lacks"),
        (
            r#"echo "{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s\",\"Expiration\":\"soon\"}""#,
            "Expiration",
        ),
        ("yes | head -c 1100000", "1 MiB"),
    ];
    for (script, word) in rows {
        let error = refused(said(script).await);
        assert_eq!(error.code, ErrorCode::InvalidDefinition, "{script}");
        assert!(error.message.contains(word), "{script}: {error}");
        assert!(!error.message.contains("secret-but"), "{error}");
    }
}

#[tokio::test]
async fn credentials_that_have_ended_are_not_taken() {
    let error = refused(
        said(
            r#"echo "{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s\",\"Expiration\":\"2026-01-01T10:00:00Z\"}""#,
        )
        .await,
    );
    assert!(error.message.contains("have ended"), "{error}");
}

#[tokio::test]
async fn no_shell_reads_the_command_line() {
    let error = refused(run("dev", "true; echo", NOW.parse().unwrap()).await);
    assert_eq!(error.code, ErrorCode::InvalidDefinition);
    assert!(error.message.contains("could not be started"), "{error}");
}

#[tokio::test]
async fn a_command_line_that_means_nothing_is_told_without_its_words() {
    for command in ["", "  ", "get --password 'hunter2"] {
        let error = refused(run("dev", command, NOW.parse().unwrap()).await);
        assert_eq!(error.code, ErrorCode::InvalidDefinition);
        assert!(!error.message.contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn a_process_that_does_not_end_is_ended_with_all_that_it_started() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("pid");
    let script = format!("sleep 600 & echo $! > {}; wait", file.display());
    let error = refused(within(&script, Duration::from_millis(500)).await);
    assert!(error.message.contains("did not end"), "{error}");
    let pid: i32 = std::fs::read_to_string(&file)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while is_running(pid) {
        assert!(tokio::time::Instant::now() < deadline, "it still runs");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// What has ended and was not waited for by its new parent does not run either.
fn is_running(pid: rustix::process::Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    stat.is_ok_and(|stat| {
        stat.rsplit_once(") ")
            .is_some_and(|(_, rest)| !rest.starts_with('Z'))
    })
}
