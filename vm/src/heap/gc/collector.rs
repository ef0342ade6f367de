//! The copying itself. What is moved is decided by address alone:
//!
//! ```text
//! minor: [start, high_water) -> old block    [high_water, top), fragments -> new young block
//! major: young block, old block, fragments   -> new young block
//! ```
//! Whether a pointer is to be followed is one comparison with the young block's range; with the old
//! block's in a major collection; and only while there are fragments with all other ranges.
//! A moved box holds its new term in place of the header, a moved cell `NONE` in its head and its
//! new term in its tail.

use crate::heap::literal;
use crate::term::repr::{NONE_TAG, PRIMARY_BOXED, PRIMARY_CONS, PRIMARY_SMALL};
use crate::term::{Header, Kind, Term};

/// Kinds whose payload is raw, one bit each: the scan skips them.
const RAW_KINDS: u32 = 1 << Kind::Float as u32
    | 1 << Kind::BigPositive as u32
    | 1 << Kind::BigNegative as u32
    | 1 << Kind::Ref as u32
    | 1 << Kind::MagicRef as u32
    | 1 << Kind::ExternalPid as u32
    | 1 << Kind::ExternalPort as u32
    | 1 << Kind::ExternalRef as u32
    | 1 << Kind::HeapBinary as u32
    | 1 << Kind::RefcBinary as u32
    | 1 << Kind::Filler as u32;

/// The words to step over at `word`, which is no pointer and no small integer: one for an
/// immediate or the header of a box of terms, a whole box for one of raw words.
#[inline(always)]
pub(in crate::heap) fn step(word: u64) -> usize {
    if (RAW_KINDS >> ((word >> 2) & 31)) & 1 == 1 { Header::raw(word).size() + 1 } else { 1 }
}

/// Copies the words behind a header. Most boxes are small: a call of `memcpy` would cost more than the copy, and so
/// would a jump through a table, which processors predict worse than branches.
#[inline(always)]
unsafe fn copy_payload(from: *const u64, to: *mut u64, size: usize) {
    // SAFETY: the caller's words.
    unsafe {
        if size > 4 {
            return std::ptr::copy_nonoverlapping(from, to, size);
        }
        if size >= 2 {
            to.cast::<[u64; 2]>().write(from.cast::<[u64; 2]>().read());
            if size > 2 {
                *to.add(2) = *from.add(2);
                if size > 3 {
                    *to.add(3) = *from.add(3);
                }
            }
        } else if size != 0 {
            *to = *from;
        }
    }
}

/// How many words ahead of the scan what they point to is asked for.
const AHEAD: usize = 16;

/// Has the processor bring the cache line of an address; any address will do.
#[inline(always)]
fn prefetch(address: u64) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: a hint, which never faults.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address as *const i8);
    }
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    // SAFETY: a hint, which never faults.
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{0}]", in(reg) address, options(readonly, nostack, preserves_flags));
    }
    #[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
    let _ = address;
}

/// Whether a word points to a cell or a box: its two lowest bits differ. As `match word & 3` that would be a jump
/// through a table.
#[inline(always)]
fn is_pointer(word: u64) -> bool {
    const _: () = assert!(PRIMARY_CONS == 1 && PRIMARY_BOXED == 2);
    (word ^ (word >> 1)) & 1 != 0
}

/// A range of addresses.
#[derive(Clone, Copy, Default)]
pub(super) struct Range {
    start: usize,
    bytes: usize,
}

impl Range {
    pub fn new(start: *const u64, end: *const u64) -> Range {
        Range { start: start as usize, bytes: end as usize - start as usize }
    }
    #[inline(always)]
    pub fn contains(self, address: usize) -> bool {
        address.wrapping_sub(self.start) < self.bytes
    }
}

/// How many fragments there are: what `Collector` is made for.
pub(super) const NO_FRAGMENT: u8 = 0;
pub(super) const ONE_FRAGMENT: u8 = 1;
pub(super) const FRAGMENTS: u8 = 2;

/// A collection under way.
#[derive(Clone, Copy)]
pub(super) struct Collector<const MAJOR: bool, const FRAGMENTS: u8> {
    /// The young block's terms.
    pub young: Range,
    /// Their part below the high-water mark. Minor collections only.
    pub mature: Range,
    /// The old block's terms: moved by a major collection, left alone by a minor one.
    pub old: Range,
    /// Where terms go to, in whole, and the next free words of it.
    pub to_range: Range,
    pub to: *mut u64,
    /// Free words of the old block, where a minor collection promotes to.
    pub old_to: *mut u64,
    pub old_to_range: Range,
    /// The words of the fragment, if there is one only.
    pub fragment: Range,
}

// SAFETY for this file: H2 and T1; every pointer that `moves` accepts points at a whole term of
// from-space or at its forwarding; to-space has room for all of from-space's survivors (`cycle`).
impl<const MAJOR: bool, const FRAGMENTS: u8> Collector<MAJOR, FRAGMENTS> {
    /// Whether the term at this address belongs to from-space.
    #[inline(always)]
    fn moves(&self, address: usize) -> bool {
        if self.young.contains(address) || (MAJOR && self.old.contains(address)) {
            return true;
        }
        match FRAGMENTS {
            NO_FRAGMENT => false,
            ONE_FRAGMENT => self.fragment.contains(address),
            // In none of the other places.
            _ => {
                !(self.to_range.contains(address)
                    || (!MAJOR && self.old_to_range.contains(address))
                    || literal::is_literal(Term::raw(address as u64)))
            }
        }
    }

