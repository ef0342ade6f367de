//! Which other nodes the identifiers on a heap name, for those who look for what keeps a node known.

use super::collector::step;
use crate::heap::{Fragment, Heap};
use crate::term::node::Node;
use crate::term::{Header, Term};

/// Calls `found` with the node of each identifier of another node between two addresses.
///
/// # Safety
/// Between them are boxes and cells without gaps, in memory that nobody changes meanwhile.
unsafe fn each_between(start: *const u64, end: *const u64, found: &mut dyn FnMut(&'static Node)) {
    let mut at = start;
    while at < end {
        // SAFETY: within the block: the caller's promise; T1 for what a header says.
        unsafe {
            let word = *at;
            if !Header::is_header(word) {
                at = at.add(1);
                continue;
            }
            if let Some(external) = Term::from_boxed(at.cast_mut()).as_external() {
                found(external.node());
            }
            at = at.add(step(word));
        }
    }
}

impl Heap {
    /// Calls `found` with the node of each identifier of another node, garbage included.
    pub fn each_node(&self, found: &mut dyn FnMut(&'static Node)) {
        // SAFETY: G3: blocks have no gaps; whoever has the heap is its only owner (P1).
        unsafe {
            each_between(self.start, self.top, found);
            each_between(self.old_start, self.old_top, found);
        }
        let mut fragment = self.fragments.as_ref();
        while let Some(one) = fragment {
            one.each_node(found);
            fragment = one.next();
        }
    }
}

impl Fragment {
    /// The same of what was built in this fragment.
    pub(crate) fn each_node(&self, found: &mut dyn FnMut(&'static Node)) {
        // SAFETY: the words used were filled one behind another.
        unsafe { each_between(self.start(), self.start().add(self.used()), found) };
    }
}
