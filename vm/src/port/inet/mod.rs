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

use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};

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
