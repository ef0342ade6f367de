//! Reading, and delivering what was read.

use rustix::io::Errno;
use rustix::net::RecvFlags;

use super::input::{Input, Next};
use super::{Answer, Phase, Tcp, answer, posix, reason_of};
use crate::am;
use crate::base::packet::{Limits, Protocol};
use crate::heap::build::HEAP_BINARY_LIMIT;
use crate::heap::{Build, Fragment};
use crate::port::driver::{DriverCx, End};
use crate::port::inet::option::{
    Active, BUFFER, DELIVER, EXIT_ON_CLOSE, HEADER, LINE_DELIMITER, MODE, PACKET, PACKET_SIZE, SHOW_ECONNRESET,
};
use crate::port::inet::packet_term::{http_message, tls_record};
use crate::port::inet::request::u32_of;
use crate::port::poll;
use crate::term::Term;

/// Pieces delivered in a row before others have their turn.
const IN_A_ROW: usize = 32;
/// Bytes read at once towards a long packet.
const AT_ONCE: usize = 1 << 18;

/// What the option `packet` says.
#[derive(Clone, Copy)]
struct Framing {
    protocol: Protocol,
    /// Of HTTP: every line is a header; texts are binaries.
    only_headers: bool,
    binaries: bool,
}

impl Framing {
    fn of(packet: u32) -> Framing {
        let plain = |protocol| Framing { protocol, only_headers: false, binaries: false };
        let http = |only_headers, binaries| Framing { protocol: Protocol::Http, only_headers, binaries };
        match packet {
            1 | 2 => plain(Protocol::Length(packet as u8)),
            3 => plain(Protocol::Length(4)),
            4 => plain(Protocol::Asn1),
            5 => plain(Protocol::SunRm),
            6 => plain(Protocol::Cdr),
            7 => plain(Protocol::Fcgi),
            8 => plain(Protocol::Line),
            9 => plain(Protocol::Tpkt),
            10 => http(false, false),
            11 => http(true, false),
            12 => plain(Protocol::SslTls),
            13 => http(false, true),
            14 => http(true, true),
            _ => plain(Protocol::Raw),
        }
    }
}

/// What a piece is told as.
#[derive(Clone, Copy)]
struct Shape {
    framing: Framing,
    /// This line of HTTP is a header.
    headers: bool,
    binary: bool,
    /// Bytes of a binary that come as a list before it.
    header: usize,
}

impl Shape {
    /// Words that `term` takes at most.
    fn words(self, size: usize) -> usize {
        match self.framing.protocol {
            Protocol::Http => 128 + size * 8,
            _ if self.binary => 32 + self.header.min(size) * 2 + if size <= 64 { size.div_ceil(8) } else { 0 },
            _ => 32 + size * 2,
        }
    }

    fn term(self, place: &mut Fragment, packet: Vec<u8>) -> Term {
        match self.framing.protocol {
            Protocol::Http => http_message(place, &packet, self.headers, self.framing.binaries),
            Protocol::SslTls => tls_record(place, &packet).unwrap_or(Term::NIL),
            protocol => {
                let body = protocol.body(&packet);
                if !self.binary {
                    return place.byte_list(&packet[body]);
                }
                let whole = body.len() == packet.len();
                let head = self.header.min(body.len());
                if head == 0 && whole {
                    return place.binary_from(packet);
                }
                if head == 0 && body.len() > HEAP_BINARY_LIMIT {
                    let whole = place.binary_from(packet);
                    return place.part(whole, body.start * 8, body.len() * 8);
                }
                let body = &packet[body];
                if self.header > body.len() {
                    return place.byte_list(body);
                }
                let tail = place.binary(&body[head..]);
                let bytes: Vec<Term> = body[..head].iter().map(|&byte| Term::small(byte.into())).collect();
                if bytes.is_empty() { tail } else { place.list_with_tail(&bytes, tail) }
            }
        }
    }
}

