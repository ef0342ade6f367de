//! Integer arithmetic: small integers at once, everything else through `heap::number`.
//!
//! Operands: `a`, `b` values, `c` destination; word 1: label on failure (0: raise), word 2: live
//! registers and, above bit 16, the arity of the BIF for the stack trace.

use crate::exec::machine::{Flow, Ins, Machine, outlined, seldom};
use crate::exec::native::{Arith, arith_failed, arith_slow};
use crate::term::Term;

#[inline(always)]
fn words(a: u16, b: u16) -> usize {
    3 + (a >> 15) as usize + (b >> 15) as usize
}

#[inline(always)]
fn finish(m: &mut Machine, i: Ins, value: Term) -> Flow {
    m.set(i.c(), value);
    m.next(words(i.a(), i.b()))
}

/// The general case; may collect behind it.
#[inline(always)]
fn slow(m: &mut Machine, op: Arith, i: Ins) -> Flow {
    let (a, b) = (m.src(i.a()), m.src(i.b()));
    m.save();
    let result = arith_slow(m.own(), op, a, b);
    m.load();
    let Some(value) = result else { return failed(m, op, a, b) };
    let live = m.word(2) as u16;
    match super::guard::keep(m, value, live) {
        Some(value) => finish(m, i, value),
        None => super::raise::killed(m),
    }
}

#[inline(always)]
fn failed(m: &mut Machine, op: Arith, a: Term, b: Term) -> Flow {
    if m.word(1) != 0 {
        return m.jump(1);
    }
    m.save();
    arith_failed(m.own(), op, a, b);
    m.load();
    Flow::Raise
}

#[inline(always)]
fn both_small(a: Term, b: Term) -> bool {
    (a.bits() | b.bits()) & 3 == 0
}

#[inline(always)]
pub(crate) fn add<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (a, b) = (m.src(i.a()), m.src(i.b()));
    if both_small(a, b)
        && let Some(sum) = (a.bits() as i64).checked_add(b.bits() as i64)
    {
        return finish(m, i, Term::raw(sum as u64));
    }
    seldom!(FAST, slow(m, Arith::Add, i))
}

#[inline(always)]
pub(crate) fn sub<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (a, b) = (m.src(i.a()), m.src(i.b()));
    if both_small(a, b)
        && let Some(difference) = (a.bits() as i64).checked_sub(b.bits() as i64)
    {
        return finish(m, i, Term::raw(difference as u64));
    }
    seldom!(FAST, slow(m, Arith::Sub, i))
}

/// `a` value, `b` destination, `c` 1 if it stands for a subtraction; word 1: label, word 2: live,
/// word 3: what is added, word 4: the operand as it stood in the source.
#[inline(always)]
pub(crate) fn add_imm<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let a = m.src(i.a());
    if a.is_small()
        && let Some(sum) = (a.bits() as i64).checked_add(m.word(3) as i64)
    {
        m.set(i.b(), Term::raw(sum as u64));
        return m.next(5);
    }
    seldom!(FAST, add_imm_slow(m, i))
}

#[inline(always)]
fn add_imm_slow(m: &mut Machine, i: Ins) -> Flow {
    let (a, b) = (m.src(i.a()), Term::raw(m.word(4)));
    let op = if i.c() == 1 { Arith::Sub } else { Arith::Add };
    m.save();
    let result = arith_slow(m.own(), op, a, b);
    m.load();
    match result {
        Some(value) => {
            m.set(i.b(), value);
            m.next(5)
        }
        None if m.word(1) != 0 => m.jump(1),
        // The reason is enough: such a sum is told by its line alone.
        None => Flow::Raise,
    }
}

