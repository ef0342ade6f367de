//! Who waits for descriptors: the poll thread, or in its place a scheduler that has nothing to run.
//!
//! What a scheduler sees it runs where it saw it; what the poll thread sees costs the waking of another thread.
//! So the poll thread leaves its seat once something has come and some scheduler is awake: those look by themselves
//! whenever they have nothing to run, and once in so many reductions, and the last one to fall asleep takes the
//! seat. Meanwhile the poll thread looks once in a while whether they do, and takes the seat again if not: one may
//! run a long native while the others sleep. So nothing waits longer than a `PAUSE` for somebody to see it.
//!
//! ```text
//!              something has come, a scheduler is awake            a scheduler falls asleep
//!   Thread ---------------------------------------------> Free <------------------------------> Scheduler
//!          <---------------------------------------------        it is kicked, or something has come
//!              nobody has looked for a while
//! ```

use std::cell::Cell;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::thread::Thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};

use crate::base::sync::{AtomicBool, AtomicUsize, AtomicU8, OnceLock, Ordering};
use crate::sched;

/// How long the poll thread trusts the schedulers.
pub(super) const PAUSE: Duration = Duration::from_millis(1);
/// For so many pauses without events it goes on to watch whether they look.
const QUIET: u32 = 10;

const FREE: u8 = 0;
const THREAD: u8 = 1;
const SCHEDULER: u8 = 2;

static SEAT: AtomicU8 = AtomicU8::new(THREAD);
/// How often schedulers have looked.
static LOOKS: AtomicUsize = AtomicUsize::new(0);
/// The poll thread relies on the scheduler in the seat: it is woken when that one leaves.
static RELIES: AtomicBool = AtomicBool::new(false);
/// The poll thread does not poll: it is unparked, not woken by an event.
static RESTS: AtomicBool = AtomicBool::new(false);
static POLL_THREAD: OnceLock<Thread> = OnceLock::new();
/// Readable once the scheduler in the seat is to run something.
static KICK: OnceLock<OwnedFd> = OnceLock::new();

thread_local! {
    /// What `LOOKS` was when this scheduler looked last, and the time before.
    static LOOKED: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// The poll thread begins.
pub(super) fn begin() {
    let _ = POLL_THREAD.set(std::thread::current());
    #[cfg(target_os = "linux")]
    {
        use rustix::event::{EventfdFlags, eventfd};
        if let Ok(kick) = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK) {
            let _ = KICK.set(kick);
        }
    }
}

/// A scheduler looks.
pub(super) fn looks() {
    let now = LOOKS.fetch_add(1, Ordering::Relaxed);
    LOOKED.set((now, LOOKED.get().0));
}

/// Whether another scheduler has looked since this one did, or shortly before.
fn others_look() -> bool {
    let (last, before) = LOOKED.get();
    LOOKS.load(Ordering::Relaxed).wrapping_sub(before) > 2 || last.wrapping_sub(before) > 1
}

/// The poll thread, which has seen something, leaves the seat; whether it did.
pub(super) fn leave() -> bool {
    if KICK.get().is_none() || !sched::looks_outside() {
        return false;
    }
    RESTS.store(true, Ordering::SeqCst);
    sched::ready::set_trusted(true);
    SEAT.store(FREE, Ordering::SeqCst);
    // The last one awake may have found the seat taken just before.
    sched::looks_outside() || !take_back()
}

/// The poll thread polls again, if no scheduler waits in its place.
fn take_back() -> bool {
    let taken = SEAT.compare_exchange(FREE, THREAD, Ordering::SeqCst, Ordering::SeqCst).is_ok();
    if taken {
        sched::ready::set_trusted(false);
        RESTS.store(false, Ordering::SeqCst);
    }
    taken
}

/// What the poll thread has seen of the schedulers.
#[derive(Default)]
pub(super) struct Rest {
    looks: usize,
    fired: usize,
    quiet: u32,
}

impl Rest {
    /// A rest begins, after so many events.
    pub fn begin(fired: usize) -> Rest {
        Rest { looks: LOOKS.load(Ordering::Relaxed), fired, quiet: 0 }
    }

    /// How long to rest, at most; for ever if there is no answer.
    pub fn length(&self) -> Option<Duration> {
        let relies = self.quiet >= QUIET && {
            RELIES.store(true, Ordering::SeqCst);
            SEAT.load(Ordering::SeqCst) == SCHEDULER
        };
        if relies { None } else { Some(PAUSE) }
    }

    /// Rests so long, or until unparked; then whether it may go on to do so. `fired`: events that came, ever.
    pub fn rest(&mut self, length: Option<Duration>, fired: impl Fn() -> usize) -> bool {
        match length {
            Some(length) => std::thread::park_timeout(length),
            None => std::thread::park(),
        }
        RELIES.store(false, Ordering::SeqCst);
        let (looks, fired) = (LOOKS.load(Ordering::Relaxed), fired());
        let looked = looks != std::mem::replace(&mut self.looks, looks);
        let came = fired != std::mem::replace(&mut self.fired, fired);
        self.quiet = if came { 0 } else { (self.quiet + 1).min(QUIET) };
        if SEAT.load(Ordering::SeqCst) == SCHEDULER || looked && self.quiet < QUIET {
            return true;
        }
        !take_back()
    }
}

/// Tells the poll thread that it looks too late for timers; `false`: it polls, and has to be told so.
pub(super) fn unpark() -> bool {
    let rests = RESTS.load(Ordering::SeqCst);
    if rests && let Some(thread) = POLL_THREAD.get() {
        thread.unpark();
    }
    rests
}

/// A scheduler that falls asleep takes the seat, if it is needed there.
pub(super) fn take(all_asleep: bool) -> bool {
    SEAT.load(Ordering::SeqCst) == FREE
        && (all_asleep || !others_look())
        && SEAT.compare_exchange(FREE, SCHEDULER, Ordering::SeqCst, Ordering::SeqCst).is_ok()
}

/// The scheduler in the seat waits until one of the descriptors in `polled` is ready, or it is kicked. It leaves
/// then; what has come is left to who looks next.
pub(super) fn wait(polled: BorrowedFd<'_>) {
    if let Some(kick) = KICK.get() {
        let mut fds = [PollFd::from_borrowed_fd(polled, PollFlags::IN), PollFd::new(kick, PollFlags::IN)];
        let _ = rustix::event::poll(&mut fds, None);
        if !fds[1].revents().is_empty() {
            let _ = rustix::io::read(kick, &mut [0; 8]);
        }
    }
    SEAT.store(FREE, Ordering::SeqCst);
    if RELIES.swap(false, Ordering::SeqCst)
        && let Some(thread) = POLL_THREAD.get()
    {
        thread.unpark();
    }
}

/// Has the scheduler in the seat leave it.
pub(super) fn kick() {
    if let Some(kick) = KICK.get() {
        // It fails only once it was done as often as a number of 64 bits counts, and then it is readable.
        let _ = rustix::io::write(kick.as_fd(), &1u64.to_ne_bytes());
    }
}
