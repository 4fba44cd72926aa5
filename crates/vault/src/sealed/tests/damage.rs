//! Files that cannot be opened, and files that must not be.

use super::*;

const ASIDE: &str = "sealed.unreadable-20261123T093000Z";

/// A store with one session whose file has these bytes now.
async fn damaged(damage: impl FnOnce(Vec<u8>) -> Vec<u8>) -> (Place, Vec<u8>) {
    let place = Place::new();
    put(&place.store(), "deploy", "10:00:00").await.unwrap();
    let bytes = damage(place.bytes());
    fs::write(place.path(), &bytes).unwrap();
    (place, bytes)
}

/// It is set aside as it was; a second look finds an empty store.
async fn is_set_aside(place: &Place, bytes: &[u8], because: Unreadable) {
    let store = place.store();
    let loaded = load(&store).await.unwrap();
    let path = place.path().with_file_name(ASIDE);
    assert_eq!(loaded.set_aside, Some(SetAside { path, because }));
    assert_eq!(names(&loaded), [""; 0]);
    assert_eq!(place.files(), ["sealed.lock", ASIDE]);
    assert!(fs::read(place.path().with_file_name(ASIDE)).unwrap() == bytes);
    assert_eq!(found(place).await, [""; 0]);
    assert_eq!(put(&store, "new", "10:00:00").await.unwrap(), None);
    assert_eq!(found(place).await, ["role:new"]);
}

#[tokio::test]
async fn a_file_that_is_no_whole_one_is_set_aside() {
    for length in [0, 10, 17, 40, 56] {
        let (place, bytes) = damaged(|bytes| bytes[..length].to_vec()).await;
        is_set_aside(&place, &bytes, Unreadable::Damaged).await;
    }
    let (place, bytes) = damaged(|_| b"{\"not\": \"ours\"}".to_vec()).await;
    is_set_aside(&place, &bytes, Unreadable::Damaged).await;
}

#[tokio::test]
async fn a_file_with_its_end_torn_off_is_set_aside() {
    let (place, bytes) = damaged(|bytes| bytes[..bytes.len() - 1].to_vec()).await;
    is_set_aside(&place, &bytes, Unreadable::DoesNotOpen).await;
}

#[tokio::test]
async fn a_file_with_a_flipped_bit_is_set_aside() {
    let flip = |mut bytes: Vec<u8>| {
        bytes[100] ^= 1;
        bytes
    };
    let (place, bytes) = damaged(flip).await;
    is_set_aside(&place, &bytes, Unreadable::DoesNotOpen).await;
}

#[tokio::test]
async fn a_file_whose_content_is_not_ours_is_set_aside() {
    let (place, _) = damaged(|bytes| bytes).await;
    let key = Key::from_content(&place.key().get_secret().unwrap().into()).unwrap();
    let bytes = envelope::seal(b"[1, 2]".to_vec().into(), &key).unwrap();
    fs::write(place.path(), &bytes).unwrap();
    is_set_aside(&place, &bytes, Unreadable::Damaged).await;
}

#[tokio::test]
async fn a_file_sealed_under_another_key_is_set_aside() {
    let (place, bytes) = damaged(|bytes| bytes).await;
    let other = Key::random().unwrap().to_content();
    place.key().set_secret(&other).unwrap();
    is_set_aside(&place, &bytes, Unreadable::DoesNotOpen).await;
    assert!(place.key().get_secret().unwrap() == *other);
}

#[tokio::test]
async fn a_file_without_its_key_is_set_aside() {
    let (place, bytes) = damaged(|bytes| bytes).await;
    place.key().delete_credential().unwrap();
    is_set_aside(&place, &bytes, Unreadable::KeyMissing).await;
}

#[tokio::test]
async fn a_write_sets_aside_what_it_cannot_open_and_says_so() {
    let (place, bytes) = damaged(|bytes| bytes[..60].to_vec()).await;
    let path = place.path().with_file_name(ASIDE);
    let because = Unreadable::DoesNotOpen;
    let set_aside = put(&place.store(), "new", "10:00:00").await.unwrap();
    assert_eq!(
        set_aside,
        Some(SetAside {
            path: path.clone(),
            because
        })
    );
    assert!(fs::read(path).unwrap() == bytes);
    assert_eq!(found(&place).await, ["role:new"]);
}

