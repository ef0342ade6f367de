//! Maps, the read side: look-up and iteration. Building them is in `heap::map`.
//!
//! ```text
//! flat, at most 32 pairs, keys in `cmp_exact` order; maps made from one another share the tuple
//!  [ FlatMap | keys -> {K1, .., Kn} | V1 | .. | Vn ]
//! hashed, above: a trie over the keys' hashes, 4 bits a level
//!  [ HashRoot | pairs | bitmap | child per set bit .. ]
//!  [ HashNode |         bitmap | child per set bit .. ]
//! child = [Key|Value], or a HashNode
//! ```
//! M1 A map is flat if and only if it has at most `FLAT_LIMIT` pairs. M2 Below the root every node
//! has two pairs or more under it, so that equal maps have equal tries. M3 A node with bitmap 0 (at
//! `MAX_LEVEL`, where hashes give out) holds its pairs in `cmp_exact` order of the keys.

use super::Term;
use super::cmp::eq_exact;
use super::hash;
use super::header::Kind;
use super::view::{Cons, MapView};

/// The most pairs of a flat map.
pub const FLAT_LIMIT: usize = 32;

/// Levels of the trie at which hashes tell keys apart: four hashes of eight levels each.
pub(crate) const MAX_LEVEL: u32 = 32;

/// Levels that one 32-bit hash serves.
pub(crate) const LEVELS_PER_HASH: u32 = 8;

/// The hash that serves the given eight levels.
fn hash_of(key: Term, eight: u32) -> u32 {
    #[cfg(test)]
    match key.as_small() {
        Some(SAME_HASHES..) => return 7,
        Some(SAME_FIRST_HASH..) if eight == 0 => return 7,
        _ => {}
    }
    hash::of_key(key, eight)
}

/// From these small integers on hashes are the same, to test what hashes can't tell apart.
#[cfg(test)]
pub(crate) const SAME_FIRST_HASH: i64 = 1 << 50;
#[cfg(test)]
pub(crate) const SAME_HASHES: i64 = 1 << 51;

/// A key's way down the trie.
#[derive(Clone, Copy)]
pub(crate) struct Path {
    key: Term,
    bits: u32,
    level: u32,
}

impl Path {
    pub(crate) fn new(key: Term) -> Path {
        Path { key, bits: hash_of(key, 0), level: 0 }
    }

    /// The way of a key from `level` on.
    pub(crate) fn from_level(key: Term, level: u32) -> Path {
        let bits = if level < MAX_LEVEL { hash_of(key, level / LEVELS_PER_HASH) } else { 0 };
        Path { key, bits: bits >> (4 * (level % LEVELS_PER_HASH)), level }
    }

    pub(crate) fn level(self) -> u32 {
        self.level
    }

    /// What is left of the hash in use.
    pub(crate) fn bits(self) -> u32 {
        self.bits
    }

    /// Which of 16 slots the key belongs in at this level.
    pub(crate) fn slot(self) -> u32 {
        self.bits & 15
    }

    pub(crate) fn down(self) -> Path {
        if (self.level + 1).is_multiple_of(LEVELS_PER_HASH) {
            Path::from_level(self.key, self.level + 1)
        } else {
            Path { bits: self.bits >> 4, level: self.level + 1, ..self }
        }
    }
}

/// A root or inner node of a hashed map.
#[derive(Clone, Copy)]
pub(crate) struct Node {
    term: Term,
    /// Words before the first child.
    first: usize,
}

impl Node {
    /// The caller knows that `term` is a `HashRoot` or `HashNode`.
    pub(crate) fn of(term: Term) -> Node {
        debug_assert!(term.header().is(Kind::HashRoot) || term.header().is(Kind::HashNode));
        Node { term, first: if term.header().is(Kind::HashRoot) { 3 } else { 2 } }
    }

    pub(crate) fn bitmap(self) -> u32 {
        self.term.slot(self.first - 1).small_value() as u32
    }

    pub(crate) fn children(&self) -> &[Term] {
        let n = self.term.header().size() + 1 - self.first;
        // SAFETY: T1, the children follow the bitmap; T2, they don't change.
        unsafe { std::slice::from_raw_parts(self.term.address().add(self.first).cast::<Term>(), n) }
    }

    fn child(self, index: usize) -> Option<Term> {
        (self.first + index <= self.term.header().size()).then(|| self.term.slot(self.first + index))
    }

    /// The place among the children of what belongs in `slot`, and whether there is something.
    pub(crate) fn place(self, slot: u32) -> (usize, bool) {
        place(self.bitmap(), slot)
    }
}

/// As `Node::place`, of a bitmap.
pub(crate) fn place(bitmap: u32, slot: u32) -> (usize, bool) {
    let bit = 1 << slot;
    ((bitmap & (bit - 1)).count_ones() as usize, bitmap & bit != 0)
}

/// The value of a key in a map; `None` also if `map` is no map.
pub fn get(map: Term, key: Term) -> Option<Term> {
    map.as_map()?.get(key)
}

/// Whether a map has the key.
pub fn contains(map: Term, key: Term) -> bool {
    get(map, key).is_some()
}

/// The value of a key in the subtree at the node that its path has come to.
pub(crate) fn get_below(mut node: Node, mut path: Path, key: Term) -> Option<Term> {
    while path.level != MAX_LEVEL {
        let (at, there) = node.place(path.slot());
        if !there {
            return None;
        }
        let child = node.children()[at];
        match child.as_cons() {
            Some(pair) => return eq_exact(pair.head(), key).then(|| pair.tail()),
            None => node = Node::of(child),
        }
        path = path.down();
    }
    node.children().iter().filter_map(|c| c.as_cons()).find(|c| eq_exact(c.head(), key)).map(Cons::tail)
}

