//! Processes: what one is made of, its signals, links and monitors.
//! Floor: process
//! Invariants: P1 `Own` is touched only by the thread that runs the process; P2 everything another
//! process wants of it goes through its inbox as a signal, or is done while it is held (`delivery`); P3 signals between a pair keep their order.
//! Locks: none held while terms are copied.
//! Start reading at: `Process`, `Own`, then `receive`.

mod aside;
mod collect;
mod delivery;
pub mod dictionary;
mod exception;
pub mod exit_hook;
pub mod settings;
pub mod host;
mod inbox;
mod messages;
mod own;
mod pid;
mod receive;
pub mod reference;
pub mod links;
pub mod relations;
pub mod signal;
pub mod state;
pub mod trace;

pub use aside::Aside;
pub use collect::set_max_heap_reporter;
pub(crate) use receive::set_deliver;
pub use exception::{Class, Exception};
pub use messages::Messages;
pub use own::{Activity, Own, Priority, SpawnInfo, TailCall, Target};
pub use pid::Pid;
pub use reference::fresh as fresh_ref;
pub use signal::{Parcel, Party, Sender, Signal, Watched};

use std::cell::UnsafeCell;

use crate::base::sync::{Arc, AtomicU8, AtomicU32, Ordering};
use crate::term::Term;
use inbox::Inbox;
use state::State;

/// The shared side of a process: what other threads may touch.
///
/// | field | read by | written by |
/// |---|---|---|
/// | `state` | all | all, see `state` |
/// | `inbox` | the process | all push |
/// | `priority` | schedulers | the process |
/// | `elevated` | schedulers | who asks something of the process |
/// | `name` | all | the name table, under its lock |
/// | `backlog` | natives that send | its scheduler, natives that send |
/// | `traced` | all | all: see `trace` |
/// | `suspended` | its scheduler | who suspends and resumes |
pub struct Process {
    pid: Pid,
    pub state: State,
    inbox: Inbox,
    priority: AtomicU8,
    /// The priority at which it is to look at its signals, if higher than its own.
    elevated: AtomicU8,
    /// Index of the registered name and one, or 0.
    pub(crate) name: AtomicU32,
    /// How often it is suspended.
    pub suspended: AtomicU32,
    /// Messages in its queue when it last stopped, and what natives have sent since: near enough for
    /// those who want to know whether it keeps up.
    backlog: AtomicU32,
    /// In a dirty native, or about to be (`IN_NATIVE`); and an exit signal ends it (`TO_END`).
    dirty: AtomicU8,
    /// Never ends, and not seen by `init:stop/0`.
    pub is_system: bool,
    pub traced: trace::Traced,
    own: UnsafeCell<Own>,
}

/// With the two counts of its `Arc` a process fits in the allocator's class of 640 bytes: the next one is 768.
#[cfg(all(target_pointer_width = "64", not(feature = "zeal-gc")))]
const _: () = assert!(std::mem::size_of::<Process>() <= 624);

// SAFETY: P1, the state machine gives `own` to one thread at a time.
unsafe impl Sync for Process {}
// SAFETY: as above; nothing in it is bound to a thread.
unsafe impl Send for Process {}

const IN_NATIVE: u8 = 1;
const TO_END: u8 = 2;

/// No priority: above every number of one.
const NOT_ELEVATED: u8 = u8::MAX;

impl Process {
    /// A process that is not in the table yet.
    pub fn new(pid: Pid, own: Own, is_system: bool) -> Process {
        let traced = trace::Traced::default();
        if !own.sequential_trace_token.is_nil() {
            traced.set(trace::flag::TOKEN);
        }
        Process {
            pid,
            state: State::default(),
            inbox: Inbox::default(),
            priority: AtomicU8::new(own.priority as u8),
            elevated: AtomicU8::new(NOT_ELEVATED),
            name: AtomicU32::new(0),
            suspended: AtomicU32::new(0),
            backlog: AtomicU32::new(0),
            dirty: AtomicU8::new(0),
            is_system,
            traced,
            own: UnsafeCell::new(own),
        }
    }

    /// Its identifier.
    pub fn pid(&self) -> Term {
        self.pid.term()
    }

    pub fn id(&self) -> Pid {
        self.pid
    }

    pub fn party(&self) -> Party {
        self.pid.party()
    }

    pub fn priority(&self) -> Priority {
        Priority::of_number(self.priority.load(Ordering::Relaxed))
    }

    pub(crate) fn set_priority(&self, priority: Priority) {
        self.priority.store(priority as u8, Ordering::Relaxed);
    }

    /// Somebody of this priority waits for what the process does with a signal: it must not starve
    /// behind processes of a priority between the two. It may then stand in two run queues, of which
    /// `State::take` lets one have it.
    pub fn elevate(&self, priority: Priority) {
        if (priority as u8) >= self.priority.load(Ordering::Relaxed) {
            return;
        }
        let before = self.elevated.fetch_min(priority as u8, Ordering::SeqCst);
        if (priority as u8) < before && self.state.is_queued() {
            host::host().enqueue(self);
        }
    }

    /// The priority at which it stands in a run queue.
    pub(crate) fn queue_priority(&self) -> Priority {
        let elevated = self.elevated.load(Ordering::SeqCst);
        Priority::of_number(self.priority.load(Ordering::Relaxed).min(elevated))
    }

