//! Type tests, comparisons, selections: jump unless they hold.

use crate::exec::isa::SRC_CONST;
use crate::exec::machine::{Flow, Ins, Machine, outlined, seldom};
use crate::term::repr::{PRIMARY_MASK, PRIMARY_SMALL};
use crate::term::{Kind, Term, cmp};

/// A test of one `src` in `a`, label in word 1.
macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident = |$t:ident| $test:expr;)*) => {$(
        $(#[$doc])*
        #[inline(always)]
        pub(crate) fn $name<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
            let $t = m.src(i.a());
            let words = 2 + (i.a() >> 15) as usize;
            m.test($test, words, 1)
        }
    )*};
}

#[inline(always)]
fn boxed_as(t: Term, kind: Kind) -> bool {
    t.is_boxed() && t.header().is(kind)
}

/// A box of the kinds from `first` to `last`.
#[inline(always)]
fn boxed_between(t: Term, first: Kind, last: Kind) -> bool {
    t.is_boxed() && t.header().is_between(first, last)
}

#[inline(always)]
fn is_big(t: Term) -> bool {
    boxed_between(t, Kind::BigPositive, Kind::BigNegative)
}

/// A bitstring; of a part of one, the size in bits is its third word.
#[inline(always)]
fn is_bits(t: Term, whole_bytes: bool) -> bool {
    boxed_between(t, Kind::HeapBinary, Kind::SubBinary)
        && (!whole_bytes || !t.header().is(Kind::SubBinary) || t.slot(3).small_value() % 8 == 0)
}

unary! {
    is_integer = |t| t.is_small() || is_big(t);
    is_float = |t| boxed_as(t, Kind::Float);
    is_number = |t| t.is_small() || is_big(t) || boxed_as(t, Kind::Float);
    is_atom = |t| t.is_atom();
    is_pid = |t| t.is_pid();
    is_reference = |t| boxed_between(t, Kind::Ref, Kind::MagicRef) || boxed_as(t, Kind::ExternalRef);
    is_port = |t| t.is_port();
    is_nil = |t| t.is_nil();
    is_binary = |t| is_bits(t, true);
    is_bitstring = |t| is_bits(t, false);
    is_list = |t| t.is_list();
    is_nonempty_list = |t| t.is_cons();
    is_tuple = |t| boxed_as(t, Kind::Tuple);
    is_boolean = |t| t.is_boolean();
    is_function = |t| boxed_between(t, Kind::Fun, Kind::Export);
    is_map = |t| boxed_between(t, Kind::FlatMap, Kind::HashRoot);
}

#[inline(always)]
pub(crate) fn is_nonempty_get_list<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let t = m.src(i.a());
    if !t.is_cons() {
        return m.jump(1);
    }
    let (head, tail) = (t.slot(0), t.slot(1));
    m.set(i.b(), head);
    m.set(i.c(), tail);
    m.next(2)
}

/// The frame is made between the test and the reads: a collection moves the list.
#[inline(always)]
pub(crate) fn is_nonempty_allocate_get_list<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    if !m.x(i.c()).is_cons() {
        return m.jump(1);
    }
    let slots = i.a() as usize;
    if FAST && !m.has_room(slots) {
        return Flow::General;
    }
    if !FAST && !m.reserve(slots, i.b() as usize) {
        return super::raise::killed(m);
    }
    super::frame::clear_frame(m, slots);
    let (list, packed) = (m.x(i.c()), m.word(2));
    m.set_y(packed as u16, list.slot(0));
    m.set_x((packed >> 16) as u16, list.slot(1));
    m.next(3)
}

/// Forms of the tests above for an x register.
macro_rules! unary_x {
    ($($name:ident = |$t:ident| $test:expr;)*) => {$(
        #[inline(always)]
        pub(crate) fn $name<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
            let $t = m.x(i.a());
            m.test($test, 2, 1)
        }
    )*};
}
unary_x! {
    is_nil_x = |t| t.is_nil();
    is_atom_x = |t| t.is_atom();
    is_integer_x = |t| t.is_small() || is_big(t);
    is_nonempty_list_x = |t| t.is_cons();
    is_tuple_x = |t| boxed_as(t, Kind::Tuple);
}

