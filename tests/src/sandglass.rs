//! Sandglass on a desktop, as a person has it before them.

use anyhow::{Context as _, Result};

use crate::accessibility::{Element, Role};
use crate::browser;
use crate::desktop::Desktop;
use crate::display::Window;
use crate::home::Home;
use crate::machine::Machine;
use crate::pointer::{Button, Key};
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

    /// The same, where user `dev` may ask IAM and change roles.
    pub fn with_iam() -> Result<Self> {
        let desktop = Desktop::start(Home::new()?)?;
        let machine = Machine::with_iam(desktop.home(), desktop.environment())?;
        Self::with(desktop, machine)
    }

    /// The same on a desktop that may lack something.
    pub fn on(desktop: Desktop) -> Result<Self> {
        let machine = Machine::new(desktop.home(), desktop.environment())?;
        Self::with(desktop, machine)
    }

    /// A whole desktop on a machine that has a session of each kind.
    pub fn with_every_kind() -> Result<Self> {
        let desktop = Desktop::start(Home::new()?)?;
        let machine = Machine::with_every_kind(desktop.home(), desktop.environment())?;
        Self::with(desktop, machine)
    }

    fn with(desktop: Desktop, mut machine: Machine) -> Result<Self> {
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

    /// Searches the panel: only rows with this text are shown, all of them for an empty one.
    pub fn search(&self, text: &str) -> Result<()> {
        self.click_field_of(PANEL)?;
        let display = self.desktop.display();
        display.press(Key::Control('a'))?;
        display.press(Key::Backspace)?;
        self.type_text(text)?;
        self.desktop.until("the search to be typed", || {
            let field = self.field_of(PANEL)?;
            Ok(field.filter(|field| field.text == text).map(drop))
        })
    }

    /// Waits until the panel's row of this session is in view.
    pub fn wait_for_row(&self, name: &str) -> Result<()> {
        let panel = self.desktop.wait_for_window(PANEL)?.content;
        let begins = format!("{name},");
        self.desktop.until(&format!("the row of `{name}`"), || {
            let windows = self.desktop.accessibility().windows(TRAY)?;
            let mut shown = windows.iter().flat_map(Element::all);
            let row = shown
                .find(|element| element.name.starts_with(&begins) && panel.contains(element.place));
            Ok(row.map(drop))
        })
    }

    /// Opens the details of the row at the top of the panel, with the keyboard, right after a search.
    pub fn open_first_row(&self) -> Result<()> {
        self.desktop.display().press(Key::Down)?;
        self.type_text(" ")
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
        self.click_field_of(PROMPT)
    }

    fn click_field_of(&self, title: &str) -> Result<()> {
        let what = format!("the field of `{title}`");
        let field = self.desktop.until_settled(&what, || self.field_of(title))?;
        let display = self.desktop.display();
        display.click(Button::Left, field.place.center())?;
        let window = self.desktop.wait_for_window(title)?;
        self.desktop
            .until(&format!("the keyboard to be with `{title}`"), || {
                Ok((display.active_window()? == Some(window.id)).then_some(()))
            })
    }

    fn field_of(&self, title: &str) -> Result<Option<Element>> {
        let windows = self.desktop.accessibility().windows(TRAY)?;
        let meant = windows.iter().filter(|window| window.name == title);
        let mut elements = meant.flat_map(Element::all);
        Ok(elements
            .find(|element| element.role == Role::Entry)
            .cloned())
    }

    /// Types into the field of this name.
    pub fn type_into(&self, name: &str, text: &str) -> Result<()> {
        self.click(Role::Entry, name)?;
        self.type_text(text)
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