    /// Ends `elevate`; whether there was one.
    pub(crate) fn lower(&self) -> bool {
        self.elevated.load(Ordering::Relaxed) != NOT_ELEVATED
            && self.elevated.swap(NOT_ELEVATED, Ordering::SeqCst) != NOT_ELEVATED
    }

    /// Whether it is in a dirty native.
    pub fn is_dirty(&self) -> bool {
        self.dirty.load(Ordering::SeqCst) != 0
    }

    pub(crate) fn set_dirty(&self, dirty: bool) {
        self.dirty.store(if dirty { IN_NATIVE } else { 0 }, Ordering::SeqCst);
    }

    /// It is in a dirty native, and an exit signal has ended it or will once it comes out.
    pub fn is_to_end(&self) -> bool {
        self.dirty.load(Ordering::Acquire) == TO_END
    }

    pub(crate) fn set_to_end(&self) {
        self.dirty.store(TO_END, Ordering::SeqCst);
    }

    /// So many messages wait for it.
    #[inline]
    pub(crate) fn set_backlog(&self, messages: usize) {
        self.backlog.store(messages as u32, Ordering::Relaxed);
    }

    /// Room for one more message if there may be `most`.
    pub fn has_room(&self, most: u32) -> bool {
        if self.backlog.fetch_add(1, Ordering::Relaxed) < most {
            return true;
        }
        self.backlog.fetch_sub(1, Ordering::Relaxed);
        false
    }

    /// The registered name.
    pub fn registered_name(&self) -> Option<crate::Atom> {
        crate::Atom::from_index(self.name.load(Ordering::SeqCst).checked_sub(1)?)
    }

    /// One more owner of this process. Every process lives in an `Arc`.
    pub fn handle(&self) -> Arc<Process> {
        // SAFETY: processes are made by `table` only, each in an `Arc`; `self` keeps it alive.
        unsafe {
            Arc::increment_strong_count(std::ptr::from_ref(self));
            Arc::from_raw(std::ptr::from_ref(self))
        }
    }

    /// Puts a signal into the inbox and wakes the process; gives it back if the process has ended.
    pub fn signal(&self, signal: Signal) -> Result<(), Signal> {
        let is_message = matches!(signal, Signal::Message(_) | Signal::AliasMessage(..) | Signal::Traced(_));
        self.inbox.push(signal)?;
        self.wake();
        // After the inbox has changed: the native that begins now looks there. A message waits until it returns.
        if !is_message && self.is_dirty() {
            host::host().signalled_in_native(self);
        }
        Ok(())
    }

    /// As `signal`, of a message and with who sent it; `false`: the process has ended.
    #[inline]
    pub fn message_from(&self, sender: impl FnOnce() -> Sender, parcel: Parcel) -> bool {
        if self.traced.has(trace::flag::RECEIVE) {
            return self.signal(Signal::Message(parcel).sent_by(sender())).is_ok();
        }
        self.message(parcel)
    }

    /// As `signal`, of a message; `false`: the process has ended.
    #[inline]
    pub fn message(&self, parcel: Parcel) -> bool {
        let pushed = self.inbox.push_message(parcel);
        if pushed {
            self.wake();
        }
        pushed
    }

    /// Makes the process run if it does not.
    pub fn wake(&self) {
        if self.state.wake() {
            if trace::watches(trace::watch::RUNNABLE_PROCS) {
                self.tell_runnable(None, true);
            }
            host::host().enqueue(self);
        }
    }

    /// Tells those who profile that the process is ready to run, or waits.
    #[cold]
    pub(crate) fn tell_runnable(&self, own: Option<&Own>, active: bool) {
        if let Some(tracing) = trace::tracing() {
            tracing.runnable(self, own, active);
        }
    }

    /// Rests, and has no signals: nothing that was sent to it is still to happen.
    pub fn is_quiet(&self) -> bool {
        !self.has_signals() && self.state.is_idle()
    }

    pub fn has_signals(&self) -> bool {
        !self.inbox.is_empty()
    }

    /// Takes the signals of a process in a dirty native.
    pub(crate) fn take_inbox(&self) -> inbox::Signals {
        self.inbox.take()
    }

    /// Lets no more signals in; those left.
    pub(crate) fn close_inbox(&self) -> inbox::Signals {
        self.inbox.close()
    }

    /// Runs `f` on the owned side of a process that waits and has no signals; it waits on.
    pub fn visit<R>(&self, f: impl FnOnce(&mut Own) -> R) -> Option<R> {
        if !self.state.hold() {
            return None;
        }
        // SAFETY: P1: nobody else has it until `release`.
        let own = unsafe { self.own() };
        let result = (!self.has_signals()).then(|| f(own));
        self.release();
        result
    }

    /// Keeps a process that waits from running until `release`; its owned side.
    pub fn hold(&self) -> Option<&Own> {
        // SAFETY: P1: nobody else gets to run it.
        self.state.hold().then(|| unsafe { &*self.own() })
    }

    /// Lets a process that is held go on.
    pub fn release(&self) {
        if !self.state.rest() {
            host::host().enqueue(self);
        }
    }

    /// The owned side.
    ///
    /// # Safety
    /// The caller is the thread that runs the process (P1).
    #[allow(clippy::mut_from_ref, reason = "P1 makes the reference unique")]
    pub(crate) unsafe fn own(&self) -> &mut Own {
        // SAFETY: P1.
        unsafe { &mut *self.own.get() }
    }
}
