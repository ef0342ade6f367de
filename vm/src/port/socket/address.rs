//! Socket addresses: as the system has them, and taken apart.

use std::mem::{offset_of, size_of};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Bytes of the largest address.
const ROOM: usize = size_of::<libc::sockaddr_storage>();

/// Where the bytes behind the family begin.
const DATA: usize = offset_of!(libc::sockaddr, sa_data);

/// An address as the system has it.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub struct Raw {
    bytes: [u8; ROOM],
    length: usize,
}

/// An address taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Address {
    Inet { ip: Ipv4Addr, port: u16 },
    /// Flow and scope in the order of bytes that the system keeps them in.
    Inet6 { ip: Ipv6Addr, port: u16, flow: u32, scope: u32 },
    /// A path, or a name that begins with 0, or nothing.
    Local(Vec<u8>),
    /// Of a link: protocol, number of the interface, kind of hardware, kind of packet.
    Packet { protocol: u16, index: i32, hardware: u16, kind: u8, address: Vec<u8> },
    /// What stands behind the family.
    Other { family: i32, data: Vec<u8> },
    /// Not even a family.
    Broken(Vec<u8>),
}

impl Raw {
    /// An address to be written: all its room.
    pub(super) fn room() -> Raw {
        Raw { bytes: [0; ROOM], length: ROOM }
    }

    /// The address whose bytes these are; what is too long is cut.
    pub fn of_bytes(bytes: &[u8]) -> Raw {
        let mut raw = Raw { bytes: [0; ROOM], length: bytes.len().min(ROOM) };
        raw.bytes[..raw.length].copy_from_slice(&bytes[..raw.length]);
        raw
    }

    fn of<T: Copy>(value: T) -> Raw {
        let mut raw = Raw { bytes: [0; ROOM], length: size_of::<T>() };
        assert!(raw.length <= ROOM);
        // SAFETY: within the room, which was just compared with the size.
        unsafe { raw.bytes.as_mut_ptr().cast::<T>().write_unaligned(value) };
        raw
    }

    /// An address of a family, `data` behind it; `None`: too long.
    fn of_family(family: i32, data: &[u8]) -> Option<Raw> {
        let mut raw = Raw { bytes: [0; ROOM], length: DATA + data.len() };
        raw.bytes[..DATA].copy_from_slice(&(family as libc::sa_family_t).to_ne_bytes());
        raw.bytes.get_mut(DATA..raw.length)?.copy_from_slice(data);
        Some(raw)
    }

    pub(super) fn pointer(&self) -> *const libc::sockaddr {
        self.bytes.as_ptr().cast()
    }

    pub(super) fn pointer_mut(&mut self) -> *mut libc::sockaddr {
        self.bytes.as_mut_ptr().cast()
    }

    pub(super) fn length(&self) -> libc::socklen_t {
        self.length as libc::socklen_t
    }

    /// After a call that wrote it: its length.
    pub(super) fn set_length(&mut self, length: libc::socklen_t) {
        self.length = (length as usize).min(ROOM);
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// `None` if it has no family.
    pub fn family(&self) -> Option<i32> {
        let family = self.bytes().first_chunk::<DATA>()?;
        Some(i32::from(libc::sa_family_t::from_ne_bytes(*family)))
    }

    /// The address of an interface: its length is what its family says.
    ///
    /// # Safety
    /// `address` is null or an address of the size of its family.
    pub(super) unsafe fn of_pointer(address: *const libc::sockaddr) -> Option<Raw> {
        // SAFETY: the caller's promise.
        unsafe {
            let length = match i32::from(address.as_ref()?.sa_family) {
                libc::AF_INET => size_of::<libc::sockaddr_in>(),
                libc::AF_INET6 => size_of::<libc::sockaddr_in6>(),
                libc::AF_PACKET => size_of::<libc::sockaddr_ll>(),
                _ => size_of::<libc::sockaddr>(),
            };
            Some(Raw::of_bytes(std::slice::from_raw_parts(address.cast::<u8>(), length)))
        }
    }

    /// Its start as a structure of the system's, if it is that long.
    fn get<T: Copy>(&self) -> Option<T> {
        // SAFETY: within the room; only structures of numbers are read.
        (self.length >= size_of::<T>()).then(|| unsafe { self.bytes.as_ptr().cast::<T>().read_unaligned() })
    }

    /// Its parts. One that is shorter than its family's is `Other`.
    pub fn read(&self) -> Address {
        let Some(family) = self.family() else { return Address::Broken(self.bytes().to_vec()) };
        let known = match family {
            libc::AF_INET => self.get::<libc::sockaddr_in>().map(|a| Address::Inet {
                ip: Ipv4Addr::from(a.sin_addr.s_addr.to_ne_bytes()),
                port: u16::from_be(a.sin_port),
            }),
            libc::AF_INET6 => self.get::<libc::sockaddr_in6>().map(|a| Address::Inet6 {
                ip: Ipv6Addr::from(a.sin6_addr.s6_addr),
                port: u16::from_be(a.sin6_port),
                flow: a.sin6_flowinfo,
                scope: a.sin6_scope_id,
            }),
            libc::AF_UNIX => Some(Address::Local(local_name(&self.bytes()[DATA..]).to_vec())),
            libc::AF_PACKET => self.get::<libc::sockaddr_ll>().map(|a| Address::Packet {
                protocol: u16::from_be(a.sll_protocol),
                index: a.sll_ifindex,
                hardware: a.sll_hatype,
                kind: a.sll_pkttype,
                address: a.sll_addr[..usize::from(a.sll_halen).min(a.sll_addr.len())].to_vec(),
            }),
            _ => None,
        };
        known.unwrap_or_else(|| Address::Other { family, data: self.bytes()[DATA..].to_vec() })
    }
}

/// The name of a local address: a path up to its first 0, or all of an abstract name.
fn local_name(bytes: &[u8]) -> &[u8] {
    match bytes.first() {
        None => bytes,
        Some(0) => bytes,
        Some(_) => &bytes[..bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len())],
    }
}

