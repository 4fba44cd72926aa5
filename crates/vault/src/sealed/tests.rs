//! The store in a folder of its own, with a keychain in memory.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use keyring_core::api::CredentialStore;
use keyring_core::{Entry, Error as StoreError, mock};
use sandglass_core::secret::Secret;
use tempfile::TempDir;

use super::*;
use crate::keychain::{Keychain, SERVICE};
use crate::tests::{keychain, memory};

mod damage;
mod locks;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLETOKEN==";

/// A state folder, and a keychain that outlives the stores.
struct Place {
    folder: TempDir,
    items: Arc<CredentialStore>,
    locked: Arc<AtomicBool>,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            items: memory(),
            locked: Arc::default(),
        }
    }

    /// A store as a newly started agent has it.
    fn store(&self) -> SealedStore {
        let (items, locked) = (self.items.clone(), self.locked.clone());
        let vault = Vault::opened_by(Arc::new(move || {
            let locked = locked.clone();
            Ok(Keychain {
                asks_for_password: Box::new(move |_| locked.load(Ordering::SeqCst)),
                ..keychain(items.clone())
            })
        }));
        SealedStore::open(self.path(), &vault)
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("sandglass").join("sealed")
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap()
    }

    fn lock_keychain(&self, locked: bool) {
        self.locked.store(locked, Ordering::SeqCst);
    }

    /// The item of the key.
    fn key(&self) -> Entry {
        let user = Item::SealedStoreKey.user_name();
        self.items.build(SERVICE, &user, None).unwrap()
    }

    /// The names in the folder, sorted.
    fn files(&self) -> Vec<String> {
        let folder = self.path().parent().unwrap().to_owned();
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn at(time: &str) -> Timestamp {
    format!("2026-11-23T{time}Z").parse().unwrap()
}

fn session(name: &str) -> SessionId {
    SessionId::new(format!("role:{name}"))
}

fn sealed_until(end: &str) -> Sealed {
    Sealed {
        credentials: Credentials {
            access_key_id: "ASIAIOSFODNN7EXAMPLE".into(),
            secret_access_key: Secret::new(SECRET.into()),
            session_token: Some(Secret::new(TOKEN.into())),
            expires_at: Some(at(end)),
        },
        issued_at: at("09:00:00"),
        account: Some(AccountId::new("012345678901")),
    }
}

async fn put(store: &SealedStore, name: &str, end: &str) -> Result<Option<SetAside>, SealedError> {
    let sealed = sealed_until(end);
    store
        .put(session(name), sealed, at("09:30:00"), Patience::Background)
        .await
}

async fn load(store: &SealedStore) -> Result<Loaded, SealedError> {
    store.load(at("09:30:00"), Patience::Background).await
}

/// The sessions that a newly started agent finds.
async fn found(place: &Place) -> Vec<String> {
    let loaded = load(&place.store()).await.unwrap();
    assert_eq!(loaded.set_aside, None);
    names(&loaded)
}

fn names(loaded: &Loaded) -> Vec<String> {
    let sessions = loaded.sealed.keys();
    sessions
        .map(|session| session.as_str().to_owned())
        .collect()
}

fn error<T>(result: Result<T, SealedError>) -> SealedError {
    match result {
        Ok(_) => panic!("it worked"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn what_is_put_is_there_at_the_next_start() {
    let place = Place::new();
    let bare = Sealed {
        credentials: Credentials {
            access_key_id: "AKIA".into(),
            secret_access_key: Secret::new("a \"quoted\" \\ text\n ünd ⏳".into()),
            session_token: None,
            expires_at: None,
        },
        issued_at: "2026-11-23T09:00:00.123456789Z".parse().unwrap(),
        account: None,
    };
    let store = place.store();
    assert_eq!(put(&store, "deploy", "10:00:00").await.unwrap(), None);
    let now = at("09:30:00");
    store
        .put(session("bare"), bare.clone(), now, Patience::Background)
        .await
        .unwrap();
    for store in [store, place.store()] {
        let loaded = load(&store).await.unwrap();
        assert_eq!(loaded.set_aside, None);
        assert!(
            loaded.sealed
                == BTreeMap::from([
                    (session("bare"), bare.clone()),
                    (session("deploy"), sealed_until("10:00:00")),
                ])
        );
    }
}

#[tokio::test]
async fn an_empty_store_is_no_error_and_asks_no_keychain() {
    let place = Place::new();
    let failing = Vault::opened_by(Arc::new(|| panic!("the keychain was asked")));
    let store = SealedStore::open(place.path(), &failing);
    assert_eq!(names(&load(&store).await.unwrap()), [""; 0]);
    let now = at("09:30:00");
    let patience = Patience::Background;
    store.remove(&session("a"), now, patience).await.unwrap();
    store.retain(&BTreeSet::new(), now, patience).await.unwrap();
    assert!(!place.path().parent().unwrap().exists());
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_and_its_folder_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let place = Place::new();
    put(&place.store(), "deploy", "10:00:00").await.unwrap();
    assert_eq!(mode(place.path().parent().unwrap()), 0o700);
    assert_eq!(mode(&place.path()), 0o600);
    assert_eq!(mode(&place.path().with_extension("lock")), 0o600);

    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o644)).unwrap();
    put(&place.store(), "deploy", "11:00:00").await.unwrap();
    assert_eq!(mode(&place.path()), 0o600, "a looser mode is not kept");
}

#[tokio::test]
async fn nothing_that_was_sealed_can_be_read_in_the_file() {
    let place = Place::new();
    put(&place.store(), "deploy", "10:00:00").await.unwrap();
    let key = place.key().get_secret().unwrap();
    let decoded = data_encoding::BASE64.decode(&key).unwrap();
    let bytes = place.bytes();
    let words: [&[u8]; 8] = [
        SECRET.as_bytes(),
        TOKEN.as_bytes(),
        b"ASIA",
        b"deploy",
        b"012345678901",
        b"access",
        &key,
        &decoded,
    ];
    for word in words {
        let seen = bytes.windows(word.len()).any(|window| window == word);
        assert!(!seen, "{}", String::from_utf8_lossy(word));
    }
    assert_eq!(place.files(), ["sealed", "sealed.lock"]);
}

#[tokio::test]
async fn every_write_drops_what_has_ended() {
    let place = Place::new();
    let store = place.store();
    put(&store, "first", "10:00:00").await.unwrap();
    put(&store, "second", "11:00:00").await.unwrap();
    let (now, patience) = (at("10:00:00"), Patience::Background);
    store
        .put(session("third"), sealed_until("12:00:00"), now, patience)
        .await
        .unwrap();
    assert_eq!(found(&place).await, ["role:second", "role:third"]);
    store
        .remove(&session("absent"), at("11:30:00"), patience)
        .await
        .unwrap();
    assert_eq!(found(&place).await, ["role:third"]);
}

#[tokio::test]
async fn sessions_are_forgotten_one_by_one_or_all_but_some() {
    let place = Place::new();
    let store = place.store();
    for name in ["a", "b", "c", "d"] {
        put(&store, name, "10:00:00").await.unwrap();
    }
    let (now, patience) = (at("09:30:00"), Patience::Background);
    store.remove(&session("b"), now, patience).await.unwrap();
    assert_eq!(found(&place).await, ["role:a", "role:c", "role:d"]);
    let kept = BTreeSet::from([session("a"), session("d"), session("never seen")]);
    store.retain(&kept, now, patience).await.unwrap();
    assert_eq!(found(&place).await, ["role:a", "role:d"]);
}

#[tokio::test]
async fn the_file_goes_with_its_last_session() {
    let place = Place::new();
    let store = place.store();
    put(&store, "deploy", "10:00:00").await.unwrap();
    let (now, patience) = (at("09:30:00"), Patience::Background);
    store
        .remove(&session("deploy"), now, patience)
        .await
        .unwrap();
    assert_eq!(place.files(), ["sealed.lock"]);
}

#[tokio::test]
async fn what_is_kept_already_is_not_written_again() {
    let place = Place::new();
    put(&place.store(), "deploy", "10:00:00").await.unwrap();
    let before = place.bytes();
    put(&place.store(), "deploy", "10:00:00").await.unwrap();
    assert!(place.bytes() == before);
    put(&place.store(), "deploy", "10:00:01").await.unwrap();
    assert!(place.bytes() != before);
}

#[tokio::test]
async fn the_key_is_made_once() {
    let place = Place::new();
    put(&place.store(), "a", "10:00:00").await.unwrap();
    let key = place.key().get_secret().unwrap();
    put(&place.store(), "b", "10:00:00").await.unwrap();
    fs::remove_file(place.path()).unwrap();
    put(&place.store(), "c", "10:00:00").await.unwrap();
    assert!(place.key().get_secret().unwrap() == key);
}
