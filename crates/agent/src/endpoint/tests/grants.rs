//! Grants, their folders, and what becomes of them from one agent to the next.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_a_grant_are_for_the_program_alone_and_go_with_it() {
    use std::os::unix::fs::MetadataExt as _;

    let world = World::new(Loop::Gives);
    let endpoint = world.start().await;
    let (grant, opened) = world.open(&endpoint, "role:dev").await;
    let folder = opened.token_file.parent().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(folder), 0o700);
    assert_eq!(mode(&opened.token_file), 0o600);
    assert_eq!(mode(&opened.config_file), 0o600);
    let token = token(&opened);
    assert_eq!(token.len(), 64);
    assert!(
        token.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "no line break either"
    );
    assert_eq!(
        fs::read_to_string(&opened.config_file).unwrap(),
        "[profile dev]\nregion = eu-central-1\n"
    );
    assert_eq!(opened.credentials_file, None);
    endpoint.close(&grant);
    assert!(!folder.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_agent_serves_the_same_token_on_the_same_port_and_its_keeper_takes_it_up() {
    let world = World::new(Loop::Gives);
    let (opened, token, ended) = {
        let first = world.start().await;
        let (_, opened) = world.open(&first, "role:dev").await;
        let (ended, closed) = world.open(&first, "role:prod").await;
        first.close(&ended);
        let token = token(&opened);
        stop(first).await;
        (opened, token, closed)
    };
    let second = world.start().await;
    assert!(get(&opened, &token).await.starts_with("HTTP/1.1 200 "));
    let session = SessionId::new("role:dev");
    let profile = ProfileName::new("dev");
    // What the program was given stays as it is, whatever became of the person's own files meanwhile.
    let config = fs::read(&opened.config_file).unwrap();
    fs::write(&world.paths.config, [0xff]).unwrap();
    let taken_up = second.open(&session, &profile, Some(opened.token_file.clone()));
    let (_, taken_up) = taken_up.await.ok().unwrap();
    assert_eq!(taken_up, opened);
    assert_eq!(fs::read(&opened.config_file).unwrap(), config);
    second.grants.drop_those_left();
    assert!(get(&opened, &token).await.starts_with("HTTP/1.1 200 "));
    assert!(!ended.token_file.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_takes_up_is_over_and_nobody_takes_up_what_is_not_his() {
    let world = World::new(Loop::Gives);
    let first = world.start().await;
    let (_, opened) = world.open(&first, "role:dev").await;
    let token = token(&opened);
    stop(first).await;
    let second = world.start().await;
    let profile = ProfileName::new("dev");
    for (session, token_file) in [
        ("role:prod", opened.token_file.clone()),
        (
            "role:dev",
            world.folder.join(EXEC_FOLDER).join("other/token"),
        ),
        ("role:dev", PathBuf::from("/etc/passwd")),
    ] {
        let session = SessionId::new(session);
        let other = second.open(&session, &profile, Some(token_file)).await;
        let (_, other) = other.ok().unwrap();
        assert_ne!(other.token_file, opened.token_file);
    }
    second.grants.drop_those_left();
    assert!(get(&opened, &token).await.starts_with("HTTP/1.1 403 "));
    assert!(!opened.token_file.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keeper_that_comes_late_gets_another_token_in_the_same_place() {
    let world = World::new(Loop::Gives);
    let first = world.start().await;
    let (_, opened) = world.open(&first, "role:dev").await;
    let before = token(&opened);
    stop(first).await;
    let second = world.start().await;
    second.grants.drop_those_left();
    assert!(!opened.token_file.exists());
    let (session, profile) = (SessionId::new("role:dev"), ProfileName::new("dev"));
    let late = || second.open(&session, &profile, Some(opened.token_file.clone()));
    let (grant, again) = late().await.ok().unwrap();
    assert_eq!(again, opened);
    assert_ne!(token(&again), before);
    assert!(get(&opened, &before).await.starts_with("HTTP/1.1 403 "));
    assert!(
        get(&opened, &token(&opened))
            .await
            .starts_with("HTTP/1.1 200 ")
    );
    // While somebody keeps it, nobody else gets it.
    let (_, other) = late().await.ok().unwrap();
    assert_ne!(other.token_file, opened.token_file);
    assert!(
        get(&opened, &token(&opened))
            .await
            .starts_with("HTTP/1.1 200 ")
    );
    second.close(&grant);
    assert!(!opened.token_file.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_written_are_told_and_leave_nothing_behind() {
    let world = World::new(Loop::Gives);
    let endpoint = world.start().await;
    fs::write(world.folder.join(EXEC_FOLDER), "in the way").unwrap();
    let (session, profile) = (SessionId::new("role:dev"), ProfileName::new("dev"));
    let opened = endpoint.open(&session, &profile, None).await;
    let error = opened.err().unwrap();
    assert_eq!(error.code, ErrorCode::FileTrouble);
    assert!(error.message.contains("could not be written"), "{error:?}");
}
