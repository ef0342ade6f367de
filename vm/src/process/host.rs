//! What processes need of the scheduler, a floor above.

use super::Process;
use crate::base::sync::OnceLock;

/// The scheduler as processes see it.
pub trait Host: Sync {
    /// Puts a queued process into a run queue.
    fn enqueue(&self, process: &Process);
    /// The same of one that the caller holds and that has something to do: it need not be queued
    /// before the caller's scheduler runs it.
    fn enqueue_held(&self, process: &Process);
    /// Whether the calling scheduler holds the process and runs it next.
    fn is_next(&self, process: &Process) -> bool;
    /// Wakes a process at a monotonic time; the number of the timer.
    fn wake_at(&self, process: &Process, deadline: i64) -> u64;
    /// Gives a timer of `wake_at` up.
    fn cancel_wake(&self, timer: u64);
    /// A signal that is no message has come for a process in a dirty native.
    fn signalled_in_native(&self, process: &Process);
    /// Drops a thing once no native runs any more whose process has ended before now.
    fn drop_after_natives(&self, thing: Box<dyn std::any::Any + Send>);
}

static HOST: OnceLock<&'static dyn Host> = OnceLock::new();

/// Sets the scheduler. Once, before the first process.
pub fn set(host: &'static dyn Host) {
    let _ = HOST.set(host);
}

pub(crate) fn host() -> &'static dyn Host {
    match HOST.get() {
        Some(host) => *host,
        None => crate::bug!("no scheduler"),
    }
}
