//! Hashing terms.

use super::Term;
use super::view::View;

/// Mixing constants, multiples of the golden ratio.
pub(super) const fn constant(n: u32) -> u32 {
    0x9e37_79b9u32.wrapping_mul(n)
}

#[inline]
pub(super) fn mix(mut a: u32, mut b: u32, mut c: u32) -> u32 {
    for [x, y, z] in [[13, 8, 13], [12, 16, 5], [3, 10, 15]] {
        a = a.wrapping_sub(b).wrapping_sub(c) ^ (c >> x);
        b = b.wrapping_sub(c).wrapping_sub(a) ^ (a << y);
        c = c.wrapping_sub(a).wrapping_sub(b) ^ (b >> z);
    }
    c
}

/// The hash of a map's key that serves the given eight levels of its trie.
pub fn of_key(key: Term, eight: u32) -> u32 {
    let salt = match eight {
        0 => 0,
        _ => mix(constant(22).wrapping_add(eight), constant(22).wrapping_add(1), 0),
    };
    internal(key, salt)
}

/// The hash that orders the tries of maps. Of integers, floats, binaries and lists and tuples of
/// these it is what OTP 25 computes, so that such keys come in the same order.
#[inline]
pub fn internal(term: Term, salt: u32) -> u32 {
    match term.as_small() {
        Some(n) if (n << 4) >> 4 == n => of_small(n, salt ^ START),
        _ => of_any(term, salt),
    }
}

const START: u32 = 3_432_918_353;

/// A small integer is 60 bits wide in OTP, its tag 15.
#[inline]
fn of_small(n: i64, hash: u32) -> u32 {
    let word = (n as u64) << 4 | 15;
    mix(constant(1).wrapping_add(word as u32), constant(1).wrapping_add((word >> 32) as u32), hash)
}

fn of_any(term: Term, salt: u32) -> u32 {
    let mut hash = salt ^ START;
    let two = |hash: u32, x: u32, y: u32, c: u32| mix(c.wrapping_add(x), c.wrapping_add(y), hash);
    let word = |hash: u32, w: u64, c: u32| two(hash, w as u32, (w >> 32) as u32, c);
    let mut pending: Vec<Work> = Vec::new();
    let mut term = term;
    loop {
        hash = match term.view() {
            View::Small(n) if (n << 4) >> 4 == n => of_small(n, hash),
            View::Small(n) => word(hash, n.unsigned_abs(), constant(if n < 0 { 10 } else { 11 })),
            View::Big(big) => {
                let c = constant(if big.is_negative() { 10 } else { 11 });
                big.limbs().iter().fold(hash, |hash, &limb| word(hash, limb, c))
            }
            View::Float(f) => word(hash, (if f == 0.0 { 0.0 } else { f }).to_bits(), constant(12)),
            View::Nil => word(hash, 0x3b, constant(1)),
            View::Cons(_) => list(hash, term, &mut pending, two),
            View::Tuple(tuple) => {
                pending.extend(tuple.iter().rev().map(Work::Term));
                two(hash, tuple.arity() as u32, 0, constant(9))
            }
            View::Map(map) => {
                // A flat map's first pair comes first, of a hashed one the last of its trie.
                let mut pairs: Vec<_> = map.iter().collect();
                if map.is_flat() {
                    pairs.reverse();
                }
                for (key, value) in pairs {
                    pending.push(Work::Term(value));
                    pending.push(Work::Term(key));
                }
                two(hash, map.size() as u32, 0, constant(16))
            }
            View::Bits(bits) => {
                let whole = bits.to_bytes();
                let start = constant(13).wrapping_add(hash);
                if bits.bit_size == 0 {
                    start
                } else {
                    let hash = block(&whole, start);
                    match bits.last_bits() {
                        (_, 0) => hash,
                        (last, n) => two(hash, n as u32, u32::from(last) >> (8 - n), constant(15)),
                    }
                }
            }
            View::Fun(fun) => {
                pending.extend(fun.environment().iter().rev().copied().map(Work::Term));
                word(hash, fun.entry_address(), constant(20))
            }
            View::Ref => {
                let [x, y] = term.as_local_ref().unwrap_or_default();
                word(word(hash, x, constant(7)), y, constant(8))
            }
            View::Atom(_) | View::LocalPid | View::LocalPort => word(hash, term.bits(), constant(1)),
            _ if term.is_boxed() => {
                (1..=term.header().size()).fold(hash, |hash, i| word(hash, term.word(i), constant(5)))
            }
            _ => word(hash, term.bits(), constant(1)),
        };
        loop {
            match pending.pop() {
                None => return hash,
                Some(Work::Term(next)) => {
                    term = next;
                    break;
                }
                Some(Work::Tail) => hash = (hash ^ constant(18)).rotate_left(17),
            }
        }
    }
}

enum Work {
    Term(Term),
    /// Between a cell's head and a tail that is no list.
    Tail,
}

