//! Which schedulers search and sleep, and who wakes them.
//!
//! A scheduler that finds nothing looks around for a while as a *searcher*, then sleeps. Who makes
//! a process ready wakes a sleeper only if nobody searches: the searcher finds it, and wakes the
//! next sleeper when it does. So a busy node makes few system calls, and work never waits while a
//! scheduler sleeps: `sleeping` and `searching` are changed before the queues are looked at for
//! the last time, and read after a queue was changed. `tests/loom` tries every interleaving.

use crate::base::sync::{AtomicUsize, Condvar, Mutex, Ordering, fence};

/// The schedulers that have nothing to run.
pub(super) struct Sleepers {
    sleeping: AtomicUsize,
    searching: AtomicUsize,
    /// Wake-ups that no sleeper has taken yet.
    wakes: Mutex<usize>,
    wake: Condvar,
}

impl Sleepers {
    pub fn new() -> Sleepers {
        Sleepers {
            sleeping: AtomicUsize::new(0),
            searching: AtomicUsize::new(0),
            wakes: Mutex::new(0),
            wake: Condvar::new(),
        }
    }

    /// Something was put into a queue: wakes a sleeper if there is one and nobody searches; whether it did.
    pub fn wake_one(&self) -> bool {
        fence(Ordering::SeqCst);
        if self.sleeping.load(Ordering::SeqCst) == 0 || self.searching.load(Ordering::SeqCst) > 0 {
            return false;
        }
        let mut wakes = self.wakes.lock();
        let any = *wakes < self.sleeping.load(Ordering::SeqCst);
        if any {
            *wakes += 1;
            self.wake.notify_one();
        }
        any
    }

    /// Has every sleeper look around.
    pub fn wake_all(&self) {
        let mut wakes = self.wakes.lock();
        *wakes = self.sleeping.load(Ordering::SeqCst);
        self.wake.notify_all();
    }

    /// The caller searches from now on.
    pub fn begin_search(&self) {
        self.searching.fetch_add(1, Ordering::SeqCst);
    }

    /// The caller has found something. The last searcher gone: what else is ready needs another.
    pub fn found(&self, more: impl FnOnce() -> bool) {
        if self.searching.fetch_sub(1, Ordering::SeqCst) == 1 && more() {
            let _ = self.wake_one();
        }
    }

    /// The caller, a searcher, sleeps until it is woken or something is in a queue.
    pub fn sleep(&self, is_ready: impl Fn() -> bool) {
        let mut wakes = self.wakes.lock();
        self.sleeping.fetch_add(1, Ordering::SeqCst);
        self.searching.fetch_sub(1, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        while *wakes == 0 && !is_ready() {
            self.wake.wait(&mut wakes);
        }
        *wakes = wakes.saturating_sub(1);
        self.sleeping.fetch_sub(1, Ordering::SeqCst);
    }
}
