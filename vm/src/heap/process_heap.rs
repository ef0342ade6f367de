//! The heap of a process.
//!
//! ```text
//! start        high_water      top ->            <- stack        end
//!  [ survivors | new terms      | free            | stack slots   ]   young block
//!  [ old terms                   | free ]                             old block
//!  fragment -> fragment -> ...                                        adopted at next collection
//! ```

use std::ptr::null_mut;

use super::gc::{self, HeapSettings, MaxHeapSize};
use super::{Alloc, Fragment, OffHeap};
use crate::term::Term;

/// Words that stay free between heap and stack whatever natives allocate: room for the return
/// address that a call pushes, and for what the runtime pushes on its own account. A collection
/// for `need` words leaves `need + STACK_RESERVE` free.
pub const STACK_RESERVE: usize = 4;

/// Heap, stack, old heap and fragments of one process. Raw addresses: the engine keeps `top` and
/// `stack` in registers while it runs and stores them back before it calls anything.
pub struct Heap {
    pub(crate) start: *mut u64,
    pub(crate) top: *mut u64,
    /// Top of the stack: the lowest word in use; the stack grows down from `end`.
    pub(crate) stack: *mut u64,
    pub(crate) end: *mut u64,
    /// What lies below survived one collection; the next moves it to the old block.
    pub(crate) high_water: *mut u64,
    pub(crate) old_start: *mut u64,
    pub(crate) old_top: *mut u64,
    pub(crate) old_end: *mut u64,
    pub(crate) fragments: Option<Fragment>,
    /// Words in `fragments`.
    pub(crate) fragment_words: usize,
    pub(crate) off_heap: OffHeap,
    pub(crate) old_off_heap: OffHeap,
    /// Virtual binary heap: bytes behind `off_heap` at which a collection is due, and the least.
    pub(crate) virtual_limit: usize,
    pub(crate) old_virtual_limit: usize,
    /// Least virtual binary heap in words (`min_bin_vheap_size`).
    pub min_virtual: usize,
    /// Least size of the young block in words (`min_heap_size`), but for the first block and for
    /// one that hibernated.
    pub min_size: usize,
    /// Minor collections in a row before a full one (`fullsweep_after`).
    pub fullsweep_after: u32,
    /// `max_heap_size`; see `Own::collect`.
    pub max_size: MaxHeapSize,
    pub(crate) minor_count: u32,
    /// Collections in all.
    pub(crate) collections: u64,
    /// Words in use after the last collection.
    pub(crate) recent: usize,
    /// A collection is wanted at the next instruction that may collect.
    pub(crate) collect_soon: bool,
    /// And it is to be a major one.
    pub(crate) major_soon: bool,
    /// The last major collection left the block nearly full.
    pub(crate) grow_at_major: bool,
    /// Words that the last collection walked, less what was paid off since (`zeal_spares`).
    #[cfg(feature = "zeal-gc")]
    pub(super) zeal_debt: usize,
}

// SAFETY: a heap is owned by its process, which one thread runs at a time.
unsafe impl Send for Heap {}

impl Heap {
    /// Words of a process's first block: enough for a short life or an idle one. The first
    /// collection goes on to `min_size`.
    pub const FIRST_WORDS: usize = 48;

    /// No heap: what stands in a process's place for it while it is detached.
    pub(crate) const NONE: Heap = Heap {
        start: null_mut(),
        top: null_mut(),
        stack: null_mut(),
        end: null_mut(),
        high_water: null_mut(),
        old_start: null_mut(),
        old_top: null_mut(),
        old_end: null_mut(),
        fragments: None,
        fragment_words: 0,
        off_heap: OffHeap::EMPTY,
        old_off_heap: OffHeap::EMPTY,
        virtual_limit: 0,
        old_virtual_limit: 0,
        min_virtual: 0,
        min_size: 0,
        fullsweep_after: 0,
        max_size: MaxHeapSize::NONE,
        minor_count: 0,
        collections: 0,
        recent: 0,
        collect_soon: false,
        major_soon: false,
        grow_at_major: false,
        #[cfg(feature = "zeal-gc")]
        zeal_debt: 0,
    };

