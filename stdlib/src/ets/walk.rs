//! Walking from key to key.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::table::ets::Kind;
use glulam_vm::am;

fn end(cx: &mut Cx<'_>, backwards: bool) -> Outcome {
    let [t] = cx.take();
    super::with(cx, t, false, |cx, table| {
        Ok(table.store.end(backwards, |key| cx.copy(key)).unwrap_or(am::end_of_table))
    })
}

pub(super) fn first(cx: &mut Cx<'_>) -> Outcome {
    end(cx, false)
}

pub(super) fn last(cx: &mut Cx<'_>) -> Outcome {
    end(cx, true)
}

fn step(cx: &mut Cx<'_>, backwards: bool) -> Outcome {
    let [t, from] = cx.take();
    super::with(cx, t, false, |cx, table| {
        let backwards = backwards && table.kind == Kind::OrderedSet;
        match table.store.neighbour(from, backwards, |key| cx.copy(key)) {
            Ok(key) => Ok(key.unwrap_or(am::end_of_table)),
            Err(()) => cx.badarg_because(am::badkey),
        }
    })
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