/// Forms for operands of these kinds, into an x register; a constant is what `add_imm` adds.
macro_rules! forms {
    ($($name:ident = $general:ident $checked:ident, $words:literal, $dst:ident, |$m:ident, $i:ident| $a:expr, $b:expr;)*) => {$(
        #[inline(always)]
        pub(crate) fn $name<const FAST: bool>($m: &mut Machine, $i: Ins) -> Flow {
            let (a, b) = ($a, $b);
            if both_small(a, b)
                && let Some(result) = (a.bits() as i64).$checked(b.bits() as i64)
            {
                $m.set_x($i.$dst(), Term::raw(result as u64));
                return $m.next($words);
            }
            seldom!(FAST, $general::<false>($m, $i))
        }
    )*};
}
forms! {
    add_imm_xx = add_imm checked_add, 5, b, |m, i| m.x(i.a()), Term::raw(m.word(3));
    add_imm_yx = add_imm checked_add, 5, b, |m, i| m.y(i.a()), Term::raw(m.word(3));
    add_xxx = add checked_add, 3, c, |m, i| m.x(i.a()), m.x(i.b());
    add_yxx = add checked_add, 3, c, |m, i| m.y(i.a()), m.x(i.b());
    sub_xxx = sub checked_sub, 3, c, |m, i| m.x(i.a()), m.x(i.b());
}

#[inline(always)]
pub(crate) fn mul<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (a, b) = (m.src(i.a()), m.src(i.b()));
    if both_small(a, b)
        && let Some(product) = (a.bits() as i64).checked_mul(b.small_value())
    {
        return finish(m, i, Term::raw(product as u64));
    }
    seldom!(FAST, slow(m, Arith::Mul, i))
}

#[inline(always)]
pub(crate) fn div<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (a, b) = (m.src(i.a()), m.src(i.b()));
    if both_small(a, b)
        && b.bits() != 0
        && let Some(quotient) = Term::try_small(a.small_value().wrapping_div(b.small_value()))
    {
        return finish(m, i, quotient);
    }
    seldom!(FAST, slow(m, Arith::Div, i))
}

#[inline(always)]
pub(crate) fn rem<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (a, b) = (m.src(i.a()), m.src(i.b()));
    if both_small(a, b) && b.bits() != 0 {
        return finish(m, i, Term::small(a.small_value().wrapping_rem(b.small_value())));
    }
    seldom!(FAST, slow(m, Arith::Rem, i))
}

#[inline(always)]
pub(crate) fn band<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (a, b) = (m.src(i.a()), m.src(i.b()));
    if both_small(a, b) {
        return finish(m, i, Term::raw(a.bits() & b.bits()));
    }
    seldom!(FAST, slow(m, Arith::Band, i))
}

#[inline(always)]
pub(crate) fn bor<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (a, b) = (m.src(i.a()), m.src(i.b()));
    if both_small(a, b) {
        return finish(m, i, Term::raw(a.bits() | b.bits()));
    }
    seldom!(FAST, slow(m, Arith::Bor, i))
}

#[inline(always)]
pub(crate) fn bxor<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (a, b) = (m.src(i.a()), m.src(i.b()));
    if both_small(a, b) {
        return finish(m, i, Term::raw(a.bits() ^ b.bits()));
    }
    seldom!(FAST, slow(m, Arith::Bxor, i))
}

#[inline(always)]
pub(crate) fn bsl<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (a, b) = (m.src(i.a()), m.src(i.b()));
    if both_small(a, b) {
        let (v, s) = (a.small_value(), b.small_value());
        if (0..62).contains(&s) && (v << s) >> s == v
            && let Some(shifted) = Term::try_small(v << s)
        {
            return finish(m, i, shifted);
        }
    }
    seldom!(FAST, slow(m, Arith::Bsl, i))
}

#[inline(always)]
pub(crate) fn bsr<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (a, b) = (m.src(i.a()), m.src(i.b()));
    if both_small(a, b) && b.small_value() >= 0 {
        return finish(m, i, Term::small(a.small_value() >> b.small_value().min(63)));
    }
    seldom!(FAST, slow(m, Arith::Bsr, i))
}

outlined! {
    /// `a` value, `b` destination; word 1: label, word 2: live.
    fn unary(m: &mut Machine, i: Ins, op: Arith) -> Flow {
        let a = m.src(i.a());
        m.save();
        let result = arith_slow(m.own(), op, a, Term::NONE);
        m.load();
        match result {
            Some(value) => {
                m.set(i.b(), value);
                m.next(3 + (i.a() >> 15) as usize)
            }
            None => failed(m, op, a, Term::NONE),
        }
    }
}

outlined! {
    pub(crate) fn bnot(m: &mut Machine, i: Ins) -> Flow {
        unary(m, i, Arith::Bnot)
    }
}

outlined! {
    pub(crate) fn negate(m: &mut Machine, i: Ins) -> Flow {
        unary(m, i, Arith::Negate)
    }
}
