//! An AWS in a box, for demos and tests: STS, Identity Center (OIDC and portal) and a list of S3 buckets on one
//! local port, strict where AWS is strict.
//!
//! The box is a double of AWS and not of any client: it knows nothing of Sandglass's other crates and shares no code
//! with an AWS SDK. It verifies signatures, session tokens and their ends, one-time codes and their reuse, polling
//! speed, the rotation of refresh tokens, and portal sessions that outlive a sign-in, and refuses in AWS's own codes,
//! texts, statuses and wire formats. The README shows its world and its control API.
//!
//! Inside, [`Sandbox`] has neither clock nor socket; [`serve`] hands it whole requests and the time.

mod caller;
mod clock;
mod control;
mod device_page;
mod fault;
mod identity_center;
mod journal;
mod markup;
mod mfa;
mod oidc;
mod operation;
mod portal;
mod random;
mod reply;
mod request;
mod s3;
mod sandbox;
mod server;
mod settings;
mod sigv4;
mod sts;
mod totp;
mod world;

pub use sandbox::Sandbox;
pub use server::serve;
pub use settings::Settings;
pub use world::{
    AccessKey, Account, Assignment, MfaDevice, PermissionSet, Portal, PortalUser, Role, User,
    World, WorldError,
};
