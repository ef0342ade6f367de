//! Datagram sockets.

use std::collections::VecDeque;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SocketAddrAny, SocketType};

use super::address::Family;
use super::ancillary::{self, Control};
use super::option::{Active, BUFFER, MODE, Options};
use super::request::{self, u8_of, u32_of};
use super::statistics::Statistics;
use super::{Answer, MAGIC, address, adopt, open_socket, reply};
use crate::am;
use crate::atom::Atom;
use crate::heap::{Build, Fragment};
use crate::port::deliver;
use crate::port::driver::{Driver, DriverCx, Fault, bytes_term, words_of};
use crate::port::poll::{self, Interest, Readiness, Token};
use crate::port::queue::{NOW, is_ready};
use crate::port::state::PortId;
use crate::process::Pid;
use crate::term::Term;

/// A process that waits in `recv`.
struct Reader {
    caller: Pid,
    id: u16,
    timer: Option<Token>,
}

/// What has come.
struct Datagram {
    from: Option<SocketAddrAny>,
    /// The options of its headers, if they are wanted.
    controls: Option<Vec<Control>>,
    bytes: Vec<u8>,
}

pub struct Udp {
    socket: Option<OwnedFd>,
    family: Family,
    peer: Option<SocketAddrAny>,
    watch: Option<Token>,
    options: Options,
    readers: VecDeque<Reader>,
    next_id: u16,
    statistics: Statistics,
    /// The port, for messages when it stops.
    id: Option<PortId>,
}

impl Default for Udp {
    fn default() -> Udp {
        Udp {
            socket: None,
            family: Family::default(),
            peer: None,
            watch: None,
            options: Options::of_datagrams(),
            readers: VecDeque::new(),
            next_id: 0,
            statistics: Statistics::default(),
            id: None,
        }
    }
}