/// Forms of `is_nonempty_get_list` for destinations of one kind.
macro_rules! get_list_forms {
    ($($name:ident = $set_head:ident;)*) => {$(
        #[inline(always)]
        pub(crate) fn $name<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
            let t = m.x(i.a());
            if !t.is_cons() {
                return m.jump(1);
            }
            let (head, tail) = (t.slot(0), t.slot(1));
            m.$set_head(i.b(), head);
            m.set_x(i.c(), tail);
            m.next(2)
        }
    )*};
}
get_list_forms! {
    is_nonempty_get_list_xxx = set_x;
    is_nonempty_get_list_xyx = set_y;
}

/// The term is known to be a tuple.
#[inline(always)]
pub(crate) fn test_arity<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    is_tuple_of_arity::<FAST>(m, i)
}

#[inline(always)]
pub(crate) fn is_tuple_of_arity<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let t = m.src(i.a());
    let ok = t.is_boxed()
        && t.header().bits() == crate::term::Header::new(Kind::Tuple, i.b() as usize).bits();
    m.test(ok, 2 + (i.a() >> 15) as usize, 1)
}

#[inline(always)]
pub(crate) fn is_tuple_of_arity_x<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let t = m.x(i.a());
    let ok = t.is_boxed()
        && t.header().bits() == crate::term::Header::new(Kind::Tuple, i.b() as usize).bits();
    m.test(ok, 2, 1)
}

#[inline(always)]
pub(crate) fn is_tagged_tuple_x<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let t = m.x(i.a());
    let ok = t.is_boxed()
        && t.header().bits() == crate::term::Header::new(Kind::Tuple, i.b() as usize).bits()
        && t.word(1) == m.word(2);
    m.test(ok, 3, 1)
}

#[inline(always)]
pub(crate) fn is_tagged_tuple<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let t = m.src(i.a());
    let ok = t.is_boxed()
        && t.header().bits() == crate::term::Header::new(Kind::Tuple, i.b() as usize).bits()
        && t.word(1) == m.word(2);
    m.test(ok, 3 + (i.a() >> 15) as usize, 1)
}

#[inline(always)]
fn constants(a: u16, b: u16) -> usize {
    ((a & SRC_CONST) >> 15) as usize + ((b & SRC_CONST) >> 15) as usize
}

/// A small, natural number in `b`.
#[inline(always)]
pub(crate) fn is_function2<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (t, arity) = (m.src(i.a()), m.src(i.b()));
    let ok = t.as_fun().is_some_and(|f| arity.as_small() == Some(crate::code::fun_arity(f) as i64));
    m.test(ok, 2 + constants(i.a(), i.b()), 1)
}

/// A comparison of `a` and `b`, label in word 1: small integers at once, the rest by `slow`. With
/// `exact`, words that are not both pointers are equal only if they are the same.
macro_rules! compare {
    ($($name:ident = $op:tt, $slow:expr $(, $exact:ident)?;)*) => {$(
        #[inline(always)]
        pub(crate) fn $name<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
            let (a, b) = (m.src(i.a()), m.src(i.b()));
            let words = 2 + constants(i.a(), i.b());
            let ok = if (a.bits() | b.bits()) & PRIMARY_MASK == PRIMARY_SMALL {
                (a.bits() as i64) $op (b.bits() as i64)
            } else if FAST && (!compare!(@exact $($exact)?) || a.is_pointer() && b.is_pointer()) {
                return Flow::General;
            } else if FAST {
                a.bits() $op b.bits()
            } else {
                $slow(a, b)
            };
            m.test(ok, words, 1)
        }
    )*};
    (@exact) => { false };
    (@exact exact) => { true };
}

#[inline(never)]
fn slow_lt(a: Term, b: Term) -> bool {
    cmp::compare(a, b).is_lt()
}
#[inline(never)]
fn slow_ge(a: Term, b: Term) -> bool {
    cmp::compare(a, b).is_ge()
}
#[inline(always)]
fn slow_eq(a: Term, b: Term) -> bool {
    a == b || cmp::eq(a, b)
}
#[inline(always)]
fn slow_ne(a: Term, b: Term) -> bool {
    !slow_eq(a, b)
}
/// Exact equality: the same word, or boxes or lists of the same content.
#[inline(always)]
fn exact(a: Term, b: Term) -> bool {
    a == b || (a.is_pointer() && b.is_pointer() && cmp::eq_exact(a, b))
}
#[inline(always)]
fn not_exact(a: Term, b: Term) -> bool {
    !exact(a, b)
}

compare! {
    is_lt = <, slow_lt;
    is_ge = >=, slow_ge;
    is_eq = ==, slow_eq;
    is_ne = !=, slow_ne;
    is_eq_exact = ==, exact, exact;
    is_ne_exact = !=, not_exact, exact;
}

