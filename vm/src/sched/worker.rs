//! The scheduler threads.

use std::cell::{Cell, RefCell};

use crossbeam_deque::Worker;

use super::dirty;
use super::queue::Shared;
use crate::base::sync::{Arc, AtomicUsize, Condvar, Mutex, OnceLock, Ordering};
use crate::exec::{self, Registers, RunEnd};
use crate::process::{Activity, Process};
use crate::table::terminate;

/// Reductions of a slice.
pub const SLICE: i32 = if cfg!(feature = "zeal-preempt") { 1 } else { 4000 };
/// How often an idle scheduler looks around before it sleeps.
const SPINS: u32 = 60;

static SHARED: OnceLock<Shared> = OnceLock::new();
static SLEEPERS: AtomicUsize = AtomicUsize::new(0);
static SLEEP: Mutex<()> = Mutex::new(());
static WAKE: Condvar = Condvar::new();

thread_local! {
    /// The run queue of this scheduler thread.
    static QUEUE: RefCell<Option<Worker<Arc<Process>>>> = const { RefCell::new(None) };
    static INDEX: Cell<usize> = const { Cell::new(0) };
}

/// Number of the scheduler that calls, from 1; 0 on other threads.
pub fn current_scheduler() -> usize {
    INDEX.get()
}

/// Processes ready to run.
pub fn run_queue_length() -> usize {
    SHARED.get().map_or(0, |s| s.length.load(Ordering::Relaxed))
}

fn shared() -> &'static Shared {
    match SHARED.get() {
        Some(shared) => shared,
        None => crate::bug!("no schedulers"),
    }
}

/// Starts the scheduler threads.
pub(super) fn start(count: usize) {
    let queues: Vec<Worker<Arc<Process>>> = (0..count).map(|_| Worker::new_fifo()).collect();
    let stealers = queues.iter().map(Worker::stealer).collect();
    let _ = SHARED.set(Shared::new(stealers));
    for (index, queue) in queues.into_iter().enumerate() {
        super::system::thread(&format!("{}_scheduler", index + 1), move || run(index, queue));
    }
}

/// Puts a queued process into a run queue and wakes a scheduler if one sleeps.
pub(super) fn enqueue(process: Arc<Process>) {
    QUEUE.with_borrow(|queue| shared().push(process, queue.as_ref()));
    if SLEEPERS.load(Ordering::SeqCst) > 0 {
        let _guard = SLEEP.lock();
        WAKE.notify_one();
    }
}

/// One scheduler, for ever.
fn run(index: usize, queue: Worker<Arc<Process>>) {
    INDEX.set(index + 1);
    QUEUE.set(Some(queue));
    let mut registers = Registers::new();
    let mut turn = 0u32;
    loop {
        turn = turn.wrapping_add(1);
        match next(index, turn) {
            Some(process) => run_process(&process, &mut registers),
            None => sleep(index),
        }
    }
}

fn next(index: usize, turn: u32) -> Option<Arc<Process>> {
    QUEUE.with_borrow(|queue| shared().pop(index, queue.as_ref()?, turn))
}

/// Nothing to do: look a while, then sleep until somebody pushes.
fn sleep(index: usize) {
    for spin in 0..SPINS {
        if shared().length.load(Ordering::SeqCst) > 0 {
            return;
        }
        if spin < SPINS / 2 {
            std::hint::spin_loop();
        } else {
            std::thread::yield_now();
        }
    }
    let _ = index;
    let mut guard = SLEEP.lock();
    SLEEPERS.fetch_add(1, Ordering::SeqCst);
    while shared().length.load(Ordering::SeqCst) == 0 {
        WAKE.wait(&mut guard);
    }
    SLEEPERS.fetch_sub(1, Ordering::SeqCst);
}

/// One slice of a process.
fn run_process(process: &Arc<Process>, registers: &mut Registers) {
    if process.state.is_ended() {
        return;
    }
    process.state.take();
    // SAFETY: P1: taken by this thread.
    let own = unsafe { process.own() };
    own.fetch_messages(process);
    if own.exit_pending {
        let reason = own.exit_reason;
        return end(process, own, reason);
    }
    if process.suspended.load(Ordering::SeqCst) > 0 {
        if !process.state.rest() {
            enqueue(process.clone());
        }
        return;
    }
    // A signal that is no message leaves a waiting process where it is.
    if own.activity == Activity::Waiting && own.messages.at_end() && !own.receive_timed_out() {
        if !process.state.rest() {
            enqueue(process.clone());
        }
        return;
    }
    own.slice = SLICE;
    own.reductions_left = SLICE;
    own.activity = Activity::Running;
    own.hibernating = false;
    let run = exec::run(process, own, registers);
    own.activity = if matches!(run, RunEnd::Waiting | RunEnd::Hibernated) { Activity::Waiting } else { Activity::Ready };
    own.reductions += (SLICE - own.reductions_left).max(1) as u64;
    finish(process, own, run);
}

/// What follows from how a run ended.
pub(super) fn finish(process: &Arc<Process>, own: &mut crate::process::Own, run: RunEnd) {
    match run {
        RunEnd::Yielded => {
            process.state.requeue();
            enqueue(process.clone());
        }
        RunEnd::Waiting => {
            if !process.state.rest() {
                enqueue(process.clone());
            }
        }
        RunEnd::Hibernated => {
            own.hibernate_heap(&mut []);
            own.hibernating = true;
            if !own.messages.is_empty() {
                process.state.requeue();
                enqueue(process.clone());
            } else if !process.state.rest() {
                enqueue(process.clone());
            }
        }
        RunEnd::Dirty(class) => dirty::push(class, process.clone()),
        RunEnd::Exited => {
            let reason = if own.exit_pending { own.exit_reason } else { own.exception.reason };
            if !own.exit_pending {
                super::system::report_crash(process, own);
            }
            end(process, own, reason);
        }
    }
}

fn end(process: &Arc<Process>, own: &mut crate::process::Own, reason: crate::Term) {
    if process.is_system && !super::is_halting() {
        super::system::system_process_died(process, reason);
    }
    terminate::terminate(process, own, reason);
}
