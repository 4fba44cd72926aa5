//! The vault against real parts of a Linux desktop: a bus of its own for each test, GNOME Keyring, `secret-tool`, and a
//! Secret Service that never answers.
//!
//! The store takes its bus from the environment of the process, so that each use of the vault runs in a process of its own:
//! this very program, asked for its one ignored test.
#![cfg(target_os = "linux")]

#[cfg(test)]
mod bus;

use std::process::Command;
use std::time::{Duration, Instant};

use bus::{Bus, Keyring};
use sandglass_core::names::{MfaSerial, ProfileName};
use sandglass_vault::{Patience, Vault};

const DEVICE: &str = "arn:aws:iam::123456789012:mfa/alice";

#[test]
fn a_device_lies_where_other_programs_find_it() {
    let bus = Bus::start();
    let _keyring = Keyring::start(&bus);
    assert_eq!(vault(&bus, &["set", "read"]), ["done", DEVICE]);

    let looked_up = bus.run(Command::new("secret-tool").args([
        "lookup",
        "service",
        "sandglass",
        "username",
        "mfa-device/mfa",
    ]));
    assert_eq!(looked_up.trim(), DEVICE);
    let found = bus.run(Command::new("secret-tool").args(["search", "service", "sandglass"]));
    assert!(
        found.contains("label = Sandglass: MFA device of mfa"),
        "{found}"
    );

    assert_eq!(
        vault(&bus, &["remove", "read"]),
        ["done", "the keychain holds no MFA device for this session",]
    );
}

#[test]
fn a_locked_keyring_stays_shut_for_reads_that_nobody_waits_for() {
    let bus = Bus::start();
    let keyring = Keyring::start(&bus);
    assert_eq!(vault(&bus, &["set"]), ["done"]);
    keyring.lock();
    let begun = now();
    assert_eq!(vault(&bus, &["read"]), ["the keychain is locked"]);
    assert!(
        begun.elapsed() < Patience::Background.limit(),
        "it is told at once, without a prompt"
    );
}

#[test]
fn a_keyring_that_was_restarted_is_found_again() {
    let bus = Bus::start();
    let keyring = Keyring::start(&bus);
    let mut vault = bus::Child::start(&bus);
    assert_eq!(vault.ask("set"), "done");
    drop(keyring);
    let without = vault.ask("read");
    assert!(
        without.starts_with("the keychain is not available"),
        "{without}"
    );
    let _keyring = Keyring::start(&bus);
    assert_eq!(vault.ask("read"), DEVICE);
}

#[test]
fn a_desktop_without_a_keyring_says_so() {
    let bus = Bus::start();
    let [answer] = vault(&bus, &["read"]).try_into().unwrap();
    assert!(
        answer.starts_with("the keychain is not available: "),
        "{answer}"
    );
}

#[test]
fn a_system_without_a_session_bus_says_so() {
    let [answer] = vault(&Bus::absent(), &["read"]).try_into().unwrap();
    assert!(
        answer.starts_with("the keychain is not available: "),
        "{answer}"
    );
}

#[test]
fn a_keyring_that_never_answers_holds_nobody_up_twice() {
    let bus = Bus::start();
    let _silent = bus.claim_secrets_without_answering();
    assert_eq!(
        vault(&bus, &["read", "read"]),
        [
            "the keychain did not answer within 3 s",
            "the keychain is still busy with an earlier request",
        ]
    );
}

/// Does these things with a vault of its own, one after the other.
fn vault(bus: &Bus, steps: &[&str]) -> Vec<String> {
    let mut child = bus::Child::start(bus);
    steps.iter().map(|step| child.ask(step)).collect()
}

#[test]
#[ignore = "the far end of the other tests, in a process of its own"]
fn answer_the_other_tests() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let vault = Vault::open();
    let target = ProfileName::new("mfa");
    let shown = |result: Result<(), sandglass_vault::Error>| match result {
        Ok(()) => "done".to_owned(),
        Err(error) => error.to_string(),
    };
    for step in std::io::stdin().lines() {
        let step = step.unwrap();
        let answer = runtime.block_on(async {
            match step.as_str() {
                "set" => shown(vault.set_device(&target, &MfaSerial::new(DEVICE)).await),
                "remove" => shown(vault.remove_device(&target).await),
                _ => match vault.device(&target, Patience::Background).await {
                    Ok(device) => device.as_str().to_owned(),
                    Err(error) => error.to_string(),
                },
            }
        });
        println!("answer: {answer}");
    }
}

/// For deadlines of tests.
#[expect(
    clippy::disallowed_methods,
    reason = "a test waits for other processes in real time"
)]
fn now() -> Instant {
    Instant::now()
}

/// Waits until something is so.
fn wait_for(what: &str, mut so: impl FnMut() -> bool) {
    let begun = now();
    while !so() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{what} did not come"
        );
        std::thread::yield_now();
    }
}
