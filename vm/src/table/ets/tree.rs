//! The objects of an ordered table: a B+ tree, in which the leaves are a list, too.
//!
//! A node knows the key's word of each object, or the first one of each child. Such a word leads into the object
//! it is of, so a node's first word is handed on to the nodes above whenever it changes. Most keys are small
//! integers, and a node that has no others is searched without looking at anything else.
//!
//! Nodes are known by their numbers. `Tree::reached` is where the last step of a walk has ended: whether the
//! object is still there, or another one, shows when it is looked at, so nobody has to keep it right.

use smallvec::SmallVec;

use super::Object;
use crate::base::sync::{AtomicU64, Ordering};
use crate::term::{Term, cmp};

/// Entries of a node.
const MOST: usize = 32;
/// With fewer a node is joined with one beside it, if both have no more than `JOINED`.
const FEW: usize = MOST / 4;
const JOINED: usize = MOST * 3 / 4;
/// Keys looked at together.
const GROUP: usize = 8;
/// A word that comes behind every small integer.
const BEHIND: u64 = i64::MAX as u64;
/// The number of no node.
const NONE: u32 = u32::MAX;

/// Keys with what belongs to each, in the order of the keys.
struct Node<T> {
    len: usize,
    /// Not set: there may be a key that is no small integer.
    small: bool,
    /// `BEHIND` where there is none.
    keys: [u64; MOST],
    values: [T; MOST],
}

struct Leaf {
    node: Node<Option<Object>>,
    previous: u32,
    next: u32,
}

/// Numbers of the children: leaves, or such nodes.
type Inner = Node<u32>;

/// The nodes above a leaf from the root on, each with the place of the child.
type Path = SmallVec<[(u32, usize); 8]>;

/// Where an object is, or would be.
#[derive(Clone, Copy)]
pub(super) struct Place {
    leaf: u32,
    at: usize,
}

pub(super) struct Tree {
    leaves: Vec<Box<Leaf>>,
    inner: Vec<Box<Inner>>,
    free_leaves: Vec<u32>,
    free_inner: Vec<u32>,
    root: u32,
    /// Nodes between the root and a leaf, the root included.
    height: usize,
    len: usize,
    /// Leaf and place in it, 32 bits each.
    reached: AtomicU64,
}

impl<T: Default> Node<T> {
    fn new() -> Node<T> {
        Node { len: 0, small: true, keys: [BEHIND; MOST], values: std::array::from_fn(|_| T::default()) }
    }

    #[inline]
    fn keys(&self) -> &[u64] {
        &self.keys[..self.len]
    }

    /// How many of the keys are `key` or before it.
    #[inline(always)]
    fn rank(&self, key: Term) -> usize {
        if self.small && key.is_small() {
            // Without a jump, and no comparison of a step waits for another: the group first, then the place in it.
            let n = key.bits() as i64;
            let not_above = |key: u64| usize::from(key as i64 <= n);
            let group = (1..MOST / GROUP).map(|group| not_above(self.keys[group * GROUP - 1])).sum::<usize>() * GROUP;
            group + self.keys[group..group + GROUP].iter().map(|&key| not_above(key)).sum::<usize>()
        } else {
            self.rank_of_any(key)
        }
    }

    #[inline(never)]
    fn rank_of_any(&self, key: Term) -> usize {
        self.keys().partition_point(|&k| cmp::compare(Term::raw(k), key).is_le())
    }

    fn set_key(&mut self, at: usize, key: u64) {
        self.keys[at] = key;
        self.small &= Term::raw(key).is_small();
    }

    fn insert(&mut self, at: usize, key: u64, value: T) {
        self.keys.copy_within(at..self.len, at + 1);
        self.values[at..=self.len].rotate_right(1);
        self.values[at] = value;
        self.len += 1;
        self.set_key(at, key);
    }

