//! Comparing terms: `==`, `=:=`, the order of terms, and the order of map keys.
//!
//! number < atom < reference < fun < port < pid < tuple < map < [] < list < bitstring. In the order
//! of map keys, and of terms within them, all integers come before all floats; elsewhere numbers
//! compare by value. Nothing here recurses: terms may be as deep as memory allows.

use std::cmp::Ordering;

use super::header::Kind;
use super::view::{BigRef, Bits, View};
use super::{MapView, Term};

/// `=:=`
#[inline]
pub fn eq_exact(a: Term, b: Term) -> bool {
    a == b || (a.is_pointer() && b.is_pointer() && equal(a, b, true))
}

/// `==`
#[inline]
pub fn eq(a: Term, b: Term) -> bool {
    if a == b {
        return true;
    }
    if a.is_immediate() && b.is_immediate() {
        return false;
    }
    equal(a, b, false)
}

/// The order of terms.
#[inline]
pub fn compare(a: Term, b: Term) -> Ordering {
    match (a.as_small(), b.as_small()) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => order(a, b, false),
    }
}

/// The order of map keys.
#[inline]
pub fn cmp_exact(a: Term, b: Term) -> Ordering {
    match (a.as_small(), b.as_small()) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => order(a, b, true),
    }
}

/// Pairs of terms still to compare.
type Pending = Vec<(Term, Term)>;

fn equal(a: Term, b: Term, exact: bool) -> bool {
    let mut pending: Pending = Vec::new();
    let (mut a, mut b) = (a, b);
    loop {
        if a != b {
            if let (Some(x), Some(y)) = (a.as_cons(), b.as_cons()) {
                pending.push((x.tail(), y.tail()));
                (a, b) = (x.head(), y.head());
                continue;
            }
            if !equal_step(a, b, exact, &mut pending) {
                return false;
            }
        }
        match pending.pop() {
            Some(next) => (a, b) = next,
            None => return true,
        }
    }
}

/// Compares two different words, leaving what is inside them in `pending`.
fn equal_step(a: Term, b: Term, exact: bool, pending: &mut Pending) -> bool {
    if !exact && a.is_number() && b.is_number() {
        return numbers(a, b).is_eq();
    }
    if !a.is_boxed() || !b.is_boxed() {
        return false;
    }
    match (a.view(), b.view()) {
        (View::Big(x), View::Big(y)) => x.is_negative() == y.is_negative() && x.limbs() == y.limbs(),
        (View::Float(x), View::Float(y)) => x == y,
        (View::Bits(x), View::Bits(y)) => x.bit_size == y.bit_size && bits(&x, &y).is_eq(),
        (View::Map(x), View::Map(y)) => x.size() == y.size() && equal_maps(x, y, exact, pending),
        (View::Fun(x), View::Fun(y)) => {
            x.is_external() == y.is_external()
                && x.entry_address() == y.entry_address()
                && all(pending, x.environment(), y.environment())
        }
        (View::Tuple(x), View::Tuple(y)) => all(pending, x.as_slice(), y.as_slice()),
        (View::Ref, View::Ref) => a.as_local_ref() == b.as_local_ref(),
        (View::ExternalPid, View::ExternalPid)
        | (View::ExternalPort, View::ExternalPort)
        | (View::ExternalRef, View::ExternalRef) => same_words(a, b),
        (View::Record, View::Record) => {
            let n = a.header().size();
            a.header() == b.header() && (1..=n).all(|i| {
                pending.push((a.slot(i), b.slot(i)));
                true
            })
        }
        _ => false,
    }
}

fn all(pending: &mut Pending, a: &[Term], b: &[Term]) -> bool {
    pending.extend(a.iter().copied().zip(b.iter().copied()).filter(|(a, b)| a != b).rev());
    a.len() == b.len()
}

fn same_words(a: Term, b: Term) -> bool {
    a.header() == b.header() && (1..=a.header().size()).all(|i| a.word(i) == b.word(i))
}

