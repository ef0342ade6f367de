//! The numbers of requests, and those that need no socket.

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
pub const SUBSCRIBE: u32 = 24;
pub const ACCEPT: u32 = 26;
pub const LISTEN: u32 = 27;
pub const IGNOREFD: u32 = 28;
pub const TCP_RECV: u32 = 42;
pub const TCP_UNRECV: u32 = 43;
pub const TCP_SHUTDOWN: u32 = 44;
pub const TCP_SENDFILE: u32 = 45;
pub const PACKET_RECV: u32 = 60;

/// The name of this machine.
pub fn hostname() -> Vec<u8> {
    rustix::system::uname().nodename().to_bytes().to_vec()
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
