//! What faces and askers say to the agent, and the client that says it.
//!
//! A connection starts with [`message::Hello`] and [`message::Greeting`]; then the client sends
//! [`message::Request`]s and the agent [`message::Reply`]s, each one frame of JSON ([`frame`]). Trays keep their
//! connection and are sent views; other callers wait for the one reply that ends their request.

pub mod client;
pub mod environment;
pub mod frame;
pub mod message;
pub mod peer;
pub mod place;
mod wire_code;
mod wire_credentials;
