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
            let mut made = Vec::with_capacity(work.steps());
            while let Some(child) = work.step(a, b, heap) {
                made.push(child);
            }
            work.finish(a, b, &made, heap)
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

/// The merge of two hashed maps in up to 256 steps. It holds no terms: who steps it keeps the
/// children that the steps give, through collections too.
pub struct HashedMerge {
    /// What each step merges: a slot of the root, or a slot of the two nodes in a slot of the root.
    units: Vec<(u32, Option<u32>)>,
    next: usize,
    /// Keys that are in both maps.
    common: usize,
}

/// The child in a slot.
fn child_in(node: Node, slot: u32) -> Option<Term> {
    let (index, there) = node.place(slot);
    there.then(|| node.children()[index])
}

/// The inner nodes that both have in a slot, when it is two different ones.
fn nodes_in(a: Node, b: Node, slot: u32) -> Option<(Node, Node)> {
    let (a, b) = (child_in(a, slot)?, child_in(b, slot)?);
    (a != b && a.is_boxed() && b.is_boxed()).then(|| (Node::of(a), Node::of(b)))
}

fn slots_of(bitmap: u32) -> impl Iterator<Item = u32> {
    (0..16).filter(move |slot| bitmap & (1 << slot) != 0)
}

impl HashedMerge {
    /// For two hashed maps.
    pub fn new(a: Term, b: Term) -> HashedMerge {
        let (a, b) = (Node::of(a), Node::of(b));
        let mut units = Vec::new();
        for slot in slots_of(a.bitmap() | b.bitmap()) {
            match nodes_in(a, b, slot) {
                Some((x, y)) => units.extend(slots_of(x.bitmap() | y.bitmap()).map(|below| (slot, Some(below)))),
                None => units.push((slot, None)),
            }
        }
        HashedMerge { units, next: 0, common: 0 }
    }

    /// How many steps it takes.
    pub fn steps(&self) -> usize {
        self.units.len()
    }

    /// The next step: a child for `finish`, `None` after the last.
    pub fn step<H: Alloc + ?Sized>(&mut self, a: Term, b: Term, heap: &mut H) -> Option<Term> {
        let &(slot, below) = self.units.get(self.next)?;
        self.next += 1;
        let (a, b) = (Node::of(a), Node::of(b));
        let common = &mut self.common;
        Some(match (below, nodes_in(a, b, slot)) {
            (Some(below), Some((x, y))) => merge_slot(x, y, below, 1, common, heap),
            _ => merge_slot(a, b, slot, 0, common, heap),
        })
    }

    /// The merged map, from the children that the steps gave, in order.
    pub fn finish<H: Alloc + ?Sized>(&self, a: Term, b: Term, made: &[Term], heap: &mut H) -> Term {
        let (root_a, root_b) = (Node::of(a), Node::of(b));
        let mut made = made.iter().copied();
        let bitmap = root_a.bitmap() | root_b.bitmap();
        let mut children = Vec::with_capacity(16);
        for slot in slots_of(bitmap) {
            let nodes = nodes_in(root_a, root_b, slot).zip(child_in(root_a, slot).zip(child_in(root_b, slot)));
            let Some(((x, y), (term_x, term_y))) = nodes else {
                children.extend(made.next());
                continue;
            };
            let below = x.bitmap() | y.bitmap();
            let parts: Vec<Term> = made.by_ref().take(below.count_ones() as usize).collect();
            children.push(match () {
                () if parts == y.children() => term_y,
                () if parts == x.children() => term_x,
                () => hashed::node(below, &parts, heap),
            });
        }
        for whole in [a, b] {
            if children == Node::of(whole).children() {
                return whole;
            }
        }
        let pairs = view(a).size() + view(b).size() - self.common;
        hashed::root(pairs, bitmap, &children, heap)
    }
}

/// What stands in a slot of the merge of two nodes at `level`, of which one has it at least.
fn merge_slot<H: Alloc + ?Sized>(a: Node, b: Node, slot: u32, level: u32, common: &mut usize, heap: &mut H) -> Term {
    match (child_in(a, slot), child_in(b, slot)) {
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
            for slot in slots_of(bitmap) {
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