    /// An empty heap and stack in a block of `words` words (at least `STACK_RESERVE`), with the
    /// default settings.
    pub fn new(words: usize) -> Heap {
        Heap::with_settings(words, gc::defaults())
    }

    /// The same with other settings.
    pub fn with_settings(words: usize, settings: HeapSettings) -> Heap {
        let words = words.max(STACK_RESERVE);
        let start = gc::take_block(words);
        // SAFETY: the end of the block.
        let end = unsafe { start.add(words) };
        let limit = settings.min_virtual.saturating_mul(8);
        let mut heap = Heap::NONE;
        (heap.start, heap.top, heap.high_water) = (start, start, start);
        (heap.stack, heap.end) = (end, end);
        (heap.virtual_limit, heap.old_virtual_limit) = (limit, limit);
        heap.min_virtual = settings.min_virtual;
        heap.min_size = settings.min_size;
        heap.fullsweep_after = settings.fullsweep_after;
        heap.max_size = settings.max_size;
        heap
    }

    /// Takes the heap out of its place; it is to be put back.
    pub(crate) fn detach(&mut self) -> Heap {
        std::mem::replace(self, Heap::NONE)
    }

    /// Free words between heap and stack.
    #[inline]
    pub fn room(&self) -> usize {
        (self.stack as usize - self.top as usize) / 8
    }

    /// Words of the young block.
    pub fn size(&self) -> usize {
        (self.end as usize - self.start as usize) / 8
    }

    /// Words in use by terms in the young block.
    pub fn used(&self) -> usize {
        (self.top as usize - self.start as usize) / 8
    }

    /// Whether a pointer leads into the young block.
    pub(crate) fn is_young(&self, term: Term) -> bool {
        let address = term.address() as usize;
        address >= self.start as usize && address < self.top as usize
    }

    /// Words of stack in use.
    pub fn stack_used(&self) -> usize {
        (self.end as usize - self.stack as usize) / 8
    }

    pub fn old_size(&self) -> usize {
        (self.old_end as usize - self.old_start as usize) / 8
    }

    pub fn old_used(&self) -> usize {
        (self.old_top as usize - self.old_start as usize) / 8
    }

    /// Takes over a fragment: its terms now belong to this heap.
    pub fn adopt(&mut self, mut fragment: Fragment) {
        self.fragment_words += fragment.used();
        self.fragments_grew();
        self.off_heap.append(fragment.off_heap_list());
        fragment.set_next(self.fragments.take());
        self.fragments = Some(fragment);
    }

    pub fn has_fragments(&self) -> bool {
        self.fragments.is_some()
    }

    #[cold]
    #[inline(never)]
    fn alloc_in_fragment(&mut self, words: usize) -> *mut u64 {
        // The block is full: the next instruction that may collect does so.
        self.collect_soon = true;
        if let Some(fragment) = &mut self.fragments
            && fragment.room() >= words
        {
            self.fragment_words += words;
            return fragment.alloc(words);
        }
        let mut fragment = Fragment::new(words.max(126));
        let at = fragment.alloc(words);
        self.fragment_words += words;
        fragment.set_next(self.fragments.take());
        self.fragments = Some(fragment);
        at
    }
}

impl Alloc for Heap {
    /// In the young block if there is room, else in a fragment; never collects (H1).
    #[inline]
    fn alloc(&mut self, words: usize) -> *mut u64 {
        if self.room() >= words + STACK_RESERVE && !cfg!(feature = "zeal-fragments") {
            let at = self.top;
            // SAFETY: there is room.
            self.top = unsafe { at.add(words) };
            return at;
        }
        self.alloc_in_fragment(words)
    }

    fn off_heap(&mut self) -> &mut OffHeap {
        &mut self.off_heap
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        self.off_heap.release_all();
        self.old_off_heap.release_all();
        // SAFETY: the blocks are ours, and nothing points into them once the process is gone.
        unsafe {
            gc::give_block(self.start, self.size());
            gc::give_block(self.old_start, self.old_size());
        }
    }
}
