//! Options of sockets, as bytes.

use std::os::fd::{AsRawFd, BorrowedFd};

use super::check;

/// Writes an option's value to the front of `value`: how many bytes.
pub fn get_option(fd: BorrowedFd<'_>, (level, name): (i32, i32), value: &mut [u8]) -> Result<usize, i32> {
    let mut size = value.len() as libc::socklen_t;
    // SAFETY: writes at most `size` bytes; the descriptor is open.
    check(unsafe { libc::getsockopt(fd.as_raw_fd(), level, name, value.as_mut_ptr().cast(), &raw mut size) })?;
    Ok((size as usize).min(value.len()))
}

pub fn set_option(fd: BorrowedFd<'_>, (level, name): (i32, i32), value: &[u8]) -> Result<(), i32> {
    let size = value.len() as libc::socklen_t;
    // SAFETY: reads the bytes; the descriptor is open.
    check(unsafe { libc::setsockopt(fd.as_raw_fd(), level, name, value.as_ptr().cast(), size) }).map(|_| ())
}

/// An option that is an `int`; some of IP's are one byte.
pub fn get_int(fd: BorrowedFd<'_>, option: (i32, i32)) -> Result<i32, i32> {
    let mut value = [0; 4];
    let size = get_option(fd, option, &mut value)?;
    Ok(if size == 1 { value[0].into() } else { i32::from_ne_bytes(value) })
}

pub fn set_int(fd: BorrowedFd<'_>, option: (i32, i32), value: i32) -> Result<(), i32> {
    set_option(fd, option, &value.to_ne_bytes())
}

/// An option of the socket with this number, whosever it is; `None`: it has none such, or is none.
pub fn int_of_number(number: i32, (level, name): (i32, i32)) -> Option<i32> {
    let mut value = [0_u8; 4];
    let mut size = value.len() as libc::socklen_t;
    // SAFETY: asks about a number, valid or not; writes at most `size` bytes.
    let done = unsafe { libc::getsockopt(number, level, name, value.as_mut_ptr().cast(), &raw mut size) };
    (done == 0).then_some(i32::from_ne_bytes(value))
}
