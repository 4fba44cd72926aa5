//! Why credentials failed, and what to do: the judgement, without a look at any machine.

pub mod chain;
pub mod diagnosis;
pub mod errors;
pub mod holder;
mod judge;
pub mod lifetime;
pub mod machine;
#[cfg(test)]
mod pages;
mod remedies;
#[cfg(test)]
mod tests;
mod ways;

pub use holder::Holder;
pub use judge::{ClockKeeping, Evidence, Repairable, TOLERATED_SKEW, judge};
