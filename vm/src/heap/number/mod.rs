//! Arithmetic: small integers, bignums and floats mixed, results built on a heap.
//!
//! Linear work on limbs is ours (`limbs`); multiplication and division of long numbers and changes
//! of radix are dashu's, measured against num-bigint at 2 to 10,000 limbs: 0.7 to 1.0 of its time
//! to multiply and divide, 0.4 to 0.7 to read decimals, and it takes our limbs as they are.

mod bitwise;
mod limbs;
mod round;
mod text;

pub use bitwise::{band, bnot, bor, bsl, bsr, bxor};
pub use limbs::Int;
pub use round::{ceil, floor, from_f64, round, trunc};
pub use text::{Parsed, parse_integer, to_text};

use dashu_int::UBig;

use super::{Alloc, Build};
use crate::term::{Term, View};
pub use crate::term::number::{big_to_f64, to_f64};
use limbs::Limbs;

/// Why arithmetic fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArithError {
    /// An operand of the wrong type, a division by zero, a float out of range.
    Badarith,
    /// An integer of more than `MAX_LIMBS`.
    SystemLimit,
}

use ArithError::{Badarith, SystemLimit};

/// A number, or why there is none.
pub type Number = Result<Term, ArithError>;

/// The most limbs of an integer.
pub const MAX_LIMBS: usize = (1 << 19) - 1;

/// A float if it is one.
fn finite(value: f64, heap: &mut (impl Alloc + ?Sized)) -> Number {
    if value.is_finite() { Ok(heap.float(value)) } else { Err(Badarith) }
}

/// An integer from sign and limbs, unless it is too long.
fn integer(negative: bool, limbs: &[u64], heap: &mut (impl Alloc + ?Sized)) -> Number {
    let used = limbs.len() - limbs.iter().rev().take_while(|&&l| l == 0).count();
    if used > MAX_LIMBS { Err(SystemLimit) } else { Ok(heap.big(negative, &limbs[..used])) }
}

/// Both as floats, if one of them is a float and both are numbers in range.
fn floats(a: Term, b: Term) -> Result<(f64, f64), ArithError> {
    if a.as_float().is_none() && b.as_float().is_none() {
        return Err(Badarith);
    }
    Ok((to_f64(a).ok_or(Badarith)?, to_f64(b).ok_or(Badarith)?))
}

/// `A + B`
pub fn add(a: Term, b: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    if let (Some(x), Some(y)) = (a.as_small(), b.as_small()) {
        return Ok(heap.i64(x + y));
    }
    match (Int::of(a), Int::of(b)) {
        (Some(x), Some(y)) => sum(&x, y.negative, y.limbs(), heap),
        _ => floats(a, b).and_then(|(x, y)| finite(x + y, heap)),
    }
}

/// `A - B`
pub fn sub(a: Term, b: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    if let (Some(x), Some(y)) = (a.as_small(), b.as_small()) {
        return Ok(heap.i64(x - y));
    }
    match (Int::of(a), Int::of(b)) {
        (Some(x), Some(y)) => sum(&x, !y.negative, y.limbs(), heap),
        _ => floats(a, b).and_then(|(x, y)| finite(x - y, heap)),
    }
}

fn sum(x: &Int, negative: bool, other: &[u64], heap: &mut (impl Alloc + ?Sized)) -> Number {
    let mut out = Limbs::new();
    if x.negative == negative {
        limbs::add(x.limbs(), other, &mut out);
        return integer(negative, &out, heap);
    }
    let flipped = limbs::subtract(x.limbs(), other, &mut out);
    integer(x.negative != flipped, &out, heap)
}

