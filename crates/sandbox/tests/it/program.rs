//! The program: its arguments, its world file, its ready file, its end.

use std::fs;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::boxed::{BINARY, Boxed, until};
use crate::http::Request;

#[test]
fn a_world_file_takes_the_place_of_the_built_in_world() {
    let folder = tempfile::tempdir().unwrap();
    let (world, ready) = (
        folder.path().join("world.json"),
        folder.path().join("ready.json"),
    );
    let account = json!({ "id": "111111111111", "name": "one", "email": "one@sandglass.example" });
    let text = json!({ "accounts": [account], "settings": { "session_token": 45 } });
    fs::write(&world, text.to_string()).unwrap();
    let mut child = Command::new(BINARY)
        .args([
            "--world",
            world.to_str().unwrap(),
            "--ready-file",
            ready.to_str().unwrap(),
        ])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    until("the ready file", || ready.exists());
    let told: Value = serde_json::from_str(&fs::read_to_string(&ready).unwrap()).unwrap();
    let address = told["endpoint"]
        .as_str()
        .unwrap()
        .trim_start_matches("http://")
        .to_owned();
    let read = |path: &str| Request::new("GET", path).send(&address).unwrap().json();
    let (world, settings) = (read("/_sandbox/world"), read("/_sandbox/settings"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(world["accounts"][0]["name"], "one");
    assert_eq!(settings["session_token"], 45);
}

#[test]
fn a_world_file_that_is_missing_broken_or_impossible_is_named_with_its_fault() {
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world.json");
    let name = world.to_str().unwrap();
    assert_fails(
        &run(&["--world", name]),
        &["failed to read the world file", name],
    );
    fs::write(&world, "{").unwrap();
    assert_fails(
        &run(&["--world", name]),
        &["in the world file", name, "line 1 column 1"],
    );
    let account = json!({ "id": "1", "name": "one", "email": "one@sandglass.example" });
    fs::write(&world, json!({ "accounts": [account] }).to_string()).unwrap();
    assert_fails(
        &run(&["--world", name]),
        &[name, "account `1`: its id is not 12 digits"],
    );
}

#[test]
fn a_port_that_is_taken_is_named() {
    let boxed = Boxed::start();
    let port = boxed.address.rsplit(':').next().unwrap();
    assert_fails(&run(&["--port", port]), &["failed to listen on port", port]);
}

#[test]
fn a_ready_file_that_cannot_be_written_is_named() {
    let path = "/nonexistent/ready.json";
    assert_fails(
        &run(&["--ready-file", path]),
        &["failed to write the ready file", path],
    );
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_in_peace() {
    for signal in ["-TERM", "-INT"] {
        let boxed = Boxed::start();
        let pid = boxed.pid().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
        assert!(boxed.wait().success());
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(BINARY)
        .args(arguments)
        .output()
        .expect("it runs")
}

fn assert_fails(output: &Output, expected: &[&str]) {
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.starts_with("error: "), "{error}");
    for part in expected {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
}
