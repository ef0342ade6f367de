//! What of a process or port is traced and by whom, and what the floors below tell the tracing floor.
//!
//! The flags are one word that its owner tests where something happens that may be traced; two of its
//! bits are no trace flags but ask for the same slow way: a `seq_trace` token, and call times.

use super::{Own, Party, Pid, Process, Sender};
use crate::am;
use crate::atom::Atom;
use crate::base::sync::{Arc, AtomicBool, AtomicU32, AtomicU64, Mutex, OnceLock, Ordering};
use crate::code::{Breakpoint, Export, Loaded, Place};
use crate::heap::{Fragments, Stored};
use crate::term::{Term, cmp};

/// Trace flags, by bit.
pub mod flag {
    pub const SEND: u32 = 1;
    pub const RECEIVE: u32 = 1 << 1;
    pub const CALL: u32 = 1 << 2;
    pub const PROCS: u32 = 1 << 3;
    pub const PORTS: u32 = 1 << 4;
    pub const RUNNING: u32 = 1 << 5;
    pub const RUNNING_PROCS: u32 = 1 << 6;
    pub const RUNNING_PORTS: u32 = 1 << 7;
    pub const EXITING: u32 = 1 << 8;
    pub const GARBAGE_COLLECTION: u32 = 1 << 9;
    pub const SET_ON_SPAWN: u32 = 1 << 10;
    pub const SET_ON_FIRST_SPAWN: u32 = 1 << 11;
    pub const SET_ON_LINK: u32 = 1 << 12;
    pub const SET_ON_FIRST_LINK: u32 = 1 << 13;
    pub const SILENT: u32 = 1 << 14;
    pub const RETURN_TO: u32 = 1 << 15;
    pub const ARITY: u32 = 1 << 16;
    pub const TIMESTAMP: u32 = 1 << 17;
    pub const MONOTONIC: u32 = 1 << 18;
    pub const STRICT_MONOTONIC: u32 = 1 << 19;
    /// All of the above.
    pub const ALL: u32 = (1 << 20) - 1;
    /// The process has a `seq_trace` token.
    pub const TOKEN: u32 = 1 << 28;
    /// Its calls of functions are timed.
    pub const TIMED: u32 = 1 << 29;
    /// Nothing of it is to be told (`process_flag(sensitive, true)`).
    pub const SENSITIVE: u32 = 1 << 30;
}

/// Who is told.
#[derive(Clone)]
pub enum Tracer {
    Process(Pid),
    Port(Party),
    /// A module in the form of `erl_tracer`, and its state.
    Module(Atom, Arc<Stored>),
}

impl PartialEq for Tracer {
    fn eq(&self, other: &Tracer) -> bool {
        match (self, other) {
            (Tracer::Process(a), Tracer::Process(b)) => a == b,
            (Tracer::Port(a), Tracer::Port(b)) => a == b,
            (Tracer::Module(a, s), Tracer::Module(b, t)) => a == b && s.peek(|s| t.peek(|t| cmp::eq_exact(s, t))),
            _ => false,
        }
    }
}

/// Flags and tracer of a process or port. Any thread may change them.
#[derive(Default)]
pub struct Traced {
    flags: AtomicU32,
    /// Boxed: few processes have one.
    tracer: Mutex<Option<Box<Tracer>>>,
}

impl Traced {
    #[inline(always)]
    pub fn flags(&self) -> u32 {
        self.flags.load(Ordering::Relaxed)
    }

    /// Whether any of the flags is set.
    #[inline(always)]
    pub fn has(&self, flags: u32) -> bool {
        self.flags() & flags != 0
    }

    pub fn set(&self, flags: u32) {
        self.flags.fetch_or(flags, Ordering::Relaxed);
    }

    pub fn clear(&self, flags: u32) {
        self.flags.fetch_and(!flags, Ordering::Relaxed);
    }

    pub fn tracer(&self) -> Option<Tracer> {
        self.tracer.lock().as_deref().cloned()
    }

    /// Changes flags and tracer together: `change` gets both.
    pub fn change<R>(&self, change: impl FnOnce(&mut u32, &mut Option<Tracer>) -> R) -> R {
        let mut place = self.tracer.lock();
        let mut tracer = place.take().map(|boxed| *boxed);
        let before = self.flags() & flag::ALL;
        let mut flags = before;
        let result = change(&mut flags, &mut tracer);
        *place = tracer.map(Box::new);
        self.clear(before & !flags);
        self.set(flags & !before & flag::ALL);
        result
    }
}

