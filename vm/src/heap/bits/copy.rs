//! Bits in memory: reading and writing up to 64 at any offset, copying, comparing.

use glulam_bytecode::bytes::PIECE;

/// Big-endian number of `n` bytes (1 to 8).
///
/// # Safety
/// The bytes exist.
#[inline(always)]
unsafe fn load(p: *const u8, n: usize) -> u64 {
    // SAFETY: `n` bytes at `p`.
    unsafe {
        match n {
            1 => u64::from(*p),
            2 => u64::from(u16::from_be_bytes(*p.cast())),
            4 => u64::from(u32::from_be_bytes(*p.cast())),
            8 => u64::from_be_bytes(*p.cast()),
            _ => {
                let mut value = 0;
                for i in 0..n {
                    value = (value << 8) | u64::from(*p.add(i));
                }
                value
            }
        }
    }
}

/// Stores the highest `n` bytes (0 to 8) of `value`, big-endian.
///
/// # Safety
/// The bytes exist and are the caller's to write.
#[inline(always)]
unsafe fn store(p: *mut u8, n: usize, value: u64) {
    // SAFETY: `n` bytes at `p`.
    unsafe {
        match n {
            1 => *p = (value >> 56) as u8,
            2 => *p.cast() = ((value >> 48) as u16).to_be_bytes(),
            4 => *p.cast() = ((value >> 32) as u32).to_be_bytes(),
            8 => *p.cast() = value.to_be_bytes(),
            _ => {
                for i in 0..n {
                    *p.add(i) = (value >> (56 - 8 * i)) as u8;
                }
            }
        }
    }
}

/// `size` bits (at most 64) from bit `offset` on, as a number.
///
/// # Safety
/// The bits exist.
#[inline]
pub(crate) unsafe fn read_bits(bytes: *const u8, offset: usize, size: usize) -> u64 {
    debug_assert!(size <= 64);
    if size == 0 {
        return 0;
    }
    let skew = offset % 8;
    let touched = (skew + size).div_ceil(8);
    // SAFETY: the bytes touched hold bits that exist.
    unsafe {
        let p = bytes.add(offset / 8);
        if touched <= 8 {
            // Left-justified, so that the bits before and behind fall off.
            let value = load(p, touched) << (64 - touched * 8);
            (value << skew) >> (64 - size)
        } else {
            let value = (load(p, 8) << skew) | (u64::from(*p.add(8)) >> (8 - skew));
            value >> (64 - size)
        }
    }
}

/// Writes the lowest `size` bits (at most 64) of `value` from bit `offset` on. The bits before
/// them stay, the bits behind them in the last byte become zero: binaries are written front to
/// back.
///
/// # Safety
/// The bytes exist and the caller alone writes them.
#[inline]
pub(crate) unsafe fn write_bits(bytes: *mut u8, offset: usize, size: usize, value: u64) {
    debug_assert!(size <= 64);
    if size == 0 {
        return;
    }
    let value = value << (64 - size);
    let skew = offset % 8;
    // SAFETY: the bytes touched hold bits that exist.
    unsafe {
        let p = bytes.add(offset / 8);
        if skew == 0 {
            store(p, size.div_ceil(8), value);
            return;
        }
        let first = *p & !(0xff >> skew);
        *p = first | (value >> (56 + skew)) as u8;
        if size > 8 - skew {
            store(p.add(1), (size - (8 - skew)).div_ceil(8), value << (8 - skew));
        }
    }
}

/// Copies bytes between ranges that do not overlap.
///
/// # Safety
/// Both ranges exist; the caller alone writes the second.
pub(crate) unsafe fn copy_bytes(from: *const u8, to: *mut u8, size: usize) {
    for at in (0..size).step_by(PIECE) {
        // SAFETY: within the ranges given.
        unsafe { std::ptr::copy_nonoverlapping(from.add(at), to.add(at), PIECE.min(size - at)) };
    }
}

/// Copies `size` bits; those behind them in the last byte become zero.
///
/// # Safety
/// Both ranges exist; the caller alone writes the second. They may share a byte, the last of
/// the first range and the first of the second, but no bit.
pub unsafe fn copy_bits(from: *const u8, from_offset: usize, to: *mut u8, to_offset: usize, size: usize) {
    let mut done = 0;
    // SAFETY: within the ranges given.
    unsafe {
        if from_offset % 8 == 0 && to_offset % 8 == 0 {
            let whole = size / 8;
            copy_bytes(from.add(from_offset / 8), to.add(to_offset / 8), whole);
            done = whole * 8;
        }
        while done < size {
            let n = (size - done).min(64);
            write_bits(to, to_offset + done, n, read_bits(from, from_offset + done, n));
            done += n;
        }
    }
}

/// Whether two runs of `size` bits are the same.
///
/// # Safety
/// Both ranges exist.
pub unsafe fn equal_bits(a: *const u8, a_offset: usize, b: *const u8, b_offset: usize, size: usize) -> bool {
    let mut done = 0;
    // SAFETY: within the ranges given.
    unsafe {
        if a_offset % 8 == 0 && b_offset % 8 == 0 {
            let whole = size / 8;
            let left = std::slice::from_raw_parts(a.add(a_offset / 8), whole);
            let right = std::slice::from_raw_parts(b.add(b_offset / 8), whole);
            if left != right {
                return false;
            }
            done = whole * 8;
        }
        while done < size {
            let n = (size - done).min(64);
            if read_bits(a, a_offset + done, n) != read_bits(b, b_offset + done, n) {
                return false;
            }
            done += n;
        }
    }
    true
}
