//! The socket drivers `udp_inet` and `tcp_inet`, as OTP's `prim_inet` speaks to them.
//!
//! Every request is one `port_control/3` whose number is `MAGIC` plus a request; the reply starts with
//! a byte that says ok or error. What takes time answers later in a message.

mod address;
mod ancillary;
mod interfaces;
mod option;
mod packet_term;
mod request;
mod statistics;
mod tcp;
mod udp;

pub use packet_term::{http_message, tls_record};

use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};

use rustix::net::{AddressFamily, SocketFlags, SocketType};

use super::driver::Driver;
use super::poll;
use address::Family;

/// What prim_inet adds to each request.
const MAGIC: u32 = 0x03f1_a300;

const REPLY_ERROR: u8 = 0;
const REPLY_OK: u8 = 1;

/// What a request gives: bytes, or the number of an error.
type Answer = Result<Vec<u8>, i32>;

/// A driver of datagram sockets.
pub fn udp() -> Box<dyn Driver> {
    Box::new(udp::Udp::default())
}

/// A driver of stream sockets.
pub fn tcp() -> Box<dyn Driver> {
    Box::new(tcp::Tcp::default())
}

/// An answer as a reply.
fn reply(answer: Answer) -> Vec<u8> {
    match answer {
        Ok(bytes) => {
            let mut reply = vec![REPLY_OK];
            reply.extend(bytes);
            reply
        }
        Err(number) => {
            let mut reply = vec![REPLY_ERROR];
            reply.extend(crate::base::errno::name(number).bytes());
            reply
        }
    }
}

const FLAGS: SocketFlags = SocketFlags::NONBLOCK.union(SocketFlags::CLOEXEC);

/// A new socket, in the network namespace with this path if one is given.
fn open_socket(namespace: Option<&CString>, family: AddressFamily, kind: SocketType) -> Result<OwnedFd, i32> {
    let open = move || rustix::net::socket_with(family, kind, FLAGS, None).map_err(|e| e.raw_os_error());
    match namespace {
        None => open(),
        Some(path) => in_namespace(path, open),
    }
}

/// Calls `open` in a network namespace. A thread of its own enters it: no other is ever in the wrong one.
#[cfg(target_os = "linux")]
fn in_namespace(path: &CString, open: impl FnOnce() -> Result<OwnedFd, i32> + Send) -> Result<OwnedFd, i32> {
    use rustix::fs::{Mode, OFlags};
    use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
    let namespace = rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).map_err(|e| e.raw_os_error())?;
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().spawn_scoped(scope, || {
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).map_err(|e| e.raw_os_error())?;
            open()
        });
        let thread = thread.map_err(|e| e.raw_os_error().unwrap_or(libc::EAGAIN))?;
        thread.join().unwrap_or(Err(libc::EINVAL))
    })
}

#[cfg(not(target_os = "linux"))]
fn in_namespace(_: &CString, _open: impl FnOnce() -> Result<OwnedFd, i32> + Send) -> Result<OwnedFd, i32> {
    Err(libc::EINVAL)
}

/// A second descriptor of the file with this number.
fn duplicate(number: i32) -> Result<OwnedFd, i32> {
    // SAFETY: asks about a number, valid or not.
    let copy = unsafe { libc::fcntl(number, libc::F_DUPFD_CLOEXEC, 3) };
    if copy < 0 {
        return Err(std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EBADF));
    }
    // SAFETY: just opened.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}

/// A socket that another part of the program opened, by its descriptor's number. One that is a
/// port's is taken over: that port hears of it no more, and each closes a descriptor of its own.
fn adopt(number: Option<u32>, family: Family) -> Result<OwnedFd, i32> {
    let number = number.and_then(|n| i32::try_from(n).ok()).ok_or(libc::EINVAL)?;
    // SAFETY: a call that only asks whether the number is a descriptor.
    if unsafe { libc::fcntl(number, libc::F_GETFD) } < 0 {
        return Err(libc::EBADF);
    }
    // SAFETY: it is open.
    let borrowed = unsafe { BorrowedFd::borrow_raw(number) };
    let name = rustix::net::getsockname(borrowed).map_err(|e| e.raw_os_error())?;
    if name.address_family() != family.of_system() {
        return Err(libc::EINVAL);
    }
    let socket = if poll::take_over(number) {
        rustix::io::fcntl_dupfd_cloexec(borrowed, 3).map_err(|e| e.raw_os_error())?
    } else {
        // SAFETY: it is open, and who gives it to `fdopen` gives it up.
        unsafe { OwnedFd::from_raw_fd(number) }
    };
    rustix::io::ioctl_fionbio(socket.as_fd(), true).map_err(|e| e.raw_os_error())?;
    Ok(socket)
}
