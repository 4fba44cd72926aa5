//! What the endpoint says over HTTP (AWS SDKs and Tools Reference Guide, container credential provider).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use sandglass_core::error::{RenewalError, Retry};
use sandglass_core::names::{AccountId, SessionId};
use sandglass_core::secret::Secret;
use sandglass_protocol::message::{Handover, Reply};
use serde::Serialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::grants::{GrantName, Grants, PATH};
use crate::input::{ConnectionId, Input};
use crate::tcp_peer;

/// The JavaScript SDK gives an endpoint one second for each try.
const PATIENCE: Duration = Duration::from_millis(700);
/// A connection that brings no new question for so long is let go, whether it says nothing or does not read.
pub(super) const SILENCE: Duration = Duration::from_secs(30);
/// Connections at a time: who comes later waits, and does not use up the file descriptors of the agent.
const AT_A_TIME: usize = 256;
/// After `accept` failed, for want of file descriptors mostly, the next try waits this long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// Session tokens have no limit that AWS tells; this is several times what they are (bytes).
const LONGEST_ANSWER: usize = 8 * 1024;
/// A request is one line and some headers (bytes).
const LONGEST_REQUEST: usize = 16 * 1024;

/// Serves for as long as the agent runs, and nobody longer than `silence` without a question ([`SILENCE`]).
pub(super) async fn serve(
    listener: TcpListener,
    grants: Arc<Grants>,
    inputs: mpsc::Sender<Input>,
    silence: Duration,
) {
    let Ok(address) = listener.local_addr() else {
        return;
    };
    let door = Arc::new(Door {
        host: address.to_string(),
        grants,
        inputs,
    });
    let turns = Arc::new(Semaphore::new(AT_A_TIME));
    // They are never closed.
    while let Ok(turn) = Arc::clone(&turns).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let door = Arc::clone(&door);
        tokio::spawn(async move {
            converse(stream, &door, silence).await;
            drop(turn);
        });
    }
}

struct Door {
    /// What the `Host` header says of a program that was sent here, and not lured by a name that leads here.
    host: String,
    grants: Arc<Grants>,
    inputs: mpsc::Sender<Input>,
}

async fn converse(stream: TcpStream, door: &Door, silence: Duration) {
    if tcp_peer::is_another_user(&stream) {
        tracing::warn!("a program of another user was turned away from the endpoint");
        return;
    }
    // Small answers, each waited for.
    let _ = stream.set_nodelay(true);
    let asked = &Notify::new();
    let answer = service_fn(|request: Request<Incoming>| async move {
        asked.notify_one();
        Ok::<_, Infallible>(door.answer(&request).await)
    });
    let connection = http1::Builder::new()
        // That would watch over those who do not send, and not over those who do not read.
        .header_read_timeout(None)
        .max_buf_size(LONGEST_REQUEST)
        .serve_connection(TokioIo::new(stream), answer);
    let silent = async { while timeout(silence, asked.notified()).await.is_ok() {} };
    tokio::select! {
        ended = connection => {
            if let Err(error) = ended {
                // Who does not speak HTTP, or leaves in the middle, gets nothing.
                tracing::debug!(%error, "a connection to the endpoint ended early");
            }
        }
        () = silent => tracing::debug!("a silent connection to the endpoint was let go"),
    }
}

