//! File descriptors that come from outside as bare numbers.

use std::os::fd::{FromRawFd, OwnedFd, RawFd};

/// Takes over an open descriptor whose number an Erlang program names; the error number if there
/// is none of that number.
pub fn adopt(number: RawFd) -> Result<OwnedFd, i32> {
    // SAFETY: asks about a number, valid or not.
    if number < 0 || unsafe { libc::fcntl(number, libc::F_GETFL) } == -1 {
        return Err(libc::EBADF);
    }
    // SAFETY: it is open. That nobody else closes it is what the caller's interface asks of its users.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Keeps what this process was started with, standard streams aside, from the programs it starts.
pub fn keep_inherited() {
    const FIRST: libc::c_uint = 3;
    #[cfg(target_os = "linux")]
    // SAFETY: changes a flag of descriptors that are open; none is closed.
    if unsafe { libc::syscall(libc::SYS_close_range, FIRST, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC) } == 0 {
        return;
    }
    // SAFETY: asks for a number.
    let limit = unsafe { libc::sysconf(libc::_SC_OPEN_MAX) }.clamp(0, 65_536);
    for fd in FIRST as RawFd..limit as RawFd {
        // SAFETY: sets a flag of the descriptor, if there is one.
        unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
}
