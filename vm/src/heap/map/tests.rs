//! Maps against a slow model: random operations, the same pairs and the one form.

use std::collections::BTreeMap;

use super::*;
use crate::term::map::{SAME_FIRST_HASH, SAME_HASHES};
use crate::heap::OffHeap;

/// A heap that only grows.
#[derive(Default)]
struct Grow(Vec<Box<[u64]>>, OffHeap);

impl Alloc for Grow {
    fn alloc(&mut self, words: usize) -> *mut u64 {
        self.0.push(vec![0; words].into());
        self.0.last_mut().map_or(std::ptr::null_mut(), |b| b.as_mut_ptr())
    }
    fn off_heap(&mut self) -> &mut OffHeap {
        &mut self.1
    }
}

fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// Same form: same kinds, bitmaps and keys all the way down.
fn same_form(a: Term, b: Term) -> bool {
    if a.is_cons() || b.is_cons() {
        return a.is_cons() && b.is_cons() && a.slot(0) == b.slot(0) && a.slot(1) == b.slot(1);
    }
    if a.header() != b.header() {
        return false;
    }
    match (a.as_map(), b.as_map()) {
        (Some(x), Some(y)) if x.is_flat() => {
            x.flat_keys() == y.flat_keys() && x.flat_values() == y.flat_values()
        }
        _ => {
            use crate::term::map::Node;
            let (x, y) = (Node::of(a), Node::of(b));
            x.bitmap() == y.bitmap()
                && x.children().iter().zip(y.children()).all(|(&a, &b)| same_form(a, b))
        }
    }
}

fn check(map: Term, model: &BTreeMap<i64, i64>, heap: &mut Grow) {
    let view = view(map);
    assert_eq!(view.size(), model.len());
    assert_eq!(view.is_flat(), model.len() <= FLAT_LIMIT);
    let mut found: Vec<(i64, i64)> = view.iter().map(|(k, v)| (k.small_value(), v.small_value())).collect();
    assert_eq!(found.len(), model.len());
    found.sort();
    assert!(found.iter().copied().eq(model.iter().map(|(&k, &v)| (k, v))));
    for (&k, &v) in model {
        assert!(view.get(Term::small(k)) == Some(Term::small(v)));
    }
    let pairs: Vec<Pair> = model.iter().map(|(&k, &v)| (Term::small(k), Term::small(v))).collect();
    let fresh = from_pairs(&pairs, heap);
    assert!(same_form(map, fresh), "{} pairs", model.len());
}

#[test]
fn random_operations() {
    let mut seed = 0x1234_5678_9abc_def1;
    // The same key space in which everything is dense.
    for (round, range) in [20, 40, 70, 300, 3000].into_iter().cycle().take(40).enumerate() {
        // Some rounds among keys whose first hash, or every hash, is the same.
        let base = [0, 0, 0, SAME_FIRST_HASH, SAME_HASHES][round % 8 % 5];
        let mut heap = Grow::default();
        let mut model = BTreeMap::new();
        let mut map = empty(&mut heap);
        let key = |seed: &mut u64| (random(seed) % range) as i64 - range as i64 / 2 + base;
        for step in 0..150 {
            let r = random(&mut seed);
            let (k, v) = (key(&mut seed), (r >> 40) as i64 % 3);
            match r % 7 {
                0 | 1 => {
                    map = put(map, Term::small(k), Term::small(v), &mut heap);
                    model.insert(k, v);
                }
                2 => {
                    let taken = take(map, Term::small(k), &mut heap);
                    assert!(taken.map(|t| t.0) == model.remove(&k).map(Term::small));
                    map = taken.map_or(map, |t| t.1);
                }
                3 => {
                    let new = update(map, Term::small(k), Term::small(v), &mut heap);
                    assert_eq!(new.is_some(), model.contains_key(&k));
                    if let Some(new) = new {
                        map = new;
                        model.insert(k, v);
                    }
                }
                _ => {
                    let n = random(&mut seed) as usize % if step % 10 == 0 { 90 } else { 8 };
                    let keys: Vec<i64> = (0..n).map(|_| key(&mut seed)).collect();
                    let pairs: Vec<Pair> =
                        keys.iter().enumerate().map(|(i, &k)| (Term::small(k), Term::small(i as i64))).collect();
                    let theirs: BTreeMap<i64, i64> =
                        keys.iter().enumerate().map(|(i, &k)| (k, i as i64)).collect();
                    match r % 7 {
                        4 => {
                            map = put_many(map, &pairs, &mut heap);
                            model.extend(&theirs);
                        }
                        5 => {
                            let other = from_pairs(&pairs, &mut heap);
                            check(other, &theirs, &mut heap);
                            map = merge(map, other, &mut heap);
                            model.extend(&theirs);
                        }
                        _ => {
                            let other = from_pairs(&pairs, &mut heap);
                            map = merge(other, map, &mut heap);
                            for (k, v) in theirs {
                                model.entry(k).or_insert(v);
                            }
                        }
                    }
                }
            }
            if step % (1 + round / 4) == 0 || model.len().abs_diff(FLAT_LIMIT) < 3 {
                check(map, &model, &mut heap);
            }
        }
    }
}

#[test]
fn unchanged_parts_are_shared() {
    let mut heap = Grow::default();
    let keys: Vec<Pair> = (0..10).map(|k| (Term::small(k), Term::ZERO)).collect();
    let map = from_pairs(&keys, &mut heap);
    assert!(put(map, Term::small(3), Term::ZERO, &mut heap) == map);
    let changed = put(map, Term::small(3), Term::small(9), &mut heap);
    assert!(flat::keys_of(changed) == flat::keys_of(map));
    let many = put_many(map, &[(Term::small(3), Term::small(1)), (Term::small(4), Term::small(1))], &mut heap);
    assert!(flat::keys_of(many) == flat::keys_of(map));
    assert!(update_many(map, &keys, &mut heap) == Ok(map));
    assert!(update_many(map, &[(Term::small(77), Term::ZERO)], &mut heap) == Err(Term::small(77)));
    assert!(from_unique_pairs(&[keys[1], keys[1]], &mut heap).is_none());
}
