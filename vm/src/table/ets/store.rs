//! Where a table's objects are.

use smallvec::SmallVec;

use super::Kind;
use super::linear::Linear;
use super::tree::Tree;
use crate::base::sync::{AtomicUsize, Ordering, RwLock};
use crate::heap::Object;
use crate::term::Term;

/// Objects of one key.
pub type Found = SmallVec<[Object; 1]>;

#[expect(clippy::large_enum_variant, reason = "there is one to a table, and it saves following a pointer")]
enum Body {
    Hash(Linear),
    Ordered { tree: RwLock<Tree>, count: AtomicUsize },
}

/// The objects of a table.
pub struct Store {
    body: Body,
    keypos: usize,
}

/// A place in a walk.
#[derive(Clone, Copy)]
pub enum Cursor {
    Start,
    /// At a slot.
    Slot(usize),
    /// Behind a key (the caller's term).
    After(Term),
}

/// Where a walk goes on.
pub enum More {
    Slot(usize),
    /// Behind this object, the last one found.
    After(Object),
    End,
}

/// Keeps a table's objects in their places.
pub struct Fix<'a>(&'a Store);

impl Drop for Fix<'_> {
    fn drop(&mut self) {
        self.0.unfix();
    }
}

impl Store {
    pub fn new(kind: Kind, keypos: usize, concurrent: bool) -> Store {
        let body = if kind == Kind::OrderedSet {
            Body::Ordered { tree: RwLock::new(Tree::new()), count: AtomicUsize::new(0) }
        } else {
            Body::Hash(Linear::new(kind, keypos, concurrent))
        };
        Store { body, keypos }
    }

