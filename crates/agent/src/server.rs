//! The local socket: accepts callers of the same user, greets them, and passes their requests to the loop.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use interprocess::local_socket::ListenerOptions;
use interprocess::local_socket::tokio::{Listener, Stream};
use interprocess::local_socket::traits::tokio::Listener as _;
use sandglass_protocol::frame;
use sandglass_protocol::message::{Greeting, Hello, Reply, Request, VERSION};
use sandglass_protocol::place::Place;
use sandglass_protocol::{environment, peer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::input::{Caller, ConnectionId, Input};

/// A caller says who it is within this time, or is let go.
const PATIENCE_FOR_HELLO: Duration = Duration::from_secs(5);
/// A caller that reads nothing for this time is let go.
const PATIENCE_FOR_READER: Duration = Duration::from_secs(10);
/// Replies that a caller may leave unread before it is let go: nothing waits for one that never reads.
const MOST_UNREAD: usize = 256;
/// After `accept` failed, for want of file descriptors mostly, the next try waits this long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Opens the socket, for this user alone. The caller holds the lock, so that a file in its place is left over.
pub(crate) fn listen(place: &Place) -> io::Result<Listener> {
    // The name is never given back: by then a successor may have it, and the next holder of the lock clears it anyway.
    let options = ListenerOptions::new()
        .name(place.name()?)
        .reclaim_name(false);
    closed_to_others(options, place)?.create_tokio()
}

#[cfg(unix)]
fn closed_to_others<'n>(
    options: ListenerOptions<'n>,
    place: &Place,
) -> io::Result<ListenerOptions<'n>> {
    match std::fs::remove_file(place.socket()) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    #[cfg(target_os = "linux")]
    let options = {
        use interprocess::os::unix::local_socket::ListenerOptionsExt as _;
        options.mode(0o600)
    };
    // Elsewhere the mode of a socket cannot be set before it is bound: the folder is closed to others, and each caller's
    // uid is looked at.
    Ok(options)
}

#[cfg(windows)]
fn closed_to_others<'n>(
    options: ListenerOptions<'n>,
    _place: &Place,
) -> io::Result<ListenerOptions<'n>> {
    use interprocess::os::windows::local_socket::ListenerOptionsExt as _;
    use interprocess::os::windows::security_descriptor::SecurityDescriptor;
    // Full access for the owner of the pipe and for the system, nobody else; inherited entries are cut off.
    let access = widestring::u16cstr!("D:P(A;;GA;;;OW)(A;;GA;;;SY)");
    Ok(options.security_descriptor(SecurityDescriptor::deserialize(access)?))
}

/// Held by every conversation: the receiver ends once none is open any more.
type Open = mpsc::Sender<()>;

/// Accepts callers until the loop is gone.
pub(crate) async fn serve(
    listener: Listener,
    environment: BTreeMap<String, String>,
    inputs: mpsc::Sender<Input>,
    open: Open,
) {
    let environment = Arc::new(environment);
    while !inputs.is_closed() {
        match listener.accept().await {
            Ok(stream) => {
                let id = ConnectionId::next();
                let (environment, inputs) = (Arc::clone(&environment), inputs.clone());
                let open = open.clone();
                tokio::spawn(async move {
                    converse(id, stream, environment, inputs).await;
                    drop(open);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a caller could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn converse(
    id: ConnectionId,
    stream: Stream,
    environment: Arc<BTreeMap<String, String>>,
    inputs: mpsc::Sender<Input>,
) {
    if !peer::is_same_user(&stream) {
        tracing::warn!("a caller of another user was turned away");
        return;
    }
    let Some((caller, welcome)) = greet(&stream, &environment).await else {
        return;
    };
    let (replies, mut outbox) = mpsc::channel::<Reply>(MOST_UNREAD);
    let arrived = Input::Arrived {
        id,
        caller,
        replies,
    };
    if inputs.send(arrived).await.is_err() {
        return;
    }
    let reading = async {
        while let Ok(request) = read::<Request>(&mut &stream).await {
            if welcome == Welcome::OnlyToQuit && !matches!(request, Request::Quit) {
                break;
            }
            if inputs.send(Input::Asked { id, request }).await.is_err() {
                // The agent leaves: its last words must still be written.
                std::future::pending::<()>().await;
            }
        }
    };
    let writing = async {
        while let Some(reply) = outbox.recv().await {
            let written = tokio::time::timeout(PATIENCE_FOR_READER, write(&stream, &reply)).await;
            if !written.is_ok_and(|written| written.is_ok()) {
                break;
            }
        }
    };
    // Whichever ends first: the caller is gone, or the loop let it go.
    tokio::select! {
        () = reading => {}
        () = writing => {}
    }
    let _ = inputs.send(Input::Left(id)).await;
}

/// What a caller may ask for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Welcome {
    /// Anything.
    ToAll,
    /// It is of another version, or means other files: it may only ask this agent to make room.
    OnlyToQuit,
}

async fn greet(
    stream: &Stream,
    environment: &BTreeMap<String, String>,
) -> Option<(Caller, Welcome)> {
    let hello = async { read::<Hello>(&mut &*stream).await };
    let hello = tokio::time::timeout(PATIENCE_FOR_HELLO, hello);
    let hello = hello.await.ok()?.ok()?;
    let differences = environment::differences(environment, &hello.environment);
    let (greeting, welcome) = if hello.version != VERSION {
        (
            Greeting::OtherVersion { version: VERSION },
            Welcome::OnlyToQuit,
        )
    } else if !differences.is_empty() {
        (
            Greeting::OtherEnvironment { differences },
            Welcome::OnlyToQuit,
        )
    } else {
        let greeting = Greeting::Welcome {
            pid: std::process::id(),
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        (greeting, Welcome::ToAll)
    };
    write(stream, &greeting).await.ok()?;
    let caller = Caller {
        name: format!("{}, pid {}", hello.program, hello.pid),
    };
    Some((caller, welcome))
}

async fn read<M: serde::de::DeserializeOwned>(
    stream: &mut (impl AsyncRead + Unpin),
) -> Result<M, frame::Error> {
    let mut header = [0; frame::HEADER];
    stream.read_exact(&mut header).await?;
    let mut body = Zeroizing::new(vec![0; frame::body_length(header)?]);
    stream.read_exact(&mut body).await?;
    frame::decode(&body)
}

async fn write<M: serde::Serialize>(mut stream: &Stream, message: &M) -> Result<(), frame::Error> {
    stream.write_all(&frame::encode(message)?).await?;
    Ok(())
}
