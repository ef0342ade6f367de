//! Arithmetic beyond small integers: to 128 bits only, until bignums are in place.
use crate::Term; use crate::heap::{Alloc, Build};
pub enum ArithError { Badarith, SystemLimit }
fn i(t: Term) -> Option<i128> { if let Some(b) = t.as_big() { let l = b.limbs(); if l.len() == 1 { let v = l[0] as i128; return Some(if b.is_negative() { -v } else { v }); } return None; } t.as_small().map(|n| n as i128) }
fn f(t: Term) -> Option<f64> { t.as_float().or_else(|| i(t).map(|n| n as f64)) }
macro_rules! two { ($($n:ident $c:ident $fl:expr;)*) => { $(pub fn $n(a: Term, b: Term, h: &mut impl Alloc) -> Result<Term, ArithError> {
  if let (Some(x), Some(y)) = (i(a), i(b)) { if let Some(r) = x.$c(y) { return Ok(h.i128(r)); } return Err(ArithError::SystemLimit); }
  match (f(a), f(b)) { (Some(x), Some(y)) => { let r: f64 = $fl(x, y); if r.is_finite() { Ok(h.float(r)) } else { Err(ArithError::Badarith) } } _ => Err(ArithError::Badarith) } })* } }
two!(add checked_add |x,y| x+y; sub checked_sub |x,y| x-y; mul checked_mul |x,y| x*y;);
macro_rules! ints { ($($n:ident |$x:ident, $y:ident| $e:expr;)*) => { $(pub fn $n(a: Term, b: Term, h: &mut impl Alloc) -> Result<Term, ArithError> { match (i(a), i(b)) { (Some($x), Some($y)) => { let r: Option<i128> = $e; r.map(|r| h.i128(r)).ok_or(ArithError::Badarith) } _ => Err(ArithError::Badarith) } })* } }
ints!(div |x,y| x.checked_div(y); rem |x,y| x.checked_rem(y); band |x,y| Some(x&y); bor |x,y| Some(x|y); bxor |x,y| Some(x^y); bsl |x,y| if y < 0 { Some(x >> (-y).min(127)) } else if y > 126 { None } else { Some(x << y) }; bsr |x,y| if y < 0 { Some(x << (-y).min(126)) } else { Some(x >> y.min(127)) };);
pub fn bnot(a: Term, h: &mut impl Alloc) -> Result<Term, ArithError> { i(a).map(|n| h.i128(!n)).ok_or(ArithError::Badarith) }
pub fn neg(a: Term, h: &mut impl Alloc) -> Result<Term, ArithError> { sub(Term::ZERO, a, h) }
pub fn big_to_f64(a: Term) -> Option<f64> { f(a) }
