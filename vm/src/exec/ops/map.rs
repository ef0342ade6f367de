//! Maps: update, and the tests that take values out.

use smallvec::SmallVec;

use crate::am;
use crate::exec::isa::SRC_INDEX;
use crate::exec::machine::{Flow, Ins, Machine, outlined};
use crate::heap::{Build, map as build};
use crate::process::{Class, Exception};
use crate::term::{Kind, Term, map};

outlined! {
    cold fn error(m: &mut Machine, tag: Term, value: Term) -> Flow {
        m.save();
        let reason = m.own().heap.tuple(&[tag, value]);
        m.load();
        m.own().exception = Exception::new(Class::Error, reason);
        Flow::Raise
    }
}

/// `a` map, `b` destination, `c` live; word 1: length, word 2: label, word 3: pairs; keys and
/// values by turns.
#[inline(always)]
fn put(m: &mut Machine, i: Ins, exact: bool) -> Flow {
    let source = m.src(i.a());
    let n = m.word(3) as usize;
    let mut pairs: SmallVec<[(Term, Term); 8]> = SmallVec::new();
    for k in 0..n {
        pairs.push((m.src(m.packed(4, 2 * k)), m.src(m.packed(4, 2 * k + 1))));
    }
    if source.as_map().is_none() {
        return if m.word(2) != 0 { m.jump(2) } else { error(m, am::badmap, source) };
    }
    m.save();
    let result = if exact {
        build::update_many(source, &pairs, &mut m.own().heap)
    } else {
        Ok(build::put_many(source, &pairs, &mut m.own().heap))
    };
    m.load();
    m.reductions -= n as i32 / 8;
    match result {
        Ok(value) => finish_put(m, i, value),
        Err(_) if m.word(2) == 0 => {
            // OTP has the keys in order when it comes to look.
            let missing = pairs.iter().map(|pair| pair.0).filter(|&key| map::get(source, key).is_none());
            let first = missing.min_by(|&a, &b| crate::term::cmp::cmp_exact(a, b));
            error(m, am::badkey, first.unwrap_or(Term::NIL))
        }
        Err(_) => m.jump(2),
    }
}

/// Stores the result; collects behind it if fragments have grown.
#[inline(always)]
fn finish_put(m: &mut Machine, i: Ins, value: Term) -> Flow {
    let mut value = value;
    if m.own().heap.needs_collection() {
        let live = i.c();
        m.set_x(live, value);
        if !m.collect(0, live as usize + 1) {
            return super::raise::killed(m);
        }
        value = m.x(live);
    }
    m.set(i.b(), value);
    let words = m.word(1) as usize;
    m.next(words)
}

outlined! {
    pub(crate) fn put_assoc(m: &mut Machine, i: Ins) -> Flow {
        put(m, i, false)
    }
}

outlined! {
    pub(crate) fn put_exact(m: &mut Machine, i: Ins) -> Flow {
        put(m, i, true)
    }
}

/// Keys and values of a flat map, for handlers that call nothing.
#[derive(Clone, Copy)]
struct Flat {
    keys: *const Term,
    values: *const Term,
    size: usize,
}

impl Flat {
    #[inline(always)]
    fn of(term: Term) -> Option<Flat> {
        if !term.is_boxed() || !term.header().is(Kind::FlatMap) {
            return None;
        }
        // SAFETY: T1, a tuple of keys and as many values.
        unsafe {
            Some(Flat {
                keys: term.slot(1).address().add(1).cast(),
                values: term.address().add(2).cast(),
                size: term.header().size() - 1,
            })
        }
    }

    /// The value of an immediate key, which equals nothing but the same word.
    #[inline(always)]
    fn get(self, key: Term) -> Option<Term> {
        let mut at = 0;
        while at < self.size {
            // SAFETY: as many keys and values (T1).
            unsafe {
                if *self.keys.add(at) == key {
                    return Some(*self.values.add(at));
                }
            }
            at += 1;
        }
        None
    }
}

/// `a` map, `b` keys; word 1: label, word 2: length; the keys.
#[inline(always)]
pub(crate) fn has_fields<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let source = m.src(i.a());
    if FAST {
        let Some(flat) = Flat::of(source) else { return Flow::General };
        for k in 0..i.b() as usize {
            let key = m.src(m.packed(3, k));
            if !key.is_immediate() {
                return Flow::General;
            }
            if flat.get(key).is_none() {
                return m.jump(1);
            }
        }
    } else {
        for k in 0..i.b() as usize {
            if map::get(source, m.src(m.packed(3, k))).is_none() {
                return m.jump(1);
            }
        }
    }
    let words = m.word(2) as usize;
    m.next(words)
}

outlined! {
    /// `a` map, `b` pairs; word 1: label, word 2: length; keys and destinations by turns.
    pub(crate) fn get_elements(m: &mut Machine, i: Ins) -> Flow {
        let source = m.src(i.a());
        for k in 0..i.b() as usize {
            match map::get(source, m.src(m.packed(3, 2 * k))) {
                Some(value) => m.set(m.packed(3, 2 * k + 1), value),
                None => return m.jump(1),
            }
        }
        let words = m.word(2) as usize;
        m.next(words)
    }
}

/// The same.
#[inline(always)]
pub(crate) fn get_fields<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    if !FAST {
        return get_elements(m, i);
    }
    let Some(flat) = Flat::of(m.src(i.a())) else { return Flow::General };
    for k in 0..i.b() as usize {
        // The distance of a constant.
        let key = Term::raw(m.word((m.packed(3, 2 * k) & SRC_INDEX) as usize));
        match flat.get(key) {
            Some(value) => m.set(m.packed(3, 2 * k + 1), value),
            None => return m.jump(1),
        }
    }
    let words = m.word(2) as usize;
    m.next(words)
}

/// `a` map, `b` key, `c` destination; word 1: label, word 2: length.
#[inline(always)]
pub(crate) fn get_element<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let (source, key) = (m.src(i.a()), m.src(i.b()));
    let value = if FAST {
        match Flat::of(source) {
            Some(flat) if key.is_immediate() => flat.get(key),
            _ => return Flow::General,
        }
    } else {
        map::get(source, key)
    };
    match value {
        Some(value) => {
            m.set(i.c(), value);
            let words = m.word(2) as usize;
            m.next(words)
        }
        None => m.jump(1),
    }
}
