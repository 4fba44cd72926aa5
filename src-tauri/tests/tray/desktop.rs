//! A private desktop for one test: a display, a session bus on which nothing starts by itself, and programs of ours.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use tempfile::TempDir;
use zbus::blocking::{Connection, connection};

use crate::fake_agent::FakeAgent;
use crate::screen::Screen;
use crate::wait::until;

/// The desktop. Everything that runs on it ends with it.
pub(crate) struct Desktop {
    folder: TempDir,
    display: String,
    bus: String,
    programs: Vec<Running>,
}

impl Desktop {
    /// A display and a bus, and nothing else.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let mut programs = Vec::new();
        let mut xvfb = Command::new("Xvfb");
        xvfb.args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1024x768x24",
            "-nolisten",
            "tcp",
        ]);
        let display = format!(":{}", first_line(&mut xvfb, &mut programs));
        let socket = folder.path().join("bus");
        let config = folder.path().join("bus.conf");
        std::fs::write(&config, bus_config(&socket)).expect("a writable folder");
        let mut daemon = Command::new("dbus-daemon");
        daemon.args(["--nofork", "--print-address"]);
        daemon.arg(format!("--config-file={}", config.display()));
        let bus = first_line(&mut daemon, &mut programs);
        Self {
            folder,
            display,
            bus,
            programs,
        }
    }

    /// A service on the bus: this interface, at this path, under this name.
    pub(crate) fn serve<I: zbus::object_server::Interface>(
        &self,
        name: &'static str,
        path: &'static str,
        interface: I,
    ) -> Connection {
        connection::Builder::address(self.bus.as_str())
            .and_then(|builder| builder.serve_at(path, interface))
            .and_then(|builder| builder.name(name))
            .and_then(connection::Builder::build)
            .expect("a place on the bus")
    }

    /// Starts the tray app as a face of this agent.
    pub(crate) fn launch(&self, agent: &FakeAgent, arguments: &[&str]) -> Running {
        let runtime = agent
            .place()
            .folder()
            .parent()
            .expect("a folder in the runtime folder");
        let tray = Command::new(env!("CARGO_BIN_EXE_sandglass-tray"))
            .args(arguments)
            .env("DISPLAY", &self.display)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("XDG_RUNTIME_DIR", runtime)
            .env("HOME", self.folder.path())
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env_remove("WAYLAND_DISPLAY")
            .stderr(Stdio::null())
            .spawn()
            .expect("the tray app");
        Running(tray)
    }

    /// The display, to look at it.
    pub(crate) fn screen(&self) -> Screen {
        Screen::connect(&self.display)
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        // The bus before the display, both after every program that uses them.
        while self.programs.pop().is_some() {}
    }
}

/// A program of ours, which ends with this value.
pub(crate) struct Running(Child);

impl Running {
    /// Waits until the program has ended by itself.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        until("the program's end", || {
            self.0.try_wait().expect("our own child")
        })
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.0.try_wait().expect("our own child").is_none()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The first line that a program prints, by which it says that it is ready.
fn first_line(command: &mut Command, programs: &mut Vec<Running>) -> String {
    let mut program = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display()));
    let stdout = program.stdout.take().expect("piped");
    programs.push(Running(program));
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    line.trim().to_owned()
}

fn bus_config(socket: &Path) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        socket.display()
    )
}
