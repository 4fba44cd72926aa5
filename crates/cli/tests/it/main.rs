//! The program as people and scripts call it, with an agent that says what the test tells it.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "what a test unwraps in vain is its failure"
)]

mod agent;
mod asking;
mod console;
mod lists;
mod refusals;
