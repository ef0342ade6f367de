//! Hashes that every node and release computes the same way: `erlang:phash/2`, `erlang:phash2/2`.

use super::hash::{block, constant, mix};
use super::view::{Bits, View};
use super::{MapView, Term};
use crate::atom::Atom;

/// The hash of an atom's name that both build on: P. J. Weinberger's, over ISO 8859-1 where a
/// character has it and over the bytes of UTF-8 where not.
fn atom_hash(atom: Atom) -> u32 {
    let name = atom.name().as_bytes();
    let (mut hash, mut at) = (0u32, 0);
    while let Some(&byte) = name.get(at) {
        at += 1;
        let mut value = byte;
        if byte & 0xfe == 0xc2
            && let Some(&next) = name.get(at)
            && next & 0xc0 == 0x80
        {
            value = (byte << 6) | (next & 0x3f);
            at += 1;
        }
        hash = (hash << 4).wrapping_add(value.into());
        let high = hash & 0xf000_0000;
        hash ^= high >> 24;
        hash ^= high;
    }
    hash
}

/// The words that a float hashes as: low, high. Both zeros are one.
fn float_words(float: f64) -> (u32, u32) {
    let bits = if float == 0.0 { 0 } else { float.to_bits() };
    (bits as u32, (bits >> 32) as u32)
}

/// First number of an identifier.
fn first_number(term: Term) -> u32 {
    if let Some((number, _)) = term.pid_parts() {
        return number;
    }
    term.ref_numbers().and_then(|numbers| numbers.first().copied()).unwrap_or(0)
}

/// What is still to be hashed, next last.
enum Rest {
    Term(Term),
    /// The tail of a cell whose head came.
    Tail(Term),
    /// Behind a tail that is no list.
    ListEnd,
    TupleEnd(usize),
    /// A key and its value came.
    PairEnd,
    /// All pairs of a map came; the hash and the sum of pairs from before it.
    MapEnd(u32, u32),
}

fn push_all(rest: &mut Vec<Rest>, terms: &[Term]) {
    rest.extend(terms.iter().rev().map(|&term| Rest::Term(term)));
}

/// Primes that `phash` multiplies by.
const P: [u32; 15] = [
    0, 268_440_163, 268_439_161, 268_435_459, 268_436_141, 268_438_633, 268_437_017, 268_438_039, 268_437_511,
    268_439_627, 268_440_479, 268_440_577, 268_440_581, 268_440_593, 268_440_611,
];

fn times(hash: u32, prime: u32, more: u32) -> u32 {
    hash.wrapping_mul(prime).wrapping_add(more)
}

/// A 32-bit number, byte by byte, least significant first.
fn number(hash: u32, value: u32, prime: u32) -> u32 {
    value.to_le_bytes().iter().fold(hash, |hash, &byte| times(hash, prime, byte.into()))
}

/// The hash that `erlang:phash/2` cuts to its range.
pub fn phash(term: Term) -> u32 {
    let mut hash = 0u32;
    let mut rest = vec![Rest::Term(term)];
    while let Some(next) = rest.pop() {
        let term = match next {
            Rest::Term(term) => term,
            Rest::Tail(tail) => {
                if !tail.is_cons() {
                    rest.push(Rest::ListEnd);
                }
                tail
            }
            Rest::ListEnd => {
                hash = hash.wrapping_mul(P[8]);
                continue;
            }
            Rest::TupleEnd(arity) => {
                hash = times(hash, P[9], arity as u32);
                continue;
            }
            Rest::PairEnd | Rest::MapEnd(..) => continue,
        };
        hash = match term.view() {
            View::Nil => times(hash, P[3], 1),
            View::Atom(atom) => times(hash, P[1], atom_hash(atom)),
            View::Small(n) => integer(hash, n < 0, &[n.unsigned_abs()]),
            View::Big(big) => integer(hash, big.is_negative(), big.limbs()),
            View::Bits(bits) => {
                let bytes = bits.to_bytes();
                let mut hash = bytes.iter().fold(hash, |hash, &byte| times(hash, P[1], byte.into()));
                if let (last, count @ 1..) = bits.last_bits() {
                    hash = times(times(hash, P[1], u32::from(last) >> (8 - count)), P[12], count as u32);
                }
                times(hash, P[4], bytes.len() as u32)
            }
            View::Fun(fun) => {
                let parts = fun.parts();
                if fun.is_external() {
                    hash = times(hash, P[11], parts.arity.into());
                    hash = times(hash, P[1], atom_hash(parts.module));
                    times(hash, P[1], atom_hash(parts.function))
                } else {
                    push_all(&mut rest, fun.environment());
                    hash = times(hash, P[10], fun.environment().len() as u32);
                    hash = times(hash, P[1], atom_hash(parts.module));
                    hash = times(hash, P[2], parts.index);
                    times(hash, P[2], parts.old_uniq)
                }
            }
            View::LocalPid | View::ExternalPid => number(hash, first_number(term), P[5]).wrapping_mul(P[6]),
            View::LocalPort | View::ExternalPort => {
                let n = term.port_number().unwrap_or(0);
                if n >> 32 != 0 {
                    hash = number(hash, (n >> 32) as u32, P[11]);
                }
                number(hash, n as u32, P[9]).wrapping_mul(P[10])
            }
            View::Ref | View::ExternalRef => number(hash, first_number(term), P[9]).wrapping_mul(P[10]),
            View::Float(float) => {
                let (low, high) = float_words(float);
                times(hash, P[6], low ^ high)
            }
            View::Map(_) => times(hash, P[13], P[14]).wrapping_add(phash2(term)),
            View::Tuple(tuple) => {
                rest.push(Rest::TupleEnd(tuple.arity()));
                push_all(&mut rest, tuple.as_slice());
                hash
            }
            View::Cons(_) => {
                let mut at = term;
                loop {
                    let Some(cell) = at.as_cons() else {
                        rest.push(Rest::Tail(at));
                        break;
                    };
                    let Some(byte @ 0..=255) = cell.head().as_small() else {
                        rest.push(Rest::Tail(cell.tail()));
                        rest.push(Rest::Term(cell.head()));
                        break;
                    };
                    hash = times(hash, P[2], byte as u32);
                    at = cell.tail();
                }
                hash
            }
            View::Record | View::MatchContext | View::Internal => hash,
        };
    }
    hash
}

