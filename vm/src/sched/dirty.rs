//! Dirty threads: they run natives that compute or block for long, so that schedulers never do.

use std::any::Any;
use std::collections::VecDeque;

use rustc_hash::FxHashMap as HashMap;
#[cfg(target_os = "linux")]
use rustix::thread::{MembarrierCommand, membarrier};

use super::online;
use crate::atom::Atom;
use crate::base::microstate::{self, State};
use crate::base::sync::{Arc, AtomicUsize, Condvar, Mutex, MutexGuard, OnceLock, Ordering, fence};
use crate::bif::Class;
use crate::exec;
use crate::process::trace::{self, flag};
use crate::process::{Activity, Aside, Own, Parcel, Pid, Process, Signal};
use crate::table::terminate;

struct Pool {
    state: Mutex<PoolState>,
    work: Condvar,
}

/// Natives that compute right now.
static COMPUTING: AtomicUsize = AtomicUsize::new(0);

/// Whether natives compute, so that who gives the processor away may not have it back soon.
pub(super) fn is_computing() -> bool {
    COMPUTING.load(Ordering::Relaxed) > 0
}

/// Has the processors look for who else is to run: a scheduler has been woken. Linux may let a thread that computes
/// without calling it go on until its clock's next tick, milliseconds later, though another has the better claim; it
/// looks whenever the processor is interrupted, which a barrier on all processors that run our threads does.
#[inline]
pub(super) fn make_way() {
    #[cfg(target_os = "linux")]
    if is_computing() {
        // Without it they go on until the tick.
        let _ = membarrier(MembarrierCommand::PrivateExpedited);
    }
}

struct PoolState {
    queue: VecDeque<Arc<Process>>,
    idle: usize,
    threads: usize,
    limit: usize,
    /// Natives that run, and how many may.
    running: usize,
    online: usize,
    /// Of those that run: begun before multi-scheduling was blocked.
    out_of_turn: usize,
}

impl Pool {
    const fn new() -> Pool {
        let state = PoolState {
            queue: VecDeque::new(),
            idle: 0,
            threads: 0,
            limit: 1,
            running: 0,
            online: usize::MAX,
            out_of_turn: 0,
        };
        Pool { state: Mutex::new(state), work: Condvar::new() }
    }
}

static CPU: Pool = Pool::new();
static IO: Pool = Pool::new();

fn pool(class: Class) -> &'static Pool {
    if class == Class::DirtyIo { &IO } else { &CPU }
}

/// Processes that wait for a thread.
pub(super) fn waiting(class: Class) -> usize {
    pool(class).state.lock().queue.len()
}

/// Processes in a native.
pub(super) fn running(class: Class) -> usize {
    pool(class).state.lock().running
}

/// Sets how many threads a pool may have; they start when there is work for them.
pub(super) fn start(class: Class, limit: usize) {
    pool(class).state.lock().limit = limit.max(1);
}

/// How many threads a pool may have.
pub(super) fn limit(class: Class) -> usize {
    pool(class).state.lock().limit
}

/// Sets how many dirty CPU threads run natives.
pub(super) fn set_online(count: usize) {
    CPU.state.lock().online = count;
    CPU.work.notify_all();
}

/// Natives that run although multi-scheduling is blocked, since they have begun before.
pub(super) fn out_of_turn() -> usize {
    CPU.state.lock().out_of_turn + IO.state.lock().out_of_turn
}

/// Runs what waits for something outside for long, on a thread of the I/O pool: the pool may have one more
/// meanwhile, so that the others don't run out of threads.
pub(super) fn blocking<R>(wait: impl FnOnce() -> R) -> R {
    IO.state.lock().limit += 1;
    let result = wait();
    IO.state.lock().limit -= 1;
    result
}

/// Hands a process whose next instruction calls a dirty native to the pool.
pub(super) fn push(class: Class, process: Arc<Process>) {
    process.set_dirty(true);
    if super::seeded::is_on() {
        return run_one(&process);
    }
    put_aside(&process);
    #[cfg(target_os = "linux")]
    {
        static REGISTERED: OnceLock<()> = OnceLock::new();
        REGISTERED.get_or_init(|| {
            let _ = membarrier(MembarrierCommand::RegisterPrivateExpedited);
        });
    }
    let pool = pool(class);
    let mut state = pool.state.lock();
    state.queue.push_back(process);
    // A thread counts as idle until it has taken something.
    if state.queue.len() <= state.idle {
        pool.work.notify_one();
    } else if state.threads < state.limit {
        state.threads += 1;
        let base = super::schedulers() + if class == Class::DirtyIo { CPU.state.lock().limit } else { 0 };
        let number = base + state.threads - 1;
        let kind = if class == Class::DirtyIo { "dirty_io_scheduler" } else { "dirty_cpu_scheduler" };
        super::system::thread(&format!("{}_{kind}", state.threads), move || {
            super::load::set_thread(number);
            microstate::register(kind, number - base + 1);
            run(pool);
        });
    }
}

