//! Floats to integers.

use super::{ArithError, Number};
use crate::heap::{Alloc, Build};
use crate::term::Term;
use crate::term::number::{decompose, shifted_limbs};

/// The integer that a float without a fraction is.
pub fn from_f64(value: f64, heap: &mut (impl Alloc + ?Sized)) -> Term {
    if value.abs() < 9.0e18 {
        return heap.i64(value as i64);
    }
    let (whole, shift) = decompose(value.abs());
    heap.big(value < 0.0, &shifted_limbs(whole, shift.max(0) as usize))
}

fn rounded(a: Term, heap: &mut (impl Alloc + ?Sized), round: impl Fn(f64) -> f64) -> Number {
    if a.is_integer() {
        return Ok(a);
    }
    match a.as_float() {
        Some(f) => Ok(from_f64(round(f), heap)),
        None => Err(ArithError::Badarith),
    }
}

/// Towards zero.
pub fn trunc(a: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    rounded(a, heap, f64::trunc)
}

/// To the nearest, halves away from zero.
pub fn round(a: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    rounded(a, heap, f64::round)
}

/// Downwards.
pub fn floor(a: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    rounded(a, heap, f64::floor)
}

/// Upwards.
pub fn ceil(a: Term, heap: &mut (impl Alloc + ?Sized)) -> Number {
    rounded(a, heap, f64::ceil)
}
