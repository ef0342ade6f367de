//! Writing, and those who wait for it.

use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{SendAncillaryBuffer, SendFlags, Shutdown};

use super::{Blocked, Phase, Tcp, posix, reason_of};
use super::{HIGH_WATERMARK, LOW_WATERMARK};
use crate::am;
use crate::heap::Build;
use crate::port::data::Data;
use crate::port::deliver;
use crate::port::driver::{DriverCx, End};
use crate::port::inet::option::{
    Active, DELAY_SEND, EXIT_ON_CLOSE, PACKET, SEND_TIMEOUT, SEND_TIMEOUT_CLOSE, SHOW_ECONNRESET,
};
use crate::port::poll;
use crate::port::state::PortId;
use crate::process::Pid;
use crate::term::Term;

/// `{inet_reply, Port, ok}`
fn reply_ok(port: PortId, to: Pid) {
    deliver::message(to, 4, |place| place.tuple(&[am::inet_reply, port.term(), am::ok]));
}

/// `{inet_reply, Port, {error, Reason}}`
fn reply_error(port: PortId, to: Pid, reason: Term) {
    deliver::message(to, 7, |place| {
        let error = place.tuple(&[am::error, reason]);
        place.tuple(&[am::inet_reply, port.term(), error])
    });
}

/// The length that a framing puts before data. One that does not fit is cut, as OTP does.
fn header(packet: u32, size: usize) -> Vec<u8> {
    let size = (size as u32).to_be_bytes();
    match packet {
        1 => size[3..].to_vec(),
        2 => size[2..].to_vec(),
        3 => size.to_vec(),
        _ => Vec::new(),
    }
}

impl Tcp {
    pub(super) fn send(&mut self, cx: &mut DriverCx<'_>, data: Data) {
        let caller = cx.caller.unwrap_or(cx.connected);
        if self.phase != Phase::Connected {
            let reason = match std::mem::take(&mut self.closed_for_writer) {
                true if self.was_reset => reason_of(libc::ECONNRESET),
                true => am::closed,
                false => reason_of(libc::ENOTCONN),
            };
            return reply_error(cx.id, caller, reason);
        }
        let waits = self.has_output() || self.options.kept(DELAY_SEND) == 1;
        self.statistics.sent(data.len());
        self.queue(data);
        if !waits {
            if let Err(e) = self.drain() {
                return self.write_failed(cx, Some(caller), posix(e));
            }
        } else if let Some(token) = self.watch.filter(|_| self.options.kept(DELAY_SEND) == 1) {
            poll::again(token);
        }
        // What a first write leaves over does not hold up its writer; what comes behind it may.
        if !waits || self.output.size() < self.options.kept(HIGH_WATERMARK) as usize {
            return reply_ok(cx.id, caller);
        }
        self.is_busy = true;
        if self.blocked.is_some() {
            return reply_ok(cx.id, caller);
        }
        let timeout = self.options.kept(SEND_TIMEOUT);
        let timer = (timeout != u32::MAX).then(|| poll::set_timer(cx.id, Duration::from_millis(timeout.into())));
        self.blocked = Some(Blocked { caller, timer });
    }

    /// Data between nodes: nobody waits for an answer, and the sender looks out for room itself.
    pub(super) fn transmit(&mut self, cx: &mut DriverCx<'_>, data: Vec<u8>) {
        if self.phase != Phase::Connected {
            return;
        }
        let waits = self.has_output();
        self.statistics.sent(data.len());
        self.queue(data.into());
        if !waits && let Err(e) = self.drain() {
            return self.write_failed(cx, None, posix(e));
        }
        self.is_busy |= self.output.size() >= self.options.kept(HIGH_WATERMARK) as usize;
    }

    fn queue(&mut self, data: Data) {
        let header = header(self.options.kept(PACKET), data.len());
        for block in data.behind(&header) {
            self.output.push_block(block);
        }
    }

    /// Writes as much as the socket takes.
    pub(super) fn drain(&mut self) -> Result<(), Errno> {
        let Some(socket) = &self.socket else { return Ok(()) };
        self.output.drain_blocks(|blocks| match blocks {
            [one] => rustix::net::send(socket, one, SendFlags::NOSIGNAL),
            more => rustix::net::sendmsg(socket, more, &mut SendAncillaryBuffer::default(), SendFlags::NOSIGNAL),
        })
    }

