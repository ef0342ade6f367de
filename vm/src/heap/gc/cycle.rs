//! When and how far to collect: minor or major, and the size of the block afterwards.

use super::block::{self, words_between};
use super::collector::{Collector, FRAGMENTS, NO_FRAGMENT, ONE_FRAGMENT, Range};
use super::{Roots, Which, info, sizes};
use crate::heap::off_heap::{link_of, release_object};
use crate::heap::{Heap, OffHeap, STACK_RESERVE};
use crate::term::repr::PRIMARY_BOXED;
use crate::term::{Header, Term};

/// A young block up to this size is not shrunk by a minor collection.
const SHRINK_ABOVE: usize = 3000;
/// Above this size it is shrunk even if the old block is larger.
const SHRINK_ALWAYS_ABOVE: usize = 8000;
/// Words in fragments that are no reason to collect, however small the block.
const FRAGMENTS_TOLERATED: usize = 256;

impl Heap {
    /// Whether a collection is due for a reason other than room at the next `test_heap`: a native
    /// ran out of it and opened a fragment, fragments have grown, binaries have, or one was asked for.
    #[inline(always)]
    pub fn needs_collection(&self) -> bool {
        self.collect_soon
            || self.off_heap.bytes > self.virtual_limit
            || cfg!(feature = "zeal-gc")
    }

    /// Whether a collection that only zeal asks for may be left out: after one that walked much, some are,
    /// so that zeal's cost at an allocation is the same for any heap.
    #[cfg(feature = "zeal-gc")]
    pub fn zeal_spares(&mut self, need: usize) -> bool {
        const WORDS_A_CALL: usize = 2000;
        self.zeal_debt = self.zeal_debt.saturating_sub(WORDS_A_CALL);
        self.zeal_debt > 0
            && !self.collect_soon
            && self.room() >= need + STACK_RESERVE
            && self.off_heap.bytes <= self.virtual_limit
    }

    /// Asks for a collection once fragments outgrow the block.
    pub(in crate::heap) fn fragments_grew(&mut self) {
        self.collect_soon |= self.fragment_words > self.size().max(FRAGMENTS_TOLERATED);
    }

    /// Asks for a collection at the next opportunity, a major one if `major`.
    pub fn request_collection(&mut self, major: bool) {
        self.collect_soon = true;
        self.major_soon |= major;
    }

    /// Whether the next collection is a major one for sure.
    pub fn is_major_next(&self) -> bool {
        self.major_soon || self.minor_count >= self.fullsweep_after || self.old_off_heap.bytes > self.old_virtual_limit
    }

    /// Collects; afterwards `need` words are free besides `STACK_RESERVE`, and no term that is not
    /// reachable from stack and `roots` is to be touched again. Whether it was a minor collection.
    pub fn collect(&mut self, need: usize, roots: Roots<'_>) -> bool {
        let need = need + STACK_RESERVE;
        let before = self.words_used();
        let is_first_block = self.size() < self.min_size;
        let minor = !self.is_major_next() && self.minor(need, &mut *roots);
        if !minor {
            self.major(need, &mut *roots);
        } else if is_first_block {
            // Only now has it the size that a heap begins with: not one of those that count.
            self.minor_count -= 1;
        }
        self.finished(before);
        debug_assert!(self.room() >= need);
        #[cfg(any(test, feature = "zeal-gc"))]
        super::verify::heap(self, &mut *roots);
        #[cfg(feature = "zeal-gc")]
        {
            let mut visited = 0;
            roots(Which::All, &mut |_| visited += 1);
            self.zeal_debt = self.words_used() + self.stack_used() + visited;
        }
        minor
    }

    /// A major collection (`erlang:garbage_collect/0`).
    pub fn collect_major(&mut self, need: usize, roots: Roots<'_>) {
        self.major_soon = true;
        self.collect(need, roots);
    }

    /// A major collection that leaves a block without free words but the reserve
    /// (`erlang:hibernate/3`). The stack is empty but for what `roots` knows of.
    pub fn hibernate(&mut self, roots: Roots<'_>) {
        let before = self.words_used();
        self.major(STACK_RESERVE, &mut *roots);
        let exact = self.used() + self.stack_used() + STACK_RESERVE;
        if exact < self.size() {
            self.relocate(exact, &mut *roots);
        }
        self.finished(before);
        #[cfg(any(test, feature = "zeal-gc"))]
        super::verify::heap(self, &mut *roots);
    }

