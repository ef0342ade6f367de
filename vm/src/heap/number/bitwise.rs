//! Bitwise operations: integers as two's complement of any length.

use super::limbs::{Int, Limbs};
use super::{ArithError, MAX_LIMBS, Number, integer};
use crate::heap::{Alloc, Build};
use crate::term::Term;

/// Limb `i` of an integer in two's complement; `borrow` goes on from limb to limb, `true` first
/// for negative numbers.
fn complement(limbs: &[u64], negative: bool, i: usize, carry: &mut bool) -> u64 {
    let limb = limbs.get(i).copied().unwrap_or(0);
    if !negative {
        return limb;
    }
    let (value, over) = (!limb).overflowing_add(u64::from(*carry));
    *carry = over;
    value
}

fn bitwise(a: Term, b: Term, heap: &mut (impl Alloc + ?Sized), op: impl Fn(u64, u64) -> u64) -> Number {
    let (Some(x), Some(y)) = (Int::of(a), Int::of(b)) else { return Err(ArithError::Badarith) };
    let n = x.limbs().len().max(y.limbs().len()) + 1;
    let (mut carry_x, mut carry_y) = (true, true);
    let mut out: Limbs = (0..n)
        .map(|i| {
            let p = complement(x.limbs(), x.negative, i, &mut carry_x);
            let q = complement(y.limbs(), y.negative, i, &mut carry_y);
            op(p, q)
        })
        .collect();
    let negative = out[n - 1] >> 63 == 1;
    if negative {
        negate(&mut out);
    }
    integer(negative, &out, heap)
}

/// Two's complement, of the same length.
fn negate(limbs: &mut [u64]) {
    let mut carry = true;
    for limb in limbs {
        (*limb, carry) = (!*limb).overflowing_add(carry.into());
    }
}

/// `A band B`
pub fn band(a: Term, b: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    bitwise(a, b, heap, |x, y| x & y)
}

/// `A bor B`
pub fn bor(a: Term, b: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    bitwise(a, b, heap, |x, y| x | y)
}

/// `A bxor B`
pub fn bxor(a: Term, b: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    bitwise(a, b, heap, |x, y| x ^ y)
}

/// `bnot A`
pub fn bnot(a: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    if let Some(n) = a.as_small() {
        return Ok(Term::small(!n));
    }
    let x = Int::of(a).ok_or(ArithError::Badarith)?;
    // -(A + 1)
    let mut out = Limbs::new();
    if x.negative {
        super::limbs::subtract(x.limbs(), &[1], &mut out);
    } else {
        super::limbs::add(x.limbs(), &[1], &mut out);
    }
    integer(!x.negative, &out, heap)
}

/// `A bsl B`
pub fn bsl(a: Term, b: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    shift(a, b, false, heap)
}

/// `A bsr B`
pub fn bsr(a: Term, b: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    shift(a, b, true, heap)
}

fn shift(a: Term, b: Term, right: bool, heap: &mut (impl Alloc + ?Sized)) -> Number {
    let (Some(x), Some(y)) = (Int::of(a), Int::of(b)) else { return Err(ArithError::Badarith) };
    if x.limbs().is_empty() || y.limbs().is_empty() {
        return Ok(a);
    }
    // No integer is so long that a longer shift did anything else.
    let count = match *y.limbs() {
        [count] => usize::try_from(count).unwrap_or(usize::MAX),
        _ => usize::MAX,
    };
    if right != y.negative {
        return shift_right(&x, count, heap);
    }
    if count / 64 > MAX_LIMBS {
        return Err(ArithError::SystemLimit);
    }
    let (words, bits) = (count / 64, count % 64);
    if let (Some(n), 0) = (a.as_small(), words) {
        return Ok(heap.i128(i128::from(n) << bits));
    }
    let mut out = Limbs::new();
    out.resize(words, 0);
    let mut low = 0u64;
    for &limb in x.limbs() {
        let wide = u128::from(limb) << bits;
        out.push(wide as u64 | low);
        low = (wide >> 64) as u64;
    }
    out.push(low);
    integer(x.negative, &out, heap)
}

/// Rounds down: a negative number shifted away is -1.
fn shift_right(x: &Int, count: usize, heap: &mut (impl Alloc + ?Sized)) -> Number {
    let (words, bits) = (count / 64, count % 64);
    let limbs = x.limbs();
    let kept = limbs.get(words..).unwrap_or(&[]);
    let mut out: Limbs = (0..kept.len())
        .map(|i| {
            let high = kept.get(i + 1).copied().unwrap_or(0);
            ((u128::from(high) << 64 | u128::from(kept[i])) >> bits) as u64
        })
        .collect();
    let lost = limbs[..words.min(limbs.len())].iter().any(|&l| l != 0)
        || kept.first().is_some_and(|&l| l & ((1u64 << bits) - 1) != 0);
    if x.negative && lost {
        let mut rounded = Limbs::new();
        super::limbs::add(&out, &[1], &mut rounded);
        out = rounded;
    }
    integer(x.negative, &out, heap)
}