fn equal_maps(a: MapView, b: MapView, exact: bool, pending: &mut Pending) -> bool {
    if a.is_flat() && b.is_flat() {
        let keys = (a.flat_keys_tuple(), b.flat_keys_tuple());
        if let (Some(x), Some(y)) = keys
            && x != y
        {
            // Keys are compared exactly, whatever the operator.
            if !a.flat_keys().iter().zip(b.flat_keys()).all(|(&x, &y)| eq_exact_deep(x, y)) {
                return false;
            }
        }
        return all(pending, a.flat_values(), b.flat_values());
    }
    let _ = exact;
    a.iter().all(|(key, value)| match b.get(key) {
        Some(other) => {
            if value != other {
                pending.push((value, other));
            }
            true
        }
        None => false,
    })
}

/// As `eq_exact`; apart so that maps as keys nest only as deep as maps are keys of maps.
fn eq_exact_deep(a: Term, b: Term) -> bool {
    eq_exact(a, b)
}

/// The place of a term's kind in the order of terms.
fn rank(t: Term) -> u8 {
    match t.view() {
        View::Small(_) | View::Big(_) | View::Float(_) => 0,
        View::Atom(_) => 1,
        View::Ref | View::ExternalRef => 2,
        View::Fun(_) => 3,
        View::LocalPort | View::ExternalPort => 4,
        View::LocalPid | View::ExternalPid => 5,
        View::Tuple(_) | View::Record => 6,
        View::Map(_) => 7,
        View::Nil => 8,
        View::Cons(_) => 9,
        View::Bits(_) | View::MatchContext => 10,
        View::Internal => 11,
    }
}

/// What is left to compare: pairs, or sizes and the like that count only after all before is equal.
enum Task {
    Terms(Term, Term),
    /// As `Terms`, for the keys of maps: exact.
    Keys(Term, Term),
    Then(Ordering),
}

fn order(a: Term, b: Term, exact: bool) -> Ordering {
    let mut tasks: Vec<Task> = Vec::new();
    let (mut a, mut b, mut exactly) = (a, b, exact);
    loop {
        let mut result = Ordering::Equal;
        if a != b {
            if let (Some(x), Some(y)) = (a.as_cons(), b.as_cons()) {
                tasks.push(if exactly { Task::Keys(x.tail(), y.tail()) } else { Task::Terms(x.tail(), y.tail()) });
                (a, b) = (x.head(), y.head());
                continue;
            }
            result = order_step(a, b, exactly, &mut tasks);
        }
        loop {
            if result.is_ne() {
                return result;
            }
            match tasks.pop() {
                None => return Ordering::Equal,
                Some(Task::Then(ordering)) => result = ordering,
                Some(Task::Terms(x, y)) => {
                    (a, b, exactly) = (x, y, exact);
                    break;
                }
                Some(Task::Keys(x, y)) => {
                    (a, b, exactly) = (x, y, true);
                    break;
                }
            }
        }
    }
}

fn push_all(tasks: &mut Vec<Task>, a: &[Term], b: &[Term], exact: bool) {
    let pairs = a.iter().copied().zip(b.iter().copied()).filter(|(a, b)| a != b).rev();
    tasks.extend(pairs.map(|(a, b)| if exact { Task::Keys(a, b) } else { Task::Terms(a, b) }));
}

