//! The inbox: a stack that any thread pushes to and the receiver takes whole.

use super::signal::Signal;
use crate::base::sync::{AtomicPtr, Ordering};

struct Node {
    signal: Signal,
    next: *mut Node,
}

/// Signals not yet seen by their receiver.
pub struct Inbox {
    head: AtomicPtr<Node>,
}

/// The head of an inbox whose process has ended.
fn closed() -> *mut Node {
    std::ptr::without_provenance_mut(1)
}

impl Default for Inbox {
    fn default() -> Self {
        Inbox { head: AtomicPtr::new(std::ptr::null_mut()) }
    }
}

impl Inbox {
    /// Adds a signal; gives it back if the process has ended.
    pub fn push(&self, signal: Signal) -> Result<(), Signal> {
        let node = Box::into_raw(Box::new(Node { signal, next: std::ptr::null_mut() }));
        let mut head = self.head.load(Ordering::Relaxed);
        loop {
            if head == closed() {
                // SAFETY: made above, seen by nobody.
                return Err(unsafe { Box::from_raw(node) }.signal);
            }
            // SAFETY: made above, seen by nobody yet.
            unsafe { (*node).next = head };
            match self.head.compare_exchange_weak(head, node, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return Ok(()),
                Err(seen) => head = seen,
            }
        }
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.head.load(Ordering::Acquire).is_null()
    }

    /// Takes every signal, oldest first.
    pub fn take(&self) -> Vec<Signal> {
        if self.is_empty() {
            return Vec::new();
        }
        collect(self.head.swap(std::ptr::null_mut(), Ordering::Acquire))
    }

    /// Takes every signal and lets no more in.
    pub fn close(&self) -> Vec<Signal> {
        collect(self.head.swap(closed(), Ordering::AcqRel))
    }
}

fn collect(mut node: *mut Node) -> Vec<Signal> {
    let mut signals = Vec::new();
    while !node.is_null() && node != closed() {
        // SAFETY: taken whole: the chain is ours alone.
        let taken = unsafe { Box::from_raw(node) };
        node = taken.next;
        signals.push(taken.signal);
    }
    signals.reverse();
    signals
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.close();
    }
}
