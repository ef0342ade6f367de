//! The scheduler threads.

use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

use crossbeam_deque::Worker;

use super::queue::Shared;
use super::{dirty, load, meter, online, ready, seeded, timer};
use crate::base::microstate::{self, State};
use crate::base::sync::{Arc, AtomicBool, AtomicUsize, Mutex, MutexGuard, OnceLock, Ordering};
use crate::base::time;
use crate::code::Place;
use crate::exec::{self, Registers, RunEnd, stacktrace};
use crate::process::trace::{self, flag, watch};
use crate::process::{Activity, Own, Priority, Process};
use crate::table::{processes, terminate};

/// Reductions of a slice.
pub const SLICE: i32 = if cfg!(feature = "zeal-preempt") { 1 } else { 4000 };
/// How often an idle scheduler looks around before it sleeps.
const SPINS: u32 = 60;
/// It looks for what has come from outside once in so many times.
const OUTSIDE: u32 = 15;
/// A busy one does, if the poll thread leaves that to schedulers, once in so many reductions.
const OUTSIDE_BUSY: u64 = 8000;

/// For so many slices a scheduler keeps looking at processes.
const LOOKS: u32 = 8;

static SHARED: OnceLock<Shared> = OnceLock::new();
static RUNNING: OnceLock<Box<[AtomicBool]>> = OnceLock::new();

thread_local! {
    /// The run queue of this scheduler thread.
    static QUEUE: RefCell<Option<Worker<Arc<Process>>>> = const { RefCell::new(None) };
    static INDEX: Cell<usize> = const { Cell::new(0) };
    /// The process that this scheduler runs next: one that became ready while nothing else was. It
    /// stays here, with what it is told warm in the cache, and costs no change of a shared queue.
    /// Set only while the thread looks at processes, and empty when it stops: that keeps it alive.
    static NEXT: Cell<Option<Next>> = const { Cell::new(None) };
    /// Reductions since the scheduler looked for what has come from outside.
    static UNSEEN: Cell<u64> = const { Cell::new(0) };
}

/// A process and how it stands, in one word: it is set and read for every message.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Next(NonNull<Process>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Queued,
    /// This thread's already (`State::hold`), and never queued.
    Held,
}

impl Next {
    fn new(process: &Process, standing: Standing) -> Next {
        const { assert!(align_of::<Process>() > 1) };
        // The address is even: the lowest bit tells how the process stands.
        Next(NonNull::from(process).map_addr(|address| address | standing as usize))
    }

    fn standing(self) -> Standing {
        if self.0.addr().get() & 1 == 0 { Standing::Queued } else { Standing::Held }
    }

    fn process(self) -> *const Process {
        self.0.as_ptr().map_addr(|address| address & !1)
    }
}

/// Number of the scheduler that calls, from 1; 0 on other threads.
pub fn current_scheduler() -> usize {
    INDEX.get()
}

/// Processes ready to run.
pub fn run_queue_length() -> usize {
    SHARED.get().map_or(0, |s| s.length.load(Ordering::Relaxed))
}

/// The same, one number for each scheduler.
pub(super) fn queue_lengths() -> Vec<usize> {
    SHARED.get().map_or_else(Vec::new, Shared::lengths)
}

/// Whether each scheduler runs a process.
pub(super) fn running() -> impl Iterator<Item = bool> {
    RUNNING.get().into_iter().flat_map(|all| all.iter().map(|one| one.load(Ordering::Relaxed)))
}

fn shared() -> &'static Shared {
    match SHARED.get() {
        Some(shared) => shared,
        None => crate::bug!("no schedulers"),
    }
}

/// The queues between `prepare` and `start`.
static QUEUES: Mutex<Vec<Worker<Arc<Process>>>> = Mutex::new(Vec::new());

/// Makes the run queues: from now on processes can wait in them.
pub(super) fn prepare(count: usize) {
    let queues: Vec<Worker<Arc<Process>>> = (0..count).map(|_| Worker::new_fifo()).collect();
    let stealers = queues.iter().map(Worker::stealer).collect();
    let _ = RUNNING.set((0..count).map(|_| AtomicBool::new(false)).collect());
    let _ = SHARED.set(Shared::new(stealers));
    *QUEUES.lock() = queues;
}