fn order_step(a: Term, b: Term, exact: bool, tasks: &mut Vec<Task>) -> Ordering {
    match (a.view(), b.view()) {
        (View::Atom(x), View::Atom(y)) => x.name().as_bytes().cmp(y.name().as_bytes()),
        (View::LocalPid, View::LocalPid) => a.as_pid_number().cmp(&b.as_pid_number()),
        (View::LocalPort, View::LocalPort) => a.as_port_number().cmp(&b.as_port_number()),
        (View::Ref, View::Ref) => {
            let [x, y] = [a, b].map(|t| t.as_local_ref().unwrap_or_default());
            (x[1], x[0]).cmp(&(y[1], y[0]))
        }
        (View::Bits(x), View::Bits(y)) => bits(&x, &y),
        (View::Tuple(x), View::Tuple(y)) => {
            push_all(tasks, x.as_slice(), y.as_slice(), exact);
            x.arity().cmp(&y.arity())
        }
        (View::Map(x), View::Map(y)) => {
            if x.size() == y.size() {
                let (x, y) = (sorted(x), sorted(y));
                let values = |pairs: &[(Term, Term)]| pairs.iter().map(|p| p.1).collect::<Vec<_>>();
                let keys = |pairs: &[(Term, Term)]| pairs.iter().map(|p| p.0).collect::<Vec<_>>();
                push_all(tasks, &values(&x), &values(&y), exact);
                push_all(tasks, &keys(&x), &keys(&y), true);
                return Ordering::Equal;
            }
            x.size().cmp(&y.size())
        }
        (View::Fun(x), View::Fun(y)) => {
            if x.is_external() != y.is_external() {
                return x.is_external().cmp(&y.is_external());
            }
            let (ex, ey) = (x.environment(), y.environment());
            push_all(tasks, ex, ey, exact);
            tasks.push(Task::Then(ex.len().cmp(&ey.len())));
            x.entry_address().cmp(&y.entry_address())
        }
        (View::ExternalPid, View::ExternalPid)
        | (View::ExternalPort, View::ExternalPort)
        | (View::ExternalRef, View::ExternalRef) => {
            let words = |t: Term| (1..=t.header().size()).map(move |i| t.word(i));
            words(a).cmp(words(b))
        }
        _ => {
            let (x, y) = (rank(a), rank(b));
            if x == 0 && y == 0 {
                return if exact { numbers_exact(a, b) } else { numbers(a, b) };
            }
            if x == y && a.is_boxed() && b.is_boxed() && a.header().is(Kind::Record) && b.header().is(Kind::Record) {
                let n = a.header().size().min(b.header().size());
                tasks.extend((1..=n).rev().map(|i| Task::Terms(a.slot(i), b.slot(i))));
                return a.header().size().cmp(&b.header().size());
            }
            // Local before external where the kinds differ in that only.
            x.cmp(&y).then_with(|| a.is_boxed().cmp(&b.is_boxed()))
        }
    }
}

/// The pairs of a map in key order.
fn sorted(map: MapView) -> Vec<(Term, Term)> {
    let mut pairs: Vec<_> = map.iter().collect();
    if !map.is_flat() {
        pairs.sort_by(|a, b| cmp_exact(a.0, b.0));
    }
    pairs
}

/// Bit by bit; of two that begin alike the shorter is less.
fn bits(a: &Bits, b: &Bits) -> Ordering {
    let common = a.byte_size().min(b.byte_size());
    let (x, y) = (a.to_bytes(), b.to_bytes());
    x[..common].cmp(&y[..common]).then_with(|| {
        let rest = |bits: &Bits, bytes: &[u8]| match bytes.get(common) {
            Some(&byte) => (byte, bits.bit_size - common * 8),
            None => bits.last_bits(),
        };
        let ((p, n), (q, m)) = (rest(a, &x), rest(b, &y));
        let shared = n.min(m).min(8);
        let mask = !(0xffu16 >> shared) as u8;
        (p & mask).cmp(&(q & mask)).then(n.cmp(&m))
    })
}

fn numbers_exact(a: Term, b: Term) -> Ordering {
    match (a.as_float(), b.as_float()) {
        (Some(x), Some(y)) => x.partial_cmp(&y).unwrap_or(Ordering::Equal),
        (Some(_), None) => Ordering::Greater,
        (None, Some(_)) => Ordering::Less,
        (None, None) => numbers(a, b),
    }
}

/// Numbers by value.
fn numbers(a: Term, b: Term) -> Ordering {
    match (a.as_float(), b.as_float()) {
        (Some(x), Some(y)) => x.partial_cmp(&y).unwrap_or(Ordering::Equal),
        (Some(x), None) => integer_to_float(b, x).reverse(),
        (None, Some(y)) => integer_to_float(a, y),
        (None, None) => match (a.as_small(), b.as_small()) {
            (Some(x), Some(y)) => x.cmp(&y),
            _ => {
                let (x, y) = (sign_and_limbs(&a), sign_and_limbs(&b));
                match (x.0, y.0) {
                    (false, true) => Ordering::Greater,
                    (true, false) => Ordering::Less,
                    (negative, _) => {
                        let by_size = x.1.len().cmp(&y.1.len()).then_with(|| x.1.iter().rev().cmp(y.1.iter().rev()));
                        if negative { by_size.reverse() } else { by_size }
                    }
                }
            }
        },
    }
}

fn sign_and_limbs(t: &Term) -> (bool, Vec<u64>) {
    match (t.as_small(), t.as_big()) {
        (Some(n), _) => (n < 0, if n == 0 { Vec::new() } else { vec![n.unsigned_abs()] }),
        (_, Some(big)) => (BigRef::is_negative(big), big.limbs().to_vec()),
        _ => (false, Vec::new()),
    }
}

