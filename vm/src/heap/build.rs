//! Building terms. One set of builders for every place that holds terms: `Build` is there for
//! every `Alloc` (a process heap, a fragment, a literal area, a table).

use super::{BinaryBuffer, Magic, OffHeap};
use crate::term::repr::{SMALL_MAX, SMALL_MIN};
use crate::term::{Header, Kind, Term};

/// A place that gives memory for terms.
pub trait Alloc {
    /// `words` words, not initialised: the caller fills them before anything else happens.
    fn alloc(&mut self, words: usize) -> *mut u64;
    /// The list for boxes of this place that own off-heap objects.
    fn off_heap(&mut self) -> &mut OffHeap;
}

/// The largest binary that lives on the heap itself, in bytes.
pub const HEAP_BINARY_LIMIT: usize = 64;

/// The builders.
pub trait Build: Alloc {
    fn cons(&mut self, head: Term, tail: Term) -> Term {
        let p = self.alloc(2);
        // SAFETY: two fresh words.
        unsafe {
            *p = head.bits();
            *p.add(1) = tail.bits();
        }
        Term::from_cons(p)
    }

    fn tuple(&mut self, elements: &[Term]) -> Term {
        self.boxed(Kind::Tuple, elements)
    }

    /// A box whose words are all terms.
    fn boxed(&mut self, kind: Kind, elements: &[Term]) -> Term {
        let p = self.alloc(elements.len() + 1);
        // SAFETY: fresh words, as many.
        unsafe {
            *p = Header::new(kind, elements.len()).bits();
            std::ptr::copy_nonoverlapping(elements.as_ptr().cast::<u64>(), p.add(1), elements.len());
        }
        Term::from_boxed(p)
    }

    /// A box of raw words.
    fn raw_box(&mut self, kind: Kind, words: &[u64]) -> Term {
        let p = self.alloc(words.len() + 1);
        // SAFETY: fresh words, as many.
        unsafe {
            *p = Header::new(kind, words.len()).bits();
            std::ptr::copy_nonoverlapping(words.as_ptr(), p.add(1), words.len());
        }
        Term::from_boxed(p)
    }

    /// A float; the caller has made sure it is finite.
    fn float(&mut self, value: f64) -> Term {
        self.raw_box(Kind::Float, &[value.to_bits()])
    }

    fn i64(&mut self, value: i64) -> Term {
        match Term::try_small(value) {
            Some(small) => small,
            None => self.big(value < 0, &[value.unsigned_abs()]),
        }
    }

    fn u64(&mut self, value: u64) -> Term {
        if value <= SMALL_MAX as u64 { Term::small(value as i64) } else { self.big(false, &[value]) }
    }

    fn usize(&mut self, value: usize) -> Term {
        self.u64(value as u64)
    }

    fn i128(&mut self, value: i128) -> Term {
        let m = value.unsigned_abs();
        self.big(value < 0, &[m as u64, (m >> 64) as u64])
    }

    /// An integer from sign and limbs (least significant first), normalised: high zero limbs
    /// dropped, a small integer where it fits.
    fn big(&mut self, negative: bool, limbs: &[u64]) -> Term {
        let n = limbs.len() - limbs.iter().rev().take_while(|&&l| l == 0).count();
        match limbs[..n] {
            [] => return Term::ZERO,
            [l] if !negative && l <= SMALL_MAX as u64 => return Term::small(l as i64),
            [l] if negative && l <= SMALL_MIN.unsigned_abs() => {
                return Term::small((l as i64).wrapping_neg());
            }
            _ => {}
        }
        self.raw_box(if negative { Kind::BigNegative } else { Kind::BigPositive }, &limbs[..n])
    }

