//! `erlang`: binaries, bitstrings, I/O lists.

use glulam_vm::bif::{Cx, Outcome, Resume, Slot, Stop};
use glulam_vm::heap::Build;
use glulam_vm::term::iolist::{self, BadIolist, BitVec, Chunk, Size, Walk};
use glulam_vm::term::{Bits, View};
use glulam_vm::Term;

glulam_vm::bifs! {
    erlang:byte_size/1          Normal guard => byte_size;
    erlang:bit_size/1           Normal guard => bit_size;
    /// Elements of a tuple, or whole bytes of a bitstring, rounded down.
    erlang:size/1               Normal guard => size;
    erlang:binary_part/2        Normal guard => part_2;
    erlang:binary_part/3        Normal guard => part_3;
    binary:part/2               Normal => part_2;
    binary:part/3               Normal => part_3;
    erlang:split_binary/2       Normal => split_binary;
    erlang:binary_to_list/1     Normal => binary_to_list;
    erlang:binary_to_list/3     Normal => binary_to_list_3;
    /// Bytes, then the last bits, if any, as a bitstring.
    erlang:bitstring_to_list/1  Normal => bitstring_to_list;
    erlang:list_to_binary/1     Yielding => list_to_binary;
    binary:list_to_bin/1        Yielding => list_to_binary;
    erlang:iolist_to_binary/1   Yielding => iolist_to_binary;
    erlang:list_to_bitstring/1  Yielding => list_to_bitstring;
    erlang:iolist_size/1        Yielding => iolist_size;
    erlang:iolist_to_iovec/1    Normal => iolist_to_iovec;
}

/// List elements that a reduction pays for.
const ELEMENTS_PER_REDUCTION: usize = 32;

fn byte_size(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0).as_bits() {
        Some(bits) => Ok(cx.usize(bits.bit_size.div_ceil(8))),
        None => cx.badarg(),
    }
}

fn bit_size(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0).as_bits() {
        Some(bits) => Ok(cx.usize(bits.bit_size)),
        None => cx.badarg(),
    }
}

fn size(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0).view() {
        View::Tuple(tuple) => Ok(cx.usize(tuple.arity())),
        View::Bits(bits) => Ok(cx.usize(bits.byte_size())),
        _ => cx.badarg(),
    }
}

/// Start and length in bytes that a position and a length, which may be negative, stand for;
/// `None` unless they lie within `size`.
pub(crate) fn range_of(position: Term, length: Term, size: usize) -> Option<(usize, usize)> {
    let position = position.as_usize().filter(|&p| p <= size)?;
    let length = length.as_i64()?;
    let n = usize::try_from(length.unsigned_abs()).ok()?;
    if length < 0 {
        Some((position.checked_sub(n)?, n))
    } else {
        (n <= size - position).then_some((position, n))
    }
}

fn part(cx: &mut Cx<'_>, whole: Term, position: Term, length: Term) -> Outcome {
    let Some(bits) = whole.as_bits() else { return cx.badarg() };
    match range_of(position, length, bits.byte_size()) {
        Some((start, n)) => Ok(cx.part(whole, start * 8, n * 8)),
        None => cx.badarg(),
    }
}

fn part_2(cx: &mut Cx<'_>) -> Outcome {
    let [whole, range] = cx.take();
    match range.as_tuple_of::<2>() {
        Some([position, length]) => part(cx, whole, position, length),
        None => cx.badarg(),
    }
}

fn part_3(cx: &mut Cx<'_>) -> Outcome {
    let [whole, position, length] = cx.take();
    part(cx, whole, position, length)
}

fn split_binary(cx: &mut Cx<'_>) -> Outcome {
    let [whole, position] = cx.take();
    let (Some(bits), Some(at)) = (whole.as_bits(), position.as_usize()) else { return cx.badarg() };
    if at > bits.byte_size() {
        return cx.badarg();
    }
    let parts = [cx.part(whole, 0, at * 8), cx.part(whole, at * 8, bits.bit_size - at * 8)];
    Ok(cx.tuple(&parts))
}

/// The bytes before a list.
fn bytes_before(cx: &mut Cx<'_>, bytes: &[u8], rest: Term) -> Outcome {
    let reductions = bytes.len() / ELEMENTS_PER_REDUCTION;
    cx.long(reductions)?;
    cx.charge(reductions);
    let elements: Vec<Term> = bytes.iter().map(|&byte| Term::small(byte.into())).collect();
    Ok(cx.list_with_tail(&elements, rest))
}

fn binary_to_list(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0).as_binary() {
        Some(bits) => bytes_before(cx, &bits.to_bytes(), Term::NIL),
        None => cx.badarg(),
    }
}

/// Positions count from 1, and the last is included.
fn binary_to_list_3(cx: &mut Cx<'_>) -> Outcome {
    let [binary, first, last] = cx.take();
    let Some(bits) = binary.as_bits() else { return cx.badarg() };
    match (first.as_usize(), last.as_usize()) {
        (Some(first @ 1..), Some(last)) if first <= last && last <= bits.byte_size() => {
            bytes_before(cx, &bits.to_bytes()[first - 1..last], Term::NIL)
        }
        _ => cx.badarg(),
    }
}

