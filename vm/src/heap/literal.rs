//! The literal area: one reserved range of addresses for terms that are never collected.
//!
//! ```text
//!  BASE                      + MODULES                    + SIZE
//!   [ literals of modules     | persistent terms           ]
//! ```
//! Whether a term is a literal is one comparison of its address. The range is reserved, not
//! committed: only pages in use take memory. Literals of modules are never freed and never copied;
//! a persistent term is shared by the processes that read it, but every copy takes it along (L1),
//! so that only processes point to it, and it can be freed once they all have let go of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Alloc, OffHeap, copy_shared};
use crate::base::sync::{AtomicUsize, Mutex, Ordering};
use crate::term::Term;

/// Bytes reserved, and how many of them for literals of modules.
const SIZE: usize = 32 << 30;
const MODULES: usize = 16 << 30;

/// Where the range begins; before it is reserved, an address that no memory has.
static BASE: AtomicUsize = AtomicUsize::new(1 << 63);

struct Area {
    next: usize,
    end: usize,
}

static AREA: Mutex<Area> = Mutex::new(Area { next: 0, end: 0 });

/// Whether a pointer term points into the literal area.
#[inline]
pub fn is_literal(term: Term) -> bool {
    (term.bits() as usize).wrapping_sub(BASE.load(Ordering::Relaxed)) < SIZE
}

/// Whether a pointer term points to a literal of a module: one that stays, and that no copy takes along.
#[inline]
pub fn is_of_module(term: Term) -> bool {
    (term.bits() as usize).wrapping_sub(BASE.load(Ordering::Relaxed)) < MODULES
}

/// Whether a pointer term points to a persistent term.
pub fn is_persistent(term: Term) -> bool {
    is_literal(term) && !is_of_module(term)
}

fn reserve() -> usize {
    // SAFETY: a fresh private mapping; nothing is there before.
    let p = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            SIZE,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    if p == libc::MAP_FAILED {
        eprintln!("glulam: can't reserve {SIZE} bytes of address space for literals");
        std::process::exit(1);
    }
    BASE.store(p as usize, Ordering::Release);
    p as usize
}

/// The area, reserved.
fn opened() -> impl std::ops::DerefMut<Target = Area> {
    let mut area = AREA.lock();
    if area.next == 0 {
        area.next = reserve();
        area.end = area.next + MODULES;
    }
    area
}

/// `bytes` bytes of the area, 8-aligned.
fn allocate(bytes: usize) -> *mut u64 {
    let mut area = opened();
    let at = area.next;
    if area.end - at < bytes {
        eprintln!("glulam: the literal area is full");
        std::process::abort();
    }
    area.next = at + bytes.next_multiple_of(8);
    at as *mut u64
}

/// Bytes in use.
pub fn bytes_used() -> usize {
    let area = AREA.lock();
    area.next.saturating_sub(BASE.load(Ordering::Relaxed))
}

/// A builder of literals.
#[derive(Default)]
pub struct Literals {
    off_heap: OffHeap,
}

impl Literals {
    /// A copy of `term` in the literal area. It is never freed.
    pub fn keep(term: Term) -> Term {
        super::copy::copy_into(term, &mut Literals::default())
    }
}

impl Alloc for Literals {
    fn alloc(&mut self, words: usize) -> *mut u64 {
        allocate(words * 8)
    }
    fn off_heap(&mut self) -> &mut OffHeap {
        &mut self.off_heap
    }
}

/// Free ranges of the part for persistent terms: neighbours are always joined.
#[derive(Default)]
struct Free {
    by_address: BTreeMap<usize, usize>,
    by_size: BTreeSet<(usize, usize)>,
}

impl Free {
    fn insert(&mut self, mut start: usize, mut bytes: usize) {
        if let Some((&before, &size)) = self.by_address.range(..start).next_back()
            && before + size == start
        {
            self.remove(before, size);
            (start, bytes) = (before, size + bytes);
        }
        if let Some(&size) = self.by_address.get(&(start + bytes)) {
            self.remove(start + bytes, size);
            bytes += size;
        }
        self.by_address.insert(start, bytes);
        self.by_size.insert((bytes, start));
    }

    fn remove(&mut self, start: usize, bytes: usize) {
        self.by_address.remove(&start);
        self.by_size.remove(&(bytes, start));
    }

    /// The smallest range that is large enough, cut to size.
    fn take(&mut self, bytes: usize) -> Option<usize> {
        let &(size, start) = self.by_size.range((bytes, 0)..).next()?;
        self.remove(start, size);
        if size > bytes {
            self.insert(start + bytes, size - bytes);
        }
        Some(start)
    }
}

static FREE: Mutex<Option<Free>> = Mutex::new(None);

