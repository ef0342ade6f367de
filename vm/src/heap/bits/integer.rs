//! Integers as bits. A little-endian value of a size that is no multiple of 8 keeps its highest,
//! partial byte last.

use super::copy::{read_bits, write_bits};
use super::{SIGNED, is_little};
use crate::heap::number::MAX_LIMBS;
use crate::heap::{Alloc, Build};
use crate::term::{Term, View};

/// The value of `size` bits, read as they stand, taken as little-endian.
#[inline]
pub(super) fn swap(raw: u64, size: usize) -> u64 {
    if size == 0 {
        return 0;
    }
    let (whole, rest) = (size / 8 * 8, size % 8);
    if rest == 0 {
        return (raw << (64 - size)).swap_bytes();
    }
    let low = if whole == 0 { 0 } else { ((raw >> rest) << (64 - whole)).swap_bytes() };
    low | (raw & ((1 << rest) - 1)) << whole
}

/// Bits as they stand for a little-endian value: the inverse of `swap`.
#[inline]
pub(super) fn unswap(value: u64, size: usize) -> u64 {
    let (whole, rest) = (size / 8 * 8, size % 8);
    if rest == 0 {
        return swap(value, size);
    }
    let low = if whole == 0 { 0 } else { swap(value & ((1 << whole) - 1), whole) };
    low << rest | (value >> whole) & ((1 << rest) - 1)
}

/// The integer in `size` bits from bit `at` on; none if it is too large to be one.
///
/// # Safety
/// The bits exist.
#[inline]
pub(super) unsafe fn read(
    bytes: *const u8,
    at: usize,
    size: usize,
    flags: u64,
    heap: &mut (impl Alloc + ?Sized),
) -> Option<Term> {
    if size > 64 {
        // SAFETY: as for this function.
        return unsafe { read_long(bytes, at, size, flags, heap) };
    }
    // SAFETY: as for this function.
    let raw = unsafe { read_bits(bytes, at, size) };
    let value = if is_little(flags) { swap(raw, size) } else { raw };
    Some(if flags & SIGNED == 0 || size == 0 {
        heap.u64(value)
    } else {
        heap.i64(((value << (64 - size)) as i64) >> (64 - size))
    })
}

#[inline(never)]
unsafe fn read_long(
    bytes: *const u8,
    at: usize,
    size: usize,
    flags: u64,
    heap: &mut (impl Alloc + ?Sized),
) -> Option<Term> {
    let little = is_little(flags);
    let count = size.div_ceil(64);
    let mut limbs: Vec<u64> = (0..count)
        .map(|i| {
            let n = (size - i * 64).min(64);
            // SAFETY: the caller's bits.
            unsafe {
                if little {
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
    let used = limbs.len() - limbs.iter().rev().take_while(|&&l| l == 0).count();
    (used <= MAX_LIMBS).then(|| heap.big(negative, &limbs[..used]))
}

/// Writes an integer, cut to `size` bits. `false`: the term is none.
///
/// # Safety
/// The bits exist and are the caller's to write, front to back.
#[inline]
pub(super) unsafe fn write(data: *mut u8, at: usize, size: usize, value: Term, flags: u64) -> bool {
    if let Some(n) = value.as_small() {
        // SAFETY: as for this function.
        unsafe {
            if size <= 64 {
                let n = if is_little(flags) { unswap(n as u64, size) } else { n as u64 };
                write_bits(data, at, size, n);
            } else {
                let fill = if n < 0 { u64::MAX } else { 0 };
                write_limbs(data, at, size, |i| if i == 0 { n as u64 } else { fill }, flags);
            }
        }
        return true;
    }
    let View::Big(big) = value.view() else { return false };
    let limbs = big.limbs();
    // SAFETY: as for this function.
    unsafe {
        if !big.is_negative() {
            write_limbs(data, at, size, |i| limbs.get(i).copied().unwrap_or(0), flags);
            return true;
        }
        // Two's complement: inverted, and one more from the lowest limb that is not zero.
        let first = limbs.iter().position(|&l| l != 0).unwrap_or(0);
        let limb = |i: usize| match i.cmp(&first) {
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Equal => limbs[i].wrapping_neg(),
            std::cmp::Ordering::Greater => !limbs.get(i).copied().unwrap_or(0),
        };
        write_limbs(data, at, size, limb, flags);
    }
    true
}

/// Writes `size` bits of a number given by its limbs in two's complement.
#[inline(never)]
unsafe fn write_limbs(data: *mut u8, at: usize, size: usize, limb: impl Fn(usize) -> u64, flags: u64) {
    let little = is_little(flags);
    let mut done = 0;
    while done < size {
        // Front to back: big-endian begins with the highest limb, which may be a partial one.
        let left = size - done;
        let (index, n) = if little {
            (done / 64, left.min(64))
        } else {
            ((left - 1) / 64, if left % 64 == 0 { 64 } else { left % 64 })
        };
        let value = limb(index);
        // SAFETY: the caller's bits.
        unsafe { write_bits(data, at + done, n, if little { unswap(value, n) } else { value }) };
        done += n;
    }
}
