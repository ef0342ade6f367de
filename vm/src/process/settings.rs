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

/// The process that has persistent terms freed.
pub static LITERAL_COLLECTOR: Setting = Setting::new(0);

const BY_NAME: u64 = u64::MAX;
const NOBODY: u64 = u64::MAX - 1;
static SYSTEM_LOGGER: AtomicU64 = AtomicU64::new(BY_NAME);

/// Who gets the runtime's `{log, ...}` messages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SystemLogger {
    /// The process registered as `logger`.
    ByName,
    Nobody,
    Process(Pid),
}

impl SystemLogger {
    fn of_number(number: u64) -> SystemLogger {
        match number {
            BY_NAME => SystemLogger::ByName,
            NOBODY => SystemLogger::Nobody,
            number => SystemLogger::Process(Pid(number)),
        }
    }
}

pub fn system_logger() -> SystemLogger {
    SystemLogger::of_number(SYSTEM_LOGGER.load(Ordering::Relaxed))
}

/// Sets it; gives what it was.
pub fn set_system_logger(logger: SystemLogger) -> SystemLogger {
    let number = match logger {
        SystemLogger::ByName => BY_NAME,
        SystemLogger::Nobody => NOBODY,
        SystemLogger::Process(pid) => pid.0,
    };
    SystemLogger::of_number(SYSTEM_LOGGER.swap(number, Ordering::Relaxed))
}