/// Starts the scheduler threads.
pub(super) fn start() {
    let queues = std::mem::take(&mut *QUEUES.lock());
    for (index, queue) in queues.into_iter().enumerate() {
        super::system::thread(&format!("{}_scheduler", index + 1), move || run(index, queue));
    }
}

/// Whether the scheduler that calls takes the process itself, once what it does now is done; if two
/// are ready, in the order in which they came.
fn may_be_next(process: &Process) -> bool {
    processes::is_looking()
        && !seeded::is_on()
        && NEXT.get().is_none()
        && process.queue_priority() == Priority::Normal
        && shared().length.load(Ordering::Relaxed) == 0
}

/// Whether some scheduler is awake, and so looks by itself for what has come from outside.
pub fn looks_outside() -> bool {
    !seeded::is_on() && SHARED.get().is_some_and(|shared| shared.sleepers.asleep() < online::limit())
}

/// Puts a queued process into a run queue and sees to it that a scheduler looks there.
pub(super) fn enqueue(process: &Process) {
    if may_be_next(process) {
        // A queued process is in the table: freed only after this thread has stopped looking.
        return set_next(Some(Next::new(process, Standing::Queued)));
    }
    QUEUE.with_borrow(|queue| shared().push(process.handle(), queue.as_ref()));
    if shared().sleepers.wake_one() {
        dirty::make_way();
    }
}

/// Has all schedulers look around: some of them have to park.
pub(super) fn wake_all() {
    if let Some(shared) = SHARED.get() {
        shared.sleepers.wake_all();
    }
}

/// `LocalKey::set` would be a call.
#[inline(always)]
fn set_next(next: Option<Next>) {
    NEXT.with(|slot| slot.set(next));
}

/// The same as `enqueue` of a process that this thread holds.
pub(super) fn enqueue_held(process: &Process) {
    if may_be_next(process) {
        set_next(Some(Next::new(process, Standing::Held)));
    } else {
        requeue(process);
    }
}

/// Whether this thread holds the process and runs it next.
pub(super) fn is_next(process: &Process) -> bool {
    NEXT.get() == Some(Next::new(process, Standing::Held))
}

/// A process to run.
enum Ready {
    /// From a run queue.
    Counted(Arc<Process>),
    /// From `NEXT`: alive as long as this thread looks at processes.
    Looked(Next),
}

impl Ready {
    fn process(&self) -> &Process {
        match self {
            Ready::Counted(process) => process,
            // SAFETY: P1n: it was in the table while this thread looked, and it still does.
            Ready::Looked(next) => unsafe { &*next.process() },
        }
    }

    /// Makes the process this thread's; `false`: another one was faster, from another queue.
    fn take(&self) -> bool {
        match self {
            Ready::Looked(next) if next.standing() == Standing::Held => {
                self.process().state.clear_woken();
                true
            }
            _ => self.process().state.take(),
        }
    }

    /// Alive even when the thread no longer looks.
    fn counted(self) -> Ready {
        match self {
            Ready::Looked(_) => Ready::Counted(self.process().handle()),
            counted => counted,
        }
    }
}

/// One scheduler, for ever.
fn run(index: usize, queue: Worker<Arc<Process>>) {
    INDEX.set(index + 1);
    load::set_thread(index);
    microstate::register("scheduler", index + 1);
    crate::base::prompt::prompt();
    QUEUE.set(Some(queue));
    let mut registers = Registers::new();
    let mut turn = 0u32;
    let runs = RUNNING.get().and_then(|all| all.get(index));
    let mut looking = None;
    let mut gate = seeded::close();
    loop {
        turn = turn.wrapping_add(1);
        if seeded::is_on() {
            timer::fire();
        }
        if online::is_offline(index) {
            hand_on();
            looking = None;
            idle(index, || online::park(index));
        }
        let mut ready = match next(index, turn) {
            Some(ready) => ready,
            None => {
                looking = None;
                match search(index, turn, gate.as_mut()) {
                    Some(ready) => ready,
                    None => continue,
                }
            }
        };
        if !ready.take() {
            continue;
        }
        if turn.is_multiple_of(LOOKS) {
            ready = ready.counted();
            looking = None;
        }
        let _ = looking.get_or_insert_with(processes::look);
        if let Some(runs) = runs {
            runs.store(true, Ordering::Relaxed);
        }
        let alone = online::is_alone().then(online::turn);
        run_process(ready.process(), &mut registers);
        drop(alone);
        if let Some(runs) = runs {
            runs.store(false, Ordering::Relaxed);
        }
    }
}

