//! The order of terms: here, because the term floor can't build any.

use super::{Build, Fragment, map};
use crate::am;
use crate::term::Term;
use crate::term::cmp::*;

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
