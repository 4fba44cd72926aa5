//! The tour of `./dev demo` that plays itself: the real programs on a desktop in a box, with real clicks.
//!
//! Each step waits until what it tells truly happened; a step that does not happen ends the tour with an error.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use crate::accessibility::Role;
use crate::appearance::Appearance;
use crate::display::Rectangle;
use crate::every_kind::{FOREIGN, LEGACY_SIGN_IN};
use crate::machine::only_the_keys_changed;
use crate::pointer::{Button, Key};
use crate::sandglass::{PANEL, PROMPT, Sandglass};
use crate::screen::Picture;
use crate::wait::PATIENCE;

/// Seconds that the demo's MFA session lives: a notice goes out in the last quarter.
const SHORT_SESSION: u32 = 40;
/// Seconds that the demo's role lives: renewed silently in the last quarter.
const SHORT_ROLE: u32 = 24;
/// What the panel calls a portal that only a legacy profile names.
const LEGACY_PORTAL: &str = "sandglass.awsapps.com";
/// The page that explains errors.
const DOCTOR: &str = "Why did it expire?";
/// The button of the choice that signs out first.
const FRESH: &str = "Start a fresh session";
/// A silent renewal comes well within this time.
const UNTIL_SILENT_RENEWAL: Duration = Duration::from_mins(1);

/// Plays the tour and leaves numbered pictures in `folder`.
pub fn play(folder: &Path) -> Result<()> {
    let mut tour = Tour::begin(folder)?;
    tour.first_run()?;
    tour.every_kind()?;
    tour.sign_in()?;
    tour.foreign()?;
    tour.choice()?;
    tour.one_code_for_all()?;
    tour.notification()?;
    tour.code()?;
    tour.silence()?;
    tour.doctor()?;
    tour.menu_and_dark_panel()?;
    tour.step("that is all: every step truly happened", None)
}

struct Tour {
    sandglass: Sandglass,
    folder: PathBuf,
    started: Instant,
    pictures: u32,
    told: usize,
    /// Roles that were assumed because somebody asked for them.
    asked: usize,
}

impl Tour {
    fn begin(folder: &Path) -> Result<Self> {
        if folder.exists() {
            std::fs::remove_dir_all(folder)
                .with_context(|| format!("failed to empty `{}`", folder.display()))?;
        }
        std::fs::create_dir_all(folder.join("details"))?;
        let started = now();
        let mut sandglass = Sandglass::with_every_kind()?;
        let (machine, desktop) = (&sandglass.machine, &sandglass.desktop);
        machine.log_in_to_console(desktop.home())?;
        sandglass.start_tray()?;
        let mut tour = Self {
            sandglass,
            folder: folder.to_owned(),
            started,
            pictures: 0,
            told: 0,
            asked: 0,
        };
        tour.step(
            "a desktop with Sandglass in its tray, and an AWS in a box",
            Some("desktop"),
        )?;
        Ok(tour)
    }

    fn first_run(&mut self) -> Result<()> {
        let panel = self.sandglass.open_panel()?;
        self.sandglass
            .see(Role::Button, "Agree and keep them fresh")?;
        self.step(
            "a left click on the icon opens the panel: what was found, and what may be written",
            Some("first-run"),
        )?;
        self.detail("first-run", panel.content)?;
        self.sandglass
            .click(Role::Button, "Agree and keep them fresh")?;
        self.step("agreed, with one click", None)
    }