    /// Words of terms, wherever they are.
    pub(super) fn words_used(&self) -> usize {
        self.used() + self.old_used() + self.fragment_words
    }

    fn finished(&mut self, before: usize) {
        self.collections += 1;
        self.collect_soon = false;
        self.recent = self.used();
        info::count(before.saturating_sub(self.words_used()));
    }

    /// `false`: the old block has no room for what would be promoted; nothing has happened.
    fn minor(&mut self, need: usize, roots: Roots<'_>) -> bool {
        let mature = words_between(self.start, self.high_water);
        if mature > words_between(self.old_top, self.old_end) {
            if !self.old_start.is_null() {
                return false;
            }
            let words = sizes::at_least(self.used().max(self.min_size));
            self.old_start = block::take(words);
            self.old_top = self.old_start;
            // SAFETY: the end of the block.
            self.old_end = unsafe { self.old_start.add(words) };
        }
        let stack = self.stack_used();
        let survivors = self.used() - mature + self.fragment_words;
        let size = self.size().max(survivors + stack).max(self.min_size);
        let size = sizes::at_least(size.max(stack_demand(stack + need, size)));
        match self.fragment_count() {
            0 => self.copy_minor::<NO_FRAGMENT>(size, &mut *roots),
            1 => self.copy_minor::<ONE_FRAGMENT>(size, &mut *roots),
            _ => self.copy_minor::<FRAGMENTS>(size, &mut *roots),
        }
        self.minor_count += 1;
        self.virtual_limit = self.virtual_limit_for(self.off_heap.bytes);

        let wanted = self.used() + stack + need;
        if size < wanted {
            self.relocate(sizes::at_least(wanted), roots);
        } else if size > SHRINK_ABOVE
            && wanted * 4 < size
            && (size > SHRINK_ALWAYS_ABOVE || size > self.old_size())
        {
            let smaller = sizes::at_least((wanted * 3).max(self.min_size));
            if smaller < size {
                self.relocate(smaller, roots);
            }
        }
        true
    }

    fn copy_minor<const COUNT: u8>(&mut self, size: usize, roots: Roots<'_>) {
        let to = block::take(size);
        // SAFETY: the end of the block.
        let end = unsafe { to.add(size) };
        let mut c = Collector::<false, COUNT> {
            young: Range::new(self.start, self.top),
            mature: Range::new(self.start, self.high_water),
            old: Range::new(self.old_start, self.old_top),
            to_range: Range::new(to, end),
            to,
            old_to: self.old_top,
            old_to_range: Range::new(self.old_start, self.old_end),
            fragment: self.fragment_range(),
        };
        let mut list = std::mem::take(&mut self.off_heap);
        // SAFETY: H2; to-space holds every survivor: `size` counts all that may stay young, and
        // the old block has room for all that is mature.
        unsafe {
            let stack = self.copy_stack(end);
            c.forward_slots(stack, end);
            roots(Which::Young, &mut |root| c.forward((&raw mut *root).cast()));
            c.scan(to, self.old_top);
            sweep(&mut list, |object| {
                let old = c.old_to_range.contains(object as usize);
                let list = if old { &mut self.old_off_heap } else { &mut self.off_heap };
                list.push(object);
            });
            self.old_top = c.old_to;
            self.replace_young(to, c.to, stack, end);
        }
    }

    fn major(&mut self, need: usize, roots: Roots<'_>) {
        let stack = self.stack_used();
        let size = (self.words_used() + stack).max(self.min_size);
        let mut size = sizes::at_least(size.max(stack_demand(stack + need, size)));
        if self.grow_at_major && size == self.size() {
            size = sizes::above(size);
        }
        self.grow_at_major = false;
        match self.fragment_count() {
            0 => self.copy_major::<NO_FRAGMENT>(size, &mut *roots),
            1 => self.copy_major::<ONE_FRAGMENT>(size, &mut *roots),
            _ => self.copy_major::<FRAGMENTS>(size, &mut *roots),
        }
        self.minor_count = 0;
        self.major_soon = false;
        self.virtual_limit = self.virtual_limit_for(self.off_heap.bytes);
        self.old_virtual_limit = self.virtual_limit;

        let wanted = self.used() + stack + need;
        if size < wanted {
            self.relocate(sizes::at_least(wanted), roots);
        } else if wanted * 4 > size * 3 {
            self.grow_at_major = true;
        } else if wanted * 4 < size && size > self.min_size {
            let smaller = sizes::at_least((wanted * 2).max(self.min_size));
            if smaller < size {
                self.relocate(smaller, roots);
            }
        }
    }

