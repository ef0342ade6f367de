//! One connection with another node, from the first attempt to its end: what goes out, and what depends on it.

use std::collections::VecDeque;

use super::atoms::Cache;
use super::packet::{self, Assembly};
use super::relations::Relations;
use super::flags;
use crate::atom::Atom;
use crate::base::sync::{Arc, AtomicBool, AtomicU64, AtomicUsize, Condvar, Mutex, Ordering};
use crate::heap::external::encode_message;
use crate::process::signal::RefNumber;
use crate::process::{Parcel, Pid};
use crate::table::suspend;
use crate::term::Term;

/// What carries packets: a port or a process.
pub trait Carrier: Send + Sync {
    /// Takes a packet to the other node, or keeps it for the one who fetches packets.
    fn send(&self, packet: Vec<u8>);
    /// Packets had better wait.
    fn is_busy(&self) -> bool;
    /// Packets wait to be fetched.
    fn announce(&self);
    /// Ends it, with a reason that is an atom.
    fn close(&self, reason: Term);
    /// The port or process.
    fn identifier(&self) -> Term;
    /// Packets are fetched with `Channel::fetch`, not pushed.
    fn fetches(&self) -> bool;
}

/// How far a connection has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// `net_kernel` sets it up.
    Pending,
    Connected,
    Closed,
}

/// A message that waits for the connection to come about: its terms, still without a form.
struct Waiting(Parcel, Option<Parcel>);

pub(super) struct Output {
    pub phase: Phase,
    waiting: Vec<Waiting>,
    cache: Cache,
    queue: VecDeque<Vec<u8>>,
    /// Bytes in `queue`, and about as many in `waiting`.
    size: usize,
    suspended: Vec<Pid>,
    sequence: u64,
    pub carrier: Option<Arc<dyn Carrier>>,
    /// The monitor by which the end of a process that carries it is heard.
    pub controller_monitor: Option<RefNumber>,
    /// Another process that brings packets.
    input_handler: Option<Pid>,
    /// Who fetches wants to be told of the next packet.
    announce: bool,
}

/// What comes in.
pub(super) enum Arrival {
    Packet(Vec<u8>),
    /// The carrier has ended, with this reason.
    End(Parcel),
}

/// What came in, and who turns it into signals.
#[derive(Default)]
pub(super) struct Input {
    pub arrivals: VecDeque<Arrival>,
    /// Bytes of the packets among them.
    pub bytes: usize,
    /// A thread is at it: others leave their packets to it.
    pub busy: bool,
}

/// | field | who reads and writes |
/// |---|---|
/// | `peer`, `id` | anyone, never change |
/// | `flags` | anyone reads; set once, when connected |
/// | `output`, `input`, `relations` | whoever holds the lock; of several none is taken while another is held |
/// | `assembly` | the thread that is at the input |
/// | `flushing` | the thread that set it pushes packets to the carrier |
/// | `sent`, `received` | counters |
pub struct Channel {
    pub peer: Atom,
    pub id: u32,
    flags: AtomicU64,
    pub(super) creation: AtomicU64,
    pub(super) output: Mutex<Output>,
    flushing: AtomicBool,
    pub(super) input: Mutex<Input>,
    /// The thread that was at the input has done something.
    pub(super) worked_off: Condvar,
    pub(super) assembly: Mutex<Assembly>,
    /// `None` once the connection is over.
    pub(super) relations: Mutex<Option<Relations>>,
    sent: AtomicU64,
    pub(super) received: AtomicU64,
    /// Told to the fetching process with each packet: `{Size, Packet}`.
    pub with_size: AtomicBool,
}

/// Bytes of output from which on senders wait (`+zdbbl`).
static BUSY: AtomicUsize = AtomicUsize::new(1 << 20);

/// Sets the limit of output, in bytes.
pub fn set_busy_limit(bytes: usize) {
    BUSY.store(bytes, Ordering::Relaxed);
}

/// The limit of output, in bytes.
pub fn busy_limit() -> usize {
    BUSY.load(Ordering::Relaxed)
}

