//! A process, its inbox and its state: what comes is seen, and nobody runs it twice at a time.

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;

use crate::inbox::Inbox;
use crate::signal::Parcel;
use crate::state::State;

/// As much of a process as the protocol touches.
struct Process {
    state: State,
    inbox: Inbox,
    /// How often it stands in a run queue.
    queued: Mutex<usize>,
    /// The owned side (P1): loom fails when two threads touch it at once.
    own: UnsafeCell<Vec<u32>>,
    runs: AtomicUsize,
}

impl Process {
    fn new() -> Process {
        Process {
            state: State::default(),
            inbox: Inbox::default(),
            queued: Mutex::new(0),
            own: UnsafeCell::new(Vec::new()),
            runs: AtomicUsize::new(0),
        }
    }

    fn enqueue(&self) {
        *self.queued.lock().expect("lock") += 1;
    }

    fn send(&self, number: u32) {
        assert!(self.inbox.push_message(Parcel(number)));
        if self.state.wake() {
            self.enqueue();
        }
    }

    /// One turn of a scheduler: a slice, if the process is in a queue.
    fn turn(&self) -> bool {
        {
            let mut queued = self.queued.lock().expect("lock");
            if *queued == 0 {
                return false;
            }
            *queued -= 1;
        }
        if !self.state.take() {
            return true;
        }
        self.runs.fetch_add(1, Ordering::Relaxed);
        self.own.with_mut(|own| {
            // SAFETY: P1 is what the model is about.
            let own = unsafe { &mut *own };
            own.extend(self.inbox.take().map(crate::signal::Signal::number));
        });
        // As `worker::finish` does: it waits although it was woken, if nothing is left to handle.
        if self.state.clear_woken() && !self.inbox.is_empty() {
            self.state.requeue();
            self.enqueue();
        } else if !self.state.rest() {
            self.enqueue();
        }
        true
    }

    /// What it was sent, once all other threads have ended and nothing is left to run.
    fn seen(&self) -> Vec<u32> {
        while self.turn() {}
        assert!(self.state.is_idle());
        assert!(self.inbox.is_empty());
        // SAFETY: all other threads have ended.
        self.own.with(|own| unsafe { &*own }.clone())
    }

    /// As `Process::hand_over` and the run that follows it.
    fn hand_over(&self, number: u32) {
        if !self.state.seems_idle() || !self.state.hold() {
            return self.send(number);
        }
        if !self.inbox.is_empty() {
            if !self.state.rest() {
                self.enqueue();
            }
            return self.send(number);
        }
        self.own.with_mut(|own| {
            // SAFETY: P1 is what the model is about.
            unsafe { &mut *own }.push(number);
        });
        self.state.requeue();
        self.enqueue();
    }
}

/// A message handed over beside one that is sent, and a scheduler.
#[test]
fn what_is_handed_over_is_seen() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let process = Arc::new(Process::new());
        let other_sender = {
            let process = process.clone();
            thread::spawn(move || {
                process.hand_over(1);
                process.hand_over(3);
            })
        };
        let scheduler = {
            let process = process.clone();
            thread::spawn(move || {
                process.turn();
            })
        };
        process.hand_over(2);
        process.turn();
        other_sender.join().expect("a sender");
        scheduler.join().expect("a scheduler");
        let seen = process.seen();
        let from_other: Vec<u32> = seen.iter().copied().filter(|&n| n != 2).collect();
        assert_eq!(from_other, [1, 3], "of {seen:?}");
        assert_eq!(seen.len(), 3);
    });
}

/// Two senders, and two schedulers that may both take it from a queue.
#[test]
fn what_is_sent_is_seen() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let process = Arc::new(Process::new());
        let other_sender = {
            let process = process.clone();
            thread::spawn(move || process.send(1))
        };
        let scheduler = {
            let process = process.clone();
            thread::spawn(move || {
                process.turn();
                process.turn();
            })
        };
        process.send(2);
        process.turn();
        other_sender.join().expect("a sender");
        scheduler.join().expect("a scheduler");
        let mut seen = process.seen();
        seen.sort_unstable();
        assert_eq!(seen, [1, 2]);
    });
}

/// A process that is held never runs again, whatever is sent to it.
#[test]
fn who_is_held_stays() {
    loom::model(|| {
        let process = Arc::new(Process::new());
        let sender = {
            let process = process.clone();
            thread::spawn(move || process.send(1))
        };
        let held = process.state.hold();
        if held {
            process.own.with_mut(|_| ());
        }
        sender.join().expect("a sender");
        while process.turn() {}
        assert_eq!(process.runs.load(Ordering::Relaxed) == 0, held);
    });
}