/// What a call of a function with a breakpoint leaves on the stack, the first one below the others.
pub enum Frame {
    /// Tells of the return: exceptions too, and to whom (`Term::NIL`: the process's tracer).
    Return { exceptions: bool, tracer: Term },
    /// Tells where the return goes.
    ReturnTo,
    /// Goes back to the time of the function before.
    Time(*const Export),
}

/// How a process was made, as far as it is told.
pub struct Spawn {
    pub link: bool,
    /// The request that it answers.
    pub request: Option<super::signal::RefNumber>,
}

/// The tracing floor, as those below see it. Each method is called only where flags or a breakpoint
/// ask for it, by the thread that runs the process.
pub trait Tracing: Sync {
    /// `{trace, Tracee, Tag, Terms...}`
    fn tell(&self, traced: &Traced, tracee: Party, own: Option<(&Process, &mut Own)>, tag: Term, terms: &[Term]);
    /// A message is being sent to a process, port or name.
    fn send(&self, process: &Process, own: &mut Own, to: Term, message: Term, exists: bool);
    /// A message has come.
    fn receive(&self, process: &Process, own: &mut Own, from: Sender, message: Term);
    /// A function is called.
    fn call(&self, process: &Process, own: &mut Own, at: &Breakpoint, args: &[Term]) -> Vec<Frame>;
    /// A function that left `Frame::Return` returned.
    fn return_from(&self, process: &Process, own: &mut Own, function: &Export, tracer: Term, value: Term);
    /// A function that left it with `exceptions` failed.
    fn exception_from(&self, process: &Process, own: &mut Own, function: &Export, tracer: Term, class: Term, reason: Term);
    fn return_to(&self, process: &Process, own: &mut Own, place: Option<Place>);
    /// A function that left `Frame::Time` is over; the one before it goes on.
    fn time_back(&self, process: &Process, own: &mut Own, function: *const Export);
    /// A collection took so many nanoseconds.
    fn collected(&self, process: &Process, own: &mut Own, took: i64);
    /// A process begins to run: `in`, or stops: `out`, having ended or not.
    fn scheduled(&self, process: &Process, own: &mut Own, begins: bool, ended: bool);
    /// A slice took so many nanoseconds.
    fn ran_long(&self, process: &Process, own: &mut Own, took: i64, from: Option<Place>);
    /// A process has become ready to run, or waits: for those who profile.
    fn runnable(&self, process: &Process, own: Option<&Own>, active: bool);
    /// A port begins to do something, or has done it.
    fn port_runnable(&self, port: Term, active: bool);
    /// A scheduler has something to do, or nothing; so many have.
    fn scheduler(&self, number: usize, active: bool, working: usize);
    /// Code has become current.
    fn loaded(&self, loaded: &Loaded);
    /// A process has been made by another.
    fn spawned(&self, parent: &Process, own: &mut Own, child: &Process, call: [Term; 3], how: Spawn);
    /// Links were made: the other side may inherit flags.
    fn linked(&self, process: &Process, other: Party);
    /// The token for a message that the process sends, one further than the last; told.
    fn token_for(&self, process: &Process, own: &mut Own, to: Term, message: Term) -> Term;
    /// The token of a process one further, told of nothing yet.
    fn next_token(&self, process: &Process, own: &mut Own) -> Term;
    /// A process asks another node for a process: the token for the request.
    fn spawn_requested(&self, process: &Process, own: &mut Own, node: Term, request: Term, args: Term) -> Term;
    /// A request of another node is answered by `receiver`, the new process or this node; the token for the answer.
    fn spawn_answered(&self, token: Term, receiver: Term, request: Term, reply: Term, place: &mut Fragments) -> Term;
    /// A message with this token has been received.
    fn token_received(&self, process: &Process, own: &mut Own, token: Term, message: Term);
}

