//! Integers as text, base 2 to 36.

use dashu_int::UBig;

use super::limbs::Int;
use super::{ArithError, integer};
use crate::heap::{Alloc, Build};
use crate::term::Term;

/// The digits of an integer, upper case; `None` if `term` is none.
pub fn to_text(term: Term, base: u32) -> Option<String> {
    if let Some(n) = term.as_small() {
        return Some(small_to_text(n, base));
    }
    let x = Int::of(term)?;
    let digits = UBig::from_words(x.limbs());
    let mut text = if base == 10 { digits.to_string() } else { digits.in_radix(base).to_string() };
    if base > 10 {
        text.make_ascii_uppercase();
    }
    if x.negative {
        text.insert(0, '-');
    }
    Some(text)
}

fn small_to_text(n: i64, base: u32) -> String {
    if base == 10 {
        return n.to_string();
    }
    let mut digits = Vec::new();
    let mut rest = n.unsigned_abs();
    loop {
        let digit = char::from_digit((rest % u64::from(base)) as u32, base).unwrap_or('0');
        digits.push(digit.to_ascii_uppercase());
        rest /= u64::from(base);
        if rest == 0 {
            break;
        }
    }
    if n < 0 {
        digits.push('-');
    }
    digits.iter().rev().collect()
}

/// What reading an integer gave.
pub type Parsed = Result<Term, ArithError>;

/// Reads all of `text`: a sign or none, then one digit or more. `Badarith` says it is no integer,
/// `SystemLimit` that it is too long.
pub fn parse_integer(text: &[u8], base: u32, heap: &mut (impl Alloc + ?Sized)) -> Parsed {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.iter().all(|&d| char::from(d).is_digit(base)) {
        return Err(ArithError::Badarith);
    }
    if digits.len() <= 12 {
        let value = digits
            .iter()
            .fold(0i64, |n, &d| n * i64::from(base) + i64::from(char::from(d).to_digit(base).unwrap_or(0)));
        return Ok(heap.i64(if negative { -value } else { value }));
    }
    if digits.len() as f64 * f64::from(base).log2() > (super::MAX_LIMBS as f64 + 1.0) * 64.0 {
        let used = digits.len() - digits.iter().take_while(|&&d| d == b'0').count();
        if used as f64 * f64::from(base).log2() > (super::MAX_LIMBS as f64 + 1.0) * 64.0 {
            return Err(ArithError::SystemLimit);
        }
    }
    let text = std::str::from_utf8(digits).map_err(|_| ArithError::Badarith)?;
    let value = UBig::from_str_radix(text, base).map_err(|_| ArithError::Badarith)?;
    integer(negative, value.as_words(), heap)
}