    fn remove(&mut self, at: usize) -> T {
        let value = std::mem::take(&mut self.values[at]);
        self.values[at..self.len].rotate_left(1);
        self.keys.copy_within(at + 1..self.len, at);
        self.len -= 1;
        self.keys[self.len] = BEHIND;
        value
    }

    /// Moves what stands from `at` on behind what is in `to`.
    fn move_from(&mut self, at: usize, to: &mut Node<T>) {
        let count = self.len - at;
        to.keys[to.len..to.len + count].copy_from_slice(&self.keys[at..self.len]);
        to.values[to.len..to.len + count].swap_with_slice(&mut self.values[at..self.len]);
        self.keys[at..self.len].fill(BEHIND);
        self.len = at;
        to.len += count;
        to.small = to.keys().iter().all(|&k| Term::raw(k).is_small());
    }
}

/// Whether two keys are one here.
#[inline(always)]
fn same(a: Term, b: Term) -> bool {
    a == b || (!(a.is_small() && b.is_small()) && cmp::compare(a, b).is_eq())
}

impl Leaf {
    fn new() -> Box<Leaf> {
        Box::new(Leaf { node: Node::new(), previous: NONE, next: NONE })
    }
}

/// A number for a node, which may have been another one's.
fn number<T>(nodes: &mut Vec<Box<T>>, free: &mut Vec<u32>, node: Box<T>) -> u32 {
    match free.pop() {
        Some(number) => {
            nodes[number as usize] = node;
            number
        }
        None => {
            nodes.push(node);
            nodes.len() as u32 - 1
        }
    }
}