/// An integer against a float, without rounding either.
fn integer_to_float(integer: Term, float: f64) -> Ordering {
    let (negative, limbs) = sign_and_limbs(&integer);
    if negative != (float < 0.0) {
        return if negative { Ordering::Less } else if float < 0.0 { Ordering::Greater } else { Ordering::Less };
    }
    let magnitude = magnitude_to_float(&limbs, float.abs());
    if negative { magnitude.reverse() } else { magnitude }
}

/// `float` is not negative and finite.
fn magnitude_to_float(limbs: &[u64], float: f64) -> Ordering {
    let whole = float.trunc();
    let bits = whole.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i64 - 1075;
    let mantissa = (bits & ((1 << 52) - 1)) | (1 << 52);
    // The float's whole part as limbs.
    let other: Vec<u64> = if whole < 1.0 {
        Vec::new()
    } else if exponent <= 0 {
        vec![mantissa >> -exponent]
    } else {
        let mut other = vec![0; exponent as usize / 64];
        let shifted = u128::from(mantissa) << (exponent % 64);
        other.push(shifted as u64);
        if shifted >> 64 != 0 {
            other.push((shifted >> 64) as u64);
        }
        other
    };
    let by_size = limbs.len().cmp(&other.len()).then_with(|| limbs.iter().rev().cmp(other.iter().rev()));
    by_size.then(if float > whole { Ordering::Less } else { Ordering::Equal })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::{Build, Fragment, map};
    use crate::am;

    #[test]
    fn the_order_of_terms() {
        let mut f = Fragment::new(10_000);
        let (nil, one, two) = (Term::NIL, Term::small(1), Term::small(2));
        let float = f.float(1.5);
        let ascending = [
            f.big(true, &[0, 1]),
            f.float(-1e18),
            Term::small(-5),
            one,
            float,
            two,
            f.float(9007199254740992.0),
            Term::small(9007199254740993),
            f.big(false, &[1 << 62]),
            f.big(false, &[0, 1]),
            f.float(1e300),
            am::false_,
            am::true_,
            f.reference([1, 0]),
            f.tuple(&[]),
            f.tuple(&[two]),
            f.tuple(&[one, one]),
            f.tuple(&[one, float]),
            map::from_pairs(&[(two, one)], &mut f),
            map::from_pairs(&[(one, two), (two, one)], &mut f),
            map::from_pairs(&[(one, two), (two, two)], &mut f),
            map::from_pairs(&[(one, two), (float, one)], &mut f),
            nil,
            f.list(&[one]),
            f.list(&[one, one]),
            f.list(&[two]),
            f.list_with_tail(&[two], am::true_),
            f.binary(b""),
            f.bitstring(&[0], 3),
            f.binary(b"a"),
            f.bitstring(b"a\x00", 9),
            f.binary(b"ab"),
            f.binary(b"b"),
        ];
        let swap = |i: usize| if i == 25 { 26 } else if i == 26 { 25 } else { i };
        for i in 0..ascending.len() {
            for j in 0..ascending.len() {
                // [2|true] comes before [2]: an atom is less than [].
                let (a, b) = (ascending[swap(i)], ascending[swap(j)]);
                assert_eq!(compare(a, b), i.cmp(&j), "{i} {j}");
                assert_eq!(eq(a, b), i == j);
                assert_eq!(eq_exact(a, b), i == j);
            }
        }
        let same = f.float(2.0);
        assert!(eq(two, same) && !eq_exact(two, same) && cmp_exact(two, same).is_lt());
        assert!(compare(two, same).is_eq() && cmp_exact(Term::small(3), same).is_lt());
        let (a, b) = (f.tuple(&[two, nil]), f.tuple(&[same, nil]));
        assert!(eq(a, b) && !eq_exact(a, b) && cmp_exact(a, b).is_lt());
    }

    #[test]
    fn parts_of_binaries_compare_as_copies() {
        let mut f = Fragment::new(1000);
        let whole = f.binary(b"\x12\x34\x56\x78");
        let part = f.part(whole, 4, 19);
        let copy = f.bitstring(&[0x23, 0x45, 0b0110_0000], 19);
        assert!(eq_exact(part, copy) && compare(part, copy).is_eq());
        assert_eq!(crate::term::hash::internal(part, 0), crate::term::hash::internal(copy, 0));
    }
}
