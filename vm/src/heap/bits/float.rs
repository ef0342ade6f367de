//! Floats of 16, 32 and 64 bits.

use super::copy::{read_bits, write_bits};
use super::integer::{swap, unswap};
use super::is_little;
use crate::term::{Term, View};

/// Whether a float segment may have this many bits.
pub(super) fn is_float_size(size: usize) -> bool {
    matches!(size, 16 | 32 | 64)
}

/// The float in `size` bits; none for infinities and NaN.
///
/// # Safety
/// The bits exist, as many as `is_float_size` allows.
pub(super) unsafe fn read(bytes: *const u8, at: usize, size: usize, flags: u64) -> Option<f64> {
    // SAFETY: as for this function.
    let raw = unsafe { read_bits(bytes, at, size) };
    let raw = if is_little(flags) { swap(raw, size) } else { raw };
    let value = match size {
        16 => half_to_f64(raw as u16),
        32 => f64::from(f32::from_bits(raw as u32)),
        _ => f64::from_bits(raw),
    };
    value.is_finite().then_some(value)
}

/// Writes a float. One too large for the size becomes an infinity, as in OTP.
///
/// # Safety
/// The bits exist, as many as `is_float_size` allows, and are the caller's to write.
pub(super) unsafe fn write(data: *mut u8, at: usize, size: usize, value: f64, flags: u64) {
    let raw = match size {
        16 => u64::from(f64_to_half(value)),
        32 => u64::from((value as f32).to_bits()),
        _ => value.to_bits(),
    };
    let raw = if is_little(flags) { unswap(raw, size) } else { raw };
    // SAFETY: as for this function.
    unsafe { write_bits(data, at, size, raw) };
}

/// A float or an integer as a float; `None`: the term is neither, `Some(None)`: too large.
pub(super) fn as_float(value: Term) -> Option<Option<f64>> {
    match value.view() {
        View::Float(f) => Some(Some(f)),
        View::Small(n) => Some(Some(n as f64)),
        View::Big(big) => {
            let magnitude = limbs_to_f64(big.limbs());
            let f = if big.is_negative() { -magnitude } else { magnitude };
            Some(f.is_finite().then_some(f))
        }
        _ => None,
    }
}

/// The nearest float, ties to even; infinite if too large.
fn limbs_to_f64(limbs: &[u64]) -> f64 {
    let [rest @ .., second, top] = limbs else { return limbs.first().map_or(0.0, |&l| l as f64) };
    let shift = top.leading_zeros();
    let both = (u128::from(*top) << 64 | u128::from(*second)) << shift;
    // The lowest bit stands for everything cut off, so that rounding sees it.
    let cut = rest.iter().any(|&l| l != 0) || both as u64 != 0;
    let mantissa = (both >> 64) as u64 | u64::from(cut);
    let exponent = (limbs.len() - 1) * 64 - shift as usize;
    if exponent > 1023 { f64::INFINITY } else { mantissa as f64 * power_of_two(exponent as i32) }
}

/// Two to the power of an exponent from -1022 to 1023, exactly: of `powi` Rust does not promise that.
pub(super) fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

/// IEEE 754 binary16.
fn half_to_f64(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let exponent = i32::from(bits >> 10 & 31);
    let fraction = f64::from(bits & 1023);
    match exponent {
        0 => sign * fraction * power_of_two(-24),
        31 => f64::INFINITY,
        _ => sign * (1.0 + fraction / 1024.0) * power_of_two(exponent - 15),
    }
}

/// IEEE 754 binary16, rounded once, to nearest, ties to even; too large: infinity.
fn f64_to_half(value: f64) -> u16 {
    let sign = if value.is_sign_negative() { 0x8000 } else { 0 };
    let v = value.abs();
    if v >= 65520.0 {
        return sign | 0x7c00;
    }
    // The distance between neighbours at this magnitude: numbers below 2^-14 have a fixed one.
    let exponent = ((v.to_bits() >> 52) as i32 - 1023).max(-14);
    let steps = (v * power_of_two(10 - exponent)).round_ties_even() as u16;
    // 1024 to 2048 steps, or fewer for a subnormal number: carries run into the exponent.
    sign | (steps + (((exponent + 14) as u16) << 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves() {
        for bits in 0..0x7c00 {
            assert_eq!(f64_to_half(half_to_f64(bits)), bits);
            assert_eq!(f64_to_half(half_to_f64(bits | 0x8000)), bits | 0x8000);
        }
        assert_eq!(f64_to_half(65519.0), 0x7bff);
        assert_eq!(f64_to_half(65520.0), 0x7c00);
        // Between two neighbours: to the even one, unless anything at all lies above the middle.
        assert_eq!(f64_to_half(1.0 + power_of_two(-11)), 0x3c00);
        assert_eq!(f64_to_half(1.0 + power_of_two(-11) + power_of_two(-40)), 0x3c01);
        assert_eq!(f64_to_half(1.0 + 3.0 * power_of_two(-11)), 0x3c02);
        assert_eq!(f64_to_half(power_of_two(-25)), 0);
        assert_eq!(f64_to_half(3.0 * power_of_two(-26)), 1);
    }

    #[test]
    fn large_integers() {
        assert_eq!(limbs_to_f64(&[0, 1]), power_of_two(64));
        assert_eq!(limbs_to_f64(&[1 << 11, 1]), power_of_two(64));
        assert_eq!(limbs_to_f64(&[(1 << 11) + 1, 1]), power_of_two(64) + 4096.0);
        assert_eq!(limbs_to_f64(&[1, 1 << 11, 1]), power_of_two(128) + power_of_two(76));
        let mut limbs = [0; 16];
        limbs[15] = !0 << 10;
        assert!(limbs_to_f64(&limbs).is_infinite());
        limbs[15] = !0 << 11;
        assert_eq!(limbs_to_f64(&limbs), f64::MAX);
    }
}
