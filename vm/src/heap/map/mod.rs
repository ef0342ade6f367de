//! Maps, the building side. Every operation gives a map in the one form that its pairs have (M1 to
//! M3 in `term::map`), sharing what it can with the maps it started from.
//!
//! Where an operation meets a key it has already, exactly equal, only the value changes: the pair
//! count and a flat map's key tuple stay.

mod flat;
mod hashed;
mod merge;

use super::{Alloc, Build};
use crate::term::map::FLAT_LIMIT;
use crate::term::{MapView, Term};

pub use merge::{HashedMerge, merge};

/// A key and its value.
pub type Pair = (Term, Term);

fn view(map: Term) -> MapView {
    match map.as_map() {
        Some(view) => view,
        None => crate::bug!("a map operation on {:#x}", map.bits()),
    }
}

/// The empty map.
pub fn empty<H: Alloc + ?Sized>(heap: &mut H) -> Term {
    from_sorted(&[], &[], heap)
}

/// A flat map of keys that stand in `cmp_exact` order, at most `FLAT_LIMIT`, and their values.
pub fn from_sorted<H: Alloc + ?Sized>(keys: &[Term], values: &[Term], heap: &mut H) -> Term {
    debug_assert!(keys.len() <= FLAT_LIMIT);
    let keys = heap.tuple(keys);
    flat::with_keys(keys, values, heap)
}

/// A map of pairs in any order; of equal keys the last counts.
pub fn from_pairs<H: Alloc + ?Sized>(pairs: &[Pair], heap: &mut H) -> Term {
    if pairs.len() <= FLAT_LIMIT {
        let mut pairs = pairs.to_vec();
        flat::sort_last_wins(&mut pairs);
        return flat::of_sorted_pairs(&pairs, heap);
    }
    hashed::from_pairs(pairs, heap)
}

/// A map of pairs in any order; `None` if a key stands twice.
pub fn from_unique_pairs<H: Alloc + ?Sized>(pairs: &[Pair], heap: &mut H) -> Option<Term> {
    let map = from_pairs(pairs, heap);
    (view(map).size() == pairs.len()).then_some(map)
}

/// The map with `key` and `value`: `Map#{key => value}`.
pub fn put<H: Alloc + ?Sized>(map: Term, key: Term, value: Term, heap: &mut H) -> Term {
    if view(map).is_flat() { flat::put(map, key, value, heap) } else { hashed::put(map, key, value, heap) }
}

/// `Map#{key := value}`; `None` if the key is not there.
pub fn update<H: Alloc + ?Sized>(map: Term, key: Term, value: Term, heap: &mut H) -> Option<Term> {
    if view(map).is_flat() {
        let at = view(map).flat_index(key)?;
        return Some(flat::with_value(map, at, value, heap));
    }
    view(map).get(key)?;
    Some(hashed::put(map, key, value, heap))
}

/// Without `key`: what its value was, and the map. `None` if the key is not there.
pub fn take<H: Alloc + ?Sized>(map: Term, key: Term, heap: &mut H) -> Option<(Term, Term)> {
    if view(map).is_flat() { flat::take(map, key, heap) } else { hashed::take(map, key, heap) }
}

/// Without `key`: the same map if the key is not there.
pub fn remove<H: Alloc + ?Sized>(map: Term, key: Term, heap: &mut H) -> Term {
    take(map, key, heap).map_or(map, |(_, map)| map)
}

/// All of `pairs` put into the map, in order: `Map#{K1 => V1, ..}`.
pub fn put_many<H: Alloc + ?Sized>(map: Term, pairs: &[Pair], heap: &mut H) -> Term {
    match pairs {
        [] => map,
        &[(key, value)] => put(map, key, value, heap),
        _ if view(map).is_flat() => flat::put_many(map, pairs, heap),
        _ => pairs.iter().fold(map, |map, &(key, value)| hashed::put(map, key, value, heap)),
    }
}

/// All of `pairs` updated in the map, in order: `Map#{K1 := V1, ..}`; `Err` is a key not there.
pub fn update_many<H: Alloc + ?Sized>(map: Term, pairs: &[Pair], heap: &mut H) -> Result<Term, Term> {
    if view(map).is_flat() {
        return flat::update_many(map, pairs, heap);
    }
    pairs.iter().try_fold(map, |map, &(key, value)| update(map, key, value, heap).ok_or(key))
}

#[cfg(test)]
mod tests;
