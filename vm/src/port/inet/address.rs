//! Socket addresses between prim_inet's bytes, the operating system, and terms.
//!
//! ```text
//! [ 0 ]                                         unspec: replies only, a peer without a name
//! [ 1, port:16, 4 bytes ]                       inet
//! [ 2, port:16, 16 bytes, flow:32, scope:32 ]   inet6 (replies leave the last two out)
//! [ 3 | 4, port:16 ]                            any, loopback
//! [ 5, size, bytes ]                            local: a path, or a name that begins with 0
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use rustix::net::{AddressFamily, SocketAddrAny, SocketAddrUnix};

use super::request::{u8_of, u16_of, u32_of};
use crate::am;
use crate::heap::{Build, Fragment};
use crate::term::Term;

const UNSPEC: u8 = 0;
const INET: u8 = 1;
const INET6: u8 = 2;
const ANY: u8 = 3;
const LOOPBACK: u8 = 4;
const LOCAL: u8 = 5;

/// The family of a socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Family {
    #[default]
    Inet,
    Inet6,
    Local,
}

impl Family {
    /// As a request names it.
    pub fn of(byte: Option<u8>) -> Result<Family, i32> {
        match byte {
            Some(INET) => Ok(Family::Inet),
            Some(INET6) => Ok(Family::Inet6),
            Some(LOCAL) => Ok(Family::Local),
            _ => Err(libc::EAFNOSUPPORT),
        }
    }

    pub fn number(self) -> u32 {
        u32::from(match self {
            Family::Inet => INET,
            Family::Inet6 => INET6,
            Family::Local => LOCAL,
        })
    }

    pub fn of_system(self) -> AddressFamily {
        match self {
            Family::Inet => AddressFamily::INET,
            Family::Inet6 => AddressFamily::INET6,
            Family::Local => AddressFamily::UNIX,
        }
    }
}

/// Takes an address off the front. `family` is that of the socket.
pub fn decode(data: &mut &[u8], family: Family) -> Option<SocketAddrAny> {
    let kind = u8_of(data)?;
    if kind == LOCAL {
        let size = u8_of(data)?;
        let (name, rest) = data.split_at_checked(size.into())?;
        *data = rest;
        return local(name).map(SocketAddrAny::from);
    }
    let port = u16_of(data)?;
    let is_v6 = family == Family::Inet6;
    let ip = match kind {
        INET => {
            let (bytes, rest) = data.split_first_chunk::<4>()?;
            *data = rest;
            IpAddr::from(*bytes)
        }
        INET6 => {
            let (bytes, rest) = data.split_first_chunk::<16>()?;
            *data = rest;
            let (flow, scope) = (u32_of(data)?, u32_of(data)?);
            return Some(SocketAddr::from(SocketAddrV6::new((*bytes).into(), port, flow, scope)).into());
        }
        ANY if is_v6 => Ipv6Addr::UNSPECIFIED.into(),
        ANY => Ipv4Addr::UNSPECIFIED.into(),
        LOOPBACK if is_v6 => Ipv6Addr::LOCALHOST.into(),
        LOOPBACK => Ipv4Addr::LOCALHOST.into(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port).into())
}

const LONGEST_PATH: usize = 107;

/// `None`: no name of a socket, or too long for one.
fn local(name: &[u8]) -> Option<SocketAddrUnix> {
    match name {
        [] => Some(SocketAddrUnix::new_unnamed()),
        [0, rest @ ..] => SocketAddrUnix::new_abstract_name(rest).ok(),
        // A path has a byte of 0 behind it.
        path if path.len() > LONGEST_PATH => None,
        path => SocketAddrUnix::new(path).ok(),
    }
}

/// The name of a local address: a path, 0 and an abstract name, or nothing.
fn local_name(address: &SocketAddrUnix) -> Vec<u8> {
    match (address.abstract_name(), address.path_bytes()) {
        (Some(name), _) if !name.is_empty() => [&[0], name].concat(),
        (_, Some(path)) => path.strip_suffix(&[0]).unwrap_or(path).to_vec(),
        _ => Vec::new(),
    }
}

enum Kind {
    Ip(SocketAddr),
    Local(Vec<u8>),
    Unspec,
}

fn kind(address: Option<&SocketAddrAny>) -> Kind {
    let Some(address) = address else { return Kind::Unspec };
    if let Ok(ip) = SocketAddr::try_from(address.clone()) {
        return Kind::Ip(ip);
    }
    SocketAddrUnix::try_from(address.clone()).map_or(Kind::Unspec, |unix| Kind::Local(local_name(&unix)))
}

/// The bytes of an address in a reply; `None` is the address of one that has none.
pub fn encode(address: Option<&SocketAddrAny>) -> Vec<u8> {
    match kind(address) {
        Kind::Ip(address) => {
            let port = address.port().to_be_bytes();
            match address.ip() {
                IpAddr::V4(ip) => [&[INET], &port[..], &ip.octets()].concat(),
                IpAddr::V6(ip) => [&[INET6], &port[..], &ip.octets()].concat(),
            }
        }
        Kind::Local(name) => [&[LOCAL, name.len() as u8], &name[..]].concat(),
        Kind::Unspec => vec![UNSPEC],
    }
}

/// The number of an address, 0 where it has none.
pub fn port_of(address: &SocketAddrAny) -> u16 {
    match kind(Some(address)) {
        Kind::Ip(ip) => ip.port(),
        _ => 0,
    }
}

/// Words of `term`, at most.
pub const TERM_WORDS: usize = 24;

/// The address and number of messages: `{A, B, C, D}` or eight numbers, `{local, Name}` or
/// `{unspec, <<>>}` and 0.
pub fn term(place: &mut Fragment, address: Option<&SocketAddrAny>) -> [Term; 2] {
    match kind(address) {
        Kind::Ip(address) => [ip_term(place, address.ip()), Term::small(address.port().into())],
        Kind::Local(name) => {
            let name = place.binary(&name);
            [place.tuple(&[am::local, name]), Term::ZERO]
        }
        Kind::Unspec => {
            let nothing = place.binary(&[]);
            [place.tuple(&[am::unspec, nothing]), Term::ZERO]
        }
    }
}

fn ip_term(place: &mut Fragment, ip: IpAddr) -> Term {
    let parts: Vec<Term> = match ip {
        IpAddr::V4(ip) => ip.octets().iter().map(|&byte| Term::small(byte.into())).collect(),
        IpAddr::V6(ip) => ip.segments().iter().map(|&part| Term::small(part.into())).collect(),
    };
    place.tuple(&parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let mut data: &[u8] = &[1, 0x1f, 0x90, 127, 0, 0, 1, 9];
        let address = decode(&mut data, Family::Inet).unwrap();
        assert_eq!(port_of(&address), 8080);
        assert_eq!(data, [9]);
        assert_eq!(encode(Some(&address)), [1, 0x1f, 0x90, 127, 0, 0, 1]);
        let any = decode(&mut &[3, 0, 0][..], Family::Inet6).unwrap();
        assert_eq!(encode(Some(&any)), [&[2][..], &[0; 18]].concat());
        for name in [&b"/tmp/socket"[..], b"\0name", b""] {
            let bytes = [&[5, name.len() as u8], name].concat();
            let local = decode(&mut &bytes[..], Family::Local).unwrap();
            assert_eq!(encode(Some(&local)), bytes);
        }
        assert!(decode(&mut &[&[5, 200][..], &[b'a'; 200]].concat()[..], Family::Local).is_none());
        assert!(decode(&mut &[5, 3, b'a'][..], Family::Local).is_none());
        assert_eq!(encode(None), [0]);
    }
}
