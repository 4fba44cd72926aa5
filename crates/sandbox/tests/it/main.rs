//! The box as its clients meet it: the real binary over a real socket, first by a small signer of the tests' own,
//! then by the real AWS CLI and boto3.

mod aws_cli;
mod boto3;
mod boxed;
mod client;
mod control;
mod device_page;
mod dpop;
mod faults;
mod federation;
mod http;
mod iam;
mod metadata;
mod oidc;
mod oidc_sessions;
mod portal;
mod program;
mod s3;
mod signer;
mod signin;
mod signin_page;
mod skew;
mod sts_assume_role;
mod sts_federation_token;
mod sts_mfa;
mod sts_session_token;
mod sts_signature;
mod sts_web_identity;
