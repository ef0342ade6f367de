//! Match contexts: a position in a binary, from which values are read.

use super::copy::{equal_bits, read_bits};
use super::{float, integer, is_little, utf};
use crate::heap::{Alloc, Build};
use crate::term::view::base_bytes;
use crate::term::{Kind, Term};

const BASE: usize = 1;
const POSITION: usize = 2;
const END: usize = 3;
const START: usize = 4;

/// Words that a context takes, header included.
pub const CONTEXT_WORDS: usize = 5;
/// Words that a part of a binary takes.
pub const SUB_BINARY_WORDS: usize = 4;

/// A match context, known to be one.
#[derive(Clone, Copy)]
pub struct Context(Term);

/// A context for a binary or bitstring, or the context itself if it is one already.
#[inline]
pub fn context(term: Term, heap: &mut (impl Alloc + ?Sized)) -> Option<Term> {
    if Context::of(term).is_some() {
        return Some(term);
    }
    Some(heap.boxed(Kind::MatchContext, &parts(term)?))
}

/// What a new context of a binary or bitstring holds: base, position, end, start. Calls nothing.
#[inline(always)]
pub fn parts(term: Term) -> Option<[Term; CONTEXT_WORDS - 1]> {
    if !term.is_boxed() {
        return None;
    }
    let header = term.header();
    let (base, start, end) = if header.is(Kind::SubBinary) {
        (term.slot(1), term.slot(2), term.slot(2).small_value() + term.slot(3).small_value())
    } else if header.is(Kind::HeapBinary) {
        (term, Term::ZERO, term.word(1) as i64 * 8)
    } else if header.is(Kind::RefcBinary) {
        (term, Term::ZERO, term.word(2) as i64 * 8)
    } else {
        return None;
    };
    Some([base, start, Term::small(end), start])
}

/// A term as Erlang may see it: what is left of a context, any other term as it is. For the
/// arguments of functions in stack traces.
pub fn without_context(term: Term, heap: &mut (impl Alloc + ?Sized)) -> Term {
    match Context::of(term) {
        Some(context) => context.tail(heap),
        None => term,
    }
}

impl Context {
    #[inline]
    pub fn of(term: Term) -> Option<Context> {
        (term.is_boxed() && term.header().is(Kind::MatchContext)).then_some(Context(term))
    }

    /// Bits from the beginning of the base; what `set_position` takes.
    #[inline]
    pub fn position(self) -> usize {
        self.0.slot(POSITION).small_value() as usize
    }

    #[inline]
    fn end(self) -> usize {
        self.0.slot(END).small_value() as usize
    }

    #[inline]
    fn start(self) -> usize {
        self.0.slot(START).small_value() as usize
    }

    /// Bits left.
    #[inline]
    pub fn remaining(self) -> usize {
        self.end() - self.position()
    }

    #[inline(always)]
    fn bytes(self) -> *const u8 {
        base_bytes(self.0.slot(BASE))
    }

    #[inline]
    fn move_to(self, position: usize) {
        // SAFETY: T1; N3, contexts are private to the process that runs.
        unsafe { *self.0.address().add(POSITION) = Term::small(position as i64).bits() };
    }

    /// Goes to a position given by `position` before; `false` if it lies outside.
    #[inline]
    pub fn set_position(self, position: Term) -> bool {
        match position.as_small() {
            Some(p) if p >= self.start() as i64 && p <= self.end() as i64 => {
                self.move_to(p as usize);
                true
            }
            _ => false,
        }
    }

    /// Skips bits; `false` if there are too few.
    #[inline]
    pub fn skip(self, size: usize) -> bool {
        let position = self.position();
        if self.end() - position < size {
            return false;
        }
        self.move_to(position + size);
        true
    }

    /// An integer; none if the bits are too few or what they say too large.
    #[inline]
    pub fn integer(self, size: usize, flags: u64, heap: &mut (impl Alloc + ?Sized)) -> Option<Term> {
        let at = self.position();
        if !self.skip(size) {
            return None;
        }
        // SAFETY: the bits exist: `skip` compared with the end.
        unsafe { integer::read(self.bytes(), at, size, flags, heap) }
    }

    /// A float of 16, 32 or 64 bits; none for other sizes, infinities and NaN.
    pub fn float(self, size: usize, flags: u64, heap: &mut (impl Alloc + ?Sized)) -> Option<Term> {
        if !float::is_float_size(size) || self.remaining() < size {
            return None;
        }
        // SAFETY: the bits exist.
        let value = unsafe { float::read(self.bytes(), self.position(), size, flags) }?;
        self.skip(size);
        Some(heap.float(value))
    }

    /// The next bits as a binary or bitstring.
    #[inline]
    pub fn binary(self, size: usize, heap: &mut (impl Alloc + ?Sized)) -> Option<Term> {
        let at = self.position();
        if !self.skip(size) {
            return None;
        }
        Some(heap.sub_binary(self.0.slot(BASE), at, size))
    }

    /// All that is left; the context stays where it is.
    #[inline]
    pub fn tail(self, heap: &mut (impl Alloc + ?Sized)) -> Term {
        heap.sub_binary(self.0.slot(BASE), self.position(), self.remaining())
    }

    /// The next bits as a number, without moving on: at most 64, and there are as many.
    #[inline]
    pub fn peek(self, size: usize) -> Option<u64> {
        if size > 64 || self.remaining() < size {
            return None;
        }
        // SAFETY: the bits exist.
        Some(unsafe { read_bits(self.bytes(), self.position(), size) })
    }

    /// The next bits (1 to 56), most significant first, if they are at hand in one load: those within two bytes, or
    /// any with 64 left from the first byte on. As many are left; does not move on.
    #[inline(always)]
    pub fn at_hand(self, size: usize) -> Option<u64> {
        let at = self.position();
        let skew = at % 8;
        let touched = skew + size;
        debug_assert!((1..=56).contains(&size));
        // SAFETY: the bits exist.
        let raw = unsafe {
            let next = self.bytes().add(at / 8);
            if touched <= 8 {
                u64::from(*next) << 56
            } else if touched <= 16 {
                u64::from(u16::from_be_bytes(*next.cast())) << 48
            } else if self.end() - (at - skew) >= 64 {
                u64::from_be_bytes(*next.cast())
            } else {
                return None;
            }
        };
        Some((raw << skew) >> (64 - size))
    }

    /// Whether the next bits are these; skips them then.
    ///
    /// # Safety
    /// `expected` has `size` bits.
    #[inline]
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
    #[inline]
    pub fn utf(self, width: u16, flags: u64) -> Option<u32> {
        let available = (self.remaining() / 8).min(4);
        if available == 0 {
            return None;
        }
        // SAFETY: the bits exist.
        let raw = unsafe { read_bits(self.bytes(), self.position(), available * 8) };
        let bytes = ((raw << (64 - available * 8)) >> 32) as u32;
        let bytes = bytes.to_be_bytes();
        if width == 8 && bytes[0] < 0x80 {
            self.skip(8);
            return Some(bytes[0].into());
        }
        let (c, used) = utf::decode(&bytes[..available], width, is_little(flags))?;
        self.skip(used * 8);
        Some(c)
    }
}
