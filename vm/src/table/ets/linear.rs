//! Linear hashing: a table of chains that grows, and shrinks, by one slot at a time.
//!
//! Growth, limits and the order in chains are OTP's, so that walks meet objects in its order. While a
//! table is fixed nothing moves, and what is deleted stays as a mark for those who walk.
//!
//! A lock stands for runs of neighbouring slots, the same run of every 256. As slots are split and joined
//! with those whose numbers differ above these eight bits, the lock of a hash is always the same one:
//! who holds it knows that the slot of the hash stays what it is. What must stay true (L1): a chain is
//! looked at only while its lock is held, and changed only while that is held for writing.

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};

use super::chain::{Chain, Entry};
use super::{Found, Kind, Object};
use crate::base::sync::{AtomicUsize, Mutex, OnceLock, Ordering, RwLock, RwLockReadGuard, RwLockWriteGuard};
use crate::term::{Term, cmp, hash};

/// Slots at first.
const FIRST: usize = 256;
/// Slots that OTP allocates at once: its limits for shrinking follow from that.
const PORTION: usize = 2048;
/// Slots split or joined at once at most.
const AT_ONCE: usize = 5;
/// Of 2^8, 2^8, 2^9, ... slots.
const SEGMENTS: usize = 25;
/// Slots of a table for concurrent writers are walked in so many rounds.
const ROUNDS: usize = 64;

/// How many slots of a lock are neighbours, as a power of two: many make walks quick, few keep writers apart.
const RUN: u32 = 4;
const RUN_OF_CONCURRENT: u32 = 2;
const LOCKS: usize = FIRST >> RUN_OF_CONCURRENT;

/// Objects of one key stand together in a chain, the oldest first.
#[derive(Default)]
struct Slot(UnsafeCell<Chain>);

// SAFETY: L1.
unsafe impl Sync for Slot {}

type Segment = Box<[Slot]>;

/// A chain and what it may be looked at with.
struct Reading<'a> {
    chain: &'a Chain,
    _lock: RwLockReadGuard<'a, ()>,
}

/// A chain and what it may be changed with.
struct Writing<'a> {
    chain: &'a mut Chain,
    _lock: RwLockWriteGuard<'a, ()>,
}

/// What resizing goes by.
struct Size {
    /// Slots that OTP would have allocated.
    allocated: usize,
}

pub struct Linear {
    segments: [OnceLock<Segment>; SEGMENTS],
    /// As many as `run` leaves are used. Here, so that there is no pointer to follow.
    locks: [RwLock<()>; LOCKS],
    /// The slots of a lock that are neighbours are two to the power of this.
    run: u32,
    active: AtomicUsize,
    count: AtomicUsize,
    /// The table shrinks if it has fewer objects.
    low: AtomicUsize,
    size: Mutex<Size>,
    /// How many have fixed the table.
    fixes: AtomicUsize,
    /// Slots with dead entries.
    graves: Mutex<Vec<usize>>,
    kind: Kind,
    keypos: usize,
    rounds: usize,
}

impl Deref for Reading<'_> {
    type Target = Chain;
    #[inline]
    fn deref(&self) -> &Chain {
        self.chain
    }
}

impl Deref for Writing<'_> {
    type Target = Chain;
    #[inline]
    fn deref(&self) -> &Chain {
        self.chain
    }
}

impl DerefMut for Writing<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Chain {
        self.chain
    }
}

#[cold]
fn segment_of(size: usize) -> Segment {
    (0..size).map(|_| Slot::default()).collect()
}

#[inline]
pub fn hash_of(key: Term) -> u32 {
    if key.is_small() { hash::internal(key, 0) } else { hash_of_other(key) }
}

#[inline(never)]
fn hash_of_other(key: Term) -> u32 {
    match key.as_atom() {
        Some(atom) => atom.name_hash(),
        None => hash::internal(key, 0),
    }
}