    /// The socket takes more.
    pub(super) fn write(&mut self, cx: &mut DriverCx<'_>) {
        if let Err(number) = self.drain_all(cx) {
            return self.write_failed(cx, None, number);
        }
        if self.sending.is_none() && self.is_busy && self.output.size() <= self.options.kept(LOW_WATERMARK) as usize {
            self.unblock(cx);
        }
        if !self.has_output() {
            let port = cx.port();
            for process in self.subscribers.drain(..) {
                deliver::message(process, 3, |place| place.tuple(&[am::empty_out_q, port]));
            }
            if std::mem::take(&mut self.shut_down_later)
                && let Some(socket) = &self.socket
            {
                let _ = rustix::net::shutdown(socket, Shutdown::Write);
                self.is_shut = true;
            }
        }
    }

    /// Writers may go on.
    pub(super) fn unblock(&mut self, cx: &mut DriverCx<'_>) {
        self.is_busy = false;
        if let Some(blocked) = self.blocked.take() {
            if let Some(timer) = blocked.timer {
                poll::unwatch(timer);
            }
            reply_ok(cx.id, blocked.caller);
        }
        cx.drained();
    }

    /// The writer that waits is told that nothing comes of it.
    pub(super) fn release_blocked(&mut self, reason: Term) {
        let Some(blocked) = self.blocked.take() else { return };
        if let Some(timer) = blocked.timer {
            poll::unwatch(timer);
        }
        if let Some(port) = self.id {
            reply_error(port, blocked.caller, reason);
        }
    }

    /// The other side takes nothing any more, whatever the system says of it; only a reset is told as such, if that is
    /// asked for. `writer` waits to hear of it.
    fn write_failed(&mut self, cx: &mut DriverCx<'_>, writer: Option<Pid>, number: i32) {
        // What a reset was the answer to may have been written before: then this is a broken pipe.
        let is_reset = number == libc::ECONNRESET || number == libc::EPIPE && !self.is_shut;
        let shown = is_reset && self.options.kept(SHOW_ECONNRESET) == 1;
        let reason = if shown { reason_of(libc::ECONNRESET) } else { am::closed };
        self.output.clear();
        self.abort_file(cx, number);
        let is_told = writer.is_some() || self.blocked.is_some();
        self.release_blocked(reason);
        cx.drained();
        if let Some(writer) = writer {
            reply_error(cx.id, writer, reason);
        }
        if self.options.active != Active::Passive {
            if shown {
                self.tell_error(cx, libc::ECONNRESET);
            }
            self.tell_closed(cx);
            self.close();
            if self.options.kept(EXIT_ON_CLOSE) == 1 {
                cx.end(End::Unsaid);
            }
            return;
        }
        self.fail_waiting(cx.id, am::closed);
        self.close();
        // Who ignores what comes of a send hears of it from the next receive.
        self.closed_for_reader = true;
        self.closed_for_writer = !is_told;
        self.was_reset = shown;
    }

    /// A socket that was closed while it was passive is to be active: its owner is told now.
    pub(super) fn tell_closed_late(&mut self, cx: &mut DriverCx<'_>) {
        if std::mem::take(&mut self.was_reset) {
            self.tell_error(cx, libc::ECONNRESET);
        }
        self.tell_closed(cx);
        if self.options.kept(EXIT_ON_CLOSE) == 1 {
            cx.end(End::Unsaid);
        }
    }

    /// The writer has waited long enough.
    pub(super) fn send_timed_out(&mut self, cx: &mut DriverCx<'_>) {
        self.release_blocked(am::timeout);
        // The next writer has its own time.
        self.is_busy = false;
        cx.drained();
        if self.options.kept(SEND_TIMEOUT_CLOSE) == 0 {
            return;
        }
        self.output.clear();
        if self.options.active != Active::Passive && self.options.kept(EXIT_ON_CLOSE) == 1 {
            self.tell_closed(cx);
            return cx.end(End::Unsaid);
        }
        self.fail_waiting(cx.id, am::closed);
        self.close();
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn lengths_come_first() {
        assert_eq!(super::header(2, 3), [0, 3]);
        assert_eq!(super::header(3, 0), [0, 0, 0, 0]);
        assert_eq!(super::header(1, 258), [2]);
        assert_eq!(super::header(8, 5), []);
    }
}
