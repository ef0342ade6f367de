//! Bits in memory: reading up to 64 at any offset, copying, comparing.

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
        let mut value: u128 = 0;
        for i in 0..touched {
            value = (value << 8) | u128::from(*p.add(i));
        }
        let low = touched * 8 - skew - size;
        let value = (value >> low) as u64;
        if size == 64 { value } else { value & ((1 << size) - 1) }
    }
}

/// Writes the lowest `size` bits (at most 64) of `value` from bit `offset` on; the bits around
/// them stay.
///
/// # Safety
/// The bits exist and the caller alone writes them.
#[inline]
pub(crate) unsafe fn write_bits(bytes: *mut u8, offset: usize, size: usize, value: u64) {
    let mut left = size;
    let mut at = offset;
    // SAFETY: within the bits given.
    unsafe {
        while left > 0 {
            let skew = at % 8;
            let n = left.min(8 - skew);
            let part = ((value >> (left - n)) as u16 & ((1u16 << n) - 1)) as u8;
            let shift = 8 - skew - n;
            let mask = (((1u16 << n) - 1) << shift) as u8;
            let p = bytes.add(at / 8);
            *p = (*p & !mask) | (part << shift);
            at += n;
            left -= n;
        }
    }
}

/// Copies `size` bits.
///
/// # Safety
/// Both ranges exist and do not overlap; the caller alone writes the second.
pub unsafe fn copy_bits(from: *const u8, from_offset: usize, to: *mut u8, to_offset: usize, size: usize) {
    // SAFETY: within the ranges given.
    unsafe {
        if from_offset % 8 == 0 && to_offset % 8 == 0 {
            let whole = size / 8;
            std::ptr::copy_nonoverlapping(from.add(from_offset / 8), to.add(to_offset / 8), whole);
            let rest = size % 8;
            if rest > 0 {
                let v = read_bits(from, from_offset + whole * 8, rest);
                write_bits(to, to_offset + whole * 8, rest, v);
            }
            return;
        }
        // Bring the destination to a byte boundary, then whole bytes, then the rest.
        let head = ((8 - to_offset % 8) % 8).min(size);
        write_bits(to, to_offset, head, read_bits(from, from_offset, head));
        let mut done = head;
        let mut p = to.add((to_offset + done) / 8);
        while size - done >= 64 {
            let v = read_bits(from, from_offset + done, 64).to_be_bytes();
            std::ptr::copy_nonoverlapping(v.as_ptr(), p, 8);
            p = p.add(8);
            done += 64;
        }
        while size - done >= 8 {
            *p = read_bits(from, from_offset + done, 8) as u8;
            p = p.add(1);
            done += 8;
        }
        let rest = size - done;
        write_bits(to, to_offset + done, rest, read_bits(from, from_offset + done, rest));
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
