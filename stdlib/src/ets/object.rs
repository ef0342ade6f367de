//! Single objects.

use glulam_vm::bif::{Cx, Outcome, Stop};
use glulam_vm::heap::number;
use glulam_vm::heap::{Build, Fragment};
use glulam_vm::table::ets::{Kind, Object, Table};
use glulam_vm::term::cmp;
use glulam_vm::{Term, am};
use smallvec::SmallVec;

/// The objects of an argument: one, or a list of them, each long enough.
fn objects(cx: &mut Cx<'_>, table: &Table, term: Term) -> Result<Vec<Term>, Stop> {
    let list = if term.as_tuple().is_some() { Some(vec![term]) } else { term.proper_list() };
    match list {
        Some(mut list) if list.iter().all(|o| table.key_of(*o).is_some()) => {
            // As in OTP, whose bags take lists from their ends.
            if table.kind == Kind::Bag {
                list.reverse();
            }
            Ok(list)
        }
        _ => cx.badarg(),
    }
}

pub(super) fn store(table: &Table, object: Term) {
    let object = Object::new(object);
    let words = object.words();
    match table.store.insert(object) {
        None => table.count(words, 0),
        Some(old) => table.count(words, old.words()),
    }
}

pub(super) fn insert(cx: &mut Cx<'_>) -> Outcome {
    let [t, what] = cx.take();
    super::with(cx, t, true, |cx, table| {
        if table.key_of(what).is_some() {
            store(table, what);
            return Ok(am::true_);
        }
        let list = objects(cx, table, what)?;
        cx.charge(list.len());
        for object in list {
            store(table, object);
        }
        Ok(am::true_)
    })
}

pub(super) fn insert_new(cx: &mut Cx<'_>) -> Outcome {
    let [t, what] = cx.take();
    let table = super::table(cx, t, true)?;
    let list = objects(cx, &table, what)?;
    cx.charge(list.len());
    if let [object] = list[..]
        && matches!(table.kind, Kind::Set | Kind::OrderedSet)
        && let Some(key) = table.key_of(object)
    {
        let new = Object::new(object);
        let (_, done) =
            table.store.update(key, |old| if old.is_none() { (Some(new.clone()), true) } else { (None, false) });
        if done {
            table.account(&new, true);
        }
        return Ok(Term::from_bool(done));
    }
    if list.iter().filter_map(|o| table.key_of(*o)).any(|key| table.store.contains(key)) {
        return Ok(am::false_);
    }
    for object in list {
        store(&table, object);
    }
    Ok(am::true_)
}

/// Copies objects to the caller's heap, as a list.
pub(super) fn to_list(cx: &mut Cx<'_>, objects: &[Object]) -> Term {
    let copies: Vec<Term> = objects.iter().map(|o| o.load(cx)).collect();
    cx.list(&copies)
}

pub(super) fn lookup(cx: &mut Cx<'_>) -> Outcome {
    let [t, key] = cx.take();
    super::with(cx, t, false, |cx, table| {
        if matches!(table.kind, Kind::Set | Kind::OrderedSet) {
            let mut found = Term::NIL;
            table.store.each(key, |o| {
                let copy = o.load(cx);
                found = cx.cons(copy, Term::NIL);
            });
            return Ok(found);
        }
        let found = table.store.lookup(key);
        Ok(to_list(cx, &found))
    })
}

pub(super) fn member(cx: &mut Cx<'_>) -> Outcome {
    let [t, key] = cx.take();
    super::with(cx, t, false, |_, table| Ok(Term::from_bool(table.store.contains(key))))
}

pub(super) fn lookup_element(cx: &mut Cx<'_>) -> Outcome {
    let [t, key, position] = cx.take();
    super::with(cx, t, false, |cx, table| {
        let Some(position) = position.as_usize().filter(|n| *n > 0) else {
            return cx.badarg_because(am::position);
        };
        let value = |o: Term| o.as_tuple().and_then(|o| o.get(position - 1));
        if matches!(table.kind, Kind::Set | Kind::OrderedSet) {
            return match table.store.with_first(key, |o| value(o).map(|v| cx.copy(v))) {
                None => cx.badarg_because(am::badkey),
                Some(None) => cx.badarg_because(am::position),
                Some(Some(value)) => Ok(value),
            };
        }
        let found = table.store.lookup(key);
        if found.is_empty() {
            return cx.badarg_because(am::badkey);
        }
        let mut values = Vec::with_capacity(found.len());
        for object in &found {
            let Some(value) = object.peek(|o| value(o).map(|v| cx.copy(v))) else {
                return cx.badarg_because(am::position);
            };
            values.push(value);
        }
        Ok(cx.list(&values))
    })
}