fn next(index: usize, turn: u32) -> Option<Ready> {
    // Somebody urgent may wait for what the next one does with a signal.
    let urgent = shared().has_urgent();
    if let Some(next) = NEXT.get()
        && (!urgent || Ready::Looked(next).process().queue_priority() != Priority::Normal)
    {
        set_next(None);
        return Some(Ready::Looked(next));
    }
    QUEUE
        .with_borrow(|queue| shared().pop(index, queue.as_ref()?, turn))
        .map(Ready::Counted)
        .or_else(|| NEXT.take().map(Ready::Looked))
}

/// Leaves what the scheduler would run next to others.
#[cold]
fn hand_on() {
    if let Some(next) = NEXT.take() {
        let ready = Ready::Looked(next);
        if next.standing() == Standing::Held {
            ready.process().state.requeue();
        }
        QUEUE.with_borrow(|queue| shared().push(ready.process().handle(), queue.as_ref()));
    }
    if any_ready() {
        if shared().sleepers.wake_one() {
            dirty::make_way();
        }
    }
}

/// Nothing to do: looks a while, then sleeps until somebody pushes. `None`: it has to park.
fn search(index: usize, turn: u32, mut gate: Option<&mut MutexGuard<'static, ()>>) -> Option<Ready> {
    loop {
        let others = shared().sleepers.begin_search();
        let spins = spins(others);
        for spin in 0..spins {
            if online::is_offline(index) {
                shared().sleepers.found(any_ready);
                return None;
            }
            if let Some(gate) = &mut gate {
                seeded::idle(gate, any_ready);
            } else if spin.is_multiple_of(OUTSIDE)
                && let Some(poll) = ready::poll()
            {
                poll.look();
            }
            if any_ready()
                && let Some(ready) = next(index, turn)
            {
                shared().sleepers.found(any_ready);
                return Some(ready);
            }
            if spin < SPINS / 2 {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
        idle(index, || shared().sleepers.sleep(any_ready));
    }
}

/// How often one looks around that searches beside so many others.
fn spins(others: usize) -> u32 {
    let limit = online::limit();
    if dirty::is_computing() {
        // Who looks around for long may lose the processor to one of those natives for milliseconds, and keeps others
        // from being woken all the while.
        1
    } else if others > 0 && others >= limit / 2 {
        // What some find they can wake others for; all of them would only take turns at the processors.
        1
    } else if ready::is_trusted() && shared().sleepers.sleeping() + 1 >= limit {
        // What comes now comes from outside: to wait for that is quicker than to make way for other threads.
        SPINS / 2
    } else {
        SPINS
    }
}

/// Schedulers that have nothing to do.
static IDLE: AtomicUsize = AtomicUsize::new(0);

/// Has a scheduler wait: those who profile are told.
fn idle(index: usize, wait: impl FnOnce()) {
    let tell = |active: bool, idle: usize| {
        if trace::watches(watch::SCHEDULER)
            && let Some(tracing) = trace::tracing()
        {
            tracing.scheduler(index + 1, active, super::schedulers().saturating_sub(idle));
        }
    };
    tell(false, IDLE.fetch_add(1, Ordering::Relaxed) + 1);
    microstate::within(State::Sleep, wait);
    tell(true, IDLE.fetch_sub(1, Ordering::Relaxed) - 1);
}

/// Whether a process is in any queue.
fn any_ready() -> bool {
    shared().length.load(Ordering::SeqCst) > 0
}

/// One slice of a process that is this thread's.
fn run_process(process: &Process, registers: &mut Registers) {
    // SAFETY: P1: taken by this thread; not touched once the process is handed on.
    let own = unsafe { process.own() };
    let begun = load::begin();
    let elevated = process.lower();
    own.fetch_messages(process);
    if own.exit_pending {
        let reason = own.exit_reason;
        return end(process, own, reason);
    }
    // A signal that is no message leaves a waiting process where it is.
    let still_waits = own.activity == Activity::Waiting && own.messages.at_end() && !own.receive_timed_out();
    if still_waits || process.suspended.load(Ordering::SeqCst) > 0 {
        if own.hibernating && own.heap.has_fragments() {
            // What a request built there is garbage: one that hibernates keeps none.
            own.hibernate_heap(&mut []);
        }
        return rest(process, own);
    }
    if elevated {
        // That was for its signals: it runs when its own priority says.
        return requeue(process);
    }
    own.slice = if seeded::is_on() { seeded::slice(SLICE) } else { SLICE };
    own.reductions_left = own.slice;
    own.activity = Activity::Running;
    own.hibernating = false;
    let watch = Watch::begin(process, own);
    let run = microstate::within_short(State::Emulator, || exec::run(process, own, registers));
    meter::end_slice();
    process.set_backlog(own.messages.len());
    if let Some(watch) = watch {
        watch.end(process, own, run);
    }
    own.activity = match run {
        RunEnd::Waiting | RunEnd::Hibernated => Activity::Waiting,
        _ => Activity::Ready,
    };
    let spent = (own.slice - own.reductions_left).max(1) as u64;
    own.reductions += spent;
    load::end(begun, spent);
    if seeded::is_on() {
        seeded::spent(spent);
    }
    finish(process, own, run);
    if ready::is_trusted() {
        look_outside(spent);
    }
}

/// Looks for what has come from outside, if it is time to.
#[inline(never)]
fn look_outside(spent: u64) {
    let unseen = UNSEEN.get() + spent;
    let due = unseen >= OUTSIDE_BUSY;
    UNSEEN.set(if due { 0 } else { unseen });
    if due && let Some(poll) = ready::poll() {
        poll.look();
    }
}

/// A slice that somebody is told of.
struct Watch {
    begun: i64,
    from: Option<Place>,
}

impl Watch {
    #[inline(always)]
    fn begin(process: &Process, own: &mut Own) -> Option<Watch> {
        let told = process.traced.has(flag::RUNNING | flag::RUNNING_PROCS | flag::EXITING | flag::TIMED);
        if told || trace::watches(watch::LONG_SCHEDULE) { Watch::begin_told(process, own) } else { None }
    }

    #[cold]
    #[inline(never)]
    fn begin_told(process: &Process, own: &mut Own) -> Option<Watch> {
        trace::tracing()?.scheduled(process, own, true, false);
        let from = trace::watches(watch::LONG_SCHEDULE).then(|| stacktrace::places(own, 1).pop()).flatten();
        Some(Watch { begun: time::monotonic(), from })
    }

    #[cold]
    #[inline(never)]
    fn end(self, process: &Process, own: &mut Own, run: RunEnd) {
        let Some(tracing) = trace::tracing() else { return };
        tracing.scheduled(process, own, false, run == RunEnd::Exited);
        if trace::watches(watch::LONG_SCHEDULE) {
            tracing.ran_long(process, own, time::monotonic() - self.begun, self.from);
        }
    }
}

/// The process waits, unless something has come meanwhile.
fn rest(process: &Process, own: &Own) {
    let told = trace::watches(watch::RUNNABLE_PROCS) && !process.state.is_woken();
    if told {
        process.tell_runnable(Some(own), false);
    }
    if !process.state.rest() {
        if told {
            process.tell_runnable(None, true);
        }
        enqueue(process);
    }
}

/// What follows from how a run ended.
fn finish(process: &Process, own: &mut Own, run: RunEnd) {
    match run {
        RunEnd::Yielded => requeue(process),
        RunEnd::Waiting => {
            // It has handled what came while it ran, most often: then it need not run again for that.
            let woken = process.state.clear_woken();
            if woken && (process.has_signals() || own.receive_timed_out()) {
                requeue(process);
            } else {
                rest(process, own);
            }
        }
        RunEnd::Hibernated => {
            own.hibernate_heap(&mut []);
            own.hibernating = true;
            if own.messages.is_empty() { rest(process, own) } else { requeue(process) }
        }
        RunEnd::Dirty(class) => dirty::push(class, process.handle()),
        RunEnd::Exited => {
            let reason = if own.exit_pending { own.exit_reason } else { own.exception.reason };
            if !own.exit_pending {
                super::system::report_crash(process, own);
            }
            end(process, own, reason);
        }
    }
}

/// Behind all others that are ready.
pub(super) fn requeue(process: &Process) {
    process.state.requeue();
    enqueue(process);
}

fn end(process: &Process, own: &mut Own, reason: crate::Term) {
    if process.is_system && !super::is_halting() {
        super::system::system_process_died(process, reason);
    }
    if trace::watches(watch::RUNNABLE_PROCS) {
        process.tell_runnable(None, false);
    }
    terminate::terminate(process, own, reason);
}
