//! Sandglass on a desktop, as a person has it before them.

use anyhow::{Context as _, Result};

use crate::accessibility::{Element, Role};
use crate::browser;
use crate::desktop::Desktop;
use crate::display::Window;
use crate::home::Home;
use crate::machine::Machine;
use crate::pointer::Button;
use crate::programs::Program;

/// The name by which a screen reader knows the tray app.
const TRAY: &str = "sandglass-tray";
/// The title of the panel.
pub const PANEL: &str = "Sandglass";
/// The title of the prompt.
pub const PROMPT: &str = "Sandglass asks";

/// A desktop with Sandglass in its tray.
#[derive(Debug)]
pub struct Sandglass {
    // Dropped in this order: the tray, the agent and the sandbox, the desktop last.
    tray: Option<Program>,
    /// The files, the AWS and the programs.
    pub machine: Machine,
    /// The screen.
    pub desktop: Desktop,
}

impl Sandglass {
    /// A whole desktop, with the machine's profiles and a browser; the tray is not started yet.
    pub fn installed() -> Result<Self> {
        Self::on(Desktop::start(Home::new()?)?)
    }

    /// The same on a desktop that may lack something.
    pub fn on(desktop: Desktop) -> Result<Self> {
        let mut machine = Machine::new(desktop.home(), desktop.environment())?;
        let mut path = browser::install(desktop.home())?.into_os_string();
        path.push(":");
        path.push(machine.environment().get("PATH").unwrap_or_default());
        machine.set_environment(|environment| environment.with("PATH", path));
        Ok(Self {
            tray: None,
            machine,
            desktop,
        })
    }

    /// Starts the tray app, as a login does.
    pub fn start_tray(&mut self) -> Result<()> {
        let mut command = self.machine.program(TRAY)?;
        let tray = self.desktop.launch(TRAY, command.arg("--background"))?;
        self.tray = Some(tray);
        self.desktop
            .wait_for_tray_item("the tray icon", "sandglass", |_| true)?;
        Ok(())
    }

    /// The tray app's process.
    pub fn tray(&mut self) -> Result<&mut Program> {
        self.tray.as_mut().context("the tray is not started")
    }

    /// Opens the panel with a click on the icon.
    pub fn open_panel(&self) -> Result<Window> {
        self.desktop.click_tray_icon(Button::Left)?;
        self.desktop.wait_for_window(PANEL)
    }

    /// Waits for an element in one of our windows.
    pub fn see(&self, role: Role, name: &str) -> Result<Element> {
        self.desktop.wait_for_element(TRAY, role, name)
    }

    /// Waits for a text in one of our windows.
    pub fn read(&self, text: &str) -> Result<()> {
        self.desktop.wait_for_text(TRAY, text)
    }

    /// Clicks something in one of our windows.
    pub fn click(&self, role: Role, name: &str) -> Result<()> {
        self.desktop.click_element(TRAY, role, name)
    }

    /// Clicks into the field of the prompt, as a person does who turns to it.
    pub fn click_field(&self) -> Result<()> {
        let field = self.desktop.until_settled("the field for the code", || {
            let windows = self.desktop.accessibility().windows(TRAY)?;
            let prompt = windows.iter().filter(|window| window.name == PROMPT);
            let mut elements = prompt.flat_map(Element::all);
            Ok(elements
                .find(|element| element.role == Role::Entry)
                .map(|field| field.place))
        })?;
        self.desktop.display().click(Button::Left, field.center())
    }

    /// Types into the window that has the keyboard.
    pub fn type_text(&self, text: &str) -> Result<()> {
        self.desktop.display().type_text(text)
    }

    /// Waits until there is no window of this title.
    pub fn wait_for_no_window(&self, title: &str) -> Result<()> {
        self.desktop
            .until(&format!("the end of the window `{title}`"), || {
                let windows = self.desktop.display().windows()?;
                Ok((!windows.iter().any(|window| window.title == title)).then_some(()))
            })
    }
}
