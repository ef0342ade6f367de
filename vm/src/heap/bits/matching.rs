//! Match contexts: a position in a binary, from which values are read.
//!
//! A context is the one box that changes after it was built (its position): it is never seen by
//! Erlang code, and never leaves its process.

use super::copy::{equal_bits, read_bits};
use super::{SIGNED, is_little, utf};
use crate::heap::{Alloc, Build};
use crate::term::view::base_bytes;
use crate::term::{Kind, Term};

const BASE: usize = 1;
const POSITION: usize = 2;
const END: usize = 3;

/// Words that a context takes, header included.
pub const CONTEXT_WORDS: usize = 5;

/// A match context, known to be one.
#[derive(Clone, Copy)]
pub struct Context(Term);

/// A context for a binary or bitstring, or the context itself if it is one already.
pub fn context(term: Term, heap: &mut (impl Alloc + ?Sized)) -> Option<Term> {
    if Context::of(term).is_some() {
        return Some(term);
    }
    let bits = term.as_bits()?;
    let start = Term::small(bits.bit_offset as i64);
    let end = Term::small((bits.bit_offset + bits.bit_size) as i64);
    Some(heap.boxed(Kind::MatchContext, &[bits.base, start, end, start]))
}

impl Context {
    #[inline]
    pub fn of(term: Term) -> Option<Context> {
        (term.is_boxed() && term.header().is(Kind::MatchContext)).then_some(Context(term))
    }

    #[inline]
    pub fn position(self) -> usize {
        self.0.slot(POSITION).small_value() as usize
    }

    #[inline]
    fn end(self) -> usize {
        self.0.slot(END).small_value() as usize
    }

    /// Bits left.
    #[inline]
    pub fn remaining(self) -> usize {
        self.end() - self.position()
    }

    #[inline]
    fn start(self) -> usize {
        self.0.slot(4).small_value() as usize
    }

    #[inline]
    fn bytes(self) -> *const u8 {
        base_bytes(self.0.slot(BASE))
    }

    #[inline]
    fn move_to(self, position: usize) {
        // SAFETY: T1; contexts are private to the process that runs.
        unsafe { *self.0.address().add(POSITION) = Term::small(position as i64).bits() };
    }

    /// Goes to a position given by `position` before; `false` if it lies outside.
    pub fn set_position(self, position: Term) -> bool {
        match position.as_usize() {
            Some(p) if p >= self.start() && p <= self.end() => {
                self.move_to(p);
                true
            }
            _ => false,
        }
    }

    /// Skips bits; `false` if there are too few.
    #[inline]
    pub fn skip(self, size: usize) -> bool {
        if self.remaining() < size {
            return false;
        }
        self.move_to(self.position() + size);
        true
    }

    /// An integer.
    #[inline]
    pub fn integer(self, size: usize, flags: u64, heap: &mut (impl Alloc + ?Sized)) -> Option<Term> {
        let at = self.position();
        if !self.skip(size) {
            return None;
        }
        if size <= 64 {
            // SAFETY: the bits exist: `skip` compared with the end.
            let raw = unsafe { read_bits(self.bytes(), at, size) };
            let value = if is_little(flags) { swap(raw, size) } else { raw };
            return Some(if flags & SIGNED == 0 || size == 0 {
                heap.u64(value)
            } else {
                heap.i64(((value << (64 - size)) as i64) >> (64 - size))
            });
        }
        Some(self.long_integer(at, size, flags, heap))
    }

