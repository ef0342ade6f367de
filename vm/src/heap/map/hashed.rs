//! Hashed maps: a trie of nodes of up to 16 children over the keys' hashes.

use super::{Pair, flat, view};
use crate::heap::{Alloc, Build};
use crate::term::cmp::{cmp_exact, eq_exact};
use crate::term::map::{FLAT_LIMIT, LEVELS_PER_HASH, MAX_LEVEL, Node, Path, place};
use crate::term::{Header, Kind, Term};

/// An inner node.
pub(super) fn node<H: Alloc + ?Sized>(bitmap: u32, children: &[Term], heap: &mut H) -> Term {
    build(Kind::HashNode, &[u64::from(bitmap) << 2], children, heap)
}

/// A root.
pub(super) fn root<H: Alloc + ?Sized>(pairs: usize, bitmap: u32, children: &[Term], heap: &mut H) -> Term {
    build(Kind::HashRoot, &[(pairs as u64) << 2, u64::from(bitmap) << 2], children, heap)
}

/// `head`: the words between header and children, as small integers.
fn build<H: Alloc + ?Sized>(kind: Kind, head: &[u64], children: &[Term], heap: &mut H) -> Term {
    let n = head.len() + children.len();
    let p = heap.alloc(n + 1);
    // SAFETY: fresh words, as many.
    unsafe {
        *p = Header::new(kind, n).bits();
        std::ptr::copy_nonoverlapping(head.as_ptr(), p.add(1), head.len());
        std::ptr::copy_nonoverlapping(children.as_ptr().cast::<u64>(), p.add(1 + head.len()), children.len());
    }
    Term::from_boxed(p)
}

/// A pair on its way into a trie. `order` puts pairs in the order of the trie: the hash's nibbles,
/// the first one highest.
#[derive(Clone, Copy)]
struct Entry {
    order: u32,
    pair: Pair,
}

impl Entry {
    fn new(pair: Pair, level: u32) -> Entry {
        // The nibbles of a hash, lowest first: swap them within bytes, then the bytes.
        let hash = Path::from_level(pair.0, level).bits();
        let swapped = ((hash & 0x0f0f_0f0f) << 4) | ((hash >> 4) & 0x0f0f_0f0f);
        Entry { order: swapped.swap_bytes(), pair }
    }
}

/// A map of more than `FLAT_LIMIT` pairs in any order, or of fewer if keys stand there more than
/// once; of equal keys the last pair counts.
pub(super) fn from_pairs<H: Alloc + ?Sized>(pairs: &[Pair], heap: &mut H) -> Term {
    let mut entries: Vec<Entry> = pairs.iter().map(|&pair| Entry::new(pair, 0)).collect();
    entries.sort_by_key(|entry| entry.order);
    drop_repeated(&mut entries);
    if entries.len() <= FLAT_LIMIT {
        let mut pairs: Vec<Pair> = entries.iter().map(|entry| entry.pair).collect();
        flat::sort_last_wins(&mut pairs);
        return flat::of_sorted_pairs(&pairs, heap);
    }
    let (bitmap, children, used) = children_of(&mut entries, 0, heap);
    let pairs = entries.len();
    root(pairs, bitmap, &children[..used], heap)
}

/// Of pairs with equal keys leaves the last one. Equal keys have equal hashes and so stand among
/// neighbours of the same order.
fn drop_repeated(entries: &mut Vec<Entry>) {
    let mut kept = 0;
    let mut at = 0;
    while at < entries.len() {
        let order = entries[at].order;
        let end = at + entries[at..].iter().take_while(|e| e.order == order).count();
        if end - at > 1 {
            let same = &mut entries[at..end];
            same.sort_by(|a, b| cmp_exact(a.pair.0, b.pair.0));
        }
        for i in at..end {
            if i + 1 < end && eq_exact(entries[i].pair.0, entries[i + 1].pair.0) {
                continue;
            }
            entries[kept] = entries[i];
            kept += 1;
        }
        at = end;
    }
    entries.truncate(kept);
}

