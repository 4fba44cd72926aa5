//! A desktop in a box for the journeys of the real programs.
//!
//! A journey starts with a [`Home`](home::Home), the throw-away home folder of one person, and a
//! [`Desktop`](desktop::Desktop) for that person: an X server, a session bus, a window manager, a
//! panel with a tray, a notification service and an unlocked keychain. The programs under test
//! run there as they would anywhere; a journey sees what a person sees (pixels, windows, and the
//! accessibility tree that a screen reader uses) and acts with a real pointer and real keys.
//!
//! Nothing waits by the clock: [`wait::until`] asks for a condition until a deadline, and says
//! what it waited for when it gives up.
//!
//! Everything here is made of Linux programs; on other systems the crate is empty.
#![cfg(target_os = "linux")]

pub mod accessibility;
mod appearance;
pub mod browser;
pub mod clients;
pub mod clock;
pub mod cloud;
pub mod desktop;
pub mod display;
pub mod every_kind;
mod foundation;
pub mod generous;
pub mod home;
pub mod logind;
pub mod machine;
pub mod notifications;
pub mod playground;
pub mod pointer;
pub mod programs;
pub mod sandglass;
pub mod screen;
pub mod tour;
pub mod tray;
pub mod wait;
pub mod webdriver;
