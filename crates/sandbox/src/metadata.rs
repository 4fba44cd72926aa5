//! Where programs on AWS's own machines find their credentials: an instance's metadata service and a task's
//! container endpoint. Nobody signs anything there; what they ask for is a token in a header.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::caller::{Caller, Chaining, Keys, Mfa, TemporaryKey};
use crate::clock::iso;
use crate::journal::Trace;
use crate::random;
use crate::reply::{Refusal, Reply};
use crate::request::Request;
use crate::sandbox::Sandbox;
use crate::settings::{self, HttpTokens};
use crate::world::World;

/// Where the instance's token comes from.
pub(crate) const TOKEN_PATH: &str = "/latest/api/token";

/// Where the name of the instance's role stands, and below it its credentials.
pub(crate) const CREDENTIALS_PATH: &str = "/latest/meta-data/iam/security-credentials";

/// Where the task's credentials are, by its id.
pub(crate) const TASK_PATH: &str = "/v2/credentials/";

/// About what both services give.
const CREDENTIALS_SECONDS: i64 = 21_600;

/// New credentials appear at least so long before the old ones end, or half a life of shorter ones.
const OVERLAP: SignedDuration = SignedDuration::from_mins(5);

/// What the two services have given out.
#[derive(Default)]
pub(crate) struct Metadata {
    tokens: BTreeMap<String, Timestamp>,
    instance: Option<Issued>,
    task: Option<Issued>,
}

#[derive(Clone)]
struct Issued {
    role_arn: String,
    at: Timestamp,
    key: TemporaryKey,
}

/// Begins a session with the metadata service.
pub(crate) fn get_token(
    sandbox: &mut Sandbox,
    request: &Request,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    if request.header("x-forwarded-for").is_some() {
        return Err(refused(StatusCode::FORBIDDEN, "Forbidden"));
    }
    let seconds: i64 = request
        .header("x-aws-ec2-metadata-token-ttl-seconds")
        .and_then(|text| text.parse().ok())
        .filter(|seconds| (1..=21_600).contains(seconds))
        .ok_or_else(|| refused(StatusCode::BAD_REQUEST, "Bad Request"))?;
    let token = random::opaque();
    let ends = now + SignedDuration::from_secs(seconds);
    sandbox.metadata.tokens.insert(token.clone(), ends);
    Ok(plain(token).with("x-aws-ec2-metadata-token-ttl-seconds", seconds.to_string()))
}

/// Says what the instance's role is called.
pub(crate) fn get_role(
    sandbox: &Sandbox,
    request: &Request,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    check_token(sandbox, request, now)?;
    Ok(plain(instance_role(sandbox)?.name))
}

/// Hands out the credentials of the instance's role.
pub(crate) fn get_credentials(
    sandbox: &mut Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    check_token(sandbox, request, now)?;
    let role = instance_role(sandbox)?;
    let asked = request.path.rsplit('/').next();
    if asked != Some(role.name.as_str()) {
        return Err(not_found());
    }
    trace.parameter("RoleArn", Some(&role.arn));
    if !is_trusted(&sandbox.world, &role.arn, "ec2.amazonaws.com") {
        let name = role.name;
        let body = json!({
            "Code": "AssumeRoleUnauthorizedAccess",
            "Message": format!("EC2 cannot assume the role {name}. Please see documentation at https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc."),
            "LastUpdated": iso(now),
        });
        return Ok(plain(body.to_string()));
    }
    let issued = current(
        &mut sandbox.metadata.instance,
        &mut sandbox.keys,
        &role,
        sandbox.settings.instance_credentials,
        now,
    );
    trace.saw(&role.session().arn);
    let body = json!({
        "Code": "Success",
        "LastUpdated": iso(issued.at),
        "Type": "AWS-HMAC",
        "AccessKeyId": issued.key.id,
        "SecretAccessKey": issued.key.secret,
        "Token": issued.key.token,
        "Expiration": iso(issued.key.ends),
    });
    Ok(plain(body.to_string()))
}

