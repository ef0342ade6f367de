//! The process table: slots with serial numbers, looked up without a lock.

use std::cell::Cell;

use crate::base::sync::{Arc, AtomicPtr, AtomicUsize, Mutex, OnceLock, Ordering};
use crate::process::{Own, Pid, Process};
use crate::term::Term;

struct Table {
    slots: Box<[AtomicPtr<Process>]>,
    free: Mutex<Free>,
    count: AtomicUsize,
}

struct Free {
    /// Slots given back, oldest first, with the serial that their next user gets.
    slots: std::collections::VecDeque<(u32, u32)>,
    /// Slots from here on were never used.
    next: u32,
}

static LIMIT: AtomicUsize = AtomicUsize::new(1 << 20);

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let limit = LIMIT.load(Ordering::Relaxed).clamp(1024, 1 << Pid::SLOT_BITS);
        let slots = (0..limit).map(|_| AtomicPtr::new(std::ptr::null_mut())).collect();
        Table {
            slots,
            free: Mutex::new(Free { slots: std::collections::VecDeque::new(), next: 0 }),
            count: AtomicUsize::new(0),
        }
    })
}

/// Sets how many processes there may be. Before the first one.
pub fn set_limit(limit: usize) {
    LIMIT.store(limit, Ordering::Relaxed);
}

/// How many there may be.
pub fn limit() -> usize {
    table().slots.len()
}

/// How many there are.
pub fn count() -> usize {
    table().count.load(Ordering::Relaxed)
}

/// Puts a new process into the table; `None`: it is full. `make` gets the pid.
pub fn insert(make: impl FnOnce(Pid) -> (Own, bool)) -> Option<Arc<Process>> {
    let table = table();
    let (slot, serial) = {
        let mut free = table.free.lock();
        // Fresh slots first, and those given back in turn: a pid comes again as late as possible.
        if (free.next as usize) < table.slots.len() {
            free.next += 1;
            (free.next - 1, 0)
        } else {
            free.slots.pop_front()?
        }
    };
    let pid = Pid::new(slot, serial);
    let (own, is_system) = make(pid);
    let process = Arc::new(Process::new(pid, own, is_system));
    let pointer = Arc::into_raw(process.clone()).cast_mut();
    table.slots[slot as usize].store(pointer, Ordering::Release);
    table.count.fetch_add(1, Ordering::Relaxed);
    Some(process)
}

/// Takes a process that has ended out of the table.
pub fn remove(process: &Process) {
    let table = table();
    let pid = process.id();
    let pointer = table.slots[pid.slot()].swap(std::ptr::null_mut(), Ordering::AcqRel);
    if pointer.is_null() {
        return;
    }
    table.count.fetch_sub(1, Ordering::Relaxed);
    let serial = pid.serial().wrapping_add(1) & ((1 << 28) - 1);
    table.free.lock().slots.push_back((pid.slot() as u32, serial));
    let address = pointer as usize;
    let guard = crossbeam_epoch::pin();
    // SAFETY: out of the table, so that nobody finds it from now on; those who found it before are
    // pinned until they have taken a count of their own.
    unsafe {
        guard.defer_unchecked(move || drop(Arc::from_raw(address as *const Process)));
    }
}

/// Drops a thing once every thread that runs a process now, or looks at one, has stopped doing so.
pub fn drop_later(thing: impl Send + 'static) {
    let guard = crossbeam_epoch::pin();
    guard.defer(move || drop(thing));
    guard.flush();
}

/// Lets this thread look at processes at less cost while it is held; what has ended is not freed
/// until then, so that it must not be held for long.
pub struct Looking(#[allow(dead_code, reason = "held, not read")] crossbeam_epoch::Guard);

thread_local! {
    static LOOKING: Cell<bool> = const { Cell::new(false) };
}

/// Begins to look at processes. Once at a time in a thread.
pub fn look() -> Looking {
    LOOKING.set(true);
    Looking(crossbeam_epoch::pin())
}

/// Whether this thread looks at processes: none that is in the table now is freed before it ends.
#[inline]
pub fn is_looking() -> bool {
    LOOKING.get()
}

impl Drop for Looking {
    fn drop(&mut self) {
        LOOKING.set(false);
    }
}

/// The process of a pid, if it is alive.
pub fn get(pid: Pid) -> Option<Arc<Process>> {
    with(pid, Process::handle)
}

/// Looks at the process of a pid, if it is alive.
pub fn with<R>(pid: Pid, f: impl FnOnce(&Process) -> R) -> Option<R> {
    let slot = table().slots.get(pid.slot())?;
    let _guard = (!is_looking()).then(crossbeam_epoch::pin);
    let pointer = slot.load(Ordering::Acquire);
    if pointer.is_null() {
        return None;
    }
    // SAFETY: loaded while pinned: freed only after the guard is gone.
    let process = unsafe { &*pointer };
    (process.id() == pid && !process.state.is_ended()).then(|| f(process))
}

/// The process that a term names.
pub fn of_term(term: Term) -> Option<Arc<Process>> {
    get(Pid::of(term)?)
}

/// Every process alive.
pub fn all() -> Vec<Arc<Process>> {
    let table = table();
    let used = table.free.lock().next as usize;
    let _guard = crossbeam_epoch::pin();
    table.slots[..used]
        .iter()
        .filter_map(|slot| {
            let pointer = slot.load(Ordering::Acquire);
            // SAFETY: loaded while pinned.
            let process = unsafe { pointer.as_ref() }?;
            (!process.state.is_ended()).then(|| process.handle())
        })
        .collect()
}