impl Tcp {
    pub(super) fn receive(&mut self, cx: &mut DriverCx<'_>, mut data: &[u8]) -> Answer {
        self.connected()?;
        let (timeout, length) = (u32_of(&mut data), u32_of(&mut data));
        let (Some(timeout), Some(length)) = (timeout, length) else { return Err(libc::EINVAL) };
        if self.options.active != Active::Passive {
            return Err(libc::EINVAL);
        }
        let id = self.wait(cx, timeout, length)?;
        self.deliver(cx);
        Ok(id.to_be_bytes().to_vec())
    }

    /// Reads and delivers, for as long as someone wants it.
    pub(super) fn deliver(&mut self, cx: &mut DriverCx<'_>) {
        let mut delivered = 0;
        // What comes behind the last bytes that were there is told by another event.
        let mut drained = false;
        while self.phase == Phase::Connected && (!self.waiting.is_empty() || self.options.active != Active::Passive) {
            let framing = Framing::of(self.options.kept(PACKET));
            let limits = Limits {
                packet: self.options.kept(PACKET_SIZE) as usize,
                line: self.options.kept(BUFFER) as usize,
                delimiter: self.options.kept(LINE_DELIMITER) as u8,
            };
            let length = self.waiting.front().map_or(0, |reader| reader.length as usize);
            let headers = framing.only_headers || self.headers;
            match self.input.next(framing.protocol, limits, headers, length) {
                Next::Piece(size) => {
                    if delivered == IN_A_ROW {
                        if let Some(token) = self.watch {
                            poll::again(token);
                        }
                        return;
                    }
                    delivered += 1;
                    let packet = self.input.take(size);
                    self.hand_over_packet(cx, framing, headers, packet);
                }
                Next::More(size) => {
                    if self.input_ended {
                        return self.fail_waiting(cx.id, am::closed);
                    }
                    if drained {
                        return;
                    }
                    let exact = framing.protocol == Protocol::Raw && length > 0;
                    match self.read(size, exact) {
                        Ok((0, _)) => return self.peer_closed(cx),
                        Ok((size, room)) => drained = size < room && !self.reads_on,
                        Err(Errno::AGAIN) => return,
                        Err(Errno::INTR) => {}
                        Err(e) => return self.failed(cx, posix(e)),
                    }
                }
                Next::Invalid => return self.failed(cx, libc::EMSGSIZE),
            }
        }
    }

    /// Reads at least a byte of the `size` that are missing; what the buffer's size allows unless `exact`. How many
    /// were read, and how many would have been if they were there.
    fn read(&mut self, size: usize, exact: bool) -> Result<(usize, usize), Errno> {
        let Some(socket) = &self.socket else { return Ok((0, 0)) };
        let buffer = (self.options.kept(BUFFER) as usize).clamp(1, 1 << 24);
        let room = if exact { size.min(AT_ONCE) } else { size.clamp(buffer, AT_ONCE.max(buffer)) };
        let size = self.input.fill(room, |held| {
            let before = held.len();
            let (_, size) = rustix::net::recv(socket, &mut held.spare_capacity_mut()[..room], RecvFlags::empty())?;
            // SAFETY: so many bytes were written behind the others, within the room that was reserved.
            unsafe { held.set_len(before + size) };
            Ok(size)
        })?;
        if size > 0 {
            self.statistics.received(size);
        }
        Ok((size, room))
    }

    fn hand_over_packet(&mut self, cx: &mut DriverCx<'_>, framing: Framing, headers: bool, packet: Vec<u8>) {
        let size = packet.len();
        *cx.input += size as u64;
        crate::port::moved::read(size as u64);
        if let Some(receiver) = cx.receiver {
            let body = framing.protocol.body(&packet);
            return receiver.bring(packet[body].to_vec());
        }
        let shape = Shape {
            framing,
            headers,
            binary: self.options.kept(MODE) == 1,
            header: self.options.kept(HEADER) as usize,
        };
        if framing.protocol == Protocol::Http && !framing.only_headers {
            // Headers follow the first line, up to an empty one.
            self.headers = !(headers && matches!(&packet[..], b"\r\n" | b"\n"));
        }
        match self.waiting.pop_front() {
            Some(reader) => answer(cx.id, &reader, shape.words(size) + 3, |place| {
                let data = shape.term(place, packet);
                place.tuple(&[am::ok, data])
            }),
            None => self.send_up(cx, shape, packet),
        }
    }

