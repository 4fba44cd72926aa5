//! The box as its clients meet it: the real binary over a real socket, first by a small signer of the tests' own,
//! then by the real AWS CLI and boto3.

mod aws_cli;
mod boto3;
mod boxed;
mod client;
mod control;
mod device_page;
mod faults;
mod http;
mod oidc;
mod oidc_sessions;
mod portal;
mod program;
mod s3;
mod signer;
mod sts_assume_role;
mod sts_mfa;
mod sts_session_token;
mod sts_signature;
