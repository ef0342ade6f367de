//! Numbers, the read side: integers and floats compared and converted exactly.

use std::cmp::Ordering;

use super::{Term, View};

/// An integer against a float, by value.
pub fn compare_small_float(integer: i64, float: f64) -> Ordering {
    /// 2^63, which no `i64` reaches.
    const BOUND: f64 = 9_223_372_036_854_775_808.0;
    if float >= BOUND {
        return Ordering::Less;
    }
    if float < -BOUND {
        return Ordering::Greater;
    }
    let whole = float.trunc();
    integer.cmp(&(whole as i64)).then_with(|| 0.0.partial_cmp(&(float - whole)).unwrap_or(Ordering::Equal))
}

/// An integer, outside the range of small ones, against a float, by value.
pub fn compare_big_float(negative: bool, limbs: &[u64], float: f64) -> Ordering {
    if (float < 0.0) != negative || float == 0.0 {
        return if negative { Ordering::Less } else { Ordering::Greater };
    }
    let magnitude = if float.is_infinite() {
        Ordering::Less
    } else {
        let (whole, shift) = decompose(float.abs());
        let bits = 64 * limbs.len() as i64 - i64::from(limbs.last().map_or(0, |l| l.leading_zeros()));
        let float_bits = 64 - i64::from(whole.leading_zeros()) + i64::from(shift);
        bits.cmp(&float_bits).then_with(|| compare_shifted(limbs, whole, shift))
    };
    if negative { magnitude.reverse() } else { magnitude }
}

/// A positive float as an integer times a power of two.
pub fn decompose(float: f64) -> (u64, i32) {
    let bits = float.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) }
}

/// Limbs against `whole * 2^shift`, both of the same number of bits.
fn compare_shifted(limbs: &[u64], whole: u64, shift: i32) -> Ordering {
    let other = if shift <= 0 {
        // The float has the same number of bits, so no more than 53.
        if limbs[..] != [limbs[0]] {
            return Ordering::Greater;
        }
        let dropped = (-shift) as u32;
        let kept = whole.checked_shr(dropped).unwrap_or(0);
        let rest = whole != kept.checked_shl(dropped).unwrap_or(0);
        return limbs[0].cmp(&kept).then(if rest { Ordering::Less } else { Ordering::Equal });
    } else {
        shifted_limbs(whole, shift as usize)
    };
    compare_limbs(limbs, &other)
}

/// The limbs of `whole * 2^shift`.
pub fn shifted_limbs(whole: u64, shift: usize) -> Vec<u64> {
    let mut limbs = vec![0; shift / 64];
    let wide = u128::from(whole) << (shift % 64);
    limbs.push(wide as u64);
    if wide >> 64 != 0 {
        limbs.push((wide >> 64) as u64);
    }
    limbs
}

/// Magnitudes; neither has zeros on top.
pub fn compare_limbs(a: &[u64], b: &[u64]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

/// An integer of these limbs as a float, rounded limb by limb as OTP does; infinite if it is out of
/// range.
pub fn limbs_to_f64(negative: bool, limbs: &[u64]) -> f64 {
    /// 2^64
    const BASE: f64 = 18_446_744_073_709_551_616.0;
    let magnitude = if limbs.len() > 17 {
        f64::INFINITY
    } else {
        limbs.iter().rev().fold(0.0, |sum, &limb| sum * BASE + limb as f64)
    };
    if negative { -magnitude } else { magnitude }
}

/// A big integer as a float; `None` if `term` is none. It may be infinite.
pub fn big_to_f64(term: Term) -> Option<f64> {
    let big = term.as_big()?;
    Some(limbs_to_f64(big.is_negative(), big.limbs()))
}

/// A number as a float; `None` if it is no number or out of range.
pub fn to_f64(term: Term) -> Option<f64> {
    match term.view() {
        View::Small(n) => Some(n as f64),
        View::Float(f) => Some(f),
        View::Big(_) => big_to_f64(term).filter(|f| f.is_finite()),
        _ => None,
    }
}
