//! `erts_internal`, `erts_debug`: iteration over maps and what they are made of.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::term::map::{self, Cursor, FLAT_LIMIT};
use glulam_vm::{Term, am};

use crate::maps::map_or_badmap;

glulam_vm::bifs! {
    /// The next pairs of a map from a path on, in one of the two forms that `maps` asks for.
    erts_internal:map_next/3              Normal => map_next;
    /// The tuple of keys that a flat map shares with others.
    erts_internal:map_to_tuple_keys/1     Normal => map_to_tuple_keys;
    /// The children of a node of a hashed map.
    erts_internal:map_hashmap_children/1  Normal => map_hashmap_children;
    /// How a hashed map's trie looks.
    erts_debug:map_info/1                 Normal => map_info;
}

/// With `iterator`: `{K1, V1, {K2, V2, .. none}}`, in place of `none` `[Path | Map]` if pairs are
/// left. With a list `Acc`: `[{Kn, Vn}, .., {K1, V1} | Acc]` (a flat map's pairs the other way
/// round), before it `Path, Map` if pairs are left.
fn map_next(cx: &mut Cx<'_>) -> Outcome {
    let [path, map, form] = cx.take();
    let Some(view) = map.as_map() else { return cx.badarg() };
    if form != am::iterator && !form.is_list() {
        return cx.badarg();
    }
    if view.is_flat() {
        return match path.as_small() {
            Some(0..) if path.small_value() as usize <= view.size() => {
                let pairs = view.flat_keys().iter().copied().zip(view.flat_values().iter().copied());
                Ok(if form == am::iterator { nested(cx, pairs, am::none) } else { listed(cx, pairs.rev(), form) })
            }
            _ => cx.badarg(),
        };
    }
    let limbs = match (path.as_small(), path.as_big()) {
        (Some(n @ 0..), _) => vec![n as u64],
        (_, Some(big)) if !big.is_negative() => big.limbs().to_vec(),
        _ => return cx.badarg(),
    };
    let Some(mut cursor) = Cursor::seek(view, &limbs) else { return cx.badarg() };
    // As many as the slice has time for, but few at first: often only the first pairs are wanted.
    let most = usize::try_from(cx.reductions_left() / 4).unwrap_or(0).max(1);
    let most = if path == Term::ZERO { most.min(FLAT_LIMIT) } else { most };
    let pairs: Vec<(Term, Term)> = cursor.by_ref().take(most.min(view.size())).collect();
    cx.charge(4 * pairs.len());
    let path = cursor.path().map(|limbs| cx.big(false, &limbs));
    Ok(if form == am::iterator {
        let end = path.map_or(am::none, |path| cx.cons(path, map));
        nested(cx, pairs.iter().copied(), end)
    } else {
        let list = listed(cx, pairs.iter().copied(), form);
        match path {
            Some(path) => cx.list_with_tail(&[path, map], list),
            None => list,
        }
    })
}

/// `{K1, V1, {K2, V2, .. End}}`
fn nested(cx: &mut Cx<'_>, pairs: impl DoubleEndedIterator<Item = (Term, Term)>, end: Term) -> Term {
    pairs.rev().fold(end, |rest, (k, v)| cx.tuple(&[k, v, rest]))
}

/// Each pair put before the list.
fn listed(cx: &mut Cx<'_>, pairs: impl Iterator<Item = (Term, Term)>, list: Term) -> Term {
    pairs.fold(list, |rest, (k, v)| {
        let pair = cx.tuple(&[k, v]);
        cx.cons(pair, rest)
    })
}

fn map_to_tuple_keys(cx: &mut Cx<'_>) -> Outcome {
    let [map] = cx.take();
    match map_or_badmap(cx, map)?.flat_keys_tuple() {
        Some(keys) => Ok(keys),
        None => cx.badarg(),
    }
}

fn map_hashmap_children(cx: &mut Cx<'_>) -> Outcome {
    let [node] = cx.take();
    match map::children(node) {
        Some(children) => Ok(cx.list(&children)),
        None => {
            map_or_badmap(cx, node)?;
            cx.badarg()
        }
    }
}

fn map_info(cx: &mut Cx<'_>) -> Outcome {
    let [term] = cx.take();
    let map = map_or_badmap(cx, term)?;
    if map.is_flat() {
        return cx.badarg();
    }
    let shape = map::shape(map);
    let count = |n: usize| Term::small(n as i64);
    let nodes = cx.tuple(&shape.nodes.map(count));
    let leaves = cx.tuple(&shape.leaves.map(count));
    let info = [
        cx.tuple(&[am::depth, count(shape.depth)]),
        cx.tuple(&[am::arrays, count(shape.full_roots), Term::NIL]),
        cx.tuple(&[am::bitmaps, count(shape.nodes.iter().sum()), nodes]),
        cx.tuple(&[am::leafs, count(map.size()), leaves]),
    ];
    Ok(cx.list(&info))
}