/// An integer, byte by byte; of the highest limb only the low half if the high one is empty.
fn integer(mut hash: u32, negative: bool, limbs: &[u64]) -> u32 {
    for (i, &limb) in limbs.iter().enumerate() {
        hash = number(hash, limb as u32, P[2]);
        if i + 1 < limbs.len() || limb >> 32 != 0 {
            hash = number(hash, (limb >> 32) as u32, P[2]);
        }
    }
    hash.wrapping_mul(if negative { P[4] } else { P[3] })
}

fn two(hash: u32, x: u32, y: u32, c: u32) -> u32 {
    mix(c.wrapping_add(x), c.wrapping_add(y), hash)
}

fn one(hash: u32, x: u32, c: u32) -> u32 {
    two(hash, x, 0, c)
}

/// The hash that `erlang:phash2/1,2` cut to their ranges.
pub fn phash2(term: Term) -> u32 {
    phash2_within(term, usize::MAX).unwrap_or(0)
}

/// `phash2`, unless it takes more than `most` steps, about one for each term within the term.
pub fn phash2_within(term: Term, most: usize) -> Option<u32> {
    // Most keys are atoms and small numbers.
    if let Some(atom) = term.as_atom() {
        return Some(atom_hash(atom));
    }
    let mut left = most;
    // `pairs`: of the map that is being hashed, what its pairs so far come to.
    let (mut hash, mut pairs) = (0u32, 0u32);
    let mut rest = Vec::new();
    let mut at = term;
    loop {
        hash = hash_one(hash, &mut pairs, at, &mut rest);
        left = left.checked_sub(1)?;
        loop {
            match rest.pop() {
                None => return Some(hash),
                Some(Rest::Term(next) | Rest::Tail(next)) => {
                    at = next;
                    break;
                }
                Some(Rest::PairEnd) => {
                    pairs ^= hash;
                    hash = 0;
                }
                Some(Rest::MapEnd(before, outer)) => {
                    hash = one(before, pairs, constant(19));
                    pairs = outer;
                }
                Some(Rest::ListEnd | Rest::TupleEnd(_)) => {}
            }
        }
    }
}

/// A term goes into the hash; what is inside it, into `rest`.
fn hash_one(hash: u32, pairs: &mut u32, term: Term, rest: &mut Vec<Rest>) -> u32 {
    match term.view() {
        View::Atom(atom) if hash == 0 => atom_hash(atom),
        View::Atom(atom) => one(hash, atom_hash(atom), constant(3)),
        View::Nil if hash == 0 => 3_468_870_702,
        View::Nil => one(hash, 2, constant(2)),
        View::Small(n @ -0x800_0000..=0x7ff_ffff) => {
            let hash = if n < 0 { one(hash, n.unsigned_abs() as u32, constant(1)) } else { hash };
            one(hash, n as u32, constant(1))
        }
        View::Small(n) => limbs(hash, n < 0, &[n.unsigned_abs()]),
        View::Big(big) => limbs(hash, big.is_negative(), big.limbs()),
        View::Float(float) => {
            let (low, high) = float_words(float);
            two(hash, high, low, constant(12))
        }
        View::Cons(_) => list(hash, term, rest),
        View::Tuple(tuple) => {
            push_all(rest, tuple.as_slice());
            one(hash, tuple.arity() as u32, constant(9))
        }
        View::Map(map) => map_pairs(one(hash, map.size() as u32, constant(16)), pairs, map, rest),
        View::Fun(fun) => {
            let parts = fun.parts();
            if fun.is_external() {
                let hash = two(hash, parts.arity.into(), atom_hash(parts.module), constant(1));
                return one(hash, atom_hash(parts.function), constant(14));
            }
            push_all(rest, fun.environment());
            let hash = two(hash, fun.environment().len() as u32, atom_hash(parts.module), constant(1));
            two(hash, parts.index, parts.old_uniq, constant(1))
        }
        View::Bits(bits) => bytes(hash, &bits),
        View::LocalPid | View::ExternalPid => one(hash, first_number(term), constant(5)),
        View::LocalPort | View::ExternalPort => {
            let n = term.port_number().unwrap_or(0);
            two(hash, n as u32, (n >> 32) as u32, constant(6))
        }
        View::Ref | View::ExternalRef => one(hash, first_number(term), constant(7)),
        View::Record | View::MatchContext | View::Internal => hash,
    }
}

