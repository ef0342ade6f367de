//! Maps: update, and the tests that take values out.

use smallvec::SmallVec;

use crate::am;
use crate::exec::machine::{Flow, Ins, Machine, outlined};
use crate::heap::{Build, map as build};
use crate::process::{Class, Exception};
use crate::term::{Term, map};

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
    let pairs: SmallVec<[(Term, Term); 8]> =
        (0..n).map(|k| (m.src(m.packed(4, 2 * k)), m.src(m.packed(4, 2 * k + 1)))).collect();
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

outlined! {
    /// `a` map, `b` keys; word 1: label, word 2: length; the keys.
    pub(crate) fn has_fields(m: &mut Machine, i: Ins) -> Flow {
        let source = m.src(i.a());
        for k in 0..i.b() as usize {
            if map::get(source, m.src(m.packed(3, k))).is_none() {
                return m.jump(1);
            }
        }
        let words = m.word(2) as usize;
        m.next(words)
    }
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

outlined! {
    /// `a` map, `b` key, `c` destination; word 1: label, word 2: length.
    pub(crate) fn get_element(m: &mut Machine, i: Ins) -> Flow {
        match map::get(m.src(i.a()), m.src(i.b())) {
            Some(value) => {
                m.set(i.c(), value);
                let words = m.word(2) as usize;
                m.next(words)
            }
            None => m.jump(1),
        }
    }
}
