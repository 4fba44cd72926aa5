//! Why credentials failed, and what to do: the judgement, without a look at any machine.

pub mod chain;
pub mod diagnosis;
pub mod errors;
mod judge;
pub mod lifetime;
pub mod machine;
#[cfg(test)]
mod pages;
mod remedies;
#[cfg(test)]
mod tests;
mod ways;

pub use judge::{ClockKeeping, Evidence, Holder, Repairable, TOLERATED_SKEW, judge};
