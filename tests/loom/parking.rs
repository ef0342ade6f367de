//! Schedulers that search and sleep: none sleeps while something is ready and nobody looks for it.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use crate::sleepers::Sleepers;

struct Node {
    sleepers: Sleepers,
    /// Processes in the queues.
    ready: AtomicUsize,
    /// Processes that have run.
    done: AtomicUsize,
}

impl Node {
    fn new() -> Node {
        Node { sleepers: Sleepers::new(), ready: AtomicUsize::new(0), done: AtomicUsize::new(0) }
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
            self.sleepers.begin_search();
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
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let node = Arc::new(Node::new());
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
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        let node = Arc::new(Node::new());
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
