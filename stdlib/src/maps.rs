//! `maps`: the natives of OTP's maps module.

use glulam_vm::bif::{Cx, Outcome, Resume, Slot, Stop};
use glulam_vm::heap::map::{self, HashedMerge, Pair};
use glulam_vm::heap::Build;
use glulam_vm::term::MapView;
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    /// `{ok, Value}` or `error`.
    maps:find/2       Normal => find;
    /// The value of a key that must be there.
    maps:get/2        Normal => get;
    maps:is_key/2     Normal => is_key;
    maps:from_list/1  Normal => from_list;
    /// A map of these keys, all with the same value.
    maps:from_keys/2  Normal => from_keys;
    maps:keys/1       Normal => keys;
    maps:values/1     Normal => values;
    /// Both maps' pairs; where both have a key the second's value.
    maps:merge/2      Yielding => merge;
    maps:put/3        Normal => put;
    maps:remove/2     Normal => remove;
    /// `{Value, MapWithoutKey}` or `error`.
    maps:take/2       Normal => take;
    /// A new value for a key that must be there.
    maps:update/3     Normal => update;
    /// The same for many pairs, where they may take their time.
    erts_internal:long_from_list/1  DirtyCpu => from_pair_list;
    erts_internal:long_from_keys/2  DirtyCpu => from_key_list;
    erts_internal:long_keys/1       DirtyCpu => all_keys;
    erts_internal:long_values/1     DirtyCpu => all_values;
}

/// From so many pairs on a native goes to a dirty thread.
const MANY: usize = 20_000;

/// Pairs handled for one reduction.
const PAIRS_PER_REDUCTION: usize = 4;

/// The argument as a map, or `error:{badmap, Term}`.
pub(crate) fn map_or_badmap(cx: &mut Cx<'_>, term: Term) -> Result<MapView, Stop> {
    match term.as_map() {
        Some(map) => Ok(map),
        None => {
            let reason = cx.tuple(&[am::badmap, term]);
            cx.error(reason)
        }
    }
}

/// `error:{badkey, Key}`
#[cold]
pub(crate) fn badkey<T>(cx: &mut Cx<'_>, key: Term) -> Result<T, Stop> {
    let reason = cx.tuple(&[am::badkey, key]);
    cx.error(reason)
}

fn find(cx: &mut Cx<'_>) -> Outcome {
    let [key, map] = cx.take();
    match map_or_badmap(cx, map)?.get(key) {
        Some(value) => Ok(cx.tuple(&[am::ok, value])),
        None => Ok(am::error),
    }
}

pub(crate) fn get(cx: &mut Cx<'_>) -> Outcome {
    let [key, map] = cx.take();
    match map_or_badmap(cx, map)?.get(key) {
        Some(value) => Ok(value),
        None => badkey(cx, key),
    }
}

pub(crate) fn is_key(cx: &mut Cx<'_>) -> Outcome {
    let [key, map] = cx.take();
    let map = map_or_badmap(cx, map)?;
    Ok(Term::from_bool(map.get(key).is_some()))
}

/// Whether a list has `MANY` elements or more.
fn is_long(list: Term) -> bool {
    list.list().nth(MANY - 1).is_some()
}

fn from_list(cx: &mut Cx<'_>) -> Outcome {
    let [list] = cx.take();
    if is_long(list) && pairs_of(list).is_some() {
        return cx.tail_call(am::erts_internal, am::long_from_list, &[list]);
    }
    from_pair_list(cx)
}

/// The pairs of a proper list of them.
fn pairs_of(list: Term) -> Option<Vec<Pair>> {
    let mut elements = list.list();
    let pair = |element: Term| element.as_tuple_of::<2>().map(|[key, value]| (key, value));
    let pairs = elements.by_ref().map(pair).collect::<Option<Vec<Pair>>>()?;
    elements.rest().is_nil().then_some(pairs)
}

fn from_pair_list(cx: &mut Cx<'_>) -> Outcome {
    let [list] = cx.take();
    let Some(pairs) = pairs_of(list) else { return cx.badarg() };
    cx.charge(pairs.len() / PAIRS_PER_REDUCTION);
    Ok(map::from_pairs(&pairs, cx))
}

fn from_keys(cx: &mut Cx<'_>) -> Outcome {
    let [keys, value] = cx.take();
    if is_long(keys) && keys.proper_list().is_some() {
        return cx.tail_call(am::erts_internal, am::long_from_keys, &[keys, value]);
    }
    from_key_list(cx)
}

