//! Moving, taking apart and building.

use crate::exec::machine::{Flow, Ins, Machine, outlined, seldom};
use crate::term::{Header, Kind, Term};

#[inline(always)]
pub(crate) fn move_<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let v = m.src(i.a());
    m.set(i.b(), v);
    let n = if i.a() & crate::exec::isa::SRC_CONST != 0 { 2 } else { 1 };
    m.next(n)
}

#[inline(always)]
pub(crate) fn move_xx<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let v = m.x(i.a());
    m.set_x(i.b(), v);
    m.next(1)
}

#[inline(always)]
pub(crate) fn move_xy<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let v = m.x(i.a());
    m.set_y(i.b(), v);
    m.next(1)
}

#[inline(always)]
pub(crate) fn move_yx<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let v = m.y(i.a());
    m.set_x(i.b(), v);
    m.next(1)
}

#[inline(always)]
pub(crate) fn move_cx<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let v = Term::raw(m.word(1));
    m.set_x(i.a(), v);
    m.next(2)
}

/// Source and destination of one of two moves.
#[inline(always)]
fn bytes(pair: u16) -> (u16, u16) {
    (pair & 0xff, pair >> 8)
}

#[inline(always)]
pub(crate) fn move_xx2<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    for (from, to) in [bytes(i.a()), bytes(i.b())] {
        let v = m.x(from);
        m.set_x(to, v);
    }
    m.next(1)
}

#[inline(always)]
pub(crate) fn move_yx2<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    for (from, to) in [bytes(i.a()), bytes(i.b())] {
        let v = m.y(from);
        m.set_x(to, v);
    }
    m.next(1)
}

#[inline(always)]
pub(crate) fn swap<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (a, b) = (m.src(i.a()), m.src(i.b()));
    m.set(i.a(), b);
    m.set(i.b(), a);
    m.next(1)
}

/// Words of an instruction that has `fixed` words, none of its `src` operands being a constant,
/// or else as many more as it has constants.
#[inline(always)]
fn words(fixed: usize, sources: &[u16]) -> usize {
    fixed + sources.iter().filter(|&&s| s & crate::exec::isa::SRC_CONST != 0).count()
}

#[inline(always)]
pub(crate) fn get_list<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let cell = m.src(i.a());
    if !cell.is_cons() {
        seldom!(FAST, super::raise::invalid(m));
    }
    let (head, tail) = (cell.slot(0), cell.slot(1));
    m.set(i.b(), head);
    m.set(i.c(), tail);
    m.next(words(1, &[i.a()]))
}

#[inline(always)]
pub(crate) fn get_hd<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let cell = m.src(i.a());
    if !cell.is_cons() {
        seldom!(FAST, super::raise::invalid(m));
    }
    m.set(i.b(), cell.slot(0));
    m.next(words(1, &[i.a()]))
}

#[inline(always)]
pub(crate) fn get_tl<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let cell = m.src(i.a());
    if !cell.is_cons() {
        seldom!(FAST, super::raise::invalid(m));
    }
    m.set(i.b(), cell.slot(1));
    m.next(words(1, &[i.a()]))
}

/// Forms of `get_list` for destinations of one kind.
macro_rules! get_list_forms {
    ($($name:ident = $set_head:ident;)*) => {$(
        #[inline(always)]
        pub(crate) fn $name<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
            let cell = m.x(i.a());
            if !cell.is_cons() {
                seldom!(FAST, super::raise::invalid(m));
            }
            let (head, tail) = (cell.slot(0), cell.slot(1));
            m.$set_head(i.b(), head);
            m.set_x(i.c(), tail);
            m.next(1)
        }
    )*};
}
get_list_forms! {
    get_list_xxx = set_x;
    get_list_xyx = set_y;
}

/// Whether `t` is a tuple with an element at zero-based `index`. The file may lie: code that
/// compilers make has tested it before.
#[inline(always)]
fn has_element(t: Term, index: usize) -> bool {
    t.is_boxed() && {
        let h = t.header();
        h.is(Kind::Tuple) && index < h.size()
    }
}

#[inline(always)]
pub(crate) fn get_element<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (t, n) = (m.src(i.a()), i.b() as usize);
    if !has_element(t, n) {
        seldom!(FAST, super::raise::invalid(m));
    }
    m.set(i.c(), t.slot(n + 1));
    m.next(words(1, &[i.a()]))
}

#[inline(always)]
pub(crate) fn get_element_xx<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (t, n) = (m.x(i.a()), i.b() as usize);
    if !has_element(t, n) {
        seldom!(FAST, super::raise::invalid(m));
    }
    m.set_x(i.c(), t.slot(n + 1));
    m.next(1)
}

#[inline(always)]
pub(crate) fn get_element_xy<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (t, n) = (m.x(i.a()), i.b() as usize);
    if !has_element(t, n) {
        seldom!(FAST, super::raise::invalid(m));
    }
    m.set_y(i.c(), t.slot(n + 1));
    m.next(1)
}

#[inline(always)]
pub(crate) fn get_element2<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (t, n) = (m.src(i.a()), i.b() as usize);
    if !has_element(t, n + 1) {
        seldom!(FAST, super::raise::invalid(m));
    }
    let second = m.word(1) as u16;
    let (v, w) = (t.slot(n + 1), t.slot(n + 2));
    m.set(i.c(), v);
    m.set(second, w);
    m.next(2)
}