    fn every_kind(&mut self) -> Result<()> {
        let (machine, desktop) = (&self.sandglass.machine, &self.sandglass.desktop);
        machine.define_every_kind()?;
        machine
            .cloud
            .set(&json!({ "session_token": SHORT_SESSION }))?;
        machine.sandglass_does(&["renew", "mfa", "--mfa-code", &machine.cloud.code()?])?;
        machine.cloud.set(&json!({}))?;
        machine.renew(&["audit", "pipeline", "visitor", "support", "vendor"])?;
        machine.leave_keys_behind(desktop.home(), FOREIGN)?;
        machine.cloud.set(&json!({ "assumed_role": SHORT_ROLE }))?;
        machine.renew(&["deploy"])?;
        machine.wait_for_state(&format!("foreign:{FOREIGN}"), "valid")?;
        self.asked = machine.cloud.count("AssumeRole", "ok")?;
        let panel = desktop.wait_for_window(PANEL)?.content;
        let kinds: BTreeSet<String> = machine
            .sessions()?
            .iter()
            .filter_map(|session| Some(session["kind"].as_str()?.replace('_', " ")))
            .collect();
        let kinds = Vec::from_iter(kinds).join(", ");
        self.sandglass.see(Role::Button, "Renew deploy")?;
        self.step(
            &format!("each kind of session, with its end and what renews it: {kinds}"),
            Some("every-kind"),
        )?;
        // From the search field to the list, which is longer than the window.
        self.sandglass.search("")?;
        let (display, desktop) = (self.sandglass.desktop.display(), &self.sandglass.desktop);
        let mut pages = Vec::new();
        for (keys, row) in [
            (&[Key::Down][..], "deploy"),
            (&[Key::PageDown, Key::PageDown], "dev"),
            (&[Key::End], "long-lived"),
        ] {
            for key in keys {
                display.press(*key)?;
            }
            self.sandglass.wait_for_row(row)?;
            pages.push(desktop.until_settled("the rows to rest", || {
                Ok(Some(Picture::of(display, panel)?))
            })?);
        }
        self.keep_detail("every-kind", &Picture::side_by_side(&pages)?)
    }

    fn sign_in(&mut self) -> Result<()> {
        self.sandglass.search("dev")?;
        self.sandglass.click(Role::Button, "Sign in dev")?;
        let (machine, desktop) = (&self.sandglass.machine, &self.sandglass.desktop);
        let prompt = desktop.wait_for_window(PROMPT)?;
        let code = desktop.until("a user code", || machine.cloud.waiting_user_code())?;
        self.sandglass.read(&code)?;
        let prompt = prompt.content;
        self.step(
            "Sign in shows the code to compare with the browser; no browser opened by itself",
            Some("sign-in"),
        )?;
        self.detail("sign-in", prompt)?;
        self.sandglass.click(Role::Button, "Open browser")?;
        self.sandglass.desktop.wait_for_page(&code)?;
        self.sandglass.desktop.wait_for_button_in_page("Approve")?;
        self.step(
            "a click opens the browser, where the same code stands",
            Some("browser"),
        )?;
        self.sandglass.desktop.click_in_page("Approve")?;
        self.sandglass.wait_for_no_window(PROMPT)?;
        self.sandglass.desktop.close_browser()?;
        self.sandglass
            .machine
            .wait_for_state("sso-role:dev", "valid")?;
        let arn = self.sandglass.machine.aws_cli_identity("dev")?;
        self.step(
            &format!("approved; the AWS CLI with profile `dev` is {arn}"),
            None,
        )
    }

    fn foreign(&mut self) -> Result<()> {
        self.sandglass.search(FOREIGN)?;
        self.sandglass
            .see(Role::Button, &format!("Check {FOREIGN}"))?;
        self.sandglass.open_first_row()?;
        self.sandglass.read("estimated")?;
        self.sandglass
            .click(Role::Button, &format!("Check {FOREIGN}"))?;
        self.sandglass.read("AWS accepted it")?;
        let panel = self.sandglass.desktop.wait_for_window(PANEL)?.content;
        self.step(
            "keys that another program left: their end was estimated, until a click asked AWS",
            Some("check"),
        )?;
        self.detail("check", panel)
    }

    fn choice(&mut self) -> Result<()> {
        let (machine, desktop) = (&self.sandglass.machine, &self.sandglass.desktop);
        machine.aws_cli_signs_in(desktop.home(), "classic")?;
        machine.wait_for_state(LEGACY_SIGN_IN, "valid")?;
        self.sandglass.search(LEGACY_PORTAL)?;
        self.sandglass
            .click(Role::Button, &format!("Sign in {LEGACY_PORTAL}"))?;
        let prompt = self.sandglass.desktop.wait_for_window(PROMPT)?.content;
        self.sandglass.see(Role::Button, FRESH)?;
        self.step(
            "the AWS CLI signed in; another sign-in would end with that one, so the person chooses",
            Some("choice"),
        )?;
        self.detail("choice", prompt)?;
        self.sandglass.click(Role::Button, FRESH)?;
        let (machine, desktop) = (&self.sandglass.machine, &self.sandglass.desktop);
        let code = desktop.until("a user code", || machine.cloud.waiting_user_code())?;
        self.sandglass.read(&code)?;
        self.sandglass.machine.cloud.approve(&code)?;
        self.sandglass.wait_for_no_window(PROMPT)?;
        self.sandglass.search("")?;
        self.step("signed out, then in: an end of its own", None)
    }

