//! Equality and the order of terms. Every walk keeps what is left to do in a vector: terms as deep
//! as memory do not exhaust the native stack.
//!
//! number < atom < reference < fun < port < pid < tuple < map < `[]` < list < bit string.
//!
//! Two ways of looking at numbers: `eq` and `compare` take `1` and `1.0` for equal, `eq_exact` and
//! `cmp_exact` put every integer before every float. Keys of maps are always looked at exactly.

use std::cmp::Ordering;

use super::header::Kind;
use super::map::Pairs;
use super::number::{compare_big_float, compare_limbs, compare_small_float};
use super::repr::Term;
use super::view::{Bits, Fun, View};

/// `A =:= B`
#[inline]
pub fn eq_exact(a: Term, b: Term) -> bool {
    a == b || (a.is_pointer() && b.is_pointer() && equal(a, b, true))
}

/// `A == B`
#[inline]
pub fn eq(a: Term, b: Term) -> bool {
    a == b || ((a.is_pointer() || b.is_pointer()) && equal(a, b, false))
}

/// The order of `<`, `>=` and their like.
#[inline]
pub fn compare(a: Term, b: Term) -> Ordering {
    if a.is_small() && b.is_small() {
        return a.small_value().cmp(&b.small_value());
    }
    if a == b { Ordering::Equal } else { order(a, b, false) }
}

/// The order of the keys of maps: as `compare`, but integers come before floats.
#[inline]
pub fn cmp_exact(a: Term, b: Term) -> Ordering {
    if a.is_small() && b.is_small() {
        return a.small_value().cmp(&b.small_value());
    }
    if a == b { Ordering::Equal } else { order(a, b, true) }
}

/// What `equal` has still to look at.
type Left = Vec<(Term, Term, bool)>;

fn equal(a: Term, b: Term, exact: bool) -> bool {
    let mut left = Left::new();
    let (mut a, mut b, mut exact) = (a, b, exact);
    loop {
        if a != b {
            if a.is_cons() && b.is_cons() {
                let (head_a, head_b) = (a.slot(0), b.slot(0));
                let (tail_a, tail_b) = (a.slot(1), b.slot(1));
                if head_a == head_b {
                    (a, b) = (tail_a, tail_b);
                    continue;
                }
                if exact && head_a.is_immediate() && head_b.is_immediate() {
                    return false;
                }
                if tail_a != tail_b {
                    left.push((tail_a, tail_b, exact));
                }
                (a, b) = (head_a, head_b);
                continue;
            }
            if !equal_here(a, b, exact, &mut left) {
                return false;
            }
        }
        match left.pop() {
            Some(next) => (a, b, exact) = next,
            None => return true,
        }
    }
}

/// Whether two terms, not both lists, look equal; what is in them is left to look at.
fn equal_here(a: Term, b: Term, exact: bool, left: &mut Left) -> bool {
    if !a.is_boxed() || !b.is_boxed() {
        // An immediate equals another word only as a number.
        return !exact && a.is_number() && b.is_number() && compare_numbers(a, b, false).is_eq();
    }
    let (header_a, header_b) = (a.header(), b.header());
    match header_a.kind() {
        Kind::Tuple | Kind::Record => header_a == header_b && push_slots(a, b, 1, header_a.size(), exact, left),
        Kind::Float | Kind::BigPositive | Kind::BigNegative => {
            b.is_number() && compare_numbers(a, b, exact).is_eq()
        }
        Kind::HeapBinary | Kind::RefcBinary | Kind::SubBinary => match (a.as_bits(), b.as_bits()) {
            (Some(a), Some(b)) => a.bit_size == b.bit_size && compare_bits(&a, &b).is_eq(),
            _ => false,
        },
        Kind::FlatMap => {
            header_a == header_b
                && push_slots(a, b, 2, header_a.size(), exact, left)
                && (a.slot(1) == b.slot(1) || push_slots(a.slot(1), b.slot(1), 1, header_a.size() - 1, true, left))
        }
        Kind::HashRoot => {
            header_a == header_b && a.slot(1) == b.slot(1) && a.slot(2) == b.slot(2) && push_children(a, b, 3, exact, left)
        }
        Kind::HashNode => header_a == header_b && a.slot(1) == b.slot(1) && push_children(a, b, 2, exact, left),
        Kind::Fun => {
            let (Some(fun_a), Some(fun_b)) = (a.as_fun(), b.as_fun()) else { return false };
            header_a == header_b && same_entry(fun_a, fun_b) && push_slots(a, b, 3, header_a.size(), exact, left)
        }
        Kind::Export => header_b.is(Kind::Export) && a.word(1) == b.word(1),
        Kind::Ref | Kind::MagicRef => b.is_local_ref() && a.word(1) == b.word(1) && a.word(2) == b.word(2),
        Kind::ExternalPid | Kind::ExternalPort => {
            header_a == header_b && a.word(1) == b.word(1) && a.word(2) == b.word(2)
        }
        Kind::ExternalRef => header_b.is(Kind::ExternalRef) && compare_identifiers(a, b).is_eq(),
        Kind::MatchContext | Kind::Filler => false,
    }
}