/// Hands out the credentials of the task's role.
pub(crate) fn get_task_credentials(
    sandbox: &mut Sandbox,
    request: &Request,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let unknown = || {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            "InvalidIdInRequest",
            "CredentialsV2Request: ID not found",
        )
    };
    let task = sandbox.world.task.as_ref().ok_or_else(unknown)?;
    if request.path.strip_prefix(TASK_PATH) != Some(task.id.as_str()) {
        return Err(unknown());
    }
    // As it came: nobody adds `Bearer` to it, and nobody trims it.
    let token = request.headers.get("authorization");
    if token.map(axum::http::HeaderValue::as_bytes) != Some(task.authorization_token.as_bytes()) {
        return Err(Refusal::new(
            StatusCode::UNAUTHORIZED,
            "AccessDenied",
            "The authorization token is missing or wrong",
        ));
    }
    let role = AttachedRole::new(&task.account, &task.role, &task.id);
    trace.parameter("RoleArn", Some(&role.arn));
    if !is_trusted(&sandbox.world, &role.arn, "ecs-tasks.amazonaws.com") {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "AccessDenied",
            format!("ECS cannot assume the role {}", role.arn),
        ));
    }
    let issued = current(
        &mut sandbox.metadata.task,
        &mut sandbox.keys,
        &role,
        sandbox.settings.task_credentials,
        now,
    );
    trace.saw(&role.session().arn);
    let body = json!({
        "RoleArn": role.arn,
        "AccessKeyId": issued.key.id,
        "SecretAccessKey": issued.key.secret,
        "Token": issued.key.token,
        "Expiration": iso(issued.key.ends),
    });
    Ok(Reply::json(StatusCode::OK, &body))
}

/// What the metadata service says where there is nothing.
pub(crate) fn not_found() -> Refusal {
    refused(StatusCode::NOT_FOUND, "Not Found")
}

/// A role and the machine or task that it is attached to, which names its session.
struct AttachedRole {
    name: String,
    arn: String,
    session_name: String,
}

impl AttachedRole {
    fn new(account: &str, name: &str, session_name: &str) -> Self {
        Self {
            name: name.to_owned(),
            arn: format!("arn:aws:iam::{account}:role/{name}"),
            session_name: session_name.to_owned(),
        }
    }

    fn session(&self) -> Caller {
        Caller::of_role(&self.arn, &self.session_name, Mfa::Absent, Chaining::Direct)
    }
}

fn instance_role(sandbox: &Sandbox) -> Result<AttachedRole, Refusal> {
    let instance = sandbox.world.instance.as_ref().ok_or_else(not_found)?;
    let attached = sandbox.settings.instance_role.as_ref();
    let name = attached.unwrap_or(&instance.role);
    Ok(AttachedRole::new(&instance.account, name, &instance.id))
}

fn check_token(sandbox: &Sandbox, request: &Request, now: Timestamp) -> Result<(), Refusal> {
    let lives = |token: &str| {
        let ends = sandbox.metadata.tokens.get(token);
        ends.is_some_and(|ends| now < *ends)
    };
    let may = match request.header("x-aws-ec2-metadata-token") {
        Some(token) => lives(token),
        None => match sandbox.settings.http_tokens {
            HttpTokens::Required => false,
            HttpTokens::Optional => true,
        },
    };
    if may {
        return Ok(());
    }
    Err(refused(StatusCode::UNAUTHORIZED, "Unauthorized"))
}

fn is_trusted(world: &World, role_arn: &str, service: &str) -> bool {
    world
        .role(role_arn)
        .is_some_and(|(_, role)| role.trusts.iter().any(|principal| principal == service))
}

/// The credentials that everybody gets now: those of before, until their end is near.
fn current(
    slot: &mut Option<Issued>,
    keys: &mut Keys,
    role: &AttachedRole,
    setting: Option<u32>,
    now: Timestamp,
) -> Issued {
    let fresh = slot.take().filter(|issued| {
        let overlap = OVERLAP.min(issued.key.ends.duration_since(issued.at) / 2);
        issued.role_arn == role.arn && now < issued.key.ends - overlap
    });
    let issued = fresh.unwrap_or_else(|| {
        let ends = settings::end(setting, CREDENTIALS_SECONDS, now);
        Issued {
            role_arn: role.arn.clone(),
            at: now,
            key: keys.issue(role.session(), ends, 0),
        }
    });
    slot.insert(issued).clone()
}

fn plain(text: String) -> Reply {
    Reply::new(StatusCode::OK, "text/plain", text)
}

fn refused(status: StatusCode, reason: &str) -> Refusal {
    Refusal::new(status, reason, reason)
}
