//! All that reaches the loop, from its named sources.

use sandglass_core::event::Event;
use sandglass_protocol::message::{Reply, Request};
use tokio::sync::mpsc;

use crate::files::WhatIsThere;

/// Identifies a connection for as long as the agent runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ConnectionId(pub(crate) u64);

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
    /// The socket: a connection ended.
    Left(ConnectionId),
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
