//! The engine and its views on a scripted clock: no clock is read, nothing sleeps.

mod askers;
mod clock;
mod codes;
mod failures;
mod files;
mod notices;
mod panel;
mod property;
mod renewing;
mod sign_ins;
mod status;
mod tray;
mod world;
