//! The files under `~/.aws` and Sandglass's own: what they mean, and edits that change nothing else.
//!
//! Two things are kept apart: a lossless [`document`], in which every byte that was not meant stays, and its meaning
//! ([`config`]), by the merge rules that the AWS CLI and the SDKs have in common. Reading never fails as a whole:
//! what cannot be understood becomes a finding with file and line, and the rest is used. Every write goes through
//! [`mod@write`].

mod access;
pub mod agreement;
pub mod cache_file;
pub mod chains;
pub mod changes;
pub mod cli_cache;
pub mod config;
pub mod connect;
mod connected;
pub mod credential_settings;
pub mod credentials;
pub mod definitions;
pub mod document;
pub mod edit;
mod ends;
pub mod exec_files;
pub mod ids;
pub mod inventory;
pub mod ledger;
pub mod lengths;
pub mod lock;
pub mod login_cache;
pub mod moment;
mod own_process;
pub mod paths;
pub mod portal_session;
pub mod portals;
pub mod repairs;
pub mod section;
pub mod settings;
mod source;
mod sources;
pub mod sso_cache;
mod toml_file;
pub mod watch;
pub mod web_identity;
pub mod write;
