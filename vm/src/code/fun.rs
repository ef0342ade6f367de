//! Fun entries: what a local fun calls. A fun outlives the code it was made in: its entry says
//! whether that very code is (again) loaded.

use rustc_hash::FxHashMap as HashMap;

use crate::atom::Atom;
use crate::base::sync::{AtomicBool, AtomicPtr, OnceLock, Ordering, RwLock};

/// An entry; local funs hold its address. Never freed (C1).
pub struct FunEntry {
    pub module: Atom,
    /// Index in the module's table of funs.
    pub index: u32,
    /// MD5 of the module.
    pub uniq: [u8; 16],
    /// The compiler's number of the fun's source.
    pub old_uniq: u32,
    /// Arguments, without the free variables.
    pub arity: u8,
    pub free: u32,
    /// Name and arity (free variables included) of the function that is the body.
    pub function: Atom,
    address: AtomicPtr<u64>,
    /// The code is being purged: calls wait for the outcome.
    suspended: AtomicBool,
}

type Table = RwLock<HashMap<(Atom, [u8; 16], u32, u32), &'static FunEntry>>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        crate::term::fun::describe_with(super::describe);
        Table::default()
    })
}

impl FunEntry {
    /// The entry with this identity, made from the parts if it is new. A fun read from an external
    /// term may be of a module that is not loaded: its entry has no code then.
    pub fn of(parts: FunEntryParts) -> &'static FunEntry {
        let key = (parts.module, parts.uniq, parts.index, parts.old_uniq);
        if let Some(found) = table().read().get(&key) {
            return found;
        }
        table().write().entry(key).or_insert_with(|| {
            Box::leak(Box::new(FunEntry {
                module: parts.module,
                index: parts.index,
                uniq: parts.uniq,
                old_uniq: parts.old_uniq,
                arity: parts.arity,
                free: parts.free,
                function: parts.function,
                address: AtomicPtr::new(std::ptr::null_mut()),
                suspended: AtomicBool::new(false),
            }))
        })
    }

    /// First instruction, or null while the code is not loaded.
    #[inline]
    pub fn address(&self) -> *const u64 {
        self.address.load(Ordering::Acquire)
    }

    pub fn set_address(&self, code: *const u64) {
        self.address.store(code.cast_mut(), Ordering::Release);
    }

    /// Whether a call, having found no code, is to be tried again later.
    pub fn is_suspended(&self) -> bool {
        self.suspended.load(Ordering::Acquire)
    }

    /// No call gets into the code from here on; those that come wait.
    pub(crate) fn suspend(&self) {
        self.suspended.store(true, Ordering::Release);
        self.set_address(std::ptr::null());
    }

    /// Ends `suspend`: back to the code, or without any.
    pub(crate) fn resume(&self, code: *const u64) {
        self.set_address(code);
        self.suspended.store(false, Ordering::Release);
    }

    /// Every entry of a module.
    pub fn of_module(module: Atom) -> Vec<&'static FunEntry> {
        table().read().values().copied().filter(|e| e.module == module).collect()
    }
}

/// What identifies a fun entry, and what it starts as.
pub struct FunEntryParts {
    pub module: Atom,
    pub index: u32,
    pub uniq: [u8; 16],
    pub old_uniq: u32,
    pub arity: u8,
    pub free: u32,
    pub function: Atom,
}
