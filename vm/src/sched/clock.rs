//! The clock service: how Erlang system time follows that of the operating system, by the warp mode.
//!
//! Monotonic time is never set. Without warp the offset of system time stays as it was at the start; with a single
//! warp it is set once, when the user says that the system's clock is right; with multi time warp it is looked at
//! every minute. Whoever monitors `clock_service` is told of each change.

use rustc_hash::FxHashSet as HashSet;
use std::time::Duration;

use crate::base::sync::{AtomicU8, Mutex, Ordering};
use crate::base::time;
use crate::process::signal::Request;
use crate::process::{Own, Pid, Process, Signal};
use crate::table::{processes, route};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeWarp {
    No,
    Single,
    Multi,
}

/// What may become of the time offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TimeOffset {
    Final,
    Preliminary,
    Volatile,
}

static STATE: AtomicU8 = AtomicU8::new(TimeOffset::Final as u8);

/// How often the system's clock is looked at, and what counts as another time.
const EVERY: Duration = Duration::from_secs(60);
const TOLERANCE: i64 = 1_000_000;

/// Processes with a monitor, or that had one when they were last told.
static WATCHERS: Mutex<Option<HashSet<Pid>>> = Mutex::new(None);
/// From so many on those that have ended are looked for: each time twice as many as were alive.
static MANY: Mutex<usize> = Mutex::new(64);

pub(super) fn start(mode: TimeWarp) {
    match mode {
        TimeWarp::No => {}
        TimeWarp::Single => STATE.store(TimeOffset::Preliminary as u8, Ordering::Relaxed),
        TimeWarp::Multi => {
            STATE.store(TimeOffset::Volatile as u8, Ordering::Relaxed);
            super::system::thread("clock", || {
                loop {
                    std::thread::sleep(EVERY);
                    follow();
                }
            });
        }
    }
}

pub fn time_offset() -> TimeOffset {
    match STATE.load(Ordering::Relaxed) {
        state if state == TimeOffset::Preliminary as u8 => TimeOffset::Preliminary,
        state if state == TimeOffset::Volatile as u8 => TimeOffset::Volatile,
        _ => TimeOffset::Final,
    }
}

/// A preliminary offset becomes final, by the system's clock as it is now; what it was before.
pub fn finalize() -> TimeOffset {
    let [preliminary, last] = [TimeOffset::Preliminary as u8, TimeOffset::Final as u8];
    if STATE.compare_exchange(preliminary, last, Ordering::Relaxed, Ordering::Relaxed).is_err() {
        return time_offset();
    }
    follow();
    TimeOffset::Preliminary
}

/// A process has a monitor on the service now.
pub fn watch(pid: Pid) {
    let mut watchers = WATCHERS.lock();
    let watchers = watchers.get_or_insert_default();
    watchers.insert(pid);
    let mut many = MANY.lock();
    if watchers.len() > *many {
        watchers.retain(|&pid| processes::get(pid).is_some());
        *many = 64 + 2 * watchers.len();
    }
}

/// Takes the system's time over, if it is another.
fn follow() {
    let ahead = time::os_system_time() - time::system();
    if ahead.abs() <= TOLERANCE {
        return;
    }
    let offset = time::add_to_offset(ahead);
    let watchers: Vec<Pid> = WATCHERS.lock().iter().flatten().copied().collect();
    for pid in watchers {
        route::deliver(pid.party(), Signal::Request(Box::new(Changed(offset))));
    }
}

struct Changed(i64);

impl Request for Changed {
    fn run(self: Box<Self>, process: &Process, own: &mut Own) {
        if !own.time_offset_changed(process, self.0) {
            forget(process.id());
        }
    }
    fn dead(self: Box<Self>) {}
}

fn forget(pid: Pid) {
    if let Some(watchers) = &mut *WATCHERS.lock() {
        watchers.remove(&pid);
    }
}