fn limbs(hash: u32, negative: bool, limbs: &[u64]) -> u32 {
    let c = constant(if negative { 10 } else { 11 });
    limbs.iter().fold(hash, |hash, &limb| two(hash, limb as u32, (limb >> 32) as u32, c))
}

fn bytes(hash: u32, bits: &Bits) -> u32 {
    let start = constant(13).wrapping_add(hash);
    if bits.bit_size == 0 {
        return start;
    }
    let hash = block(&bits.to_bytes(), start);
    match bits.last_bits() {
        (_, 0) => hash,
        (last, count) => two(hash, count as u32, u32::from(last) >> (8 - count), constant(15)),
    }
}

/// Bytes at the start four at a time, then one cell.
fn list(mut hash: u32, list: Term, rest: &mut Vec<Rest>) -> u32 {
    let (mut bytes, mut count, mut at) = (0u32, 0, list);
    while let Some(cell) = at.as_cons() {
        let Some(byte @ 0..=255) = cell.head().as_small() else { break };
        bytes = (bytes << 8).wrapping_add(byte as u32);
        count += 1;
        if count == 4 {
            hash = one(hash, bytes, constant(4));
            (bytes, count) = (0, 0);
        }
        at = cell.tail();
    }
    if count > 0 {
        hash = one(hash, bytes, constant(4));
    }
    match at.as_cons() {
        Some(cell) => {
            rest.push(Rest::Term(cell.tail()));
            rest.push(Rest::Term(cell.head()));
        }
        None => rest.push(Rest::Term(at)),
    }
    hash
}

/// Pairs are hashed each for itself and summed, so that their order doesn't count.
fn map_pairs(hash: u32, pairs: &mut u32, map: MapView, rest: &mut Vec<Rest>) -> u32 {
    if map.size() == 0 {
        return hash;
    }
    rest.push(Rest::MapEnd(hash, std::mem::take(pairs)));
    for (key, value) in map.iter() {
        rest.extend([Rest::PairEnd, Rest::Term(value), Rest::Term(key)]);
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::am;
    use crate::heap::{Build, Fragment, map};

    /// What `erl` gives for the same terms.
    #[test]
    fn hashes_are_those_of_otp() {
        let mut f = Fragment::new(10_000);
        let inner = f.list(&[Term::small(1), am::ok, Term::small(2)]);
        let pairs: Vec<_> = (1..=40).map(|n| (Term::small(n), Term::small(-n))).collect();
        let accented = Term::from_atom(Atom::known("åäö日"));
        let terms = [
            am::ok,
            accented,
            Term::NIL,
            Term::ZERO,
            Term::small(-1),
            Term::small(1 << 27),
            Term::small(-(1 << 60)),
            f.big(true, &[7, 9]),
            f.float(1.5),
            f.float(-0.0),
            f.binary(b"hello"),
            f.bitstring(&[0xff, 0xe0], 11),
            f.binary(b""),
            f.string("a string of text"),
            f.list_with_tail(&[Term::small(1), Term::small(300)], am::ok),
            inner,
            f.tuple(&[]),
            f.tuple(&[inner, am::ok, Term::NIL]),
            map::from_pairs(&pairs[..0], &mut f),
            map::from_pairs(&pairs[..3], &mut f),
            map::from_pairs(&pairs, &mut f),
        ];
        let found: Vec<(u32, u32)> =
            terms.iter().map(|&t| (phash(t), phash2(t))).collect();
        assert_eq!(found, FROM_ERL);
    }
    const FROM_ERL: [(u32, u32); 21] = [(1883, 1883), (256135189, 256135189), (1, 3468870702), (0, 3175731469), (1680185269, 1117813597), (2147483672, 2562491755), (10960, 1301172511), (1728475024, 465399939), (1073217536, 2023646235), (0, 423528920), (476327963, 1658093459), (3096541740, 2508458947), (0, 147926629), (633801105, 3817212649), (1934508959, 1098374745), (1274232599, 1255028561), (0, 221703996), (2089218958, 2540616561), (1113425984, 844985373), (3027131181, 2758690570), (1464702757, 1196262146)];
}