/// Pages of a freed range go back to the operating system from this size on.
const GIVE_BACK: usize = 1 << 16;

fn free_ranges<R>(work: impl FnOnce(&mut Free) -> R) -> R {
    let mut free = FREE.lock();
    work(free.get_or_insert_with(|| {
        drop(opened());
        let mut free = Free::default();
        free.insert(BASE.load(Ordering::Relaxed) + MODULES, SIZE - MODULES);
        free
    }))
}

/// A persistent term: shared until it is dropped.
pub struct Persistent {
    term: u64,
    start: usize,
    words: usize,
    off_heap: OffHeap,
}

// SAFETY: nobody changes the words (T2), and the objects behind them are counted atomically.
unsafe impl Send for Persistent {}
// SAFETY: as above.
unsafe impl Sync for Persistent {}

impl Persistent {
    /// A copy of `term`, which is of a process whose terms take `all` words; `None`: there is no room.
    pub fn of(term: Term, all: usize) -> Option<Persistent> {
        let plan = copy_shared::plan(term, all);
        let words = plan.words;
        let mut made = Persistent { term: term.bits(), start: 0, words, off_heap: OffHeap::default() };
        if words > 0 {
            made.start = free_ranges(|free| free.take(words * 8))?;
            made.term = copy_shared::copy_planned(term, plan, &mut made).bits();
        }
        Some(made)
    }

    /// The term. A process that takes it must be known to (`Own::reads_persistent`).
    pub fn term(&self) -> Term {
        Term::raw(self.term)
    }

    /// Words that it takes.
    pub fn words(&self) -> usize {
        self.words
    }
}

impl Alloc for Persistent {
    fn alloc(&mut self, words: usize) -> *mut u64 {
        debug_assert_eq!(words, self.words);
        self.start as *mut u64
    }
    fn off_heap(&mut self) -> &mut OffHeap {
        &mut self.off_heap
    }
}

impl Drop for Persistent {
    fn drop(&mut self) {
        self.off_heap.release_all();
        let bytes = self.words * 8;
        if bytes == 0 {
            return;
        }
        let (from, to) = (self.start.next_multiple_of(4096), (self.start + bytes) & !4095);
        if bytes >= GIVE_BACK && from < to {
            // SAFETY: whole pages of ours, which nobody points into any more (L1).
            unsafe { libc::madvise(from as *mut libc::c_void, to - from, libc::MADV_DONTNEED) };
        }
        free_ranges(|free| free.insert(self.start, bytes));
    }
}

/// Persistent terms that are to be freed: processes copy what they still use of them.
pub struct Released(BTreeMap<usize, Persistent>);

impl Released {
    pub fn new(terms: Vec<Persistent>) -> Released {
        Released(terms.into_iter().map(|term| (term.start, term)).collect())
    }

    /// Whether a pointer term points into one of them.
    pub fn holds(&self, term: Term) -> bool {
        let address = term.address() as usize;
        let found = self.0.range(..=address).next_back();
        found.is_some_and(|(start, term)| address - start < term.words * 8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::{Build, Heap};

    #[test]
    fn freed_ranges_join() {
        let mut free = Free::default();
        free.insert(800, 800);
        let (a, b, c) = (free.take(80), free.take(160), free.take(80));
        assert_eq!((a, b, c), (Some(800), Some(880), Some(1040)));
        for (start, bytes) in [(800, 80), (1040, 80), (880, 160)] {
            free.insert(start, bytes);
        }
        assert_eq!(free.by_address, BTreeMap::from([(800, 800)]));
        assert_eq!(free.take(801), None);
    }

    #[test]
    #[cfg_attr(miri, ignore = "the literal area is a mapping of its own")]
    fn a_heap_lets_go_of_what_is_released() {
        let mut heap = Heap::new(500);
        let big = heap.binary(&[7; 100]);
        let pair = heap.tuple(&[big, Term::small(1)]);
        let kept = Persistent::of(pair, 0).expect("room");
        let gone = Persistent::of(pair, 0).expect("room");
        let both = heap.list(&[kept.term(), gone.term(), gone.term()]);
        let mut x = [both, gone.term()];
        let released = Released::new(vec![gone]);
        assert!(released.holds(x[1]) && !released.holds(kept.term()));
        let more = heap.leave(&released, &mut |_, visit| x.iter_mut().for_each(visit));
        assert!(more);
        drop(released);
        let all = x[0].proper_list().expect("a list");
        assert!(all[0] == kept.term() && all[1] == all[2] && all[1] == x[1]);
        assert_eq!(x[1].as_tuple().expect("a tuple").at(1), Term::small(1));
        assert_eq!(crate::heap::copy::size_of(kept.term()), kept.words());
    }
}