impl MapView {
    /// The value of a key.
    #[inline]
    pub fn get(self, key: Term) -> Option<Term> {
        if self.is_flat() {
            return self.flat_index(key).map(|i| self.flat_values()[i]);
        }
        self.hashed_get(key)
    }

    /// Where a key stands in a flat map.
    #[inline]
    pub fn flat_index(self, key: Term) -> Option<usize> {
        let keys = self.flat_keys();
        if key.is_immediate() {
            // An immediate equals nothing but the same word.
            keys.iter().position(|&k| k == key)
        } else {
            keys.iter().position(|&k| k == key || eq_exact(k, key))
        }
    }

    fn hashed_get(self, key: Term) -> Option<Term> {
        get_below(Node::of(self.term()), Path::new(key), key)
    }

    /// The pairs: in key order of a flat map, in the trie's order of a hashed one.
    pub fn iter(self) -> Pairs {
        let cursor = if self.is_flat() { Cursor(Vec::new()) } else { Cursor::start(self) };
        Pairs { map: self, next: 0, left: self.size(), cursor }
    }
}

/// Iterator over the pairs of a map.
pub struct Pairs {
    map: MapView,
    /// Of a flat map, the next pair.
    next: usize,
    left: usize,
    /// Of a hashed map, where it is.
    cursor: Cursor,
}

impl Iterator for Pairs {
    type Item = (Term, Term);

    fn next(&mut self) -> Option<(Term, Term)> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        if self.map.is_flat() {
            let i = self.next;
            self.next += 1;
            return Some((self.map.flat_keys()[i], self.map.flat_values()[i]));
        }
        self.cursor.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Pairs {}

/// A place between the pairs of a hashed map: the nodes from the root down, each with the index of
/// the child to look at next.
pub struct Cursor(Vec<(Node, usize)>);

impl Cursor {
    /// Before the first pair of a hashed map.
    pub fn start(map: MapView) -> Cursor {
        Cursor(vec![(Node::of(map.term()), 0)])
    }

    /// Before the pair that a path, as `path` gives it, leads to; `None` if it leads nowhere.
    pub fn seek(map: MapView, path: &[u64]) -> Option<Cursor> {
        let mut nodes = Vec::new();
        let mut at = Node::of(map.term());
        loop {
            let index = path_element(path, nodes.len() as u32);
            let child = at.child(index)?;
            if child.is_cons() {
                nodes.push((at, index));
                return Some(Cursor(nodes));
            }
            nodes.push((at, index + 1));
            at = Node::of(child);
        }
    }

    /// The way to the next pair: an integer's limbs, 4 bits for each node from the root down, the
    /// root's lowest. `None` after the last pair.
    pub fn path(&mut self) -> Option<Vec<u64>> {
        while let Some(&(node, at)) = self.0.last()
            && node.child(at).is_none()
        {
            self.0.pop();
        }
        let deepest = self.0.len().checked_sub(1)?;
        let mut limbs = vec![0; deepest / 16 + 1];
        for (depth, &(_, next)) in self.0.iter().enumerate() {
            let index = if depth == deepest { next } else { next - 1 };
            limbs[depth / 16] |= (index as u64) << (4 * (depth % 16));
        }
        Some(limbs)
    }
}

impl Iterator for Cursor {
    type Item = (Term, Term);

    fn next(&mut self) -> Option<(Term, Term)> {
        while let Some((node, at)) = self.0.last_mut() {
            let Some(child) = node.child(*at) else {
                self.0.pop();
                continue;
            };
            *at += 1;
            match child.as_cons() {
                Some(pair) => return Some((pair.head(), pair.tail())),
                None => self.0.push((Node::of(child), 0)),
            }
        }
        None
    }
}

/// The index that a path says for the node at `depth`. Below `MAX_LEVEL`, where nodes have more
/// than 16 children, it is all that is left of the path.
fn path_element(path: &[u64], depth: u32) -> usize {
    let limb = path.get(depth as usize / 16).copied().unwrap_or(0) >> (4 * (depth % 16));
    if depth < MAX_LEVEL { limb as usize & 15 } else { limb as usize }
}

/// What `erts_debug:map_info/1` tells about a hashed map.
#[derive(Default)]
pub struct Shape {
    pub depth: usize,
    /// Roots with all 16 children.
    pub full_roots: usize,
    /// Nodes with fewer and inner nodes, by number of children less one.
    pub nodes: [usize; 16],
    /// Pairs by depth, the root's children having 1.
    pub leaves: [usize; 16],
}

/// Counts what a hashed map is made of.
pub fn shape(map: MapView) -> Shape {
    let mut shape = Shape::default();
    let mut pending = vec![(map.term(), 0)];
    while let Some((term, depth)) = pending.pop() {
        shape.depth = shape.depth.max(depth);
        if term.is_cons() {
            shape.leaves[depth.min(15)] += 1;
            continue;
        }
        let node = Node::of(term);
        let children = node.children();
        if depth == 0 && children.len() == 16 {
            shape.full_roots += 1;
        } else {
            shape.nodes[children.len().min(16) - 1] += 1;
        }
        pending.extend(children.iter().map(|&child| (child, depth + 1)));
    }
    shape
}

/// The children of a node of a hashed map, root or inner; `None` if `node` is neither.
pub fn children(node: Term) -> Option<Vec<Term>> {
    let is_node = node.is_boxed() && (node.header().is(Kind::HashRoot) || node.header().is(Kind::HashNode));
    is_node.then(|| Node::of(node).children().to_vec())
}
