//! Stream sockets.
//! Start reading at: `Tcp`, then `Tcp::request`.

mod connect;
mod file;
mod input;
mod receive;
mod send;

use std::collections::VecDeque;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::SocketAddrAny;

use super::address::Family;
use super::option::{Active, HIGH_WATERMARK, LOW_WATERMARK, Options, PACKET};
use super::request;
use super::statistics::Statistics;
use super::{Answer, MAGIC, address, reply};
use crate::am;
use crate::atom::Atom;
use crate::heap::{Build, Fragment};
use crate::port::data::Data;
use crate::port::deliver;
use crate::port::driver::{Driver, DriverCx, Fault};
use crate::port::poll::{self, Interest, Readiness, Token};
use crate::port::queue::OutputQueue;
use crate::port::state::PortId;
use crate::process::Pid;
use crate::term::Term;
use input::Input;

/// How far a socket has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Phase {
    /// There is no socket, not yet or no more.
    #[default]
    Closed,
    Open,
    Listening,
    Connecting,
    Connected,
}

/// A process that waits for an answer by message.
struct Waiting {
    caller: Pid,
    id: u16,
    timer: Option<Token>,
    /// Bytes wanted by `recv`; 0 for what there is.
    length: u32,
}

/// A writer that is told only once the queue is short again.
struct Blocked {
    caller: Pid,
    timer: Option<Token>,
}

#[derive(Default)]
pub struct Tcp {
    socket: Option<OwnedFd>,
    phase: Phase,
    family: Family,
    is_bound: bool,
    watch: Option<Token>,
    options: Options,
    /// Acceptors while listening, the one that connects, readers while connected.
    waiting: VecDeque<Waiting>,
    next_id: u16,
    input: Input,
    /// The other side has ended, or has sent urgent data: a read that brings less than it might is not the last one.
    reads_on: bool,
    /// The next line of HTTP is a header.
    headers: bool,
    /// The other side sends no more; the socket stays open.
    input_ended: bool,
    output: OutputQueue,
    /// A file that goes out between what is in the queue.
    sending: Option<file::Sending>,
    /// The queue went over the high watermark and is not yet down to the low one.
    is_busy: bool,
    blocked: Option<Blocked>,
    /// To be shut down for writing once everything is written.
    shut_down_later: bool,
    /// Told of an empty queue.
    subscribers: Vec<Pid>,
    /// The socket was closed by the other side: told once more, to who reads or writes next.
    closed_for_reader: bool,
    closed_for_writer: bool,
    /// The owner has heard that it is closed.
    told_closed: bool,
    /// That was a reset, which the reader is to hear of as such.
    was_reset: bool,
    /// Shut down for writing.
    is_shut: bool,
    statistics: Statistics,
    /// The port, for messages when it stops.
    id: Option<PortId>,
}

fn posix(e: Errno) -> i32 {
    e.raw_os_error()
}

fn reason_of(number: i32) -> Term {
    Term::from_atom(Atom::known(crate::base::errno::name(number)))
}

/// `{inet_async, Port, Id, Result}`
fn answer(port: PortId, waiting: &Waiting, words: usize, result: impl FnOnce(&mut Fragment) -> Term) {
    if let Some(timer) = waiting.timer {
        poll::unwatch(timer);
    }
    let id = Term::small(waiting.id.into());
    deliver::message(waiting.caller, 5 + words, |place| {
        let result = result(place);
        place.tuple(&[am::inet_async, port.term(), id, result])
    });
}

fn answer_error(port: PortId, waiting: &Waiting, reason: Term) {
    answer(port, waiting, 3, |place| place.tuple(&[am::error, reason]));
}

