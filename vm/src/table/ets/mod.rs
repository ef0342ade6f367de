//! ETS tables: storage, names, owners. Natives and match specifications are floors above.
//!
//! Objects are copies outside any process heap (`Object`), shared by count: who reads one keeps it
//! alive while the table goes on changing.

mod chain;
mod linear;
mod registry;
mod store;
mod tree;

pub use registry::{all, by_name, create, destroy, find, give, of_name, of_reference, reference_to, rename, with_allowed};
pub use crate::heap::Object;
pub use store::{Cursor, Fix, Found, More, Store};

use crate::atom::Atom;
use crate::base::sync::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Mutex, Ordering};
use crate::heap::Stored;
use crate::process::Pid;
use crate::term::{Term, cmp};
use crate::am;

/// Types of tables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Set,
    Bag,
    DuplicateBag,
    OrderedSet,
}

impl Kind {
    pub fn term(self) -> Term {
        match self {
            Kind::Set => am::set,
            Kind::Bag => am::bag,
            Kind::DuplicateBag => am::duplicate_bag,
            Kind::OrderedSet => am::ordered_set,
        }
    }
}

/// Who may do what.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Protection {
    Private,
    Protected,
    Public,
}

impl Protection {
    pub fn term(self) -> Term {
        match self {
            Protection::Private => am::private,
            Protection::Protected => am::protected,
            Protection::Public => am::public,
        }
    }
}

/// What `ets:new/2` decides.
pub struct Options {
    pub name: Atom,
    pub named: bool,
    pub kind: Kind,
    pub keypos: usize,
    pub protection: Protection,
    pub heir: Option<(Pid, Stored)>,
    pub write_concurrency: Term,
    pub read_concurrency: bool,
    pub decentralized_counters: bool,
    pub compressed: bool,
}

/// A table.
pub struct Table {
    pub number: [u64; 2],
    name: AtomicU64,
    pub named: bool,
    pub kind: Kind,
    pub keypos: usize,
    protection: AtomicU8,
    owner: AtomicU64,
    pub heir: Mutex<Option<(Pid, Stored)>>,
    pub store: Store,
    write_concurrency: u64,
    pub read_concurrency: bool,
    pub decentralized_counters: bool,
    pub compressed: bool,
    pub(crate) words: AtomicUsize,
    deleted: AtomicBool,
    /// Who has fixed it, how often; and when it was first.
    pub fixed: Mutex<(Vec<(Pid, usize)>, i64)>,
}

impl Table {
    pub fn name(&self) -> Atom {
        Atom(self.name.load(Ordering::Acquire) as u32)
    }
    #[inline]
    pub fn owner(&self) -> Pid {
        Pid(self.owner.load(Ordering::Acquire))
    }
    #[inline]
    pub fn protection(&self) -> Protection {
        match self.protection.load(Ordering::Relaxed) {
            0 => Protection::Private,
            1 => Protection::Protected,
            _ => Protection::Public,
        }
    }
    pub fn set_protection(&self, protection: Protection) {
        self.protection.store(protection as u8, Ordering::Relaxed);
    }
    pub fn write_concurrency(&self) -> Term {
        Term::raw(self.write_concurrency)
    }
    /// Whether a process may read or write.
    #[inline]
    pub fn allows(&self, pid: Pid, write: bool) -> bool {
        let needed = if write { Protection::Public } else { Protection::Protected };
        self.protection() >= needed || self.owner() == pid
    }
    #[inline]
    pub fn is_deleted(&self) -> bool {
        self.deleted.load(Ordering::Acquire)
    }
    pub fn size(&self) -> usize {
        self.store.len()
    }
    /// Counts an object that came or went.
    #[inline]
    pub fn account(&self, object: &Object, came: bool) {
        if came {
            self.count(object.words(), 0);
        } else {
            self.count(0, object.words());
        }
    }
    /// Counts the words of an object that came and of one that went; 0: there is none.
    #[inline]
    pub fn count(&self, came: usize, went: usize) {
        let all = |words: usize| if words == 0 { 0 } else { words + 8 };
        if came != went {
            self.words.fetch_add(all(came).wrapping_sub(all(went)), Ordering::Relaxed);
        }
    }
    /// Words of all objects, about.
    pub fn memory(&self) -> usize {
        self.words.load(Ordering::Relaxed) + 300
    }
    pub fn is_fixed(&self) -> bool {
        !self.fixed.lock().0.is_empty()
    }
    /// Whether two keys are the same here.
    pub fn same_key(&self, a: Term, b: Term) -> bool {
        if self.kind == Kind::OrderedSet { cmp::eq(a, b) } else { cmp::eq_exact(a, b) }
    }
    /// The key of an object: a tuple long enough.
    #[inline]
    pub fn key_of(&self, object: Term) -> Option<Term> {
        key_at(object, self.keypos)
    }
}

#[inline]
fn key_at(object: Term, keypos: usize) -> Option<Term> {
    object.as_tuple()?.get(keypos - 1)
}
