//! A message's way into the heap of its receiver.

use super::collector::Range;
use super::relocate::shift_terms;
use crate::heap::{Alloc, Fragment, Heap, STACK_RESERVE};
use crate::term::Term;

/// Messages up to this many words move into the heap on receipt; larger ones wait for the next
/// collection in their fragment.
const MOVED_AT_ONCE: usize = 64;

impl Heap {
    /// Takes over the fragment that `term` is in; the term as it now stands in this heap.
    pub fn receive(&mut self, term: Term, fragment: Option<Fragment>) -> Term {
        let Some(mut fragment) = fragment else { return term };
        let words = fragment.used();
        if words > MOVED_AT_ONCE
            || !fragment.is_dense()
            || self.room() < words + STACK_RESERVE
            || cfg!(feature = "zeal-fragments")
        {
            self.adopt(fragment);
            return term;
        }
        let from = fragment.start();
        let to = self.alloc(words);
        // SAFETY: room was made sure of; a dense fragment holds whole terms without gaps that
        // point only into it or to literals; its off-heap boxes change owner with their words.
        unsafe {
            std::ptr::copy_nonoverlapping(from, to, words);
            let shift = (to as u64).wrapping_sub(from as u64);
            let range = Range::new(from, from.add(words));
            shift_terms(to, to.add(words), range, shift);
            let list = std::mem::take(fragment.off_heap_list());
            let mut object = list.first;
            while !object.is_null() {
                let moved = (object as u64).wrapping_add(shift) as *mut u64;
                object = *crate::heap::off_heap::link_of(object) as *mut u64;
                self.off_heap.push(moved);
            }
            if range.contains(term.address() as usize) && term.is_pointer() {
                Term::raw(term.bits().wrapping_add(shift))
            } else {
                term
            }
        }
    }
}
