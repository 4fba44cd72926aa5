//! The writer: modes, links, other writers, faults.

use std::fs;
use std::process::Command;

use sandglass_core::names::ProfileName;
use sandglass_profiles::credentials::write_target;
use sandglass_profiles::write::{Care, WriteError, Writer, Written};
use zeroize::Zeroizing;

use crate::{Home, at, credentials};

fn append(line: &str) -> impl FnMut(Option<&[u8]>) -> AppendResult {
    move |before| {
        let mut after = before.unwrap_or_default().to_vec();
        after.extend_from_slice(line.as_bytes());
        Ok(Some(Zeroizing::new(after)))
    }
}

type AppendResult = Result<Option<Zeroizing<Vec<u8>>>, sandglass_profiles::write::Refusal>;

fn names_in(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[cfg(unix)]
fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
#[test]
fn a_new_file_and_a_new_folder_are_for_their_owner_alone() {
    let home = Home::new();
    let path = &home.paths.credentials;
    let written = home.writer.update(path, Care::WithBackup, append("a\n"));
    assert_eq!(written.unwrap(), Written::Changed);
    assert_eq!(mode(path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(&home.paths.state), 0o700);
    assert_eq!(names_in(path.parent().unwrap()), ["credentials"]);
}

#[cfg(unix)]
#[test]
fn a_loose_mode_is_tightened_and_a_strict_folder_is_left() {
    let home = Home::with("", "old\n");
    let path = &home.paths.credentials;
    set_mode(path, 0o644);
    set_mode(path.parent().unwrap(), 0o755);
    home.writer
        .update(path, Care::WithBackup, append("new\n"))
        .unwrap();
    assert_eq!(mode(path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o755);
    let backup = home.writer.backup_of(path);
    assert_eq!(mode(&backup), 0o600);
}

#[test]
fn equal_bytes_are_no_write_and_no_backup() {
    let home = Home::with("", "same\n");
    let path = &home.paths.credentials;
    let before = fs::metadata(path).unwrap().modified().unwrap();
    let written = home.writer.update(path, Care::WithBackup, append(""));
    assert_eq!(written.unwrap(), Written::Unchanged);
    assert_eq!(fs::metadata(path).unwrap().modified().unwrap(), before);
    assert!(!home.writer.backup_of(path).exists());
}

#[test]
fn the_backup_is_made_once_and_never_written_again() {
    let home = Home::with("", "first\n");
    let path = &home.paths.credentials;
    for line in ["second\n", "third\n"] {
        home.writer
            .update(path, Care::WithBackup, append(line))
            .unwrap();
    }
    let backup = home
        .paths
        .state
        .join("backups/credentials.sandglass-backup");
    assert_eq!(home.writer.backup_of(path), backup);
    assert_eq!(fs::read_to_string(backup).unwrap(), "first\n");
    assert_eq!(fs::read_to_string(path).unwrap(), "first\nsecond\nthird\n");
}

#[test]
fn files_of_one_name_in_two_folders_have_two_backups() {
    let home = Home::with("", "usual\n");
    let other = home.folder.path().join("other/credentials");
    home.put(&other, "other\n");
    for path in [&home.paths.credentials, &other] {
        home.writer
            .update(path, Care::WithBackup, append("+\n"))
            .unwrap();
    }
    let backup = |path| fs::read_to_string(home.writer.backup_of(path)).unwrap();
    assert_eq!(backup(&home.paths.credentials), "usual\n");
    assert_eq!(backup(&other), "other\n");
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_its_target_is_replaced() {
    let home = Home::new();
    let real = home.folder.path().join("dotfiles/keys");
    home.put(&real, "old\n");
    let path = &home.paths.credentials;
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("../dotfiles/keys", path).unwrap();
    home.writer
        .update(path, Care::WithBackup, append("new\n"))
        .unwrap();
    assert!(fs::symlink_metadata(path).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), "old\nnew\n");
    assert_eq!(names_in(real.parent().unwrap()), ["keys"]);
    assert_eq!(names_in(path.parent().unwrap()), ["credentials"]);
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_are_an_error() {
    let home = Home::with("", "");
    let path = &home.paths.credentials;
    fs::remove_file(path).unwrap();
    std::os::unix::fs::symlink("credentials", path).unwrap();
    let error = home
        .writer
        .update(path, Care::WithBackup, append("x"))
        .unwrap_err();
    assert!(error.to_string().contains("~/.aws/credentials"), "{error}");
}

#[test]
fn many_writers_lose_no_update() {
    let home = Home::with("", "");
    let path = &home.paths.credentials;
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let home = &home;
            scope.spawn(move || {
                for round in 0..20 {
                    // A writer of its own, as another process has one.
                    Writer::new(&home.paths)
                        .update(
                            path,
                            Care::WithBackup,
                            append(&format!("{writer}-{round}\n")),
                        )
                        .unwrap();
                }
            });
        }
    });
    let text = fs::read_to_string(path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), 80);
}

