//! Flat maps: a sorted tuple of keys, shared between maps of the same keys, and the values.

use smallvec::SmallVec;

use super::{Pair, hashed, view};
use crate::heap::Alloc;
use crate::term::cmp::{cmp_exact, eq_exact};
use crate::term::map::FLAT_LIMIT;
use crate::term::{Header, Kind, Term};

/// A flat map over a tuple of sorted keys.
pub(super) fn with_keys<H: Alloc + ?Sized>(keys: Term, values: &[Term], heap: &mut H) -> Term {
    let p = heap.alloc(values.len() + 2);
    // SAFETY: fresh words, as many.
    unsafe {
        *p = Header::new(Kind::FlatMap, values.len() + 1).bits();
        *p.add(1) = keys.bits();
        std::ptr::copy_nonoverlapping(values.as_ptr().cast::<u64>(), p.add(2), values.len());
    }
    Term::from_boxed(p)
}

/// Where the keys and values of a flat map of `n` pairs go, with a tuple of keys of its own. The caller writes all
/// of them before the next allocation.
struct Room {
    keys: *mut Term,
    values: *mut Term,
    map: Term,
}

impl Room {
    fn new<H: Alloc + ?Sized>(n: usize, heap: &mut H) -> Room {
        debug_assert!((1..=FLAT_LIMIT).contains(&n));
        let keys = heap.alloc(2 * n + 3);
        // SAFETY: fresh words: a header and n keys, a header, the tuple, and n values.
        unsafe {
            let map = keys.add(n + 1);
            *keys = Header::new(Kind::Tuple, n).bits();
            *map = Header::new(Kind::FlatMap, n + 1).bits();
            *map.add(1) = Term::from_boxed(keys).bits();
            Room { keys: keys.add(1).cast(), values: map.add(2).cast(), map: Term::from_boxed(map) }
        }
    }

    /// Writes pairs `at` and on.
    ///
    /// # Safety
    /// There is room for as many, and as many values as keys.
    unsafe fn write(&self, at: usize, keys: &[Term], values: &[Term]) {
        debug_assert_eq!(keys.len(), values.len());
        // SAFETY: the caller's.
        unsafe {
            std::ptr::copy_nonoverlapping(keys.as_ptr(), self.keys.add(at), keys.len());
            std::ptr::copy_nonoverlapping(values.as_ptr(), self.values.add(at), values.len());
        }
    }
}

/// The tuple of keys of a flat map.
pub(super) fn keys_of(map: Term) -> Term {
    map.slot(1)
}

/// The same map with another value at `at`; the map itself if it is that value already.
pub(super) fn with_value<H: Alloc + ?Sized>(map: Term, at: usize, value: Term, heap: &mut H) -> Term {
    let map_view = view(map);
    if map_view.flat_values()[at] == value {
        return map;
    }
    let new = with_keys(keys_of(map), map_view.flat_values(), heap);
    // SAFETY: a word of the box made just now, behind its header and its keys.
    unsafe { *new.address().add(2 + at) = value.bits() };
    new
}

/// Whether pairs are sorted by key, each key once.
fn in_order(pairs: &[Pair]) -> bool {
    pairs.windows(2).all(|w| cmp_exact(w[0].0, w[1].0).is_lt())
}

/// Sorts pairs by key; of equal keys the first key and the last value stay.
pub(super) fn sort_last_wins(pairs: &mut Vec<Pair>) {
    if !in_order(pairs) {
        pairs.sort_by(|a, b| cmp_exact(a.0, b.0));
        pairs.dedup_by(|later, kept| {
            let same = eq_exact(later.0, kept.0);
            if same {
                kept.1 = later.1;
            }
            same
        });
    }
}

/// A flat map of pairs in key order.
pub(super) fn of_sorted_pairs<H: Alloc + ?Sized>(pairs: &[Pair], heap: &mut H) -> Term {
    if pairs.is_empty() {
        return super::empty(heap);
    }
    let room = Room::new(pairs.len(), heap);
    for (i, &(k, v)) in pairs.iter().enumerate() {
        // SAFETY: `pairs.len()` of each.
        unsafe {
            *room.keys.add(i) = k;
            *room.values.add(i) = v;
        }
    }
    room.map
}

pub(super) fn put<H: Alloc + ?Sized>(map: Term, key: Term, value: Term, heap: &mut H) -> Term {
    let map_view = view(map);
    if let Some(at) = map_view.flat_index(key) {
        return with_value(map, at, value, heap);
    }
    let n = map_view.size();
    if n == FLAT_LIMIT {
        let mut pairs: Vec<Pair> = map_view.iter().collect();
        pairs.push((key, value));
        return hashed::from_pairs(&pairs, heap);
    }
    let (old_keys, old_values) = (map_view.flat_keys(), map_view.flat_values());
    let at = old_keys.partition_point(|&k| cmp_exact(k, key).is_lt());
    let room = Room::new(n + 1, heap);
    // SAFETY: n + 1 pairs.
    unsafe {
        room.write(0, &old_keys[..at], &old_values[..at]);
        room.write(at, &[key], &[value]);
        room.write(at + 1, &old_keys[at..], &old_values[at..]);
    }
    room.map
}