impl Address {
    /// As the system has it; `None` if it has no room there.
    pub fn raw(&self) -> Option<Raw> {
        Some(match self {
            Address::Inet { ip, port } => Raw::of(libc::sockaddr_in {
                sin_family: libc::AF_INET as libc::sa_family_t,
                sin_port: port.to_be(),
                sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(ip.octets()) },
                sin_zero: [0; 8],
            }),
            Address::Inet6 { ip, port, flow, scope } => Raw::of(libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as libc::sa_family_t,
                sin6_port: port.to_be(),
                sin6_flowinfo: *flow,
                sin6_addr: libc::in6_addr { s6_addr: ip.octets() },
                sin6_scope_id: *scope,
            }),
            Address::Local(name) => {
                // A path has a byte of 0 behind it.
                let ends = usize::from(name.first() != Some(&0));
                if name.len() + ends > size_of::<libc::sockaddr_un>() - offset_of!(libc::sockaddr_un, sun_path) {
                    return None;
                }
                Raw::of_family(libc::AF_UNIX, name)?
            }
            Address::Packet { protocol, index, hardware, kind, address } => {
                let mut bytes = [0; 8];
                bytes.get_mut(..address.len())?.copy_from_slice(address);
                Raw::of(libc::sockaddr_ll {
                    sll_family: libc::AF_PACKET as libc::sa_family_t,
                    sll_protocol: protocol.to_be(),
                    sll_ifindex: *index,
                    sll_hatype: *hardware,
                    sll_pkttype: *kind,
                    sll_halen: address.len() as u8,
                    sll_addr: bytes,
                })
            }
            Address::Other { family, data } => Raw::of_family(*family, data)?,
            Address::Broken(bytes) => Raw::of_bytes(bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let addresses = [
            Address::Inet { ip: Ipv4Addr::LOCALHOST, port: 8080 },
            Address::Inet6 { ip: Ipv6Addr::LOCALHOST, port: 1, flow: 2, scope: 3 },
            Address::Local(b"/tmp/socket".to_vec()),
            Address::Local(b"\0name".to_vec()),
            Address::Local(Vec::new()),
            Address::Packet { protocol: 8, index: 1, hardware: 772, kind: 0, address: vec![1, 2, 3, 4, 5, 6] },
            Address::Other { family: 0, data: vec![1, 2, 3] },
        ];
        for address in addresses {
            assert_eq!(address.raw().unwrap().read(), address);
        }
    }

    #[test]
    fn limits() {
        assert!(Address::Local(vec![b'a'; 107]).raw().is_some());
        assert!(Address::Local(vec![b'a'; 108]).raw().is_none());
        assert!(Address::Local([&[0][..], &[b'a'; 107]].concat()).raw().is_some());
        assert!(Address::Other { family: 99, data: vec![0; 200] }.raw().is_none());
        assert_eq!(Raw::of_bytes(&[1]).read(), Address::Broken(vec![1]));
        let short = Raw::of_bytes(&[libc::AF_INET as u8, 0, 7]);
        assert_eq!(short.read(), Address::Other { family: libc::AF_INET, data: vec![7] });
    }
}
