//! A logind of the journey's own, on a system bus of its own: a hand that locks the screen and lets the machine sleep.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::blocking::object_server::InterfaceRef;
use zbus::zvariant::{ObjectPath, Value};

use crate::home::{Environment, Home};
use crate::programs::Program;
use crate::wait::{self, PATIENCE};

const NAME: &str = "org.freedesktop.login1";
const MANAGER: &str = "/org/freedesktop/login1";
const MANAGER_INTERFACE: &str = "org.freedesktop.login1.Manager";
const USER: &str = "/org/freedesktop/login1/user/self";
const SESSION: &str = "/org/freedesktop/login1/session/_32";
const SESSION_INTERFACE: &str = "org.freedesktop.login1.Session";

/// A logind that answers, with one session: the person's.
#[derive(Debug)]
pub struct Logind {
    // Dropped before the bus that it is on.
    connection: Connection,
    address: String,
    _bus: Program,
}

impl Logind {
    /// Starts a system bus and a logind on it.
    pub fn start(home: &Home) -> Result<Self> {
        let address = format!("unix:path={}", home.runtime().join("system-bus").display());
        let configuration = home.runtime().join("system-bus.conf");
        std::fs::write(&configuration, bus_configuration(&address))
            .context("failed to write the configuration of the system bus")?;
        let mut daemon = home.environment().command("dbus-daemon");
        daemon.args(["--nofork", "--nopidfile"]);
        daemon.arg(format!("--config-file={}", configuration.display()));
        let bus = Program::start("system-bus", &mut daemon, &home.logs())?;
        let connection = wait::try_until("the system bus", PATIENCE, || {
            let session = Session {
                locked: false,
                asked: AtomicBool::new(false),
            };
            let logind = Builder::address(address.as_str())?
                .name(NAME)?
                .serve_at(USER, User)?
                .serve_at(SESSION, session)?
                .build()?;
            Ok(Some(logind))
        })?;
        Ok(Self {
            connection,
            address,
            _bus: bus,
        })
    }

    /// An environment whose programs find it.
    #[must_use]
    pub fn reached_from(&self, environment: Environment) -> Environment {
        environment.with("DBUS_SYSTEM_BUS_ADDRESS", &self.address)
    }

    /// Waits until a program listens for the screen lock: then it also asks how the screen stands.
    pub fn wait_for_listener(&self) -> Result<()> {
        wait::try_until("somebody who listens to logind", PATIENCE, || {
            let session = self.session()?;
            let asked = session.get().asked.load(Ordering::Relaxed);
            Ok(asked.then_some(()))
        })
    }

    /// Locks the screen, as a person does who leaves; the screen lock confirms it.
    pub fn lock(&self) -> Result<()> {
        self.signal(SESSION, SESSION_INTERFACE, "Lock")?;
        self.set_locked_hint(true)
    }

    /// Unlocks it.
    pub fn unlock(&self) -> Result<()> {
        self.signal(SESSION, SESSION_INTERFACE, "Unlock")?;
        self.set_locked_hint(false)
    }

    /// Tells of a sleep that is just over.
    pub fn wake(&self) -> Result<()> {
        for begins in [true, false] {
            self.connection.emit_signal(
                None::<&str>,
                MANAGER,
                MANAGER_INTERFACE,
                "PrepareForSleep",
                &begins,
            )?;
        }
        Ok(())
    }

    fn set_locked_hint(&self, locked: bool) -> Result<()> {
        self.session()?.get_mut().locked = locked;
        let changed = HashMap::from([("LockedHint", Value::from(locked))]);
        let invalidated: [&str; 0] = [];
        self.connection.emit_signal(
            None::<&str>,
            SESSION,
            "org.freedesktop.DBus.Properties",
            "PropertiesChanged",
            &(SESSION_INTERFACE, changed, invalidated.as_slice()),
        )?;
        Ok(())
    }

    fn session(&self) -> Result<InterfaceRef<Session>> {
        Ok(self.connection.object_server().interface(SESSION)?)
    }

    fn signal(&self, path: &str, interface: &str, name: &str) -> Result<()> {
        self.connection
            .emit_signal(None::<&str>, path, interface, name, &())?;
        Ok(())
    }
}

struct User;

#[zbus::interface(name = "org.freedesktop.login1.User")]
impl User {
    /// The session with the desktop.
    #[zbus(property)]
    #[expect(clippy::unused_self, reason = "the interface has it so")]
    fn display(&self) -> (String, ObjectPath<'static>) {
        let path = ObjectPath::from_static_str_unchecked(SESSION);
        ("2".to_owned(), path)
    }
}

struct Session {
    locked: bool,
    asked: AtomicBool,
}

#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl Session {
    /// What the screen lock said last.
    #[zbus(property)]
    fn locked_hint(&self) -> bool {
        self.asked.store(true, Ordering::Relaxed);
        self.locked
    }
}

fn bus_configuration(address: &str) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#
    )
}