    fn one_code_for_all(&mut self) -> Result<()> {
        let (machine, desktop) = (&self.sandglass.machine, &self.sandglass.desktop);
        let before = machine.cloud.count("GetSessionToken", "ok")?;
        let programs = ["prod-admin", "prod-billing"].map(|profile| {
            let mut command = machine.program("sandglass")?;
            command.args(["renew", profile]).stdin(Stdio::null());
            desktop.launch(profile, &mut command)
        });
        let prompt = desktop.wait_for_window(PROMPT)?.content;
        for profile in ["prod-admin", "prod-billing"] {
            machine.wait_for_state(&format!("role:{profile}"), "waiting_for_you")?;
        }
        self.sandglass.read("prod-billing")?;
        self.sandglass.click_field()?;
        self.step(
            "two programs ask for two roles behind one device: one prompt, which says so",
            Some("one-code"),
        )?;
        self.detail("one-code", prompt)?;
        self.sandglass
            .type_text(&self.sandglass.machine.cloud.code()?)?;
        for program in programs {
            let mut asker = program?;
            self.asked += 1;
            if !asker.wait(PATIENCE)?.success() {
                bail!("a program was not served: {}", asker.said());
            }
        }
        self.sandglass.wait_for_no_window(PROMPT)?;
        let opened = self
            .sandglass
            .machine
            .cloud
            .count("GetSessionToken", "ok")?;
        self.step(
            &format!(
                "one code, {} GetSessionToken, and both roles",
                opened - before
            ),
            None,
        )
    }

    fn notification(&mut self) -> Result<()> {
        let desktop = &self.sandglass.desktop;
        let life = Duration::from_secs(SHORT_SESSION.into());
        desktop.until_within(life, "the session to near its end", || {
            let mut shown = desktop.notifications()?.into_iter();
            Ok(shown
                .any(|notice| notice.title.contains("mfa"))
                .then_some(()))
        })?;
        let notice = desktop.wait_for_notification("mfa")?;
        let icon = self.sandglass.desktop.tray_icon_place()?;
        self.step(
            &format!("the icon changes and a notification says: {}", notice.title),
            Some("notification"),
        )?;
        self.detail("notification", notice.place)?;
        self.detail("tray", around(icon))
    }

    fn code(&mut self) -> Result<()> {
        let before = self.sandglass.desktop.home().read_aws("credentials")?;
        self.sandglass
            .machine
            .cloud
            .set(&json!({ "assumed_role": SHORT_ROLE }))?;
        self.sandglass.desktop.click_notification("mfa", "Renew")?;
        let prompt = self.sandglass.desktop.wait_for_window(PROMPT)?;
        self.sandglass.click_field()?;
        self.step(
            "a click on Renew asks for the code of the device",
            Some("code"),
        )?;
        self.detail("code", prompt.content)?;
        self.sandglass.type_text("000000")?;
        self.sandglass.read("invalid MFA one time pass code")?;
        self.step(
            "a wrong code: AWS's answer in place, the field ready again",
            Some("wrong-code"),
        )?;
        self.sandglass
            .type_text(&self.sandglass.machine.cloud.code()?)?;
        self.sandglass.wait_for_no_window(PROMPT)?;
        let done = self
            .sandglass
            .desktop
            .wait_for_notification("renewed until")?;
        self.step(&format!("the right one: {}", done.title), Some("renewed"))?;
        only_the_keys_changed(
            &before,
            &self.sandglass.desktop.home().read_aws("credentials")?,
        )?;
        let arn = self.sandglass.machine.aws_cli_identity("mfa")?;
        self.step(
            &format!("three keys changed in ~/.aws/credentials and no other byte; the AWS CLI with profile `mfa` is {arn}"),
            None,
        )
    }

