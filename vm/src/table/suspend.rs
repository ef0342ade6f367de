//! Suspending processes: counted by the one that suspends, undone when it ends.

use super::route;
use crate::base::sync::Ordering;
use crate::process::signal::Request;
use crate::process::{Aside, Own, Pid, Process, Signal};

/// One more process suspends the receiver, which tells `done` once that holds.
struct Suspend(Option<Done>);
struct Resume;

/// Told whether the process is suspended now; `false`: it has ended.
pub type Done = Box<dyn FnOnce(bool) + Send>;

impl Request for Suspend {
    fn run(self: Box<Self>, process: &Process, own: &mut Own) {
        process.suspended.fetch_add(1, Ordering::SeqCst);
        // The slice ends at the next call.
        own.reductions_left = own.reductions_left.min(0);
        if let Some(done) = self.0 {
            done(!own.exit_pending);
        }
    }
    fn in_native(&mut self, process: &Process, _: &mut Aside) -> bool {
        // It is suspended once the native returns, and whoever wants to know waits for that.
        if self.0.is_none() {
            process.suspended.fetch_add(1, Ordering::SeqCst);
        }
        self.0.is_none()
    }
    fn dead(self: Box<Self>) {
        if let Some(done) = self.0 {
            done(false);
        }
    }
}

impl Request for Resume {
    fn run(self: Box<Self>, process: &Process, _: &mut Own) {
        process.suspended.fetch_sub(1, Ordering::SeqCst);
    }
    fn in_native(&mut self, process: &Process, _: &mut Aside) -> bool {
        process.suspended.fetch_sub(1, Ordering::SeqCst);
        true
    }
    fn dead(self: Box<Self>) {}
}

/// Only tells, in its turn among the signals.
struct Tell(Done);

impl Request for Tell {
    fn run(self: Box<Self>, _: &Process, own: &mut Own) {
        (self.0)(!own.exit_pending);
    }
    fn dead(self: Box<Self>) {
        (self.0)(false);
    }
}

/// `own` suspends `pid` once more; whether it did not before.
pub fn suspend(own: &mut Own, pid: Pid, done: Option<Done>) -> bool {
    let count = own.relations().suspending.entry(pid).or_insert(0);
    *count += 1;
    let first = *count == 1;
    if first {
        route::deliver(pid.party(), Signal::Request(Box::new(Suspend(done))));
    } else if let Some(done) = done {
        tell(pid, done);
    }
    first
}

/// Tells whether the process is still alive, after what `pid` was told before has been done.
pub fn tell(pid: Pid, done: Done) {
    route::deliver(pid.party(), Signal::Request(Box::new(Tell(done))));
}

/// Whether `own` suspends `pid`.
pub fn is_suspending(own: &Own, pid: Pid) -> bool {
    own.relations.as_ref().is_some_and(|relations| relations.suspending.contains_key(&pid))
}

/// Takes one suspension back; `false`: there was none.
pub fn resume(own: &mut Own, pid: Pid) -> bool {
    let Some(relations) = &mut own.relations else { return false };
    let Some(count) = relations.suspending.get_mut(&pid) else { return false };
    *count -= 1;
    if *count == 0 {
        relations.suspending.remove(&pid);
        resume_now(pid);
    }
    true
}

/// The process that suspended `pid` does not any more.
pub(crate) fn resume_now(pid: Pid) {
    route::deliver(pid.party(), Signal::Request(Box::new(Resume)));
}
