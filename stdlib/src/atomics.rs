//! `atomics` and `counters`: arrays of 64-bit integers that all processes update without locks.

use glulam_vm::base::sync::{AtomicU64, Ordering};
use glulam_vm::bif::{Cx, Outcome, Stop};
use glulam_vm::heap::{Build, Magic, map};
use glulam_vm::process::fresh_ref;
use glulam_vm::{Term, am, bifs};

bifs! {
    erts_internal:atomics_new/2     Normal => new;
    atomics:put/3                   Normal => put;
    atomics:get/2                   Normal => get;
    atomics:add/3                   Normal => add;
    atomics:add_get/3               Normal => add_get;
    atomics:exchange/3              Normal => exchange;
    atomics:compare_exchange/4      Normal => compare_exchange;
    atomics:info/1                  Normal => info;
    erts_internal:counters_new/1    Normal => counters_new;
    erts_internal:counters_get/2    Normal => get;
    erts_internal:counters_add/3    Normal => add;
    erts_internal:counters_put/3    Normal => put;
    erts_internal:counters_info/1   Normal => counters_info;
}

/// Bit of the options that asks for signed integers.
const SIGNED: u64 = 1;

struct Array {
    cells: Box<[AtomicU64]>,
    signed: bool,
}

fn make(cx: &mut Cx<'_>, size: Term, signed: bool) -> Outcome {
    let Some(n) = size.as_usize().filter(|n| *n > 0) else {
        return if size.is_integer() && size.as_big().is_some_and(|b| !b.is_negative()) { cx.system_limit() } else { cx.badarg() };
    };
    if n > 1 << 40 {
        return cx.system_limit();
    }
    let cells = (0..n).map(|_| AtomicU64::new(0)).collect();
    Ok(cx.magic_ref(Magic::new(fresh_ref(), Box::new(Array { cells, signed }))))
}

fn new(cx: &mut Cx<'_>) -> Outcome {
    let [size, options] = cx.take();
    let Some(options) = options.as_u64() else { return cx.badarg() };
    make(cx, size, options & SIGNED != 0)
}

fn counters_new(cx: &mut Cx<'_>) -> Outcome {
    let [size] = cx.take();
    make(cx, size, true)
}

/// Runs `f` on a cell; `badarg` if there is none.
fn cell<R>(cx: &mut Cx<'_>, array: Term, index: Term, f: impl FnOnce(&AtomicU64, bool) -> R) -> Result<R, Stop> {
    let index = index.as_usize().and_then(|n| n.checked_sub(1));
    let found = array.with_magic::<Array, _>(|a| {
        let cell = a.cells.get(index?)?;
        Some(f(cell, a.signed))
    });
    match found.flatten() {
        Some(result) => Ok(result),
        None => cx.badarg(),
    }
}

/// A value as 64 bits, if the array can hold it.
fn value(cx: &mut Cx<'_>, array: Term, term: Term) -> Result<u64, Stop> {
    let signed = array.with_magic::<Array, _>(|a| a.signed);
    let bits = match signed {
        Some(true) => term.as_i64().map(|n| n as u64),
        Some(false) => term.as_u64(),
        None => None,
    };
    match bits {
        Some(bits) => Ok(bits),
        None => cx.badarg(),
    }
}

/// An increment: any integer of 64 bits, signed or not.
fn increment(cx: &mut Cx<'_>, term: Term) -> Result<u64, Stop> {
    match term.as_i64().map(|n| n as u64).or_else(|| term.as_u64()) {
        Some(bits) => Ok(bits),
        None => cx.badarg(),
    }
}

fn integer(cx: &mut Cx<'_>, bits: u64, signed: bool) -> Term {
    if signed { cx.i64(bits as i64) } else { cx.u64(bits) }
}

fn put(cx: &mut Cx<'_>) -> Outcome {
    let [array, index, new] = cx.take();
    let new = value(cx, array, new)?;
    cell(cx, array, index, |c, _| c.store(new, Ordering::SeqCst))?;
    Ok(am::ok)
}

fn get(cx: &mut Cx<'_>) -> Outcome {
    let [array, index] = cx.take();
    let (bits, signed) = cell(cx, array, index, |c, signed| (c.load(Ordering::SeqCst), signed))?;
    Ok(integer(cx, bits, signed))
}

fn add(cx: &mut Cx<'_>) -> Outcome {
    let [array, index, by] = cx.take();
    let by = increment(cx, by)?;
    cell(cx, array, index, |c, _| c.fetch_add(by, Ordering::SeqCst))?;
    Ok(am::ok)
}

fn add_get(cx: &mut Cx<'_>) -> Outcome {
    let [array, index, by] = cx.take();
    let by = increment(cx, by)?;
    let (bits, signed) = cell(cx, array, index, |c, s| (c.fetch_add(by, Ordering::SeqCst).wrapping_add(by), s))?;
    Ok(integer(cx, bits, signed))
}

fn exchange(cx: &mut Cx<'_>) -> Outcome {
    let [array, index, new] = cx.take();
    let new = value(cx, array, new)?;
    let (bits, signed) = cell(cx, array, index, |c, s| (c.swap(new, Ordering::SeqCst), s))?;
    Ok(integer(cx, bits, signed))
}

fn compare_exchange(cx: &mut Cx<'_>) -> Outcome {
    let [array, index, expected, new] = cx.take();
    let expected = value(cx, array, expected)?;
    let new = value(cx, array, new)?;
    let (result, signed) = cell(cx, array, index, |c, s| {
        (c.compare_exchange(expected, new, Ordering::SeqCst, Ordering::SeqCst), s)
    })?;
    match result {
        Ok(_) => Ok(am::ok),
        Err(seen) => Ok(integer(cx, seen, signed)),
    }
}

fn shape(cx: &mut Cx<'_>, array: Term) -> Result<(usize, bool), Stop> {
    match array.with_magic::<Array, _>(|a| (a.cells.len(), a.signed)) {
        Some(shape) => Ok(shape),
        None => cx.badarg(),
    }
}

fn info(cx: &mut Cx<'_>) -> Outcome {
    let [array] = cx.take();
    let (n, signed) = shape(cx, array)?;
    let (min, max) = if signed { (cx.i64(i64::MIN), cx.i64(i64::MAX)) } else { (Term::ZERO, cx.u64(u64::MAX)) };
    let size = cx.usize(n);
    let memory = cx.usize(n * 8 + 40);
    Ok(map::from_pairs(&[(am::size, size), (am::max, max), (am::min, min), (am::memory, memory)], cx))
}

fn counters_info(cx: &mut Cx<'_>) -> Outcome {
    let [array] = cx.take();
    let (n, _) = shape(cx, array)?;
    let size = cx.usize(n);
    let memory = cx.usize(n * 8 + 40);
    Ok(map::from_pairs(&[(am::size, size), (am::memory, memory)], cx))
}
