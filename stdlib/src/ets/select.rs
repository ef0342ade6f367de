//! Selections by match specifications.
//!
//! A continuation of an ordered table is `{Tid, How, Limit, Key, Spec}`: whoever holds it can go on,
//! whatever has happened to the table meanwhile. That of a hash table has the shape that
//! `ets:repair_continuation/2` knows: `{Tid, Slot, Limit, Compiled, Waiting, HowMany}`.

use std::sync::Arc;

use glulam_vm::bif::match_spec::MatchSpec;
use glulam_vm::bif::{Cx, Outcome, Stop};
use glulam_vm::heap::{Build, Magic, Stored};
use glulam_vm::process::fresh_ref;
use glulam_vm::table::ets::{Cursor, Found, Kind, More, Object, Table};
use glulam_vm::term::cmp;
use glulam_vm::{Term, am};

/// What a call makes of its pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// A pattern; the bindings.
    Match,
    /// A pattern; the objects.
    MatchObject,
    /// A match specification.
    Select,
    /// The same, an ordered table backwards.
    Reverse,
}

impl How {
    fn number(self) -> Term {
        Term::small(self as i64)
    }

    fn of_number(t: Term) -> Option<How> {
        Some(match t.as_small()? {
            0 => How::Match,
            1 => How::MatchObject,
            2 => How::Select,
            3 => How::Reverse,
            _ => return None,
        })
    }

    fn compile(self, cx: &mut Cx<'_>, spec: Term) -> Result<MatchSpec, Stop> {
        let compiled = match self {
            How::Match => MatchSpec::of_pattern(spec, false),
            How::MatchObject => MatchSpec::of_pattern(spec, true),
            How::Select | How::Reverse => MatchSpec::compile(spec),
        };
        match compiled {
            Ok(spec) => Ok(spec),
            Err(bad) if bad.too_deep => cx.system_limit(),
            Err(_) => cx.badarg(),
        }
    }
}

/// Objects looked at in one go.
const CHUNK: usize = 1000;

/// The objects that can match: those of one key, if the specification says which.
fn keyed(table: &Table, spec: &MatchSpec) -> Option<Found> {
    spec.key(table.keypos).map(|key| table.store.lookup(key))
}

/// Objects that a reduction pays for.
const OBJECTS_PER_REDUCTION: usize = 4;

