//! Memory as `erlang:memory/0` and its like count it.
//!
//! OTP's Erlang code adds up what allocators report in messages, one for each thread. Here one
//! allocator serves all: each kind of memory is told by the floor that keeps it, in one message.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::{BinaryBuffer, Build};
use glulam_vm::process::Parcel;
use glulam_vm::sched::timer;
use glulam_vm::table::{ets, route};
use glulam_vm::{Atom, Term, am};

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

/// Bytes under an allocator's name.
fn bytes_of(name: Term) -> Option<usize> {
    Some(match name.as_atom()?.name() {
        "binary_alloc" => BinaryBuffer::total_bytes(),
        // What `fix_types` tells of is a part of it.
        "fix_alloc" => timer::memory(),
        "ets_alloc" => tables(),
        "eheap_alloc" => resident().saturating_sub(BinaryBuffer::total_bytes() + timer::memory() + tables()),
        _ => 0,
    })
}

/// Bytes of all tables' objects.
fn tables() -> usize {
    ets::all().iter().map(|table| table.memory() * 8).sum()
}

/// Bytes of the whole process that are in memory.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: usize = statm.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
    pages * rustix::param::page_size()
}

/// What carriers of one kind hold: memory under a name counts as one block in one carrier. The `whole` of
/// it, or sizes only.
fn carriers(cx: &mut Cx<'_>, name: Option<Term>, bytes: usize, whole: bool) -> Term {
    let (count, bytes) = (Term::small(i64::from(bytes > 0)), cx.usize(bytes));
    let mut block = vec![cx.tuple(&[am::size, bytes, bytes, bytes])];
    let mut rows = vec![cx.tuple(&[atom("carriers_size"), bytes, bytes, bytes])];
    if whole {
        block.insert(0, cx.tuple(&[atom("count"), count, count, count]));
        rows.insert(0, cx.tuple(&[atom("carriers"), count, count, count]));
    }
    let block = cx.list(&block);
    let blocks: Vec<Term> = name.map(|name| cx.tuple(&[name, block])).into_iter().collect();
    let blocks = cx.list(&blocks);
    rows.insert(0, cx.tuple(&[atom("blocks"), blocks]));
    cx.list(&rows)
}

/// What there are very many of, all of one size: `{fix_types, [{Type, Allocated, Used}]}`.
fn fixed_types(cx: &mut Cx<'_>) -> Term {
    let bytes = cx.usize(timer::memory());
    let timers = cx.tuple(&[atom("bif_timer"), bytes, bytes]);
    let types = cx.list(&[timers]);
    cx.tuple(&[atom("fix_types"), types])
}

/// `{memory_internal | allocator | allocator_sizes, Ref, Names}`: sends `{Ref, 0, Data}` to the
/// caller.
pub(super) fn request(cx: &mut Cx<'_>, what: Term, reference: Term, names: Term) -> Option<Term> {
    if !matches!(what, am::memory_internal | am::allocator | am::allocator_sizes) || !reference.is_ref() {
        return None;
    }
    let names = names.proper_list()?;
    let mut rows = Vec::new();
    let whole = what == am::allocator;
    for name in names {
        let bytes = bytes_of(name)?;
        let shared = carriers(cx, Some(name), bytes, whole);
        let shared = cx.tuple(&[atom("mbcs"), shared]);
        // Nothing is told apart as large: all blocks count as those of shared carriers.
        let single = carriers(cx, None, 0, whole);
        let single = cx.tuple(&[atom("sbcs"), single]);
        let mut data = vec![shared, single];
        if name == atom("fix_alloc") {
            data.push(fixed_types(cx));
        }
        let data = cx.list(&data);
        rows.push(cx.tuple(&[name, Term::ZERO, data]));
    }
    let rows = cx.list(&rows);
    let message = cx.tuple(&[reference, Term::ZERO, rows]);
    route::send_parcel(cx.self_pid(), Parcel::new(message));
    Some(am::true_)
}
