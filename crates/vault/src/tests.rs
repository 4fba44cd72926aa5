//! The thread and its deadlines, on a keychain in memory.

use std::collections::BTreeMap;
use std::sync::mpsc;

use keyring_core::api::CredentialStore;
use keyring_core::mock;
use sandglass_core::error::ErrorCode;

use super::*;
use crate::keychain::{Item, Keychain, SERVICE};

fn target() -> ProfileName {
    ProfileName::new("mfa")
}

fn device() -> MfaSerial {
    MfaSerial::new("arn:aws:iam::123456789012:mfa/alice")
}

fn item() -> Item {
    Item::MfaDevice(target())
}

pub(crate) fn keychain(store: Arc<CredentialStore>) -> Keychain {
    Keychain {
        store,
        modifiers: |_| BTreeMap::new(),
        asks_for_password: Box::new(|_| false),
    }
}

pub(crate) fn in_memory(store: &Arc<CredentialStore>) -> Vault {
    let store = store.clone();
    Vault::opened_by(Arc::new(move || Ok(keychain(store.clone()))))
}

pub(crate) fn memory() -> Arc<CredentialStore> {
    mock::Store::new().unwrap()
}

#[tokio::test]
async fn a_device_is_kept_replaced_and_forgotten() {
    let vault = in_memory(&memory());
    assert_eq!(
        vault.device(&target(), Patience::Background).await,
        Err(Error::Missing)
    );
    for name in ["alice", "bob"] {
        let device = MfaSerial::new(name);
        vault.set_device(&target(), &device).await.unwrap();
        assert_eq!(
            vault.device(&target(), Patience::Background).await,
            Ok(device)
        );
    }
    let other = ProfileName::new("other");
    assert_eq!(
        vault.device(&other, Patience::Background).await,
        Err(Error::Missing)
    );
    vault.remove_device(&target()).await.unwrap();
    assert_eq!(vault.remove_device(&target()).await, Err(Error::Missing));
}

#[tokio::test]
async fn a_locked_keychain_is_not_asked_for_in_the_background() {
    let store = memory();
    let locked: Open = {
        let store = store.clone();
        Arc::new(move || {
            Ok(Keychain {
                asks_for_password: Box::new(|_| true),
                ..keychain(store.clone())
            })
        })
    };
    let vault = Vault::opened_by(locked);
    vault.set_device(&target(), &device()).await.unwrap();
    assert_eq!(
        vault.device(&target(), Patience::Background).await,
        Err(Error::Locked)
    );
    assert_eq!(
        vault.device(&target(), Patience::Person).await,
        Ok(device())
    );
}

#[tokio::test]
async fn a_locked_keychain_that_shows_nothing_is_not_an_empty_one() {
    let store = memory();
    let vault = Vault::opened_by(Arc::new(move || {
        Ok(Keychain {
            asks_for_password: Box::new(|_| true),
            ..keychain(store.clone())
        })
    }));
    assert_eq!(
        vault.device(&target(), Patience::Person).await,
        Err(Error::Locked)
    );
}

#[tokio::test]
async fn a_dismissed_prompt_is_a_locked_keychain() {
    let store = memory();
    let entry = store.build(SERVICE, &item().user_name(), None).unwrap();
    entry.set_secret(b"x").unwrap();
    let mock: &mock::Cred = entry.as_any().downcast_ref().unwrap();
    mock.set_error(keyring_core::Error::NoStorageAccess("dismissed".into()));
    let result = in_memory(&store).device(&target(), Patience::Person).await;
    assert_eq!(result, Err(Error::Locked));
}

#[tokio::test]
async fn an_item_that_is_no_text_is_named_as_such() {
    let store = memory();
    let entry = store.build(SERVICE, &item().user_name(), None).unwrap();
    entry.set_secret(&[0xff, 0xfe]).unwrap();
    let error = in_memory(&store)
        .device(&target(), Patience::Background)
        .await
        .unwrap_err();
    assert_eq!(error, Error::Unusable("it is not text".into()));
    assert!(
        error
            .remedy(&target())
            .contains("`sandglass mfa remove mfa`")
    );
}