/// Forms of a comparison for operands of these kinds; anything but small integers is left to the
/// general form. A constant stands in word 2 and is a small integer.
macro_rules! compare_forms {
    ($($name:ident = $general:ident $op:tt, $words:literal, |$m:ident, $i:ident| $a:expr, $b:expr;)*) => {$(
        #[inline(always)]
        pub(crate) fn $name<const FAST: bool>($m: &mut Machine, $i: Ins) -> Flow {
            let (a, b) = ($a, $b);
            if (a.bits() | b.bits()) & PRIMARY_MASK != PRIMARY_SMALL {
                seldom!(FAST, $general::<false>($m, $i));
            }
            $m.test((a.bits() as i64) $op (b.bits() as i64), $words, 1)
        }
    )*};
}
compare_forms! {
    is_lt_xc = is_lt <, 3, |m, i| m.x(i.a()), Term::raw(m.word(2));
    is_lt_cx = is_lt <, 3, |m, i| Term::raw(m.word(2)), m.x(i.b());
    is_lt_xx = is_lt <, 2, |m, i| m.x(i.a()), m.x(i.b());
    is_ge_xc = is_ge >=, 3, |m, i| m.x(i.a()), Term::raw(m.word(2));
    is_ge_cx = is_ge >=, 3, |m, i| Term::raw(m.word(2)), m.x(i.b());
    is_ge_xx = is_ge >=, 2, |m, i| m.x(i.a()), m.x(i.b());
}

#[inline(always)]
pub(crate) fn is_eq_exact_xx<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (a, b) = (m.x(i.a()), m.x(i.b()));
    if a != b && a.is_pointer() && b.is_pointer() {
        seldom!(FAST, is_eq_exact::<false>(m, i));
    }
    m.test(a == b, 2, 1)
}

#[inline(always)]
pub(crate) fn is_eq_imm_x<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    m.test(m.x(i.a()).bits() == m.word(2), 3, 1)
}

#[inline(always)]
pub(crate) fn is_ne_imm_x<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    m.test(m.x(i.a()).bits() != m.word(2), 3, 1)
}

#[inline(always)]
pub(crate) fn is_eq_imm<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let t = m.src(i.a());
    m.test(t.bits() == m.word(2), 3 + (i.a() >> 15) as usize, 1)
}

#[inline(always)]
pub(crate) fn is_ne_imm<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let t = m.src(i.a());
    m.test(t.bits() != m.word(2), 3 + (i.a() >> 15) as usize, 1)
}

/// `a` value, `b` pairs; word 1: label if none; then value and label by turns.
#[inline(always)]
pub(crate) fn select_linear<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let t = m.src(i.a()).bits();
    for k in 0..i.b() as usize {
        if m.word(2 + 2 * k) == t {
            return m.jump(3 + 2 * k);
        }
    }
    m.jump(1)
}

#[inline(always)]
pub(crate) fn select_binary<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let t = m.src(i.a()).bits();
    let (mut low, mut high) = (0, i.b() as usize);
    while low < high {
        let mid = (low + high) / 2;
        let v = m.word(2 + 2 * mid);
        if v == t {
            return m.jump(3 + 2 * mid);
        }
        if v < t {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    m.jump(1)
}

/// Word 2: the first value as a term's bits; then a label each.
#[inline(always)]
pub(crate) fn select_table<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let t = m.src(i.a());
    let index = t.bits().wrapping_sub(m.word(2)) >> 2;
    if t.is_small() && index < u64::from(i.b()) {
        return m.jump(3 + index as usize);
    }
    m.jump(1)
}

outlined! {
    pub(crate) fn select_any(m: &mut Machine, i: Ins) -> Flow {
        let t = m.src(i.a());
        for k in 0..i.b() as usize {
            if exact(Term::raw(m.word(2 + 2 * k)), t) {
                return m.jump(3 + 2 * k);
            }
        }
        m.jump(1)
    }
}

outlined! {
    pub(crate) fn select_arity(m: &mut Machine, i: Ins) -> Flow {
        let t = m.src(i.a());
        if t.is_boxed() && t.header().is(Kind::Tuple) {
            let arity = t.header().size() as u64;
            for k in 0..i.b() as usize {
                if m.word(2 + 2 * k) == arity {
                    return m.jump(3 + 2 * k);
                }
            }
        }
        m.jump(1)
    }
}
