//! What the doctor says of a case, through the real command and the real agent: files, an environment, programs and a text
//! on one side, the findings with what to do on the other.
#![cfg(target_os = "linux")]

mod case;
mod check;
mod errors_of_clients;
mod errors_of_services;
mod errors_of_sessions;
mod errors_of_sign_ins;
mod files;
mod orders;
mod orders_in_profiles;
mod pieces;
mod processes;
mod stops;