    /// `{tcp, Port, Data}`, or the packet itself with the port in it.
    fn send_up(&mut self, cx: &mut DriverCx<'_>, shape: Shape, packet: Vec<u8>) {
        let (port, to) = (cx.port(), cx.connected);
        let by_term = self.options.kept(DELIVER) == 1;
        let is_tls = shape.framing.protocol == Protocol::SslTls;
        let tag = if shape.framing.protocol == Protocol::Http { am::http } else { am::tcp };
        cx.send(to, shape.words(packet.len()) + 16, |place| {
            let data = shape.term(place, packet);
            if is_tls && let Some([tag, _, content, version, data]) = data.as_tuple_of::<5>() {
                return place.tuple(&[tag, port, content, version, data]);
            }
            if by_term {
                return place.tuple(&[tag, port, data]);
            }
            let data = place.tuple(&[am::data, data]);
            place.tuple(&[port, data])
        });
        let counted = matches!(self.options.active, Active::Count(_));
        self.options.active = self.options.active.next();
        if counted && self.options.active == Active::Passive {
            self.tell_passive(cx);
        }
    }

    /// `{tcp_passive, Port}`
    pub(super) fn tell_passive(&self, cx: &mut DriverCx<'_>) {
        let (port, to) = (cx.port(), cx.connected);
        cx.send(to, 3, |place| place.tuple(&[am::tcp_passive, port]));
    }

    /// The other side sends no more.
    fn peer_closed(&mut self, cx: &mut DriverCx<'_>) {
        self.input = Input::default();
        self.abort_file(cx, libc::ENOTCONN);
        let exits = self.options.kept(EXIT_ON_CLOSE) == 1;
        if self.options.active == Active::Passive {
            self.release_blocked(am::closed);
            if exits {
                self.close();
                self.closed_for_writer = true;
            } else {
                self.input_ended = true;
            }
            return self.fail_waiting(cx.id, am::closed);
        }
        self.tell_closed(cx);
        if exits {
            self.close();
            cx.end(End::Unsaid);
        } else {
            self.input_ended = true;
            self.options.active = Active::Passive;
        }
    }

    /// `{tcp_closed, Port}`, once.
    pub(super) fn tell_closed(&mut self, cx: &mut DriverCx<'_>) {
        if std::mem::replace(&mut self.told_closed, true) {
            return;
        }
        let (port, to) = (cx.port(), cx.connected);
        cx.send(to, 3, |place| place.tuple(&[am::tcp_closed, port]));
    }

    /// `{tcp_error, Port, Reason}`
    pub(super) fn tell_error(&mut self, cx: &mut DriverCx<'_>, number: i32) {
        let (port, to, reason) = (cx.port(), cx.connected, reason_of(number));
        cx.send(to, 4, |place| place.tuple(&[am::tcp_error, port, reason]));
    }

    /// Reading fails, or what was read is no packet.
    fn failed(&mut self, cx: &mut DriverCx<'_>, number: i32) {
        if number == libc::ECONNRESET && self.options.kept(SHOW_ECONNRESET) == 0 {
            return self.peer_closed(cx);
        }
        self.abort_file(cx, number);
        let exits = self.options.kept(EXIT_ON_CLOSE) == 1;
        if self.options.active == Active::Passive {
            if exits {
                self.close();
            } else {
                self.input_ended = true;
            }
            return self.fail_waiting(cx.id, reason_of(number));
        }
        self.tell_error(cx, number);
        self.tell_closed(cx);
        if exits {
            self.close();
            cx.end(End::Unsaid);
        } else {
            self.input_ended = true;
            self.options.active = Active::Passive;
        }
    }
}
