//! A system bus of a test's own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use zbus::connection;

pub(crate) struct Bus {
    daemon: Child,
    address: String,
    _home: TempDir,
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

impl Bus {
    pub(crate) fn start() -> Self {
        let home = TempDir::new().unwrap();
        let config = home.path().join("bus.conf");
        let socket = home.path().join("bus");
        std::fs::write(
            &config,
            format!(
                "<busconfig><type>system</type><listen>unix:path={}</listen><policy context=\"default\">\
                 <allow user=\"*\"/><allow send_destination=\"*\"/><allow receive_sender=\"*\"/><allow own=\"*\"/>\
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
            daemon,
            address: address.trim().to_owned(),
            _home: home,
        }
    }

    /// Ends it, as a restart of the system's bus does.
    pub(crate) fn end(&mut self) {
        self.daemon.kill().unwrap();
    }

    pub(crate) fn builder(&self) -> connection::Builder<'_> {
        connection::Builder::address(self.address.as_str()).unwrap()
    }
}