fn same_entry(a: Fun, b: Fun) -> bool {
    // The same code may stand in two entries, when only the module around it was changed.
    a.entry_address() == b.entry_address() || local_identity(a) == local_identity(b)
}

fn local_identity(fun: Fun) -> (crate::atom::Atom, u32, u32) {
    let parts = fun.parts();
    (parts.module, parts.index, parts.old_uniq)
}

/// Leaves words `from..=to` of two boxes to look at; `false` if two of them differ for certain.
fn push_slots(a: Term, b: Term, from: usize, to: usize, exact: bool, left: &mut Left) -> bool {
    for i in from..=to {
        let (x, y) = (a.slot(i), b.slot(i));
        if x == y {
            continue;
        }
        if exact && (x.is_immediate() || y.is_immediate()) {
            return false;
        }
        left.push((x, y, exact));
    }
    true
}

/// The same for the children of two nodes of hashed maps, which have the same number of them.
fn push_children(a: Term, b: Term, from: usize, exact: bool, left: &mut Left) -> bool {
    for i in from..=a.header().size() {
        let (x, y) = (a.slot(i), b.slot(i));
        match (x.is_cons(), y.is_cons()) {
            _ if x == y => {}
            (true, true) => {
                left.push((x.slot(1), y.slot(1), exact));
                left.push((x.slot(0), y.slot(0), true));
            }
            (false, false) => left.push((x, y, exact)),
            _ => return false,
        }
    }
    true
}

/// What `order` has still to look at.
enum Rest {
    /// Two terms.
    Pair(Term, Term, bool),
    /// Words of two boxes, from the first to the last.
    Slots { a: Term, b: Term, from: usize, to: usize, exact: bool },
    /// Values in the order of their keys, the next pair last.
    Values(Vec<(Term, Term)>, bool),
}

fn order(a: Term, b: Term, exact: bool) -> Ordering {
    // Most keys of maps.
    match (a.as_atom(), b.as_atom()) {
        (Some(x), Some(y)) => return x.name().as_bytes().cmp(y.name().as_bytes()),
        (None, Some(_)) if a.is_small() => return Ordering::Less,
        (Some(_), None) if b.is_small() => return Ordering::Greater,
        _ => {}
    }
    let mut left: Vec<Rest> = Vec::new();
    let (mut a, mut b, mut exact) = (a, b, exact);
    loop {
        if a != b {
            if a.is_cons() && b.is_cons() {
                if a.slot(0) == b.slot(0) {
                    (a, b) = (a.slot(1), b.slot(1));
                    continue;
                }
                if a.slot(1) != b.slot(1) {
                    left.push(Rest::Pair(a.slot(1), b.slot(1), exact));
                }
                (a, b) = (a.slot(0), b.slot(0));
                continue;
            }
            match order_here(a, b, exact, &mut left) {
                Ordering::Equal => {}
                decided => return decided,
            }
        }
        match next(&mut left) {
            Some(next) => (a, b, exact) = next,
            None => return Ordering::Equal,
        }
    }
}

/// The next two terms that are not the same word.
fn next(left: &mut Vec<Rest>) -> Option<(Term, Term, bool)> {
    loop {
        match left.last_mut()? {
            Rest::Pair(a, b, exact) => {
                let pair = (*a, *b, *exact);
                left.pop();
                return Some(pair);
            }
            Rest::Slots { a, b, from, to, exact } => {
                while *from <= *to && a.slot(*from) == b.slot(*from) {
                    *from += 1;
                }
                if *from <= *to {
                    let pair = (a.slot(*from), b.slot(*from), *exact);
                    *from += 1;
                    return Some(pair);
                }
                left.pop();
            }
            Rest::Values(values, exact) => {
                let exact = *exact;
                match values.pop() {
                    Some((a, b)) => return Some((a, b, exact)),
                    None => {
                        left.pop();
                    }
                }
            }
        }
    }
}