/// A list: bytes at its start four at a time, then one cell.
fn list(mut hash: u32, list: Term, pending: &mut Vec<Work>, two: impl Fn(u32, u32, u32, u32) -> u32) -> u32 {
    let (mut bytes, mut count, mut at) = (0u32, 0, list);
    while let Some(cell) = at.as_cons() {
        let Some(byte @ 0..=255) = cell.head().as_small() else { break };
        bytes = (bytes << 8).wrapping_add(byte as u32);
        count += 1;
        if count == 4 {
            hash = two(hash, bytes, 0, constant(4));
            (bytes, count) = (0, 0);
        }
        at = cell.tail();
    }
    if count > 0 {
        hash = two(hash, bytes, count, constant(22));
    }
    match at.as_cons() {
        Some(cell) => {
            pending.push(Work::Term(cell.tail()));
            if !cell.tail().is_cons() {
                pending.push(Work::Tail);
            }
            pending.push(Work::Term(cell.head()));
            (hash ^ constant(17)).rotate_left(17)
        }
        None => {
            pending.push(Work::Term(at));
            hash
        }
    }
}

/// Bob Jenkins' hash of a run of bytes.
pub(super) fn block(bytes: &[u8], start: u32) -> u32 {
    let (mut a, mut b, mut c) = (constant(1), constant(1), start);
    let mut chunks = bytes.chunks_exact(12);
    let le = |b: &[u8]| b.iter().rev().fold(0u32, |n, &byte| n << 8 | u32::from(byte));
    let stir = |a: &mut u32, b: &mut u32, c: &mut u32| {
        for [x, y, z] in [[13, 8, 13], [12, 16, 5], [3, 10, 15]] {
            *a = a.wrapping_sub(*b).wrapping_sub(*c) ^ (*c >> x);
            *b = b.wrapping_sub(*c).wrapping_sub(*a) ^ (*a << y);
            *c = c.wrapping_sub(*a).wrapping_sub(*b) ^ (*b >> z);
        }
    };
    for chunk in chunks.by_ref() {
        a = a.wrapping_add(le(&chunk[..4]));
        b = b.wrapping_add(le(&chunk[4..8]));
        c = c.wrapping_add(le(&chunk[8..]));
        stir(&mut a, &mut b, &mut c);
    }
    let rest = chunks.remainder();
    c = c.wrapping_add(bytes.len() as u32);
    a = a.wrapping_add(le(&rest[..rest.len().min(4)]));
    b = b.wrapping_add(le(&rest[rest.len().min(4)..rest.len().min(8)]));
    c = c.wrapping_add(le(&rest[rest.len().min(8)..]) << 8);
    stir(&mut a, &mut b, &mut c);
    c
}

#[cfg(test)]
mod tests {
    use crate::heap::map::from_pairs;
    use crate::heap::{Build, Fragment};
    use crate::term::Term;

    fn keys(f: &mut Fragment, keys: Vec<Term>) -> Vec<Term> {
        let pairs: Vec<_> = keys.into_iter().map(|k| (k, k)).collect();
        from_pairs(&pairs, f).as_map().unwrap().iter().map(|p| p.0).collect()
    }

    /// The order in which `erl` lists such keys.
    #[test]
    fn tries_are_ordered_as_in_otp() {
        let mut f = Fragment::new(100_000);
        let found: Vec<i64> = keys(&mut f, (1..=40).map(Term::small).collect()).iter().map(|k| k.small_value()).collect();
        assert_eq!(found, INTS);
        let binaries = (1..=40i64).map(|n| f.binary(n.to_string().as_bytes())).collect();
        let found = keys(&mut f, binaries);
        let found: Vec<i64> = found
            .iter()
            .map(|k| String::from_utf8(k.as_bits().unwrap().to_bytes().into_owned()).unwrap().parse().unwrap())
            .collect();
        assert_eq!(found, BINARIES);
        let lists = (1..=40i64).map(|n| {
            let inner = f.list(&[Term::small(n)]);
            let big = f.big(true, &[n as u64, 1]);
            let float = f.float(n as f64 / 2.0);
            let long = f.binary(b"a long binary of twenty");
            f.list(&[Term::small(5), Term::small(6), Term::small(256), inner, big, float, long])
        });
        let lists: Vec<Term> = lists.collect();
        let tuples = lists.iter().map(|&l| f.tuple(&[l, Term::NIL])).collect();
        let found: Vec<i64> = keys(&mut f, tuples)
            .iter()
            .map(|k| k.as_tuple().unwrap().at(0).list().nth(3).unwrap().as_cons().unwrap().head().small_value())
            .collect();
        assert_eq!(found, TUPLES);
    }
    const INTS: [i64; 40] = [16,18,5,19,27,35,10,24,36,4,21,22,17,3,8,1,7,2,14,15,20,40,13,38,6,28,25,34,32,9,37,11,31,26,39,30,29,23,12,33];
    const BINARIES: [i64; 40] = [19,1,9,16,13,4,37,24,22,2,30,29,28,32,35,38,39,18,40,10,17,11,12,23,15,21,26,34,33,3,6,5,31,20,36,8,14,25,27,7];
    const TUPLES: [i64; 40] = [35,11,1,18,19,36,33,4,8,15,39,23,5,22,27,21,38,12,10,2,37,9,32,29,30,16,31,34,20,40,17,28,3,14,25,6,13,7,24,26];
}
