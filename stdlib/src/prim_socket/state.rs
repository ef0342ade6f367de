//! A socket: its descriptor, its owner, who waits for it.
//!
//! Its state is under one lock. What is done with others because of it (messages, ends of monitors,
//! terms let go, which may hold the last reference to this socket) happens after the lock is free.

use std::os::fd::{AsFd, BorrowedFd, IntoRawFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};

use glulam_vm::heap::Magic;
use glulam_vm::port::socket as system;
use glulam_vm::process::relations::Observer;
use glulam_vm::process::signal::RefNumber;
use glulam_vm::process::{Parcel, Party, Pid, Signal, fresh_ref};
use glulam_vm::table::{processes, route};
use glulam_vm::{Term, am};

use super::counters::{ALL, Counters};
use super::failure::Failure;
use super::line::{Line, Requestor};
use super::option;
use super::select::{Direction, Selected};
use super::sendfile::Sending;

/// What a socket's reference owns: with the last one the socket closes.
pub(super) struct Handle(pub Arc<Socket>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.with(|state, after| {
            if state.phase != Phase::Closed {
                state.stop(after);
                state.close_now(after);
            }
        });
    }
}

pub(super) struct Socket(Mutex<State>);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    Open,
    /// `nif_close` was called, or the owner has ended.
    Closing,
    Closed,
}

/// What goes on with a socket, as `info/1` tells.
#[derive(Clone, Copy, Default)]
pub(super) struct Flags {
    pub bound: bool,
    pub listening: bool,
    pub accepting: bool,
    pub connecting: bool,
    pub connected: bool,
    pub selected: bool,
}

/// What an accepted socket has from the one that listens.
#[derive(Clone)]
pub(super) struct Settings {
    pub read_size: usize,
    /// How many full reads in a row make one; 0: as 1, but told otherwise.
    pub reads: u32,
    pub read_control: usize,
    pub write_control: usize,
    pub iow: bool,
    pub debug: bool,
    pub registry: bool,
}

/// What a socket is from its beginning.
pub(super) struct Made {
    pub fd: OwnedFd,
    pub domain: i32,
    pub kind: i32,
    pub protocol: i32,
    /// The number that it was made from.
    pub origin: i32,
    /// The descriptor is the socket's own.
    pub owned: bool,
    pub settings: Settings,
}

pub(super) struct State {
    pub phase: Phase,
    fd: Option<OwnedFd>,
    pub domain: i32,
    pub kind: i32,
    pub protocol: i32,
    pub origin: i32,
    pub owned: bool,
    pub settings: Settings,
    /// `None`: it has ended.
    pub owner: Option<Pid>,
    owner_monitor: Option<RefNumber>,
    pub closer: Option<Pid>,
    closer_monitor: Option<RefNumber>,
    pub read: Flags,
    pub write: Flags,
    /// Full reads so far of those that make one.
    pub reads: u32,
    pub meta: Parcel,
    pub counters: Counters,
    pub readers: Line,
    pub acceptors: Line,
    pub writers: Line,
    pub connector: Option<Requestor>,
    pub selected: Selected,
    pub sending: Option<Sending>,
    /// What the registry is to be told at the end.
    pub obituary: Option<Parcel>,
}

/// What is done once the lock is free.
#[derive(Default)]
pub(super) struct After {
    messages: Vec<(Term, Parcel)>,
    demonitored: Vec<(Pid, RefNumber)>,
    dropped: Vec<Parcel>,
    closed: Vec<OwnedFd>,
    files: Vec<Sending>,
}

impl After {
    pub fn send(&mut self, to: Pid, message: Parcel) {
        self.messages.push((to.term(), message));
    }

    pub fn drop(&mut self, parcel: Parcel) {
        self.dropped.push(parcel);
    }

    /// A process waits no more.
    pub fn release(&mut self, requestor: Requestor) {
        self.demonitored.push((requestor.pid, requestor.monitor));
        self.dropped.push(requestor.message);
    }