    fn copy_major<const COUNT: u8>(&mut self, size: usize, roots: Roots<'_>) {
        let to = block::take(size);
        // SAFETY: the end of the block.
        let end = unsafe { to.add(size) };
        let mut c = Collector::<true, COUNT> {
            young: Range::new(self.start, self.top),
            mature: Range::default(),
            old: Range::new(self.old_start, self.old_top),
            to_range: Range::new(to, end),
            to,
            old_to: std::ptr::null_mut(),
            old_to_range: Range::default(),
            fragment: self.fragment_range(),
        };
        let mut list = std::mem::take(&mut self.off_heap);
        let mut old_list = std::mem::take(&mut self.old_off_heap);
        // SAFETY: H2; to-space is as large as all of from-space.
        unsafe {
            let stack = self.copy_stack(end);
            c.forward_slots(stack, end);
            roots(Which::All, &mut |root| c.forward((&raw mut *root).cast()));
            c.scan(to, std::ptr::null_mut());
            sweep(&mut list, |object| self.off_heap.push(object));
            sweep(&mut old_list, |object| self.off_heap.push(object));
            block::give(self.old_start, self.old_size());
            self.old_start = std::ptr::null_mut();
            self.old_top = std::ptr::null_mut();
            self.old_end = std::ptr::null_mut();
            self.replace_young(to, c.to, stack, end);
        }
    }

    /// None, one, or more.
    fn fragment_count(&self) -> usize {
        self.fragments.as_ref().map_or(0, |f| 1 + usize::from(f.next().is_some()))
    }

    /// The words of the first fragment.
    fn fragment_range(&self) -> Range {
        self.fragments.as_ref().map_or(Range::default(), |f| {
            // SAFETY: the end of the words in use.
            Range::new(f.start(), unsafe { f.start().add(f.used()) })
        })
    }

    /// Copies the stack to below `end`; its new top.
    unsafe fn copy_stack(&self, end: *mut u64) -> *mut u64 {
        let words = self.stack_used();
        // SAFETY: the new block has room for the stack besides the survivors.
        unsafe {
            let stack = end.sub(words);
            std::ptr::copy_nonoverlapping(self.stack, stack, words);
            stack
        }
    }

    /// The flip: from-space and fragments go, to-space is the young block.
    unsafe fn replace_young(&mut self, start: *mut u64, top: *mut u64, stack: *mut u64, end: *mut u64) {
        debug_assert!(top <= stack);
        // SAFETY: nothing points into from-space any more.
        unsafe { block::give(self.start, self.size()) };
        (self.start, self.top, self.stack, self.end) = (start, top, stack, end);
        self.high_water = top;
        self.fragments = None;
        self.fragment_words = 0;
    }

    /// Bytes of binaries at which the next collection is due, with `bytes` alive now.
    fn virtual_limit_for(&self, bytes: usize) -> usize {
        sizes::at_least((bytes / 8 * 2).max(self.min_virtual)).saturating_mul(8)
    }
}

/// The size that a deep stack asks for, or 0. What a collection keeps of the heap leaves the block
/// with the next one, the stack does not: it must not fill most of the block, and while it grows
/// it should not be copied too often.
fn stack_demand(stack: usize, size: usize) -> usize {
    if stack * 4 > size * 3 { stack + stack / 2 } else { 0 }
}

/// Walks an off-heap list of from-space: `keep` gets the moved boxes, the dead ones are released.
unsafe fn sweep(list: &mut OffHeap, mut keep: impl FnMut(*mut u64)) {
    let mut object = list.first;
    *list = OffHeap::default();
    // SAFETY: H4; a moved box's old place keeps all words but the header.
    unsafe {
        while !object.is_null() {
            let word = *object;
            if word & 3 == PRIMARY_BOXED {
                let moved = Term::raw(word).address();
                object = *object.add(Header::raw(*moved).size()) as *mut u64;
                keep(moved);
            } else {
                let dead = object;
                object = *link_of(object) as *mut u64;
                release_object(dead);
            }
        }
    }
}