    #[inline(always)]
    fn is_mature(&self, address: usize) -> bool {
        !MAJOR && self.mature.contains(address)
    }

    /// Moves what the word at `place` points to, and updates it.
    #[inline(always)]
    pub unsafe fn forward(&mut self, place: *mut u64) {
        // SAFETY: see above.
        unsafe {
            let word = *place;
            if is_pointer(word) {
                self.forward_pointer(place, word);
            }
        }
    }

    #[inline(always)]
    unsafe fn forward_pointer(&mut self, place: *mut u64, word: u64) {
        // SAFETY: see above.
        unsafe {
            if word & 1 == PRIMARY_CONS {
                self.forward_cons(place, word);
            } else {
                self.forward_boxed(place, word);
            }
        }
    }

    /// Moves a cell and the cells behind it as long as they are of the same generation: lists end
    /// up in order, and the scan meets tails that are done.
    #[inline(always)]
    unsafe fn forward_cons(&mut self, place: *mut u64, word: u64) {
        let mut address = (word - PRIMARY_CONS) as usize;
        if !self.moves(address) {
            return;
        }
        // SAFETY: see above.
        unsafe {
            let mut from = address as *mut u64;
            let mut head = *from;
            if head == NONE_TAG {
                *place = *from.add(1);
                return;
            }
            let mature = self.is_mature(address);
            let mut to = if mature { self.old_to } else { self.to };
            *place = to as u64 | PRIMARY_CONS;
            loop {
                let tail = *from.add(1);
                *to = head;
                *from = NONE_TAG;
                *from.add(1) = to as u64 | PRIMARY_CONS;
                let next = to.add(2);
                address = tail.wrapping_sub(PRIMARY_CONS) as usize;
                if tail & 3 == PRIMARY_CONS
                    && self.moves(address)
                    && (MAJOR || self.is_mature(address) == mature)
                {
                    from = address as *mut u64;
                    head = *from;
                    if head != NONE_TAG {
                        *to.add(1) = next as u64 | PRIMARY_CONS;
                        to = next;
                        continue;
                    }
                    *to.add(1) = *from.add(1);
                } else {
                    *to.add(1) = tail;
                }
                if mature {
                    self.old_to = next;
                } else {
                    self.to = next;
                }
                return;
            }
        }
    }

    #[inline(always)]
    unsafe fn forward_boxed(&mut self, place: *mut u64, word: u64) {
        let address = (word - PRIMARY_BOXED) as usize;
        if !self.moves(address) {
            return;
        }
        // SAFETY: see above.
        unsafe {
            let from = address as *mut u64;
            let header = *from;
            if header & 3 == PRIMARY_BOXED {
                *place = header;
                return;
            }
            let size = Header::raw(header).size();
            let mature = self.is_mature(address);
            let to = if mature { self.old_to } else { self.to };
            *to = header;
            copy_payload(from.add(1), to.add(1), size);
            let moved = to as u64 | PRIMARY_BOXED;
            *from = moved;
            *place = moved;
            if mature {
                self.old_to = to.add(size + 1);
            } else {
                self.to = to.add(size + 1);
            }
        }
    }

    /// Moves what the words from `at` to `end` point to; none of them is a header of raw words.
    pub unsafe fn forward_slots(&mut self, at: *mut u64, end: *mut u64) {
        let mut c = *self;
        let mut at = at;
        // SAFETY: see above.
        unsafe {
            while at < end {
                c.forward(at);
                at = at.add(1);
            }
        }
        *self = c;
    }

    /// Scans what was moved, from `young` and `old` on, until nothing is left to move.
    pub unsafe fn scan(&mut self, young: *mut u64, old: *mut u64) {
        // A copy, so that the fields live in registers.
        let mut c = *self;
        let (mut young, mut old) = (young, old);
        // SAFETY: see above.
        unsafe {
            loop {
                while young < c.to {
                    let ahead = young.wrapping_add(AHEAD);
                    if ahead < c.to {
                        // Immediate words and raw ones may look like any address: those would cost a walk of page
                        // tables.
                        let word = *ahead;
                        prefetch(if is_pointer(word) { word } else { young as u64 });
                    }
                    young = young.add(c.scan_word(young));
                }
                if MAJOR || old == c.old_to {
                    break;
                }
                while old < c.old_to {
                    old = old.add(c.scan_word(old));
                }
            }
        }
        *self = c;
    }

    #[inline(always)]
    unsafe fn scan_word(&mut self, at: *mut u64) -> usize {
        // SAFETY: see above.
        unsafe {
            let word = *at;
            if is_pointer(word) {
                self.forward_pointer(at, word);
                1
            } else if word & 1 == PRIMARY_SMALL {
                1
            } else {
                step(word)
            }
        }
    }
}
