//! The engine of Sandglass: events in, effects out.
//!
//! Nothing here reads a clock, a file or a socket, and nothing here holds a secret. The agent feeds an
//! [`engine::Engine`] with [`event::Event`]s and the time, carries out the [`effect::Effect`]s, and shows the
//! [`views`].

#[cfg(test)]
mod bindings;
pub mod doctor;
pub mod effect;
pub mod engine;
pub mod error;
pub mod event;
pub mod findings;
pub mod lifetimes;
pub mod names;
pub mod prompt;
pub mod secret;
pub mod session;
pub mod settings;
pub mod status;
pub mod views;