/// Bitmap and children of the node at `level` over these entries, which stand in order and have
/// the same way up to there.
fn children_of<H: Alloc + ?Sized>(entries: &mut [Entry], level: u32, heap: &mut H) -> (u32, [Term; 16], usize) {
    if level > 0 && level.is_multiple_of(LEVELS_PER_HASH) {
        // One hash is used up: the same keys under the next one.
        for entry in &mut *entries {
            *entry = Entry::new(entry.pair, level);
        }
        entries.sort_by_key(|entry| entry.order);
    }
    let shift = 28 - 4 * (level % LEVELS_PER_HASH);
    let (mut bitmap, mut children, mut used) = (0, [Term::NIL; 16], 0);
    let mut rest = entries;
    while let Some(first) = rest.first() {
        let slot = (first.order >> shift) & 15;
        let n = rest.iter().take_while(|e| (e.order >> shift) & 15 == slot).count();
        let (own, others) = rest.split_at_mut(n);
        rest = others;
        bitmap |= 1 << slot;
        children[used] = if let [entry] = own {
            heap.cons(entry.pair.0, entry.pair.1)
        } else {
            subtree(own, level + 1, heap)
        };
        used += 1;
    }
    (bitmap, children, used)
}

/// The inner node at `level` over two or more entries.
fn subtree<H: Alloc + ?Sized>(entries: &mut [Entry], level: u32, heap: &mut H) -> Term {
    if level == MAX_LEVEL {
        entries.sort_by(|a, b| cmp_exact(a.pair.0, b.pair.0));
        let children: Vec<Term> = entries.iter().map(|e| heap.cons(e.pair.0, e.pair.1)).collect();
        return node(0, &children, heap);
    }
    let (bitmap, children, used) = children_of(entries, level, heap);
    node(bitmap, &children[..used], heap)
}

/// What a change did to a node.
pub(super) enum Change {
    /// Nothing.
    Same,
    /// A new node, with so many pairs more (0 or 1).
    New(Term, usize),
}

pub(super) fn put<H: Alloc + ?Sized>(map: Term, key: Term, value: Term, heap: &mut H) -> Term {
    match put_in_node(map, Path::new(key), key, value, heap) {
        Change::Same => map,
        Change::New(map, _) => map,
    }
}

/// Puts a pair into the node (root or inner) that `path` has come to.
pub(super) fn put_in_node<H: Alloc + ?Sized>(at: Term, path: Path, key: Term, value: Term, heap: &mut H) -> Change {
    let old = Node::of(at);
    if path.level() == MAX_LEVEL {
        return put_in_last(old, key, value, heap);
    }
    let (index, there) = old.place(path.slot());
    if !there {
        let leaf = heap.cons(key, value);
        return Change::New(with_child_added(at, path.slot(), index, leaf, heap), 1);
    }
    let child = old.children()[index];
    let (child, more) = match child.as_cons() {
        Some(pair) if eq_exact(pair.head(), key) => {
            if pair.tail() == value {
                return Change::Same;
            }
            (heap.cons(key, value), 0)
        }
        Some(pair) => {
            let other = Path::from_level(pair.head(), path.level() + 1);
            let leaf = heap.cons(key, value);
            (two_leaves(path.down(), leaf, other, child, heap), 1)
        }
        None => match put_in_node(child, path.down(), key, value, heap) {
            Change::Same => return Change::Same,
            Change::New(child, more) => (child, more),
        },
    };
    Change::New(with_child(at, index, child, more, heap), more)
}

/// Puts a pair into a node below all hashes (M3).
fn put_in_last<H: Alloc + ?Sized>(old: Node, key: Term, value: Term, heap: &mut H) -> Change {
    let mut children = old.children().to_vec();
    let key_of = |child: &Term| child.slot(0);
    let at = children.partition_point(|c| cmp_exact(key_of(c), key).is_lt());
    let there = children.get(at).is_some_and(|c| eq_exact(key_of(c), key));
    if there {
        if children[at].slot(1) == value {
            return Change::Same;
        }
        children[at] = heap.cons(key, value);
    } else {
        children.insert(at, heap.cons(key, value));
    }
    Change::New(node(0, &children, heap), usize::from(!there))
}

