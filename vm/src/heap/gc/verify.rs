//! Checks a whole heap after a collection: every word, every pointer, both off-heap lists.

use super::{Roots, Which};
use super::collector::{Range, step};
use crate::heap::off_heap::{bytes_behind, link_of};
use crate::heap::{Heap, OffHeap, literal};
use crate::term::repr::{PRIMARY_BOXED, PRIMARY_CONS, PRIMARY_SMALL};
use crate::term::{Header, Term};

/// Where a pointer may point to.
struct Places {
    young: Range,
    old: Range,
}

impl Places {
    fn check(&self, word: u64, young_allowed: bool, what: &str) {
        let term = Term::raw(word);
        if !term.is_pointer() || literal::is_literal(term) {
            return;
        }
        let address = term.address() as usize;
        if !(self.old.contains(address) || (young_allowed && self.young.contains(address))) {
            crate::bug!("heap check: {what} holds {word:#x}, outside of the heap");
        }
        // SAFETY: within one of the blocks.
        let target = unsafe { *term.address() };
        let fits = match word & 7 {
            PRIMARY_CONS => !Header::is_header(target),
            PRIMARY_BOXED => Header::is_header(target),
            _ => false,
        };
        if !fits {
            crate::bug!("heap check: {what} holds {word:#x}, which points at {target:#x}");
        }
    }
}

/// Aborts with a report if the heap is not well formed; `roots` as for the collection just made.
pub fn heap(heap: &Heap, roots: Roots<'_>) {
    let places = Places {
        young: Range::new(heap.start, heap.top),
        old: Range::new(heap.old_start, heap.old_top),
    };
    if heap.fragments.is_some() || heap.fragment_words != 0 {
        crate::bug!("heap check: fragments after a collection");
    }
    if !(heap.start <= heap.high_water
        && heap.high_water <= heap.top
        && heap.top <= heap.stack
        && heap.stack <= heap.end)
    {
        crate::bug!("heap check: block {:?}..{:?}, stack {:?}..{:?}", heap.start, heap.top, heap.stack, heap.end);
    }
    let young = block(&places, heap.start, heap.top, true);
    let old = block(&places, heap.old_start, heap.old_top, false);
    off_heap(&heap.off_heap, places.young, young, "young");
    off_heap(&heap.old_off_heap, places.old, old, "old");
    let mut slot = heap.stack;
    while slot < heap.end {
        // SAFETY: a stack slot.
        unsafe {
            places.check(*slot, true, "the stack");
            slot = slot.add(1);
        }
    }
    roots(Which::All, &mut |root| places.check(root.bits(), true, "a root"));
}

/// Checks the words of a block (G3); the number of boxes that own off-heap objects.
fn block(places: &Places, start: *mut u64, end: *mut u64, young: bool) -> usize {
    let what = if young { "the young block" } else { "the old block" };
    let mut owners = 0;
    let mut at = start;
    while at < end {
        // SAFETY: within the block.
        let word = unsafe { *at };
        let mut words = 1;
        match word & 3 {
            PRIMARY_SMALL => {}
            PRIMARY_CONS | PRIMARY_BOXED => places.check(word, young, what),
            _ if Header::is_header(word) => {
                let header = Header::raw(word);
                let _ = header.kind();
                owners += usize::from(header.is_off_heap());
                if header.size() > super::block::words_between(at, end) - 1 {
                    crate::bug!("heap check: header {word:#x} in {what} is longer than the block");
                }
                words = step(word);
            }
            _ => {}
        }
        // SAFETY: within the block or its end.
        at = unsafe { at.add(words) };
    }
    owners
}

fn off_heap(list: &OffHeap, place: Range, owners: usize, what: &str) {
    let (mut count, mut bytes) = (0, 0);
    let mut object = list.first;
    while !object.is_null() {
        if !place.contains(object as usize) {
            crate::bug!("heap check: {what} off-heap list has {object:?}, outside of its block");
        }
        // SAFETY: within the block.
        unsafe {
            if !Header::is_header(*object) || !Header::raw(*object).is_off_heap() {
                crate::bug!("heap check: {what} off-heap list has {:#x}", *object);
            }
            bytes += bytes_behind(object);
            object = *link_of(object) as *mut u64;
        }
        count += 1;
    }
    if count != owners || bytes != list.bytes {
        crate::bug!(
            "heap check: {what} off-heap list has {count} boxes, {bytes} bytes; the block has \
             {owners}, the list says {} bytes",
            list.bytes
        );
    }
}
