//! Why credentials failed, and what to do: the judgement, without a look at any machine.

pub mod chain;
pub mod errors;