/// The smallest subtree over two leaves with different keys whose ways have come to the same node.
pub(super) fn two_leaves<H: Alloc + ?Sized>(a: Path, leaf_a: Term, b: Path, leaf_b: Term, heap: &mut H) -> Term {
    if a.level() == MAX_LEVEL {
        let mut leaves = [leaf_a, leaf_b];
        leaves.sort_by(|a, b| cmp_exact(a.slot(0), b.slot(0)));
        return node(0, &leaves, heap);
    }
    let bits = (1 << a.slot()) | (1 << b.slot());
    match a.slot().cmp(&b.slot()) {
        std::cmp::Ordering::Less => node(bits, &[leaf_a, leaf_b], heap),
        std::cmp::Ordering::Greater => node(bits, &[leaf_b, leaf_a], heap),
        std::cmp::Ordering::Equal => {
            let below = two_leaves(a.down(), leaf_a, b.down(), leaf_b, heap);
            node(bits, &[below], heap)
        }
    }
}

/// A root or node like `at` with these children; a root counts `more` pairs more.
fn like<H: Alloc + ?Sized>(at: Term, more: isize, bitmap: u32, children: &[Term], heap: &mut H) -> Term {
    if at.header().is(Kind::HashRoot) {
        root(view(at).size().wrapping_add_signed(more), bitmap, children, heap)
    } else {
        node(bitmap, children, heap)
    }
}

fn with_child<H: Alloc + ?Sized>(at: Term, index: usize, child: Term, more: usize, heap: &mut H) -> Term {
    let old = Node::of(at);
    let mut children = [Term::NIL; 16];
    let children = &mut children[..old.children().len()];
    children.copy_from_slice(old.children());
    children[index] = child;
    like(at, more as isize, old.bitmap(), children, heap)
}

fn with_child_added<H: Alloc + ?Sized>(at: Term, slot: u32, index: usize, child: Term, heap: &mut H) -> Term {
    let old = Node::of(at);
    let n = old.children().len();
    let mut children = [Term::NIL; 16];
    children[..index].copy_from_slice(&old.children()[..index]);
    children[index] = child;
    children[index + 1..=n].copy_from_slice(&old.children()[index..]);
    like(at, 1, old.bitmap() | (1 << slot), &children[..=n], heap)
}

pub(super) fn take<H: Alloc + ?Sized>(map: Term, key: Term, heap: &mut H) -> Option<(Term, Term)> {
    let map_view = view(map);
    let value = map_view.get(key)?;
    if map_view.size() == FLAT_LIMIT + 1 {
        let mut pairs: Vec<Pair> = map_view.iter().filter(|pair| !eq_exact(pair.0, key)).collect();
        flat::sort_last_wins(&mut pairs);
        return Some((value, flat::of_sorted_pairs(&pairs, heap)));
    }
    Some((value, take_from(map, Path::new(key), key, heap)))
}

/// The node without a key that is known to be under it. An inner node of which one pair is left
/// becomes that pair (M2).
fn take_from<H: Alloc + ?Sized>(at: Term, path: Path, key: Term, heap: &mut H) -> Term {
    let old = Node::of(at);
    let last = path.level() == MAX_LEVEL;
    let (index, bitmap) = if last {
        let index = old.children().iter().position(|c| eq_exact(c.slot(0), key));
        (index.unwrap_or_else(|| crate::bug!("a key left its map")), 0)
    } else {
        let (index, _) = place(old.bitmap(), path.slot());
        (index, old.bitmap() & !(1 << path.slot()))
    };
    let child = old.children()[index];
    let is_root = at.header().is(Kind::HashRoot);
    let mut children = old.children().to_vec();
    let bitmap = if child.is_cons() {
        children.remove(index);
        bitmap
    } else {
        children[index] = take_from(child, path.down(), key, heap);
        old.bitmap()
    };
    match children[..] {
        [only] if only.is_cons() && !is_root => only,
        _ => like(at, -1, bitmap, &children, heap),
    }
}
