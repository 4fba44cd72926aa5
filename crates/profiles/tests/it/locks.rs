//! Locks between processes.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_profiles::lock::{LockError, refresh_lock};

use crate::Home;

const AT_ONCE: Duration = Duration::ZERO;
const PATIENT: Duration = Duration::from_mins(1);

#[test]
fn of_two_refreshers_of_one_token_the_second_waits_for_its_turn() {
    let home = Home::new();
    let first = refresh_lock(&home.paths, "sso-sign-in:a", AT_ONCE).unwrap();
    let refused = refresh_lock(&home.paths, "sso-sign-in:a", AT_ONCE).unwrap_err();
    assert!(matches!(refused, LockError::Held { .. }), "{refused}");
    // Another token is another lock.
    refresh_lock(&home.paths, "sso-sign-in:b", AT_ONCE).unwrap();
    let (done, waits) = mpsc::channel();
    let paths = home.paths.clone();
    let second = thread::spawn(move || {
        let lock = refresh_lock(&paths, "sso-sign-in:a", PATIENT);
        done.send(()).unwrap();
        lock.map(drop)
    });
    assert!(
        waits.recv_timeout(Duration::from_millis(50)).is_err(),
        "the second one went ahead"
    );
    drop(first);
    second.join().unwrap().unwrap();
}

#[test]
fn a_wait_for_a_lock_ends() {
    let home = Home::new();
    let _held = refresh_lock(&home.paths, "x", AT_ONCE).unwrap();
    let patience = Duration::from_millis(20);
    let error = refresh_lock(&home.paths, "x", patience).unwrap_err();
    let error = RenewalError::from(error);
    assert_eq!(error.code, ErrorCode::FileBusy);
    assert!(error.remedy.contains("other Sandglass"), "{error:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_lock_is_free_when_the_process_that_held_it_was_killed() {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};

    let home = Home::new();
    drop(refresh_lock(&home.paths, "x", AT_ONCE).unwrap());
    let locks = home.paths.state.join("locks");
    let file = std::fs::read_dir(&locks).unwrap().next().unwrap().unwrap();
    // `--close`: what it runs does not hold the lock, and ends with its input.
    let mut holder = Command::new("flock")
        .arg("--close")
        .arg(file.path())
        .args(["--command", "echo held; exec cat"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(holder.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let refused = refresh_lock(&home.paths, "x", AT_ONCE);
    assert!(refused.is_err(), "another process holds it");
    holder.kill().unwrap();
    refresh_lock(&home.paths, "x", PATIENT).unwrap();
    holder.wait().unwrap();
}

#[test]
fn a_state_folder_that_cannot_be_made_is_an_error_with_its_path() {
    let home = Home::new();
    home.put(&home.paths.state, "in the way");
    let error = refresh_lock(&home.paths, "x", AT_ONCE).unwrap_err();
    assert!(error.to_string().contains("locks"), "{error}");
}
