//! What `erlang:system_flag/2` sets for all processes.

use super::Pid;
use crate::base::sync::{AtomicU64, AtomicUsize, Ordering};
use crate::term::Term;

/// A number that any thread may read and set.
pub struct Setting(AtomicUsize);

impl Setting {
    const fn new(value: usize) -> Setting {
        Setting(AtomicUsize::new(value))
    }
    pub fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
    /// Sets it; gives what it was.
    pub fn replace(&self, value: usize) -> usize {
        self.0.swap(value, Ordering::Relaxed)
    }
}

/// Entries of a stack trace at most.
pub static BACKTRACE_DEPTH: Setting = Setting::new(8);
/// Defaults of new processes, in words; and minor collections between full ones.
pub static MIN_HEAP_SIZE: Setting = Setting::new(233);
pub static MIN_BIN_VHEAP_SIZE: Setting = Setting::new(46_422);
pub static FULLSWEEP_AFTER: Setting = Setting::new(65_535);
/// 0 is no limit.
pub static MAX_HEAP_SIZE: Setting = Setting::new(0);
pub static MAX_HEAP_KILL: Setting = Setting::new(1);
pub static MAX_HEAP_LOG: Setting = Setting::new(1);
/// Of a `max_heap_size` that counts off-heap binaries (OTP 27).
pub static TRACE_CONTROL_WORD: Setting = Setting::new(0);
/// Requests that the code purger and the literal collector have under way at once.
pub static OUTSTANDING_REQUESTS: Setting = Setting::new(4);

/// No process yet: messages go to whatever is registered as `logger`.
const NOBODY: u64 = u64::MAX;
static SYSTEM_LOGGER: AtomicU64 = AtomicU64::new(NOBODY);

/// Who gets `{log, ...}` messages of the runtime: a process, or `None` for the one registered as
/// `logger`.
pub fn system_logger() -> Option<Pid> {
    match SYSTEM_LOGGER.load(Ordering::Relaxed) {
        NOBODY => None,
        number => Some(Pid(number)),
    }
}

/// Sets it; gives what it was.
pub fn set_system_logger(pid: Option<Pid>) -> Option<Pid> {
    match SYSTEM_LOGGER.swap(pid.map_or(NOBODY, |pid| pid.0), Ordering::Relaxed) {
        NOBODY => None,
        number => Some(Pid(number)),
    }
}

/// As a term: a pid, or `logger`.
pub fn system_logger_term(pid: Option<Pid>) -> Term {
    pid.map_or(crate::am::logger, Pid::term)
}
