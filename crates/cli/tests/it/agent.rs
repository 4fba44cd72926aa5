//! An agent that answers as it is told and notes what it is asked, and `sandglass` beside it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use sandglass_protocol::frame;
use sandglass_protocol::message::{Greeting, Hello, Reply, VERSION};
use sandglass_protocol::place::Place;
use serde_json::Value;
use tempfile::TempDir;

/// The agent, and the home of the person whose agent it is. Both end with the test.
pub(crate) struct Agent {
    home: TempDir,
    requests: Arc<Mutex<Vec<Value>>>,
}

/// What a command said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Agent {
    /// It answers every request with these, in order.
    pub(crate) fn that_says(replies: &[Reply]) -> Self {
        let welcome = Greeting::Welcome {
            pid: 1,
            program_version: "0.0.0".to_owned(),
        };
        Self::that_greets(welcome, replies)
    }

    /// It carries out whatever it is asked.
    pub(crate) fn that_does() -> Self {
        Self::that_says(&[Reply::Done {
            sentence: "done".to_owned(),
        }])
    }

    pub(crate) fn that_greets(greeting: Greeting, replies: &[Reply]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let runtime = home.path().to_str().unwrap().to_owned();
        let place = Place::find(|name| (name == "XDG_RUNTIME_DIR").then(|| runtime.clone()));
        let place = place.unwrap();
        place.prepare().unwrap();
        let listener = UnixListener::bind(place.socket()).unwrap();
        fs::create_dir(home.path().join("bin")).unwrap();
        let requests: Arc<Mutex<Vec<Value>>> = Arc::default();
        let (noted, replies) = (Arc::clone(&requests), replies.to_vec());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // The caller ends the conversation when it has its answer.
                let _ = converse(&stream, &greeting, &replies, &noted);
            }
        });
        Self { home, requests }
    }

    /// Runs `sandglass` in the person's home until it ends, without a terminal.
    pub(crate) fn sandglass(&self, arguments: &[&str]) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_sandglass"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.home())
            .env("XDG_RUNTIME_DIR", self.home())
            .env("PATH", self.home().join("bin"))
            .env("TZ", "UTC")
            .current_dir(self.home())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Said {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The home, which is also the only thing that holds programs.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Gives the person a program, as a shell script.
    pub(crate) fn install(&self, name: &str, script: &str) -> PathBuf {
        let path = self.home().join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// All that it was asked.
    pub(crate) fn requests(&self) -> Vec<Value> {
        let requests = self.requests.lock();
        requests.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn converse(
    mut stream: &UnixStream,
    greeting: &Greeting,
    replies: &[Reply],
    noted: &Mutex<Vec<Value>>,
) -> Result<(), frame::Error> {
    let hello: Hello = frame::read(&mut stream)?;
    assert_eq!(hello.version, VERSION);
    frame::write(&mut stream, greeting)?;
    loop {
        let request = frame::read(&mut stream)?;
        let mut requests = noted.lock().unwrap_or_else(PoisonError::into_inner);
        requests.push(request);
        drop(requests);
        for reply in replies {
            frame::write(&mut stream, reply)?;
        }
    }
}