#[tokio::test]
async fn a_keychain_that_comes_later_is_found() {
    let store = memory();
    let (appear, appeared) = mpsc::channel::<()>();
    let appeared = Mutex::new(appeared);
    let vault = Vault::opened_by(Arc::new(move || {
        match appeared.lock().unwrap().try_recv() {
            Ok(()) => Ok(keychain(store.clone())),
            Err(_) => Err(keyring_core::Error::PlatformFailure(
                "no session bus".into(),
            )),
        }
    }));
    let error = vault
        .device(&target(), Patience::Background)
        .await
        .unwrap_err();
    assert_eq!(error, Error::Unavailable("no session bus".into()));
    assert_eq!(
        error.for_session(&target()).code,
        ErrorCode::KeychainUnavailable
    );
    appear.send(()).unwrap();
    assert_eq!(
        vault.device(&target(), Patience::Background).await,
        Err(Error::Missing)
    );
}

#[tokio::test]
async fn a_connection_that_died_is_opened_anew() {
    let store = memory();
    let vault = in_memory(&store);
    vault.set_device(&target(), &device()).await.unwrap();
    let entry = store.build(SERVICE, &item().user_name(), None).unwrap();
    let mock: &mock::Cred = entry.as_any().downcast_ref().unwrap();
    mock.set_error(keyring_core::Error::PlatformFailure(
        "connection closed".into(),
    ));
    assert_eq!(
        vault.device(&target(), Patience::Background).await,
        Ok(device())
    );
}

#[tokio::test]
async fn a_client_that_panics_is_replaced() {
    let store = memory();
    let (fail, failing) = mpsc::channel::<()>();
    let failing = Mutex::new(failing);
    let vault = Vault::opened_by(Arc::new(move || {
        let fails = failing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .try_recv()
            .is_ok();
        assert!(!fails, "a defect of the client");
        Ok(keychain(store.clone()))
    }));
    fail.send(()).unwrap();
    let error = vault
        .device(&target(), Patience::Background)
        .await
        .unwrap_err();
    assert_eq!(error, Error::Unavailable("its client failed".into()));
    // The thread unwinds after its reply was dropped: until then it still takes jobs and drops them.
    loop {
        match vault.device(&target(), Patience::Background).await {
            Err(Error::Unavailable(_)) => tokio::task::yield_now().await,
            result => break assert_eq!(result, Err(Error::Missing)),
        }
    }
}

#[tokio::test]
async fn while_a_request_is_stuck_the_others_are_turned_away_at_once() {
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let store = memory();
    let vault = Vault::opened_by(Arc::new(move || {
        let _ = released.lock().unwrap().recv();
        Ok(keychain(store.clone()))
    }));
    let limit = Patience::Background.limit();
    let stuck = vault.device(&target(), Patience::Background).await;
    assert_eq!(stuck, Err(Error::Unanswered(limit)));
    for patience in [Patience::Background, Patience::Person] {
        let asked = std::time::Duration::from_millis(500);
        let answer = tokio::time::timeout(asked, vault.device(&target(), patience)).await;
        assert_eq!(answer, Ok(Err(Error::Busy)));
    }
    release.send(()).unwrap();
    loop {
        match vault.device(&target(), Patience::Background).await {
            Err(Error::Busy) => tokio::task::yield_now().await,
            result => break assert_eq!(result, Err(Error::Missing)),
        }
    }
}

#[test]
fn every_error_says_what_to_do() {
    let errors = [
        (Error::Missing, ErrorCode::DeviceMissing),
        (Error::Locked, ErrorCode::KeychainUnavailable),
        (
            Error::Unavailable("x".into()),
            ErrorCode::KeychainUnavailable,
        ),
        (Error::Busy, ErrorCode::KeychainUnavailable),
        (
            Error::Unanswered(Patience::Person.limit()),
            ErrorCode::KeychainUnavailable,
        ),
        (Error::Unusable("x".into()), ErrorCode::KeychainUnavailable),
    ];
    for (error, code) in errors {
        let shown = error.for_session(&target());
        assert_eq!(shown.code, code);
        assert_eq!(shown.message, error.to_string());
        assert!(!shown.remedy.is_empty());
        assert_eq!(error.finding(&target()).place, "keychain, `mfa`");
    }
}
