//! Control messages: what the headers of a datagram say beside it.

use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::net::addr::{SocketAddrArg, SocketAddrStorage};
use rustix::net::SocketAddrAny;

use super::request::{u8_of, u32_of};
use crate::am;
use crate::term::Term;

/// Options that a datagram can carry: prim_inet's number, level and type, name.
const OPTIONS: [(u8, (i32, i32), Term); 3] = [
    (9, (libc::IPPROTO_IP, libc::IP_TOS), am::tos),
    (41, (libc::IPPROTO_IPV6, libc::IPV6_TCLASS), am::tclass),
    (46, (libc::IPPROTO_IP, libc::IP_TTL), am::ttl),
];

/// One option of a datagram.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Control {
    /// prim_inet's number of it.
    pub option: u8,
    pub value: i32,
}

impl Control {
    /// The name that messages give it.
    pub fn name(self) -> Term {
        OPTIONS.iter().find(|(option, ..)| *option == self.option).map_or(am::undefined, |found| found.2)
    }

    /// Those in the data of a request: a number and a word each.
    pub fn decode(mut data: &[u8]) -> Result<Vec<Control>, i32> {
        let mut controls = Vec::new();
        while let Some(option) = u8_of(&mut data) {
            let value = u32_of(&mut data).ok_or(libc::EINVAL)? as i32;
            if !OPTIONS.iter().any(|known| known.0 == option) {
                return Err(libc::EINVAL);
            }
            controls.push(Control { option, value });
        }
        Ok(controls)
    }

    /// The same way back.
    pub fn encode(self) -> [u8; 5] {
        let [a, b, c, d] = self.value.to_be_bytes();
        [self.option, a, b, c, d]
    }
}

/// Room for the control messages of a datagram, aligned for their heads.
type Room = [u64; 32];

fn message() -> libc::msghdr {
    // SAFETY: numbers and null pointers.
    unsafe { MaybeUninit::zeroed().assume_init() }
}

fn last_error() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EINVAL)
}

/// The options among the control messages of a message.
///
/// # Safety
/// `message` points at `msg_controllen` bytes of control messages, aligned as the system aligns them.
unsafe fn controls_of(message: &libc::msghdr) -> Vec<Control> {
    let mut controls = Vec::new();
    // SAFETY: the caller's promise; `CMSG_NXTHDR` stays within the bytes.
    unsafe {
        let mut next = libc::CMSG_FIRSTHDR(message);
        while let Some(head) = next.as_ref() {
            let (data, size) = (libc::CMSG_DATA(head), head.cmsg_len - libc::CMSG_LEN(0) as usize);
            let known = OPTIONS.iter().find(|(_, kind, _)| *kind == (head.cmsg_level, head.cmsg_type));
            if let Some(&(option, ..)) = known {
                // A byte, or an int.
                let value = match size {
                    0 => None,
                    1..4 => Some(data.read().into()),
                    _ => Some(data.cast::<i32>().read_unaligned()),
                };
                controls.extend(value.map(|value| Control { option, value }));
            }
            next = libc::CMSG_NXTHDR(message, head);
        }
    }
    controls
}

/// Reads a datagram: its size, where it came from, and its options.
pub fn receive(fd: BorrowedFd<'_>, bytes: &mut [u8]) -> Result<(usize, Option<SocketAddrAny>, Vec<Control>), i32> {
    let mut name = MaybeUninit::<SocketAddrStorage>::zeroed();
    let mut room: Room = [0; 32];
    let mut part = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() };
    let mut message = message();
    message.msg_name = name.as_mut_ptr().cast();
    message.msg_namelen = std::mem::size_of::<SocketAddrStorage>() as u32;
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = room.as_mut_ptr().cast();
    message.msg_controllen = std::mem::size_of::<Room>();
    // SAFETY: every pointer has the room that stands beside it; the descriptor is open.
    let size = unsafe { libc::recvmsg(fd.as_raw_fd(), &raw mut message, 0) };
    let Ok(size) = usize::try_from(size) else { return Err(last_error()) };
    // SAFETY: the system wrote a name of that length, of zero bytes if there is none.
    let from = (message.msg_namelen > 0).then(|| unsafe { SocketAddrAny::new(name, message.msg_namelen) });
    // SAFETY: the system wrote control messages of that length.
    Ok((size, from, unsafe { controls_of(&message) }))
}

/// Sends a datagram with options; without an address to the peer of a connected socket.
pub fn send(fd: BorrowedFd<'_>, to: Option<&SocketAddrAny>, controls: &[Control], bytes: &[u8]) -> Result<(), i32> {
    let mut room: Room = [0; 32];
    let mut part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    let mut message = message();
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    // SAFETY: a number.
    let each = unsafe { libc::CMSG_SPACE(4) } as usize;
    let size = controls.len() * each;
    if size > std::mem::size_of::<Room>() {
        return Err(libc::EINVAL);
    }
    if size > 0 {
        message.msg_control = room.as_mut_ptr().cast();
        message.msg_controllen = size;
        // SAFETY: there is room for as many heads and ints.
        unsafe {
            let mut next = libc::CMSG_FIRSTHDR(&raw const message);
            for control in controls {
                let Some((_, kind, _)) = OPTIONS.iter().find(|known| known.0 == control.option) else { break };
                let Some(head) = next.as_mut() else { break };
                (head.cmsg_level, head.cmsg_type) = *kind;
                head.cmsg_len = libc::CMSG_LEN(4) as usize;
                libc::CMSG_DATA(head).cast::<i32>().write_unaligned(control.value);
                next = libc::CMSG_NXTHDR(&raw const message, head);
            }
        }
    }
    let call = |message: &libc::msghdr| loop {
        // SAFETY: as in `receive`.
        if unsafe { libc::sendmsg(fd.as_raw_fd(), message, 0) } >= 0 {
            return Ok(());
        }
        match last_error() {
            libc::EINTR => {}
            number => return Err(number),
        }
    };
    let Some(to) = to else { return call(&message) };
    // SAFETY: the name is only read during the call.
    unsafe {
        to.with_sockaddr(|name, length| {
            message.msg_name = name.cast_mut().cast();
            message.msg_namelen = length;
            call(&message)
        })
    }
}

/// Those that the last packets of a connection carried, for the option `pktoptions`.
pub fn of_connection(fd: BorrowedFd<'_>) -> Option<Vec<Control>> {
    let level = match rustix::net::getsockname(fd).ok()?.address_family() {
        rustix::net::AddressFamily::INET => (libc::IPPROTO_IP, libc::IP_PKTOPTIONS),
        // The name of IPV6_2292PKTOPTIONS, which the C library calls by no other.
        rustix::net::AddressFamily::INET6 => (libc::IPPROTO_IPV6, 6),
        _ => return None,
    };
    let mut room: Room = [0; 32];
    let mut size = std::mem::size_of::<Room>() as libc::socklen_t;
    // SAFETY: writes at most `size` bytes; the descriptor is open.
    let done = unsafe { libc::getsockopt(fd.as_raw_fd(), level.0, level.1, room.as_mut_ptr().cast(), &mut size) };
    if done != 0 {
        return None;
    }
    let mut message = message();
    message.msg_control = room.as_mut_ptr().cast();
    message.msg_controllen = size as usize;
    // SAFETY: the system wrote control messages of that length.
    Some(unsafe { controls_of(&message) })
}
