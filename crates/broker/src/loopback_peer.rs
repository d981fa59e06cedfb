//! Whose program is at the other end of a loopback connection.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Where Linux lists TCP sockets with their owners (proc(5)).
const TABLES: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];

/// Returns the user whose socket it is that goes from `from` to `to` on this machine; `None` where
/// the system does not list sockets.
///
/// # Errors
/// `NoSocket` if it lists them, and this one is not there: it was closed.
pub(crate) fn owner(from: SocketAddr, to: SocketAddr) -> Result<Option<u32>, NoSocket> {
    let mut listed = TABLES.iter().filter_map(|path| std::fs::read_to_string(path).ok()).peekable();
    if listed.peek().is_none() {
        return Ok(None);
    }
    listed.find_map(|table| find(&table, from, to)).map(Some).ok_or(NoSocket)
}

/// The socket is not on this machine, or not any more.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoSocket;

/// Returns the owner's uid from a table: local address, remote address, and six columns on, the uid.
fn find(table: &str, from: SocketAddr, to: SocketAddr) -> Option<u32> {
    table.lines().skip(1).find_map(|line| {
        let mut columns = line.split_ascii_whitespace().skip(1);
        let is_ours = is(columns.next()?, from) && is(columns.next()?, to);
        is_ours.then(|| columns.nth(4)?.parse().ok()).flatten()
    })
}

/// Returns whether the table's text stands for an address, also if that is an IPv4 address which a
/// program reached through IPv6.
fn is(text: &str, address: SocketAddr) -> bool {
    let port = format!(":{:04X}", address.port());
    let Some(host) = text.strip_suffix(port.as_str()) else { return false };
    match address.ip() {
        IpAddr::V4(ip) => {
            host == words(&ip.octets()) || host == words(&ip.to_ipv6_mapped().octets())
        }
        IpAddr::V6(ip) => host == words(&Ipv6Addr::octets(&ip)),
    }
}

/// The kernel prints each four bytes of an address as a number of this machine.
fn words(bytes: &[u8]) -> String {
    let word = |bytes: &[u8]| {
        let word = bytes.try_into().map(u32::from_ne_bytes).unwrap_or_default();
        format!("{word:08X}")
    };
    bytes.chunks(4).map(word).collect()
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn the_owner_of_a_socket_is_found() {
        let own = rustix::process::geteuid().as_raw();
        for host in ["127.0.0.1:0", "[::1]:0"] {
            let listener = TcpListener::bind(host).unwrap();
            let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (from, to) = (client.local_addr().unwrap(), client.peer_addr().unwrap());
            assert_eq!(owner(from, to), Ok(Some(own)), "{host}");
            assert_eq!(owner(from, SocketAddr::new(to.ip(), 1)), Err(NoSocket));
        }
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn rows_of_other_sockets_and_broken_rows_are_passed_over() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n\
            0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1\n\
            1: 0100007F\n\
            \n\
            2: 0100007F:9C40 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 2\n\
            3: 0000000000000000FFFF00000100007F:9C41 0000000000000000FFFF00000100007F:1F90 01 \
            00000000:00000000 00:00000000 00000000  1001        0 3\n";
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        assert_eq!(find(table, at(40000), at(8080)), Some(1000));
        assert_eq!(find(table, at(40001), at(8080)), Some(1001), "IPv4 through IPv6");
        assert_eq!(find(table, at(8080), at(40000)), None, "the other direction is this side");
        assert_eq!(find(table, at(40002), at(8080)), None);
        assert_eq!(find("", at(40000), at(8080)), None);
    }
}
