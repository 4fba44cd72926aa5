//! A whole desktop for one person, on a screen that nobody sees.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Error, Result, anyhow};
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, Proxy};
use zbus::proxy::CacheProperties;

use crate::accessibility::Accessibility;
pub use crate::appearance::Appearance;
use crate::display::{Display, Window};
use crate::foundation::{Foundation, SERVICES};
use crate::home::{Environment, Home};
use crate::programs::{self, Program};
use crate::screen::Picture;
use crate::wait::{self, PATIENCE};

/// A part of the desktop that a person's machine may lack, or that may crash and come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The panel, and in it the tray's host (`org.kde.StatusNotifierWatcher`).
    Panel,
    /// The notification service (`org.freedesktop.Notifications`).
    Notifications,
    /// The keychain (`org.freedesktop.secrets`), unlocked.
    Keychain,
}

/// A desktop: screen, session bus, window manager, and the parts that were asked for.
///
/// Its bus connections are blocking ones: not for use inside of an async task.
#[derive(Debug)]
pub struct Desktop {
    // Fields are dropped in this order: the home last.
    accessibility: Accessibility,
    parts: Vec<(Part, Program)>,
    foundation: Foundation,
    home: Home,
}

impl Desktop {
    /// Starts a desktop with every part.
    pub fn start(home: Home) -> Result<Self> {
        Self::start_with(home, &[Part::Keychain, Part::Panel, Part::Notifications])
    }

    /// Starts a desktop that has only these parts.
    pub fn start_with(home: Home, parts: &[Part]) -> Result<Self> {
        let foundation = Foundation::lay(&home)
            .with_context(|| format!("failed to start a desktop{}", home.last_words()))?;
        let accessibility = Accessibility::connect(&foundation.bus)?;
        let mut desktop = Self {
            accessibility,
            parts: Vec::new(),
            foundation,
            home,
        };
        for part in parts {
            desktop.begin(*part)?;
        }
        Ok(desktop)
    }

    /// Starts a part that is missing, and waits until it can be used.
    pub fn begin(&mut self, part: Part) -> Result<()> {
        let program = part.start(&self.foundation.environment, &self.home)?;
        self.parts.push((part, program));
        self.until(part.bus_name(), || {
            Ok(self.has_owner(part.bus_name())?.then_some(()))
        })?;
        match part {
            // What opens later is placed below the panel, once the window manager knows of it.
            Part::Panel => self.until("the panel's place", || {
                Ok(self
                    .display()
                    .work_area()?
                    .filter(|area| area.y > 0)
                    .map(|_| ()))
            }),
            Part::Notifications | Part::Keychain => Ok(()),
        }
    }

    /// Ends a part, as a crash would, and waits until the bus knows.
    pub fn end(&mut self, part: Part) -> Result<()> {
        self.parts.retain(|(running, _)| *running != part);
        self.until("the end of a part", || {
            Ok((!self.has_owner(part.bus_name())?).then_some(()))
        })
    }

    /// The home of the person at this desktop.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// What every program on this desktop has in its environment.
    pub fn environment(&self) -> &Environment {
        &self.foundation.environment
    }

    /// Starts a program on this desktop.
    pub fn launch(&self, name: &str, command: &mut Command) -> Result<Program> {
        Program::start(name, command, &self.home.logs())
    }

    /// The X server's view, and the pointer and keyboard.
    pub fn display(&self) -> &Display {
        &self.foundation.display
    }

    /// The session bus.
    pub fn bus(&self) -> &Connection {
        &self.foundation.bus
    }

    /// What is inside of windows.
    pub fn accessibility(&self) -> &Accessibility {
        &self.accessibility
    }

    /// A picture of the screen as it is now.
    pub fn picture(&self) -> Result<Picture> {
        Picture::of_screen(&self.foundation.display)
    }

    /// Changes the theme of everything, as a person does in the settings.
    pub fn set_appearance(&self, appearance: Appearance) -> Result<()> {
        self.foundation.set_appearance(&self.home, appearance)
    }

