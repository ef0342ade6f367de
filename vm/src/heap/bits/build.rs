//! Building binaries: a run of fresh bits that segments are written to one after the other.

use super::copy::copy_bits;
use super::{float, integer, is_little, utf};
use crate::heap::build::HEAP_BINARY_LIMIT;
use crate::heap::{Alloc, BinaryBuffer, Build};
use crate::term::view::Bits;
use crate::term::{Header, Kind, Term};

/// No memory for a binary of the size asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// Where the next segment goes. Valid until the process collects.
#[derive(Clone, Copy)]
pub struct Builder {
    data: *mut u8,
    position: usize,
    end: usize,
}

impl Default for Builder {
    fn default() -> Self {
        Builder { data: std::ptr::null_mut(), position: 0, end: 0 }
    }
}

/// A binary or bitstring of `bits` bits, and the builder that fills all of them.
pub fn new_binary(bits: usize, heap: &mut (impl Alloc + ?Sized)) -> Result<(Term, Builder), TooLarge> {
    let bytes = bits.div_ceil(8);
    let (base, data) = if bytes <= HEAP_BINARY_LIMIT {
        let words = bytes.div_ceil(8);
        let p = heap.alloc(words + 2);
        // SAFETY: fresh words. The last one is zeroed for the padding; the builder fills the rest.
        unsafe {
            *p = Header::new(Kind::HeapBinary, words + 1).bits();
            *p.add(1) = bytes as u64;
            if words > 0 {
                *p.add(words + 1) = 0;
            }
            (Term::from_boxed(p), p.add(2).cast::<u8>())
        }
    } else {
        let buffer = BinaryBuffer::try_new(bytes).ok_or(TooLarge)?;
        // SAFETY: fresh, of that capacity.
        unsafe {
            (*buffer).set_used_bits(bits);
            (heap.refc_binary(buffer, bytes), BinaryBuffer::data_mut(buffer))
        }
    };
    let term = if bits % 8 == 0 { base } else { heap.sub_binary(base, 0, bits) };
    Ok((term, Builder { data, position: 0, end: bits }))
}

/// The least capacity of a buffer that is appended to, in bytes.
const APPEND_CAPACITY: usize = 256;

/// `binary` with `more` bits behind it, and the builder that fills those. In place if the binary
/// ends where its buffer's used bits end: a loop that appends is linear.
pub fn append(
    binary: Bits,
    more: usize,
    heap: &mut (impl Alloc + ?Sized),
) -> Result<(Term, Builder), TooLarge> {
    let end = binary.bit_offset + binary.bit_size;
    if binary.base.header().is(Kind::RefcBinary) {
        let buffer = binary.base.word(1) as *const BinaryBuffer;
        // SAFETY: the base holds a reference; what was claimed is ours to write.
        unsafe {
            if (*buffer).try_extend(end, more) {
                let data = BinaryBuffer::data_mut(buffer);
                let term = heap.sub_binary(binary.base, binary.bit_offset, binary.bit_size + more);
                return Ok((term, Builder { data, position: end, end: end + more }));
            }
        }
    }
    let total = binary.bit_size.checked_add(more).ok_or(TooLarge)?;
    let capacity = total.div_ceil(8).saturating_mul(2).max(APPEND_CAPACITY);
    let buffer = BinaryBuffer::try_new(capacity)
        .or_else(|| BinaryBuffer::try_new(total.div_ceil(8)))
        .ok_or(TooLarge)?;
    // SAFETY: fresh, of that capacity; the source's bits exist.
    unsafe {
        let data = BinaryBuffer::data_mut(buffer);
        copy_bits(binary.first_byte(), binary.bit_skew(), data, 0, binary.bit_size);
        (*buffer).set_used_bits(total);
        let base = heap.refc_binary(buffer, total.div_ceil(8));
        let term = heap.sub_binary(base, 0, total);
        Ok((term, Builder { data, position: binary.bit_size, end: total }))
    }
}

/// An empty binary with room for `capacity` bytes, to be appended to. What is asked for is often
/// all that there will be.
pub fn writable(capacity: usize, heap: &mut (impl Alloc + ?Sized)) -> Term {
    let buffer = BinaryBuffer::try_new(capacity)
        .unwrap_or_else(|| BinaryBuffer::new(APPEND_CAPACITY));
    let base = heap.refc_binary(buffer, 0);
    heap.sub_binary(base, 0, 0)
}

impl Builder {
    /// Room for `size` more bits; where they go.
    #[inline]
    fn take(&mut self, size: usize) -> Option<usize> {
        let at = self.position;
        if self.end - at < size {
            return None;
        }
        self.position = at + size;
        Some(at)
    }

    /// Bits not written yet.
    pub fn room(&self) -> usize {
        self.end - self.position
    }

    /// An integer, cut to `size` bits. `false`: the value is no integer, or there is no room.
    #[inline]
    pub fn integer(&mut self, value: Term, size: usize, flags: u64) -> bool {
        let Some(at) = self.take(size) else { return false };
        // SAFETY: taken above.
        unsafe { integer::write(self.data, at, size, value, flags) }
    }

    /// A float of 16, 32 or 64 bits from a float or an integer.
    pub fn float(&mut self, value: Term, size: usize, flags: u64) -> bool {
        let Some(Some(value)) = float::as_float(value) else { return false };
        if !float::is_float_size(size) {
            return false;
        }
        let Some(at) = self.take(size) else { return false };
        // SAFETY: taken above.
        unsafe { float::write(self.data, at, size, value, flags) };
        true
    }

    /// The first `size` bits of a binary.
    pub fn bits(&mut self, value: Bits, size: usize) -> bool {
        if value.bit_size < size {
            return false;
        }
        let Some(at) = self.take(size) else { return false };
        // SAFETY: taken above; the source has the bits. A binary appended to itself: its bits lie
        // before those taken.
        unsafe { copy_bits(value.first_byte(), value.bit_skew(), self.data, at, size) };
        true
    }

    /// Bytes.
    ///
    /// # Safety
    /// There are `size` bytes at `bytes`.
    pub unsafe fn bytes(&mut self, bytes: *const u8, size: usize) -> bool {
        let Some(at) = self.take(size * 8) else { return false };
        // SAFETY: taken above.
        unsafe { copy_bits(bytes, 0, self.data, at, size * 8) };
        true
    }

    /// A character in UTF-8, UTF-16 or UTF-32 (`width`).
    pub fn utf(&mut self, value: Term, width: u16, flags: u64) -> bool {
        let Some(c) = character(value) else { return false };
        let (bytes, n) = utf::encode(c, width, is_little(flags));
        // SAFETY: `n` bytes at most 4.
        unsafe { self.bytes(bytes.as_ptr(), n) }
    }
}

/// The character that a term is.
pub fn character(value: Term) -> Option<u32> {
    let c = value.as_small().and_then(|n| u64::try_from(n).ok())?;
    utf::is_character(c).then_some(c as u32)
}
