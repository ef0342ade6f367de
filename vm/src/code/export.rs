//! The export table: one entry for every module, function and arity that code ever named.

use rustc_hash::FxHashMap as HashMap;

use crate::atom::Atom;
use crate::base::sync::{AtomicPtr, AtomicU64, OnceLock, Ordering, RwLock};

/// Loaded op of an export without code: calls the error handler.
pub const STUB_UNDEFINED: u64 = 0;
/// Loaded op of an export that is a native.
pub const STUB_NATIVE: u64 = 1;

/// An entry. External calls and external funs hold its address (C1).
#[repr(C)]
pub struct Export {
    /// Where a call goes: code of the module, or the stub below (C3).
    address: AtomicPtr<u64>,
    /// A loaded instruction in place: undefined, a native, or a breakpoint.
    stub: [AtomicU64; 1],
    /// The code behind a breakpoint in the stub; null if there is none.
    behind: AtomicPtr<u64>,
    /// The declaration of the native, for the floor that knows what that is; null if none.
    native: AtomicPtr<()>,
    pub module: Atom,
    pub function: Atom,
    pub arity: u8,
    /// How many entries were made before this one.
    pub serial: u32,
}

type Table = RwLock<HashMap<(Atom, Atom, u8), &'static Export>>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        crate::term::fun::describe_with(super::describe);
        Table::default()
    })
}

impl Export {
    /// The entry of a function, made if it is new.
    pub fn of(module: Atom, function: Atom, arity: u8) -> &'static Export {
        let key = (module, function, arity);
        if let Some(found) = table().read().get(&key) {
            return found;
        }
        let mut table = table().write();
        let serial = table.len() as u32;
        table.entry(key).or_insert_with(|| {
            let export: &'static Export = Box::leak(Box::new(Export {
                address: AtomicPtr::new(std::ptr::null_mut()),
                stub: [AtomicU64::new(STUB_UNDEFINED)],
                behind: AtomicPtr::new(std::ptr::null_mut()),
                native: AtomicPtr::new(std::ptr::null_mut()),
                module,
                function,
                arity,
                serial,
            }));
            export.clear();
            export
        })
    }

    /// The entry of a function if something named it already.
    pub fn existing(module: Atom, function: Atom, arity: u8) -> Option<&'static Export> {
        table().read().get(&(module, function, arity)).copied()
    }

    /// Every entry.
    pub fn all() -> Vec<&'static Export> {
        table().read().values().copied().collect()
    }

    /// Where a call goes.
    #[inline]
    pub fn address(&self) -> *const u64 {
        self.address.load(Ordering::Acquire)
    }

    /// Points calls at code.
    pub fn set_address(&self, code: *const u64) {
        self.address.store(code.cast_mut(), Ordering::Release);
    }

    /// Points calls at the stub: the native if it is one, else the error handler.
    pub fn clear(&self) {
        self.address.store(self.stub[0].as_ptr(), Ordering::Release);
    }

    /// Makes this a native. `native` lives for ever.
    pub fn set_native(&self, native: *const ()) {
        self.native.store(native.cast_mut(), Ordering::Release);
        self.stub[0].store(STUB_NATIVE, Ordering::Release);
        self.clear();
    }

    /// The declaration given to `set_native`, or null.
    #[inline]
    pub fn native(&self) -> *const () {
        self.native.load(Ordering::Acquire)
    }

    pub fn is_native(&self) -> bool {
        !self.native().is_null()
    }

    /// Whether a call finds something: code or a native.
    pub fn is_defined(&self) -> bool {
        self.is_native() || self.code() != self.stub[0].as_ptr().cast_const()
    }

    /// Where a call gets to in the end, behind a breakpoint.
    pub fn code(&self) -> *const u64 {
        let behind = self.behind.load(Ordering::Acquire);
        if behind.is_null() { self.address() } else { behind }
    }

    /// Whether a breakpoint is in the stub.
    pub fn has_breakpoint(&self) -> bool {
        self.stub[0].load(Ordering::Relaxed) & 0xffff == super::breakpoint::BREAKPOINT
    }

    pub(super) fn stub_word(&self) -> &AtomicU64 {
        &self.stub[0]
    }

    /// Has calls meet the breakpoint in the stub before the code.
    pub(super) fn redirect(&self) {
        if self.address() != self.stub[0].as_ptr().cast_const() {
            self.behind.store(self.address().cast_mut(), Ordering::Release);
            self.clear();
        }
    }

    /// Ends `redirect`.
    pub(super) fn direct(&self) {
        let behind = self.behind.load(Ordering::Acquire);
        if !behind.is_null() {
            self.set_address(behind);
            self.behind.store(std::ptr::null_mut(), Ordering::Release);
        }
    }

    /// The entry whose stub is the instruction at `pc`.
    ///
    /// # Safety
    /// `pc` is the address of the stub of an entry.
    pub(crate) unsafe fn of_stub(pc: *const u64) -> &'static Export {
        // SAFETY: C1; the stub lies at a fixed offset in its entry.
        unsafe { &*pc.byte_sub(std::mem::offset_of!(Export, stub)).cast::<Export>() }
    }
}
