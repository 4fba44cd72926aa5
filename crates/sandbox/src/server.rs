//! The socket: whole requests in, dated answers out.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use jiff::Timestamp;
use tokio::net::TcpListener;

use crate::reply::Reply;
use crate::request::Request;
use crate::sandbox::Sandbox;
use crate::{clock, control, device_page, signin};

/// Nothing that is sent here is near that long.
const MAXIMUM_BODY_BYTES: usize = 1 << 20;

/// One call at a time has the box, and never while it waits for something.
type Shared = Arc<Mutex<Sandbox>>;

/// Serves a box on a socket until the task is dropped.
pub async fn serve(listener: TcpListener, sandbox: Sandbox) -> io::Result<()> {
    let shared: Shared = Arc::new(Mutex::new(sandbox));
    let router = Router::new().fallback(answer).with_state(shared);
    axum::serve(listener, router).await
}

/// What no fault hits and no journal tells.
type Page = fn(&mut Sandbox, &Request, Timestamp) -> Reply;

async fn answer(State(shared): State<Shared>, request: axum::extract::Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAXIMUM_BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let request = Request {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body: body.into(),
    };
    let page = match request.path.as_str() {
        device_page::PATH => Some(device_page::answer as Page),
        signin::AUTHORIZE => Some(signin::authorize as Page),
        signin::CONFIRMATION => Some(signin::confirm as Page),
        path if path.starts_with(control::PREFIX) => Some(control::answer as Page),
        _ => None,
    };
    if let Some(page) = page {
        let mut sandbox = lock(&shared);
        let now = sandbox.settings.aws_time(clock::now());
        return respond(page(&mut sandbox, &request, now), now);
    }
    let call = lock(&shared).admit(&request);
    tokio::time::sleep(call.weather.delay).await;
    let (now, skew) = (clock::now(), call.weather.skew);
    let mut sandbox = lock(&shared);
    let date = sandbox.settings.aws_time(now) + skew;
    let reply = sandbox.perform(&request, call, now);
    reply.map_or_else(hang_up, |reply| respond(reply, date))
}

fn lock(shared: &Shared) -> MutexGuard<'_, Sandbox> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn respond(reply: Reply, date: Timestamp) -> Response {
    let mut response = (reply.status, reply.body).into_response();
    let headers = response.headers_mut();
    let date = ("date", clock::http_date(date));
    for (name, value) in reply.headers.into_iter().chain([date]) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// A body that fails at its first byte: the server closes the connection before it has sent anything.
fn hang_up() -> Response {
    let broken = Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionReset));
    Response::new(Body::from_stream(stream::iter([broken])))
}