impl Tree {
    pub fn new() -> Tree {
        Tree {
            leaves: vec![Leaf::new()],
            inner: Vec::new(),
            free_leaves: Vec::new(),
            free_inner: Vec::new(),
            root: 0,
            height: 0,
            len: 0,
            reached: AtomicU64::new(0),
        }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    #[inline]
    fn leaf(&self, number: u32) -> &Leaf {
        &self.leaves[number as usize]
    }

    fn node(&mut self, leaf: u32) -> &mut Node<Option<Object>> {
        &mut self.leaves[leaf as usize].node
    }

    /// The leaf where a key is or would be.
    #[inline(always)]
    fn leaf_of(&self, key: Term) -> u32 {
        let mut number = self.root;
        for _ in 0..self.height {
            let inner = &self.inner[number as usize];
            number = inner.values[inner.rank(key).saturating_sub(1)];
        }
        number
    }

    fn path_to(&self, key: Term) -> (Path, u32) {
        let (mut path, mut number) = (Path::new(), self.root);
        for _ in 0..self.height {
            let inner = &self.inner[number as usize];
            let at = inner.rank(key).saturating_sub(1);
            path.push((number, at));
            number = inner.values[at];
        }
        (path, number)
    }

    /// The place of a key; `Err`: where it would be.
    #[inline(always)]
    fn find(&self, key: Term) -> Result<Place, Place> {
        let leaf = self.leaf_of(key);
        let node = &self.leaf(leaf).node;
        let rank = node.rank(key);
        match rank.checked_sub(1) {
            Some(at) if same(Term::raw(node.keys[at]), key) => Ok(Place { leaf, at }),
            _ => Err(Place { leaf, at: rank }),
        }
    }

    /// Where the last step of a walk has ended, if that is at `key`.
    #[inline]
    fn at_reached(&self, key: Term) -> Option<Place> {
        let reached = self.reached.load(Ordering::Relaxed);
        let place = Place { leaf: (reached >> 32) as u32, at: reached as u32 as usize };
        let found = *self.leaves.get(place.leaf as usize)?.node.keys().get(place.at)?;
        (found == key.bits() || (key.is_pointer() && cmp::eq(Term::raw(found), key))).then_some(place)
    }

    #[inline]
    pub fn get(&self, key: Term) -> Option<&Object> {
        // Most often a walk looks at what it has just reached.
        if key.is_immediate()
            && let Some(place) = self.at_reached(key)
        {
            return self.object(place);
        }
        self.find(key).ok().and_then(|place| self.object(place))
    }

    #[inline]
    fn object(&self, place: Place) -> Option<&Object> {
        self.leaf(place.leaf).node.values[place.at].as_ref()
    }

    #[inline]
    pub fn key(&self, place: Place) -> Term {
        Term::raw(self.leaf(place.leaf).node.keys[place.at])
    }

    /// The place, or the next one that has an object.
    #[inline]
    fn from(&self, place: Place) -> Option<Place> {
        let leaf = self.leaf(place.leaf);
        if place.at < leaf.node.len {
            return Some(place);
        }
        // Only the root may be an empty leaf.
        (leaf.next != NONE).then_some(Place { leaf: leaf.next, at: 0 })
    }

    #[inline]
    fn before(&self, place: Place) -> Option<Place> {
        if let Some(at) = place.at.checked_sub(1) {
            return Some(Place { leaf: place.leaf, at });
        }
        let leaf = self.leaf(place.leaf).previous;
        (leaf != NONE).then(|| Place { leaf, at: self.leaf(leaf).node.len - 1 })
    }

    /// The first place, or the last one.
    pub fn end(&self, backwards: bool) -> Option<Place> {
        let mut number = self.root;
        for _ in 0..self.height {
            let inner = &self.inner[number as usize];
            number = inner.values[if backwards { inner.len - 1 } else { 0 }];
        }
        let len = self.leaf(number).node.len;
        (len > 0).then(|| Place { leaf: number, at: if backwards { len - 1 } else { 0 } })
    }

    /// The place next to a key that may be there or not.
    #[inline]
    pub fn neighbour(&self, key: Term, backwards: bool) -> Option<Place> {
        let found = self.at_reached(key).map_or_else(|| self.find(key), Ok);
        let next = match found {
            Ok(place) | Err(place) if backwards => self.before(place),
            Ok(place) => self.from(Place { at: place.at + 1, ..place }),
            Err(place) => self.from(place),
        };
        if let Some(place) = next {
            self.reached.store(u64::from(place.leaf) << 32 | place.at as u64, Ordering::Relaxed);
        }
        next
    }

    /// The objects from a place on, or before it.
    pub fn walk(&self, from: Option<Place>, backwards: bool) -> impl Iterator<Item = &Object> {
        let mut next = from;
        std::iter::from_fn(move || {
            let place = next?;
            next = if backwards { self.before(place) } else { self.from(Place { at: place.at + 1, ..place }) };
            self.object(place)
        })
    }

    /// All objects.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.walk(self.end(false), false)
    }

    /// Adds an object of a key, whose word leads into it; what it replaced.
    pub fn insert(&mut self, key: Term, object: Object) -> Option<Object> {
        let (leaf, rank) = match self.find(key) {
            Ok(place) => {
                let old = self.node(place.leaf).values[place.at].replace(object);
                if self.key(place) != key {
                    let (path, _) = self.path_to(key);
                    self.lead(&path, place, key.bits());
                }
                return old;
            }
            Err(place) => (place.leaf, place.at),
        };
        self.len += 1;
        let node = self.node(leaf);
        if rank > 0 && node.len < MOST {
            node.insert(rank, key.bits(), Some(object));
            return None;
        }
        let (path, _) = self.path_to(key);
        if self.leaf(leaf).node.len < MOST {
            self.node(leaf).insert(rank, key.bits(), Some(object));
            self.hand_on(&path, key.bits());
            return None;
        }
        // In a table that grows at its end leaves stay full.
        let next = self.leaf(leaf).next;
        let cut = if rank == MOST && next == NONE { MOST } else { MOST / 2 };
        let mut right = Leaf::new();
        let left = &mut self.leaves[leaf as usize];
        left.node.move_from(cut, &mut right.node);
        if rank < cut {
            left.node.insert(rank, key.bits(), Some(object));
        } else {
            right.node.insert(rank - cut, key.bits(), Some(object));
        }
        (right.previous, right.next) = (leaf, next);
        let first = right.node.keys[0];
        let right = number(&mut self.leaves, &mut self.free_leaves, right);
        self.leaves[leaf as usize].next = right;
        if next != NONE {
            self.leaves[next as usize].previous = right;
        }
        if rank == 0 {
            self.hand_on(&path, key.bits());
        }
        self.add_child(path, first, right);
        None
    }

