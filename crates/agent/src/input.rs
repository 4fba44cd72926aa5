//! All that reaches the loop, from its named sources.

use std::sync::atomic::{AtomicU64, Ordering};

use sandglass_core::error::RenewalError;
use sandglass_core::event::Event;
use sandglass_core::names::SessionId;
use sandglass_protocol::message::{Endpoint, Reply, Request};
use tokio::sync::mpsc;

use crate::agent::Seen;
use crate::endpoint::GrantName;
use crate::files::WhatIsThere;
use crate::issue::Looked;

/// Identifies a connection for as long as the agent runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ConnectionId(pub(crate) u64);

impl ConnectionId {
    /// One that was never given before.
    pub(crate) fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

/// Who is at the other end of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// `terraform, pid 4242`.
    pub(crate) name: String,
}

/// Something for the loop.
pub(crate) enum Input {
    /// The socket: somebody connected and was greeted.
    Arrived {
        /// Names the connection from here on.
        id: ConnectionId,
        /// Who.
        caller: Caller,
        /// Where replies go.
        replies: mpsc::Sender<Reply>,
    },
    /// The socket: a request.
    Asked {
        /// Whose.
        id: ConnectionId,
        /// What.
        request: Request,
    },
    /// The socket or the endpoint: a connection ended.
    Left(ConnectionId),
    /// The endpoint: a program that may have them asks for the credentials of a session.
    EndpointAsked {
        /// Names the question from here on.
        id: ConnectionId,
        /// Whose credentials.
        session: SessionId,
        /// What lets it ask.
        grant: GrantName,
        /// Where the answer goes.
        replies: mpsc::Sender<Reply>,
    },
    /// The endpoint that a caller wants is open, or cannot be.
    EndpointOpened {
        /// Whose request.
        id: ConnectionId,
        /// What was opened.
        opened: Result<(GrantName, Endpoint), RenewalError>,
    },
    /// The credentials of a session that programs wait for.
    LookedUp {
        /// Whose.
        session: SessionId,
        /// What was found.
        result: Result<Looked, RenewalError>,
    },
    /// Programs were looked at.
    HoldersSeen(Seen),
    /// The watcher: a file that matters may have changed.
    FilesChanged,
    /// The reader of files is done.
    FilesRead(WhatIsThere),
    /// The reader of files failed in a way that nobody thought of.
    ReadingFailed,
    /// A performer has news for the engine.
    Happened(Event),
    /// A request that is carried out beside the loop has its answer: one about definitions, or about the console.
    Answered {
        /// Whose request.
        id: ConnectionId,
        /// The answer.
        reply: Reply,
    },
}
