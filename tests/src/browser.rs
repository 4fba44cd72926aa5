//! The person's browser: WebKit's own small one, which comes with the library that the tray app needs anyway.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::accessibility::Role;
use crate::desktop::Desktop;
use crate::home::Home;
use crate::pointer::Key;

/// The name by which a screen reader knows it.
const PROGRAM: &str = "MiniBrowser";

/// Makes it the browser that programs of this home open pages with, and tells the folder to put first into their search
/// path.
pub fn install(home: &Home) -> Result<PathBuf> {
    let program = fs::read_dir("/usr/lib")
        .context("failed to look into `/usr/lib`")?
        .filter_map(|entry| Some(entry.ok()?.path().join("webkit2gtk-4.1").join(PROGRAM)))
        .find(|program| program.is_file())
        .context("there is no browser (package `libwebkit2gtk-4.1-0`)")?;
    let folder = home.path().join("bin");
    fs::create_dir_all(&folder)?;
    let opener = folder.join("xdg-open");
    fs::write(
        &opener,
        format!("#!/bin/sh\nexec '{}' \"$1\"\n", program.display()),
    )?;
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755))?;
    Ok(folder)
}

impl Desktop {
    /// Waits until the browser shows this text.
    pub fn wait_for_page(&self, text: &str) -> Result<()> {
        self.wait_for_text(PROGRAM, text)
    }

    /// Waits until the page in the browser has a button and has come to rest.
    pub fn wait_for_button_in_page(&self, button: &str) -> Result<()> {
        self.wait_for_element(PROGRAM, Role::Button, button)?;
        self.until_settled("the page to be drawn", || Ok(Some(self.picture()?)))?;
        Ok(())
    }

    /// Closes the browser with its keyboard shortcut; it has the keyboard.
    pub fn close_browser(&self) -> Result<()> {
        self.display().press(Key::Control('w'))?;
        self.until("the end of the browser", || {
            Ok(self
                .accessibility()
                .windows(PROGRAM)?
                .is_empty()
                .then_some(()))
        })
    }

    /// Clicks a button of the page in the browser.
    pub fn click_in_page(&self, button: &str) -> Result<()> {
        self.click_element(PROGRAM, Role::Button, button)
    }
}