impl Door {
    async fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        match self.credentials(request).await {
            Ok(handover) => credentials(&handover),
            Err(refusal) => refusal.response(),
        }
    }

    async fn credentials(&self, request: &Request<Incoming>) -> Result<Box<Handover>, Refusal> {
        let mut hosts = request.headers().get_all(HOST).into_iter();
        if (hosts.next().map(HeaderValue::as_bytes), hosts.next())
            != (Some(self.host.as_bytes()), None)
        {
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "WrongHost",
                format!("this endpoint is called {}", self.host),
            ));
        }
        if request.method() != Method::GET {
            return Err(Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "WrongMethod",
                "credentials are only to be had with GET",
            ));
        }
        let session = session_in(request.uri().path()).ok_or_else(|| {
            Refusal::new(
                StatusCode::NOT_FOUND,
                "NotFound",
                format!("credentials are below {PATH}"),
            )
        })?;
        let mut tokens = request.headers().get_all(AUTHORIZATION).into_iter();
        let (token, second) = (tokens.next(), tokens.next());
        let grant = match (token, second) {
            (Some(token), None) => self.grants.opened_by(token.as_bytes(), &session),
            (Some(_) | None, _) => None,
        };
        match grant {
            Some(grant) => self.ask(session, grant).await,
            None => Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "NotYours",
                "the token of this program does not open these credentials; it works for as long as the `sandglass \
                 exec` that started the program runs",
            )),
        }
    }

    /// Asks the loop, as a caller on the local socket does, and waits for it for a moment.
    async fn ask(&self, session: SessionId, grant: GrantName) -> Result<Box<Handover>, Refusal> {
        let id = ConnectionId::next();
        let (replies, mut outbox) = mpsc::channel(1);
        let asked = Input::EndpointAsked {
            id,
            session,
            grant,
            replies,
        };
        if self.inputs.send(asked).await.is_err() {
            return Err(Refusal::leaving());
        }
        let reply = timeout(PATIENCE, outbox.recv()).await;
        // What it waits for goes on without it.
        let _ = self.inputs.send(Input::Left(id)).await;
        match reply {
            Ok(Some(Reply::Credentials(handover))) => Ok(handover),
            Ok(Some(Reply::Failed(error))) => Err(Refusal::of(&error)),
            Ok(Some(_) | None) => Err(Refusal::leaving()),
            Err(_) => Err(Refusal::not_yet()),
        }
    }
}

fn session_in(path: &str) -> Option<SessionId> {
    let id = path.strip_prefix(PATH).filter(|id| !id.is_empty())?;
    let id = percent_decode_str(id).decode_utf8().ok()?;
    Some(SessionId::new(id))
}

/// The answer that botocore, the JavaScript and the Rust SDK agree on.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    /// botocore wants it to be there. Long-lived keys have none.
    token: &'a str,
    expiration: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
}

fn credentials(handover: &Handover) -> Response<Full<Bytes>> {
    let credentials = &handover.credentials;
    let Some(ends_at) = credentials.expires_at else {
        // All clients want an end and a token, and take keys without them for broken or for temporary.
        return Refusal::lasting(&handover.name).response();
    };
    let document = Document {
        access_key_id: &credentials.access_key_id,
        secret_access_key: credentials.secret_access_key.expose(),
        token: credentials
            .session_token
            .as_ref()
            .map_or("", Secret::expose),
        expiration: ends_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        account_id: handover.account.as_ref().map(AccountId::as_str),
    };
    json(StatusCode::OK, &document)
}

/// An answer without credentials. The SDKs read these fields in two spellings.
struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

#[derive(Serialize)]
struct RefusalDocument<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(rename = "Code")]
    code_too: &'a str,
    #[serde(rename = "Message")]
    message_too: &'a str,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// Clients try again what fails with a 5xx, and give up at a 4xx.
    fn of(error: &RenewalError) -> Self {
        let status = match error.retry() {
            Retry::Later => StatusCode::SERVICE_UNAVAILABLE,
            Retry::WithPerson | Retry::Never => StatusCode::BAD_REQUEST,
        };
        let message = format!("Sandglass: {}: {}", error.message, error.remedy);
        Self::new(status, "CredentialsNotAvailable", message)
    }

    fn not_yet() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Renewing",
            "Sandglass: the credentials are being renewed: look whether Sandglass asks you for something, then try again",
        )
    }

    fn leaving() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Leaving",
            "Sandglass: the agent leaves; try again",
        )
    }

    fn lasting(name: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "NoEnd",
            format!(
                "Sandglass: nothing says when the keys of `{name}` end, and an endpoint is for keys that do: run \
                 `sandglass exec --env {name}`"
            ),
        )
    }

    fn response(&self) -> Response<Full<Bytes>> {
        let document = RefusalDocument {
            code: self.code,
            message: &self.message,
            code_too: self.code,
            message_too: &self.message,
        };
        let mut response = json(self.status, &document);
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            let headers = response.headers_mut();
            headers.insert(ALLOW, HeaderValue::from_static("GET"));
        }
        response
    }
}

fn json(status: StatusCode, document: &impl Serialize) -> Response<Full<Bytes>> {
    // Room for all that is said here, so that no outgrown buffer is left behind unwiped.
    let mut body = Zeroizing::new(Vec::with_capacity(LONGEST_ANSWER));
    // Text fields alone: that is always valid JSON.
    let _ = serde_json::to_writer(&mut *body, document);
    let mut response = Response::new(Full::from(Bytes::from_owner(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
