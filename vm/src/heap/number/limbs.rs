//! Magnitudes as slices of limbs, least significant first.

use crate::term::number::compare_limbs;
use crate::term::{BigRef, Term};

/// Limbs under construction.
pub(super) type Limbs = smallvec::SmallVec<[u64; 16]>;

/// An integer's sign and magnitude, whichever way it is stored.
pub struct Int {
    pub negative: bool,
    small: [u64; 1],
    big: Option<BigRef>,
}

impl Int {
    /// The integer that a term is, if it is one.
    pub fn of(term: Term) -> Option<Int> {
        if let Some(n) = term.as_small() {
            return Some(Int { negative: n < 0, small: [n.unsigned_abs()], big: None });
        }
        let big = term.as_big()?;
        Some(Int { negative: big.is_negative(), small: [0], big: Some(big) })
    }

    /// The magnitude, without zeros on top; zero has no limbs.
    pub fn limbs(&self) -> &[u64] {
        match &self.big {
            Some(big) => big.limbs(),
            None if self.small[0] == 0 => &[],
            None => &self.small,
        }
    }
}

/// `a + b`
pub(super) fn add(a: &[u64], b: &[u64], out: &mut Limbs) {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    out.reserve(long.len() + 1);
    let mut carry = false;
    for (i, &x) in long.iter().enumerate() {
        let y = short.get(i).copied().unwrap_or(0);
        let (sum, c1) = x.overflowing_add(y);
        let (sum, c2) = sum.overflowing_add(carry.into());
        carry = c1 | c2;
        out.push(sum);
    }
    if carry {
        out.push(1);
    }
}

/// `|a - b|`; says whether `a < b`.
pub(super) fn subtract(a: &[u64], b: &[u64], out: &mut Limbs) -> bool {
    let flipped = compare_limbs(a, b).is_lt();
    let (large, little) = if flipped { (b, a) } else { (a, b) };
    out.reserve(large.len());
    let mut borrow = false;
    for (i, &x) in large.iter().enumerate() {
        let y = little.get(i).copied().unwrap_or(0);
        let (difference, b1) = x.overflowing_sub(y);
        let (difference, b2) = difference.overflowing_sub(borrow.into());
        borrow = b1 | b2;
        out.push(difference);
    }
    flipped
}

/// `a * b`, for short numbers.
pub(super) fn multiply(a: &[u64], b: &[u64], out: &mut Limbs) {
    out.resize(a.len() + b.len(), 0);
    for (i, &x) in a.iter().enumerate() {
        let mut carry = 0u64;
        for (j, &y) in b.iter().enumerate() {
            let t = u128::from(x) * u128::from(y) + u128::from(out[i + j]) + u128::from(carry);
            out[i + j] = t as u64;
            carry = (t >> 64) as u64;
        }
        out[i + b.len()] = carry;
    }
}

/// `a / divisor`; gives the remainder.
pub(super) fn divide_by_one(a: &[u64], divisor: u64, out: &mut Limbs) -> u64 {
    out.resize(a.len(), 0);
    let mut rest = 0u64;
    for (i, &x) in a.iter().enumerate().rev() {
        let t = u128::from(rest) << 64 | u128::from(x);
        out[i] = (t / u128::from(divisor)) as u64;
        rest = (t % u128::from(divisor)) as u64;
    }
    rest
}
