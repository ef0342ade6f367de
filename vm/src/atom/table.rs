//! The intern table: sharded maps from text to index, and chunks of names that never move.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::predefined::PREDEFINED;
use super::{Atom, AtomError};
use crate::base::sync::{AtomicPtr, AtomicUsize, Mutex, OnceLock, Ordering, RwLock};

/// The longest atom, in characters (not bytes).
pub const MAX_ATOM_CHARACTERS: usize = 255;

const SHARDS: usize = 16;
const CHUNK: usize = 4096;
/// Room for `CHUNK * MAX_CHUNKS` atoms, whatever limit is set.
const MAX_CHUNKS: usize = 8192;

/// A name and its `name_hash`.
type Names = [OnceLock<(&'static str, u32)>; CHUNK];

/// Indices, by the hash of their names.
type Shard = HashTable<u32>;

struct Table {
    shards: [RwLock<Shard>; SHARDS],
    hasher: RandomState,
    chunks: Box<[AtomicPtr<Names>]>,
    count: AtomicUsize,
    limit: AtomicUsize,
    bytes: AtomicUsize,
    grow: Mutex<()>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let table = Table {
            shards: std::array::from_fn(|_| RwLock::new(Shard::new())),
            hasher: RandomState::default(),
            chunks: (0..MAX_CHUNKS).map(|_| AtomicPtr::new(std::ptr::null_mut())).collect(),
            count: AtomicUsize::new(0),
            limit: AtomicUsize::new(1_048_576),
            bytes: AtomicUsize::new(0),
            grow: Mutex::new(()),
        };
        for (index, name) in PREDEFINED.iter().enumerate() {
            let made = table.insert(name);
            if made != Ok(Atom(index as u32)) {
                crate::bug!("predefined atom {name} stands twice");
            }
        }
        table
    })
}

impl Table {
    /// The shard of a hash: other bits of it choose the place there.
    fn shard(&self, hash: u64) -> &RwLock<Shard> {
        &self.shards[(hash >> 32) as usize % SHARDS]
    }

    fn name(&self, index: u32) -> &'static str {
        self.entry(index).0
    }

    fn entry(&self, index: u32) -> (&'static str, u32) {
        let index = index as usize;
        let chunk = self.chunks[index / CHUNK].load(Ordering::Acquire);
        if chunk.is_null() {
            return ("", 0);
        }
        // SAFETY: A1, a chunk is never freed once stored.
        let chunk: &Names = unsafe { &*chunk };
        chunk[index % CHUNK].get().copied().unwrap_or(("", 0))
    }

    fn find(&self, shard: &Shard, hash: u64, name: &str) -> Option<Atom> {
        shard.find(hash, |&index| self.name(index) == name).map(|&index| Atom(index))
    }

    fn lookup(&self, name: &str) -> Option<Atom> {
        let hash = self.hasher.hash_one(name);
        self.find(&self.shard(hash).read(), hash, name)
    }

    fn insert(&self, name: &str) -> Result<Atom, AtomError> {
        let hash = self.hasher.hash_one(name);
        let mut shard = self.shard(hash).write();
        if let Some(atom) = self.find(&shard, hash, name) {
            return Ok(atom);
        }
        let _grow = self.grow.lock();
        let index = self.count.load(Ordering::Relaxed);
        if index >= self.limit.load(Ordering::Relaxed).min(CHUNK * MAX_CHUNKS) {
            return Err(AtomError::TableFull);
        }
        let text: &'static str = Box::leak(name.into());
        let slot = &self.chunks[index / CHUNK];
        if slot.load(Ordering::Relaxed).is_null() {
            let chunk: Box<Names> = (0..CHUNK)
                .map(|_| OnceLock::new())
                .collect::<Vec<_>>()
                .into_boxed_slice()
                .try_into()
                .unwrap_or_else(|_| crate::bug!("atom chunk size"));
            slot.store(Box::leak(chunk), Ordering::Release);
        }
        // SAFETY: A1, a chunk is never freed once stored.
        let chunk = unsafe { &*slot.load(Ordering::Acquire) };
        let _ = chunk[index % CHUNK].set((text, name_hash(text)));
        self.bytes.fetch_add(text.len(), Ordering::Relaxed);
        self.count.store(index + 1, Ordering::Release);
        shard.insert_unique(hash, index as u32, |&index| self.hasher.hash_one(self.name(index)));
        Ok(Atom(index as u32))
    }
}

pub(super) fn lookup(name: &str) -> Option<Atom> {
    table().lookup(name)
}

pub(super) fn intern(name: &str) -> Result<Atom, AtomError> {
    if let Some(atom) = lookup(name) {
        return Ok(atom);
    }
    if name.len() > MAX_ATOM_CHARACTERS && name.chars().count() > MAX_ATOM_CHARACTERS {
        return Err(AtomError::TooLong);
    }
    table().insert(name)
}

pub(super) fn name(index: u32) -> &'static str {
    table().name(index)
}

pub(super) fn hash(index: u32) -> u32 {
    table().entry(index).1
}

/// P. J. Weinberger's hash of a name, a character of Latin-1 as one unit, any other as its bytes:
/// where OTP's tables put an atom.
fn name_hash(name: &str) -> u32 {
    let mut bytes = [0; 4];
    let mut hash = 0u32;
    let mut add = |unit: u32| {
        hash = (hash << 4).wrapping_add(unit);
        let high = hash & 0xf000_0000;
        hash ^= high >> 24 ^ high;
    };
    for c in name.chars() {
        match u32::from(c) {
            unit @ 0..=255 => add(unit),
            _ => c.encode_utf8(&mut bytes).bytes().for_each(|b| add(b.into())),
        }
    }
    hash
}

/// How many atoms there are.
pub fn atom_count() -> usize {
    table().count.load(Ordering::Acquire)
}

/// How many there may be (`+t`).
pub fn atom_limit() -> usize {
    table().limit.load(Ordering::Relaxed)
}

/// Sets how many there may be.
pub fn set_atom_limit(limit: usize) {
    table().limit.store(limit, Ordering::Relaxed);
}

/// Bytes of text held.
pub fn memory_used() -> usize {
    table().bytes.load(Ordering::Relaxed)
}
