//! Selections by match specifications.
//!
//! A continuation is `{Tid, How, Limit, Cursor, Spec}`: whoever holds it can go on, whatever has
//! happened to the table meanwhile.

use std::sync::Arc;

use glulam_vm::bif::match_spec::MatchSpec;
use glulam_vm::bif::{Cx, Outcome, Stop};
use glulam_vm::heap::{Build, Magic, Stored};
use glulam_vm::process::fresh_ref;
use glulam_vm::table::ets::{Cursor, Kind, Object, Table};
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
            Err(_) => cx.badarg(),
        }
    }
}

/// Objects looked at in one go.
const CHUNK: usize = 1000;

/// The objects that can match: those of one key, if the specification says which.
fn keyed(table: &Table, spec: &MatchSpec) -> Option<Vec<Object>> {
    spec.key(table.keypos).map(|key| table.store.lookup(key))
}

/// Calls `f` on every object that can match, until it says stop.
fn scan(cx: &mut Cx<'_>, table: &Table, spec: &MatchSpec, backwards: bool, mut f: impl FnMut(&mut Cx<'_>, &Object)) {
    if let Some(objects) = keyed(table, spec) {
        objects.iter().for_each(|o| f(cx, o));
        return;
    }
    let mut from = Cursor::Start;
    let mut last: Option<Object> = None;
    loop {
        let (objects, more) = match (&last, from) {
            (Some(last), Cursor::After(_)) => {
                last.peek(|o| table.store.walk(Cursor::After(table.key_of(o).unwrap_or(Term::NIL)), CHUNK, backwards))
            }
            _ => table.store.walk(from, CHUNK, backwards),
        };
        cx.charge(objects.len() / 4);
        objects.iter().for_each(|o| f(cx, o));
        let Some(hash) = more else { return };
        from = if table.kind == Kind::OrderedSet { Cursor::After(Term::NIL) } else { Cursor::Hash(hash) };
        last = objects.into_iter().next_back();
    }
}

fn all(cx: &mut Cx<'_>, how: How) -> Outcome {
    let [t, spec] = cx.take();
    let table = super::table(cx, t, false)?;
    let spec = how.compile(cx, spec)?;
    let mut results = Vec::new();
    let backwards = how == How::Reverse && table.kind == Kind::OrderedSet;
    scan(cx, &table, &spec, backwards, |cx, o| results.extend(o.peek(|o| spec.run(cx, o))));
    Ok(cx.list(&results))
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
    let backwards = how == How::Reverse && table.kind == Kind::OrderedSet;
    let mut results = Vec::new();
    if let Some(objects) = keyed(table, &spec) {
        for o in &objects {
            results.extend(o.peek(|o| spec.run(cx, o)));
        }
        if results.is_empty() {
            return Ok(am::end_of_table);
        }
        let list = cx.list(&results);
        return Ok(cx.tuple(&[list, am::end_of_table]));
    }
    let mut from = from;
    loop {
        let want = if table.kind == Kind::OrderedSet { limit - results.len() } else { 1 };
        let (objects, more) = table.store.walk(from, want, backwards);
        cx.charge(objects.len() / 4 + 1);
        for o in &objects {
            results.extend(o.peek(|o| spec.run(cx, o)));
        }
        let next = match (more, objects.last()) {
            (Some(_), Some(last)) if table.kind == Kind::OrderedSet => {
                Some(last.peek(|o| table.key_of(o).map_or(Term::NIL, |k| cx.copy(k))))
            }
            (Some(hash), _) => Some(cx.u64(hash)),
            _ => None,
        };
        match next {
            Some(next) if results.len() >= limit => {
                let list = cx.list(&results);
                let tid = super::tid(cx, table);
                let limit = cx.usize(limit);
                let continuation = cx.tuple(&[tid, how.number(), limit, next, term]);
                return Ok(cx.tuple(&[list, continuation]));
            }
            Some(next) => from = cursor(table, next),
            None if results.is_empty() => return Ok(am::end_of_table),
            None => {
                let list = cx.list(&results);
                return Ok(cx.tuple(&[list, am::end_of_table]));
            }
        }
    }
}

fn cursor(table: &Table, next: Term) -> Cursor {
    if table.kind == Kind::OrderedSet { Cursor::After(next) } else { Cursor::Hash(next.as_u64().unwrap_or(u64::MAX)) }
}

/// The next portion of a continuation.
pub(super) fn again(cx: &mut Cx<'_>) -> Outcome {
    let [continuation] = cx.take();
    if continuation == am::end_of_table {
        return Ok(am::end_of_table);
    }
    let Some([tid, how, limit, next, spec]) = continuation.as_tuple_of() else { return cx.badarg() };
    let (Some(how), Some(limit)) = (How::of_number(how), limit.as_usize().filter(|n| *n > 0)) else {
        return cx.badarg();
    };
    let table = super::table(cx, tid, false)?;
    let from = cursor(&table, next);
    portion(cx, &table, how, limit, spec, from)
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
    });
    Ok(cx.usize(n))
}

pub(super) fn delete(cx: &mut Cx<'_>) -> Outcome {
    let [t, spec] = cx.take();
    let table = super::table(cx, t, true)?;
    let spec = How::Select.compile(cx, spec)?;
    let mut n = 0;
    scan(cx, &table, &spec, false, |cx, o| {
        if o.peek(|o| spec.run_in_place(cx, o)) == Some(am::true_) {
            let gone = o.peek(|t| match table.key_of(t) {
                Some(key) => table.store.remove(key, |other| cmp::eq_exact(other, t)),
                None => Vec::new(),
            });
            gone.iter().for_each(|o| table.account(o, false));
            n += gone.len();
        }
    });
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
    scan(cx, &table, &spec, false, |cx, o| {
        let Some(new) = o.peek(|o| spec.run(cx, o)) else { return };
        let same = o.peek(|o| match (table.key_of(o), table.key_of(new)) {
            (Some(a), Some(b)) => table.same_key(a, b),
            _ => false,
        });
        if !same {
            wrong = true;
            return;
        }
        let old = o.peek(|t| match table.key_of(t) {
            Some(key) => table.store.remove(key, |other| cmp::eq_exact(other, t)),
            None => Vec::new(),
        });
        for _ in old {
            table.store.insert(Arc::new(Stored::new(new)));
            n += 1;
        }
    });
    if wrong { cx.badarg() } else { Ok(cx.usize(n)) }
}

/// A specification kept for `match_spec_run`.
struct Compiled(Stored);

pub(super) fn compile(cx: &mut Cx<'_>) -> Outcome {
    let [spec] = cx.take();
    How::Select.compile(cx, spec)?;
    Ok(cx.magic_ref(Magic::new(fresh_ref(), Box::new(Compiled(Stored::new(spec))))))
}

pub(super) fn is_compiled(cx: &mut Cx<'_>) -> Outcome {
    let [term] = cx.take();
    Ok(Term::from_bool(term.with_magic::<Compiled, _>(|_| ()).is_some()))
}

/// Results of a list of terms, in reverse, before a tail.
pub(super) fn run_reversed(cx: &mut Cx<'_>) -> Outcome {
    let [list, compiled, tail] = cx.take();
    let Some(spec) = compiled.with_magic::<Compiled, _>(|c| c.0.load(cx)) else { return cx.badarg() };
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