impl Channel {
    pub(super) fn new(peer: Atom, id: u32) -> Channel {
        let output = Output {
            phase: Phase::Pending,
            waiting: Vec::new(),
            cache: Cache::default(),
            queue: VecDeque::new(),
            size: 0,
            suspended: Vec::new(),
            sequence: 0,
            carrier: None,
            controller_monitor: None,
            input_handler: None,
            announce: false,
        };
        Channel {
            peer,
            id,
            flags: AtomicU64::new(0),
            creation: AtomicU64::new(0),
            output: Mutex::new(output),
            flushing: AtomicBool::new(false),
            input: Mutex::default(),
            worked_off: Condvar::new(),
            assembly: Mutex::default(),
            relations: Mutex::new(Some(Relations::default())),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            with_size: AtomicBool::new(false),
        }
    }

    /// Has another process than the one that carries it bring packets.
    pub fn set_input_handler(&self, handler: Pid) {
        self.output.lock().input_handler = Some(handler);
    }

    /// Whether this process may bring packets.
    pub fn takes_input_from(&self, pid: Pid) -> bool {
        let output = self.output.lock();
        output.input_handler == Some(pid) || output.carrier.as_ref().is_some_and(|carrier| carrier.identifier() == pid.term())
    }

    /// The monitor by which the end of a process that carries it is heard.
    pub fn watch_controller(&self, number: RefNumber) {
        self.output.lock().controller_monitor = Some(number);
    }

    /// What the other node can do; nothing until the connection is up.
    pub fn flags(&self) -> u64 {
        self.flags.load(Ordering::Acquire)
    }

    pub fn is_connected(&self) -> bool {
        self.output.lock().phase == Phase::Connected
    }

    pub fn is_pending(&self) -> bool {
        self.output.lock().phase == Phase::Pending
    }

    pub fn is_visible(&self) -> bool {
        self.flags() & flags::PUBLISHED != 0
    }

    /// The port or process that carries it.
    pub fn carrier(&self) -> Option<Term> {
        self.output.lock().carrier.as_ref().map(|carrier| carrier.identifier())
    }

    /// Looks at what depends on the connection; `None`: it is over.
    pub(super) fn relate<R>(&self, look: impl FnOnce(&mut Relations) -> R) -> Option<R> {
        self.relations.lock().as_mut().map(look)
    }

    /// The connection is up: what waited for it goes out. `false`: it has been given up meanwhile.
    pub(super) fn connect(&self, flags: u64, creation: u32, carrier: Arc<dyn Carrier>) -> bool {
        let mut output = self.output.lock();
        if output.phase != Phase::Pending {
            return false;
        }
        self.flags.store(flags, Ordering::Release);
        self.creation.store(creation.into(), Ordering::Relaxed);
        output.phase = Phase::Connected;
        output.carrier = Some(carrier);
        output.size = 0;
        let mut refused = Vec::new();
        for Waiting(control, payload) in std::mem::take(&mut output.waiting) {
            if self.refuses(control.peek()) {
                refused.push(control);
                continue;
            }
            let payload = payload.as_ref().map(Parcel::peek);
            let (bytes, atoms) = self.encode(control.peek(), payload);
            self.enqueue(&mut output, bytes, atoms.atoms());
        }
        let suspended = std::mem::take(&mut output.suspended);
        drop(output);
        refused.iter().for_each(|control| super::spawn::not_supported(self, control.peek()));
        suspended.into_iter().for_each(suspend::resume_now);
        true
    }

    /// Whether the other node would not know what it is asked for.
    fn refuses(&self, control: Term) -> bool {
        self.flags() & flags::SPAWN == 0 && super::spawn::is_request(control)
    }

    fn has_header(&self) -> bool {
        self.flags() & flags::DIST_HDR_ATOM_CACHE != 0
    }

    fn encode(&self, control: Term, payload: Option<Term>) -> (Vec<u8>, crate::heap::external::AtomList) {
        let terms = [control, payload.unwrap_or(Term::NIL)];
        encode_message(&terms[..1 + usize::from(payload.is_some())], self.has_header())
    }

    fn enqueue(&self, output: &mut Output, bytes: Vec<u8>, atoms: &[Atom]) {
        let packets = if self.has_header() {
            output.sequence += 1;
            let sequence = (self.flags() & flags::FRAGMENTS != 0).then_some(output.sequence);
            packet::split(&bytes, atoms, &mut output.cache, sequence)
        } else {
            vec![packet::plain(&bytes)]
        };
        output.size += packets.iter().map(Vec::len).sum::<usize>();
        output.queue.extend(packets);
    }