#[test]
fn a_program_that_writes_in_between_is_not_written_over() {
    let home = Home::with("", "mine\n");
    let path = &home.paths.credentials;
    let mut calls = 0;
    home.writer
        .update(path, Care::WithBackup, |before| {
            calls += 1;
            if calls == 1 {
                fs::write(path, "mine\ntheirs\n").unwrap();
            }
            append("ours\n")(before)
        })
        .unwrap();
    assert_eq!(calls, 2);
    assert_eq!(fs::read_to_string(path).unwrap(), "mine\ntheirs\nours\n");
}

#[test]
fn a_file_that_appears_in_between_is_not_written_over() {
    let home = Home::new();
    let path = &home.paths.credentials;
    let mut calls = 0;
    home.writer
        .update(path, Care::WithBackup, |before| {
            calls += 1;
            if calls == 1 {
                home.put(path, "theirs\n");
            }
            append("ours\n")(before)
        })
        .unwrap();
    assert_eq!(fs::read_to_string(path).unwrap(), "theirs\nours\n");
}

#[test]
fn a_file_that_never_rests_is_given_up() {
    let home = Home::with("", "");
    let path = &home.paths.credentials;
    let mut calls = 0;
    let error = home
        .writer
        .update(path, Care::WithBackup, |before| {
            calls += 1;
            fs::write(path, format!("{calls}")).unwrap();
            append("ours\n")(before)
        })
        .unwrap_err();
    assert!(matches!(error, WriteError::Restless { .. }));
    assert_eq!(names_in(path.parent().unwrap()), ["config", "credentials"]);
}

#[test]
fn what_a_killed_process_left_is_removed() {
    let home = Home::with("", "");
    let path = &home.paths.credentials;
    home.put(
        &path.with_file_name(".credentials.sandglass-AbC123"),
        "secret",
    );
    home.writer
        .update(path, Care::WithBackup, append("x\n"))
        .unwrap();
    assert_eq!(names_in(path.parent().unwrap()), ["config", "credentials"]);
}

#[test]
fn a_folder_in_the_place_of_the_file_is_an_error() {
    let home = Home::new();
    fs::create_dir_all(&home.paths.credentials).unwrap();
    let error = home
        .writer
        .update(&home.paths.credentials, Care::WithBackup, append("x"))
        .unwrap_err();
    assert!(matches!(error, WriteError::NotAFile { .. }));
    assert!(error.to_string().contains("`~/.aws/credentials`"));
}

#[test]
fn proving_that_a_file_could_be_written_leaves_no_trace() {
    let home = Home::with("", "keep\n");
    let path = &home.paths.credentials;
    home.writer.prove(path).unwrap();
    assert_eq!(fs::read_to_string(path).unwrap(), "keep\n");
    let folder = path.parent().unwrap();
    let files = fs::read_dir(folder).unwrap().count();
    home.writer.prove(&folder.join("new")).unwrap();
    assert_eq!(fs::read_dir(folder).unwrap().count(), files);
}

#[cfg(unix)]
#[test]
fn a_read_only_file_is_an_error_that_says_how_to_change_it() {
    let home = Home::with("", "keep\n");
    let path = &home.paths.credentials;
    set_mode(path, 0o400);
    let error = home
        .writer
        .update(path, Care::WithBackup, append("x"))
        .unwrap_err();
    assert!(matches!(error, WriteError::ReadOnly { .. }));
    assert_eq!(
        error.remedy(),
        "run `chmod u+w ~/.aws/credentials` if Sandglass may write it"
    );
    assert_eq!(fs::read_to_string(path).unwrap(), "keep\n");
    assert_eq!(mode(path), 0o400);
}

