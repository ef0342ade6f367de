//! Processes: what one is made of, its signals, links and monitors.
//! Floor: process
//! Invariants: P1 `Own` is touched only by the thread that runs the process; P2 everything another
//! process wants of it goes through its inbox as a signal; P3 signals between a pair keep their order.
//! Locks: none held while terms are copied.
//! Start reading at: `Process`, `Own`.

mod collect;
mod exception;
pub mod exit_hook;
pub mod settings;
mod own;
mod pid;

pub use collect::set_max_heap_reporter;
pub use exception::{Class, Exception};
pub use own::{Own, TailCall, Target};
pub use pid::Pid;

use std::cell::UnsafeCell;

/// The shared side of a process: what other threads may touch.
pub struct Process {
    pid: Pid,
    own: UnsafeCell<Own>,
}

// SAFETY: P1, the state machine gives `own` to one thread at a time.
unsafe impl Sync for Process {}
// SAFETY: as above; nothing in it is bound to a thread.
unsafe impl Send for Process {}

impl Process {
    /// Its identifier.
    pub fn pid(&self) -> Term {
        self.pid.term()
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

use crate::term::Term;