    fn silence(&mut self) -> Result<()> {
        let (machine, desktop) = (&self.sandglass.machine, &self.sandglass.desktop);
        let times = desktop.until_within(UNTIL_SILENT_RENEWAL, "a silent renewal", || {
            let assumed = machine.cloud.count("AssumeRole", "ok")?;
            Ok(Some(assumed - self.asked).filter(|times| *times > 0))
        })?;
        let times = match times {
            1 => "a role was renewed".to_owned(),
            times => format!("roles were renewed {times} times"),
        };
        self.step(&format!("meanwhile {times}, without a word"), None)
    }

    fn doctor(&mut self) -> Result<()> {
        let panel = self.sandglass.desktop.wait_for_window(PANEL)?.content;
        self.sandglass.search("deploy")?;
        self.sandglass.open_first_row()?;
        self.sandglass.click(Role::Button, "Look into it deploy")?;
        self.sandglass.see(Role::Heading, DOCTOR)?;
        self.sandglass.type_into(
            "Paste the error or the log, if you have it",
            "An error occurred (ExpiredToken) when calling the ListBuckets operation",
        )?;
        self.sandglass.click(Role::Button, "Look")?;
        self.sandglass
            .read("AWS does not accept the credentials any more")?;
        self.step(
            "an error that somebody saw: what it means, and what to do about it, with a click",
            Some("doctor"),
        )?;
        self.detail("doctor", panel)?;
        self.sandglass.click(Role::Button, "Back")?;
        self.sandglass.search("")
    }

    fn menu_and_dark_panel(&mut self) -> Result<()> {
        let desktop = &self.sandglass.desktop;
        let panel = desktop.wait_for_window(PANEL)?;
        desktop.click_tray_icon(Button::Right)?;
        let menu = desktop.until_settled("the menu", || {
            Ok(desktop.display().menus()?.first().copied())
        })?;
        self.step("a right click opens the menu", Some("menu"))?;
        self.detail("menu", menu)?;
        let desktop = &self.sandglass.desktop;
        desktop.display().press(Key::Escape)?;
        desktop.wait_for_menus(0)?;
        self.detail("panel", panel.content)?;
        let light = Picture::of(self.sandglass.desktop.display(), panel.content)?;
        self.sandglass.desktop.set_appearance(Appearance::Dark)?;
        let desktop = &self.sandglass.desktop;
        desktop.until_settled("the dark panel", || {
            let seen = Picture::of(desktop.display(), panel.content)?;
            Ok((seen != light).then_some(()))
        })?;
        self.step("the panel follows the system into the dark", Some("dark"))?;
        self.detail("panel-dark", panel.content)
    }

    /// Tells a step with its time, what AWS answered since the one before, and takes a picture.
    #[expect(clippy::print_stdout, reason = "this is what the demo is for")]
    fn step(&mut self, what: &str, picture: Option<&str>) -> Result<()> {
        let seconds = now().duration_since(self.started).as_secs_f32();
        println!("[{seconds:5.1} s] {what}");
        let journal = self.sandglass.machine.cloud.journal()?;
        for answered in journal.get(self.told..).unwrap_or_default() {
            // A sign-in that waits asks every second.
            if answered.outcome != "AuthorizationPendingException"
                && answered.outcome != "authorization_pending"
            {
                println!(
                    "           AWS: {} {}",
                    answered.operation, answered.outcome
                );
            }
        }
        self.told = journal.len();
        let Some(name) = picture else {
            return Ok(());
        };
        self.pictures += 1;
        let taken = self.sandglass.desktop.picture()?;
        if taken.is_blank() {
            bail!("the screen is blank");
        }
        let file = self.folder.join(format!("{:02}-{name}.png", self.pictures));
        taken.save(&file)?;
        println!("           {}", file.display());
        Ok(())
    }

    /// A picture of a part of the screen, for the README.
    fn detail(&self, name: &str, part: Rectangle) -> Result<()> {
        let picture = Picture::of(self.sandglass.desktop.display(), part)?;
        self.keep_detail(name, &picture)
    }

    fn keep_detail(&self, name: &str, picture: &Picture) -> Result<()> {
        picture.save(&self.folder.join("details").join(format!("{name}.png")))
    }
}

/// The icon with some of the panel that it lies in.
fn around(icon: Rectangle) -> Rectangle {
    const AROUND: i32 = 120;
    Rectangle {
        x: icon.x - AROUND,
        y: 0,
        width: icon.width + 2 * AROUND,
        height: icon.y + icon.height + 4,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the tour tells how long each step took"
)]
fn now() -> Instant {
    Instant::now()
}
