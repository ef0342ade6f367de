//! Fragments: blocks of terms outside any process heap. A message travels in one; a native whose
//! result does not fit in the heap opens one; the next collection adopts them.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::NonNull;

use super::{Alloc, OffHeap, copy};
use crate::base::sync::AtomicU32;
use crate::term::{Term, Tuple};

#[repr(C)]
struct Head {
    next: Option<Fragment>,
    capacity: usize,
    used: usize,
    off_heap: OffHeap,
    /// Its words are whole terms, without gaps or uninitialised words.
    dense: bool,
    /// They are one tuple of immediates.
    flat: bool,
    /// Holders, if it is shared (`Object`).
    holders: AtomicU32,
}

/// A fragment, owned. Dropping it gives up its off-heap objects.
pub struct Fragment(NonNull<Head>);

// SAFETY: a fragment owns its words; terms in it point only into it, to literals, or to objects
// with atomic counts.
unsafe impl Send for Fragment {}

fn layout(capacity: usize) -> Layout {
    match Layout::from_size_align(std::mem::size_of::<Head>() + capacity * 8, 8) {
        Ok(layout) => layout,
        Err(_) => crate::bug!("fragment of {capacity} words"),
    }
}

impl Fragment {
    /// An empty fragment with room for `capacity` words.
    pub fn new(capacity: usize) -> Fragment {
        let layout = layout(capacity);
        // SAFETY: the layout is not empty.
        let head = unsafe { alloc(layout) }.cast::<Head>();
        let Some(head) = NonNull::new(head) else { handle_alloc_error(layout) };
        // SAFETY: fresh memory of that layout.
        unsafe { head.write(Head { next: None, capacity, used: 0, off_heap: OffHeap::EMPTY, dense: false, flat: false, holders: AtomicU32::new(1) }) };
        Fragment(head)
    }

    #[inline]
    fn head(&self) -> &Head {
        // SAFETY: owned and initialised.
        unsafe { self.0.as_ref() }
    }

    #[inline]
    fn head_mut(&mut self) -> &mut Head {
        // SAFETY: owned and initialised.
        unsafe { self.0.as_mut() }
    }

    /// First word.
    #[inline]
    pub(crate) fn start(&self) -> *mut u64 {
        // SAFETY: the words follow the head.
        unsafe { self.0.as_ptr().add(1).cast::<u64>() }
    }

    /// Bytes of a fragment besides its words.
    pub(crate) const HEAD_BYTES: usize = std::mem::size_of::<Head>();

    pub(crate) fn is_dense(&self) -> bool {
        self.head().dense
    }

    #[inline]
    pub(super) fn is_flat(&self) -> bool {
        self.head().flat
    }

    /// A copy of a tuple whose elements are immediates.
    pub(super) fn flat_copy_of(tuple: Tuple) -> Fragment {
        let words = tuple.arity() + 1;
        let mut fragment = Fragment::new(words);
        let to = fragment.alloc(words);
        // SAFETY: T1, so many words; the copy's are fresh.
        unsafe { copy::words(tuple.term().address(), to, words) };
        (fragment.head_mut().dense, fragment.head_mut().flat) = (true, true);
        fragment
    }

    #[inline]
    pub(super) fn holders(&self) -> &AtomicU32 {
        &self.head().holders
    }

    /// The same fragment once more.
    ///
    /// # Safety
    /// Of all such handles one is dropped, the last; all others are forgotten.
    pub(super) unsafe fn again(&self) -> Fragment {
        Fragment(self.0)
    }

    #[inline]
    pub fn capacity(&self) -> usize {
        self.head().capacity
    }

    #[inline]
    pub fn used(&self) -> usize {
        self.head().used
    }

    #[inline]
    pub(crate) fn room(&self) -> usize {
        self.capacity() - self.used()
    }

    pub(crate) fn next(&self) -> Option<&Fragment> {
        self.head().next.as_ref()
    }

    pub(crate) fn set_next(&mut self, next: Option<Fragment>) {
        self.head_mut().next = next;
    }

    pub(crate) fn off_heap_of(&self) -> &OffHeap {
        &self.head().off_heap
    }

    pub(crate) fn off_heap_list(&mut self) -> &mut OffHeap {
        &mut self.head_mut().off_heap
    }

    /// A copy of `term` in a fragment of its own; no fragment for an immediate or a literal.
    pub fn copy_of(term: Term) -> (Term, Option<Fragment>) {
        Fragment::copy_of_sized(term, super::copy::size_of(term))
    }

    /// The same; so many words are what `copy::size_of` says.
    pub fn copy_of_sized(term: Term, words: usize) -> (Term, Option<Fragment>) {
        if words == 0 {
            return (term, None);
        }
        let mut fragment = Fragment::new(words);
        let copy = super::copy::copy_sized(term, words, &mut fragment);
        fragment.head_mut().dense = true;
        (copy, Some(fragment))
    }
}

impl Alloc for Fragment {
    fn alloc(&mut self, words: usize) -> *mut u64 {
        let head = self.head_mut();
        let at = head.used;
        if head.capacity - at < words {
            crate::bug!("fragment of {} words is full", head.capacity);
        }
        head.used = at + words;
        // SAFETY: within the capacity.
        unsafe { self.start().add(at) }
    }

    fn off_heap(&mut self) -> &mut OffHeap {
        self.off_heap_list()
    }
}

impl Drop for Fragment {
    fn drop(&mut self) {
        // A long chain must not recurse.
        let mut next = self.head_mut().next.take();
        while let Some(mut fragment) = next {
            next = fragment.head_mut().next.take();
        }
        self.head_mut().off_heap.release_all();
        let layout = layout(self.capacity());
        // SAFETY: allocated with this layout, owned.
        unsafe { dealloc(self.0.as_ptr().cast::<u8>(), layout) };
    }
}