/// The place of a term's type in the order of types.
fn rank(view: &View) -> u8 {
    match view {
        View::Small(_) | View::Big(_) | View::Float(_) => 0,
        View::Atom(_) => 1,
        View::Ref | View::ExternalRef => 2,
        View::Fun(_) => 3,
        View::LocalPort | View::ExternalPort => 4,
        View::LocalPid | View::ExternalPid => 5,
        View::Tuple(_) => 6,
        View::Record => 7,
        View::Map(_) => 8,
        View::Nil => 9,
        View::Cons(_) => 10,
        View::Bits(_) => 11,
        View::MatchContext | View::Internal => 12,
    }
}

/// The order of two terms, not both lists, as far as it shows; what is in them is left to look at.
fn order_here(a: Term, b: Term, exact: bool, left: &mut Vec<Rest>) -> Ordering {
    let (view_a, view_b) = (a.view(), b.view());
    match (view_a, view_b) {
        (View::Atom(x), View::Atom(y)) => x.name().as_bytes().cmp(y.name().as_bytes()),
        (View::Tuple(x), View::Tuple(y)) => x.arity().cmp(&y.arity()).then_with(|| {
            left.push(Rest::Slots { a, b, from: 1, to: x.arity(), exact });
            Ordering::Equal
        }),
        (View::Record, View::Record) => a.header().size().cmp(&b.header().size()).then_with(|| {
            left.push(Rest::Slots { a, b, from: 1, to: a.header().size(), exact });
            Ordering::Equal
        }),
        (View::Bits(x), View::Bits(y)) => compare_bits(&x, &y),
        (View::Map(x), View::Map(y)) => x.size().cmp(&y.size()).then_with(|| {
            if !x.is_flat() {
                return order_hashed(x.iter(), y.iter(), exact, left);
            }
            left.push(Rest::Slots { a, b, from: 2, to: x.size() + 1, exact });
            left.push(Rest::Slots { a: a.slot(1), b: b.slot(1), from: 1, to: x.size(), exact: true });
            Ordering::Equal
        }),
        (View::Fun(x), View::Fun(y)) => order_funs(a, b, x, y, exact, left),
        _ => match rank(&view_a).cmp(&rank(&view_b)) {
            Ordering::Equal if a.is_number() => compare_numbers(a, b, exact),
            Ordering::Equal => compare_identifiers(a, b),
            decided => decided,
        },
    }
}

/// Two hashed maps of the same size: the keys in order, then the values in the order of the keys.
fn order_hashed(a: Pairs, b: Pairs, exact: bool, left: &mut Vec<Rest>) -> Ordering {
    // Where the tries agree the keys are the same words more often than not.
    let mut pairs_a: Vec<(Term, Term)> = a.collect();
    let mut pairs_b: Vec<(Term, Term)> = b.collect();
    pairs_a.sort_by(|x, y| cmp_exact(x.0, y.0));
    pairs_b.sort_by(|x, y| cmp_exact(x.0, y.0));
    for (x, y) in pairs_a.iter().zip(&pairs_b) {
        match cmp_exact(x.0, y.0) {
            Ordering::Equal => {}
            decided => return decided,
        }
    }
    left.push(Rest::Values(pairs_a.iter().zip(&pairs_b).rev().map(|(x, y)| (x.1, y.1)).collect(), exact));
    Ordering::Equal
}

/// Local funs come before external ones; those are in order of module, place, source and
/// environment, these in order of module, function and arity.
fn order_funs(a: Term, b: Term, x: Fun, y: Fun, exact: bool, left: &mut Vec<Rest>) -> Ordering {
    if x.is_external() != y.is_external() {
        return x.is_external().cmp(&y.is_external());
    }
    if x.entry_address() != y.entry_address() {
        let (p, q) = (x.parts(), y.parts());
        let decided = p.module.name().as_bytes().cmp(q.module.name().as_bytes()).then_with(|| {
            if x.is_external() {
                p.function.name().as_bytes().cmp(q.function.name().as_bytes()).then(p.arity.cmp(&q.arity))
            } else {
                p.index.cmp(&q.index).then(p.old_uniq.cmp(&q.old_uniq))
            }
        });
        if decided.is_ne() {
            return decided;
        }
    }
    let (free_a, free_b) = (x.environment().len(), y.environment().len());
    free_a.cmp(&free_b).then_with(|| {
        if free_a > 0 {
            left.push(Rest::Slots { a, b, from: 3, to: free_a + 2, exact });
        }
        Ordering::Equal
    })
}

