//! Every error, by who gives it.

mod client;
mod service;
mod sign_in;
mod sts;

use super::Known;

/// Every error that is known.
pub static ALL: &[&[Known]] = &[
    service::ERRORS,
    sts::ERRORS,
    sign_in::ERRORS,
    client::ERRORS,
];
