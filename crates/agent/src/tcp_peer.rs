//! Which user is at the other end of a connection on this machine.

use tokio::net::TcpStream;

/// Whether somebody else is there for certain; only Linux tells. The superuser, to whom everything is open, forwards for
/// others (Windows' browsers, into its Linux).
#[cfg(target_os = "linux")]
pub(crate) fn is_another_user(stream: &TcpStream) -> bool {
    let (Ok(peer), Ok(own)) = (stream.peer_addr(), stream.local_addr()) else {
        return true;
    };
    // A socket of the newer family may speak the older one.
    let owner = ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .find_map(|table| owner(&table, peer.port(), own.port()));
    owner.is_some_and(|owner| owner != 0 && owner != rustix::process::getuid().as_raw())
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn is_another_user(_stream: &TcpStream) -> bool {
    false
}

/// The owner of the socket that is bound to the first port and connected to the second, both on 127.0.0.1 (`proc_net`,
/// `/proc/net/tcp`: number, local address, remote address, state, queues, timer, retransmits, uid).
#[cfg(target_os = "linux")]
fn owner(table: &str, from: u16, to: u16) -> Option<u32> {
    let home = format!("{:08X}", u32::from_ne_bytes([127, 0, 0, 1]));
    let (from, to) = (format!("{home}:{from:04X}"), format!("{home}:{to:04X}"));
    table.lines().skip(1).find_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [_, local, remote, _, _, _, _, uid, ..] = columns[..] else {
            return None;
        };
        (local.ends_with(&from) && remote.ends_with(&to)).then(|| uid.parse().ok())?
    })
}

#[cfg(all(test, target_os = "linux", target_endian = "little"))]
mod tests {
    use super::*;

    #[test]
    fn the_owner_of_a_connection_is_in_the_table() {
        let old = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             0: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 1 1\n\
             1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 2 1\n";
        assert_eq!(owner(old, 50_000, 8_080), Some(1001));
        assert_eq!(owner(old, 8_080, 50_000), Some(0));
        assert_eq!(owner(old, 50_001, 8_080), None);
        let new = "  sl  local_address\n   0: 0000000000000000FFFF00000100007F:C350 0000000000000000FFFF00000100007F:1F90 \
             01 00000000:00000000 00:00000000 00000000  1002        0 3 1\n";
        assert_eq!(owner(new, 50_000, 8_080), Some(1002));
    }

    #[tokio::test]
    async fn a_connection_of_our_own_is_found_in_the_table() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap();
        let near = TcpStream::connect(own).await.unwrap();
        let (far, peer) = listener.accept().await.unwrap();
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let us = rustix::process::getuid().as_raw();
        assert_eq!(owner(&table, peer.port(), own.port()), Some(us));
        assert!(!is_another_user(&far));
        drop(near);
    }
}
