//! Microstate accounting: how long each thread has been in which state (`msacc`).
//!
//! A thread keeps its state at all times, which is one store; time is counted only while the accounting is on. What
//! is as short and as frequent as a slice of a process is a state of its own only if it begins while that is on.

use std::cell::Cell;

use super::sync::{AtomicBool, AtomicUsize, Mutex, Ordering};
use super::time;

/// What a thread is at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
pub enum State {
    /// Timers.
    Aux,
    /// Looking which descriptors are ready.
    CheckIo,
    /// Running processes and natives.
    Emulator,
    /// Collecting.
    Gc,
    /// None of the others.
    Other,
    /// In a port.
    Port,
    Sleep,
}

/// Every state, in the order of the numbers.
pub const STATES: [State; 7] =
    [State::Aux, State::CheckIo, State::Emulator, State::Gc, State::Other, State::Port, State::Sleep];

impl State {
    /// As `statistics(microstate_accounting)` names it.
    pub fn name(self) -> &'static str {
        match self {
            State::Aux => "aux",
            State::CheckIo => "check_io",
            State::Emulator => "emulator",
            State::Gc => "gc",
            State::Other => "other",
            State::Port => "port",
            State::Sleep => "sleep",
        }
    }
}

/// Nanoseconds in each state, and since when the current one is not counted yet.
struct Account {
    since: i64,
    times: [i64; STATES.len()],
}

/// A thread. Only it changes its state; the account has a lock.
struct Thread {
    kind: &'static str,
    number: usize,
    state: AtomicUsize,
    account: Mutex<Account>,
}

impl Thread {
    /// Counts the time up to `now` for a state.
    fn settle(account: &mut Account, state: usize, now: i64) {
        account.times[state] += (now - account.since).max(0);
        account.since = now;
    }

    #[cold]
    #[inline(never)]
    fn change_counted(&self, state: State) -> usize {
        let mut account = self.account.lock();
        // Asked again under the lock: who switches off settles every account.
        if !ON.load(Ordering::SeqCst) {
            return self.state.swap(state as usize, Ordering::Relaxed);
        }
        let before = self.state.swap(state as usize, Ordering::Relaxed);
        Thread::settle(&mut account, before, time::monotonic());
        before
    }
}

static ON: AtomicBool = AtomicBool::new(false);
static THREADS: Mutex<Vec<&'static Thread>> = Mutex::new(Vec::new());

thread_local! {
    static MINE: Cell<Option<&'static Thread>> = const { Cell::new(None) };
}

/// The calling thread is one that is told of from now on. It lives as long as the node.
pub fn register(kind: &'static str, number: usize) {
    let account = Mutex::new(Account { since: time::monotonic(), times: [0; STATES.len()] });
    let thread = Thread { kind, number, state: AtomicUsize::new(State::Other as usize), account };
    let thread: &'static Thread = Box::leak(Box::new(thread));
    THREADS.lock().push(thread);
    MINE.set(Some(thread));
}

/// The calling thread is in another state; the one before.
#[inline]
pub fn enter(state: State) -> State {
    let Some(mine) = MINE.get() else { return State::Other };
    let before = if ON.load(Ordering::Relaxed) {
        mine.change_counted(state)
    } else {
        let before = mine.state.load(Ordering::Relaxed);
        mine.state.store(state as usize, Ordering::Relaxed);
        before
    };
    STATES[before]
}

/// Does something in a state.
#[inline]
pub fn within<R>(state: State, work: impl FnOnce() -> R) -> R {
    let before = enter(state);
    let result = work();
    enter(before);
    result
}

/// The same for what is short and frequent.
#[inline(always)]
pub fn within_short<R>(state: State, work: impl FnOnce() -> R) -> R {
    if ON.load(Ordering::Relaxed) { within(state, work) } else { work() }
}

/// Switches the accounting on or off; whether it was on.
pub fn switch(on: bool) -> bool {
    let threads = THREADS.lock();
    if ON.load(Ordering::SeqCst) == on {
        return on;
    }
    let now = time::monotonic();
    if on {
        threads.iter().for_each(|thread| thread.account.lock().since = now);
        ON.store(true, Ordering::SeqCst);
    } else {
        ON.store(false, Ordering::SeqCst);
        for thread in threads.iter() {
            Thread::settle(&mut thread.account.lock(), thread.state.load(Ordering::Relaxed), now);
        }
    }
    !on
}

/// All counters begin at zero again; whether the accounting is on.
pub fn reset() -> bool {
    let now = time::monotonic();
    for thread in THREADS.lock().iter() {
        *thread.account.lock() = Account { since: now, times: [0; STATES.len()] };
    }
    ON.load(Ordering::SeqCst)
}

/// A thread as `statistics(microstate_accounting)` tells of it.
pub struct Row {
    pub kind: &'static str,
    pub number: usize,
    /// Nanoseconds in each of `STATES`.
    pub times: [i64; STATES.len()],
}

/// Every thread.
pub fn all() -> Vec<Row> {
    let threads = THREADS.lock();
    let on = ON.load(Ordering::SeqCst);
    let now = time::monotonic();
    let row = |thread: &&'static Thread| {
        let mut account = thread.account.lock();
        if on {
            Thread::settle(&mut account, thread.state.load(Ordering::Relaxed), now);
        }
        Row { kind: thread.kind, number: thread.number, times: account.times }
    };
    threads.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_counted_while_it_is_on() {
        register("test", 7);
        let mine = || {
            let found = all().into_iter().find(|row| row.kind == "test");
            found.map(|row| row.times).unwrap_or_default()
        };
        assert_eq!(enter(State::Gc), State::Other);
        assert_eq!(mine(), [0; 7]);
        assert!(!switch(true));
        std::thread::sleep(std::time::Duration::from_millis(2));
        within(State::Port, || std::thread::sleep(std::time::Duration::from_millis(3)));
        assert!(switch(false));
        let times = mine();
        assert!(times[State::Gc as usize] >= 2_000_000 && times[State::Port as usize] >= 3_000_000);
        assert_eq!(times[State::Other as usize], 0);
        enter(State::Sleep);
        assert_eq!(mine(), times);
        assert!(!reset());
        assert_eq!(mine(), [0; 7]);
    }
}
