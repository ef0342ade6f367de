//! Schedulers that search and sleep: none sleeps while something is ready and nobody looks for it.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Condvar, Mutex};
use loom::thread;

use crate::sleepers::{Outside, Sleepers};

/// What a sleeper may wait for outside: nothing but kicks ever comes.
struct Descriptors {
    is_needed: bool,
    kicked: Mutex<bool>,
    kick: Condvar,
}

impl Outside for Descriptors {
    fn is_needed(&self, _sleeping: usize) -> bool {
        self.is_needed
    }

    fn wait(&self) {
        let mut kicked = self.kicked.lock().expect("a lock");
        while !*kicked {
            kicked = self.kick.wait(kicked).expect("a lock");
        }
        *kicked = false;
    }

    fn kick(&self) {
        *self.kicked.lock().expect("a lock") = true;
        self.kick.notify_one();
    }
}

struct Node {
    sleepers: Sleepers<Descriptors>,
    /// Processes in the queues.
    ready: AtomicUsize,
    /// Processes that have run.
    done: AtomicUsize,
}

impl Node {
    /// One of the schedulers may wait outside.
    fn new(is_needed: bool) -> Node {
        let outside = Descriptors { is_needed, kicked: Mutex::new(false), kick: Condvar::new() };
        Node { sleepers: Sleepers::new(outside), ready: AtomicUsize::new(0), done: AtomicUsize::new(0) }
    }

    fn push(&self) {
        self.ready.fetch_add(1, Ordering::SeqCst);
        let _ = self.sleepers.wake_one();
    }

    fn any_ready(&self) -> bool {
        self.ready.load(Ordering::SeqCst) > 0
    }

    fn pop(&self) -> bool {
        self.ready.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok()
    }

    /// A scheduler that runs one process and then ends. If it slept for ever the model would
    /// report a deadlock.
    fn run_one(&self) {
        loop {
            let _ = self.sleepers.begin_search();
            if self.any_ready() && self.pop() {
                self.sleepers.found(|| self.any_ready());
                self.done.fetch_add(1, Ordering::SeqCst);
                return;
            }
            self.sleepers.sleep(|| self.any_ready());
        }
    }
}

/// As many schedulers as processes: each of them gets one.
#[test]
fn nobody_sleeps_beside_work() {
    each_gets_one(false);
}

/// The same with one that sleeps elsewhere.
#[test]
fn nobody_waits_outside_beside_work() {
    each_gets_one(true);
}

fn each_gets_one(outside: bool) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(move || {
        let node = Arc::new(Node::new(outside));
        let schedulers: Vec<_> = (0..2)
            .map(|_| {
                let node = node.clone();
                thread::spawn(move || node.run_one())
            })
            .collect();
        node.push();
        node.push();
        schedulers.into_iter().for_each(|scheduler| scheduler.join().expect("a scheduler"));
        assert_eq!(node.done.load(Ordering::SeqCst), 2);
    });
}

/// Two threads make something ready at once.
#[test]
fn two_wakers_wake_two() {
    two_are_woken(false);
}

/// The same with one of the two outside.
#[test]
fn two_wakers_wake_one_outside() {
    two_are_woken(true);
}

fn two_are_woken(outside: bool) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(move || {
        let node = Arc::new(Node::new(outside));
        let scheduler = {
            let node = node.clone();
            thread::spawn(move || node.run_one())
        };
        let waker = {
            let node = node.clone();
            thread::spawn(move || node.push())
        };
        node.push();
        node.run_one();
        waker.join().expect("a waker");
        scheduler.join().expect("a scheduler");
        assert_eq!(node.done.load(Ordering::SeqCst), 2);
    });
}