    /// Changes an object, but not its key, of which `word` tells the word. `None`: there is none.
    #[inline]
    pub fn change<R>(&mut self, key: Term, change: impl FnOnce(&mut Object) -> R, word: impl FnOnce(&Object) -> Term) -> Option<R> {
        let place = self.find(key).ok()?;
        // Afterwards there may be words that lead to nothing, which must not be looked at.
        let path = if self.key(place).is_pointer() { self.path_to(key).0 } else { Path::new() };
        let object = self.node(place.leaf).values[place.at].as_mut()?;
        let result = change(object);
        if self.key(place).is_pointer() {
            let word = word(self.object(place)?).bits();
            self.lead(&path, place, word);
        }
        Some(result)
    }

    /// Makes `word` the key's word at a place.
    fn lead(&mut self, path: &Path, place: Place, word: u64) {
        self.node(place.leaf).set_key(place.at, word);
        if place.at == 0 {
            self.hand_on(path, word);
        }
    }

    /// Makes `word` the first word of the nodes above a leaf.
    fn hand_on(&mut self, path: &[(u32, usize)], word: u64) {
        for &(number, at) in path.iter().rev() {
            self.inner[number as usize].set_key(at, word);
            if at != 0 {
                return;
            }
        }
    }

    /// Puts a node behind the one that a path leads to.
    fn add_child(&mut self, mut path: Path, mut first: u64, mut child: u32) {
        while let Some((above, at)) = path.pop() {
            let left = &mut self.inner[above as usize];
            if left.len < MOST {
                left.insert(at + 1, first, child);
                return;
            }
            let cut = if at + 1 == MOST { MOST } else { MOST / 2 };
            let mut right = Box::new(Inner::new());
            left.move_from(cut, &mut right);
            if at + 1 < cut {
                left.insert(at + 1, first, child);
            } else {
                right.insert(at + 1 - cut, first, child);
            }
            first = right.keys[0];
            child = number(&mut self.inner, &mut self.free_inner, right);
        }
        let mut root = Box::new(Inner::new());
        root.insert(0, self.first_word(self.height, self.root), self.root);
        root.insert(1, first, child);
        self.root = number(&mut self.inner, &mut self.free_inner, root);
        self.height += 1;
    }

    /// The first word of a node that stands so high above the leaves.
    fn first_word(&self, height: usize, node: u32) -> u64 {
        if height == 0 { self.leaf(node).node.keys[0] } else { self.inner[node as usize].keys[0] }
    }

    fn len_of(&self, height: usize, node: u32) -> usize {
        if height == 0 { self.leaf(node).node.len } else { self.inner[node as usize].len }
    }

    /// Removes the object of a key.
    pub fn remove(&mut self, key: Term) -> Option<Object> {
        let place = self.find(key).ok()?;
        self.len -= 1;
        let node = self.node(place.leaf);
        if place.at > 0 && node.len > FEW {
            return node.remove(place.at);
        }
        let (path, leaf) = self.path_to(key);
        let node = self.node(leaf);
        let gone = node.remove(place.at);
        let (len, first) = (node.len, node.keys[0]);
        if place.at == 0 && len > 0 {
            self.hand_on(&path, first);
        }
        if len < FEW {
            self.tidy(path, leaf);
        }
        gone
    }