pub(super) fn take(cx: &mut Cx<'_>) -> Outcome {
    let [t, key] = cx.take();
    let table = super::table(cx, t, true)?;
    let gone = table.store.remove(key, |_| true);
    gone.iter().for_each(|o| table.account(o, false));
    Ok(to_list(cx, &gone))
}

pub(super) fn delete(cx: &mut Cx<'_>) -> Outcome {
    let [t, key] = cx.take();
    super::with(cx, t, true, |_, table| {
        let gone = table.store.remove(key, |_| true);
        gone.iter().for_each(|o| table.account(o, false));
        Ok(am::true_)
    })
}

pub(super) fn delete_object(cx: &mut Cx<'_>) -> Outcome {
    let [t, object] = cx.take();
    let table = super::table(cx, t, true)?;
    let Some(key) = table.key_of(object) else { return cx.badarg() };
    let gone = table.store.remove(key, |o| cmp::eq_exact(o, object));
    gone.iter().for_each(|o| table.account(o, false));
    Ok(am::true_)
}

/// Position and value pairs of `update_element`.
pub(super) fn update_element(cx: &mut Cx<'_>) -> Outcome {
    let [t, key, what] = cx.take();
    super::with(cx, t, true, |cx, table| change_elements(cx, table, key, what))
}

/// One immediate put in the place of another; `None`: it is not that simple.
#[inline]
pub(super) fn small_element(table: &Table, key: Term, what: Term) -> Option<bool> {
    let [position, value] = what.as_tuple_of()?;
    let position = position.as_usize().filter(|n| *n > 0 && *n != table.keypos)?;
    table.store.change(key, |object| object.set_immediate(position - 1, value))
}

fn change_elements(cx: &mut Cx<'_>, table: &Table, key: Term, what: Term) -> Outcome {
    if !matches!(table.kind, Kind::Set | Kind::OrderedSet) {
        return cx.badarg();
    }
    if small_element(table, key, what) == Some(true) {
        return Ok(am::true_);
    }
    let pair = |p: Term| p.as_tuple_of().and_then(|[n, v]| Some((n.as_usize().filter(|n| *n > 0)?, v)));
    let pairs: Option<SmallVec<[(usize, Term); 2]>> = match what.as_tuple() {
        Some(_) => pair(what).map(|p| SmallVec::from_iter([p])),
        None => what.proper_list().and_then(|l| l.into_iter().map(pair).collect()),
    };
    let Some(pairs) = pairs else { return cx.badarg() };
    if pairs.iter().any(|(n, _)| *n == table.keypos) {
        return cx.badarg_because(am::keypos);
    }
    let (replaced, done) = table.store.update(key, |old| {
        let Some(tuple) = old.and_then(Term::as_tuple) else { return (None, Some(false)) };
        if pairs.iter().any(|(n, _)| *n > tuple.arity()) {
            return (None, None);
        }
        let mut elements = tuple.as_slice().to_vec();
        for (n, v) in &pairs {
            elements[n - 1] = *v;
        }
        let new = rebuilt(&elements);
        table.account(&new, true);
        (Some(new), Some(true))
    });
    if let Some(old) = replaced {
        table.account(&old, false);
    }
    match done {
        Some(done) => Ok(Term::from_bool(done)),
        None => cx.badarg_because(am::position),
    }
}

/// An object from elements that may be anywhere.
fn rebuilt(elements: &[Term]) -> Object {
    let mut scratch = Fragment::new(elements.len() + 1);
    let tuple = scratch.tuple(elements);
    Object::new(tuple)
}

/// One operation of `update_counter`: position, increment, and perhaps a threshold with what the
/// counter becomes behind it.
struct Operation {
    position: usize,
    increment: Term,
    wrap: Option<(Term, Term)>,
}

