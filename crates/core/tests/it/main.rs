//! The engine and its views on a scripted clock: no clock is read, nothing sleeps.

mod askers;
mod checks;
mod clock;
mod codes;
mod failures;
mod files;
mod holders;
mod kinds;
mod notices;
mod panel;
mod portal_sessions;
mod property;
mod renewing;
mod serving;
mod shared;
mod sign_ins;
mod status;
mod time;
mod tray;
mod world;