/// Calls `f` on every object that can match; it must not use the table.
fn scan(
    cx: &mut Cx<'_>,
    table: &Table,
    spec: &MatchSpec,
    backwards: bool,
    f: impl FnMut(&mut Cx<'_>, &Object),
) -> Result<(), Stop> {
    in_portions(cx, table, spec, f, |cx, from, f| table.store.visit(from, CHUNK, backwards, |o| f(cx, o)))
}

/// The same; `f` may change the table.
fn scan_to_change(
    cx: &mut Cx<'_>,
    table: &Table,
    spec: &MatchSpec,
    f: impl FnMut(&mut Cx<'_>, &Object),
) -> Result<(), Stop> {
    let mut objects = Vec::with_capacity(CHUNK);
    in_portions(cx, table, spec, f, |cx, from, f| {
        let more = table.store.walk(from, CHUNK, false, &mut objects);
        objects.drain(..).for_each(|o| f(cx, &o));
        more
    })
}

/// Calls `f` on the objects of the only key that can match, or has `portion` do so from cursor to cursor. A
/// walk through a large table is too long for a scheduler.
fn in_portions<F: FnMut(&mut Cx<'_>, &Object)>(
    cx: &mut Cx<'_>,
    table: &Table,
    spec: &MatchSpec,
    mut f: F,
    mut portion: impl FnMut(&mut Cx<'_>, Cursor, &mut F) -> More,
) -> Result<(), Stop> {
    if let Some(objects) = keyed(table, spec) {
        objects.iter().for_each(|o| f(cx, o));
        return Ok(());
    }
    cx.long(table.size() / OBJECTS_PER_REDUCTION)?;
    let _fixed = table.store.fixed();
    cx.charge(table.size() / OBJECTS_PER_REDUCTION);
    let mut more = portion(cx, Cursor::Start, &mut f);
    loop {
        more = match more {
            More::Slot(slot) => portion(cx, Cursor::Slot(slot), &mut f),
            More::After(last) => {
                last.peek(|o| portion(cx, Cursor::After(table.key_of(o).unwrap_or(Term::NIL)), &mut f))
            }
            More::End => return Ok(()),
        }
    }
}

/// Takes the objects out that are the same as one.
fn take_out(table: &Table, object: &Object) -> Found {
    object.peek(|t| match table.key_of(t) {
        Some(key) => table.store.remove(key, |other| cmp::eq_exact(other, t)),
        None => Found::new(),
    })
}

fn all(cx: &mut Cx<'_>, how: How) -> Outcome {
    let [t, spec] = cx.take();
    let table = super::table(cx, t, false)?;
    let spec = how.compile(cx, spec)?;
    let mut results = Term::NIL;
    let mut add = |cx: &mut Cx<'_>, o: &Object| {
        if let Some(result) = o.peek(|o| spec.run(cx, o)) {
            results = cx.cons(result, results);
        }
    };
    if let Some(objects) = keyed(&table, &spec) {
        objects.iter().rev().for_each(|o| add(cx, o));
        return Ok(results);
    }
    // Lists are built from their ends: hash tables give the last result first, ordered ones are walked
    // against the order of the results.
    let backwards = how != How::Reverse && table.kind == Kind::OrderedSet;
    scan(cx, &table, &spec, backwards, add)?;
    Ok(results)
}

pub(super) fn match_all(cx: &mut Cx<'_>) -> Outcome {
    all(cx, How::Match)
}

pub(super) fn match_object_all(cx: &mut Cx<'_>) -> Outcome {
    all(cx, How::MatchObject)
}

pub(super) fn select_all(cx: &mut Cx<'_>) -> Outcome {
    all(cx, How::Select)
}

pub(super) fn reverse_all(cx: &mut Cx<'_>) -> Outcome {
    all(cx, How::Reverse)
}

fn some(cx: &mut Cx<'_>, how: How) -> Outcome {
    let [t, spec, limit] = cx.take();
    let table = super::table(cx, t, false)?;
    let Some(limit) = limit.as_usize().filter(|n| *n > 0) else { return cx.badarg() };
    portion(cx, &table, how, limit, spec, Cursor::Start)
}

pub(super) fn match_some(cx: &mut Cx<'_>) -> Outcome {
    some(cx, How::Match)
}

pub(super) fn match_object_some(cx: &mut Cx<'_>) -> Outcome {
    some(cx, How::MatchObject)
}

pub(super) fn select_some(cx: &mut Cx<'_>) -> Outcome {
    some(cx, How::Select)
}

pub(super) fn reverse_some(cx: &mut Cx<'_>) -> Outcome {
    some(cx, How::Reverse)
}

/// Results until there are `limit` of them, and a continuation; `'$end_of_table'` if there are none.
fn portion(cx: &mut Cx<'_>, table: &Arc<Table>, how: How, limit: usize, term: Term, from: Cursor) -> Outcome {
    let spec = how.compile(cx, term)?;
    if let Some(objects) = keyed(table, &spec) {
        let results = objects.iter().rev().filter_map(|o| o.peek(|o| spec.run(cx, o))).collect();
        return portion_of_slots(cx, table, &Search { how, limit, term, spec }, None, results, true);
    }
    if table.kind == Kind::OrderedSet {
        portion_in_order(cx, table, how, limit, term, &spec, from)
    } else {
        let slot = if let Cursor::Slot(slot) = from { slot } else { 0 };
        portion_of_slots(cx, table, &Search { how, limit, term, spec }, Some(slot), Vec::new(), true)
    }
}

struct Search {
    how: How,
    limit: usize,
    term: Term,
    spec: MatchSpec,
}

/// Whole slots are searched, the results the last first. What is beyond the limit waits in the
/// continuation, the newest first after a first call, the oldest first after any other: as OTP's.
fn portion_of_slots(
    cx: &mut Cx<'_>,
    table: &Arc<Table>,
    search: &Search,
    from: Option<usize>,
    mut results: Vec<Term>,
    first: bool,
) -> Outcome {
    let mut slot = from;
    while let Some(at) = slot.filter(|_| results.len() < search.limit) {
        // Not one slot more than it takes: there are no more results than objects.
        let (mut seen, want) = (0, search.limit - results.len());
        let more = table.store.visit(Cursor::Slot(at), want, false, |o| {
            results.extend(o.peek(|o| search.spec.run(cx, o)));
            seen += 1;
        });
        cx.charge(seen / OBJECTS_PER_REDUCTION + 1);
        slot = if let More::Slot(next) = more { Some(next) } else { None };
    }
    // `results` is the list backwards: its head is the last.
    let mut rest = Vec::new();
    if results.len() > search.limit {
        if first {
            rest = results.split_off(search.limit);
            rest.reverse();
        } else {
            rest = results.split_off(search.limit);
        }
    }
    if results.is_empty() && slot.is_none() {
        return Ok(am::end_of_table);
    }
    results.reverse();
    let list = cx.list(&results);
    if slot.is_none() && rest.is_empty() {
        return Ok(cx.tuple(&[list, am::end_of_table]));
    }
    let tid = super::tid(cx, table);
    let slot = slot.map_or(Term::small(-1), |slot| cx.usize(slot));
    let (limit, waiting) = (cx.usize(search.limit), cx.usize(rest.len()));
    let rest = cx.list(&rest);
    let spec = compiled(cx, search.how, search.term);
    let continuation = cx.tuple(&[tid, slot, limit, spec, rest, waiting]);
    Ok(cx.tuple(&[list, continuation]))
}

fn portion_in_order(
    cx: &mut Cx<'_>,
    table: &Arc<Table>,
    how: How,
    limit: usize,
    term: Term,
    spec: &MatchSpec,
    mut from: Cursor,
) -> Outcome {
    let mut results = Vec::new();
    loop {
        let mut seen = 0;
        let more = table.store.visit(from, limit - results.len(), how == How::Reverse, |o| {
            results.extend(o.peek(|o| spec.run(cx, o)));
            seen += 1;
        });
        cx.charge(seen / OBJECTS_PER_REDUCTION + 1);
        let next = match more {
            More::After(last) => last.peek(|o| table.key_of(o).map_or(Term::NIL, |k| cx.copy(k))),
            _ if results.is_empty() => return Ok(am::end_of_table),
            _ => {
                let list = cx.list(&results);
                return Ok(cx.tuple(&[list, am::end_of_table]));
            }
        };
        if results.len() >= limit {
            let list = cx.list(&results);
            let tid = super::tid(cx, table);
            let limit = cx.usize(limit);
            let continuation = cx.tuple(&[tid, how.number(), limit, next, term]);
            return Ok(cx.tuple(&[list, continuation]));
        }
        from = Cursor::After(next);
    }
}

/// The next portion of a continuation.
pub(super) fn again(cx: &mut Cx<'_>) -> Outcome {
    let [continuation] = cx.take();
    if continuation == am::end_of_table {
        return Ok(am::end_of_table);
    }
    if let Some([tid, slot, limit, spec, rest, waiting]) = continuation.as_tuple_of() {
        return again_in_slots(cx, tid, [slot, limit, waiting], spec, rest);
    }
    let Some([tid, how, limit, next, spec]) = continuation.as_tuple_of() else { return cx.badarg() };
    let (Some(how), Some(limit)) = (How::of_number(how), limit.as_usize().filter(|n| *n > 0)) else {
        return cx.badarg();
    };
    let table = super::table(cx, tid, false)?;
    if table.kind != Kind::OrderedSet {
        return cx.badarg();
    }
    portion(cx, &table, how, limit, spec, Cursor::After(next))
}

fn again_in_slots(cx: &mut Cx<'_>, tid: Term, numbers: [Term; 3], spec: Term, rest: Term) -> Outcome {
    let table = super::table(cx, tid, false)?;
    let [Some(slot), Some(limit), Some(_)] = numbers.map(Term::as_small) else { return cx.badarg() };
    let (Ok(limit), slot) = (usize::try_from(limit), usize::try_from(slot).ok()) else { return cx.badarg() };
    let (true, Some(mut rest)) = (limit > 0 && table.kind != Kind::OrderedSet, rest.proper_list()) else {
        return cx.badarg();
    };
    if slot.is_some_and(|slot| slot >= table.store.slots()) {
        return cx.badarg();
    }
    let Some((how, term)) = spec.with_magic::<Compiled, _>(|c| (c.how, c.spec.load(cx))) else { return cx.badarg() };
    let spec = how.compile(cx, term)?;
    rest.reverse();
    portion_of_slots(cx, &table, &Search { how, limit, term, spec }, slot, rest, false)
}

pub(super) fn count(cx: &mut Cx<'_>) -> Outcome {
    let [t, spec] = cx.take();
    let table = super::table(cx, t, false)?;
    let spec = How::Select.compile(cx, spec)?;
    let mut n = 0;
    scan(cx, &table, &spec, false, |cx, o| {
        if o.peek(|o| spec.run_in_place(cx, o)) == Some(am::true_) {
            n += 1;
        }
    })?;
    Ok(cx.usize(n))
}

pub(super) fn delete(cx: &mut Cx<'_>) -> Outcome {
    let [t, spec] = cx.take();
    let table = super::table(cx, t, true)?;
    let spec = How::Select.compile(cx, spec)?;
    let mut n = 0;
    scan_to_change(cx, &table, &spec, |cx, o| {
        if o.peek(|o| spec.run_in_place(cx, o)) == Some(am::true_) {
            let gone = take_out(&table, o);
            gone.iter().for_each(|o| table.account(o, false));
            n += gone.len();
        }
    })?;
    table.store.trim();
    Ok(cx.usize(n))
}

pub(super) fn replace(cx: &mut Cx<'_>) -> Outcome {
    let [t, spec] = cx.take();
    let table = super::table(cx, t, true)?;
    if table.kind == Kind::Bag {
        return cx.badarg();
    }
    let spec = How::Select.compile(cx, spec)?;
    let mut n = 0;
    let mut wrong = false;
    scan_to_change(cx, &table, &spec, |cx, o| {
        let Some(new) = o.peek(|o| spec.run(cx, o)) else { return };
        let same = o.peek(|o| match (table.key_of(o), table.key_of(new)) {
            (Some(a), Some(b)) => table.same_key(a, b),
            _ => false,
        });
        if !same {
            wrong = true;
            return;
        }
        for old in take_out(&table, o) {
            let new = Object::new(new);
            table.count(new.words(), old.words());
            table.store.insert(new);
            n += 1;
        }
    })?;
    if wrong { cx.badarg() } else { Ok(cx.usize(n)) }
}

/// A specification kept for `match_spec_run` or a continuation.
struct Compiled {
    how: How,
    spec: Stored,
}

fn compiled(cx: &mut Cx<'_>, how: How, spec: Term) -> Term {
    cx.magic_ref(Magic::new(fresh_ref(), Box::new(Compiled { how, spec: Stored::new(spec) })))
}

pub(super) fn compile(cx: &mut Cx<'_>) -> Outcome {
    let [spec] = cx.take();
    How::Select.compile(cx, spec)?;
    Ok(compiled(cx, How::Select, spec))
}

pub(super) fn is_compiled(cx: &mut Cx<'_>) -> Outcome {
    let [term] = cx.take();
    Ok(Term::from_bool(term.with_magic::<Compiled, _>(|_| ()).is_some()))
}

/// Results of a list of terms, in reverse, before a tail.
pub(super) fn run_reversed(cx: &mut Cx<'_>) -> Outcome {
    let [list, compiled, tail] = cx.take();
    let Some(spec) = compiled.with_magic::<Compiled, _>(|c| c.spec.load(cx)) else { return cx.badarg() };
    let spec = How::Select.compile(cx, spec)?;
    let Some(list) = list.proper_list() else { return cx.badarg() };
    cx.charge(list.len() / 4);
    let mut result = tail;
    for term in list {
        if let Some(value) = spec.run_in_place(cx, term) {
            result = cx.cons(value, result);
        }
    }
    Ok(result)
}
