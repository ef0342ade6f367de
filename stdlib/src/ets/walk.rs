//! Walking from key to key.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::table::ets::{Kind, Object, Table};
use glulam_vm::{Term, am};

/// The key of an object on the caller's heap, or `'$end_of_table'`.
fn key(cx: &mut Cx<'_>, table: &Table, object: Option<Object>) -> Term {
    match object {
        Some(object) => object.peek(|o| table.key_of(o).map_or(am::end_of_table, |k| cx.copy(k))),
        None => am::end_of_table,
    }
}

fn end(cx: &mut Cx<'_>, backwards: bool) -> Outcome {
    let [t] = cx.take();
    let table = super::table(cx, t, false)?;
    let object = table.store.end(backwards);
    Ok(key(cx, &table, object))
}

pub(super) fn first(cx: &mut Cx<'_>) -> Outcome {
    end(cx, false)
}

pub(super) fn last(cx: &mut Cx<'_>) -> Outcome {
    end(cx, true)
}

fn step(cx: &mut Cx<'_>, backwards: bool) -> Outcome {
    let [t, from] = cx.take();
    let table = super::table(cx, t, false)?;
    let backwards = backwards && table.kind == Kind::OrderedSet;
    match table.store.neighbour(from, backwards) {
        Ok(object) => Ok(key(cx, &table, object)),
        Err(()) => cx.badarg_because(am::badkey),
    }
}

pub(super) fn next(cx: &mut Cx<'_>) -> Outcome {
    step(cx, false)
}

pub(super) fn prev(cx: &mut Cx<'_>) -> Outcome {
    step(cx, true)
}

/// The objects of a slot.
pub(super) fn slot(cx: &mut Cx<'_>) -> Outcome {
    let [t, n] = cx.take();
    let table = super::table(cx, t, false)?;
    let Some(n) = n.as_usize() else { return cx.badarg() };
    match table.store.slot(n) {
        Some(objects) => Ok(super::object::to_list(cx, &objects)),
        None if n == table.store.slots() => Ok(am::end_of_table),
        None => cx.badarg(),
    }
}