    /// Sends a control message with its payload; the bytes it took.
    pub(super) fn send(&self, control: Term, payload: Option<Term>) -> usize {
        {
            let mut output = self.output.lock();
            match output.phase {
                Phase::Pending => {
                    let waiting = Waiting(Parcel::new(control), payload.map(Parcel::new));
                    let words = waiting.0.words() + waiting.1.as_ref().map_or(0, Parcel::words);
                    output.size += words * 8;
                    output.waiting.push(waiting);
                    return words * 8;
                }
                Phase::Closed => return 0,
                Phase::Connected => {}
            }
        }
        if self.refuses(control) {
            super::spawn::not_supported(self, control);
            return 0;
        }
        let (bytes, atoms) = self.encode(control, payload);
        let size = bytes.len();
        let mut output = self.output.lock();
        if output.phase != Phase::Connected {
            return 0;
        }
        self.enqueue(&mut output, bytes, atoms.atoms());
        drop(output);
        self.flush();
        size
    }

    /// Whether senders had better wait.
    pub(super) fn is_busy(&self) -> bool {
        self.output.lock().size >= busy_limit()
    }

    /// Suspends a process, which runs, until there is room again; `false`: there is.
    pub(super) fn suspend(&self, process: &crate::process::Process) -> bool {
        let mut output = self.output.lock();
        if output.size < busy_limit() || output.phase == Phase::Closed {
            return false;
        }
        process.suspended.fetch_add(1, Ordering::SeqCst);
        output.suspended.push(process.id());
        true
    }

    /// Pushes packets to the carrier for as long as it takes them. One thread at a time: another leaves its packets
    /// to it. The carrier's own locks come before ours, so that it is called with none of ours held.
    pub fn flush(&self) {
        loop {
            let carrier = {
                let mut output = self.output.lock();
                let Some(carrier) = output.carrier.clone().filter(|_| !output.queue.is_empty()) else { return };
                if carrier.fetches() {
                    let announce = std::mem::take(&mut output.announce);
                    drop(output);
                    if announce {
                        carrier.announce();
                    }
                    return;
                }
                carrier
            };
            if carrier.is_busy() || self.flushing.swap(true, Ordering::AcqRel) {
                return;
            }
            while !carrier.is_busy()
                && let Some(packet) = self.fetch()
            {
                carrier.send(packet);
            }
            self.flushing.store(false, Ordering::Release);
            // What others left meanwhile is seen by the next turn.
        }
    }

    /// The next packet.
    pub fn fetch(&self) -> Option<Vec<u8>> {
        let mut output = self.output.lock();
        let packet = output.queue.pop_front()?;
        output.size -= packet.len().min(output.size);
        let resumed = if output.size < busy_limit() / 2 { std::mem::take(&mut output.suspended) } else { Vec::new() };
        drop(output);
        self.sent.fetch_add(1, Ordering::Relaxed);
        resumed.into_iter().for_each(suspend::resume_now);
        Some(packet)
    }

    /// The one who fetches packets is told once there is one.
    pub fn announce_next(&self) {
        self.output.lock().announce = true;
        self.flush();
    }

    /// Packets received and sent, and bytes that wait.
    pub fn statistics(&self) -> (u64, u64, usize) {
        let waiting = self.output.lock().size;
        (self.received.load(Ordering::Relaxed), self.sent.load(Ordering::Relaxed), waiting)
    }

    /// Nothing goes out any more; who waited for room goes on. What carried it, and whether it was up. `None`: that
    /// has happened already.
    pub(super) fn close(&self) -> Option<(Option<Arc<dyn Carrier>>, bool)> {
        let mut output = self.output.lock();
        let before = std::mem::replace(&mut output.phase, Phase::Closed);
        if before == Phase::Closed {
            return None;
        }
        output.waiting.clear();
        output.queue.clear();
        output.size = 0;
        let suspended = std::mem::take(&mut output.suspended);
        let carrier = output.carrier.take();
        drop(output);
        suspended.into_iter().for_each(suspend::resume_now);
        Some((carrier, before == Phase::Connected))
    }

    /// Ends the connection because of what came over it.
    pub fn kill(&self) {
        let carrier = self.output.lock().carrier.clone();
        if let Some(carrier) = carrier {
            carrier.close(crate::am::killed);
        }
    }
}
