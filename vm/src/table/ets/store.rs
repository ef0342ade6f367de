//! Where a table's objects are.

use std::cmp::Ordering as Order;
use std::collections::BTreeMap;
use std::ops::Bound;

use super::Kind;
use crate::base::sync::{Arc, AtomicUsize, Ordering, RwLock};
use crate::heap::Stored;
use crate::term::{Term, cmp, hash};

/// An object: a tuple with memory of its own.
pub type Object = Arc<Stored>;

const SHARDS: usize = 16;
/// Hashes are spread over the shards by their highest bits: shard order is hash order.
const SHARD_SHIFT: u32 = 28;

type Shard = BTreeMap<u32, Vec<Object>>;

/// The key of an ordered table's object, or one to look for.
struct Key {
    object: Option<Object>,
    /// The key's word: within the object, or the caller's.
    bits: u64,
}

impl Key {
    fn probe(term: Term) -> Key {
        Key { object: None, bits: term.bits() }
    }
    fn term(&self) -> Term {
        debug_assert!(self.object.is_some() || self.bits != 0 || self.bits == 0);
        Term::raw(self.bits)
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.cmp(other) == Order::Equal
    }
}
impl Eq for Key {}
impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Key) -> Option<Order> {
        Some(self.cmp(other))
    }
}
impl Ord for Key {
    fn cmp(&self, other: &Key) -> Order {
        cmp::compare(self.term(), other.term())
    }
}

enum Body {
    Hash(Box<[RwLock<Shard>]>),
    Ordered(RwLock<BTreeMap<Key, Object>>),
}

/// The objects of a table.
pub struct Store {
    body: Body,
    kind: Kind,
    keypos: usize,
    count: AtomicUsize,
}

/// A place in a walk.
#[derive(Clone, Copy)]
pub enum Cursor {
    Start,
    /// Before the first object with this hash or a greater one.
    Hash(u64),
    /// Behind a key (the caller's term).
    After(Term),
}

impl Store {
    pub fn new(kind: Kind, keypos: usize) -> Store {
        let body = if kind == Kind::OrderedSet {
            Body::Ordered(RwLock::default())
        } else {
            Body::Hash((0..SHARDS).map(|_| RwLock::default()).collect())
        };
        Store { body, kind, keypos, count: AtomicUsize::new(0) }
    }

    pub fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The key's word of an object.
    fn key(&self, object: &Stored) -> Term {
        object.peek(|t| t.as_tuple().and_then(|t| t.get(self.keypos - 1)).unwrap_or(Term::NIL))
    }

    fn added(&self, n: usize) {
        self.count.fetch_add(n, Ordering::Relaxed);
    }

    fn removed(&self, n: usize) {
        self.count.fetch_sub(n, Ordering::Relaxed);
    }

    /// Adds an object as the table's type says; what it replaced.
    pub fn insert(&self, object: Object) -> Option<Object> {
        let key = self.key(&object);
        match &self.body {
            Body::Ordered(map) => {
                let mut map = map.write();
                let stored = Key { object: Some(object.clone()), bits: key.bits() };
                let old = map.remove(&Key::probe(key));
                map.insert(stored, object);
                if old.is_none() {
                    self.added(1);
                }
                old
            }
            Body::Hash(shards) => {
                let hash = hash::internal(key, 0);
                let mut shard = shards[(hash >> SHARD_SHIFT) as usize].write();
                let bucket = shard.entry(hash).or_default();
                match self.kind {
                    Kind::Set => {
                        if let Some(old) = bucket.iter_mut().find(|o| cmp::eq_exact(self.key(o), key)) {
                            return Some(std::mem::replace(old, object));
                        }
                    }
                    Kind::Bag => {
                        let same = |o: &Object| o.peek(|a| object.peek(|b| cmp::eq_exact(a, b)));
                        if bucket.iter().any(same) {
                            return Some(object);
                        }
                    }
                    _ => {}
                }
                // Objects of one key stand together.
                let at = bucket.iter().rposition(|o| cmp::eq_exact(self.key(o), key));
                bucket.insert(at.map_or(bucket.len(), |at| at + 1), object);
                self.added(1);
                None
            }
        }
    }

    /// Objects with a key.
    pub fn lookup(&self, key: Term) -> Vec<Object> {
        match &self.body {
            Body::Ordered(map) => map.read().get(&Key::probe(key)).cloned().into_iter().collect(),
            Body::Hash(shards) => {
                let hash = hash::internal(key, 0);
                let shard = shards[(hash >> SHARD_SHIFT) as usize].read();
                let Some(bucket) = shard.get(&hash) else { return Vec::new() };
                bucket.iter().filter(|o| cmp::eq_exact(self.key(o), key)).cloned().collect()
            }
        }
    }

    /// Runs `f` on the first object with a key.
    pub fn with_first<R>(&self, key: Term, f: impl FnOnce(Term) -> R) -> Option<R> {
        match &self.body {
            Body::Ordered(map) => map.read().get(&Key::probe(key)).map(|o| o.peek(f)),
            Body::Hash(shards) => {
                let hash = hash::internal(key, 0);
                let shard = shards[(hash >> SHARD_SHIFT) as usize].read();
                let bucket = shard.get(&hash)?;
                bucket.iter().find(|o| cmp::eq_exact(self.key(o), key)).map(|o| o.peek(f))
            }
        }
    }

    pub fn contains(&self, key: Term) -> bool {
        self.with_first(key, |_| ()).is_some()
    }

