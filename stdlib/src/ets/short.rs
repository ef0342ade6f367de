//! The short ways of operations that take least: on tables that have one object of a key at most, if the caller
//! may use them. All else is left to the natives themselves, as is every failure.

use glulam_vm::process::{Own, Process};
use glulam_vm::table::ets::{self, Kind, Object, Table};
use glulam_vm::{Term, am};

use super::object;

/// What `f` gives for a table that the caller may read (or write) and that has one object of a key at most.
#[inline(always)]
fn with(process: &Process, t: Term, write: bool, f: impl FnOnce(&Table) -> Option<Term>) -> Term {
    let found = ets::with_allowed(t, process.id(), write, |table| {
        if matches!(table.kind, Kind::Set | Kind::OrderedSet) { f(table) } else { None }
    });
    found.flatten().unwrap_or(Term::NONE)
}

#[inline(always)]
pub(super) fn member(process: &Process, _: &mut Own, [t, key]: [Term; 2]) -> Term {
    with(process, t, false, |table| Some(Term::from_bool(table.store.with_only(key, |_| ()).is_some())))
}

#[inline(always)]
pub(super) fn lookup(process: &Process, own: &mut Own, [t, key]: [Term; 2]) -> Term {
    with(process, t, false, |table| {
        Some(table.store.with_only(key, |object| object.load_listed(&mut own.heap)).unwrap_or(Term::NIL))
    })
}

#[inline(always)]
pub(super) fn lookup_element(process: &Process, own: &mut Own, [t, key, position]: [Term; 3]) -> Term {
    with(process, t, false, |table| {
        let position = position.as_usize()?.checked_sub(1)?;
        table.store.with_only(key, |object| {
            let value = object.peek(|o| o.as_tuple()?.get(position))?;
            Some(copied(value, own))
        })?
    })
}

/// A copy of a term that is in a table.
#[inline(always)]
fn copied(term: Term, own: &mut Own) -> Term {
    if term.is_immediate() { term } else { copied_box(term, own) }
}

#[inline(never)]
fn copied_box(term: Term, own: &mut Own) -> Term {
    glulam_vm::heap::copy::copy_into(term, &mut own.heap)
}

#[inline(always)]
pub(super) fn insert(process: &Process, _: &mut Own, [t, what]: [Term; 2]) -> Term {
    with(process, t, true, |table| {
        let key = table.key_of(what)?;
        if Object::is_flat(what) {
            let words = what.as_tuple()?.arity() + 1;
            match table.store.put(key, what) {
                (None, true) => {}
                (None, false) => table.count(words, 0),
                (Some(old), _) => table.count(words, old.words()),
            }
        } else {
            object::store(table, what);
        }
        Some(am::true_)
    })
}

#[inline(always)]
pub(super) fn insert_new(process: &Process, _: &mut Own, [t, what]: [Term; 2]) -> Term {
    with(process, t, true, |table| {
        let key = table.key_of(what)?;
        table.store.with_only(key, |_| am::false_)
    })
}

#[inline(always)]
pub(super) fn update_counter(process: &Process, _: &mut Own, [t, key, what]: [Term; 3]) -> Term {
    with(process, t, true, |table| object::small_counter(table, key, what))
}

#[inline(always)]
pub(super) fn update_element(process: &Process, _: &mut Own, [t, key, what]: [Term; 3]) -> Term {
    with(process, t, true, |table| object::small_element(table, key, what)?.then_some(am::true_))
}

#[inline(always)]
pub(super) fn first(process: &Process, own: &mut Own, [t]: [Term; 1]) -> Term {
    end(process, own, t, false)
}

#[inline(always)]
pub(super) fn last(process: &Process, own: &mut Own, [t]: [Term; 1]) -> Term {
    end(process, own, t, true)
}

#[inline(always)]
fn end(process: &Process, own: &mut Own, t: Term, backwards: bool) -> Term {
    with(process, t, false, |table| {
        Some(table.store.end(backwards, |key| copied(key, own)).unwrap_or(am::end_of_table))
    })
}

#[inline(always)]
pub(super) fn next(process: &Process, own: &mut Own, [t, from]: [Term; 2]) -> Term {
    step(process, own, t, from, false)
}

#[inline(always)]
pub(super) fn prev(process: &Process, own: &mut Own, [t, from]: [Term; 2]) -> Term {
    step(process, own, t, from, true)
}

#[inline(always)]
fn step(process: &Process, own: &mut Own, t: Term, from: Term, backwards: bool) -> Term {
    with(process, t, false, |table| {
        let backwards = backwards && table.kind == Kind::OrderedSet;
        let next = table.store.neighbour(from, backwards, |key| copied(key, own)).ok()?;
        Some(next.unwrap_or(am::end_of_table))
    })
}
