//! Descriptors that natives of libraries wait for. The poll thread, a floor above, watches them.

use std::io;
use std::os::fd::RawFd;

use crate::base::sync::{Arc, AtomicBool, OnceLock, Ordering};

/// What is waited for, or what has come.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Events {
    pub read: bool,
    pub write: bool,
    pub error: bool,
}

/// Called on the poll thread, or by a scheduler that has nothing to run, with what has come. It must be short.
pub type Ready = Arc<dyn Fn(Events) + Send + Sync>;

/// The poll thread.
pub trait Poll: Sync {
    /// Begins to watch a descriptor; the number of the watch.
    fn watch(&self, fd: RawFd, wanted: Events, ready: Ready) -> io::Result<usize>;
    /// Watches for these from now on. What is the case already is told at once.
    fn change(&self, watch: usize, wanted: Events) -> io::Result<()>;
    /// Ends a watch, before the descriptor is closed.
    fn unwatch(&self, watch: usize);
    /// Handles what has come by now, on the calling thread; the number of events.
    fn look(&self) -> usize;
    /// Whether a scheduler that falls asleep is to wait in place of the poll thread. One at a time does.
    fn take_seat(&self, all_asleep: bool) -> bool;
    /// Waits there until something has come, or it is kicked.
    fn wait_in_seat(&self);
    /// Has the scheduler there look around.
    fn kick(&self);
}

/// The poll thread relies on the schedulers.
static TRUSTED: AtomicBool = AtomicBool::new(false);

/// From now on schedulers look by themselves, whether they have nothing to run or not; or no longer.
pub fn set_trusted(trusted: bool) {
    TRUSTED.store(trusted, Ordering::Relaxed);
}

/// Whether they do.
#[inline(always)]
pub(super) fn is_trusted() -> bool {
    TRUSTED.load(Ordering::Relaxed)
}

static POLL: OnceLock<&'static dyn Poll> = OnceLock::new();

/// Sets the poll thread. Once, at start.
pub fn set_poll(poll: &'static dyn Poll) {
    let _ = POLL.set(poll);
}

/// The poll thread, if there is one.
pub fn poll() -> Option<&'static dyn Poll> {
    POLL.get().copied()
}