    /// Joins nodes that have few entries, from a leaf up.
    fn tidy(&mut self, mut path: Path, leaf: u32) {
        let (mut child, mut height) = (leaf, 0);
        while let Some((above, at)) = path.pop() {
            let len = self.len_of(height, child);
            if len == 0 {
                self.free(height, child);
                self.inner[above as usize].remove(at);
            } else {
                let first = self.first_word(height, child);
                self.inner[above as usize].set_key(at, first);
                if len < FEW {
                    self.join(above, at, height);
                }
            }
            (child, height) = (above, height + 1);
        }
        while self.height > 0 && self.inner[self.root as usize].len < 2 {
            let root = self.root;
            if self.inner[root as usize].len == 1 {
                self.root = self.inner[root as usize].values[0];
                self.height -= 1;
            } else {
                self.root = number(&mut self.leaves, &mut self.free_leaves, Leaf::new());
                self.height = 0;
            }
            self.inner[root as usize].len = 0;
            self.free_inner.push(root);
        }
    }

    /// Joins the child at `at`, at that height above the leaves, with one beside it if they have room.
    fn join(&mut self, above: u32, at: usize, height: usize) {
        let parent = &self.inner[above as usize];
        let pairs = [(at, at + 1), (at.wrapping_sub(1), at)];
        let fits = |&(left, right): &(usize, usize)| {
            left < right && right < parent.len && {
                let both = [left, right].map(|at| self.len_of(height, parent.values[at]));
                both[0] + both[1] <= JOINED
            }
        };
        let Some((left, right)) = pairs.into_iter().find(fits) else { return };
        let [into, from] = [left, right].map(|at| parent.values[at]);
        if height == 0 {
            let mut gone = std::mem::replace(&mut self.leaves[from as usize], Leaf::new());
            gone.node.move_from(0, self.node(into));
            self.leaves[from as usize] = gone;
        } else {
            let mut gone = std::mem::replace(&mut self.inner[from as usize], Box::new(Inner::new()));
            gone.move_from(0, &mut self.inner[into as usize]);
        }
        self.free(height, from);
        self.inner[above as usize].remove(right);
    }