    /// The same, because of an error that it is told.
    pub fn abort(&mut self, requestor: Requestor, reason: Term) {
        self.send(requestor.pid, requestor.abort(reason));
        self.release(requestor);
    }

    /// To the socket registry.
    pub fn register(&mut self, message: Parcel) {
        self.messages.push((am::socket_registry, message));
    }

    fn happen(self) {
        for (to, message) in self.messages {
            route::send_parcel(to, message);
        }
        for (pid, number) in self.demonitored {
            if let Some(party) = Party::of(pid.term()) {
                route::deliver(party, Signal::Demonitor(number));
            }
        }
        for fd in self.closed {
            close_descriptor(fd);
        }
    }
}

/// Closes without waiting: a socket that lingers does so on a thread of its own.
fn close_descriptor(fd: OwnedFd) {
    let lingers = option::lingers(fd.as_fd());
    // Without that thread the caller waits.
    if lingers && let Ok(other) = fd.try_clone() {
        let _ = std::thread::Builder::new().name("close sockets".into()).spawn(move || drop(other));
    }
    drop(fd);
}

impl Socket {
    pub fn new(made: Made, owner: Pid) -> Arc<Socket> {
        ALL.add(1, (made.domain, made.kind, made.protocol));
        let socket = Arc::new(Socket(Mutex::new(State {
            phase: Phase::Open,
            fd: Some(made.fd),
            domain: made.domain,
            kind: made.kind,
            protocol: made.protocol,
            origin: made.origin,
            owned: made.owned,
            settings: made.settings,
            owner: Some(owner),
            owner_monitor: None,
            closer: None,
            closer_monitor: None,
            read: Flags::default(),
            write: Flags::default(),
            reads: 0,
            meta: Parcel::new(am::undefined),
            counters: Counters::default(),
            readers: Line::default(),
            acceptors: Line::default(),
            writers: Line::default(),
            connector: None,
            selected: Selected::default(),
            sending: None,
            obituary: None,
        })));
        socket.with(|state, _| state.owner_monitor = socket.monitor(owner));
        socket
    }

    /// Does something with the state, then what follows from it.
    pub fn with<R>(&self, body: impl FnOnce(&mut State, &mut After) -> R) -> R {
        let mut after = After::default();
        let result = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            body(&mut state, &mut after)
        };
        after.happen();
        result
    }

    /// Monitors a process; `None`: it has ended.
    pub fn monitor(self: &Arc<Socket>, pid: Pid) -> Option<RefNumber> {
        let number = fresh_ref();
        let observer: Arc<dyn Observer> = self.clone();
        let sent = processes::with(pid, |process| process.signal(Signal::Observe(number, observer)).is_ok());
        (sent == Some(true)).then_some(number)
    }

    /// Another owner. If it has ended already, the socket closes.
    pub fn set_owner(self: &Arc<Socket>, state: &mut State, after: &mut After, owner: Pid) {
        if let (Some(old), Some(number)) = (state.owner, state.owner_monitor.take()) {
            after.demonitored.push((old, number));
        }
        state.owner_monitor = self.monitor(owner);
        state.owner = state.owner_monitor.map(|_| owner);
        if state.owner.is_none() {
            state.stop(after);
            state.close_now(after);
        }
    }

    /// Notes who closes the socket.
    pub fn set_closer(self: &Arc<Socket>, state: &mut State, pid: Pid) {
        state.closer = Some(pid);
        if state.owner != Some(pid) {
            state.closer_monitor = self.monitor(pid);
        }
    }
}