    /// Removes the objects with a key that `which` says yes to.
    pub fn remove(&self, key: Term, which: impl Fn(Term) -> bool) -> Vec<Object> {
        let mut gone = Vec::new();
        match &self.body {
            Body::Ordered(map) => {
                let mut map = map.write();
                let probe = Key::probe(key);
                if map.get(&probe).is_some_and(|o| o.peek(&which)) {
                    gone.extend(map.remove(&probe));
                }
            }
            Body::Hash(shards) => {
                let hash = hash::internal(key, 0);
                let mut shard = shards[(hash >> SHARD_SHIFT) as usize].write();
                if let Some(bucket) = shard.get_mut(&hash) {
                    bucket.retain(|o| {
                        let goes = cmp::eq_exact(self.key(o), key) && o.peek(&which);
                        if goes {
                            gone.push(o.clone());
                        }
                        !goes
                    });
                    if bucket.is_empty() {
                        shard.remove(&hash);
                    }
                }
            }
        }
        self.removed(gone.len());
        gone
    }

    /// Replaces the only object with a key in one step: `f` gives the new one from the old, or
    /// nothing to leave it. What `f` was given is `None` if there is none.
    pub fn update<R>(&self, key: Term, f: impl FnOnce(Option<Term>) -> (Option<Object>, R)) -> R {
        match &self.body {
            Body::Ordered(map) => {
                let mut map = map.write();
                let probe = Key::probe(key);
                let old = map.get(&probe).cloned();
                let (new, result) = match &old {
                    Some(old) => old.peek(|t| f(Some(t))),
                    None => f(None),
                };
                if let Some(new) = new {
                    map.remove(&probe);
                    let bits = self.key(&new).bits();
                    map.insert(Key { object: Some(new.clone()), bits }, new);
                    if old.is_none() {
                        self.added(1);
                    }
                }
                result
            }
            Body::Hash(shards) => {
                let hash = hash::internal(key, 0);
                let mut shard = shards[(hash >> SHARD_SHIFT) as usize].write();
                let bucket = shard.entry(hash).or_default();
                let at = bucket.iter().position(|o| cmp::eq_exact(self.key(o), key));
                let (new, result) = match at {
                    Some(at) => bucket[at].peek(|t| f(Some(t))),
                    None => f(None),
                };
                match (new, at) {
                    (Some(new), Some(at)) => bucket[at] = new,
                    (Some(new), None) => {
                        bucket.push(new);
                        self.added(1);
                    }
                    (None, _) => {}
                }
                if bucket.is_empty() {
                    shard.remove(&hash);
                }
                result
            }
        }
    }

    /// Removes everything.
    pub fn clear(&self) -> usize {
        let mut gone = 0;
        match &self.body {
            Body::Ordered(map) => gone = std::mem::take(&mut *map.write()).len(),
            Body::Hash(shards) => {
                for shard in shards {
                    gone += std::mem::take(&mut *shard.write()).values().map(Vec::len).sum::<usize>();
                }
            }
        }
        self.removed(gone);
        gone
    }

    /// At least `want` objects from a cursor on (whole buckets), and where to go on; fewer at the
    /// end of the table. Ordered tables go backwards if asked to.
    pub fn walk(&self, from: Cursor, want: usize, backwards: bool) -> (Vec<Object>, Option<u64>) {
        let mut found = Vec::new();
        match &self.body {
            Body::Ordered(map) => {
                let map = map.read();
                let bound = match from {
                    Cursor::After(key) => Bound::Excluded(Key::probe(key)),
                    _ => Bound::Unbounded,
                };
                if backwards {
                    found.extend(map.range((Bound::Unbounded, bound)).rev().take(want).map(|(_, o)| o.clone()));
                } else {
                    found.extend(map.range((bound, Bound::Unbounded)).take(want).map(|(_, o)| o.clone()));
                }
                let more = found.len() == want;
                (found, more.then_some(0))
            }
            Body::Hash(shards) => {
                let start = match from {
                    Cursor::Hash(hash) => hash,
                    _ => 0,
                };
                let Ok(start) = u32::try_from(start) else { return (found, None) };
                for shard in &shards[(start >> SHARD_SHIFT) as usize..] {
                    for (hash, bucket) in shard.read().range(start..) {
                        if found.len() >= want {
                            return (found, Some((*hash).into()));
                        }
                        found.extend(bucket.iter().cloned());
                    }
                }
                (found, None)
            }
        }
    }

    /// The first object with the key that comes after `key` (or before it, backwards); `Err`: there
    /// is no such key and its place is not known.
    pub fn neighbour(&self, key: Term, backwards: bool, lenient: bool) -> Result<Option<Object>, ()> {
        if self.kind == Kind::OrderedSet {
            return Ok(self.walk(Cursor::After(key), 1, backwards).0.into_iter().next());
        }
        let hash = hash::internal(key, 0);
        let Body::Hash(shards) = &self.body else { return Err(()) };
        let shard = shards[(hash >> SHARD_SHIFT) as usize].read();
        let bucket = shard.get(&hash);
        match bucket.and_then(|b| b.iter().rposition(|o| cmp::eq_exact(self.key(o), key)).map(|at| (b, at))) {
            Some((bucket, at)) if at + 1 < bucket.len() => return Ok(Some(bucket[at + 1].clone())),
            Some(_) => {}
            None if !lenient => return Err(()),
            None => {}
        }
        drop(shard);
        Ok(self.walk(Cursor::Hash(u64::from(hash) + 1), 1, false).0.into_iter().next())
    }
}
