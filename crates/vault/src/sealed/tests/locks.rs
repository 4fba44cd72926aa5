//! Keychains that are locked or gone, and several writers.

use super::*;

fn is_locked(error: &SealedError) -> bool {
    matches!(error, SealedError::Keychain(Error::Locked))
}

#[tokio::test]
async fn while_the_keychain_is_locked_nothing_is_read_or_written() {
    let place = Place::new();
    put(&place.store(), "deploy", "10:00:00").await.unwrap();
    let before = place.bytes();
    place.lock_keychain(true);
    let (now, patience) = (at("09:30:00"), Patience::Background);
    let store = place.store();
    for error in [
        error(load(&store).await),
        error(put(&store, "new", "10:00:00").await),
        error(store.remove(&session("deploy"), now, patience).await),
        error(store.retain(&BTreeSet::new(), now, patience).await),
    ] {
        assert!(is_locked(&error), "{error}");
    }
    assert!(place.bytes() == before);
    assert_eq!(place.files(), ["sealed", "sealed.lock"]);

    place.lock_keychain(false);
    assert_eq!(names(&load(&store).await.unwrap()), ["role:deploy"]);
}

#[tokio::test]
async fn a_locked_keychain_gets_no_first_key_and_makes_no_file() {
    let place = Place::new();
    place.lock_keychain(true);
    let store = place.store();
    let error = error(put(&store, "deploy", "10:00:00").await);
    assert!(is_locked(&error), "{error}");
    assert_eq!(place.files(), ["sealed.lock"]);
    place.lock_keychain(false);
    assert!(matches!(place.key().get_secret(), Err(StoreError::NoEntry)));
}

#[tokio::test]
async fn a_key_that_a_locked_keychain_hides_is_not_missing() {
    let place = Place::new();
    put(&place.store(), "deploy", "10:00:00").await.unwrap();
    let key = place.key().get_secret().unwrap();
    place.key().delete_credential().unwrap();
    place.lock_keychain(true);
    let store = place.store();
    for patience in [Patience::Background, Patience::Person] {
        let error = error(store.load(at("09:30:00"), patience).await);
        assert!(is_locked(&error), "{error}");
    }
    place.lock_keychain(false);
    place.key().set_secret(&key).unwrap();
    assert_eq!(found(&place).await, ["role:deploy"]);
}

#[tokio::test]
async fn a_keychain_that_is_locked_after_the_first_use_stops_nobody() {
    let place = Place::new();
    let store = place.store();
    put(&store, "first", "10:00:00").await.unwrap();
    place.lock_keychain(true);
    put(&store, "second", "10:00:00").await.unwrap();
    assert_eq!(load(&store).await.unwrap().sealed.len(), 2);
}

#[tokio::test]
async fn a_key_that_left_the_keychain_seals_no_new_file() {
    let place = Place::new();
    let store = place.store();
    put(&store, "first", "10:00:00").await.unwrap();
    fs::remove_file(place.path()).unwrap();
    place.key().delete_credential().unwrap();
    put(&store, "second", "10:00:00").await.unwrap();
    assert_eq!(found(&place).await, ["role:second"]);
}

#[tokio::test]
async fn a_key_that_was_replaced_meanwhile_is_read_anew() {
    let place = Place::new();
    let store = place.store();
    put(&store, "first", "10:00:00").await.unwrap();
    fs::remove_file(place.path()).unwrap();
    place.key().delete_credential().unwrap();
    put(&place.store(), "second", "10:00:00").await.unwrap();
    put(&store, "third", "10:00:00").await.unwrap();
    assert_eq!(found(&place).await, ["role:second", "role:third"]);
}

#[tokio::test]
async fn a_system_without_a_keychain_writes_nothing() {
    let place = Place::new();
    let vault = Vault::opened_by(Arc::new(|| {
        Err(StoreError::PlatformFailure("no session bus".into()))
    }));
    let error = error(put(&SealedStore::open(place.path(), &vault), "a", "10:00:00").await);
    assert_eq!(
        error.to_string(),
        "the keychain is not available: no session bus"
    );
    assert_eq!(place.files(), ["sealed.lock"]);
}

#[tokio::test]
async fn a_keychain_that_takes_no_key_makes_no_file() {
    let place = Place::new();
    let entry = place.key();
    let mock: &mock::Cred = entry.as_any().downcast_ref().unwrap();
    mock.set_error(StoreError::NoStorageAccess("dismissed".into()));
    let error = error(put(&place.store(), "deploy", "10:00:00").await);
    assert!(is_locked(&error), "{error}");
    assert_eq!(place.files(), ["sealed.lock"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_at_the_same_time_lose_nothing_and_share_one_key() {
    const EACH: usize = 10;
    let place = Place::new();
    let store = place.store();
    // Two tasks of one agent, and another agent.
    let stores = [store.clone(), store, place.store()];
    let mut writers = tokio::task::JoinSet::new();
    for (writer, store) in stores.into_iter().enumerate() {
        writers.spawn(async move {
            for number in 0..EACH {
                let name = format!("{writer}-{number}");
                assert_eq!(put(&store, &name, "10:00:00").await.unwrap(), None);
            }
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
    assert_eq!(found(&place).await.len(), 3 * EACH);
    assert_eq!(place.files(), ["sealed", "sealed.lock"]);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_never_lets_go_is_named() {
    let place = Place::new();
    let path: Arc<Path> = place.path().into();
    let held = LockedFile::take(&path).await.unwrap();
    let error = error(put(&place.store(), "deploy", "10:00:00").await);
    assert!(matches!(error, SealedError::InUse { .. }), "{error}");
    assert!(error.to_string().ends_with("for 10 seconds"), "{error}");
    drop(held);
    LockedFile::take(&path).await.unwrap();
}

#[tokio::test]
async fn a_write_whose_caller_goes_away_keeps_the_lock_to_its_end() {
    let place = Place::new();
    let path: Arc<Path> = place.path().into();
    let (begin, begun) = tokio::sync::oneshot::channel();
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let held = LockedFile::take(&path).await.unwrap();
    let write = tokio::spawn(async move {
        held.perform("replace", move |path| {
            let _ = begin.send(());
            let _ = gone.recv();
            fs::write(path, "written")
        })
        .await
    });
    begun.await.unwrap();
    write.abort();
    assert!(write.await.unwrap_err().is_cancelled());
    let other = fs::File::open(path.with_extension("lock")).unwrap();
    assert!(matches!(
        other.try_lock(),
        Err(std::fs::TryLockError::WouldBlock)
    ));
    go.send(()).unwrap();
    let next = LockedFile::take(&path).await.unwrap();
    assert!(next.read().await.unwrap() == Some(b"written".to_vec()));
}
