//! How many connections may be open, in all and from one address.

use std::collections::HashMap;
use std::io::Write;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpStream;

use crate::http::problem::{PROBLEM_JSON, ProblemKind};

/// One party on the network as far as limits go: an IPv4 address, or an IPv6 /64, which one subscriber gets whole
/// (RFC 6177 section 2) and could otherwise use to appear as 2^64 parties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddressGroup(IpAddr);

impl From<IpAddr> for AddressGroup {
    /// An IPv4 address that was written as IPv6 (`::ffff:192.0.2.1`) counts as IPv4.
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(IpAddr::V4(address)),
            IpAddr::V6(address) => {
                let network = address.to_bits() & (u128::MAX << 64);
                Self(IpAddr::V6(Ipv6Addr::from_bits(network)))
            }
        }
    }
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_group: HashMap<AddressGroup, usize>,
}

#[derive(Debug)]
pub(super) struct Admission {
    total: usize,
    per_group: usize,
    open: Arc<Mutex<Open>>,
}

/// The right to one open connection; given back when dropped.
#[derive(Debug)]
pub(super) struct Permit {
    group: AddressGroup,
    open: Arc<Mutex<Open>>,
}

impl Admission {
    pub(super) fn new(total: usize, per_group: usize) -> Self {
        Self { total, per_group, open: Arc::default() }
    }

    pub(super) fn admit(&self, address: IpAddr) -> Option<Permit> {
        let group = AddressGroup::from(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_group = open.by_group.get(&group).copied().unwrap_or(0);
        if open.total >= self.total || of_group >= self.per_group {
            return None;
        }
        open.total += 1;
        open.by_group.insert(group, of_group + 1);
        Some(Permit { group, open: Arc::clone(&self.open) })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.total -= 1;
        if let Some(of_group) = open.by_group.get_mut(&self.group) {
            *of_group -= 1;
            if *of_group == 0 {
                open.by_group.remove(&self.group);
            }
        }
    }
}

/// Tells a connection in excess so, if that costs no waiting, and closes it.
pub(super) fn refuse(stream: TcpStream, address: SocketAddr) {
    tracing::warn!(%address, "refused: too many open connections");
    let kind = ProblemKind::Overloaded;
    let body = format!(
        r#"{{"type":"{}","title":"{}","status":{},"detail":"Too many connections are open."}}"#,
        kind.address(),
        kind.title(),
        kind.code(),
    );
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: {PROBLEM_JSON}\r\ncontent-length: {}\r\nretry-after: 1\r\n\
         connection: close\r\n\r\n{body}",
        body.len(),
    );
    // The socket is non-blocking and its send buffer still empty; whatever goes wrong, it is closed all the same.
    if let Ok(mut stream) = stream.into_std() {
        let _ = stream.write(answer.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_subscriber_is_one_group_however_it_is_spelled() {
        assert_eq!(AddressGroup::from(ip("192.0.2.1")), ip("::ffff:192.0.2.1").into());
        assert_eq!(AddressGroup::from(ip("2001:db8:0:7::1")), ip("2001:db8:0:7:ffff::9").into());
        assert_ne!(AddressGroup::from(ip("2001:db8:0:7::1")), ip("2001:db8:0:8::1").into());
        assert_ne!(AddressGroup::from(ip("192.0.2.1")), ip("192.0.2.2").into());
    }

    #[test]
    fn both_caps_hold_and_what_is_closed_frees_its_place() {
        let admission = Admission::new(3, 2);
        let first = admission.admit(ip("192.0.2.1")).unwrap();
        let _second = admission.admit(ip("192.0.2.1")).unwrap();
        assert!(admission.admit(ip("192.0.2.1")).is_none(), "the cap of one address");
        let other = admission.admit(ip("192.0.2.2")).unwrap();
        assert!(admission.admit(ip("192.0.2.3")).is_none(), "the cap of all");
        drop(other);
        assert!(admission.admit(ip("192.0.2.1")).is_none());
        drop(first);
        assert!(admission.admit(ip("192.0.2.1")).is_some());
        assert_eq!(admission.open.lock().unwrap().by_group.len(), 1, "closed addresses are forgotten");
    }
}
