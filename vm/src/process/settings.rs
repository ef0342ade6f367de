//! What `erlang:system_flag/2` sets for the whole node and no other floor keeps.

use super::Pid;
use crate::base::sync::{AtomicU64, AtomicUsize, Ordering};

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

/// A number that match specifications of traces read and set.
pub static TRACE_CONTROL_WORD: Setting = Setting::new(0);
/// Requests that the code purger and the literal collector have under way at once.
pub static OUTSTANDING_REQUESTS: Setting = Setting::new(4);
/// `erlang:system_flag(multi_scheduling, block)` minus `unblock`, and the same for `block_normal`.
pub static MULTI_SCHEDULING_BLOCKS: Setting = Setting::new(0);

const NOBODY: u64 = u64::MAX;
static SYSTEM_LOGGER: AtomicU64 = AtomicU64::new(NOBODY);

/// Who gets the runtime's `{log, ...}` messages: a process, or `None` for the one registered as
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