    #[inline(never)]
    fn long_integer(self, at: usize, size: usize, flags: u64, heap: &mut (impl Alloc + ?Sized)) -> Term {
        let bytes = self.bytes();
        let count = size.div_ceil(64);
        let mut limbs: Vec<u64> = (0..count)
            .map(|i| {
                let n = (size - i * 64).min(64);
                // SAFETY: the bits exist.
                unsafe {
                    if is_little(flags) {
                        swap(read_bits(bytes, at + i * 64, n), n)
                    } else {
                        read_bits(bytes, at + size - i * 64 - n, n)
                    }
                }
            })
            .collect();
        let top_bits = size - (count - 1) * 64;
        let negative = flags & SIGNED != 0 && limbs[count - 1] >> (top_bits - 1) & 1 == 1;
        if negative {
            if top_bits < 64 {
                limbs[count - 1] |= u64::MAX << top_bits;
            }
            let mut carry = true;
            for limb in &mut limbs {
                let (value, overflow) = (!*limb).overflowing_add(carry.into());
                *limb = value;
                carry = overflow;
            }
        }
        heap.big(negative, &limbs)
    }

    /// A float of 16, 32 or 64 bits; none for other sizes, infinities and NaN.
    pub fn float(self, size: usize, flags: u64, heap: &mut (impl Alloc + ?Sized)) -> Option<Term> {
        if !matches!(size, 16 | 32 | 64) || self.remaining() < size {
            return None;
        }
        // SAFETY: the bits exist.
        let raw = unsafe { read_bits(self.bytes(), self.position(), size) };
        let raw = if is_little(flags) { swap(raw, size) } else { raw };
        let value = match size {
            16 => half_to_f64(raw as u16),
            32 => f64::from(f32::from_bits(raw as u32)),
            _ => f64::from_bits(raw),
        };
        if !value.is_finite() {
            return None;
        }
        self.skip(size);
        Some(heap.float(value))
    }

    /// The next bits as a binary or bitstring.
    pub fn binary(self, size: usize, heap: &mut (impl Alloc + ?Sized)) -> Option<Term> {
        let at = self.position();
        if !self.skip(size) {
            return None;
        }
        Some(heap.sub_binary(self.0.slot(BASE), at, size))
    }

    /// All that is left; the context stays where it is.
    pub fn tail(self, heap: &mut (impl Alloc + ?Sized)) -> Term {
        heap.sub_binary(self.0.slot(BASE), self.position(), self.remaining())
    }

    /// Whether the next bits are these; skips them then.
    ///
    /// # Safety
    /// `expected` has `size` bits.
    pub unsafe fn string(self, expected: *const u8, size: usize) -> bool {
        if self.remaining() < size {
            return false;
        }
        // SAFETY: both have the bits.
        if !unsafe { equal_bits(self.bytes(), self.position(), expected, 0, size) } {
            return false;
        }
        self.skip(size)
    }

    /// A character in UTF-8, UTF-16 or UTF-32 (`width`); skips it.
    pub fn utf(self, width: u16, flags: u64) -> Option<u32> {
        let available = (self.remaining() / 8).min(4);
        let mut bytes = [0; 4];
        for (i, byte) in bytes.iter_mut().enumerate().take(available) {
            // SAFETY: the bits exist.
            *byte = unsafe { read_bits(self.bytes(), self.position() + i * 8, 8) } as u8;
        }
        let (c, used) = utf::decode(&bytes[..available], width, is_little(flags))?;
        self.skip(used * 8);
        Some(c)
    }
}

/// The value of `size` bits read as they stand, taken as little-endian.
pub(super) fn swap(raw: u64, size: usize) -> u64 {
    let rest = size % 8;
    let whole = size / 8;
    if size == 0 {
        return 0;
    }
    if rest == 0 {
        return (raw << (64 - size)).swap_bytes();
    }
    // The last, partial byte is the highest.
    let low = if whole == 0 { 0 } else { ((raw >> rest) << (64 - whole * 8)).swap_bytes() };
    low | (raw & ((1 << rest) - 1)) << (whole * 8)
}

/// IEEE 754 binary16.
fn half_to_f64(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let exponent = i32::from(bits >> 10 & 31);
    let fraction = f64::from(bits & 1023);
    match exponent {
        0 => sign * fraction * 2f64.powi(-24),
        31 => f64::INFINITY,
        _ => sign * (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    }
}
