//! Seeded runs: one program and one seed give one interleaving, run after run.
//!
//! There is one scheduler. It chooses by a generator of random numbers how long a slice is and
//! which ready process comes next; natives of the dirty classes run on it at once; Erlang's clocks
//! advance with the reductions that were spent, and to the next timer when nothing is ready. What
//! comes from outside the node (sockets, programs) is let in only while nothing is ready; when it
//! comes is the world's business.
//! Start reading at: `start`.

use std::time::Duration;

use super::timer;
use crate::base::sync::{AtomicBool, Mutex, MutexGuard, Ordering};
use crate::base::time;

static ON: AtomicBool = AtomicBool::new(false);
static STATE: Mutex<u64> = Mutex::new(0);

/// How long a reduction takes on the simulated clock, nanoseconds.
const REDUCTION: i64 = 20;
/// Processes that the next one is chosen from.
pub(super) const CHOICE: u64 = 16;

/// Makes the run a seeded one. Before the clocks and schedulers start.
pub fn start(seed: u64) {
    time::simulate();
    *STATE.lock() = seed;
    ON.store(true, Ordering::Relaxed);
}

#[inline]
pub(super) fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// The next random number (splitmix64).
fn random() -> u64 {
    let mut state = STATE.lock();
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number below `limit`.
pub(super) fn below(limit: u64) -> u64 {
    random() % limit.max(1)
}

/// Reductions of the next slice: every magnitude up to a whole one is as likely.
pub(super) fn slice(whole: i32) -> i32 {
    let most = i64::from(whole) >> below(12);
    1 + below(most.max(1) as u64) as i32
}

/// A slice is over.
pub(super) fn spent(reductions: u64) {
    time::advance(reductions as i64 * REDUCTION);
}

/// Held by the scheduler while it has something to run, and by whoever lets the world in.
static GATE: Mutex<()> = Mutex::new(());

/// Closes the gate to the world, in a seeded run.
pub(super) fn close() -> Option<MutexGuard<'static, ()>> {
    is_on().then(|| GATE.lock())
}

/// Waits until what comes from outside may come in, and keeps it so while the guard is held. At
/// once, and nothing, in runs that are not seeded.
pub fn enter() -> Option<MutexGuard<'static, ()>> {
    close()
}

/// Nothing is ready: the gate is open and time passes as outside, until `is_ready` or up to the
/// next timer.
pub(super) fn idle(gate: &mut MutexGuard<'static, ()>, is_ready: impl Fn() -> bool) {
    const STEP: i64 = 1_000_000;
    let next = timer::fire();
    let begun = std::time::Instant::now();
    let left = next.saturating_sub(time::monotonic());
    while !is_ready() {
        let waited = begun.elapsed().as_nanos() as i64;
        if waited >= left.max(STEP) {
            time::advance(left.max(0));
            timer::fire();
            return;
        }
        MutexGuard::unlocked_fair(gate, || std::thread::sleep(Duration::from_nanos(STEP as u64)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tests of one process share the generator: one at a time.
    #[test]
    fn a_seed_gives_one_sequence() {
        let draw = |seed| {
            *STATE.lock() = seed;
            let numbers: Vec<i32> = (0..100).map(|_| slice(4000)).collect();
            numbers
        };
        let first = draw(1);
        assert_eq!(first, draw(1));
        assert_ne!(first, draw(2));
        assert!(first.iter().all(|n| (1..=4000).contains(n)));
    }
}