    /// Gives up an empty node.
    fn free(&mut self, height: usize, node: u32) {
        if height > 0 {
            self.free_inner.push(node);
            return;
        }
        let Leaf { previous, next, .. } = *self.leaves[node as usize];
        if previous != NONE {
            self.leaves[previous as usize].next = next;
        }
        if next != NONE {
            self.leaves[next as usize].previous = previous;
        }
        self.free_leaves.push(node);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::heap::{Build, Fragment};

    /// A key that is a number, whole or not, or a tuple: their order is that of the pair.
    fn key(of: (bool, i64), float: bool, place: &mut Fragment) -> Term {
        match of {
            (true, n) => place.tuple(&[Term::small(n)]),
            (false, n) if float => place.float(n as f64),
            (false, n) => Term::small(n),
        }
    }

    fn object(key: Term, value: i64) -> Object {
        let mut place = Fragment::new(8);
        Object::new(place.tuple(&[key, Term::small(value)]))
    }

    fn key_of(object: &Object) -> Term {
        object.peek(|o| o.as_tuple().unwrap().at(0))
    }

    fn value(object: &Object) -> i64 {
        object.peek(|o| o.as_tuple().unwrap().at(1).small_value())
    }

    impl Tree {
        /// Checks what must be true of a node and of those below it; the words of its keys.
        fn check(&self, height: usize, number: u32, root: bool) -> Vec<u64> {
            let len = self.len_of(height, number);
            assert!(root || len > 0);
            if height == 0 {
                let node = &self.leaf(number).node;
                assert!(!node.small || node.keys().iter().all(|&k| Term::raw(k).is_small()));
                for (&k, object) in node.keys().iter().zip(&node.values) {
                    assert_eq!(k, key_of(object.as_ref().unwrap()).bits());
                }
                return node.keys().to_vec();
            }
            assert!(!root || len > 1);
            let node = &self.inner[number as usize];
            assert!(!node.small || node.keys().iter().all(|&k| Term::raw(k).is_small()));
            let below = node.keys().iter().zip(&node.values).map(|(&k, &child)| {
                let below = self.check(height - 1, child, false);
                assert_eq!(k, below[0]);
                below
            });
            below.flatten().collect()
        }

        fn check_all(&self, model: &BTreeMap<(bool, i64), i64>) {
            let words = self.check(self.height, self.root, true);
            assert_eq!(words.len(), model.len());
            assert_eq!(self.len(), model.len());
            assert!(words.windows(2).all(|w| cmp::compare(Term::raw(w[0]), Term::raw(w[1])).is_lt()));
            assert!(self.objects().map(value).eq(model.values().copied()));
            assert!(self.walk(self.end(true), true).map(value).eq(model.values().rev().copied()));
        }
    }

    /// Random changes, many that add and then many that remove, beside a map of the standard library.
    fn against_model(seed: u64, keys: u64, tuples: bool) {
        let (mut tree, mut model, mut state) = (Tree::new(), BTreeMap::new(), seed);
        let mut random = |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n
        };
        for round in 0..8000u64 {
            let adding = if round / 2000 % 2 == 0 { 7 } else { 2 };
            let of = (tuples && random(2) == 0, random(keys) as i64);
            let mut place = Fragment::new(8);
            let probe = key(of, tuples && random(2) == 0, &mut place);
            assert_eq!(tree.get(probe).map(value), model.get(&of).copied());
            let next = tree.neighbour(probe, false).and_then(|place| tree.object(place)).map(value);
            assert_eq!(next, model.range((std::ops::Bound::Excluded(of), std::ops::Bound::Unbounded)).next().map(|(_, v)| *v));
            let previous = tree.neighbour(probe, true).and_then(|place| tree.object(place)).map(value);
            assert_eq!(previous, model.range(..of).next_back().map(|(_, v)| *v));
            match random(10) {
                n if n < adding => {
                    let new = object(probe, round as i64);
                    let old = tree.insert(key_of(&new), new);
                    assert_eq!(old.as_ref().map(value), model.insert(of, round as i64));
                }
                n if n < 9 => assert_eq!(tree.remove(probe).as_ref().map(value), model.remove(&of)),
                _ => {
                    // Somebody else still holds the object, so that it moves.
                    let held = tree.get(probe).cloned();
                    let changed = tree.change(probe, |o| o.set_immediate(1, Term::small(-1)), key_of);
                    assert_eq!(changed, model.contains_key(&of).then_some(true));
                    model.entry(of).and_modify(|v| *v = -1);
                    drop(held);
                }
            }
            if round % 97 == 0 {
                tree.check_all(&model);
            }
        }
        for of in model.keys().copied().collect::<Vec<_>>() {
            let mut place = Fragment::new(8);
            assert!(tree.remove(key(of, false, &mut place)).is_some());
            model.remove(&of);
            if model.len() % 53 == 0 {
                tree.check_all(&model);
            }
        }
        assert_eq!(tree.height, 0);
    }

    #[test]
    fn few_small_integers() {
        against_model(1, 100, false);
    }

    #[test]
    fn many_small_integers() {
        against_model(2, 100_000, false);
    }

    #[test]
    fn keys_of_all_kinds() {
        against_model(3, 1000, true);
        against_model(4, 40_000, true);
    }

    #[test]
    fn in_order_leaves_are_full() {
        let (mut tree, mut model) = (Tree::new(), BTreeMap::new());
        for n in 0..20_000 {
            let new = object(Term::small(n), n);
            tree.insert(key_of(&new), new);
            model.insert((false, n), n);
        }
        tree.check_all(&model);
        assert_eq!(tree.leaves.len(), 20_000 / MOST);
        for n in (0..20_000).rev() {
            assert_eq!(tree.remove(Term::small(n)).as_ref().map(value), model.remove(&(false, n)));
            if n % 997 == 0 {
                tree.check_all(&model);
            }
        }
    }
}
