//! The literal area: one reserved range of addresses for terms that are never copied or
//! collected: literals of modules, persistent terms.
//!
//! Whether a term is a literal is one comparison of its address. The range is reserved, not
//! committed: only pages in use take memory.

use super::{Alloc, OffHeap};
use crate::base::sync::{AtomicUsize, Mutex, Ordering};
use crate::term::Term;

/// Bytes reserved.
const SIZE: usize = 16 << 30;

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

/// `bytes` bytes of the area, 8-aligned.
fn allocate(bytes: usize) -> *mut u64 {
    let mut area = AREA.lock();
    if area.next == 0 {
        area.next = reserve();
        area.end = area.next + SIZE;
    }
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

/// A term in the literal area, which any thread may hold.
#[derive(Clone, Copy)]
pub struct Literal(u64);

impl Literal {
    /// A copy of `term` in the literal area.
    pub fn of(term: Term) -> Literal {
        Literal(Literals::keep(term).bits())
    }

    pub fn term(self) -> Term {
        Term::raw(self.0)
    }

    /// Words that it takes.
    pub fn words(self) -> usize {
        super::copy::flat_size(self.term())
    }
}
