//! A block of another size for the same terms, right after a collection: a straight copy, and
//! every address shifted by the same distance.

use super::collector::{Range, step};
use super::{Roots, Which, block};
use crate::heap::Heap;
use crate::heap::off_heap::link_of;
use crate::term::Term;

/// Adds `shift` to a pointer into `range`; any other word stays.
#[inline(always)]
fn shifted(word: u64, range: Range, shift: u64) -> u64 {
    if Term::raw(word).is_pointer() && range.contains((word & !7) as usize) {
        word.wrapping_add(shift)
    } else {
        word
    }
}

/// Shifts the pointers into `range` among the terms from `at` to `end`, which lie without gaps.
pub(super) unsafe fn shift_terms(mut at: *mut u64, end: *mut u64, range: Range, shift: u64) {
    // SAFETY: the caller's words are whole terms (G3).
    unsafe {
        while at < end {
            let word = *at;
            if word & 3 == 3 {
                at = at.add(step(word));
            } else {
                *at = shifted(word, range, shift);
                at = at.add(1);
            }
        }
    }
}

impl Heap {
    /// Moves heap and stack to a block of `size` words, which is enough for them. There are no
    /// fragments.
    pub(super) fn relocate(&mut self, size: usize, roots: Roots<'_>) {
        debug_assert!(self.fragments.is_none());
        let (used, stack_words) = (self.used(), self.stack_used());
        assert!(used + stack_words <= size);
        let to = block::take(size);
        let range = Range::new(self.start, self.top);
        let shift = (to as u64).wrapping_sub(self.start as u64);
        // SAFETY: the block is large enough; G1: only the block itself, stack, roots and the
        // off-heap list point into it.
        unsafe {
            let end = to.add(size);
            let top = to.add(used);
            let stack = end.sub(stack_words);
            std::ptr::copy_nonoverlapping(self.start, to, used);
            std::ptr::copy_nonoverlapping(self.stack, stack, stack_words);
            shift_terms(to, top, range, shift);
            let mut slot = stack;
            while slot < end {
                *slot = shifted(*slot, range, shift);
                slot = slot.add(1);
            }
            roots(Which::Young, &mut |root| *root = Term::raw(shifted(root.bits(), range, shift)));
            let mut place = &raw mut self.off_heap.first;
            while !(*place).is_null() {
                *place = (*place as u64).wrapping_add(shift) as *mut u64;
                place = link_of(*place).cast();
            }
            let mature = block::words_between(self.start, self.high_water);
            block::give(self.start, self.size());
            (self.start, self.top, self.stack, self.end) = (to, top, stack, end);
            self.high_water = to.add(mature);
        }
    }
}