    /// A binary with these bytes: on the heap up to `HEAP_BINARY_LIMIT`, off it above.
    fn binary(&mut self, bytes: &[u8]) -> Term {
        if bytes.len() > HEAP_BINARY_LIMIT {
            return self.refc_binary(BinaryBuffer::from_bytes(bytes), bytes.len());
        }
        let words = bytes.len().div_ceil(8);
        let p = self.alloc(words + 2);
        // SAFETY: fresh words; the last one is zeroed before the bytes cover part of it.
        unsafe {
            *p = Header::new(Kind::HeapBinary, words + 1).bits();
            *p.add(1) = bytes.len() as u64;
            if words > 0 {
                *p.add(words + 1) = 0;
            }
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), p.add(2).cast::<u8>(), bytes.len());
        }
        Term::from_boxed(p)
    }

    /// A binary with these bytes, taken over without a copy where they go off the heap.
    fn binary_from(&mut self, mut bytes: Vec<u8>) -> Term {
        if bytes.len() <= HEAP_BINARY_LIMIT {
            return self.binary(&bytes);
        }
        // Much unused room would live as long as the binary.
        if bytes.capacity() - bytes.len() > bytes.len() / 8 {
            bytes.shrink_to_fit();
        }
        let (data, size) = (bytes.as_ptr(), bytes.len());
        // SAFETY: the vector's bytes stay where they are, unchanged, until it is dropped.
        let buffer = unsafe { BinaryBuffer::foreign(data, size, Box::new(bytes)) };
        self.refc_binary(buffer, size)
    }

    /// Part of a binary or bitstring, in bits from its first; the caller knows it is within it. It
    /// shares the bytes unless they fit in a heap binary.
    fn part(&mut self, whole: Term, bit_offset: usize, bit_size: usize) -> Term {
        let Some(bits) = whole.as_bits() else { crate::bug!("part of no binary") };
        debug_assert!(bit_offset + bit_size <= bits.bit_size);
        if bit_offset == 0 && bit_size == bits.bit_size {
            return whole;
        }
        let part = crate::term::Bits::of_base(bits.base, bits.bit_offset + bit_offset, bit_size);
        if bit_size <= HEAP_BINARY_LIMIT * 8 && part.is_binary() {
            return self.binary(&part.to_bytes());
        }
        self.sub_binary(bits.base, part.bit_offset, bit_size)
    }

    /// A handle for a buffer; takes over one reference of the caller's.
    fn refc_binary(&mut self, buffer: *const BinaryBuffer, byte_size: usize) -> Term {
        let t = self.raw_box(Kind::RefcBinary, &[buffer as u64, byte_size as u64, 0]);
        // SAFETY: a fresh box of an off-heap kind.
        unsafe { self.off_heap().push(t.address()) };
        t
    }

    /// Part of a binary, in bits; `base` is a `HeapBinary` or `RefcBinary`.
    fn sub_binary(&mut self, base: Term, bit_offset: usize, bit_size: usize) -> Term {
        self.boxed(
            Kind::SubBinary,
            &[base, Term::small(bit_offset as i64), Term::small(bit_size as i64)],
        )
    }

    /// A bitstring from bytes of which the first `bit_size` bits count.
    fn bitstring(&mut self, bytes: &[u8], bit_size: usize) -> Term {
        let base = self.binary(&bytes[..bit_size.div_ceil(8)]);
        if bit_size % 8 == 0 { base } else { self.sub_binary(base, 0, bit_size) }
    }

    /// A local reference.
    fn reference(&mut self, number: [u64; 2]) -> Term {
        self.raw_box(Kind::Ref, &number)
    }

    /// A reference that owns an object; takes over one count of the caller's.
    fn magic_ref(&mut self, magic: *const Magic) -> Term {
        // SAFETY: the caller holds a count.
        let [a, b] = unsafe { (*magic).number };
        let t = self.raw_box(Kind::MagicRef, &[a, b, magic as u64, 0]);
        // SAFETY: a fresh box of an off-heap kind.
        unsafe { self.off_heap().push(t.address()) };
        t
    }

    /// A proper list.
    fn list(&mut self, elements: &[Term]) -> Term {
        self.list_with_tail(elements, Term::NIL)
    }

    fn list_with_tail(&mut self, elements: &[Term], tail: Term) -> Term {
        self.list_of(elements.len(), elements.iter().copied(), tail)
    }

    /// A list of the first `count` of the elements, which are so many at least, before `tail`.
    #[inline]
    fn list_of(&mut self, count: usize, elements: impl Iterator<Item = Term>, tail: Term) -> Term {
        if count == 0 {
            return tail;
        }
        let p = self.alloc(count * 2);
        let mut filled = 0;
        for e in elements.take(count) {
            // SAFETY: fresh words, two for each element.
            unsafe {
                let cell = p.add(filled * 2);
                *cell = e.bits();
                *cell.add(1) = Term::from_cons(cell.add(2)).bits();
            }
            filled += 1;
        }
        assert!(filled == count, "fewer elements than said");
        // SAFETY: the last cell, filled above.
        unsafe { *p.add(count * 2 - 1) = tail.bits() };
        Term::from_cons(p)
    }

    /// A list of code points.
    fn string(&mut self, text: &str) -> Term {
        if text.is_ascii() {
            return self.byte_list(text.as_bytes());
        }
        self.list_of(text.chars().count(), text.chars().map(|c| Term::small(c as i64)), Term::NIL)
    }

    /// A list of bytes.
    fn byte_list(&mut self, bytes: &[u8]) -> Term {
        self.list_of(bytes.len(), bytes.iter().map(|&b| Term::small(b.into())), Term::NIL)
    }
}

impl<A: Alloc + ?Sized> Build for A {}
