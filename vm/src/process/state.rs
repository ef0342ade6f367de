//! Who may touch a process's owned side.
//!
//! ```text
//!  Idle --wake--> Queued --take--> Running --rest--> Idle
//!                   ^                 | wake
//!                   |                 v
//!                   +----rest---- RunningWoken           any --end--> Ended
//!  Idle --hold--> Running, and never back: the node is ending.
//! ```

use crate::base::sync::{AtomicU32, Ordering, fence_behind_swap};

const IDLE: u32 = 0;
const QUEUED: u32 = 1;
const RUNNING: u32 = 2;
const RUNNING_WOKEN: u32 = 3;
const ENDED: u32 = 4;

/// The state of a process.
#[derive(Default)]
pub struct State(AtomicU32);

impl State {
    /// Something came for the process; `true`: the caller has to put it into a run queue.
    pub fn wake(&self) -> bool {
        let mut state = self.0.load(Ordering::Relaxed);
        loop {
            let (next, enqueue) = match state {
                IDLE => (QUEUED, true),
                RUNNING => (RUNNING_WOKEN, false),
                _ => {
                    // Whoever runs it next must see what was pushed before this call.
                    crate::base::sync::fence(Ordering::SeqCst);
                    let again = self.0.load(Ordering::SeqCst);
                    if again == state {
                        return false;
                    }
                    state = again;
                    continue;
                }
            };
            match self.0.compare_exchange_weak(state, next, Ordering::SeqCst, Ordering::Relaxed) {
                Ok(_) => return enqueue,
                Err(seen) => state = seen,
            }
        }
    }

    /// Whether `hold` is worth trying.
    pub fn seems_idle(&self) -> bool {
        self.0.load(Ordering::Relaxed) == IDLE
    }

    /// Keeps a process that waits from running: its owned side is this thread's.
    pub fn hold(&self) -> bool {
        self.0.compare_exchange(IDLE, RUNNING, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// A scheduler took the process from a queue: its owned side is this thread's. `false`: another
    /// one was faster, from another queue.
    pub fn take(&self) -> bool {
        let taken = self.0.compare_exchange(QUEUED, RUNNING, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        // What was pushed before a `wake` that found it queued is seen behind this.
        fence_behind_swap();
        taken
    }

    /// Forgets that something came, if it did: who runs the process looks for it from here on.
    pub fn clear_woken(&self) -> bool {
        if self.0.load(Ordering::Relaxed) != RUNNING_WOKEN {
            return false;
        }
        self.0.swap(RUNNING, Ordering::SeqCst);
        // What was pushed before a `wake` that found it woken is seen behind this.
        fence_behind_swap();
        true
    }

    /// The process waits; `false`: something came meanwhile, it is queued and the caller has to
    /// put it into a run queue.
    pub fn rest(&self) -> bool {
        if self.0.compare_exchange(RUNNING, IDLE, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            return true;
        }
        self.0.store(QUEUED, Ordering::SeqCst);
        false
    }

    /// The slice is over: the caller puts the process into a run queue.
    pub fn requeue(&self) {
        // Not a store: the caller may not have seen that it was woken since.
        self.0.swap(QUEUED, Ordering::SeqCst);
    }

    /// Whether something has come while the process runs: it won't rest.
    pub fn is_woken(&self) -> bool {
        self.0.load(Ordering::SeqCst) == RUNNING_WOKEN
    }

    pub fn end(&self) {
        self.0.store(ENDED, Ordering::SeqCst);
    }

    pub fn is_idle(&self) -> bool {
        self.0.load(Ordering::SeqCst) == IDLE
    }

    pub fn is_running(&self) -> bool {
        matches!(self.0.load(Ordering::Relaxed), RUNNING | RUNNING_WOKEN)
    }

    pub fn is_queued(&self) -> bool {
        self.0.load(Ordering::Relaxed) == QUEUED
    }

    pub fn is_ended(&self) -> bool {
        self.0.load(Ordering::SeqCst) == ENDED
    }
}