pub(super) fn take<H: Alloc + ?Sized>(map: Term, key: Term, heap: &mut H) -> Option<(Term, Term)> {
    let map_view = view(map);
    let at = map_view.flat_index(key)?;
    let n = map_view.size() - 1;
    let (old_keys, old_values) = (map_view.flat_keys(), map_view.flat_values());
    if n == 0 {
        return Some((old_values[at], super::empty(heap)));
    }
    let room = Room::new(n, heap);
    // SAFETY: n pairs.
    unsafe {
        room.write(0, &old_keys[..at], &old_values[..at]);
        room.write(at, &old_keys[at + 1..], &old_values[at + 1..]);
    }
    Some((old_values[at], room.map))
}

/// Places in a map whose values change, and what to.
type Updates = SmallVec<[(usize, Term); 8]>;

/// The map with other values; the map itself if they are those it has.
fn with_updates<H: Alloc + ?Sized>(map: Term, updates: &Updates, heap: &mut H) -> Term {
    let map_view = view(map);
    let values = map_view.flat_values();
    if updates.iter().all(|&(at, value)| values[at] == value) {
        return map;
    }
    let new = with_keys(keys_of(map), values, heap);
    for &(at, value) in updates {
        debug_assert!(at < values.len());
        // SAFETY: a word of the box made just now, behind its header and its keys.
        unsafe { *new.address().add(2 + at) = value.bits() };
    }
    new
}

pub(super) fn update_many<H: Alloc + ?Sized>(map: Term, pairs: &[Pair], heap: &mut H) -> Result<Term, Term> {
    let map_view = view(map);
    let mut updates = Updates::new();
    for &(key, value) in pairs {
        updates.push((map_view.flat_index(key).ok_or(key)?, value));
    }
    Ok(with_updates(map, &updates, heap))
}

/// More pairs than this are sorted, then merged.
const FEW: usize = 8;

pub(super) fn put_many<H: Alloc + ?Sized>(map: Term, pairs: &[Pair], heap: &mut H) -> Term {
    let map_view = view(map);
    if map_view.size() > 0 && pairs.len() <= FEW && map_view.size() + pairs.len() <= FLAT_LIMIT {
        return put_few(map, pairs, heap);
    }
    if map_view.size() > 0
        && let Ok(updated) = update_many(map, pairs, heap)
    {
        return updated;
    }
    if in_order(pairs) {
        return merge_sorted(map, pairs, heap);
    }
    let mut pairs = pairs.to_vec();
    sort_last_wins(&mut pairs);
    merge_sorted(map, &pairs, heap)
}

/// Puts pairs into a map that stays flat whatever their keys are.
fn put_few<H: Alloc + ?Sized>(map: Term, pairs: &[Pair], heap: &mut H) -> Term {
    let map_view = view(map);
    let (keys, values) = (map_view.flat_keys(), map_view.flat_values());
    let mut updates = Updates::new();
    // Pairs of keys that are not there, in order, with the place of the key they come before.
    let mut added: SmallVec<[(usize, Pair); FEW]> = SmallVec::new();
    for &(key, value) in pairs {
        if let Some(at) = map_view.flat_index(key) {
            updates.push((at, value));
            continue;
        }
        let at = keys.partition_point(|&k| cmp_exact(k, key).is_lt());
        let place = added.partition_point(|&(a, (k, _))| a < at || (a == at && cmp_exact(k, key).is_lt()));
        match added.get_mut(place) {
            Some((_, pair)) if eq_exact(pair.0, key) => pair.1 = value,
            _ => added.insert(place, (at, (key, value))),
        }
    }
    if added.is_empty() {
        return with_updates(map, &updates, heap);
    }
    let room = Room::new(keys.len() + added.len(), heap);
    let mut done = 0;
    // SAFETY: all the pairs and those added.
    unsafe {
        for (before, &(at, (key, value))) in added.iter().enumerate() {
            room.write(done + before, &keys[done..at], &values[done..at]);
            room.write(at + before, &[key], &[value]);
            done = at;
        }
        room.write(done + added.len(), &keys[done..], &values[done..]);
        for &(at, value) in &updates {
            let before = added.iter().take_while(|&&(a, _)| a <= at).count();
            *room.values.add(at + before) = value;
        }
    }
    room.map
}

/// Puts pairs, sorted by key and each key once, into a flat map. It keeps the map's key tuple, or
/// the map itself, where it can.
pub(super) fn merge_sorted<H: Alloc + ?Sized>(map: Term, pairs: &[Pair], heap: &mut H) -> Term {
    let map_view = view(map);
    let (keys, values) = (map_view.flat_keys(), map_view.flat_values());
    let mut merged: SmallVec<[Pair; 16]> = SmallVec::with_capacity(keys.len() + pairs.len());
    let mut new = pairs.iter().copied().peekable();
    let mut changed = false;
    for (&key, &value) in keys.iter().zip(values) {
        while let Some(pair) = new.next_if(|pair| cmp_exact(pair.0, key).is_lt()) {
            merged.push(pair);
        }
        match new.next_if(|pair| eq_exact(pair.0, key)) {
            Some(pair) => {
                changed |= pair.1 != value;
                merged.push((key, pair.1));
            }
            None => merged.push((key, value)),
        }
    }
    merged.extend(new);
    if merged.len() > keys.len() {
        if merged.len() > FLAT_LIMIT {
            return hashed::from_pairs(&merged, heap);
        }
        return of_sorted_pairs(&merged, heap);
    }
    if !changed {
        return map;
    }
    let mut values = [Term::NIL; FLAT_LIMIT];
    for (to, from) in values.iter_mut().zip(&merged) {
        *to = from.1;
    }
    with_keys(keys_of(map), &values[..merged.len()], heap)
}
