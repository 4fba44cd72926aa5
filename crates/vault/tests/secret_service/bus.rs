//! Processes of a desktop, ended with the test: a session bus, a keyring, a process that uses the vault.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child as Process, ChildStdin, ChildStdout, Command, Stdio};

use tempfile::TempDir;
use zbus::blocking::{Connection, connection};
use zbus::zvariant::ObjectPath;

use super::wait_for;

const SECRETS: &str = "org.freedesktop.secrets";

/// A session bus on which nothing can be started by name, so that a test sees only what it started itself.
pub(super) struct Bus {
    _daemon: Option<Running>,
    address: String,
    home: TempDir,
}

impl Bus {
    pub(super) fn start() -> Self {
        let home = TempDir::new().unwrap();
        let config = home.path().join("bus.conf");
        let socket = home.path().join("bus");
        std::fs::write(
            &config,
            format!(
                "<busconfig><type>session</type><listen>unix:path={}</listen><policy context=\"default\">\
                 <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/>\
                 </policy></busconfig>",
                socket.display()
            ),
        )
        .unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--nopidfile", "--print-address"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("`dbus-daemon` (package dbus) is installed");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        Self {
            _daemon: Some(Running(daemon)),
            address: address.trim().to_owned(),
            home,
        }
    }

    /// A system without one.
    pub(super) fn absent() -> Self {
        let home = TempDir::new().unwrap();
        let address = format!("unix:path={}", home.path().join("nobody").display());
        Self {
            _daemon: None,
            address,
            home,
        }
    }

    /// Runs a program of this desktop to its end and returns what it printed.
    pub(super) fn run(&self, command: &mut Command) -> String {
        let output = self.at_home(command).output().unwrap();
        assert!(
            output.status.success(),
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Takes the name of the Secret Service and answers nothing.
    pub(super) fn claim_secrets_without_answering(&self) -> Connection {
        self.claim(SECRETS)
    }

    /// Takes the name of the program by which GNOME Keyring asks for passwords, and leaves the prompt open.
    pub(super) fn leave_prompts_open(&self) -> Connection {
        self.claim("org.gnome.keyring.SystemPrompter")
    }

    fn claim(&self, name: &'static str) -> Connection {
        connection::Builder::address(self.address.as_str())
            .unwrap()
            .name(name)
            .unwrap()
            .build()
            .unwrap()
    }

    fn connect(&self) -> Connection {
        connection::Builder::address(self.address.as_str())
            .unwrap()
            .build()
            .unwrap()
    }

    fn has_keyring(&self) -> bool {
        zbus::blocking::fdo::DBusProxy::new(&self.connect())
            .unwrap()
            .name_has_owner(SECRETS.try_into().unwrap())
            .unwrap()
    }

    fn at_home<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("HOME", self.home.path())
            .env("XDG_RUNTIME_DIR", self.home.path())
            .env("XDG_DATA_HOME", self.home.path())
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
    }
}

/// GNOME Keyring, unlocked.
pub(super) struct Keyring<'a> {
    _daemon: Running,
    bus: &'a Bus,
}

impl<'a> Keyring<'a> {
    pub(super) fn start(bus: &'a Bus) -> Self {
        let mut daemon = bus
            .at_home(&mut Command::new("gnome-keyring-daemon"))
            .args(["--unlock", "--components=secrets", "--foreground"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("`gnome-keyring-daemon` (package gnome-keyring) is installed");
        daemon.stdin.take().unwrap().write_all(b"password").unwrap();
        wait_for("GNOME Keyring", || bus.has_keyring());
        Self {
            _daemon: Running(daemon),
            bus,
        }
    }

    /// Locks the collection in which new items lie.
    pub(super) fn lock(&self) {
        let collection = ObjectPath::try_from("/org/freedesktop/secrets/aliases/default").unwrap();
        self.bus
            .connect()
            .call_method(
                Some(SECRETS),
                "/org/freedesktop/secrets",
                Some("org.freedesktop.Secret.Service"),
                "Lock",
                &vec![collection],
            )
            .unwrap();
        wait_for("a locked keyring", || !self.finds_unlocked());
    }

    fn finds_unlocked(&self) -> bool {
        let reply = self
            .bus
            .connect()
            .call_method(
                Some(SECRETS),
                "/org/freedesktop/secrets",
                Some("org.freedesktop.Secret.Service"),
                "SearchItems",
                &HashMap::from([("service", "sandglass")]),
            )
            .unwrap();
        let body = reply.body();
        let (unlocked, _locked): (Vec<ObjectPath<'_>>, Vec<ObjectPath<'_>>) =
            body.deserialize().unwrap();
        !unlocked.is_empty()
    }
}

/// A process that uses the vault on this bus.
pub(super) struct Child {
    _process: Running,
    steps: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Child {
    pub(super) fn start(bus: &Bus) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([
            "--exact",
            "answer_the_other_tests",
            "--ignored",
            "--nocapture",
        ]);
        let mut process = bus
            .at_home(&mut command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            steps: process.stdin.take().unwrap(),
            answers: BufReader::new(process.stdout.take().unwrap()),
            _process: Running(process),
        }
    }

    /// Has it take one step and returns its answer.
    pub(super) fn ask(&mut self, step: &str) -> String {
        writeln!(self.steps, "{step}").unwrap();
        let mut line = String::new();
        loop {
            line.clear();
            assert!(
                self.answers.read_line(&mut line).unwrap() > 0,
                "the process has ended"
            );
            // The test harness prints lines of its own, the first of them without an end.
            if let Some((_, answer)) = line.split_once("answer: ") {
                return answer.trim().to_owned();
            }
        }
    }
}

/// A process that ends with the test.
struct Running(Process);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
