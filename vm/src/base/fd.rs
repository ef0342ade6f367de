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
