//! Which schedulers search and sleep, and who wakes them.
//!
//! A scheduler that finds nothing looks around for a while as a *searcher*, then sleeps. Who makes
//! a process ready wakes a sleeper only if nobody searches: the searcher finds it, and wakes the
//! next sleeper when it does. So a busy node makes few system calls, and work never waits while a
//! scheduler sleeps: `sleeping` and `searching` are changed before the queues are looked at for
//! the last time, and read after a queue was changed. `tests/loom` tries every interleaving.
//!
//! One sleeper may wait for what comes from outside the node meanwhile, in another place. It is woken last.

use crate::base::sync::{AtomicUsize, Condvar, Mutex, Ordering, fence};

/// Where one sleeper waits for what comes from outside.
pub(super) trait Outside {
    /// Whether the caller, one of so many sleepers, is to wait there. It may be called with a lock held.
    fn is_needed(&self, sleeping: usize) -> bool;
    /// Waits there, for something or for a kick; one that came before counts too.
    fn wait(&self);
    fn kick(&self);
}

/// The schedulers that have nothing to run.
pub(super) struct Sleepers<O> {
    sleeping: AtomicUsize,
    searching: AtomicUsize,
    /// Wake-ups that no sleeper has taken yet.
    wakes: Mutex<usize>,
    wake: Condvar,
    /// Sleepers that wait outside: none or one. Changed with `wakes` locked.
    away: AtomicUsize,
    outside: O,
}

impl<O: Outside> Sleepers<O> {
    pub fn new(outside: O) -> Sleepers<O> {
        Sleepers {
            sleeping: AtomicUsize::new(0),
            searching: AtomicUsize::new(0),
            wakes: Mutex::new(0),
            wake: Condvar::new(),
            away: AtomicUsize::new(0),
            outside,
        }
    }

    /// Something was put into a queue: wakes a sleeper if there is one and nobody searches; whether it did.
    pub fn wake_one(&self) -> bool {
        fence(Ordering::SeqCst);
        if self.sleeping.load(Ordering::SeqCst) == 0 || self.searching.load(Ordering::SeqCst) > 0 {
            return false;
        }
        let mut wakes = self.wakes.lock();
        let sleeping = self.sleeping.load(Ordering::SeqCst);
        let any = *wakes < sleeping;
        if any {
            *wakes += 1;
            if *wakes > sleeping - self.away.load(Ordering::SeqCst) {
                self.outside.kick();
            } else {
                self.wake.notify_one();
            }
        }
        any
    }

    /// Has every sleeper look around.
    pub fn wake_all(&self) {
        let mut wakes = self.wakes.lock();
        *wakes = self.sleeping.load(Ordering::SeqCst);
        self.wake.notify_all();
        if self.away.load(Ordering::SeqCst) > 0 {
            self.outside.kick();
        }
    }

    /// The caller searches from now on; how many others do.
    pub fn begin_search(&self) -> usize {
        self.searching.fetch_add(1, Ordering::SeqCst)
    }

    /// The caller has found something. The last searcher gone: what else is ready needs another.
    pub fn found(&self, more: impl FnOnce() -> bool) {
        if self.searching.fetch_sub(1, Ordering::SeqCst) == 1 && more() {
            let _ = self.wake_one();
        }
    }

    /// Schedulers that sleep, about: some may have been woken.
    pub fn sleeping(&self) -> usize {
        self.sleeping.load(Ordering::Relaxed)
    }

    /// Schedulers that sleep, and were not woken.
    pub fn asleep(&self) -> usize {
        let wakes = self.wakes.lock();
        self.sleeping.load(Ordering::SeqCst).saturating_sub(*wakes)
    }

    /// The caller, a searcher, sleeps until it is woken or something is in a queue, or has come from outside.
    pub fn sleep(&self, is_ready: impl Fn() -> bool) {
        let mut wakes = self.wakes.lock();
        self.sleeping.fetch_add(1, Ordering::SeqCst);
        self.searching.fetch_sub(1, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        while *wakes == 0 && !is_ready() {
            if self.away.load(Ordering::SeqCst) == 0 && self.outside.is_needed(self.sleeping.load(Ordering::SeqCst)) {
                self.away.store(1, Ordering::SeqCst);
                drop(wakes);
                self.outside.wait();
                wakes = self.wakes.lock();
                self.away.store(0, Ordering::SeqCst);
                break;
            }
            self.wake.wait(&mut wakes);
        }
        *wakes = wakes.saturating_sub(1);
        self.sleeping.fetch_sub(1, Ordering::SeqCst);
    }
}
