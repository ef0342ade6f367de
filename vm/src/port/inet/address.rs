//! Socket addresses between prim_inet's bytes, the operating system, and terms.
//!
//! ```text
//! [ 1, port:16, 4 bytes ]                       inet
//! [ 2, port:16, 16 bytes, flow:32, scope:32 ]   inet6 (replies leave the last two out)
//! [ 3 | 4, port:16 ]                            any, loopback
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use super::request::{u8_of, u16_of, u32_of};
use crate::heap::{Build, Fragment};
use crate::term::Term;

pub const INET: u8 = 1;
pub const INET6: u8 = 2;
const ANY: u8 = 3;
const LOOPBACK: u8 = 4;

/// Takes an address off the front. `is_v6` is the family of the socket.
pub fn decode(data: &mut &[u8], is_v6: bool) -> Option<SocketAddr> {
    let family = u8_of(data)?;
    let port = u16_of(data)?;
    let ip = match family {
        INET => {
            let (bytes, rest) = data.split_first_chunk::<4>()?;
            *data = rest;
            IpAddr::from(*bytes)
        }
        INET6 => {
            let (bytes, rest) = data.split_first_chunk::<16>()?;
            *data = rest;
            let (flow, scope) = (u32_of(data)?, u32_of(data)?);
            return Some(SocketAddrV6::new((*bytes).into(), port, flow, scope).into());
        }
        ANY if is_v6 => Ipv6Addr::UNSPECIFIED.into(),
        ANY => Ipv4Addr::UNSPECIFIED.into(),
        LOOPBACK if is_v6 => Ipv6Addr::LOCALHOST.into(),
        LOOPBACK => Ipv4Addr::LOCALHOST.into(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// The bytes of an address in a reply.
pub fn encode(address: SocketAddr) -> Vec<u8> {
    let port = address.port().to_be_bytes();
    match address.ip() {
        IpAddr::V4(ip) => [&[INET], &port[..], &ip.octets()].concat(),
        IpAddr::V6(ip) => [&[INET6], &port[..], &ip.octets()].concat(),
    }
}

/// `{A, B, C, D}`, or eight numbers for IPv6.
pub fn ip_term(place: &mut Fragment, ip: IpAddr) -> Term {
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
        let address = decode(&mut data, false).unwrap();
        assert_eq!(address.to_string(), "127.0.0.1:8080");
        assert_eq!(data, [9]);
        assert_eq!(encode(address), [1, 0x1f, 0x90, 127, 0, 0, 1]);
        assert_eq!(decode(&mut &[3, 0, 0][..], true).unwrap().to_string(), "[::]:0");
    }
}
