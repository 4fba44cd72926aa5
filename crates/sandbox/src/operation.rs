//! Which call a request is. One port serves everything, as one `AWS_ENDPOINT_URL` must be enough: Identity
//! Center's calls are known by their paths, those of S3 by the service that they were signed for, those of STS and IAM
//! by their version.

use axum::http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use crate::metadata;
use crate::query;
use crate::reply::Refusal;
use crate::request::Request;
use crate::sigv4;

/// The services in the box.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Service {
    /// The Security Token Service.
    Sts,
    /// Identity and Access Management.
    Iam,
    /// Identity Center's OIDC service, where tokens come from.
    Oidc,
    /// Identity Center's access portal, where role credentials come from.
    Portal,
    /// The Simple Storage Service, the victim of ended sessions.
    S3,
    /// Sign-In, where `aws login` gets its credentials.
    Signin,
    /// The console's federation endpoint.
    Federation,
    /// An instance's metadata service.
    Metadata,
    /// A task's container endpoint.
    Container,
}

/// The calls in the box, by AWS's names.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Operation {
    AssumeRole,
    AssumeRoleWithWebIdentity,
    GetCallerIdentity,
    GetFederationToken,
    GetSessionToken,
    GetRole,
    UpdateRole,
    RegisterClient,
    StartDeviceAuthorization,
    CreateToken,
    ListAccounts,
    ListAccountRoles,
    GetRoleCredentials,
    Logout,
    ListBuckets,
    CreateOAuth2Token,
    GetSigninToken,
    ConsoleLogin,
    GetMetadataToken,
    GetMetadataRole,
    GetMetadataCredentials,
    GetContainerCredentials,
}

impl Operation {
    pub(crate) fn service(self) -> Service {
        match self {
            Self::AssumeRole
            | Self::AssumeRoleWithWebIdentity
            | Self::GetCallerIdentity
            | Self::GetFederationToken
            | Self::GetSessionToken => Service::Sts,
            Self::GetRole | Self::UpdateRole => Service::Iam,
            Self::RegisterClient | Self::StartDeviceAuthorization | Self::CreateToken => {
                Service::Oidc
            }
            Self::ListAccounts
            | Self::ListAccountRoles
            | Self::GetRoleCredentials
            | Self::Logout => Service::Portal,
            Self::ListBuckets => Service::S3,
            Self::CreateOAuth2Token => Service::Signin,
            Self::GetSigninToken | Self::ConsoleLogin => Service::Federation,
            Self::GetMetadataToken | Self::GetMetadataRole | Self::GetMetadataCredentials => {
                Service::Metadata
            }
            Self::GetContainerCredentials => Service::Container,
        }
    }

    /// The call that a request makes, or the refusal of a service that has no such call.
    pub(crate) fn of(request: &Request) -> Result<Self, (Service, Refusal)> {
        let path = request.path.as_str();
        let (service, method, operation) = match path {
            "/client/register" => (Service::Oidc, Method::POST, Self::RegisterClient),
            "/device_authorization" => {
                (Service::Oidc, Method::POST, Self::StartDeviceAuthorization)
            }
            "/token" => (Service::Oidc, Method::POST, Self::CreateToken),
            "/assignment/accounts" => (Service::Portal, Method::GET, Self::ListAccounts),
            "/assignment/roles" => (Service::Portal, Method::GET, Self::ListAccountRoles),
            "/federation/credentials" => (Service::Portal, Method::GET, Self::GetRoleCredentials),
            "/v1/token" => (Service::Signin, Method::POST, Self::CreateOAuth2Token),
            "/federation" => {
                return federation_call(request).map_err(|refusal| (Service::Federation, refusal));
            }
            metadata::TOKEN_PATH => (Service::Metadata, Method::PUT, Self::GetMetadataToken),
            _ if path.starts_with("/latest/") => {
                return metadata_call(request).map_err(|refusal| (Service::Metadata, refusal));
            }
            _ if path.starts_with(metadata::TASK_PATH) => (
                Service::Container,
                Method::GET,
                Self::GetContainerCredentials,
            ),
            "/logout" => (Service::Portal, Method::POST, Self::Logout),
            _ if sigv4::service_of(request) == Some("s3") => {
                return bucket_call(request).map_err(|refusal| (Service::S3, refusal));
            }
            _ => return query::operation(request),
        };
        if request.method != method || request.query_parameters().get("aws_iam").is_some() {
            let unknown = Refusal::new(StatusCode::NOT_FOUND, "UnknownOperationException", "");
            return Err((service, unknown));
        }
        Ok(operation)
    }
}

fn metadata_call(request: &Request) -> Result<Operation, Refusal> {
    let rest = request.path.strip_prefix(metadata::CREDENTIALS_PATH);
    match (&request.method, rest) {
        (&Method::GET, Some("" | "/")) => Ok(Operation::GetMetadataRole),
        (&Method::GET, Some(rest)) if rest.starts_with('/') => {
            Ok(Operation::GetMetadataCredentials)
        }
        _ => Err(metadata::not_found()),
    }
}

fn federation_call(request: &Request) -> Result<Operation, Refusal> {
    match request.parameters().get("Action") {
        Some("getSigninToken") => Ok(Operation::GetSigninToken),
        Some("login") => Ok(Operation::ConsoleLogin),
        _ => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "BadRequest",
            "The Action is neither getSigninToken nor login.",
        )),
    }
}

fn bucket_call(request: &Request) -> Result<Operation, Refusal> {
    if request.path != "/" {
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "NoSuchBucket",
            "The specified bucket does not exist",
        ));
    }
    if request.method != Method::GET {
        return Err(Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
        ));
    }
    Ok(Operation::ListBuckets)
}
