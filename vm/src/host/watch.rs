//! Monitors that resources have on processes.
//!
//! A process tells an `Observer`; the resource may be on its way out by then, so that the two meet
//! under the lock of the resource's `Watch`, which outlives it.

use std::ffi::c_int;

use rustc_hash::FxHashMap as HashMap;

use super::resource::Resource;
use crate::base::sync::{Arc, Mutex};
use crate::heap::Magic;
use crate::process::relations::Observer;
use crate::process::signal::RefNumber;
use crate::process::{Party, Pid, Signal, reference};
use crate::table::{processes, route};
use crate::term::Term;

/// `ErlNifMonitor`: 32 bytes that libraries compare as such.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NifMonitor {
    pub number: RefNumber,
    spare: [u64; 2],
}

impl NifMonitor {
    fn new(number: RefNumber) -> NifMonitor {
        NifMonitor { number, spare: [0; 2] }
    }
}

struct State {
    /// Null once the resource is being destroyed.
    resource: *const Magic,
    monitors: HashMap<RefNumber, Pid>,
}

// SAFETY: the pointer is used under the lock, or with a count taken under it.
unsafe impl Send for State {}

/// The monitors of one resource.
pub(super) struct Watch(Mutex<State>);

impl Watch {
    pub(super) fn new(resource: *const Magic) -> Watch {
        Watch(Mutex::new(State { resource, monitors: HashMap::default() }))
    }

    /// The resource is destroyed: nothing watches any more.
    pub(super) fn end(&self) {
        let monitors = {
            let mut state = self.0.lock();
            state.resource = std::ptr::null();
            std::mem::take(&mut state.monitors)
        };
        for (number, pid) in monitors {
            demonitor(pid, number);
        }
    }

}

impl State {
    /// The resource, held once more, if it is not on its way out.
    fn hold(&self) -> Option<*const Magic> {
        // SAFETY: not null: it is freed only after `Watch::end`, which takes the lock.
        (!self.resource.is_null() && unsafe { Magic::try_retain(self.resource) }).then_some(self.resource)
    }
}

impl Observer for Watch {
    fn down(&self, number: RefNumber, process: Pid) {
        let held = {
            let mut state = self.0.lock();
            if state.monitors.remove(&number).is_none() {
                return;
            }
            state.hold()
        };
        let Some(magic) = held else { return };
        // SAFETY: just held.
        if let Some(resource) = unsafe { (*magic).value.downcast_ref::<Resource>() } {
            resource.down(process.term(), &mut NifMonitor::new(number));
        }
        // SAFETY: the count taken above.
        unsafe { Magic::release(magic) };
    }

    fn hold(&self) -> Option<*const Magic> {
        self.0.lock().hold()
    }
}

fn demonitor(pid: Pid, number: RefNumber) {
    if let Some(party) = Party::of(pid.term()) {
        route::deliver(party, Signal::Demonitor(number));
    }
}

/// Begins a monitor. `Err(-1)`: the type has no callback for it; `Err(1)`: there is no such process.
pub(super) fn begin(resource: &Resource, magic: *const Magic, target: Term) -> Result<NifMonitor, c_int> {
    if !resource.has_down() {
        return Err(-1);
    }
    let pid = Pid::of(target).ok_or(1)?;
    let (watch, number) = (resource.watch(magic), reference::fresh());
    watch.0.lock().monitors.insert(number, pid);
    let observer: Arc<dyn Observer> = watch.clone();
    let sent = processes::with(pid, |process| process.signal(Signal::Observe(number, observer)).is_ok());
    if sent == Some(true) {
        return Ok(NifMonitor::new(number));
    }
    watch.0.lock().monitors.remove(&number);
    Err(1)
}

/// Ends a monitor; `false`: there is none, or no longer.
pub(super) fn end(resource: &Resource, magic: *const Magic, number: RefNumber) -> bool {
    let Some(pid) = resource.watch(magic).0.lock().monitors.remove(&number) else { return false };
    demonitor(pid, number);
    true
}