fn bitstring_to_list(cx: &mut Cx<'_>) -> Outcome {
    let Some(bits) = cx.arg(0).as_bits() else { return cx.badarg() };
    let rest = match bits.last_bits() {
        (_, 0) => Term::NIL,
        (last, count) => {
            let last = cx.bitstring(&[last], count);
            cx.cons(last, Term::NIL)
        }
    };
    bytes_before(cx, &bits.to_bytes(), rest)
}

/// The exception for a term that can't be flattened.
pub(crate) fn bad_iolist<T>(cx: &mut Cx<'_>, why: BadIolist) -> Result<T, Stop> {
    match why {
        BadIolist::NotIolist => cx.badarg(),
        BadIolist::TooLarge => cx.system_limit(),
    }
}

/// What a walk through an I/O list makes.
trait Product: iolist::Sink + Default + Send + 'static {
    fn finish(self, cx: &mut Cx<'_>) -> Outcome;
}

impl Product for Vec<u8> {
    fn finish(self, cx: &mut Cx<'_>) -> Outcome {
        Ok(cx.binary_from(self))
    }
}

impl Product for Size {
    fn finish(self, cx: &mut Cx<'_>) -> Outcome {
        Ok(cx.usize(self.0))
    }
}

impl Product for BitVec {
    fn finish(self, cx: &mut Cx<'_>) -> Outcome {
        if self.bit_size % 8 == 0 {
            return Ok(cx.binary_from(self.bytes));
        }
        Ok(cx.bitstring(&self.bytes, self.bit_size))
    }
}

/// A walk over several slices.
struct Flatten<P> {
    product: P,
    /// A list of what is left to walk, in reverse.
    pending: Slot,
}

impl<P: Product> Resume for Flatten<P> {
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
        let mut walk = Walk { pending: cx.slot_get(self.pending).list().collect() };
        match advance(cx, &mut walk, &mut self.product)? {
            true => std::mem::take(&mut self.product).finish(cx).map(Some),
            false => {
                let pending = cx.list(&walk.pending);
                cx.slot_set(self.pending, pending);
                Ok(None)
            }
        }
    }
}

/// Walks as far as the slice allows; whether that was to the end.
fn advance<P: Product>(cx: &mut Cx<'_>, walk: &mut Walk, product: &mut P) -> Result<bool, Stop> {
    let fuel = usize::try_from(cx.reductions_left()).unwrap_or(0).max(1) * ELEMENTS_PER_REDUCTION;
    match walk.run(product, fuel) {
        Ok(left) => {
            cx.charge((fuel - left.unwrap_or(0)) / ELEMENTS_PER_REDUCTION);
            Ok(left.is_some())
        }
        Err(why) => bad_iolist(cx, why),
    }
}

fn flatten<P: Product>(cx: &mut Cx<'_>, term: Term) -> Outcome {
    let mut walk = match Walk::new(term) {
        Ok(walk) => walk,
        Err(why) => return bad_iolist(cx, why),
    };
    let mut product = P::default();
    if advance(cx, &mut walk, &mut product)? {
        return product.finish(cx);
    }
    let pending = cx.list(&walk.pending);
    let pending = cx.slot(pending);
    cx.run(Flatten { product, pending })
}

fn list_to_binary(cx: &mut Cx<'_>) -> Outcome {
    let [list] = cx.take();
    if list.is_list() { flatten::<Vec<u8>>(cx, list) } else { cx.badarg() }
}

fn iolist_to_binary(cx: &mut Cx<'_>) -> Outcome {
    let [iolist] = cx.take();
    match iolist.as_binary() {
        Some(_) => Ok(iolist),
        None => flatten::<Vec<u8>>(cx, iolist),
    }
}

fn list_to_bitstring(cx: &mut Cx<'_>) -> Outcome {
    let [list] = cx.take();
    if list.is_list() { flatten::<BitVec>(cx, list) } else { cx.badarg() }
}

fn iolist_size(cx: &mut Cx<'_>) -> Outcome {
    let [iolist] = cx.take();
    match iolist.as_binary() {
        Some(bits) => Ok(cx.usize(bits.byte_size())),
        None => flatten::<Size>(cx, iolist),
    }
}

fn iolist_to_iovec(cx: &mut Cx<'_>) -> Outcome {
    let [list] = cx.take();
    if list.as_binary().is_some_and(|bits: Bits| bits.byte_size() > 0) {
        return Ok(cx.list(&[list]));
    }
    let chunks = match iolist::to_chunks(list) {
        Ok(chunks) => chunks,
        Err(why) => return bad_iolist(cx, why),
    };
    let binaries: Vec<Term> = chunks
        .into_iter()
        .map(|chunk| match chunk {
            Chunk::Binary(binary, from) => {
                let size = binary.as_bits().map_or(0, |bits| bits.bit_size);
                cx.part(binary, from * 8, size - from * 8)
            }
            Chunk::Bytes(bytes) => cx.binary_from(bytes),
        })
        .collect();
    cx.charge(binaries.len() / 4);
    Ok(cx.list(&binaries))
}