    /// Asks `probe` until it gives a value, for as long as a person would have patience. When
    /// it gives up, the error has a picture of the screen and the last words of the programs.
    pub fn until<T>(&self, what: &str, probe: impl FnMut() -> Result<Option<T>>) -> Result<T> {
        self.until_within(PATIENCE, what, probe)
    }

    /// Like [`until`](Self::until), with a patience of its own.
    pub fn until_within<T>(
        &self,
        patience: Duration,
        what: &str,
        probe: impl FnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        wait::try_until(what, patience, probe).map_err(|error| self.with_evidence(what, &error))
    }

    /// Like [`until`](Self::until), for something that must have come to rest, such as a window
    /// before it is clicked.
    pub fn until_settled<T: PartialEq>(
        &self,
        what: &str,
        probe: impl FnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        wait::until_settled(what, PATIENCE, probe).map_err(|error| self.with_evidence(what, &error))
    }

    /// Waits for a managed window with this title.
    pub fn wait_for_window(&self, title: &str) -> Result<Window> {
        self.until_settled(&format!("a window titled `{title}`"), || {
            Ok(self
                .display()
                .windows()?
                .into_iter()
                .find(|window| window.title == title))
        })
    }

    /// Whether anybody owns that name on the session bus.
    pub fn has_owner(&self, name: &str) -> Result<bool> {
        Ok(DBusProxy::new(&self.foundation.bus)?.name_has_owner(name.try_into()?)?)
    }

    /// An object on the session bus, asked anew at each look.
    pub fn proxy(&self, owner: &str, path: &str, interface: &str) -> Result<Proxy<'static>> {
        let proxy = zbus::blocking::proxy::Builder::<Proxy<'static>>::new(&self.foundation.bus)
            .destination(owner.to_owned())?
            .path(path.to_owned())?
            .interface(interface.to_owned())?
            .cache_properties(CacheProperties::No)
            .build()?;
        Ok(proxy)
    }

    fn with_evidence(&self, what: &str, error: &Error) -> Error {
        let picture = self.keep_failure(what).map_or_else(
            |error| format!("no picture: {error:#}"),
            |path| format!("picture: {}", path.display()),
        );
        anyhow!("{error:#}\n{picture}{}", self.home.last_words())
    }

    fn keep_failure(&self, what: &str) -> Result<PathBuf> {
        let name: String = what
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        let folder = programs::folder()?.join("failures");
        let path = folder.join(format!("{name}-{}.png", std::process::id()));
        self.picture()?.save(&path)?;
        Ok(path)
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        // The last that came goes first.
        while self.parts.pop().is_some() {}
    }
}

impl Part {
    fn bus_name(self) -> &'static str {
        match self {
            Self::Panel => "org.kde.StatusNotifierWatcher",
            Self::Notifications => "org.freedesktop.Notifications",
            Self::Keychain => "org.freedesktop.secrets",
        }
    }

    fn start(self, environment: &Environment, home: &Home) -> Result<Program> {
        let logs = home.logs();
        match self {
            Self::Panel => {
                let mut panel = environment.command("xfce4-panel");
                Program::start("xfce4-panel", panel.arg("--disable-wm-check"), &logs)
            }
            Self::Notifications => {
                let service = "org.xfce.xfce4-notifyd.Notifications.service";
                let mut daemon = environment.command(program_of(service)?);
                Program::start("xfce4-notifyd", &mut daemon, &logs)
            }
            Self::Keychain => {
                let mut daemon = environment.command("gnome-keyring-daemon");
                daemon.args(["--foreground", "--unlock", "--components=secrets"]);
                // The password of a keychain that lives as long as its home.
                Program::start_with_input("gnome-keyring", &mut daemon, b"box", &logs)
            }
        }
    }
}

/// The program that a bus service file names: its path differs between systems.
fn program_of(service: &str) -> Result<String> {
    let path = Path::new(SERVICES).join(service);
    let text = fs::read_to_string(&path)
        .with_context(|| format!("failed to read `{}`", path.display()))?;
    let program = text.lines().find_map(|line| line.strip_prefix("Exec="));
    Ok(program
        .with_context(|| format!("`{}` names no program", path.display()))?
        .to_owned())
}
