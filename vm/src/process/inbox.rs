//! The inbox: a stack that any thread pushes to and the receiver takes whole.

use std::mem::ManuallyDrop;

use super::signal::{Parcel, Signal};
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
        self.push_node(Box::new(Node { signal, next: std::ptr::null_mut() }))
    }

    /// Adds a message, as `push`: what most signals are, put together where it stays. `false`: the
    /// process has ended.
    #[inline]
    pub fn push_message(&self, parcel: Parcel) -> bool {
        self.push_node(Box::new(Node { signal: Signal::Message(parcel), next: std::ptr::null_mut() })).is_ok()
    }

    #[inline]
    fn push_node(&self, node: Box<Node>) -> Result<(), Signal> {
        let node = Box::into_raw(node);
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
    #[inline]
    pub fn take(&self) -> Signals {
        if self.is_empty() {
            return Signals(std::ptr::null_mut());
        }
        reversed(self.head.swap(std::ptr::null_mut(), Ordering::Acquire))
    }

    /// Takes every signal and lets no more in.
    pub fn close(&self) -> Signals {
        reversed(self.head.swap(closed(), Ordering::AcqRel))
    }
}

/// Signals taken out of an inbox, oldest first: a chain that is nobody else's.
pub struct Signals(*mut Node);

impl Signals {
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_null()
    }

    /// The next signal if it is a message. Its words are read as they were written, each by itself:
    /// read together they would have to wait until the writes have reached the cache.
    #[inline]
    pub fn next_message(&mut self) -> Option<Parcel> {
        // SAFETY: taken whole: the chain is ours alone.
        unsafe {
            let node = self.0.as_ref()?;
            let Signal::Message(parcel) = &node.signal else { return None };
            let parcel = parcel.by_words();
            self.0 = node.next;
            // The parcel has left it.
            drop(Box::from_raw((&raw const *node).cast_mut().cast::<ManuallyDrop<Node>>()));
            Some(parcel)
        }
    }
}

impl Iterator for Signals {
    type Item = Signal;

    #[inline]
    fn next(&mut self) -> Option<Signal> {
        if self.0.is_null() {
            return None;
        }
        // SAFETY: taken whole: the chain is ours alone.
        let node = unsafe { Box::from_raw(self.0) };
        self.0 = node.next;
        Some(node.signal)
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.by_ref().for_each(drop);
    }
}

/// A chain the other way round.
#[inline]
fn reversed(mut node: *mut Node) -> Signals {
    let mut behind = std::ptr::null_mut();
    while !node.is_null() && node != closed() {
        // SAFETY: taken whole: the chain is ours alone.
        let next = unsafe { std::mem::replace(&mut (*node).next, behind) };
        (behind, node) = (node, next);
    }
    Signals(behind)
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.close();
    }
}
