//! What schedulers have done: slices, reductions, time at work. Each thread counts for itself.

use std::cell::Cell;

use crate::base::sync::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use crate::base::time;

/// Counts of one thread, on a cache line of its own. Only that thread writes.
#[repr(align(64))]
struct Counts {
    slices: AtomicU64,
    reductions: AtomicU64,
    /// Nanoseconds at work since `measure(true)`.
    busy: AtomicI64,
}

/// Threads that are told apart: schedulers, then dirty CPU threads, then dirty I/O threads.
pub(super) const THREADS: usize = 2048 + 64;

static COUNTS: [Counts; THREADS] = [const {
    Counts { slices: AtomicU64::new(0), reductions: AtomicU64::new(0), busy: AtomicI64::new(0) }
}; THREADS];

static MEASURED: AtomicBool = AtomicBool::new(false);
static SINCE: AtomicI64 = AtomicI64::new(0);

thread_local! {
    static MINE: Cell<usize> = const { Cell::new(THREADS - 1) };
}

/// Gives the calling thread a number.
pub(super) fn set_thread(number: usize) {
    MINE.set(number.min(THREADS - 1));
}

/// The number of the calling thread; the last one for those that have none.
#[inline]
pub(super) fn mine() -> usize {
    MINE.get()
}

/// The number of the calling thread, if it has one.
pub fn thread_number() -> Option<usize> {
    Some(MINE.get()).filter(|&n| n < THREADS - 1)
}

fn add(counter: &AtomicU64, n: u64) {
    counter.store(counter.load(Ordering::Relaxed) + n, Ordering::Relaxed);
}

/// When a piece of work begins, if that is measured.
#[inline]
pub(super) fn begin() -> Option<i64> {
    MEASURED.load(Ordering::Relaxed).then(time::monotonic)
}

/// A slice has ended.
#[inline]
pub(super) fn end(begun: Option<i64>, reductions: u64) {
    let counts = &COUNTS[MINE.get()];
    add(&counts.slices, 1);
    add(&counts.reductions, reductions);
    if let Some(begun) = begun {
        let busy = counts.busy.load(Ordering::Relaxed) + time::monotonic() - begun.max(SINCE.load(Ordering::Relaxed));
        counts.busy.store(busy, Ordering::Relaxed);
    }
}

/// Slices of all schedulers.
pub fn slices() -> u64 {
    COUNTS.iter().map(|c| c.slices.load(Ordering::Relaxed)).sum()
}

/// Reductions of all slices that have ended.
pub fn reductions() -> u64 {
    COUNTS.iter().map(|c| c.reductions.load(Ordering::Relaxed)).sum()
}

/// Switches the measuring of time on or off; whether it was on.
pub fn measure(on: bool) -> bool {
    let was = MEASURED.load(Ordering::SeqCst);
    if on && !was {
        SINCE.store(time::monotonic(), Ordering::SeqCst);
        COUNTS.iter().for_each(|c| c.busy.store(0, Ordering::SeqCst));
    }
    MEASURED.store(on, Ordering::SeqCst);
    was
}

/// Nanoseconds at work of each of the first `threads` threads, and nanoseconds since the measuring
/// began. `None`: time is not measured.
pub fn wall_time(threads: usize) -> Option<(Vec<i64>, i64)> {
    if !MEASURED.load(Ordering::SeqCst) {
        return None;
    }
    let total = time::monotonic() - SINCE.load(Ordering::SeqCst);
    let busy = COUNTS[..threads.min(THREADS)].iter().map(|c| c.busy.load(Ordering::Relaxed).min(total));
    Some((busy.collect(), total))
}