/// A message's options: `[{tos, 32}]`.
fn controls_term(place: &mut Fragment, controls: &[Control]) -> Term {
    let rows: Vec<Term> =
        controls.iter().map(|control| place.tuple(&[control.name(), Term::small(control.value.into())])).collect();
    place.list(&rows)
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
            request::FDOPEN => self.open_descriptor(cx, data),
            request::CLOSE | request::IGNOREFD => Ok(Vec::new()),
            request::BIND => {
                let at = address::decode(&mut data, self.family).ok_or(libc::EINVAL)?;
                rustix::net::bind(self.socket()?, &at).map_err(posix)?;
                Ok(address::port_of(&self.name()?).to_be_bytes().to_vec())
            }
            request::CONNECT => {
                let timeout = u32_of(&mut data);
                let to = timeout.and_then(|_| address::decode(&mut data, self.family)).ok_or(libc::EINVAL)?;
                if self.peer.take().is_some() {
                    // From a peer on this machine to one elsewhere the system connects no socket.
                    rustix::net::connect_unspec(self.socket()?).map_err(posix)?;
                }
                rustix::net::connect(self.socket()?, &to).map_err(posix)?;
                self.peer = Some(to);
                let id = self.new_id();
                if let Some(caller) = cx.caller {
                    self.answer(cx, caller, id, am::ok);
                }
                Ok(id.to_be_bytes().to_vec())
            }
            // Of several names there is one.
            request::NAME | request::SOCKNAMES => Ok(address::encode(Some(&self.name()?))),
            request::PEER => {
                let peer = rustix::net::getpeername(self.socket()?).map_err(posix)?;
                Ok(address::encode(Some(&peer.ok_or(libc::ENOTCONN)?)))
            }
            request::SETOPTS => {
                self.options.set_all(self.socket.as_ref().map(AsFd::as_fd), data)?;
                if self.options.take_passive() {
                    self.tell_passive(cx);
                }
                self.deliver(cx);
                Ok(Vec::new())
            }
            request::GETOPTS => self.options.get_all(self.socket.as_ref().map(AsFd::as_fd), data),
            request::GETFD => Ok((self.socket()?.as_raw_fd() as u32).to_be_bytes().to_vec()),
            request::GETTYPE => {
                Ok([self.family.number().to_be_bytes(), 2u32.to_be_bytes()].concat())
            }
            request::GETSTATUS => Ok(self.status().to_be_bytes().to_vec()),
            request::GETSTAT => self.statistics.get(data, 0),
            // Datagrams don't wait: the queue is always empty.
            request::SUBSCRIBE => Ok(data.iter().flat_map(|&what| [what, 0, 0, 0, 0]).collect()),
            request::PACKET_RECV => self.receive(cx, data),
            _ => request::of_machine(request, self.socket(), data).unwrap_or(Err(libc::EINVAL)),
        }
    }

    /// Family and type; the socket is not opened yet.
    fn kind(&mut self, data: &mut &[u8]) -> Result<(), i32> {
        let (family, kind) = (u8_of(data), u8_of(data));
        self.family = Family::of(family)?;
        if self.socket.is_some() || kind != Some(2) { Err(libc::EINVAL) } else { Ok(()) }
    }

    /// A socket that is open already.
    fn open_descriptor(&mut self, cx: &mut DriverCx<'_>, mut data: &[u8]) -> Answer {
        self.kind(&mut data)?;
        let socket = adopt(u32_of(&mut data), self.family)?;
        self.peer = rustix::net::getpeername(&socket).ok().flatten();
        self.watch = Some(cx.watch(socket.as_fd(), Interest::Read));
        self.socket = Some(socket);
        Ok(Vec::new())
    }

    fn open(&mut self, cx: &mut DriverCx<'_>, mut data: &[u8]) -> Answer {
        self.kind(&mut data)?;
        let socket = open_socket(self.options.namespace(), self.family.of_system(), SocketType::DGRAM)?;
        self.watch = Some(cx.watch(socket.as_fd(), Interest::Read));
        self.socket = Some(socket);
        Ok(Vec::new())
    }

    fn name(&self) -> Result<SocketAddrAny, i32> {
        rustix::net::getsockname(self.socket()?).map_err(posix)
    }

    /// Bits: open, active, connected.
    fn status(&self) -> u32 {
        let bit = |on: bool, bit: u32| if on { bit } else { 0 };
        bit(self.socket.is_some(), 1)
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
        // How much is wanted does not matter: a datagram comes whole, or as much of it as the buffer holds.
        let (Some(timeout), Some(_), Some(caller)) = (u32_of(&mut data), u32_of(&mut data), cx.caller) else {
            return Err(libc::EINVAL);
        };
        self.socket()?;
        if self.options.active != Active::Passive {
            return Err(libc::EINVAL);
        }
        let id = self.new_id();
        let timer = (timeout != u32::MAX).then(|| poll::set_timer(cx.id, Duration::from_millis(timeout.into())));
        self.readers.push_back(Reader { caller, id, timer });
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
            match self.read(socket.as_fd()) {
                Ok(datagram) => {
                    self.statistics.received(datagram.bytes.len());
                    match self.readers.pop_front() {
                        Some(reader) => self.hand_over(cx, reader, datagram),
                        None => self.send_up(cx, datagram),
                    }
                }
                Err(libc::EINTR) => {}
                Err(libc::EAGAIN) => return,
                Err(number) => return self.failed(cx, number),
            }
        }
    }

    fn read(&self, socket: BorrowedFd<'_>) -> Result<Datagram, i32> {
        let mut bytes = vec![0u8; (self.options.kept(BUFFER) as usize).clamp(1, 1 << 24)];
        let (size, from, controls) = if self.options.wants_ancillary() {
            let (size, from, controls) = ancillary::receive(socket, &mut bytes)?;
            (size, from, Some(controls))
        } else {
            let received = rustix::net::recvfrom(socket, &mut bytes[..], RecvFlags::empty());
            let (size, _, from) = received.map_err(posix)?;
            (size, from, None)
        };
        bytes.truncate(size);
        Ok(Datagram { from, controls, bytes })
    }

    fn is_binary(&self) -> bool {
        self.options.kept(MODE) == 1
    }

    /// `{inet_async, Port, Id, {ok, [Address... | Data]}}`, or `{[Address... | Data], Options}` there.
    fn hand_over(&mut self, cx: &mut DriverCx<'_>, reader: Reader, datagram: Datagram) {
        let Datagram { from, controls, bytes } = datagram;
        if let Some(timer) = reader.timer {
            poll::unwatch(timer);
        }
        let (port, binary) = (cx.port(), self.is_binary());
        let from: Vec<Term> = address::encode(from.as_ref()).into_iter().map(|byte| Term::small(byte.into())).collect();
        let words = controls.as_ref().map_or(0, |controls| 3 + controls.len() * 5);
        cx.send(reader.caller, 8 + words + from.len() * 2 + words_of(&bytes, binary), |place| {
            let data = bytes_term(place, bytes, binary);
            let mut data = place.list_with_tail(&from, data);
            if let Some(controls) = controls {
                let controls = controls_term(place, &controls);
                data = place.tuple(&[data, controls]);
            }
            let ok = place.tuple(&[am::ok, data]);
            place.tuple(&[am::inet_async, port, Term::small(reader.id.into()), ok])
        });
    }

    /// `{udp, Port, Address, Number, Data}`, with options `{udp, Port, Address, Number, Options, Data}`
    fn send_up(&mut self, cx: &mut DriverCx<'_>, datagram: Datagram) {
        let Datagram { from, controls, bytes } = datagram;
        let (port, binary, to) = (cx.port(), self.is_binary(), cx.connected);
        let words = 7 + address::TERM_WORDS + controls.as_ref().map_or(0, |controls| controls.len() * 5);
        cx.send(to, words + words_of(&bytes, binary), |place| {
            let [ip, number] = address::term(place, from.as_ref());
            let data = bytes_term(place, bytes, binary);
            match controls {
                None => place.tuple(&[am::udp, port, ip, number, data]),
                Some(controls) => {
                    let controls = controls_term(place, &controls);
                    place.tuple(&[am::udp, port, ip, number, controls, data])
                }
            }
        });
        let counted = matches!(self.options.active, Active::Count(_));
        self.options.active = self.options.active.next();
        if counted && self.options.active == Active::Passive {
            self.tell_passive(cx);
        }
    }

    /// `{udp_passive, Port}`
    fn tell_passive(&self, cx: &mut DriverCx<'_>) {
        let (port, to) = (cx.port(), cx.connected);
        cx.send(to, 3, |place| place.tuple(&[am::udp_passive, port]));
    }

    fn failed(&mut self, cx: &mut DriverCx<'_>, number: i32) {
        let reason = Term::from_atom(Atom::known(crate::base::errno::name(number)));
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

    /// An address, the size of its options, those, and the datagram.
    fn send(&mut self, mut data: &[u8]) -> Result<(), i32> {
        let to = address::decode(&mut data, self.family).ok_or(libc::EINVAL)?;
        let size = u32_of(&mut data).ok_or(libc::EINVAL)? as usize;
        let (options, datagram) = data.split_at_checked(size).ok_or(libc::EINVAL)?;
        let controls = Control::decode(options)?;
        // One that is connected sends to its peer, whatever the address says.
        let to = self.peer.is_none().then_some(&to);
        ancillary::send(self.socket()?, to, &controls, datagram)?;
        self.statistics.sent(datagram.len());
        Ok(())
    }
}

impl Driver for Udp {
    fn start(&mut self, cx: &mut DriverCx<'_>) {
        self.id = Some(cx.id);
    }

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

    fn ready(&mut self, cx: &mut DriverCx<'_>, _: Token, readiness: Readiness) {
        if readiness.readable {
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
        for reader in std::mem::take(&mut self.readers) {
            if let Some(timer) = reader.timer {
                poll::unwatch(timer);
            }
            let Some(port) = self.id else { continue };
            deliver::message(reader.caller, 8, |place| {
                let error = place.tuple(&[am::error, am::closed]);
                place.tuple(&[am::inet_async, port.term(), Term::small(reader.id.into()), error])
            });
        }
        self.socket = None;
    }
}