fn run(pool: &'static Pool) {
    loop {
        let (process, alone) = {
            let mut state = pool.state.lock();
            loop {
                if state.running < state.online
                    && let Some(process) = state.queue.pop_front()
                {
                    state.running += 1;
                    let alone = online::is_alone();
                    state.out_of_turn += usize::from(!alone);
                    break (process, alone);
                }
                state.idle += 1;
                microstate::within(State::Sleep, || pool.work.wait(&mut state));
                state.idle -= 1;
            }
        };
        let turn = alone.then(online::turn);
        let computing = usize::from(std::ptr::eq(pool, &CPU));
        COMPUTING.fetch_add(computing, Ordering::Relaxed);
        run_one(&process);
        COMPUTING.fetch_sub(computing, Ordering::Relaxed);
        drop(turn);
        let mut state = pool.state.lock();
        state.running -= 1;
        state.out_of_turn -= usize::from(!alone);
    }
}

/// The native that the process is about to call.
fn run_one(process: &Process) {
    // SAFETY: P1: the scheduler that ran the process handed it over; it is in no queue.
    let own = unsafe { process.own() };
    own.activity = Activity::Running;
    if let Some(At::Alive(aside)) = natives().running.get_mut(&process.id()) {
        aside.begun = true;
    }
    if !process.state.is_ended() {
        let begun = super::load::begin();
        tell_scheduled(process, own, true);
        microstate::within(State::Emulator, || exec::run_dirty(process, own));
        super::meter::end_slice();
        if !process.state.is_ended() {
            tell_scheduled(process, own, false);
        }
        super::load::end(begun, 0);
    }
    own.activity = Activity::Ready;
    let at = natives().running.remove(&process.id());
    match at {
        Some(At::Ended) => {
            terminate::left_native(process, own);
            let mut natives = natives();
            natives.of_ended -= 1;
            if natives.of_ended == 0 {
                let things = std::mem::take(&mut natives.things);
                drop(natives);
                drop(things);
            }
            return;
        }
        Some(At::Alive(aside)) => {
            process.set_dirty(false);
            aside.give_back(process, own);
        }
        None => process.set_dirty(false),
    }
    super::worker::requeue(process);
}

/// Whoever traces when a process runs is told of dirty threads as of schedulers.
fn tell_scheduled(process: &Process, own: &mut Own, begins: bool) {
    if process.traced.has(flag::RUNNING | flag::RUNNING_PROCS | flag::EXITING)
        && let Some(tracing) = trace::tracing()
    {
        tracing.scheduled(process, own, begins, false);
    }
}

/// A process in a dirty native.
enum At {
    Alive(Aside),
    Ended,
}

#[derive(Default)]
struct Natives {
    running: HashMap<Pid, At>,
    /// Natives whose process has ended.
    of_ended: usize,
    /// What is dropped when there is none of them any more.
    things: Vec<Box<dyn Any + Send>>,
}

fn natives() -> MutexGuard<'static, Natives> {
    static NATIVES: OnceLock<Mutex<Natives>> = OnceLock::new();
    NATIVES.get_or_init(Mutex::default).lock()
}

/// From here on signals for the process are handled by whoever sends them.
fn put_aside(process: &Process) {
    // SAFETY: P1: the scheduler that ran the process hands it over, and nobody has taken it yet.
    let own = unsafe { process.own() };
    natives().running.insert(process.id(), At::Alive(Aside::of(process, own)));
    fence(Ordering::SeqCst);
    if process.has_signals() {
        signalled(process);
    }
}

/// Signals have come for a process in a dirty native.
pub(super) fn signalled(process: &Process) {
    let (relations, reason, late) = {
        let mut natives = natives();
        let Some(at) = natives.running.get_mut(&process.id()) else { return };
        // Behind the end: whoever ends it closes the inbox.
        let At::Alive(aside) = at else { return };
        let Some((reason, behind)) = handle(aside, process) else { return };
        let (relations, mut late) = aside.end();
        late.extend(behind);
        *at = At::Ended;
        natives.of_ended += 1;
        (relations, reason, late)
    };
    terminate::terminate_in_native(process, relations, reason, late);
}

/// The reason if one of the signals ends the process, and those behind it.
fn handle(aside: &mut Aside, process: &Process) -> Option<(Parcel, Vec<Signal>)> {
    let mut signals = process.take_inbox();
    while let Some(mut signal) = signals.next() {
        // Whoever traces is told of its end by the process itself.
        let traced = process.traced.has(flag::ALL) || process.is_to_end();
        if traced {
            if matches!(&signal, Signal::Exit(_, reason) if reason.peek() == crate::am::kill) {
                process.set_to_end();
            }
            aside.keep(signal);
            continue;
        }
        if !aside.keeps_requests()
            && let Signal::Request(request) = &mut signal
            && request.in_native(process, aside)
        {
            continue;
        }
        if let Some(reason) = aside.handle(signal) {
            process.set_to_end();
            return Some((reason, signals.collect()));
        }
    }
    None
}

/// Drops a thing once no native runs any more whose process has ended before now.
pub fn drop_after_natives(thing: Box<dyn Any + Send>) {
    let mut natives = natives();
    if natives.of_ended > 0 {
        return natives.things.push(thing);
    }
    drop(natives);
    drop(thing);
}

/// Whether a process in a dirty native returns into the old code of a module; `None`: it is in none.
pub fn uses_old_code(pid: Pid, module: Atom) -> Option<bool> {
    let natives = natives();
    let At::Alive(aside) = natives.running.get(&pid)? else { return Some(false) };
    let (pc, stack) = aside.code();
    Some(exec::purge::reaches_old_code(pc, stack, module))
}
