//! What every desktop stands on: the screen, the session bus, the settings, the window manager.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rustix::process::Signal;
use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;

use crate::appearance::{Appearance, BACKGROUND, settings, write_channels};
use crate::display::Display;
use crate::home::{Environment, Home};
use crate::programs::Program;
use crate::wait::{self, PATIENCE};

/// Where the system keeps the files that tell which program owns which bus name.
pub(crate) const SERVICES: &str = "/usr/share/dbus-1/services";

/// The services that the bus may start by itself. Nothing else: a part that a journey leaves out
/// must truly be missing.
const ACTIVATED: [&str; 2] = ["org.xfce.Xfconf.service", "org.a11y.Bus.service"];

/// The programs without which there is no desktop at all, and the connections to them.
#[derive(Debug)]
pub(crate) struct Foundation {
    pub(crate) bus: Connection,
    pub(crate) display: Display,
    pub(crate) environment: Environment,
    programs: Vec<Program>,
}

impl Foundation {
    pub(crate) fn lay(home: &Home) -> Result<Self> {
        let mut programs = vec![start_screen(home)?];
        let name = name_of_display(home)?;
        let display = Display::open(&name)?;
        display.paint_background(BACKGROUND)?;
        let environment = environment(home, &name);
        programs.push(start_bus(home, &environment)?);
        let bus = wait::try_until("the session bus", PATIENCE, || {
            Ok(Some(Builder::address(bus_address(home).as_str())?.build()?))
        })?;
        write_channels(&home.config())?;
        write_settings(home, Appearance::Light)?;
        let mut settings = environment.command("xsettingsd");
        settings.arg("-c").arg(settings_path(home));
        programs.push(Program::start("xsettingsd", &mut settings, &home.logs())?);
        let mut windows = environment.command("xfwm4");
        windows.arg("--compositor=off");
        programs.push(Program::start("xfwm4", &mut windows, &home.logs())?);
        wait::try_until("the window manager", PATIENCE, || {
            Ok(display.work_area()?.is_some().then_some(()))
        })?;
        Ok(Self {
            bus,
            display,
            environment,
            programs,
        })
    }

    pub(crate) fn set_appearance(&self, home: &Home, appearance: Appearance) -> Result<()> {
        write_settings(home, appearance)?;
        let daemon = self
            .programs
            .iter()
            .find(|program| program.name() == "xsettingsd");
        daemon
            .context("the settings daemon is gone")?
            .signal(Signal::HUP)
    }
}

impl Drop for Foundation {
    fn drop(&mut self) {
        // The last that came goes first: nothing loses the ground it stands on.
        while self.programs.pop().is_some() {}
    }
}

fn start_screen(home: &Home) -> Result<Program> {
    let mut server = home.environment().command("sh");
    // Xvfb takes a free display by itself and writes its number to the descriptor named.
    server.args([
        "-c",
        "exec Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp -noreset 3>$0",
    ]);
    server.arg(display_path(home));
    Program::start("xvfb", &mut server, &home.logs())
}

fn environment(home: &Home, display: &str) -> Environment {
    home.environment()
        .with("DISPLAY", display)
        .with("DBUS_SESSION_BUS_ADDRESS", bus_address(home))
        .with("XDG_SESSION_TYPE", "x11")
        .with("XDG_CURRENT_DESKTOP", "XFCE")
        // The settings of the person who runs the journey stay out of it.
        .with("GSETTINGS_BACKEND", "memory")
        // There is no graphics card behind this screen.
        .with("LIBGL_ALWAYS_SOFTWARE", "1")
        .with("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
}

fn display_path(home: &Home) -> PathBuf {
    home.runtime().join("display")
}

fn name_of_display(home: &Home) -> Result<String> {
    wait::until("the X server", PATIENCE, || {
        let number = fs::read_to_string(display_path(home)).ok()?;
        number
            .ends_with('\n')
            .then(|| format!(":{}", number.trim()))
    })
}

fn start_bus(home: &Home, environment: &Environment) -> Result<Program> {
    let services = home.runtime().join("services");
    fs::create_dir(&services).context("failed to make the folder of bus services")?;
    for service in ACTIVATED {
        symlink(Path::new(SERVICES).join(service), services.join(service))
            .with_context(|| format!("failed to link `{service}`"))?;
    }
    let configuration = home.runtime().join("bus.conf");
    fs::write(
        &configuration,
        bus_configuration(&bus_address(home), &services),
    )
    .context("failed to write the bus configuration")?;
    let mut daemon = environment.command("dbus-daemon");
    daemon
        .arg("--nofork")
        .arg(format!("--config-file={}", configuration.display()));
    Program::start("dbus-daemon", &mut daemon, &home.logs())
}

fn bus_address(home: &Home) -> String {
    format!("unix:path={}", home.runtime().join("bus").display())
}

fn bus_configuration(address: &str, services: &Path) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        services.display()
    )
}

fn write_settings(home: &Home, appearance: Appearance) -> Result<()> {
    fs::write(settings_path(home), settings(appearance))
        .context("failed to write the desktop's settings")
}

fn settings_path(home: &Home) -> PathBuf {
    home.runtime().join("xsettingsd")
}
