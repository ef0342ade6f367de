//! A port: its owner, links, monitors, and the driver behind it.

use std::collections::{BTreeMap, VecDeque};

use super::data::Data;
use super::deliver;
use super::driver::{Driver, DriverCx, End, Fault, Receiver};
use super::poll::{Readiness, Token};
use super::{Options, table};
use crate::am;
use crate::base::microstate;
use crate::base::sync::{Arc, AtomicBool, Mutex, Ordering};
use crate::heap::{Build, Stored};
use crate::process::Pid;
use crate::process::signal::RefNumber;
use crate::process::trace::{self, Traced};
use crate::table::{names, suspend};
use crate::term::Term;

/// The number of a port, never used again.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct PortId(pub u64);

impl PortId {
    pub const fn term(self) -> Term {
        Term::from_port_number(self.0)
    }
    pub const fn of(term: Term) -> Option<PortId> {
        match term.as_port_number() {
            Some(number) => Some(PortId(number)),
            None => None,
        }
    }
}

/// A writer that waits for room.
struct Waiter {
    caller: Pid,
    reference: RefNumber,
    data: Data,
}

/// | field      | who reads and writes                                   |
/// |------------|--------------------------------------------------------|
/// | `id`       | anyone, never changes                                  |
/// | `open`     | anyone reads; cleared once under the lock              |
/// | `traced`   | anyone: see `process::trace`                            |
/// | `state`    | whoever holds the lock                                 |
pub struct Port {
    pub id: PortId,
    open: AtomicBool,
    pub traced: Traced,
    state: Mutex<State>,
}

struct State {
    name: Box<[u8]>,
    connected: Pid,
    options: Options,
    /// In order. Most ports have one, and most are sockets, of which there are many.
    links: Vec<Pid>,
    /// Who watches, by the monitor's reference.
    monitors: BTreeMap<RefNumber, Pid>,
    data: Option<Stored>,
    input: u64,
    output: u64,
    waiters: VecDeque<Waiter>,
    /// `{Port, closed}` is owed to this process.
    closer: Option<Pid>,
    driver: Option<Box<dyn Driver>>,
    receiver: Option<Arc<dyn Receiver>>,
    /// The receiver is to be told of room for output.
    receiver_drained: bool,
}

/// What `port_info/1,2` tells.
pub struct Info {
    pub name: Vec<u8>,
    pub connected: Pid,
    pub links: Vec<Pid>,
    pub monitored_by: Vec<Pid>,
    pub input: u64,
    pub output: u64,
    pub os_pid: Option<u32>,
    pub queue_size: usize,
    pub parallelism: bool,
}

impl State {
    /// Calls the driver. What it asks for at the end of the call is in the result.
    fn call<R>(
        &mut self,
        id: PortId,
        caller: Option<Pid>,
        call: impl FnOnce(&mut dyn Driver, &mut DriverCx<'_>) -> R,
    ) -> Option<(R, Option<End>, bool)> {
        let driver = self.driver.as_deref_mut()?;
        let mut cx = DriverCx {
            id,
            connected: self.connected,
            options: &self.options,
            receiver: self.receiver.as_deref(),
            input: &mut self.input,
            end: None,
            caller,
            drained: false,
        };
        let result = call(driver, &mut cx);
        let (end, drained) = (cx.end, cx.drained);
        Some((result, end, drained))
    }

    /// Whether there was no such link before.
    fn add_link(&mut self, process: Pid) -> bool {
        let place = self.links.binary_search(&process);
        if let Err(at) = place {
            self.links.insert(at, process);
        }
        place.is_err()
    }

    fn remove_link(&mut self, process: Pid) {
        if let Ok(at) = self.links.binary_search(&process) {
            self.links.remove(at);
        }
    }

    fn is_busy(&self) -> bool {
        self.driver.as_ref().is_some_and(|driver| driver.is_busy())
    }

    fn pending(&self) -> usize {
        self.driver.as_ref().map_or(0, |driver| driver.pending())
    }
}

impl Port {
    pub(super) fn new(id: PortId, name: Vec<u8>, connected: Pid, options: Options, driver: Box<dyn Driver>) -> Port {
        let state = State {
            name: name.into(),
            connected,
            options,
            links: vec![connected],
            monitors: BTreeMap::new(),
            data: None,
            input: 0,
            output: 0,
            waiters: VecDeque::new(),
            closer: None,
            driver: Some(driver),
            receiver: None,
            receiver_drained: false,
        };
        Port { id, open: AtomicBool::new(true), traced: Traced::default(), state: Mutex::new(state) }
    }

