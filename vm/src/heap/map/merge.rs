//! Merging maps: `maps:merge/2`.

use super::{Pair, flat, hashed, view};
use crate::heap::Alloc;
use crate::term::map::{FLAT_LIMIT, MAX_LEVEL, Node, Path, get_below};
use crate::term::Term;

/// The pairs of both maps; where a key is in both, `b`'s value.
pub fn merge<H: Alloc + ?Sized>(a: Term, b: Term, heap: &mut H) -> Term {
    match (view(a).is_flat(), view(b).is_flat()) {
        (true, true) => merge_flat(a, b, heap),
        // Small into large: a put for each.
        (false, true) => view(b).iter().fold(a, |map, (k, v)| hashed::put(map, k, v, heap)),
        (true, false) => {
            let absent = view(a).iter().filter(|&(k, _)| view(b).get(k).is_none());
            absent.fold(b, |map, (k, v)| hashed::put(map, k, v, heap))
        }
        (false, false) => {
            let mut work = HashedMerge::new(a, b);
            let mut children = Vec::with_capacity(HashedMerge::STEPS);
            loop {
                let (child, last) = work.step(a, b, heap);
                children.extend(child);
                if last {
                    return work.finish(a, b, &children, heap);
                }
            }
        }
    }
}

fn merge_flat<H: Alloc + ?Sized>(a: Term, b: Term, heap: &mut H) -> Term {
    if view(a).size() == 0 {
        return b;
    }
    if view(b).size() == 0 {
        return a;
    }
    if flat::keys_of(a) == flat::keys_of(b) {
        return b;
    }
    let pairs: Vec<Pair> = view(b).iter().collect();
    let merged = flat::merge_sorted(a, &pairs, heap);
    if view(merged).size() == pairs.len() && pairs.len() <= FLAT_LIMIT {
        // `b` has all the keys of `a`.
        return b;
    }
    merged
}

/// The merge of two hashed maps, a slot of the root at a time. It holds no terms: who steps it keeps
/// the children that the steps give, through collections too.
pub struct HashedMerge {
    slot: u32,
    /// Keys that are in both maps.
    common: usize,
    bitmap: u32,
}

impl HashedMerge {
    /// Steps of every merge.
    pub const STEPS: usize = 16;

    /// For two hashed maps.
    pub fn new(a: Term, b: Term) -> HashedMerge {
        HashedMerge { slot: 0, common: 0, bitmap: Node::of(a).bitmap() | Node::of(b).bitmap() }
    }

    /// Merges the next slot: the child it has in the merged root, and whether that was the last slot.
    pub fn step<H: Alloc + ?Sized>(&mut self, a: Term, b: Term, heap: &mut H) -> (Option<Term>, bool) {
        let slot = self.slot;
        self.slot += 1;
        let child = (self.bitmap & (1 << slot) != 0)
            .then(|| merge_slot(Node::of(a), Node::of(b), slot, 0, &mut self.common, heap));
        (child, self.slot == HashedMerge::STEPS as u32)
    }

    /// The merged map, from the children that the steps gave.
    pub fn finish<H: Alloc + ?Sized>(&self, a: Term, b: Term, children: &[Term], heap: &mut H) -> Term {
        for whole in [a, b] {
            if Node::of(whole).children() == children {
                return whole;
            }
        }
        let pairs = view(a).size() + view(b).size() - self.common;
        hashed::root(pairs, self.bitmap, children, heap)
    }
}

/// What stands in a slot of the merge of two nodes at `level`, of which one has it at least.
fn merge_slot<H: Alloc + ?Sized>(a: Node, b: Node, slot: u32, level: u32, common: &mut usize, heap: &mut H) -> Term {
    let child = |n: Node| {
        let (index, there) = n.place(slot);
        there.then(|| n.children()[index])
    };
    match (child(a), child(b)) {
        (Some(a), Some(b)) => merge_children(a, b, level + 1, common, heap),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => crate::bug!("an empty slot in a merge"),
    }
}

/// Two children (pairs or nodes) that stand in the same slot; `level` is that of nodes there.
fn merge_children<H: Alloc + ?Sized>(a: Term, b: Term, level: u32, common: &mut usize, heap: &mut H) -> Term {
    if a == b {
        *common += pairs_under(a);
        return a;
    }
    match (a.as_cons(), b.as_cons()) {
        (Some(pa), Some(pb)) => {
            if crate::term::cmp::eq_exact(pa.head(), pb.head()) {
                *common += 1;
                return b;
            }
            let (wa, wb) = (Path::from_level(pa.head(), level), Path::from_level(pb.head(), level));
            hashed::two_leaves(wa, a, wb, b, heap)
        }
        (None, Some(pair)) => {
            let path = Path::from_level(pair.head(), level);
            match hashed::put_in_node(a, path, pair.head(), pair.tail(), heap) {
                hashed::Change::Same => {
                    *common += 1;
                    a
                }
                hashed::Change::New(node, more) => {
                    *common += 1 - more;
                    node
                }
            }
        }
        (Some(pair), None) => {
            let path = Path::from_level(pair.head(), level);
            if get_below(Node::of(b), path, pair.head()).is_some() {
                *common += 1;
                return b;
            }
            match hashed::put_in_node(b, path, pair.head(), pair.tail(), heap) {
                hashed::Change::New(node, _) => node,
                hashed::Change::Same => b,
            }
        }
        (None, None) if level == MAX_LEVEL => {
            let pairs = Node::of(a);
            let mut merged = b;
            for leaf in pairs.children() {
                let (key, value) = (leaf.slot(0), leaf.slot(1));
                let path = Path::from_level(key, level);
                if get_below(Node::of(b), path, key).is_some() {
                    *common += 1;
                } else if let hashed::Change::New(node, _) = hashed::put_in_node(merged, path, key, value, heap) {
                    merged = node;
                }
            }
            merged
        }
        (None, None) => {
            let (na, nb) = (Node::of(a), Node::of(b));
            let bitmap = na.bitmap() | nb.bitmap();
            let (mut children, mut used) = ([Term::NIL; 16], 0);
            for slot in (0..16).filter(|slot| bitmap & (1 << slot) != 0) {
                children[used] = merge_slot(na, nb, slot, level, common, heap);
                used += 1;
            }
            let children = &children[..used];
            match () {
                () if *children == *nb.children() => b,
                () if *children == *na.children() => a,
                () => hashed::node(bitmap, children, heap),
            }
        }
    }
}

/// Pairs under a child.
fn pairs_under(child: Term) -> usize {
    let (mut pairs, mut pending) = (0, vec![child]);
    while let Some(child) = pending.pop() {
        if child.is_cons() {
            pairs += 1;
        } else {
            pending.extend_from_slice(Node::of(child).children());
        }
    }
    pairs
}