impl State {
    /// The descriptor of a socket that is open.
    pub fn fd(&self) -> Result<BorrowedFd<'_>, Failure> {
        match &self.fd {
            Some(fd) if self.phase == Phase::Open => Ok(fd.as_fd()),
            _ => Err(Failure::closed()),
        }
    }

    /// The descriptor, also of one that is about to close.
    pub fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.fd.as_ref().map(OwnedFd::as_fd)
    }

    /// Nothing is waited for any more: all who waited are told.
    pub fn stop(&mut self, after: &mut After) {
        self.phase = Phase::Closing;
        let cancelled = self.selected.stop(after);
        let lines = [
            (&mut self.writers, Direction::Write),
            (&mut self.readers, Direction::Read),
            (&mut self.acceptors, Direction::Read),
        ];
        for (line, direction) in lines {
            if let Some(current) = line.current.take() {
                // Who has its message has been told.
                if cancelled[direction as usize] {
                    after.abort(current, am::closed);
                } else {
                    after.release(current);
                }
            }
            line.waiting.drain(..).for_each(|other| after.abort(other, am::closed));
        }
        if let Some(connector) = self.connector.take() {
            if cancelled[Direction::Write as usize] {
                after.abort(connector, am::closed);
            } else {
                after.release(connector);
            }
        }
    }

    /// What closing does besides the descriptor, which is given to the caller if it is to be closed.
    pub fn end(&mut self, after: &mut After) -> Option<OwnedFd> {
        self.phase = Phase::Closed;
        ALL.add(-1, (self.domain, self.kind, self.protocol));
        if let (Some(pid), Some(number)) = (self.owner.take(), self.owner_monitor.take()) {
            after.demonitored.push((pid, number));
        }
        if let (Some(pid), Some(number)) = (self.closer.take(), self.closer_monitor.take()) {
            after.demonitored.push((pid, number));
        }
        after.drop(std::mem::replace(&mut self.meta, Parcel::new(am::undefined)));
        after.files.extend(self.sending.take());
        if let Some(obituary) = self.obituary.take() {
            after.register(obituary);
        }
        let fd = self.fd.take()?;
        if self.owned {
            return Some(fd);
        }
        // Its opener's to close.
        let _ = fd.into_raw_fd();
        None
    }

    /// Closes without a process that waits for it.
    pub fn close_now(&mut self, after: &mut After) {
        let fd = self.end(after);
        after.closed.extend(fd);
    }
}

impl Observer for Socket {
    fn down(&self, number: RefNumber, pid: Pid) {
        self.with(|state, after| {
            let is_owner = state.owner_monitor == Some(number);
            let is_closer = state.closer_monitor == Some(number);
            if is_owner {
                state.owner_monitor = None;
                state.owner = None;
            }
            if is_closer {
                state.closer_monitor = None;
            }
            if state.phase == Phase::Closed {
                return;
            }
            if state.closer == Some(pid) && (is_owner || is_closer) {
                // It will not finish what it began.
                state.closer = None;
                return state.close_now(after);
            }
            if is_owner {
                if state.phase == Phase::Open {
                    state.stop(after);
                    state.close_now(after);
                }
                return;
            }
            if state.connector.as_ref().is_some_and(|connector| connector.monitor == number) {
                after.drop_requestor(state.connector.take());
                state.write.connecting = false;
                return;
            }
            if state.readers.is_current(number) {
                after.drop_requestor(state.readers.current.take());
                state.next_reader(after);
            } else if state.acceptors.is_current(number) {
                after.drop_requestor(state.acceptors.current.take());
                state.next_acceptor(after);
            } else if state.writers.is_current(number) {
                after.drop_requestor(state.writers.current.take());
                state.next_writer(after);
            } else {
                for line in [&mut state.readers, &mut state.acceptors, &mut state.writers] {
                    let left = line.leave_monitored(number);
                    after.drop_requestor(left);
                }
            }
        });
    }

    fn hold(&self) -> Option<*const Magic> {
        None
    }
}

impl After {
    /// A process that has ended waits no more.
    fn drop_requestor(&mut self, requestor: Option<Requestor>) {
        self.dropped.extend(requestor.map(|requestor| requestor.message));
    }
}

/// Whether a socket's system calls it one of a stream of bytes.
pub(super) fn is_stream(kind: i32) -> bool {
    kind == system::constant::SOCK_STREAM
}

/// The name of a socket's own address, or of its peer's.
pub(super) fn name_of(state: &State, peer: bool) -> Result<system::Raw, Failure> {
    let fd = state.fd()?;
    Ok(if peer { system::peer_name(fd) } else { system::local_name(fd) }?)
}
