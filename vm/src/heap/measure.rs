//! The sizes of terms as Erlang is told them: in the words that OTP's layout takes, which differ
//! from ours in a few kinds.

use rustc_hash::FxHashSet as HashSet;

use super::literal;
use crate::term::node::Node;
use crate::term::{Header, Kind, Term};

/// The integers that OTP holds in a word.
const OTP_SMALL: std::ops::Range<i64> = -(1 << 59)..1 << 59;
/// A handle of an off-heap binary.
const OTP_REFC_BINARY: usize = 6;
/// What makes a bitstring of a binary.
const OTP_SUB_BINARY: usize = 5;
/// The largest binary on the heap, in bytes.
const OTP_HEAP_BINARY: usize = 64;

fn binary_words(bits: usize) -> usize {
    let bytes = bits.div_ceil(8);
    let base = if bytes <= OTP_HEAP_BINARY { 2 + bytes.div_ceil(8) } else { OTP_REFC_BINARY };
    if bits % 8 == 0 { base } else { base + OTP_SUB_BINARY }
}

/// Words of one box, without what it points to.
fn box_words(term: Term, header: Header) -> usize {
    let size = header.size();
    match header.kind() {
        Kind::Tuple if size == 0 => 0,
        Kind::Fun => 5 + size - 2,
        Kind::Export => 5,
        Kind::FlatMap => size + 2,
        Kind::HashRoot | Kind::HashNode => size,
        Kind::Ref | Kind::MagicRef => 3,
        // Node and the words behind it; OTP packs reference numbers in halves of words.
        Kind::ExternalPid | Kind::ExternalPort => 4,
        Kind::ExternalRef => 2 + size,
        Kind::HeapBinary | Kind::RefcBinary | Kind::SubBinary => {
            term.as_bits().map_or(0, |bits| binary_words(bits.bit_size))
        }
        _ => size + 1,
    }
}

/// Adds up every part of a term that `enter` says to enter.
fn add_up(term: Term, mut enter: impl FnMut(Term) -> bool) -> usize {
    let mut words = 0;
    let mut pending = vec![term];
    while let Some(t) = pending.pop() {
        if let Some(n) = t.as_small() {
            words += if OTP_SMALL.contains(&n) { 0 } else { 2 };
            continue;
        }
        if t.is_immediate() || !enter(t) {
            continue;
        }
        if t.is_cons() {
            words += 2;
            pending.extend([t.slot(1), t.slot(0)]);
            continue;
        }
        let header = t.header();
        words += box_words(t, header);
        let parts = match header.kind() {
            Kind::SubBinary | Kind::Export => 1..1,
            // The entry's address and the creator; the number of pairs and the bitmap.
            Kind::Fun => 3..header.size() + 1,
            Kind::HashRoot => 3..header.size() + 1,
            Kind::HashNode => 2..header.size() + 1,
            _ => 1..header.term_words() + 1,
        };
        pending.extend(parts.map(|i| t.slot(i)));
    }
    words
}

/// Words of a term without sharing, literals included (`erts_debug:flat_size/1`).
pub fn erlang_flat_size(term: Term) -> usize {
    add_up(term, |_| true)
}

/// Calls `found` with the node of each identifier of another node in a term.
pub fn each_node(term: Term, found: &mut dyn FnMut(&'static Node)) {
    let mut seen = HashSet::default();
    add_up(term, |t| {
        let is_new = seen.insert(t.bits());
        if let Some(external) = t.as_external().filter(|_| is_new) {
            found(external.node());
        }
        is_new
    });
}

/// Words of a term, parts that occur more than once counted once, literals not at all
/// (`erts_debug:size_shared/1`).
pub fn erlang_shared_size(term: Term) -> usize {
    let mut seen = HashSet::default();
    add_up(term, |t| !literal::is_literal(t) && seen.insert(t.bits()))
}