/// Overwrites an element of a tuple that nobody else has seen yet (`setelement/3` just before).
#[inline(always)]
pub(crate) fn set_element(m: &mut Machine, i: Ins) -> Flow {
    let (v, t, n) = (m.src(i.a()), m.src(i.b()), i.c() as usize);
    if !has_element(t, n) || crate::heap::literal::is_literal(t) {
        return super::raise::invalid(m);
    }
    // SAFETY: T1, the element exists; the tuple is fresh, so no other process sees it, and it
    // lies in the young heap like whatever is stored (the compiler emits this op right behind
    // the BIF that made the tuple).
    unsafe { *t.address().add(n + 1) = v.bits() };
    m.next(words(1, &[i.a(), i.b()]))
}

/// A new cell.
#[inline(always)]
fn cell(m: &mut Machine, head: Term, tail: Term) -> Term {
    let p = m.bump(2);
    // SAFETY: E3.
    unsafe {
        *p = head.bits();
        *p.add(1) = tail.bits();
    }
    Term::from_cons(p)
}

#[inline(always)]
pub(crate) fn put_list<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (h, t) = (m.src(i.a()), m.src(i.b()));
    let list = cell(m, h, t);
    m.set(i.c(), list);
    m.next(words(1, &[i.a(), i.b()]))
}

/// Forms of `put_list` into an x register; a constant tail stands in word 1.
macro_rules! put_list_forms {
    ($($name:ident = $words:literal, |$m:ident, $i:ident| $head:expr, $tail:expr;)*) => {$(
        #[inline(always)]
        pub(crate) fn $name<const FAST: bool>($m: &mut Machine, $i: Ins) -> Flow {
            let (head, tail) = ($head, $tail);
            let list = cell($m, head, tail);
            $m.set_x($i.c(), list);
            $m.next($words)
        }
    )*};
}
put_list_forms! {
    put_list_xxx = 1, |m, i| m.x(i.a()), m.x(i.b());
    put_list_yxx = 1, |m, i| m.y(i.a()), m.x(i.b());
    put_list_xcx = 2, |m, i| m.x(i.a()), Term::raw(m.word(1));
    put_list_ycx = 2, |m, i| m.y(i.a()), Term::raw(m.word(1));
}

/// Room for the words above bit 16 of word 1, the live registers being below.
#[inline(always)]
fn has_room(m: &Machine) -> bool {
    m.has_room((m.word(1) >> 16) as usize)
}

/// A collection moves what the sources refer to: they are read behind it.
#[inline(always)]
pub(crate) fn test_heap_put_list<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    if FAST && !has_room(m) {
        return Flow::General;
    }
    if !FAST && !m.reserve((m.word(1) >> 16) as usize, m.word(1) as u16 as usize) {
        return super::raise::killed(m);
    }
    let (h, t) = (m.src(i.a()), m.src(i.b()));
    let list = cell(m, h, t);
    m.set(i.c(), list);
    m.next(words(2, &[i.a(), i.b()]))
}

#[inline(always)]
pub(crate) fn test_heap_put_list_yxx<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    if !FAST || !has_room(m) {
        seldom!(FAST, test_heap_put_list::<false>(m, i));
    }
    let (h, t) = (m.y(i.a()), m.x(i.b()));
    let list = cell(m, h, t);
    m.set_x(i.c(), list);
    m.next(2)
}

/// Room, a cell of y `a` and x `b` into x `c`, and the way out of the frame.
#[inline(always)]
pub(crate) fn test_heap_put_list_return<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let word = m.word(1);
    if FAST && !m.has_room((word >> 32) as usize) {
        return Flow::General;
    }
    if !FAST && !m.reserve((word >> 32) as usize, word as u16 as usize) {
        return super::raise::killed(m);
    }
    let (h, t) = (m.y(i.a()), m.x(i.b()));
    let list = cell(m, h, t);
    m.set_x(i.c(), list);
    super::frame::leave_and_return(m, (word >> 16) as u16)
}

/// Packed words that a list of `n` takes.
#[inline(always)]
pub(crate) fn packed_words(n: usize) -> usize {
    n.div_ceil(4)
}

#[inline(always)]
pub(crate) fn put_tuple<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let n = i.b() as usize;
    let p = m.bump(n + 1);
    // SAFETY: E3.
    unsafe {
        *p = Header::new(Kind::Tuple, n).bits();
        for k in 0..n {
            *p.add(k + 1) = m.src(m.packed(2, k)).bits();
        }
    }
    m.set(i.a(), Term::from_boxed(p));
    let words = m.word(1) as usize;
    m.next(words)
}

outlined! {
    /// `a` tuple, `b` destination, `c` pairs; word 1: length of the instruction, word 2: size of the
    /// tuple; then the list index, value, index, value ...
    pub(crate) fn update_record(m: &mut Machine, i: Ins) -> Flow {
        let t = m.src(i.a());
        let size = m.word(2) as usize;
        if !t.is_boxed() || !t.header().is(Kind::Tuple) || t.header().size() != size {
            return super::raise::invalid(m);
        }
        let p = m.bump(size + 1);
        // SAFETY: E3; T1; the verifier checked the indexes against the size.
        unsafe {
            std::ptr::copy_nonoverlapping(t.address(), p, size + 1);
            for k in 0..i.c() as usize {
                let index = m.packed(3, 2 * k) as usize;
                *p.add(index) = m.src(m.packed(3, 2 * k + 1)).bits();
            }
        }
        m.set(i.b(), Term::from_boxed(p));
        let words = m.word(1) as usize;
        m.next(words)
    }
}

#[inline(always)]
pub(crate) fn init_y<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let n = i.a() as usize;
    for k in 0..n {
        m.set_y(m.packed(1, k), Term::NIL);
    }
    m.next(1 + packed_words(n))
}

#[inline(always)]
pub(crate) fn nil_y<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    m.set_y(i.a(), Term::NIL);
    m.next(1)
}
