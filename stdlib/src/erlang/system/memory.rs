//! Memory as `erlang:memory/0` and its like count it.
//!
//! OTP's Erlang code adds up what allocators report in messages, one for each thread. Here one
//! allocator serves all: each kind of memory is told by the floor that keeps it, in one message.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::{Atom, Term};

/// OTP's names; what is reported stands under the three that `erlang:memory/0` tells apart.
const ALLOCATORS: &[&str] = &[
    "temp_alloc",
    "sl_alloc",
    "std_alloc",
    "ll_alloc",
    "eheap_alloc",
    "ets_alloc",
    "fix_alloc",
    "literal_alloc",
    "binary_alloc",
    "driver_alloc",
];

fn atom(name: &'static str) -> Term {
    Term::from_atom(Atom::known(name))
}

/// Two: callers wait for a message from each but one.
pub(super) fn no_aux_work_threads(_: &mut Cx<'_>) -> Outcome {
    Ok(Term::small(2))
}

pub(super) fn allocators(cx: &mut Cx<'_>) -> Term {
    let names: Vec<Term> = ALLOCATORS.iter().map(|name| atom(name)).collect();
    cx.list(&names)
}

/// `{Name, Version, Features, Settings}` of the memory allocator.
pub(super) fn allocator(cx: &mut Cx<'_>) -> Term {
    let version = cx.list(&[Term::small(0), Term::small(1)]);
    cx.tuple(&[atom("mimalloc"), version, Term::NIL, Term::NIL])
}

/// Areas outside the allocators. Their sum and what the message reports are all there is.
pub(super) fn allocated_areas(cx: &mut Cx<'_>) -> Term {
    let text = glulam_vm::atom::memory_used() as i64;
    let atoms = glulam_vm::atom::atom_count() as i64 * 64;
    let code = glulam_vm::heap::literal::bytes_used() as i64;
    let pairs = [("atom_table", atoms), ("loaded_code", code), ("external_alloc", text + atoms + code)];
    let space = [atom("atom_space"), Term::small(text), Term::small(text)];
    let mut rows = vec![cx.tuple(&space)];
    rows.extend(pairs.map(|(name, bytes)| cx.tuple(&[atom(name), Term::small(bytes)])));
    cx.list(&rows)
}