#[inline(always)]
fn slot_of(hash: u32, active: usize) -> usize {
    // Small tables do not wait for what the mask is computed from.
    if active == FIRST {
        return hash as usize % FIRST;
    }
    let mask = active.next_power_of_two() - 1;
    let slot = hash as usize & mask;
    if slot < active { slot } else { slot & (mask >> 1) }
}

fn low_limit(allocated: usize) -> usize {
    if allocated >= FIRST + 2 * PORTION { (allocated - PORTION) / 2 } else { 0 }
}

impl Linear {
    pub fn new(kind: Kind, keypos: usize, concurrent: bool) -> Linear {
        let run = if concurrent { RUN_OF_CONCURRENT } else { RUN };
        Linear {
            segments: [const { OnceLock::new() }; SEGMENTS],
            locks: [const { RwLock::new(()) }; LOCKS],
            run,
            active: AtomicUsize::new(FIRST),
            count: AtomicUsize::new(0),
            low: AtomicUsize::new(0),
            size: Mutex::new(Size { allocated: FIRST }),
            fixes: AtomicUsize::new(0),
            graves: Mutex::default(),
            kind,
            keypos,
            rounds: if concurrent { ROUNDS } else { 1 },
        }
    }

    pub fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    #[inline(always)]
    fn chain(&self, slot: usize) -> *mut Chain {
        let (segment, at) = self.segment(slot);
        segment[at].0.get()
    }

    /// The segment of a slot, and the slot's place in it.
    #[inline(always)]
    fn segment(&self, slot: usize) -> (&Segment, usize) {
        let (segment, start, size) = match (slot / FIRST).checked_ilog2() {
            None => (0, 0, FIRST),
            Some(n) => (n as usize + 1, FIRST << n, FIRST << n),
        };
        (self.segments[segment].get_or_init(|| segment_of(size)), slot - start)
    }

    /// The number of the lock of a slot, or of a hash.
    #[inline(always)]
    fn lock_of(&self, slot: usize) -> usize {
        ((slot % FIRST) >> self.run) % LOCKS
    }

    /// Active slots, which stay as many as a hash can notice while its lock is held.
    #[inline(always)]
    pub fn slots(&self) -> usize {
        self.active.load(Ordering::Acquire)
    }

    /// The slot and the chain of a hash.
    #[inline(always)]
    fn read(&self, hash: u32) -> (usize, Reading<'_>) {
        let lock = self.locks[self.lock_of(hash as usize)].read();
        let slot = slot_of(hash, self.slots());
        // SAFETY: L1.
        (slot, Reading { chain: unsafe { &*self.chain(slot) }, _lock: lock })
    }

    /// The same to change it.
    #[inline(always)]
    fn write(&self, hash: u32) -> (usize, Writing<'_>) {
        let lock = self.locks[self.lock_of(hash as usize)].write();
        let slot = slot_of(hash, self.slots());
        // SAFETY: L1.
        (slot, Writing { chain: unsafe { &mut *self.chain(slot) }, _lock: lock })
    }

