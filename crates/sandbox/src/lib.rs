//! An AWS in a box, for demos and tests: STS, two calls of IAM, Identity Center (OIDC and portal) and a list of S3
//! buckets on one local port, strict where AWS is strict.
//!
//! The box is a double of AWS and not of any client: it knows nothing of Sandglass's other crates and shares no code
//! with an AWS SDK. It verifies signatures, session tokens and their ends, one-time codes and their reuse, polling
//! speed, the rotation of refresh tokens, and portal sessions that outlive a sign-in, and refuses in AWS's own codes,
//! texts, statuses and wire formats. The README shows its world and its control API.
//!
//! Inside, [`Sandbox`] has neither clock nor socket; [`serve`] hands it whole requests and the time.

mod caller;
mod clock;
mod constraint;
mod control;
mod device_page;
mod fault;
mod federation;
mod iam;
mod identity_center;
mod journal;
mod jwt;
mod markup;
mod metadata;
mod mfa;
mod oidc;
mod operation;
mod page;
mod policy;
mod portal;
mod query;
mod random;
mod reply;
mod request;
mod s3;
mod sandbox;
mod server;
mod settings;
mod signin;
mod sigv4;
mod sts;
mod totp;
mod web_identity;
mod wildcard;
mod world;

pub use sandbox::Sandbox;
pub use server::serve;
pub use settings::{HttpTokens, Settings};
pub use world::{
    AccessKey, Account, Action, Assignment, Console, Instance, MfaDevice, OidcProvider,
    PermissionSet, Portal, PortalUser, Role, Task, User, WebIdentityTrust, World, WorldError,
};
