//! Who is at the other end of the socket. Both sides look, each before it says anything.

use interprocess::local_socket::traits::StreamCommon;

/// Whether the other side runs as this user.
#[cfg(unix)]
pub fn is_same_user(stream: &impl StreamCommon) -> bool {
    let ours = rustix::process::geteuid().as_raw();
    stream
        .peer_creds()
        .is_ok_and(|peer| peer.euid() == Some(ours))
}

/// Whether there is another side at all. The access list of the agent's pipe lets no other user in; whose process made
/// the pipe is not looked at yet (`docs/known-issues.md`).
#[cfg(windows)]
pub fn is_same_user(stream: &impl StreamCommon) -> bool {
    stream.peer_creds().is_ok()
}