/// `A * B`
pub fn mul(a: Term, b: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    if let (Some(x), Some(y)) = (a.as_small(), b.as_small()) {
        return Ok(heap.i128(i128::from(x) * i128::from(y)));
    }
    let (Some(x), Some(y)) = (Int::of(a), Int::of(b)) else {
        return floats(a, b).and_then(|(x, y)| finite(x * y, heap));
    };
    let negative = x.negative != y.negative;
    let (m, n) = (x.limbs(), y.limbs());
    if m.len() + n.len() > MAX_LIMBS + 1 && !m.is_empty() && !n.is_empty() {
        return Err(SystemLimit);
    }
    if m.len().min(n.len()) <= SCHOOLBOOK {
        let mut out = Limbs::new();
        limbs::multiply(m, n, &mut out);
        return integer(negative, &out, heap);
    }
    let product = if a == b { UBig::from_words(m).sqr() } else { UBig::from_words(m) * UBig::from_words(n) };
    integer(negative, product.as_words(), heap)
}

/// Up to so many limbs of the shorter factor, plain multiplication is fastest.
const SCHOOLBOOK: usize = 8;

/// `A div B`
pub fn div(a: Term, b: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    if let (Some(x), Some(y)) = (a.as_small(), b.as_small()) {
        return if y == 0 { Err(Badarith) } else { Ok(heap.i64(x / y)) };
    }
    let (x, y) = divisible(a, b)?;
    let negative = x.negative != y.negative;
    match *y.limbs() {
        [divisor] => {
            let mut out = Limbs::new();
            limbs::divide_by_one(x.limbs(), divisor, &mut out);
            integer(negative, &out, heap)
        }
        _ if y.limbs().len() > x.limbs().len() => Ok(Term::ZERO),
        _ => integer(negative, (UBig::from_words(x.limbs()) / UBig::from_words(y.limbs())).as_words(), heap),
    }
}

/// `A rem B`, with the sign of `A`.
pub fn rem(a: Term, b: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    if let (Some(x), Some(y)) = (a.as_small(), b.as_small()) {
        return if y == 0 { Err(Badarith) } else { Ok(Term::small(x % y)) };
    }
    let (x, y) = divisible(a, b)?;
    match *y.limbs() {
        [divisor] => {
            let rest = limbs::divide_by_one(x.limbs(), divisor, &mut Limbs::new());
            integer(x.negative, &[rest], heap)
        }
        _ if y.limbs().len() > x.limbs().len() => Ok(a),
        _ => integer(x.negative, (UBig::from_words(x.limbs()) % UBig::from_words(y.limbs())).as_words(), heap),
    }
}

/// Two integers, the second not zero.
fn divisible(a: Term, b: Term) -> Result<(Int, Int), ArithError> {
    match (Int::of(a), Int::of(b)) {
        (Some(x), Some(y)) if !y.limbs().is_empty() => Ok((x, y)),
        _ => Err(Badarith),
    }
}

/// `A / B`, a float.
pub fn divide(a: Term, b: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    let (x, y) = (to_f64(a).ok_or(Badarith)?, to_f64(b).ok_or(Badarith)?);
    if y == 0.0 { Err(Badarith) } else { finite(x / y, heap) }
}

/// `-A`
pub fn neg(a: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    match a.view() {
        View::Small(n) => Ok(heap.i64(-n)),
        View::Big(big) => Ok(heap.big(!big.is_negative(), big.limbs())),
        View::Float(f) => Ok(heap.float(-f)),
        _ => Err(Badarith),
    }
}

/// `+A`
pub fn plus(a: Term) -> Number {
    if a.is_number() { Ok(a) } else { Err(Badarith) }
}

/// `abs(A)`
pub fn abs(a: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    match a.view() {
        View::Small(n) if n < 0 => Ok(heap.i64(-n)),
        View::Big(big) if big.is_negative() => Ok(heap.big(false, big.limbs())),
        // -0.0 is not below zero, and stays.
        View::Float(f) if f < 0.0 => Ok(heap.float(-f)),
        View::Small(_) | View::Big(_) | View::Float(_) => Ok(a),
        _ => Err(Badarith),
    }
}

#[cfg(test)]
mod tests;
