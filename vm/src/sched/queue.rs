//! Run queues: one for each scheduler, and shared ones by priority.

use crossbeam_deque::{Injector, Steal, Stealer, Worker};

use super::{online, ready, seeded};
use super::sleepers::{Outside, Sleepers};
use crate::base::sync::{Arc, AtomicUsize, Ordering};
use crate::process::{Priority, Process};

/// Descriptors, which a sleeping scheduler may wait for in place of the poll thread.
pub(super) struct Descriptors;

impl Outside for Descriptors {
    fn is_needed(&self, sleeping: usize) -> bool {
        !seeded::is_on() && ready::poll().is_some_and(|poll| poll.take_seat(sleeping >= online::limit()))
    }

    fn wait(&self) {
        if let Some(poll) = ready::poll() {
            poll.wait_in_seat();
        }
    }

    fn kick(&self) {
        if let Some(poll) = ready::poll() {
            poll.kick();
        }
    }
}

/// What all schedulers share.
pub(super) struct Shared {
    max: Injector<Arc<Process>>,
    high: Injector<Arc<Process>>,
    normal: Injector<Arc<Process>>,
    low: Injector<Arc<Process>>,
    stealers: Vec<Stealer<Arc<Process>>>,
    /// Processes in all queues.
    pub length: AtomicUsize,
    /// Processes in `max` and `high`: looked at before anything else.
    urgent: AtomicUsize,
    pub sleepers: Sleepers<Descriptors>,
}

/// A process of low priority runs once in so many turns.
const LOW_TURN: u32 = 8;
/// A scheduler looks at the shared queue first once in so many turns, so that nobody there starves.
pub(super) const SHARED_TURN: u32 = 31;

impl Shared {
    pub fn new(stealers: Vec<Stealer<Arc<Process>>>) -> Shared {
        Shared {
            max: Injector::new(),
            high: Injector::new(),
            normal: Injector::new(),
            low: Injector::new(),
            stealers,
            length: AtomicUsize::new(0),
            urgent: AtomicUsize::new(0),
            sleepers: Sleepers::new(Descriptors),
        }
    }

    /// Puts a process into a queue: the scheduler's own, if it is one that calls.
    pub fn push(&self, process: Arc<Process>, own: Option<&Worker<Arc<Process>>>) {
        self.length.fetch_add(1, Ordering::SeqCst);
        match process.queue_priority() {
            Priority::Max => {
                self.urgent.fetch_add(1, Ordering::SeqCst);
                self.max.push(process);
            }
            Priority::High => {
                self.urgent.fetch_add(1, Ordering::SeqCst);
                self.high.push(process);
            }
            Priority::Low => self.low.push(process),
            Priority::Normal => match own {
                Some(worker) => worker.push(process),
                None => self.normal.push(process),
            },
        }
    }

    /// Processes in each scheduler's queue; those in shared queues count for the first.
    pub fn lengths(&self) -> Vec<usize> {
        let mut lengths: Vec<usize> = self.stealers.iter().map(Stealer::len).collect();
        if let Some(first) = lengths.first_mut() {
            *first += self.max.len() + self.high.len() + self.normal.len() + self.low.len();
        }
        lengths
    }

    /// Whether processes of a higher priority than normal are ready.
    pub fn has_urgent(&self) -> bool {
        self.urgent.load(Ordering::SeqCst) > 0
    }

    /// The next process for a scheduler.
    pub fn pop(&self, index: usize, own: &Worker<Arc<Process>>, turn: u32) -> Option<Arc<Process>> {
        if seeded::is_on() {
            // Any of the first ones comes next.
            for _ in 0..seeded::below(seeded::CHOICE.min(own.len() as u64)) {
                if let Some(process) = own.pop() {
                    own.push(process);
                }
            }
        }
        let found = self.find(index, own, turn)?;
        self.length.fetch_sub(1, Ordering::SeqCst);
        Some(found)
    }

    fn find(&self, index: usize, own: &Worker<Arc<Process>>, turn: u32) -> Option<Arc<Process>> {
        if self.urgent.load(Ordering::SeqCst) > 0
            && let Some(found) = take(&self.max).or_else(|| take(&self.high))
        {
            self.urgent.fetch_sub(1, Ordering::SeqCst);
            return Some(found);
        }
        if turn.is_multiple_of(LOW_TURN)
            && let Some(found) = take(&self.low)
        {
            return Some(found);
        }
        if turn.is_multiple_of(SHARED_TURN)
            && let Some(found) = batch(&self.normal, own)
        {
            return Some(found);
        }
        own.pop()
            .or_else(|| batch(&self.normal, own))
            .or_else(|| self.steal(index, own))
            .or_else(|| take(&self.low))
    }

    fn steal(&self, index: usize, own: &Worker<Arc<Process>>) -> Option<Arc<Process>> {
        let n = self.stealers.len();
        (1..n).find_map(|k| {
            let victim = &self.stealers[(index + k) % n];
            loop {
                match victim.steal_batch_and_pop(own) {
                    Steal::Success(process) => return Some(process),
                    Steal::Empty => return None,
                    Steal::Retry => {}
                }
            }
        })
    }
}

fn take(queue: &Injector<Arc<Process>>) -> Option<Arc<Process>> {
    loop {
        match queue.steal() {
            Steal::Success(process) => return Some(process),
            Steal::Empty => return None,
            Steal::Retry => {}
        }
    }
}

fn batch(queue: &Injector<Arc<Process>>, own: &Worker<Arc<Process>>) -> Option<Arc<Process>> {
    loop {
        match queue.steal_batch_and_pop(own) {
            Steal::Success(process) => return Some(process),
            Steal::Empty => return None,
            Steal::Retry => {}
        }
    }
}