/// What `erlang:system_monitor/2` and `erlang:system_profile/2` ask for, by bit.
pub mod watch {
    /// `long_gc` or `large_heap`.
    pub const COLLECTIONS: u32 = 1;
    pub const LONG_SCHEDULE: u32 = 1 << 1;
    pub const BUSY_PORT: u32 = 1 << 2;
    pub const BUSY_DIST_PORT: u32 = 1 << 3;
    pub const RUNNABLE_PROCS: u32 = 1 << 4;
    pub const RUNNABLE_PORTS: u32 = 1 << 5;
    pub const SCHEDULER: u32 = 1 << 6;
    pub const EXCLUSIVE: u32 = 1 << 7;
}

static WATCHED: AtomicU32 = AtomicU32::new(0);

/// Whether anybody watches one of these.
#[inline(always)]
pub fn watches(what: u32) -> bool {
    WATCHED.load(Ordering::Relaxed) & what != 0
}

/// Changes what is watched among `which`.
pub fn set_watched(which: u32, what: u32) {
    WATCHED.fetch_and(!which | what, Ordering::Relaxed);
    WATCHED.fetch_or(what, Ordering::Relaxed);
}

/// Whether processes that are made get flags and a tracer from nobody but `erlang:trace(new, ...)`.
/// How often all `seq_trace` tokens were reset: counters of a time before count from zero again.
static RESETS: AtomicU64 = AtomicU64::new(0);

/// Whether there has been a token since the last reset.
static TOKENS: AtomicBool = AtomicBool::new(false);

/// There is a token.
pub fn set_tokens_in_use() {
    if !tokens_in_use() {
        TOKENS.store(true, Ordering::Release);
    }
}

/// Whether messages that no process sends have to say so: they leave the token of who receives them as it is.
#[inline]
pub fn tokens_in_use() -> bool {
    TOKENS.load(Ordering::Acquire)
}

/// All tokens are reset.
pub fn reset_tokens() {
    RESETS.fetch_add(1, Ordering::Relaxed);
    TOKENS.store(false, Ordering::Release);
}

impl Own {
    /// Where the process has got to in counting for `seq_trace`.
    pub fn token_progress(&mut self) -> &mut Progress {
        let resets = RESETS.load(Ordering::Relaxed);
        let progress = self.progress();
        if progress.resets != resets {
            (progress.resets, progress.last_count, progress.clock) = (resets, 0, 0);
        }
        progress
    }
}

/// What stands in place of a token in a message that no process has sent: in use, see `tokens_in_use`.
pub fn no_token() -> super::Parcel {
    super::Parcel::new(am::undefined)
}

static NEW_PROCESSES: AtomicBool = AtomicBool::new(false);

pub fn new_processes_are_traced() -> bool {
    NEW_PROCESSES.load(Ordering::Relaxed)
}

pub fn set_new_processes_traced(traced: bool) {
    NEW_PROCESSES.store(traced, Ordering::Relaxed);
}

static TRACING: OnceLock<&'static dyn Tracing> = OnceLock::new();

/// Sets the tracing floor. Once, at start.
pub fn install(tracing: &'static dyn Tracing) {
    let _ = TRACING.set(tracing);
}

/// The tracing floor; none while the node starts.
pub fn tracing() -> Option<&'static dyn Tracing> {
    TRACING.get().copied()
}

/// Tells of something that happens to a process, if one of the flags says so.
#[inline(always)]
pub fn tell(process: &Process, own: &mut Own, flags: u32, tag: Term, terms: &[Term]) {
    if process.traced.has(flags) {
        tell_now(process, own, tag, terms);
    }
}

#[cold]
#[inline(never)]
fn tell_now(process: &Process, own: &mut Own, tag: Term, terms: &[Term]) {
    if let Some(tracing) = tracing() {
        tracing.tell(&process.traced, process.party(), Some((process, own)), tag, terms);
    }
}

/// The call of a function that a process is in, for call times, and how far `seq_trace` has counted.
#[derive(Default)]
pub struct Progress {
    /// The function whose time runs, or null, and since when.
    pub timed: Option<(&'static Export, i64)>,
    /// Serial numbers of `seq_trace`: of the last message that came, and of the last that went.
    pub last_count: i64,
    /// Resets of `seq_trace` that the two have seen.
    pub resets: u64,
    pub clock: i64,
    /// The token of the signal that is being handled, or `None`.
    pub arriving: Option<super::Parcel>,
    /// Who sent what is being handled, if that is known.
    pub sender: Option<Sender>,
}
