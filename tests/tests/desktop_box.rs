//! The desktop in a box does what the journeys rely on.
#![cfg(target_os = "linux")]
use anyhow::{Context as _, Result};
use sandglass_journeys::desktop::{Desktop, Part};
use sandglass_journeys::home::Home;
use sandglass_journeys::pointer::Button;
use sandglass_journeys::programs::Program;
use sandglass_journeys::wait::PATIENCE;

#[test]
fn a_click_on_a_button_of_a_notification_reaches_the_program_that_sent_it() -> Result<()> {
    let desktop = Desktop::start(Home::new()?)?;
    let mut command = desktop.environment().command("notify-send");
    command.args([
        "--action=renew=Renew",
        "--action=snooze=Snooze",
        "--expire-time=0",
    ]);
    let mut sender = desktop.launch(
        "notify-send",
        command.args([
            "prod-admin ends in 10 min",
            "Admin in 123456789012, at 14:32.",
        ]),
    )?;
    let shown = desktop.wait_for_notification("prod-admin")?;
    assert_eq!(shown.body, "Admin in 123456789012, at 14:32.");
    assert!(desktop.display().screen().contains(shown.place));
    desktop.click_notification("prod-admin", "Renew")?;
    assert!(sender.wait(PATIENCE)?.success());
    assert_eq!(sender.said().trim(), "renew");
    desktop
        .wait_for_withdrawal("prod-admin")
        .context("it was clicked")
}

#[test]
fn a_tray_icon_is_seen_clicked_chosen_from_and_comes_back_with_the_panel() -> Result<()> {
    let mut desktop = Desktop::start(Home::new()?)?;
    let mut command = desktop
        .environment()
        .command(env!("CARGO_BIN_EXE_box-tray-item"));
    let program = desktop.launch("tray-item", &mut command)?;

    let item = desktop.wait_for_tray_item("the icon", "box", |_| true)?;
    assert_eq!(item.tooltip, "prod ends in 12 min");
    assert_eq!(item.icons.len(), 1);

    let center = desktop.tray_icon_place()?.center();
    desktop.until("its colour on the panel", || {
        Ok((desktop.picture()?.colour(center) == Some([200, 30, 30])).then_some(()))
    })?;
    desktop.click_tray_icon(Button::Left)?;
    desktop.until("the click", || {
        Ok(program.said().contains("activated").then_some(()))
    })?;
    desktop.choose_from_tray_menu(&["prod", "Copy"])?;
    desktop.until("the choice", || {
        Ok(program.said().contains("chosen Copy").then_some(()))
    })?;
    desktop.choose_from_tray_menu(&["Quit"])?;
    desktop.until("the choice", || {
        Ok(program.said().contains("chosen Quit").then_some(()))
    })?;

    desktop.end(Part::Panel)?;
    desktop.begin(Part::Panel)?;
    desktop.wait_for_tray_item("the icon on the new panel", "box", |_| true)?;
    desktop.click_tray_icon(Button::Left)?;
    desktop.until("the click on the new panel", || {
        Ok((program.said().matches("activated").count() == 2).then_some(()))
    })
}

#[test]
fn the_keychain_keeps_a_secret() -> Result<()> {
    let desktop = Desktop::start_with(Home::new()?, &[Part::Keychain])?;
    let mut store = desktop.environment().command("secret-tool");
    store.args(["store", "--label=a device", "app", "box"]);
    let mut store = Program::start_with_input(
        "store",
        &mut store,
        b"arn:aws:iam::123456789012:mfa/me",
        &desktop.home().logs(),
    )?;
    assert!(store.wait(PATIENCE)?.success());
    let mut lookup = desktop.environment().command("secret-tool");
    let found = lookup.args(["lookup", "app", "box"]).output()?;
    assert_eq!(
        String::from_utf8(found.stdout)?,
        "arn:aws:iam::123456789012:mfa/me"
    );
    Ok(())
}

#[test]
fn a_part_that_was_left_out_is_missing_until_it_begins() -> Result<()> {
    let mut desktop = Desktop::start_with(Home::new()?, &[])?;
    let names = [
        "org.kde.StatusNotifierWatcher",
        "org.freedesktop.Notifications",
        "org.freedesktop.secrets",
    ];
    for name in names {
        assert!(!desktop.has_owner(name)?, "{name}");
    }
    let refused = desktop
        .environment()
        .command("notify-send")
        .arg("hello")
        .output()?;
    assert!(!refused.status.success());
    desktop.begin(Part::Notifications)?;
    let mut shown = desktop.environment().command("notify-send");
    assert!(shown.arg("hello").status()?.success());
    desktop.wait_for_notification("hello")?;
    desktop.end(Part::Notifications)
}

#[test]
fn a_picture_shows_the_panel_and_is_kept_as_png() -> Result<()> {
    let desktop = Desktop::start(Home::new()?)?;
    let picture = desktop.picture()?;
    assert_eq!(picture.size(), (1280, 800));
    assert!(!picture.is_blank());
    let path = desktop.home().path().join("pictures/screen.png");
    picture.save(&path)?;
    let reader =
        png::Decoder::new(std::io::BufReader::new(std::fs::File::open(path)?)).read_info()?;
    assert_eq!((reader.info().width, reader.info().height), (1280, 800));
    Ok(())
}

#[test]
fn a_wait_in_vain_leaves_a_picture_and_the_last_words_of_the_programs() -> Result<()> {
    let desktop = Desktop::start_with(Home::new()?, &[])?;
    let mut echo = desktop.environment().command("echo");
    desktop
        .launch("echo", echo.arg("my last words"))?
        .wait(PATIENCE)?;
    let error = desktop
        .until_within::<()>(std::time::Duration::ZERO, "a miracle", || Ok(None))
        .expect_err("no miracle");
    let text = format!("{error:#}");
    assert!(text.contains("in vain for a miracle"), "{text}");
    assert!(text.contains("my last words"), "{text}");
    let picture = text
        .lines()
        .find_map(|line| line.strip_prefix("picture: "))
        .context("a path")?;
    std::fs::remove_file(picture).context("the picture is there")
}