fn operation(table: &Table, term: Term) -> Option<Operation> {
    if term.is_integer() {
        return Some(Operation { position: table.keypos + 1, increment: term, wrap: None });
    }
    let tuple = term.as_tuple()?;
    let position = tuple.get(0)?.as_usize().filter(|n| *n > 0)?;
    let (increment, wrap) = match *tuple.as_slice() {
        [_, increment] => (increment, None),
        [_, increment, threshold, set] if threshold.is_integer() && set.is_integer() => {
            (increment, Some((threshold, set)))
        }
        _ => return None,
    };
    (increment.is_integer() && position != table.keypos).then_some(Operation { position, increment, wrap })
}

pub(super) fn update_counter(cx: &mut Cx<'_>) -> Outcome {
    let [t, key, what] = cx.take();
    super::with(cx, t, true, |cx, table| counter(cx, table, key, what, None))
}

pub(super) fn update_counter_default(cx: &mut Cx<'_>) -> Outcome {
    let [t, key, what, default] = cx.take();
    super::with(cx, t, true, |cx, table| counter(cx, table, key, what, Some(default)))
}

/// One small number added to another without a threshold, in place; `None`: it is not that simple.
#[inline]
pub(super) fn small_counter(table: &Table, key: Term, what: Term) -> Option<Term> {
    let (position, increment) = match what.as_tuple_of() {
        Some([position, increment]) => (position.as_usize()?, increment.as_small()?),
        None => (table.keypos + 1, what.as_small()?),
    };
    if position == 0 || position == table.keypos {
        return None;
    }
    table.store.change(key, |object| {
        let old = object.peek(|o| o.as_tuple()?.get(position - 1)?.as_small())?;
        let sum = Term::try_small(old.checked_add(increment)?)?;
        object.set_immediate(position - 1, sum).then_some(sum)
    })?
}

fn counter(cx: &mut Cx<'_>, table: &Table, key: Term, what: Term, default: Option<Term>) -> Outcome {
    if !matches!(table.kind, Kind::Set | Kind::OrderedSet) {
        return cx.badarg();
    }
    if let Some(sum) = small_counter(table, key, what) {
        return Ok(sum);
    }
    let single = !what.is_list();
    let list = if single { Some(vec![what]) } else { what.proper_list() };
    let operations: Option<Vec<Operation>> =
        list.and_then(|l| l.into_iter().map(|o| operation(table, o)).collect());
    let Some(operations) = operations else { return cx.badarg() };
    if default.is_some_and(|d| d.as_tuple().is_none_or(|d| d.arity() < table.keypos)) {
        return cx.badarg();
    }
    let mut scratch = Fragment::new(0);
    let (replaced, results) = table.store.update(key, |old| {
        let Some(tuple) = old.or(default).and_then(Term::as_tuple) else { return (None, Err(am::badkey)) };
        let mut elements = tuple.as_slice().to_vec();
        if old.is_none() {
            elements[table.keypos - 1] = key;
        }
        scratch = Fragment::new(operations.len() * 64 + 64 + elements.len());
        let mut results = Vec::new();
        for o in &operations {
            let Some(value) = elements.get(o.position - 1).copied().filter(|v| v.is_integer()) else {
                return (None, Err(am::none));
            };
            let Ok(mut sum) = number::add(value, o.increment, &mut scratch) else { return (None, Err(am::none)) };
            if let Some((threshold, set)) = o.wrap {
                let negative = cmp::compare(o.increment, Term::ZERO).is_lt();
                let beyond = if negative { cmp::compare(sum, threshold).is_lt() } else { cmp::compare(sum, threshold).is_gt() };
                if beyond {
                    sum = set;
                }
            }
            elements[o.position - 1] = sum;
            results.push(sum);
        }
        if operations.is_empty() && old.is_some() {
            return (None, Ok(results));
        }
        let new = rebuilt(&elements);
        table.account(&new, true);
        (Some(new), Ok(results))
    });
    if let Some(old) = replaced {
        table.account(&old, false);
    }
    match results {
        Ok(results) => {
            let copies: Vec<Term> = results.into_iter().map(|r| cx.copy(r)).collect();
            if single { Ok(copies[0]) } else { Ok(cx.list(&copies)) }
        }
        Err(am::none) => cx.badarg(),
        Err(cause) => cx.badarg_because(cause),
    }
}