    pub fn len(&self) -> usize {
        match &self.body {
            Body::Hash(table) => table.len(),
            Body::Ordered { count, .. } => count.load(Ordering::Relaxed),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The key's word of an object.
    fn key(&self, object: &Object) -> Term {
        object.peek(|t| super::key_at(t, self.keypos).unwrap_or(Term::NIL))
    }

    /// Nothing moves or vanishes from a hash table's walks until `unfix`.
    pub fn fix(&self) {
        if let Body::Hash(table) = &self.body {
            table.fix();
        }
    }

    pub fn unfix(&self) {
        if let Body::Hash(table) = &self.body {
            table.unfix();
        }
    }

    /// Gives up some room if far too much was left: after removals while the table was fixed.
    pub fn trim(&self) {
        if let Body::Hash(table) = &self.body {
            table.shrink(table.len());
        }
    }

    /// The same as `fix`, for as long as the value lives.
    pub fn fixed(&self) -> Fix<'_> {
        self.fix();
        Fix(self)
    }

    /// Adds an object as the table's type says; what it replaced, or itself if it was there.
    pub fn insert(&self, object: Object) -> Option<Object> {
        let key = self.key(&object);
        match &self.body {
            Body::Ordered { tree, count } => {
                let mut tree = tree.write();
                let old = tree.insert(key, object);
                count.store(tree.len(), Ordering::Relaxed);
                old
            }
            Body::Hash(table) => table.insert(key, object),
        }
    }

    /// Calls `f` with the objects of a key, the oldest first.
    #[inline(always)]
    pub fn each(&self, key: Term, f: impl FnMut(&Object)) {
        match &self.body {
            Body::Ordered { tree, .. } => tree.read().get(key).into_iter().for_each(f),
            Body::Hash(table) => table.each(key, f),
        }
    }

    /// Runs `f` on the object with a key, in a table that has no more than one of each.
    #[inline(always)]
    pub fn with_only<R>(&self, key: Term, f: impl FnOnce(&Object) -> R) -> Option<R> {
        match &self.body {
            Body::Ordered { tree, .. } => tree.read().get(key).map(f),
            Body::Hash(table) => table.with_only(key, f),
        }
    }

    /// Adds a tuple with a key to a table that has no more than one of each: what it replaced, if not in its
    /// place, and whether there was one.
    #[inline(always)]
    pub fn put(&self, key: Term, tuple: Term) -> (Option<Object>, bool) {
        match &self.body {
            Body::Ordered { tree, count } => {
                let mut tree = tree.write();
                let overwritten = tree.change(key, |object| object.overwrite(tuple), |object| self.key(object));
                if overwritten == Some(true) {
                    return (None, true);
                }
                let object = Object::new(tuple);
                let old = tree.insert(self.key(&object), object);
                count.store(tree.len(), Ordering::Relaxed);
                let was_there = old.is_some();
                (old, was_there)
            }
            Body::Hash(table) => table.put(key, tuple),
        }
    }

    /// Objects with a key.
    pub fn lookup(&self, key: Term) -> Found {
        let mut found = Found::new();
        self.each(key, |o| found.push(o.clone()));
        found
    }

    /// Runs `f` on the first object with a key.
    #[inline(always)]
    pub fn with_first<R>(&self, key: Term, f: impl FnOnce(Term) -> R) -> Option<R> {
        match &self.body {
            Body::Ordered { tree, .. } => tree.read().get(key).map(|o| o.peek(f)),
            Body::Hash(table) => table.with_first(key, f),
        }
    }

    #[inline(always)]
    pub fn contains(&self, key: Term) -> bool {
        self.with_first(key, |_| ()).is_some()
    }

    /// Removes the objects with a key that `which` says yes to.
    pub fn remove(&self, key: Term, which: impl Fn(Term) -> bool) -> Found {
        match &self.body {
            Body::Ordered { tree, count } => {
                let mut tree = tree.write();
                let mut gone = Found::new();
                if tree.get(key).is_some_and(|o| o.peek(&which)) {
                    gone.extend(tree.remove(key));
                    count.store(tree.len(), Ordering::Relaxed);
                }
                gone
            }
            Body::Hash(table) => table.remove(key, which),
        }
    }

    /// Replaces the only object with a key in one step: `f` gives the new one from the old, or
    /// nothing to leave it. What `f` was given is `None` if there is none. What was replaced, and
    /// what else `f` gave.
    #[inline]
    pub fn update<R>(&self, key: Term, f: impl FnOnce(Option<Term>) -> (Option<Object>, R)) -> (Option<Object>, R) {
        match &self.body {
            Body::Ordered { tree, count } => {
                let mut tree = tree.write();
                let (new, result) = match tree.get(key) {
                    Some(old) => old.peek(|old| f(Some(old))),
                    None => f(None),
                };
                let old = new.and_then(|new| tree.insert(self.key(&new), new));
                count.store(tree.len(), Ordering::Relaxed);
                (old, result)
            }
            Body::Hash(table) => table.update(key, f),
        }
    }

    /// Has `change` change the only object with a key in one step, not its key; `None`: there is none.
    #[inline(always)]
    pub fn change<R>(&self, key: Term, change: impl FnOnce(&mut Object) -> R) -> Option<R> {
        match &self.body {
            Body::Ordered { tree, .. } => tree.write().change(key, change, |object| self.key(object)),
            Body::Hash(table) => table.change(key, change),
        }
    }

    /// Removes everything.
    pub fn clear(&self) -> usize {
        match &self.body {
            Body::Ordered { tree, count } => {
                let mut tree = tree.write();
                let gone = std::mem::replace(&mut *tree, Tree::new());
                count.store(0, Ordering::Relaxed);
                drop(tree);
                gone.len()
            }
            Body::Hash(table) => table.clear(),
        }
    }

    /// Calls `f` with at least `want` objects from a cursor on (whole slots), and where to go on; with
    /// fewer at the end of the table. Ordered tables go backwards if asked to. `f` must not use the table.
    pub fn visit(&self, from: Cursor, want: usize, backwards: bool, mut f: impl FnMut(&Object)) -> More {
        match &self.body {
            Body::Ordered { tree, .. } => {
                let tree = tree.read();
                let first = match from {
                    Cursor::After(key) => tree.neighbour(key, backwards),
                    _ => tree.end(backwards),
                };
                let mut last = (0, None);
                tree.walk(first, backwards).take(want).for_each(|object| {
                    f(object);
                    last = (last.0 + 1, Some(object));
                });
                match last {
                    (count, Some(object)) if count == want => More::After(object.clone()),
                    _ => More::End,
                }
            }
            Body::Hash(table) => {
                let slot = if let Cursor::Slot(slot) = from { slot } else { 0 };
                table.visit(slot, want, f).map_or(More::End, More::Slot)
            }
        }
    }

    /// The objects themselves, to look at while the table changes.
    pub fn walk(&self, from: Cursor, want: usize, backwards: bool, found: &mut Vec<Object>) -> More {
        self.visit(from, want, backwards, |object| found.push(object.clone()))
    }

    /// Objects of a slot, the oldest of a key first; `None`: there is no such slot. An ordered table
    /// has one slot an object.
    pub fn slot(&self, slot: usize) -> Option<Vec<Object>> {
        match &self.body {
            Body::Ordered { tree, .. } => Some(vec![tree.read().objects().nth(slot)?.clone()]),
            Body::Hash(table) if slot < table.slots() => {
                let mut found = Vec::new();
                table.visit(slot, 0, |o| found.push(o.clone()));
                found.reverse();
                Some(found)
            }
            Body::Hash(_) => None,
        }
    }

    /// Calls `f` with every object that takes memory.
    pub fn each_kept(&self, f: impl FnMut(&Object)) {
        match &self.body {
            Body::Ordered { tree, .. } => tree.read().objects().for_each(f),
            Body::Hash(table) => table.each_kept(f),
        }
    }

    /// Lengths of the chains of a hash table, and how many deleted objects stand in them.
    pub fn chain_lengths(&self) -> Option<(Vec<usize>, usize)> {
        match &self.body {
            Body::Ordered { .. } => None,
            Body::Hash(table) => Some(table.chain_lengths()),
        }
    }

    /// How many slots there are.
    pub fn slots(&self) -> usize {
        match &self.body {
            Body::Ordered { .. } => self.len(),
            Body::Hash(table) => table.slots(),
        }
    }

    /// Runs `f` on the first key, or the last.
    pub fn end<R>(&self, backwards: bool, f: impl FnOnce(Term) -> R) -> Option<R> {
        match &self.body {
            Body::Ordered { tree, .. } => {
                let tree = tree.read();
                tree.end(backwards).map(|place| f(tree.key(place)))
            }
            Body::Hash(table) => table.first(0, f),
        }
    }

    /// Runs `f` on the key that comes after `key` (or before it, backwards); `Err`: there is no such
    /// key and its place is not known.
    pub fn neighbour<R>(&self, key: Term, backwards: bool, f: impl FnOnce(Term) -> R) -> Result<Option<R>, ()> {
        match &self.body {
            Body::Ordered { tree, .. } => {
                let tree = tree.read();
                Ok(tree.neighbour(key, backwards).map(|place| f(tree.key(place))))
            }
            Body::Hash(table) => table.behind(key, f),
        }
    }
}
