//! Datagram sockets.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketAddrAny, SocketFlags, SocketType};

use super::option::{Active, MODE, Options};
use super::request::{self, u8_of, u32_of};
use super::statistics::Statistics;
use super::{Answer, MAGIC, address, reply};
use crate::am;
use crate::atom::Atom;
use crate::heap::Build;
use crate::port::driver::{Driver, DriverCx, Fault, bytes_term, words_of};
use crate::port::poll::{self, Interest, Token};
use crate::port::queue::{NOW, is_ready};
use crate::process::Pid;
use crate::term::Term;

/// The largest datagram there is.
const LARGEST: usize = 65_536;

/// A process that waits in `recv`.
struct Reader {
    caller: Pid,
    id: u16,
    length: usize,
    timer: Option<Token>,
}

#[derive(Default)]
pub struct Udp {
    socket: Option<OwnedFd>,
    is_v6: bool,
    is_bound: bool,
    peer: Option<SocketAddr>,
    watch: Option<Token>,
    options: Options,
    readers: VecDeque<Reader>,
    next_id: u16,
    statistics: Statistics,
}

fn posix(e: Errno) -> i32 {
    e.raw_os_error()
}

impl Udp {
    fn socket(&self) -> Result<BorrowedFd<'_>, i32> {
        self.socket.as_ref().map(AsFd::as_fd).ok_or(libc::EINVAL)
    }

    fn request(&mut self, cx: &mut DriverCx<'_>, request: u32, mut data: &[u8]) -> Answer {
        match request {
            request::OPEN => self.open(cx, data),
            request::CLOSE => Ok(Vec::new()),
            request::BIND => {
                let at = address::decode(&mut data, self.is_v6).ok_or(libc::EINVAL)?;
                rustix::net::bind(self.socket()?, &at).map_err(posix)?;
                self.is_bound = true;
                let name = self.name()?;
                Ok(name.port().to_be_bytes().to_vec())
            }
            request::CONNECT => {
                let timeout = u32_of(&mut data);
                let to = timeout.and_then(|_| address::decode(&mut data, self.is_v6)).ok_or(libc::EINVAL)?;
                rustix::net::connect(self.socket()?, &to).map_err(posix)?;
                self.peer = Some(to);
                let id = self.new_id();
                if let Some(caller) = cx.caller {
                    self.answer(cx, caller, id, am::ok);
                }
                Ok(id.to_be_bytes().to_vec())
            }
            request::NAME => Ok(address::encode(self.name()?)),
            request::PEER => {
                let peer = rustix::net::getpeername(self.socket()?).map_err(posix)?;
                let peer = peer.and_then(ip_of).ok_or(libc::ENOTCONN)?;
                Ok(address::encode(peer))
            }
            request::SETOPTS => {
                self.options.set_all(self.socket.as_ref().map(AsFd::as_fd), data)?;
                self.deliver(cx);
                Ok(Vec::new())
            }
            request::GETOPTS => self.options.get_all(self.socket.as_ref().map(AsFd::as_fd), data),
            request::GETHOSTNAME => Ok(request::hostname()),
            request::GETFD => Ok((self.socket()?.as_raw_fd() as u32).to_be_bytes().to_vec()),
            request::GETTYPE => {
                let family = if self.is_v6 { address::INET6 } else { address::INET };
                Ok([u32::from(family).to_be_bytes(), 2u32.to_be_bytes()].concat())
            }
            request::GETSTATUS => Ok(self.status().to_be_bytes().to_vec()),
            request::GETSTAT => self.statistics.get(data, 0),
            // Datagrams don't wait: the queue is always empty.
            request::SUBSCRIBE => Ok(data.iter().flat_map(|&what| [what, 0, 0, 0, 0]).collect()),
            request::PACKET_RECV => self.receive(cx, data),
            _ => Err(libc::EINVAL),
        }
    }

    fn open(&mut self, cx: &mut DriverCx<'_>, mut data: &[u8]) -> Answer {
        let (family, kind) = (u8_of(&mut data), u8_of(&mut data));
        self.is_v6 = match family {
            Some(address::INET) => false,
            Some(address::INET6) => true,
            _ => return Err(libc::EAFNOSUPPORT),
        };
        if kind != Some(2) {
            return Err(libc::EINVAL);
        }
        let family = if self.is_v6 { AddressFamily::INET6 } else { AddressFamily::INET };
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = rustix::net::socket_with(family, SocketType::DGRAM, flags, None).map_err(posix)?;
        self.watch = Some(cx.watch(socket.as_fd(), Interest::Read));
        self.socket = Some(socket);
        Ok(Vec::new())
    }

    fn name(&self) -> Result<SocketAddr, i32> {
        let name = rustix::net::getsockname(self.socket()?).map_err(posix)?;
        ip_of(name).ok_or(libc::EAFNOSUPPORT)
    }

    /// Bits: open, bound, active, connected.
    fn status(&self) -> u32 {
        let bit = |on: bool, bit: u32| if on { bit } else { 0 };
        bit(self.socket.is_some(), 1)
            | bit(self.is_bound, 2)
            | bit(self.options.active != Active::Passive, 4)
            | bit(self.peer.is_some(), 16)
    }

    fn new_id(&mut self) -> u16 {
        self.next_id = self.next_id.wrapping_add(1) & 0x7fff;
        self.next_id
    }

    /// `{inet_async, Port, Id, Result}`
    fn answer(&self, cx: &mut DriverCx<'_>, to: Pid, id: u16, result: Term) {
        let port = cx.port();
        cx.send(to, 5, |place| place.tuple(&[am::inet_async, port, Term::small(id.into()), result]));
    }

    fn answer_error(&self, cx: &mut DriverCx<'_>, to: Pid, id: u16, reason: Term) {
        let port = cx.port();
        cx.send(to, 8, |place| {
            let error = place.tuple(&[am::error, reason]);
            place.tuple(&[am::inet_async, port, Term::small(id.into()), error])
        });
    }

    fn receive(&mut self, cx: &mut DriverCx<'_>, mut data: &[u8]) -> Answer {
        let (timeout, length) = (u32_of(&mut data), u32_of(&mut data));
        let (Some(timeout), Some(length), Some(caller)) = (timeout, length, cx.caller) else {
            return Err(libc::EINVAL);
        };
        self.socket()?;
        if self.options.active != Active::Passive {
            return Err(libc::EINVAL);
        }
        let id = self.new_id();
        let timer = (timeout != u32::MAX).then(|| poll::set_timer(cx.id, Duration::from_millis(timeout.into())));
        self.readers.push_back(Reader { caller, id, length: length as usize, timer });
        self.deliver(cx);
        Ok(id.to_be_bytes().to_vec())
    }

    /// Reads what has come, for as long as someone wants it.
    fn deliver(&mut self, cx: &mut DriverCx<'_>) {
        while !self.readers.is_empty() || self.options.active != Active::Passive {
            let Some(socket) = &self.socket else { return };
            if !is_ready(socket.as_fd(), PollFlags::IN, Some(&NOW)) {
                return;
            }
            let mut bytes = vec![0u8; LARGEST];
            match rustix::net::recvfrom(socket, &mut bytes[..], RecvFlags::empty()) {
                Ok((size, _, from)) => {
                    bytes.truncate(size);
                    let Some(from) = from.and_then(ip_of).or(self.peer) else { continue };
                    self.statistics.received(size);
                    match self.readers.pop_front() {
                        Some(reader) => self.hand_over(cx, reader, from, bytes),
                        None => self.send_up(cx, from, bytes),
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return,
                Err(e) => return self.failed(cx, e),
            }
        }
    }

    fn is_binary(&self) -> bool {
        self.options.kept(MODE) == 1
    }

    /// `{inet_async, Port, Id, {ok, [Address... | Data]}}`
    fn hand_over(&mut self, cx: &mut DriverCx<'_>, reader: Reader, from: SocketAddr, mut bytes: Vec<u8>) {
        if let Some(timer) = reader.timer {
            poll::unwatch(timer);
        }
        if reader.length > 0 {
            bytes.truncate(reader.length);
        }
        let (port, binary) = (cx.port(), self.is_binary());
        let from: Vec<Term> = address::encode(from).into_iter().map(|byte| Term::small(byte.into())).collect();
        cx.send(reader.caller, 8 + from.len() * 2 + words_of(&bytes, binary), |place| {
            let data = bytes_term(place, bytes, binary);
            let data = place.list_with_tail(&from, data);
            let ok = place.tuple(&[am::ok, data]);
            place.tuple(&[am::inet_async, port, Term::small(reader.id.into()), ok])
        });
    }

    /// `{udp, Port, Ip, Number, Data}`
    fn send_up(&mut self, cx: &mut DriverCx<'_>, from: SocketAddr, bytes: Vec<u8>) {
        let (port, binary, to) = (cx.port(), self.is_binary(), cx.connected);
        cx.send(to, 15 + words_of(&bytes, binary), |place| {
            let ip = address::ip_term(place, from.ip());
            let data = bytes_term(place, bytes, binary);
            place.tuple(&[am::udp, port, ip, Term::small(from.port().into()), data])
        });
        let counted = matches!(self.options.active, Active::Count(_));
        self.options.active = self.options.active.next();
        if counted && self.options.active == Active::Passive {
            cx.send(to, 3, |place| place.tuple(&[am::udp_passive, port]));
        }
    }

    fn failed(&mut self, cx: &mut DriverCx<'_>, e: Errno) {
        let reason = Term::from_atom(Atom::known(crate::base::errno::name(posix(e))));
        if let Some(reader) = self.readers.pop_front() {
            if let Some(timer) = reader.timer {
                poll::unwatch(timer);
            }
            self.answer_error(cx, reader.caller, reader.id, reason);
            return;
        }
        let (port, to) = (cx.port(), cx.connected);
        cx.send(to, 4, |place| place.tuple(&[am::udp_error, port, reason]));
    }

    /// An address, the size of ancillary data, those, and the datagram.
    fn send(&mut self, mut data: &[u8]) -> Result<(), i32> {
        let to = match data.first() {
            // To the peer of a connected socket: no address.
            Some(0) => {
                data = &data[1..];
                None
            }
            _ => Some(address::decode(&mut data, self.is_v6).ok_or(libc::EINVAL)?),
        };
        let ancillary = u32_of(&mut data).ok_or(libc::EINVAL)? as usize;
        let datagram = data.get(ancillary..).ok_or(libc::EINVAL)?;
        let socket = self.socket()?;
        let sent = rustix::io::retry_on_intr(|| match to {
            Some(to) => rustix::net::sendto(socket, datagram, SendFlags::empty(), &to),
            None => rustix::net::send(socket, datagram, SendFlags::empty()),
        });
        sent.map_err(posix)?;
        self.statistics.sent(datagram.len());
        Ok(())
    }
}

fn ip_of(address: SocketAddrAny) -> Option<SocketAddr> {
    address.try_into().ok()
}

impl Driver for Udp {
    /// Answers `{inet_reply, Port, Result}`.
    fn command(&mut self, cx: &mut DriverCx<'_>, data: Vec<u8>) -> Result<(), Fault> {
        let Some(caller) = cx.caller else { return Err(Fault::BadArg) };
        let port = cx.port();
        match self.send(&data) {
            Ok(()) => cx.send(caller, 4, |place| place.tuple(&[am::inet_reply, port, am::ok])),
            Err(number) => {
                let reason = Term::from_atom(Atom::known(crate::base::errno::name(number)));
                cx.send(caller, 7, |place| {
                    let error = place.tuple(&[am::error, reason]);
                    place.tuple(&[am::inet_reply, port, error])
                });
            }
        }
        Ok(())
    }

    fn control(&mut self, cx: &mut DriverCx<'_>, operation: u32, data: &[u8]) -> Result<Vec<u8>, Fault> {
        let request = operation.checked_sub(MAGIC).ok_or(Fault::BadArg)?;
        Ok(reply(self.request(cx, request, data)))
    }

    fn ready(&mut self, cx: &mut DriverCx<'_>, _: Token, readable: bool, _: bool) {
        if readable {
            self.deliver(cx);
        }
    }

    fn timeout(&mut self, cx: &mut DriverCx<'_>, token: Token) {
        let Some(at) = self.readers.iter().position(|reader| reader.timer == Some(token)) else { return };
        if let Some(reader) = self.readers.remove(at) {
            self.answer_error(cx, reader.caller, reader.id, am::timeout);
        }
    }

    fn stop(&mut self) {
        if let Some(token) = self.watch.take() {
            poll::unwatch(token);
        }
        for timer in self.readers.drain(..).filter_map(|reader| reader.timer) {
            poll::unwatch(timer);
        }
        self.socket = None;
    }
}