    /// The chain of a slot, to change it.
    fn write_slot(&self, slot: usize) -> Writing<'_> {
        let lock = self.locks[self.lock_of(slot)].write();
        // SAFETY: L1.
        Writing { chain: unsafe { &mut *self.chain(slot) }, _lock: lock }
    }

    /// The entries of a key, dead ones too.
    #[inline]
    fn group(&self, chain: &Chain, hash: u32, key: Term) -> Option<std::ops::Range<usize>> {
        let is = |e: &Entry| e.is(hash, key);
        let start = chain.iter().position(is)?;
        if self.kind == Kind::Set {
            return Some(start..start + 1);
        }
        // Most often the group is the chain's last: then its end is found at once.
        let end = chain.iter().rposition(is).map_or(start, |last| last + 1);
        Some(start..end)
    }

    /// Adds an object as the table's type says; what it replaced, or itself if it was there.
    pub fn insert(&self, key: Term, object: Object) -> Option<Object> {
        let hash = hash_of(key);
        let (_, mut chain) = self.write(hash);
        let at = match (self.group(&chain, hash, key), self.kind) {
            (Some(group), Kind::Set) => {
                let entry = &mut chain[group.start];
                let old = entry.replace(object, self.keypos);
                if !std::mem::replace(&mut entry.dead, false) {
                    return Some(old);
                }
                self.count.fetch_add(1, Ordering::Relaxed);
                return None;
            }
            (Some(group), Kind::Bag) => {
                let same = |e: &Entry| e.object.peek(|a| object.peek(|b| cmp::eq_exact(a, b)));
                match chain[group.clone()].iter().rposition(same) {
                    Some(at) if !chain[group.start + at].dead => return Some(object),
                    Some(at) => {
                        // It is the key's newest again.
                        chain[group.start + at].dead = false;
                        chain[group.start + at..group.end].rotate_left(1);
                        self.count.fetch_add(1, Ordering::Relaxed);
                        return None;
                    }
                    None => group.end,
                }
            }
            (Some(group), _) => group.end,
            (None, _) => chain.len(),
        };
        self.add(chain, at, Entry::new(hash, object, self.keypos));
        None
    }

    fn add(&self, mut chain: Writing<'_>, at: usize, entry: Entry) {
        chain.insert(at, entry);
        drop(chain);
        let count = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        if count > self.active.load(Ordering::Relaxed) {
            self.grow(count);
        }
    }

    /// Calls `f` with the objects of a key, the oldest first.
    #[inline(always)]
    pub fn each(&self, key: Term, mut f: impl FnMut(&Object)) {
        let hash = hash_of(key);
        let (_, chain) = self.read(hash);
        if self.kind == Kind::Set {
            if let Some(entry) = chain.find(hash, key).filter(|e| !e.dead) {
                f(&entry.object);
            }
            return;
        }
        let Some(start) = chain.iter().position(|e| e.is(hash, key)) else { return };
        let group = chain[start..].iter().take_while(|e| e.is(hash, key));
        group.filter(|e| !e.dead).for_each(|e| f(&e.object));
    }

    /// Runs `f` on the object of a key, in a table that has no more than one of each.
    #[inline(always)]
    pub fn with_only<R>(&self, key: Term, f: impl FnOnce(&Object) -> R) -> Option<R> {
        let hash = hash_of(key);
        let (_, chain) = self.read(hash);
        let entry = chain.find(hash, key).filter(|e| !e.dead)?;
        Some(f(&entry.object))
    }

    /// Adds a tuple to a set: what it replaced, if not in its place, and whether there was one.
    #[inline(always)]
    pub fn put(&self, key: Term, tuple: Term) -> (Option<Object>, bool) {
        let hash = hash_of(key);
        let (_, mut chain) = self.write(hash);
        if let Some(entry) = chain.find_mut(hash, key) {
            if !entry.dead && entry.change(self.keypos, |object| object.overwrite(tuple)) {
                return (None, true);
            }
            let old = entry.replace(Object::new(tuple), self.keypos);
            if !std::mem::replace(&mut entry.dead, false) {
                return (Some(old), true);
            }
            self.count.fetch_add(1, Ordering::Relaxed);
            return (None, false);
        }
        let at = chain.len();
        self.add(chain, at, Entry::new(hash, Object::new(tuple), self.keypos));
        (None, false)
    }

    /// Runs `f` on the oldest object of a key.
    #[inline(always)]
    pub fn with_first<R>(&self, key: Term, f: impl FnOnce(Term) -> R) -> Option<R> {
        let hash = hash_of(key);
        let (_, chain) = self.read(hash);
        let mut entry = chain.find(hash, key)?;
        if entry.dead {
            entry = chain.iter().find(|e| !e.dead && e.is(hash, key))?;
        }
        Some(entry.object.peek(f))
    }

    /// Removes the objects of a key that `which` says yes to.
    pub fn remove(&self, key: Term, which: impl Fn(Term) -> bool) -> Found {
        let hash = hash_of(key);
        let mut gone = Found::new();
        let (slot, mut chain) = self.write(hash);
        let Some(group) = self.group(&chain, hash, key) else { return gone };
        let fixed = self.fixes.load(Ordering::SeqCst) > 0;
        if fixed {
            for entry in &mut chain[group.clone()] {
                if !entry.dead && entry.object.peek(&which) {
                    entry.dead = true;
                    gone.push(entry.object.clone());
                }
            }
            if !gone.is_empty() {
                self.graves.lock().push(slot);
            }
        } else {
            let goes = |e: &Entry| e.dead || e.object.peek(&which);
            chain.extract(
                |at, e| group.contains(&at) && goes(e),
                |e| {
                    if !e.dead {
                        gone.push(e.object);
                    }
                },
            );
        }
        drop(chain);
        if !gone.is_empty() {
            if fixed {
                self.bury_if_free();
            }
            let count = self.count.fetch_sub(gone.len(), Ordering::Relaxed) - gone.len();
            if count < self.low.load(Ordering::Relaxed) {
                self.shrink(count);
            }
        }
        gone
    }

    /// Replaces the only object of a key in one step, as `Store::update` says.
    pub fn update<R>(&self, key: Term, f: impl FnOnce(Option<Term>) -> (Option<Object>, R)) -> (Option<Object>, R) {
        let hash = hash_of(key);
        let (_, mut chain) = self.write(hash);
        let at = chain.iter().position(|e| e.is(hash, key));
        match at {
            Some(at) if !chain[at].dead => {
                let entry = &mut chain[at];
                let (new, result) = entry.object.peek(|t| f(Some(t)));
                (new.map(|new| entry.replace(new, self.keypos)), result)
            }
            _ => {
                let (new, result) = f(None);
                match (new, at) {
                    (Some(object), Some(at)) => {
                        chain[at] = Entry::new(hash, object, self.keypos);
                        self.count.fetch_add(1, Ordering::Relaxed);
                    }
                    (Some(object), None) => {
                        let at = chain.len();
                        self.add(chain, at, Entry::new(hash, object, self.keypos));
                    }
                    (None, _) => {}
                }
                (None, result)
            }
        }
    }

    /// Has `change` change the only object of a key, not its key.
    #[inline(always)]
    pub fn change<R>(&self, key: Term, change: impl FnOnce(&mut Object) -> R) -> Option<R> {
        let hash = hash_of(key);
        let (_, mut chain) = self.write(hash);
        let entry = chain.find_mut(hash, key).filter(|e| !e.dead)?;
        Some(entry.change(self.keypos, change))
    }

    /// Splits slots as long as there are more objects than slots.
    #[cold]
    fn grow(&self, count: usize) {
        for _ in 0..AT_ONCE {
            let Some(mut size) = self.size.try_lock() else { return };
            let active = self.active.load(Ordering::Relaxed);
            if count <= active || self.fixes.load(Ordering::SeqCst) > 0 {
                return;
            }
            let low = active - (active + 1).next_power_of_two() / 2;
            let mut from = self.write_slot(low);
            // SAFETY: L1: both have this lock, and they are two.
            let to = unsafe { &mut *self.chain(active) };
            // Who fixes the table now finds it split; who had fixed it is seen here.
            if self.fixes.load(Ordering::SeqCst) > 0 {
                return;
            }
            if active == size.allocated {
                size.allocated += PORTION;
                self.low.store(low_limit(size.allocated), Ordering::Relaxed);
            }
            self.active.store(active + 1, Ordering::SeqCst);
            from.extract(
                |_, e| e.dead || slot_of(e.hash, active + 1) != low,
                |e| {
                    if !e.dead {
                        to.push(e);
                    }
                },
            );
        }
    }

    /// Joins slots as long as there are far more slots than objects.
    #[cold]
    pub fn shrink(&self, count: usize) {
        for _ in 0..AT_ONCE {
            let Some(mut size) = self.size.try_lock() else { return };
            if count >= self.low.load(Ordering::Relaxed) || self.fixes.load(Ordering::SeqCst) > 0 {
                return;
            }
            let last = self.active.load(Ordering::Relaxed) - 1;
            let low = slot_of(last as u32, last);
            let mut to = self.write_slot(low);
            // SAFETY: L1: both have this lock, and they are two.
            let from = unsafe { &mut *self.chain(last) };
            if self.fixes.load(Ordering::SeqCst) > 0 {
                return;
            }
            self.active.store(last, Ordering::SeqCst);
            if size.allocated - last >= PORTION {
                size.allocated -= PORTION;
                self.low.store(low_limit(size.allocated), Ordering::Relaxed);
            }
            // What comes from above goes first.
            let mut below = std::mem::replace(&mut *to, std::mem::take(from));
            to.extract(|_, e| e.dead, drop);
            below.extract(|_, _| true, |e| to.push(e));
        }
    }

    /// Keeps what there is in its place until `unfix`.
    pub fn fix(&self) {
        self.fixes.fetch_add(1, Ordering::SeqCst);
    }

    /// Ends a `fix`: the last one buries the dead.
    pub fn unfix(&self) {
        if self.fixes.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.bury();
        }
    }

    /// Somebody has left a mark in place of an entry: the last `unfix` may have looked before that.
    fn bury_if_free(&self) {
        if self.fixes.load(Ordering::SeqCst) == 0 && !self.graves.lock().is_empty() {
            self.bury();
        }
    }

    fn bury(&self) {
        let mut graves = std::mem::take(&mut *self.graves.lock());
        while let Some(slot) = graves.pop() {
            let mut chain = self.write_slot(slot);
            if self.fixes.load(Ordering::SeqCst) > 0 {
                graves.push(slot);
                self.graves.lock().append(&mut graves);
                return;
            }
            chain.extract(|_, e| e.dead, drop);
        }
    }

    /// Removes everything; how many objects that was.
    pub fn clear(&self) -> usize {
        let mut size = self.size.lock();
        let mut gone = 0;
        let active = self.active.load(Ordering::Relaxed);
        for slot in (0..active).rev() {
            if self.segments[0].get().is_none() {
                break;
            }
            let mut chain = self.write_slot(slot);
            gone += chain.iter().filter(|e| !e.dead).count();
            if self.fixes.load(Ordering::SeqCst) > 0 {
                if chain.iter().any(|e| !e.dead) {
                    chain.iter_mut().for_each(|e| e.dead = true);
                    self.graves.lock().push(slot);
                }
                continue;
            }
            let _freed = std::mem::take(&mut *chain);
            if slot >= FIRST && self.active.load(Ordering::Relaxed) == slot + 1 {
                self.active.store(slot, Ordering::SeqCst);
                size.allocated = FIRST;
                self.low.store(0, Ordering::Relaxed);
            }
        }
        drop(size);
        self.bury_if_free();
        self.count.fetch_sub(gone, Ordering::Relaxed);
        gone
    }

    /// The slot behind `slot` in a walk.
    #[inline]
    pub fn next_slot(&self, slot: usize) -> Option<usize> {
        let next = slot + self.rounds;
        if next < self.slots() {
            return Some(next);
        }
        let next = (slot + 1) % self.rounds;
        (next != 0).then_some(next)
    }

    /// Calls `f` with the objects of whole slots from `slot` on until there were `want`, in the order of
    /// walks: of a key the newest first. Where to go on; `None`: the end. `f` must not use the table.
    pub fn visit(&self, mut slot: usize, want: usize, mut f: impl FnMut(&Object)) -> Option<usize> {
        let mut seen = 0;
        let mut next = Some(slot);
        while let Some(first) = next {
            slot = first;
            let _lock = self.locks[self.lock_of(slot)].read();
            for (behind, chain) in self.run(first).iter().enumerate() {
                slot = first + behind;
                // SAFETY: L1.
                seen += self.in_chain(unsafe { &*chain.0.get() }, &mut f);
                if seen >= want {
                    break;
                }
            }
            next = self.next_slot(slot);
            if seen >= want {
                return next;
            }
        }
        None
    }

    /// The slots from one on that a walk meets before it needs another lock than that one's.
    #[inline]
    fn run(&self, slot: usize) -> &[Slot] {
        let slots = self.slots();
        if slot >= slots {
            return &[];
        }
        let end = if self.rounds == 1 { ((slot >> self.run) + 1) << self.run } else { slot + 1 };
        // Runs do not go beyond segments.
        let (segment, at) = self.segment(slot);
        &segment[at..at + end.min(slots) - slot]
    }

    /// Calls `f` with the objects of a chain in the order of walks; how many those were.
    #[inline]
    fn in_chain(&self, chain: &Chain, f: &mut impl FnMut(&Object)) -> usize {
        let (mut at, mut seen) = (0, 0);
        if self.kind == Kind::Set {
            for entry in chain.iter().filter(|e| !e.dead) {
                f(&entry.object);
                seen += 1;
            }
            return seen;
        }
        while at < chain.len() {
            let mut end = at + 1;
            if end < chain.len() {
                let hash = chain[at].hash;
                let key = chain[at].key();
                end += chain[end..].iter().take_while(|e| e.is(hash, key)).count();
            }
            for entry in chain[at..end].iter().rev().filter(|e| !e.dead) {
                f(&entry.object);
                seen += 1;
            }
            at = end;
        }
        seen
    }

    /// Calls `f` with the entries of a slot.
    fn in_slot<R>(&self, slot: usize, f: impl FnOnce(&[Entry]) -> R) -> R {
        let _lock = self.locks[self.lock_of(slot)].read();
        // SAFETY: L1.
        f(unsafe { &*self.chain(slot) })
    }

    /// How long the chain of each slot is, and how many of all these objects are deleted ones that a
    /// walk may still stand on.
    pub fn chain_lengths(&self) -> (Vec<usize>, usize) {
        let mut kept = 0;
        let lengths = (0..self.slots()).map(|slot| {
            self.in_slot(slot, |chain| {
                kept += chain.iter().filter(|entry| entry.dead).count();
                chain.len()
            })
        });
        (lengths.collect(), kept)
    }

    /// Calls `f` with every object, deleted ones that are still kept among them.
    pub fn each_kept(&self, mut f: impl FnMut(&Object)) {
        for slot in 0..self.slots() {
            self.in_slot(slot, |chain| chain.iter().for_each(|entry| f(&entry.object)));
        }
    }

    /// Runs `f` on the first key from a slot on.
    pub fn first<R>(&self, slot: usize, f: impl FnOnce(Term) -> R) -> Option<R> {
        let mut next = Some(slot);
        while let Some(slot) = next {
            let _lock = self.locks[self.lock_of(slot)].read();
            let run = self.run(slot);
            if let Some(entry) = self.first_of(run) {
                return Some(f(entry.key()));
            }
            next = self.next_slot(slot + run.len().saturating_sub(1));
        }
        None
    }

    /// The first entry in slots whose lock is held.
    #[inline]
    fn first_of<'a>(&self, run: &'a [Slot]) -> Option<&'a Entry> {
        // SAFETY: L1.
        run.iter().find_map(|slot| unsafe { &*slot.0.get() }.iter().find(|e| !e.dead))
    }

    /// Runs `f` on the key behind `key`; `Err`: there is no such key.
    #[inline]
    pub fn behind<R>(&self, key: Term, f: impl FnOnce(Term) -> R) -> Result<Option<R>, ()> {
        let hash = hash_of(key);
        let (slot, chain) = self.read(hash);
        let group = self.group(&chain, hash, key).ok_or(())?;
        let run = self.run(slot);
        let entry = chain[group.end..].iter().find(|e| !e.dead);
        if let Some(entry) = entry.or_else(|| self.first_of(run.get(1..)?)) {
            return Ok(Some(f(entry.key())));
        }
        drop(chain);
        Ok(self.next_slot(slot + run.len().saturating_sub(1)).and_then(|slot| self.first(slot, f)))
    }
}
