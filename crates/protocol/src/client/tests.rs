use interprocess::local_socket::ListenerOptions;
use interprocess::local_socket::traits::Listener as _;
use tempfile::TempDir;

use super::*;

/// A place where something greets every caller like this, and what was asked of it afterwards.
fn greeted(greeting: Greeting) -> (TempDir, Place, std::thread::JoinHandle<Option<Request>>) {
    let folder = tempfile::tempdir().unwrap();
    let runtime = folder.path().to_str().unwrap().to_owned();
    let place = Place::find(|name| (name == "XDG_RUNTIME_DIR").then(|| runtime.clone())).unwrap();
    place.prepare().unwrap();
    let listener = ListenerOptions::new()
        .name(place.name().unwrap())
        .create_sync()
        .unwrap();
    let agent = std::thread::spawn(move || {
        let stream = listener.accept().unwrap();
        let hello: Hello = frame::read(&mut &stream).unwrap();
        assert_eq!(hello.version, VERSION);
        frame::write(&mut &stream, &greeting).unwrap();
        frame::read(&mut &stream).ok()
    });
    (folder, place, agent)
}

#[test]
fn an_agent_of_another_version_is_told_apart_with_both_versions() {
    let (_folder, place, agent) = greeted(Greeting::OtherVersion { version: 1 });
    let error = Client::connect(&place, "test").err().unwrap();
    assert_eq!(
        error.to_string(),
        format!(
            "the running agent speaks version 1 of the protocol, this program version {VERSION}"
        )
    );
    assert!(error.hint().contains("`sandglass quit`"));
    assert!(agent.join().unwrap().is_none(), "nothing was asked of it");
}

#[test]
fn an_agent_of_another_version_can_still_be_asked_to_leave() {
    let (_folder, place, agent) = greeted(Greeting::OtherVersion { version: 1 });
    Client::quit(&place, "test").unwrap();
    assert!(matches!(agent.join().unwrap(), Some(Request::Quit)));
}

#[test]
fn an_agent_with_other_settings_is_told_apart_with_what_differs() {
    let difference = "AWS_CONFIG_FILE is unset here and `/a` for the agent";
    let (_folder, place, _agent) = greeted(Greeting::OtherEnvironment {
        differences: vec![difference.to_owned()],
    });
    let error = Client::connect(&place, "test").err().unwrap();
    assert!(error.to_string().contains(difference), "{error}");
}
