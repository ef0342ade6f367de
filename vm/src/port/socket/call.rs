//! Opening, connecting, closing.

use std::ffi::CStr;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};

use super::{Raw, check, last_error, size_of_call};

const FLAGS: libc::c_int = libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;

/// A new socket, which does not block.
pub fn open(domain: i32, kind: i32, protocol: i32) -> Result<OwnedFd, i32> {
    // SAFETY: numbers in, a number out.
    let fd = check(unsafe { libc::socket(domain, kind | FLAGS, protocol) })?;
    // SAFETY: just opened.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Does something in another network namespace, by the name of its file.
pub fn in_namespace<R>(namespace: &CStr, body: impl FnOnce() -> Result<R, i32>) -> Result<R, i32> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let own = rustix::fs::open(c"/proc/self/ns/net", flags, Mode::empty()).map_err(|e| e.raw_os_error())?;
    let other = rustix::fs::open(namespace, flags, Mode::empty()).map_err(|e| e.raw_os_error())?;
    // SAFETY: open descriptors; this thread alone changes its namespace, and changes it back below.
    check(unsafe { libc::setns(other.as_raw_fd(), libc::CLONE_NEWNET) })?;
    let result = body();
    // SAFETY: as above.
    check(unsafe { libc::setns(own.as_raw_fd(), libc::CLONE_NEWNET) })?;
    result
}

/// A second descriptor of the socket with this number.
pub fn duplicate(number: RawFd) -> Result<OwnedFd, i32> {
    // SAFETY: asks about a number, valid or not.
    let fd = check(unsafe { libc::fcntl(number, libc::F_DUPFD_CLOEXEC, 0) })?;
    // SAFETY: just opened.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    set_blocking(std::os::fd::AsFd::as_fd(&fd), false)?;
    Ok(fd)
}

/// The socket with this number, which stays its opener's: to be given back with `into_raw_fd`, not
/// to be closed.
pub fn adopt(number: RawFd) -> Result<OwnedFd, i32> {
    let fd = crate::base::fd::adopt(number)?;
    match set_blocking(std::os::fd::AsFd::as_fd(&fd), false) {
        Ok(()) => Ok(fd),
        Err(e) => {
            let _ = fd.into_raw_fd();
            Err(e)
        }
    }
}

/// The number of a socket.
pub fn number(fd: BorrowedFd<'_>) -> RawFd {
    fd.as_raw_fd()
}

pub fn set_blocking(fd: BorrowedFd<'_>, blocking: bool) -> Result<(), i32> {
    rustix::io::ioctl_fionbio(fd, !blocking).map_err(|e| e.raw_os_error())
}

/// Closes, and tells what the system has to say of it: a socket that lingers may time out.
pub fn close(fd: OwnedFd) -> Result<(), i32> {
    // SAFETY: the descriptor is given up by its owner.
    check(unsafe { libc::close(fd.into_raw_fd()) }).map(|_| ())
}

pub fn bind(fd: BorrowedFd<'_>, address: &Raw) -> Result<(), i32> {
    // SAFETY: reads the address, which is as long as it says; the descriptor is open.
    check(unsafe { libc::bind(fd.as_raw_fd(), address.pointer(), address.length()) }).map(|_| ())
}

/// `EINPROGRESS`: it goes on, and the socket is ready to write at its end.
pub fn connect(fd: BorrowedFd<'_>, address: &Raw) -> Result<(), i32> {
    // SAFETY: as in `bind`.
    check(unsafe { libc::connect(fd.as_raw_fd(), address.pointer(), address.length()) }).map(|_| ())
}

pub fn listen(fd: BorrowedFd<'_>, backlog: i32) -> Result<(), i32> {
    // SAFETY: a number; the descriptor is open.
    check(unsafe { libc::listen(fd.as_raw_fd(), backlog) }).map(|_| ())
}

/// A connection, which does not block.
pub fn accept(fd: BorrowedFd<'_>) -> Result<OwnedFd, i32> {
    loop {
        // SAFETY: no address is asked for; the descriptor is open.
        let accepted = unsafe { libc::accept4(fd.as_raw_fd(), std::ptr::null_mut(), std::ptr::null_mut(), FLAGS) };
        match check(accepted) {
            // SAFETY: just opened.
            Ok(accepted) => return Ok(unsafe { OwnedFd::from_raw_fd(accepted) }),
            Err(libc::EINTR) => {}
            Err(number) => return Err(number),
        }
    }
}

/// Which way is to be shut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shutdown {
    Read,
    Write,
    Both,
}

pub fn shutdown(fd: BorrowedFd<'_>, how: Shutdown) -> Result<(), i32> {
    let how = match how {
        Shutdown::Read => libc::SHUT_RD,
        Shutdown::Write => libc::SHUT_WR,
        Shutdown::Both => libc::SHUT_RDWR,
    };
    // SAFETY: a number; the descriptor is open.
    check(unsafe { libc::shutdown(fd.as_raw_fd(), how) }).map(|_| ())
}

type Name = unsafe extern "C" fn(libc::c_int, *mut libc::sockaddr, *mut libc::socklen_t) -> libc::c_int;

fn name(fd: BorrowedFd<'_>, call: Name) -> Result<Raw, i32> {
    let mut raw = Raw::room();
    let mut length = raw.length();
    // SAFETY: writes at most `length` bytes; the descriptor is open.
    check(unsafe { call(fd.as_raw_fd(), raw.pointer_mut(), &raw mut length) })?;
    raw.set_length(length);
    Ok(raw)
}

pub fn local_name(fd: BorrowedFd<'_>) -> Result<Raw, i32> {
    name(fd, libc::getsockname)
}

pub fn peer_name(fd: BorrowedFd<'_>) -> Result<Raw, i32> {
    name(fd, libc::getpeername)
}

/// Sends part of a file from `offset` on, which moves behind what was sent.
pub fn send_file(to: BorrowedFd<'_>, from: BorrowedFd<'_>, offset: &mut i64, most: usize) -> Result<usize, i32> {
    // SAFETY: the offset is ours; both descriptors are open.
    size_of_call(|| unsafe { libc::sendfile(to.as_raw_fd(), from.as_raw_fd(), offset, most) })
}

/// Whether reading, or writing, would not block.
pub fn is_ready(fd: BorrowedFd<'_>, read: bool, write: bool) -> bool {
    let mut events = 0;
    if read {
        events |= libc::POLLIN | libc::POLLPRI;
    }
    if write {
        events |= libc::POLLOUT;
    }
    let mut asked = libc::pollfd { fd: fd.as_raw_fd(), events, revents: 0 };
    // SAFETY: one entry, ours.
    match unsafe { libc::poll(&raw mut asked, 1, 0) } {
        0 => false,
        n if n > 0 => asked.revents != 0,
        _ => last_error() != libc::EINTR,
    }
}
