//! What a port does: a driver behind one trait, and what a driver may ask of its port.

use super::data::Data;
use super::deliver;
use super::poll::{self, Readiness, Token};
use super::state::PortId;
use super::{Options, packet::Piece};
use crate::am;
use crate::atom::Atom;
use crate::heap::{Build, Fragment};
use crate::process::Pid;
use crate::term::Term;

/// Bytes of waiting output above which writers wait, if the driver doesn't say otherwise.
const BUSY: usize = 1 << 16;

/// Why an operation fails: what the caller is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Arguments this driver has no use for.
    BadArg,
    /// The driver has no such operation.
    Unsupported,
    /// The operating system's error number.
    Posix(i32),
}

/// How a port ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Normal,
    /// Normally, and the owner's link ends unheard: the driver has told it.
    Unsaid,
    /// The name of an error number.
    Posix(i32),
}

impl End {
    pub fn reason(self) -> Term {
        match self {
            End::Normal | End::Unsaid => am::normal,
            End::Posix(number) => Term::from_atom(Atom::known(crate::base::errno::name(number))),
        }
    }
}

/// What takes the packets of a port in place of its owner: a connection with another node.
pub trait Receiver: Send + Sync {
    /// A packet has come. The port is locked: it is put aside.
    fn bring(&self, packet: Vec<u8>);
    /// The port has ended; as `bring`.
    fn ended(&self, reason: Term);
    /// Something was brought; the port is not locked any more.
    fn work_off(&self);
    /// There is room for packets to send.
    fn drained(&self);
}

/// A driver. Every call runs under the port's lock (O1), on whatever thread makes it.
pub trait Driver: Send {
    /// The port is in the table: descriptors may be watched now.
    fn start(&mut self, _: &mut DriverCx<'_>) {}

    /// Data for the outside world.
    fn command(&mut self, cx: &mut DriverCx<'_>, data: Vec<u8>) -> Result<(), Fault>;

    /// The same, of a driver that has use for data in pieces.
    fn command_in_pieces(&mut self, cx: &mut DriverCx<'_>, data: Data) -> Result<(), Fault> {
        self.command(cx, data.into_vec())
    }

    /// A packet for the other end, of which nobody is told. What is `BadArg` can't carry connections between nodes.
    fn transmit(&mut self, _: &mut DriverCx<'_>, _packet: Vec<u8>) -> Result<(), Fault> {
        Err(Fault::BadArg)
    }

    /// Whether `transmit` is there.
    fn can_transmit(&self) -> bool {
        false
    }

    /// `port_control/3`: bytes back. What is `None` isn't supported.
    fn control(&mut self, _: &mut DriverCx<'_>, _operation: u32, _data: &[u8]) -> Result<Vec<u8>, Fault> {
        Err(Fault::BadArg)
    }

    /// `port_call/3`: external terms there and back.
    fn call(&mut self, _: &mut DriverCx<'_>, _operation: u32, _data: &[u8]) -> Result<Vec<u8>, Fault> {
        Err(Fault::BadArg)
    }

    /// A descriptor that was watched under this token is ready.
    fn ready(&mut self, _: &mut DriverCx<'_>, _token: Token, _readiness: Readiness) {}

    /// A time set with `poll::set_timer` has come.
    fn timeout(&mut self, _: &mut DriverCx<'_>, _token: Token) {}

    /// The program behind the port has ended, with this status.
    fn child_ended(&mut self, _: &mut DriverCx<'_>, _status: i32) {}

    /// Bytes of output that wait.
    fn pending(&self) -> usize {
        0
    }

    /// Whether writers had better wait.
    fn is_busy(&self) -> bool {
        self.pending() > BUSY
    }

    /// Writes what waits, waiting for it: the node ends.
    fn flush(&mut self) {}

    /// The port ends: nothing is watched any more after this, descriptors are closed.
    fn stop(&mut self);

    /// The process identifier of the program behind the port.
    fn os_pid(&self) -> Option<u32> {
        None
    }

    /// Data go out as binaries whatever the port was opened with.
    fn controls_give_binaries(&self) -> bool {
        false
    }
}

/// A driver's port, while the driver is called.
pub struct DriverCx<'a> {
    pub id: PortId,
    pub connected: Pid,
    pub options: &'a Options,
    /// Who takes the packets, if not the owner.
    pub receiver: Option<&'a dyn Receiver>,
    /// Bytes that went to processes, for `port_info(Port, input)`.
    pub(super) input: &'a mut u64,
    /// Set by `end`.
    pub(super) end: Option<End>,
    /// The process on whose behalf the call is made, if any.
    pub caller: Option<Pid>,
    /// Output went down to where waiting writers may go on.
    pub(super) drained: bool,
}

impl DriverCx<'_> {
    /// The port as a term.
    pub fn port(&self) -> Term {
        self.id.term()
    }

    /// The port ends once the call is over.
    pub fn end(&mut self, end: End) {
        self.end.get_or_insert(end);
    }

    /// Writers that wait for room may go on.
    pub fn drained(&mut self) {
        self.drained = true;
    }

    /// Sends a message of at most `words` words.
    pub fn send(&mut self, to: Pid, words: usize, build: impl FnOnce(&mut Fragment) -> Term) {
        deliver::message_of(self.id, to, words, build);
    }

    /// `{Port, What}` to the connected process.
    pub fn notify(&mut self, what: Term) {
        let (port, to) = (self.port(), self.connected);
        self.send(to, 3, |place| place.tuple(&[port, what]));
    }

    /// `{Port, {Key, Value}}` to the connected process.
    pub fn notify_with(&mut self, key: Term, value: Term) {
        let (port, to) = (self.port(), self.connected);
        self.send(to, 6, |place| {
            let what = place.tuple(&[key, value]);
            place.tuple(&[port, what])
        });
    }

    /// `{Port, {data, Piece}}` to the connected process.
    pub fn data(&mut self, piece: Piece) {
        let (port, to, binary) = (self.port(), self.connected, self.options.binary);
        let (line, bytes) = match piece {
            Piece::Data(bytes) => (None, bytes),
            Piece::EndOfLine(bytes) => (Some(am::eol), bytes),
            Piece::PartOfLine(bytes) => (Some(am::noeol), bytes),
        };
        *self.input += bytes.len() as u64;
        super::moved::read(bytes.len() as u64);
        self.send(to, 9 + words_of(&bytes, binary), move |place| {
            let data = bytes_term(place, bytes, binary);
            let data = match line {
                Some(end) => place.tuple(&[end, data]),
                None => data,
            };
            let data = place.tuple(&[am::data, data]);
            place.tuple(&[port, data])
        });
    }

    /// Watches a descriptor for this port.
    pub fn watch(&self, fd: std::os::fd::BorrowedFd<'_>, what: poll::Interest) -> Token {
        poll::watch(self.id, fd, what)
    }
}

/// Words that `bytes_term` takes at most.
pub fn words_of(bytes: &[u8], binary: bool) -> usize {
    if binary { 16 } else { bytes.len() * 2 }
}

/// Bytes as a binary or as a list.
pub fn bytes_term(place: &mut Fragment, bytes: Vec<u8>, binary: bool) -> Term {
    if binary { place.binary_from(bytes) } else { place.byte_list(&bytes) }
}
