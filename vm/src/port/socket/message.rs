//! Sending and receiving.

use std::io::IoSlice;
use std::os::fd::{AsRawFd, BorrowedFd};

use super::{Raw, size_of_call};

/// Bytes that are received into, all of them room.
fn buffer(size: usize) -> Result<Vec<u8>, i32> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).map_err(|_| libc::ENOMEM)?;
    Ok(bytes)
}

/// Says that the first `size` bytes of the room were written: no more than `room`, though the call
/// may have told how long a message is that was cut.
fn written(bytes: &mut Vec<u8>, size: usize, room: usize) {
    // SAFETY: the system wrote them; there is as much capacity.
    unsafe { bytes.set_len(size.min(room)) };
}

pub fn send(fd: BorrowedFd<'_>, bytes: &[u8], flags: i32) -> Result<usize, i32> {
    // SAFETY: reads the bytes; the descriptor is open.
    size_of_call(|| unsafe { libc::send(fd.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), flags) })
}

pub fn send_to(fd: BorrowedFd<'_>, bytes: &[u8], to: &Raw, flags: i32) -> Result<usize, i32> {
    // SAFETY: reads bytes and address, each as long as it says; the descriptor is open.
    size_of_call(|| unsafe {
        libc::sendto(fd.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), flags, to.pointer(), to.length())
    })
}

fn message() -> libc::msghdr {
    // SAFETY: numbers and null pointers.
    unsafe { std::mem::zeroed() }
}

/// Sends parts as one message, with control messages.
pub fn send_message(
    fd: BorrowedFd<'_>,
    to: Option<&Raw>,
    parts: &[IoSlice<'_>],
    control: &[u8],
    flags: i32,
) -> Result<usize, i32> {
    let mut message = message();
    if let Some(to) = to {
        message.msg_name = to.pointer().cast_mut().cast();
        message.msg_namelen = to.length();
    }
    // An `IoSlice` is an `iovec` of the system's.
    message.msg_iov = parts.as_ptr().cast_mut().cast();
    message.msg_iovlen = parts.len();
    // Aligned for the heads in it.
    let aligned: Vec<u64> = control.chunks(8).map(|c| {
        let mut word = [0; 8];
        word[..c.len()].copy_from_slice(c);
        u64::from_ne_bytes(word)
    }).collect();
    if !control.is_empty() {
        message.msg_control = aligned.as_ptr().cast_mut().cast();
        message.msg_controllen = control.len() as _;
    }
    // SAFETY: every pointer is to as much as stands beside it, and is only read; the descriptor is open.
    size_of_call(|| unsafe { libc::sendmsg(fd.as_raw_fd(), &raw const message, flags) })
}

/// Receives up to `size` bytes.
pub fn receive(fd: BorrowedFd<'_>, size: usize, flags: i32) -> Result<Vec<u8>, i32> {
    let mut bytes = buffer(size)?;
    // SAFETY: writes at most `size` bytes, for which there is room; the descriptor is open.
    let n = size_of_call(|| unsafe { libc::recv(fd.as_raw_fd(), bytes.as_mut_ptr().cast(), size, flags) })?;
    written(&mut bytes, n, size);
    Ok(bytes)
}

/// The same with the sender's address, which is empty where there is none.
pub fn receive_from(fd: BorrowedFd<'_>, size: usize, flags: i32) -> Result<(Vec<u8>, Raw), i32> {
    let mut bytes = buffer(size)?;
    let mut from = Raw::room();
    let mut length = from.length();
    // SAFETY: as in `receive`; writes at most `length` bytes of the address.
    let n = size_of_call(|| unsafe {
        let (data, name) = (bytes.as_mut_ptr().cast(), from.pointer_mut());
        libc::recvfrom(fd.as_raw_fd(), data, size, flags, name, &raw mut length)
    })?;
    written(&mut bytes, n, size);
    from.set_length(length);
    Ok((bytes, from))
}

/// A message that was received.
pub struct Received {
    pub bytes: Vec<u8>,
    pub from: Option<Raw>,
    pub control: Vec<u8>,
    pub flags: i32,
}

pub fn receive_message(fd: BorrowedFd<'_>, size: usize, control: usize, flags: i32) -> Result<Received, i32> {
    let mut bytes = buffer(size)?;
    let mut room: Vec<u64> = Vec::new();
    room.try_reserve_exact(control.div_ceil(8)).map_err(|_| libc::ENOMEM)?;
    room.resize(control.div_ceil(8), 0);
    let mut from = Raw::room();
    let mut part = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: size };
    let mut message = message();
    message.msg_name = from.pointer_mut().cast();
    message.msg_namelen = from.length();
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = room.as_mut_ptr().cast();
    message.msg_controllen = control as _;
    // SAFETY: every pointer has the room that stands beside it; the descriptor is open.
    let n = size_of_call(|| unsafe { libc::recvmsg(fd.as_raw_fd(), &raw mut message, flags) })?;
    written(&mut bytes, n, size);
    from.set_length(message.msg_namelen);
    let mut control: Vec<u8> = room.iter().flat_map(|word| word.to_ne_bytes()).collect();
    control.truncate(message.msg_controllen as usize);
    let from = (message.msg_namelen > 0).then_some(from);
    Ok(Received { bytes, from, control, flags: message.msg_flags })
}
