//! Building binaries: a run of fresh bits that segments are written to one after the other.

use super::copy::{copy_bits, write_bits};
use super::matching::swap;
use super::{is_little, utf};
use crate::heap::build::HEAP_BINARY_LIMIT;
use crate::heap::{Alloc, BinaryBuffer, Build};
use crate::term::view::Bits;
use crate::term::{Header, Kind, Term, View};

/// Where the next segment goes. Valid until the process allocates or collects otherwise than
/// through the instructions that build.
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

/// A binary or bitstring of `bits` zero bits, and the builder that fills it.
pub fn new_binary(bits: usize, heap: &mut (impl Alloc + ?Sized)) -> (Term, Builder) {
    let bytes = bits.div_ceil(8);
    let (base, data) = if bytes <= HEAP_BINARY_LIMIT {
        let words = bytes.div_ceil(8);
        let p = heap.alloc(words + 2);
        // SAFETY: fresh words.
        unsafe {
            *p = Header::new(Kind::HeapBinary, words + 1).bits();
            *p.add(1) = bytes as u64;
            std::ptr::write_bytes(p.add(2), 0, words);
            (Term::from_boxed(p), p.add(2).cast::<u8>())
        }
    } else {
        let buffer = BinaryBuffer::new(bytes);
        // SAFETY: fresh, of that capacity.
        unsafe {
            let data = BinaryBuffer::data_mut(buffer);
            if bits % 8 != 0 {
                *data.add(bytes - 1) = 0;
            }
            (*buffer).set_used_bits(bits);
            (heap.refc_binary(buffer, bytes), data)
        }
    };
    let term = if bits % 8 == 0 { base } else { heap.sub_binary(base, 0, bits) };
    (term, Builder { data, position: 0, end: bits })
}

/// The least capacity of a buffer that is appended to, in bytes.
const APPEND_CAPACITY: usize = 256;

/// `binary` with `more` bits behind it, and the builder that fills those. In place if the binary
/// ends where its buffer's used bits end: a loop that appends is linear.
pub fn append(binary: Bits, more: usize, heap: &mut (impl Alloc + ?Sized)) -> (Term, Builder) {
    let end = binary.bit_offset + binary.bit_size;
    if binary.base.header().is(Kind::RefcBinary) {
        let buffer = binary.base.word(1) as *const BinaryBuffer;
        // SAFETY: the base holds a reference; what was claimed is ours to write.
        unsafe {
            if (*buffer).try_extend(end, more) {
                let data = BinaryBuffer::data_mut(buffer);
                let term = heap.sub_binary(binary.base, binary.bit_offset, binary.bit_size + more);
                return (term, Builder { data, position: end, end: end + more });
            }
        }
    }
    let total = binary.bit_size + more;
    let capacity = total.div_ceil(8).saturating_mul(2).max(APPEND_CAPACITY);
    let buffer = BinaryBuffer::new(capacity);
    // SAFETY: fresh, of that capacity; the source's bits exist.
    unsafe {
        let data = BinaryBuffer::data_mut(buffer);
        *data.add(binary.bit_size / 8) = 0;
        copy_bits(binary.first_byte(), binary.bit_skew(), data, 0, binary.bit_size);
        (*buffer).set_used_bits(total);
        let base = heap.refc_binary(buffer, total.div_ceil(8));
        let term = heap.sub_binary(base, 0, total);
        (term, Builder { data, position: binary.bit_size, end: total })
    }
}

/// An empty binary with room for `capacity` bytes, to be appended to.
pub fn writable(capacity: usize, heap: &mut (impl Alloc + ?Sized)) -> Term {
    let buffer = BinaryBuffer::new(capacity.clamp(APPEND_CAPACITY, 1 << 30));
    let base = heap.refc_binary(buffer, 0);
    heap.sub_binary(base, 0, 0)
}

impl Builder {
    /// Room for `size` more bits; where they go.
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
    pub fn integer(&mut self, value: Term, size: usize, flags: u64) -> bool {
        let little = is_little(flags);
        match value.view() {
            View::Small(n) => {
                let fill = if n < 0 { u64::MAX } else { 0 };
                self.limbs(|i| if i == 0 { n as u64 } else { fill }, size, little)
            }
            View::Big(big) => {
                let limbs = big.limbs();
                if !big.is_negative() {
                    return self.limbs(|i| limbs.get(i).copied().unwrap_or(0), size, little);
                }
                // Two's complement: inverted, and one more from the lowest limb that is not zero.
                let first = limbs.iter().position(|&l| l != 0).unwrap_or(0);
                let limb = |i: usize| match i.cmp(&first) {
                    std::cmp::Ordering::Less => 0,
                    std::cmp::Ordering::Equal => limbs[i].wrapping_neg(),
                    std::cmp::Ordering::Greater => !limbs.get(i).copied().unwrap_or(0),
                };
                self.limbs(limb, size, little)
            }
            _ => false,
        }
    }

    /// `size` bits of a number given by its limbs in two's complement.
    fn limbs(&mut self, limb: impl Fn(usize) -> u64, size: usize, little: bool) -> bool {
        let Some(at) = self.take(size) else { return false };
        let mut done = 0;
        while done < size {
            let n = (size - done).min(64);
            let value = limb(done / 64);
            let value = if n == 64 { value } else { value & ((1 << n) - 1) };
            // SAFETY: taken above.
            unsafe {
                if little {
                    write_bits(self.data, at + done, n, unswap(value, n));
                } else {
                    write_bits(self.data, at + size - done - n, n, value);
                }
            }
            done += n;
        }
        true
    }

    /// A float of 16, 32 or 64 bits.
    pub fn float(&mut self, value: f64, size: usize, flags: u64) -> bool {
        let raw = match size {
            16 => u64::from(f64_to_half(value)),
            32 => u64::from((value as f32).to_bits()),
            64 => value.to_bits(),
            _ => return false,
        };
        let Some(at) = self.take(size) else { return false };
        let raw = if is_little(flags) { unswap(raw, size) } else { raw };
        // SAFETY: taken above.
        unsafe { write_bits(self.data, at, size, raw) };
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
pub(crate) fn character(value: Term) -> Option<u32> {
    let c = value.as_small().and_then(|n| u64::try_from(n).ok())?;
    utf::is_character(c).then_some(c as u32)
}

/// Bits as they stand for a little-endian value: the inverse of `swap`.
fn unswap(value: u64, size: usize) -> u64 {
    let rest = size % 8;
    if rest == 0 {
        return swap(value, size);
    }
    let whole = size / 8;
    let low = if whole == 0 { 0 } else { swap(value & ((1 << (whole * 8)) - 1), whole * 8) };
    low << rest | value >> (whole * 8)
}

/// IEEE 754 binary16, rounded to nearest even; too large: infinity.
fn f64_to_half(value: f64) -> u16 {
    let sign = if value.is_sign_negative() { 0x8000 } else { 0 };
    let v = value.abs();
    if v >= 65520.0 {
        return sign | 0x7c00;
    }
    if v < 2f64.powi(-14) {
        return sign | (v * 2f64.powi(24)).round_ties_even() as u16;
    }
    let exponent = v.log2().floor() as i32;
    let exponent = if 2f64.powi(exponent) > v { exponent - 1 } else { exponent };
    let fraction = ((v / 2f64.powi(exponent) - 1.0) * 1024.0).round_ties_even() as u16;
    sign | (((exponent + 15) as u16) << 10).wrapping_add(fraction)
}
