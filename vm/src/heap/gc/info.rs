//! What Erlang is told about heaps and collections.

use super::sizes;
use crate::base::sync::{AtomicU64, AtomicUsize, Ordering};
use crate::am;
use crate::heap::{Fragment, Heap};
use crate::term::Term;

/// Counters that threads add to, on cache lines of their own.
#[repr(align(64))]
struct Counter {
    collections: AtomicU64,
    words: AtomicU64,
}

const COUNTERS: usize = 64;
static COUNTS: [Counter; COUNTERS] =
    [const { Counter { collections: AtomicU64::new(0), words: AtomicU64::new(0) } }; COUNTERS];
static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static MINE: usize = NEXT.fetch_add(1, Ordering::Relaxed) % COUNTERS;
}

/// Counts a collection that freed `words` words.
pub(super) fn count(words: usize) {
    let counter = &COUNTS[MINE.with(|&mine| mine)];
    counter.collections.fetch_add(1, Ordering::Relaxed);
    counter.words.fetch_add(words as u64, Ordering::Relaxed);
}

/// Collections of all processes so far (`statistics(garbage_collection)`).
pub fn collections_of_all() -> u64 {
    COUNTS.iter().map(|c| c.collections.load(Ordering::Relaxed)).sum()
}

/// Words that all collections freed.
pub fn words_reclaimed_by_all() -> u64 {
    COUNTS.iter().map(|c| c.words.load(Ordering::Relaxed)).sum()
}

/// The numbers of `process_info(_, garbage_collection_info)` and of trace messages about
/// collections, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeapInfo {
    pub old_heap_block_size: usize,
    pub heap_block_size: usize,
    pub mbuf_size: usize,
    pub recent_size: usize,
    pub stack_size: usize,
    pub old_heap_size: usize,
    pub heap_size: usize,
    pub bin_vheap_size: usize,
    pub bin_vheap_block_size: usize,
    pub bin_old_vheap_size: usize,
    pub bin_old_vheap_block_size: usize,
}

impl HeapInfo {
    /// Names and values in the order of `process_info(_, garbage_collection_info)`.
    pub fn rows(&self) -> [(Term, usize); 11] {
        [
            (am::old_heap_block_size, self.old_heap_block_size),
            (am::heap_block_size, self.heap_block_size),
            (am::mbuf_size, self.mbuf_size),
            (am::recent_size, self.recent_size),
            (am::stack_size, self.stack_size),
            (am::old_heap_size, self.old_heap_size),
            (am::heap_size, self.heap_size),
            (am::bin_vheap_size, self.bin_vheap_size),
            (am::bin_vheap_block_size, self.bin_vheap_block_size),
            (am::bin_old_vheap_size, self.bin_old_vheap_size),
            (am::bin_old_vheap_block_size, self.bin_old_vheap_block_size),
        ]
    }
}

impl Heap {
    pub fn info(&self) -> HeapInfo {
        HeapInfo {
            old_heap_block_size: self.old_size(),
            heap_block_size: self.size(),
            mbuf_size: self.fragment_words,
            recent_size: self.recent,
            stack_size: self.stack_used(),
            old_heap_size: self.old_used(),
            heap_size: self.used(),
            bin_vheap_size: self.off_heap.bytes / 8,
            bin_vheap_block_size: self.virtual_limit / 8,
            bin_old_vheap_size: self.old_off_heap.bytes / 8,
            bin_old_vheap_block_size: self.old_virtual_limit / 8,
        }
    }

    /// Collections so far.
    pub fn collections(&self) -> u64 {
        self.collections
    }

    /// Minor collections since the last major one (`minor_gcs`).
    pub fn minor_collections(&self) -> u32 {
        self.minor_count
    }

    /// Words of blocks and fragments (`total_heap_size`).
    pub fn total_size(&self) -> usize {
        self.size() + self.old_size() + self.fragment_words
    }

    /// Bytes of memory held: blocks and fragments with their heads.
    pub fn memory(&self) -> usize {
        let mut bytes = (self.size() + self.old_size()) * 8;
        let mut fragment = self.fragments.as_ref();
        while let Some(f) = fragment {
            bytes += Fragment::HEAD_BYTES + f.capacity() * 8;
            fragment = f.next();
        }
        bytes
    }

    /// Every handle of an off-heap binary: buffer address, bytes, references to the buffer
    /// (`process_info(_, binary)`).
    pub fn binaries(&self) -> Vec<(usize, usize, usize)> {
        let mut all = Vec::new();
        for list in [&self.off_heap, &self.old_off_heap] {
            list.for_each_binary(|buffer, bytes| {
                // SAFETY: H4, the handle keeps its buffer alive.
                let references = unsafe { (*buffer).references() };
                all.push((buffer as usize, bytes, references));
            });
        }
        all
    }

    /// Whether a collection for `need` words would take the process over `limit` words
    /// (`max_heap_size`), and if so the size it would come to: blocks as they are, the new young
    /// block and a first old one besides, and, if asked for, the binaries.
    pub fn exceeds(&self, limit: usize, need: usize, binaries: bool) -> Option<usize> {
        let live = self.used() + self.fragment_words;
        let free_and_stack = (self.end as usize - self.top as usize) / 8;
        let mut size = live + free_and_stack;
        if self.old_start.is_null() {
            if self.high_water > self.start {
                size += sizes::above(live);
            }
        } else {
            size += self.old_size();
        }
        size += sizes::at_least(self.stack_used() + live.max(need));
        if binaries {
            size += (self.off_heap.bytes + self.old_off_heap.bytes) / 8;
        }
        (limit != 0 && size > limit).then_some(size)
    }
}