#[tokio::test]
async fn a_file_that_was_set_aside_is_never_overwritten() {
    let place = Place::new();
    put(&place.store(), "deploy", "10:00:00").await.unwrap();
    for content in ["first", "second", "third"] {
        fs::write(place.path(), content).unwrap();
        assert!(load(&place.store()).await.unwrap().set_aside.is_some());
    }
    let aside = |ending: &str| {
        let name = format!("{ASIDE}{ending}");
        fs::read_to_string(place.path().with_file_name(name)).unwrap()
    };
    assert_eq!(
        [aside(""), aside("-2"), aside("-3")],
        ["first", "second", "third"]
    );
}

#[tokio::test]
async fn a_file_of_a_newer_sandglass_is_left_to_that() {
    let newer = |mut bytes: Vec<u8>| {
        bytes[16] = 2;
        bytes
    };
    let (place, bytes) = damaged(newer).await;
    let store = place.store();
    let (now, patience) = (at("09:30:00"), Patience::Background);
    for error in [
        error(load(&store).await),
        error(put(&store, "new", "10:00:00").await),
        error(store.remove(&session("deploy"), now, patience).await),
        error(store.retain(&BTreeSet::new(), now, patience).await),
    ] {
        assert!(matches!(error, SealedError::Newer { version: 2, .. }));
        assert!(error.to_string().ends_with("in format 2"), "{error}");
    }
    assert!(place.bytes() == bytes);
    assert_eq!(place.files(), ["sealed", "sealed.lock"]);
}

#[tokio::test]
async fn an_item_that_is_no_key_is_left_and_so_is_the_file() {
    let (place, bytes) = damaged(|bytes| bytes).await;
    place.key().set_secret(b"somebody else's").unwrap();
    for error in [
        error(load(&place.store()).await),
        error(put(&place.store(), "new", "10:00:00").await),
    ] {
        assert_eq!(
            error.to_string(),
            "the keychain's item cannot be used: it is no key of Sandglass"
        );
        assert!(error.remedy().contains("`sealed-store-key`"));
    }
    assert!(place.bytes() == bytes);
    assert!(place.key().get_secret().unwrap() == b"somebody else's");
}

#[tokio::test]
async fn what_a_killed_write_left_is_in_nobodys_way() {
    let (place, _) = damaged(|bytes| bytes).await;
    fs::write(place.path().with_extension("new"), "half of").unwrap();
    put(&place.store(), "new", "10:00:00").await.unwrap();
    assert_eq!(found(&place).await, ["role:deploy", "role:new"]);
    assert_eq!(place.files(), ["sealed", "sealed.lock"]);
}

#[tokio::test]
async fn a_folder_in_the_place_of_the_file_is_named() {
    let place = Place::new();
    fs::create_dir_all(place.path()).unwrap();
    for error in [
        error(load(&place.store()).await),
        error(put(&place.store(), "new", "10:00:00").await),
    ] {
        let shown = error.to_string();
        assert!(shown.starts_with("could not read `"), "{shown}");
        assert!(shown.ends_with("it is not a regular file"), "{shown}");
    }
}

#[tokio::test]
async fn a_file_in_the_place_of_the_folder_is_named() {
    let place = Place::new();
    fs::write(place.path().parent().unwrap(), "").unwrap();
    let error = error(put(&place.store(), "new", "10:00:00").await);
    assert!(matches!(error, SealedError::System { doing: "lock", .. }));
}

#[test]
fn every_error_says_what_to_do() {
    let path = PathBuf::from("/state/sealed");
    for error in [
        SealedError::Keychain(Error::Locked),
        SealedError::Keychain(Error::Unusable("x".into())),
        SealedError::system("read", &path, std::io::Error::other("broken")),
        SealedError::Newer {
            path: path.clone(),
            version: 9,
        },
        SealedError::InUse { path: path.clone() },
    ] {
        let finding = error.finding();
        assert!(finding.message.ends_with(&error.to_string()));
        assert!(!finding.remedy.is_empty());
    }
    for because in [
        Unreadable::Damaged,
        Unreadable::KeyMissing,
        Unreadable::DoesNotOpen,
    ] {
        let path = path.clone();
        let finding = SetAside { path, because }.finding();
        assert_eq!(finding.place, "/state/sealed");
        assert!(finding.message.contains(&because.to_string()));
    }
}