    pub(super) fn start(&self) {
        self.with_driver(None, |driver, cx| driver.start(cx));
    }

    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// Does something under the lock; what the receiver has to do about it follows without.
    fn locked<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.state.lock();
        let profiled = trace::watches(trace::watch::RUNNABLE_PORTS).then(trace::tracing).flatten();
        if let Some(tracing) = profiled {
            tracing.port_runnable(self.id.term(), true);
        }
        let result = microstate::within_short(microstate::State::Port, || act(&mut state));
        if let Some(tracing) = profiled {
            tracing.port_runnable(self.id.term(), false);
        }
        if let Some(receiver) = state.receiver.clone() {
            let drained = std::mem::take(&mut state.receiver_drained);
            drop(state);
            receiver.work_off();
            if drained {
                receiver.drained();
            }
        }
        result
    }

    /// Calls the driver and does what it asks for; `None` if the port has ended.
    pub(super) fn with_driver<R>(
        &self,
        caller: Option<Pid>,
        call: impl FnOnce(&mut dyn Driver, &mut DriverCx<'_>) -> R,
    ) -> Option<R> {
        self.locked(|state| {
            let (result, end, drained) = state.call(self.id, caller, call)?;
            if let Some(end) = end {
                self.end_locked(state, end.reason(), end == End::Unsaid);
            }
            if drained {
                state.receiver_drained = true;
                self.wake_waiters(state);
            }
            if !self.is_open() && state.pending() == 0 {
                self.terminate(state);
            }
            Some(result)
        })
    }

    /// Has packets go to `receiver` from now on; `false`: the port has ended, has one, or is of a kind that can't.
    pub fn give_to(&self, receiver: Arc<dyn Receiver>) -> bool {
        let mut state = self.state.lock();
        let can = self.is_open()
            && state.receiver.is_none()
            && state.driver.as_ref().is_some_and(|driver| driver.can_transmit());
        if can {
            state.receiver = Some(receiver);
        }
        can
    }

    /// A packet of the receiver's for the other end.
    pub fn transmit(&self, packet: Vec<u8>) {
        let size = packet.len() as u64;
        self.locked(|state| {
            let called = state.call(self.id, None, |driver, cx| driver.transmit(cx, packet));
            state.output += size;
            if let Some((_, Some(end), _)) = called {
                self.end_locked(state, end.reason(), end == End::Unsaid);
            }
        });
        super::moved::written(size);
    }

    pub(super) fn ready(&self, token: Token, readiness: Readiness) {
        self.with_driver(None, |driver, cx| driver.ready(cx, token, readiness));
    }

    pub(super) fn timeout(&self, token: Token) {
        self.with_driver(None, |driver, cx| driver.timeout(cx, token));
    }

    /// Whether writers had better wait.
    pub fn is_busy(&self) -> bool {
        let state = self.state.lock();
        !state.waiters.is_empty() || state.is_busy()
    }

    /// Data for the outside world, from `caller`.
    pub fn command(&self, caller: Option<Pid>, data: Data) -> Result<(), Fault> {
        if !self.is_open() {
            return Err(Fault::BadArg);
        }
        let size = data.len() as u64;
        let result = self.with_driver(caller, |driver, cx| driver.command_in_pieces(cx, data));
        if matches!(result, Some(Ok(()))) {
            self.state.lock().output += size;
            super::moved::written(size);
        }
        result.unwrap_or(Err(Fault::BadArg))
    }

    /// The same once there is room: the caller then gets `{Ref, true}`.
    pub fn command_later(&self, caller: Pid, reference: RefNumber, data: Data) {
        self.locked(|state| {
            state.waiters.push_back(Waiter { caller, reference, data });
            if !state.is_busy() {
                self.wake_waiters(state);
            }
        });
    }

    fn wake_waiters(&self, state: &mut State) {
        while !state.is_busy() {
            let Some(waiter) = state.waiters.pop_front() else { return };
            let size = waiter.data.len() as u64;
            let data = waiter.data;
            let called = state.call(self.id, Some(waiter.caller), |driver, cx| driver.command_in_pieces(cx, data));
            let done = matches!(called, Some((Ok(()), _, _)));
            if done {
                state.output += size;
                super::moved::written(size);
            }
            answer(waiter.caller, waiter.reference, if done { am::true_ } else { am::badarg });
            if let Some((_, Some(end), _)) = called {
                self.end_locked(state, end.reason(), end == End::Unsaid);
                return;
            }
        }
    }

    pub fn control(&self, caller: Pid, operation: u32, data: &[u8]) -> Result<Vec<u8>, Fault> {
        if !self.is_open() {
            return Err(Fault::BadArg);
        }
        let result = self.with_driver(Some(caller), |driver, cx| driver.control(cx, operation, data));
        result.unwrap_or(Err(Fault::BadArg))
    }

    pub fn call(&self, caller: Pid, operation: u32, data: &[u8]) -> Result<Vec<u8>, Fault> {
        if !self.is_open() {
            return Err(Fault::BadArg);
        }
        let result = self.with_driver(Some(caller), |driver, cx| driver.call(cx, operation, data));
        result.unwrap_or(Err(Fault::BadArg))
    }

    /// Whether `port_control/3` gives a binary: what the driver says, not what the port's data do.
    pub fn controls_give_binaries(&self) -> bool {
        self.state.lock().driver.as_ref().is_some_and(|driver| driver.controls_give_binaries())
    }

    pub fn connected(&self) -> Pid {
        self.state.lock().connected
    }

    /// A new owner, which is linked to the port; the old one stays linked.
    pub fn connect(&self, owner: Pid) {
        let mut state = self.state.lock();
        state.connected = owner;
        let is_new = state.add_link(owner);
        drop(state);
        if is_new {
            deliver::link(owner, self.id);
        }
    }

    /// A process links; `false` if the port has ended.
    pub fn link(&self, process: Pid) -> bool {
        let mut state = self.state.lock();
        self.is_open() && {
            state.add_link(process);
            true
        }
    }

    pub fn unlink(&self, process: Pid) {
        self.state.lock().remove_link(process);
    }

    /// A process monitors; `false` if the port has ended.
    pub fn monitor(&self, watcher: Pid, reference: RefNumber) -> bool {
        let mut state = self.state.lock();
        self.is_open() && {
            state.monitors.insert(reference, watcher);
            true
        }
    }

    pub fn demonitor(&self, reference: RefNumber) {
        self.state.lock().monitors.remove(&reference);
    }

    /// The name the port is registered under.
    pub fn registered_name(&self) -> Option<crate::Atom> {
        self.id.party().and_then(names::name_of)
    }

    pub fn set_data(&self, data: Term) {
        self.state.lock().data = Some(Stored::new(data));
    }

    /// What `set_data` kept; `undefined` before that.
    pub fn data(&self, place: &mut (impl Build + ?Sized)) -> Term {
        self.state.lock().data.as_ref().map_or(am::undefined, |data| data.load(place))
    }

    pub fn info(&self) -> Info {
        let state = self.state.lock();
        let mut monitored_by: Vec<Pid> = state.monitors.values().copied().collect();
        monitored_by.sort_unstable();
        Info {
            name: state.name.to_vec(),
            connected: state.connected,
            links: state.links.clone(),
            monitored_by,
            input: state.input,
            output: state.output,
            os_pid: state.driver.as_ref().and_then(|driver| driver.os_pid()),
            queue_size: state.pending(),
            parallelism: state.options.parallelism,
        }
    }

    /// `port_close/1`: the port ends normally.
    pub fn close(&self) {
        self.end(am::normal);
    }

    /// `Port ! {Owner, close}`: the same, and the owner gets `{Port, closed}`.
    pub fn close_for(&self, owner: Pid) {
        self.locked(|state| {
            if self.is_open() {
                state.closer = Some(owner);
                self.end_locked(state, am::normal, false);
            }
        });
    }

    /// An exit signal from a process: one that is linked ends, or someone called `exit/2`.
    pub fn exit(&self, from: Pid, reason: Term) {
        let kills = if reason == am::kill { am::killed } else { reason };
        self.locked(|state| {
            if reason != am::normal || from == state.connected {
                self.end_locked(state, kills, false);
            }
        });
    }

    /// The port ends with this reason.
    pub fn end(&self, reason: Term) {
        self.locked(|state| self.end_locked(state, reason, false));
    }

    /// Links (but the owner's, if its end goes `unsaid`) and monitors fire at once; what output is left goes out before the driver stops.
    fn end_locked(&self, state: &mut State, reason: Term, unsaid: bool) {
        if !self.open.swap(false, Ordering::AcqRel) {
            return;
        }
        if let Some(name) = self.registered_name() {
            names::unregister(name);
        }
        if let Some(receiver) = &state.receiver {
            receiver.ended(reason);
        }
        for process in std::mem::take(&mut state.links) {
            if unsaid && process == state.connected {
                deliver::unlink(process, self.id);
            } else {
                deliver::link_exit(process, self.id, reason);
            }
        }
        for (reference, watcher) in std::mem::take(&mut state.monitors) {
            deliver::down(watcher, reference, reason);
        }
        for waiter in std::mem::take(&mut state.waiters) {
            answer(waiter.caller, waiter.reference, am::badarg);
        }
        if state.pending() == 0 {
            self.terminate(state);
        }
    }

    fn terminate(&self, state: &mut State) {
        if let Some(mut driver) = state.driver.take() {
            driver.stop();
        }
        if let Some(closer) = state.closer.take() {
            let port = self.id.term();
            deliver::message_of(self.id, closer, 3, |place| place.tuple(&[port, am::closed]));
        }
        table::remove(self.id);
    }

    /// Writes what waits, waiting for it.
    pub(super) fn flush(&self) {
        if let Some(driver) = &mut self.state.lock().driver {
            driver.flush();
        }
    }
}

/// `{Ref, Result}` to a caller that waits for it.
fn answer(to: Pid, reference: RefNumber, result: Term) {
    deliver::message(to, 6, |place| {
        let reference = place.reference(reference);
        place.tuple(&[reference, result])
    });
    suspend::resume_now(to);
}
