//! The numbers of requests, and those that need no socket.

use std::os::fd::BorrowedFd;

use super::{Answer, interfaces};

pub const OPEN: u32 = 1;
pub const CLOSE: u32 = 2;
pub const CONNECT: u32 = 3;
pub const PEER: u32 = 4;
pub const NAME: u32 = 5;
pub const BIND: u32 = 6;
pub const SETOPTS: u32 = 7;
pub const GETOPTS: u32 = 8;
pub const GETSTAT: u32 = 11;
pub const GETHOSTNAME: u32 = 12;
pub const FDOPEN: u32 = 13;
pub const GETFD: u32 = 14;
pub const GETTYPE: u32 = 15;
pub const GETSTATUS: u32 = 16;
const GETSERVBYNAME: u32 = 17;
const GETSERVBYPORT: u32 = 18;
const GETIFLIST: u32 = 21;
const IFGET: u32 = 22;
pub const SUBSCRIBE: u32 = 24;
const GETIFADDRS: u32 = 25;
pub const ACCEPT: u32 = 26;
pub const LISTEN: u32 = 27;
pub const IGNOREFD: u32 = 28;
pub const SOCKNAMES: u32 = 29;
pub const TCP_RECV: u32 = 42;
pub const TCP_UNRECV: u32 = 43;
pub const TCP_SHUTDOWN: u32 = 44;
pub const TCP_SENDFILE: u32 = 45;
pub const PACKET_RECV: u32 = 60;

/// A request that is about the machine and not about the socket, if it is one.
pub fn of_machine(request: u32, fd: Result<BorrowedFd<'_>, i32>, data: &[u8]) -> Option<Answer> {
    Some(match request {
        GETHOSTNAME => Ok(rustix::system::uname().nodename().to_bytes().to_vec()),
        GETSERVBYNAME => interfaces::service_by_name(data),
        GETSERVBYPORT => interfaces::service_by_port(data),
        GETIFLIST => interfaces::names(),
        GETIFADDRS => interfaces::addresses(),
        IFGET => fd.and_then(|fd| interfaces::get(fd, data)),
        _ => return None,
    })
}

/// Takes a big-endian number of 32 bits off the front.
pub fn u32_of(data: &mut &[u8]) -> Option<u32> {
    let (first, rest) = data.split_first_chunk::<4>()?;
    *data = rest;
    Some(u32::from_be_bytes(*first))
}

/// The same for 16 bits.
pub fn u16_of(data: &mut &[u8]) -> Option<u16> {
    let (first, rest) = data.split_first_chunk::<2>()?;
    *data = rest;
    Some(u16::from_be_bytes(*first))
}

/// The same for a byte.
pub fn u8_of(data: &mut &[u8]) -> Option<u8> {
    let (&first, rest) = data.split_first()?;
    *data = rest;
    Some(first)
}