/// The superuser may write into any folder, so that the test runs itself again as nobody where it is run as root.
#[cfg(unix)]
#[test]
fn a_read_only_folder_is_an_error_and_nothing_is_lost() {
    use std::os::unix::fs::MetadataExt as _;
    use std::os::unix::process::CommandExt as _;
    const CHILD: &str = "SANDGLASS_TEST_HOME";
    const NOBODY: u32 = 65534;
    if let Some(folder) = std::env::var_os(CHILD) {
        let paths = sandglass_profiles::paths::Paths::resolve(
            sandglass_profiles::paths::System::Unix,
            &|name| (name == "HOME").then(|| folder.clone()),
        )
        .unwrap();
        let writer = Writer::new(&paths);
        assert!(writer.prove(&paths.credentials).is_err());
        let error = writer
            .update(&paths.credentials, Care::WithBackup, append("x"))
            .unwrap_err();
        assert!(error.to_string().contains("~/.aws/credentials"), "{error}");
        assert!(
            error.remedy().contains("right to write"),
            "{}",
            error.remedy()
        );
        return;
    }
    let home = Home::with("", "keep\n");
    let folder = home.paths.credentials.parent().unwrap();
    set_mode(folder, 0o500);
    let root = fs::metadata(home.folder.path()).unwrap().uid() == 0;
    if root {
        for path in [home.folder.path(), folder, &home.paths.credentials] {
            std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    // The test program itself may lie where nobody may look.
    let program = home.folder.path().join("test");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut command = Command::new(&program);
    command
        .args([
            "--exact",
            "writing::a_read_only_folder_is_an_error_and_nothing_is_lost",
        ])
        .current_dir("/")
        .env(CHILD, home.folder.path());
    if root {
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert_eq!(
        fs::read_to_string(&home.paths.credentials).unwrap(),
        "keep\n"
    );
    assert_eq!(names_in(folder), ["config", "credentials"]);
    set_mode(folder, 0o700);
}

#[test]
fn a_session_is_written_into_its_profile_and_nothing_else_changes() {
    let before = "# my keys\r\n[base]\r\naws_access_key_id = AKIABASE\r\naws_secret_access_key = s\r\n\r\n[mfa]\r\naws_access_key_id=ASIAOLD\r\naws_secret_access_key=old\r\naws_session_token=old\r\nregion=eu-west-1\r\n";
    let home = Home::with("", before);
    let new = credentials("ASIANEW", "2026-01-01T12:00:00Z");
    write_target(
        &home.writer,
        &home.paths,
        &ProfileName::new("mfa"),
        &new,
        at("2026-01-01T00:00:00Z"),
    )
    .unwrap();
    let expected = before
        .replace("ASIAOLD", "ASIANEW")
        .replace("access_key=old", "access_key=secret-of-ASIANEW")
        .replace("token=old", "token=token-of-ASIANEW==");
    assert_eq!(
        fs::read_to_string(&home.paths.credentials).unwrap(),
        expected
    );
}

#[test]
fn long_lived_keys_are_never_written_over() {
    let before = "[prod]\naws_access_key_id = AKIAPROD\naws_secret_access_key = only-copy\n";
    let home = Home::with("", before);
    let error = write_target(
        &home.writer,
        &home.paths,
        &ProfileName::new("prod"),
        &credentials("ASIANEW", "2026-01-01T12:00:00Z"),
        at("2026-01-01T00:00:00Z"),
    )
    .unwrap_err();
    assert!(matches!(error, WriteError::Refused { .. }));
    assert!(error.to_string().contains("long-lived"), "{error}");
    assert_eq!(fs::read_to_string(&home.paths.credentials).unwrap(), before);
}

#[test]
fn old_names_and_ends_beside_the_keys_are_brought_up_to_date() {
    let home = Home::with(
        "",
        "[mfa]\naws_access_key_id = ASIAOLD\naws_secret_access_key = old\naws_session_token = old\n\
         aws_security_token = old\nx_security_token_expires = 2020-01-01T00:00:00+00:00\n\
         expiration = 2020-01-01 00:00:00\n",
    );
    write_target(
        &home.writer,
        &home.paths,
        &ProfileName::new("mfa"),
        &credentials("ASIANEW", "2026-01-01T12:00:00Z"),
        at("2026-01-01T00:00:00Z"),
    )
    .unwrap();
    let text = fs::read_to_string(&home.paths.credentials).unwrap();
    assert!(
        text.contains("aws_security_token = token-of-ASIANEW==\n"),
        "{text}"
    );
    assert!(
        text.contains("x_security_token_expires = 2026-01-01T12:00:00Z\n"),
        "{text}"
    );
    assert!(
        text.contains("expiration = 2026-01-01 12:00:00\n"),
        "{text}"
    );
}