/// `Less` or `Greater`.
fn sign(less: bool) -> Ordering {
    if less { Ordering::Less } else { Ordering::Greater }
}

/// The order of two numbers.
pub fn compare_numbers(a: Term, b: Term, exact: bool) -> Ordering {
    match (a.view(), b.view()) {
        (View::Small(x), View::Small(y)) => x.cmp(&y),
        (View::Float(x), View::Float(y)) => x.partial_cmp(&y).unwrap_or(Ordering::Equal),
        (View::Float(_), _) if exact => Ordering::Greater,
        (_, View::Float(_)) if exact => Ordering::Less,
        (View::Small(x), View::Float(y)) => compare_small_float(x, y),
        (View::Float(x), View::Small(y)) => compare_small_float(y, x).reverse(),
        (View::Big(x), View::Float(y)) => compare_big_float(x.is_negative(), x.limbs(), y),
        (View::Float(x), View::Big(y)) => compare_big_float(y.is_negative(), y.limbs(), x).reverse(),
        (View::Small(_), View::Big(y)) => sign(!y.is_negative()),
        (View::Big(x), View::Small(_)) => sign(x.is_negative()),
        (View::Big(x), View::Big(y)) => match (x.is_negative(), y.is_negative()) {
            (false, false) => compare_limbs(x.limbs(), y.limbs()),
            (true, true) => compare_limbs(y.limbs(), x.limbs()),
            (negative, _) => sign(negative),
        },
        _ => Ordering::Equal,
    }
}

/// Pids: serial, number, node. Ports: node, number. References: node, numbers, the highest first.
fn compare_identifiers(a: Term, b: Term) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let nodes = |a: Term, b: Term| match (a.node_of(), b.node_of()) {
        (Some((name_a, creation_a)), Some((name_b, creation_b))) if name_a == name_b => creation_a.cmp(&creation_b),
        (Some((name_a, _)), Some((name_b, _))) => name_a.name().as_bytes().cmp(name_b.name().as_bytes()),
        _ => Ordering::Equal,
    };
    if let (Some((number_a, serial_a)), Some((number_b, serial_b))) = (a.pid_parts(), b.pid_parts()) {
        return serial_a.cmp(&serial_b).then(number_a.cmp(&number_b)).then_with(|| nodes(a, b));
    }
    if let (Some(x), Some(y)) = (a.port_number(), b.port_number()) {
        return nodes(a, b).then(x.cmp(&y));
    }
    if let (Some(x), Some(y)) = (a.as_local_ref(), b.as_local_ref()) {
        return (x[1], x[0]).cmp(&(y[1], y[0]));
    }
    match (a.ref_numbers(), b.ref_numbers()) {
        // Both have three numbers or more, and no zeros at the end beyond those.
        (Some(x), Some(y)) => nodes(a, b)
            .then(x.len().cmp(&y.len()))
            .then_with(|| x.iter().rev().cmp(y.iter().rev())),
        _ => Ordering::Equal,
    }
}

/// Bit by bit; of two that agree as far as the shorter one goes, the shorter one comes first.
pub fn compare_bits(a: &Bits, b: &Bits) -> Ordering {
    let common = a.bit_size.min(b.bit_size);
    let whole = common / 8;
    let decided = match (a.bit_skew(), b.bit_skew()) {
        (0, 0) => a.touched_bytes()[..whole].cmp(&b.touched_bytes()[..whole]),
        _ => (0..whole).map(|i| byte_at(a, i)).cmp((0..whole).map(|i| byte_at(b, i))),
    };
    if decided.is_ne() {
        return decided;
    }
    let rest = common % 8;
    if rest > 0 {
        let (x, y) = (byte_at(a, whole) >> (8 - rest), byte_at(b, whole) >> (8 - rest));
        if x != y {
            return x.cmp(&y);
        }
    }
    a.bit_size.cmp(&b.bit_size)
}

/// The eight bits from bit `8 * index` on; what lies behind the last byte touched is zero.
pub(super) fn byte_at(bits: &Bits, index: usize) -> u8 {
    let (touched, skew) = (bits.touched_bytes(), bits.bit_skew());
    let high = touched[index] << skew;
    match touched.get(index + 1) {
        Some(next) if skew > 0 => high | next >> (8 - skew),
        _ => high,
    }
}
