//! BIFs as instructions (`bif0` to `gc_bif3`): they fail to a label in guards, else raise.

use crate::bif::Decl;
use crate::code::Export;
use crate::exec::machine::{Flow, Ins, Machine, outlined, seldom};
use crate::exec::native::{self, Called};
use crate::term::{Kind, Term};
use crate::am;

outlined! {
    pub(crate) fn self_(m: &mut Machine, i: Ins) -> Flow {
        let pid = m.process().pid();
        m.set(i.a(), pid);
        m.next(1)
    }
}

outlined! {
    /// Fails to the label in word 1, or raises `badarg` as from `function`.
    cold fn badarg(m: &mut Machine, function: Term, args: &[Term]) -> Flow {
        if m.word(1) != 0 {
            return m.jump(1);
        }
        m.save();
        native::guard_failed(m.own(), function, args, am::badarg);
        m.load();
        Flow::Raise
    }
}

#[inline(always)]
pub(crate) fn hd<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let t = m.src(i.a());
    if !t.is_cons() {
        seldom!(FAST, badarg(m, am::hd, &[t]));
    }
    m.set(i.b(), t.slot(0));
    m.next(2 + (i.a() >> 15) as usize)
}

#[inline(always)]
pub(crate) fn tl<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let t = m.src(i.a());
    if !t.is_cons() {
        seldom!(FAST, badarg(m, am::tl, &[t]));
    }
    m.set(i.b(), t.slot(1));
    m.next(2 + (i.a() >> 15) as usize)
}

/// `a` index, `b` tuple.
#[inline(always)]
pub(crate) fn element<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (n, t) = (m.src(i.a()), m.src(i.b()));
    if n.is_small() && t.is_boxed() && t.header().is(Kind::Tuple) {
        let index = n.small_value();
        if index >= 1 && index as usize <= t.header().size() {
            m.set(i.c(), t.slot(index as usize));
            return m.next(2 + (i.a() >> 15) as usize + (i.b() >> 15) as usize);
        }
    }
    seldom!(FAST, badarg(m, am::element, &[n, t]))
}

#[inline(always)]
pub(crate) fn tuple_size<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let t = m.src(i.a());
    if t.is_boxed() && t.header().is(Kind::Tuple) {
        m.set(i.b(), Term::small(t.header().size() as i64));
        return m.next(2 + (i.a() >> 15) as usize);
    }
    seldom!(FAST, badarg(m, am::tuple_size, &[t]))
}

/// A result, behind which a collection may be due: it survives as one more live register.
/// `u16::MAX` live registers: no collection here. `None`: the process is to end.
#[inline(always)]
pub(crate) fn keep(m: &mut Machine, value: Term, live: u16) -> Option<Term> {
    if live == u16::MAX || !m.own().heap.needs_collection() {
        return Some(value);
    }
    m.set_x(live, value);
    m.collect(0, live as usize + 1).then(|| m.x(live))
}

outlined! {
    /// Any BIF of up to 3 arguments. `a` arguments, `b` destination, `c` live registers (0xffff: must
    /// not collect); word 1: label or 0, word 2: declaration, word 3: export, word 4: length; then the
    /// packed arguments.
    pub(crate) fn bif(m: &mut Machine, i: Ins) -> Flow {
        // SAFETY: declarations and exports are static; E1.
        let (decl, export) = unsafe { (&*(m.word(2) as *const Decl), &*(m.word(3) as *const Export)) };
        let n = i.a() as usize;
        let mut args = [Term::NIL; 3];
        for (k, arg) in args.iter_mut().enumerate().take(n) {
            *arg = m.src(m.packed(5, k));
        }
        m.save();
        let called = native::call_args(m.process(), m.own(), decl, &args[..n]);
        m.load();
        match called {
            Called::Value(value) => {
                let Some(value) = keep(m, value, i.c()) else { return super::raise::killed(m) };
                m.set(i.b(), value);
                let words = m.word(4) as usize;
                m.next(words)
            }
            Called::Raise if m.word(1) != 0 => m.jump(1),
            Called::Raise => {
                m.own().exception.native = Some(export);
                native::keep_arguments(m.own(), &args[..n]);
                m.load();
                Flow::Raise
            }
            _ => crate::bug!("{}:{} in a guard does not finish", decl.module, decl.function),
        }
    }
}
