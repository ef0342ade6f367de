//! Sending part of a file by the system's `sendfile`: the bytes never come here.
//!
//! What is in the queue when the request comes goes out first, what is sent meanwhile comes behind the file.

use std::cell::Cell;
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::SendFlags;

use super::{Answer, Phase, Tcp, posix, reason_of};
use crate::am;
use crate::heap::Build;
use crate::port::driver::DriverCx;
use crate::port::{deliver, poll};
use crate::process::Pid;
use crate::term::Term;

/// Bytes of one call. A receiver on the same machine may empty the socket as fast as it is filled.
const AT_ONCE: u64 = 1 << 24;

/// A file on its way.
pub(super) struct Sending {
    caller: Pid,
    file: OwnedFd,
    /// Bytes of the output queue that go out before it.
    before: usize,
    offset: u64,
    left: u64,
    sent: u64,
}

/// The file's descriptor, which is this machine's `int`, where to begin, and how many bytes at most.
fn arguments(data: &[u8]) -> Option<(i32, u64, u64)> {
    let (number, rest) = data.split_first_chunk::<4>()?;
    let (offset, rest) = rest.split_first_chunk::<8>()?;
    let length: &[u8; 8] = rest.try_into().ok()?;
    let [offset, length] = [offset, length].map(|bytes| u64::from_be_bytes(*bytes));
    Some((i32::from_ne_bytes(*number), offset, length))
}

impl Tcp {
    pub(super) fn send_file(&mut self, cx: &mut DriverCx<'_>, data: &[u8]) -> Answer {
        let (number, offset, left) = arguments(data).ok_or(libc::EINVAL)?;
        self.connected()?;
        let caller = cx.caller.filter(|_| self.sending.is_none()).ok_or(libc::EINVAL)?;
        let file = crate::port::inet::duplicate(number)?;
        self.sending = Some(Sending { caller, file, before: self.output.size(), offset, left, sent: 0 });
        self.write(cx);
        Ok(Vec::new())
    }

    /// Sends what goes before the file, then the file, as much as the socket takes. `true`: done, or there is none.
    pub(super) fn drain_file(&mut self, cx: &DriverCx<'_>) -> Result<bool, Errno> {
        let (Some(socket), Some(sending)) = (&self.socket, &mut self.sending) else { return Ok(true) };
        let before = Cell::new(sending.before);
        let result = self.output.drain(|bytes| {
            let size = bytes.len().min(before.get());
            if size == 0 {
                return Err(Errno::AGAIN);
            }
            let size = rustix::net::send(socket, &bytes[..size], SendFlags::NOSIGNAL)?;
            before.set(before.get() - size);
            Ok(size)
        });
        sending.before = before.get();
        result?;
        if sending.before > 0 {
            return Ok(false);
        }
        while sending.left > 0 {
            let most = sending.left.min(AT_ONCE) as usize;
            match rustix::fs::sendfile(socket, &sending.file, Some(&mut sending.offset), most) {
                // The file ends here.
                Ok(0) => sending.left = 0,
                Ok(n) => {
                    sending.left -= n as u64;
                    sending.sent += n as u64;
                    if n == AT_ONCE as usize {
                        if let Some(token) = self.watch {
                            poll::again(token);
                        }
                        return Ok(false);
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(false),
                Err(e) => return Err(e),
            }
        }
        let (caller, sent) = (sending.caller, sending.sent);
        self.sending = None;
        let port = cx.port();
        deliver::message(caller, 8, |place| {
            let [low, high] = [sent & 0xffff_ffff, sent >> 32].map(|half| Term::small(half as i64));
            let result = place.tuple(&[am::ok, low, high]);
            place.tuple(&[am::sendfile, port, result])
        });
        Ok(true)
    }

    /// The file is not sent, or not all of it: who waits for it is told.
    pub(super) fn abort_file(&mut self, cx: &DriverCx<'_>, number: i32) {
        let Some(sending) = self.sending.take() else { return };
        let is_closed = matches!(number, libc::ECONNRESET | libc::ENOTCONN | libc::EPIPE);
        let reason = if is_closed { am::closed } else { reason_of(number) };
        let port = cx.port();
        deliver::message(sending.caller, 7, |place| {
            let error = place.tuple(&[am::error, reason]);
            place.tuple(&[am::sendfile, port, error])
        });
    }

    /// Writes as much as the socket takes; the number of an error.
    pub(super) fn drain_all(&mut self, cx: &DriverCx<'_>) -> Result<(), i32> {
        if self.drain_file(cx).map_err(posix)? { self.drain().map_err(posix) } else { Ok(()) }
    }

    /// Whether a writable socket is of use.
    pub(super) fn has_output(&self) -> bool {
        self.phase == Phase::Connected && (self.sending.is_some() || !self.output.is_empty())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn arguments_are_as_long_as_they_must_be() {
        let bytes = [&7i32.to_ne_bytes()[..], &5u64.to_be_bytes(), &9u64.to_be_bytes()].concat();
        assert_eq!(super::arguments(&bytes), Some((7, 5, 9)));
        assert_eq!(super::arguments(&bytes[1..]), None);
        assert_eq!(super::arguments(&[&bytes[..], &[0]].concat()), None);
    }
}