impl Tcp {
    fn socket(&self) -> Result<BorrowedFd<'_>, i32> {
        self.socket.as_ref().map(AsFd::as_fd).ok_or(libc::EINVAL)
    }

    fn request(&mut self, cx: &mut DriverCx<'_>, request: u32, data: &[u8]) -> Answer {
        match request {
            request::OPEN => self.open(data),
            request::FDOPEN => self.open_descriptor(cx, data),
            request::CLOSE | request::IGNOREFD => Ok(Vec::new()),
            request::BIND => self.bind(data),
            request::CONNECT => self.connect(cx, data),
            request::LISTEN => self.listen(cx, data),
            request::ACCEPT => self.accept(cx, data),
            request::TCP_RECV => self.receive(cx, data),
            request::TCP_UNRECV => {
                self.connected()?;
                self.input.put_back(data);
                self.deliver(cx);
                Ok(Vec::new())
            }
            request::TCP_SHUTDOWN => self.shut_down(data),
            // Of several names there is one.
            request::NAME | request::SOCKNAMES => Ok(address::encode(Some(&self.name()?))),
            request::PEER => {
                self.connected()?;
                let peer = rustix::net::getpeername(self.socket()?).map_err(posix)?;
                Ok(address::encode(Some(&peer.ok_or(libc::ENOTCONN)?)))
            }
            request::SETOPTS => {
                let framing = self.options.kept(PACKET);
                self.options.set_all(self.socket.as_ref().map(AsFd::as_fd), data)?;
                if self.options.take_passive() {
                    self.tell_passive(cx);
                }
                if self.options.kept(PACKET) != framing {
                    self.headers = false;
                }
                if self.is_busy && self.output.size() < self.options.kept(HIGH_WATERMARK) as usize {
                    self.unblock(cx);
                }
                if self.options.take_active() && self.phase == Phase::Closed {
                    self.tell_closed_late(cx);
                }
                self.deliver(cx);
                Ok(Vec::new())
            }
            request::GETOPTS => self.options.get_all(self.socket.as_ref().map(AsFd::as_fd), data),
            request::GETFD => Ok((self.socket()?.as_raw_fd() as u32).to_be_bytes().to_vec()),
            request::GETTYPE => {
                Ok([self.family.number().to_be_bytes(), 1u32.to_be_bytes()].concat())
            }
            request::GETSTATUS => {
                // An acceptor that is gone waits no more.
                self.waiting.retain(|waiting| deliver::is_alive(waiting.caller));
                Ok(self.status().to_be_bytes().to_vec())
            }
            request::GETSTAT => self.statistics.get(data, self.output.size()),
            request::SUBSCRIBE => {
                let pending = self.output.size() as u32;
                if pending > 0 && data.contains(&1) {
                    self.subscribers.extend(cx.caller);
                }
                Ok([&[1], &pending.to_be_bytes()[..]].concat())
            }
            request::TCP_SENDFILE => self.send_file(cx, data),
            _ => request::of_machine(request, self.socket(), data).unwrap_or(Err(libc::EINVAL)),
        }
    }

    fn connected(&self) -> Result<(), i32> {
        if self.phase == Phase::Connected { Ok(()) } else { Err(libc::ENOTCONN) }
    }

    fn name(&self) -> Result<SocketAddrAny, i32> {
        rustix::net::getsockname(self.socket()?).map_err(posix)
    }

    /// Bits: open, bound, active, listening, connected, accepting, connecting, busy.
    fn status(&self) -> u32 {
        let bit = |on: bool, bit: u32| if on { bit } else { 0 };
        bit(self.socket.is_some(), 0x01)
            | bit(self.is_bound, 0x02)
            | bit(self.options.active != Active::Passive, 0x04)
            | bit(self.phase == Phase::Listening, 0x08)
            | bit(self.phase == Phase::Connected, 0x10)
            | bit(self.phase == Phase::Listening && !self.waiting.is_empty(), 0x20)
            | bit(self.phase == Phase::Connecting, 0x40)
            | bit(self.is_busy, 0x80)
    }

    /// A number for the request, and the caller in the queue of those that wait for an answer.
    fn wait(&mut self, cx: &DriverCx<'_>, timeout: u32, length: u32) -> Result<u16, i32> {
        let caller = cx.caller.ok_or(libc::EINVAL)?;
        self.next_id = self.next_id.wrapping_add(1) & 0x7fff;
        let id = self.next_id;
        let timer = (timeout != u32::MAX).then(|| poll::set_timer(cx.id, Duration::from_millis(timeout.into())));
        if self.waiting.is_empty() {
            // Mostly there is one; the deque would make room for four.
            self.waiting.reserve_exact(1);
        }
        self.waiting.push_back(Waiting { caller, id, timer, length });
        Ok(id)
    }

    /// Nobody waits any more: all are told why.
    fn fail_waiting(&mut self, port: PortId, reason: Term) {
        for waiting in self.waiting.drain(..) {
            answer_error(port, &waiting, reason);
        }
    }

    /// The socket is closed, the port remains.
    fn close(&mut self) {
        if let Some(token) = self.watch.take() {
            poll::unwatch(token);
        }
        self.socket = None;
        self.phase = Phase::Closed;
        self.input = Input::default();
        self.output.clear();
        self.sending = None;
        self.is_busy = false;
    }
}