fn from_key_list(cx: &mut Cx<'_>) -> Outcome {
    let [keys, value] = cx.take();
    let Some(keys) = keys.proper_list() else { return cx.badarg() };
    let pairs: Vec<Pair> = keys.iter().map(|&key| (key, value)).collect();
    cx.charge(pairs.len() / PAIRS_PER_REDUCTION);
    Ok(map::from_pairs(&pairs, cx))
}

/// What `pick` picks of each pair, in key order of a flat map; of a hashed map in the reverse of
/// the order in which `maps:next/1` gives the pairs.
fn pick(cx: &mut Cx<'_>, pick: impl Fn(Pair) -> Term) -> Outcome {
    let [map] = cx.take();
    let map = map_or_badmap(cx, map)?;
    let mut picked: Vec<Term> = map.iter().map(pick).collect();
    if !map.is_flat() {
        picked.reverse();
    }
    cx.charge(picked.len() / (4 * PAIRS_PER_REDUCTION));
    Ok(cx.list(&picked))
}

fn all_keys(cx: &mut Cx<'_>) -> Outcome {
    pick(cx, |pair| pair.0)
}

fn all_values(cx: &mut Cx<'_>) -> Outcome {
    pick(cx, |pair| pair.1)
}

fn keys(cx: &mut Cx<'_>) -> Outcome {
    let [map] = cx.take();
    match map_or_badmap(cx, map)?.size() {
        MANY.. => cx.tail_call(am::erts_internal, am::long_keys, &[map]),
        _ => all_keys(cx),
    }
}

fn values(cx: &mut Cx<'_>) -> Outcome {
    let [map] = cx.take();
    match map_or_badmap(cx, map)?.size() {
        MANY.. => cx.tail_call(am::erts_internal, am::long_values, &[map]),
        _ => all_values(cx),
    }
}

fn put(cx: &mut Cx<'_>) -> Outcome {
    let [key, value, map] = cx.take();
    map_or_badmap(cx, map)?;
    Ok(map::put(map, key, value, cx))
}

fn update(cx: &mut Cx<'_>) -> Outcome {
    let [key, value, map] = cx.take();
    map_or_badmap(cx, map)?;
    match map::update(map, key, value, cx) {
        Some(map) => Ok(map),
        None => badkey(cx, key),
    }
}

fn remove(cx: &mut Cx<'_>) -> Outcome {
    let [key, map] = cx.take();
    map_or_badmap(cx, map)?;
    Ok(map::remove(map, key, cx))
}

fn take(cx: &mut Cx<'_>) -> Outcome {
    let [key, map] = cx.take();
    map_or_badmap(cx, map)?;
    match map::take(map, key, cx) {
        Some((value, map)) => Ok(cx.tuple(&[value, map])),
        None => Ok(am::error),
    }
}

fn merge(cx: &mut Cx<'_>) -> Outcome {
    let [a, b] = cx.take();
    let first = map_or_badmap(cx, a)?;
    let second = map_or_badmap(cx, b)?;
    if first.is_flat() || second.is_flat() {
        return Ok(map::merge(a, b, cx));
    }
    let slots = [cx.slot(a), cx.slot(b)];
    let work = HashedMerge::new(a, b);
    cx.run(Merge { work, a: slots[0], b: slots[1], made: Vec::new() })
}

/// The merge of two hashed maps. What is made so far is in `made` between steps.
struct Merge {
    work: HashedMerge,
    a: Slot,
    b: Slot,
    made: Vec<Slot>,
}

impl Resume for Merge {
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
        let (a, b) = (cx.slot_get(self.a), cx.slot_get(self.b));
        let pairs = [a, b].iter().filter_map(|t| t.as_map()).map(MapView::size).sum::<usize>();
        while let Some(child) = self.work.step(a, b, cx) {
            let slot = cx.slot(child);
            self.made.push(slot);
            cx.charge(pairs / self.work.steps() / PAIRS_PER_REDUCTION);
            if cx.reductions_left() <= 0 {
                return Ok(None);
            }
        }
        let made: Vec<Term> = self.made.iter().map(|&slot| cx.slot_get(slot)).collect();
        Ok(Some(self.work.finish(a, b, &made, cx)))
    }
}
