//! The vault against real parts of a Linux desktop: a bus of its own for each test, GNOME Keyring, `secret-tool`, and a
//! Secret Service that never answers.
//!
//! The store takes its bus from the environment of the process, so that each use of the vault runs in a process of its own:
//! this very program, asked for its one ignored test.
#![cfg(target_os = "linux")]

#[cfg(test)]
mod bus;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use bus::{Bus, Keyring};
use jiff::Timestamp;
use sandglass_core::lifetimes;
use sandglass_core::names::{MfaSerial, ProfileName, SessionId};
use sandglass_core::secret::{Credentials, Secret};
use sandglass_vault::{Patience, Sealed, SealedStore, Vault};

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

#[test]
fn sealed_credentials_and_their_key_outlive_the_process_and_the_keyring() {
    let bus = Bus::start();
    let keyring = Keyring::start(&bus);
    assert_eq!(vault(&bus, &["unseal", "seal"]), ["nothing", "done"]);
    let found = bus.run(Command::new("secret-tool").args(["search", "service", "sandglass"]));
    assert!(
        found.contains("label = Sandglass: key of the sealed store"),
        "{found}"
    );
    drop(keyring);
    let [without] = vault(&bus, &["unseal"]).try_into().unwrap();
    assert!(
        without.starts_with("the keychain is not available"),
        "{without}"
    );
    let _keyring = Keyring::start(&bus);
    assert_eq!(vault(&bus, &["unseal"]), ["role:deploy"]);
}

#[test]
fn a_locked_keyring_leaves_the_sealed_credentials_sealed() {
    let bus = Bus::start();
    let keyring = Keyring::start(&bus);
    assert_eq!(vault(&bus, &["seal"]), ["done"]);
    keyring.lock();
    assert_eq!(
        vault(&bus, &["unseal", "seal"]),
        ["the keychain is locked", "the keychain is locked"]
    );
    drop(keyring);
    let _unlocked = Keyring::start(&bus);
    assert_eq!(vault(&bus, &["unseal"]), ["role:deploy"]);
}

#[test]
fn a_locked_keyring_is_not_unlocked_for_a_first_key() {
    let bus = Bus::start();
    let _prompts = bus.leave_prompts_open();
    let keyring = Keyring::start(&bus);
    keyring.lock();
    let begun = now();
    assert_eq!(vault(&bus, &["seal"]), ["the keychain is locked"]);
    assert!(
        begun.elapsed() < Patience::Background.limit(),
        "it is told at once, without a prompt"
    );
}

#[test]
fn sealed_credentials_whose_key_was_removed_are_set_aside() {
    let bus = Bus::start();
    let _keyring = Keyring::start(&bus);
    assert_eq!(vault(&bus, &["seal"]), ["done"]);
    bus.run(Command::new("secret-tool").args([
        "clear",
        "service",
        "sandglass",
        "username",
        "sealed-store-key",
    ]));
    let [answer] = vault(&bus, &["unseal"]).try_into().unwrap();
    assert!(
        answer.starts_with("could not open the sealed credentials: its key is not in the keychain"),
        "{answer}"
    );
    assert_eq!(
        vault(&bus, &["seal", "unseal"]),
        ["done", "role:deploy"],
        "a new key is made"
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
    let home = std::env::var_os("HOME").unwrap();
    let store = SealedStore::open(Path::new(&home).join("state/sealed"), &vault);
    for step in std::io::stdin().lines() {
        let answer = runtime.block_on(take(&step.unwrap(), &vault, &store));
        println!("answer: {}", answer.unwrap_or_else(|error| error));
    }
}

async fn take(step: &str, vault: &Vault, store: &SealedStore) -> Result<String, String> {
    let target = ProfileName::new("mfa");
    let now = Timestamp::UNIX_EPOCH;
    let patience = Patience::Background;
    let answer = match step {
        "set" => {
            let device = MfaSerial::new(DEVICE);
            let set = vault.set_device(&target, &device).await;
            set.map_err(|error| error.to_string())?;
            "done".to_owned()
        }
        "remove" => {
            let removed = vault.remove_device(&target).await;
            removed.map_err(|error| error.to_string())?;
            "done".to_owned()
        }
        "read" => {
            let device = vault.device(&target, patience).await;
            device.map_err(|error| error.to_string())?.to_string()
        }
        "seal" => {
            let deploy = SessionId::new("role:deploy");
            let put = store.put(deploy, sealed(now), now, patience).await;
            let set_aside = put.map_err(|error| error.to_string())?;
            set_aside.map_or_else(|| "done".to_owned(), |file| file.to_string())
        }
        "unseal" => {
            let loaded = store.load(now, patience).await;
            let loaded = loaded.map_err(|error| error.to_string())?;
            match (loaded.set_aside, loaded.sealed.into_iter().next()) {
                (Some(file), _) => file.to_string(),
                (None, None) => "nothing".to_owned(),
                (None, Some((session, found))) => {
                    assert!(found == sealed(now));
                    session.to_string()
                }
            }
        }
        step => panic!("no such step: {step}"),
    };
    Ok(answer)
}

/// Credentials of a role that was taken on just now, for an hour.
fn sealed(now: Timestamp) -> Sealed {
    Sealed {
        credentials: Credentials {
            access_key_id: "ASIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: Secret::new("secret".to_owned()),
            session_token: Some(Secret::new("token".repeat(1000))),
            expires_at: Some(now + lifetimes::ROLE),
        },
        issued_at: now,
        account: None,
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