impl Driver for Tcp {
    fn start(&mut self, cx: &mut DriverCx<'_>) {
        self.id = Some(cx.id);
        // An accepted one comes with its socket.
        if let Some(socket) = &self.socket {
            self.watch = Some(cx.watch(socket.as_fd(), Interest::Both));
        }
    }

    fn command(&mut self, cx: &mut DriverCx<'_>, data: Vec<u8>) -> Result<(), Fault> {
        self.send(cx, data.into());
        Ok(())
    }

    fn command_in_pieces(&mut self, cx: &mut DriverCx<'_>, data: Data) -> Result<(), Fault> {
        self.send(cx, data);
        Ok(())
    }

    fn transmit(&mut self, cx: &mut DriverCx<'_>, packet: Vec<u8>) -> Result<(), Fault> {
        self.transmit(cx, packet);
        Ok(())
    }

    fn can_transmit(&self) -> bool {
        true
    }

    fn control(&mut self, cx: &mut DriverCx<'_>, operation: u32, data: &[u8]) -> Result<Vec<u8>, Fault> {
        let request = operation.checked_sub(MAGIC).ok_or(Fault::BadArg)?;
        if request == request::TCP_RECV && self.phase != Phase::Connected && self.closed_for_reader {
            (self.closed_for_reader, self.closed_for_writer) = (false, false);
            let reason: &[u8] = if std::mem::take(&mut self.was_reset) { b"econnreset" } else { b"closed" };
            return Ok([&[super::REPLY_ERROR][..], reason].concat());
        }
        Ok(reply(self.request(cx, request, data)))
    }

    fn ready(&mut self, cx: &mut DriverCx<'_>, token: Token, readiness: Readiness) {
        let Readiness { readable, writable, special, .. } = readiness;
        if self.watch != Some(token) {
            return;
        }
        self.reads_on |= special;
        match self.phase {
            Phase::Listening if readable => self.take_connections(cx),
            Phase::Connecting if writable => self.finish_connecting(cx),
            Phase::Connected => {
                if writable && self.has_output() {
                    self.write(cx);
                }
                if readable {
                    self.deliver(cx);
                }
            }
            _ => {}
        }
    }

    fn timeout(&mut self, cx: &mut DriverCx<'_>, token: Token) {
        if self.blocked.as_ref().is_some_and(|blocked| blocked.timer == Some(token)) {
            return self.send_timed_out(cx);
        }
        let Some(at) = self.waiting.iter().position(|waiting| waiting.timer == Some(token)) else { return };
        if let Some(waiting) = self.waiting.remove(at) {
            answer_error(cx.id, &waiting, am::timeout);
        }
        if self.phase == Phase::Connecting {
            self.close();
        }
    }

    fn pending(&self) -> usize {
        // Who closes while a file is sent gives up what is left, as in OTP.
        if self.sending.is_some() { 0 } else { self.output.size() }
    }

    fn is_busy(&self) -> bool {
        self.is_busy
    }

    fn stop(&mut self) {
        if let Some(port) = self.id {
            self.fail_waiting(port, am::closed);
        }
        if let Some(timer) = self.blocked.take().and_then(|blocked| blocked.timer) {
            poll::unwatch(timer);
        }
        self.close();
    }
}
