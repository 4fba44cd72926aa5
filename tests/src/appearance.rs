//! How the desktop in a box looks: the settings that its programs read when they start.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Light or dark, for every window of the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Appearance {
    /// Dark text on light ground.
    #[default]
    Light,
    /// Light text on dark ground.
    Dark,
}

/// The colour of the bare screen, `0xRRGGBB`.
pub(crate) const BACKGROUND: u32 = 0x3b_52_68;

/// Writes the settings of panel, windows and notifications, so that no first-run question is
/// asked and nothing fades or slides while a journey looks at it.
pub(crate) fn write_channels(config: &Path) -> Result<()> {
    let folder = config.join("xfce4/xfconf/xfce-perchannel-xml");
    fs::create_dir_all(&folder)
        .with_context(|| format!("failed to make `{}`", folder.display()))?;
    for (channel, xml) in [
        ("xfce4-panel", PANEL),
        ("xfwm4", WINDOWS),
        ("xfce4-notifyd", NOTIFICATIONS),
    ] {
        let path = folder.join(format!("{channel}.xml"));
        fs::write(&path, xml).with_context(|| format!("failed to write `{}`", path.display()))?;
    }
    Ok(())
}

/// The settings that `xsettingsd` hands to GTK programs.
pub(crate) fn settings(appearance: Appearance) -> String {
    let (theme, icons) = match appearance {
        Appearance::Light => ("Greybird", "elementary-xfce"),
        Appearance::Dark => ("Greybird-dark", "elementary-xfce-dark"),
    };
    format!(
        "Net/ThemeName \"{theme}\"\n\
         Net/IconThemeName \"{icons}\"\n\
         Net/EnableEventSounds 0\n\
         Gtk/FontName \"Inter 10\"\n\
         Gtk/EnableAnimations 0\n\
         Xft/Antialias 1\n\
         Xft/Hinting 1\n\
         Xft/HintStyle \"hintslight\"\n\
         Xft/RGBA \"none\"\n\
         Xft/DPI 98304\n"
    )
}

/// One panel along the top: open windows, the tray, the clock.
const PANEL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="30"/>
      <property name="icon-size" type="uint" value="22"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
        <value type="int" value="2"/>
        <value type="int" value="3"/>
        <value type="int" value="4"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="tasklist">
      <property name="flat-buttons" type="bool" value="true"/>
      <property name="show-handle" type="bool" value="false"/>
    </property>
    <property name="plugin-2" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-3" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
      <property name="icon-size" type="int" value="22"/>
    </property>
    <property name="plugin-4" type="string" value="clock">
      <property name="digital-layout" type="uint" value="3"/>
      <property name="digital-time-font" type="string" value="Inter 10"/>
    </property>
  </property>
</channel>
"#;

const WINDOWS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfwm4" version="1.0">
  <property name="general" type="empty">
    <property name="theme" type="string" value="Greybird"/>
    <property name="title_font" type="string" value="Inter Semi-Bold 10"/>
    <property name="use_compositing" type="bool" value="false"/>
    <property name="workspace_count" type="int" value="1"/>
  </property>
</channel>
"#;

const NOTIFICATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-notifyd" version="1.0">
  <property name="theme" type="string" value="Greybird"/>
  <property name="initial-opacity" type="double" value="1"/>
  <property name="do-fadeout" type="bool" value="false"/>
  <property name="do-slideout" type="bool" value="false"/>
</channel>
"#;
